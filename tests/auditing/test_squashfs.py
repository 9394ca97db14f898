from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING

import pytest
from inspected import FIXTURES, made_sif

from hpcgen.auditing import sif, tables
from hpcgen.auditing.reading import BytesReader, CannotRead, PartReader
from hpcgen.auditing.squashed import SquashedReader, stored
from hpcgen.auditing.squashfs import BadSquashfs, Inode, Squashfs

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from hpcgen.auditing.reading import Reader

FORMS = ("gzip", "xz", "lzma", "lz4", "zstd")
LINES = "".join(f"{number}\n" for number in range(1, 4001)).encode()
SPARSE = bytes(100_000) + "".join(f"{number}\n" for number in range(5000, 5011)).encode()
CONTENT = {
    "lines": LINES,
    "same": LINES,
    "folder/linked": LINES,
    "zeros": bytes(10000),
    "sparse": SPARSE,
    "empty": b"",
    "folder/small": b"small\n",
    "folder/deep/smaller": b"smaller\n",
    **{f"many/a-name-that-is-rather-long-{number}": f"{number}\n".encode() for number in range(1, 301)},
}
"""What tests/auditing/files/make puts into the images."""


def image(form: str) -> Squashfs:
    """A kept image."""
    return Squashfs(BytesReader((FIXTURES / f"{form}.squashfs").read_bytes()))


def tree(found: Squashfs) -> Mapping[str, Inode]:
    """Its names."""
    return {name.path: name.inode for name in found.names()}


def content(found: Squashfs, inode: Inode) -> bytes:
    """What a file holds."""
    return SquashedReader(found, inode).read(0, inode.size)


@pytest.mark.parametrize("form", FORMS)
def test_files_are_read_as_they_were_packed(form: str) -> None:
    """Every file of an image has the bytes that mksquashfs was given, whichever way it is compressed."""
    found = image(form)
    assert {path: content(found, inode) for path, inode in tree(found).items() if inode.kind == tables.FILE} == CONTENT


def test_kinds_modes_links_and_numbers_are_read() -> None:
    """Folders, links, pipes, modes and the names of one file are what they were."""
    names = tree(image("gzip"))
    assert {path for path, inode in names.items() if inode.kind == tables.FOLDER} == {"", "folder", "folder/deep", "many"}
    assert (names["folder/link"].kind, names["folder/link"].target) == (tables.LINK, "../lines")
    assert names["pipe"].kind == tables.PIPE
    assert names["folder/small"].mode == 0o4755
    assert names["lines"].number == names["folder/linked"].number != names["same"].number
    assert (names["sparse"].size, names["sparse"].holes) == (len(SPARSE), 24)


@pytest.mark.parametrize("form", FORMS)
def test_the_bytes_of_files_are_the_bytes_of_the_image(form: str) -> None:
    """What all files take up together is all of the image that is no table, within one per cent."""
    found = image(form)
    inodes = list(tree(found).values())
    assert sum(stored(found, inodes)) == pytest.approx(found.content, rel=0.01)


def test_equal_files_are_charged_once() -> None:
    """Of files that share their blocks, the first has them, and further names and copies cost nothing."""
    found = image("gzip")
    names = tree(found)
    bytes_of = dict(zip(names, stored(found, list(names.values())), strict=True))
    assert sorted(bytes_of[path] > 0 for path in ("lines", "same", "folder/linked")) == [False, False, True]
    assert bytes_of["zeros"] == 0
    assert 0 < bytes_of["sparse"] < 300


def test_ends_of_files_share_a_block_by_their_length() -> None:
    """A block that holds several files' ends is divided by what each has of it, to the byte."""
    found = image("gzip")
    names = tree(found)
    inodes = list(names.values())
    shares = stored(found, inodes)
    block = names["many/a-name-that-is-rather-long-200"].fragment
    alone = [(one, share) for one, share in zip(inodes, shares, strict=True) if one.kind == tables.FILE and one.fragment == block and not one.blocks]
    assert len(alone) > 100
    whole = found.fragment(block)[1] & 0xFFFFFF
    used = sum(one.size for one, _ in alone)
    assert all(abs(share - whole * one.size / used) <= 1 for one, share in alone)


@pytest.mark.parametrize(("offset", "size"), [(0, 1), (4095, 2), (8000, 5000), (len(LINES) - 3, 100), (len(LINES), 5), (-1, 5)])
def test_parts_of_files_are_read_at_any_place(offset: int, size: int) -> None:
    """A part of a file is that part, over blocks and up to its end; beyond it there is nothing."""
    found = image("zstd")
    reader = SquashedReader(found, tree(found)["lines"])
    assert reader.read(offset, size) == (LINES[offset : offset + size] if offset >= 0 else b"")


