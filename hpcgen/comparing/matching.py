"""Which things of one list are those of another: by likeness, the strongest first, in time that grows with the length of the lists alone."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, deque
from typing import TYPE_CHECKING, Any

import attrs

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence

ALWAYS = "always"
"""Two things of one key are one thing."""
PLACE = "place"
"""They are if they stand at the same place between others."""
LIKENESS = "likeness"
"""They are only if they have something in common."""

_RARE = 8
"""A likeness that more things than this share says nothing, and would make the work quadratic."""


@attrs.frozen
class Thing:
    """What is matched.

    Attributes:
        key: only things of one key can be one thing, unless they are equal.
        content: what it is: equal content, the same thing.
        anchors: what makes it like another: names, paths.
        pairs: what it takes beside that: ALWAYS, PLACE or LIKENESS.
    """

    key: str
    content: Hashable
    anchors: tuple[str, ...] = ()
    pairs: str = PLACE


@attrs.frozen
class Matching:
    """Which things are which.

    Attributes:
        pairs: place before -> place after.
        moved: the places before of things that stand in another order to the rest: as few as possible.
        sizes: how many things there were, and are.
    """

    pairs: dict[int, int]
    moved: frozenset[int]
    sizes: tuple[int, int]

    def rows(self) -> Iterator[tuple[int | None, int | None]]:
        """Places before and after, each once, in the order after; what is gone stands behind what it stood behind."""
        earlier = {after: before for before, after in self.pairs.items()}
        rows: list[tuple[int, int, int | None, int | None]] = [(after, -1, earlier.get(after), after) for after in range(self.sizes[1])]
        behind = -1
        for before in range(self.sizes[0]):
            if before not in self.pairs:
                rows.append((behind, before, before, None))
            elif before not in self.moved:
                behind = self.pairs[before]
        yield from ((before, after) for _, _, before, after in sorted(rows, key=lambda row: row[:2]))

    def moves(self) -> dict[int, tuple[int | None, int | None]]:
        """For each thing that moved, by its place before: what it stood behind, and stands behind, of all that did not move."""
        earlier = {after: before for before, after in self.pairs.items()}
        stood = _behind(range(self.sizes[0]), lambda before: before in self.pairs and before not in self.moved)
        stands = _behind(range(self.sizes[1]), lambda after: after in earlier and earlier[after] not in self.moved)
        return {before: (stood[before], stands[self.pairs[before]]) for before in sorted(self.moved)}


def _behind(places: range, counts: Callable[[int], bool]) -> list[int | None]:
    """For each place the last one before it that counts."""
    found: list[int | None] = []
    last: int | None = None
    for place in places:
        found.append(last)
        last = place if counts(place) else last
    return found


def match(before: Sequence[Thing], after: Sequence[Thing]) -> Matching:
    """Matches equal things first, then those that are alike, then those at one place, then those of one key."""
    work = _Work(before, after)
    work.equal()
    work.alike()
    work.at_one_place(1)
    work.at_one_place(-1)
    work.of_one_key()
    return Matching(work.pairs, _moved(work.pairs), (len(before), len(after)))


class _Work:
    """The pairs so far."""

    def __init__(self, before: Sequence[Thing], after: Sequence[Thing]) -> None:
        self.before = before
        self.after = after
        self.pairs: dict[int, int] = {}
        self.taken: set[int] = set()

    def pair(self, before: int, after: int) -> None:
        """Makes two places one thing, unless one of them is already."""
        if before not in self.pairs and after not in self.taken:
            self.pairs[before] = after
            self.taken.add(after)

    def equal(self) -> None:
        """Equal things, first those of one key; of several those whose neighbours are equal too come first."""
        for keyed in (True, False):
            numbers: dict[Hashable, int] = {}
            before, after = (
                [numbers.setdefault((one.key if keyed else "", one.content), len(numbers)) for one in things] for things in (self.before, self.after)
            )
            for left, right in ((True, True), (True, False), (False, True), (False, False)):
                self._in_turn(_seen(before, left=left, right=right), _seen(after, left=left, right=right))

    def alike(self) -> None:
        """Things of one key that share rare anchors, those that share most of them first."""
        places: dict[tuple[str, str], list[int]] = {}
        for after, one in enumerate(self.after):
            if after not in self.taken:
                for anchor in dict.fromkeys(one.anchors):
                    places.setdefault((one.key, anchor), []).append(after)
        votes: Counter[tuple[int, int]] = Counter()
        for before, one in enumerate(self.before):
            if before not in self.pairs:
                shared = (places.get((one.key, anchor), ()) for anchor in dict.fromkeys(one.anchors))
                votes.update((before, after) for known in shared if len(known) <= _RARE for after in known)
        for (before, after), _ in sorted(votes.items(), key=lambda vote: (-vote[1], vote[0])):
            self.pair(before, after)

    def at_one_place(self, step: int) -> None:
        """Things of one key behind (or, with -1, before) a pair, or at the end."""
        count, ends = len(self.before), (-1, len(self.after))
        for before in range(count) if step > 0 else reversed(range(count)):
            neighbour = before - step
            beside = self.pairs.get(neighbour) if 0 <= neighbour < count else ends[neighbour >= 0]
            after = -1 if beside is None else beside + step
            if 0 <= after < len(self.after) and self._may_stand_for(self.before[before], self.after[after]):
                self.pair(before, after)

    @staticmethod
    def _may_stand_for(one: Thing, other: Thing) -> bool:
        return one.key == other.key and LIKENESS not in (one.pairs, other.pairs)

    def of_one_key(self) -> None:
        """Things whose key says enough."""
        self._in_turn(*([one.key if one.pairs == ALWAYS else None for one in things] for things in (self.before, self.after)))

    def _in_turn(self, before: Sequence[Any], after: Sequence[Any]) -> None:
        """Pairs what has one sign, the first with the first; None is no sign."""
        waiting: dict[Any, deque[int]] = {}
        for place, sign in enumerate(after):
            if place not in self.taken and sign is not None:
                waiting.setdefault(sign, deque()).append(place)
        for place, sign in enumerate(before):
            if place not in self.pairs and waiting.get(sign):
                self.pair(place, waiting[sign].popleft())


def _seen(numbers: Sequence[int], *, left: bool, right: bool) -> list[tuple[int, ...]]:
    """Each number with its neighbours."""
    padded = (-1, *numbers, -2)
    start, end = 0 if left else 1, 3 if right else 2
    return [padded[at + start : at + end] for at in range(len(numbers))]


def _moved(pairs: dict[int, int]) -> frozenset[int]:
    """The fewest places before without which the order is the same: all but a longest increasing sequence."""
    ends: list[int] = []
    last: list[int] = []
    previous: dict[int, int] = {}
    for before in sorted(pairs):
        at = bisect_left(ends, pairs[before])
        if at:
            previous[before] = last[at - 1]
        ends[at : at + 1] = [pairs[before]]
        last[at : at + 1] = [before]
    return frozenset(pairs) - frozenset(_chain(last[-1], previous) if last else ())


def _chain(end: int, previous: dict[int, int]) -> Iterable[int]:
    """A place, and all that it stands behind."""
    at: int | None = end
    while at is not None:
        yield at
        at = previous.get(at)
