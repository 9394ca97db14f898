"""The trees of a treemap, and where their boxes stand."""

from __future__ import annotations

from copy import copy
from typing import TYPE_CHECKING

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reports import files, reports, sample

from hpcgen.auditing.baseline import from_json
from hpcgen.auditing.data import to_json
from hpcgen.auditing.outcome import Outcome
from hpcgen.auditing.report import Layer
from hpcgen.auditing.squarified import Box, squarified
from hpcgen.auditing.tables import NOBODY, Wastes
from hpcgen.auditing.views import DEEPEST, HIDDEN, VIEWS, Node, view, views

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hpcgen.auditing.report import Report

SIDES = st.floats(1, 5000)


def nodes(root: Node) -> Iterator[Node]:
    """All nodes of a tree."""
    waiting = [root]
    while waiting:
        node = waiting.pop()
        yield node
        waiting += node.children


@given(st.lists(st.integers(1, 10**12), min_size=1, max_size=60), SIDES, SIDES)
@settings(deadline=None)
def test_boxes_fill_what_they_are_put_into(sizes: list[int], width: float, height: float) -> None:
    """Rectangles have areas as their sizes, in their order, lie within the whole, and fill it."""
    sizes.sort(reverse=True)
    places = squarified(sizes, Box(10, 20, width, height))
    assert len(places) == len(sizes)
    for size, place in zip(sizes, places, strict=True):
        assert place.width * place.height == pytest.approx(size / sum(sizes) * width * height, rel=1e-6)
        assert place.left >= 10 - 1e-6 * width
        assert place.top >= 20 - 1e-6 * height
        assert place.left + place.width <= 10 + width * (1 + 1e-6)
        assert place.top + place.height <= 20 + height * (1 + 1e-6)
    assert sum(place.width * place.height for place in places) == pytest.approx(width * height, rel=1e-6)


@given(st.lists(st.integers(1, 1000), min_size=2, max_size=20))
@settings(deadline=None)
def test_boxes_do_not_lie_upon_each_other(sizes: list[int]) -> None:
    """No two rectangles share more than an edge."""
    places = squarified(sorted(sizes, reverse=True), Box(0, 0, 1000, 600))
    for at, one in enumerate(places):
        for other in places[:at]:
            wide = min(one.left + one.width, other.left + other.width) - max(one.left, other.left)
            tall = min(one.top + one.height, other.top + other.height) - max(one.top, other.top)
            assert min(wide, tall) <= 1e-6


def test_boxes_are_nearly_square() -> None:
    """Equal sizes in a square become squares, as far as their number lets them, and what has no room has no extent."""
    assert {(round(place.width), round(place.height)) for place in squarified([1] * 9, Box(0, 0, 300, 300))} == {(100, 100)}
    assert squarified([5, 3], Box(1, 2, 0, 100)) == [Box(1, 2, 0, 0)] * 2
    assert squarified([], Box(0, 0, 10, 10)) == []


@given(reports(), st.sampled_from(VIEWS), st.integers(1, 50))
@settings(deadline=None)
def test_a_tree_has_all_bytes(report: Report, by: str, most: int) -> None:
    """Every node is the sum of its children, the root is all that the view shows, and its files are counted, however few nodes there may be."""
    root = view(report, by, most=most).root
    totals = report.totals
    assert root.size == {"waste": totals.waste, "layer": totals.stored}.get(by, totals.live)
    for node in nodes(root):
        if node.children:
            assert sum(child.size for child in node.children) == node.size
            assert sum(child.files for child in node.children) == node.files
            real = [child.size for child in node.children if not child.is_rest]
            assert real == sorted(real, reverse=True)
        assert node.size > 0 or node is root
    assert len(list(nodes(root))) <= 2 * most + 2 + sum(1 for _ in view(report, by, most=1).groups)


