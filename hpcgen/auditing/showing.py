"""The final file system of a stack as the report's table of files, and what else is asked of its files: their content, where it can be had."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

from hpcgen.auditing import tables
from hpcgen.auditing.index import BLOCK_DEVICE, CHARACTER, FOLDER, HARD_LINK, PIPE, REGULAR, SPARSE, SYMLINK
from hpcgen.auditing.reading import HEAD, CannotRead
from hpcgen.auditing.tables import Files

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

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
_BLOCK = 1 << 20


def shown(stack: Stack) -> tuple[Files, array[int]]:
    """The table of a stack's files, and the number of the entry that holds each one's content."""
    live = {name: number for name, number in stack.live.items() if name}
    numbers = array("q", live.values())
    holders = array("q", [stack.content.get(number, number) for number in numbers]) if stack.content else numbers
    modes: array[int] = array("q")
    for index in stack.indexes:
        modes.extend(index.modes)
    files = Files(
        list(live),
        bytearray(map(stack.types.__getitem__, numbers)).translate(_KINDS),
        array("q", map(stack.sizes.__getitem__, holders)),
        array("q", [modes[number] & _PERMISSIONS for number in holders]),
        array("q", map(stack.layers.__getitem__, holders)),
        targets={},
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


class Known:
    """What is known of the content of the final file system's files: `reading.Contents`."""

    def __init__(self, stack: Stack, layers: Sequence[Layered], files: Files, holders: Sequence[int]) -> None:
        self._stack = stack
        self._layers = layers
        self._files = files
        self._holders = holders
        self._facts: dict[int, Fact] = {}

    def look(self, look: Look, moved: Callable[[int, int], None]) -> None:
        """Looks into what can be read at any place, in the order in which it lies there; what went by has been looked into."""
        rows: list[int] = []
        for row, number in enumerate(self._holders):
            layer = self._files.layers[row]
            entry = number - self._stack.starts[layer]
            fact = self._layers[layer].index.facts.get(entry)
            if fact is not None:
                self._facts[row] = fact
            elif self._files.kinds[row] == tables.FILE and self._files.sizes[row]:
                rows.append(row)
        rows.sort(key=self._holders.__getitem__)
        for done, row in enumerate(rows):
            if not done % 1024:
                moved(done, len(rows))
            reader = self.reader(row)
            if reader is None:
                continue
            try:
                if look.wants(self._files.paths[row], reader.size, reader.read(0, HEAD)):
                    found = look.look(self._files.paths[row], reader)
                    if found is not None:
                        self._facts[row] = found
            except CannotRead:
                continue

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
        reader = self.reader(row)
        try:
            return reader.read(0, HEAD) if reader is not None else b""
        except CannotRead:
            return b""

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


def find_rewrites(stack: Stack, layers: Sequence[Layered]) -> None:
    """Tells what was written again as it was from what was changed."""
    kind = tables.WASTE_KINDS.index("identical-rewrite")
    for row, (old, new) in stack.rewrites.items():
        if _same(stack, layers, old, new):
            stack.wastes.kinds[row] = kind


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
