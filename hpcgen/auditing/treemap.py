"""A tree as a treemap in SVG: no script, no font, nothing from elsewhere; light or dark as its reader's screen is.

Each box is as large as its bytes; a folder has a head with its name, and a box's tip has its whole path. What a later layer hides is greyed. What
would be smaller than a few pixels is not drawn: its folder's colour stands for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hpcgen.auditing.figures import percent, size
from hpcgen.auditing.squarified import Box, squarified
from hpcgen.auditing.views import view
from hpcgen.showing import html, shortened

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hpcgen.auditing.outcome import Outcome
    from hpcgen.auditing.views import Node, View

WIDTH, HEIGHT = 1200, 720
MOST_NODES = 1500
MARGIN = 16
TOP = 60
HEAD = 17
"""A box's head with its name."""
EDGE = 2
LETTER = 6.9
"""How wide letters of 12 pixels are on average, in a wide font."""
FEWEST = 7
"""Letters that still say something of a longer name."""
SMALLEST = 3.0
"""Pixels of a side; what is thinner is not drawn."""
LEGEND_ROW = 20
COLOURS = 12
LIGHT = ("#7fb2e5", "#f2b25c", "#86c98a", "#e58f8f", "#b9a0dc", "#c9ab8c", "#eaa5cf", "#b5b9bf", "#d3cf6e", "#7fd0d6", "#9fb0f0", "#c8d98a")
DARK = ("#2f6aa3", "#99651a", "#39793e", "#98403f", "#6a4b96", "#735538", "#914873", "#5d636b", "#78751f", "#25777d", "#4657a8", "#5f7328")
"""Colours of groups; those of the dark are dark enough for light letters."""


def rules(prefix: str) -> str:
    """The style of a treemap, for both kinds of screen."""
    light = "".join(f"{prefix} .g{at} rect{{fill:{colour}}}" for at, colour in enumerate(LIGHT))
    dark = "".join(f"{prefix} .g{at} rect{{fill:{colour}}}" for at, colour in enumerate(DARK))
    return (
        f"{prefix}{{font-family:system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif}}"
        f"{prefix} text{{fill:#1f2328;font-size:12px}}{prefix} .title{{font-size:16px;font-weight:600}}{prefix} .note{{fill:#59636e}}"
        f"{prefix} .page{{fill:#fff}}{prefix} .box rect{{stroke:#fff;stroke-width:1}}{prefix} .top{{font-weight:600}}{light}"
        f"@media (prefers-color-scheme:dark){{{prefix} text{{fill:#f0f3f6}}{prefix} .note{{fill:#9198a1}}{prefix} .page{{fill:#0d1117}}"
        f"{prefix} .box rect{{stroke:#0d1117}}{dark}}}{prefix} .box .veil{{fill:#808080;fill-opacity:.55}}"
    )


def as_svg(outcome: Outcome, by: str = "", *, most: int = MOST_NODES) -> str:
    """A picture of the image's bytes, by block, category, layer, waste or folder; without a word by block, where there are blocks."""
    found = view(outcome.report, by or ("block" if outcome.report.blocks else "folder"), most=most)
    legend = list(_legend(found))
    tall = TOP + HEIGHT + MARGIN + LEGEND_ROW * len({y for _, y, _ in legend}) + MARGIN / 2
    name = f"{outcome.report.image.ref} by {found.by}"
    label = f"{name}: {', '.join(f'{node.name} {size(node.size)}' for node in found.root.children[:COLOURS])}"
    described = f'role="img" aria-label="{html(shortened(label, 2000))}"'
    extent = f'width="{WIDTH + 2 * MARGIN}" height="{tall:g}"'
    body = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="treemap" {extent} viewBox="0 0 {WIDTH + 2 * MARGIN} {tall:g}" {described}>',
        f"<style>{rules('.treemap')}</style>",
        f'<rect class="page" {extent} rx="8"/>',
        f'<text class="title" x="{MARGIN}" y="28">{html(shortened(name, 100))}</text>',
        f'<text class="note" x="{MARGIN}" y="48">{html(_sentence(outcome, found))}</text>',
        *_boxes(found),
        *(_key(x, y + TOP + HEIGHT + MARGIN, node, found) for x, y, node in legend),
        "</svg>",
    ]
    return "\n".join(body) + "\n"


