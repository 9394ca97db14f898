"""What tests of blocks read out of a planned recipe."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any

import hpcgen
from hpcgen.errors import HpcgenError
from hpcgen.graph.nodes import BlockRef, Install, Node, PrependPath, Run, SetEnv
from hpcgen.graph.stages import StageGraph, walk
from hpcgen.origin import Origin

if TYPE_CHECKING:
    from collections.abc import Iterator

LEFT_OUT = ("origin", "block", "shared", "warnings")
"""The fields that say where something is from, not what it is."""


def plan(recipe: str, image: str = "debian:12", *, arch: str = "", cpu_target: str = "", distro: str | None = None) -> StageGraph:
    """The graph of a recipe's lines upon a base image."""
    text = f"Stage0 += baseimage(image={image!r}, distro={distro!r}, name='devel')\n{recipe}\n"
    return hpcgen.plan("recipe.py", text=text, arch=arch, cpu_target=cpu_target)


def refusal(recipe: str, image: str = "debian:12", *, arch: str = "") -> HpcgenError:
    """The error that a recipe ends with."""
    try:
        plan(recipe, image, arch=arch)
    except HpcgenError as fault:
        return fault
    raise AssertionError(f"this was planned without an error: {recipe}")


def stand_in(name: str, version: str) -> str:
    """Recipe lines for a partner of any version: what a block of the name would be, without building anything."""
    return (
        f"from hpcgen.block import Block, option\n"
        f"class {name}(Block):\n    version = '{version}'\n    prefix = '/usr/local/{name}'\n    def build(self, place): return iter(())\n"
        f"Stage0 += {name}()\n"
    )


def nodes(graph: StageGraph, kind: type[Node], block: str = "", stage: int = 0) -> list[Any]:
    """The nodes of a kind in a stage, of a block if one is named."""
    return [
        node
        for node in walk(graph.stages[stage].nodes)
        if isinstance(node, kind) and (not block or (node.block is not None and node.block.name == block))
    ]


def commands(graph: StageGraph, block: str = "", stage: int = 0) -> list[str]:
    """All shell commands of a stage."""
    return [command for node in nodes(graph, Run, block, stage) for command in node.commands]


def configured(graph: StageGraph, block: str = "", program: str = "configure") -> list[str]:
    """The words that a block's configure or cmake is given, variables before it first."""
    (line,) = (command for command in commands(graph, block) if f"{program} -" in command)
    return shlex.split(line)


def packages(graph: StageGraph, stage: int = 0) -> set[str]:
    """The packages that a stage installs."""
    return {name for node in nodes(graph, Install, stage=stage) for name in node.packages}


def upon(graph: StageGraph, block: str, stage: int = 0) -> set[str]:
    """The names of the blocks that a block of a stage builds upon."""
    blocks = graph.stages[stage].blocks
    (facts,) = (facts for facts in blocks if facts.ref.name == block)
    assert all(blocks[edge.at].ref.digest == edge.block for edge in facts.upon)
    return {blocks[edge.at].ref.name for edge in facts.upon}


def environment(graph: StageGraph, stage: int = 0) -> dict[str, list[str]]:
    """The variables of a stage with what they are set to, or what is put into them."""
    found: dict[str, list[str]] = {}
    for node in nodes(graph, SetEnv, stage=stage):
        found.setdefault(node.name, []).append(node.value)
    for node in nodes(graph, PrependPath, stage=stage):
        found.setdefault(node.name, []).append(node.path)
    return found


def as_data(value: Any) -> Any:
    """A graph as what JSON can hold: kinds by name, fields that differ from their defaults; not where it is from."""
    if isinstance(value, StageGraph):
        return [as_data(stage) for stage in value.stages]
    if isinstance(value, tuple | list):
        return [as_data(one) for one in value]
    if isinstance(value, Origin | BlockRef):
        return str(value)
    if not hasattr(type(value), "__attrs_attrs__"):
        return value
    return {"kind": type(value).__name__, **dict(_fields(value))} if isinstance(value, Node) else dict(_fields(value))


def _fields(value: Any) -> Iterator[tuple[str, Any]]:
    for field in type(value).__attrs_attrs__:
        one = getattr(value, field.name)
        if field.name not in LEFT_OUT and one != field.default:
            yield field.name, as_data(one)
