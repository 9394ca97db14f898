"""Work that is Python's own, done by several processes: threads do not share Python.

A further process is a copy of this one (fork): it has in memory all that was read so far, and gives back what its work comes to. Where there can be
no copy, or it ends early, the work is done here. Copies are made on Linux alone, and of a process without threads: what one of those holds locked
stays locked in a copy. https://docs.python.org/3/library/os.html#os.fork
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess

T = TypeVar("T")

WORTH = 20_000
"""Entries or files to look at from which on a copy is worth it: some hundredths of a second each."""
_COPIES = 7
"""Copies at most: they start one after the other, and a login node has a hundred processors."""
_NUMBER = 4
"""Bytes of a piece's number."""
_MOST = 4096
"""Pieces of one work, whose numbers have room in a pipe."""


def is_possible() -> bool:
    """Whether there can be copies of this process: a folder of its own lists its threads."""
    try:
        return sys.platform == "linux" and len(os.listdir("/proc/self/task")) == 1
    except OSError:
        return False


class Later(Generic[T]):
    """Some work that a copy of this process has begun with; where there is none, it is done when its result is asked for.

    Args:
        work: its result is pickled; what it changes, it changes in the copy alone.
        apart: whether it is worth a copy.
    """

    def __init__(self, work: Callable[[], T], *, apart: bool = True) -> None:
        self._work = work
        self._copy = _copied(work) if apart and is_possible() else None

    def result(self) -> T:
        """What it comes to; where the copy has not told, the work is done now, with whatever it raises. To be asked for once."""
        if self._copy is None:
            return self._work()
        try:
            found: T = self._copy[1].recv()
        except (EOFError, OSError):
            return self._work()
        finally:
            self.drop()
        return found

    def drop(self) -> None:
        """Ends the copy, whatever it is at."""
        if self._copy is not None:
            process, pipe = self._copy
            pipe.close()
            process.kill()
            process.join()
            self._copy = None


def _copied(work: Callable[[], T]) -> tuple[BaseProcess, Connection] | None:
    """A copy of this process that is at some work, and what it tells the result by; None where there can be no more processes."""
    import multiprocessing

    context = multiprocessing.get_context("fork")
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=_copy, args=(work, there), daemon=True)
    with there:
        try:
            process.start()
        except OSError:
            here.close()
            return None
    return process, here


def _copy(work: Callable[[], T], there: Connection) -> None:
    """The copy's own: what goes wrong in it goes wrong once more where it is waited for, and is told there."""
    with suppress(BaseException):  # an interruption too, which a terminal sends to copies as well
        there.send(work())


def spread(works: Sequence[Callable[[], T]], jobs: int, done: Callable[[int], None] = lambda at: None) -> list[T]:
    """What pieces of work come to, in their order; each is done by whichever process is free first.

    Args:
        works: best with the longest first; their results are pickled.
        jobs: processes in all, at most.
        done: is told which one is known; called here alone.
    """
    helpers = min(jobs - 1, len(works) - 1, _COPIES)
    found = _shared(works, helpers, done) if helpers > 0 and len(works) <= _MOST and is_possible() else {}
    for at, work in enumerate(works):
        if at not in found:
            found[at] = work()
            done(at)
    return [found[at] for at in range(len(works))]


def _shared(works: Sequence[Callable[[], T]], helpers: int, done: Callable[[int], None]) -> dict[int, T]:
    """What the pieces come to that somebody did: this process, or copies of it, until none was left."""
    found: dict[int, T] = {}
    numbers, write = os.pipe()
    with os.fdopen(write, "wb") as stream:
        stream.writelines(at.to_bytes(_NUMBER, "big") for at in range(len(works)))
    copies = [Later(lambda: {at: works[at]() for at in _taken(numbers)}) for _ in range(helpers)]
    try:
        for at in _taken(numbers):
            found[at] = works[at]()
            done(at)
        for copy in copies:
            theirs = copy.result()
            found.update(theirs)
            for at in theirs:
                done(at)
    finally:
        for copy in copies:
            copy.drop()
        os.close(numbers)
    return found


def _taken(numbers: int) -> Iterator[int]:
    """The numbers that nobody else has taken from a pipe."""
    while taken := os.read(numbers, _NUMBER):
        yield int.from_bytes(taken, "big")
