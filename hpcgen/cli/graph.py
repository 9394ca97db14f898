"""`hpcgen graph RECIPE`: the stages of a recipe as a picture; with a build's log, what each took."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from hpcgen.cli.ending import has_colour
from hpcgen.cli.output import STANDARD_OUTPUT, warn, write
from hpcgen.cli.parsing import Parser, complete, one_of, planned, recipe_options

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from hpcgen.drawing.critical import Timing
    from hpcgen.drawing.model import Box, Picture
    from hpcgen.graph.stages import StageGraph

FORMATS = ("svg", "mermaid", "dot", "json", "text")
LAYOUTS = ("auto", "dot", "own")

_MORE = """On a terminal, without --format and -o, the stages are listed. What --timings reads:

  hpcgen recipe.py -o Dockerfile && docker build --progress plain . 2> build.log

"""


def parser() -> Parser:
    """The parser of `hpcgen graph`."""
    made = Parser(
        "graph",
        "Draws a recipe's stages as they are built: what each starts from, builds and receives; with a build's log, what each took.",
        usage="[options] RECIPE",
        more=_MORE,
        examples=(
            ("hpcgen graph recipe.py", "on a terminal: a list"),
            ("hpcgen graph recipe.py -o graph.svg", "a picture, in light and dark"),
            ("hpcgen graph recipe.py --timings build.log -o graph.svg", "what each stage took, and the critical path"),
            ("hpcgen graph recipe.py --format mermaid", "for a page on GitHub or GitLab"),
            ("hpcgen graph recipe.py --linear --format json", "the recipe's own stages alone, for programs"),
        ),
    )
    recipe_options(made)
    words = made.add_argument_group("output")
    words.add_argument(
        "--format", type=one_of("format", FORMATS), choices=FORMATS, help="what to draw (default: as FILE is called, else svg)"
    )
    complete(words.add_argument("-o", "--output", default="", metavar="FILE", help="where to write it (default: standard output)"), "file")
    words.add_argument("--linear", action="store_true", help="the recipe's own stages alone: no stage of its own for each block")
    complete(words.add_argument("--timings", default="", metavar="LOG", help="what `docker build --progress plain` said on standard error"), "file")
    words.add_argument(
        "--layout",
        default="auto",
        type=one_of("layout", LAYOUTS),
        choices=LAYOUTS,
        help="who finds the places in an SVG: Graphviz's dot, or hpcgen (default: dot where it is there)",
    )
    return made


def run(options: argparse.Namespace) -> int:
    """Plans, draws and writes."""
    from hpcgen.drawing.formats import draw
    from hpcgen.drawing.model import picture
    from hpcgen.library import split
    from hpcgen.site import read

    graph = planned(options, read(options.site, os.environ))
    graph = graph if options.linear else split(graph)
    timing = _timing(options.timings, graph) if options.timings else None
    file = options.recipe or options.file
    found = picture(graph, "standard input" if file == "-" else file, timing)
    warn((*graph.warnings, *(_misfits(timing, graph) if timing else ())))
    name = options.format or _called(options.output)
    if name == "text":
        _print(found, options.output)
    else:
        write(draw(found, name, layout=options.layout, path=os.environ.get("PATH", "")), options.output)
    return 0


def _called(output: str) -> str:
    """The format of a file that is called so; without one a list for a person, a picture for all else."""
    from hpcgen.drawing.formats import FORMATS as SUFFIXES

    if output in STANDARD_OUTPUT:
        return "text" if sys.stdout.isatty() else "svg"
    return next((name for name, suffixes in SUFFIXES.items() if output.lower().endswith(suffixes)), "svg")


def _timing(file: str, graph: StageGraph) -> Timing:
    """What the build took that a log tells of."""
    from hpcgen.drawing.critical import timing
    from hpcgen.drawing.timings import NoTimings, read
    from hpcgen.errors import Unreachable

    try:
        with open(file, encoding="utf-8", errors="replace", newline="") as stream:
            return timing(graph, read(stream.read()))
    except OSError as fault:
        raise Unreachable(f"timings '{file}': {fault.strerror or fault}") from fault
    except NoTimings as fault:
        raise NoTimings(f"{file}: {fault.sentence}", help=fault.help) from fault


def _misfits(timing: Timing, graph: StageGraph) -> Iterator[str]:
    """What makes one doubt that a log is of this graph's build."""
    if timing.unknown:
        yield f"the log has stages that the recipe has not: {', '.join(timing.unknown)}"
    builders = [stage.name for stage in graph.stages if stage.of]
    if builders and not any(timing.stages[name].steps for name in builders):
        yield "the log has no stage of a block's own: for a build of --linear, say --linear here too"


