from __future__ import annotations

import ast
import os
import re
import statistics
from typing import TYPE_CHECKING

import house

if TYPE_CHECKING:
    from collections.abc import Iterator

NO_PACKAGES = frozenset({"packages"})
"""Blocks whose name is a word of the machine: Install nodes, options and folders are called so."""
LINES_OF_A_FUNCTION = 60
LINES_OF_A_FILE = 400
MEDIAN_OF_FUNCTIONS = 8


def length(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """The lines of a function, from `def` to its end."""
    assert node.end_lineno is not None
    return node.end_lineno - node.lineno + 1


def everywhere() -> tuple[house.Source, ...]:
    """All that is written in Python."""
    return house.sources("hpcgen", "building_blocks", "tests", "benchmarks", "scripts")


def test_no_function_is_long() -> None:
    """No function has more than 60 lines, but for those that are argued for."""
    found = [f"{one.module}.{node.name}" for one in everywhere() for node in house.functions(one) if length(node) > LINES_OF_A_FUNCTION]
    assert not house.left_over("long functions", found)


def test_no_file_is_long() -> None:
    """No file has more than 400 lines, but for those that are argued for."""
    found = [one.path for one in everywhere() if one.text.count("\n") > LINES_OF_A_FILE]
    assert not house.left_over("long files", found)


def test_functions_are_short_as_a_rule() -> None:
    """Half of the house's functions have eight lines or fewer."""
    assert statistics.median(length(node) for one in house.house() for node in house.functions(one)) <= MEDIAN_OF_FUNCTIONS


def test_no_module_variable_is_assigned_later() -> None:
    """No function declares a variable of its module as its own to assign."""
    assert not [f"{one.path}:{node.lineno}" for one in house.house() for node in ast.walk(one.tree) if isinstance(node, ast.Global)]


def docstrings(tree: ast.Module) -> set[ast.AST]:
    """The strings that stand alone as statements: docstrings, and those below attributes."""
    return {node.value for node in ast.walk(tree) if isinstance(node, ast.Expr)}


def strings(source: house.Source) -> Iterator[str]:
    """The strings of a file that it works with."""
    apart = docstrings(source.tree)
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in apart:
            yield node.value


def test_the_machine_knows_no_package_by_name() -> None:
    """No building block's name is a string in the machine, but for those that are argued for."""
    blocks = {os.path.basename(one.path).removesuffix(".py") for one in house.sources("building_blocks")} - NO_PACKAGES
    found = {f"{one.module}: {text}" for one in house.sources("hpcgen") for text in strings(one) if text in blocks and not text.startswith("_")}
    assert not house.left_over("names", found)


def test_a_tests_docstring_is_a_promise_in_one_sentence() -> None:
    """Every test says in one sentence what it promises."""
    found = []
    for one in house.sources("tests"):
        for node in house.functions(one):
            said = " ".join((ast.get_docstring(node) or "").split())
            if node.name.startswith("test_") and not re.fullmatch(r"(?:(?![.!?] ).)+\.", said):
                found.append(f"{one.path}: {node.name}")
    assert not house.left_over("docstrings of tests", found)
