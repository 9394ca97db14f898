"""The final file system as something that paths can be looked up in, symbolic links followed as a program in the container would."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from hpcgen.auditing.tables import FILE, HARD_LINK, LINK

if TYPE_CHECKING:
    from hpcgen.auditing.tables import Files

_MOST_LINKS = 40
"""Linux follows no more for one path."""


class Tree:
    """The rows of a table of files by their paths."""

    def __init__(self, files: Files) -> None:
        self.files = files
        self._folders: dict[str, str | None] = {"": ""}

    @cached_property
    def rows(self) -> dict[str, int]:
        """Path -> its row; made when the first one is asked for."""
        return dict(zip(self.files.paths, range(len(self.files)), strict=True))

    def row(self, path: str) -> int | None:
        """The row of the file that a path leads to, links followed; None where it leads nowhere."""
        real = self.real(path)
        return None if real is None else self.rows.get(real)

    def file(self, path: str) -> int | None:
        """The same where it is a file."""
        row = self.row(path)
        return row if row is not None and self.files.kinds[row] in (FILE, HARD_LINK) else None

    def real(self, path: str) -> str | None:
        """The path without links in it, relative to the root; None where there are too many."""
        for _ in range(_MOST_LINKS):
            folder, _, name = path.strip("/").rpartition("/")
            above = self.folder(folder)
            if above is None:
                return None
            if name in ("", ".", ".."):
                return above.rpartition("/")[0] if name == ".." else above
            here = f"{above}/{name}" if above else name
            row = self.rows.get(here)
            if row is None or self.files.kinds[row] != LINK:
                return here
            path = _led(above, self.files.targets.get(row, ""))
        return None

    def folder(self, path: str) -> str | None:
        """The same for a folder, remembered: paths of one folder are asked for one after the other."""
        if path not in self._folders:
            self._folders[path] = None  # for as long as it leads to itself
            if path.count("/") < 200:  # noqa: PLR2004 (one call for each folder)
                self._folders[path] = self.real(path)
        return self._folders[path]


def _led(folder: str, target: str) -> str:
    """Where a link in a folder leads."""
    return target if target.startswith("/") else f"{folder}/{target}"
