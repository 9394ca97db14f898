"""The final file system in ncdu's form of JSON (https://dev.yorhel.nl/ncdu/jsonfmt), so that `ncdu -f` and its like can walk through it.

Sizes are those of content; nothing is known of a disk's blocks. Further names of a file have no size: they cost nothing.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from hpcgen.auditing.outcome import version
from hpcgen.auditing.tables import FILE, FOLDER, HARD_LINK
from hpcgen.showing import visible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hpcgen.auditing.outcome import Outcome

_FORMAT = "1,2"  # of ncdu: major, minor
_REAL = (FILE, HARD_LINK, FOLDER)


def as_ncdu(outcome: Outcome) -> str:
    """The final file system for ncdu. Written as it is walked, not recursively: a path may be deeper than Python's stack."""
    return "".join(_pieces(outcome))


def _pieces(outcome: Outcome) -> Iterator[str]:
    files = outcome.report.files

    ordered = sorted((path.split("/"), at) for at, path in enumerate(files.paths) if (path and files.kinds[at] != FOLDER) or files.counts.get(at))
    yield f'[{_FORMAT},{{"progname":"hpcgen","progver":"{version()}","timestamp":0}},\n[{{"name":"/"}}'
    open_: list[str] = []
    for words, at in ordered:
        folder, name = (words, "(small files)") if files.kinds[at] == FOLDER else (words[:-1], words[-1])
        folder = [word for word in folder if word]
        same = _same(open_, folder)
        yield "]" * (len(open_) - same)
        yield from (f',\n[{{"name":{_text(word)}}}' for word in folder[same:])
        open_ = folder
        yield f",\n{_entry(name, files.sizes[at], files.kinds[at])}"
    yield "]" * (len(open_) + 2)
    yield "\n"


def _same(first: list[str], second: list[str]) -> int:
    """How many words two paths begin with in common."""
    count = 0
    for one, other in zip(first, second, strict=False):
        if one != other:
            break
        count += 1
    return count


def _entry(name: str, size: int, kind: int) -> str:
    sizes = f',"asize":{size},"dsize":{size}' if size else ""
    other = "" if kind in _REAL else ',"notreg":true'
    return f'{{"name":{_text(name)}{sizes}{other}}}'


def _text(name: str) -> str:
    """A name as ncdu, which knows neither NUL nor pairs of surrogates, can show it."""
    return json.dumps(visible(name), ensure_ascii=False)
