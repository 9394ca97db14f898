"""Pages of tables that commands show: wrapped to a terminal's width, as aligned text elsewhere."""

from __future__ import annotations

import sys

from hpcgen.cli.ending import has_colour
from hpcgen.cli.output import write

Rows = list[tuple[str, ...]]
Page = list[tuple[str, Rows]]
"""Parts of a page: a title, empty for the first, and rows with as many cells each."""


def show(page: Page, *, indent: bool = False) -> None:
    """A page as tables on a terminal, as aligned text elsewhere; `indent`: on a terminal, parts with a title stand in by two columns."""
    if has_colour(terminal=sys.stdout.isatty()):
        print_tables(page, indent=indent)
    else:
        from hpcgen.sourcing.listing import columns

        parts = [columns(rows) if not title else f"{title}\n" + _indented(columns(rows)) for title, rows in page]
        write("\n".join(parts))


def _indented(text: str) -> str:
    return "".join(f"  {line}" for line in text.splitlines(keepends=True))


def print_tables(page: Page, *, indent: bool) -> None:
    """A page on a terminal: cells are wrapped to its width."""
    from rich.console import Console
    from rich.padding import Padding
    from rich.table import Table
    from rich.text import Text

    console = Console()
    for title, rows in page:
        table = Table.grid(padding=(0, 2))
        for index in range(len(rows[0])):
            table.add_column(style="bold" if index == 0 and len(rows[0]) > 1 else None, overflow="fold")
        for row in rows:
            table.add_row(*(Text(cell) for cell in row))
        if title:
            console.print()
            console.print(Text(title, style="cyan"))
        console.print(Padding(table, (0, 0, 0, 2 if title and indent else 0)))
