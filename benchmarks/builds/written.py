"""The Dockerfiles that are built: HPCCM's, and hpcgen's with what configure found kept below each prefix."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from builds.machine import HERE, WORK, output, tool

import hpcgen
from hpcgen.frozen import evolve
from hpcgen.graph.nodes import Run
from hpcgen.quoting import sh

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from hpcgen.graph.stages import Stage, StageGraph

STACK = HERE / "stack" / "recipe.py"
OWN_STACK = HERE / "own_stack" / "recipe.py"
HPCCM_STACK = HERE / "hpccm_stack" / "recipe.py"
CHANGES = {"ucx": "--enable-debug-data", "fftw": "--with-slow-timer"}
"""Block -> a word for its configure that changes what is built, and not how long it takes."""

LOGS = "share/config-logs"
"""Where below its prefix a block keeps the logs of its configure scripts."""

_CONFIGURE = re.compile(r"(^|[ /])configure --prefix=(\S+)(.*)")


def hpccm(change: str = "") -> Path:
    """HPCCM's Dockerfile of the stack, with one block's configure changed."""
    recipe = WORK / f"hpccm-{change or 'stack'}.py"
    text = HPCCM_STACK.read_text()
    if change:
        option = CHANGES[change].lstrip("-").replace("-", "_")
        text = text.replace(f"+= {change}(", f"+= {change}({option}=True, ")
    recipe.write_text(text)
    file = recipe.with_suffix(".Dockerfile")
    file.write_bytes(output(tool("hpccm"), "--recipe", recipe, "--format", "docker"))
    return file


def stack(change: str = "", *, linear: bool = False, at_once: int = 0) -> Path:
    """The Dockerfile that hpcgen makes of the stack, split or as one line, with one block's configure changed."""
    file = WORK / f"hpcgen-{change or 'stack'}{'-linear' if linear else ''}{f'-at-once-{at_once}' if at_once else ''}.Dockerfile"
    graph = kept(hpcgen.plan(str(STACK), userarg={change: CHANGES[change]} if change else {}))
    file.write_text(hpcgen.emit(graph, linear=linear, at_once=at_once).text)
    return file


def derived(recipe: Path, kind: str, launch: str) -> Path:
    """The Dockerfile of a recipe of the stack with a derived runtime of some kind, as hpcgen writes it."""
    file = WORK / f"size-{recipe.parent.name}-{kind}{'-' if launch else ''}{launch}.Dockerfile"
    graph = hpcgen.plan(str(recipe), userarg={"kind": kind, "launch": launch})
    file.write_text(hpcgen.emit(graph).text)
    return file


def kept(graph: StageGraph) -> StageGraph:
    """The graph with a command behind each configure that keeps its log, and those of the configure scripts that it runs, below the prefix."""
    return evolve(graph, stages=tuple(_kept(stage) for stage in graph.stages))


def _kept(stage: Stage) -> Stage:
    prefixes = {facts.ref: facts.prefix for facts in stage.blocks}
    nodes = []
    for node in stage.nodes:
        prefix = prefixes.get(node.block) if isinstance(node, Run) and node.block else None
        nodes.append(evolve(node, commands=tuple(_with_logs(node.commands, prefix))) if isinstance(node, Run) and prefix else node)
    return evolve(stage, nodes=tuple(nodes))


def _with_logs(commands: Sequence[str], prefix: str) -> list[str]:
    found = []
    for command in commands:
        found.append(command)
        if _CONFIGURE.search(command):
            folder = sh(f"{prefix}/{LOGS}")
            found += [f"mkdir -p {folder}", f"find . -name config.log -exec cp --parents -t {folder} {{}} +"]
    return found


def configured(file: Path) -> Mapping[str, str]:
    """Prefix -> the words that configure is given in a Dockerfile."""
    return {found[2]: found[3].removesuffix("\\").rstrip().removesuffix("&&").rstrip() for found in map(_CONFIGURE.search, _lines(file)) if found}


def _lines(file: Path) -> list[str]:
    return file.read_text().splitlines()
