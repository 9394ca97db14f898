"""`hpcgen audit REF`: what an image holds, what of it nobody sees, who is charged for it; against a budget and a former report."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from hpcgen.cli.ending import has_colour
from hpcgen.cli.output import STANDARD_OUTPUT, warn, write
from hpcgen.cli.parsing import Parser, complete, one_of
from hpcgen.showing import visible

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from hpcgen.auditing.budgets import Budget
    from hpcgen.auditing.outcome import Outcome
    from hpcgen.auditing.report import Report

FORMATS = ("text", "json", "markdown", "html", "svg", "ncdu", "sarif")
VIEWS = ("block", "category", "layer", "waste", "folder")
ROLES = ("runtime", "devel")

_MORE = """What REF may be: the name of an image in Docker or Podman (docker://, podman:// name the engine), an archive of `docker save`, an
OCI layout or an archive of one, a SIF, a squashfs, a folder with a root file system, or - for an archive on standard input. They are
told apart by what they hold.

-o and --format may be repeated: all outputs are written by one run. The first --format is that of the first -o, and so on; without
one the file's name says it (.json, .md, .html, .svg, .sarif, .ncdu.json, .txt). A format that has no file goes to standard output;
where none does, the text is shown there.

Exit status: 0 fine; 1 a limit of the budget is broken or a denied finding is there; 2 usage; 3 the image cannot be read;
4 part of it cannot be read, the rest is told; 5 a bug of hpcgen.

"""


def parser() -> Parser:
    """The parser of `hpcgen audit`."""
    made = Parser(
        "audit",
        "Says what an image holds, what of it is wasted, and whom each byte is charged to.",
        usage="[options] REF",
        more=_MORE,
        examples=(
            ("hpcgen audit mpi_hello:latest", "one screen: totals, blocks, waste, findings"),
            ("hpcgen audit image.tar --all", "every row"),
            ("hpcgen audit image.sif -o report.html", "a page with a treemap to click through"),
            ("hpcgen audit image.tar --budget audit.toml -o report.json", "a gate and a report in one run"),
            ("hpcgen audit image.tar --against report.json --format markdown", "what grew, for a pull request"),
            ("hpcgen audit image.tar --budget .dive-ci", "dive's limits by dive's formulas"),
            ("hpcgen audit image.tar --gpu-arch sm_90", "GPU code for other processors, or none for this one"),
            ("docker save image | hpcgen audit -", "from standard input"),
            ("hpcgen audit image.tar --format ncdu | ncdu -f-", "to walk through its folders"),
        ),
    )
    complete(made.add_argument("ref", nargs="?", metavar="REF", help="the image; see below"), "file")
    _image_options(made)
    _gate_options(made)
    _output_options(made)
    return made


def _image_options(made: Parser) -> None:
    words = made.add_argument_group("image")
    words.add_argument("--platform", default="", metavar="P", help="of an image for several: linux/arm64 (default: this machine's)")
    words.add_argument("--base", default="", metavar="REF", help="the base image: an image, or the number of layers that are its (default: as found)")
    words.add_argument("--role", default="runtime", type=one_of("role", ROLES), choices=ROLES, help="what it is for (default: runtime)")
    words.add_argument("--gpu-arch", action="append", default=[], metavar="A", help="GPUs that it is for: sm_90; several with commas")
    words.add_argument("--headers", action="store_true", help="read archives' headers alone: layers and waste, no look at paths or into files")
    words.add_argument("--jobs", type=int, default=0, metavar="N", help="layers and files that are read at once (default: one a processor)")
    words.add_argument("--no-cache", action="store_true", help="read every layer anew, and keep nothing for the next time")


def _gate_options(made: Parser) -> None:
    words = made.add_argument_group("gate")
    complete(words.add_argument("--budget", default="", metavar="F", help="limits: TOML, or dive's .dive-ci"), "file")
    complete(words.add_argument("--against", default="", metavar="B", help="what to compare with: a former report (JSON), or another image"), "file")


def _output_options(made: Parser) -> None:
    words = made.add_argument_group("output")
    words.add_argument(
        "--format", action="append", default=[], type=one_of("format", FORMATS), choices=FORMATS, help="how to say it; may be repeated"
    )
    complete(words.add_argument("-o", "--output", action="append", default=[], metavar="FILE", help="where to write it; may be repeated"), "file")
    words.add_argument("--by", default=None, type=one_of("view", VIEWS), choices=VIEWS, help="what an SVG shows (default: block, else folder)")
    words.add_argument("--all", action="store_true", help="every row of the text, and what each finding is about")
    words.add_argument("-q", "--quiet", action="store_true", help="no text beside what is written to files")
    words.add_argument("--schema", action="store_true", help="print the JSON Schema of reports, and end")


def run(options: argparse.Namespace) -> int:
    """Audits, compares, judges and writes."""
    if options.schema:
        write(_schema(), *options.output[:1])
        return 0
    outputs = _outputs(options)
    budget = _budget(options)
    report = _audited(options, options.ref, budget)
    outcome = _outcome(options, report, budget)
    for form, file in outputs:
        if form == "text" and file in STANDARD_OUTPUT:
            _print(outcome, whole=options.all)
        else:
            from hpcgen.auditing.outputs import written

            write(written(outcome, form, by=options.by or "", whole=options.all), file)
    warn(visible(f"could not be read: {fault}") for fault in report.faults)
    return outcome.status


def _schema() -> str:
    """The published schema of reports."""
    from hpcgen.auditing.data import schema

    return schema()


def _outputs(options: argparse.Namespace) -> list[tuple[str, str]]:
    """Each format with its file."""
    from hpcgen.auditing.outputs import format_of
    from hpcgen.errors import UsageError

    if not options.ref:
        raise UsageError("no image is named", help=f"usage: {options.parser.usage}\nsee {options.parser.prog} --help")
    if options.ref == options.against == "-":
        raise UsageError("standard input can be read only once", help="put one of the two into a file")
    formats, files = options.format, options.output
    if len(formats) > len(files) + 1:
        raise UsageError(f"{len(formats)} formats, but {len(files)} files: only one can go to standard output", help="name a file for each by -o")
    found = [(form, file) for form, file in zip(formats, files, strict=False)]
    found += [(format_of(file) if file not in STANDARD_OUTPUT else "text", file) for file in files[len(formats) :]]
    found += [(form, "") for form in formats[len(files) :]]
    if not options.quiet and not any(file in STANDARD_OUTPUT for _, file in found):
        found.append(("text", ""))
    return found


def _budget(options: argparse.Namespace) -> Budget | None:
    if not options.budget:
        return None
    from hpcgen.auditing.budgets import read

    return read(options.budget)


def _outcome(options: argparse.Namespace, report: Report, budget: Budget | None) -> Outcome:
    """The report against what it is held against."""
    from hpcgen.auditing.growth import compare
    from hpcgen.auditing.judging import judge
    from hpcgen.auditing.outcome import Outcome

    growth = compare(_baseline(options, budget), report, name=options.against) if options.against else None
    return Outcome(report, judge(report, budget, growth) if budget else (), growth)


def _baseline(options: argparse.Namespace, budget: Budget | None) -> Report:
    """A former report, or what an audit of another image finds."""
    from hpcgen.auditing.baseline import from_json, looks_like_report

    if os.path.isfile(options.against):
        from hpcgen.errors import Unreachable

        try:
            with open(options.against, "rb") as stream:
                if looks_like_report(stream.read(64)):
                    stream.seek(0)
                    return from_json(stream.read().decode("utf-8", "replace"), options.against)
        except OSError as fault:
            raise Unreachable(f"baseline '{options.against}': {fault.strerror or fault}") from fault
    return _audited(options, options.against, budget)


def _audited(options: argparse.Namespace, ref: str, budget: Budget | None) -> Report:
    """What an audit of an image finds; who waits for it sees how far it is."""
    from hpcgen.auditing import audit
    from hpcgen.cli.audit_progress import watching

    with watching(has_colour(terminal=sys.stderr.isatty())) as watch:
        return audit(
            ref,
            platform=options.platform,
            base=options.base,
            gpu_arch=_listed(options.gpu_arch),
            role=options.role,
            jobs=options.jobs,
            ignore=budget.ignore if budget else (),
            content=not options.headers,
            cache="" if options.no_cache else _cache(),
            watch=watch,
        )


def _listed(words: Sequence[str]) -> tuple[str, ...]:
    return tuple(one.strip() for word in words for one in word.split(",") if one.strip())


def _cache() -> str:
    """Where a user's indices of layers lie, by the XDG base directory specification; empty without a home."""
    cache = os.environ.get("XDG_CACHE_HOME", "")
    if not os.path.isabs(cache):
        home = os.environ.get("HOME", "")
        cache = os.path.join(home, ".cache") if home else ""
    return os.path.join(cache, "hpcgen", "audit") if cache else ""


def _print(outcome: Outcome, *, whole: bool) -> None:
    """The text: in colours on a terminal."""
    if has_colour(terminal=sys.stdout.isatty()):
        from hpcgen.cli.audit_page import print_page

        print_page(outcome, whole=whole)
    else:
        from hpcgen.auditing.text import as_text

        write(as_text(outcome, whole=whole))
