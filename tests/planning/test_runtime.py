from __future__ import annotations

import json

import pytest

import hpcgen
from hpcgen.errors import Conflict, UnknownStage, Unwritable, WrongValue
from hpcgen.graph.nodes import BlockRef, Copy, Install, PrependPath, Run, RuntimeOf, SetEnv
from hpcgen.graph.stages import Base, BlockFacts, Stage, StageGraph
from hpcgen.origin import Origin
from hpcgen.planning.runtime import take_runtime
from hpcgen.target import Target

DEBIAN = Target("debian", "12")
TOOL = BlockRef("tool", "1.0", "d1")
OTHER = BlockRef("other", "2.0", "d2")
FACTS = (
    BlockFacts(
        TOOL,
        Origin("r.py", 2),
        prefix="/opt/tool",
        prefixes=("/opt/tool",),
        environment=(PrependPath("PATH", "/opt/tool/bin", block=TOOL),),
        packages=(Install(("libtool",), block=TOOL),),
    ),
    BlockFacts(OTHER, Origin("r.py", 3), prefix="/opt/other", prefixes=("/opt/other", "/opt/data"), packages=(Install(("libother",), block=OTHER),)),
)




def runtime(exclude: tuple[str, ...] = (), target: Target = DEBIAN, kind: str = "prefix") -> StageGraph:
    """A builder with two blocks, and a stage that takes what they leave for running."""
    request = RuntimeOf("devel", kind, exclude, origin=Origin("r.py", 9))
    return StageGraph((Stage("devel", Base("debian:12"), DEBIAN, blocks=FACTS), Stage("final", Base("x"), target, (SetEnv("A", "b"), request, Run(("end",))))))


# --- whole prefixes ---


def test_whole_prefixes_are_packages_then_folders_and_environment() -> None:
    """Of kind prefix, what blocks leave for running stands where the recipe asks for it: packages first, then each block's folders and environment."""
    made = take_runtime(runtime()).stages[1].nodes
    assert [type(node).__name__ for node in made] == ["SetEnv", "Install", "Install", "Copy", "PrependPath", "Copy", "Copy", "Run"]
    assert made[3] == Copy(("/opt/tool",), "/opt/tool", stage="devel", literal=True, tree=True)
    assert made[3].block == TOOL
    assert made[3].origin == Origin("r.py", 2)


def test_excluded_blocks_leave_nothing() -> None:
    """A block that is excluded by name leaves neither folders nor packages nor environment."""
    made = take_runtime(runtime(("tool",))).stages[1].nodes
    assert not [node for node in made if node.block == TOOL]
    assert [node.dest for node in made if isinstance(node, Copy)] == ["/opt/other", "/opt/data"]


def test_excluding_what_is_not_there_is_an_error() -> None:
    """A misspelt block is not silently kept."""
    with pytest.raises(WrongValue, match="has no such block") as fault:
        take_runtime(runtime(("tol",)))
    assert fault.value.origin == Origin("r.py", 9)
    assert "did you mean 'tool'" in fault.value.help


@pytest.mark.parametrize("target", [Target("debian", "13"), Target("ubuntu", "24.04"), Target("rocky", "9")])
def test_builder_and_runtime_are_of_one_release(target: Target) -> None:
    """What is built on one release does not run on another: an error that names both."""
    with pytest.raises(Conflict, match=f"stage 'devel' is debian12, its runtime stage 'final' is {target.name}"):
        take_runtime(runtime(target=target))


# --- a whole recipe ---

TWO = "Stage0 += baseimage(image='{}', name='devel')\nStage0 += fftw(version='3.3.10')\nStage0 += libevent(version='2.1.12')\nStage1 += baseimage(image='{}')\nStage1 += {}"


def plan(devel: str = "debian:12", final: str = "debian:12", request: str = "Stage0.runtime(kind='prefix')") -> StageGraph:
    """A builder with two blocks and a runtime stage."""
    return hpcgen.plan("r.py", text=TWO.format(devel, final, request))


@pytest.mark.parametrize("asked", ["Stage0.runtime({})", "Stage1.runtime(_from='devel', {})", "Stage1.runtime(_from='0', {})"])
def test_the_ways_to_ask_for_a_runtime(asked: str) -> None:
    """A runtime stage asks by the stage itself, its name, or HPCCM's number."""
    assert {node.dest for node in plan(request=asked.format("kind='prefixes'")).stages[1].nodes if isinstance(node, Copy)} == {"/usr/local/fftw", "/usr/local/libevent"}


