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

Row = tuple[int, str, int]
"""A group, a path, bytes. A path that ends with a slash stands for several files of that folder."""
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
        children: the largest first, what is put together last.
    """

    name: str
    size: int
    group: int = 0
    files: int = 1
    is_rest: bool = False
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
    names, rows = _GROUPING[by](report)
    whole = sum(report.wastes.sizes) * (by in ("waste", "layer")) + sum(report.files.sizes) * (by != "waste")
    return _tree(by, names, _Sums(rows, max(1, round(whole * SMALLEST))), most)


def views(report: Report) -> Iterator[View]:
    """Those trees that have something to show."""
    for by in VIEWS:
        found = view(report, by)
        if found.root.size:
            yield found


# --- what each view groups by ---


def _files(report: Report, column: Callable[[int], int]) -> Iterator[Row]:
    """The files' rows; a folder's row in a report that was read stands for its small files."""
    files = report.files
    for at, size in enumerate(files.sizes):
        if size:
            yield column(at), files.paths[at] + ("/" if files.kinds[at] == FOLDER else ""), size


def _by_block(report: Report) -> tuple[list[str], Iterator[Row]]:
    names = [f"{block.name} {block.version}".rstrip() for block in report.blocks]
    nobody, blocks = len(names), report.files.blocks
    of = [layer.block if layer.block != NOBODY else nobody for layer in report.layers]
    layers = report.files.layers

    def whose(at: int) -> int:
        if blocks:
            return blocks[at] if blocks[at] != NOBODY else nobody
        return of[layers[at]] if 0 <= layers[at] < len(of) else nobody

    return [*names, "charged to nobody"], _files(report, whose)


def _by_category(report: Report) -> tuple[list[str], Iterator[Row]]:
    names = [category.name for category in report.categories]
    column, nobody = report.files.categories, len(names)
    return [*names, "of no category"], _files(report, lambda at: column[at] if column and column[at] != NOBODY else nobody)


def _by_layer(report: Report) -> tuple[list[str], Iterator[Row]]:
    """What each layer stores; what later ones hide of it stands in a folder of its own."""
    names = [f"layer {layer.index}: {layer.instruction}".rstrip(": ") for layer in report.layers]
    layers, wastes = report.files.layers, report.wastes

    def rows() -> Iterator[Row]:
        yield from _files(report, lambda at: layers[at] if layers[at] != NOBODY else len(names))
        for path, size, stored, hidden in zip(wastes.paths, wastes.sizes, wastes.stored, wastes.hidden, strict=True):
            yield stored, f"hidden by layer {hidden}/{path}", size

    return [*names, "small files of all layers"], rows()


def _by_waste(report: Report) -> tuple[list[str], Iterator[Row]]:
    wastes = report.wastes
    columns = zip(wastes.kinds, wastes.paths, wastes.sizes, wastes.stored, wastes.hidden, strict=True)
    return list(WASTE_KINDS), ((kind, f"layer {stored}, hidden by layer {hidden}/{path}", size) for kind, path, size, stored, hidden in columns)


def _by_folder(report: Report) -> tuple[list[str], Iterator[Row]]:
    """By the first folder, which is no folder again below."""
    files = report.files
    names = sorted({path.partition("/")[0] for path in files.paths})
    places = {name: at for at, name in enumerate(names)}
    rows = _files(report, lambda at: places[files.paths[at].partition("/")[0]])
    return [f"/{name}" for name in names], ((group, path.partition("/")[2], size) for group, path, size in rows)


_GROUPING = {"block": _by_block, "category": _by_category, "layer": _by_layer, "waste": _by_waste, "folder": _by_folder}


# --- the tree ---


class _Sums:
    """Bytes and number of the files of each folder, those below too, and the files that are large enough to be seen."""

    def __init__(self, rows: Iterable[Row], least: int) -> None:
        self.least = least
        self.large: dict[Key, list[tuple[int, str]]] = defaultdict(list)
        sizes: dict[Key, int] = defaultdict(int)
        counts: dict[Key, int] = defaultdict(int)
        for group, path, size in rows:
            folder, _, name = path.rpartition("/")
            sizes[group, folder] += size
            counts[group, folder] += 1
            if size >= least and name:
                self.large[group, folder].append((size, name))
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
        (nodes[group, above] if folder else root).children.append(node)
    for key in reversed(large):
        nodes[key].children += [Node(name, size, nodes[key].group) for size, name in sums.large.get(key, ()) if size >= sums.least]
        _finish(nodes[key], sums.counts[key], joined=bool(key[1]))
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
        node.children.append(Node("", rest, node.group, files - sum(child.files for child in node.children), is_rest=True))
    if joined and len(node.children) == 1 and node.children[0].children:
        only = node.children[0]
        node.name, node.children = f"{node.name}/{only.name}", only.children
