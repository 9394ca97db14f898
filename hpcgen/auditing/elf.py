"""What an ELF file says of itself, out of a few small reads: its sections, what the loader will look for, what could be stripped.

https://refspecs.linuxfoundation.org/elf/gabi4+/contents.html. No count and no offset is believed before it is compared with the file's size.
"""

from __future__ import annotations

from struct import Struct
from typing import TYPE_CHECKING, NamedTuple

from hpcgen.frozen import frozen

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from hpcgen.auditing.reading import Reader

MAGIC = b"\x7fELF"
RELOCATABLE, PROGRAM, SHARED, CORE = 1, 2, 3, 4
"""Types of a file: what a compiler gives, a program at a fixed place, a library or a program at any place, a dump."""
MACHINES = {
    3: "386",
    20: "ppc",
    21: "ppc64",
    22: "s390",
    40: "arm",
    62: "x86_64",
    183: "aarch64",
    190: "nvidia-gpu",
    224: "amd-gpu",
    243: "riscv",
    258: "loongarch",
}
"""Number of a machine -> its name, as far as containers and their GPUs have them."""

_MOST = 16 << 20
"""No table of sections, names or segments is read that has more bytes: 250,000 sections."""
_LONGEST = 4096
"""No name that a loader looks for is longer: a path's limit."""
_MANY = 4096
"""No file needs more libraries."""
_NOBITS, _SYMTAB, _SYMTAB_SHNDX = 8, 2, 18
_ALLOC = 2
_LOAD, _DYNAMIC, _INTERP = 1, 2, 3
_NEEDED, _STRTAB, _SONAME, _RPATH, _RUNPATH = 1, 5, 14, 15, 29
_NAMES_ELSEWHERE = 0xFFFF
_DEBUG = (".debug_", ".zdebug_", ".gnu.debuglto_", ".stab")


class BadElf(Exception):
    """A file that begins as ELF does, and contradicts itself or ends early."""


class Section(NamedTuple):
    """A part of a file by its name; `size` counts stored bytes, so that it is 0 for what is only made at start-up."""

    name: str
    kind: int
    flags: int
    offset: int
    size: int
    link: int


@frozen
class Elf:
    """What a file says.

    Attributes:
        bits: 32 or 64.
        kind: RELOCATABLE and the like.
        machine: as in MACHINES, or the number.
        flags: of the machine.
        abi: the version of the machine's own rules.
        size: of the file.
        interpreter: the loader that it names, or empty.
        soname: the name that it is linked by, or empty.
        needed: the names of libraries that it wants.
        rpath: folders in which the loader looks for them, as written, before those of the environment.
        runpath: the same, behind them.
    """

    bits: int
    kind: int
    machine: str
    flags: int
    abi: int
    size: int
    sections: tuple[Section, ...] = ()
    interpreter: str = ""
    soname: str = ""
    needed: tuple[str, ...] = ()
    rpath: tuple[str, ...] = ()
    runpath: tuple[str, ...] = ()

    @property
    def debug(self) -> int:
        """Bytes for debuggers alone."""
        found = sum(one.size for one in self.sections if not one.flags & _ALLOC and (one.name.startswith(_DEBUG) or one.name == ".gdb_index"))
        return min(found, self.size)

    @property
    def symbols(self) -> int:
        """Bytes of symbols that no loader reads; 0 where a linker still needs them."""
        if self.kind not in (PROGRAM, SHARED):
            return 0
        found = 0
        for one in self.sections:
            if one.kind in (_SYMTAB, _SYMTAB_SHNDX) and not one.flags & _ALLOC:
                found += one.size
                names = self.sections[one.link] if one.kind == _SYMTAB and one.link < len(self.sections) else None
                found += names.size if names and not names.flags & _ALLOC else 0
        return min(found, self.size)

    def named(self, *names: str) -> Iterator[Section]:
        """The sections of some names that have bytes."""
        return (one for one in self.sections if one.name in names and one.size)


class _Form(NamedTuple):
    """How one class of files writes its tables."""

    header: Struct
    section: Struct
    segment: Struct
    dynamic: Struct


class _Segment(NamedTuple):
    kind: int
    offset: int
    address: int
    size: int


class _Header(NamedTuple):
    kind: int
    machine: int
    version: int
    entry: int
    segments_at: int
    sections_at: int
    flags: int
    own_size: int
    segment_size: int
    segments: int
    section_size: int
    sections: int
    names_in: int


def _form(bits: int, order: str) -> _Form:
    if bits == 64:  # noqa: PLR2004 (the word's length)
        return _Form(Struct(f"{order}HHIQQQIHHHHHH"), Struct(f"{order}IIQQQQIIQQ"), Struct(f"{order}IIQQQQQQ"), Struct(f"{order}qQ"))
    return _Form(Struct(f"{order}HHIIIIIHHHHHH"), Struct(f"{order}10I"), Struct(f"{order}8I"), Struct(f"{order}iI"))


_FORMS = {(kind, order): _form(32 * kind, "<" if order == 1 else ">") for kind in (1, 2) for order in (1, 2)}


def parse(reader: Reader) -> Elf | None:
    """What a file says; None where it does not begin as ELF does.

    Raises:
        BadElf: it contradicts itself, or ends early.
    """
    start = reader.read(0, _LONGEST)
    return _File(reader, start).elf() if start.startswith(MAGIC) else None


