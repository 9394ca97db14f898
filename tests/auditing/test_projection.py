from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any, cast

import pytest
from backports import zstd
from hypothesis import given
from hypothesis import strategies as st
from inspected import case

from hpcgen.auditing import compression_findings, findings, projection
from hpcgen.auditing.packing import BLOCK
from hpcgen.auditing.projection import _Layout
from hpcgen.auditing.reading import CannotRead
from hpcgen.auditing.report import Figure, Layer
from hpcgen.frozen import evolve

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hpcgen.auditing.case import Case

MB = 1 << 20
WORDS = [f"word{number} ".encode() for number in range(3000)]


def text(size: int, seed: int) -> bytes:
    """Bytes that compress, some better than others."""
    dice = random.Random(seed)  # noqa: S311 (nothing is to be kept secret)
    some = WORDS[: 10 + dice.randrange(len(WORDS) - 10)]
    return b"".join(dice.choices(some, k=size // 5))[:size]


def noise(size: int, seed: int = 0) -> bytes:
    """Bytes that do not."""
    return random.Random(seed).randbytes(size)  # noqa: S311 (the same)


def sif(made: Case, copies: Sequence[Sequence[int]] = (), *, sample: int = 0) -> Figure:
    """How large a SIF of an image would be."""
    return projection.project(made, copies, sample=sample)[0]


class Kept:
    """What was kept of an image that came by as a stream: nothing."""

    def reader(self, row: int) -> None:
        """No file's content can be had."""


def test_what_came_by_as_a_stream_is_not_projected() -> None:
    """Where nothing can be read again, no size is told, instead of that of tables alone."""
    made = case({"noise": noise(MB), "text": text(MB, 1)})
    assert projection.is_readable(made)
    gone = evolve(made, contents=cast("Any", Kept()))
    assert not projection.is_readable(gone)
    assert projection.is_readable(case({}))


@given(st.lists(st.integers(1, 3 * BLOCK), max_size=12))
def test_every_byte_lies_in_one_block(sizes: list[int]) -> None:
    """The blocks of an image hold all bytes of its files once, none is longer than a block, and each byte's own block is one of them."""
    made = case({f"f{number}": size for number, size in enumerate(sizes)})
    layout = _Layout(made, list(made.regular()))
    pieces = layout.all()
    assert sum(piece.size for piece in pieces) == layout.total == sum(sizes)
    assert all(0 < piece.size <= BLOCK and piece.size == sum(size for _, _, size in piece.parts) for piece in pieces)
    held = {row: sorted((offset, size) for piece in pieces for one, offset, size in piece.parts if one == row) for row in range(len(sizes))}
    assert {row: sum(size for _, size in parts) for row, parts in held.items()} == dict(enumerate(sizes))
    assert all(layout.at(place) in pieces for place in range(0, layout.total, max(1, layout.total // 9)))


def test_noise_is_kept_as_it_is_and_zeros_cost_nothing() -> None:
    """A file that does not compress takes its own bytes, one of zeros none, and tables and headers are added."""
    tables = sif(case({})).bytes
    assert tables < 100_000
    assert sif(case({"zeros": bytes(MB)})).bytes == pytest.approx(tables, abs=8192)
    assert sif(case({"noise": noise(MB)})).bytes == pytest.approx(tables + MB, abs=8192)


def test_copies_are_stored_once() -> None:
    """Equal files count once, as mksquashfs stores them."""
    made = case({"a": noise(MB), "b": noise(MB), "c": noise(MB, 1)})
    assert sif(made, [[0, 1]]).bytes == pytest.approx(sif(case({"a": noise(MB), "c": noise(MB, 1)})).bytes, abs=8192)


def test_a_sample_tells_its_interval() -> None:
    """What a sample tells is near what all blocks tell, and says how near; all blocks tell it best, and the same sample tells the same."""
    files = {f"f{number}": text(300_000 + 5000 * number, number) if number % 3 else noise(200_000, number) for number in range(60)}
    made = case(files)
    whole, large, small = sif(made, sample=100 * MB), sif(made, sample=10 * MB), sif(made, sample=4 * MB)
    assert small.low <= whole.bytes <= small.high
    assert large.low <= whole.bytes <= large.high
    assert whole.high - whole.low < 0.5 * min(one.high - one.low for one in (large, small))
    assert max(one.high - one.low for one in (large, small)) < 0.9 * whole.bytes
    assert sif(made, sample=4 * MB) == small


def test_compressed_layers_are_taken_by_their_compressed_bytes() -> None:
    """Files that went by in compressed layers are not read again: what they took there tells what they will take."""
    made = case({"a": noise(MB), "b": noise(MB)}, layers=(Layer(0, compression="gzip"), Layer(1, compression="none")))
    made.files.layers[1] = 1
    made.files.pulls = made.files.sizes[:]
    made.files.pulls[0] = 400_000
    found = sif(made)
    assert found.bytes == pytest.approx(400_000 * 1.02 + MB + sif(case({})).bytes, abs=8192)
    assert found.low < found.bytes < found.high


def test_what_cannot_be_read_is_left_out() -> None:
    """A file whose bytes cannot be had stops nothing."""
    made = case({"a": noise(MB), "b": 5000})

    class Broken:
        size = 5000

        def read(self, offset: int, size: int) -> bytes:
            raise CannotRead("cut off")

    reader = made.contents.reader
    made.contents.reader = lambda row: Broken() if row == 1 else reader(row)  # type: ignore[method-assign]
    assert sif(made).bytes == pytest.approx(sif(case({"a": noise(MB)})).bytes, abs=12_000)


def test_an_image_has_its_size_as_sif_and_a_sif_its_better_compression() -> None:
    """Findings of an image bring the size that a SIF of it would have; those of a SIF what zstd would save of it."""
    tree: dict[str, Any] = {f"f{number}": text(400_000, number) for number in range(40)}
    found = findings.find(case(tree))
    assert found.sif is not None
    assert found.sif.bytes < sum(map(len, tree.values()))
    made = case(tree, is_sif=True, layers=(Layer(0, compression="gzip"),))
    made.files.sifs = made.files.sizes[:]
    assert findings.find(made).sif is None
    saving = next(one for one in compression_findings.find(made)).saving.sif
    blocks = list(projection.blocks(made, 32))
    part = 1 - sum(len(zstd.compress(one, 15)) for one in blocks) / sum(len(one) * projection.packed(one) for one in blocks)
    assert saving == pytest.approx(sum(made.files.sizes) * part, rel=0.01)
    assert not list(compression_findings.find(case(tree, is_sif=True, layers=(Layer(0, compression="zstd"),))))


def test_layers_that_zstd_would_make_smaller_are_told() -> None:
    """What zstd saves of the blocks that were packed both ways is told of the layers that are sent as gzip, the base's left out."""
    layers = (
        Layer(0, compression="gzip", pull=500 * MB, is_base=True),
        Layer(1, compression="gzip", pull=100 * MB),
        Layer(2, compression="zstd", pull=100 * MB),
    )
    made = case({"a": 20 * MB}, layers=layers)
    made.contents.fact = lambda row: {"sample": [BLOCK, 50_000, 45_000]}  # type: ignore[method-assign]
    (found,) = compression_findings.find(made)
    assert found.saving.pull == pytest.approx(10 * MB, abs=1)
    assert (found.confidence, found.count) == ("estimated", 1)
    assert [one.layer for one in found.evidence] == [1]
