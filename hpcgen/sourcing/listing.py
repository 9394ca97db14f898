"""The sources of a stage graph: what its build downloads from outside the distribution's packages, each once."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import attrs

from hpcgen.graph.nodes import Fetch, Git
from hpcgen.graph.stages import walk

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hpcgen.graph.nodes import Node
    from hpcgen.graph.stages import StageGraph
    from hpcgen.origin import Origin

SCHEMA = 1
"""The version of the JSON form: raised when a key changes its meaning or goes away."""


@attrs.frozen
class FileSource:
    """A file from the network.

    Attributes:
        url: where it is published.
        name: the file's name.
        sha256: its checksum, or None where the recipe goes without a check.
        block: the block that downloads it, with its version, or empty; the first one where there are several.
        origin: the recipe's line.
    """

    url: str
    name: str
    sha256: str | None
    block: str = attrs.field(default="", eq=False)
    origin: Origin | None = attrs.field(default=None, eq=False, repr=False)

    @property
    def path(self) -> str:
        """Where it lies in a mirror; empty without a checksum."""
        return f"{self.sha256}/{self.name}" if self.sha256 else ""


@attrs.frozen
class GitSource:
    """A git repository at one commit.

    Attributes:
        url: of the repository.
        commit: 40 hexadecimal digits, or empty where the recipe names only a branch or tag.
        ref: the branch or tag that it is looked for in, or empty.
        submodules: whether they belong to it.
        block: the block that downloads it, with its version, or empty; the first one where there are several.
        origin: the recipe's line.
    """

    url: str
    commit: str
    ref: str
    submodules: bool
    block: str = attrs.field(default="", eq=False)
    origin: Origin | None = attrs.field(default=None, eq=False, repr=False)

    @property
    def name(self) -> str:
        """The repository's own name."""
        return self.url.rstrip("/").rpartition("/")[2].removesuffix(".git")

    @property
    def path(self) -> str:
        """Where it lies in a mirror; empty without a commit."""
        return git_path(self.commit) if self.commit else ""


Source = FileSource | GitSource


def git_path(commit: str) -> str:
    """Where a commit lies in a mirror."""
    return f"git/{commit}.tar"


def sources(graph: StageGraph) -> tuple[Source, ...]:
    """What building a graph downloads, in the recipe's order, each once; files beside the recipe and packages are none of it."""
    found: dict[Source, Source] = {}
    for stage in graph.stages:
        for one in _of_nodes(stage.nodes):
            found.setdefault(one, one)
    return tuple(found.values())


def _of_nodes(nodes: Iterable[Node]) -> Iterable[Source]:
    for node in walk(nodes):
        block = str(node.block or "")
        if isinstance(node, Fetch) and not node.local:
            yield FileSource(node.url, node.name, node.sha256, block, node.origin)
        elif isinstance(node, Git):
            yield GitSource(node.url, node.commit, node.ref, node.submodules, block, node.origin)


def as_json(found: Iterable[Source]) -> str:
    """The sources for programs; `docs/reference/sources.md` says what each key means."""
    return json.dumps({"schema": SCHEMA, "sources": [_entry(one) for one in found]}, indent=2) + "\n"


def _entry(one: Source) -> dict[str, Any]:
    """One source: its kind, its own facts, and where it lies in a mirror (null where a mirror cannot hold it)."""
    facts: dict[str, Any]
    if isinstance(one, GitSource):
        facts = {"kind": "git", "url": one.url, "name": one.name, "commit": one.commit or None, "ref": one.ref or None, "submodules": one.submodules}
    else:
        facts = {"kind": "file", "url": one.url, "name": one.name, "sha256": one.sha256}
    return {**facts, "mirror": one.path or None, "block": one.block or None, "recipe": str(one.origin) if one.origin else None}


def as_text(found: Iterable[Source]) -> str:
    """The sources for people: what, its checksum or commit, where from, for which block and line."""
    rows = [(one.name, _pin(one), one.url, one.block, str(one.origin or "")) for one in found]
    if not rows:
        return "the recipe downloads nothing but the distribution's packages\n"
    return columns([("FILE", "SHA256 OR COMMIT", "URL", "BLOCK", "RECIPE"), *rows])


def _pin(one: Source) -> str:
    if isinstance(one, FileSource):
        return one.sha256 or "unchecked"
    return one.commit or f"{one.ref} (as it stands)"


def columns(rows: Iterable[tuple[str, ...]]) -> str:
    """Rows as aligned text: two blanks between columns, none at the ends of lines."""
    table = list(rows)
    widths = [max(len(cell) for cell in column) for column in zip(*table, strict=True)]
    return "".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() + "\n" for row in table)
