"""The names that a recipe finds bound."""

from __future__ import annotations

import ast
import builtins
from typing import TYPE_CHECKING, Any

from hpcgen.block.finder import find, is_own, names
from hpcgen.errors import HpcgenError, UnknownName, did_you_mean
from hpcgen.loading.primitives import PRIMITIVES, mount

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from hpcgen.loading.recipe import Request

_PRIMITIVES: dict[str, Any] = {one.__name__: one for one in PRIMITIVES} | {"mount": mount}


class UserArguments(dict[str, str]):
    """USERARG: a value that the command line did not give is an error that says how to give it."""

    def __missing__(self, name: str) -> str:
        raise UnknownName(
            f"USERARG['{name}'] was not given", help=f"give it: --userarg {name}=VALUE; or read it with USERARG.get('{name}', 'default')"
        )


def names_in(tree: ast.AST) -> tuple[set[str], set[str]]:
    """The names that code reads, and those that it binds itself."""
    read: set[str] = set()
    bound: set[str] = set()
    for node in _nodes(tree):
        if isinstance(node, ast.Name):
            (read if isinstance(node.ctx, ast.Load) else bound).add(node.id)
        elif isinstance(node, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef):
            bound.add(node.name)
        elif isinstance(node, ast.arg):
            bound.add(node.arg)
        elif isinstance(node, ast.alias):
            bound.add((node.asname or node.name).partition(".")[0])
        elif isinstance(node, ast.ExceptHandler) and node.name:
            bound.add(node.name)
    return read, bound


def _nodes(tree: ast.AST) -> Iterator[ast.AST]:
    """As ast.walk, without what can hold no name; in a recipe of a thousand lines that is a third of all time before the graph."""
    waiting: list[ast.AST] = [tree]
    for node in waiting:  # grows meanwhile
        if isinstance(node, ast.Constant):
            continue
        yield node
        if isinstance(node, ast.Name):
            continue
        for name in node._fields:
            value = getattr(node, name, None)
            if isinstance(value, list):
                waiting += [one for one in value if isinstance(one, ast.AST)]
            elif isinstance(value, ast.AST) and name != "ctx":
                waiting.append(value)


def bind(namespace: dict[str, Any], tree: ast.Module, request: Request) -> dict[str, HpcgenError]:
    """Binds those of a file's names that hpcgen knows; only blocks that are mentioned are imported. Gives those that cannot be, with the reason."""
    faults: dict[str, HpcgenError] = {}
    read, makes = names_in(tree)
    for name in sorted(read):
        if name in namespace or hasattr(builtins, name):
            continue
        if name in _PRIMITIVES:
            namespace[name] = _PRIMITIVES[name]
        elif name == "toolchain":
            from hpcgen.block.toolchain import Toolchain

            namespace[name] = Toolchain
        elif name not in makes or is_own(name):
            try:
                found = find(name, request.block_folders)
            except HpcgenError as fault:
                faults[name] = fault
            else:
                namespace |= {name: found} if found is not None else {}
    return faults


def first_line(name: str, tree: ast.AST) -> int:
    """Where code reads a name for the first time."""
    return min(node.lineno for node in ast.walk(tree) if isinstance(node, ast.Name) and node.id == name)


def unknown(name: str, namespace: Mapping[str, Any], request: Request) -> UnknownName:
    """The error for a name that nobody knows."""
    known = {*namespace, *_PRIMITIVES, *names(request.block_folders), "toolchain", "include"}
    hint = did_you_mean(name, (word for word in known if not word.startswith("__")))
    return UnknownName(f"'{name}'", help=hint or "hpcgen blocks lists the blocks")
