"""Files of the same content: told apart by size, then by beginning and end, and only the rest is read."""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING

from hpcgen.auditing.case import Pile
from hpcgen.auditing.reading import CannotRead

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from hpcgen.auditing.case import Case
    from hpcgen.auditing.path_findings import Placed
    from hpcgen.auditing.report import Finding

_SAMPLE = 4096


def groups(case: Case, placed: Placed | None = None) -> list[list[int]]:
    """Rows of files that are equal, the group with most bytes first, and in each the one to keep first: the shortest path."""
    least = case.rules.words["F001"].start
    by_size: dict[int, list[int]] = {}
    for row in case.regular():
        size = case.files.sizes[row]
        if size >= least and not (placed and placed.id(row).startswith("C")):
            by_size.setdefault(size, []).append(row)
    found: list[list[int]] = []
    for size in sorted(by_size, reverse=True):
        if len(by_size[size]) > 1:
            found += _equal(case, by_size[size], size)
    paths = case.files.paths
    ordered = (sorted(group, key=lambda row: (len(paths[row]), paths[row])) for group in found)
    return sorted(ordered, key=lambda group: (-(len(group) - 1) * case.files.sizes[group[0]], paths[group[0]]))


def _equal(case: Case, rows: Sequence[int], size: int) -> Iterator[list[int]]:
    """Groups of equal files among some of one size."""
    for alike in _split(rows, case.contents.head):
        yield from _whole(case, alike, size)


def _whole(case: Case, rows: Sequence[int], size: int) -> Iterator[list[int]]:
    """The same among files that begin alike; of those that went by, the checksum alone decides."""
    if case.contents.reader(rows[0]) is None:
        yield from _split(rows, case.contents.digest)
        return
    for begun in _split(rows, lambda row: _part(case, row, 0)):
        if size <= _SAMPLE:
            yield begun
        else:
            for ended in _split(begun, lambda row: _part(case, row, size - _SAMPLE)):
                yield from (ended,) if size <= 2 * _SAMPLE else _split(ended, case.contents.digest)


def _split(rows: Sequence[int], key: Callable[[int], bytes | None]) -> Iterator[list[int]]:
    """Rows of one key together, those alone and those without a key left out."""
    found: dict[bytes, list[int]] = {}
    for row in rows:
        value = key(row)
        if value is not None:
            found.setdefault(value, []).append(row)
    return (group for group in found.values() if len(group) > 1)


def _part(case: Case, row: int, offset: int) -> bytes | None:
    """A checksum of a piece of a file; of one that went by, its beginning, so that the checksum of all of it decides."""
    try:
        reader = case.contents.reader(row)
        if reader is None:
            return case.contents.head(row)
        return blake2b(reader.read(offset, _SAMPLE), digest_size=16).digest()
    except CannotRead:
        return None


def find(case: Case, found: Sequence[Sequence[int]]) -> Iterator[Finding]:
    """Copies: all but one of each group."""
    pile = Pile(case, case.rules.words["F001"])
    paths = case.files.paths
    for first, *rest in found:
        for row in rest:
            pile.add(row, note=f"as {paths[first]}")
    yield from pile.findings()
