"""What a registry would send of layers that an archive or an engine holds as they are: blocks of them, packed as engines pack what they push.

Blocks are drawn evenly along a layer's archive, headers and all. Each goes through a quick packer, and some of them through the real one, gzip at its
usual level, which tells by how much the quick one is off (double sampling).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from hpcgen.auditing.packing import BLOCK, SURE, Checked, both, factor_of, gzip, quick, ratio, spread, wider
from hpcgen.auditing.reading import CannotRead
from hpcgen.auditing.report import Figure

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from hpcgen.auditing.inflating import Read
    from hpcgen.auditing.layering import Part
    from hpcgen.auditing.opening import Layered

_EVERY = 16 << 20
"""Bytes of an archive for one block, in most images."""
_FEWEST, _MOST = 48, 96
"""Blocks of all archives, where it is known how long they are; of what goes by, the distance of two is such a part of what has been."""
_CHECKED = 8
"""Of so many blocks one is packed really."""
_OF_BLOCKS = 1.02
"""What blocks of their own cost more than one stream."""
_MODEL = 0.03
"""How far off it may be, whatever the sample: engines' own packers are not the same."""


class Sample(NamedTuple):
    """A block of a layer's archive that went by.

    Attributes:
        span: bytes of the archive that it stands for.
        quick: what the quick packer leaves of it, as a part.
        real: what gzip leaves, below 0 where it was not asked.
    """

    span: int
    quick: float
    real: float


def _distance(size: int) -> int:
    """How far two blocks are from each other, of so many bytes."""
    return max(BLOCK, min(_EVERY, size // _FEWEST), size // _MOST)


class Sampler:
    """Draws blocks of an archive that goes by.

    Args:
        read: gives its next bytes.
    """

    def __init__(self, read: Read) -> None:
        self._read = read
        self._at = self._next = 0
        self._blocks: list[tuple[int, float, float]] = []

    def read(self, size: int, /) -> bytes:
        """The next bytes."""
        found = self._read(size)
        if self._at >= self._next and found:
            block = found[:BLOCK]
            real = ratio(block, gzip) if len(self._blocks) % _CHECKED == 0 else -1.0
            self._blocks.append((self._at, ratio(block, quick), real))
            self._next = self._at + _distance(self._at)
        self._at += len(found)
        return found

    def samples(self) -> list[Sample]:
        """The blocks that were drawn, of all that has gone by."""
        ends = [*(start for start, _, _ in self._blocks), self._at][1:]
        return [Sample(end - start, quickly, real) for end, (start, quickly, real) in zip(ends, self._blocks, strict=True)]


def projected(layers: Sequence[Layered], checked: Sequence[Checked], jobs: int) -> Figure | None:
    """What a registry would send of an image: compressed layers as they are, others by samples; None where one has no samples.

    Args:
        layers: of the image.
        checked: blocks of its files that were packed both ways already, if any were.
        jobs: threads that pack.
    """
    plain = [layer for layer in layers if layer.compression == "none"]
    if not plain or any(layer.compression not in ("gzip", "zstd", "none") for layer in layers):
        return None
    parts = [layer.part for layer in plain if layer.part is not None]
    went_by = [layer.index.samples for layer in plain if layer.part is None]
    if not all(went_by):
        return None
    blocks = list(_drawn(parts))
    try:
        drawn, more = both(len(blocks), lambda number: blocks[number].read(), 0 if checked else _CHECKED, jobs)
    except CannotRead:
        return None
    samples = [one for of_layer in went_by for one in of_layer]
    spans = [*(one.span for one in blocks), *(one.span for one in samples)]
    ratios = [*drawn, *(one.quick for one in samples)]
    factor, variance = factor_of([*checked, *more, *(Checked(one.quick, one.real) for one in samples if one.real >= 0)])
    found = factor * sum(span * one for span, one in zip(spans, ratios, strict=True)) / _OF_BLOCKS
    variance = variance * sum(spans) ** 2 + factor * factor * spread(ratios) * sum(span * span for span in spans)
    off = SURE * wider(len(ratios)) * variance**0.5 + found * _MODEL
    exact = sum(layer.size or 0 for layer in layers if layer.compression != "none")
    return Figure(int(exact + found), int(exact + max(0.0, found - off)), int(exact + found + off))


class _Block(NamedTuple):
    """A block of an archive that can be read at any place, and how many bytes it stands for."""

    part: Part
    at: int
    span: int

    def read(self) -> bytes:
        """Its bytes."""
        return self.part.within(self.at, BLOCK).whole(BLOCK)


def _drawn(parts: Sequence[Part]) -> Iterator[_Block]:
    """Blocks of some archives, drawn evenly."""
    every = _distance(sum(part.size for part in parts))
    for part in parts:
        count = -(-part.size // every)
        for number in range(count):
            begin, end = part.size * number // count, part.size * (number + 1) // count
            yield _Block(part, max(begin, min((begin + end - BLOCK) // 2, part.size - BLOCK)), end - begin)
