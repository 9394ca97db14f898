"""How content is read: the readers that sources give, and what those who look into files give in return.

Content is read in one of two ways, and who looks into it does not know which:

- **a plain archive, a folder, a squashfs**: after the stack is merged, of files that the final file system shows alone, at any offset;
- **a compressed layer, a stream**: while it goes by, once, of every file, since nobody knows yet which will be shown. `Look.wants` is asked for each
  file with its first bytes; of one that it wants, up to `SPOOL` bytes are kept in memory for `Look.look`. Longer ones are inflated again,
  from the start of the layer or the last mark before it, where the source can be read twice: there reads cost least when their offsets ascend.

What `look` gives is remembered with the layer's index, in this run and by digest in the next ones: it must be a function of path and content alone,
made of what JSON can hold, and small.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

HEAD = 8
"""Bytes of a file's beginning that `Look.wants` is shown, as many as one number of a table has; fewer where the file has fewer."""
SPOOL = 256 << 20
"""Bytes of one file of a compressed layer that are kept in memory while it goes by."""

Fact = dict[str, Any]
"""What was found in one file; of what JSON can hold."""


class CannotRead(Exception):
    """A file's bytes cannot be had: the archive is cut off or damaged there. Who looks into files lets it through."""


class Reader(Protocol):
    """One file's content, at any offset."""

    @property
    def size(self) -> int:
        """Bytes in all."""
        raise NotImplementedError

    def read(self, offset: int, size: int) -> bytes:
        """The bytes at an offset, fewer only where the file ends; raises CannotRead."""
        raise NotImplementedError


class Look(Protocol):
    """What is looked for in files."""

    @property
    def version(self) -> str:
        """Changes whenever `wants` or `look` would give something else: what is cached under another one is made again."""
        raise NotImplementedError

    def wants(self, path: str, size: int, head: bytes) -> bool:
        """Whether a file with such a path (relative to the root), size and beginning is to be looked into. Asked for each file, so it is quick."""
        raise NotImplementedError

    def look(self, path: str, reader: Reader) -> Fact | None:
        """What the content tells; None where it is nothing worth to remember. Raises nothing but CannotRead, whatever the bytes are."""


class BytesReader:
    """A reader over bytes in memory."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.size = len(content)

    def read(self, offset: int, size: int) -> bytes:
        """The bytes at an offset."""
        return self.content[offset : offset + size]


class PartReader:
    """A reader over a part of what something else reads, such as a file in an archive or in a file of another.

    Args:
        pread: gives so many bytes at an offset, or fewer where its source ends.
        start: where the part begins.
        size: its length.
    """

    def __init__(self, pread: Callable[[int, int], bytes], start: int, size: int) -> None:
        self.pread = pread
        self.start = start
        self.size = size

    def read(self, offset: int, size: int) -> bytes:
        """The bytes at an offset."""
        if offset < 0 or size <= 0 or offset >= self.size:
            return b""
        size = min(size, self.size - offset)
        content = self.pread(self.start + offset, size)
        if len(content) != size:
            raise CannotRead(f"{size} bytes at {self.start + offset} are not there")
        return content


class Contents(Protocol):
    """What functions that compute findings may ask of the final file system's files, by their row in `report.Files`."""

    def fact(self, row: int) -> Fact | None:
        """What `look` gave."""

    def digest(self, row: int) -> bytes | None:
        """The checksum of a file's content, None where it cannot be had; equal for equal content only. Read when asked for where that is possible."""

    def head(self, row: int) -> bytes:
        """The first bytes of a file, at most HEAD, empty where they cannot be had."""
        raise NotImplementedError

    def reader(self, row: int) -> Reader | None:
        """The content, None where it went by."""
