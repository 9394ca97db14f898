"""What tar headers say in other ways than most: PAX records, GNU's long names, sparse files, numbers in base 256, other kinds of entry."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zlib import adler32

from hpcgen.auditing.index import FOLDER, HARD_LINK, REGULAR, SPARSE, SYMLINK

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from hpcgen.auditing.index import Index

BLOCK = 512
ZEROS = bytes(BLOCK)
EXTENDED = 1 << 20
"""Bytes of one extended header: no path, and no attribute of a file system that exists, is longer."""
_EMPTY = frozenset(b"123456")
"""Kinds of entry that have no content, whatever size they say: links, devices, folders, pipes."""
_BINARY, _NEGATIVE = 0x80, 0x40
_PRIME = 65521
"""What adler32 takes its sums modulo."""
_REMEMBERED = 1 << 17
"""Fields whose numbers are remembered."""
_PAX, _GLOBAL, _LONG_NAME, _LONG_LINK = b"xgLK"


class Malformed(Exception):
    """A block that is no header; its text says why."""


def number(field: bytes) -> int:
    """A number of a header: octal digits, or, with the highest bit set, base 256."""
    if field[:1] and field[0] & _BINARY:
        if field[0] & _NEGATIVE:
            raise Malformed("a number is negative")
        return int.from_bytes(field, "big") - (1 << (8 * len(field) - 1))
    digits = field.partition(b"\0")[0].strip()
    if not digits:
        return 0
    if digits.strip(b"01234567"):
        raise Malformed("a number has other digits than octal ones")
    return int(digits, 8)


def records(payload: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The records of a PAX header: `25 path=usr/share/a-name`, a line each, the number its length."""
    at = 0
    while at < len(payload):
        space = payload.find(b" ", at, at + 20)
        length = payload[at:space] if space > 0 else b""
        if not length.isdigit():
            raise Malformed("a record of an extended header has no length")
        end = at + int(length)
        if end <= space + 1 or end > len(payload) or payload[end - 1] != ord("\n"):
            raise Malformed("a record of an extended header has a wrong length")
        key, _, value = payload[space + 1 : end - 1].partition(b"=")
        yield key, value
        at = end


