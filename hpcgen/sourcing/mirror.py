"""Fills a mirror: `<sha256>/<file name>` for files, `git/<commit>.tar` for repositories. What is there is never fetched again."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import tempfile
import threading
from collections import defaultdict
from contextlib import contextmanager, suppress
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

import attrs

from hpcgen.errors import HpcgenError, InternalError, Unreachable
from hpcgen.sourcing.download import Line, WrongChecksum, bring, bring_checked, candidates, sha256_of
from hpcgen.sourcing.listing import FileSource, GitSource, git_path
from hpcgen.sourcing.repository import archive, holds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from hpcgen.sourcing.listing import Source

PARTIAL = ".partial"
_SCRATCH = "scratch-"
WORKERS = 4
"""How many sources are fetched at once."""


@attrs.frozen
class Outcome:
    """What became of one source.

    Attributes:
        source: the source.
        path: where it lies, relative to the mirror; empty where it failed.
        bytes: its size.
        fetched: whether it was brought now; else it was there, or it failed.
        fault: why it failed, or None.
        notes: sentences for the user.
    """

    source: Source
    path: str = ""
    bytes: int = 0
    fetched: bool = False
    fault: HpcgenError | None = None
    notes: tuple[str, ...] = ()


@attrs.frozen
class Watch:
    """Who is told how it goes; calls come from several threads.

    Attributes:
        moved: source, bytes that are there, all that are expected (0: unknown).
        done: a source's outcome.
    """

    moved: Callable[[Source, int, int], None] = lambda source, have, total: None
    done: Callable[[Outcome], None] = lambda outcome: None


def fill(found: Sequence[Source], folder: str, *, mirror: str = "", watch: Watch | None = None, line: Line | None = None) -> tuple[Outcome, ...]:
    """Brings all sources into a mirror's folder; what fails does not stop the others.

    Args:
        found: the sources.
        folder: the mirror to fill, made if it is not there.
        mirror: another mirror, URL or folder, that is asked first.
        watch: who is told how it goes.
        line: how files are brought.

    Raises:
        Unreachable: the folder cannot be written.
    """
    with _alone(os.path.join(folder, PARTIAL)) as partials:
        work = _Work(os.path.abspath(folder), partials, mirror, watch or Watch(), line or Line())
        return _in_parallel(found, work.outcome)


@contextmanager
def _alone(partials: str) -> Iterator[str]:
    """Makes the folder of partial files and keeps other runs out of it: two that write one file would spoil it."""
    try:
        os.makedirs(partials, exist_ok=True)
        lock = open(os.path.join(partials, "lock"), "w", encoding="utf-8")  # noqa: SIM115 (closed two lines on)
    except OSError as fault:
        raise Unreachable(f"mirror '{os.path.dirname(partials)}' cannot be written: {fault.strerror or fault}") from fault
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as fault:
            raise Unreachable(
                f"another run fills mirror '{os.path.dirname(partials)}' just now", help="run it again when that one has ended"
            ) from fault
        except OSError:  # a file system without locks
            pass
        for name in os.listdir(partials):
            if name.startswith(_SCRATCH):
                shutil.rmtree(os.path.join(partials, name), ignore_errors=True)
        yield os.path.abspath(partials)


def _in_parallel(found: Sequence[Source], task: Callable[[Source], Outcome]) -> tuple[Outcome, ...]:
    """Runs a task for each source in threads that do not outlive an interrupted program; the outcomes are in the sources' order."""
    waiting: SimpleQueue[tuple[int, Source]] = SimpleQueue()
    done: SimpleQueue[tuple[int, Outcome]] = SimpleQueue()
    for index, source in enumerate(found):
        waiting.put((index, source))

    def work() -> None:
        with suppress(Empty):
            while True:
                index, source = waiting.get_nowait()
                done.put((index, task(source)))

    for _ in range(min(WORKERS, len(found))):
        threading.Thread(target=work, daemon=True).start()
    return tuple(outcome for _, outcome in sorted((done.get() for _ in found), key=lambda pair: pair[0]))


