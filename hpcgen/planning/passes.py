"""Passes over the stage graph: each is a function graph -> graph, and `PASSES` is their order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hpcgen.errors import Conflict, WrongValue, did_you_mean
from hpcgen.frozen import evolve
from hpcgen.graph.nodes import Comment, Copy, Install, Label, Node, PrependPath, RuntimeOf, SetEnv
from hpcgen.graph.stages import BlockFacts, Stage, StageGraph, needs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from hpcgen.graph.nodes import BlockRef
    from hpcgen.origin import Origin

    Pass = Callable[[StageGraph], StageGraph]

LAYERS_THAT_ENGINES_TAKE = 100
"""Engines stop at about 125 layers in a chain (overlay mounts; moby's maxDepth): the base's are not known here."""

_NO_BARRIER = (Comment, SetEnv, PrependPath, Label)
"""What packages may be moved across: it changes nothing that a package manager reads."""


def take_runtime(graph: StageGraph) -> StageGraph:
    """Replaces each RuntimeOf by packages, prefixes and environment of the blocks that it stands for."""
    return evolve(graph, stages=tuple(_with_runtime(graph, stage) for stage in graph.stages))


def _with_runtime(graph: StageGraph, stage: Stage) -> Stage:
    """A stage whose blocks still know which nodes are theirs."""
    if not any(isinstance(node, RuntimeOf) for node in stage.nodes):
        return stage
    nodes: list[Node] = []
    now: list[int] = []
    for node in stage.nodes:
        now.append(len(nodes))
        nodes += _runtime(graph, stage, node) if isinstance(node, RuntimeOf) else (node,)
    now.append(len(nodes))
    inherited = len(graph[stage.base.image].blocks) if stage.base.stage else 0
    own = tuple(evolve(facts, span=(now[facts.span[0]], now[facts.span[1]])) for facts in stage.blocks[inherited:])
    return evolve(stage, nodes=tuple(nodes), blocks=stage.blocks[:inherited] + own)


def _runtime(graph: StageGraph, stage: Stage, node: RuntimeOf) -> Iterator[Node]:
    source = graph[node.stage]
    if (source.target.distribution, source.target.release) != (stage.target.distribution, stage.target.release):
        raise Conflict(
            f"stage '{source.name}' is {source.target.name}, its runtime stage '{stage.name}' is {stage.target.name}",
            origin=node.origin,
            help="what is built on one release does not run on another: give both stages one distribution and release",
        )
    names = {facts.ref.name for facts in source.blocks}
    for name in node.exclude:
        if name not in names:
            sentence = f"runtime(exclude=['{name}']): stage '{source.name}' has no such block"
            raise WrongValue(sentence, origin=node.origin, help=did_you_mean(name, names))
    chosen = [facts for facts in source.blocks if facts.ref.name not in node.exclude]
    for facts in chosen:
        yield from facts.packages
    for facts in chosen:
        yield from _leavings(source.name, facts)


def _leavings(stage: str, facts: BlockFacts) -> Iterator[Node]:
    """The folders and the environment that one block leaves for running."""
    for prefix in facts.prefixes:
        yield Copy((prefix,), prefix, stage=stage, literal=True, tree=True, origin=facts.origin, block=facts.ref)
    for path in facts.files:
        pattern = any(mark in path for mark in "*?[")
        dest = f"{path.rpartition('/')[0]}/" if pattern else path
        yield Copy((path,), dest, stage=stage, literal=not pattern, origin=facts.origin, block=facts.ref)
    yield from facts.environment


def merge_packages(graph: StageGraph) -> StageGraph:
    """Puts neighbouring Install nodes together, never across what may read or write files."""
    return evolve(graph, stages=tuple(evolve(stage, nodes=tuple(_merged(stage.nodes))) for stage in graph.stages))


def _merged(nodes: tuple[Node, ...]) -> Iterator[Node]:
    alike: list[Install] = []
    waiting: list[Node] = []
    for node in nodes:
        if isinstance(node, Install) and alike and _may_join(alike[0], node):
            alike.append(node)
        elif isinstance(node, _NO_BARRIER):
            waiting.append(node)
        else:
            yield from _flush(alike, waiting)
            alike, waiting = [node] if isinstance(node, Install) else [], []
            if not alike:
                yield node
    yield from _flush(alike, waiting)


def _flush(alike: list[Install], waiting: list[Node]) -> Iterator[Node]:
    if alike:
        yield alike[0] if len(alike) == 1 else _joined(alike)
    yield from waiting


def _may_join(one: Install, other: Install) -> bool:
    return not one.download and not other.download and one.options == other.options and one.modules == other.modules


def _joined(alike: list[Install]) -> Install:
    return evolve(
        alike[0],
        packages=tuple(dict.fromkeys(name for node in alike for name in node.packages)),
        enable=tuple(dict.fromkeys(name for node in alike for name in node.enable)),
        shared=tuple(dict.fromkeys(whom for node in alike for whom in _sharers(node))),
    )


def _sharers(node: Install) -> tuple[tuple[BlockRef | None, Origin | None], ...]:
    return node.shared or ((node.block, node.origin),)


def note_references(graph: StageGraph) -> StageGraph:
    """Stages that others take from are given their name aloud."""
    wanted = {need for stage in graph.stages for need, _ in needs(stage)}
    return evolve(graph, stages=tuple(evolve(stage, named=stage.named or stage.name in wanted) for stage in graph.stages))


def warn_of_layers(graph: StageGraph) -> StageGraph:
    """Warns of a chain of more layers than engines take."""
    warnings = list(graph.warnings)
    depth: dict[str, int] = {}
    for stage in graph.stages:
        own = sum(not isinstance(node, _NO_BARRIER) for node in stage.nodes)
        depth[stage.name] = own + (depth.get(stage.base.image, 0) if stage.base.stage else 0)
        if depth[stage.name] > LAYERS_THAT_ENGINES_TAKE:
            warnings.append(f"stage '{stage.name}' has about {depth[stage.name]} layers in a chain; engines stop at about 125")
    return evolve(graph, warnings=tuple(warnings))


def warn_of_unchecked(graph: StageGraph) -> StageGraph:
    """Warns of what is downloaded without a checksum, on every run."""
    from hpcgen.graph.nodes import Fetch, Git
    from hpcgen.graph.stages import walk

    warnings = list(graph.warnings)
    for stage in graph.stages:
        for node in walk(stage.nodes):
            if isinstance(node, Fetch) and node.sha256 is None and not node.local:
                warnings.append(f"{node.origin}: {node.url} is downloaded without a checksum")
            elif isinstance(node, Git) and not node.commit:
                warnings.append(f"{node.origin}: {node.url} is taken from '{node.ref}' as it stands on the day of the build; name a commit")
    return evolve(graph, warnings=tuple(dict.fromkeys(warnings)))


PASSES: tuple[Pass, ...] = (take_runtime, warn_of_unchecked)
"""What happens to the graph of a recipe, in order: afterwards it says all that the recipe means, whatever it is written as."""

ARRANGING: tuple[Pass, ...] = (merge_packages, note_references, warn_of_layers)
"""What happens to a graph before it is written, once it is split if it is to be, in order."""
