"""An outcome as text: one screen, or all of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hpcgen.auditing import summary
from hpcgen.auditing.figures import plural, size
from hpcgen.auditing.outcome import FAIL
from hpcgen.frozen import frozen
from hpcgen.showing import visible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hpcgen.auditing.outcome import Outcome
    from hpcgen.auditing.summary import Table

FEW = {"blocks": 8, "layers": 5, "waste": 4, "findings": 6, "gpu": 4, "budget": 8, "growth": 4, "categories": 5}
"""Rows of each table on one screen."""


@frozen
class Part:
    """A part of the page: a table, or lines in a style ("title", "note", "bad", "good" or empty)."""

    table: Table | None = None
    lines: tuple[str, ...] = ()
    style: str = ""


def parts(outcome: Outcome, *, whole: bool = False) -> Iterator[Part]:
    """The page: on one screen what matters most, `whole` all there is."""
    report = outcome.report

    def few(key: str) -> int:
        return summary.ALL if whole else FEW[key]

    yield Part(lines=(summary.title(report),), style="title")
    yield Part(lines=tuple(f"could not be read: {fault}" for fault in report.faults), style="bad")
    yield Part(summary.totals(report))
    yield Part(lines=(summary.dive(report), *(report.dive.difference if whole else ())), style="note")
    yield Part(lines=tuple(summary.basis(report)), style="note")
    yield Part(summary.checks(outcome, few("budget")))
    for table in summary.growth(outcome.growth, few("growth")) if outcome.growth else ():
        yield Part(table)
    yield Part(summary.blocks(report, few("blocks")))
    yield Part(summary.layers(report, few("layers")))
    yield Part(summary.waste(report, few("waste")))
    yield Part(summary.findings(outcome, few("findings")))
    if whole or report.gpu_arch:
        yield Part(summary.gpu(report, few("gpu")))
    if whole:
        yield Part(summary.categories(report, summary.ALL))
        yield from _evidence(outcome)
    yield Part(lines=tuple(verdict(outcome)), style="good" if outcome.is_within else "bad")


def _evidence(outcome: Outcome) -> Iterator[Part]:
    """What each finding is about."""
    for one in outcome.findings():
        lines = tuple(f"  {size(row.bytes)}  /{row.path}{f'  {row.note}' if row.note else ''}" for row in one.evidence)
        yield Part(lines=(f"{one.id} {one.title}", *lines) if lines else ())
    ignored = [one for one in outcome.report.findings if one.ignored]
    yield Part(lines=tuple(f"{one.id} is not told: {one.ignored}" for one in ignored), style="note")


def verdict(outcome: Outcome) -> Iterator[str]:
    """What the gate says, a line."""
    if not outcome.checks:
        return
    broken = sum(check.state == FAIL for check in outcome.checks)
    warned = sum(check.state == "warn" for check in outcome.checks)
    limits = plural(len(outcome.checks), "limit")
    said = f"{broken} of {limits} broken" if broken else f"{limits} hold{'s' if len(outcome.checks) == 1 else ''}"
    yield f"{said}{f', {warned} to be warned of' if warned else ''}"


def as_text(outcome: Outcome, *, whole: bool = False) -> str:
    """The page as aligned text."""
    found = []
    for part in parts(outcome, whole=whole):
        if part.table:
            found.append("\n".join(_table(part.table)))
        elif part.lines:
            found.append("\n".join(map(visible, part.lines)))
    return "\n\n".join(found) + "\n"


def _table(table: Table) -> Iterator[str]:
    """A table's lines: names on the left, figures on the right."""
    rows = [tuple(table.names()), *table.rows]
    cells = [[visible(cell) for cell in row] for row in rows]
    widths = [max(len(row[at]) for row in cells) for at in range(len(table.heads))]
    if table.title and table.title != table.names()[0]:
        yield visible(table.title)
    for row in cells:
        aligned = (cell.rjust(width) if table.is_right(at) else cell.ljust(width) for at, (cell, width) in enumerate(zip(row, widths, strict=True)))
        yield "  ".join(aligned).rstrip()
    if table.more:
        yield more(table)


def more(table: Table) -> str:
    """How many rows are left out."""
    return f"and {table.more} more"
