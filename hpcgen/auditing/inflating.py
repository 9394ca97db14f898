"""What a compressed stream holds, piece by piece and never more at once than asked for: a few bytes of zstd can hold gigabytes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PIECE = 1 << 18
"""Bytes that are unpacked at once."""
_TAKE = 1 << 16
"""Bytes that are read at once: how exactly it is known which compressed bytes a file has."""
_WINDOW = 27
"""The logarithm of the memory that a zstd frame may ask for."""
_GZIP, _ZSTD, _SKIPPED = b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"\x2a\x4d\x18"
_KINDS_OF_SKIPPED = range(0x50, 0x60)


class Damaged(Exception):
    """A compressed stream that is not whole; its text says why."""


class Read(Protocol):
    """What a stream is read from."""

    def __call__(self, size: int, /) -> bytes:
        """The next bytes, at most so many; none at the end."""
        raise NotImplementedError


class Counted:
    """Counts what is read."""

    def __init__(self, read: Read) -> None:
        self._read = read
        self.taken = 0

    def read(self, size: int = _TAKE) -> bytes:
        """The next bytes."""
        found = self._read(size)
        self.taken += len(found)
        return found


def compression(head: bytes) -> str:
    """How a stream that begins so is compressed: "gzip", "zstd", or "none"."""
    if head.startswith(_GZIP):
        return "gzip"
    if head.startswith(_ZSTD) or (head[1:4] == _SKIPPED and head[0] in _KINDS_OF_SKIPPED):
        return "zstd"
    return "none"


def pieces(how: str, source: Counted) -> Iterator[bytes]:
    """What a stream holds.

    Raises:
        Damaged: it is not whole.
    """
    return _PIECES[how](source)


def _none(source: Counted) -> Iterator[bytes]:
    while found := source.read(PIECE):
        yield found


def _gzip(source: Counted) -> Iterator[bytes]:
    make, fault = _inflater()
    return _members("gzip", make, fault, source)


def _zstd(source: Counted) -> Iterator[bytes]:
    make, fault = zstd(_WINDOW)
    return _members("zstd", make, fault, source)


def _members(how: str, make: Callable[[], Any], fault: type[Exception], source: Counted) -> Iterator[bytes]:
    """What all members of a gzip stream, or all frames of a zstd stream, hold, one after the other."""
    rest = source.read(_TAKE)
    while rest.lstrip(b"\0"):
        member = make()
        try:
            yield from _member(how, member, rest, source)
        except fault as why:
            raise Damaged(f"its {how} stream is damaged: {why}") from why
        rest = member.unused_data or source.read(_TAKE)


def _member(how: str, member: Any, rest: bytes, source: Counted) -> Iterator[bytes]:
    found = member.decompress(rest, PIECE)
    while True:
        if found:
            yield found
        if member.eof:
            return
        more = b""
        if member.needs_input:
            more = source.read(_TAKE)
            if not more:
                raise Damaged(f"its {how} stream ends early")
        found = member.decompress(more, PIECE)


def _inflater() -> tuple[Callable[[], Any], type[Exception]]:
    """What unpacks one member of a gzip stream: isal's, which is twice as fast, or zlib's where there is none for the machine."""
    try:
        from isal import igzip_lib
    except ImportError:
        import zlib

        return _Zlib, zlib.error
    fault: Any = igzip_lib.error  # its stubs call it an instance
    return lambda: igzip_lib.IgzipDecompressor(flag=igzip_lib.DECOMP_GZIP), fault


class _Zlib:
    """zlib's decompressor with isal's methods."""

    def __init__(self) -> None:
        import zlib

        self._it = zlib.decompressobj(31)

    @property
    def eof(self) -> bool:
        """Whether the member has ended."""
        return self._it.eof

    @property
    def unused_data(self) -> bytes:
        """What follows it."""
        return self._it.unused_data

    @property
    def needs_input(self) -> bool:
        """Whether all that was given is used."""
        return not self._it.unconsumed_tail and not self._it.eof

    def decompress(self, data: bytes, size: int) -> bytes:
        """At most so many bytes of what it holds."""
        return self._it.decompress(self._it.unconsumed_tail + data, size)


def zstd(window: int) -> tuple[Callable[[], Any], type[Exception]]:
    """What unpacks one frame of zstd, and its fault.

    Args:
        window: the logarithm of the memory that a frame may ask for.
    """
    try:
        from compression import zstd as found  # type: ignore[import-not-found]  # Python 3.14 has it
    except ImportError:
        from backports import zstd as found
    options: dict[Any, int] = {found.DecompressionParameter.window_log_max: window}
    fault: type[Exception] = found.ZstdError
    return lambda: found.ZstdDecompressor(options=options), fault


_PIECES: dict[str, Callable[[Counted], Iterator[bytes]]] = {"none": _none, "gzip": _gzip, "zstd": _zstd}
