from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from hpcgen.comparing.facts import KINDS
from hpcgen.comparing.graphs import compare
from hpcgen.comparing.items import UNCOMPARED
from hpcgen.frozen import evolve
from hpcgen.graph import nodes
from hpcgen.graph.nodes import BlockRef, Comment, Install, Node, Patch, Run, SetEnv
from hpcgen.graph.stages import Base, BlockFacts, Stage, StageGraph
from hpcgen.origin import Origin
from hpcgen.target import Target

if TYPE_CHECKING:
    from hpcgen.comparing.difference import Difference, ItemDifference

TARGET = Target("debian", "12")
RUN = Run(("make",))

SAMPLES: list[tuple[Node, dict[str, Any]]] = [
    (Install(("a", "b")), {"packages": ("a", "c"), "enable": ("epel",), "options": ("-x",), "modules": ("m",), "download": "/d", "extract": "/e"}),
    (
        nodes.AddRepository("name", "https://e.org/r", "https://e.org/k", "F" * 40),
        {"name": "other", "url": "https://e.org/s", "key": "https://e.org/l", "fingerprint": "E" * 40, "suite": "/", "components": ("main",)},
    ),
    (
        nodes.Fetch("https://e.org/a-1.0.tar.gz", "0" * 64, "/src/a-1.0"),
        {
            "url": "https://e.org/a-1.1.tar.gz",
            "sha256": None,
            "dest": "/src/b",
            "unpack": False,
            "strip": 2,
            "patches": (Patch("p", "text"),),
            "file": "b.tar.gz",
            "local": "c.tar.gz",
        },
    ),
    (
        nodes.Git("https://e.org/a.git", "0" * 40, "main", "/src/a"),
        {"url": "https://e.org/b.git", "commit": "", "ref": "dev", "dest": "/src/b", "submodules": True, "patches": (Patch("p", "text"),)},
    ),
    (Run(("make", "make install")), {"commands": ("make",), "cwd": "/x", "env": (("A", "1"),), "mounts": (nodes.Mount("ssh"),), "options": ("--x",)}),
    (
        nodes.Copy(("/a",), "/b"),
        {"sources": ("/a", "/c"), "dest": "/d", "stage": "x:1", "owner": "o", "mode": "755", "literal": True, "exclude": ("*.o",), "tree": True},
    ),
    (nodes.WriteFile("/f", "one\ntwo\n"), {"path": "/g", "content": "one\ntwo", "mode": "755"}),
    (SetEnv("A", "1"), {"name": "B", "value": "2", "phase": "run"}),
    (nodes.PrependPath("PATH", "/a"), {"name": "CPATH", "path": "/b", "phase": "build", "last": True}),
    (nodes.Workdir("/a"), {"path": "/b"}),
    (nodes.User("a"), {"name": "b"}),
    (nodes.Shell(("/bin/sh", "-c")), {"words": ("/bin/bash", "-c")}),
    (nodes.Label("a", "1"), {"name": "b", "value": "2"}),
    (nodes.Entrypoint(("a",), ("b",)), {"words": ("c",), "commands": ("b", "d"), "arguments": False}),
    (nodes.Cmd(("a",)), {"words": ("a", "b")}),
    (nodes.Expose("80"), {"port": "81"}),
    (nodes.Volume("/a"), {"path": "/b"}),
    (nodes.Healthcheck(("a",)), {"words": ("b",), "interval": 1, "timeout": 1, "start_period": 1, "retries": 1}),
    (nodes.StopSignal("INT"), {"signal": "TERM"}),
    (nodes.Arg("A"), {"name": "B", "default": ""}),
    (Comment("a"), {"text": "b"}),
    (nodes.Raw("docker", "A"), {"format": "singularity", "text": "B"}),
    (
        nodes.RuntimeOf("one"),
        {
            "stage": "x:1",
            "kind": "files",
            "exclude": ("a",),
            "shell": True,
            "launch": "ssh",
            "libraries": "all",
            "debug": True,
            "labels": (("version", "1"),),
            "records": (("take", "a", "program", "/opt/a/bin/a"),),
        },
    ),
    (nodes.RunFrom("one", "/a", "b"), {"stage": "x:1", "folder": "/c", "program": "d", "installs": True}),
    (nodes.Test(("a",)), {"commands": ("b",)}),
    (nodes.ByArch((("x86_64", (RUN,)),)), {"choices": (("x86_64", (Run(("make all",)),)),)}),
]
"""A node of each kind, with another value for each of its fields."""

