"""`hpcgen outdated`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from hpcgen.block import Tarball
from hpcgen.cli.outdated import _of, _tables, releases
from hpcgen.graph.nodes import Fetch
from hpcgen.library import plan

if TYPE_CHECKING:
    from pathlib import Path

    from running import Run

SUMS = {"2.0.1": "a" * 64, "2.0.0": "b" * 64, "1.2.10": "c" * 64, "1.2.9": "d" * 64}
BLOCK = f"""
from hpcgen.block import AutotoolsBlock, Tarball, option


class tool(AutotoolsBlock, closed=True):
    \"\"\"A tool. https://example.org\"\"\"

    release = Tarball("https://example.org", "tool-{{version}}.tar.gz", sha256={SUMS!r})

    version: str = option("2.0.0", "release to build")
    prefix: str = option("/usr/local/tool", "folder")
"""
RECIPE = """
Stage0 += baseimage(image="debian:12")
Stage0 += gnu(fortran=False)
Stage0 += tool(version=USERARG.get("tool", "1.2.9"))
Stage0 += generic_autotools(url="https://example.org/other-1.0.tar.gz", sha256="%s", prefix="/opt/other")
""" % ("e" * 64)


@pytest.fixture
def words(recipe: Path) -> tuple[str, ...]:
    """A command line over a recipe that builds an old release of a block of its own folder."""
    (recipe.parent / "blocks").mkdir()
    (recipe.parent / "blocks" / "tool.py").write_text(BLOCK, encoding="utf-8")
    recipe.write_text(RECIPE, encoding="utf-8")
    return ("outdated", "recipe.py", "--blocks", "blocks")


def test_releases_are_listed_beside_newer_ones(run: Run, words: tuple[str, ...]) -> None:
    """A line a release: what the recipe builds, the newest of its series, the newest; other sources and packages are not listed."""
    result = run(*words)
    assert (result.status, result.err) == (0, "")
    head, line = result.out.splitlines()
    assert head.split() == ["BLOCK", "VERSION", "OF", "ITS", "SERIES", "NEWEST", "RECIPE"]
    assert line.split() == ["tool", "1.2.9", "1.2.10", "2.0.1", "newer", "in", "its", "series", "recipe.py:4"]


@pytest.mark.parametrize(
    ("version", "state", "status"),
    [("1.2.9", "newer in its series", 1), ("1.2.10", "newer", 1), ("2.0.0", "the block's default", 0), ("2.0.1", "", 0)],
)
def test_exit_code_says_whether_anything_is_outdated(run: Run, words: tuple[str, ...], version: str, state: str, status: int) -> None:
    """With --exit-code an old release is status 1, the newest and the block's own choice are 0."""
    result = run(*words, "--exit-code", "--userarg", f"tool={version}")
    assert result.status == status
    assert " ".join(result.out.splitlines()[1].split()[4:-1]) == state
    assert run(*words, "--userarg", f"tool={version}").status == 0


def test_programs_get_the_same(run: Run, words: tuple[str, ...]) -> None:
    """--format json has every key of its page."""
    found = json.loads(run(*words, "--format", "json").out)
    assert found == {
        "schema": 1,
        "releases": [
            {
                "block": "tool",
                "part": None,
                "version": "1.2.9",
                "series": "1.2.10",
                "newest": "2.0.1",
                "default": "2.0.0",
                "outdated": True,
                "recipe": "recipe.py:4",
            }
        ],
    }


def test_recipe_without_releases_says_so(run: Run, recipe: Path) -> None:
    """A recipe that builds nothing from a block's table is no error."""
    result = run("outdated", "recipe.py", "--exit-code")
    assert (result.status, result.out) == (0, "the recipe builds no release that a block knows\n")


def test_terminal_gets_a_table(run: Run, words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    """On a terminal the same words stand in a table."""
    monkeypatch.setattr("hpcgen.cli.pages.has_colour", lambda *, terminal: True)
    assert run(*words).out.split()[-9:] == ["tool", "1.2.9", "1.2.10", "2.0.1", "newer", "in", "its", "series", "recipe.py:4"]


def test_binary_and_source_of_one_software_are_one() -> None:
    """A block that has binaries for some versions and sources for others compares with both, whatever the architecture."""
    graph = plan("recipe.py", text='Stage0 += baseimage(image="debian:12")\nStage0 += cmake(version="3.29.6")\n', arch="aarch64")
    (found,) = releases(graph)
    assert (found.block, found.part, found.version, found.series, found.outdated) == ("cmake", "", "3.29.6", "3.29.6", True)
    assert found.newest == plan_default("cmake")


def plan_default(block: str) -> str:
    """The version that a block builds if it is not told."""
    (found,) = releases(plan("recipe.py", text=f'Stage0 += baseimage(image="debian:12")\nStage0 += {block}()\n'))
    return found.version


def test_pieces_of_software_are_told_apart() -> None:
    """A block with tables of several pieces of software names the piece, and compares each with its own releases alone."""
    one = Tarball("https://example.org/one", "one-{version}.tar.gz", sha256={"1.0": "a" * 64})
    two = Tarball("https://example.org/two", "two-{version}.tar.gz", sha256={"3.0": "b" * 64, "2.0": "c" * 64})
    block: Any = type("several", (), {"options": {}, "one": one, "more": {"two": two}})
    assert list(_tables(block)) == ["one", "two"]
    fetch = Fetch(two.url("2.0"), two.sha256["2.0"], "/usr/local/src")
    (found,) = _of(block, fetch)
    assert (found.part, found.version, found.newest, found.outdated) == ("two", "2.0", "3.0", True)
