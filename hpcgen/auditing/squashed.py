"""What the files of a squashfs image take up in it, and what they hold."""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING

from hpcgen.auditing import tables
from hpcgen.auditing.reading import CannotRead
from hpcgen.auditing.squashfs import NO_FRAGMENT, RAW, BadSquashfs

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from hpcgen.auditing.squashfs import Inode, Squashfs

_KEPT = 8
"""Blocks that are kept unpacked: at most a megabyte each."""


def stored(image: Squashfs, inodes: Sequence[Inode]) -> list[int]:
    """Compressed bytes of each file's own; what several share, because they are equal or names of one, is the first one's.

    A block that holds the ends of several files is divided by what they have of it.
    """
    found = [0] * len(inodes)
    for place, size in _of_blocks(inodes):
        found[place] += size
    for place, size in _of_fragments(image, inodes):
        found[place] += size
    return found


def _of_blocks(inodes: Sequence[Inode]) -> Iterator[tuple[int, int]]:
    """Place of a file, and what its blocks take."""
    extents = []
    for place, one in enumerate(inodes):
        length = sum(size & (RAW - 1) for size in one.blocks)
        if length:
            extents.append((one.start, one.start + length, place))
    yield from _first_come(extents)


def _of_fragments(image: Squashfs, inodes: Sequence[Inode]) -> Iterator[tuple[int, int]]:
    """Place of a file, and what it has of a block with others."""
    shared: dict[int, list[tuple[int, int, int]]] = {}
    for place, one in enumerate(inodes):
        length = one.size % image.head.block_size
        if one.kind == tables.FILE and one.fragment != NO_FRAGMENT and length:
            shared.setdefault(one.fragment, []).append((one.offset, one.offset + length, place))
    for number, extents in shared.items():
        own = list(_first_come(extents))
        whole = image.fragment(number)[1] & (RAW - 1)
        total = sum(length for _, length in own)
        ends = accumulate((length for _, length in own), initial=0)
        cuts = [whole * end // total for end in ends]
        yield from ((place, after - before) for (place, _), before, after in zip(own, cuts, cuts[1:], strict=False))


def _first_come(extents: Iterable[tuple[int, int, int]]) -> Iterator[tuple[int, int]]:
    """Begin, end and owner -> owner and length of what no other has before."""
    done = 0
    for start, end, place in sorted(extents, key=lambda one: (one[0], one[2])):
        if end > done:
            yield place, end - max(start, done)
            done = end


class SquashedReader:
    """What a file of an image holds.

    Raises:
        CannotRead: by `read`, where a block is damaged.
    """

    def __init__(self, image: Squashfs, inode: Inode) -> None:
        self.image = image
        self.inode = inode
        self.size = inode.size
        self._starts: list[int] | None = None
        self._blocks: dict[int, bytes] = {}

    def read(self, offset: int, size: int) -> bytes:
        """The bytes at an offset."""
        end = min(offset + size, self.size)
        if offset < 0 or offset >= end:
            return b""
        block_size = self.image.head.block_size
        first, last = offset // block_size, (end - 1) // block_size
        found = b"".join(self._block(number) for number in range(first, last + 1))
        return found[offset - first * block_size : end - first * block_size]

    def _block(self, number: int) -> bytes:
        """One block of the file, unpacked."""
        known = self._blocks.get(number)
        if known is None:
            try:
                known = self._unpacked(number)
            except BadSquashfs as fault:
                raise CannotRead(str(fault)) from fault
            while len(self._blocks) >= _KEPT:
                del self._blocks[next(iter(self._blocks))]
            self._blocks[number] = known
        return known

    def _unpacked(self, number: int) -> bytes:
        one, block_size = self.inode, self.image.head.block_size
        expected = min(block_size, self.size - number * block_size)
        if number < len(one.blocks):
            stored_size = one.blocks[number]
            found = self._stored(self._start(number), stored_size) if stored_size else bytes(expected)
        else:
            found = self._stored(*self.image.fragment(one.fragment))[one.offset : one.offset + expected]
        if len(found) != expected:
            raise BadSquashfs("a block has another length than its file says")
        return found

    def _start(self, number: int) -> int:
        """Where a block begins in the image: they lie one behind the other."""
        if self._starts is None:
            self._starts = list(accumulate((size & (RAW - 1) for size in self.inode.blocks), initial=self.inode.start))
        return self._starts[number]

    def _stored(self, start: int, size: int) -> bytes:
        """A block, unpacked."""
        length = size & (RAW - 1)
        if length > self.image.head.block_size:
            raise BadSquashfs("a block is longer than blocks are")
        block = self.image.exactly(start, length)
        return block if size & RAW else self.image.unpacked(block, self.image.head.block_size)