@attrs.frozen
class _Work:
    """One filling of a mirror."""

    folder: str
    partials: str
    mirror: str
    watch: Watch
    line: Line
    locks: defaultdict[str, threading.Lock] = attrs.field(factory=lambda: defaultdict(threading.Lock))
    """Of partial files: two sources may be one file."""

    def outcome(self, source: Source) -> Outcome:
        """Brings one source; whatever goes wrong is its outcome."""
        try:
            found = self._file(source) if isinstance(source, FileSource) else self._git(source)
        except HpcgenError as fault:
            found = Outcome(source, fault=fault.at(source.origin))
        except OSError as fault:
            found = Outcome(source, fault=Unreachable(f"mirror '{self.folder}' cannot be written: {fault.strerror or fault}").at(source.origin))
        except Exception as fault:  # noqa: BLE001 (a thread's border: the others go on, and nobody waits for ever)
            found = Outcome(source, fault=InternalError(f"{type(fault).__name__}: {fault}").at(source.origin))
        self.watch.done(found)
        return found

    def _line(self, source: Source) -> Line:
        return attrs.evolve(self.line, moved=lambda have, total: self.watch.moved(source, have, total))

    def _file(self, source: FileSource) -> Outcome:
        if source.sha256 is None:
            return self._unchecked(source)
        final = os.path.join(self.folder, source.path)
        partial = os.path.join(self.partials, source.sha256)
        with self.locks[partial]:
            if os.path.exists(final):
                return Outcome(source, source.path, os.path.getsize(final))
            notes = self._first(source, partial, source.sha256)
            return self._placed(source, partial, source.path, notes)

    def _first(self, source: FileSource, partial: str, sha256: str) -> tuple[str, ...]:
        """Brings a file from the first place that has it; gives what is to say of the places before."""
        notes: list[str] = []
        places = tuple(candidates(self.mirror, source.path, source.url))
        for url in places:
            try:
                bring_checked(url, partial, sha256, self._line(source))
            except (Unreachable, WrongChecksum) as fault:
                if url == places[-1]:
                    raise
                if isinstance(fault, WrongChecksum):
                    notes.append(f"mirror: {fault.sentence}")
            else:
                break
        return tuple(notes)

    def _unchecked(self, source: FileSource) -> Outcome:
        """A file without a checksum is brought on each run, for nobody knows whether it is still the same."""
        partial = os.path.join(self.partials, f"unchecked-{hashlib.sha256(source.url.encode()).hexdigest()}")
        with self.locks[partial]:
            if os.path.exists(partial):
                os.unlink(partial)
            bring(source.url, partial, self._line(source))
            sha256 = sha256_of(partial)
            note = f'{source.url} has no checksum in the recipe; builds take it from a mirror with sha256="{sha256}"'
            return self._placed(source, partial, f"{sha256}/{source.name}", (note,))

    def _git(self, source: GitSource) -> Outcome:
        final = os.path.join(self.folder, source.path)
        with self.locks[final], _scratch(self.partials) as scratch:
            if source.commit and holds(final, source.commit, submodules=source.submodules):
                return Outcome(source, source.path, os.path.getsize(final))
            partial = os.path.join(scratch, "tar")
            if self.mirror and source.commit and self._git_of_mirror(source, partial):
                return self._placed(source, partial, source.path)
            commit, tar = archive(source, scratch)
            note = f"{source.url}: '{source.ref}' is {commit} today; builds take it from a mirror with commit=\"{commit}\""
            return self._placed(source, tar, git_path(commit), () if source.commit else (note,))

    def _git_of_mirror(self, source: GitSource, partial: str) -> bool:
        """Brings a commit from the other mirror; a site's mirror is trusted with what is within, a commit has no checksum of its tar file."""
        try:
            bring(next(candidates(self.mirror, source.path, source.url)), partial, self._line(source))
        except Unreachable:
            return False
        return holds(partial, source.commit, submodules=source.submodules)

    def _placed(self, source: Source, partial: str, path: str, notes: Iterable[str] = ()) -> Outcome:
        """Moves a finished file to its place: it is there whole, or not at all."""
        final = os.path.join(self.folder, path)
        size = os.path.getsize(partial)
        os.makedirs(os.path.dirname(final), exist_ok=True)
        os.replace(partial, final)
        return Outcome(source, path, size, fetched=True, notes=tuple(notes))


@contextmanager
def _scratch(folder: str) -> Iterator[str]:
    made = tempfile.mkdtemp(prefix=_SCRATCH, dir=folder)
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)
