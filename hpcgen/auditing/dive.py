"""dive's three figures, by its formula and with its oddities, so that who has thresholds for it can go on.

dive builds a tree for each layer and looks at the leaves: names that have none below them in that layer. For each path it adds what its leaves are
said to hold; a whiteout holds what lies below the folder that it hides, as far as dive's own stack of the layers below shows it. In that stack opaque
folders do not exist, a folder that no entry names is no folder, and a file in the place of a folder keeps what lay in the folder. A whiteout that
hides nothing ends dive's look at that layer, in the order of names, and leaves one byte less behind than nothing.
https://github.com/wagoodman/dive/blob/v0.13.1/dive/filetree/efficiency.go
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from itertools import accumulate
from os import fsencode
from typing import TYPE_CHECKING

from hpcgen.auditing.index import FOLDER, WHITEOUT, parents
from hpcgen.auditing.report import Dive

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from hpcgen.auditing.index import Index

_GONE = ".wh..wh.."
"""What dive leaves out of its trees."""
_IMPLIED = -1
"""Stands for the number of an entry where a folder is only part of a name."""
_KIND, _KIND_FOLDER = 0o170000, 0o040000


def dive(indexes: Sequence[Index]) -> Dive:
    """The figures that dive has for some layers, lowest first."""
    starts = [0, *accumulate(len(index) for index in indexes)]
    trees = [_Tree(index, start) for index, start in zip(indexes, starts, strict=False)]
    count, stack = _Count(), _Stack(trees)
    last = max((layer for layer, index in enumerate(indexes) if index.whiteouts()), default=-1)
    stopped = []
    for layer, tree in enumerate(trees):
        if layer == 0 <= last:
            stack.begin(tree)
        if _look(tree, stack, count):
            stopped.append(layer)
        if layer < last:
            stack.put(tree)
    sizes = [sum(tree.sizes) for tree in trees]
    return Dive(count.efficiency(), count.wasted(), user_bytes=sum(sizes[1:]), size_bytes=sum(sizes), stopped=tuple(stopped))


def _look(tree: _Tree, stack: _Stack, count: _Count) -> bool:
    """Counts the leaves of a layer; says whether a whiteout that hides nothing ended that."""
    leaves, hiding = tree.leaves()
    weights, nothing = stack.weigh(hiding)
    if nothing:
        first = min(nothing, key=_order)
        end = _order(first)
        leaves = {name: size for name, size in leaves.items() if _order(name) < end}
        weights = {name: size for name, size in weights.items() if _order(name) < end}
        count.ghosts.add(_shown(first))
    count.add(leaves)
    for name, size in weights.items():
        count.add({_shown(name): size})
    return bool(nothing)


def _order(name: str) -> bytes:
    """What sorts names as dive visits them: folder by folder, by bytes."""
    return fsencode(name).replace(b"/", b"\0")


def _last(name: str) -> str:
    return name.rpartition("/")[2]


def _shown(whiteout: str) -> str:
    """The path that a whiteout stands for."""
    folder, slash, name = whiteout.rpartition("/")
    return f"{folder}{slash}{name[len(WHITEOUT) :]}"


class _Tree:
    """A layer as dive sees it.

    Args:
        index: its entries.
        start: the number of its first one, counted through all layers.

    Attributes:
        sizes: of the entries, as the headers say them.
        within: names that have others below them.
        implied: those that no entry has.
        whiteouts: names that hide something.
    """

    def __init__(self, index: Index, start: int) -> None:
        self.index = index
        self.start = start
        self.sizes = index.sizes
        if index.said:
            self.sizes = array("q", index.sizes)
            for entry, size in index.said.items():
                self.sizes[entry] = size
        self._cut: set[str] = set()
        if index.whiteouts():
            self._cut = {name for name in index.names if _GONE in name and _cut(name) != name}
            names = [name for name in index.names if name not in self._cut]
            ends = {_cut(name) for name in self._cut} - {""}
            self.within = parents((*names, *ends))
            self.implied = (self.within | ends).difference(names)
            self.whiteouts = {name for name in (*names, *self.implied) if _last(name).startswith(WHITEOUT)}
        else:
            self.within = index.folders()
            self.implied = self.within.difference(index.names)
            self.whiteouts = set()

    def nodes(self) -> dict[str, int]:
        """Name -> the number of its entry, or _IMPLIED."""
        found = dict(zip(self.index.names, range(self.start, self.start + len(self.index)), strict=True))
        for name in ("", *self._cut):
            found.pop(name, None)
        found.update(dict.fromkeys(sorted(self.implied), _IMPLIED))
        return found

    def leaves(self) -> tuple[dict[str, int], list[str]]:
        """The names that have none below them with their sizes, and the whiteouts among them."""
        found = dict(zip(self.index.names, self.sizes, strict=True))
        found.update(dict.fromkeys(self.implied - self.within, 0))
        for name in ("", *self.within, *self.whiteouts, *self._cut):
            found.pop(name, None)
        return found, sorted(self.whiteouts - self.within)

    def is_folder(self, number: int) -> bool:
        """Whether an entry is a folder by its type or, as Go reads it, by its mode."""
        entry = number - self.start
        return self.index.types[entry] == FOLDER or self.index.modes[entry] & _KIND == _KIND_FOLDER

    def size(self, number: int) -> int:
        """What an entry is said to hold."""
        return self.sizes[number - self.start]


def _cut(name: str) -> str:
    """A name up to the part that dive leaves out."""
    parts = name.split("/")
    for place, part in enumerate(parts):
        if part.startswith(_GONE):
            return "/".join(parts[:place])
    return name


class _Stack:
    """dive's stack of layers: name -> the number of its entry."""

    def __init__(self, trees: Sequence[_Tree]) -> None:
        self.trees = trees
        self.starts = [tree.start for tree in trees]
        self.nodes: dict[str, int] = {}
        self.within: set[str] = set()
        self.kids: dict[str, dict[str, None]] | None = None

    def _tree(self, number: int) -> _Tree:
        return self.trees[bisect_right(self.starts, number) - 1]

    def begin(self, tree: _Tree) -> None:
        """Starts with a copy of the lowest layer, whiteouts and all."""
        self._add(tree, tree.nodes())

    def put(self, tree: _Tree) -> None:
        """Puts a layer upon those that are there: a whiteout takes away what comes before it in the order of names, and what is below."""
        late = {name for name in tree.whiteouts if fsencode(_last(_shown(name))) < fsencode(_last(name))}
        self._remove(tree.whiteouts - late)
        nodes = tree.nodes()
        for name in tree.whiteouts:
            nodes.pop(name, None)
        self._add(tree, nodes)
        self._remove(late)

    def _add(self, tree: _Tree, nodes: dict[str, int]) -> None:
        self.nodes.update(nodes)
        self.within |= tree.within
        if self.kids is not None:
            self._add_kids(nodes)

    def _add_kids(self, names: Iterable[str]) -> None:
        assert self.kids is not None
        for name in names:
            self.kids.setdefault(name.rpartition("/")[0], {})[name] = None

    def _children(self) -> dict[str, dict[str, None]]:
        """Folder -> the names in it, some of them gone; made when a folder is hidden for the first time."""
        if self.kids is None:
            self.kids = {}
            self._add_kids(self.nodes)
        return self.kids

    def _remove(self, whiteouts: Iterable[str]) -> None:
        for whiteout in sorted(whiteouts):
            todo = [_shown(whiteout).rstrip("/")]
            while todo:
                name = todo.pop()
                there = self.nodes.pop(name, None) if name else None
                if there is not None and name in self.within:
                    todo += self._children().pop(name, {})

    def weigh(self, whiteouts: Iterable[str]) -> tuple[dict[str, int], list[str]]:
        """What whiteouts hide, in bytes, and those that hide nothing: a file weighs nothing, a folder all that is below it."""
        weights: dict[str, int] = {}
        nothing = []
        known: dict[str, int] = {}
        for whiteout in whiteouts:
            path = _shown(whiteout).rstrip("/")
            number = self.nodes.get(path)
            if number is None and path:
                nothing.append(whiteout)
            else:
                is_folder = number is not None and number != _IMPLIED and self._tree(number).is_folder(number)
                weights[whiteout] = self._below(path, known) if is_folder else 0
        return weights, nothing

    def _below(self, folder: str, known: dict[str, int]) -> int:
        """The bytes of a folder and of all below it."""
        kids = self._children()
        todo = [folder]
        while todo:
            name = todo[-1]
            below = [kid for kid in kids.get(name, ()) if kid in self.nodes] if name not in known else []
            missing = [kid for kid in below if kid not in known]
            if missing:
                todo += missing
                continue
            todo.pop()
            if name not in known:
                number = self.nodes[name]
                known[name] = (self._tree(number).size(number) if number != _IMPLIED else 0) + sum(known[kid] for kid in below)
        return known[folder]


class _Count:
    """What dive counts of each path.

    Attributes:
        first: path -> the size of its first leaf.
        several: path -> the sum of its leaves' sizes, and the smallest, where there are several.
        ghosts: paths at which it ended its look at a layer.
        total: of all leaves' sizes.
    """

    def __init__(self) -> None:
        self.first: dict[str, int] = {}
        self.several: dict[str, tuple[int, int]] = {}
        self.ghosts: set[str] = set()
        self.total = 0

    def add(self, leaves: Mapping[str, int]) -> None:
        """Counts some leaves."""
        self.total += sum(leaves.values())
        for path in leaves.keys() & self.first.keys():
            size = leaves[path]
            total, smallest = self.several.get(path, (self.first[path], self.first[path]))
            self.several[path] = (total + size, min(smallest, size))
        self.first.update(leaves)

    def efficiency(self) -> float:
        """The sum of the smallest sizes by that of all."""
        if not self.total:
            return 1.0
        smallest = self.total - sum(total - least for total, least in self.several.values()) - len(self.ghosts - self.first.keys())
        return float(smallest) / float(self.total)

    def wasted(self) -> int:
        """All copies of what was met twice."""
        return sum(total for total, _ in self.several.values())
