"""`hpcgen outdated RECIPE`: which releases a recipe builds, and which newer ones its blocks know."""

from __future__ import annotations

import json
import os
import re
from typing import TYPE_CHECKING, Any

import attrs

from hpcgen.cli.output import warn, write
from hpcgen.cli.pages import show
from hpcgen.cli.parsing import Parser, block_folders, one_of, planned, recipe_options
from hpcgen.version import Version

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Sequence

    from hpcgen.block.block import Block
    from hpcgen.block.sources import Tarball
    from hpcgen.graph.nodes import Fetch
    from hpcgen.graph.stages import StageGraph
    from hpcgen.origin import Origin

FORMATS = ("text", "json")
OUTDATED = 1
SCHEMA = 1
"""The version of the JSON form: raised when a key changes its meaning or goes away."""

_MORE = """Newer means: known to this hpcgen, with a checksum. Nothing is asked for over the network. A block whose default is not
its newest release says so by its default: that one is not outdated.

"""


@attrs.frozen
class Release:
    """A release that a recipe builds.

    Attributes:
        block: the block's name.
        part: of a block with several tables of releases: which; else empty.
        version: what the recipe builds.
        series: the newest one of its series, which has the same two first numbers.
        newest: the newest one.
        default: the block's own choice, where that is not the newest.
        origin: the recipe's line.
    """

    block: str
    part: str
    version: str
    series: str
    newest: str
    default: str
    origin: Origin | None = attrs.field(default=None, eq=False)

    @property
    def outdated(self) -> bool:
        """Whether there is a newer one, and the block itself would not take this one."""
        return Version(self.version) < Version(self.newest) and self.version != self.default

    @property
    def state(self) -> str:
        """What there is to say, in a word or two."""
        if not self.outdated:
            return "the block's default" if self.version == self.default else ""
        return "newer in its series" if Version(self.version) < Version(self.series) else "newer"


def parser() -> Parser:
    """The parser of `hpcgen outdated`."""
    made = Parser(
        "outdated",
        "Lists the releases that a recipe builds beside the newest that its blocks know.",
        usage="[options] RECIPE",
        more=_MORE,
        examples=(
            ("hpcgen outdated recipe.py", "a table"),
            ("hpcgen outdated recipe.py --userarg ucx=1.18.0", "with a recipe's argument"),
            ("hpcgen outdated recipe.py --format json", "for programs: docs/howto/outdated.md says what each key means"),
            ("hpcgen outdated recipe.py --exit-code", "exit status 1 if anything is outdated, for CI"),
        ),
    )
    recipe_options(made)
    output = made.add_argument_group("output")
    output.add_argument("--format", default="text", type=one_of("format", FORMATS), choices=FORMATS, help="how to say it (default: text)")
    output.add_argument("--exit-code", action="store_true", help="exit with 1 if anything is outdated")
    return made


def run(options: argparse.Namespace) -> int:
    """Lists; with --exit-code, the status says whether anything is outdated."""
    from hpcgen.site import read

    site = read(options.site, os.environ)
    graph = planned(options, site)
    found = releases(graph, block_folders(options, site))
    warn(graph.warnings)
    if options.format == "json":
        write(json.dumps({"schema": SCHEMA, "releases": [_data(one) for one in found]}, indent=2) + "\n")
    elif found:
        head = ("BLOCK", "VERSION", "OF ITS SERIES", "NEWEST", "", "RECIPE")
        show([("", [head, *((_called(one), one.version, one.series, one.newest, one.state, str(one.origin or "")) for one in found)])])
    else:
        write("the recipe builds no release that a block knows\n")
    return OUTDATED if options.exit_code and any(one.outdated for one in found) else 0


def releases(graph: StageGraph, folders: Sequence[str] = ()) -> list[Release]:
    """The releases that a graph builds, in the recipe's order, each once; what comes from elsewhere than a block's own tables is none."""
    from hpcgen.block.finder import find
    from hpcgen.graph.nodes import Fetch
    from hpcgen.graph.stages import walk

    found: dict[Release, None] = {}
    for stage in graph.stages:
        for node in walk(stage.nodes):
            if isinstance(node, Fetch) and node.block is not None and node.sha256:
                block = find(node.block.name, folders)
                found.update(dict.fromkeys(_of(block, node)) if block is not None else {})
    return list(found)


def _of(block: type[Block], fetch: Fetch) -> Iterator[Release]:
    """The release that a download is, by its checksum."""
    tables = _tables(block)
    for name, table in tables.items():
        for key, checksum in table.sha256.items():
            if checksum == fetch.sha256:
                version = _version(table, key)
                known = list(dict.fromkeys(one for other in tables.values() if _is_like(other, table) for one in other.versions()))
                yield _release(block, name if len({one.baseurl for one in tables.values()}) > 1 else "", version, known, fetch.origin)
                return


def _is_like(one: Tarball, other: Tarball) -> bool:
    """Whether two tables are of one software: its source and its binaries lie in one place."""
    return one.baseurl == other.baseurl


def _release(block: type[Block], part: str, version: str, known: Sequence[str], origin: Origin | None) -> Release:
    own = Version(version)
    series = max((Version(one) for one in known if Version(one).up_to(2) == own.up_to(2)), default=own)
    newest = max((Version(one) for one in known), default=own)
    option = block.options.get("version")
    default = str(option.default) if option is not None and option.default in known and option.default != str(newest) else ""
    return Release(block.__name__, part, version, str(series), str(newest), default, origin)


def _tables(block: type[Block]) -> dict[str, Tarball]:
    """A class's tables of releases, by the name of the attribute."""
    from hpcgen.block.sources import Tarball

    found: dict[str, Tarball] = {}
    for base in reversed(block.__mro__):
        for name, value in vars(base).items():
            found.update({name: value} if isinstance(value, Tarball) else {})
            if isinstance(value, dict):
                found.update({str(key): one for key, one in value.items() if isinstance(one, Tarball)})
    return {name: table for name, table in found.items() if table.sha256}


def _version(table: Tarball, key: str) -> str:
    """The version of a line of a table."""
    return re.sub(r"-(x86_64|aarch64)$", "", key) if "{arch}" in table.path else key


def _called(one: Release) -> str:
    return f"{one.block} ({one.part})" if one.part else one.block


def _data(one: Release) -> dict[str, Any]:
    """A release for programs."""
    facts = {key: value or None for key, value in attrs.asdict(one, filter=attrs.filters.exclude("origin")).items()}
    return {**facts, "outdated": one.outdated, "recipe": str(one.origin) if one.origin else None}
