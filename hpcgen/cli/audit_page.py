"""An audit on a terminal: one screen in colours, each row on a line of its own unless all is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from hpcgen.auditing.summary import Foreign
from hpcgen.auditing.text import more, parts
from hpcgen.frozen import evolve
from hpcgen.showing import visible

if TYPE_CHECKING:
    from hpcgen.auditing.outcome import Outcome
    from hpcgen.auditing.summary import Table as Page

_STYLES = {"title": "bold", "note": "dim", "bad": "bold red", "good": "bold green", "": ""}
_LONG = frozenset({"what", "largest", "instruction", "note", "file", "recipe", "charged to", "stored by", "hidden by", "limit"})
"""Columns that may be shortened."""
_SPARED = ("largest", "by", "stage", "files", "hides")
"""Columns that are left out where a terminal is narrow, the first first."""
_GAP = 2
_NARROWEST = 14
"""A shortened column."""


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
            console.print(Text(visible(line), style=_STYLES[part.style], overflow="fold"), soft_wrap=False)
        between = between or bool(part.table or part.lines)


def _print_table(console: Console, page: Page, *, whole: bool) -> None:
    """A table as wide as the terminal: what does not fit is shortened, or wrapped where all is asked for."""
    page = _below(page)
    page = page if whole else _fitting(page, console.width)
    widths = _widths(page, console.width)
    table = Table(box=None, padding=(0, _GAP, 0, 0), pad_edge=False)
    for at, name in enumerate(page.names()):
        side: Literal["left", "right"] = "right" if page.is_right(at) else "left"
        table.add_column(name, header_style="cyan", justify=side, overflow="fold" if whole else "ellipsis", no_wrap=not whole, width=widths[at])
    for at, row in enumerate(page.rows):
        mark = page.marks[at] if page.marks else ""
        table.add_row(*(_cell(text, mark) for text in row))
    if page.title and page.title != page.names()[0]:
        console.print(Text(visible(page.title), style="bold"))
    console.print(table)
    if page.more:
        console.print(Text(more(page), style="dim"))


def _below(page: Page) -> Page:
    """Findings with the mend below what it mends: side by side both would be shortened to nothing."""
    names = page.names()
    if "mend" not in names:
        return page
    what, mend = names.index("what"), names.index("mend")
    rows = tuple(tuple(f"{text}\n{row[mend]}" if at == what and row[mend] else text for at, text in enumerate(row)) for row in page.rows)
    return evolve(page, rows=rows).without(mend)


def _fitting(page: Page, room: int) -> Page:
    """A table without the columns that there is no room for."""
    for name in _SPARED:
        if _least(page) <= room:
            break
        names = page.names()
        page = page.without(names.index(name)) if name in names else page
    return page


def _least(page: Page) -> int:
    """How narrow a table can be."""
    return sum(min(wide, 2 * _NARROWEST) if page.names()[at] in _LONG else wide for at, wide in enumerate(_natural(page))) + _GAP * len(page.heads)


def _natural(page: Page) -> list[int]:
    """How wide columns are that nothing is taken from."""
    rows = [tuple(page.names()), *page.rows]
    return [max(cell_len(visible(line)) for row in rows for line in row[at].split("\n")) for at in range(len(page.heads))]


def _widths(page: Page, room: int) -> list[int]:
    """How wide columns are: the widest of those that may be shortened give way, one by one."""
    widths = _natural(page)
    long = [at for at, name in enumerate(page.names()) if name in _LONG]
    over = sum(widths) + _GAP * (len(widths) - 1) - room
    while over > 0 and long:
        widest = max(long, key=lambda at: widths[at])
        if widths[widest] <= _NARROWEST:
            break
        widths[widest] -= 1
        over -= 1
    return widths


def _cell(text: str, mark: str) -> Text:
    """A cell; what comes from the image is one line and not taken for markup."""
    style = "red" if mark == "bad" else "dim" if mark == "note" else ""
    if isinstance(text, Foreign):
        return Text(visible(text), style=style)
    first, *below = text.split("\n", 1)
    return Text.assemble((visible(first), style), *((f"\n{visible(line)}", "dim") for line in below))
