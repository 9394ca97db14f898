"""What the formats share that write a recipe's line, one step after the other in one place, and not a stage for each block."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hpcgen.emitting.code import Laid, without_optional
from hpcgen.errors import Unsupported, Unwritable
from hpcgen.frozen import evolve
from hpcgen.graph.nodes import Copy
from hpcgen.graph.stages import line
from hpcgen.quoting import sh

if TYPE_CHECKING:
    from hpcgen.emitting.code import Code
    from hpcgen.graph.stages import Stage, StageGraph

_UNSEEN = {
    "bind": "copy the files instead, and remove them in a later command",
    "secret": "fetch what needs it before, and copy it in",
    "ssh": "fetch what needs it before, and copy it in",
}
"""Mounts that cannot be left out, with what to do instead."""


def wanted(graph: StageGraph) -> tuple[Stage, ...]:
    """The stages that the recipe's result takes files from, in order, and the result; those that it only stands on are none of them."""
    names = {stage.name for stage in graph.stages}
    found: set[str] = set()
    waiting = [graph.stages[-1].name]
    while waiting:
        name = waiting.pop()
        if name in names and name not in found:
            found.add(name)
            waiting += [node.stage for part in line(graph, graph[name]) for node in part.nodes if isinstance(node, Copy) and node.stage]
    return tuple(stage for stage in graph.stages if stage.name in found)


def without_mounts(code: Code, word: str, *, keeps_caches: bool = False) -> Code:
    """The same code where there are no mounts: a cache or tmpfs becomes a folder that is emptied again, the others mean too much to be left out.

    A secret that need not be there is one that is not.
    """
    code = evolve(code, mounts=without_optional(code.mounts))
    if code.options:
        how = "leave it out, or say it to Docker alone by raw(docker=...)"
        raise Unsupported(f"{word}: {' '.join(code.options)} is a word for Docker's RUN", help=how)
    for mount in code.mounts:
        if mount.kind in _UNSEEN:
            raise Unsupported(f"{word} has no {mount.kind} mounts", help=_UNSEEN[mount.kind])
    for mount in code.mounts:
        if "\n" in mount.target:
            raise Unwritable(f"a mount's place holds a newline: {mount.target!a:.80}")
    kept = [mount.target for mount in code.mounts if keeps_caches and mount.kind == "cache"]
    emptied = [mount.target for mount in code.mounts if mount.target not in kept]
    before = (*(f"mkdir -p {sh(folder)}" for folder in kept), *map(_made, emptied))
    return evolve(code, commands=(*before, *code.commands, *map(_emptied, emptied)), mounts=()) if code.mounts else code


def _made(folder: str) -> str:
    """A folder for the time of some commands; what it held before stays in it."""
    return Laid(f"{{ [ -e {sh(folder)} ] || {{ mkdir -p {sh(folder)} && : > {sh(folder)}/.hpcgen-made; }}; }}")


def _emptied(folder: str) -> str:
    return Laid(f"{{ [ ! -e {sh(folder)}/.hpcgen-made ] || {{ rm -rf {sh(folder)} && mkdir -p {sh(folder)}; }}; }}")
