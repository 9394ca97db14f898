"""The house's source as data, and the one list of what is let off its rules."""

from __future__ import annotations

import ast
import os
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

EXEMPT: dict[str, dict[str, str]] = {
    "imports": {
        "hpcgen.auditing.outcome -> hpcgen": "reports name the version that made them",
        "hpcgen.block.finder -> hpcgen.building_blocks": "the finder is where the material is looked for",
        "hpcgen.sourcing.download -> hpcgen": "servers are told which version asks",
    },
    "names": {
        "hpcgen.auditing.databases: conda": "what installed a package that is found in an image",
        "hpcgen.auditing.databases: pip": "the same",
        "hpcgen.block.compilers: gnu": "rules ask for the version of GCC that a build finds, which the distribution may have brought as well",
        "hpcgen.block.compilers: llvm": "the same of Clang",
        "hpcgen.block.kinds: cmake": "a kind of build, whose tool the recipe or the distribution brings",
        "hpcgen.emitting.dockerfile: cuda": "the last word of a symbolic link in vendors' images, which COPY --link would replace",
        "hpcgen.emitting.sections: yum": "a definition file's agent, as debootstrap is",
        "hpcgen.engines.definition_check: yum": "the same",
    },
    "long functions": {},
    "long files": {
        "hpcgen/loading/primitives.py": "a table in the form of classes: one of twenty lines for each word of a recipe, to be looked up in one place",
    },
    "docstrings of tests": {},
}
"""Rule -> what is let off it -> why. Each is still needed, or a test fails."""


class Source(NamedTuple):
    """One file of Python.

    Attributes:
        path: below the repository.
        module: as it is imported.
        text: what it holds.
        tree: its syntax.
    """

    path: str
    module: str
    text: str
    tree: ast.Module


@cache
def sources(*folders: str) -> tuple[Source, ...]:
    """All files of Python in some folders of the repository, links not followed, inputs of tests left out."""
    found = []
    for folder in folders:
        for where, _, files in os.walk(os.path.join(ROOT, folder)):
            if "golden" not in where.split(os.sep):
                found += [_source(os.path.join(where, name)) for name in sorted(files) if name.endswith(".py") and name != "recipe.py"]
    return tuple(found)


def house() -> tuple[Source, ...]:
    """The machine and the material."""
    return sources("hpcgen", "building_blocks")


def _source(file: str) -> Source:
    path = os.path.relpath(file, ROOT)
    dotted = path.removesuffix(".py").replace(os.sep, ".").removesuffix(".__init__")
    module = f"hpcgen.{dotted}" if dotted.startswith("building_blocks") else dotted
    with open(file, encoding="utf-8") as stream:
        text = stream.read()
    return Source(path, module, text, ast.parse(text, path))


def functions(source: Source) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """All functions and methods of a file, those within others too."""
    return (node for node in ast.walk(source.tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def left_over(rule: str, found: Iterable[str]) -> list[str]:
    """What breaks a rule and is not let off, and what is let off without breaking it."""
    broken = set(found)
    stale = [f"{what}: is let off, but keeps the rule: take it out of EXEMPT" for what in EXEMPT[rule] if what not in broken]
    return sorted(broken - EXEMPT[rule].keys()) + stale
