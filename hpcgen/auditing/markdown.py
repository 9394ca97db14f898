"""An outcome as Markdown for a pull request: less than sixty lines, what changed first, all else to be unfolded.

What the image says stands in code spans, where it means nothing but itself. A comment in front lets a bot find its former comment and write over it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hpcgen.auditing import summary
from hpcgen.auditing.summary import Foreign
from hpcgen.auditing.text import verdict
from hpcgen.showing import cell, code, markdown, shortened

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from hpcgen.auditing.outcome import Outcome
    from hpcgen.auditing.summary import Table

MARK = "<!-- hpcgen audit -->"
MOST_LINES = 60
FEW = {"budget": 8, "growth": 5, "blocks": 6, "waste": 3, "findings": 6}
"""Rows of each table, so that all of them together stay below `MOST_LINES`."""
_WIDEST = 160
"""Characters of a cell."""


def as_markdown(outcome: Outcome) -> str:
    """An outcome as Markdown: of each table as many rows as there is room for."""
    lines: list[str] = []
    for less in range(max(FEW.values())):
        lines = [MARK, *_page(outcome, {key: max(1, few - less) for key, few in FEW.items()})]
        if len(lines) < MOST_LINES:
            break
    return "\n".join(lines) + "\n"


def _page(outcome: Outcome, few: Mapping[str, int]) -> Iterator[str]:
    report = outcome.report
    yield f"### size of {code(shortened(report.image.ref, _WIDEST))}"
    for line in verdict(outcome):
        yield f"**{line}**"
    if report.faults:
        yield f"**partial**: {len(report.faults)} could not be read: {markdown(shortened(report.faults[0], _WIDEST))}"
    yield ""
    yield from _table(summary.checks(outcome, few["budget"]))
    if outcome.growth:
        totals, *rest = summary.growth(outcome.growth, few["growth"])
        yield from _table(totals)
        yield from _fewest(rest)
    yield from _table(summary.totals(report))
    yield from _folded(summary.blocks(report, few["blocks"]))
    yield from _folded(summary.waste(report, few["waste"]))
    yield from _folded(summary.findings(outcome, few["findings"]))
    yield markdown(summary.dive(report))


def _fewest(tables: list[Table]) -> Iterator[str]:
    """What grew most: of blocks and files a line, in a list."""
    for table in tables:
        if table:
            rows = [f"{_shown(row[0])} {row[1]}" for row in table.rows[:3]]
            left = len(table.rows) - len(rows) + table.more
            yield f"- {table.names()[0]}: {', '.join(rows)}{f', and {left} more' if left else ''}"
    yield ""


def _table(table: Table) -> Iterator[str]:
    """A table and an empty line, nothing where there are no rows."""
    if table:
        yield _row([_head(name) for name in table.names()])
        yield _row(["---:" if table.is_right(at) else "---" for at in range(len(table.heads))])
        yield from (_row([_shown(text) for text in row]) for row in table.rows)
        yield ""
    if table.more:
        yield from (f"and {table.more} more", "")


def _folded(table: Table) -> Iterator[str]:
    """A table that is unfolded by a click."""
    if table:
        count = f"{len(table.rows)} of {len(table.rows) + table.more}" if table.more else str(len(table.rows))
        yield f"<details><summary>{table.title} ({count})</summary>"
        yield ""
        yield from _table(table)
        yield "</details>"
        yield ""


def _head(name: str) -> str:
    return name or " "


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(map(cell, cells))} |"


def _shown(text: str) -> str:
    """A cell: what is foreign as code, all else as prose."""
    if not text:
        return ""
    cut = shortened(text, _WIDEST)
    return code(cut) if isinstance(text, Foreign) else markdown(cut)
