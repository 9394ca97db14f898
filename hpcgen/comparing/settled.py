"""A graph in the form in which equal meanings are equal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hpcgen.frozen import evolve
from hpcgen.graph.nodes import ByArch, Comment, Install, Node
from hpcgen.graph.stages import StageGraph
from hpcgen.planning.passes import merge_packages

if TYPE_CHECKING:
    from collections.abc import Iterator


def settled(graph: StageGraph, *without: type[Node]) -> StageGraph:
    """The same without comments, and without nodes of some kinds; packages and their repositories are in one order."""
    left_out: tuple[type[Node], ...] = (Comment, *without)
    return StageGraph(
        tuple(
            evolve(stage, nodes=tuple(_settled(stage.nodes, left_out)), head=tuple(_settled(stage.head, left_out))) for stage in graph.stages
        )
    )


def merged(graph: StageGraph) -> StageGraph:
    """A settled graph in which it does not matter by how many words of the recipe neighbouring packages are asked for."""
    return settled(merge_packages(graph))


def _settled(nodes: tuple[Node, ...], left_out: tuple[type[Node], ...]) -> Iterator[Node]:
    for node in nodes:
        if isinstance(node, ByArch):
            yield evolve(node, choices=tuple((name, tuple(_settled(inner, left_out))) for name, inner in node.choices))
        elif isinstance(node, Install):
            yield evolve(node, packages=tuple(sorted(set(node.packages))), enable=tuple(sorted(set(node.enable))))
        elif not isinstance(node, left_out):
            yield node