@given(reports(), st.sampled_from(["block", "category", "folder"]))
@settings(deadline=None)
def test_a_report_that_was_read_has_the_same_groups(report: Report, by: str) -> None:
    """The tree of a report's JSON has the bytes of the whole report, small files put together in their folders."""
    assert view(from_json(to_json(Outcome(report))), by).root.size == view(report, by).root.size


def test_groups_are_named_the_largest_first() -> None:
    """A view's groups are blocks, categories, layers, kinds of waste or folders, the largest first, and each node knows its group."""
    names = {found.by: list(found.groups) for found in views(sample())}
    assert names["block"] == ["ucx 1.18.1", "base", "recipe"]
    assert names["category"] == ["static libraries", "shared libraries", "programs", "documentation"]
    assert [name[:8] for name in names["layer"]] == ["layer 1:", "layer 0:", "layer 2:"]
    assert names["waste"] == ["identical-rewrite", "deleted"]
    assert names["folder"] == ["/usr"]
    root = view(sample(), "block").root
    assert [child.group for child in root.children] == [0, 1, 2]
    assert {node.group for node in nodes(root.children[1])} == {1}


def test_files_of_no_block_are_their_layers() -> None:
    """Where files have no block, their layer's block has them, and where that has none nobody."""
    report = sample()
    table = copy(report.files)
    table.blocks = type(table.sizes)("q")
    layers = tuple(attrs.evolve(layer, block=0 if layer.index == 1 else NOBODY) for layer in report.layers)
    found = view(attrs.evolve(report, files=table, layers=layers), "block")
    assert [(child.name, child.size) for child in found.root.children] == [("ucx 1.18.1", 14_000_000), ("charged to nobody", 3_320_000)]


def test_what_a_later_layer_hides_is_marked() -> None:
    """In a layer's tree what a later one hides stands in a folder of its own and is marked, down to its files."""
    root = view(sample(), "layer").root
    hidden = [node for node in nodes(root) if node.is_hidden]
    assert {node.name for node in hidden if node.children} == {f"{HIDDEN}2", "usr/local/ucx/lib", f"{HIDDEN}1/var/lib/apt/lists"}
    assert {node.name for node in hidden if not node.children} >= {"libucp.so.0.0.0", "packages"}
    assert not [node for node in nodes(view(sample(), "block").root) if node.is_hidden]


def test_folders_with_one_folder_are_one_box() -> None:
    """Folders that hold nothing but one folder are joined with it, and what is too small is put together and counted."""
    rows = [("a/b/c/large", 10**9, 0, 0, 0), *((f"a/b/c/small{at}", 10, 0, 0, 0) for at in range(7))]
    report = attrs.evolve(sample(), files=files(*rows), wastes=Wastes())
    (group,) = view(report, "block").root.children
    (folder,) = group.children
    assert folder.name == "a/b/c"
    assert [(child.name, child.size, child.files, child.is_rest) for child in folder.children] == [("large", 10**9, 1, False), ("", 70, 7, True)]


def test_what_is_too_deep_is_put_together() -> None:
    """Folders below the deepest are not told apart, whatever an archive holds, and no byte of them is lost."""
    report = attrs.evolve(sample(), files=files(("/".join(f"d{at}" for at in range(500)), 10**6, 0, 0, 0), ("x", 10, 0, 0, 0)), wastes=Wastes())
    root = view(report, "block").root
    assert root.size == 10**6 + 10
    assert max(node.name.count("/") for node in nodes(root)) < DEEPEST


def test_few_boxes_stand_for_many_files() -> None:
    """Of a hundred thousand files alike no more boxes are made than one asks for."""
    rows = [(f"d{at % 100}/f{at}", 1000 + at % 7, 0, 0, at % 3) for at in range(20_000)]
    report = attrs.evolve(sample(), files=files(*rows), wastes=Wastes(), layers=(Layer(0),))
    for by in VIEWS:
        assert len(list(nodes(view(report, by, most=300).root))) <= 700
