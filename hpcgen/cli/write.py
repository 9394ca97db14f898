"""`hpcgen RECIPE`: a recipe as a Dockerfile, definition file or shell script."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import hpcgen
from hpcgen.cli.output import STANDARD_OUTPUT, warn, write
from hpcgen.cli.parsing import Parser, complete, one_of, planned, recipe_options
from hpcgen.emitting import FORMATS
from hpcgen.emitting.dialects import DIALECTS
from hpcgen.errors import UsageError

if TYPE_CHECKING:
    import argparse

    from hpcgen.emitting.base import Rendered

_COMMANDS = """commands:
  hpcgen sources RECIPE   what a recipe downloads; fills a mirror with it
  hpcgen diff A [B]       what differs in meaning between two recipes; what is built again
  hpcgen graph RECIPE     its stages as a picture; with a build's log, what each took
  hpcgen blocks [NAME]    which building blocks there are, and what each can be told
  hpcgen rules [NAME]     what the blocks know not to work together
  hpcgen completion SHELL completion for bash, zsh or tcsh

exit status: 0 fine, 1 the recipe fails a check, 2 usage, 3 an input or engine cannot be reached, 4 partial, 5 bug

"""


def parser() -> Parser:
    """The parser of `hpcgen RECIPE`."""
    made = Parser(
        "",
        "Writes an HPC container recipe as a Dockerfile, a Singularity definition file or a shell script.",
        usage="[options] RECIPE",
        more=_COMMANDS,
        examples=(
            ("hpcgen recipe.py > Dockerfile", "a Dockerfile"),
            ("hpcgen recipe.py --format singularity -o app.def", "a definition file, replaced whole or not at all"),
            ("hpcgen recipe.py --userarg cuda=12.9 mpi=openmpi", "values for the recipe's USERARG"),
            ("hpcgen recipe.py --arch x86_64,aarch64 --dialect podman", "for two architectures, as podman reads it"),
            ("hpcgen recipe.py --explain ucx", "why a block has each flag, package and edge"),
            ("hpcgen recipe.py --check", "what hadolint, shellcheck and docker say of it"),
            ("cat recipe.py | hpcgen - | docker build -", "from standard input"),
        ),
    )
    recipe_options(made)
    dialects = tuple(DIALECTS)
    words = made.add_argument_group("output")
    words.add_argument("--format", default="docker", type=one_of("format", FORMATS), choices=FORMATS, help="what to write (default: docker)")
    complete(words.add_argument("-o", "--output", default="", metavar="FILE", help="where to write it (default: standard output)"), "file")
    words.add_argument("--dialect", type=one_of("dialect", dialects), choices=dialects, help="whose Dockerfiles (default: docker, 23 and newer)")
    words.add_argument("--linear", action="store_true", help="the recipe's own stages alone: no stage of its own for each block")
    words.add_argument("--at-once", default=0, type=int, metavar="N", help="build at most N blocks at a time, for a machine of few processors")
    words.add_argument("--ccache", action="store_true", help="keep compilers' results in a cache mount, by ccache (Dockerfiles)")
    words.add_argument("--singularity-version", default="", metavar="V", help="version of the program that reads the definition file")
    words.add_argument("--explain", default="", metavar="BLOCK", help="say why a block is built as it is, and where, instead of writing the file")
    words.add_argument("--json", action="store_true", help="with --explain: for programs")
    words.add_argument("--check", action="store_true", help="lint it instead of writing it (as well, with -o)")
    made.add_argument("--version", action="version", version=f"hpcgen {hpcgen.__version__}", help="hpcgen's version")
    return made


def run(options: argparse.Namespace) -> int:
    """Plans, writes and, if asked, checks."""
    from hpcgen.library import emit
    from hpcgen.site import read

    site = read(options.site, os.environ)
    dialect = options.dialect or (site.dialect if options.format == "docker" else "")
    if options.explain:
        from hpcgen.cli import explain

        return explain.run(options, site, dialect)
    if options.json:
        raise UsageError("--json is for --explain BLOCK alone", help="other commands have one of their own: hpcgen sources RECIPE --json")
    graph = planned(options, site)
    mirror = options.mirror or site.mirror
    rendered = emit(
        graph,
        options.format,
        dialect=dialect,
        linear=options.linear,
        at_once=options.at_once,
        ccache=options.ccache,
        mirror=mirror,
        singularity_version=options.singularity_version,
    )
    warn((*graph.warnings, *rendered.warnings))
    if options.output not in STANDARD_OUTPUT or not options.check:
        write(rendered.text, options.output, executable=options.format == "bash")
    return _check(rendered, options) if options.check else 0


def _check(rendered: Rendered, options: argparse.Namespace) -> int:
    """Says what the linters find: 1 for errors."""
    from hpcgen.engines.linters import check

    name = options.output if options.output not in STANDARD_OUTPUT else rendered.file
    report = check(rendered, os.environ.get("PATH", ""))
    for finding in report.findings:
        write(f"{name}:{finding.line}: {finding.level}: {finding.rule}: {finding.sentence}\n")
    print(report.summary(), file=sys.stderr)
    return 1 if report.has_errors else 0
