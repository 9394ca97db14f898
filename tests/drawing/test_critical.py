from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpcgen.drawing.critical import Timing, timing
from hpcgen.drawing.timings import NoTimings, Step, read
from hpcgen.graph.nodes import Copy, Install, Mount, Node, Run, SetEnv
from hpcgen.graph.stages import Base, Stage, StageGraph
from hpcgen.target import Target

LOGS = Path(__file__).parent / "logs"
DEBIAN = Target("debian", "12")
IMAGE = "debian:12"


def stage(name: str, base: str, *nodes: Node, named: bool = True) -> Stage:
    """A stage upon an image, which has a tag, or upon another stage."""
    return Stage(name, Base(base, stage=":" not in base), DEBIAN, nodes, named=named)


def copy(source: str, path: str = "/usr/local") -> Copy:
    """A prefix of another stage."""
    return Copy((path,), path, stage=source, tree=True)


PACKAGES = Install(("gcc",))
GRAPH = StageGraph(
    (
        stage("gnu", IMAGE, PACKAGES),
        stage("ucx", "gnu", Run(("ucx",))),
        stage("fftw", "gnu", Run(("fftw",))),
        stage("openmpi", "ucx", Run(("openmpi",), mounts=(Mount("bind", "/f", stage="fftw"),))),
        stage("other", IMAGE, PACKAGES, Run(("other",))),
        stage("devel", "gnu", copy("ucx"), copy("fftw"), copy("openmpi"), copy("other"), SetEnv("A", "b"), Run(("one",))),
        stage("stage1", IMAGE, copy("devel"), named=False),
    )
)
"""What docker28.log is of."""


def of(graph: StageGraph, name: str) -> Timing:
    """What a log says of a graph."""
    return timing(graph, read((LOGS / name).read_text(encoding="utf-8")))


def path(found: Timing) -> list[tuple[str, int]]:
    """Stage and number of the steps of the critical path."""
    return [(name, step.number) for name, step in found.path]


def taking(*steps: tuple[str, int, int, float, str]) -> list[Step]:
    """Steps: stage, number, of how many, seconds, instruction."""
    return [Step(name, number, of_, text, seconds, "done") for name, number, of_, seconds, text in steps]


def test_stages_have_the_sum_of_their_steps() -> None:
    """Each stage takes what its steps take together, the last one under the name that it has in the log."""
    found = of(GRAPH, "docker28.log")
    assert {name: round(one.seconds, 1) for name, one in found.stages.items()} == {
        "gnu": 0.0,
        "ucx": 2.2,
        "fftw": 1.1,
        "openmpi": 1.1,
        "other": 1.2,
        "devel": 0.6,
        "stage1": 0.0,
    }
    assert round(found.seconds, 1) == 6.2
    assert found.unknown == ()


def test_the_critical_path_goes_through_steps() -> None:
    """A path goes from the packages, which the log has under another stage's name, through the longest chain to the result."""
    found = of(GRAPH, "docker28.log")
    assert path(found) == [
        ("other", 2),
        ("ucx", 1),
        ("ucx", 2),
        ("openmpi", 1),
        ("devel", 3),
        ("devel", 4),
        ("devel", 5),
        ("devel", 6),
        ("stage1", 2),
    ]
    assert round(found.critical, 1) == 5.0
    assert ("openmpi", "devel") in found.hops
    assert not found.stages["fftw"].critical


def test_a_stage_that_another_begins_with_is_in_the_log_under_its_name() -> None:
    """A stage all of whose steps are another's too was built, and says as which."""
    found = of(GRAPH, "docker28.log")
    assert (found.stages["gnu"].state, found.stages["gnu"].like) == ("built", "other")
    assert (found.stages["stage1"].state, found.stages["stage1"].like) == ("built", "")


def test_the_same_from_docker_20() -> None:
    """An old builder's log gives the same answers."""
    graph = StageGraph((*(one for one in GRAPH.stages if one.name in ("gnu", "ucx", "fftw")), stage("devel", "gnu", copy("ucx"), copy("fftw")), stage("four", IMAGE, copy("devel"), named=False)))
    found = of(graph, "docker20.log")
    assert path(found) == [("gnu", 2), ("ucx", 1), ("ucx", 2), ("devel", 1), ("devel", 2), ("devel", 3), ("devel", 4), ("four", 2)]
    assert found.stages["gnu"].like == ""


