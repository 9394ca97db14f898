"""Lays layers upon each other, as container engines do: in time that grows with entries and whiteouts, not with their product.

What a name shows is one number: its entry, counted through all layers. A layer is put upon those below it as a whole, by operations on dictionaries;
only names that are there already, whiteouts and links are looked at one by one. https://github.com/opencontainers/image-spec/blob/main/layer.md
"""

from __future__ import annotations

from array import array
from itertools import accumulate
from typing import TYPE_CHECKING

from hpcgen.auditing.index import FOLDER, HARD_LINK, OPAQUE, REGULAR, SPECIAL, WHITEOUT, Index, parents
from hpcgen.auditing.tables import Wastes

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class Stack:
    """The file system that layers make, and what of them it does not show.

    Attributes:
        starts: layer -> the number of its first entry.
        sizes, types, layers: of all entries.
        live: name -> the number of the entry that it shows.
        content: hard link -> the entry that holds its content, where there is one.
        names: entry with content that has several names -> how many of them are shown.
        wastes: what is not shown.
        rewrites: row of `wastes` -> the numbers of two entries of one name and size: content may be the same.
        dangling: layer -> its whiteouts that hide nothing.
        lost: layer -> its hard links that lead to nothing.
    """

    def __init__(self, indexes: Sequence[Index]) -> None:
        self.indexes = indexes
        self.starts = [0, *accumulate(len(index) for index in indexes)]
        self.sizes = array("q")
        self.types = bytearray()
        self.layers = array("q")
        self.live: dict[str, int] = {}
        self.content: dict[int, int] = {}
        self.names: dict[int, int] = {}
        self.wastes = Wastes()
        self.rewrites: dict[int, tuple[int, int]] = {}
        self.dangling: dict[int, list[str]] = {}
        self.lost: dict[int, list[str]] = {}
        self._folders: set[str] = set()
        self._kids: dict[str, dict[str, None]] | None = None
        for layer, index in enumerate(indexes):
            self.sizes.extend(index.sizes)
            self.types.extend(index.types)
            self.layers.extend(array("q", [layer]) * len(index))
            self._put(layer, index)

    def shown(self, number: int) -> int:
        """The entry that holds what an entry shows: a hard link's is another."""
        return self.content.get(number, number)

    # --- one layer -------------------------------------------------------------------------------------------------------

    def _put(self, layer: int, index: Index) -> None:
        """Puts a layer upon those that are there."""
        start = self.starts[layer]
        table = dict(zip(index.names, range(start, start + len(index)), strict=True))
        hiding = index.whiteouts()
        for entry in hiding:
            table.pop(index.names[entry], None)
            self._waste("deleted", start + entry, layer)
        twice = len(table) + len({index.names[entry] for entry in hiding}) < len(index)
        if any(index.types[at] == HARD_LINK for at in index.links):
            self._link(layer, index, table, twice=twice)
        if twice:
            self._drop_doubles(layer, index, table)
        self._hide(layer, [index.names[entry] for entry in hiding])
        folders = parents(table) if hiding else index.folders()
        self._replace(layer, table, folders)
        if self._kids is not None:
            self._add_kids(table)
            self._add_kids(sorted(folders))
        self._folders |= folders
        self.live.update(table)

    def _link(self, layer: int, index: Index, table: dict[str, int], *, twice: bool) -> None:
        """Finds what hard links of a layer lead to: an earlier entry of it, or a file below."""
        start = self.starts[layer]
        before = _Before(index.names) if twice else None
        for entry, target in index.links.items():
            if index.types[entry] != HARD_LINK:
                continue
            number = start + entry
            there = table.get(target) if before is None else before.last(target, entry, start)
            found = self.live.get(target) if there is None or there == number else there
            content = None if found is None else self.shown(found)
            if content is None or self.types[content] in (HARD_LINK, FOLDER):
                self.lost.setdefault(layer, []).append(index.names[entry])
                continue
            self.content[number] = content
            self.names[content] = self.names.get(content, 1) + 1

    def _drop_doubles(self, layer: int, index: Index, table: dict[str, int]) -> None:
        """Takes what a layer holds twice for waste: the last one counts."""
        start = self.starts[layer]
        for entry, name in enumerate(index.names):
            if table.get(name, start + entry) != start + entry:
                self._die("duplicate-in-layer", start + entry, layer)

    def _hide(self, layer: int, whiteouts: Iterable[str]) -> None:
        """Takes away what whiteouts name, of lower layers alone."""
        for whiteout in whiteouts:
            folder, _, name = whiteout.rpartition("/")
            if name == OPAQUE:
                hidden = self._drop(layer, "opaque", self._children(folder))
            elif name.startswith(SPECIAL) or name[len(WHITEOUT) :] in {"", ".", ".."}:
                continue
            else:
                target = f"{folder}/{name[len(WHITEOUT) :]}" if folder else name[len(WHITEOUT) :]
                there = target in self.live or target in self._folders
                hidden = there and self._drop(layer, "deleted", [target])
            if not hidden and name != OPAQUE:
                self.dangling.setdefault(layer, []).append(whiteout)

    def _replace(self, layer: int, table: dict[str, int], folders: set[str]) -> None:
        """Takes away what a layer's entries stand in the place of."""
        types, live = self.types, self.live
        for name in [name for name in table if name in live]:
            old, new = live.get(name), table[name]
            if old is None:  # gone with a folder that another entry replaced
                continue
            was, becomes = types[old] == FOLDER, types[new] == FOLDER
            if was and becomes:
                continue
            if was:
                self._drop(layer, "replaced", [name])
            elif becomes:
                self._die("replaced", old, layer)
            else:
                self._overwrite(layer, old, new)
        for name in sorted(table.keys() & self._folders):  # folders that no entry names
            if name not in live and types[table[name]] != FOLDER:
                self._drop(layer, "replaced", [name])
        for name in sorted(live.keys() & folders):
            if types[live[name]] != FOLDER and name not in table:
                self._die("replaced", live.pop(name), layer)

    def _overwrite(self, layer: int, old: int, new: int) -> None:
        """Takes a file for waste that another of the same name stands upon."""
        old, new = self.shown(old), self.shown(new)
        if old == new:  # one more link to the same content
            self.names[old] -= 1
            return
        row = len(self.wastes)
        self._die("overwritten", old, layer)
        if len(self.wastes) > row and self.sizes[old] == self.sizes[new] and self.types[old] == self.types[new] == REGULAR:
            self.rewrites[row] = old, new

    # --- what dies -------------------------------------------------------------------------------------------------------

    def _die(self, kind: str, number: int, layer: int) -> None:
        """Takes one name's content away; it is waste when its last name is gone."""
        content = self.content.get(number, number)
        if content in self.names:
            self.names[content] -= 1
            if self.names[content]:
                return
        self._waste(kind, content, layer)

    def _waste(self, kind: str, number: int, layer: int) -> None:
        if self.sizes[number]:
            stored = self.layers[number]
            self.wastes.add(kind, self.indexes[stored].names[number - self.starts[stored]], self.sizes[number], stored, layer)

    def _drop(self, layer: int, kind: str, names: Iterable[str]) -> bool:
        """Takes names away with all that lies below them; says whether there was something."""
        todo = list(names)
        found = False
        while todo:
            name = todo.pop()
            number = self.live.pop(name, None)
            if number is not None:
                self._die(kind, number, layer)
                found = True
            if name in self._folders:
                todo += self._children(name)
        return found

    def _children(self, folder: str) -> Iterable[str]:
        """The names in a folder, which are thereby taken away."""
        if self._kids is None:
            self._kids = {}
            self._add_kids(self.live)
            self._add_kids(sorted(self._folders))
        self._folders.discard(folder)
        return self._kids.pop(folder, ())

    def _add_kids(self, names: Iterable[str]) -> None:
        """Notes which names lie in which folder; made when the first folder is taken away, since most images never do that."""
        assert self._kids is not None
        for name in filter(None, names):
            folder = name.rpartition("/")[0]
            if folder in self._kids:
                self._kids[folder][name] = None
            else:
                self._kids[folder] = {name: None}

    # --- the sums --------------------------------------------------------------------------------------------------------

    def stored(self) -> int:
        """Bytes of content of all layers."""
        return sum(self.sizes)

    def is_sound(self, live: int) -> bool:
        """Whether stored = live + waste."""
        return self.stored() == live + sum(self.wastes.sizes)


class _Before:
    """Where in a layer names stand, for one that has some twice."""

    def __init__(self, names: Sequence[str]) -> None:
        self.places: dict[str, list[int]] = {}
        for entry, name in enumerate(names):
            self.places.setdefault(name, []).append(entry)

    def last(self, name: str, entry: int, start: int) -> int | None:
        """The number of the last entry of a name before another one, or else behind it."""
        places = self.places.get(name, ())
        before = [place for place in places if place < entry]
        found = before[-1] if before else next((place for place in places if place > entry), None)
        return None if found is None else start + found
