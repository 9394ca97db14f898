from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from archives import Entry, layer, oci_archive
from parts import part_of
from stacks import random_stack

from hpcgen.auditing import audit, caching
from hpcgen.auditing.index import Index
from hpcgen.auditing.looking import Looking

if TYPE_CHECKING:
    from hpcgen.auditing.report import Report

LAYERS = [layer([*entries, Entry(f"of-{at}", bytes(5000))]) for at, entries in enumerate(random_stack(5))]


def kept(cache: Path) -> list[Path]:
    """The files of a cache."""
    return sorted(one for one in cache.rglob("*") if one.is_file())


def same(one: Report, other: Report) -> bool:
    """Whether two audits say the same of files."""
    pairs = [
        (first.files.paths, list(first.files.sizes), list(first.files.pulls or ()), first.wastes.paths, first.totals, first.dive)
        for first in (one, other)
    ]
    return pairs[0] == pairs[1]


def test_a_second_audit_reads_the_cache(tmp_path: Path) -> None:
    """The second audit of an image takes the index of each compressed layer from the cache, and says the same."""
    image, cache = oci_archive(tmp_path / "a.tar", LAYERS), tmp_path / "cache"
    first, second = (audit(image, cache=str(cache)) for _ in range(2))
    assert [one.from_cache for one in first.layers] == [False] * len(LAYERS)
    assert [one.from_cache for one in second.layers] == [True] * len(LAYERS)
    assert same(first, second)
    assert len(kept(cache)) == len(LAYERS)


def test_a_shared_base_is_read_once(tmp_path: Path) -> None:
    """An image upon a base that was audited before reads its own layers alone."""
    cache = str(tmp_path / "cache")
    audit(oci_archive(tmp_path / "base.tar", LAYERS[:-1]), cache=cache)
    report = audit(oci_archive(tmp_path / "image.tar", LAYERS), cache=cache)
    assert [one.from_cache for one in report.layers] == [True] * (len(LAYERS) - 1) + [False]


def damage(file: Path, place: int) -> None:
    """Changes some bits of a byte."""
    content = bytearray(file.read_bytes())
    content[place] ^= 0x55
    file.write_bytes(content)


@pytest.mark.parametrize("place", [0, 31, 32, 40, -1])
def test_a_damaged_cache_is_made_again(place: int, tmp_path: Path) -> None:
    """A file of the cache in which a bit has changed is not believed, and written anew."""
    image, cache = oci_archive(tmp_path / "a.tar", LAYERS), tmp_path / "cache"
    first = audit(image, cache=str(cache))
    for file in kept(cache):
        damage(file, place)
    second = audit(image, cache=str(cache))
    assert not any(one.from_cache for one in second.layers)
    assert same(first, second)
    assert all(one.from_cache for one in audit(image, cache=str(cache)).layers)


def test_a_cache_that_cannot_be_written_is_none(tmp_path: Path) -> None:
    """Where nothing can be kept, the audit is made all the same."""
    (tmp_path / "cache").write_text("a file is in its place")
    assert audit(oci_archive(tmp_path / "a.tar", LAYERS), cache=str(tmp_path / "cache")).totals.stored


def test_a_digest_that_lies_gets_nobody_elses_index(tmp_path: Path) -> None:
    """A blob under another one's digest is read for itself."""
    one, other = part_of(b"a" * 100), part_of(b"b" * 100)
    assert caching.key(one, "sha256:aa", None) != caching.key(other, "sha256:aa", None)
    assert caching.key(one, "sha256:aa", None) != caching.key(one, "sha256:aa", Looking())
    assert caching.key(one, "", None) == ""
    assert caching.load(str(tmp_path), "nothing") is None


def test_what_was_not_whole_is_not_kept(tmp_path: Path) -> None:
    """The index of a layer that could not be read to its end is not kept."""
    image = Path(oci_archive(tmp_path / "a.tar", [layer([Entry("a", os.urandom(100_000))])]))
    content = bytearray(image.read_bytes())
    content[60_000:60_100] = bytes(100)
    image.write_bytes(content)
    assert audit(str(image), cache=str(tmp_path / "cache")).is_partial
    assert kept(tmp_path / "cache") == []


def test_all_of_an_index_is_kept(tmp_path: Path) -> None:
    """An index comes back from the cache with every column and every fact."""
    index = Index(
        names=["a", "caf\udce9/b"],
        types=bytearray(b"02"),
        links={1: "x\udce9"},
        said={0: 7},
        archive=99,
        digests={0: bytes(16)},
        facts={0: {"elf": {"bits": 64}}},
        refused=[1],
        notes=["odd"],
    )
    for column in (index.sizes, index.modes, index.offsets):
        column.extend((3, 1 << 40))
    caching.save(str(tmp_path), "name", index)
    found = caching.load(str(tmp_path), "name")
    assert found is not None
    assert all(
        getattr(found, name) == getattr(index, name)
        for name in ("names", "types", "sizes", "modes", "offsets", "links", "said", "archive", "digests", "facts", "refused", "notes")
    )
