"""What a build took, laid upon the stage graph that it was a build of: each stage's time, and the path that no number of cores makes shorter."""

from __future__ import annotations

from graphlib import TopologicalSorter
from itertools import pairwise, takewhile
from typing import TYPE_CHECKING, Literal

import attrs

from hpcgen.drawing.timings import NoTimings
from hpcgen.graph import nodes
from hpcgen.graph.stages import needs, walk

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from hpcgen.drawing.timings import Step
    from hpcgen.graph.nodes import Node
    from hpcgen.graph.stages import Stage, StageGraph

State = Literal["built", "cached", "failed", "unfinished", "not built"]

_NO_STEP = (
    nodes.Arg,
    nodes.Cmd,
    nodes.Comment,
    nodes.Entrypoint,
    nodes.Expose,
    nodes.Healthcheck,
    nodes.Label,
    nodes.PrependPath,
    nodes.SetEnv,
    nodes.Shell,
    nodes.StopSignal,
    nodes.Test,
    nodes.User,
    nodes.Volume,
)
"""What a builder only notes down."""


@attrs.frozen
class StageTime:
    """What one stage took.

    Attributes:
        state: how far it came; `cached` where nothing of it was run.
        seconds: the sum of its steps.
        steps: those of the log, in order.
        like: the stage under whose name the first steps are in the log, or all of them, because both begin alike; or empty.
        critical: whether a step of it is on the critical path.
    """

    state: State
    seconds: float = 0.0
    steps: tuple[Step, ...] = ()
    like: str = ""
    critical: bool = False

    @property
    def cached(self) -> int:
        """How many steps were cached, the base image left out."""
        return sum(step.state == "cached" for step in self.steps if not step.is_base)

    def of_block(self, block: str) -> float | None:
        """What the steps of a block took, such as `ucx 1.18.1`, None where none of it was run."""
        found = [step.seconds for step in self.steps if step.block == block and step.state == "done"]
        return sum(found) if found else None


@attrs.frozen
class Timing:
    """What a build took.

    Attributes:
        stages: by name, all of the graph's.
        seconds: the sum of all steps: what it takes one after the other.
        path: the critical path, stage and step, in order; empty where everything was cached.
        unknown: the log's stages that the graph has not.
    """

    stages: Mapping[str, StageTime]
    seconds: float
    path: tuple[tuple[str, Step], ...]
    unknown: tuple[str, ...] = ()

    @property
    def critical(self) -> float:
        """The seconds of the critical path: what it takes with as many cores as one likes."""
        return sum(step.seconds for _, step in self.path)

    @property
    def hops(self) -> frozenset[tuple[str, str]]:
        """The pairs of stages between which the critical path goes from one to the other."""
        return frozenset((before[0], after[0]) for before, after in pairwise(self.path))


def timing(graph: StageGraph, steps: Iterable[Step]) -> Timing:
    """What a graph's build took.

    Raises:
        NoTimings: no stage of the log is one of the graph's.
    """
    placed, unknown = _placed(graph, steps)
    order = _Order(graph, placed)
    path = order.longest()
    critical = {stage for stage, _ in path}
    stages = {
        stage.name: StageTime(
            "built" if stage.name in order.same else _state(stage, placed[stage.name]),
            sum(step.seconds for step in placed[stage.name]),
            tuple(placed[stage.name]),
            order.like.get(stage.name, ""),
            stage.name in critical,
        )
        for stage in graph.stages
    }
    return Timing(stages, sum(one.seconds for one in stages.values()), path, unknown)


