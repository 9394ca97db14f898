"""The final file system of a stack as the report's table of files, and what else is asked of its files: their content, where it can be had."""

from __future__ import annotations

from array import array
from functools import partial
from typing import TYPE_CHECKING

from hpcgen.auditing import tables
from hpcgen.auditing.beside import WORTH, spread
from hpcgen.auditing.index import BLOCK_DEVICE, CHARACTER, FOLDER, HARD_LINK, PIPE, REGULAR, SPARSE, SYMLINK
from hpcgen.auditing.reading import HEAD, CannotRead
from hpcgen.auditing.tables import Files

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from hpcgen.auditing.opening import Layered
    from hpcgen.auditing.reading import Fact, Look, Reader
    from hpcgen.auditing.stack import Stack

_KIND_OF = {
    REGULAR: tables.FILE,
    SPARSE: tables.FILE,
    HARD_LINK: tables.HARD_LINK,
    SYMLINK: tables.LINK,
    FOLDER: tables.FOLDER,
    CHARACTER: tables.CHARACTER,
    BLOCK_DEVICE: tables.BLOCK_DEVICE,
    PIPE: tables.PIPE,
}
_KINDS = bytes(_KIND_OF.get(type_, tables.OTHER) for type_ in range(256))
_PERMISSIONS = 0o7777
_BLOCK = 1 << 17
"""Bytes that are compared at once: what is longer, the allocator takes from the system anew each time."""
_PIECE, _PIECES = 2000, 6
"""Files that one process looks into at once, at least, and how many pieces of work there are for each process."""


def shown(stack: Stack) -> tuple[Files, array[int]]:
    """The table of a stack's files, and the number of the entry that holds each one's content."""
    live = stack.live
    if "" in live:
        live = {name: number for name, number in live.items() if name}
    numbers = array("q", live.values())
    holders = array("q", [stack.content.get(number, number) for number in numbers]) if stack.content else numbers
    modes: array[int] = array("q")
    for index in stack.indexes:
        modes.extend(index.modes)
    permissions = {mode: mode & _PERMISSIONS for mode in set(modes)}
    files = Files(
        paths=list(live),
        kinds=bytearray(map(stack.types.__getitem__, numbers)).translate(_KINDS),
        sizes=array("q", map(stack.sizes.__getitem__, holders)),
        modes=array("q", map(permissions.__getitem__, map(modes.__getitem__, holders))),
        layers=array("q", map(stack.layers.__getitem__, holders)),
    )
    _charge_once(stack, files, holders)
    files.targets.update(_targets(stack, numbers))
    return files, holders


def _charge_once(stack: Stack, files: Files, holders: Sequence[int]) -> None:
    """Leaves the bytes of a file with several names to the first of them."""
    seen: set[int] = set()
    if stack.names:
        for row, number in enumerate(holders):
            if number in stack.names:
                if number in seen:
                    files.sizes[row] = 0
                    files.kinds[row] = tables.HARD_LINK
                elif files.kinds[row] == tables.HARD_LINK:
                    files.kinds[row] = tables.FILE  # the name that held the content is gone
                seen.add(number)


def _targets(stack: Stack, numbers: Sequence[int]) -> Iterator[tuple[int, str]]:
    """Row -> where a link leads."""
    links = {stack.starts[layer] + entry: target for layer, index in enumerate(stack.indexes) for entry, target in index.links.items()}
    if links:
        for row, number in enumerate(numbers):
            if number in links:
                yield row, links[number]


def _heads(layer: Layered, rows: Sequence[int], entries: Sequence[int]) -> Iterator[tuple[int, bytes]]:
    """Rows of one layer with the beginnings of their files, of those that can be read."""
    types = layer.index.types
    for row, entry in zip(rows, entries, strict=True):
        if types[entry] == REGULAR:
            head = _head(layer, entry)
            if head:
                yield row, head


def _head(layer: Layered, entry: int) -> bytes:
    """The first bytes of a file, empty where they cannot be had."""
    known = layer.index.beginnings
    if known is not None and known[entry]:
        return known[entry].to_bytes(HEAD, "little")[: layer.index.sizes[entry]]
    reader = layer.reader(entry)
    try:
        return reader.read(0, HEAD) if reader is not None else b""
    except CannotRead:
        return b""


