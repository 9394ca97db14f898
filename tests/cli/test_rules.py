"""`hpcgen rules`, and `--allow`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hpcgen.cli.rules import listed

if TYPE_CHECKING:
    from running import Run

BLOCKS = Path(__file__).parent / "golden" / "blocks"


def test_all_rules_are_listed(run: Run) -> None:
    """The list has a line for each rule, numbers first and in their order, with level, block, sentence and source."""
    lines = run("rules").out.splitlines()
    names = [line.split()[0] for line in lines]
    assert len(names) == len(listed())
    assert names[:3] == ["R1", "R2", "R2b"]
    assert names.index("R9") < names.index("R10") < names.index("ucx-gcc-15")
    (shown,) = (line for line in lines if line.startswith("R2 "))
    assert shown.split()[:3] == ["R2", "error", "openmpi"]
    assert shown.endswith("Open MPI 5 needs PMIx 4.2.4 or newer for the mpirun that it brings (PRRTE 3.0, VERSION)")


def test_one_rule_is_shown_whole(run: Run) -> None:
    """A rule's name shows its sentence, source and level, and how it is lowered."""
    result = run("rules", "R13")
    assert result.out.splitlines() == [
        "R13       UCX from 1.12 on needs rdma-core 28 or newer",
        "level     error",
        "block     ucx",
        "source    UCX FAQ",
        'lower it  --allow R13, or in the recipe: Stage0 += allow("R13", reason="...")',
    ]


def test_rules_of_a_block(run: Run) -> None:
    """A block's name shows its rules alone, those of a folder's block too; a block without rules is said to have none."""
    assert {line.split()[2] for line in run("rules", "ucx").out.splitlines()} == {"ucx"}
    assert run("rules", "demo", "--blocks", BLOCKS).out.startswith("demo-fast-without-helper  error  demo  demo is fast only with helper")
    none = run("rules", "fftw")
    assert (none.status, none.out, none.err) == (0, "", "warning: block 'fftw' has no rules\n")


def test_rules_are_shown_to_programs(run: Run) -> None:
    """--json has the same for programs: one object of one rule, else a list."""
    one = json.loads(run("rules", "R22", "--json").out)
    assert (one["schema"], one["name"], one["level"], one["block"]) == (1, "R22", "error", "cuda")
    assert one in json.loads(run("rules", "--json").out)
    assert one in json.loads(run("rules", "cuda", "--json").out)
    assert json.loads(run("rules", "fftw", "--json").out) == []


def test_terminal_gets_a_table(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a terminal the sentences are wrapped to its width."""
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setattr("hpcgen.cli.pages.has_colour", lambda *, terminal: True)
    out = run("rules", "openmpi").out
    assert "R38b" in out
    assert max(len(line) for line in out.splitlines()) <= 100


@pytest.mark.parametrize("command", [(), ("sources",)])
def test_each_command_of_a_recipe_takes_allow(run: Run, recipe: Path, command: tuple[str, ...]) -> None:
    """Every command that plans a recipe takes --allow, as often as one likes."""
    recipe.write_text("Stage0 += baseimage(image='debian:12')\nStage0 += openmpi(pmix='/p', prrte='/r', pmi='/s')\n", encoding="utf-8")
    assert run(*command, recipe).status == 1
    allowed = run(*command, recipe, "--allow", "R12")
    assert allowed.status == 1
    assert "R12" not in allowed.err
    assert "R1:" in allowed.err
    recipe.write_text("Stage0 += baseimage(image='debian:12')\nStage0 += openmpi(pmix='/p')\nStage0 += ucx(gdrcopy='/g')\n", encoding="utf-8")
    result = run(*command, recipe, "--allow", "R12", "--allow", "ucx-gdrcopy-without-cuda")
    assert result.status == 0
    assert result.err.count("; allowed by --allow") == 2
