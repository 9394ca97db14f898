"""GPU code of CUDA within ELF files: what nvcc puts in for each architecture, told from headers alone.

A section holds containers one behind the other, each with entries for the same kernels: machine code (SASS) or PTX for one architecture, raw or
compressed. The form is not published: it is read as CUDA 13 writes it, and compared with what `cuobjdump` lists in tests/auditing.
"""

from __future__ import annotations

from struct import Struct
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hpcgen.auditing.reading import Reader

SECTIONS = (".nv_fatbin", "__nv_relfatbin")
"""Code that is loaded, and code that was kept for one more link (-rdc)."""
SASS, PTX, OTHER = "sass", "ptx", "other"
MOST_ENTRIES = 200_000
"""So many are read of one file; a library of 500 MB has 1,500."""

_KINDS = {1: PTX, 2: SASS}
MAGIC = Struct("<I").pack(0xBA55ED50)
_CONTAINER = Struct("<IHHQ")
_ENTRY = Struct("<HHIQIIHHIIIQQQ")
_SUFFIXES = ((0x100000, "a"), (0x200000, "f"))
"""Code for one GPU alone, and for the GPUs of one family."""
_COMPRESSED = ((0x2000, "lz4"), (0x8000, "zstd"))
_NEAR = 4096
"""Containers lie at multiples of eight, or sixteen in old files: so far is looked for the next before more is read."""
_WINDOW = 1 << 20


_NEW_ABI = 8
"""The rules of cubins since CUDA 13, by which the architecture stands elsewhere."""


class BadFatbin(Exception):
    """A section that contradicts itself, or ends early."""


class Code(NamedTuple):
    """One piece of code.

    Attributes:
        kind: SASS, PTX, or OTHER: what the linker is to optimise.
        architecture: "sm_90a".
        container: the number of the one that it is in; all in one are for the same kernels.
        offset: of the payload in the file.
        payload: its bytes as they are stored.
        stored: the same with its header.
        size: bytes when it is unpacked.
        compression: "lz4", "zstd", or empty.
    """

    kind: str
    architecture: str
    container: int
    offset: int
    payload: int
    stored: int
    size: int
    compression: str


def codes(reader: Reader, start: int, size: int) -> Iterator[Code]:
    """The pieces of code of a section, or of several that lie one behind the other.

    Raises:
        BadFatbin: behind what could be read.
    """
    end = min(start + size, reader.size)
    count = 0
    for number, (at, length) in enumerate(_containers(reader, start, end)):
        for one in _entries(reader, at, length, number):
            count += 1
            if count > MOST_ENTRIES:
                raise BadFatbin(f"it has more than {MOST_ENTRIES} pieces of code")
            yield one


def cubin(flags: int, abi: int) -> str:
    """The architecture of a file of machine code alone, by the flags of its header."""
    return f"sm_{(flags >> 8 if abi >= _NEW_ABI else flags) & 0xFF}"


def _containers(reader: Reader, at: int, end: int) -> Iterator[tuple[int, int]]:
    """Start and length of what containers hold."""
    while at + _CONTAINER.size <= end:
        at = _next(reader, at, end)
        if at < 0:
            return
        _, version, header, length = _CONTAINER.unpack(reader.read(at, _CONTAINER.size))
        if version != 1 or header < _CONTAINER.size or at + header + length > end:
            raise BadFatbin(f"the container at {at} is longer than its section, or of an unknown version, {version}")
        yield at + header, length
        at += header + length


def _next(reader: Reader, at: int, end: int) -> int:
    """Where the next container begins, -1 if there is none: what is between them are zeros."""
    window = _NEAR
    while at < end:
        data = reader.read(at, min(window, end - at))
        found = data.find(MAGIC)
        if found >= 0:
            return at + found if at + found + _CONTAINER.size <= end else -1
        if len(data) < len(MAGIC) or at + len(data) >= end:
            return -1
        at += len(data) - len(MAGIC) + 1
        window = _WINDOW
    return -1


def _entries(reader: Reader, at: int, length: int, container: int) -> Iterator[Code]:
    """The pieces of code of a container."""
    end = at + length
    while at < end:
        data = reader.read(at, min(_ENTRY.size, end - at))
        if len(data) < _ENTRY.size:
            raise BadFatbin(f"the piece of code at {at} has no header")
        kind, _, header, payload, _, _, _, _, architecture, _, _, flags, _, size = _ENTRY.unpack(data)
        if header < _ENTRY.size or at + header + payload > end:
            raise BadFatbin(f"the piece of code at {at} is longer than its container")
        compression = next((name for flag, name in _COMPRESSED if flags & flag), "")
        suffix = next((name for flag, name in _SUFFIXES if flags & flag), "")
        yield Code(
            _KINDS.get(kind, OTHER),
            f"sm_{architecture}{suffix}",
            container,
            at + header,
            payload,
            header + payload,
            size if compression else payload,
            compression,
        )
        at += header + payload
