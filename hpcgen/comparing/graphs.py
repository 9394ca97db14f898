"""What differs between two stage graphs in meaning."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from hpcgen.comparing.changes import compare as compare_facts
from hpcgen.comparing.difference import Change, Difference, ItemDifference, Moved, StageDifference
from hpcgen.comparing.facts import Fact, fields
from hpcgen.comparing.items import Item, Known, compare_items, is_same, items, known, labels, owners
from hpcgen.comparing.matching import LIKENESS, Matching, Thing, match
from hpcgen.comparing.renames import Renames
from hpcgen.comparing.settled import merged, settled

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from hpcgen.graph.stages import Base, Stage, StageGraph
    from hpcgen.target import Target


def compare(before: StageGraph, after: StageGraph) -> Difference:
    """What differs in meaning; comments, and where in a recipe something is said, are none of it."""
    same = {_content(stage) for stage in merged(before).stages}
    same_names = {stage.name for stage in merged(after).stages if _content(stage) in same}
    old, new = settled(before).stages, settled(after).stages
    matching = _matched(old, new)
    moves = matching.moves()
    names = ([stage.name for stage in old], [stage.name for stage in new])
    blocks = (known(old), known(new))
    stages = []
    for at, now in matching.rows():
        earlier, later = None if at is None else old[at], None if now is None else new[now]
        moved = _moved(moves[at], *names) if at in moves and at is not None else None
        if moved or later is None or later.name not in same_names:
            stages.append(_compare_stages(earlier, later, moved, blocks))
    return Difference(tuple(stage for stage in stages if stage), _result(*names))


def _content(stage: Stage) -> tuple[object, ...]:
    """All that a stage means."""
    return stage.name, stage.base, stage.target, stage.head, stage.nodes


def _matched(before: Sequence[Stage], after: Sequence[Stage]) -> Matching:
    """Stages by their names; one that is called otherwise, by what it holds."""
    names = {stage.name for stage in before} & {stage.name for stage in after}

    def thing(stage: Stage) -> Thing:
        if stage.name in names:
            return Thing(f"stage {stage.name}", stage.name)
        return Thing("stage", _content(stage)[1:], tuple(item.label for item in items(stage, known(()))), LIKENESS)

    return match([thing(stage) for stage in before], [thing(stage) for stage in after])


def _result(before: Sequence[str], after: Sequence[str]) -> Change | None:
    """The stage that is the recipe's result, where it has another name."""
    first, last = before[-1] if before else None, after[-1] if after else None
    return None if first == last else Change("result", "", first, last)


def _moved(place: tuple[int | None, int | None], before: Sequence[str], after: Sequence[str]) -> Moved:
    """A new place, by the names of what stood and stands before it."""
    stood, stands = place
    return Moved("" if stood is None else before[stood], "" if stands is None else after[stands])


def _compare_stages(before: Stage | None, after: Stage | None, moved: Moved | None, blocks: tuple[Known, Known]) -> StageDifference | None:
    """What differs between two stages, None where nothing does; either may not be there."""
    one = after or before
    assert one is not None
    changes = tuple(compare_facts(_facts(before), _facts(after), Renames()))
    found = tuple(_items(before, after, blocks))
    names = (before.name if before else None, after.name if after else None)
    if names[0] == names[1] and not (moved or changes or found):
        return None
    return StageDifference(one.name, *names, moved, changes, found)


def _facts(stage: Stage | None) -> list[Fact]:
    return [*_of_base(stage.base), *_of_target(stage.target)] if stage else []


def _of_base(base: Base) -> Iterator[Fact]:
    """What a stage starts from; what is as always is not said."""
    yield Fact("base", "", base.image)
    yield from (Fact(f"base: {fact.topic}", "", fact.value) for fact in fields(base, "image"))


def _of_target(target: Target) -> Iterator[Fact]:
    yield Fact("distribution", "", f"{target.distribution} {target.release}")
    yield from (Fact("architectures", name, name) for name in target.architectures)


def _items(before: Stage | None, after: Stage | None, blocks: tuple[Known, Known]) -> Iterator[ItemDifference]:
    """What differs between the items of two stages."""
    earlier, later = (items(stage, blocks[at]) if stage else [] for at, stage in enumerate((before, after)))
    matching = match([item.thing() for item in earlier], [item.thing() for item in later])
    moves = matching.moves()
    _note_twins(((earlier[at], later[now]) for at, now in matching.pairs.items()), blocks)
    architectures = _architectures(before, after)
    elsewhere = (owners(earlier), owners(later))
    names = (labels(earlier), labels(later))
    for at, now in matching.rows():
        old, new = None if at is None else earlier[at], None if now is None else later[now]
        moved = _moved(moves[at], *names) if at in moves and at is not None else None
        if moved or not (old and new and is_same(old, new, architectures)):
            yield attrs.evolve(compare_items(old, new, architectures, elsewhere), moved=moved)


def _note_twins(pairs: Iterable[tuple[Item, Item]], blocks: tuple[Known, Known]) -> None:
    """Lets later stages, which run what an earlier one built, know which block is which."""
    for old, new in pairs:
        if old.block and new.block and old.block not in blocks[0].twins and new.block not in blocks[1].twins:
            blocks[0].twins[old.block] = blocks[1].twins[new.block] = f"twin {len(blocks[0].twins)}"


def _architectures(before: Stage | None, after: Stage | None) -> list[tuple[str, str]]:
    """The architectures to compare on: those before and after, else one of each."""
    earlier, later = (stage.target.architectures if stage else () for stage in (before, after))
    if before is None or after is None:
        return [(name, name) for name in earlier or later]
    return [(name, name) for name in later if name in earlier] or list(zip(earlier[:1], later[:1], strict=False))
