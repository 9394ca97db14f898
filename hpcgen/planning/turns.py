"""At most so many blocks are built at once: who builds stages side by side otherwise begins all that it can.

Each block's make uses all processors already. Where blocks share few of them, the block that most wait for is slowed down by those that nobody
waits for, and at the end one serial configure has the machine to itself (docs/design/splitting.md, turns).

A block waits for the one before it in its lane by a mount of an empty folder of that stage. BuildKit knows a mount that is only read by what it
holds, so neither the other stage's changes nor other lanes make it build anything again.
"""

from __future__ import annotations

from heapq import heapify, heappop, heappush
from typing import TYPE_CHECKING

from hpcgen.frozen import evolve
from hpcgen.graph.nodes import Mount, Run
from hpcgen.graph.stages import needs

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from hpcgen.graph.stages import Stage, StageGraph

EMPTY = "/proc"
"""A folder that is empty in every layer: it is mounted over while anything runs."""
SEEN_AT = "/run/hpcgen/turn"


def take_turns(graph: StageGraph, at_once: int) -> StageGraph:
    """The graph with at most `at_once` stages of blocks that compile at one time; those first that most others wait for.

    Stages stand in the order in which they can be built: one that waits, behind the one that it waits for.
    """
    after = _lanes(graph, at_once)
    stages = {stage.name: _waiting(stage, after[stage.name]) if stage.name in after else stage for stage in graph.stages}
    order = list(_in_order(stages))
    first, begins = order[0], graph.stages[0]
    if first != begins.name:
        stages[begins.name] = evolve(stages[begins.name], head=())
        stages[first] = evolve(stages[first], head=(*begins.head, *stages[first].head))  # what the recipe says first of all stays first
    return evolve(graph, stages=tuple(stages[name] for name in order))


def _lanes(graph: StageGraph, at_once: int) -> dict[str, str]:
    """Stage that compiles -> what it waits for: the one before it in its lane, or what the first of a lane starts from anyway."""
    stages = {stage.name: stage for stage in graph.stages}
    waits_for = _waits_for(stages)
    at_once = min(at_once, len(waits_for))
    heights = _heights(waits_for)
    after: dict[str, str] = {}
    lanes: list[str] = []
    missing = {name: len(needed) for name, needed in waits_for.items()}
    whom: dict[str, list[str]] = {name: [] for name in waits_for}
    for name, needed in waits_for.items():
        for one in needed:
            whom[one].append(name)
    places = {name: at for at, name in enumerate(waits_for)}
    ready = [(-heights[name], places[name], name) for name, count in missing.items() if not count]
    heapify(ready)
    while ready:
        turn = [heappop(ready)[-1] for _ in range(min(at_once, len(ready)))]
        free = [*lanes, *[""] * (at_once - len(lanes))]
        lanes = []
        for name in turn:
            own = next((last for last in free if last in waits_for[name]), free[0])
            free.remove(own)
            after[name] = own or stages[name].base.image
            lanes.append(name)
        lanes += [last for last in free if last]
        for name in turn:
            for one in whom[name]:
                missing[one] -= 1
                if not missing[one]:
                    heappush(ready, (-heights[one], places[one], one))
    return {name: last for name, last in after.items() if last != "scratch"}


def _waits_for(stages: Mapping[str, Stage]) -> dict[str, set[str]]:
    """Stage that compiles -> those that compile and have to be done before, by whatever stages between."""
    found: dict[str, set[str]] = {}
    for stage in stages.values():
        own: set[str] = set()
        for need, _ in needs(stage):
            if need in stages:
                own |= {need} if _compiles(stages[need]) else found[need]
        found[stage.name] = own
    return {name: own for name, own in found.items() if _compiles(stages[name])}


def _heights(waits_for: Mapping[str, set[str]]) -> dict[str, int]:
    """How many stages have to be built one after the other from a stage that compiles to the last."""
    heights = dict.fromkeys(waits_for, 1)
    for name in reversed(list(waits_for)):
        for need in waits_for[name]:
            heights[need] = max(heights[need], heights[name] + 1)
    return heights


def _compiles(stage: Stage) -> bool:
    """Whether it is the stage of a block that runs commands of its own."""
    return bool(stage.of and stage.blocks) and any(isinstance(node, Run) and node.block == stage.blocks[-1].ref for node in stage.nodes)


def _waiting(stage: Stage, before: str) -> Stage:
    """A stage whose block is built when another is done."""
    at = next(at for at, node in enumerate(stage.nodes) if isinstance(node, Run) and node.block == stage.blocks[-1].ref)
    run = stage.nodes[at]
    assert isinstance(run, Run)
    mount = Mount("bind", SEEN_AT, source=EMPTY, stage=before)
    return evolve(stage, nodes=(*stage.nodes[:at], evolve(run, mounts=(*run.mounts, mount)), *stage.nodes[at + 1 :]))


def _in_order(stages: Mapping[str, Stage]) -> Iterator[str]:
    """The stages' names, each behind what it needs, else as they stood."""
    places = {name: at for at, name in enumerate(stages)}
    wanted = {name: {need for need, _ in needs(stage) if need in stages} for name, stage in stages.items()}
    whom: dict[str, list[str]] = {name: [] for name in stages}
    for name, needed in wanted.items():
        for need in needed:
            whom[need].append(name)
    missing = {name: len(needed) for name, needed in wanted.items()}
    ready = [places[name] for name in stages if not missing[name]]
    names = list(stages)
    while ready:
        name = names[heappop(ready)]
        yield name
        for one in whom[name]:
            missing[one] -= 1
            if not missing[one]:
                heappush(ready, places[one])
