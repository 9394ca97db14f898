from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpcgen.drawing import graphviz, layers
from hpcgen.drawing.layers import LANES, place
from hpcgen.drawing.model import Kind, Link
from hpcgen.drawing.ordering import crossings, neighbours, ordered
from hpcgen.drawing.stacking import spread
from hpcgen.errors import Unreachable

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from hpcgen.drawing.layout import Layout

Sizes = dict[str, tuple[float, float]]
KINDS: tuple[Kind, ...] = ("base", "copy", "mount")


@st.composite
def graphs(draw: st.DrawFn) -> tuple[Sizes, list[Link]]:
    """Boxes of any size, and links from earlier ones to later ones."""
    count = draw(st.integers(1, 12))
    sizes = {f"s{number}": (draw(st.integers(60, 300)) * 1.0, draw(st.integers(40, 200)) * 1.0) for number in range(count)}
    pair = st.tuples(st.integers(0, count - 1), st.integers(0, count - 1), st.sampled_from(KINDS), st.booleans())
    pairs = {(one, other, kind): critical for one, other, kind, critical in draw(st.lists(pair, max_size=30)) if one < other}
    return sizes, [Link(f"s{one}", f"s{other}", kind, critical=critical) for (one, other, kind), critical in pairs.items()]


def chain(count: int) -> tuple[Sizes, list[Link]]:
    """Stages of which each stands upon the one before, and the last takes from all."""
    sizes = {f"s{number}": (200.0, 60.0) for number in range(count)}
    upon = [Link(f"s{number}", f"s{number + 1}", "base") for number in range(count - 1)]
    return sizes, upon + [Link(f"s{number}", f"s{count - 1}", "copy") for number in range(count - 1)]


def overlap(layout: Layout) -> list[tuple[str, str]]:
    """Boxes that lie upon each other."""
    places = list(layout.places.items())
    return [
        (name, other)
        for at, (name, one) in enumerate(places)
        for other, two in places[at + 1 :]
        if one.left < two.right and two.left < one.right and one.top < two.top + two.height and two.top < one.top + one.height
    ]


def check(layout: Layout, sizes: Sizes, links: list[Link]) -> None:
    """What holds of every layout, whoever made it."""
    assert overlap(layout) == []
    for name, (wide, tall) in sizes.items():
        one = layout.places[name]
        assert (one.width >= wide - 0.1, abs(one.height - tall) < 0.1) == (True, True)
        assert (one.left >= -0.1, one.right <= layout.width + 0.1) == (True, True)
        assert (one.top >= -0.1, one.top + one.height <= layout.height + 0.1) == (True, True)
    for link in links:
        assert layout.places[link.source].right < layout.places[link.stage].left
        assert [curve.kind for curve in layout.curves if link in curve.links] == [link.kind]


@given(graphs())
def test_no_box_lies_upon_another(graph: tuple[Sizes, list[Link]]) -> None:
    """Boxes lie apart, within the picture, each to the right of all that it needs, and each link is drawn."""
    check(place(*graph), *graph)


@given(graphs())
def test_lines_keep_off_boxes(graph: tuple[Sizes, list[Link]]) -> None:
    """A line ends at its box or goes level through a column, beside the boxes that stand there."""
    layout = place(*graph)
    for curve in layout.curves:
        x, y = curve.points[-1]
        if curve.arrow:
            assert any(x == one.left and one.top < y < one.top + one.height for one in layout.places.values())
        else:
            assert not [one for one in layout.places.values() if one.left < x <= one.right and one.top < y < one.top + one.height]


@given(graphs())
def test_the_critical_path_is_drawn_without_gaps(graph: tuple[Sizes, list[Link]]) -> None:
    """A critical link is one line from its source to its stage, whatever lanes it shares; nothing is critical without one."""
    sizes, links = graph
    layout = place(sizes, links)
    starts = {curve.points[0] for curve in layout.curves if curve.critical}
    ends = {curve.points[-1] for curve in layout.curves if curve.critical}
    critical = [link for link in links if link.critical]
    assert bool(starts) == bool(critical)
    for link in critical:
        one = layout.places[link.source]
        assert (one.right, one.middle) in starts
        assert any(x == layout.places[link.stage].left for x, _ in ends)
    boxes = {(one.right, one.middle) for one in layout.places.values()}
    assert starts <= ends | boxes


def test_the_same_graph_lies_the_same() -> None:
    """A layout depends on nothing but its boxes and links."""
    assert place(*chain(20)) == place(*chain(20))


@pytest.mark.parametrize("count", [100, 300])
def test_lines_grow_with_stages_and_not_with_their_square(count: int) -> None:
    """Of stages that all give something to the last one the lines share lanes, so that there are a few for each stage."""
    assert len(place(*chain(count)).curves) <= 4 * count


def test_a_graph_that_is_too_dense_for_lanes_is_drawn_all_the_same() -> None:
    """Where each stage takes from all before it lanes end somewhere, and the rest of the links goes straight on."""
    sizes = {f"s{number}": (100.0, 40.0) for number in range(100)}
    links = [Link(f"s{one}", f"s{other}", "copy") for other in range(100) for one in range(other)]
    ways = layers._Ways(sizes, links)
    assert len(ways.lanes) <= LANES
    assert sum(len(found) for found in ways.segments.values()) == len(links)
    assert overlap(place(sizes, links)) == []


