"""The list of a recipe's sources."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from hpcgen.library import plan
from hpcgen.sourcing import FileSource, GitSource, as_json, as_text, sources

if TYPE_CHECKING:
    from pathlib import Path

SHA = "ab" * 32
COMMIT = "cd" * 20
RECIPE = f"""
Stage0 += baseimage(image="debian:12")
Stage0 += fetch(url="https://example.org/a-1.tar.gz?mirror=2", sha256="{SHA}", dest="/a")
Stage0 += fetch(url="https://example.org/b", sha256=None, dest="/b")
Stage0 += git(repository="https://example.org/c.git", commit="{COMMIT}", dest="/c", recursive=True)
Stage0 += git(repository="https://example.org/d.git", branch="main", dest="/d")
Stage1 += baseimage(image="debian:12")
Stage1 += fetch(url="https://example.org/a-1.tar.gz?mirror=2", sha256="{SHA}", dest="/elsewhere")
Stage1 += shell(commands=["echo hello"])
"""


def test_each_source_is_listed_once() -> None:
    """Files and repositories stand in the recipe's order, once however often they are used, with the first line that wants them."""
    found = sources(plan("recipe.py", text=RECIPE))
    assert found == (
        FileSource("https://example.org/a-1.tar.gz?mirror=2", "a-1.tar.gz", SHA),
        FileSource("https://example.org/b", "b", None),
        GitSource("https://example.org/c.git", COMMIT, "", submodules=True),
        GitSource("https://example.org/d.git", "", "main", submodules=False),
    )
    assert [str(one.origin) for one in found] == ["recipe.py:3", "recipe.py:4", "recipe.py:5", "recipe.py:6"]
    assert [one.name for one in found] == ["a-1.tar.gz", "b", "c", "d"]


def test_json_has_every_key_of_its_page() -> None:
    """The JSON form names each source's kind, address, checksum or commit, place in a mirror, block and line."""
    found = json.loads(as_json(sources(plan("recipe.py", text=RECIPE))))
    assert found["schema"] == 1
    assert found["sources"][0] == {
        "kind": "file",
        "url": "https://example.org/a-1.tar.gz?mirror=2",
        "name": "a-1.tar.gz",
        "sha256": SHA,
        "mirror": f"{SHA}/a-1.tar.gz",
        "block": None,
        "recipe": "recipe.py:3",
    }
    assert [one["mirror"] for one in found["sources"]] == [f"{SHA}/a-1.tar.gz", None, f"git/{COMMIT}.tar", None]
    assert found["sources"][3] == {
        "kind": "git",
        "url": "https://example.org/d.git",
        "name": "d",
        "commit": None,
        "ref": "main",
        "submodules": False,
        "mirror": None,
        "block": None,
        "recipe": "recipe.py:6",
    }


def test_text_is_an_aligned_table() -> None:
    """The text form says what is unchecked, and ends no line with blanks; a recipe without sources says so."""
    lines = as_text(sources(plan("recipe.py", text=RECIPE))).splitlines()
    assert len(lines) == 5
    assert all(line == line.rstrip() for line in lines)
    assert "unchecked" in lines[2]
    assert "main (as it stands)" in lines[4]
    assert as_text(()) == "the recipe downloads nothing but the distribution's packages\n"


def test_both_architectures_have_their_sources(tmp_path: Path) -> None:
    """A source that differs by architecture is listed for each that the recipe is written for."""
    recipe = 'Stage0 += baseimage(image="debian:12", arch=["x86_64", "aarch64"])\nStage0 += by_arch()\n'
    block = """
from hpcgen.block import Block
from hpcgen.graph.nodes import Fetch


class by_arch(Block):
    def build(self, place):
        yield Fetch(f"https://example.org/{place.target.architecture}.tar", "ab" * 32, "/x")
"""
    (tmp_path / "by_arch.py").write_text(block, encoding="utf-8")
    found = sources(plan("recipe.py", text=recipe, block_folders=(str(tmp_path),)))
    assert [one.name for one in found] == ["x86_64.tar", "aarch64.tar"]
    assert [one.block for one in found] == ["by_arch", "by_arch"]
