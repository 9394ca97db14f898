"""Where text goes: standard output, or a file that is there whole or not at all; warnings beside it."""

from __future__ import annotations

import os
import stat
import sys
from typing import TYPE_CHECKING

from hpcgen.errors import Unreachable, Unwritable

if TYPE_CHECKING:
    from collections.abc import Iterable

STANDARD_OUTPUT = ("", "-")


def write(text: str, file: str = "", *, executable: bool = False) -> None:
    """Writes text as UTF-8, whatever the locale says.

    Args:
        text: what to write.
        file: where; empty or `-` is standard output.
        executable: whether a new file may be run.

    Raises:
        Unreachable: it cannot be written; a file that was there is then as it was.
    """
    data = encoded(text)
    try:
        if file in STANDARD_OUTPUT:
            _to_standard_output(data)
        elif os.path.exists(file) and not os.path.isfile(file) and not os.path.isdir(file):  # /dev/stdout, a pipe
            with open(file, "wb") as stream:
                stream.write(data)
        else:
            _replace(os.path.realpath(file), data, executable=executable)
    except BrokenPipeError:
        raise
    except OSError as fault:
        name = f"output '{file}'" if file not in STANDARD_OUTPUT else "standard output"
        raise Unreachable(f"{name} cannot be written: {fault.strerror or fault}") from fault


def encoded(text: str) -> bytes:
    """The bytes of a text.

    Raises:
        Unwritable: it has a character that is none, which Python makes of bytes that are not UTF-8.
    """
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError as fault:
        raise Unwritable(f"a value holds bytes that are not UTF-8 text: {text[max(0, fault.start - 20) : fault.end + 20]!r}") from fault


def _to_standard_output(data: bytes) -> None:
    sys.stdout.flush()
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


def _replace(path: str, data: bytes, *, executable: bool) -> None:
    """Writes beside the file and renames, so that nobody ever reads half of it; a file that is there keeps its mode."""
    if os.path.isdir(path):
        raise IsADirectoryError(None, "it is a folder")
    beside = os.path.join(os.path.dirname(path), f".{os.path.basename(path)}.{os.getpid()}")
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o777 if executable else 0o666)
    try:
        with open(handle, "wb") as stream:
            stream.write(data)
        if os.path.exists(path):
            os.chmod(beside, stat.S_IMODE(os.stat(path).st_mode))
        os.replace(beside, path)
    except BaseException:
        os.unlink(beside)
        raise


def warn(sentences: Iterable[str]) -> None:
    """Says each sentence once, on standard error."""
    for sentence in dict.fromkeys(sentences):
        print(f"warning: {sentence}", file=sys.stderr)
