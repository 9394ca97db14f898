"""Made-up file systems for tests of what is in files: a case out of paths and bytes, without layers and archives."""

from __future__ import annotations

import struct
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hpcgen.auditing.case import Case
from hpcgen.auditing.looking import Looking
from hpcgen.auditing.reading import HEAD, BytesReader
from hpcgen.auditing.rules import rules
from hpcgen.auditing.tables import FILE, FOLDER, LINK, Files, Wastes
from hpcgen.auditing.tree import Tree

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hpcgen.auditing.reading import Fact, Reader

FIXTURES = Path(__file__).parents[1] / "auditing" / "files"


def made_sif(root: bytes, *, file_system: int = 1, role: int = 2, size: int | None = None) -> bytes:
    """A SIF of a definition file and a partition, written by another hand."""
    definition = b"bootstrap: docker\nfrom: debian:12\n"
    start = 128 + 2 * 585
    rows = struct.pack("<iBIIIqqqqqqq128s384s", 0x4001, 1, 1, 1, 0, start, len(definition), len(definition), 0, 0, 0, 0, b"recipe", b"")
    at = 4096
    extra = struct.pack("<ii3s", file_system, role, b"02\0")
    length = len(root) if size is None else size
    rows += struct.pack("<iBIIIqqqqqqq128s384s", 0x4004, 1, 2, 1, 0, at, length, length, 0, 0, 0, 0, b"root", extra)
    head = struct.pack(
        "<32s10s3s3s16sqqqqqqqq", b"#!/usr/bin/env run-singularity\n", b"SIF_MAGIC", b"01", b"02", b"", 1, 1, 0, 2, 128, len(rows), start, 0
    )
    return (head + rows + definition).ljust(at, b"\0") + root


class Memory:
    """Contents of files in memory, by row; of one that is given as a number there is a size alone."""

    def __init__(self, files: Mapping[int, tuple[str, bytes]]) -> None:
        self.files = files
        self.looked = 0
        self.summed: list[str] = []

    def fact(self, row: int) -> Fact | None:
        """What is found in a file."""
        if row not in self.files:
            return None
        path, content = self.files[row]
        look = Looking()
        if not look.wants(path, len(content), content[:HEAD]):
            return None
        self.looked += 1
        return look.look(path, BytesReader(content))

    def digest(self, row: int) -> bytes | None:
        """The checksum of a file."""
        if row not in self.files:
            return None
        self.summed.append(self.files[row][0])
        return sha256(self.files[row][1]).digest()

    def head(self, row: int) -> bytes:
        """The beginning of a file."""
        return self.files[row][1][:HEAD] if row in self.files else b""

    def reader(self, row: int) -> Reader | None:
        """A file's content."""
        return BytesReader(self.files[row][1]) if row in self.files else None


class Streamed(Memory):
    """The same where content went by and cannot be read again."""

    def reader(self, row: int) -> Reader | None:
        """Nothing."""
        return None


def case(tree: Mapping[str, Any], *, wastes: Wastes | None = None, memory: type[Memory] = Memory, **more: Any) -> Case:
    """A case: path -> bytes, a size, `("link", target)`, None for a folder, or `(mode, any of these)`."""
    files, contents = Files(), {}
    for path, given in tree.items():
        mode, what = given if isinstance(given, tuple) and isinstance(given[0], int) else (0o755 if given is None else 0o644, given)
        if isinstance(what, tuple):
            files.targets[len(files)] = what[1]
            files.add(path, 0, kind=LINK, mode=0o777)
        elif what is None:
            files.add(path, 0, kind=FOLDER, mode=mode)
        else:
            if isinstance(what, bytes):
                contents[len(files)] = (path, what)
            files.add(path, what if isinstance(what, int) else len(what), kind=FILE, mode=mode)
    return Case(files, wastes or Wastes(), Tree(files), memory(contents), rules(), **more)
