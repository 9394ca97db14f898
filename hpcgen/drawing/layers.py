"""The house's own layout: columns from left to right, each stage in the first one behind all that it needs.

One that needs no other stands right before the first that needs it. A link over several columns goes along a lane, which keeps it away from the boxes
between. Lanes are shared, by links of one kind that end at one stage, or begin at one, whichever are more, so that there are not as many as links.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from hpcgen.drawing.layout import Curve, Layout, Place
from hpcgen.drawing.ordering import ordered
from hpcgen.drawing.stacking import stacked

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from hpcgen.drawing.layout import Point
    from hpcgen.drawing.model import Kind, Link

Size = tuple[float, float]
Lane = tuple[str, "Kind", int]
"""Whose lane, for which kind of links, in which column."""
Spot = str | Lane
"""What has a place in a column: a box, by its name, or a lane."""

LANES = 4000
"""So many pieces of lanes at the most; further links are drawn straight on, behind the boxes."""
LANE_HEIGHT = 4.0
GAP_BETWEEN = 24.0
"""From a box to the one below."""
GAP_OF_LANES = 10.0
COLUMN_GAP = 64.0
STEEP = 8.0
"""How many pixels a line may go up or down for each to the right, on the whole way between two columns."""
PORT_GAP = 12.0


class Segment(NamedTuple):
    """A part of a link's way: from one column to the next, or straight on."""

    start: Spot
    end: Spot
    kind: Kind


def place(sizes: Mapping[str, Size], links: Iterable[Link]) -> Layout:
    """Where boxes of some sizes lie, which are named in an order in which each link's source comes first."""
    ways = _Ways(sizes, tuple(links))
    columns = ordered(ways.columns, ways.pairs())
    heights = {spot: sizes[spot][1] if isinstance(spot, str) else LANE_HEIGHT for column in columns for spot in column}
    middles = stacked(columns, ways.pairs(), heights, _gap)
    top = min((middle - heights[spot] / 2 for spot, middle in middles.items()), default=0.0)
    drawn = _Drawing(ways, columns, sizes, {spot: middle - top for spot, middle in middles.items()})
    height = max((middles[spot] - top + heights[spot] / 2 for spot in middles), default=0.0)
    return Layout(drawn.width, height, drawn.places, drawn.curves())


def _gap(above: Spot, below: Spot) -> float:
    return GAP_BETWEEN if isinstance(above, str) and isinstance(below, str) else GAP_OF_LANES


class _Ways:
    """In which column each box stands, and which way each link goes."""

    def __init__(self, names: Iterable[str], links: Sequence[Link]) -> None:
        self.rank = dict.fromkeys(names, 0)
        order = {name: number for number, name in enumerate(self.rank)}
        for link in sorted(links, key=lambda one: order[one.stage]):
            self.rank[link.stage] = max(self.rank[link.stage], self.rank[link.source] + 1)
        self._nearer(links)
        self.columns: list[list[Spot]] = [[] for _ in range(max(self.rank.values(), default=-1) + 1)]
        for name, rank in self.rank.items():
            self.columns[rank].append(name)
        self.segments: dict[Segment, list[Link]] = {}
        """Part of a way -> the links that are told from others there; all of them where it is one's own."""
        self.critical: set[Segment] = set()
        self.lanes: set[Lane] = set()
        owners = self._owners(links)
        for link in links:
            self._lead(link, owners.get(link, ""))

    def _nearer(self, links: Sequence[Link]) -> None:
        """Puts what needs no other stage right before the first that needs it."""
        first: dict[str, int] = {}
        for link in links:
            first[link.source] = min(first.get(link.source, len(self.rank)), self.rank[link.stage])
        for name in first.keys() - {link.stage for link in links}:
            self.rank[name] = first[name] - 1

    def _owners(self, links: Sequence[Link]) -> dict[Link, str]:
        """Long link -> the stage whose lane it takes: its end that has more of them."""
        long = [link for link in links if self.rank[link.stage] - self.rank[link.source] > 1]
        count: dict[tuple[str, str, Kind], int] = {}
        for link in long:
            for way, end in (("out", link.source), ("in", link.stage)):
                count[way, end, link.kind] = count.get((way, end, link.kind), 0) + 1
        return {
            link: link.stage if count["in", link.stage, link.kind] >= count["out", link.source, link.kind] else link.source for link in long
        }

    def _lead(self, link: Link, owner: str) -> None:
        """Leads a link along its way."""
        between = range(self.rank[link.source] + 1, self.rank[link.stage]) if owner else range(0)
        lanes: list[Lane] = [(owner, link.kind, column) for column in between]
        new = [lane for lane in lanes if lane not in self.lanes]
        if len(self.lanes) + len(new) > LANES:
            lanes, new = [], []
        self.lanes.update(new)
        for lane in new:
            self.columns[lane[2]].append(lane)
        spots: list[Spot] = [link.source, *lanes, link.stage]
        parts = [Segment(start, end, link.kind) for start, end in pairwise(spots)]
        for part in parts if link.critical or new else (parts[0], parts[-1]):
            self.segments.setdefault(part, [])
        self.segments[parts[0 if owner == link.stage else -1]].append(link)
        self.critical.update(parts if link.critical else ())

    def pairs(self) -> list[tuple[Spot, Spot]]:
        """The neighbours in columns that are side by side."""
        return [(start, end) for start, end, _ in self.segments if self._column(end) - self._column(start) == 1]

    def _column(self, spot: Spot) -> int:
        return self.rank[spot] if isinstance(spot, str) else spot[2]


