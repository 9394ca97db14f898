from __future__ import annotations

import contextlib
import gzip
import json
import lzma
import tracemalloc
import zlib
from typing import TYPE_CHECKING

import pytest
from backports import zstd
from elves import Made
from hypothesis import given, settings
from hypothesis import strategies as st
from inspected import FIXTURES, made_sif

from hpcgen.auditing import ar, elf, fatbin, offload, rpm, sif
from hpcgen.auditing.looking import Looking
from hpcgen.auditing.reading import CannotRead
from hpcgen.auditing.squashed import SquashedReader, stored
from hpcgen.auditing.squashfs import BadSquashfs, Squashfs
from hpcgen.auditing.tables import FILE
from hpcgen.auditing.unpacking import BadBlock, unpack

if TYPE_CHECKING:
    from collections.abc import Callable

ALLOWANCE = 64 << 20
"""So many bytes may be read of a small file, however it lies."""
SQLITE = gzip.decompress((FIXTURES / "rpmdb.sqlite.gz").read_bytes())
ELF = Made(
    soname="libx.so", needed=("liba.so", "libb.so"), runpath="/a:/b", sections=((".debug_info", b"x" * 40), (".symtab", b"y" * 48), (".strtab", b"z"))
).built()
SMALL = ELF + bytes(len(ELF) % 2)
ARCHIVE = ar.MAGIC + b"".join(f"{name:<16}{0:<12}{0:<6}{0:<6}{644:<8}{len(SMALL):<10}`\n".encode() + SMALL for name in ("one.o/", "two.o/"))


class Counting:
    """A reader that fails a test which reads more than a hostile file is worth, or where no reader may."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.size = len(content)
        self.left = ALLOWANCE

    def read(self, offset: int, size: int) -> bytes:
        """The bytes at an offset."""
        assert offset >= 0
        assert 0 <= size < 1 << 31
        found = self.content[offset : offset + size]
        self.left -= len(found) + 16
        assert self.left > 0, "too much is read"
        return found


def walk_squashfs(content: bytes) -> None:
    """Lists an image, charges its bytes and reads its files as far as they are not too long to be read."""
    try:
        found = Squashfs(Counting(content))
        inodes = [name.inode for name in found.names()]
        assert all(size >= 0 for size in stored(found, inodes))
        for inode in inodes:
            if inode.kind == FILE:
                SquashedReader(found, inode).read(0, 20_000)
                SquashedReader(found, inode).read(max(0, inode.size - 10), 100)
    except (BadSquashfs, CannotRead):
        pass


def walk_sif(content: bytes) -> None:
    """Lists a SIF's parts and reads its texts."""
    try:
        found = sif.parse(Counting(content))
        found.text(sif.DEFINITION)
        found.root()
    except sif.BadSif:
        pass


def walk_rpm(content: bytes) -> None:
    """Reads a database of packages."""
    with contextlib.suppress(rpm.BadDatabase):
        list(rpm.packages(Counting(content)))


def look(content: bytes) -> None:
    """Looks into a file as an audit does; what is found can be written down."""
    fact = Looking().look("opt/lib/libx.so", Counting(content))
    assert json.loads(json.dumps(fact)) == fact


READERS: dict[str, tuple[Callable[[bytes], None], bytes]] = {
    "elf": (look, ELF),
    "elf of 32 bits": (look, Made(bits=32, order=">", needed=("liba.so",)).built()),
    "static library": (look, ARCHIVE),
    "gpu": (look, (FIXTURES / "gpu-raw.o").read_bytes()),
    "gpu, packed": (look, (FIXTURES / "gpu-packed.o").read_bytes()),
    **{form: (walk_squashfs, (FIXTURES / f"{form}.squashfs").read_bytes()) for form in ("gzip", "xz", "lzma", "lz4", "zstd")},
    "rpm, sqlite": (walk_rpm, SQLITE),
    "rpm, berkeley": (walk_rpm, (FIXTURES / "Packages").read_bytes()),
}


@st.composite
def damaged(draw: st.DrawFn, name: str) -> bytes:
    """A good file with bytes changed, numbers blown up, pieces doubled, or the end cut off."""
    content = bytearray(READERS[name][1])
    for _ in range(draw(st.integers(1, 4))):
        place = draw(st.integers(0, len(content) - 1))
        match draw(st.sampled_from(("byte", "large", "zero", "copy", "cut"))):
            case "byte":
                content[place] = draw(st.integers(0, 255))
            case "large":
                content[place : place + 8] = b"\xff" * draw(st.sampled_from((1, 2, 4, 8)))
            case "zero":
                content[place : place + 8] = bytes(8)
            case "copy":
                other = draw(st.integers(0, len(content) - 1))
                content[place : place + 64] = content[other : other + 64]
            case _:
                del content[max(place, 16) :]
    return bytes(content)


