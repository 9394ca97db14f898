"""What a registry would send of layers that are not compressed."""

from __future__ import annotations

import gzip
import io
import os
import random
from typing import TYPE_CHECKING

import pytest
from archives import Entry, docker_archive, layer, oci_archive
from hypothesis import given
from hypothesis import strategies as st

from hpcgen.auditing import audit
from hpcgen.auditing.index import Index
from hpcgen.auditing.layering import Part
from hpcgen.auditing.opening import Layered
from hpcgen.auditing.packing import BLOCK, Checked, both, factor_of
from hpcgen.auditing.pulling import Sample, Sampler, projected
from hpcgen.auditing.reading import CannotRead

if TYPE_CHECKING:
    from pathlib import Path

    from hpcgen.auditing.report import Figure

MB = 1 << 20


def mixed(size: int, seed: int) -> bytes:
    """Bytes of which some compress well and some do not."""
    dice = random.Random(seed)  # noqa: S311 (nothing is to be kept secret)
    words = [dice.randbytes(dice.randint(3, 9)) for _ in range(500)]
    noise = dice.random() * 0.5
    return b"".join(dice.randbytes(200) if dice.random() < noise else b"".join(dice.choices(words, k=40)) for _ in range(size // 200))[:size]


@pytest.fixture(scope="module")
def layers() -> list[bytes]:
    """Archives of 24 MB in all."""
    return [layer([Entry(f"usr/lib/{one}-{at}", mixed(MB * one, 10 * one + at)) for at in range(4)]) for one in (1, 2, 3)]


def pull(path: str, **words: object) -> Figure | None:
    """What the audit tells."""
    return audit(path, **words).totals.pull  # type: ignore[arg-type]


def real(layers: list[bytes]) -> int:
    """What gzip leaves."""
    return sum(len(gzip.compress(one, 6)) for one in layers)


@pytest.mark.parametrize("jobs", [1, 2, 7])
def test_of_an_archive(layers: list[bytes], tmp_path: Path, jobs: int) -> None:
    """The interval holds what gzip leaves, and is not as wide as to say nothing."""
    found = pull(docker_archive(tmp_path / "a.tar", layers), jobs=jobs)
    assert found is not None
    assert found.low <= real(layers) <= found.high
    assert found.high - found.low < found.bytes / 2
    assert found.low < found.bytes < found.high


def test_of_a_stream(layers: list[bytes], tmp_path: Path) -> None:
    """The same of an image that goes by, as engines send it."""
    path = docker_archive(tmp_path / "a.tar", layers)
    with open(path, "rb") as stream:
        found = pull("-", stdin=stream)
    assert found is not None
    assert found.low <= real(layers) <= found.high
    assert found.high - found.low < found.bytes / 2


def test_compressed_layers_are_known(layers: list[bytes], tmp_path: Path) -> None:
    """Nothing is estimated of blobs that are as they are sent."""
    found = pull(oci_archive(tmp_path / "a.tar", layers))
    assert found is not None
    assert found.is_exact


def test_headers_alone_tell_nothing(layers: list[bytes], tmp_path: Path) -> None:
    """Without a look at content nobody can tell."""
    path = docker_archive(tmp_path / "a.tar", layers)
    assert pull(path, content=False) is None
    with open(path, "rb") as stream:
        assert pull("-", stdin=stream, content=False) is None


def test_zeros_and_nothing(tmp_path: Path) -> None:
    """A layer of zeros, and one that holds nothing."""
    found = pull(docker_archive(tmp_path / "a.tar", [layer([Entry("zeros", bytes(5 * MB))]), layer([])]))
    assert found is not None
    assert found.bytes < MB // 10


def test_what_is_no_layer(tmp_path: Path) -> None:
    """A folder is never sent as such."""
    (tmp_path / "file").write_bytes(b"1")
    assert pull(str(tmp_path)) is None


def test_what_cannot_be_read() -> None:
    """Nothing is told where a block cannot be had, and nothing is printed by threads."""

    def gone(at: int, size: int) -> bytes:
        raise CannotRead("gone")

    one = Layered(Index(), compression="none", part=Part(gone, 0, 20 * MB))
    assert projected([one], (), 1) is None
    assert projected([one], (), 3) is None


@given(st.lists(st.integers(0, 5 * BLOCK), max_size=30))
def test_each_byte_that_goes_by_stands_in_one_span(sizes: list[int]) -> None:
    """What is read is what was there; the spans of the blocks are all of it."""
    content = os.urandom(1000) * (sum(sizes) // 1000 + 1)
    stream = io.BytesIO(content[: sum(sizes)])
    sampler = Sampler(stream.read)
    taken = b"".join(sampler.read(size) for size in sizes)
    assert taken == content[: sum(sizes)]
    found = sampler.samples()
    assert sum(one.span for one in found) == len(taken)
    assert all(0 <= one.quick <= 1 for one in found)
    assert not found or found[0].real >= 0


def test_mixed_sources() -> None:
    """Layers that lie somewhere, went by and are compressed, in one image."""
    lying = Layered(Index(), compression="none", part=Part(lambda at, size: bytes(size), 0, 20 * MB))
    went_by = Layered(Index(), compression="none")
    went_by.index.samples = [Sample(MB, 0.5, 0.5)] * 10
    packed = Layered(Index(), compression="gzip", size=1000)
    found = projected([lying, went_by, packed], (), 2)
    assert found is not None
    assert found.bytes == pytest.approx(1000 + 10 * MB * 0.5 / 1.02, rel=0.01)
    assert found.low <= found.bytes <= found.high
    went_by.index.samples = []
    assert projected([lying, went_by], (), 2) is None


@pytest.mark.parametrize("jobs", [1, 2, 5, 40])
@pytest.mark.parametrize("count", [0, 1, 2, 11])
def test_each_block_is_packed_once(jobs: int, count: int) -> None:
    """Each block is asked for once, whichever thread does it; every third is packed both ways."""
    asked: list[int] = []

    def block(number: int) -> bytes:
        asked.append(number)
        return bytes([number]) * 1000 + os.urandom(number * 10)

    found, checked = both(count, block, 3, jobs)
    assert sorted(asked) == list(range(count))
    assert len(found) == count
    assert found == sorted(found)
    assert len(checked) == -(-count // 3)
    assert both(count, block, 0, jobs)[1] == []


def test_factor() -> None:
    """By how much one packer is off: nothing is known of no blocks, and two that agree leave no doubt."""
    assert factor_of([]) == (1.0, 0.0)
    assert factor_of([Checked(0.4, 0.2), Checked(0.6, 0.3)]) == (0.5, 0.0)
    factor, variance = factor_of([Checked(0.4, 0.2), Checked(0.4, 0.3)])
    assert factor == pytest.approx(0.625)
    assert variance > 0