class Special:
    """All of a header that is unusual; holds what further headers tell of the next entry.

    Args:
        exactly: gives bytes of the archive.
        index: takes links, said sizes and notes.

    Attributes:
        told: by extended headers, of the next entry.
        modes: field -> mode; most files of an archive have one of ten.
        sums: field with a checksum -> what adler32 of the block has in its lower half if it is right: one more than the sum of its bytes.
        hard: entry -> the name that a hard link leads to.
    """

    def __init__(self, exactly: Callable[[int, int], bytes], index: Index) -> None:
        self.exactly = exactly
        self.index = index
        self.told: dict[bytes, bytes] = {}
        self.modes: dict[bytes, int] = {}
        self.sums: dict[bytes, int] = {}
        self.hard: dict[int, bytes] = {}

    def odd(self, block: bytes, at: int) -> tuple[bool, int, int]:
        """What a header says whose numbers were not met before: that its checksum is not off, its size, its mode; a size of -1 at the end."""
        if block == ZEROS:
            return False, -1, 0
        mode, field = _lenient(block[100:108]), block[148:156]
        right = (_lenient(field) + sum(field) - 8 * ord(" ") + 1) % _PRIME
        if len(self.modes) + len(self.sums) < _REMEMBERED:
            self.modes[block[100:108]] = mode
            self.sums[field] = right
        if adler32(block) & 65535 != right:
            self.check(block, at)
        return False, number(block[124:136]), mode

    def check(self, block: bytes, at: int) -> None:
        """Compares a header's checksum, which some old programs computed with signed bytes."""
        field = block[148:156]
        rest = block[:148] + b" " * 8 + block[156:]
        try:
            said = number(field)
        except Malformed:
            said = -1
        if said not in {sum(rest), sum(rest) - 256 * sum(byte > 127 for byte in rest)}:  # noqa: PLR2004 (a byte with its highest bit)
            raise Malformed(f"what stands at {at} is no header of a tar archive")

    def prefixed(self, block: bytes, name: bytes) -> bytes:
        """A name with what stands in the second field for it; GNU has times there."""
        if block[257:263] != b"ustar\0":
            return name
        prefix = block[345 : 476 if block[508:] == b"tar\0" else 500].partition(b"\0")[0]
        return prefix + b"/" + name if prefix else name

    def entry(self, block: bytes, kind: int, name: bytes, size: int, content: int) -> tuple[int, bytes, int, int]:
        """Kind, name and size of an entry that is more than a file, and where its content begins; kind -1 for what only tells of the next."""
        if kind in b"xgLK":
            self._tell(kind, content, size)
            return -1, name, size, content + ((size + 511) & -512)
        entry = len(self.index.sizes)
        told = dict(self.told)
        self.told.clear()
        name = told.get(b"path", name)
        size = _decimal(told[b"size"]) if b"size" in told else size
        if kind == 0 or kind == ord("7"):
            kind = FOLDER if name.endswith(b"/") else REGULAR
        if kind in _EMPTY:
            size = self._empty(block, kind, entry, size, told)
            return kind, name.rstrip(b"/") if kind == FOLDER else name, size, content
        if kind == SPARSE:
            content = self._extents(block, content)
            self.index.said[entry] = number(block[483:495])
            return SPARSE, name, size, content
        if any(key.startswith(b"GNU.sparse.") for key in told):
            kind, name = SPARSE, told.get(b"GNU.sparse.name", name)
            self.index.said[entry] = _decimal(told.get(b"GNU.sparse.realsize", told.get(b"GNU.sparse.size", b"%d" % size)))
        return kind, name, size, content

    def _empty(self, block: bytes, kind: int, entry: int, size: int, told: dict[bytes, bytes]) -> int:
        """The size of an entry without content, which is 0; notes where it leads."""
        if size:
            self.index.said[entry] = size
        if kind in (HARD_LINK, SYMLINK):
            target = told.get(b"linkpath", block[157:257].partition(b"\0")[0])
            self.index.links[entry] = target.decode("utf-8", "surrogateescape")
            if kind == HARD_LINK:
                self.hard[entry] = target
        return 0

    def _tell(self, kind: int, at: int, size: int) -> None:
        """Keeps what an extended header tells of the next entry; a global one tells nothing that containers' engines would listen to."""
        if size > EXTENDED:
            raise Malformed(f"an extended header of {size} bytes, at {at}")
        payload = self.exactly(at, size)
        if len(payload) < size:
            raise Malformed(f"it ends within an extended header, at {at}")
        if kind == _PAX:
            self.told.update((key, value.partition(b"\0")[0]) for key, value in records(payload))
        elif kind == _GLOBAL:
            self.index.notes.append("it has a global extended header")
        else:
            self.told[b"path" if kind == _LONG_NAME else b"linkpath"] = payload.partition(b"\0")[0]

    def _extents(self, block: bytes, content: int) -> int:
        """Where the content of a sparse file of GNU's old form begins: behind the blocks that go on with its map."""
        more = block[482]
        while more:
            further = self.exactly(content, BLOCK)
            if len(further) < BLOCK:
                raise Malformed(f"it ends within the map of a sparse file, at {content}")
            more = further[504]
            content += BLOCK
        return content


def _lenient(field: bytes) -> int:
    """A number that nothing depends upon."""
    try:
        return number(field)
    except Malformed:
        return 0


def _decimal(value: bytes) -> int:
    if not value.isdigit() or len(value) > 20:  # noqa: PLR2004 (digits of 64 bits)
        raise Malformed("a number of an extended header is none")
    return int(value)