class _File:
    """One file that is being read."""

    def __init__(self, reader: Reader, start: bytes) -> None:
        self.reader = reader
        self.start = start
        form = _FORMS.get((start[4], start[5])) if len(start) >= 16 else None  # noqa: PLR2004 (what each file begins with)
        if form is None or len(start) < 16 + form.header.size:
            raise BadElf("its header is none")
        self.form = form
        self.bits = 32 * start[4]
        self.header = _Header(*form.header.unpack_from(start, 16))

    def elf(self) -> Elf:
        head = self.header
        sections = tuple(self._sections())
        segments = tuple(self._segments(head.segments if head.segments != _NAMES_ELSEWHERE else self._first()[7]))
        found = self._dynamic(segments, sections)
        return Elf(
            self.bits,
            head.kind,
            MACHINES.get(head.machine, str(head.machine)),
            head.flags,
            self.start[8],
            self.reader.size,
            sections,
            next((_text(self._bytes(one.offset, min(one.size, _LONGEST))) for one in segments if one.kind == _INTERP), ""),
            next(iter(found[_SONAME]), ""),
            tuple(found[_NEEDED]),
            tuple(folder for path in found[_RPATH] for folder in path.split(":") if folder),
            tuple(folder for path in found[_RUNPATH] for folder in path.split(":") if folder),
        )

    def _bytes(self, offset: int, size: int) -> bytes:
        """Bytes that must be there."""
        if size > _MOST or offset + size > self.reader.size:
            raise BadElf(f"{size} bytes at {offset} are not in it")
        found = self.start[offset : offset + size] if offset + size <= len(self.start) else self.reader.read(offset, size)
        if len(found) < size:
            raise BadElf(f"it ends before {offset + size}")
        return found

    # --- sections ---

    def _first(self) -> tuple[int, ...]:
        """The first section, which holds the numbers that are too large for the header."""
        return self.form.section.unpack(self._bytes(self.header.sections_at, self.form.section.size))

    def _sections(self) -> Iterator[Section]:
        head, form = self.header, self.form.section
        if not head.sections_at:
            return
        if head.section_size != form.size:
            raise BadElf("its sections have another length")
        count = head.sections or self._first()[5]
        rows = list(form.iter_unpack(self._bytes(head.sections_at, count * form.size)))
        place = head.names_in if head.names_in != _NAMES_ELSEWHERE else self._first()[6]
        names = self._bytes(rows[place][4], rows[place][5]) if 0 < place < len(rows) and rows[place][1] != _NOBITS else b""
        for name, kind, flags, _, offset, size, link, *_ in rows:
            end = names.find(b"\0", name)
            stored = 0 if kind in (0, _NOBITS) else max(0, min(size, self.reader.size - offset))
            yield Section(names[name:end].decode("utf-8", "replace") if end >= 0 else "", kind, flags, offset, stored, link)

    # --- what the loader reads ---

    def _segments(self, count: int) -> Iterator[_Segment]:
        head, form = self.header, self.form.segment
        if not count or not head.segments_at:
            return
        if head.segment_size != form.size:
            raise BadElf("its segments have another length")
        for row in form.iter_unpack(self._bytes(head.segments_at, count * form.size)):
            if self.bits == 64:  # noqa: PLR2004 (the word's length)
                kind, _, offset, address, _, size, *_ = row
            else:
                kind, offset, address, _, size, *_ = row
            yield _Segment(kind, offset, address, size)

    def _dynamic(self, segments: Sequence[_Segment], sections: Sequence[Section]) -> dict[int, list[str]]:
        """The texts of the dynamic table by their tag."""
        found: dict[int, list[str]] = {_NEEDED: [], _SONAME: [], _RPATH: [], _RUNPATH: []}
        table = next((one for one in segments if one.kind == _DYNAMIC), None)
        if table is None or not table.size or any(one.kind == _NOBITS and one.name == ".dynamic" for one in sections):  # debug data kept apart
            return found
        form = self.form.dynamic
        places: list[tuple[int, int]] = []
        texts_at = None
        for tag, value in form.iter_unpack(self._bytes(table.offset, table.size // form.size * form.size)):
            if tag == 0:
                break
            if tag == _STRTAB:
                texts_at = next((one.offset + value - one.address for one in segments if _holds(one, value)), None)
            elif tag in found:
                places.append((tag, value))
        if texts_at is not None and len(places) <= _MANY:
            for (tag, _), text in zip(places, self._texts(texts_at, [place for _, place in places]), strict=True):
                found[tag] += [text] if text else []
        return found

    def _texts(self, start: int, places: Sequence[int]) -> Iterator[str]:
        """Texts of a table, in one read where they lie together."""
        first, last = min(places, default=0), max(places, default=0)
        if last - first <= _MANY * 16:
            window = self._peek(start + first, last - first + _LONGEST)
            return (_text(window[place - first : place - first + _LONGEST]) for place in places)
        return (_text(self._peek(start + place, _LONGEST)) for place in places)

    def _peek(self, offset: int, size: int) -> bytes:
        """Bytes as far as they are there."""
        return self.reader.read(offset, size) if offset < self.reader.size else b""


def _holds(segment: _Segment, address: int) -> bool:
    return segment.kind == _LOAD and segment.address <= address < segment.address + segment.size


def _text(data: bytes) -> str:
    return data.split(b"\0", 1)[0].decode("utf-8", "surrogateescape")
