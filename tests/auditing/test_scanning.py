from __future__ import annotations

import io
import random
import tarfile
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from archives import Entry, hard, layer, link, squeezed
from hypothesis import given, settings
from hypothesis import strategies as st
from parts import part_of, reading

from hpcgen.auditing.flowing import Flow, Lying
from hpcgen.auditing.index import FOLDER, HARD_LINK, REGULAR, SYMLINK, Index
from hpcgen.auditing.layering import flow, headers
from hpcgen.auditing.scanning import scan

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hpcgen.auditing.inflating import Read

FORMS = {"ustar": tarfile.USTAR_FORMAT, "gnu": tarfile.GNU_FORMAT, "pax": tarfile.PAX_FORMAT}


def lying(content: bytes) -> Index:
    """The index of an archive in memory."""
    part = part_of(content)
    return scan(Lying(part.pread, part.start, part.size))


def flowing(content: bytes, how: str = "none") -> Index:
    """The same of one that goes by."""
    return flow(how, reading(squeezed(content, how)), None, lambda taken: None)


def columns(index: Index) -> tuple[object, ...]:
    """All that an index says of entries."""
    return (index.names, bytes(index.types), list(index.sizes), list(index.modes), list(index.offsets), index.links, index.said, index.faults)


NAMES = st.text(st.characters(codec="utf-8", exclude_characters="/\0"), min_size=1, max_size=60).filter(
    lambda name: name not in {".", ".."}
)
PATHS = st.lists(NAMES, min_size=1, max_size=5).map("/".join)
ENTRIES = (
    st.builds(
        Entry,
        PATHS,
        st.binary(max_size=2000),
        st.just(tarfile.REGTYPE),
        mode=st.integers(0, 0o7777),
    )
    | st.builds(link, PATHS, PATHS)
    | st.builds(hard, PATHS, PATHS)
)


@pytest.mark.parametrize("form", ["gnu", "pax"])
@given(entries=st.lists(ENTRIES, max_size=12))
@settings(max_examples=60, deadline=None)
def test_headers_say_what_tarfile_reads(form: str, entries: list[Entry]) -> None:
    """Names, kinds, sizes, modes, places and links of an archive are those that Python's tarfile finds in it, however it is read."""
    content = layer(entries, FORMS[form])
    found = lying(content)
    with tarfile.open(fileobj=io.BytesIO(content)) as tar:
        said = tar.getmembers()
    assert found.names == [one.name for one in said]
    assert [chr(kind) for kind in found.types] == [one.type.decode() for one in said]
    assert list(found.sizes) == [one.size if one.isreg() else 0 for one in said]
    assert list(found.modes) == [one.mode for one in said]
    assert [found.offsets[at] for at, one in enumerate(said) if one.isreg()] == [one.offset_data for one in said if one.isreg()]
    assert found.links == {at: one.linkname for at, one in enumerate(said) if one.islnk() or one.issym()}
    assert found.faults == []
    assert columns(found) == columns(flowing(content))


@pytest.mark.parametrize("how", ["none", "gzip", "zstd"])
def test_compressed_layers_say_the_same(how: str) -> None:
    """An archive has the same index however it is compressed, and each entry its part of the compressed bytes."""
    entries = [Entry(f"d{at // 10}/file{at}", bytes([at % 251]) * (at * 37 % 9000)) for at in range(2000)]
    content = layer(entries)
    found = flowing(content, how)
    assert columns(found) == columns(lying(content))
    if how != "none":
        assert found.pulls is not None
        assert min(found.pulls) >= 0
        assert 0 <= len(squeezed(content, how)) - sum(found.pulls) < 200


def test_content_that_went_by_has_checksums() -> None:
    """Equal content has equal checksums, other content others, wherever pieces are cut."""
    same, other = b"a" * 700_000, b"a" * 699_999 + b"b"
    found = flowing(layer([Entry("one", same), Entry("two", other), Entry("three", same), Entry("empty")]), "gzip")
    assert found.digests[0] == found.digests[2] != found.digests[1]
    assert 3 not in found.digests


def header(**fields: bytes) -> bytearray:
    """A header of which some fields are written over, with a right checksum."""
    block = bytearray(layer([Entry("name", b"x" * 10)])[:512])
    places = {"name": 0, "size": 124, "kind": 156, "linkname": 157, "magic": 257, "prefix": 345, "sparse": 386, "extended": 482, "real": 483}
    for field, value in fields.items():
        block[places[field] : places[field] + len(value)] = value
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    return block


END = bytes(1024)


def test_sizes_beyond_eight_gibibytes() -> None:
    """A size in base 256, which octal digits have no room for, is read, though the archive is shorter."""
    found = lying(bytes(header(size=b"\x80" + (9 << 30).to_bytes(11, "big"))) + bytes(512))
    assert list(found.sizes) == [9 << 30]
    assert found.faults == ["it ends after 1024 bytes, within a file's content"]


