"""Where the parts of an image lie: an archive or a folder that can be read anywhere, or a stream that goes by once."""

from __future__ import annotations

import os
from posixpath import dirname, join, normpath
from typing import TYPE_CHECKING

from hpcgen.auditing.describing import blob_name
from hpcgen.auditing.faults import Unreadable
from hpcgen.auditing.flowing import Flow, Lying
from hpcgen.auditing.index import REGULAR, SYMLINK, Index, cleaned
from hpcgen.auditing.inflating import compression
from hpcgen.auditing.layering import Part, flow
from hpcgen.auditing.reading import CannotRead
from hpcgen.auditing.scanning import scan

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from hpcgen.auditing.inflating import Read
    from hpcgen.auditing.reading import Look

_TEXT = 32 << 20
"""Bytes of a part that may be JSON."""
_LINKS = 8
"""Links that lead to links."""
_TAR = slice(257, 262)


class Archive:
    """An archive of an image that can be read anywhere."""

    def __init__(self, part: Part) -> None:
        index = scan(Lying(part.pread, part.start, part.size))
        if not len(index):
            raise Unreadable(f"it is no archive: {index.faults[0] if index.faults else 'it holds nothing'}")
        self.faults = index.faults
        self._parts: dict[str, Part] = {}
        self._links: dict[str, str] = {}
        for entry, name in enumerate(index.names):
            if index.types[entry] == REGULAR:
                self._parts[name] = part.within(index.offsets[entry], index.sizes[entry])
            elif entry in index.links:
                target = index.links[entry]
                self._links[name] = join(dirname(name), target) if index.types[entry] == SYMLINK else target

    def part(self, name: str) -> Part | None:
        """A part, where it is there, by whatever name."""
        return self._parts.get(_resolved(name, self._links))

    def size(self, name: str) -> int | None:
        """The bytes of a part."""
        found = self.part(name)
        return None if found is None else found.size

    def text(self, name: str, most: int) -> bytes | None:
        """A small part."""
        found = self.part(name)
        return None if found is None else _whole(found, name, most)


def _resolved(name: str, links: dict[str, str]) -> str:
    """Where a name leads."""
    name = normpath(name)
    for _ in range(_LINKS):
        if name not in links:
            break
        name = normpath(links[name])
    return name


def _whole(part: Part, name: str, most: int) -> bytes:
    try:
        return part.whole(most)
    except CannotRead as fault:
        raise Unreadable(f"{name}: {fault}") from fault


class Folder:
    """A layout in a folder. Names come from digests, so that none leads out of it."""

    def __init__(self, path: str) -> None:
        self._path = path
        self.faults: list[str] = []

    def part(self, name: str) -> Part | None:
        """A part, where it is there; the file stays open as long as it is needed."""
        if name not in {"index.json", "manifest.json"} and name != blob_name(":".join(name.split("/")[1:])):
            return None
        try:
            descriptor = os.open(os.path.join(self._path, name), os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            return None
        except OSError as fault:
            raise Unreadable(f"{os.path.join(self._path, name)}: {fault.strerror}") from fault
        return open_part(descriptor)

    def size(self, name: str) -> int | None:
        """The bytes of a part."""
        found = self.part(name)
        return None if found is None else found.size

    def text(self, name: str, most: int) -> bytes | None:
        """A small part."""
        found = self.part(name)
        return None if found is None else _whole(found, name, most)


class _Descriptor:
    """An open file, closed with the last that reads from it."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor

    def pread(self, at: int, size: int) -> bytes:
        """So many bytes at an offset."""
        try:
            return os.pread(self.descriptor, size, at)
        except (OSError, OverflowError) as fault:
            raise CannotRead(f"{size} bytes at {at}: {fault}") from fault

    def __del__(self) -> None:
        os.close(self.descriptor)


def open_part(descriptor: int) -> Part:
    """A whole open file, which is closed when nobody reads from it any more."""
    return Part(_Descriptor(descriptor).pread, 0, os.fstat(descriptor).st_size)


class Stream:
    """An archive of an image that goes by once: layers become indexes, texts are kept, before anybody knows what they are.

    Args:
        read: gives the next bytes.
        look: what is looked for in files.
        moved: is told how many bytes have come.
    """

    def __init__(self, read: Read, look: Look | None, moved: Callable[[int], None]) -> None:
        self._look = look
        self._texts: dict[str, bytes] = {}
        self._sizes: dict[str, int] = {}
        self._links: dict[str, str] = {}
        self.indexes: dict[str, Index] = {}
        self.how: dict[str, str] = {}
        head, read = _peeked(read)
        self._outer = Flow(compression(head), read, moved)
        index = scan(self._outer, self._take)
        self.faults = [self._outer.fault] if self._outer.fault else index.faults
        if not len(index):
            raise Unreadable(f"it is no archive: {self.faults[0] if self.faults else 'it holds nothing'}")
        for entry, target in index.links.items():
            name = index.names[entry]
            self._links[name] = join(dirname(name), target) if index.types[entry] == SYMLINK else target

    def _take(self, entry: int, at: int, size: int, raw: bytes) -> None:
        del entry
        name = cleaned([raw])[0]
        head, read = _peeked(_reading(self._outer.pour(at, size)))
        self._sizes[name] = size
        if head[:1] in {b"{", b"["} and size <= _TEXT:
            self._texts[name] = b"".join(iter(lambda: read(1 << 20), b""))
        elif _may_be_layer(head):
            self.how[name] = compression(head)
            self.indexes[name] = flow(self.how[name], read, self._look, lambda taken: None)

    def index(self, name: str) -> Index | None:
        """A layer."""
        return self.indexes.get(_resolved(name, self._links))

    def size(self, name: str) -> int | None:
        """The bytes of a part."""
        return self._sizes.get(_resolved(name, self._links))

    def text(self, name: str, most: int) -> bytes | None:
        """A small part."""
        found = self._texts.get(_resolved(name, self._links))
        if found is not None and len(found) > most:
            raise Unreadable(f"{name}: {len(found)} bytes, where {most} would be many")
        return found


def _may_be_layer(head: bytes) -> bool:
    return compression(head) != "none" or head[_TAR] == b"ustar" or not head.strip(b"\0") or b"\0" in head[:100]


def _peeked(read: Read) -> tuple[bytes, Read]:
    """The first block of a stream, and the stream as if nobody had looked."""
    head = b""
    while len(head) < 512 and (more := read(512 - len(head))):  # noqa: PLR2004 (a block)
        head += more
    left = [head]

    def again(size: int, /) -> bytes:
        if not left[0]:
            return read(size)
        found, left[0] = left[0][:size], left[0][size:]
        return found

    return head, again


def _reading(pieces: Iterator[memoryview]) -> Read:
    """What reads onwards through pieces."""
    left = [memoryview(b"")]

    def read(size: int, /) -> bytes:
        if not left[0]:
            left[0] = next(pieces, memoryview(b""))
        found, left[0] = bytes(left[0][:size]), left[0][size:]
        return found

    return read