CASES = [pytest.param(node, {name: value}, id=f"{type(node).__name__}.{name}") for node, fields in SAMPLES for name, value in fields.items()]


def stage(*some: Node, **fields: Any) -> Stage:
    """A stage of some nodes."""
    return Stage(**{"name": "two", "base": Base("debian:12"), "target": TARGET, "nodes": some, **fields})


def graph(*some: Node, **fields: Any) -> StageGraph:
    """A graph whose last stage has some nodes."""
    return StageGraph((Stage("one", Base("debian:12"), TARGET), stage(*some, **fields)))


def only(difference: Difference) -> ItemDifference:
    """The one item that differs."""
    ((item,),) = (one.items for one in difference.stages)
    return item


def test_each_kind_of_node_is_compared() -> None:
    """A new kind of node has a place in the comparison, and here."""
    kinds = {one for one in vars(nodes).values() if isinstance(one, type) and issubclass(one, Node) and one is not Node}
    assert KINDS.keys() == kinds
    assert {type(node) for node, _ in SAMPLES} == kinds


def test_each_field_of_a_node_is_tried() -> None:
    """A new field of a node, or of a mount or patch, is noticed."""
    for node, values in SAMPLES:
        assert values.keys() == {one.name for one in type(node).__attrs_attrs__ if one.eq}
    assert [one.name for one in nodes.Mount.__attrs_attrs__] == ["kind", "target", "source", "stage", "id", "options"]
    assert [one.name for one in Patch.__attrs_attrs__] == ["name", "text", "strip"]


@pytest.mark.parametrize(("node", "change"), CASES)
@pytest.mark.parametrize("block", [None, BlockRef("b", "1", "d")], ids=["alone", "of a block"])
def test_each_field_of_a_node_counts(node: Node, change: dict[str, Any], block: BlockRef | None) -> None:
    """A node with one field changed is another, and what is said names the change; only a comment's words mean nothing."""
    before, after = evolve(node, block=block), evolve(evolve(node, block=block), **change)
    difference = compare(graph(RUN, before), graph(RUN, after))
    if isinstance(node, Comment):
        assert not difference
        return
    said = [one for item in difference.stages[0].items for one in item.changes]
    assert said
    assert all(one.note != UNCOMPARED for one in said)


@pytest.mark.parametrize("node", [node for node, _ in SAMPLES if not isinstance(node, Comment)], ids=lambda node: type(node).__name__)
def test_each_kind_of_node_can_be_new_gone_and_moved(node: Node) -> None:
    """A node that is put in, taken out, or put elsewhere is said to be."""
    assert [one.before for one in compare(graph(RUN), graph(RUN, node)).stages[0].items] == [False]
    assert [one.after for one in compare(graph(RUN, node), graph(RUN)).stages[0].items] == [False]
    moved = compare(graph(RUN, node), graph(node, RUN))
    assert (moved.stages[0].items[0].moved is not None) == (node != RUN)


