"""Rectangles whose areas are as sizes, each as near to a square as may be (Bruls, Huizing, van Wijk: Squarified Treemaps, 2000)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hpcgen.frozen import frozen

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


@frozen
class Box:
    """A rectangle."""

    left: float
    top: float
    width: float
    height: float

    def inside(self, edge: float, head: float) -> Box:
        """What is left of it within an edge and below a head; nothing less than nothing."""
        return Box(self.left + edge, self.top + head, max(0.0, self.width - 2 * edge), max(0.0, self.height - head - edge))


def squarified(sizes: Sequence[float], box: Box) -> list[Box]:
    """A rectangle for each size, in their order, which fill the box; sizes are positive and the largest stand first."""
    whole = sum(sizes)
    if not whole or box.width <= 0 or box.height <= 0:
        return [Box(box.left, box.top, 0.0, 0.0) for _ in sizes]
    scale = box.width * box.height / whole
    areas = [size * scale for size in sizes]
    found: list[Box] = []
    start = 0
    while start < len(areas):
        side = min(box.width, box.height)
        end = _row_end(areas, start, side)
        row = areas[start:end]
        found += _row(row, box)
        box = _left_over(row, box)
        start = end
    return found


def _row_end(areas: Sequence[float], start: int, side: float) -> int:
    """Where a row ends that gets no worse: its worst rectangle is as good as it can be."""
    total = areas[start]
    worst = _worst(total, areas[start], areas[start], side)
    end = start + 1
    while end < len(areas):
        longer = _worst(total + areas[end], areas[start], areas[end], side)
        if longer > worst:
            break
        total, worst, end = total + areas[end], longer, end + 1
    return end


def _worst(total: float, largest: float, smallest: float, side: float) -> float:
    """The worst ratio of sides in a row of such a sum along a side; what has no area is as bad as can be."""
    if total <= 0 or smallest <= 0 or side <= 0:
        return float("inf")
    return max(side * side * largest / (total * total), total * total / (side * side * smallest))


def _row(areas: Sequence[float], box: Box) -> Iterator[Box]:
    """The rectangles of a row along the box's shorter side."""
    total = sum(areas)
    at = 0.0
    if box.width >= box.height:
        thick = total / box.height if box.height else 0.0
        for area in areas:
            long = area / thick if thick else 0.0
            yield Box(box.left, box.top + at, thick, long)
            at += long
    else:
        thick = total / box.width if box.width else 0.0
        for area in areas:
            long = area / thick if thick else 0.0
            yield Box(box.left + at, box.top, long, thick)
            at += long


def _left_over(areas: Sequence[float], box: Box) -> Box:
    """What a row leaves of the box."""
    total = sum(areas)
    if box.width >= box.height:
        thick = total / box.height if box.height else 0.0
        return Box(box.left + thick, box.top, max(0.0, box.width - thick), box.height)
    thick = total / box.width if box.width else 0.0
    return Box(box.left, box.top + thick, box.width, max(0.0, box.height - thick))
