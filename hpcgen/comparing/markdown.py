"""A difference as Markdown, for pull requests: all that a recipe says stands in code spans, where it means nothing but itself."""

from __future__ import annotations

import re
from itertools import groupby
from typing import TYPE_CHECKING

from hpcgen.comparing.wording import GONE, NEW, NONE, OTHER, fates, kept, listed, result, stage_entries
from hpcgen.showing import cell, code

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from hpcgen.comparing.difference import Difference, Rebuild
    from hpcgen.comparing.wording import Entry, Words

_SIGNS = {NEW: "new: ", GONE: "gone: ", OTHER: ""}
_OWN_WORDS = re.compile(r"[a-z]+(?: [a-z]+)*")


def as_markdown(difference: Difference, stages: Sequence[Rebuild], before: str, after: str) -> str:
    """A difference as Markdown; `before` and `after` are what the two are called."""
    return "\n".join((f"### {code(before)} → {code(after)}", "", *_page(difference, stages), ""))


def _page(difference: Difference, stages: Sequence[Rebuild]) -> Iterator[str]:
    if not difference:
        yield f"{NONE[0].upper()}{NONE[1:]}."
    for stage in difference.stages:
        for level, entry in enumerate(stage_entries(stage)):
            yield from _entry(entry, "  " * (level > 0))
    if words := result(difference):
        yield f"- result: {_words(words)}"
    rows = fates(stages)
    if rows:
        yield from ("", "| stage | | why |", "|---|---|---|")
    for row in rows:
        why = "; ".join(" ".join((_own(what), listed([*map(code, names)]))).rstrip() for what, names in row.why)
        yield f"| {cell(code(row.stage))} | {row.state} | {cell(why)} |"
    if rows and (names := kept(stages)):
        yield from ("", f"Kept: {listed([*map(code, names)])}")


def _entry(entry: Entry, indent: str) -> Iterator[str]:
    version = f" {_words(entry.version)}" if entry.version else ""
    place = f" ({code(entry.place)})" if entry.place else ""
    yield f"{indent}- {_SIGNS[entry.sign]}**{code(entry.title)}**{version}{place}"
    for topic, rows in groupby(entry.rows, lambda row: row.topic):
        said = "; ".join(_words(words, entry.sign) for row in rows for words in row.words)
        yield f"{indent}  - {_own(topic)}: {said}" if topic else f"{indent}  - {said}"


def _own(words: str) -> str:
    """A word of ours as it is, any other as code."""
    return words if _OWN_WORDS.fullmatch(words) else code(words)


def _words(words: Words, sign: str = OTHER) -> str:
    """Before and after; what there is but one of, with what became of it, unless the title says that already."""
    label = f"{code(words.label)} " if words.label else ""
    if words.before is not None and words.after is not None:
        said = f"{label}{code(words.before)} → {code(words.after)}"
    elif words.before is not None:
        said = f"{label}{'removed ' if sign != GONE else ''}{code(words.before)}"
    elif words.after is not None:
        said = f"{label}{'added ' if sign != NEW else ''}{code(words.after)}"
    else:
        return code(words.note)
    return f"{said} ({code(words.note)})" if words.note else said
