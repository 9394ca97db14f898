"""The trees that a treemap shows: bytes by block, category, layer, waste or folder, then by folder; what is too small to be seen is put together.

A tree is made from sums, not from an object a file: of 230,000 files some thousand are large enough to be seen.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import attrs

from hpcgen.auditing.tables import FOLDER, NOBODY, WASTE_KINDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from hpcgen.auditing.report import Report

VIEWS = ("block", "category", "layer", "waste", "folder")
SMALLEST = 0.0002
"""Of the whole: what is less is put together with what else is, in its folder."""
MOST_NODES = 4000
DEEPEST = 40
"""Folders below are not told apart: no picture has room for them."""

HIDDEN = "hidden by layer "
"""How the folder is called, in a layer's tree, of what a later one hides."""

Row = tuple[int, str, str, int]
"""A group, a folder, a name, bytes. Without a name it stands for several files of that folder."""
Grouped = tuple[list[str], "Iterator[Row]"]
"""The names of groups, and the rows."""
Key = tuple[int, str]
"""A group and a folder in it; the group itself has the folder ""."""


@attrs.define
class Node:
    """A rectangle: a group, a folder, a file, or what is put together.

    Attributes:
        name: what it is called where it stands.
        size: bytes, those of its children too.
        group: place among the view's groups, which gives its colour.
        files: how many files it holds.
        is_rest: whether it is what else there is in its folder, each too small to be seen.
        is_hidden: whether, in a layer's tree, a later layer hides it.
        children: the largest first, what is put together last.
    """

    name: str
    size: int
    group: int = 0
    files: int = 1
    is_rest: bool = False
    is_hidden: bool = False
    children: list[Node] = attrs.Factory(list)


@attrs.frozen
class View:
    """A tree.

    Attributes:
        by: what the first level shows.
        groups: the names of the groups, in the order of `Node.group`: the largest first.
        root: the whole.
    """

    by: str
    groups: tuple[str, ...]
    root: Node


def view(report: Report, by: str, *, most: int = MOST_NODES) -> View:
    """A report's tree, of no more than about so many nodes."""
    return _view(by, _Places(report), most)


def views(report: Report) -> Iterator[View]:
    """Those trees that have something to show."""
    places = _Places(report)
    for by in VIEWS:
        found = _view(by, places, MOST_NODES)
        if found.root.size:
            yield found


def _view(by: str, places: _Places, most: int) -> View:
    report = places.report
    names, rows = _GROUPING[by](places)
    whole = sum(report.wastes.sizes) * (by in ("waste", "layer")) + sum(report.files.sizes) * (by != "waste")
    return _tree(by, names, _Sums(rows, max(1, round(whole * SMALLEST))), most)


class _Places:
    """Folder and name of each file, taken apart once for all trees; a folder is one text however many files are in it."""

    def __init__(self, report: Report) -> None:
        files = report.files
        self.report = report
        known: dict[str, str] = {}
        self.rows: list[tuple[int, str, str, int]] = []
        for at, (path, size) in enumerate(zip(files.paths, files.sizes, strict=True)):
            if size:
                folder, _, name = path.rpartition("/")
                if files.kinds[at] == FOLDER:  # of a report that was read: it stands for its small files
                    folder, name = path, ""
                self.rows.append((at, known.setdefault(folder, folder), name, size))

    def by(self, column: Callable[[int], int]) -> Iterator[Row]:
        """The files' rows, each in the group that `column` says of its place."""
        return ((column(at), folder, name, size) for at, folder, name, size in self.rows)


# --- what each view groups by ---


def _by_block(places: _Places) -> Grouped:
    report = places.report
    names = [f"{block.name} {block.version}".rstrip() for block in report.blocks]
    nobody, blocks = len(names), report.files.blocks
    of = [layer.block if layer.block != NOBODY else nobody for layer in report.layers]
    layers = report.files.layers

    def whose(at: int) -> int:
        if blocks:
            return blocks[at] if blocks[at] != NOBODY else nobody
        return of[layers[at]] if 0 <= layers[at] < len(of) else nobody

    return [*names, "charged to nobody"], places.by(whose)


def _by_category(places: _Places) -> Grouped:
    names = [category.name for category in places.report.categories]
    column, nobody = places.report.files.categories, len(names)
    return [*names, "of no category"], places.by(lambda at: column[at] if column and column[at] != NOBODY else nobody)


def _by_layer(places: _Places) -> Grouped:
    """What each layer stores; what later ones hide of it stands in a folder of its own."""
    report = places.report
    names = [f"layer {layer.index}: {layer.instruction}".rstrip(": ") for layer in report.layers]
    layers, wastes = report.files.layers, report.wastes

    def rows() -> Iterator[Row]:
        yield from places.by(lambda at: layers[at] if layers[at] != NOBODY else len(names))
        for path, size, stored, hidden in zip(wastes.paths, wastes.sizes, wastes.stored, wastes.hidden, strict=True):
            if size:
                yield stored, *_split(f"{HIDDEN}{hidden}/{path}"), size

    return [*names, "small files of all layers"], rows()