# --- the list ---


def _print(picture: Picture, output: str) -> None:
    """A list of the stages: a table on a terminal, aligned text elsewhere."""
    from hpcgen.drawing import wording
    from hpcgen.drawing.escaping import clean
    from hpcgen.sourcing.listing import columns

    rows = [[", ".join(cell) for cell in _cells(box)] for box in picture.boxes]
    foot = _foot(picture)
    if output in STANDARD_OUTPUT and has_colour(terminal=sys.stdout.isatty()):
        _print_table(picture, foot)
    else:
        used = _used(picture)
        table = columns(tuple(row[at] for at in used) for row in [list(_HEADS), *rows])
        write(f"{clean(wording.title(picture))}\n\n{table}{foot}", output)


_HEADS = ("STAGE", "ON", "BLOCKS", "PACKAGES", "RECEIVES", "TOOK")


def _cells(box: Box) -> tuple[list[str], ...]:
    """What the list says of a stage: each cell's lines."""
    from hpcgen.drawing import wording
    from hpcgen.drawing.escaping import clean

    takes = [f"{wording.source(link)}: {' '.join(link.paths)}" for link in box.takes]
    blocks = [f"{name} ({took})" if took else name for name, took in wording.blocks(box)]
    time = f"{wording.time(box)}{' *' if box.time and box.time.critical else ''}"
    cells = ([box.name], [box.base or box.image], blocks, [str(len(box.packages) or "")], takes, [time])
    return tuple([clean(line) for line in lines] for lines in cells)


def _used(picture: Picture) -> list[int]:
    """The columns that hold something."""
    rows = [_cells(box) for box in picture.boxes]
    return [at for at in range(len(_HEADS)) if any(any(row[at]) for row in rows)]


def _foot(picture: Picture) -> str:
    """What stands below the list."""
    from hpcgen.drawing import wording

    if picture.timing is None:
        return ""
    marked = any(box.time and box.time.critical for box in picture.boxes)
    return f"\n{wording.total(picture)}{': the stages with a *' if marked else ''}\n"


def _print_table(picture: Picture, foot: str) -> None:
    """The same on a terminal: cells are wrapped to its width."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from hpcgen.drawing import wording
    from hpcgen.drawing.escaping import clean

    console, used = Console(), _used(picture)
    table = Table(box=None, padding=(0, 2, 0, 0), title=Text(clean(wording.title(picture)), style="bold"), title_justify="left")
    for at in used:
        table.add_column(_HEADS[at].lower(), header_style="cyan", overflow="fold", justify="right" if _HEADS[at] in ("PACKAGES", "TOOK") else "left")
    styles = {"builder": "", "stage": "bold", "result": "bold green"}
    for box in picture.boxes:
        cells = [Text("\n".join(lines)) for lines in _cells(box)]
        cells[0].stylize(styles[box.role])
        cells[-1].stylize("bold red" if box.time and box.time.critical else "")
        table.add_row(*(cells[at] for at in used))
    console.print(table)
    console.print(Text(foot.rstrip("\n")), end="\n" if foot else "")
