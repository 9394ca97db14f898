from __future__ import annotations

import ast
from typing import TYPE_CHECKING

import house
import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

BOTTOM = frozenset(f"hpcgen.{name}" for name in ("errors", "frozen", "manifest", "origin", "quoting", "shape", "showing", "target", "version"))
GRAPH = BOTTOM | {"hpcgen.graph"}
BLOCK = GRAPH | {"hpcgen.block"}
LOADING = BLOCK | {"hpcgen.loading"}

MAY_IMPORT: dict[str, frozenset[str]] = {
    **dict.fromkeys(BOTTOM, BOTTOM),
    "hpcgen.graph": GRAPH,
    "hpcgen.block": BLOCK,
    "hpcgen.loading": LOADING,
    "hpcgen.planning": LOADING | {"hpcgen.planning", "hpcgen.shipped"},
    "hpcgen.emitting": GRAPH | {"hpcgen.emitting"},
    "hpcgen.sourcing": GRAPH | {"hpcgen.sourcing"},
    "hpcgen.drawing": GRAPH | {"hpcgen.drawing"},
    "hpcgen.comparing": GRAPH | {"hpcgen.comparing", "hpcgen.planning.passes"},
    "hpcgen.engines": GRAPH | {"hpcgen.emitting", "hpcgen.engines"},
    "hpcgen.auditing": BOTTOM | {"hpcgen.auditing"},
    "hpcgen.shipped": BOTTOM | {"hpcgen.shipped"},
    "hpcgen.site": BOTTOM,
    "hpcgen.building_blocks": BOTTOM | {"hpcgen.block", "hpcgen.building_blocks", "hpcgen.graph.nodes"},
}
"""Room -> the rooms, or modules, that it may import. What is only for type checkers counts too: it is knowledge all the same."""

SEE_ALL = frozenset({"hpcgen", "hpcgen.__main__", "hpcgen.cli", "hpcgen.compat", "hpcgen.library"})


def room(module: str) -> str:
    """The room that a module is in."""
    return ".".join(module.split(".")[:2])


def imported(source: house.Source) -> Iterator[str]:
    """The modules of the house that a file imports."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.split(".")[0] == "hpcgen")
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{source.path}: an import says the whole name"
            if node.module == "hpcgen":
                yield from (f"hpcgen.{alias.name}" if not alias.name.startswith("__") else "hpcgen" for alias in node.names)
            elif node.module is not None and node.module.startswith("hpcgen."):
                yield node.module


def is_below(module: str, allowed: frozenset[str]) -> bool:
    """Whether a module is one of some rooms and modules, or lies in one."""
    return any(module == one or module.startswith(f"{one}.") for one in allowed)


def test_imports_run_downwards() -> None:
    """A room imports only the rooms below it, so that what it knows can be read off the plan."""
    found = [
        f"{source.module} -> {module}"
        for source in house.house()
        if room(source.module) not in SEE_ALL
        for module in imported(source)
        if not is_below(module, MAY_IMPORT.get(room(source.module), frozenset()))
    ]
    assert not house.left_over("imports", found)


@pytest.mark.parametrize("source", house.house(), ids=lambda source: source.module)
def test_every_file_is_in_a_room(source: house.Source) -> None:
    """A file of the house is in a room of the plan."""
    assert room(source.module) in MAY_IMPORT.keys() | SEE_ALL
