"""The names of the distribution's packages that blocks use, by target, and what is known of them.

A block's names are those that its typical recipe installs on a target, and those that its class declares: its own lists, and what each option brings that
takes the distribution's. What only a vendor's repository has is told apart by that repository: a block that adds one may name packages that the
distribution does not have.
"""

from __future__ import annotations

import inspect
import tomllib
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from everywhere import blocks, graphs

from hpcgen.block.finder import find
from hpcgen.block.packages import Packages
from hpcgen.graph.nodes import AddRepository, Install
from hpcgen.graph.stages import walk
from hpcgen.target import ARCHITECTURES, Target, known, named

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hpcgen.graph.stages import StageGraph

DATA = Path(__file__).resolve().parents[1] / "building_blocks" / "packages.toml"
"""Target -> the names that its package index has, and where that was seen."""
MACHINE = "hpcgen itself"
"""Stands for the block of names that are no block's: compilers, make, what downloads and unpacks."""
_MACHINES_MODULES = ("hpcgen.block.compilers", "hpcgen.block.kinds", "hpcgen.block.sources")


class Name(NamedTuple):
    """A package as it is named on a target.

    Attributes:
        name: of the package.
        arch: that it is named for; empty: for whichever has it.
        repositories: of vendors, that the same block adds: the package may be theirs.
    """

    name: str
    arch: str = ""
    repositories: tuple[str, ...] = ()


@cache
def names(block: str) -> dict[str, frozenset[Name]]:
    """Target -> the packages that a block names there."""
    found: dict[str, set[Name]] = {target: set() for target in known()}
    adds: dict[str, tuple[str, ...]] = {}
    for target, arch, graph in graphs(block) if block != MACHINE else ():
        for name in _of_graph(graph, arch):
            found[target].add(name)
            adds[target] = tuple(dict.fromkeys((*adds.get(target, ()), *name.repositories)))
    for target in known():
        for one in _declared(block):
            found[target] |= {Name(name, "", adds.get(target, ())) for name in one.names(Target(*named(target)))}
    return {target: frozenset(one) for target, one in found.items()}


def _of_graph(graph: StageGraph, arch: str) -> Iterator[Name]:
    """What a graph installs, and what its blocks need for running."""
    for stage in graph.stages:
        nodes = [*walk(stage.nodes), *(node for facts in stage.blocks for node in walk(facts.packages))]
        added: dict[str, list[str]] = {}
        for node in nodes:
            if isinstance(node, AddRepository):
                added.setdefault(node.block.name if node.block else "", []).append(node.name)
        for node in nodes:
            if isinstance(node, Install):
                served = {one.name for one, _ in ((node.block, None), *node.shared) if one is not None}
                repositories = tuple(sorted({name for one in served for name in added.get(one, ())}))
                yield from (Name(name.partition("=")[0], arch, repositories) for name in node.packages)
        for facts in stage.blocks:
            yield from (Name(name, arch, tuple(added.get(facts.ref.name, ()))) for name in facts.leaves.packages)


def _declared(block: str) -> list[Packages]:
    """The lists of a class and its options, those of the machine's modules for what is no block's."""
    if block == MACHINE:
        return [one for module in _MACHINES_MODULES for value in vars(import_module(module)).values() for one in _lists(value)]
    found = find(block)
    assert found is not None
    own = [one for name in {name for base in found.__mro__ for name in vars(base)} for one in _lists(inspect.getattr_static(found, name))]
    switches = [option.switch for option in found.options.values() if option.switch]
    return [*own, *(one for switch in switches for one in (switch.packages, switch.runtime) if one is not None)]


def _lists(value: Any) -> Iterator[Packages]:
    """The lists of packages in a value, however deep."""
    if isinstance(value, Packages):
        yield value
    elif isinstance(value, tuple | list):
        yield from (one for inner in value for one in _lists(inner))
    elif isinstance(value, dict):
        yield from (one for inner in value.values() for one in _lists(inner))


def everybody() -> tuple[str, ...]:
    """All blocks, and the machine."""
    return (*blocks(), MACHINE)


def wanted(target: str) -> dict[Name, set[str]]:
    """Everything that is named on a target -> the blocks that name it."""
    found: dict[Name, set[str]] = {}
    for block in everybody():
        for name in names(block)[target]:
            found.setdefault(name, set()).add(block)
    return found


@cache
def data() -> dict[str, Any]:
    """What was found in the package indexes."""
    return tomllib.loads(DATA.read_text(encoding="utf-8"))


def state(name: Name, target: str) -> str:
    """What is known of a package: `there`, `a vendor's`, `missing` (an index was read, and lacks it), or `unchecked`."""
    facts = data().get(target)
    if facts is None:
        return "unchecked"
    where = [arch for arch in ARCHITECTURES if name.name in facts["both"] or name.name in facts[arch]]
    if name.arch in where or (where and not name.arch):
        return "there"
    if name.repositories and facts["vendors"].get(name.name) in name.repositories:
        return "a vendor's"
    return "missing" if facts["whole"] else "unchecked"
