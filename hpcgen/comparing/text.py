"""A difference for people: lines of words with a style, which a terminal may colour."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hpcgen.comparing.wording import GONE, NEW, NONE, OTHER, fates, kept, listed, result, stage_entries
from hpcgen.showing import visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from hpcgen.comparing.difference import Difference, Rebuild
    from hpcgen.comparing.wording import Entry, Row, Words

Line = list[tuple[str, str]]
"""Parts of a line, each with its style: `new`, `gone`, `title`, `note`, or empty."""

_STYLES = {NEW: "new", GONE: "gone", OTHER: "title"}
_WIDEST = 14


def as_text(difference: Difference, stages: Sequence[Rebuild]) -> str:
    """A difference as text."""
    return "".join("".join(text for text, _ in line).rstrip() + "\n" for line in lines(difference, stages))


def lines(difference: Difference, stages: Sequence[Rebuild]) -> Iterator[Line]:
    """A difference as lines: what is another, stage by stage, then what is built again. Nothing in them is hidden."""
    for line in _lines(difference, stages):
        yield [(visible(text), style) for text, style in line]


def _lines(difference: Difference, stages: Sequence[Rebuild]) -> Iterator[Line]:
    if not difference:
        yield [(NONE, "")]
    for stage in difference.stages:
        first, *rest = stage_entries(stage)
        yield from _entry(first, "")
        for entry in rest:
            yield from _entry(entry, "  ")
    if words := result(difference):
        yield [("result  ", "note"), *_words(words)]
    yield from _fates(stages)


def _entry(entry: Entry, indent: str) -> Iterator[Line]:
    """The title and, beside or below it, what is said."""
    sign = f"{entry.sign} " if entry.sign != OTHER else ""
    head: Line = [(indent, ""), (f"{sign}{entry.title}", _STYLES[entry.sign])]
    if entry.version:
        head += [(" ", ""), *_words(entry.version)]
    if entry.is_short:
        head += [("  ", ""), *_row(entry.rows[0], entry.sign)]
    yield [*head, *([(f"  ({entry.place})", "note")] if entry.place else ())]
    if not entry.is_short:
        yield from _below(entry.rows, f"{indent}  {' ' * len(sign)}", entry.sign)


def _below(rows: Sequence[Row], indent: str, sign: str) -> Iterator[Line]:
    """Rows below a title, their topics as a column."""
    width = min(max((len(row.topic) for row in rows), default=0), _WIDEST)
    last = None
    for row in rows:
        topic = "" if row.topic == last else row.topic
        last = row.topic
        for number, line in enumerate(_broken(_row(row, sign))):
            yield [(indent, ""), (f"{'' if number else topic:{width}}  ", "note"), *line]


def _row(row: Row, sign: str) -> Line:
    """What is said of one topic."""
    return [part for number, words in enumerate(row.words) for part in (*([("  ", "")] if number else ()), *_words(words, sign))]


def _words(words: Words, sign: str = OTHER) -> Line:
    """Before and after; a sign where there is but one of them, unless the title has it already."""
    line: Line = [(f"{words.label} ", "")] if words.label else []
    if words.before is not None:
        line += [(f"{'- ' if words.after is None and sign != GONE else ''}{words.before}", "gone")]
    if words.before is not None and words.after is not None:
        line += [(" -> ", "")]
    if words.after is not None:
        line += [(f"{'+ ' if words.before is None and sign != NEW else ''}{words.after}", "new")]
    if words.note:
        line += [(f" ({words.note})" if line else words.note, "note")]
    return line


def _broken(line: Line) -> Iterator[Line]:
    """A line that holds newlines as several."""
    some: Line = []
    for text, style in line:
        first, *rest = text.split("\n")
        some.append((first, style))
        for more in rest:
            yield some
            some = [(f"  {more}", style)]
    yield some


def _fates(stages: Sequence[Rebuild]) -> Iterator[Line]:
    """What becomes of the stages, as a table."""
    rows = fates(stages)
    if rows:
        yield []
    width = max((len(row.stage) for row in rows), default=0)
    last = ""
    for row in rows:
        why = "; ".join(" ".join((what, listed(names))).rstrip() for what, names in row.why)
        yield [(f"{row.state if row.state != last else '':7}  ", ""), (f"{row.stage:{width}}", "title"), (f"  {why}", "note")]
        last = row.state
    if rows and (names := kept(stages)):
        yield [("kept     ", ""), (listed(names), "")]