def test_old_sparse_files_count_what_is_stored() -> None:
    """A sparse file of GNU's old form has the bytes that are stored, and beside them those that its header says; its map may go on in further blocks."""
    first = header(kind=b"S", size=b"00000001000\0", extended=b"\1", real=b"00010000000\0")
    further = bytearray(512)
    content = bytes(first + further) + b"x" * 512 + layer([Entry("next", b"y")])
    found = lying(content)
    assert (found.names, list(found.sizes), found.said) == (["name", "next"], [512, 1], {0: 0o10000000})
    assert found.offsets[0] == 1024


def test_pax_sparse_files_count_what_is_stored() -> None:
    """A sparse file of the PAX form has its real name, the bytes that are stored, and beside them those that it would have."""
    record = b"".join(
        b"%d %s" % (len(one) + 3, one) for one in (b"GNU.sparse.name=real/nam\n", b"GNU.sparse.realsize=1234\n", b"GNU.sparse.major=1\n")
    )
    content = bytes(header(kind=b"x", size=b"%011o\0" % len(record))) + record.ljust(512, b"\0") + layer([Entry("GNUSparseFile.1/x", b"y" * 20)])
    found = lying(content)
    assert (found.names, list(found.sizes), found.said) == (["real/nam"], [20], {0: 1234})


def test_a_global_header_tells_nothing() -> None:
    """A global extended header changes no entry, as with container engines, and is noted."""
    record = b"13 path=evil\n"
    content = bytes(header(kind=b"g", size=b"%011o\0" % len(record))) + record.ljust(512, b"\0") + layer([Entry("good", b"y")])
    found = lying(content)
    assert (found.names, found.notes) == (["good"], ["it has a global extended header"])


@pytest.mark.parametrize(
    ("name", "clean"),
    [
        ("./a", "a"),
        ("/a/b", "a/b"),
        ("a//b/", "a/b"),
        ("../../a", "a"),
        ("a/../b", "b"),
        ("a/./b", "a/b"),
        ("./", ""),
        (".", ""),
        ("//x", "x"),
        ("a/..", ""),
    ],
)
def test_names_are_relative_to_the_root(name: str, clean: str) -> None:
    """A name is what it names below the root, and none leads out of it."""
    assert lying(bytes(header(name=name.encode() + b"\0\0\0\0", size=b"00000000000")) + END).names == [clean]


def test_names_that_are_no_utf8_are_kept() -> None:
    """Bytes of a name that are no UTF-8 are kept as surrogates, as Python's own functions do."""
    found = lying(bytes(header(name=b"caf\xe9\0", size=b"00000000000")) + END)
    assert found.names == ["caf\udce9"]


def test_links_have_no_content() -> None:
    """A link, a device or a folder has no content, whatever size its header says; that is only remembered."""
    for kind in (HARD_LINK, SYMLINK, FOLDER, ord("3"), ord("4"), ord("6")):
        found = lying(bytes(header(kind=bytes([kind]), linkname=b"target\0")) + layer([Entry("next", b"y")]))
        assert (found.names, list(found.sizes), found.said) == (["name", "next"], [0, 1], {0: 10})


def test_old_kinds_of_files_are_files() -> None:
    """The kinds that old archives and contiguous files have are files, and folders where the name ends so."""
    found = [
        lying(bytes(header(kind=kind, name=name + b"\0", size=b"00000000000")) + END).types[0]
        for kind, name in ((b"\0", b"f"), (b"7", b"f"), (b"\0", b"f/"))
    ]
    assert found == [REGULAR, REGULAR, FOLDER]


def test_missing_end_blocks_are_no_fault() -> None:
    """An archive that ends with its last file, without the blocks of zeros, is whole."""
    content = layer([Entry("a", b"x" * 512)])[:1024]
    assert lying(content).faults == flowing(content).faults == []


GOOD = layer([Entry(f"d/f{at}", bytes([at]) * (at * 700 % 5000)) for at in range(30)])


@given(cut=st.integers(0, len(GOOD) - 1))
@settings(max_examples=150, deadline=None)
def test_what_is_cut_off_is_read_as_far_as_it_goes(cut: int) -> None:
    """Of an archive that is cut off anywhere, what is left is found, and where anything is missing that is said."""
    whole = lying(GOOD)
    for found in (lying(GOOD[:cut]), flowing(GOOD[:cut])):
        assert found.names == whole.names[: len(found)]
        ends = [offset + size for offset, size in zip(whole.offsets, whole.sizes, strict=True)]
        assert found.faults or cut >= ends[-1] or cut in {0, *((end + 511) & -512 for end in ends)}


