"""A picture as SVG: no script, no font of its own, nothing from elsewhere; light or dark as its reader's screen is.

Colours stand in plain rules and not in CSS variables, which librsvg and Inkscape do not read. Each box is an `svg` element of its own, which cuts off
what a font that is wider than any we know would put beside it. Nothing has an id, and all rules are of one class: several pictures can stand in one
page of HTML.
"""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING

from hpcgen.drawing import wording
from hpcgen.drawing.escaping import clean, xml
from hpcgen.drawing.measuring import fitting, width

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from hpcgen.drawing.layout import Curve, Layout, Place
    from hpcgen.drawing.model import Box, Link, Picture

    Lay = Callable[[Mapping[str, tuple[float, float]], Iterable[Link]], Layout]

MARGIN = 20.0
PADDING = 12.0
NARROWEST, WIDEST = 130.0, 300.0
"""Of boxes; what does not fit is shortened, and stands whole in the tip."""
NAME, LINE, SMALL = 14.0, 12.0, 11.5
"""Sizes of letters: of a box's name, of what stands below, of the picture's own words."""
STEP = 17.0
"""From a line of text to the next."""
HEAD = 26.0
"""A box's height above the lines."""
ASIDE = 14.0
"""What stays free at the least between the left and the right of a line."""
ARROW = 7.0

STYLE = """
.hpcgen{font-family:system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
.hpcgen text{fill:#1f2328;font-size:12px}
.hpcgen .name,.hpcgen .title{font-size:14px;font-weight:600}
.hpcgen .aside,.hpcgen .note{fill:#59636e}
.hpcgen .note{font-size:11.5px}
.hpcgen .page{fill:#fff}
.hpcgen .box rect{stroke-width:1.5}
.hpcgen .builder rect{fill:#eaf3ff;stroke:#4a8be0}
.hpcgen .stage rect{fill:#f3f4f6;stroke:#818b98}
.hpcgen .result rect{fill:#e6f8ea;stroke:#2c974b}
.hpcgen .unbuilt rect{stroke-dasharray:5 4}
.hpcgen path{fill:none;stroke-width:1.5}
.hpcgen .base{stroke:#818b98}
.hpcgen .copy{stroke:#4a8be0}
.hpcgen .mount{stroke:#4a8be0;stroke-dasharray:2 4}
.hpcgen .tip{stroke:none}
.hpcgen .tip.base{fill:#818b98}
.hpcgen .tip.copy,.hpcgen .tip.mount{fill:#4a8be0}
.hpcgen path.critical{stroke:#d1242f;stroke-width:3.5}
.hpcgen .critical rect{stroke:#d1242f;stroke-width:3}
.hpcgen .tip.critical{fill:#d1242f}
.hpcgen .failed .time,.hpcgen .critical .time{fill:#b3121d;font-weight:600}
@media (prefers-color-scheme:dark){
.hpcgen text{fill:#e6edf3}
.hpcgen .aside,.hpcgen .note{fill:#9198a1}
.hpcgen .page{fill:#0d1117}
.hpcgen .builder rect{fill:#10233f;stroke:#3f7fd1}
.hpcgen .stage rect{fill:#1b2129;stroke:#717a85}
.hpcgen .result rect{fill:#0f2a18;stroke:#2f9e4f}
.hpcgen .base{stroke:#717a85}
.hpcgen .copy,.hpcgen .mount{stroke:#3f7fd1}
.hpcgen .tip{stroke:none}
.hpcgen .tip.base{fill:#717a85}
.hpcgen .tip.copy,.hpcgen .tip.mount{fill:#3f7fd1}
.hpcgen path.critical{stroke:#f85149}
.hpcgen .critical rect{stroke:#f85149}
.hpcgen .tip.critical{fill:#f85149}
.hpcgen .failed .time,.hpcgen .critical .time{fill:#ff8a83}
}
"""


def svg(picture: Picture, lay: Lay) -> str:
    """A picture as SVG; `lay` finds the places for boxes of some sizes."""
    layout = lay({box.name: size(box) for box in picture.boxes}, picture.links)
    head = [wording.title(picture), wording.total(picture)]
    legend = list(_legend(picture))
    top = MARGIN + STEP * len([line for line in head if line]) + 8
    below = top + layout.height + MARGIN
    room = max(layout.width, *(width(clean(line), NAME, bold=True) for line in head), sum(wide for wide, _ in legend))
    tall = below + (STEP if legend else 0) + MARGIN / 2
    whole = room + 2 * MARGIN
    extent = f'width="{_number(whole)}" height="{_number(tall)}"'
    view = f'viewBox="0 0 {_number(whole)} {_number(tall)}"'
    body = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="hpcgen" {extent} {view} role="img" aria-label="{xml(_label(picture))}">',
        f"<style>{STYLE}</style>",
        f'<rect class="page" {extent} rx="8"/>',
        _text(head[0], MARGIN, MARGIN + 10, "title"),
        *([_text(head[1], MARGIN, MARGIN + 10 + STEP, "note")] if head[1] else []),
        f'<g transform="translate({_number(MARGIN)} {_number(top)})">',
        *(line for curve in layout.curves for line in _curve(curve)),
        *(line for box in picture.boxes for line in _box(box, layout.places[box.name])),
        "</g>",
        *_laid_out(legend, below + 6),
        "</svg>",
    ]
    return "\n".join(body) + "\n"


