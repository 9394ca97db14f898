from __future__ import annotations

import hpcgen
from hpcgen.comparing.difference import Rebuild
from hpcgen.comparing.rebuilding import rebuilds
from hpcgen.graph import nodes
from hpcgen.graph.nodes import Comment, Copy, Node, Run
from hpcgen.graph.stages import Base, Stage, StageGraph
from hpcgen.target import Target

TARGET = Target("debian", "12")


def stage(name: str, *some: Node, base: str = "debian:12", of: str = "") -> Stage:
    """A stage of some nodes; a base without a colon is a stage."""
    return Stage(name, Base(base, stage=":" not in base), TARGET, some, of=of)


def built(before: list[Stage], after: list[Stage]) -> list[tuple[str, str, bool, tuple[str, ...], str]]:
    """What becomes of each stage."""
    return [(one.stage, one.state, one.changed, one.takes_from, one.since) for one in rebuilds(StageGraph(tuple(before)), StageGraph(tuple(after)))]


def take(stage: str) -> Copy:
    """A copy from another stage."""
    return Copy(("/a",), "/a", stage=stage)


def test_what_takes_from_a_changed_stage_is_built_again() -> None:
    """A stage is built again if it is another, or takes from one that is built again; all others are kept."""
    before = [stage("one", Run(("a",))), stage("two", Run(("b",))), stage("three", take("one")), stage("four", take("two")), stage("five", base="three")]
    after = [stage("one", Run(("A",))), *before[1:]]
    assert built(before, after) == [
        ("one", "rebuilt", True, (), ""),
        ("two", "kept", False, (), ""),
        ("three", "rebuilt", False, ("one",), ""),
        ("four", "kept", False, (), ""),
        ("five", "rebuilt", False, ("three",), ""),
    ]


def test_stages_are_new_or_gone() -> None:
    """A stage that was not there is new, one that is there no more is gone; one that only has another name is kept."""
    before = [stage("one", Run(("a",))), stage("two", Run(("b",)))]
    assert built(before, [before[0], stage("three", Run(("c",)))]) == [
        ("one", "kept", False, (), ""),
        ("three", "new", True, (), ""),
        ("two", "gone", False, (), ""),
    ]
    assert built(before, [before[0], stage("other", Run(("b",)))]) == [("one", "kept", False, (), ""), ("other", "kept", False, (), "")]


def test_the_first_item_that_is_built_again_is_named() -> None:
    """What stands before it in its stage is kept: it is the first that differs, or takes from a stage that is built again."""
    changed, same = stage("one", Run(("a",))), stage("one", Run(("b",)))
    line = (Run(("x",)), nodes.Label("l", "1"), take("one"), Run(("y",)))
    assert built([changed, stage("two", *line)], [same, stage("two", *line)])[1][4] == "copy /a"
    assert built([stage("two", *line[:2])], [stage("two", *line[:1], nodes.Label("l", "2"))])[0][4] == "label l"
    assert built([stage("two", *line[:2])], [stage("two", Run(("z",)), *line[1:2])])[0][4] == ""


def test_what_no_builder_sees_builds_nothing_again() -> None:
    """Comments, tests, and text for other formats are in no stage."""
    after = (Comment("c"), nodes.Test(("t",)), nodes.Raw("singularity", "r"), Run(("a",)))
    assert built([stage("one", Run(("a",)))], [stage("one", *after)]) == [("one", "kept", False, (), "")]
    assert built([stage("one", Run(("a",)))], [stage("one", Run(("a",)), nodes.Raw("docker", "r"))])[0][1] == "rebuilt"




def test_a_line_and_its_split_tell_alike() -> None:
    """Built by itself a block is a stage of its own; in the line it is the place from which its stage is built again."""
    before, after = (hpcgen.plan("recipes/mpi_hello.py", userarg={"ucx": version}) for version in ("1.18.1", "1.19.1"))
    line = {one.stage: one for one in rebuilds(before, after)}
    assert line["devel"] == Rebuild("devel", "", "rebuilt", changed=True, since="ucx 1.19.1")
    split = {one.stage: one.state for one in rebuilds(hpcgen.split(before), hpcgen.split(after))}
    assert split.items() >= {"ucx": "rebuilt", "openmpi": "rebuilt", "devel": "rebuilt", "stage1": "rebuilt", "gnu": "kept"}.items()