@pytest.mark.parametrize(
    ("change", "topics"),
    [
        ({"base": Base("debian:13")}, ["base"]),
        ({"base": Base("one", stage=True)}, ["base", "base: stage"]),
        ({"base": Base("debian:12", bootstrap="localimage")}, ["base: bootstrap"]),
        ({"base": Base("debian:12", environment=False)}, ["base: environment"]),
        ({"base": Base("debian:12", archive="oci:/x")}, ["base: archive"]),
        ({"target": Target("ubuntu", "12")}, ["distribution"]),
        ({"target": Target("debian", "13")}, ["distribution"]),
        ({"target": Target("debian", "12", ("x86_64", "aarch64"))}, ["architectures"]),
    ],
)
def test_base_and_target_count(change: dict[str, Any], topics: list[str]) -> None:
    """What a stage starts from, and is for, is compared field by field."""
    (found,) = compare(graph(), graph(**change)).stages
    assert [one.topic for one in found.changes] == topics


def test_each_field_of_a_stage_counts_or_means_nothing() -> None:
    """A new field of a stage is noticed; facts of blocks stand for nodes, and whether a stage is named, or gathers, shows in who takes from it."""
    means_nothing = {"blocks", "collects", "named", "of", "origin"}
    assert {one.name for one in Stage.__attrs_attrs__} == {"name", "base", "target", "nodes", "head"} | means_nothing
    assert compare(graph(), graph(head=(nodes.Arg("A"),)))
    assert not compare(graph(), graph(named=False, of="one", origin=Origin("x.py", 1)))


def test_head_and_nodes_are_not_one() -> None:
    """What stands before a stage's base is not what stands behind it."""
    assert compare(graph(nodes.Arg("A")), graph(head=(nodes.Arg("A"),)))


def test_places_in_the_recipe_mean_nothing() -> None:
    """Other lines, other files and other comments are no difference."""
    before = graph(Comment("x"), evolve(RUN, origin=Origin("a.py", 1)))
    assert not compare(before, graph(evolve(RUN, origin=Origin("b.py", 9)), Comment("y"), Comment("z")))


def test_how_packages_are_asked_for_means_nothing() -> None:
    """One word of the recipe or two, in any order and for whatever block: what is installed at once is the same."""
    after = graph(evolve(Install(("b",)), block=BlockRef("p", "", "d")), SetEnv("A", "1"), Install(("a", "b")))
    assert not compare(graph(Install(("a", "b")), SetEnv("A", "1")), after)
    assert compare(graph(Install(("a", "b")), RUN), graph(Install(("a",)), RUN, Install(("b",))))


def test_a_merged_installation_says_whom_it_serves() -> None:
    """Packages that planning has put together are compared as packages, with the blocks that they are for."""
    shared = ((BlockRef("p", "1", "d"), None), (BlockRef("q", "2", "d"), None))
    before = Install(("a", "b"), shared=shared, block=shared[0][0])
    item = only(compare(graph(before, RUN), graph(evolve(before, packages=("a", "c")), RUN)))
    assert item.for_whom == ("p 1", "q 2")
    assert [(one.before, one.after) for one in item.changes] == [("b", None), (None, "c")]


def test_packages_that_are_there_anyway_are_told_from_new_ones() -> None:
    """A package that one block wants now is not new to the stage if another wanted it, nor gone if another still does."""
    one, other = BlockRef("one", "1", "d"), BlockRef("other", "2", "d")
    before = graph(Install(("a", "b"), block=one), RUN, Install(("c",), block=other))
    after = graph(Install(("a", "c"), block=one), RUN, Install(("b", "c"), block=other))
    first, second = compare(before, after).stages[0].items
    assert [(change.name, change.note) for change in first.changes] == [("b", "still there for other 2"), ("c", "was there for other 2")]
    assert [(change.name, change.note) for change in second.changes] == [("b", "was there for one 1")]


def choice(one: str, other: str) -> nodes.ByArch:
    """Commands that differ by architecture."""
    return nodes.ByArch((("x86_64", (Run((one,)),)), ("aarch64", (Run((other,)),))), block=BlockRef("b", "1", "d"))


