"""A split graph in words, for tests to read, and recipes of stand-ins."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hpcgen.graph import nodes

if TYPE_CHECKING:
    from collections.abc import Callable

    from hpcgen.graph.nodes import Node
    from hpcgen.graph.stages import StageGraph

Shown = dict[str, list[str]]
"""Stage -> what it starts from, and what it does, in words."""


def shown(graph: StageGraph) -> Shown:
    """Each stage in words: what it starts from, and what it does; what blocks are called is left out."""
    return {stage.name: [f"from {stage.base.image}", *(word for node in stage.nodes if (word := told(node)))] for stage in graph.stages}


def told(node: Node) -> str:
    """A node in a few words."""
    if isinstance(node, nodes.Label) and node.value == "built":
        return ""
    return WORDS[type(node)](node) if type(node) in WORDS else type(node).__name__.lower()


WORDS: dict[type[Node], Callable[[Any], str]] = {
    nodes.Install: lambda node: f"install {' '.join(node.packages)}",
    nodes.AddRepository: lambda node: f"repository {node.name}",
    nodes.Run: lambda node: "; ".join(node.commands),
    nodes.Copy: lambda node: f"copy {node.stage}:{node.dest}" if node.tree else f"copy {' '.join(node.sources)} to {node.dest}",
    nodes.SetEnv: lambda node: f"{node.name}={node.value}",
    nodes.PrependPath: lambda node: f"{node.name}+={node.path}",
    nodes.Arg: lambda node: f"arg {node.name}",
    nodes.Workdir: lambda node: f"in {node.path}",
    nodes.User: lambda node: f"as {node.name}",
    nodes.Shell: lambda node: f"by {node.words[0]}",
}


def built(name: str, *words: str, prefix: str = "") -> str:
    """The line of a recipe that adds a block that is built."""
    where = prefix or f"/opt/{name}"
    return f"{name} = built({', '.join((f'prefix={where!r}', *filter(None, words)))}); Stage0 += {name}"


GNU = "gnu = managed(installs=['gcc'], languages=['c']); Stage0 += gnu"
RAW = "Stage0 += shell(commands=['touch /data/x'])"
