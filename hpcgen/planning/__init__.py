"""From the recipe's stages to the finished stage graph."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hpcgen.planning.expanding import expand_recipe
from hpcgen.planning.passes import PASSES

if TYPE_CHECKING:
    from hpcgen.graph.stages import StageGraph
    from hpcgen.loading.recipe import Loaded


def plan_recipe(loaded: Loaded) -> StageGraph:
    """The stage graph of a loaded recipe, all passes done."""
    graph = expand_recipe(loaded)
    for one in PASSES:
        graph = one(graph)
    return graph