def size(box: Box) -> tuple[float, float]:
    """How large a box has to be for what stands in it."""
    lines = wording.lines(box)
    name, time = clean(box.name), wording.time(box)
    wide = [width(name, NAME, bold=True) + (ASIDE + width(time, LINE, bold=True) if time else 0)]
    wide += [width(clean(left), LINE) + (ASIDE + width(right, LINE) if right else 0) for left, right in lines]
    return min(max(NARROWEST, ceil(max(wide)) + 2 * PADDING + 1), WIDEST), HEAD + STEP * len(lines) + PADDING / 2


def _label(picture: Picture) -> str:
    """The picture for those who do not see it."""
    stages = "; ".join(f"{box.name} {wording.base(box)}{f', {took}' if (took := wording.time(box)) else ''}" for box in picture.boxes)
    return ". ".join(part for part in (wording.title(picture), wording.total(picture), stages) if part)


def _box(box: Box, place: Place) -> Iterator[str]:
    """A box with its words."""
    yield f'<g class="{_classes(box)}"><title>{_tip(wording.tip(box))}</title>'
    where = f'x="{_number(place.left)}" y="{_number(place.top)}" width="{_number(place.width)}" height="{_number(place.height)}"'
    yield f'<svg {where}><rect x="1.5" y="1.5" width="{_number(place.width - 3)}" height="{_number(place.height - 3)}" rx="6"/>'
    time = wording.time(box)
    yield from _line(box.name, time, place.width, 19, (NAME, "name", "time"))
    for number, (left, right) in enumerate(wording.lines(box)):
        yield from _line(left, right, place.width, HEAD + STEP * number + 11, (LINE, "aside" if number == 0 else "", "aside"))
    yield "</svg></g>"


def _classes(box: Box) -> str:
    """What the style has to know of a box."""
    time = box.time
    words = ["box", box.role]
    words += ["critical"] if time and time.critical else []
    words += ["unbuilt"] if time and time.state == "not built" else []
    words += ["failed"] if time and time.state in ("failed", "unfinished") else []
    return " ".join(words)


def _line(left: str, right: str, room: float, y: float, style: tuple[float, str, str]) -> Iterator[str]:
    """A line of a box: what stands on its left gives way to what stands on its right."""
    letters, word, aside = style
    bold = word == "name"
    free = room - 2 * PADDING - (ASIDE + width(right, LINE, bold=bold) if right else 0)
    yield _text(fitting(clean(left), free, letters, bold=bold), PADDING, y, word)
    if right:
        yield _text(right, room - PADDING, y, aside, end=True)


def _curve(curve: Curve) -> Iterator[str]:
    """A line; its tip says what it stands for, its arrow points along it."""
    (x, y), *rest = curve.points
    steps = [f"C{' '.join(f'{_number(a)} {_number(b)}' for a, b in rest[at : at + 3])}" for at in range(0, len(rest), 3)]
    words = f"{curve.kind}{' critical' if curve.critical else ''}"
    tip = _tip("\n".join(wording.tip_of_link(link) for link in curve.links))
    opened, closed = (f"<g><title>{tip}</title>", "</g>") if tip else ("", "")
    arrow = _arrow(curve, words) if curve.arrow else ""
    yield f'{opened}<path class="{words}" d="M{_number(x)} {_number(y)}{"".join(steps)}"/>{arrow}{closed}'


def _arrow(curve: Curve, words: str) -> str:
    """The head of an arrow, in the direction in which the line ends."""
    tip = curve.points[-1]
    away = next((one for one in reversed(curve.points) if one != tip), (tip[0] - 1, tip[1]))
    x, y = tip[0] - away[0], tip[1] - away[1]
    length = (x * x + y * y) ** 0.5
    x, y = x / length * ARROW, y / length * ARROW
    corners = (tip, (tip[0] - x - y / 2, tip[1] - y + x / 2), (tip[0] - x + y / 2, tip[1] - y - x / 2))
    return f'<path class="tip {words}" d="M{"L".join(f"{_number(a)} {_number(b)}" for a, b in corners)}Z"/>'


def _legend(picture: Picture) -> Iterator[tuple[float, list[str]]]:
    """What colours and lines mean, as far as they are there: each with its width."""
    for role, meaning in (("builder", "builder"), ("stage", "stage of the recipe"), ("result", "result")):
        if any(box.role == role for box in picture.boxes) and len(picture.boxes) > 1:
            yield _entry(f'<g class="box {role}"><rect x="0" y="-10" width="22" height="12" rx="3"/></g>', meaning)
    for kind, meaning in (("base", "stands upon"), ("copy", "copies files"), ("mount", "sees files while it is built")):
        if any(link.kind == kind for link in picture.links):
            yield _entry(f'<path class="{kind}" d="M0 -4L22 -4"/>', meaning)
    if picture.timing and picture.timing.path:
        yield _entry('<path class="critical" d="M0 -4L22 -4"/>', "critical path")


def _entry(mark: str, meaning: str) -> tuple[float, list[str]]:
    return 28 + width(meaning, SMALL) + 18, [mark, _text(meaning, 28, 0, "note")]


def _laid_out(legend: Iterable[tuple[float, list[str]]], y: float) -> Iterator[str]:
    """The legend in a row."""
    x = MARGIN
    for wide, lines in legend:
        yield f'<g transform="translate({_number(x)} {_number(y)})">{"".join(lines)}</g>'
        x += wide


def _text(words: str, x: float, y: float, style: str, *, end: bool = False) -> str:
    marks = (f' class="{style}"' if style else "") + (' text-anchor="end"' if end else "")
    return f'<text x="{_number(x)}" y="{_number(y)}"{marks}>{xml(words)}</text>'


def _tip(words: str) -> str:
    """A tip keeps its lines."""
    return "\n".join(xml(line) for line in words.split("\n"))


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
