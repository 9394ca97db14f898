"""Reads files out of squashfs 4.0, the file system of SIF files, without mounting or unpacking it.

https://www.kernel.org/doc/Documentation/filesystems/squashfs.rst names the tables, https://dr-emann.github.io/squashfs/ their fields. The programs
of squashfs-tools that can print a file are newer than what clusters have: `unsquashfs -cat` came with 4.5.
"""

from __future__ import annotations

import lzma
import struct
import zlib
from typing import TYPE_CHECKING

import attrs

from hpcgen.engines.collecting import BadImage
from hpcgen.engines.unpacking import zstd_block

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hpcgen.engines.tars import Part

MAGIC = b"hsqs"

_SUPERBLOCK = struct.Struct("<5I6H8Q")
_METADATA = 8192
_STORED, _STORED_BLOCK = 1 << 15, 1 << 24
_NO_FRAGMENT = 0xFFFFFFFF
_IN_A_BLOCK_OF_FRAGMENTS = 512
_LARGEST_FOLDER = 1 << 22
_BLOCK_SIZES = range(12, 21)
_COMPRESSORS = {1: "gzip", 2: "lzma", 3: "lzo", 4: "xz", 5: "lz4", 6: "zstd"}
READ = ("gzip", "xz", "zstd")
"""What is decompressed here."""
_FOLDERS, _FILES = (1, 8), (2, 9)
_XZ_MEMORY = 1 << 26


@attrs.frozen
class Node:
    """A file or folder.

    Attributes:
        kind: `file`, `folder` or `other`.
        size: bytes that it says it has.
        start: where its blocks begin, or a folder's entries.
        offset: within the fragment, or within the entries' block.
        fragment: its last block's place in the table of fragments, or none.
        blocks: where its blocks' sizes stand, to be read on from there.
    """

    kind: str
    size: int = 0
    start: int = 0
    offset: int = 0
    fragment: int = _NO_FRAGMENT
    blocks: Metadata | None = None


class Metadata:
    """A stream of the tables, which are stored in small compressed blocks."""

    def __init__(self, system: Squashfs, block: int, offset: int) -> None:
        """Args: system: the file system; block: where the first block stands; offset: where to begin in it."""
        self._system = system
        self._next = block
        self._held = b""
        self.read(offset)

    def read(self, size: int) -> bytes:
        """The next bytes."""
        while len(self._held) < size:
            (head,) = struct.unpack("<H", self._system.raw(self._next, 2))
            stored = self._system.raw(self._next + 2, head & ~_STORED)
            self._held += stored if head & _STORED else self._system.unpacked(stored, _METADATA)
            self._next += 2 + len(stored)
            if not stored:
                raise BadImage("its squashfs is damaged: an empty block")
        data, self._held = self._held[:size], self._held[size:]
        return data

    def fields(self, form: str) -> tuple[int, ...]:
        """The next fields, as struct names them."""
        return struct.unpack(f"<{form}", self.read(struct.calcsize(f"<{form}")))


