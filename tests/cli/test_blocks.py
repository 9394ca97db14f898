"""`hpcgen blocks`: what a class says of itself."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hpcgen.block.finder import own
from hpcgen.cli.pages import print_tables
from hpcgen.loading.primitives import PRIMITIVES

if TYPE_CHECKING:
    from collections.abc import Callable

    from running import Run

GOLDEN = Path(__file__).parent / "golden"
BLOCKS = GOLDEN / "blocks"


def test_block_is_shown_whole(run: Run, golden: Callable[[str, Path], None]) -> None:
    """A block's page has what it installs, options, versions, packages, partners, exports and rules."""
    result = run("blocks", "plain", "--blocks", BLOCKS)
    assert (result.status, result.err) == (0, "")
    golden(result.out, GOLDEN / "plain.txt")


def test_block_is_shown_to_programs(run: Run, golden: Callable[[str, Path], None]) -> None:
    """--json has the same for programs."""
    result = run("blocks", "plain", "--blocks", BLOCKS, "--json")
    assert json.loads(result.out)["versions"] == ["2.1.0", "2.0.0"]
    golden(result.out, GOLDEN / "plain.json")


def test_all_blocks_are_listed(run: Run) -> None:
    """The list has a line for each block, the folder's too, with its one sentence."""
    lines = run("blocks", "--blocks", BLOCKS).out.splitlines()
    assert [line.split()[0] for line in lines] == sorted([*own(), "demo", "plain"])
    assert next(line for line in lines if line.startswith("demo ")).endswith("  Demo: a library that only the tests install.")
    assert len(json.loads(run("blocks", "--json").out)) == len(own())


def test_primitives_are_listed_and_shown(run: Run) -> None:
    """--primitives lists the recipe's other words; each is shown by its name."""
    lines = run("blocks", "--primitives").out.splitlines()
    assert [line.split()[0] for line in lines] == sorted(one.__name__ for one in PRIMITIVES)
    assert "commands" in run("blocks", "shell").out


@pytest.mark.parametrize("name", [*own(), *(one.__name__ for one in PRIMITIVES)])
def test_every_item_says_what_it_is(run: Run, name: str) -> None:
    """Each block and primitive has one sentence about itself, and a help line for each of its options."""
    shown = json.loads(run("blocks", name, "--json").out)
    assert shown["summary"]
    assert [option["name"] for option in shown["options"] if not option["help"]] == []


def test_terminal_gets_tables(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """On a terminal the same words stand in tables that are wrapped to its width; markup in them stays text."""
    monkeypatch.setenv("COLUMNS", "40")
    print_tables([("", [("name", "a sentence of more than forty characters, which is wrapped")]), ("options", [("[red]x[/]", "y")])], indent=True)
    out = capsys.readouterr().out
    assert max(len(line) for line in out.splitlines()) <= 40
    assert "[red]x[/]" in out
