"""Work that copies of this process do."""

from __future__ import annotations

import os
import sys
import threading
from functools import partial

import pytest

from hpcgen.auditing import beside
from hpcgen.auditing.beside import Later, is_possible, spread

PIECES = 40


def here(value: int) -> tuple[int, int]:
    """A value, and the process that it was asked in."""
    return value, os.getpid()


def ends(value: int, *, parent: int) -> int:
    """The same, for who is not a copy; a copy ends."""
    if os.getpid() != parent:
        os._exit(0)
    return value


def test_a_copy_does_it() -> None:
    """The result is what the work comes to, by another process, and what is changed there is not changed here."""
    told: list[int] = []

    def work() -> tuple[int, int]:
        told.append(1)
        return here(7)

    value, process = Later(work).result()
    assert value == 7
    assert process != os.getpid()
    assert told == []


def test_large_results() -> None:
    """More than a pipe holds comes whole, while both have work."""
    names = [f"usr/lib/{at}" for at in range(50_000)]
    copies = [Later(lambda: names) for _ in range(3)]
    assert all(copy.result() == names for copy in copies)


def test_not_apart() -> None:
    """What is worth no copy is done here, once it is asked for."""
    assert Later(partial(here, 1), apart=False).result() == (1, os.getpid())


def test_a_copy_that_ends_is_missed_by_nobody() -> None:
    """Its work is done here."""
    assert Later(partial(ends, 3, parent=os.getpid())).result() == 3
    works = [partial(ends, at, parent=os.getpid()) for at in range(PIECES)]
    told: list[int] = []
    assert spread(works, 3, told.append) == list(range(PIECES))
    assert sorted(told) == list(range(PIECES))


def test_what_cannot_be_sent() -> None:
    """A result that no pipe takes is made here."""
    assert Later(lambda: lambda: 5).result()() == 5


def test_faults_are_told_here() -> None:
    """What a copy fails with, the one who waits for it gets, and no copy is left."""

    def fails() -> int:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        Later(fails).result()
    with pytest.raises(ValueError, match="no"):
        spread([fails] * PIECES, 2)
    assert is_possible()


def test_dropped() -> None:
    """A copy that nobody waits for any more is ended, however long it would take."""
    read, write = os.pipe()
    copy = Later(lambda: os.read(read, 1))
    copy.drop()
    copy.drop()
    os.close(read)
    os.close(write)


@pytest.mark.parametrize("jobs", [1, 2, 3, 100])
def test_spread(jobs: int) -> None:
    """Results come in the order of the works, each is told of once, by as many processes as there are jobs, at most."""
    told: list[int] = []
    found = spread([partial(here, at) for at in range(PIECES)], jobs, told.append)
    assert [value for value, _ in found] == list(range(PIECES))
    assert sorted(told) == list(range(PIECES))
    assert len({process for _, process in found}) <= min(jobs, 1 + beside._COPIES)


def test_spread_over_two() -> None:
    """Copies take part: while one process waits for a piece, the other does the rest."""
    read, write = os.pipe()

    def first() -> int:
        os.read(read, 1)
        return os.getpid()

    def last() -> int:
        os.write(write, b".")
        return os.getpid()

    found = spread([first, *([os.getpid] * PIECES), last], 2)
    assert len(set(found)) == 2
    os.close(read)
    os.close(write)


@pytest.mark.parametrize("works", [[], [partial(here, 1)]])
def test_little_work(works: list[partial[tuple[int, int]]]) -> None:
    """One piece is done here."""
    assert spread(works, 8) == [(1, os.getpid())] * len(works)


def test_too_many_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """More than a pipe has room for are done here."""
    monkeypatch.setattr(beside, "_MOST", 3)
    assert {process for _, process in spread([partial(here, at) for at in range(4)], 2)} == {os.getpid()}


def test_no_copy_beside_threads() -> None:
    """A process with threads is not copied: what they hold locked would stay locked."""
    wait = threading.Event()
    thread = threading.Thread(target=wait.wait)
    thread.start()
    assert not is_possible()
    assert spread([partial(here, at) for at in range(3)], 2) == [(at, os.getpid()) for at in range(3)]
    assert Later(partial(here, 1)).result() == (1, os.getpid())
    wait.set()
    thread.join()


def test_no_copy_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """On other systems a copy's libraries may fail."""
    monkeypatch.setattr(sys, "platform", "darwin")
    assert not is_possible()


def test_no_more_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the system gives no process, the work is done here."""

    def full() -> int:
        raise OSError("no more")

    monkeypatch.setattr(os, "fork", full)
    assert Later(partial(here, 1)).result() == (1, os.getpid())
    assert spread([partial(here, at) for at in range(3)], 3) == [(at, os.getpid()) for at in range(3)]