def test_what_differs_on_one_architecture_says_so() -> None:
    """A change of one branch names its architecture, a change of all does not."""
    both = Target("debian", "12", ("x86_64", "aarch64"))
    item = only(compare(graph(choice("make a", "make b"), target=both), graph(choice("make a", "make c"), target=both)))
    assert [(one.after, one.note) for one in item.changes] == [(None, "aarch64"), ("c", "aarch64")]
    item = only(compare(graph(choice("make a x", "make b x"), target=both), graph(choice("make a y", "make b y"), target=both)))
    assert [(one.after, one.note) for one in item.changes] == [(None, ""), ("y", "")]


def test_one_more_architecture_is_said_once() -> None:
    """Blocks that are as they were where both can be built are not said to differ."""
    both = Target("debian", "12", ("x86_64", "aarch64"))
    block = BlockRef("b", "1", "d")
    (found,) = compare(graph(evolve(Run(("make a",)), block=block)), graph(choice("make a", "make b"), target=both)).stages
    assert [(one.topic, one.after) for one in found.changes] == [("architectures", "aarch64")]
    assert found.items == ()


def test_a_stage_that_is_called_otherwise_is_the_same() -> None:
    """A stage with another name and all else as it was is neither new nor gone."""
    (found,) = compare(graph(RUN), graph(RUN, name="three")).stages
    assert (found.before, found.after, found.items) == ("two", "three", ())


def test_the_recipes_result_is_said() -> None:
    """Another last stage is another result."""
    one, two = graph(RUN).stages
    difference = compare(StageGraph((one, two)), StageGraph((two, one)))
    assert difference.result is not None
    assert (difference.result.before, difference.result.after) == ("two", "one")
    assert [stage.moved is not None for stage in difference.stages] == [True]


def built(name: str, url: str, prefix: str, version: str = "") -> tuple[tuple[Node, ...], BlockFacts]:
    """A block that is built from a source."""
    ref, origin = BlockRef(name, version, f"{url} {prefix}"), Origin("r.py", 1)
    some = (nodes.Fetch(url, None, "/src/x"), Run((f"./configure --prefix={prefix}", "make")))
    return tuple(evolve(node, block=ref, origin=origin) for node in some), BlockFacts(ref, origin, prefix=prefix)


def of_blocks(*blocks: tuple[tuple[Node, ...], BlockFacts]) -> StageGraph:
    """A graph of one stage with some blocks."""
    return StageGraph((stage(*(node for some, _ in blocks for node in some), blocks=tuple(facts for _, facts in blocks)),))


def test_blocks_of_one_name_are_told_apart() -> None:
    """A generic block is another's later version if it shares prefix or source; if it shares neither, one is gone and one is new."""
    one = built("any", "https://e.org/one/archive/v1.0.tar.gz", "/opt/one")
    two = built("any", "https://e.org/two/archive/v2.0.tar.gz", "/opt/two")
    later = built("any", "https://e.org/one/archive/v1.1.tar.gz", "/opt/one-1.1")
    items = compare(of_blocks(one, two), of_blocks(two, later)).stages[0].items
    assert [(item.before, item.after, item.prefix) for item in items] == [(True, True, "/opt/one-1.1")]
    assert items[0].moved is not None
    other = built("any", "https://e.org/three/archive/v3.0.tar.gz", "/opt/three")
    items = compare(of_blocks(one, two), of_blocks(other, two)).stages[0].items
    assert [(item.before, item.after, item.prefix) for item in items] == [(True, False, "/opt/one"), (False, True, "/opt/three")]


def test_a_block_with_a_version_is_itself_wherever_it_comes_from() -> None:
    """A named block at another version, prefix and source is changed, not new."""
    before, after = built("b", "https://e.org/b-1.tar.gz", "/b", "1"), built("b", "https://mirror.example.org/b.zip", "/c", "2")
    item = only(compare(of_blocks(before), of_blocks(after)))
    assert [one.topic for one in item.changes] == ["version", "prefix", "source"]
