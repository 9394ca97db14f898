"""Squashfs images: their tree with what each file takes up, out of tables alone.

https://dr-emann.github.io/squashfs/squashfs.html. No table is unpacked beyond MOST_TABLE, no part of one is read twice, and there are at most
MOST_NAMES names, so that memory and time are bounded whatever an image claims. What files hold is read by `squashed`.
"""

from __future__ import annotations

import sys
from array import array
from struct import Struct, error
from typing import TYPE_CHECKING, NamedTuple

from hpcgen.auditing import tables
from hpcgen.auditing.unpacking import BadBlock, unpack

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from hpcgen.auditing.reading import Reader

MAGIC = b"hsqs"
MOST_TABLE = 256 << 20
"""Bytes of one table when it is unpacked: five million inodes."""
MOST_NAMES = 4_000_000
MOST_TEXT = 1 << 30
"""Characters of all paths together."""
COMPRESSIONS = {1: "gzip", 2: "lzma", 3: "lzo", 4: "xz", 5: "lz4", 6: "zstd"}
NO_FRAGMENT = 0xFFFFFFFF
RAW = 1 << 24
"""The bit of a block's size that says that the block is not compressed; the lower ones are its size."""

_NOWHERE = 0xFFFFFFFFFFFFFFFF
_METADATA = 8192
_RAW_METADATA = 0x8000
_BLOCK_SIZES = frozenset(1 << power for power in range(12, 21))
_LONGEST = 4096
"""Bytes of a path that Linux takes."""
_SMALLEST_INODE = 20
_SUPERBLOCK = Struct("<IIIIIHHHHHHQQQQQQQQ")
_SHORT, _LONG = Struct("<H"), Struct("<Q")
_INODE = Struct("<HHHHII")
_FRAGMENT = Struct("<QII")
_LISTING, _NAME = Struct("<III"), Struct("<HhHH")
_SYMLINK = Struct("<II")
_FILE, _LONG_FILE = Struct("<IIII"), Struct("<QQQIIII")
_FOLDER, _LONG_FOLDER = Struct("<IIHHI"), Struct("<IIIIHHI")
_KINDS = (tables.FOLDER, tables.FILE, tables.LINK, tables.BLOCK_DEVICE, tables.CHARACTER, tables.PIPE, tables.OTHER)
"""Kinds of inode from 1; those from 8 are the same in longer form."""
_LONGER = 7


class BadSquashfs(Exception):
    """An image that contradicts itself, ends early, or is of a form that is not read."""


class Superblock(NamedTuple):
    """What an image begins with."""

    magic: int
    inodes: int
    made: int
    block_size: int
    fragments: int
    compression: int
    block_log: int
    flags: int
    owners: int
    major: int
    minor: int
    root: int
    used: int
    owner_table: int
    attribute_table: int
    inode_table: int
    directory_table: int
    fragment_table: int
    export_table: int


class Inode(NamedTuple):
    """One inode.

    Attributes:
        kind: as in `tables`.
        number: names of one file have the same.
        size: of a file, as it is read.
        target: where a symbolic link leads.
        start: of a file's blocks in the image.
        blocks: their stored sizes, 0 for a hole, with RAW.
        fragment: the block that holds the end of a file, or all of a small one, with others', or NO_FRAGMENT.
        offset: where in the fragment.
        listing: of a folder: block, offset and bytes of its entries.
    """

    kind: int
    mode: int
    owner: int
    group: int
    number: int
    size: int = 0
    target: str = ""
    start: int = 0
    blocks: Sequence[int] = ()
    fragment: int = NO_FRAGMENT
    offset: int = 0
    listing: tuple[int, int, int] = (0, 0, 0)

    @property
    def holes(self) -> int:
        """Blocks that are not stored, because they hold nothing but zeros."""
        return self.blocks.count(0)


class Name(NamedTuple):
    """A name in the tree: its path relative to the root, which is "", and what it names."""

    path: str
    inode: Inode


class _Table:
    """A table of blocks, unpacked, with where each block begins in it."""

    def __init__(self, data: bytes, places: dict[int, int]) -> None:
        self.data = data
        self.places = places
        self.left = len(data)

    def place(self, block: int, offset: int) -> int:
        """Where something lies that is named by its block and the place in it."""
        if block not in self.places:
            raise BadSquashfs(f"no block of the table begins at {block}")
        return self.places[block] + offset

    def take(self, at: int, size: int) -> bytes:
        """A part of a length that the image names. No two of them lie over each other, so that all together are no longer than the table."""
        self.left -= size
        if self.left < 0 or at + size > len(self.data):
            raise BadSquashfs("a table ends early")
        return self.data[at : at + size]


