from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import pytest

import hpcgen

if TYPE_CHECKING:
    from collections.abc import Callable

KINDS: dict[str, Callable[[int], str]] = {
    "built": lambda at: f"Stage0 += generic_autotools(url='https://example.org/tool{at}-1.0.tar.gz', sha256='{at:064x}', prefix='/opt/tool{at}')",
    "packages": lambda at: f"Stage0 += packages(ospackages=['one{at}', 'two{at}'])",
    "shell": lambda at: f"Stage0 += shell(commands=['mkdir -p /data/{at}'])",
    "environment": lambda at: f"Stage0 += environment(variables={{'NAME{at}': 'value'}})",
    "stages": lambda at: f"later = Stage('stage{at}')\nlater += baseimage(image='debian:12')\nlater += copy(stage='devel', src='/a', dest='/b')",
}
MORE = 1.03
"""What one more block may cost where there are many, in those where there are few: warnings name larger numbers."""


def calls(kind: str, blocks: int) -> int:
    """How many calls, of Python's own functions too, it takes to write a recipe of so many blocks: the same on every machine."""
    text = "\n".join(
        ("Stage0 += baseimage(image='debian:12', name='devel')", *map(KINDS[kind], range(blocks * 1000, blocks * 1001)))
    )  # no two recipes share what is remembered
    count = 0

    def note(frame: Any, event: str, argument: Any) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        graph = hpcgen.plan("recipe.py", text=text)
        hpcgen.emit(graph)
    finally:
        sys.setprofile(before)
    return count


@pytest.mark.parametrize("kind", KINDS)
def test_a_block_costs_the_same_in_a_long_recipe(kind: str) -> None:
    """One more block takes as many calls in a recipe of four hundred as in one of a hundred."""
    calls(kind, 2)  # imports what there is to import
    few, some, many = (calls(kind, blocks) for blocks in (100, 200, 400))
    assert (many - some) / 200 <= MORE * (some - few) / 100
