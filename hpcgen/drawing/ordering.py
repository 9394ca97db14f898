"""In which order boxes and lanes stand in their columns, so that few lines cross.

Each column in turn is put in the order of where its neighbours stand on the average, from left to right and back (Sugiyama, Tagawa and Toda, 1981).
"""

from __future__ import annotations

from bisect import bisect_right, insort
from itertools import pairwise
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Mapping, Sequence

Spot = TypeVar("Spot", bound="Hashable")

SWEEPS = 6


def ordered(columns: Sequence[Sequence[Spot]], pairs: Iterable[tuple[Spot, Spot]]) -> list[list[Spot]]:
    """The columns with the fewest crossings that were met; `pairs` are neighbours, the left one first."""
    lefts, rights = neighbours(pairs)
    now = [list(column) for column in columns]
    best, fewest = now, crossings(now, rights)
    for sweep in range(SWEEPS):
        if not fewest:
            break
        now = _swept(now, lefts) if sweep % 2 == 0 else _swept(now[::-1], rights)[::-1]
        count = crossings(now, rights)
        if count < fewest:
            best, fewest = now, count
    return best


def neighbours(pairs: Iterable[tuple[Spot, Spot]]) -> tuple[dict[Spot, list[Spot]], dict[Spot, list[Spot]]]:
    """What stands to the left of each, and to the right."""
    lefts: dict[Spot, list[Spot]] = {}
    rights: dict[Spot, list[Spot]] = {}
    for left, right in pairs:
        lefts.setdefault(right, []).append(left)
        rights.setdefault(left, []).append(right)
    return lefts, rights


def _swept(columns: Sequence[list[Spot]], before: Mapping[Spot, list[Spot]]) -> list[list[Spot]]:
    """Each column but the first in the order of its neighbours in the one before; what has none there stays about where it is."""
    done: list[list[Spot]] = []
    for column in columns:
        at = {spot: (place + 0.5) / len(done[-1]) for place, spot in enumerate(done[-1])} if done else {}
        key = {spot: (place + 0.5) / len(column) for place, spot in enumerate(column)}
        for spot in column:
            near = [at[one] for one in before.get(spot, ()) if one in at]
            key[spot] = sum(near) / len(near) if near else key[spot]
        done.append(sorted(column, key=key.__getitem__))
    return done


def crossings(columns: Sequence[Sequence[Spot]], rights: Mapping[Spot, list[Spot]]) -> int:
    """How many pairs of lines cross between columns."""
    count = 0
    for column, following in pairwise(columns):
        at = {spot: place for place, spot in enumerate(following)}
        seen: list[int] = []
        for spot in column:
            ends = sorted(at[one] for one in rights.get(spot, ()) if one in at)
            count += sum(len(seen) - bisect_right(seen, end) for end in ends)
            for end in ends:
                insort(seen, end)
    return count