class Known:
    """What is known of the content of the final file system's files: `reading.Contents`."""

    def __init__(self, stack: Stack, layers: Sequence[Layered], files: Files, holders: Sequence[int]) -> None:
        self._stack = stack
        self._layers = layers
        self._files = files
        self._holders = holders
        self._facts: dict[int, Fact] = {}

    def look(self, look: Look, jobs: int, moved: Callable[[int, int], None]) -> None:
        """Looks into what can be read at any place, in the order in which it lies there; what went by has been looked into.

        Args:
            look: what is looked for.
            jobs: processes that look, if there are many files.
            moved: is told how many files are done, and how many there are.
        """
        rows: list[list[int]] = [[] for _ in self._layers]
        facts = [layer.index.facts for layer in self._layers]
        starts, kinds, sizes = self._stack.starts, self._files.kinds, self._files.sizes
        for row, (number, layer) in enumerate(zip(self._holders, self._files.layers, strict=True)):
            if facts[layer]:
                fact = facts[layer].get(number - starts[layer])
                if fact is not None:
                    self._facts[row] = fact
            if sizes[row] and kinds[row] == tables.FILE:
                rows[layer].append(row)
        total = sum(map(len, rows))
        pieces = list(self._pieces(rows, max(_PIECE, total // (_PIECES * jobs))))
        counts = [0]

        def done(at: int) -> None:
            counts[0] += len(pieces[at][1])
            moved(counts[0], total)

        works = [partial(self._look_at, look, layer, some) for layer, some in pieces]
        for found in spread(works, jobs if total >= WORTH else 1, done):
            self._facts.update(found)

    def _pieces(self, rows: Sequence[list[int]], size: int) -> Iterator[tuple[Layered, list[int]]]:
        """Files of one layer that lie one behind the other, so many at once."""
        for layer, of_layer in zip(self._layers, rows, strict=True):
            of_layer.sort(key=self._holders.__getitem__)
            yield from ((layer, of_layer[at : at + size]) for at in range(0, len(of_layer), size))

    def _look_at(self, look: Look, layer: Layered, rows: list[int]) -> dict[int, Fact]:
        """What some files of one layer tell, by row."""
        told: dict[int, Fact] = {}
        wants, paths, sizes = look.wants, self._files.paths, self._files.sizes
        for row, head in _heads(layer, rows, self._entries(rows)):
            if wants(paths[row], sizes[row], head):
                reader = self.reader(row)
                try:
                    found = look.look(paths[row], reader) if reader is not None else None
                except CannotRead:
                    continue
                if found is not None:
                    told[row] = found
        return told

    def _entries(self, rows: Sequence[int]) -> list[int]:
        """The entries of rows of one layer."""
        start = self._stack.starts[self._files.layers[rows[0]]] if rows else 0
        return [self._holders[row] - start for row in rows]

    def _place(self, row: int) -> tuple[Layered, int]:
        layer = self._files.layers[row]
        return self._layers[layer], self._holders[row] - self._stack.starts[layer]

    def fact(self, row: int) -> Fact | None:
        """What `look` gave."""
        return self._facts.get(row)

    def facts(self) -> dict[int, Fact]:
        """What `look` gave, by row."""
        return self._facts

    def reader(self, row: int) -> Reader | None:
        """The content, None where it went by."""
        layer, entry = self._place(row)
        return layer.reader(entry)

    def head(self, row: int) -> bytes:
        """The first bytes, empty where they cannot be had."""
        return _head(*self._place(row))

    def digest(self, row: int) -> bytes | None:
        """The checksum of a file's content, None where it cannot be had."""
        layer, entry = self._place(row)
        return digest(layer, entry)


def digest(layer: Layered, entry: int) -> bytes | None:
    """The checksum of an entry's content: as it went by, or read for it."""
    known = layer.index.digests.get(entry)
    if known is None and (reader := layer.reader(entry)) is not None:
        import xxhash

        checksum = xxhash.xxh3_128()
        try:
            for at in range(0, reader.size, _BLOCK):
                checksum.update(reader.read(at, _BLOCK))
        except CannotRead:
            return None
        known = layer.index.digests[entry] = checksum.digest()
    return known


def identical(stack: Stack, layers: Sequence[Layered], rewrites: Mapping[int, tuple[int, int]]) -> list[int]:
    """The rows of waste that were written again as they were, of some of the stack's rewrites."""
    return [row for row, (old, new) in rewrites.items() if _same(stack, layers, old, new)]


def _same(stack: Stack, layers: Sequence[Layered], old: int, new: int) -> bool:
    """Whether two entries of one size hold the same."""
    (first, one), (second, other) = ((layers[stack.layers[number]], number - stack.starts[stack.layers[number]]) for number in (old, new))
    readers = first.reader(one), second.reader(other)
    if readers[0] is None or readers[1] is None:
        known = digest(first, one)
        return known is not None and known == digest(second, other)
    try:
        size = 4096
        at = 0
        while at < readers[0].size:
            if readers[0].read(at, size) != readers[1].read(at, size):
                return False
            at, size = at + size, _BLOCK
    except CannotRead:
        return False
    return True
