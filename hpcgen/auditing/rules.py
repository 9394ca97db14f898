"""The rules of the audit: what findings are called and what they look for, out of rules.toml."""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING, Any

from hpcgen.auditing.report import WARNING
from hpcgen.frozen import frozen

if TYPE_CHECKING:
    from collections.abc import Mapping

OTHER = "other"
"""The category of files that no rule is about."""


@frozen
class Words:
    """What is said of a finding, and from when on.

    Attributes:
        least: bytes from which it is told.
        start: what else it has to reach: the size of a file, a number of files or layers.
    """

    id: str
    name: str
    title: str
    fix: str
    severity: str = WARNING
    least: int = 0
    start: int = 0


@frozen
class PathRule:
    """Files by where they lie.

    Attributes:
        id: of the finding, or empty: it only names a category.
        excepted: globs of names that are left to later rules.
        runtime: whether it is only told where an image is meant to run programs.
    """

    category: str
    globs: tuple[str, ...]
    id: str = ""
    excepted: tuple[str, ...] = ()
    runtime: bool = False


@frozen
class Family:
    """Libraries of which one image wants one."""

    name: str
    libraries: tuple[str, ...]


@frozen
class Rules:
    """All of them.

    Attributes:
        paths: the first that matches a file has it.
        words: by the finding's id.
        secrets: globs of files that look like keys, and of those that do not count.
        reachable: globs of libraries that programs open by name.
    """

    paths: tuple[PathRule, ...]
    words: Mapping[str, Words]
    families: tuple[Family, ...]
    secrets: tuple[tuple[str, ...], tuple[str, ...]]
    reachable: tuple[str, ...]


@cache
def rules() -> Rules:
    """The rules that hpcgen brings."""
    import tomllib

    with open(os.path.join(os.path.dirname(__file__), "rules.toml"), "rb") as stream:
        return parse(tomllib.load(stream))


def parse(values: Mapping[str, Any]) -> Rules:
    """Rules out of what a TOML file says."""
    words = {one["id"]: _words(one) for one in (*values["finding"], *values["paths"]) if "title" in one}
    paths = tuple(
        PathRule(one["category"], tuple(one["globs"]), one.get("id", ""), tuple(one.get("except", ())), one.get("runtime", False))
        for one in values["paths"]
    )
    families = tuple(Family(one["name"], tuple(one["libraries"])) for one in values["family"])
    secrets = (tuple(values["secrets"]["globs"]), tuple(values["secrets"]["except"]))
    return Rules(paths, words, families, secrets, tuple(values["reachable"]["globs"]))


def _words(one: Mapping[str, Any]) -> Words:
    return Words(one["id"], one["name"], one["title"], one["fix"], one["severity"], one["least"], one.get("from", 0))