def _placed(graph: StageGraph, steps: Iterable[Step]) -> tuple[dict[str, list[Step]], tuple[str, ...]]:
    """The steps of each stage, and the names of stages that are none. The last stage may have no name in a Dockerfile."""
    last = len(graph.stages) - 1
    names = {"" if last == 0 else f"stage-{last}": graph.stages[-1].name, **{stage.name: stage.name for stage in graph.stages}}
    placed: dict[str, list[Step]] = {stage.name: [] for stage in graph.stages}
    unknown: dict[str, None] = {}
    for step in steps:
        if step.stage in names:
            placed[names[step.stage]].append(step)
        elif step.stage.removesuffix("-test") not in names:  # a stage that runs the recipe's tests
            unknown.setdefault(step.stage or "one without a name")
    if not any(placed.values()):
        how = f"the recipe's stages: {', '.join(placed)}\nthe same options as for the build give the same stages, --linear among them"
        raise NoTimings(f"no stage of it is the recipe's: {', '.join(unknown)}", help=how)
    return {name: sorted(found, key=lambda step: step.number) for name, found in placed.items()}, tuple(unknown)


def _state(stage: Stage, steps: Sequence[Step]) -> State:
    """How far a stage came."""
    states = {step.state for step in steps}
    own = {step.state for step in steps if not step.is_base} or states
    if not steps:
        return "not built" if any(not isinstance(node, _NO_STEP) for node in stage.nodes) else "built"
    if "failed" in states:
        return "failed"
    if not states <= {"done", "cached"} or steps[-1].number < steps[-1].of:
        return "unfinished"
    return "cached" if own == {"cached"} else "built"


Tail = tuple[tuple[str, "Step"], ...]
"""What must have ended before something is there: steps with their stage in the graph."""


