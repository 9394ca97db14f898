"""`hpcgen RECIPE --explain BLOCK`: how an explanation is shown."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hpcgen.cli.explain import page
from hpcgen.cli.pages import print_tables
from hpcgen.library import explain

if TYPE_CHECKING:
    from collections.abc import Callable

    from running import Run

GOLDEN = Path(__file__).parent / "golden"
BLOCKS = GOLDEN / "blocks"
LINES = """
Stage0 += generic_build(url="https://example.org/helper.tgz", sha256=None, prefix="/opt/helper", install=["cp helper /opt/helper"], upon=[])
Stage0 += demo(helper="/opt/helper", fast=True, configure_opts=["--colour=\\x1b[31m"], build_environment={"FOO": "a\\nb"})
"""


@pytest.fixture
def demo(recipe: Path) -> Path:
    """A recipe with a block of the tests' own."""
    with recipe.open("a", encoding="utf-8") as stream:
        stream.write(LINES)
    return recipe


def test_explanation_is_shown_whole(run: Run, demo: Path, golden: Callable[[str, Path], None]) -> None:
    """Each flag, variable, package, edge and rule stands on a line with its reason, and what a recipe says cannot drive a terminal."""
    result = run("recipe.py", "--explain", "demo", "--blocks", BLOCKS)
    assert (result.status, result.err) == (0, "")
    golden(result.out, GOLDEN / "explain.txt")


def test_explanation_is_shown_to_programs(run: Run, demo: Path, golden: Callable[[str, Path], None]) -> None:
    """--json has the same for programs."""
    result = run("recipe.py", "--explain", "demo", "--blocks", BLOCKS, "--json")
    (found,) = json.loads(result.out)["blocks"]
    assert (found["block"], found["origin"], found["alone"]) == ("demo", "recipe.py:5", True)
    golden(result.out, GOLDEN / "explain.json")


def test_several_blocks_of_a_name(run: Run, recipe: Path) -> None:
    """All blocks of a name are shown, one below the other."""
    with recipe.open("a", encoding="utf-8") as stream:
        stream.write("Stage0 += hwloc()\nStage0 += hwloc(prefix='/opt/hwloc')\n")
    shown = run("recipe.py", "--explain", "hwloc").out
    assert [line for line in shown.splitlines() if line.startswith("hwloc 2")] == ["hwloc 2.15.0  recipe.py:3", "hwloc 2.15.0  recipe.py:4"]
    assert [line.split()[2] for line in shown.splitlines() if line.startswith("built in")] == ["stage", "stage"]
    assert "stage hwloc-2, of its own" in shown


@pytest.mark.parametrize("words", [("--linear",), ("--format", "singularity"), ("--format", "bash"), ("--dialect", "portable")])
def test_what_is_written_without_stages_of_blocks(run: Run, demo: Path, words: tuple[str, ...]) -> None:
    """For a format or dialect that keeps the recipe's line, no block has a stage of its own."""
    shown = run("recipe.py", "--explain", "demo", "--blocks", BLOCKS, *words).out
    assert "built in    stage stage0: what is written has the recipe's own stages alone\n" in shown


def test_options_of_a_recipe_count(run: Run, demo: Path) -> None:
    """What is explained is the recipe as the other options have it."""
    assert "built for   x86_64, aarch64\n" in run("recipe.py", "--explain", "demo", "--blocks", BLOCKS, "--arch", "x86_64,aarch64").out
    assert "CPU target zen4" in run("recipe.py", "--explain", "demo", "--blocks", BLOCKS, "--cpu-target", "zen4").out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--explain", "dmeo"), "usage: the recipe has no block 'dmeo'\n  did you mean 'demo'?\n"),
        (("--explain", "demo", "-o", "file"), "usage: --explain is shown instead of the file\n  leave --check and -o out\n"),
        (("--explain", "demo", "--check"), "usage: --explain is shown instead of the file\n  leave --check and -o out\n"),
        (("--json",), "usage: --json is for --explain BLOCK alone\n  other commands have one of their own: hpcgen sources RECIPE --json\n"),
    ],
)
def test_wrong_usage(run: Run, demo: Path, words: tuple[str, ...], said: str) -> None:
    """A block that is not there, and options that mean nothing beside --explain, are wrong usage, and nothing is written."""
    assert run("recipe.py", "--blocks", BLOCKS, *words) == (2, "", said)
    assert not demo.with_name("file").exists()


def test_faults_of_the_recipe_come_first(run: Run, recipe: Path) -> None:
    """A recipe that cannot be planned is an error at its line, as without --explain."""
    with recipe.open("a", encoding="utf-8") as stream:
        stream.write("Stage0 += openmpi(ucx=True)\n")
    result = run("recipe.py", "--explain", "openmpi")
    assert (result.status, result.out) == (1, "")
    assert "  recipe.py:3\n" in result.err


def test_terminal_gets_tables(demo: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """On a terminal the same words are wrapped to its width, and no character of a recipe drives it."""
    monkeypatch.setenv("COLUMNS", "60")
    (found,) = explain("recipe.py", "demo", block_folders=[str(BLOCKS)])
    print_tables(page(found), indent=True)
    out = capsys.readouterr().out
    assert max(len(line) for line in out.splitlines()) <= 60
    assert "--colour=\\x1b[31m" in out
    assert "\x1b[31m" not in out