def test_a_cached_build_takes_nothing() -> None:
    """Where everything was cached each stage says so, and nothing is critical."""
    found = of(GRAPH, "buildx-cached.log")
    assert {one.state for name, one in found.stages.items() if name != "gnu"} == {"cached"}
    assert (found.seconds, found.path, found.hops) == (0.0, (), frozenset())


def test_what_was_cached_is_not_at_the_ends_of_the_path() -> None:
    """After a change of one block the critical path is what was built again."""
    graph = StageGraph((stage("a", IMAGE, Run(("a",))), stage("b", IMAGE, copy("a"), Run(("b",))), stage("c", IMAGE, copy("b"))))
    log = "#1 [a 1/2] FROM x\n#1 CACHED\n#2 [a 2/2] RUN a\n#2 CACHED\n#3 [b 2/3] COPY --from=a /a /a\n#3 CACHED\n#4 [b 3/3] RUN b\n#4 DONE 4.0s\n#5 [c 2/2] COPY --from=b /a /a\n#5 CACHED\n"
    found = timing(graph, read(log))
    assert path(found) == [("b", 3)]
    assert {name: one.state for name, one in found.stages.items()} == {"a": "cached", "b": "built", "c": "cached"}
    assert found.stages["b"].cached == 1


def test_a_stage_starts_before_what_it_copies_later_is_there() -> None:
    """The step that copies waits for its source, those before it do not."""
    graph = StageGraph((stage("slow", IMAGE, Run(("slow",))), stage("last", "debian:13", Run(("own",)), copy("slow"), Run(("end",)))))
    steps = taking(("slow", 2, 2, 5, "RUN slow"), ("last", 2, 4, 4, "RUN own"), ("last", 3, 4, 0, "COPY --from=slow /a /a"), ("last", 4, 4, 1, "RUN end"))
    found = timing(graph, steps)
    assert found.critical == 6
    assert path(found) == [("slow", 2), ("last", 3), ("last", 4)]


def test_a_linked_copy_waits_for_its_source_alone() -> None:
    """A layer that is laid over whatever is there does not wait for the stage that it is laid over; what comes behind waits for both."""
    graph = StageGraph((stage("slow", IMAGE, Run(("slow",))), stage("last", "debian:13", Run(("own",)), copy("slow"), Run(("end",)))))
    steps = taking(("slow", 2, 2, 5, "RUN slow"), ("last", 2, 4, 9, "RUN own"), ("last", 3, 4, 3, "COPY --from=slow --link /a /a"), ("last", 4, 4, 1, "RUN end"))
    assert timing(graph, steps).critical == 10
    assert path(timing(graph, steps)) == [("last", 2), ("last", 4)]


def test_a_copy_that_the_log_has_under_another_name_is_waited_for() -> None:
    """A stage whose copies were another's too still waits for what they bring."""
    graph = StageGraph(
        (
            stage("a", IMAGE, Run(("a",))),
            stage("b", IMAGE, copy("a"), Run(("b",))),
            stage("c", IMAGE, copy("a"), Run(("c",))),
            stage("all", IMAGE, copy("b"), copy("c")),
        )
    )
    steps = taking(
        ("c", 1, 3, 0, "FROM x"),
        ("a", 2, 2, 5, "RUN a"),
        ("c", 2, 3, 0, "COPY --from=a --link /a /a"),
        ("c", 3, 3, 1, "RUN c"),
        ("b", 3, 3, 2, "RUN b"),
        ("all", 2, 3, 0, "COPY --from=b /a /a"),
        ("all", 3, 3, 0, "COPY --from=c /a /a"),
    )
    found = timing(graph, steps)
    assert (found.critical, path(found)[:2]) == (7, [("a", 2), ("b", 3)])


def test_a_split_recipe_is_laid_upon_its_graph() -> None:
    """A log of what hpcgen wrote gives each block's time, and the path through the stack."""
    blocks = ("cc", "tool", "uct", "ompi", "fourier", "hdf")
    upon = {"cc": (), "tool": (), "uct": ("cc",), "ompi": ("cc", "uct"), "fourier": ("cc", "uct", "ompi"), "hdf": ("cc", "uct", "ompi")}
    built = [stage(name, IMAGE, *(copy(one, f"/usr/local/{one}") for one in upon[name]), Run((name,))) for name in blocks]
    devel = stage("devel", IMAGE, *(copy(one, f"/usr/local/{one}") for one in blocks), Run(("end",)))
    found = of(StageGraph((*built, devel, stage("stage1", IMAGE, copy("devel"), named=False))), "split.log")
    assert [name for name, one in found.stages.items() if one.critical] == ["cc", "uct", "ompi", "hdf", "devel", "stage1"]
    assert (round(found.critical, 1), round(found.seconds, 1)) == (10.7, 13.4)
    assert found.stages["ompi"].of_block("ompi 5.0.7") == 4.1
    assert found.stages["ompi"].of_block("uct 1.21.0") is None


