"""Reads tar files forwards, without trusting any size that stands in them.

Not the standard library's tarfile: that one reads a header's payload whole, however long it says that it is, and keeps every member.
"""

from __future__ import annotations

import posixpath
import re
import zlib
from typing import TYPE_CHECKING, BinaryIO

import attrs

from hpcgen.engines.collecting import PIECE, BadImage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hpcgen.engines.collecting import Stream

BLOCK = 512
_LONGEST = 1 << 20  # of a name, or of a member's further attributes
_OCTAL = re.compile(rb"[ \0]*([0-7]*)[ \0]*")
_KINDS = {b"0": "file", b"\0": "file", b"7": "file", b"5": "folder", b"1": "link"}
_WITHOUT_DATA = b"123456"


class Part:
    """A piece of a file, as a stream of its own."""

    def __init__(self, file: BinaryIO, start: int, size: int) -> None:
        """Args: file: which can be sought in; start: where the piece begins; size: its bytes."""
        self._file = file
        self._at = 0
        self.start = start
        self.size = size

    def read(self, size: int = -1) -> bytes:
        """The next bytes."""
        size = self.size - self._at if size < 0 else min(size, self.size - self._at)
        self._file.seek(self.start + self._at)
        data = self._file.read(size)
        self._at += len(data)
        return data

    def rewind(self) -> None:
        """Goes back to its start."""
        self._at = 0

    def skip(self, size: int) -> int:
        """Goes on without reading; gives how far."""
        size = min(size, self.size - self._at)
        self._at += size
        return size


class Chunks:
    """A stream of the pieces that an engine sends, which is given up where it does not end."""

    def __init__(self, pieces: Iterator[bytes], most: int) -> None:
        """Args: pieces: of any sizes; most: bytes after which it is given up."""
        self._pieces = pieces
        self._left = most
        self._held = bytearray()

    def read(self, size: int) -> bytes:
        """The next bytes."""
        while len(self._held) < size and (piece := next(self._pieces, b"")):
            self._left -= len(piece)
            if self._left < 0:
                raise BadImage("the folder of its manifests is too large")
            self._held += piece
        data = bytes(self._held[:size])
        del self._held[:size]
        return data


@attrs.frozen
class Member:
    """An entry of a tar file.

    Attributes:
        path: without a slash in front or behind.
        kind: `file`, `folder`, `link` (a further name of a file of the same tar file) or `other`.
        size: bytes of its data.
        link: what a link, or a symbolic one, names.
    """

    path: str
    kind: str
    size: int
    link: str


class Tar:
    """A tar file that is read once, from its start to its end; each member's data are there while it is the last one given."""

    def __init__(self, stream: Stream) -> None:
        """Args: stream: of its bytes, decompressed."""
        self._stream = stream
        self._left = 0  # data of the current member
        self._padding = 0
        self.at = 0
        """How far it is read."""

    def __iter__(self) -> Iterator[Member]:
        """The members in their order."""
        further: dict[str, str] = {}
        while (head := self._head()) is not None:
            kind, size = head[156:157], _number(head[124:136])
            self._left, self._padding = size, -size % BLOCK
            if kind in b"xLK":
                further |= self._further(kind)
            elif kind != b"g":
                yield self._member(head, kind, further)
                further = {}
            self._skip(self._left + self._padding)

    def read(self, size: int) -> bytes:
        """The next bytes of the current member's data."""
        data = self._read(min(size, self._left))
        self._left -= len(data)
        if not data and self._left and size:
            raise BadImage("a tar file of it is cut off")
        return data

    def _head(self) -> bytes | None:
        """The next header; None at the end."""
        head = self._read(BLOCK)
        if not head or head == bytes(BLOCK):
            return None
        if len(head) < BLOCK:
            raise BadImage("a tar file of it is cut off")
        if sum(head) - sum(head[148:156]) + 8 * 32 != _number(head[148:156]):
            raise BadImage("a tar file of it is none, or is damaged")
        return head

    def _further(self, kind: bytes) -> dict[str, str]:
        """What a header says of the member behind it: GNU's long names, or attributes of POSIX."""
        if self._left > _LONGEST:
            raise BadImage("a name in a tar file of it is too long")
        data = self._read(self._left)
        if len(data) < self._left:
            raise BadImage("a tar file of it is cut off")
        self._left = 0
        if kind == b"x":
            return dict(_attributes(data))
        return {"path" if kind == b"L" else "linkpath": _text(data)}

    def _member(self, head: bytes, kind: bytes, further: dict[str, str]) -> Member:
        name = _text(head[:100])
        if head[257:263] == b"ustar\0" and head[345]:
            name = f"{_text(head[345:500])}/{name}"
        name = further.get("path", name)
        size = self._left
        if "size" in further:
            size = _number(further["size"].encode("utf-8", "surrogateescape"), 10)
        what = _KINDS.get(kind, "other")
        if kind == b"S" or any(key.startswith("GNU.sparse") for key in further):
            what = "other"  # its data are not what the file holds
        if kind == b"S" and head[482]:
            self._sparse()
        if kind in _WITHOUT_DATA:
            size = 0
        elif name.endswith("/") and what == "file":
            what = "folder"
        self._left, self._padding = size, -size % BLOCK
        return Member(posixpath.normpath("/" + name).lstrip("/"), what, size, further.get("linkpath", _text(head[157:257])))

    def _sparse(self) -> None:
        """Passes over the further headers of GNU's sparse files."""
        while len(block := self._read(BLOCK)) == BLOCK and block[504]:
            pass

    def _skip(self, size: int) -> None:
        if isinstance(self._stream, Part):
            skipped = self._stream.skip(size)
            self.at += skipped
            size -= skipped
        else:
            while size and (piece := self._read(min(size, PIECE))):
                size -= len(piece)
        if size:
            raise BadImage("a tar file of it is cut off")

    def _read(self, size: int) -> bytes:
        try:
            data = self._stream.read(size)
        except (OSError, EOFError, zlib.error) as fault:
            raise BadImage(f"a tar file of it: {fault}") from fault
        self.at += len(data)
        return data


def _text(field: bytes) -> str:
    """A field up to its NUL."""
    return field.partition(b"\0")[0].decode("utf-8", "surrogateescape")


def _number(field: bytes, base: int = 8) -> int:
    """A field that holds a number: in octal, or, with the first bit set, in binary."""
    if base == 8 and field[0] == 0x80:  # noqa: PLR2004 (tar's own form)
        return int.from_bytes(field[1:], "big")
    found = _OCTAL.fullmatch(field) if base == 8 else re.fullmatch(rb"([0-9]{1,20})", field)  # noqa: PLR2004
    if found is None:
        raise BadImage("a tar file of it is none, or is damaged")
    return int(found[1] or b"0", base)


def _attributes(data: bytes) -> Iterator[tuple[str, str]]:
    """Attributes in POSIX' form: `LENGTH NAME=VALUE` and a newline, one after the other."""
    at = 0
    while at < len(data) and data[at]:
        words = data[at : at + 20].partition(b" ")[0]
        length = int(words) if re.fullmatch(rb"[0-9]{1,8}", words) else 0
        name, equals, value = data[at + len(words) + 1 : at + length - 1].partition(b"=")
        if not equals or at + length > len(data):
            raise BadImage("a tar file of it is damaged: attributes without a name")
        yield name.decode("utf-8", "surrogateescape"), value.decode("utf-8", "surrogateescape")
        at += length
