"""Archives of object files, such as static libraries: what lies where. GNU's and BSD's long names are understood, tables of symbols are left out.

https://man.freebsd.org/cgi/man.cgi?query=ar&sektion=5
"""

from __future__ import annotations

from struct import Struct
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hpcgen.auditing.reading import Reader

MAGIC = b"!<arch>\n"
THIN = b"!<thin>\n"
"""Begins an archive that only names its members, which are files beside it."""

_HEADER = Struct("16s12s6s6s8s10s2s")
_END = b"`\n"
_SYMBOLS = ("/", "/SYM64/", "__.SYMDEF", "__.SYMDEF SORTED", "__.SYMDEF_64", "/<ECSYMBOLS>/", "/<XFGHASHMAP>/")
_MOST_NAMES = 64 << 20
"""The table of long names may have so many bytes."""
_LONGEST = 4096


class BadArchive(Exception):
    """An archive that contradicts itself, or ends early."""


class Member(NamedTuple):
    """One file of an archive."""

    name: str
    offset: int
    size: int


def members(reader: Reader) -> Iterator[Member]:
    """The files of an archive in order; nothing where a file is none, or only names others.

    Raises:
        BadArchive: behind the members that could be read.
    """
    if reader.read(0, len(MAGIC)) != MAGIC:
        return
    names = b""
    at = len(MAGIC)
    while at < reader.size:
        name, size = _header(reader.read(at, _HEADER.size), at)
        start = at + _HEADER.size
        if start + size > reader.size:
            raise BadArchive(f"the member at {at} is longer than the archive")
        at = start + size + size % 2
        if name == "//":
            if size > _MOST_NAMES:
                raise BadArchive("its table of names is too long")
            names = reader.read(start, size)
        elif name.startswith("#1/"):
            length = _number(name[3:])
            if length > min(size, _LONGEST):
                raise BadArchive("a name is longer than its member")
            yield from _unless_symbols(_text(reader.read(start, length)), start + length, size - length)
        elif name[:1] == "/" and name[1:2].isdigit():
            yield Member(_long(names, _number(name[1:])), start, size)
        else:
            yield from _unless_symbols(name, start, size)


def _header(data: bytes, at: int) -> tuple[str, int]:
    """Name and size of a member."""
    if len(data) < _HEADER.size or data[-2:] != _END:
        raise BadArchive(f"there is no member at {at}")
    fields = _HEADER.unpack(data)
    return _text(fields[0]).rstrip(" "), _number(_text(fields[5]))


def _number(text: str) -> int:
    found = text.strip()
    if not found.isascii() or not found.isdigit():
        raise BadArchive(f"{found!r} is no number")
    return int(found)


def _long(names: bytes, place: int) -> str:
    return _text(names[place : place + _LONGEST].split(b"\n", 1)[0]).removesuffix("/")


def _unless_symbols(name: str, start: int, size: int) -> Iterator[Member]:
    if name not in _SYMBOLS:
        yield Member(name.removesuffix("/"), start, size)


def _text(data: bytes) -> str:
    return data.split(b"\0", 1)[0].decode("utf-8", "surrogateescape")