def _sentence(outcome: Outcome, found: View) -> str:
    """What the picture is of."""
    totals = outcome.report.totals
    what = {"waste": "what is wasted", "layer": "all that is stored"}.get(found.by, "what is shown")
    return f"{size(totals.stored)} stored: {size(totals.live)} shown, {size(totals.waste)} wasted; the picture is of {what}"


def _boxes(found: View) -> Iterator[str]:
    """All boxes that can be seen, a folder before what is in it."""
    waiting = _placed(found.root, Box(MARGIN, TOP, WIDTH, HEIGHT), "", 0)
    while waiting:
        node, box, path, depth = waiting.pop()
        head = box.height > 2 * HEAD and box.width > 5 * LETTER and bool(node.children)
        yield _box(node, box, path, depth, of=found.root.size)
        if node.children:
            waiting += _placed(node, box.inside(EDGE, HEAD if head else EDGE), path, depth + 1)


def _placed(node: Node, box: Box, path: str, depth: int) -> list[tuple[Node, Box, str, int]]:
    """The children of a node that are large enough to be seen, each with its place, the last first."""
    places = squarified([child.size for child in node.children], box)
    rows = [(child, place, f"{path}/{child.name}" if child.name else path, depth) for child, place in zip(node.children, places, strict=True)]
    return [row for row in reversed(rows) if min(row[1].width, row[1].height) >= SMALLEST]


def _box(node: Node, box: Box, path: str, depth: int, *, of: int) -> str:
    """A box with its tip and, where there is room, its name."""
    where = f'x="{box.left:.1f}" y="{box.top:.1f}" width="{box.width:.1f}" height="{box.height:.1f}"'
    what = f" {node.files} smaller" if node.is_rest else ""
    tip = f"{shortened(path.removeprefix('/'), 300)}{what}: {size(node.size)}, {percent(node.size / of)}"
    veil = f'<rect class="veil" {where}/>' if node.is_hidden else ""
    return f'<g class="box g{node.group % COLOURS}"><title>{html(tip)}</title><rect {where}/>{veil}{_name(node, box, depth)}</g>'


def _name(node: Node, box: Box, depth: int) -> str:
    """A box's name with as much as there is room for, cut off at the edge, which a wider font than any we know would pass."""
    room = int((box.width - 6) / LETTER)
    shown = next((text for text in _names(node) if len(text) <= room), "" if node.is_rest or room < FEWEST else shortened(node.name, room))
    if not shown or box.height < HEAD - 1:
        return ""
    where = f'x="{box.left:.1f}" y="{box.top:.1f}" width="{box.width - 1:.1f}" height="{HEAD}"'
    return f'<svg {where}><text{_class(depth)} x="4" y="12.5">{html(shown)}</text></svg>'


def _names(node: Node) -> tuple[str, ...]:
    """What a box may be called, the longest first."""
    if node.is_rest:
        return f"{node.files} smaller {size(node.size)}", f"{node.files} smaller", f"+{node.files}"
    return f"{node.name} {size(node.size)}", node.name


def _class(depth: int) -> str:
    return ' class="top"' if depth == 0 else ""


def _legend(found: View) -> Iterator[tuple[float, float, Node]]:
    """Places of the groups' names below the picture, in rows."""
    x, y = float(MARGIN), 0.0
    for node in found.root.children[:COLOURS]:
        wide = 24 + LETTER * len(_entry(node, found)) + 14
        if x + wide > WIDTH + MARGIN and x > MARGIN:
            x, y = float(MARGIN), y + LEGEND_ROW
        yield x, y, node
        x += wide


def _entry(node: Node, found: View) -> str:
    name = "other" if node.is_rest else node.name
    return f"{shortened(name, 60)} {size(node.size)}, {percent(node.size / found.root.size)}"


def _key(x: float, y: float, node: Node, found: View) -> str:
    """A group's colour and name."""
    swatch = f'<rect x="{x:.1f}" y="{y:.1f}" width="14" height="14" rx="3"/>'
    return f'<g class="box g{node.group % COLOURS}">{swatch}<text x="{x + 20:.1f}" y="{y + 11.5:.1f}">{html(_entry(node, found))}</text></g>'