def test_platforms_have_chains_of_their_own() -> None:
    """What is built for one platform does not wait for another's, and a step that is built elsewhere is taken by the platform that it is for."""
    graph = StageGraph((stage("cross", IMAGE, Run(("x",))), stage("result", "scratch:0", copy("cross"))))
    found = of(graph, "platforms.log")
    assert round(found.seconds, 1) == 1.2
    assert round(found.critical, 1) == 0.6
    assert {step.scope.rpartition(">")[2].rpartition("/")[2] for _, step in found.path if not step.is_base} in ({"arm64"}, {"amd64"})


def test_how_far_stages_came_is_told() -> None:
    """After a failure one stage has failed, one is not finished, one that only names things has nothing to build, and what is not in the log is not built."""
    graph = StageGraph(
        (
            stage("one", IMAGE, Run(("a",)), Run(("b",))),
            stage("two", IMAGE, Run(("c",))),
            stage("three", IMAGE, Run(("never",)), copy("one"), copy("two")),
            stage("four", "three", Run(("d",))),
            stage("five", "four", SetEnv("A", "b")),
        )
    )
    steps = [step for step in read((LOGS / "failed.log").read_text(encoding="utf-8")) if step.stage in ("one", "two")]
    steps += taking(("three", 2, 4, 1, "RUN echo never"))
    assert {name: one.state for name, one in timing(graph, steps).stages.items()} == {
        "one": "failed",
        "two": "unfinished",
        "three": "unfinished",
        "four": "not built",
        "five": "built",
    }


def test_a_log_of_other_stages_is_refused() -> None:
    """A log none of whose stages is the recipe's is an error that names both; a few further ones are told."""
    steps = read((LOGS / "docker28.log").read_text(encoding="utf-8"))
    with pytest.raises(NoTimings, match="other, ucx, fftw, openmpi, devel, stage-6") as fault:
        timing(StageGraph((stage("mine", IMAGE),)), steps)
    assert "the recipe's stages: mine" in fault.value.help
    assert timing(StageGraph((stage("ucx", IMAGE), stage("x", IMAGE))), steps).unknown == ("other", "fftw", "openmpi", "devel", "stage-6")


def test_the_stage_of_tests_is_passed_over() -> None:
    """The stage that runs a recipe's tests is none of the recipe's, and no surprise."""
    assert timing(StageGraph((stage("a", IMAGE),)), taking(("a", 1, 1, 1, "RUN x"), ("a-test", 1, 1, 9, "RUN y"))).unknown == ()


def test_the_only_stage_needs_no_name() -> None:
    """A log of a file with one stage, which has no name there, is of the recipe's one."""
    assert round(of(StageGraph((stage("stage0", IMAGE, named=False),)), "single.log").seconds, 1) == 0.6


NAMES = ("a", "b", "c", "d")
STEP = st.builds(
    Step,
    st.sampled_from(NAMES),
    st.integers(1, 4),
    st.just(4),
    st.sampled_from(("FROM x", "RUN y", *(f"COPY --from={name}{link} /a /a" for name in NAMES for link in ("", " --link")))),
    st.integers(0, 9).map(float),
    st.sampled_from(("done", "cached", "failed")),
    st.sampled_from(("", "linux/amd64", "linux/amd64->arm64")),
)


@st.composite
def graphs(draw: st.DrawFn) -> StageGraph:
    """A graph of stages that begin alike and need some before them."""
    made: list[Stage] = []
    for name in NAMES:
        before = [one.name for one in made]
        base = draw(st.sampled_from([IMAGE, *before]))
        made.append(stage(name, base, PACKAGES, *(copy(one) for one in before if draw(st.booleans()))))
    return StageGraph(tuple(made))


@given(graphs(), st.lists(STEP, min_size=1, max_size=16, unique_by=lambda step: (step.stage, step.number, step.scope)))
def test_any_log_has_a_path_no_longer_than_all_of_it(graph: StageGraph, steps: list[Step]) -> None:
    """Whatever a log says, no step waits for itself, and the critical path takes at least the longest step and at most all of them."""
    found = timing(graph, steps)
    assert max(step.seconds for step in steps) <= found.critical <= found.seconds
    assert len(set(found.path)) == len(found.path)
