"""An outcome as one file of HTML: a treemap to click through, tables, a search; nothing from elsewhere.

What comes from the image reaches the page in two ways: through a template that escapes every value, or as JSON that the page's own script puts into
texts, never into markup. Beside that the page forbids, by the hashes of its script and styles, any other to run.
"""

from __future__ import annotations

import base64
import os
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from hpcgen.auditing import summary
from hpcgen.auditing.figures import percent, size
from hpcgen.auditing.pruning import large_rows
from hpcgen.auditing.tables import NOBODY
from hpcgen.auditing.text import verdict
from hpcgen.auditing.treemap import DARK, LIGHT, as_svg
from hpcgen.auditing.views import views
from hpcgen.frozen import evolve
from hpcgen.showing import page_value, script_data, shortened, visible

if TYPE_CHECKING:
    from collections.abc import Iterator

    import jinja2

    from hpcgen.auditing.outcome import Outcome
    from hpcgen.auditing.report import Finding, Report
    from hpcgen.auditing.views import View

MOST_FILES = 3000
"""In the table with the search: the largest ones."""
MOST_ROWS = 60
"""Of every other table."""
MOST_EVIDENCE = 20
_NAME, _PATH = 80, 240
"""Characters of a name in the treemap, of a path in a table."""


def as_html(outcome: Outcome) -> str:
    """An outcome as a page."""
    environment = _environment()
    script = environment.get_template("report.js.j2").render()
    style = environment.get_template("report.css.j2").render(light=LIGHT, dark=DARK)
    still = as_svg(outcome, most=250)
    styles = (style, still.partition("<style>")[2].partition("</style>")[0])
    from markupsafe import Markup

    return environment.get_template("report.html.j2").render(
        outcome=outcome,
        report=outcome.report,
        title=summary.title(outcome.report),
        basis=list(summary.basis(outcome.report)),
        dive=summary.dive(outcome.report),
        verdict=" ".join(verdict(outcome)),
        tables=list(_tables(outcome)),
        findings=[_finding(one) for one in outcome.findings()[:MOST_ROWS]],
        ignored=[one for one in outcome.report.findings if one.ignored],
        style=Markup(style),  # noqa: S704 (ours)
        script=Markup(script),  # noqa: S704 (ours)
        still=Markup(still),  # noqa: S704 (escaped where it is drawn)
        data=Markup(script_data(_data(outcome.report))),  # noqa: S704 (escaped for a script)
        policy=f"default-src 'none'; script-src {_hash(script)}; style-src {' '.join(map(_hash, styles))}; base-uri 'none'; form-action 'none'",
    )


def _environment() -> jinja2.Environment:
    """What reads the templates: every value is made visible and escaped, a misspelt name is an error."""
    import jinja2

    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(os.path.dirname(__file__)),
        autoescape=True,
        finalize=page_value,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["size"] = size
    made.filters["percent"] = percent
    made.tests["foreign"] = lambda value: isinstance(value, summary.Foreign)
    return made


def _hash(text: str) -> str:
    """How a policy names a script or style that may run."""
    return f"'sha256-{base64.b64encode(sha256(text.encode()).digest()).decode()}'"


def _tables(outcome: Outcome) -> Iterator[summary.Table]:
    """The tables beside the findings, in the page's order."""
    report = outcome.report
    yield summary.checks(outcome, MOST_ROWS)
    if outcome.growth:
        yield from summary.growth(outcome.growth, MOST_ROWS)
    yield summary.blocks(report, MOST_ROWS)
    yield summary.layers(report, MOST_ROWS)
    yield summary.waste(report, MOST_ROWS)
    yield summary.gpu(report, MOST_ROWS)
    yield summary.categories(report, MOST_ROWS)


def _finding(one: Finding) -> Finding:
    """A finding with as much evidence as a page shows."""
    rows = tuple(evolve(row, path=shortened(row.path, _PATH), note=shortened(row.note, _PATH)) for row in one.evidence[:MOST_EVIDENCE])
    return evolve(one, evidence=rows)


# --- what the script shows ---


def _data(report: Report) -> dict[str, Any]:
    return {
        "views": [_view(found) for found in views(report)],
        "blocks": [shortened(f"{block.name} {block.version}".rstrip(), _NAME) for block in report.blocks],
        "categories": [category.name for category in report.categories],
        "files": _files(report),
        "more": max(0, report.totals.files - MOST_FILES),
    }


def _view(found: View) -> dict[str, Any]:
    """A tree as rows: name, bytes, group (of what is hidden -1 less it), the place of its parent, files (negative: what is put together)."""
    rows: list[list[Any]] = []
    waiting = [(found.root, -1)]
    while waiting:
        node, parent = waiting.pop()
        group = -1 - node.group if node.is_hidden else node.group
        rows.append([shortened(visible(node.name), _NAME), node.size, group, parent, -max(1, node.files) if node.is_rest else node.files])
        at = len(rows) - 1
        waiting += [(child, at) for child in reversed(node.children)]
    return {"by": found.by, "nodes": rows}


def _files(report: Report) -> list[list[Any]]:
    """The largest files: path, bytes, layer, block, category, bytes of a pull."""
    files = report.files
    rows = large_rows(files) if len(files) > MOST_FILES else [at for at, size in enumerate(files.sizes) if size]
    rows = sorted(rows, key=lambda at: (-files.sizes[at], files.paths[at]))[:MOST_FILES]
    return [
        [
            shortened(visible(files.paths[at]), _PATH),
            files.sizes[at],
            files.layers[at],
            files.blocks[at] if files.blocks else NOBODY,
            files.categories[at] if files.categories else NOBODY,
            files.pulls[at] if files.pulls is not None else None,
        ]
        for at in rows
    ]
