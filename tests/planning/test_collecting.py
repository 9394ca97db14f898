from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import hpcgen
from hpcgen.errors import Unsupported
from hpcgen.graph.nodes import Copy, Install, Label, Run, RunFrom, RuntimeOf, User, WriteFile
from hpcgen.planning import arranged

if TYPE_CHECKING:
    from hpcgen.graph.nodes import Node
    from hpcgen.graph.stages import Stage, StageGraph

HEAD = "Stage0 += baseimage(image='debian:12', name='devel')\nStage0 += libevent(version='2.1.12')\n"
UPON = "Stage1 += baseimage(image='debian:12', name='stage1')\n"


def laid(*lines: str, format: str = "docker", head: str = HEAD, parallel: bool = False) -> StageGraph:  # noqa: A002 (as everywhere)
    """A recipe's graph as it is written."""
    return arranged(hpcgen.plan("recipes/app.py", text=head + "\n".join(lines)), parallel=parallel, format=format)


def names(graph: StageGraph) -> list[str]:
    """The stages in order."""
    return [stage.name for stage in graph.stages]


def kinds(stage: Stage) -> list[str]:
    """The kinds of a stage's nodes in order."""
    return [type(node).__name__ for node in stage.nodes]


def spec(stage: Stage) -> dict[str, str]:
    """What the closure program is told in its first rows."""
    text = next(node.content for node in stage.nodes if isinstance(node, WriteFile) and node.path.endswith("/spec"))
    return dict(row.split("\t", 1) for row in text.splitlines())


def gathered(nodes: tuple[Node, ...]) -> list[Copy]:
    """The copies of whole trees to the root."""
    return [node for node in nodes if isinstance(node, Copy) and node.dest == "/"]


def test_a_stage_gathers_and_another_tells_of_the_base() -> None:
    """The result takes a tree and packages from a stage that stands on the builder, which knows by another what the base has."""
    graph = laid(UPON, "Stage1 += Stage0.runtime()")
    assert names(graph) == ["devel", "stage1-base", "stage1-runtime", "stage1"]
    gathering, result = graph["stage1-runtime"], graph["stage1"]
    assert (gathering.base.image, gathering.base.stage, gathering.collects) == ("devel", True, "devel")
    assert spec(gathering)["kind"] == "packages"
    assert spec(gathering)["out"] == "/var/lib/hpcgen/runtime/stage1"
    assert Copy(("/var/lib/hpcgen/packages",), "/var/lib/hpcgen/runtime/stage1/base", stage="stage1-base", literal=True) in gathering.nodes
    assert kinds(result)[:2] == ["RunFrom", "Copy"]
    assert gathered(result.nodes)[0].stage == "stage1-runtime"
    assert not [node for stage in graph.stages for node in stage.nodes if isinstance(node, RuntimeOf)]


def test_files_need_no_package_manager() -> None:
    """Of kind files, nothing is installed in the result."""
    result = laid(UPON, "Stage1 += Stage0.runtime(kind='files')")["stage1"]
    assert [node.program for node in result.nodes if isinstance(node, RunFrom)] == ["check"]


def test_upon_scratch_nothing_is_run() -> None:
    """Of kind scratch, the tree is tried in the builder, and the result takes it."""
    graph = laid("Stage1 += baseimage(image='scratch')", "Stage1 += Stage0.runtime(kind='scratch')")
    assert names(graph) == ["devel", "stage1-runtime", "stage1"]
    assert not [node for node in graph["stage1"].nodes if isinstance(node, Run | RunFrom)]
    commands = graph["stage1-runtime"].nodes[-1]
    assert isinstance(commands, Run)
    assert "check/check /var/lib/hpcgen/runtime/stage1/trial" in "\n".join(commands.commands)


def test_the_check_stands_behind_what_changes_files() -> None:
    """What the recipe copies behind its runtime is looked at too; what is only said of the image stands behind the check."""
    lines = (UPON, "Stage1 += Stage0.runtime()", "Stage1 += copy(stage='devel', src='/a', dest='/a')", "Stage1 += cmd(['/a'])")
    found = kinds(laid(*lines)["stage1"])
    assert found.index("Copy", found.index("Copy") + 1) < found.index("RunFrom", 1) < found.index("Cmd")


def test_the_check_is_roots() -> None:
    """A later user of the result may not do what the check does: it stands before him."""
    found = kinds(laid(UPON, "Stage1 += Stage0.runtime()", "Stage1 += user('nobody')", "Stage1 += copy(stage='devel', src='/a', dest='/a')")["stage1"])
    assert found.index("RunFrom", 1) < found.index("User")


def test_who_gathers_is_root() -> None:
    """A builder that ends as another user is no builder's user for what gathers."""
    graph = laid("Stage0 += user('nobody')", UPON, "Stage1 += Stage0.runtime()")
    assert graph["stage1-runtime"].nodes[0] == User("root")
    assert User("root") not in laid(UPON, "Stage1 += Stage0.runtime()")["stage1-runtime"].nodes


def test_a_client_for_launching_is_installed_where_the_builder_lacks_it() -> None:
    """launch='ssh' brings the client's package into the stage that gathers, unless a block has brought it."""
    asked = "Stage1 += Stage0.runtime(launch='ssh')"
    assert Install(("openssh-client",)) in laid(UPON, asked)["stage1-runtime"].nodes
    with_mpi = "Stage0 += baseimage(image='debian:12', name='devel')\nStage0 += openmpi(version='5.0.7', fortran=False)\n"
    for parallel in (False, True):
        assert not [one for one in laid(UPON, asked, head=with_mpi, parallel=parallel)["stage1-runtime"].nodes if isinstance(one, Install)]


