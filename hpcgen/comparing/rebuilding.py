"""Which stages are built again when one graph is built after another: what an engine keeps is what has the same digest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hpcgen.comparing.difference import Rebuild
from hpcgen.comparing.items import Item, items, known
from hpcgen.comparing.settled import settled
from hpcgen.frozen import evolve
from hpcgen.graph.nodes import Copy, Raw, Run, Test
from hpcgen.graph.stages import Stage, StageGraph, needs, walk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hpcgen.comparing.difference import State
    from hpcgen.graph.nodes import Node


def rebuilds(before: StageGraph, after: StageGraph) -> tuple[Rebuild, ...]:
    """What becomes of each stage, those that are gone last.

    Args:
        before: what was built, as it was built: split or not.
        after: what is built now, in the same way.
    """
    old, new = _as_built(before), _as_built(after)
    digests, later = old.digests(), new.digests()
    kept = set(digests.values())
    states: dict[str, State] = {
        stage.name: "kept" if later[stage.name] in kept else "rebuilt" if stage.name in digests else "new" for stage in new.stages
    }
    earlier = {stage.name: stage for stage in old.stages}
    found = [_rebuild(stage, earlier.get(stage.name), states) for stage in new.stages]
    still = set(later.values())
    gone = [stage for stage in old.stages if stage.name not in states and digests[stage.name] not in still]
    return (*found, *(Rebuild(stage.name, stage.of, "gone") for stage in gone))


def _as_built(graph: StageGraph) -> StageGraph:
    """A graph without what whoever builds it never sees in its stages: comments, tests, other formats' text."""
    plain = settled(graph, Test)
    return evolve(plain, stages=tuple(evolve(stage, nodes=tuple(filter(_is_seen, stage.nodes))) for stage in plain.stages))


def _is_seen(node: Node) -> bool:
    return not isinstance(node, Raw) or node.format in ("docker", "any")


def _rebuild(stage: Stage, before: Stage | None, states: dict[str, State]) -> Rebuild:
    """What becomes of one stage, and why."""
    state = states[stage.name]
    if state == "kept":
        return Rebuild(stage.name, stage.of, state)
    again = tuple(dict.fromkeys(need for need, _ in needs(stage) if states.get(need, "kept") != "kept"))
    if before is None:
        return Rebuild(stage.name, stage.of, state, changed=True, takes_from=again)
    changed = (before.base, before.target, before.nodes) != (stage.base, stage.target, stage.nodes)
    return Rebuild(stage.name, stage.of, state, changed, again, _since(before, stage, set(again)))


def _since(before: Stage, after: Stage, again: set[str]) -> str:
    """The first item of a stage that is built again; empty for the very first."""
    if (before.base, before.target) != (after.base, after.target) or (after.base.stage and after.base.image in again):
        return ""
    earlier, later = ([item for item in items(stage, known((stage,))) if not item.head] for stage in (before, after))
    same = 0
    for old, new in zip(earlier, later, strict=False):
        if old.nodes != new.nodes or not again.isdisjoint(_takes_from(new)):
            break
        same += 1
    return later[same].label if 0 < same < len(later) else ""


def _takes_from(item: Item) -> Iterator[str]:
    """The stages that an item takes from."""
    for node in walk(item.nodes):
        if isinstance(node, Copy):
            yield node.stage
        elif isinstance(node, Run):
            yield from (mount.stage for mount in node.mounts)
