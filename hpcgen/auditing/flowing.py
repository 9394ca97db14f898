"""Archives as scanner's sources: one that goes by, and one that lies in a file and is read here and there."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

from hpcgen.auditing.inflating import Counted, Damaged, Read, pieces
from hpcgen.auditing.records import BLOCK

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from hpcgen.auditing.index import Index

_SMALL, _LARGE = 1 << 13, 1 << 17
"""Bytes of a window where files are large, and where headers stand close to each other."""
_TOO_MUCH, _TIMES = 16 << 30, 3000
"""A stream that holds more bytes than this, and so many times as many as it has, is made to waste time."""
_BEHIND = 64 << 20
"""Bytes of padding behind an archive that are read before it is said to be something else."""


class Lying:
    """A part of a file that can be read at any place. Content is passed over, and the window grows where there is little of it.

    Args:
        pread: gives so many bytes at an offset.
        start: where the archive begins.
        length: its bytes.
    """

    def __init__(self, pread: Callable[[int, int], bytes], start: int, length: int) -> None:
        self._pread = pread
        self._start = start
        self.length = length
        self._window = _LARGE
        self._next = 0

    def window(self, at: int) -> bytes:
        """The bytes from an offset on."""
        self._window = min(self._window * 4, _LARGE) if at <= self._next else max(self._window // 4, _SMALL)
        self._next = at + self._window
        return self.exactly(at, self._window)

    def exactly(self, at: int, size: int) -> bytes:
        """So many bytes at an offset."""
        return self._pread(self._start + at, min(size, self.length - at)) if at < self.length else b""


class Flow:
    """An archive that goes by once.

    Args:
        how: its compression.
        read: gives the next bytes of the stream.
        moved: is told how many compressed bytes have been read.

    Attributes:
        length: bytes that have gone by; all of them once the end is met.
        fault: why it ended before its end, or empty.
        marks: uncompressed bytes, and the compressed ones that had been read when they were there.
    """

    def __init__(self, how: str, read: Read, moved: Callable[[int], None]) -> None:
        self._source = Counted(read)
        self._pieces = pieces(how, self._source)
        self._moved = moved
        self._piece = b""
        self._base = 0
        self.length = 0
        self.fault = ""
        self.marks: list[tuple[int, int]] = []

    def _more(self) -> bool:
        """Whether there is a next piece, which then is the current one."""
        try:
            piece = next(self._pieces, b"")
        except Damaged as fault:
            self.fault = str(fault)
            piece = b""
        self._base += len(self._piece)
        self._piece = piece
        self.length += len(piece)
        taken = self._source.taken
        if piece:
            self.marks.append((self.length, taken))
            self._moved(taken)
        if self.length > _TOO_MUCH and self.length > _TIMES * taken:
            self.fault = f"it holds {_TIMES} times as many bytes as it has, and is left at {self.length}"
            return False
        return bool(piece)

    def window(self, at: int) -> bytes:
        """The bytes from an offset on."""
        while self._base + len(self._piece) <= at:
            if not self._more():
                return b""
        found = self._piece[at - self._base :] if at > self._base else self._piece
        return found if len(found) >= BLOCK else self.exactly(at, BLOCK)

    def exactly(self, at: int, size: int) -> bytes:
        """So many bytes at an offset, which stay the current ones."""
        while self._base + len(self._piece) < at:
            if not self._more():
                return b""
        start = at - self._base
        while len(self._piece) < start + size:
            held, base = self._piece[max(start, 0) :], self._base + max(start, 0)
            if not self._more():
                self._piece, self._base = held, base
                return held
            self._piece, self._base = held + self._piece, base
            start = at - base
        return self._piece[start : start + size]

    def pour(self, at: int, size: int) -> Iterator[memoryview]:
        """The content at an offset, as it goes by: fewer bytes only where the archive ends."""
        start = at - self._base
        while size:
            part = memoryview(self._piece)[start : start + size] if start < len(self._piece) else memoryview(b"")
            if part:
                yield part
            size -= len(part)
            if size:
                start = max(0, start - len(self._piece))
                if not self._more():
                    return

    def drain(self) -> None:
        """Reads what stands behind the archive, which is padding."""
        end = self.length
        while self._more():
            if self.length - end > _BEHIND:
                self.fault = self.fault or f"more than {_BEHIND} bytes stand behind its end"
                return

    @property
    def taken(self) -> int:
        """Compressed bytes that have been read."""
        return self._source.taken


def shares(index: Index, flow: Flow) -> array[int]:
    """The compressed bytes of each entry, header and padding with it: to the piece exactly, within a piece by its uncompressed bytes."""
    found = array("q")
    marks = iter(flow.marks)
    out, taken = next(marks, (0, 0))
    was_out = was_taken = before = 0
    for offset, size in zip(index.offsets, index.sizes, strict=True):
        end = offset + ((size + 511) & -512)
        while out < end:
            was_out, was_taken = out, taken
            following = next(marks, None)
            if following is None:
                break
            out, taken = following
        at = was_taken + (taken - was_taken) * (end - was_out) // (out - was_out) if out > was_out and end <= out else taken
        found.append(at - before)
        before = at
    return found
