"""What is looked for in files: what ELF files say of themselves, GPU code, records of package managers, the loader's folders.

A fact holds, each key only where there is something to say:

- `elf`: bits, kind, machine, interpreter, soname, needed, rpath, runpath, debug and symbols (bytes), opens (libraries' names, where it calls dlopen);
- `archive`: debug (bytes) of a static library's members, and how many members there are;
- `gpu`: groups of containers with code for the same architectures, see `_Groups`;
- `packages`, `rpm`, `versions`, `prefix`: see `databases`;
- `text`: the loader's configuration;
- `sample`: of a large file a block's bytes, and what gzip and zstd leave of it;
- `fault`: why it could not be read to its end.
"""

from __future__ import annotations

import re
import zlib
from typing import TYPE_CHECKING, Any

from hpcgen.auditing import ar, databases, elf, fatbin, offload
from hpcgen.auditing.reading import SPOOL
from hpcgen.auditing.unpacking import by_zstd

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from hpcgen.auditing.elf import Elf
    from hpcgen.auditing.reading import Fact, Reader

VERSION = "1"
"""Raised when facts of the same files would differ."""
MOST_GROUPS = 64
"""Kinds of containers that are told apart in one file."""
MOST_OPENED = 64
_SAMPLED = 16 << 20
"""A file from which on a block of it is packed: a few milliseconds for each."""
_BLOCK = 1 << 17
_MOST_MEMBERS = 100_000
"""Of one static library: the largest have 10,000."""
_MOST_TEXT = 1 << 16
_SMALLEST = 52
_BEGINNINGS = (elf.MAGIC, ar.MAGIC, fatbin.MAGIC)
_CONFIGURATION = re.compile(r"etc/ld\.so\.conf(\.d/[^/]*\.conf)?")
_OPENERS = (b"\0dlopen\0", b"\0dlmopen\0", b"\0lt_dlopen\0", b"\0lt_dlopenext\0")
_ENDING = re.compile(rb"\.so[.\d]*\0")
_LIBRARY = re.compile(r"lib[\w+.-]+")
_MOST_NAME = 255
_MOST_STRINGS = 16 << 20
"""Bytes of names and of constants in which a file's libraries are looked for."""


class Looking:
    """The look that the findings need."""

    version = VERSION

    def wants(self, path: str, size: int, head: bytes) -> bool:
        """Whether a file is one of those kinds."""
        if head.startswith(_BEGINNINGS) and size >= _SMALLEST:
            return True
        return bool(databases.kind_of(path)) or (path.startswith("etc/ld.so") and _CONFIGURATION.fullmatch(path) is not None)

    def look(self, path: str, reader: Reader) -> Fact | None:
        """What a file says."""
        start = reader.read(0, 8)
        if start.startswith(elf.MAGIC):
            return _elf(reader)
        if start == ar.MAGIC:
            return _archive(reader)
        if start.startswith(fatbin.MAGIC):
            groups = _Groups()
            fault = groups.read(reader, fatbin.SECTIONS[0], 0, reader.size)
            return groups.fact() | ({"fault": fault} if fault else {})
        if path.startswith("etc/ld.so"):
            return {"text": reader.read(0, _MOST_TEXT).decode("utf-8", "replace")}
        return databases.fact(path, reader)


# --- one ELF file ---


def _elf(reader: Reader) -> Fact:
    try:
        found = elf.parse(reader)
    except elf.BadElf as broken:
        return {"fault": f"ELF: {broken}"}
    assert found is not None
    groups = _Groups()
    fault = groups.add(reader, found)
    said = {
        "bits": found.bits,
        "kind": found.kind,
        "machine": found.machine,
        "interpreter": found.interpreter,
        "soname": found.soname,
        "needed": list(found.needed),
        "rpath": list(found.rpath),
        "runpath": list(found.runpath),
        "debug": found.debug,
        "symbols": found.symbols,
        "opens": _opened(reader, found),
    }
    fact: Fact = {"elf": {key: value for key, value in said.items() if value}}
    if _SAMPLED <= reader.size <= SPOOL:
        fact["sample"] = _sample(reader)
    return fact | groups.fact() | ({"fault": fault} if fault else {})