@given(changes=st.lists(st.tuples(st.integers(0, len(GOOD) - 1), st.integers(0, 255)), min_size=1, max_size=8))
@settings(max_examples=200, deadline=None)
def test_damage_is_a_fault_and_no_crash(changes: list[tuple[int, int]]) -> None:
    """Bytes that are changed anywhere lead to the same answer or to a fault, the same however the archive is read, and never to a crash."""
    damaged = bytearray(GOOD)
    for place, value in changes:
        damaged[place] = value
    found, passed = lying(bytes(damaged)), flowing(bytes(damaged))
    assert (found.names, list(found.sizes), bool(found.faults)) == (passed.names, list(passed.sizes), bool(passed.faults))
    assert all(size >= 0 for size in found.sizes)


@given(content=st.binary(max_size=3000))
@settings(max_examples=100, deadline=None)
def test_anything_else_is_no_archive(content: bytes) -> None:
    """Whatever bytes are read as an archive, compressed or not, the answer comes, with a fault or empty."""
    for found in (lying(content), *(flowing_raw(content, how) for how in ("none", "gzip", "zstd"))):
        assert found.faults or not len(found)


def flowing_raw(content: bytes, how: str) -> Index:
    """The index of what is said to be so compressed."""
    return flow(how, reading(content), None, lambda taken: None)


@pytest.mark.parametrize("how", ["gzip", "zstd"])
def test_a_compressed_layer_that_is_cut_off(how: str) -> None:
    """A compressed layer that ends early is read as far as it goes, and the fault names the stream."""
    chance = random.Random(1)  # noqa: S311 (the same every time)
    packed = squeezed(layer([Entry(f"f{at}", chance.randbytes(50_000)) for at in range(60)]), how)
    found = flowing_raw(packed[: len(packed) // 2], how)
    assert len(found) > 0
    assert found.faults
    assert how in found.faults[0]


def test_zeros_without_end_are_left_early() -> None:
    """What stands behind the blocks that end an archive is read only so far, however much there is."""
    content = iter([GOOD, *[bytes(1 << 20)] * 100])
    found = flow("none", reading_of(content), None, lambda taken: None)
    assert len(found) == 30
    assert "stand behind its end" in found.faults[0]
    assert next(content, None) is not None


def reading_of(pieces: Iterator[bytes]) -> Read:
    """What reads onwards through pieces, whatever size is asked for."""
    return lambda size, /: next(pieces, b"")


def test_extended_headers_have_a_limit() -> None:
    """An extended header of gigabytes is not read into memory."""
    found = lying(bytes(header(kind=b"x", size=b"17777777777")) + bytes(4096))
    assert "an extended header of" in found.faults[0]


@pytest.mark.parametrize("record", [b"99999 path=x\n", b"0 path=x\n", b"x path=x\n", b"6 path", b"-1 a=b\n", b"\xff\xff"])
def test_records_that_lie_are_faults(record: bytes) -> None:
    """A record of an extended header whose length is wrong is a fault."""
    found = lying(bytes(header(kind=b"x", size=b"%011o\0" % len(record))) + record.ljust(512, b"\0") + END)
    assert "extended header" in found.faults[0]


def test_windows_do_not_change_the_answer() -> None:
    """Small files and large ones mixed, so that windows shrink and grow, give the places that they have."""
    sizes = [0, 1, 511, 512, 513, 300_000, 7, 0, 140_000, 9, 131_072, 5] * 8
    content = layer([Entry(f"f{at}", bytes(size)) for at, size in enumerate(sizes)])
    found = lying(content)
    assert list(found.sizes) == sizes
    assert all(after - before == 512 + (size + 511) // 512 * 512 for (before, after), size in zip(pairwise(found.offsets), sizes, strict=False))


def test_a_flow_gives_what_was_passed_again() -> None:
    """Bytes asked for at a place that is not yet passed are those of the archive, however small its pieces."""
    content = bytes(range(256)) * 40
    stream = Flow("none", reading(content, most=100), lambda taken: None)
    assert stream.exactly(150, 900) == content[150:1050]
    assert stream.window(1000)[:512] == content[1000:1512]
    assert b"".join(bytes(one) for one in stream.pour(1100, 3000)) == content[1100:4100]
    assert stream.exactly(len(content) - 10, 50) == content[-10:]


def test_plain_layers_are_hardly_read() -> None:
    """Of a plain layer that lies in a file little more than headers is read."""
    content = layer([Entry(f"f{at}", bytes(1_000_000)) for at in range(20)])
    part = part_of(content)
    read: list[int] = []

    def pread(at: int, size: int) -> bytes:
        read.append(size)
        return part.pread(at, size)

    found = headers(type(part)(pread, 0, len(content)), None)
    assert len(found) == 20
    assert sum(read) < len(content) / 20
