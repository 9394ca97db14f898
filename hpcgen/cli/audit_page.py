"""An audit on a terminal: one screen in colours, each row on a line of its own unless all is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

from hpcgen.auditing.summary import Foreign
from hpcgen.auditing.text import more, parts
from hpcgen.showing import visible

if TYPE_CHECKING:
    from hpcgen.auditing.outcome import Outcome
    from hpcgen.auditing.summary import Table as Page

_STYLES = {"title": "bold", "note": "dim", "bad": "bold red", "good": "bold green", "": ""}
_FIRST = frozenset({"finding", "layer", "limit", "charged to", "waste"})
"""Columns that are never shortened."""


def print_page(outcome: Outcome, *, whole: bool) -> None:
    """An outcome on standard output."""
    console = Console(highlight=False)
    between = False
    for part in parts(outcome, whole=whole):
        if between and (part.table or part.lines):
            console.print()
        if part.table:
            _print_table(console, part.table, whole=whole)
        for line in part.lines:
            console.print(Text(visible(line), style=_STYLES[part.style]), soft_wrap=not whole)
        between = bool(part.table or part.lines)


def _print_table(console: Console, page: Page, *, whole: bool) -> None:
    """A table as wide as the terminal; what does not fit is shortened, or wrapped where all is asked for."""
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False)
    for at, name in enumerate(page.names()):
        overflow = "fold" if whole else "ellipsis"
        fixed = page.is_right(at) or name in _FIRST
        table.add_column(
            name,
            header_style="cyan",
            justify="right" if page.is_right(at) else "left",
            overflow=overflow,  # type: ignore[arg-type]  # one of rich's words
            no_wrap=fixed or not whole,
            ratio=None,
        )
    for at, row in enumerate(page.rows):
        mark = page.marks[at] if page.marks else ""
        table.add_row(*(_cell(text, mark) for text in row))
    if page.title and page.title != page.names()[0]:
        console.print(Text(visible(page.title), style="bold"))
    console.print(table)
    if page.more:
        console.print(Text(more(page), style="dim"))


def _cell(text: str, mark: str) -> Text:
    """A cell; what comes from the image is not taken for markup."""
    style = "red" if mark == "bad" else "dim" if mark == "note" else ""
    return Text(visible(text), style=style if style or not isinstance(text, Foreign) else "")