def _by_waste(places: _Places) -> Grouped:
    wastes = places.report.wastes
    columns = zip(wastes.kinds, wastes.paths, wastes.sizes, wastes.stored, wastes.hidden, strict=True)
    rows = ((kind, *_split(f"layer {stored}, {HIDDEN}{hidden}/{path}"), size) for kind, path, size, stored, hidden in columns if size)
    return list(WASTE_KINDS), rows


def _split(path: str) -> tuple[str, str]:
    folder, _, name = path.rpartition("/")
    return folder, name


def _by_folder(places: _Places) -> Grouped:
    """By the first folder, which is no folder again below."""
    names: dict[str, int] = {}
    known: dict[str, tuple[int, str]] = {}

    def rows() -> Iterator[Row]:
        for _, folder, name, size in places.rows:
            if folder not in known:
                first, _, rest = folder.partition("/")
                known[folder] = (names.setdefault(first, len(names)), rest)
            yield *known[folder], name, size

    found = list(rows())
    return [f"/{name}" for name in names], iter(found)


_GROUPING = {"block": _by_block, "category": _by_category, "layer": _by_layer, "waste": _by_waste, "folder": _by_folder}


# --- the tree ---


class _Sums:
    """Bytes and number of the files of each folder, those below too, and the files that are large enough to be seen."""

    def __init__(self, rows: Iterable[Row], least: int) -> None:
        self.least = least
        self.large: dict[Key, list[tuple[int, str]]] = defaultdict(list)
        sizes: dict[Key, int] = defaultdict(int)
        counts: dict[Key, int] = defaultdict(int)
        for group, folder, name, size in rows:
            key = (group, folder)
            sizes[key] += size
            counts[key] += 1
            if size >= least and name:
                self.large[key].append((size, name))
        self.sizes: dict[Key, int] = defaultdict(int)
        self.counts: dict[Key, int] = defaultdict(int)
        for (group, folder), size in sizes.items():
            for above in _way(folder):
                self.sizes[group, above] += size
                self.counts[group, above] += counts[group, folder]

    def limit(self, most: int) -> None:
        """Raises what is the least to be seen until no more than so many are."""
        sizes = sorted([size for rows in self.large.values() for size, _ in rows] + list(self.sizes.values()), reverse=True)
        if len(sizes) > most:
            self.least = max(self.least, sizes[most] + 1)

    def groups(self) -> list[int]:
        """The groups, the largest first."""
        return sorted((group for group, folder in self.sizes if not folder), key=lambda group: (-self.sizes[group, ""], group))


def _way(folder: str) -> Iterator[str]:
    """A folder and those above it, to the root; of one that is too deep those that are not."""
    if folder.count("/") >= DEEPEST:
        folder = "/".join(folder.split("/", DEEPEST)[:DEEPEST])
    while folder:
        yield folder
        folder = folder.rpartition("/")[0]
    yield ""


def _tree(by: str, names: list[str], sums: _Sums, most: int) -> View:
    """The tree of what is large enough."""
    sums.limit(most)
    ranks = {group: rank for rank, group in enumerate(sums.groups())}
    root = Node("", sum(sums.sizes[group, ""] for group in ranks))
    large = sorted((key for key, size in sums.sizes.items() if size >= sums.least), key=lambda key: (_depth(key[1]), key))
    nodes: dict[Key, Node] = {}
    for group, folder in large:
        above, _, name = folder.rpartition("/")
        node = nodes[group, folder] = Node(name if folder else names[group], sums.sizes[group, folder], ranks[group])
        node.is_hidden = by == "layer" and folder.startswith(HIDDEN)
        (nodes[group, above] if folder else root).children.append(node)
    for key in reversed(large):
        node = nodes[key]
        rows = sums.large.get(key, ())
        node.children += [Node(name, size, node.group, is_hidden=node.is_hidden) for size, name in rows if size >= sums.least]
        _finish(node, sums.counts[key], joined=bool(key[1]))
    _finish(root, sum(sums.counts[group, ""] for group in ranks), joined=False)
    return View(by, tuple(names[group] for group in ranks), root)


def _depth(folder: str) -> int:
    return folder.count("/") + 1 if folder else 0


def _finish(node: Node, files: int, *, joined: bool) -> None:
    """Sorts a node's children, which are finished, and puts together what is missing of its bytes; `joined`: an only folder is joined with it."""
    node.files = files
    node.children.sort(key=lambda child: (-child.size, child.name))
    rest = node.size - sum(child.size for child in node.children)
    if rest and node.children:
        left = files - sum(child.files for child in node.children)
        node.children.append(Node("", rest, node.group, left, is_rest=True, is_hidden=node.is_hidden))
    if joined and len(node.children) == 1 and node.children[0].children:
        only = node.children[0]
        node.name, node.children = f"{node.name}/{only.name}", only.children
