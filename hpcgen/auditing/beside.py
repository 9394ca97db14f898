"""Plain layers are read by several processes: their headers are nothing but Python's own work, which threads do not share.

A helper process is this Python with nothing imported but the scanner. It inherits the open archive, is told where a layer lies, and gives its
index. Where one cannot be started, or ends, the layers are read here.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from collections import deque
from struct import Struct
from threading import Thread
from typing import IO, TYPE_CHECKING, NamedTuple

import hpcgen
from hpcgen.auditing.flowing import Lying
from hpcgen.auditing.scanning import scan

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from hpcgen.auditing.index import Index
    from hpcgen.auditing.layering import Part

_WORTH = 1 << 30
"""Bytes of layers beyond the largest from which on a process more, a tenth of a second to start, is worth it."""
_ASKED = Struct("<qqq")
_SAID = Struct("<q")
_PROGRAM = "import sys; sys.path[:] = sys.argv[1:]; from hpcgen.auditing.beside import serve; serve(sys.stdin.buffer, sys.stdout.buffer)"


def program() -> tuple[str, ...]:
    """What starts a helper. Its path begins where this package lies: what site-packages' own files would add, `-S` leaves out."""
    return (sys.executable, "-S", "-c", _PROGRAM, os.path.dirname(os.path.dirname(hpcgen.__file__)), *sys.path)


class _Wanted(NamedTuple):
    """A layer to read, by its place in the image."""

    at: int
    part: Part


def indexes(parts: Mapping[int, Part], jobs: int, moved: Callable[[int], None]) -> dict[int, Index]:
    """The indexes of plain layers by their place; none if a second process is not worth it.

    Args:
        parts: the layers.
        jobs: processes in all.
        moved: is told which layer has been read; called from several threads.
    """
    sizes = sorted(part.size for part in parts.values())
    if min(jobs, len(parts)) < 2 or sum(sizes[:-1]) < _WORTH or not sys.executable:  # noqa: PLR2004 (one is this)
        return {}
    waiting = deque(_Wanted(at, part) for at, part in sorted(parts.items(), key=lambda one: -one[1].size))
    found: dict[int, Index] = {}
    threads = [Thread(target=_by_helper, args=(waiting, found, moved), daemon=True) for _ in range(min(jobs, len(parts)) - 1)]
    for thread in threads:
        thread.start()
    for wanted in iter(lambda: _next(waiting), None):
        found[wanted.at] = scan(Lying(wanted.part.pread, wanted.part.start, wanted.part.size))
        moved(wanted.at)
    for thread in threads:
        thread.join()
    return found


def _next(waiting: deque[_Wanted]) -> _Wanted | None:
    try:
        return waiting.popleft()
    except IndexError:
        return None


def _by_helper(waiting: deque[_Wanted], found: dict[int, Index], moved: Callable[[int], None]) -> None:
    """Has a process read layers until none is left, or it fails; what it was given then is for whoever looks what is missing."""
    files = sorted({wanted.part.descriptor for wanted in (*waiting,) if wanted.part.descriptor >= 0})
    try:
        helper = subprocess.Popen(
            program(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            pass_fds=files,
        )
    except OSError:
        return
    with helper:
        assert helper.stdin is not None
        assert helper.stdout is not None
        try:
            for wanted in iter(lambda: _next(waiting), None):
                index = _asked(helper.stdin, helper.stdout, wanted.part) if wanted.part.descriptor in files else None
                if index is None:
                    break
                found[wanted.at] = index
                moved(wanted.at)
            helper.stdin.close()
        except OSError:
            helper.kill()


def _asked(ask: IO[bytes], said: IO[bytes], part: Part) -> Index | None:
    """What the helper gives for a layer, None if it has ended."""
    ask.write(_ASKED.pack(part.descriptor, part.start, part.size))
    ask.flush()
    head = said.read(_SAID.size)
    if len(head) < _SAID.size:
        return None
    (size,) = _SAID.unpack(head)
    body = said.read(size)
    return pickle.loads(body) if len(body) == size else None  # noqa: S301 (of a process of our own, which reads nothing but headers)


def serve(asked: IO[bytes], say: IO[bytes]) -> None:
    """The helper's own loop: ends when nothing more is asked."""
    from hpcgen.auditing.storing import open_part

    files: dict[int, Part] = {}
    while len(words := asked.read(_ASKED.size)) == _ASKED.size:
        descriptor, start, size = _ASKED.unpack(words)
        part = files.get(descriptor) or files.setdefault(descriptor, open_part(descriptor))
        body = pickle.dumps(scan(Lying(part.pread, start, size)), protocol=5)
        say.write(_SAID.pack(len(body)))
        say.write(body)
        say.flush()
