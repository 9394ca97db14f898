"""A picture as Mermaid, which GitHub, GitLab and others draw where they find it in a page.

https://mermaid.js.org/syntax/flowchart.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hpcgen.drawing import wording
from hpcgen.drawing.escaping import mermaid as escaped

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hpcgen.drawing.model import Box, Picture

_ARROWS = {"base": "==>", "copy": "-->", "mount": "-.->"}
_CLASSES = (
    "classDef builder fill:#eaf3ff,stroke:#4a8be0,color:#1f2328",
    "classDef stage fill:#f3f4f6,stroke:#818b98,color:#1f2328",
    "classDef result fill:#e6f8ea,stroke:#2c974b,color:#1f2328",
)
_CRITICAL = "stroke:#d1242f,stroke-width:3px"


def as_mermaid(picture: Picture) -> str:
    """A picture as a Mermaid flowchart. Boxes are called by number, so that no stage's name is one of Mermaid's words."""
    return "\n".join(_lines(picture)) + "\n"


def _lines(picture: Picture) -> Iterator[str]:
    ids = {box.name: f"s{number}" for number, box in enumerate(picture.boxes)}
    if wording.total(picture):
        yield f"%% {wording.total(picture)}"
    yield "flowchart LR"
    yield from (f"  {line}" for line in _CLASSES)
    for box in picture.boxes:
        yield f'  {ids[box.name]}["{_label(box)}"]:::{box.role}'
    for link in picture.links:
        yield f"  {ids[link.source]} {_ARROWS[link.kind]} {ids[link.stage]}"
    yield from (f"  style {ids[box.name]} {_CRITICAL}" for box in picture.boxes if box.time and box.time.critical)
    critical = [str(number) for number, link in enumerate(picture.links) if link.critical]
    if critical:
        yield f"  linkStyle {','.join(critical)} {_CRITICAL}"


def _label(box: Box) -> str:
    """What stands in a box: its name, its time, and what stands below."""
    head = f"<b>{escaped(box.name)}</b>"
    time = [escaped(wording.time(box))] if box.time else []
    return "<br/>".join((head, *time, *(escaped(f"{left} {right}".rstrip()) for left, right in wording.lines(box))))
