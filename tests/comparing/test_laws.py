"""What holds of every comparison."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from hpcgen.comparing.data import as_json
from hpcgen.comparing.graphs import compare
from hpcgen.comparing.markdown import as_markdown
from hpcgen.comparing.rebuilding import rebuilds
from hpcgen.comparing.settled import merged
from hpcgen.comparing.text import as_text
from hpcgen.frozen import evolve
from hpcgen.graph import nodes
from hpcgen.graph.nodes import BlockRef, Node
from hpcgen.graph.stages import Base, BlockFacts, Stage, StageGraph
from hpcgen.origin import Origin
from hpcgen.shape import HIDDEN
from hpcgen.target import Target

if TYPE_CHECKING:
    from collections.abc import Iterator

NAMES = ("one", "two", "three")
WORD = st.sampled_from(("a", "b", "/opt/x", "/opt/x/lib", "-L/opt/x", "--with-a", "--without-a", "--with-a=/b", "A=1", "'", "a b", "\n", "\x1b[31m", "`", "|", ""))
WORDS = st.lists(WORD, max_size=3).map(tuple)
COMMANDS = st.lists(st.lists(WORD, min_size=1, max_size=3).map(" ".join), max_size=3).map(tuple)
TARGETS = st.builds(Target, st.sampled_from(("debian", "ubuntu")), st.just("12"), st.sampled_from((("x86_64",), ("aarch64",), ("x86_64", "aarch64"))))
NODE: st.SearchStrategy[Node] = st.one_of(
    st.builds(nodes.Run, COMMANDS, cwd=WORD, env=st.lists(st.tuples(WORD, WORD), max_size=2).map(tuple)),
    st.builds(nodes.Install, WORDS, options=WORDS),
    st.builds(nodes.Fetch, WORD, st.none() | WORD, WORD, strip=st.integers(0, 2)),
    st.builds(nodes.Git, WORD, WORD, WORD, WORD),
    st.builds(nodes.SetEnv, WORD, WORD),
    st.builds(nodes.PrependPath, WORD, WORD, last=st.booleans()),
    st.builds(nodes.Copy, WORDS, WORD, owner=WORD),
    st.builds(nodes.WriteFile, WORD, WORD),
    st.builds(nodes.Label, WORD, WORD),
    st.builds(nodes.Arg, WORD, st.none() | WORD),
    st.builds(nodes.Entrypoint, WORDS, COMMANDS),
    st.builds(nodes.Raw, st.sampled_from(("docker", "singularity")), WORD),
    st.builds(nodes.Test, COMMANDS),
    st.builds(nodes.Comment, WORD),
)
REF = st.builds(BlockRef, st.sampled_from(("p", "q")), st.sampled_from(("", "1.0", "1.1")), st.sampled_from(("d", "e")))


@st.composite
def items(draw: st.DrawFn) -> tuple[Node, ...]:
    """A node, or some of one block."""
    some = draw(st.lists(NODE, min_size=1, max_size=3))
    if draw(st.booleans()):
        return (some[0],)
    block, origin = draw(REF), Origin("r.py", draw(st.integers(1, 3)))
    return tuple(evolve(node, block=block, origin=origin) for node in some)


@st.composite
def stages(draw: st.DrawFn, name: str) -> Stage:
    """A stage of some items, with the prefixes of its blocks."""
    some = tuple(node for one in draw(st.lists(items(), max_size=4)) for node in one)
    facts = tuple({node.block: BlockFacts(node.block, node.origin, prefix=draw(st.sampled_from(("", "/opt/x")))) for node in some if node.block}.values())
    head = tuple(draw(st.lists(st.builds(nodes.Arg, WORD), max_size=1)))
    return Stage(name, Base(draw(st.sampled_from(("debian:12", "debian:13")))), draw(TARGETS), some, facts, head=head)


@st.composite
def graphs(draw: st.DrawFn) -> StageGraph:
    """A graph whose stages may take from those before."""
    made: list[Stage] = []
    for name in draw(st.permutations(NAMES))[: draw(st.integers(1, 3))]:
        stage, takes = draw(stages(name)), draw(st.sampled_from((True, False)))
        if made and takes:
            stage = evolve(stage, nodes=(*stage.nodes, nodes.Copy(("/a",), "/a", stage=made[-1].name)))
        made.append(stage)
    return StageGraph(tuple(made))


@st.composite
def changed(draw: st.DrawFn, graph: StageGraph) -> StageGraph:
    """A graph with one thing changed."""
    at = draw(st.integers(0, len(graph.stages) - 1))
    stage = graph.stages[at]
    ways = list(_ways(draw, stage))
    return evolve(graph, stages=(*graph.stages[:at], draw(st.sampled_from(ways)), *graph.stages[at + 1 :]))


def _ways(draw: st.DrawFn, stage: Stage) -> Iterator[Stage]:
    """A stage with one thing changed, in each way that it can be."""
    some = stage.nodes
    yield evolve(stage, base=evolve(stage.base, image="debian:11"))
    yield evolve(stage, base=evolve(stage.base, archive="docker-archive:/x.tar"))
    yield evolve(stage, target=evolve(stage.target, release="13"))
    yield evolve(stage, target=evolve(stage.target, architectures=("x86_64", "riscv64")))
    yield evolve(stage, head=(*stage.head, nodes.Arg("NEW")))
    place = draw(st.integers(0, len(some)))
    yield evolve(stage, nodes=(*some[:place], draw(NODE), *some[place:]))
    if place < len(some):
        yield evolve(stage, nodes=some[:place] + some[place + 1 :])
        yield evolve(stage, nodes=(*some[:place], draw(NODE), *some[place + 1 :]))
        yield evolve(stage, nodes=(*some[:place], *some[place + 1 :], some[place]))


def meaning(graph: StageGraph) -> list[tuple[object, ...]]:
    """All that a graph means."""
    return [(one.name, one.base, one.target, one.head, one.nodes) for one in merged(graph).stages]


@settings(deadline=None)  # machines are busy
@given(graph=graphs())
def test_a_graph_does_not_differ_from_itself(graph: StageGraph) -> None:
    """Nothing differs, and nothing is built again."""
    assert not compare(graph, graph)
    assert {one.state for one in rebuilds(graph, graph)} == {"kept"}


@settings(deadline=None)  # machines are busy
@given(graph=graphs(), data=st.data())
def test_one_change_is_always_said(graph: StageGraph, data: st.DataObject) -> None:
    """Whatever is changed in a graph, a difference says so: only comments, and by how many words packages are asked for, mean nothing."""
    other = data.draw(changed(graph))
    assert bool(compare(graph, other)) == (meaning(graph) != meaning(other))
    assert bool(compare(other, graph)) == (meaning(graph) != meaning(other))


@settings(deadline=None)  # machines are busy
@given(before=graphs(), after=graphs())
def test_any_two_graphs_that_differ_are_said_to(before: StageGraph, after: StageGraph) -> None:
    """Two graphs differ if they do not mean the same, however much is another."""
    assert bool(compare(before, after)) == (meaning(before) != meaning(after))


@settings(deadline=None)  # machines are busy
@given(before=graphs(), after=graphs())
def test_what_is_said_of_a_difference_is_never_empty(before: StageGraph, after: StageGraph) -> None:
    """A stage or item in a difference is new, gone, moved, called otherwise, or something is said of it."""
    for stage in compare(before, after).stages:
        assert stage.before != stage.after or stage.moved or stage.changes or stage.items
        assert all(not (item.before and item.after) or item.moved or item.changes for item in stage.items)
        assert all(change.before != change.after or change.note for item in stage.items for change in item.changes)


@settings(deadline=None)  # machines are busy
@given(graph=graphs(), data=st.data())
def test_what_is_the_same_is_kept(graph: StageGraph, data: st.DataObject) -> None:
    """A stage that differs in nothing, and takes from none that does, is not built again."""
    other = data.draw(changed(graph))
    assume(graph.edges() == other.edges())
    named = {stage.name for stage in compare(graph, other).stages}
    for stage, need in other.edges():
        named |= {stage} if need in named else set()
    assert {one.stage for one in rebuilds(merged(graph), merged(other)) if one.state != "kept"} <= named


@settings(deadline=None)  # machines are busy
@given(before=graphs(), after=graphs())
def test_text_hides_nothing_and_drives_no_terminal(before: StageGraph, after: StageGraph) -> None:
    """What people read has no character that they would not see, and can be written as UTF-8."""
    difference, built = compare(before, after), rebuilds(before, after)
    for text in (as_text(difference, built), as_markdown(difference, built, "a", "b"), as_json(difference, built, "a", "b")):
        assert HIDDEN.isdisjoint(text.replace("\n", ""))
        assert text.encode()