class Squashfs:
    """A file system that is read.

    Attributes:
        compressor: `gzip`, `xz`, ...: whether it is one of READ is to be asked before a file is.
    """

    def __init__(self, part: Part, path: str) -> None:
        """Args: part: where it stands; path: the folders that programs are looked for in, as PATH has them.

        Raises:
            BadImage: it is none.
        """
        self._part = part
        self._path = path
        fields = _SUPERBLOCK.unpack(self.raw(0, _SUPERBLOCK.size))
        if self.raw(0, 4) != MAGIC or fields[9] != 4 or fields[6] not in _BLOCK_SIZES or fields[3] != 1 << fields[6]:  # noqa: PLR2004 (its major version)
            raise BadImage("it holds no squashfs 4")
        self._block_size = fields[3]
        self.compressor = _COMPRESSORS.get(fields[5], f"number {fields[5]}")
        self._root, self._inodes, self._folders, self._fragments = fields[11], fields[15], fields[16], fields[17]

    def raw(self, at: int, size: int) -> bytes:
        """Bytes as they are stored."""
        self._part.rewind()
        self._part.skip(at)
        data = self._part.read(size)
        if len(data) < size:
            raise BadImage("its squashfs is cut off")
        return data

    def unpacked(self, data: bytes, most: int) -> bytes:
        """A block, decompressed.

        Raises:
            Unreachable: it is compressed by zstd, and nothing that reads it is there.
            BadImage: it is damaged, or has more than it may.
        """
        try:
            if self.compressor == "gzip":
                found = zlib.decompressobj().decompress(data, most + 1)
            elif self.compressor == "xz":
                found = lzma.LZMADecompressor(lzma.FORMAT_XZ, _XZ_MEMORY).decompress(data, most + 1)
            else:
                found = zstd_block(data, most + 1, self._path)
        except (zlib.error, lzma.LZMAError) as fault:
            raise BadImage(f"its squashfs is damaged: {fault}") from fault
        if len(found) > most:
            raise BadImage("its squashfs is damaged: a block is too large")
        return found

    def find(self, path: str) -> Node | None:
        """A file or folder; None where there is none, or a link stands on the way."""
        node = self._node(self._root)
        for name in path.split("/"):
            inside = dict(self.entries(node)) if node.kind == "folder" else {}
            if name not in inside:
                return None
            node = self._node(inside[name])
        return node

    def node(self, folder: Node, name: str) -> Node:
        """What is called so in a folder, where there is something."""
        return self._node(dict(self.entries(folder))[name])

    def entries(self, folder: Node) -> Iterator[tuple[str, int]]:
        """The names in a folder, with where to find them."""
        left = min(folder.size, _LARGEST_FOLDER) - 3  # "." and ".." are counted as 3 bytes, and stand nowhere
        if left <= 0:
            return
        metadata = Metadata(self, self._folders + folder.start, folder.offset)
        while left > 0:
            count, start, _ = metadata.fields("3I")
            left -= 12
            for _ in range(min(count, 256) + 1):
                offset, _, _, length = metadata.fields("HhHH")
                name = metadata.read(length + 1)
                left -= 8 + len(name)
                yield name.decode("utf-8", "surrogateescape"), start << 16 | offset

    def content(self, file: Node) -> Iterator[bytes]:
        """A file's content, block by block."""
        assert file.blocks is not None
        at, left = file.start, file.size
        while left >= (self._block_size if file.fragment != _NO_FRAGMENT else 1):
            (size,) = file.blocks.fields("I")
            whole = min(left, self._block_size)
            yield self._block(at, size, whole) if size else bytes(whole)
            at += size & ~_STORED_BLOCK
            left -= whole
        if left:
            yield self._fragment(file.fragment)[file.offset : file.offset + left]

    def _block(self, at: int, size: int, most: int) -> bytes:
        data = self.raw(at, size & ~_STORED_BLOCK)
        return data if size & _STORED_BLOCK else self.unpacked(data, most)

    def _fragment(self, number: int) -> bytes:
        """A block that holds the ends of several files."""
        (table,) = struct.unpack("<Q", self.raw(self._fragments + number // _IN_A_BLOCK_OF_FRAGMENTS * 8, 8))
        start, size, _ = Metadata(self, table, number % _IN_A_BLOCK_OF_FRAGMENTS * 16).fields("QII")
        return self._block(start, size, self._block_size)

    def _node(self, place: int) -> Node:
        """What stands at a place of the table of inodes."""
        metadata = Metadata(self, self._inodes + (place >> 16), place & 0xFFFF)
        kind = metadata.fields("4H2I")[0]
        if kind == _FOLDERS[0]:
            start, _, size, offset, _ = metadata.fields("IIHHI")
            return Node("folder", size, start, offset)
        if kind == _FOLDERS[1]:
            _, size, start, _, _, offset, _ = metadata.fields("4IHHI")
            return Node("folder", size, start, offset)
        if kind == _FILES[0]:
            start, fragment, offset, size = metadata.fields("4I")
            return Node("file", size, start, offset, fragment, metadata)
        if kind == _FILES[1]:
            start, size, _, _, fragment, offset, _ = metadata.fields("3Q4I")
            return Node("file", size, start, offset, fragment, metadata)
        return Node("other")
