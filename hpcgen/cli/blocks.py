"""`hpcgen blocks [NAME]`: which building blocks there are, and what each can be told."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

from hpcgen.cli.output import write
from hpcgen.cli.pages import Page, Rows, show
from hpcgen.cli.parsing import Parser, block_folders, complete, site_options

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from hpcgen.block.item import Item
    from hpcgen.cli.description import Description


def parser() -> Parser:
    """The parser of `hpcgen blocks`."""
    made = Parser(
        "blocks",
        "Lists the building blocks, or shows what one of them installs and what it can be told.",
        usage="[options] [NAME]",
        examples=(
            ("hpcgen blocks", "all of them, a line each"),
            ("hpcgen blocks ucx", "options, versions, packages and partners of one"),
            ("hpcgen blocks --primitives", "the recipe's other words: shell, copy, environment, ..."),
            ("hpcgen blocks shell", "one of those"),
            ("hpcgen blocks ucx --json", "for programs"),
        ),
    )
    made.add_argument("name", nargs="?", metavar="NAME", help="a block or a primitive")
    made.add_argument("--primitives", action="store_true", help="list the primitives instead")
    made.add_argument("--json", action="store_true", help="for programs")
    folders = made.add_argument("--blocks", action="append", default=[], metavar="DIR", help="folder with further building blocks; may be repeated")
    complete(folders, "directory")
    site_options(made)
    return made


def run(options: argparse.Namespace) -> int:
    """Lists or shows."""
    from hpcgen.cli.description import as_data, describe
    from hpcgen.site import read

    folders = block_folders(options, read(options.site, os.environ))
    if options.name:
        found = describe(_named(options.name, folders))
        if options.json:
            write(json.dumps(as_data(found), indent=2) + "\n")
        else:
            show(_page(found), indent=True)
        return 0
    described = [describe(one) for one in _all(folders, primitives=options.primitives)]
    if options.json:
        write(json.dumps([as_data(one) for one in described], indent=2) + "\n")
    else:
        show([("", [(one.name, one.summary) for one in described])])
    return 0


def _all(folders: Sequence[str], *, primitives: bool) -> list[type[Item]]:
    """All blocks or all primitives, by name."""
    from hpcgen.block.finder import find, names
    from hpcgen.loading.primitives import PRIMITIVES

    if primitives:
        return sorted(PRIMITIVES, key=lambda one: one.__name__)
    return [found for name in names(folders) if (found := find(name, folders)) is not None]


def _named(name: str, folders: Sequence[str]) -> type[Item]:
    """A block or primitive by name."""
    from hpcgen.block.finder import find, names
    from hpcgen.errors import UsageError, did_you_mean
    from hpcgen.loading.primitives import PRIMITIVES

    known: dict[str, type[Item]] = {one.__name__: one for one in PRIMITIVES}
    found = known.get(name) or find(name, folders)
    if found is None:
        hint = did_you_mean(name, (*known, *names(folders))) or "hpcgen blocks lists the blocks"
        raise UsageError(f"there is no block or primitive '{name}'", help=hint)
    return found


def _page(one: Description) -> Page:
    """What a person wants to know of a block or primitive."""
    facts = {
        "homepage": one.homepage,
        "licence": one.licence,
        "versions": ", ".join(one.versions),
        "provides": ", ".join(one.provides),
        "builds upon": ", ".join(one.partners),
        **{f"for {what}": ", ".join(values) for what, values in one.platforms.items()},
    }
    page: Page = [("", [(one.name, one.summary), *((name, value) for name, value in facts.items() if value)])]
    page += [("about", [(line,) for line in one.more.splitlines()])] if one.more else []
    for title, own in (("options", True), (f"options of all such {one.what}s", False)):
        page.append(
            (
                title,
                [
                    (*_shown(option.name, option.also), option.takes, _default(option.default), option.help)
                    for option in one.options
                    if option.own is own
                ],
            )
        )
    packages: Rows = [(what, manager, " ".join(names)) for what, lists in one.packages.items() for manager, names in lists.items()]
    page += [("packages", list(packages)), ("sets for what comes after", list(one.exports)), ("rules", list(one.rules))]
    return [(title, rows) for title, rows in page if rows]


def _shown(name: str, also: Sequence[str]) -> tuple[str]:
    return (", ".join((name, *also)),)


def _default(default: str | None) -> str:
    return "must be given" if default is None else default
