"""What holds of every graph."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpcgen.errors import HpcgenError, Several, UnknownStage, WrongValue, each
from hpcgen.frozen import evolve
from hpcgen.graph import nodes
from hpcgen.graph.nodes import BlockRef, Node
from hpcgen.graph.stages import Base, Stage, StageGraph, needs, walk
from hpcgen.origin import Origin
from hpcgen.target import Target

TARGET = Target("debian", "12")
TEXT = st.text(max_size=8)
ORIGIN = st.one_of(st.none(), st.builds(Origin, TEXT, st.integers(1, 9)))
BLOCK = st.one_of(st.none(), st.builds(BlockRef, TEXT, TEXT, TEXT))
NAMES = ("one", "two", "three", "four")
NODE = st.one_of(
    st.builds(nodes.Run, st.lists(TEXT, max_size=2).map(tuple), cwd=TEXT),
    st.builds(nodes.Install, st.lists(TEXT, max_size=2).map(tuple)),
    st.builds(nodes.SetEnv, TEXT, TEXT),
    st.builds(nodes.Copy, st.lists(TEXT, min_size=1, max_size=2).map(tuple), TEXT),
    st.builds(nodes.Label, TEXT, TEXT),
)


@st.composite
def chains(draw: st.DrawFn) -> StageGraph:
    """A graph in which each stage stands on, or takes from, any before it."""
    stages: list[Stage] = []
    for name in NAMES[: draw(st.integers(1, 4))]:
        before = [stage.name for stage in stages]
        stands, takes = draw(st.tuples(st.booleans(), st.booleans()))
        base = Base(draw(st.sampled_from(before)), stage=True) if before and stands else Base("debian:12")
        taken = [nodes.Copy(("/a",), "/a", stage=draw(st.sampled_from(before)))] if before and takes else []
        stages.append(Stage(name, base, TARGET, (*draw(st.lists(NODE, max_size=3)), *taken)))
    return StageGraph(tuple(stages))


def elsewhere(node: Node) -> Node:
    """The same node, said at another place by another block."""
    return evolve(node, origin=Origin("other.py", 99), block=BlockRef("other", "9", "d"))


@given(node=NODE, origin=ORIGIN, block=BLOCK)
def test_where_it_was_said_is_no_part_of_a_node(node: Node, origin: Origin | None, block: BlockRef | None) -> None:
    """Equal nodes from other lines and blocks are equal, of one hash, and shown alike."""
    other = evolve(node, origin=origin, block=block)
    assert other == node
    assert hash(other) == hash(node)
    assert repr(other) == repr(node)


@given(one=NODE, other=NODE)
def test_equal_nodes_are_those_that_show_the_same(one: Node, other: Node) -> None:
    """What tells two nodes apart is shown, so that digests can be made of it."""
    assert (one == other) == (repr(one) == repr(other))


@given(node=NODE)
def test_nodes_do_not_change(node: Node) -> None:
    """A node is frozen."""
    with pytest.raises(AttributeError):
        node.origin = None  # type: ignore[misc]  # that is what must fail


@given(graph=chains())
def test_a_digest_does_not_depend_on_where_things_were_said(graph: StageGraph) -> None:
    """The same content from another file has the same digest."""
    moved = StageGraph(tuple(evolve(stage, origin=Origin("other.py", 1), nodes=tuple(map(elsewhere, stage.nodes))) for stage in graph.stages))
    assert moved.digests() == graph.digests()


@given(graph=chains(), node=NODE)
def test_a_changed_stage_changes_the_digests_of_all_that_need_it_and_no_others(graph: StageGraph, node: Node) -> None:
    """A digest is of all that decides what a stage holds, the stages that it needs among it."""
    first = graph.stages[0]
    changed = StageGraph((evolve(first, nodes=(*first.nodes, node)), *graph.stages[1:]))
    dependent = {first.name}
    for stage in graph.stages:
        if any(need in dependent for need, _ in needs(stage)):
            dependent.add(stage.name)
    before, after = graph.digests(), changed.digests()
    assert {name for name in before if before[name] != after[name]} == dependent


@given(graph=chains())
def test_edges_run_backwards(graph: StageGraph) -> None:
    """A stage needs only stages before it: a cycle cannot be made."""
    order = [stage.name for stage in graph.stages]
    assert all(order.index(need) < order.index(stage) for stage, need in graph.edges())


@given(graph=chains())
def test_each_stage_is_found_by_its_name(graph: StageGraph) -> None:
    """A graph gives its stages by name, and names the nearest for one that is none."""
    for stage in graph.stages:
        assert graph[stage.name] is stage
    with pytest.raises(UnknownStage, match="stage 'on'") as fault:
        graph["on"]
    assert "did you mean 'one'" in fault.value.help


# --- what a graph refuses ---


def taking(name: str, *stages: str) -> Stage:
    """A stage that takes from others."""
    return Stage(name, Base("debian:12"), TARGET, tuple(nodes.Copy(("/a",), "/a", stage=stage, origin=Origin("r.py", 7)) for stage in stages))


def refused(*stages: Stage) -> list[str]:
    """What is wrong with stages in this order."""
    with pytest.raises(HpcgenError) as fault:
        StageGraph(stages)
    return [str(one) for one in each(fault.value)]


def test_a_stage_that_stands_later_is_refused_with_the_recipes_line() -> None:
    """The order of stages is checked when a graph is made."""
    assert refused(taking("one", "two"), taking("two")) == ["r.py:7: unknown stage: stage 'one' takes from 'two', which stands later"]


def test_a_stage_that_takes_from_itself_is_refused() -> None:
    """The smallest cycle."""
    assert refused(taking("one", "one")) == ["r.py:7: unknown stage: stage 'one' takes from 'one', which is itself"]


def test_a_cycle_cannot_be_made() -> None:
    """Of two stages that need each other, one stands later."""
    assert len(refused(taking("one", "two"), taking("two", "one"))) == 1


def test_a_stage_that_is_not_there_is_refused_with_the_nearest() -> None:
    """A misspelt stage is named, and the one that may have been meant."""
    with pytest.raises(UnknownStage, match="'devl', which is not there") as fault:
        StageGraph((taking("devel"), taking("final", "devl")))
    assert "did you mean 'devel'" in fault.value.help
    with pytest.raises(UnknownStage) as fault:
        StageGraph((taking("devel"), taking("final", "xyz")))
    assert fault.value.help == "stages: devel, final"


def test_two_stages_of_one_name_are_refused() -> None:
    """A name is of one stage."""
    with pytest.raises(WrongValue, match="two stages are named 'one'"):
        StageGraph((taking("one"), taking("one")))


def test_all_that_is_wrong_comes_together() -> None:
    """Several faults are one error."""
    with pytest.raises(Several) as fault:
        StageGraph((taking("one", "x"), taking("one", "y")))
    assert len(fault.value.errors) == 3


@pytest.mark.parametrize("image", ["debian:12", "registry.example.org/tool", "tool@sha256:0"])
def test_images_are_taken_from_as_they_are(image: str) -> None:
    """A copy may take from an image: it has a registry, a tag or a digest."""
    assert StageGraph((taking("one", image),)).edges() == ()


def test_needs_are_found_in_bases_copies_mounts_and_choices() -> None:
    """All that one stage can take of another is an edge."""
    base = Stage("one", Base("debian:12"), TARGET)
    mounted = nodes.Run(("a",), mounts=(nodes.Mount("bind", "/x", stage="one"),))
    chosen = nodes.ByArch((("x86_64", (mounted,)), ("aarch64", ())))
    for name, stage in {
        "base": Stage("two", Base("one", stage=True), TARGET),
        "copy": taking("two", "one"),
        "mount": Stage("two", Base("x:1"), TARGET, (mounted,)),
        "choice": Stage("two", Base("x:1"), TARGET, (chosen,)),
        "runtime": Stage("two", Base("x:1"), TARGET, (nodes.RuntimeOf("one"),)),
    }.items():
        assert StageGraph((base, stage)).edges() == (("two", "one"),), name


def test_walking_goes_into_choices() -> None:
    """All nodes are met, those of each branch too."""
    inner = nodes.Run(("a",))
    choice = nodes.ByArch((("x86_64", (inner,)), ("aarch64", (inner, inner))))
    assert list(walk((choice, inner))) == [choice, inner, inner, inner, inner]


@pytest.mark.parametrize(
    ("fetch", "name"),
    [
        (nodes.Fetch("https://e.org/a/tool-1.0.tar.gz?x=y", None, "/d"), "tool-1.0.tar.gz"),
        (nodes.Fetch("https://e.org/a/", None, "/d"), "a"),
        (nodes.Fetch("https://e.org/download", None, "/d", file="tool.tar.gz"), "tool.tar.gz"),
        (nodes.Fetch("", None, "/d", local="archives/tool.tar.gz"), "tool.tar.gz"),
    ],
)
def test_a_downloads_name(fetch: nodes.Fetch, name: str) -> None:
    """A file is called as it is told, else by the last word of its path."""
    assert fetch.name == name
