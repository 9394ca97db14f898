"""How large a SIF of an image would be: its live files laid out as mksquashfs does, a sample of the blocks compressed.

Files above a block are cut into blocks, smaller ones share them; equal files are stored once. Blocks are drawn evenly along the bytes of all, so
that each byte has the same chance, and go through a quick packer; some of them go through the real one too, which tells by how much the quick one is
off (double sampling). What came by in compressed layers is taken by its compressed bytes instead.
"""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

from hpcgen.auditing.packing import BLOCK, SURE, Checked, both, factor_of, gzip, ratio, spread, wider
from hpcgen.auditing.reading import CannotRead
from hpcgen.auditing.report import Figure

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from hpcgen.auditing.case import Case

SAMPLE, _LEAST, _PART = 48 << 20, 6 << 20, 24
"""Bytes that are packed quickly, at most and at least, and which part of all they are between: 450 MB take a second."""
_CHECKED, _FEWEST = 32, 8
"""Blocks that are packed really, at most and at least."""
_BEST = 0.9975
"""What the level that mksquashfs takes (9) leaves of what this one does, which takes a third of the time: seen on Debian's files."""
_OF_GZIP = 1.02
"""What blocks of their own cost more than one stream: each begins without a past."""
_OF_ZSTD = 1.10
_BY_PULLS = 0.06
_MODEL = 0.01
"""How far off the layout may be, whatever the sample."""
_NAME = 21
"""Bytes of tables for each name, compressed: Debian's 6,702 names take 142,127."""
_START = 36_864
"""Of a SIF before its file system: header, definition file, labels."""
_PADDING = 4096


class _Piece(NamedTuple):
    """Bytes that become one block: parts of files, row, offset and size."""

    parts: tuple[tuple[int, int, int], ...]
    size: int


