"""The forms of an outcome, and which a file's name asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hpcgen.errors import UsageError

if TYPE_CHECKING:
    from hpcgen.auditing.outcome import Outcome

FORMATS: dict[str, tuple[str, ...]] = {
    "text": (".txt",),
    "ncdu": (".ncdu.json", ".ncdu"),
    "json": (".json",),
    "markdown": (".md", ".markdown"),
    "html": (".html", ".htm"),
    "svg": (".svg",),
    "sarif": (".sarif", ".sarif.json"),
}
"""Format -> how files of it are called."""


def format_of(file: str) -> str:
    """The format of a file that is called so; the longest ending counts.

    Raises:
        UsageError: no format's files are called so.
    """
    name = file.lower()
    found = [(len(suffix), one) for one, suffixes in FORMATS.items() for suffix in suffixes if name.endswith(suffix)]
    if not found:
        raise UsageError(f"'{file}': its name says no format", help=f"name one of {', '.join(FORMATS)} by --format")
    return max(found)[1]


def written(outcome: Outcome, form: str, *, by: str = "", whole: bool = False) -> str:
    """An outcome in a format. `by`: what the SVG shows; `whole`: all rows of the text."""
    if form == "json":
        from hpcgen.auditing.data import to_json

        return to_json(outcome)
    if form == "markdown":
        from hpcgen.auditing.markdown import as_markdown

        return as_markdown(outcome)
    if form == "html":
        from hpcgen.auditing.page import as_html

        return as_html(outcome)
    if form == "svg":
        from hpcgen.auditing.treemap import as_svg

        return as_svg(outcome, by)
    if form == "ncdu":
        from hpcgen.auditing.ncdu import as_ncdu

        return as_ncdu(outcome)
    if form == "sarif":
        from hpcgen.auditing.sarif import as_sarif

        return as_sarif(outcome)
    from hpcgen.auditing.text import as_text

    return as_text(outcome, whole=whole)
