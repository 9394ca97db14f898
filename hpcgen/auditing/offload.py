"""GPU code of HIP within ELF files: bundles of clang, plain or compressed, told from their heads alone.

https://clang.llvm.org/docs/ClangOffloadBundler.html
"""

from __future__ import annotations

import zlib
from struct import Struct
from typing import TYPE_CHECKING, NamedTuple

from hpcgen.auditing.fatbin import MOST_ENTRIES, OTHER, SASS, Code
from hpcgen.auditing.inflating import zstd

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from hpcgen.auditing.reading import Reader

SECTIONS = (".hip_fatbin", "__CLANG_OFFLOAD_BUNDLE__hip")
MAGIC = b"__CLANG_OFFLOAD_BUNDLE__"
COMPRESSED = b"CCOB"

_COUNT, _ENTRY = Struct("<Q"), Struct("<QQQ")
_VERSION = Struct("<HH")
_HEADS = {1: Struct("<IQ"), 2: Struct("<IIQ"), 3: Struct("<QQQ")}
"""Version of a compressed bundle -> its length, which the first one does not say, the unpacked length, a checksum."""
_METHODS = {0: "zlib", 1: "zstd"}
_MOST_TARGETS = 1024
_MOST_NAME = 512
_HEAD = 1 << 18
"""Bytes of a bundle's beginning: more than a thousand targets need."""
_WINDOW = 1 << 20
_MOST_WINDOW = 27
"""Memory that zstd may ask for: clang's highest level wants as much."""
_HOST = "host"


class BadBundle(Exception):
    """A section that contradicts itself, or ends early."""


class _Target(NamedTuple):
    """Code for one target within a bundle."""

    name: str
    offset: int
    size: int


def codes(reader: Reader, start: int, size: int) -> Iterator[Code]:
    """The pieces of code of a section.

    Raises:
        BadBundle: behind what could be read.
    """
    at, end = start, min(start + size, reader.size)
    number = count = 0
    while (at := _next(reader, at, end)) < end:
        found, length = _bundle(reader, at, end, number)
        count += len(found)
        if count > MOST_ENTRIES:
            raise BadBundle(f"it has more than {MOST_ENTRIES} pieces of code")
        yield from found
        at += length
        number += 1


def _next(reader: Reader, at: int, end: int, beginnings: Sequence[bytes] = (MAGIC, COMPRESSED)) -> int:
    """Where the next bundle begins, or the end: bundles lie at multiples of a page."""
    while at < end:
        data = reader.read(at, min(_WINDOW, end - at))
        places = [place for place in map(data.find, beginnings) if place >= 0]
        if places:
            return at + min(places)
        if at + len(data) >= end or len(data) < len(MAGIC):
            return end
        at += len(data) - len(MAGIC) + 1
    return end


def _bundle(reader: Reader, at: int, end: int, number: int) -> tuple[list[Code], int]:
    """The code of the bundle at a place, and its length."""
    head = reader.read(at, min(_HEAD, end - at))
    if head.startswith(COMPRESSED):
        return _compressed(reader, at, end, number)
    targets = _targets(head)
    length = max((one.offset + one.size for one in targets), default=len(MAGIC))
    if length > end - at:
        raise BadBundle(f"the bundle at {at} is longer than its section")
    found = [Code(_kind(one), _architecture(one), number, at + one.offset, one.size, one.size, one.size, "") for one in targets if _is_device(one)]
    return found, max(length, len(MAGIC))


def _compressed(reader: Reader, at: int, end: int, number: int) -> tuple[list[Code], int]:
    """The same of a compressed one: its stored bytes are divided by what each target has of the unpacked ones."""
    version, method = _VERSION.unpack_from(_exactly(reader, at + 4, _VERSION.size, end))
    form = _HEADS.get(version)
    if form is None or method not in _METHODS:
        raise BadBundle(f"the bundle at {at} is compressed in a way that is not known")
    first, *_ = form.unpack(_exactly(reader, at + 8, form.size, end))
    body = at + 8 + form.size
    length = first if version > 1 else _next(reader, body, end, (COMPRESSED,)) - at  # what is compressed may hold the other's name as it is
    if not body - at < length <= end - at:
        raise BadBundle(f"the bundle at {at} is longer than its section")
    targets = _targets(_beginning(reader.read(body, min(at + length - body, _WINDOW)), _METHODS[method]))
    total = sum(one.size for one in targets) or 1
    found = []
    for one in targets:
        share = length * one.size // total
        if _is_device(one):
            found.append(Code(_kind(one), _architecture(one), number, body, share, share, one.size, _METHODS[method]))
    return found, length


def _beginning(data: bytes, method: str) -> bytes:
    """What the first bytes of a compressed bundle unpack to."""
    if method == "zlib":
        try:
            return zlib.decompressobj().decompress(data, _HEAD)
        except zlib.error as fault:
            raise BadBundle(f"a bundle is no zlib: {fault}") from fault
    make, bad = zstd(_MOST_WINDOW)
    try:
        found: bytes = make().decompress(data, _HEAD)
    except bad as fault:
        raise BadBundle(f"a bundle is no zstd: {fault}") from fault
    return found


def _targets(head: bytes) -> Sequence[_Target]:
    """The list that a bundle begins with."""
    at = len(MAGIC) + _COUNT.size
    if not head.startswith(MAGIC) or len(head) < at:
        raise BadBundle("a bundle has no list")
    (count,) = _COUNT.unpack_from(head, len(MAGIC))
    if count > _MOST_TARGETS:
        raise BadBundle(f"a bundle has {count} targets")
    found = []
    for _ in range(count):
        if at + _ENTRY.size > len(head):
            raise BadBundle("the list of a bundle ends early")
        offset, size, length = _ENTRY.unpack_from(head, at)
        at += _ENTRY.size
        if length > _MOST_NAME or at + length > len(head):
            raise BadBundle("a target's name is too long")
        found.append(_Target(head[at : at + length].decode("utf-8", "replace"), offset, size))
        at += length
    return found


def _is_device(target: _Target) -> bool:
    return not target.name.startswith(_HOST) and target.size > 0


def _architecture(target: _Target) -> str:
    """gfx90a of "hipv4-amdgcn-amd-amdhsa--gfx90a:xnack-"."""
    return target.name.rpartition("-gfx")[1].lstrip("-") + target.name.rpartition("-gfx")[2].partition(":")[0]


def _kind(target: _Target) -> str:
    return SASS if "-gfx" in target.name else OTHER


def _exactly(reader: Reader, at: int, size: int, end: int) -> bytes:
    data = reader.read(at, size) if at + size <= end else b""
    if len(data) < size:
        raise BadBundle("a bundle ends early")
    return data
