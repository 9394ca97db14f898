"""The values that a Python file writes down, read without running it."""

from __future__ import annotations

import ast
from typing import Any


class UnknownError(Exception):
    """A value that only running the code would tell."""


def value(node: ast.AST, names: dict[str, Any]) -> Any:
    """What an expression stands for: constants, lists, dictionaries, known names, and texts put together of them.

    Raises:
        UnknownError: it is something else.
    """
    match node:
        case ast.Constant():
            return node.value
        case ast.Name() if node.id in names:
            return names[node.id]
        case ast.List() | ast.Tuple():
            return [value(one, names) for one in node.elts]
        case ast.Dict():
            return {value(key, names): value(one, names) for key, one in zip(node.keys, node.values, strict=True) if key is not None}
        case ast.BinOp(op=ast.Add()):
            return _joined(value(node.left, names), value(node.right, names))
        case ast.BinOp(op=ast.Mod()):
            return _formatted(value(node.left, names), value(node.right, names))
        case ast.JoinedStr():
            return "".join(str(value(one.value if isinstance(one, ast.FormattedValue) else one, names)) for one in node.values)
    raise UnknownError


def _joined(left: Any, right: Any) -> Any:
    if type(left) is type(right) and isinstance(left, str | list):
        return left + right
    raise UnknownError


def _formatted(left: Any, right: Any) -> str:
    """`%`, as EasyBuild's files use it; a template such as %(version)s, which EasyBuild fills in, stays as it is."""
    if not isinstance(left, str):
        raise UnknownError
    try:
        return left % (tuple(right) if isinstance(right, list) else right)
    except (TypeError, ValueError, KeyError) as fault:
        raise UnknownError from fault


def assigned(tree: ast.Module | ast.ClassDef, names: dict[str, Any]) -> dict[str, Any]:
    """The plain assignments of a file or class, in their order, those left out whose value is not written down."""
    known = dict(names)
    for node in tree.body:
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            name = node.targets[0].id
            try:
                known[name] = value(node.value, known)
            except UnknownError:
                known.pop(name, None)
        elif isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name) and isinstance(node.op, ast.Add):
            try:
                known[node.target.id] = _joined(known.get(node.target.id), value(node.value, known))
            except UnknownError:
                known.pop(node.target.id, None)
    return known
