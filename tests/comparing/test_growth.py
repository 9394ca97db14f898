from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import pytest

import hpcgen
from hpcgen.comparing.graphs import compare
from hpcgen.comparing.rebuilding import rebuilds
from hpcgen.comparing.text import as_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from hpcgen.graph.stages import StageGraph

CHANGES: dict[str, Callable[[list[str]], list[str]]] = {
    "nothing": lambda lines: lines,
    "all other": lambda lines: [line.replace("--old", "--new") for line in lines],
    "each seventh gone": lambda lines: [line for at, line in enumerate(lines) if at % 7],
    "turned round": lambda lines: lines[::-1],
    "equal": lambda lines: [lines[0]] * len(lines),
}
MORE = 1.1
"""What one more block may cost where there are many, in those where there are few: sorting grows a little faster."""


def planned(lines: list[str]) -> StageGraph:
    """The graph of some blocks."""
    return hpcgen.plan("recipe.py", text="\n".join(("Stage0 += baseimage(image='debian:12', name='devel')", *lines)))


def calls(change: str, blocks: int) -> int:
    """How many calls it takes to compare so many blocks: the same on every machine."""
    lines = [
        f"Stage0 += generic_autotools(url='https://example.org/tool{at}-1.0.tar.gz', sha256='{at:064x}', prefix='/opt/{at}', configure_opts=['--old'])"
        for at in range(1000, 1000 + blocks)
    ]
    before, after = planned(lines), planned(CHANGES[change](lines))
    count = 0

    def note(frame: Any, event: str, argument: Any) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    profile = sys.getprofile()
    sys.setprofile(note)
    try:
        as_text(compare(before, after), rebuilds(before, after))
    finally:
        sys.setprofile(profile)
    return count


@pytest.mark.parametrize("change", CHANGES)
def test_a_block_costs_the_same_in_a_long_recipe(change: str) -> None:
    """One more block takes as many calls to compare in a recipe of four hundred as in one of a hundred."""
    calls(change, 2)  # imports what there is to import
    few, some, many = (calls(change, blocks) for blocks in (100, 200, 400))
    assert (many - some) / 200 <= MORE * (some - few) / 100
