"""Decompresses what images are made of: layers, and blocks of squashfs."""

from __future__ import annotations

import gzip
import io
import shutil
import subprocess
import threading
from contextlib import contextmanager, suppress
from importlib import import_module
from typing import TYPE_CHECKING, Any

from hpcgen.engines.collecting import PIECE, BadImage
from hpcgen.engines.tars import Part
from hpcgen.errors import Unreachable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hpcgen.engines.collecting import Stream

GZIP, ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
"""How what they compress begins."""


@contextmanager
def unpacked(part: Part, path: str) -> Iterator[Stream]:
    """A piece of a file, decompressed if it is compressed.

    Args:
        part: the piece.
        path: the folders that programs are looked for in, as PATH has them.

    Raises:
        Unreachable: it is compressed by zstd, and nothing that reads it is there.
    """
    begins = part.read(len(ZSTD))
    part.rewind()
    if begins.startswith(GZIP):
        with gzip.GzipFile(fileobj=part, mode="rb") as stream:  # type: ignore[call-overload]  # it reads, and asks for nothing else
            yield stream
    elif begins == ZSTD:
        with _zstd(part, path) as stream:
            yield stream
    else:
        yield part


@contextmanager
def _zstd(part: Part, path: str) -> Iterator[Stream]:
    module = _module()
    if module is not None:
        with module.ZstdFile(part) as stream:
            try:
                yield stream
            except (module.ZstdError, EOFError) as fault:
                raise BadImage("what is compressed by zstd in it is damaged") from fault
        return
    words = (_program(path), "-dcq")
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        feeding = threading.Thread(target=_feed, args=(part, process.stdin), daemon=True)
        feeding.start()
        try:
            yield _Output(process)
        finally:
            process.kill()
            feeding.join()


class _Output:
    """What a program prints, if it does not fail."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process

    def read(self, size: int) -> bytes:
        """The next bytes."""
        assert self._process.stdout is not None
        data = self._process.stdout.read(size)
        if len(data) < size and self._process.wait():
            raise BadImage("what is compressed by zstd in it is damaged")
        return data


def _feed(part: Part, into: Any) -> None:
    """Gives a program its input, as long as it takes any."""
    with suppress(OSError), into:
        while piece := part.read(PIECE):
            into.write(piece)


def zstd_block(data: bytes, most: int, path: str) -> bytes:
    """A short piece, decompressed; no more than `most` bytes of it are given."""
    with _zstd(Part(io.BytesIO(data), 0, len(data)), path) as stream:
        return stream.read(most)


def _module() -> Any:
    """Python's own module for zstd, from 3.14 on, or its backport; None where neither is there."""
    for name in ("compression.zstd", "backports.zstd"):
        with suppress(ImportError):
            return import_module(name)
    return None


def _program(path: str) -> str:
    program = shutil.which("zstd", path=path)
    if program is None:
        raise Unreachable("it is compressed by zstd, which this Python has not", help="install the program zstd, or the package backports.zstd")
    return program