class _Order:
    """Which step waits for which: for the one before it, the first for the stage that its own stands upon, a copying one for what it copies."""

    def __init__(self, graph: StageGraph, placed: Mapping[str, Sequence[Step]]) -> None:
        self.graph = graph
        self.placed = placed
        self.like: dict[str, str] = {}
        self.before: dict[tuple[str, Step], Tail] = {}
        self.ends: dict[tuple[str, str], Tail] = {}
        self.bases = {stage.name: stage.base.image for stage in graph.stages if stage.base.stage}
        self.same: dict[str, tuple[str, Step]] = {}
        """Stage that is in the log under the name of another -> its last step there."""
        needed = {need for stage in graph.stages if placed[stage.name] for need, _ in needs(stage)}
        for stage in graph.stages:
            if not placed[stage.name] and stage.name in needed:
                self._find(stage)
            for platform in self._platforms(stage):
                self._chain(stage, platform)

    def _platforms(self, stage: Stage) -> Iterable[str]:
        return dict.fromkeys(_platform(step) for step in self.placed[stage.name])

    def _steps(self, stage: Stage, platform: str) -> list[Step]:
        return list({step.number: step for step in self.placed[stage.name] if _platform(step) == platform}.values())

    def _chain(self, stage: Stage, platform: str) -> None:
        """The steps of a stage for one platform, one after the other; one that is linked waits for nothing of its stage."""
        steps = self._steps(stage, platform)
        needed = {need for need, _ in needs(stage) if need in self.placed}
        hidden = self._taken(self._hidden(stage, steps), platform)
        there = self._begin(stage, steps[0], platform)
        first = steps[0] if steps[0].number > 1 else steps[-1]
        for step in steps:
            there += hidden if step is first else ()
            sources = self._taken((name for name in step.takes_from if name in needed), platform)
            one = (stage.name, step)
            self.before[one] = sources if step.is_linked else there + sources
            there = (*there, one) if step.is_linked else (one,)
        self.ends[stage.name, platform] = there

    def _hidden(self, stage: Stage, steps: Sequence[Step]) -> list[str]:
        """What a stage needs without a step in the log that says so: another's step does it too, or its text is cut off."""
        needed = {need for need, _ in needs(stage) if need in self.placed}
        return sorted(needed.difference({self.bases.get(stage.name)}, *(step.takes_from for step in steps)))

    def _taken(self, stages: Iterable[str], platform: str) -> Tail:
        return tuple(one for name in stages for one in self._end(name, platform))

    def _begin(self, stage: Stage, first: Step, platform: str) -> Tail:
        """What the first step that the log has of a stage waits for. Steps before it are another's that begins alike."""
        if first.number > 1 and (twin := self._twin(stage, first.number, platform)):
            name, step = twin
            if name != stage.name and not step.is_base:
                self.like[stage.name] = name
            return (twin,)
        return self._end(self.bases[stage.name], platform) if stage.name in self.bases else ()

    def _find(self, stage: Stage) -> None:
        """Looks for a stage that is needed and not in the log: one that begins with all that it does may have taken its steps."""
        whole = len(list(_doing(stage)))
        twin = self._twin(stage, whole + (1 if stage.base.stage else 2), "") if whole else None
        if twin and _alike(stage, self.graph[twin[0]]) == whole:
            self.same[stage.name] = twin
            self.like[stage.name] = twin[0]

    def _twin(self, stage: Stage, below: int, platform: str) -> tuple[str, Step] | None:
        """A step that is in the log under the name of another stage, or platform: the last before a place in the one that begins most alike."""
        found = [
            (_alike(stage, other), step.number, _platform(step) == platform, -place, other.name, step)
            for place, other in enumerate(self.graph.stages)
            if other.base == stage.base and other.target == stage.target
            for step in self._opening(other)
            if step.number < below and (step.is_base or _alike(stage, other))
        ]
        return max(found, key=lambda one: one[:4])[4:] if found else None

    def _opening(self, stage: Stage) -> Iterator[Step]:
        """The steps that a stage begins with and that wait for what it stands upon alone: whoever waits for them can never wait for himself."""
        for platform in self._platforms(stage):
            steps = self._steps(stage, platform)
            if steps[0].number == 1:
                known = steps[:-1] if self._hidden(stage, steps) else steps
                yield from takewhile(lambda step: not step.takes_from, known)

    def _end(self, stage: str, platform: str) -> Tail:
        """What must have ended before a stage is there; one without steps is there with what it stands upon."""
        while not self.placed[stage] and stage in self.bases and stage not in self.same:
            stage = self.bases[stage]
        if stage in self.same:
            return (self.same[stage],)
        own = self.ends.get((stage, platform))
        return own if own is not None else tuple(one for (name, _), tail in self.ends.items() if name == stage for one in tail)

    def longest(self) -> tuple[tuple[str, Step], ...]:
        """The path that takes longest, without what takes nothing before it and what was cached behind; empty where all of it takes nothing."""
        ended: dict[tuple[str, Step], float] = {}
        last: dict[tuple[str, Step], tuple[str, Step]] = {}
        for one in TopologicalSorter(self.before).static_order():
            waits = self.before.get(one, ())
            if waits:
                last[one] = max(waits, key=ended.__getitem__)
            ended[one] = one[1].seconds + (ended[last[one]] if waits else 0.0)
        latest = max(ended.values(), default=0.0)
        if not latest:
            return ()
        path = [[one for one in self.before if ended[one] == latest][-1]]
        while path[-1] in last:
            path.append(last[path[-1]])
        end = next(at for at, (_, step) in enumerate(path) if step.state != "cached" or step.seconds)
        start = max(at for at, (_, step) in enumerate(path) if step.seconds)
        return tuple(reversed(path[end : start + 1]))


def _platform(step: Step) -> str:
    """What a step is for: `linux/amd64->arm64` is what a machine of the first builds for the second."""
    here, arrow, there = step.scope.rpartition("->")
    return f"{here.partition('/')[0]}/{there}" if arrow else step.scope


def _alike(one: Stage, other: Stage) -> int:
    """How many nodes two stages have in common at their beginning."""
    count = 0
    for mine, its in zip(_doing(one), _doing(other), strict=False):
        if mine != its:
            break
        count += 1
    return count


def _doing(stage: Stage) -> Iterator[Node]:
    return (node for node in walk(stage.nodes) if not isinstance(node, _NO_STEP))

