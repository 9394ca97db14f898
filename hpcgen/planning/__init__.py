"""From the recipe's stages to the finished stage graph."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hpcgen.graph.nodes import RuntimeOf
from hpcgen.planning.expanding import expand_recipe
from hpcgen.planning.passes import ARRANGING, PASSES
from hpcgen.planning.rules import Exemptions, check_stages

if TYPE_CHECKING:
    from hpcgen.graph.stages import StageGraph
    from hpcgen.loading.recipe import Loaded
    from hpcgen.planning.expanding import Watch


def plan_recipe(loaded: Loaded, watch: Watch | None = None) -> StageGraph:
    """The stage graph of a loaded recipe: what it means, in the recipe's own order; `watch` is of `expand_recipe`."""
    exemptions = Exemptions(loaded)
    graph = expand_recipe(loaded, exemptions, watch)
    for one in PASSES:
        graph = one(graph)
    return check_stages(graph, loaded, exemptions)


def arranged(graph: StageGraph, *, parallel: bool, at_once: int = 0, ccache: bool = False, format: str = "docker") -> StageGraph:  # noqa: A002 (as everywhere)
    """The graph as it is written: for who builds stages side by side, each closed block in a stage of its own; runtime stages with what they need."""
    if parallel:
        from hpcgen.planning.splitting import split

        graph = split(graph)
    if any(isinstance(node, RuntimeOf) for stage in graph.stages for node in stage.nodes):
        from hpcgen.planning.collecting import collect

        graph = collect(graph, format)
    if ccache:
        from hpcgen.planning.caching import with_ccache

        graph = with_ccache(graph)
    if at_once:
        from hpcgen.planning.turns import take_turns

        graph = take_turns(graph, at_once)
    for one in ARRANGING:
        graph = one(graph)
    return graph