def test_a_runtime_is_of_the_whole_recipe() -> None:
    """What is added to the builder behind the request is in the runtime too."""
    text = "Stage1 += baseimage(image='debian:12')\nStage0 += baseimage(image='debian:12', name='devel')\nlate = Stage0.runtime(kind='prefix')\nStage0 += fftw(version='3.3.10')\nlast = Stage('last')\nlast += baseimage(image='debian:12')\nlast += late"
    assert [node.dest for node in hpcgen.plan("r.py", text=text)["last"].nodes if isinstance(node, Copy)] == ["/usr/local/fftw"]


def test_excluding_by_name_in_a_recipe() -> None:
    """Exclude takes names of blocks."""
    assert {node.dest for node in plan(request="Stage0.runtime(exclude=['fftw'], kind='prefix')").stages[1].nodes if isinstance(node, Copy)} == {"/usr/local/libevent"}


def test_two_releases_in_a_recipe() -> None:
    """Builder and runtime of two releases: an error at the request's line."""
    with pytest.raises(Conflict) as fault:
        plan(final="debian:13")
    assert fault.value.origin is not None
    assert fault.value.origin.line == 5


def test_a_runtime_of_a_stage_that_is_not_there() -> None:
    """A misspelt stage is named with the nearest."""
    with pytest.raises(UnknownStage, match="runtime of stage 'devl'") as fault:
        plan(request="Stage1.runtime(_from='devl')")
    assert "did you mean 'devel'" in fault.value.help


# --- what is found when the image is built ---


def records(*lines: str, kind: str = "packages", base: str = "debian:12") -> list[tuple[str, ...]]:
    """What the closure program is told for a recipe's last stage."""
    text = ("Stage0 += baseimage(image='debian:12', name='devel')", *lines[:-1], f"Stage1 += baseimage(image='{base}')", lines[-1])
    node = next(one for one in hpcgen.plan("recipes/app.py", text="\n".join(text)).stages[-1].nodes if isinstance(one, RuntimeOf))
    assert node.kind == kind
    return [*node.about, *node.records]


def of(name: str, found: list[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """The records of one kind, without its name."""
    return [one[1:] for one in found if one[0] == name]


def test_the_default_is_found_when_the_image_is_built() -> None:
    """Without a word about its kind, a runtime is told blocks, what they leave, what is never taken, and what the image says of itself."""
    found = records("Stage0 += libevent(version='2.1.12')", "Stage1 += Stage0.runtime()")
    assert [(name, version, prefix) for name, version, _, prefix in of("block", found)] == [("libevent", "2.1.12", "/usr/local/libevent")]
    assert ("libcuda.so*",) in of("host", found)
    (image,) = of("image", found)
    said = json.loads(image[0])
    assert {name: said[name] for name in ("recipe", "stage", "from", "kind", "base")} == {
        "recipe": "app.py",
        "stage": "stage1",
        "from": "devel",
        "kind": "packages",
        "base": "debian:12",
    }


def test_libraries_come_as_a_whole_where_no_program_tells_which_are_needed() -> None:
    """A result of libraries alone is for programs to come, and has all of them; one with a program has what that needs."""
    block = "Stage0 += fftw(version='3.3.10')"
    library = ("fftw", "library", "/usr/local/fftw/lib/*.so*")
    assert library in of("take", records(block, "Stage1 += Stage0.runtime()"))
    program = "Stage1 += Stage0.runtime()\nStage1 += copy(stage='devel', src='/opt/app', dest='/opt/app')"
    assert library not in of("take", records(block, program))
    assert library in of("take", records(block, program.replace("runtime()", "runtime(libraries='all')")))
    assert library not in of("take", records(block, "Stage1 += Stage0.runtime(libraries='needed')"))


def test_packages_of_blocks_without_a_folder_come_for_programs_to_come() -> None:
    """What programs to come may be linked with of the distribution's compilers is named by its packages."""
    packages = of("package", records("Stage0 += gnu()", "Stage1 += Stage0.runtime()"))
    assert ("gnu", "libgfortran5") in packages
    assert not of("package", records("Stage0 += gnu()", "Stage1 += Stage0.runtime()\nStage1 += copy(stage='devel', src='/a', dest='/a')"))


def test_excluded_blocks_leave_nothing_of_their_own() -> None:
    """What a block is left out for is its own files; its name stays known, so that what others need of it is its."""
    found = records("Stage0 += ucx(version='1.18.1')", "Stage0 += fftw(version='3.3.10')", "Stage1 += Stage0.runtime(exclude=['ucx'])")
    assert {one[0] for one in of("take", found)} == {"fftw"}
    assert {one[0] for one in of("block", found)} == {"ucx", "fftw"}


def test_what_the_recipe_copies_is_followed() -> None:
    """Programs that the recipe copies are told with where they go; a literal name with wildcards stands for itself."""
    copies = (
        "Stage1 += Stage0.runtime()\nStage1 += copy(stage='devel', src=['/opt/app/bin/*'], dest='/usr/local/bin/')\n"
        "Stage1 += workdir('/work')\nStage1 += copy(stage='devel', src='/opt/tool', dest='tools/tool')\nStage1 += copy(src='input', dest='/input')"
    )
    found = records("Stage0 += libevent(version='2.1.12')", copies)
    assert of("root", found) == [("/opt/app/bin/*", "/usr/local/bin/"), ("/opt/tool", "/work/tools/tool")]


def test_what_a_user_copies_is_not_looked_at_again() -> None:
    """Behind a user who is not root, what is copied is followed in the builder and not looked for by the check."""
    copies = "Stage1 += Stage0.runtime()\nStage1 += user('nobody')\nStage1 += copy(stage='devel', src='/a', dest='/b')"
    assert of("root", records("Stage0 += libevent(version='2.1.12')", copies)) == [("/a", "/b", "later")]


def test_folders_that_the_result_searches() -> None:
    """LD_LIBRARY_PATH as the result has it tells where else to look, the last word first."""
    words = "Stage1 += Stage0.runtime()\nStage1 += path('/opt/first', name='LD_LIBRARY_PATH')"
    assert of("search", records("Stage0 += libevent(version='2.1.12')", words)) == [("/opt/first",), ("/usr/local/libevent/lib",)]


def test_the_environment_is_that_of_the_blocks() -> None:
    """Variables stand in the result as they do for whole prefixes."""
    text = "Stage0 += baseimage(image='debian:12')\nStage0 += libevent(version='2.1.12')\nStage1 += baseimage(image='debian:12')\nStage1 += Stage0.runtime(kind='{}')"
    made = [[one for one in hpcgen.plan("r.py", text=text.format(kind)).stages[1].nodes if isinstance(one, PrependPath)] for kind in ("files", "prefix")]
    assert made[0] == made[1] != []


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("Stage1 += Stage0.runtime(kind='prefx')", "runtime\\(kind='prefx'\\)"),
        ("Stage1 += Stage0.runtime(launch='rsh')", "runtime\\(launch='rsh'\\)"),
        ("Stage1 += Stage0.runtime(libraries='some')", "runtime\\(libraries='some'\\)"),
        ("Stage1 += Stage0.runtime(shell=True)", "runtime\\(kind='packages', shell=True\\)"),
        ("Stage1 += Stage0.runtime(version=2)", "runtime\\(version=2\\)"),
        ("Stage1 += Stage0.runtime(exclude='ucx')", "runtime\\(exclude='ucx'\\)"),
        ("Stage1 += Stage0.runtime(kind='scratch')", "stands on nothing, stage 'stage1' on debian:12"),
    ],
)
def test_wrong_words_are_refused(line: str, sentence: str) -> None:
    """A value that means nothing is an error at its line."""
    with pytest.raises(WrongValue, match=sentence) as fault:
        records("Stage0 += libevent(version='2.1.12')", line)
    assert fault.value.origin is not None
    assert fault.value.origin.line == 4


