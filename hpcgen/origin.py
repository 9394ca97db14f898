"""Where in a recipe something was said."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from hpcgen.frozen import frozen

if TYPE_CHECKING:
    from types import FrameType

SOURCES = "__hpcgen_sources__"
"""The recipe namespace's entry of source lines by file name: standard input cannot be read twice."""

_HOUSE = ("hpcgen", "building_blocks")


@frozen
class Origin:
    """A place in a recipe.

    Attributes:
        file: the file as its user named it, `-` for standard input.
        line: counted from 1.
        text: the line itself, or empty where only the file system has it.
    """

    file: str
    line: int
    text: str = ""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"

    def excerpt(self) -> str:
        """The line of the recipe, empty where the file can no longer be read."""
        if self.text:
            return self.text
        import linecache

        return linecache.getline(self.file, self.line).rstrip("\n")


def of_frame(frame: FrameType) -> Origin:
    """The place a frame stands at."""
    file, line = frame.f_code.co_filename, frame.f_lineno
    lines = frame.f_globals.get(SOURCES, {}).get(file, ())
    return Origin(file, line, lines[line - 1] if 0 < line <= len(lines) else "")


def here() -> Origin:
    """The place of the innermost caller that is not hpcgen's own code: the recipe's line."""
    frame: FrameType | None = sys._getframe(1)  # noqa: SLF001 (inspect has the same, for 5 ms)
    while frame is not None and frame.f_back is not None and _is_house(frame):
        frame = frame.f_back
    assert frame is not None
    return of_frame(frame)


def _is_house(frame: FrameType) -> bool:
    """Whether a frame runs code of hpcgen, or code that attrs and dataclasses made for it."""
    name = str(frame.f_globals.get("__name__", ""))
    return name.partition(".")[0] in _HOUSE or frame.f_code.co_filename.startswith("<attrs generated")