class Squashfs:
    """An image that is being read.

    Args:
        reader: of the image alone.

    Attributes:
        head: its superblock.
        compression: "gzip" and the like.
        fragments: their table.

    Raises:
        BadSquashfs: it is none, or cannot be read.
    """

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self.head = _superblock(reader)
        self.compression = COMPRESSIONS[self.head.compression]
        self.owners = _words(self._listed(self.head.owner_table, self.head.owners, 4))
        self.fragments = self._listed(self.head.fragment_table, self.head.fragments, _FRAGMENT.size)
        self.inodes = self._table(self.head.inode_table, self.head.directory_table)
        self.listings = self._table(self.head.directory_table, self._behind_directories())
        self._known: dict[int, Inode] = {}

    @property
    def content(self) -> int:
        """Bytes of all that is no table: blocks and fragments of files."""
        return self.head.inode_table - _SUPERBLOCK.size

    # --- tables ---

    def exactly(self, offset: int, size: int) -> bytes:
        """Bytes of the image that must be there."""
        if offset + size > self.reader.size:
            raise BadSquashfs(f"it ends before {offset + size}")
        return self.reader.read(offset, size)

    def unpacked(self, block: bytes, most: int) -> bytes:
        """What a block holds."""
        try:
            return unpack(self.compression, block, most)
        except BadBlock as fault:
            raise BadSquashfs(str(fault)) from fault

    def _metadata(self, at: int) -> tuple[bytes, int]:
        """A block of a table, and where the next one begins."""
        (size,) = _SHORT.unpack(self.exactly(at, 2))
        stored = self.exactly(at + 2, size & ~_RAW_METADATA)
        return stored if size & _RAW_METADATA else self.unpacked(stored, _METADATA), at + 2 + len(stored)

    def _table(self, start: int, end: int) -> _Table:
        """A table whose blocks lie one behind the other, each but the last one full."""
        places: dict[int, int] = {}
        parts: list[bytes] = []
        at = start
        while at < end:
            if parts and len(parts[-1]) != _METADATA:
                raise BadSquashfs("a block within a table is not full")
            if len(parts) >= MOST_TABLE // _METADATA:
                raise BadSquashfs(f"a table is longer than {MOST_TABLE} bytes")
            places[at - start] = len(parts) * _METADATA
            data, at = self._metadata(at)
            parts.append(data)
        return _Table(b"".join(parts), places)

    def fragment(self, number: int) -> tuple[int, int]:
        """Place and stored size, with RAW, of a block that holds the ends of files."""
        start, size, _ = _FRAGMENT.unpack_from(self.fragments, number * _FRAGMENT.size)
        return start, size

    def _listed(self, table: int, count: int, size: int) -> bytes:
        """A table of rows of one size, whose blocks a list names."""
        blocks = -(-count * size // _METADATA)
        if not count:
            return b""
        if count * size > MOST_TABLE:
            raise BadSquashfs(f"a table is longer than {MOST_TABLE} bytes")
        places = _LONG.iter_unpack(self.exactly(table, 8 * blocks))
        found = b"".join(self._metadata(place)[0] for (place,) in places)
        if len(found) < count * size:
            raise BadSquashfs("a table ends early")
        return found[: count * size]

    def _behind_directories(self) -> int:
        """Where the table of folders ends: at the first block of the next one."""
        head = self.head
        lists = [table for table, count in ((head.fragment_table, head.fragments), (head.owner_table, head.owners), (head.export_table, 1)) if count]
        if head.attribute_table != _NOWHERE:
            lists.append(head.attribute_table)
        firsts = (_LONG.unpack(self.exactly(table, 8))[0] for table in lists if table != _NOWHERE)
        return min((place for place in firsts if place >= head.directory_table), default=head.used)

    # --- the tree ---

    def names(self) -> Iterator[Name]:
        """All names, a folder before what it holds, in the order of their names.

        Raises:
            BadSquashfs: the tree is none.
        """
        try:
            yield from self._names()
        except (error, IndexError) as fault:
            raise BadSquashfs("a table ends early") from fault

    def _names(self) -> Iterator[Name]:
        self._known.clear()
        self.inodes.left, self.listings.left = len(self.inodes.data), len(self.listings.data)
        root = self._inode(self.head.root)
        open_ = [iter(self._listed_in(root, ""))]
        seen = {self.head.root}
        count = text = 0
        yield Name("", root)
        while open_:
            path, place = next(open_[-1], ("", -1))
            if place < 0:
                open_.pop()
                continue
            count, text = count + 1, text + len(path)
            if len(path) > _LONGEST or count > MOST_NAMES or text > MOST_TEXT:
                raise BadSquashfs(f"its names are too many or too long at {path[:80]!r}")
            inode = self._known.get(place) or self._inode(place)
            yield Name(path, inode)
            if inode.kind == tables.FOLDER:
                if place in seen:
                    raise BadSquashfs("a folder lies in two places")
                seen.add(place)
                open_.append(iter(self._listed_in(inode, path + "/")))

    def _listed_in(self, folder: Inode, prefix: str) -> list[tuple[str, int]]:
        """The paths in a folder, and where their inodes are."""
        block, offset, size = folder.listing
        found: list[tuple[str, int]] = []
        data = self.listings.take(self.listings.place(block, offset), size) if size else b""
        at = 0
        while at < len(data):
            count, start, _ = _LISTING.unpack_from(data, at)
            at += _LISTING.size
            for _ in range(count + 1):
                place, _, _, length = _NAME.unpack_from(data, at)
                name = data[at + _NAME.size : at + _NAME.size + length + 1]
                at += _NAME.size + length + 1
                if name in (b".", b"..") or b"/" in name or b"\0" in name:
                    raise BadSquashfs(f"a name is none: {name!r:.80}")
                found.append((prefix + name.decode("utf-8", "surrogateescape"), start << 16 | place))
        return found

    def _inode(self, place: int) -> Inode:
        """The inode at a place: its block, and where in it."""
        data, at = self.inodes.data, self.inodes.place(place >> 16, place & 0xFFFF)
        kind, mode, owner, group, _, number = _INODE.unpack_from(data, at)
        at += _INODE.size
        if not 1 <= kind <= 2 * _LONGER:
            raise BadSquashfs(f"there is no inode of kind {kind}")
        one = Inode(_KINDS[(kind - 1) % _LONGER], mode & 0o7777, self.owners[owner], self.owners[group], number)
        if one.kind == tables.FOLDER:
            return _folder(one, data, at, is_long=kind > _LONGER)
        if one.kind == tables.LINK:
            target = self.inodes.take(at + _SYMLINK.size, _SYMLINK.unpack_from(data, at)[1])
            one = one._replace(target=target.decode("utf-8", "surrogateescape"))
        elif one.kind == tables.FILE:
            one = self._file(one, at, is_long=kind > _LONGER)
        if kind > _LONGER or one.kind != tables.FILE:  # a file of the short kind has one name
            self._known[place] = one
        return one

    def _file(self, one: Inode, at: int, *, is_long: bool) -> Inode:
        if is_long:
            start, size, _, _, fragment, offset, _ = _LONG_FILE.unpack_from(self.inodes.data, at)
            at += _LONG_FILE.size
        else:
            start, fragment, offset, size = _FILE.unpack_from(self.inodes.data, at)
            at += _FILE.size
        block_size = self.head.block_size
        if fragment == NO_FRAGMENT:
            count = -(-size // block_size)
        else:
            count = size // block_size
            if fragment >= self.head.fragments or offset + size % block_size > block_size:
                raise BadSquashfs("the end of a file is not in its fragment")
        return one._replace(size=size, start=start, blocks=_words(self.inodes.take(at, 4 * count)), fragment=fragment, offset=offset)


def _superblock(reader: Reader) -> Superblock:
    """The superblock, which is one of an image that can be read."""
    data = reader.read(0, _SUPERBLOCK.size)
    if len(data) < _SUPERBLOCK.size or not data.startswith(MAGIC):
        raise BadSquashfs("it does not begin as squashfs does")
    head = Superblock(*_SUPERBLOCK.unpack(data))
    if (head.major, head.minor) != (4, 0):
        raise BadSquashfs(f"version {head.major}.{head.minor} is not read, only 4.0")
    if head.compression not in COMPRESSIONS:
        raise BadSquashfs(f"its compression, number {head.compression}, is not known")
    if not _SUPERBLOCK.size <= head.inode_table <= head.directory_table <= head.used <= reader.size:
        raise BadSquashfs("its tables do not lie in it: it is damaged or cut off")
    if head.block_size not in _BLOCK_SIZES or head.fragments > head.inodes or head.inodes * _SMALLEST_INODE > MOST_TABLE:
        raise BadSquashfs("its superblock contradicts itself")
    return head


def _words(data: bytes) -> array[int]:
    """Numbers of four bytes, the least significant first."""
    found = array("I", data)
    if sys.byteorder == "big":
        found.byteswap()
    return found


def _folder(one: Inode, data: bytes, at: int, *, is_long: bool) -> Inode:
    """A folder's inode; the size of its listing counts three bytes for `.` and `..`, which are not there."""
    if is_long:
        _, size, block, _, _, offset, _ = _LONG_FOLDER.unpack_from(data, at)
    else:
        block, _, size, offset, _ = _FOLDER.unpack_from(data, at)
    return one._replace(listing=(block, offset, max(0, size - 3)))
