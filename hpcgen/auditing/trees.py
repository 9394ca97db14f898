"""File systems that are whole already, a folder's and a squashfs's, as the one layer that they are."""

from __future__ import annotations

import os
import stat
from array import array
from typing import TYPE_CHECKING

from hpcgen.auditing import tables
from hpcgen.auditing.faults import Unreadable
from hpcgen.auditing.index import BLOCK_DEVICE, CHARACTER, FOLDER, HARD_LINK, PIPE, REGULAR, SYMLINK, Index
from hpcgen.auditing.reading import CannotRead
from hpcgen.frozen import frozen

if TYPE_CHECKING:
    from collections.abc import Callable

    from hpcgen.auditing.reading import Reader
    from hpcgen.auditing.squashfs import Squashfs

_KINDS = {
    stat.S_IFREG: REGULAR,
    stat.S_IFDIR: FOLDER,
    stat.S_IFLNK: SYMLINK,
    stat.S_IFCHR: CHARACTER,
    stat.S_IFBLK: BLOCK_DEVICE,
    stat.S_IFIFO: PIPE,
    stat.S_IFSOCK: ord("s"),
}
_MEASURED = 512
"""Bytes of a block, as st_blocks counts them."""


@frozen
class Tree:
    """A file system as a layer.

    Attributes:
        index: its entries.
        reader: gives the content of one, or None.
        sifs: compressed bytes of each entry, where they are known.
    """

    index: Index
    reader: Callable[[int], Reader | None]
    sifs: array[int] | None = None


def _add(index: Index, name: str, kind: int, mode: int, size: int) -> None:
    index.names.append(name)
    index.types.append(kind)
    index.modes.append(mode)
    index.sizes.append(size)
    index.offsets.append(0)


# --- a folder --------------------------------------------------------------------------------------------------------------


def folder(path: str) -> Tree:
    """The root file system in a folder, on its own device: what is mounted in it is left out, and said."""
    index = Index()
    first: dict[tuple[int, int], str] = {}
    try:
        device = os.stat(path).st_dev
        todo = [("", path)]
        while todo:
            prefix, where = todo.pop()
            todo += _listed(index, first, prefix, where, device)
    except OSError as fault:
        raise Unreadable(f"{path}: {fault.strerror}") from fault
    return Tree(index, lambda entry: _FileReader(os.path.join(path, index.names[entry]), index.sizes[entry]))


def _listed(index: Index, first: dict[tuple[int, int], str], prefix: str, where: str, device: int) -> list[tuple[str, str]]:
    """Adds what lies in a folder, and gives the folders in it."""
    below = []
    try:
        with os.scandir(where) as found:
            entries = sorted(found, key=lambda one: one.name)
    except PermissionError as fault:
        index.faults.append(f"{prefix or '/'}: {fault.strerror}")
        return []
    for entry in entries:
        name = f"{prefix}/{entry.name}" if prefix else entry.name
        try:
            about = entry.stat(follow_symlinks=False)
        except FileNotFoundError:  # it went in between
            continue
        if about.st_dev != device:
            index.notes.append(f"{name} is another file system and left out")
            continue
        _add_entry(index, first, name, entry.path, about)
        if stat.S_ISDIR(about.st_mode):
            below.append((name, entry.path))
    return below[::-1]


def _add_entry(index: Index, first: dict[tuple[int, int], str], name: str, path: str, about: os.stat_result) -> None:
    kind = _KINDS.get(stat.S_IFMT(about.st_mode), ord("s"))
    size = 0
    key = about.st_dev, about.st_ino
    if kind == SYMLINK:
        index.links[len(index)] = os.readlink(path)
    elif kind == REGULAR and about.st_nlink > 1 and first.setdefault(key, name) != name:
        kind = HARD_LINK
        index.links[len(index)] = first[key]
    elif kind == REGULAR:
        size = about.st_size
        if about.st_blocks * _MEASURED < size:
            index.notes.append(f"{name} has holes: {about.st_blocks * _MEASURED} of {size} bytes are stored") if len(index.notes) < _NOTES else None
    _add(index, name, kind, stat.S_IMODE(about.st_mode), size)


_NOTES = 8


class _FileReader:
    """A file of a folder; a link is never followed."""

    def __init__(self, path: str, size: int) -> None:
        self._path = path
        self.size = size

    def read(self, offset: int, size: int) -> bytes:
        """The bytes at an offset."""
        size = max(0, min(size, self.size - offset))
        try:
            descriptor = os.open(self._path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
            try:
                return os.pread(descriptor, size, offset)
            finally:
                os.close(descriptor)
        except OSError as fault:
            raise CannotRead(fault.strerror or str(fault)) from fault


# --- a squashfs ------------------------------------------------------------------------------------------------------------

_FROM_REPORT = {
    tables.FILE: REGULAR,
    tables.LINK: SYMLINK,
    tables.FOLDER: FOLDER,
    tables.CHARACTER: CHARACTER,
    tables.BLOCK_DEVICE: BLOCK_DEVICE,
    tables.PIPE: PIPE,
    tables.OTHER: ord("s"),
}


def squashed(image: Squashfs) -> Tree:
    """The file system of a squashfs, with what each file takes in it."""
    from hpcgen.auditing.squashed import SquashedReader, stored

    index = Index()
    first: dict[int, str] = {}
    inodes = []
    for name, inode in image.names():
        kind, size = _FROM_REPORT.get(inode.kind, ord("s")), 0
        if kind == SYMLINK:
            index.links[len(index)] = inode.target
        elif kind == REGULAR and first.setdefault(inode.number, name) != name:
            kind = HARD_LINK
            index.links[len(index)] = first[inode.number]
        elif kind == REGULAR:
            size = inode.size
        _add(index, name, kind, inode.mode, size)
        inodes.append(inode)
    return Tree(index, lambda entry: SquashedReader(image, inodes[entry]), array("q", stored(image, inodes)))