def test_what_other_stages_hold_is_brought_for_a_look() -> None:
    """Programs that the result takes from a stage beside the builder are copied to where they were, so that what they need is found."""
    lines = (
        "app = Stage('app')",
        "app += baseimage(image='devel')",
        "app += shell(commands=['make'])",
        UPON,
        "Stage1 += Stage0.runtime()",
        "Stage1 += copy(stage='app', src='/opt/app/bin', dest='/opt/app/bin')",
    )
    assert Copy(("/opt/app/bin",), "/opt/app/bin", stage="app") in laid(*lines)["stage1-runtime"].nodes
    with pytest.raises(Unsupported, match="programs of stage 'app', which is built upon it"):
        laid(*lines, format="singularity")


def test_formats_without_parallel_stages_gather_at_the_end_of_the_builder() -> None:
    """Where nothing is kept from stage to stage, the builder itself gathers, and the base stands before it."""
    graph = laid(UPON, "Stage1 += Stage0.runtime()", "Stage1 += copy(stage='devel', src='/a', dest='/a')", format="singularity")
    assert names(graph) == ["stage1-base", "devel", "stage1"]
    assert kinds(graph["devel"])[-1] == "Run"
    assert gathered(graph["stage1"].nodes)[0].stage == "devel"


def test_a_script_takes_all() -> None:
    """Below a folder that a script fills there is no base: what is needed comes whole."""
    graph = laid(UPON, "Stage1 += Stage0.runtime(kind='files')", format="bash")
    assert names(graph) == ["devel", "stage1"]
    assert "base" not in spec(graph["devel"])


def test_debug_sections_have_a_stage() -> None:
    """debug=True keeps what stripping takes away in a stage of its own, which only Dockerfiles can give."""
    asked = "Stage1 += Stage0.runtime(debug=True)"
    graph = laid(UPON, asked)
    assert names(graph)[-2:] == ["stage1-debug", "stage1"]
    assert spec(graph["stage1-runtime"])["strip"] == "debug"
    with pytest.raises(Unsupported, match="debug sections are kept in a stage of their own"):
        laid(UPON, asked, format="singularity")


@pytest.mark.parametrize(
    ("format", "line", "sentence"),
    [
        ("docker", "Stage1 += test(commands=['true'])", "docker: tests: upon scratch there is no shell"),
        ("singularity", "Stage1 += test(commands=['true'])", "singularity: tests: upon scratch there is no shell"),
        ("singularity", "Stage1 += cmd(['/a'])", "singularity: a runscript: upon scratch there is no shell"),
        ("singularity", "Stage1 += entrypoint(['/a'])", "singularity: a runscript: upon scratch there is no shell"),
    ],
)
def test_what_needs_a_shell_is_refused_without_one(format: str, line: str, sentence: str) -> None:  # noqa: A002 (as everywhere)
    """Upon scratch, what only a shell could read is an error by name, and fine where one comes along."""
    lines = ("Stage1 += baseimage(image='scratch')", "Stage1 += Stage0.runtime(kind='scratch', shell={})", line)
    with pytest.raises(Unsupported, match=sentence):
        laid(*(one.format(False) for one in lines), format=format)
    assert laid(*(one.format(True) for one in lines), format=format).stages
    assert format == "singularity" or laid("Stage1 += baseimage(image='scratch')", "Stage1 += Stage0.runtime(kind='scratch')", "Stage1 += cmd(['/a'])").stages


def test_labels() -> None:
    """The image says what it is; what the recipe says itself is left alone."""
    lines = (
        UPON,
        "Stage1 += Stage0.runtime(version='1.2', revision='abc')",
        "Stage1 += label(metadata={'org.opencontainers.image.title': 'mine'})",
    )
    labels = {node.name: node.value for node in laid(*lines)["stage1"].nodes if isinstance(node, Label)}
    assert len(labels.pop("hpcgen.recipe.digest")) == 64
    assert labels == {
        "org.opencontainers.image.title": "mine",
        "org.opencontainers.image.version": "1.2",
        "org.opencontainers.image.revision": "abc",
        "org.opencontainers.image.base.name": "debian:12",
    }


def test_labels_are_the_same_however_it_is_built() -> None:
    """The recipe's digest says what the recipe means, not how it is written."""
    lines = (UPON, "Stage1 += Stage0.runtime()")
    found = {
        next(node.value for node in laid(*lines, parallel=parallel, format=name)["stage1"].nodes if isinstance(node, Label) and "digest" in node.name)
        for parallel, name in ((False, "docker"), (True, "docker"), (False, "singularity"), (False, "bash"))
    }
    assert len(found) == 1


def test_two_runtimes_of_one_result() -> None:
    """A result of two builders has a stage that gathers, a tree and a manifest for each, and one set of labels."""
    more = "other = Stage('other')\nother += baseimage(image='debian:12')\nother += hwloc(version='2.9.3')"
    graph = laid(more, UPON, "Stage1 += Stage0.runtime()", "Stage1 += other.runtime()")
    assert [name for name in names(graph) if "runtime" in name] == ["stage1-runtime", "stage1-runtime-2"]
    assert spec(graph["stage1-runtime-2"])["manifest"] == "manifest.2.json"
    assert len(gathered(graph["stage1"].nodes)) == 2
    assert len([node for node in graph["stage1"].nodes if isinstance(node, Label) and node.name.endswith("title")]) == 1


def test_names_that_are_taken_get_a_number() -> None:
    """A stage that the recipe calls so keeps its name."""
    graph = laid("mine = Stage('stage1-runtime')", "mine += baseimage(image='debian:12')", "mine += shell(commands=['true'])", UPON, "Stage1 += Stage0.runtime()")
    assert "stage1-runtime-2" in names(graph)
