"""Single compressed blocks, as squashfs and fat binaries hold them: unpacked to a size that is known before, and never beyond it."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

from hpcgen.auditing.inflating import zstd

if TYPE_CHECKING:
    from collections.abc import Callable

_MOST_MEMORY, _MOST_WINDOW = 128 << 20, 27
"""What an xz block may ask for: its dictionary; squashfs has none above its largest block."""
_RUN = 15
_GOES_ON = 255
_SHORTEST_MATCH = 4


class BadBlock(Exception):
    """A block that is damaged, holds more than it may, or is of a form that is not read."""


def unpack(compression: str, block: bytes, most: int) -> bytes:
    """What a block holds; `most` bytes at the most.

    Raises:
        BadBlock: it is damaged, holds more, or is of a form that is not read.
    """
    function = _FORMS.get(compression)
    if function is None:
        raise BadBlock(f"blocks compressed with {compression} are not read")
    found = function(block, most)
    if len(found) > most:
        raise BadBlock(f"a block of {compression} holds more than {most} bytes")
    return found


def by_zstd(block: bytes, level: int) -> int:
    """The bytes that zstd leaves of a block."""
    try:
        from compression import zstd as found  # type: ignore[import-not-found]  # Python 3.14 has it
    except ImportError:
        from backports import zstd as found
    return len(found.compress(block, level))


def _gzip(block: bytes, most: int) -> bytes:
    try:
        return zlib.decompressobj().decompress(block, most + 1)
    except zlib.error as fault:
        raise BadBlock(f"a block is no zlib: {fault}") from fault


def _lzma(block: bytes, most: int) -> bytes:
    import lzma

    try:
        return lzma.LZMADecompressor(memlimit=_MOST_MEMORY).decompress(block, most + 1)
    except (lzma.LZMAError, EOFError, MemoryError) as fault:
        raise BadBlock(f"a block is no xz: {fault}") from fault


def _zstd(block: bytes, most: int) -> bytes:
    make, bad = zstd(_MOST_WINDOW)
    try:
        found: bytes = make().decompress(block, most + 1)
    except bad as fault:
        raise BadBlock(f"a block is no zstd: {fault}") from fault
    return found


def _lz4(block: bytes, most: int) -> bytes:
    """A block of LZ4: https://github.com/lz4/lz4/blob/dev/doc/lz4_Block_format.md."""
    out = bytearray()
    at, end = 0, len(block)
    try:
        while at < end:
            token = block[at]
            length, at = _length(block, token >> 4, at + 1)
            out += block[at : at + length]
            at += length
            if at >= end or len(out) > most:
                break
            back = block[at] | block[at + 1] << 8
            length, at = _length(block, token & _RUN, at + 2)
            _repeat(out, back, min(length + _SHORTEST_MATCH, most + 1 - len(out)))
    except IndexError as fault:
        raise BadBlock("a block of lz4 ends early") from fault
    if at > end:
        raise BadBlock("a block of lz4 ends early")
    return bytes(out)


def _length(block: bytes, length: int, at: int) -> tuple[int, int]:
    """A length that may go on in further bytes, and the place behind it."""
    if length == _RUN:
        while block[at] == _GOES_ON:
            length += _GOES_ON
            at += 1
        length += block[at]
        at += 1
    return length, at


def _repeat(out: bytearray, back: int, length: int) -> None:
    """Adds again what was there some bytes before; what is added may be repeated itself."""
    start = len(out) - back
    if back == 0 or start < 0:
        raise BadBlock("a block of lz4 repeats what is not there")
    piece = out[start : start + length]
    out += (piece * (length // back + 1))[:length] if back < length else piece


_FORMS: dict[str, Callable[[bytes, int], bytes]] = {"gzip": _gzip, "lzma": _lzma, "xz": _lzma, "lz4": _lz4, "zstd": _zstd}