class _Drawing:
    """Coordinates of what has a place in its column."""

    def __init__(self, ways: _Ways, columns: Sequence[Sequence[Spot]], sizes: Mapping[str, Size], middles: Mapping[Spot, float]) -> None:
        self.ways = ways
        self.middles = middles
        self.sides: dict[Spot, tuple[float, float]] = {}
        self.places: dict[str, Place] = {}
        steep = self._steep()
        left = right = 0.0
        for number, column in enumerate(columns):
            left = right + (max(COLUMN_GAP, steep.get(number, 0.0) / STEEP) if number else 0.0)
            right = left + max((sizes[spot][0] for spot in column if isinstance(spot, str)), default=0.0)
            for spot in column:
                self.sides[spot] = (left, right)
                if isinstance(spot, str):
                    height = sizes[spot][1]
                    self.places[spot] = Place(left, middles[spot] - height / 2, right - left, height)
        self.width = right
        self.ports = self._ports()

    def _steep(self) -> dict[int, float]:
        """Column -> how far a line into it goes up or down at the most."""
        found: dict[int, float] = {}
        for start, end in self.ways.pairs():
            column = self.ways._column(end)  # noqa: SLF001 (the same room's)
            found[column] = max(found.get(column, 0.0), abs(self.middles[end] - self.middles[start]))
        return found

    def _ports(self) -> dict[Segment, float]:
        """Where lines arrive at a box: below each other, in the order of where they come from."""
        arriving: dict[Spot, list[Segment]] = {}
        for segment in self.ways.segments:
            arriving.setdefault(segment.end, []).append(segment)
        found = {}
        for end, segments in arriving.items():
            segments.sort(key=lambda one: (self.middles[one.start], one.kind))
            room = self.places[end].height - 2 * PORT_GAP if isinstance(end, str) else 0.0
            gap = min(PORT_GAP, room / len(segments))
            for number, segment in enumerate(segments):
                found[segment] = self.middles[end] + gap * (number - (len(segments) - 1) / 2)
        return found

    def curves(self) -> tuple[Curve, ...]:
        """A line for each part of a way; those of the critical path on top."""
        made = [
            Curve(self._points(segment), segment.kind, tuple(links), segment in self.ways.critical, isinstance(segment.end, str))
            for segment, links in self.ways.segments.items()
        ]
        return tuple(sorted(made, key=lambda one: one.critical))

    def _points(self, segment: Segment) -> tuple[Point, ...]:
        """Level where it begins and ends, and along the lane that it ends in."""
        (_, x), (to, behind) = self.sides[segment.start], self.sides[segment.end]
        y, port = self.middles[segment.start], self.ports[segment]
        bend = (to - x) / 2
        curve = ((x, y), (x + bend, y), (to - bend, port), (to, port))
        return curve if isinstance(segment.end, str) else (*curve, (to, port), (behind, port), (behind, port))
