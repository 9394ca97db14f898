from __future__ import annotations

import hpcgen
from hpcgen.graph import nodes
from hpcgen.graph.nodes import BlockRef, Comment, Copy, Install, Node, Run, RuntimeOf, SetEnv, Workdir
from hpcgen.graph.stages import Base, Stage, StageGraph
from hpcgen.origin import Origin
from hpcgen.planning.passes import PASSES, merge_packages, note_references, warn_of_layers, warn_of_unchecked
from hpcgen.target import Target

DEBIAN = Target("debian", "12")
TOOL = BlockRef("tool", "1.0", "d1")
OTHER = BlockRef("other", "2.0", "d2")
TWO = "Stage0 += baseimage(image='debian:12', name='devel')\nStage0 += fftw(version='3.3.10')\nStage0 += libevent(version='2.1.12')"
def one(*made: Node, **words: object) -> StageGraph:
    """A graph of one stage."""
    return StageGraph((Stage("one", Base("debian:12"), DEBIAN, made, **words),))  # type: ignore[arg-type]  # as the test gives them


# --- packages ---


def packages(*made: Node) -> list[object]:
    """What merging leaves: tuples of packages, other nodes as they are."""
    return [node.packages if isinstance(node, Install) else node for node in merge_packages(one(*made)).stages[0].nodes]


A, B, C = Install(("a",), block=TOOL, origin=Origin("r.py", 1)), Install(("b", "a"), block=OTHER, origin=Origin("r.py", 2)), Install(("c",))
RUN = Run(("make",))


def test_neighbours_are_one_installation() -> None:
    """Packages of several blocks are installed at once, each once, and it is known for whom."""
    (node,) = merge_packages(one(A, B)).stages[0].nodes
    assert isinstance(node, Install)
    assert node.packages == ("a", "b")
    assert node.shared == ((TOOL, Origin("r.py", 1)), (OTHER, Origin("r.py", 2)))


def test_nothing_moves_across_what_may_read_or_write_files() -> None:
    """A command, a copy, a folder or a user between two installations keeps them apart and in order."""
    for between in (RUN, Copy(("a",), "/a"), Workdir("/w"), nodes.User("a"), nodes.WriteFile("/a", "b"), nodes.AddRepository("r", "https://r", "https://k", "0" * 40), nodes.Raw("docker", "x"), nodes.Arg("A")):
        assert packages(A, between, C) == [("a",), between, ("c",)]


def test_environment_labels_and_comments_do_not_keep_packages_apart() -> None:
    """What a package manager does not read is no barrier; it keeps its own order."""
    first, second = SetEnv("A", "1"), Comment("x")
    assert packages(A, first, C, second, B) == [("a", "c", "b"), first, second]
    assert packages(first, A, second) == [first, ("a",), second]


def test_what_is_installed_otherwise_is_not_joined() -> None:
    """Other options, other modules, a download: installations of their own."""
    for other in (Install(("c",), options=("-t", "x")), Install(("c",), modules=("m",)), Install(("c",), download="/d")):
        assert packages(A, other) == [("a",), ("c",)]


def test_further_repositories_add_up() -> None:
    """A joined installation has the repositories of all of its parts."""
    (node,) = merge_packages(one(Install(("a",), enable=("crb",)), Install(("b",), enable=("epel", "crb")))).stages[0].nodes
    assert isinstance(node, Install)
    assert node.enable == ("crb", "epel")


def test_merging_keeps_every_package_and_every_other_node() -> None:
    """Nothing is lost or made up, whatever the order."""
    made = (A, SetEnv("A", "1"), RUN, B, C, Comment("x"), A, Workdir("/w"), Install(("d",), download="/x"), C)
    merged = merge_packages(one(*made)).stages[0].nodes
    assert {name for node in merged if isinstance(node, Install) for name in node.packages} == {"a", "b", "c", "d"}
    assert [node for node in merged if not isinstance(node, Install)] == [node for node in made if not isinstance(node, Install)]


def test_merging_twice_changes_nothing() -> None:
    """A pass that is done is done."""
    once = merge_packages(one(A, B, RUN, C, SetEnv("A", "1"), A))
    assert merge_packages(once) == once


# --- names and warnings ---


def test_stages_that_others_take_from_are_named() -> None:
    """A name that is only hpcgen's own is said aloud where another stage refers to it."""
    first, second, third = (Stage(name, Base("debian:12"), DEBIAN, named=False) for name in ("a", "b", "c"))
    graph = StageGraph((first, second, Stage("d", Base("a", stage=True), DEBIAN, (Copy(("/x",), "/x", stage="b"),), named=False), third))
    assert [stage.named for stage in note_references(graph).stages] == [True, True, False, False]


def test_many_layers_are_a_warning_along_the_chain() -> None:
    """Layers of a stage and of those that it stands on add up; those of a stage beside it do not."""
    many = tuple(Run((str(number),)) for number in range(60))
    base = Stage("a", Base("debian:12"), DEBIAN, many)
    chain = warn_of_layers(StageGraph((base, Stage("b", Base("a", stage=True), DEBIAN, many))))
    beside = warn_of_layers(StageGraph((base, Stage("b", Base("debian:12"), DEBIAN, many))))
    assert [warning.partition(" layers")[0] for warning in chain.warnings] == ["stage 'b' has about 120"]
    assert beside.warnings == ()


def test_what_is_not_checked_is_said_on_every_run() -> None:
    """A download without a checksum and a branch instead of a commit are warnings with the recipe's line; each once."""
    fetch = nodes.Fetch("https://e.org/a", None, "/a", origin=Origin("r.py", 3))
    git = nodes.Git("https://e.org/a.git", "", "main", "/a", origin=Origin("r.py", 4))
    fine = (nodes.Fetch("https://e.org/a", "0" * 64, "/a"), nodes.Fetch("", None, "/a", local="a"), nodes.Git("https://e.org/b", "0" * 40, "", "/b"))
    choice = nodes.ByArch((("x86_64", (fetch,)), ("aarch64", (fetch,))))
    warnings = warn_of_unchecked(one(fetch, git, choice, *fine)).warnings
    assert warnings == (
        "r.py:3: https://e.org/a is downloaded without a checksum",
        "r.py:4: https://e.org/a.git is taken from 'main' as it stands on the day of the build; name a commit",
    )


def test_passes_leave_their_input_alone() -> None:
    """A graph is frozen: each pass gives another one."""
    graph = hpcgen.plan("r.py", text=TWO)
    graph = StageGraph((graph.stages[0], Stage("last", graph.stages[0].base, DEBIAN, (RuntimeOf("devel"), Run(("end",))))))
    before = repr(graph)
    for one_pass in PASSES:
        one_pass(graph)
    assert repr(graph) == before


def test_packages_of_a_recipes_blocks_are_not_joined_across_their_builds() -> None:
    """Each block's packages come before its own build, and no earlier."""
    kinds = [type(node).__name__ for node in hpcgen.plan("r.py", text=TWO).stages[0].nodes if isinstance(node, Install | Run)]
    assert kinds[0] == "Install"
    assert kinds.count("Install") == 2
