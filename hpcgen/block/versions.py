"""Conditions on versions, as facts state them: `<1.15`, `>=5 <5.0.9`."""

from __future__ import annotations

import operator
import re
from functools import cache
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
    parts = _parsed(condition)
    if not version or not parts:
        return not parts
    own = Version(version)
    return all(test(own, other) for test, other in parts)


@cache
def _parsed(condition: str) -> tuple[tuple[Callable[[Any, Any], bool], Version], ...]:
    """The comparisons of a condition; each stands in some class, and is read once."""
    return tuple(map(_comparison, condition.split()))


def _comparison(part: str) -> tuple[Callable[[Any, Any], bool], Version]:
    match = _PART.fullmatch(part)
    if match is None:
        raise ValueError(f"condition on a version: {part!r}")
    return _TESTS[match[1]], Version(match[2])
