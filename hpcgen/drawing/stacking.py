"""How high boxes and lanes lie in their columns: each as near to its neighbours as the others of its column let it.

For a column whose order is settled, the places nearest to those that are wished for, squares added up, are found by one pass that pools what would
overlap (the pool adjacent violators algorithm of isotonic regression).
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, TypeVar

from hpcgen.drawing.ordering import neighbours

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence

Spot = TypeVar("Spot", bound="Hashable")

SWEEPS = 6
LANE_WEIGHT = 4.0
"""Of what is as low as a lane, against a box's 1: a lane that goes up and down is seen more than a box that stands a little aside."""
LOW = 10.0


def stacked(
    columns: Sequence[Sequence[Spot]], pairs: Iterable[tuple[Spot, Spot]], heights: Mapping[Spot, float], gap: Callable[[Spot, Spot], float]
) -> dict[Spot, float]:
    """The height of each one's middle; `gap` is how much stays free between two that stand one above the other."""
    lefts, rights = neighbours(pairs)
    steps = [[(heights[above] + heights[below]) / 2 + gap(above, below) for above, below in pairwise(one)] for one in columns]
    middles: dict[Spot, float] = {}
    for column, distances in zip(columns, steps, strict=True):
        middles.update(zip(column, spread([0.0] * len(column), [1.0] * len(column), distances), strict=True))
    both = {spot: [*lefts.get(spot, ()), *rights.get(spot, ())] for column in columns for spot in column}
    for sweep in range(SWEEPS + 1):
        near = both if sweep == SWEEPS else rights if sweep % 2 else lefts
        order = zip(columns, steps, strict=True) if sweep % 2 == 0 else zip(columns[::-1], steps[::-1], strict=True)
        for column, distances in order:
            wishes = [_mean([middles[one] for one in near.get(spot, ())], middles[spot]) for spot in column]
            weights = [LANE_WEIGHT if heights[spot] < LOW else 1.0 for spot in column]
            middles.update(zip(column, spread(wishes, weights, distances), strict=True))
    return middles


def _mean(values: Sequence[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise


def spread(wishes: Sequence[float], weights: Sequence[float], distances: Sequence[float]) -> list[float]:
    """The places nearest to the wished ones that keep the order and, at the least, the distances."""
    pools: list[list[float]] = []  # weighted mean, weight, how many
    offset, offsets = 0.0, []
    for wish, weight, distance in zip(wishes, weights, (0.0, *distances), strict=True):
        offset += distance
        offsets.append(offset)
        pools.append([wish - offset, weight, 1])
        while len(pools) > 1 and pools[-2][0] > pools[-1][0]:
            mean, heavy, count = pools.pop()
            last = pools[-1]
            last[0] = (last[0] * last[1] + mean * heavy) / (last[1] + heavy)
            last[1] += heavy
            last[2] += count
    means = [mean for mean, _, count in pools for _ in range(int(count))]
    return [mean + offset for mean, offset in zip(means, offsets, strict=True)]