@pytest.mark.parametrize("name", READERS)
def test_a_damaged_file_ends_in_an_answer(name: str) -> None:
    """Whatever is changed in a file, reading it gives an answer or an error of its own, after a bounded number of bytes."""
    read, content = READERS[name]
    read(content)

    @settings(deadline=5000, max_examples=60)
    @given(damaged(name))
    def tried(changed: bytes) -> None:
        read(changed)

    tried()


@pytest.mark.parametrize("name", READERS)
def test_a_file_that_is_cut_off_ends_in_an_answer(name: str) -> None:
    """A file that ends early, anywhere, gives an answer or an error of its own."""
    read, content = READERS[name]
    for end in (*range(0, min(len(content), 200), 7), *range(200, len(content), max(1, len(content) // 40))):
        read(content[:end])


@settings(deadline=2000)
@given(
    st.binary(max_size=300), st.sampled_from((b"", elf.MAGIC, ar.MAGIC, b"hsqs", offload.MAGIC, b"CCOB\2\0\1\0", bytes.fromhex("50ed55ba01001000")))
)
def test_noise_ends_in_an_answer(noise: bytes, start: bytes) -> None:
    """Bytes at random, behind any beginning that is known, give an answer or an error of its own."""
    content = start + noise
    look(content)
    walk_squashfs(content)
    walk_sif(content)
    walk_sif(bytes(32) + sif.MAGIC + noise)
    walk_rpm(content)
    for read, kind in ((fatbin.codes, fatbin.BadFatbin), (offload.codes, offload.BadBundle)):
        with contextlib.suppress(kind):
            list(read(Counting(content), 0, len(content)))


PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": lambda content: zlib.compress(content, 9),
    "xz": lzma.compress,
    "lzma": lambda content: lzma.compress(content, format=lzma.FORMAT_ALONE),
    "zstd": zstd.compress,
    "lz4": lambda content: b"\x1f" + content[:1] + b"\1\0" + b"\xff" * (len(content) // 255) + b"\0",
}


@pytest.mark.parametrize("form", PACKERS)
def test_a_bomb_is_not_unpacked(form: str) -> None:
    """A block that would unpack to a hundred megabytes where eight kilobytes may be is refused, and takes no more memory than its dictionary."""
    bomb = PACKERS[form](b"x" * (100 << 20))
    tracemalloc.start()
    try:
        with pytest.raises(BadBlock):
            unpack(form, bomb, 8192)
        assert tracemalloc.get_traced_memory()[1] < 12 << 20
    finally:
        tracemalloc.stop()


@given(st.binary(max_size=400), st.integers(1, 20), st.sampled_from(("gzip", "xz", "lzma", "zstd")))
def test_a_block_is_unpacked_to_what_it_was(content: bytes, times: int, form: str) -> None:
    """Every way of compression gives back what was put in, at exactly the size that is allowed."""
    assert unpack(form, PACKERS[form](content * times), len(content) * times) == content * times


@settings(deadline=2000)
@given(st.binary(max_size=200), st.sampled_from(("gzip", "xz", "lzma", "zstd", "lz4", "lzo", "")))
def test_a_block_of_noise_is_refused_or_small(noise: bytes, form: str) -> None:
    """A block that is none is an error, and never more than it may be."""
    with contextlib.suppress(BadBlock):
        assert len(unpack(form, noise, 1000)) <= 1000


def test_sections_that_lie_over_each_other_are_read_once() -> None:
    """A file of a thousand sections that all are the same stretch of GPU code costs no more than one that has it once."""
    code = (FIXTURES / "gpu-raw.o").read_bytes()
    found = elf.parse(Counting(code))
    assert found is not None
    section = next(iter(found.named(".nv_fatbin")))
    payload = code[section.offset : section.offset + section.size]
    content = bytearray(Made(sections=((".nv_fatbin", payload), *((".nv_fatbin", b"") for _ in range(1000)))).built())
    table, count = int.from_bytes(content[40:48], "little"), int.from_bytes(content[60:62], "little")
    first = bytes(content[table + 64 * 3 : table + 64 * 4])
    for number in range(4, count - 1):
        content[table + 64 * number : table + 64 * (number + 1)] = first
    fact = Looking().look("x.so", Counting(bytes(content)))
    assert fact is not None
    assert sum(piece[3] for _, _, pieces in fact["gpu"] for piece in pieces) <= len(payload)


def test_a_sif_in_pieces_ends_in_an_answer() -> None:
    """A SIF that is cut off or whose list is changed gives an answer or an error of its own."""
    good = made_sif((FIXTURES / "gzip.squashfs").read_bytes())
    for place in range(0, 1400, 3):
        walk_sif(good[:place])
        for value in (b"\xff" * 8, bytes(8), b"\x7f"):
            walk_sif(good[:place] + value + good[place + len(value) :])
