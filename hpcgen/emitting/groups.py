"""Which neighbouring nodes are written as one instruction."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hpcgen.graph.nodes import AddRepository, ByArch, Fetch, Git, Install, Node, PrependPath, Run, SetEnv, WriteFile

if TYPE_CHECKING:
    from collections.abc import Iterable

BUILDING = (Fetch, Git, Run, WriteFile, ByArch)
"""What a block does to build itself: one RUN, so that what it fetched and removed again is in no layer."""

ENVIRONMENT = (SetEnv, PrependPath)


def groups(nodes: Iterable[Node]) -> list[tuple[Node, ...]]:
    """The nodes in order, those of one instruction together."""
    found: list[list[Node]] = []
    names: set[str] = set()
    for node in nodes:
        if found and _joins(found[-1][-1], names, node):
            found[-1].append(node)
        else:
            found.append([node])
            names = set()
        if isinstance(node, ENVIRONMENT):
            names.add(node.name)
    return [tuple(group) for group in found]


def _joins(last: Node, names: set[str], node: Node) -> bool:
    """Whether a node belongs to the instruction of those before it, which sets the variables `names`."""
    if isinstance(node, ENVIRONMENT) and isinstance(last, ENVIRONMENT):
        return node.block == last.block and _line(node) == _line(last) and node.name not in names
    if node.block is None or last.block is None or node.block.digest != last.block.digest:
        return False
    if isinstance(last, AddRepository):
        return isinstance(node, AddRepository | Install)
    return isinstance(node, BUILDING) and isinstance(last, BUILDING) and not _is_choice_of_packages(node) and not _is_choice_of_packages(last)


def _is_choice_of_packages(node: Node) -> bool:
    """Whether a choice by architecture only installs packages."""
    return isinstance(node, ByArch) and all(isinstance(one, Install | AddRepository) for _, nodes in node.choices for one in nodes)


def _line(node: Node) -> str:
    return str(node.origin)
