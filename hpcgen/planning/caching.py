"""Compilers' results kept beside the image, by ccache in a cache mount: what is built again compiles only what changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hpcgen.frozen import evolve
from hpcgen.graph.nodes import Fetch, Git, Install, Mount, Run

if TYPE_CHECKING:
    from hpcgen.graph.nodes import BlockRef, Node
    from hpcgen.graph.stages import Stage, StageGraph
    from hpcgen.target import Target

FOLDER = "/run/ccache"
COMPILERS = {"apt": "/usr/lib/ccache", "dnf": "/usr/lib64/ccache"}
"""Package manager -> the folder in which ccache stands under the compilers' names (ccache's manual, run modes)."""


def with_ccache(graph: StageGraph) -> StageGraph:
    """Each block that is built from a source finds ccache under its compilers' names, with one cache for each target."""
    return evolve(graph, stages=tuple(evolve(stage, nodes=tuple(_cached(stage))) for stage in graph.stages))


def _cached(stage: Stage) -> list[Node]:
    """The nodes of a stage; ccache is one more package of each block that has a source."""
    nodes: list[Node] = []
    packages: dict[BlockRef, int] = {}
    source = None
    for node in stage.nodes:
        if isinstance(node, Install) and node.block is not None:
            packages[node.block] = len(nodes)
        elif isinstance(node, Fetch | Git) and node.block is not None and node.block != source:
            source = node.block
            at = packages.get(source, len(nodes))
            before = nodes[at] if at < len(nodes) else Install((), origin=node.origin, block=source)
            nodes[at : at + 1] = [_with_ccache(before, stage.target)]
        compiles = isinstance(node, Run) and source is not None and node.block == source and not _only_removes(node)
        nodes.append(_compiling(node, stage.target) if compiles else node)
    return nodes


def _only_removes(node: Node) -> bool:
    """Whether a Run does nothing but tidy up."""
    return isinstance(node, Run) and all(command.startswith("rm ") for command in node.commands)


def _with_ccache(node: Node, target: Target) -> Install:
    """An installation of ccache too: in the RHEL family it is EPEL's."""
    assert isinstance(node, Install)
    enable = node.enable if target.manager == "apt" else tuple(dict.fromkeys((*node.enable, "epel")))
    return evolve(node, packages=(*node.packages, "ccache"), enable=enable)


def _compiling(run: Node, target: Target) -> Run:
    """A Run that finds ccache before the compilers."""
    assert isinstance(run, Run)
    head = (f'export PATH="{COMPILERS[target.manager]}:$PATH"', f"export CCACHE_DIR={FOLDER}")
    return evolve(run, commands=(*head, *run.commands), mounts=(*run.mounts, Mount("cache", FOLDER, id=f"hpcgen-{target.name}-ccache")))