def _sample(reader: Reader) -> list[int]:
    """A block out of the middle of a large file: its bytes, and what gzip and zstd leave of it as layers are packed."""
    data = reader.read(reader.size // 2, _BLOCK)
    return [len(data), len(zlib.compress(data, 6)), by_zstd(data, 3)]


def _opened(reader: Reader, found: Elf) -> list[str]:
    """Names of libraries that stand in a file which opens some while it runs."""
    names = b"".join(_content(reader, found, ".dynstr"))
    if not any(word in names for word in _OPENERS):
        return []
    text = b"".join(_content(reader, found, ".rodata"))
    ends = (one.end() - 1 for one in _ENDING.finditer(text))
    words = (text[text.rfind(b"\0", max(0, end - _MOST_NAME), end) + 1 : end] for end in ends)
    opened = {word.rpartition(b"/")[2].decode("ascii", "replace") for word in words if len(word) < _MOST_NAME}
    return sorted(filter(_LIBRARY.fullmatch, opened))[:MOST_OPENED]


def _content(reader: Reader, found: Elf, name: str) -> Iterator[bytes]:
    return (reader.read(one.offset, min(one.size, _MOST_STRINGS)) for one in found.named(name))


# --- a static library ---


def _archive(reader: Reader) -> Fact | None:
    groups = _Groups()
    debug = count = objects = 0
    fault = ""
    try:
        for member in ar.members(reader):
            count += 1
            if count > _MOST_MEMBERS:
                fault = f"it has more than {_MOST_MEMBERS} members"
                break
            part = _Part(reader, member.offset, member.size)
            found = elf.parse(part)
            if found is not None:
                objects += 1
                debug += found.debug
                fault = groups.add(part, found) or fault
    except (ar.BadArchive, elf.BadElf) as broken:
        fault = str(broken)
    if not objects and not fault:
        return None  # a package of Debian, or one that only names its members
    return {"archive": {"members": count, "debug": debug}} | groups.fact() | ({"fault": f"static library: {fault}"} if fault else {})


class _Part:
    """A reader over a part of what another reads."""

    def __init__(self, reader: Reader, start: int, size: int) -> None:
        self.reader = reader
        self.start = start
        self.size = size

    def read(self, offset: int, size: int) -> bytes:
        """The bytes at an offset."""
        size = min(size, self.size - offset)
        return self.reader.read(self.start + offset, size) if offset >= 0 and size > 0 else b""


# --- GPU code ---


class _Groups:
    """The GPU code of a file, container by container, those of one kind put together.

    A group is `[section, containers, [[code, architecture, compression, bytes, pieces], ...]]`: whether a piece is of use depends on which others its
    container has.
    """

    def __init__(self) -> None:
        self.groups: dict[tuple[str, tuple[tuple[str, str, str], ...]], list[Any]] = {}

    def add(self, reader: Reader, found: Elf) -> str:
        """Adds what an ELF file has. Gives a fault, or an empty text."""
        done = 0
        for section in sorted(found.named(*fatbin.SECTIONS, *offload.SECTIONS), key=lambda one: one.offset):
            start = max(section.offset, done)  # sections of a file that somebody forged lie over each other
            size = section.offset + section.size - start
            done = max(done, section.offset + section.size)
            fault = self.read(reader, section.name, start, size) if size > 0 else ""
            if fault:
                return fault
        if found.machine == "nvidia-gpu":
            architecture = fatbin.cubin(found.flags, found.abi)
            self._put(fatbin.SECTIONS[0], [fatbin.Code(fatbin.SASS, architecture, 0, 0, reader.size, reader.size, reader.size, "")])
        return ""

    def read(self, reader: Reader, name: str, start: int, size: int) -> str:
        """Adds the containers of a section, or of a file that is nothing else. Gives a fault, or an empty text."""
        try:
            self._section(reader, name, start, size)
        except (fatbin.BadFatbin, offload.BadBundle) as fault:
            return f"GPU code: {fault}"
        return ""

    def _section(self, reader: Reader, name: str, start: int, size: int) -> None:
        read = offload.codes if name in offload.SECTIONS else fatbin.codes
        container = -1
        pieces: list[fatbin.Code] = []
        try:
            for one in read(reader, start, size):
                if one.container != container:
                    self._put(name, pieces)
                    container, pieces = one.container, []
                pieces.append(one)
        finally:
            self._put(name, pieces)

    def _put(self, section: str, pieces: Iterable[fatbin.Code]) -> None:
        """Adds one container."""
        sums: dict[tuple[str, str, str], tuple[int, int]] = {}
        for one in pieces:
            key = (one.kind, one.architecture, one.compression)
            size, count = sums.get(key, (0, 0))
            sums[key] = (size + one.stored, count + 1)
        if not sums:
            return
        keys = tuple(sorted(sums))
        if (section, keys) not in self.groups and len(self.groups) >= MOST_GROUPS:
            section, keys = next(reversed(self.groups))
        group = self.groups.setdefault((section, keys), [section, 0, {}])
        group[1] += 1
        for key, (size, count) in sums.items():
            before = group[2].get(key, (0, 0))
            group[2][key] = (before[0] + size, before[1] + count)

    def fact(self) -> Fact:
        """The groups as a fact."""
        found = [[section, count, [[*key, *sums] for key, sums in sorted(codes.items())]] for section, count, codes in self.groups.values()]
        return {"gpu": found} if found else {}