def test_what_is_not_read_is_refused_by_name() -> None:
    """An image that is compressed with LZO, of an old version, or cut off is an error that says so."""
    good = (FIXTURES / "gzip.squashfs").read_bytes()
    for data, said in (
        ((FIXTURES / "lzo.squashfs").read_bytes(), "compressed with lzo"),
        (good[:28] + b"\3" + good[29:], "version 3.0"),
        (good[:20] + b"\x63" + good[21:], "number 99"),
        (good[:-4000], "cut off"),
        (good[:50], "does not begin"),
        (b"sqsh" + good[4:], "does not begin"),
    ):
        with pytest.raises(BadSquashfs, match=said):
            Squashfs(BytesReader(data))


def test_a_damaged_block_is_told_when_it_is_read() -> None:
    """A file whose block is damaged can be listed, and reading it is an error."""
    good = image("gzip")
    data = bytearray((FIXTURES / "gzip.squashfs").read_bytes())
    inode = tree(good)["lines"]
    data[inode.start : inode.start + 20] = bytes(20)
    found = Squashfs(BytesReader(bytes(data)))
    with pytest.raises(CannotRead, match="zlib"):
        content(found, tree(found)["lines"])


def rewritten(change: Callable[[bytearray, bytearray], None]) -> Squashfs:
    """An image whose tables of inodes and folders somebody forged: both become blocks that are not compressed."""
    good = image("gzip")
    inodes, listings = bytearray(good.inodes.data), bytearray(good.listings.data)
    change(inodes, listings)
    found = image("gzip")
    found.inodes.data, found.listings.data = bytes(inodes), bytes(listings)
    return found


def test_a_folder_in_itself_ends() -> None:
    """A tree that somebody made to lead back into itself is an error, and no endless walk."""
    good = image("gzip")
    names = tree(good)
    own, offset, size = names["folder"].listing
    inode = struct.pack("<IIHH", own, 3, size + 3, offset)

    def change(inodes: bytearray, listings: bytearray) -> None:
        place = inodes.find(inode)
        assert place > 0
        block, offset, size = names[""].listing
        inodes[place : place + 12] = struct.pack("<IIHH", block, 3, size + 3, offset)

    with pytest.raises(BadSquashfs, match="two places"):
        list(rewritten(change).names())


def test_a_name_that_leads_out_is_refused() -> None:
    """A name that is a path, or the folder above, is an error."""
    for name in (b"../xxx", b"/lines"):

        def change(inodes: bytearray, listings: bytearray, name: bytes = name) -> None:
            place = listings.find(b"folder")
            listings[place : place + 6] = name

        with pytest.raises(BadSquashfs, match="a name is none"):
            list(rewritten(change).names())


def test_a_file_with_more_blocks_than_the_table_is_refused() -> None:
    """A size that would need millions of blocks is compared with the table before a list of them is made."""

    def change(inodes: bytearray, listings: bytearray) -> None:
        size = struct.pack("<I", len(SPARSE))
        assert size in inodes or struct.pack("<Q", len(SPARSE)) in inodes
        place = inodes.find(size)
        inodes[place : place + 4] = b"\xff\xff\xff\x7f"

    with pytest.raises(BadSquashfs):
        list(rewritten(change).names())


def test_a_table_that_unpacks_to_more_than_it_may_is_refused() -> None:
    """A block of a table that holds more than eight kilobytes is refused before it is unpacked to its end."""
    bomb = zlib.compress(bytes(50 << 20), 9)[:8000]
    data = bytearray((FIXTURES / "gzip.squashfs").read_bytes())
    start = image("gzip").head.inode_table
    data[start : start + 2] = struct.pack("<H", len(bomb))
    data[start + 2 : start + 2 + len(bomb)] = bomb
    with pytest.raises(BadSquashfs):
        Squashfs(BytesReader(bytes(data)))


# --- SIF ---


def test_a_sif_gives_its_parts() -> None:
    """The definition file of a SIF is its text, its primary partition a squashfs that is read in its place."""
    data = made_sif((FIXTURES / "gzip.squashfs").read_bytes())
    found = sif.parse(BytesReader(data))
    root = found.root()
    assert sif.is_sif(data[:64])
    assert found.text(sif.DEFINITION).startswith("bootstrap: docker")
    assert (root.architecture, root.name, found.created) == ("amd64", "root", 1)
    part: Reader = PartReader(BytesReader(data).read, root.offset, root.size)
    assert len(tree(Squashfs(part))) == len(tree(image("gzip")))


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (made_sif(b"x", file_system=2), "root file system is ext3"),
        (made_sif(b"x", file_system=5), "encrypted"),
        (made_sif(b"x", role=3), "no primary partition, but definition file, partition"),
        (made_sif(b"x" * 100, size=10_000), "cut off"),
        (made_sif(b"x")[:200], "list of its parts"),
        (b"#!/bin/sh\n", "does not begin"),
    ],
)
def test_a_sif_that_is_not_read_says_why(data: bytes, said: str) -> None:
    """A SIF without a squashfs to read, and one that is cut off, are errors that name the reason."""
    with pytest.raises(sif.BadSif, match=said):
        sif.parse(BytesReader(data)).root()
