from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from elftools.elf.dynamic import DynamicSection
from elftools.elf.elffile import ELFFile
from elftools.elf.segments import InterpSegment
from elves import Made
from hypothesis import given
from hypothesis import strategies as st

from hpcgen.auditing import elf
from hpcgen.auditing.reading import BytesReader

if TYPE_CHECKING:
    from collections.abc import Mapping


def is_elf(path: Path) -> bool:
    """Whether a path is a file, no link, and begins as ELF does."""
    if path.is_symlink() or not path.is_file():
        return False
    with path.open("rb") as stream:
        return stream.read(4) == elf.MAGIC


LIBRARIES = sorted(path for folder in ("/usr/lib/x86_64-linux-gnu", "/usr/lib64") for path in Path(folder).glob("*.so*"))
FILES = [Path(sys.executable).resolve(), *filter(is_elf, LIBRARIES[:: max(1, len(LIBRARIES) // 60)])]


def parsed(content: bytes) -> elf.Elf:
    """What a file says, which is one."""
    found = elf.parse(BytesReader(content))
    assert found is not None
    return found


def by_elftools(path: Path) -> Mapping[str, object]:
    """The same by pyelftools."""
    with path.open("rb") as stream:
        file = ELFFile(stream)
        dynamic = next((one for one in file.iter_sections() if isinstance(one, DynamicSection)), None)
        tags: list[Any] = list(dynamic.iter_tags()) if dynamic else []
        names = [one.needed for one in tags if one.entry.d_tag == "DT_NEEDED"]
        sonames = [one.soname for one in tags if one.entry.d_tag == "DT_SONAME"]
        segments = [one.get_interp_name() for one in file.iter_segments() if isinstance(one, InterpSegment)]
        sections = [(one.name, 0 if one["sh_type"] in ("SHT_NOBITS", "SHT_NULL") else one["sh_size"]) for one in file.iter_sections()]
        return {"needed": tuple(names), "soname": "".join(sonames), "interpreter": "".join(segments), "sections": sections}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_real_files_are_read_as_pyelftools_reads_them(path: Path) -> None:
    """Sections with their bytes, needed libraries, soname and loader of real files are those that another reader finds."""
    found = parsed(path.read_bytes())
    sections = [(one.name, one.size) for one in found.sections]
    assert {"needed": found.needed, "soname": found.soname, "interpreter": found.interpreter, "sections": sections} == by_elftools(path)


@pytest.mark.skipif(not shutil.which("gcc"), reason="there is no compiler here")
def test_what_strip_takes_away_is_what_is_told(tmp_path: Path) -> None:
    """A program's debug data and symbols are the bytes of sections that `strip` removes, and nothing is left to remove then."""
    source, program, stripped = tmp_path / "one.c", tmp_path / "one", tmp_path / "stripped"
    source.write_text('#include <stdio.h>\nint main(void) { return puts("hello") < 0; }\n')
    subprocess.run(["gcc", "-g", "-o", program, source], check=True)
    subprocess.run(["strip", "-o", stripped, program], check=True)
    full, bare = parsed(program.read_bytes()), parsed(stripped.read_bytes())
    kept = {one.name for one in bare.sections}
    gone = sum(one.size for one in full.sections if one.name not in kept and one.name != ".comment")
    assert full.debug > 500
    assert full.debug + full.symbols == gone
    assert (bare.debug, bare.symbols) == (0, 0)


@pytest.mark.skipif(not shutil.which("gcc"), reason="there is no compiler here")
def test_an_object_file_needs_its_symbols(tmp_path: Path) -> None:
    """Nothing of an object file's symbol table is said to be of no use: linkers read it."""
    (tmp_path / "one.c").write_text("int one(void) { return 1; }\n")
    subprocess.run(["gcc", "-c", "-o", tmp_path / "one.o", tmp_path / "one.c"], check=True)
    found = parsed((tmp_path / "one.o").read_bytes())
    assert (found.kind, found.symbols) == (elf.RELOCATABLE, 0)


NAMES = st.from_regex(r"lib[a-z]{1,12}\.so(\.[0-9]{1,3})?", fullmatch=True)
FOLDERS = st.lists(st.sampled_from(("/opt/a/lib", "$ORIGIN/../lib", "/usr/lib64")), max_size=3)
MADE = st.builds(
    Made,
    bits=st.sampled_from((32, 64)),
    order=st.sampled_from("<>"),
    kind=st.sampled_from((2, 3)),
    soname=NAMES | st.just(""),
    needed=st.lists(NAMES, max_size=5).map(tuple),
    rpath=FOLDERS.map(":".join),
    runpath=FOLDERS.map(":".join),
    interpreter=st.sampled_from(("", "/lib64/ld-linux-x86-64.so.2")),
    sections=st.lists(st.tuples(st.sampled_from((".text", ".debug_info", ".symtab", ".strtab", ".bss")), st.binary(max_size=64)), max_size=4).map(
        tuple
    ),
)


@given(MADE)
def test_every_word_length_and_byte_order_is_read(made: Made) -> None:
    """What a file is made to say is what is read of it, whichever machine it is for."""
    found = parsed(made.built())
    assert (found.bits, found.kind, found.soname, found.needed, found.interpreter) == (
        made.bits,
        made.kind,
        made.soname,
        made.needed,
        made.interpreter,
    )
    assert (":".join(found.rpath), ":".join(found.runpath)) == (made.rpath, made.runpath)
    assert [(one.name, one.size) for one in found.sections[3:-1]] == [
        (name, 0 if name == ".bss" else len(content)) for name, content in made.sections
    ]
    assert found.debug == sum(len(content) for name, content in made.sections if name == ".debug_info")


def test_other_files_are_none() -> None:
    """A file that does not begin as ELF does is none, and no error."""
    assert elf.parse(BytesReader(b"")) is None
    assert elf.parse(BytesReader(b"#!/bin/sh\n")) is None


def test_more_sections_than_the_header_can_count_are_read() -> None:
    """The number of sections stands in the first one where the header has no room for it."""
    content = bytearray(Made(sections=tuple((".text", b"x") for _ in range(20))).built())
    count = int.from_bytes(content[60:62], "little")
    table = int.from_bytes(content[40:48], "little")
    content[60:62] = b"\0\0"
    content[table + 32 : table + 40] = count.to_bytes(8, "little")
    assert len(parsed(bytes(content)).sections) == count


def test_debug_data_kept_apart_is_read() -> None:
    """A file of debug data alone, whose dynamic table is not in it, asks for no library."""
    content = bytearray(Made(needed=("libc.so.6",), sections=((".debug_info", b"12345"),)).built())
    table = int.from_bytes(content[40:48], "little")
    content[table + 64 + 4 : table + 64 + 8] = (8).to_bytes(4, "little")
    found = parsed(bytes(content))
    assert (found.needed, found.debug) == ((), 5)