def test_one_stage_alone_lies_at_the_corner() -> None:
    """A picture of one box is as large as that."""
    layout = place({"only": (100.0, 50.0)}, [])
    assert (layout.width, layout.height, layout.curves) == (100.0, 50.0, ())


def test_lines_that_need_not_cross_do_not() -> None:
    """Two rows that can be untangled are."""
    pairs = [(f"a{number}", f"b{(number * 7) % 12}") for number in range(12)]
    columns = [[f"a{number}" for number in range(12)], [f"b{number}" for number in range(12)]]
    rights = neighbours(pairs)[1]
    assert crossings(columns, rights) > 0
    assert crossings(ordered(columns, pairs), rights) == 0


def test_crossings_are_counted() -> None:
    """Each pair of lines that cross counts once."""
    columns = [["a", "b", "c"], ["x", "y", "z"]]
    assert crossings(columns, {"a": ["z"], "b": ["y"], "c": ["x"]}) == 3
    assert crossings(columns, {"a": ["x", "y"], "b": ["x"], "c": ["z"]}) == 1


@given(st.lists(st.tuples(st.floats(-500, 500), st.sampled_from((1.0, 4.0)), st.floats(1, 50)), min_size=1, max_size=12))
def test_what_stands_in_a_column_keeps_its_distances(rows: list[tuple[float, float, float]]) -> None:
    """Whatever places are wished for, the order and the distances are kept, and what is in nobody's way gets its wish."""
    wishes, weights, distances = [row[0] for row in rows], [row[1] for row in rows], [row[2] for row in rows[1:]]
    found = spread(wishes, weights, distances)
    assert all(below - above >= distance - 1e-6 for above, below, distance in zip(found, found[1:], distances, strict=False))
    if all(below - above >= distance for above, below, distance in zip(wishes, wishes[1:], distances, strict=False)):
        assert found == pytest.approx(wishes)
    assert sum(found[at] * weights[at] for at in range(len(rows))) == pytest.approx(sum(wish * weights[at] for at, wish in enumerate(wishes)), abs=1e-3)


# --- Graphviz ---


@pytest.fixture
def dot(tmp_path: Path) -> Callable[[str], str]:
    """A folder with a stand-in for Graphviz's program: a line of shell."""

    def make(line: str) -> str:
        program = tmp_path / "dot"
        program.write_text(f"#!/bin/sh\ncat > /dev/null\n{line}\n", encoding="utf-8")
        program.chmod(0o755)
        return f"{tmp_path}:/usr/bin:/bin"

    return make


TWO: Sizes = {"a": (72.0, 36.0), "b b": (144.0, 36.0)}
LINK = Link("a", "b b", "copy")
PLAIN = """graph 1 5 1
node s0 0.5 0.5 1 0.5 "" filled box black lightgrey
node s1 4 0.5 2 0.5 "" filled box black lightgrey
edge s0 s1 4 1 0.5 1.5 0.5 2.5 0.5 3 0.5 solid black
stop"""


def test_places_are_read_from_graphviz(dot: Callable[[str], str]) -> None:
    """Its inches from the bottom become pixels from the top."""
    layout = graphviz.place(TWO, [LINK], dot(f"echo '{PLAIN}'"))
    check(layout, TWO, [LINK])
    assert (layout.width, layout.height) == (360.0, 72.0)
    assert layout.places["b b"].left == 216.0
    assert layout.curves[0].points == ((72.0, 36.0), (108.0, 36.0), (180.0, 36.0), (216.0, 36.0))


@pytest.mark.parametrize(
    ("line", "said"),
    [("echo broken >&2; exit 1", "dot: broken"), ("echo garbage", "cannot be read"), ("echo 'graph 1 5 1'", "cannot be read"), ("", "cannot be read")],
)
def test_what_graphviz_cannot_do_is_said(dot: Callable[[str], str], line: str, said: str) -> None:
    """A program that fails, or says what is no layout, is an error with a way out."""
    with pytest.raises(Unreachable, match=said) as fault:
        graphviz.place(TWO, [LINK], dot(line))
    assert "--layout own" in fault.value.help


def test_a_program_that_is_not_there_is_said(tmp_path: Path) -> None:
    """Without Graphviz its layout is an error that names the package."""
    with pytest.raises(Unreachable, match="not there") as fault:
        graphviz.place(TWO, [LINK], str(tmp_path))
    assert "graphviz" in fault.value.help


@pytest.mark.skipif(not shutil.which("dot"), reason="the project's: needs Graphviz, which no test may bring")
@given(graphs())
def test_graphviz_itself_is_understood(graph: tuple[Sizes, list[Link]]) -> None:
    """What the real program says becomes a layout in which boxes lie apart and each link is drawn."""
    check(graphviz.place(*graph, "/usr/bin:/bin:/usr/local/bin"), *graph)
