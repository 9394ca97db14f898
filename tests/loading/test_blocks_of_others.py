"""Blocks that other packages and folders bring."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING

import pytest

import hpcgen
from hpcgen.block.finder import find, names, own
from hpcgen.errors import BrokenBlock, UnknownName, Unreachable
from hpcgen.graph.nodes import Run

if TYPE_CHECKING:
    from pathlib import Path

BASE = 'Stage0 += baseimage(image="debian:12")\n'
BLOCK = """
from hpcgen.block import Block, option
from hpcgen.graph.nodes import Run


class NAME(Block):
    \"\"\"Says hello.\"\"\"

    word: str = option("hello", "what it says")

    def build(self, place):
        yield Run((f"echo {self.word}",))
"""


def installed(folder: Path, name: str, code: str, entry: str = "") -> None:
    """Lays a package down as pip would, with an entry point for a block."""
    (folder / f"package_of_{name}.py").write_text(code, encoding="utf-8")
    facts = folder / f"package_of_{name}-1.dist-info"
    facts.mkdir()
    (facts / "METADATA").write_text(f"Metadata-Version: 2.1\nName: package-of-{name}\nVersion: 1\n", encoding="utf-8")
    (facts / "entry_points.txt").write_text(f"[hpcgen.blocks]\n{name} = {entry or f'package_of_{name}:{name}'}\n", encoding="utf-8")


def test_block_of_another_package_is_found_by_its_entry_point(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A recipe uses another package's block like the project's own, and lists name it."""
    installed(tmp_path, "hello", BLOCK.replace("NAME", "hello"))
    monkeypatch.syspath_prepend(tmp_path)
    graph = hpcgen.plan("recipe.py", text=BASE + "Stage0 += hello(word='hi')\n")
    assert graph.stages[0].nodes == (Run(("echo hi",)),)
    assert "hello" in names()
    assert str(graph.stages[0].nodes[0].origin) == "recipe.py:2"


@pytest.mark.parametrize(
    ("code", "entry", "words"),
    [
        (
            "import no_such_module",
            "",
            r"block 'sick' of package_of_sick:sick cannot be imported: ModuleNotFoundError: No module named 'no_such_module'",
        ),
        ("sick = 5", "", r"package_of_sick:sick holds no block named 'sick'"),
        ("", "", r"block 'sick' of package_of_sick:sick cannot be imported: AttributeError"),
    ],
    ids=["import fails", "no block", "no name"],
)
def test_broken_block_of_another_package_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str, entry: str, words: str) -> None:
    """A package whose block cannot be had is an error that names block and package, only for recipes that use it."""
    installed(tmp_path, "sick", code, entry)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "package_of_sick", raising=False)
    with pytest.raises(BrokenBlock, match=words):
        hpcgen.plan("recipe.py", text=BASE + "Stage0 += sick()\n")
    monkeypatch.delitem(sys.modules, "package_of_sick", raising=False)
    assert len(hpcgen.plan("recipe.py", text=BASE).stages) == 1


def test_folder_s_block_wins_over_the_project_s_own(tmp_path: Path) -> None:
    """A folder may replace a block, and several folders count in their order."""
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "ucx.py").write_text(BLOCK.replace("NAME", "ucx").replace("hello", name), encoding="utf-8")
    graph = hpcgen.plan("recipe.py", text=BASE + "Stage0 += ucx()\n", block_folders=(str(tmp_path / "two"), str(tmp_path / "one")))
    assert graph.stages[0].nodes == (Run(("echo two",)),)


def test_folder_that_is_not_there_is_said() -> None:
    """A folder of blocks that cannot be read is an error with its name."""
    with pytest.raises(Unreachable, match="folder of blocks 'nowhere'"):
        names(("nowhere",))


def test_names_near_a_folder_s_block_are_hinted_at(tmp_path: Path) -> None:
    """did-you-mean knows the folder's blocks."""
    (tmp_path / "greeting.py").write_text(BLOCK.replace("NAME", "greeting"), encoding="utf-8")
    with pytest.raises(UnknownName) as caught:
        hpcgen.plan("recipe.py", text=BASE + "Stage0 += greting()\n", block_folders=(str(tmp_path),))
    assert caught.value.help == "did you mean 'greeting'?"


@pytest.mark.parametrize("name", own())
def test_each_own_block_is_found_by_its_name(name: str) -> None:
    """Each file of building_blocks holds the block that it is named after."""
    assert find(name) is getattr(import_module("hpcgen.building_blocks"), name)
