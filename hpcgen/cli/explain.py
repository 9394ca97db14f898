"""`hpcgen RECIPE --explain BLOCK`: why a block is built as it is, and where."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import attrs

from hpcgen.cli.output import STANDARD_OUTPUT, write
from hpcgen.cli.pages import Page, Rows, show
from hpcgen.cli.parsing import architectures, block_folders, cpu_target, recipe_file
from hpcgen.emitting import is_parallel
from hpcgen.errors import UsageError
from hpcgen.library import explain

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from hpcgen.block.reasons import Fact
    from hpcgen.planning.explaining import Explanation
    from hpcgen.site import Site

SCHEMA = 1
"""The version of the JSON form: raised when a key changes its meaning or goes away."""


def run(options: argparse.Namespace, site: Site, dialect: str) -> int:
    """Shows what is known of the blocks of a name."""
    if options.check or options.output not in STANDARD_OUTPUT:
        raise UsageError("--explain is shown instead of the file", help="leave --check and -o out")
    linear = options.linear or not is_parallel(options.format, dialect)
    found = explain(
        recipe_file(options),
        options.explain,
        userarg=options.userarg,
        arch=architectures(options.arch or site.arch),
        cpu_target=cpu_target(options.cpu_target),
        single_stage=options.single_stage,
        base={**site.base, **options.base},
        block_folders=block_folders(options, site),
        allow=options.allow,
        linear=linear,
    )
    if options.json:
        write(json.dumps({"schema": SCHEMA, "blocks": [as_data(one) for one in found]}, indent=2) + "\n")
    else:
        show([part for one in found for part in page(one)], indent=True)
    return 0


def as_data(one: Explanation) -> dict[str, Any]:
    """An explanation for programs: the attributes of Explanation, facts as those of Fact."""
    return {**attrs.asdict(one), "origin": str(one.origin)}


def page(one: Explanation) -> Page:
    """An explanation as a person reads it; what a recipe put into it cannot drive the terminal."""
    where = f"stage {', '.join(one.stages)}"
    head = [
        (f"{one.called} {one.version}".rstrip(), str(one.origin)),
        ("block", one.block if one.called != one.block else ""),
        ("stands in", f"stage {one.stage}"),
        ("source", one.source),
        ("built for", ", ".join(one.architectures) if len(one.architectures) > 1 else ""),
        ("built in", f"{where}{', of its own' if one.alone else ''}: {one.because}"),
    ]
    parts: list[tuple[str, Rows]] = [
        ("", [(what, value) for what, value in head if value]),
        ("flags", _rows(one.flags)),
        ("variables of its build", _rows(one.variables, valued=True)),
        ("packages", _rows(one.packages)),
        ("builds upon", _rows(one.upon)),
        ("is needed by", _rows(one.needed_by)),
        ("leaves for what comes after it", _rows(one.exports, valued=True)),
        ("leaves for running", _rows(one.leaves, valued=True)),
        ("rules", _rows(one.rules, valued=True)),
    ]
    return [(title, [tuple(map(_printable, row)) for row in rows]) for title, rows in parts if rows]


def _rows(facts: Sequence[Fact], *, valued: bool = False) -> Rows:
    """A row for each fact, with its value where it has one."""
    rows: Rows = []
    for one in facts:
        why = "; ".join(one.why) + (f" ({', '.join(one.only)} alone)" if one.only else "")
        rows.append((one.what, one.value, why) if valued else (one.what, why))
    return rows


def _printable(cell: str) -> str:
    """A cell on one line, without what drives a terminal."""
    return "".join(char if char.isprintable() else repr(char)[1:-1] for char in cell)
