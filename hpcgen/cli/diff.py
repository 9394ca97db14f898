"""`hpcgen diff A B`: what differs in meaning between two recipes, or one with two sets of arguments, and what is built again."""

from __future__ import annotations

import argparse
import os
import sys
from typing import TYPE_CHECKING

from hpcgen.cli.ending import has_colour
from hpcgen.cli.output import STANDARD_OUTPUT, warn, write
from hpcgen.cli.parsing import Pairs, Parser, complete, one_of, planned, recipe_options

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hpcgen.comparing.text import Line
    from hpcgen.graph.stages import StageGraph
    from hpcgen.site import Site

FORMATS = ("text", "markdown", "json")
DIFFERENT = 1

_MORE = """Options of the recipe hold for both; those that begin with --to are for the second alone. What is built again is
said of a Dockerfile for Docker, where each closed block has a stage of its own.

"""
_STYLES = {"new": "green", "gone": "red", "title": "bold", "note": "dim", "": ""}


def parser() -> Parser:
    """The parser of `hpcgen diff`."""
    made = Parser(
        "diff",
        "Says what differs in meaning between two recipes, or one recipe with two sets of arguments, and what is built again.",
        usage="[options] RECIPE [OTHER] [--to K=V ...]",
        more=_MORE,
        examples=(
            ("hpcgen diff old.py new.py", "two recipes"),
            ("hpcgen diff recipe.py --to ucx=1.19.1", "one recipe, without and with an argument"),
            ("hpcgen diff recipe.py --userarg ucx=1.18.1 --to ucx=1.19.1", "with two values of one"),
            ("hpcgen diff recipe.py --to-base debian:12=debian:13", "upon another base image"),
            ("git show HEAD:recipe.py | hpcgen diff - recipe.py", "what is not committed yet"),
            ("hpcgen diff old.py new.py --format markdown", "for a pull request"),
            ("hpcgen diff old.py new.py --exit-code", "exit status 1 if anything differs"),
        ),
    )
    recipe_options(made)
    words = made.add_argument_group("second recipe, or second set of arguments")
    complete(words.add_argument("other", nargs="?", metavar="OTHER", help="the recipe to compare with (default: the same)"), "file")
    words.add_argument("--to", action=Pairs, nargs="+", default={}, metavar="K=V", help="values of USERARG, beside or in place of --userarg's")
    words.add_argument("--to-arch", default="", metavar="A", help="architecture in place of --arch")
    words.add_argument("--to-cpu-target", default="", metavar="T", help="microarchitecture in place of --cpu-target")
    words.add_argument("--to-base", action=Pairs, nargs=1, default={}, metavar="N=R", help="image R instead of N, beside those of --base")
    output = made.add_argument_group("output")
    output.add_argument("--format", default="text", type=one_of("format", FORMATS), choices=FORMATS, help="how to say it (default: text)")
    complete(output.add_argument("-o", "--output", default="", metavar="FILE", help="where to write it (default: standard output)"), "file")
    output.add_argument("--linear", action="store_true", help="say what is built again of the recipe's own stages alone")
    output.add_argument("--exit-code", action="store_true", help="exit with 1 if anything differs in meaning")
    return made


def run(options: argparse.Namespace) -> int:
    """Plans both, compares and says what differs."""
    from hpcgen.comparing.graphs import compare
    from hpcgen.comparing.rebuilding import rebuilds
    from hpcgen.planning import arranged
    from hpcgen.site import read

    site = read(options.site, os.environ)
    first, second = _sides(options)
    before, after = _planned(first, site, "first"), _planned(second, site, "second")
    warn((*before.warnings, *after.warnings))
    difference = compare(before, after)
    stages = rebuilds(*(arranged(graph, parallel=not options.linear) for graph in (before, after)))
    names = (_name(first), _name(second))
    if options.format == "json":
        from hpcgen.comparing.data import as_json

        write(as_json(difference, stages, *names), options.output)
    elif options.format == "markdown":
        from hpcgen.comparing.markdown import as_markdown

        write(as_markdown(difference, stages, *names), options.output)
    else:
        from hpcgen.comparing.text import as_text, lines

        if options.output in STANDARD_OUTPUT and has_colour(terminal=sys.stdout.isatty()):
            _print(lines(difference, stages))
        else:
            write(as_text(difference, stages), options.output)
    return DIFFERENT if options.exit_code and difference else 0


def _sides(options: argparse.Namespace) -> tuple[argparse.Namespace, argparse.Namespace]:
    """The options of the first recipe and of the second."""
    from hpcgen.errors import UsageError

    files = [name for name in (options.recipe, options.file, options.other) if name is not None]
    if len(files) > 2:  # noqa: PLR2004 (a comparison has two sides)
        raise UsageError(f"'{files[2]}' is one recipe too many", help=f"see {options.parser.prog} --help")
    told = options.to or options.to_arch or options.to_cpu_target or options.to_base
    if len(files) == 1 and not told:
        raise UsageError("there is nothing to compare with", help="name a second recipe, or say what differs: --to K=V, --to-arch, --to-base")
    if files and files[0] == files[-1] == "-":
        raise UsageError("standard input can be read only once", help="put the recipe into a file")
    changes = {
        "file": files[-1] if files else None,
        "userarg": {**options.userarg, **options.to},
        "arch": options.to_arch or options.arch,
        "cpu_target": options.to_cpu_target or options.cpu_target,
        "base": {**options.base, **options.to_base},
    }
    first = argparse.Namespace(**{**vars(options), "file": files[0] if files else None, "recipe": None})
    return first, argparse.Namespace(**{**vars(first), **changes})


def _planned(options: argparse.Namespace, site: Site, which: str) -> StageGraph:
    """A stage graph; an error says whose it is."""
    from hpcgen.errors import HpcgenError, each

    try:
        return planned(options, site)
    except HpcgenError as fault:
        for one in each(fault) if options.file else ():
            one.help = f"{one.help}\nin the {which} of the two: {_name(options)}".lstrip("\n")
        raise


def _name(options: argparse.Namespace) -> str:
    """What a recipe with its arguments is called."""
    told = {**options.userarg, "arch": options.arch, "cpu target": options.cpu_target, **options.base}
    return " ".join((str(options.file), *(f"{name}={value}" for name, value in told.items() if value)))


def _print(lines: Iterable[Line]) -> None:
    """Lines in colours."""
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False)
    for line in lines:
        console.print(Text.assemble(*((text, _STYLES[style]) for text, style in line)), soft_wrap=True)
