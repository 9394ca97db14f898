"""Pictures by format, and who finds the places of their boxes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hpcgen.drawing import graphviz, layers
from hpcgen.drawing.data import as_json
from hpcgen.drawing.mermaid import as_mermaid
from hpcgen.drawing.svg import svg
from hpcgen.errors import Unreachable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from hpcgen.drawing.layout import Layout
    from hpcgen.drawing.model import Link, Picture

FORMATS: dict[str, tuple[str, ...]] = {
    "svg": (".svg",),
    "mermaid": (".mmd", ".mermaid"),
    "dot": (".dot", ".gv"),
    "json": (".json",),
}
"""Format -> how files of it are called."""

LAYOUTS = ("auto", "dot", "own")

_WRITERS: dict[str, Callable[[Picture], str]] = {"mermaid": as_mermaid, "dot": graphviz.as_dot, "json": as_json}


def draw(picture: Picture, format: str, *, layout: str = "auto", path: str = "") -> str:  # noqa: A002 (HPCCM's word)
    """A picture as text.

    Args:
        picture: of `model.picture`.
        format: one of FORMATS.
        layout: who finds the places in an SVG: `own`, `dot` (Graphviz), or `auto`: Graphviz where it is there and able.
        path: the folders in which its program is looked for, as in PATH.

    Raises:
        Unreachable: `dot` was asked for, and is not there or fails.
    """
    return _WRITERS[format](picture) if format in _WRITERS else svg(picture, _layout(layout, path))


def _layout(name: str, path: str) -> Callable[[Mapping[str, tuple[float, float]], Iterable[Link]], Layout]:
    """Who finds the places."""
    if name == "own" or (name == "auto" and not graphviz.is_there(path)):
        return layers.place

    def by_graphviz(sizes: Mapping[str, tuple[float, float]], links: Iterable[Link]) -> Layout:
        found = tuple(links)
        try:
            return graphviz.place(sizes, found, path)
        except Unreachable:
            if name == "dot":
                raise
            return layers.place(sizes, found)

    return by_graphviz
