"""Passes over the stage graph: each is a function graph -> graph, and `PASSES` is their order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hpcgen.frozen import evolve
from hpcgen.graph.nodes import Comment, Install, Label, Node, PrependPath, SetEnv
from hpcgen.graph.stages import StageGraph, needs
from hpcgen.planning.runtime import take_runtime

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from hpcgen.graph.nodes import BlockRef
    from hpcgen.origin import Origin

    Pass = Callable[[StageGraph], StageGraph]

LAYERS_THAT_ENGINES_TAKE = 100
"""Engines stop at about 125 layers in a chain (overlay mounts; moby's maxDepth): the base's are not known here."""

_NO_BARRIER = (Comment, SetEnv, PrependPath, Label)
"""What packages may be moved across: it changes nothing that a package manager reads."""


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
