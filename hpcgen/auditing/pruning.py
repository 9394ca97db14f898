"""The table of files, cut to what a baseline needs: large files one by one, the small ones of a folder together."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from hpcgen.auditing.tables import FOLDER

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hpcgen.auditing.tables import Files

LARGE = 64 * 1024
"""From how many bytes on a file stands for itself."""


def large(files: Files) -> Iterator[tuple[str, int]]:
    """Path and bytes of the files that stand for themselves."""
    return ((files.paths[at], files.sizes[at]) for at in large_rows(files))


def large_rows(files: Files) -> list[int]:
    """Their places in the table, in its order."""
    return [at for at, size in enumerate(files.sizes) if size >= LARGE and files.kinds[at] != FOLDER]


def folders(files: Files) -> dict[str, tuple[int, int]]:
    """Folder -> bytes and number of the small files in it. In a table that was cut already they are a folder's own."""
    sizes: dict[str, int] = defaultdict(int)
    counts: dict[str, int] = defaultdict(int)
    for at, (path, kind, size) in enumerate(zip(files.paths, files.kinds, files.sizes, strict=True)):
        if kind != FOLDER and 0 < size < LARGE:
            folder = path.rpartition("/")[0]
            sizes[folder] += size
            counts[folder] += 1
        elif size and kind == FOLDER:
            sizes[path] += size
            counts[path] += files.counts.get(at, 0)
    return {folder: (size, counts[folder]) for folder, size in sorted(sizes.items())}
