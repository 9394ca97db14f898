"""Spack: `version("1.2", sha256="...")` in a package.py."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from checksums.literal import UnknownError, assigned, value
from checksums.seen import Seen

if TYPE_CHECKING:
    from collections.abc import Iterator

    from checksums.trees import Tree

LAYOUTS = ("repos/spack_repo/builtin/packages/{module}", "var/spack/repos/builtin/packages/{name}", "packages/{name}", "{name}")
"""Where a package's folder is: in spack-packages, in Spack before 1.0, in a repository of one's own."""


def seen(tree: Tree, name: str) -> list[Seen]:
    """The releases of a package."""
    module = name.replace("-", "_")
    module = f"_{module}" if module[:1].isdigit() else module
    for layout in LAYOUTS:
        for _, text in tree.texts([f"{layout.format(name=name, module=module)}/package.py"]):
            return list(releases(text))
    return []


def releases(text: str) -> Iterator[Seen]:
    """The releases of a package.py."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ClassDef):
            facts = assigned(node, {})
            where = facts.get("url") or next(iter(facts.get("urls") or ()), "")
            for call in ast.walk(node):
                if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "version":
                    yield from _release(call, where if isinstance(where, str) else "")


def _release(call: ast.Call, where: str) -> Iterator[Seen]:
    """One call of version(); those without a sha256 are branches and commits."""
    words: dict[str, Any] = {}
    for keyword in call.keywords:
        try:
            words[keyword.arg or ""] = value(keyword.value, {})
        except UnknownError:
            continue
    version = call.args[0].value if call.args and isinstance(call.args[0], ast.Constant) else None
    if isinstance(version, str) and isinstance(words.get("sha256"), str):
        yield Seen(version, words["sha256"], str(words.get("url", where)))
