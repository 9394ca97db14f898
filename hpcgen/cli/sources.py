"""`hpcgen sources RECIPE`: what a recipe downloads; with --fetch, a mirror of it."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from hpcgen.cli.ending import has_colour, tell
from hpcgen.cli.output import warn, write
from hpcgen.cli.parsing import Parser, complete, planned, recipe_options

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from hpcgen.sourcing.listing import Source
    from hpcgen.sourcing.mirror import Outcome

ALL_FAILED, SOME_FAILED = 3, 4

_MORE = """A mirror's layout is <sha256>/<file name>, and git/<commit>.tar for repositories. What is there is not fetched again; what
broke off goes on where it stopped. Exit status: 3 if no source could be had, 4 if some could not.

"""


def parser() -> Parser:
    """The parser of `hpcgen sources`."""
    made = Parser(
        "sources",
        "Lists what building a recipe downloads beside the distribution's packages, or fetches it into a mirror.",
        usage="[options] RECIPE",
        more=_MORE,
        examples=(
            ("hpcgen sources recipe.py", "a table"),
            ("hpcgen sources recipe.py --json", "the same for programs"),
            ("hpcgen sources recipe.py --fetch /srv/mirror", "fills a mirror"),
            ("hpcgen recipe.py --mirror /srv/mirror", "and uses it"),
        ),
    )
    recipe_options(made)
    words = made.add_argument_group("output").add_mutually_exclusive_group()
    words.add_argument("--json", action="store_true", help="for programs: docs/reference/sources.md says what each key means")
    complete(words.add_argument("--fetch", default="", metavar="DIR", help="fetch all of it into a mirror at DIR"), "directory")
    return made


def run(options: argparse.Namespace) -> int:
    """Lists or fetches."""
    from hpcgen.site import read
    from hpcgen.sourcing.listing import as_json, as_text, sources

    site = read(options.site, os.environ)
    graph = planned(options, site)
    found = sources(graph)
    if options.fetch:
        return _fetch(found, options.fetch, options.mirror or site.mirror)
    warn(graph.warnings)
    write(as_json(found) if options.json else as_text(found))
    return 0


def _fetch(found: Sequence[Source], folder: str, mirror: str) -> int:
    """Fills a mirror, and says what came, what was there and what failed."""
    from hpcgen.sourcing.mirror import fill

    if has_colour(terminal=sys.stderr.isatty()):
        from hpcgen.cli.progress import watched

        with watched(found) as watch:
            outcomes = fill(found, folder, mirror=mirror, watch=watch)
    else:
        outcomes = fill(found, folder, mirror=mirror)
    return _said(outcomes)


def _said(outcomes: Sequence[Outcome]) -> int:
    from hpcgen.sourcing.listing import columns

    good = [one for one in outcomes if one.fault is None]
    if good:
        write(columns([("fetched" if one.fetched else "was there", one.source.name, megabytes(one.bytes), one.path) for one in good]))
    warn(note for one in outcomes for note in one.notes)
    for one in outcomes:
        if one.fault is not None:
            tell(one.fault)
    failed = len(outcomes) - len(good)
    if failed:
        print(f"{failed} of {len(outcomes)} sources could not be fetched", file=sys.stderr)
    return 0 if not failed else SOME_FAILED if good else ALL_FAILED


def megabytes(size: int) -> str:
    """A size as people say it."""
    return f"{size / 1e6:.1f} MB"