def project(case: Case, copies: Iterable[Sequence[int]] = (), *, sample: int = 0, jobs: int = 2) -> tuple[Figure, list[Checked]]:
    """The size of a SIF of an image, with the interval that it lies in 95 times out of 100; and the blocks that were packed both ways."""
    again = {row for group in copies for row in group[1:]}
    went_by, plain = _parted(case, (row for row in case.regular() if row not in again))
    content, error = _by_pulls(case, went_by)
    layout = _Layout(case, plain)
    sampled, own_error, checked = _sampled(case, layout, sample or min(SAMPLE, max(_LEAST, layout.total // _PART)), jobs)
    tables = _START + _NAME * len(case.files)
    whole = _padded(content + sampled + tables)
    off = error + own_error + (content + sampled) * _MODEL
    return Figure(whole, max(0, int(whole - off)), int(whole + off)), checked


def is_readable(case: Case) -> bool:
    """Whether there is something to take a sample of: of what came by as a stream, little is kept."""
    _, rows = _parted(case, case.regular())
    sizes = case.files.sizes
    ends = list(accumulate(sizes[row] for row in rows))
    wanted = read = 0
    for number in range(_FEWEST if rows else 0):
        place = (2 * number + 1) * ends[-1] // (2 * _FEWEST)
        at = bisect_right(ends, place)
        offset = (place - ends[at] + sizes[rows[at]]) // BLOCK * BLOCK
        size = min(BLOCK, sizes[rows[at]] - offset)
        wanted += size
        read += len(_bytes(case, _Piece(((rows[at], offset, size),), size)))
    return read >= 0.9 * wanted


def blocks(case: Case, count: int) -> Iterator[bytes]:
    """Some blocks, drawn evenly, as mksquashfs would fill them."""
    layout = _Layout(case, list(case.regular()))
    if layout.total:
        yield from (_bytes(case, layout.at((2 * number + 1) * layout.total // (2 * count))) for number in range(count))


def packed(data: bytes) -> float:
    """What mksquashfs leaves of a block, as a part of it."""
    return ratio(data, gzip) * _BEST


def _padded(size: float) -> int:
    return -(-int(size) // _PADDING) * _PADDING


def _parted(case: Case, rows: Iterable[int]) -> tuple[list[int], list[int]]:
    """The rows of files that came by in compressed layers, and those of all others."""
    if case.files.pulls is None:
        return [], list(rows)
    packed = {layer for layer, one in enumerate(case.layers) if one.compression in ("gzip", "zstd")}
    went_by: list[int] = []
    plain: list[int] = []
    for row in rows:
        (went_by if case.files.layers[row] in packed else plain).append(row)
    return went_by, plain


def _by_pulls(case: Case, rows: Iterable[int]) -> tuple[float, float]:
    """What files of compressed layers take, and how far off that may be."""
    pulls = case.files.pulls
    if pulls is None:
        return 0.0, 0.0
    factors = {"gzip": _OF_GZIP, "zstd": _OF_ZSTD}
    found = sum(pulls[row] * factors[case.layers[case.files.layers[row]].compression] for row in rows)
    return found, found * _BY_PULLS


class _Layout:
    """Where in a squashfs each byte of some files would lie."""

    def __init__(self, case: Case, rows: Sequence[int]) -> None:
        files = case.files
        category = files.categories if len(files.categories) == len(files) else [0] * len(files)
        self.large = sorted((row for row in rows if files.sizes[row] >= BLOCK), key=lambda row: (category[row], row))
        self.sizes = [files.sizes[row] for row in self.large]
        self.shared = _packed([row for row in rows if files.sizes[row] < BLOCK], files.sizes)
        self.ends = list(accumulate((*self.sizes, *(one.size for one in self.shared)), initial=0))
        self.total = self.ends[-1]

    def at(self, place: int) -> _Piece:
        """The block that a byte lies in."""
        number = bisect_right(self.ends, place) - 1
        if number >= len(self.large):
            return self.shared[number - len(self.large)]
        offset = (place - self.ends[number]) // BLOCK * BLOCK
        size = min(BLOCK, self.sizes[number] - offset)
        return _Piece(((self.large[number], offset, size),), size)

    def all(self) -> list[_Piece]:
        """Every block."""
        starts = (start + offset for start, size in zip(self.ends, self.sizes, strict=False) for offset in range(0, size, BLOCK))
        return [*map(self.at, starts), *self.shared]


def _packed(rows: Iterable[int], sizes: Sequence[int]) -> list[_Piece]:
    """Small files put together to blocks, in order."""
    found: list[_Piece] = []
    parts: list[tuple[int, int, int]] = []
    have = 0
    for row in rows:
        if have + sizes[row] > BLOCK:
            found.append(_Piece(tuple(parts), have))
            parts, have = [], 0
        parts.append((row, 0, sizes[row]))
        have += sizes[row]
    return [*found, _Piece(tuple(parts), have)] if parts else found


def _sampled(case: Case, layout: _Layout, sample: int, jobs: int) -> tuple[float, float, list[Checked]]:
    """What the blocks of a layout take, how far off that may be, and the blocks that were packed both ways."""
    if not layout.total:
        return 0.0, 0.0, []
    count = max(1, sample // BLOCK)
    whole = layout.total <= sample
    pieces = layout.all() if whole else [layout.at((2 * number + 1) * layout.total // (2 * count)) for number in range(count)]
    step = max(1, len(pieces) // min(_CHECKED, max(_FEWEST, len(pieces) // 8)))
    drawn, checked = both(len(pieces), lambda number: _bytes(case, pieces[number]), step, max(1, jobs))
    factor, variance = factor_of(checked)
    factor *= _BEST
    if whole:
        found = factor * sum(one * piece.size for one, piece in zip(drawn, pieces, strict=True))
        variance = variance if step > 1 else 0.0
    else:
        found = factor * layout.total * sum(drawn) / count
        variance += factor * factor * spread(drawn) / count
    return found, layout.total * SURE * wider(min(len(drawn), len(checked))) * variance**0.5, checked


def _bytes(case: Case, piece: _Piece) -> bytes:
    """The content of a block; what cannot be read is left out."""
    parts = []
    for row, offset, size in piece.parts:
        reader = case.contents.reader(row)
        try:
            parts.append(reader.read(offset, size) if reader else b"")
        except CannotRead:
            continue
    return b"".join(parts)
