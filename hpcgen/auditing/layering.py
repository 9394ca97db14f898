"""The index of one layer, out of wherever its archive lies; and the content of its files, while it goes by or later."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from itertools import accumulate
from typing import TYPE_CHECKING

from hpcgen.auditing.flowing import Flow, Lying, shares
from hpcgen.auditing.index import REGULAR, Index, cleaned
from hpcgen.auditing.pulling import Sampler
from hpcgen.auditing.reading import HEAD, SPOOL, CannotRead, PartReader
from hpcgen.auditing.scanning import scan
from hpcgen.frozen import frozen

if TYPE_CHECKING:
    from collections.abc import Callable

    from hpcgen.auditing.inflating import Read
    from hpcgen.auditing.reading import Look, Reader

_TAIL = 16 << 20
"""Bytes of a long file's end that are kept: what an ELF file says of its sections stands there."""
_BEGIN = 8 << 20
"""The same of its beginning."""


@frozen
class Part:
    """A part of a file that can be read at any place, from several threads at once.

    Attributes:
        pread: gives so many bytes at an offset of the file.
        start: where the part begins.
        size: its bytes.
    """

    pread: Callable[[int, int], bytes]
    start: int
    size: int

    def head(self, size: int = 512) -> bytes:
        """Its first bytes."""
        return self.pread(self.start, min(size, self.size))

    def whole(self, most: int) -> bytes:
        """All of it; a part that is longer than `most` is not what it should be."""
        if self.size > most:
            raise CannotRead(f"{self.size} bytes, where {most} would be many")
        return self.pread(self.start, self.size)

    def stream(self) -> Read:
        """Reads it onwards."""
        at = self.start
        end = self.start + self.size

        def read(size: int, /) -> bytes:
            nonlocal at
            found = self.pread(at, min(size, end - at)) if at < end else b""
            at += len(found)
            return found

        return read

    def within(self, start: int, size: int) -> Part:
        """A part of the part, as far as there is one."""
        return Part(self.pread, self.start + start, max(0, min(size, self.size - start)))


def headers(part: Part, look: Look | None) -> Index:
    """The index of a plain layer that lies somewhere, without its files' content but what a look asks for first.

    What else is asked of every index, it remembers already.
    """
    index = scan(Lying(part.pread, part.start, part.size), beginnings=look is not None)
    index.whiteouts()
    index.folders()
    return index


def lay(part: Part, how: str, look: Look | None, moved: Callable[[int], None]) -> Index:
    """The index of a compressed layer that lies somewhere, with all that content tells."""
    return flow(how, part.stream(), look, moved, again=lambda: Flow(how, part.stream(), lambda taken: None))


def flow(how: str, read: Read, look: Look | None, moved: Callable[[int], None], again: Callable[[], Flow] | None = None) -> Index:
    """The index of a layer that goes by, with what its content tells.

    Args:
        how: its compression.
        read: gives the next bytes.
        look: what is looked for in files.
        moved: is told how many compressed bytes are read.
        again: gives the stream once more from its start, where that can be had.
    """
    sampler = Sampler(read) if how == "none" and look is not None else None
    stream = Flow(how, read if sampler is None else sampler.read, moved)
    index = Index()
    scan(stream, _Taker(index, stream, look, again), index)
    stream.drain()
    index.archive = stream.length
    if stream.fault:
        index.faults[:] = [stream.fault]
    if how != "none":
        index.pulls = shares(index, stream)
    if sampler is not None:
        index.samples = sampler.samples()
    return index


class _Taker:
    """Takes the content of files as it goes by: its checksum, and what is looked for."""

    def __init__(self, index: Index, stream: Flow, look: Look | None, again: Callable[[], Flow] | None) -> None:
        import xxhash

        self._hash = xxhash.xxh3_128
        self._index = index
        self._stream = stream
        self._look = look
        self._again = again

    def __call__(self, entry: int, at: int, size: int, name: bytes) -> None:
        checksum = self._hash()
        kept: list[memoryview] | None = None
        tail: list[memoryview] = []
        had, path = 0, ""
        for piece in self._stream.pour(at, size):
            if not had and self._look is not None:
                path = cleaned([name])[0]
                kept = [] if self._look.wants(path, size, bytes(piece[:HEAD])) else None
            had += len(piece)
            checksum.update(piece)
            if kept is None:
                continue
            if size <= SPOOL or had <= _BEGIN:
                kept.append(piece)
            elif had > size - _TAIL:
                tail.append(piece)
        if had < size:
            return
        self._index.digests[entry] = checksum.digest()
        if kept is not None:
            self._tell(entry, path, at, size, kept=kept, tail=tail)

    def _tell(self, entry: int, path: str, at: int, size: int, *, kept: list[memoryview], tail: list[memoryview]) -> None:
        """Looks into a file that has gone by."""
        assert self._look is not None
        reader: Reader
        if size <= SPOOL:
            reader = _Kept(kept, size)
        elif self._again is not None:
            reader = _Again(self._again, at, size, b"".join(kept), b"".join(tail))
        else:
            self._index.refused.append(entry)
            return
        try:
            fact = self._look.look(path, reader)
        except CannotRead:
            self._index.refused.append(entry)
        else:
            if fact is not None:
                self._index.facts[entry] = fact


class _Kept:
    """Reads a file out of the pieces in which it came by: to join them would copy all of it for the few bytes that are asked for."""

    def __init__(self, pieces: list[memoryview], size: int) -> None:
        self._pieces = pieces
        self._starts = [0, *accumulate(map(len, pieces))]
        self.size = size

    def read(self, offset: int, size: int) -> bytes:
        """The bytes at an offset."""
        end = min(offset + size, self.size)
        if offset < 0 or offset >= end:
            return b""
        first = bisect_right(self._starts, offset) - 1
        last = bisect_left(self._starts, end)
        start = self._starts[first]
        if last == first + 1:
            return bytes(self._pieces[first][offset - start : end - start])
        return b"".join(self._pieces[first:last])[offset - start : end - start]


class _Again:
    """Reads a long file of a compressed layer: beginning and end are kept, for all else the layer is unpacked once more."""

    def __init__(self, again: Callable[[], Flow], at: int, size: int, begin: bytes, tail: bytes) -> None:
        self._again = again
        self._at = at
        self.size = size
        self._begin = begin
        self._tail = tail
        self._flow: Flow | None = None
        self._have = 0

    def read(self, offset: int, size: int) -> bytes:
        """The bytes at an offset."""
        size = max(0, min(size, self.size - offset))
        if offset + size <= len(self._begin):
            return self._begin[offset : offset + size]
        late = offset - (self.size - len(self._tail))
        if late >= 0:
            return self._tail[late : late + size]
        if self._flow is None or offset < self._have:
            self._flow = self._again()
        self._have = offset
        self._flow.window(self._at + offset)
        found = self._flow.exactly(self._at + offset, size)
        if len(found) < size:
            raise CannotRead(f"{size} bytes at {offset} are not there")
        return found


def reader_of(part: Part, index: Index, entry: int) -> Reader | None:
    """The content of a file of a plain archive."""
    if index.types[entry] != REGULAR:
        return None
    return PartReader(part.pread, part.start + index.offsets[entry], index.sizes[entry])
