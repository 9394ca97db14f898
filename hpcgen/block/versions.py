"""Conditions on versions, as facts state them: `<1.15`, `>=5 <5.0.9`."""

from __future__ import annotations

import operator
import re
from typing import TYPE_CHECKING, Any

from hpcgen.version import Version

if TYPE_CHECKING:
    from collections.abc import Callable

_TESTS: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}
_PART = re.compile(r"(<=|>=|==|!=|<|>)([\w.-]+)")


def holds(version: str, condition: str) -> bool:
    """Whether all comparisons of a condition hold for a version; an empty condition holds for each, none but that for an empty version."""
    parts = condition.split()
    if not version:
        return not parts
    return all(_holds(Version(version), part) for part in parts)


def _holds(version: Version, part: str) -> bool:
    match = _PART.fullmatch(part)
    if match is None:
        raise ValueError(f"condition on a version: {part!r}")
    return _TESTS[match[1]](version, Version(match[2]))