def test_only_scratch_stands_on_nothing() -> None:
    """A result upon scratch has no package manager and no libc: the other kinds are refused there."""
    with pytest.raises(WrongValue, match="which stands on nothing"):
        records("Stage0 += libevent(version='2.1.12')", "Stage1 += Stage0.runtime()", base="scratch")
    assert records("Stage0 += libevent(version='2.1.12')", "Stage1 += Stage0.runtime(kind='scratch')", kind="scratch", base="scratch")


def test_an_ssh_client_comes_where_it_is_asked_for() -> None:
    """The client that starts ranks on other hosts is taken where the recipe says launch='ssh', and nowhere else."""
    block = "Stage0 += openmpi(version='5.0.7', fortran=False)"
    ssh = ("system", "starts ranks on other hosts", "/usr/bin/ssh")
    assert ssh in of("take", records(block, "Stage1 += Stage0.runtime(launch='ssh')"))
    assert ssh not in of("take", records(block, "Stage1 += Stage0.runtime()"))


def test_names_that_no_row_can_hold_are_refused() -> None:
    """A tab in a path would end its word: an error at the request's line."""
    with pytest.raises(Unwritable, match="tab or a newline"):
        records("Stage0 += libevent(version='2.1.12', prefix='/opt/a\tb')", "Stage1 += Stage0.runtime()")


def test_whole_prefixes_stand_upon_anything() -> None:
    """Copies of folders need nothing of what they are copied to: kind prefix is fine upon scratch, as it was before there were others."""
    text = "Stage0 += baseimage(image='debian:12', name='devel')\nStage0 += libevent(version='2.1.12', openssl=False)\nStage1 += baseimage(image='scratch')\nStage1 += Stage0.runtime(kind='prefix')"
    assert [node.dest for node in hpcgen.plan("r.py", text=text).stages[1].nodes if isinstance(node, Copy)] == ["/usr/local/libevent"]
