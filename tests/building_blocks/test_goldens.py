"""Each block's golden: a typical recipe, its graph, and the Dockerfile."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from planned import as_data

import hpcgen
from hpcgen import shipped
from hpcgen.block.finder import own
from hpcgen.graph.nodes import Run
from hpcgen.graph.stages import walk

if TYPE_CHECKING:
    from collections.abc import Callable

GOLDEN = Path(__file__).parent / "golden"


def test_each_block_has_a_golden_folder() -> None:
    """A block without a typical recipe beside its goldens is not done."""
    assert {folder.name for folder in GOLDEN.iterdir() if (folder / "recipe.py").is_file()} == set(own())


def without_programs(text: str) -> str:
    """A Dockerfile without the texts of the programs that go into images: they are tested by themselves, and the same in each."""
    for name in ("closure", "install", "check"):
        text = text.replace(shipped.compact(name), f"(the program {name})\n")
    return text


@pytest.mark.parametrize("block", own())
def test_graph_and_dockerfile(block: str, golden: Callable[[str, Path], None], monkeypatch: pytest.MonkeyPatch) -> None:
    """The typical recipe of each block gives the graph and the Dockerfile that were read and committed."""
    monkeypatch.chdir(GOLDEN / block)
    graph = hpcgen.plan("recipe.py")
    golden(json.dumps(as_data(graph), indent=1, ensure_ascii=False) + "\n", GOLDEN / block / "graph.json")
    golden(without_programs(hpcgen.emit(graph).text), GOLDEN / block / "Dockerfile")


@pytest.mark.parametrize("block", own())
def test_commands_are_shell_code(block: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A shell can read each command of a block's graph."""
    monkeypatch.chdir(GOLDEN / block)
    for stage in hpcgen.plan("recipe.py").stages:
        for node in walk(stage.nodes):
            for command in node.commands if isinstance(node, Run) else ():
                subprocess.run(("sh", "-n", "-c", command), check=True)
