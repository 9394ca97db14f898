"""Where boxes and lines of a picture lie, whoever found the places: coordinates in pixels, from the left and the top."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hpcgen.drawing.model import Kind, Link

Point = tuple[float, float]


@attrs.frozen
class Place:
    """Where a box lies: its left upper corner and its size."""

    left: float
    top: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """Its right side."""
        return self.left + self.width

    @property
    def middle(self) -> float:
        """Half way between its top and its bottom."""
        return self.top + self.height / 2


@attrs.frozen
class Curve:
    """A line, or a part of one that several links share.

    Attributes:
        points: a start, then three for each cubic Bezier curve.
        kind: of the links that it is drawn for.
        links: those that it is drawn for, where it is not only a way that they share.
        critical: whether the critical path goes along it.
        arrow: whether it ends at a box.
    """

    points: tuple[Point, ...]
    kind: Kind
    links: tuple[Link, ...] = ()
    critical: bool = False
    arrow: bool = True


@attrs.frozen
class Layout:
    """Where everything lies.

    Attributes:
        width: of all of it.
        height: the same.
        places: box -> its place.
        curves: in the order in which they are drawn.
    """

    width: float
    height: float
    places: Mapping[str, Place]
    curves: tuple[Curve, ...]
