"""What becomes a stage of its own, what it holds, and what stays in the line."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import pytest
from shown import GNU, RAW, built

import hpcgen
from hpcgen.graph.nodes import AddRepository, Copy, Install, Run
from hpcgen.graph.stages import Base, Stage, StageGraph
from hpcgen.planning.splitting import split
from hpcgen.target import Target

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from shown import Shown


# --- what a builder stage holds ---


def test_a_closed_block_has_a_stage_of_its_own_and_the_line_takes_its_prefix(splits: Callable[..., Shown]) -> None:
    """A closed block is built in a stage that is called as it; the recipe's stage keeps its name, has the packages and copies the prefix."""
    assert splits(built("a", "installs=['zlib']", "lists={'PATH': '/opt/a/bin'}"), RAW) == {
        "a": ["from debian:12", "install zlib", "survey /opt/a", "PATH+=/opt/a/bin"],
        "devel": ["from debian:12", "install zlib", "copy a:/opt/a", "PATH+=/opt/a/bin", "touch /data/x"],
    }


def test_a_builder_has_what_it_builds_upon_and_nothing_else(splits: Callable[..., Shown]) -> None:
    """Packages, prefixes and variables of what a block builds upon are there, transitively; those of other blocks are not."""
    words = ("installs=['{0}-dev']", "lists={{'PATH': '/opt/{0}/bin'}}")
    lines = [built(name, *(word.format(name) for word in words), *more) for name, *more in (("a",), ("b",), ("c", "first=a"), ("d", "first=c"))]
    assert splits(*lines)["d"] == [
        "from debian:12", "install a-dev c-dev d-dev", "copy a:/opt/a", "copy c:/opt/c", "PATH+=/opt/a/bin", "PATH+=/opt/c/bin", "survey /opt/d /opt/c", "PATH+=/opt/d/bin",
    ]  # fmt: skip


@pytest.mark.parametrize("edge", ["first=a", "first='/opt/a'", "first='/opt/a/lib/'", "paths=['/opt/a/bin/cc']", "paths=['-I/opt/a/include']"])
def test_what_a_block_builds_upon_is_told_by_options_and_paths(splits: Callable[..., Shown], edge: str) -> None:
    """An option that names a block or its path, and a path in a command, all bring the block's prefix."""
    assert "copy a:/opt/a" in splits(built("a"), built("b", edge))["b"]


def test_compilers_are_installed_once_in_a_stage_that_all_start_from(splits: Callable[..., Shown]) -> None:
    """Each block that is packages alone gets one stage, upon that of those before it; the recipe's stage starts there too."""
    cuda = "cuda = managed(prefix='/opt/toolkit', installs=['nvcc'], repository='nvidia', lists={'PATH': '/nvcc'}); Stage0 += cuda"
    found = splits(GNU, cuda, built("a"), built("b", "first='/opt/toolkit'"), built("c", "first=cuda"))
    assert found["managed"] == ["from debian:12", "install gcc"]
    assert found["managed-2"] == ["from managed", "repository nvidia", "install nvcc"]
    assert [name for name in found if found[name][0] == "from managed"] == ["managed-2", "a"]
    assert [name for name in found if found[name][0] == "from managed-2"] == ["b", "c", "devel"]
    assert "PATH+=/nvcc" in found["b"]
    assert found["devel"] == ["from managed-2", "copy a:/opt/a", "copy b:/opt/b", "copy c:/opt/c", "PATH+=/nvcc"]


def test_the_stage_starts_from_no_packages_that_it_does_not_have_yet(splits: Callable[..., Shown]) -> None:
    """Compilers that come behind what may do anything are not there before it."""
    assert splits(built("a"), RAW, GNU, built("b"))["devel"] == ["from debian:12", "copy a:/opt/a", "touch /data/x", "install gcc", "copy b:/opt/b"]


def test_real_blocks_are_split_as_their_options_say(planned: Callable[..., StageGraph]) -> None:
    """Open MPI gets the compilers' stage and UCX's prefix, in one transaction the packages of both, and the command that the line has."""
    line = planned("Stage0 += gnu()", "Stage0 += ucx()", "Stage0 += fftw()", "Stage0 += openmpi()")
    graph = hpcgen.split(line)
    assert [(stage.name, stage.base.image) for stage in graph.stages] == [("gnu", "debian:12"), ("ucx", "gnu"), ("fftw", "gnu"), ("openmpi", "gnu"), ("devel", "gnu")]
    builder = graph["openmpi"].nodes
    assert [node.stage for node in builder if isinstance(node, Copy)] == ["ucx"]
    (installed,) = (node for node in builder if isinstance(node, Install))
    assert {"libgomp1", "openssh-client"} <= set(installed.packages)
    assert [node for node in builder if isinstance(node, Run)] == [node for node in line["devel"].nodes if isinstance(node, Run) and node.block and node.block.name == "openmpi"]


# --- what the recipe says between blocks ---


def test_settings_hold_for_the_builders_behind_them(splits: Callable[..., Shown]) -> None:
    """Variables, arguments, folder, user, shell and repositories stand in a builder as they stand at its place; behind it they do not."""
    settings = ["environment(variables={'A': '1'})", "arg(name='B', default='2')", "workdir('/w')", "use_shell(['/bin/bash', '-c'])", "user('root')"]
    settings += ["repository(name='site', url='https://example.org', suite='/', key='https://example.org/key', fingerprint='" + 40 * "0" + "')"]
    found = splits(built("a"), *(f"Stage0 += {one}" for one in settings), built("b"))
    assert found["a"] == ["from debian:12", "survey /opt/a"]
    assert found["devel-site"] == ["from debian:12", "arg B", "repository site"]
    assert found["b"] == ["from devel-site", "arg B", "A=1", "in /w", "by /bin/bash", "as root", "survey /opt/b"]
    assert found["devel"] == ["from devel-site", "copy a:/opt/a", "A=1", "arg B", "in /w", "by /bin/bash", "as root", "copy b:/opt/b"]


def test_variables_stand_in_the_lines_order(splits: Callable[..., Shown]) -> None:
    """What the recipe puts into a list between two blocks stands between theirs, in builders and in the end."""
    path = "Stage0 += environment(variables={'PATH': '/site:$PATH'})"
    found = splits(built("a", "lists={'PATH': '/a'}"), path, built("b", "lists={'PATH': '/b'}"), built("c", "first=a", "second=b"))
    for name in ("c", "devel"):
        assert [word for word in found[name] if "PATH" in word] == ["PATH+=/a", "PATH+=/site", "PATH+=/b"]


def test_what_is_set_before_the_first_block_is_set_in_each_stage(splits: Callable[..., Shown]) -> None:
    """Settings that take no time need no stage of their own."""
    found = splits("Stage0 += environment(variables={'A': '1'})", "Stage0 += arg(name='B')", "Stage0 += workdir('/w')", GNU, built("a"), built("b"))
    assert found["managed"] == ["from debian:12", "A=1", "in /w", "arg B", "install gcc"]
    assert found["a"] == ["from managed", "arg B", "survey /opt/a"]
    assert "A=1" not in found["devel"]


def test_what_is_done_before_the_first_block_is_done_once_for_all(splits: Callable[..., Shown]) -> None:
    """A certificate, or whatever else stands before all blocks, is in a stage that all start from, each argument at its place."""
    copied = "Stage0 += copy(src='site.crt', dest='/etc/site.crt')"
    found = splits("Stage0 += arg(name='B')", copied, RAW, "Stage0 += arg(name='C')", "Stage0 += label(metadata={'a': 'b'})", built("a"), built("b"))
    assert found["devel-base"] == ["from debian:12", "arg B", "copy site.crt to /etc/site.crt", "touch /data/x", "arg C"]
    assert found["a"] == ["from devel-base", "arg B", "arg C", "survey /opt/a"]
    assert found["devel"] == ["from devel-base", "arg B", "arg C", "copy a:/opt/a", "copy b:/opt/b", "label"]


@pytest.mark.parametrize(
    ("between", "word"),
    [
        (RAW, "touch /data/x"),
        ("Stage0 += copy(src='x', dest='/x')", "copy x to /x"),
        ("Stage0 += write_file(path='/x', content='')", "writefile"),
        ("Stage0 += 'RUN true'", "raw"),
        (built("o", "says_all=False"), "survey /opt/o"),
        (built("o", "says_all=False", "inside={'A': '1'}"), "survey /opt/o"),
    ],
)
def test_what_may_do_anything_finds_all_before_it_and_is_not_found_by_closed_blocks(splits: Callable[..., Shown], between: str, word: str) -> None:
    """A barrier stands behind what was put together before it; a closed block behind it knows nothing of it."""
    found = splits(built("a"), between, built("b"))
    assert [one for one in found["devel"] if one in (word, "copy a:/opt/a", "copy b:/opt/b")] == ["copy a:/opt/a", word, "copy b:/opt/b"]
    assert word not in found["b"]


# --- what stays in the line ---


@pytest.mark.parametrize("prefix", ["/usr/local", "/opt", "/usr", "/", "/usr/local/lib", "/usr/lib/x", "/root"])
def test_a_folder_of_many_is_nobodys_own(splits: Callable[..., Shown], prefix: str) -> None:
    """A block that installs where others do stays in the line."""
    assert list(splits(built("a", prefix=prefix), built("b"))) == ["b", "devel"]


@pytest.mark.parametrize("other", ["/opt/a", "/opt/a/inner", "/opt/a/x/y"])
def test_prefixes_within_each_other_stay_in_the_line(splits: Callable[..., Shown], other: str) -> None:
    """Neither of two blocks can be copied without the other; who builds upon the outer one finds both."""
    found = splits(built("a"), built("b", prefix=other), built("c", "first=a"), built("d"), built("ab"))
    assert found["devel"][0] == f"from {found['c'][0].removeprefix('from ')}"
    assert [word for word in found[found["c"][0].removeprefix("from ")] if word.startswith("survey")] == ["survey /opt/a", f"survey {other}"]
    assert found["d"] == ["from debian:12", "survey /opt/d"]
    assert found["ab"] == ["from debian:12", "survey /opt/ab"]


def test_what_a_build_sets_on_its_way_keeps_it_in_the_line(splits: Callable[..., Shown]) -> None:
    """Variables that are not said at a block's end would not reach the line."""
    assert list(splits(built("a", "inside={'A': '1'}"))) == ["devel"]


FFTW = "Stage0 += fftw(version='3.3.10'{})"
GENERIC = "Stage0 += generic_autotools(url='https://example.org/t-1.tar.gz', sha256=None{})"


@pytest.mark.parametrize(
    ("line", "name"),
    [
        (FFTW.format(""), "fftw"),
        (FFTW.format(", postinstall=['touch /x']"), ""),
        (FFTW.format(", postinstall=['touch lib/x'], alone=True"), "fftw"),
        (FFTW.format(", alone=False"), ""),
        (GENERIC.format(", prefix='/opt/t'"), ""),
        (GENERIC.format(", prefix='/opt/t', upon=[]"), "t"),
        (GENERIC.format(", prefix='/opt/t', alone=True"), "t"),
        (GENERIC.format(", prefix='/opt/t', upon=[], runtime=['/opt/t/bin', '/etc/t']"), ""),
        (GENERIC.format(", upon=[]"), ""),
        ("Stage0 += gnu()", ""),
    ],
)
def test_who_is_alone(planned: Callable[..., StageGraph], line: str, name: str) -> None:
    """Blocks that say all they build upon are alone; the recipe's own commands, files elsewhere, a shared prefix or `alone=False` keep them in the line."""
    assert [stage.name for stage in hpcgen.split(planned(line)).stages] == ([name] if name else []) + ["devel"]


def test_a_recipe_whose_text_begins_stages_is_left_alone(splits: Callable[..., Shown]) -> None:
    """Where raw text has a FROM of its own nobody knows what stands in which stage; nor in those that stand on it."""
    more = ("Stage1 += baseimage(image='devel', name='more')", "Stage1 += built(prefix='/opt/b', first='/opt/a')")
    assert list(splits(built("a"), "Stage0 += 'FROM debian:12 AS own'", *more)) == ["devel", "more"]


# --- stages of the recipe ---


def test_two_stages_have_builders_of_their_own(splits: Callable[..., Shown]) -> None:
    """Equal blocks of two stages are two builders; the second gets a number."""
    more = ("Stage1 += baseimage(image='debian:13', name='other')", "Stage1 += built(prefix='/opt/a')")
    found = splits(built("a"), *more)
    assert {name: found[name][0] for name in found} == {"a": "from debian:12", "devel": "from debian:12", "a-2": "from debian:13", "other": "from debian:13"}


def test_a_stage_upon_another_takes_that_ones_builders(splits: Callable[..., Shown]) -> None:
    """A block of a derived stage starts from what the first stage starts from, and copies prefixes from where they were built."""
    more = ("Stage1 += baseimage(image='devel', name='more')", "Stage1 += built(prefix='/opt/b', first='/opt/a')", "Stage1 += shell(commands=['touch /data/y'])")
    found = splits("Stage0 += environment(variables={'A': '1'})", GNU, built("a"), RAW, *more)
    assert found["b"] == ["from managed", "copy a:/opt/a", "survey /opt/b /opt/a"]
    assert found["more"] == ["from devel", "copy b:/opt/b", "touch /data/y"]


def test_a_cut_in_a_base_stage_takes_that_stage_as_a_whole(splits: Callable[..., Shown]) -> None:
    """What needs the line of a stage below starts from all of that stage, and says nothing of it again."""
    more = ("Stage1 += baseimage(image='devel', name='more')", "Stage1 += built(prefix='/opt/b', first='/opt/o')")
    found = splits(built("o", "says_all=False"), built("a"), "Stage0 += environment(variables={'PATH': '/site:$PATH'})", *more)
    assert found["b"] == ["from devel", "survey /opt/b /opt/o"]


def test_a_stage_without_blocks_is_there_as_it_is(splits: Callable[..., Shown]) -> None:
    """Builders of a stage that stands on one without blocks start from that one."""
    more = ("Stage1 += baseimage(image='devel', name='more')", "Stage1 += built(prefix='/opt/b')")
    assert splits(RAW, *more) == {
        "devel": ["from debian:12", "touch /data/x"],
        "b": ["from devel", "survey /opt/b"],
        "more": ["from devel", "copy b:/opt/b"],
    }


def test_a_runtime_stage_takes_from_the_recipes_stage(splits: Callable[..., Shown]) -> None:
    """What is needed for running comes from the stage that the recipe names."""
    found = splits(built("a"), "Stage1 += baseimage(image='debian:12')", "Stage1 += Stage0.runtime(kind='prefix')")
    assert found["stage1"] == ["from debian:12", "copy devel:/opt/a"]


def test_what_stands_above_the_first_base_stays_at_the_top(planned: Callable[..., StageGraph]) -> None:
    """Arguments and text before the first FROM stand above the first stage that is written."""
    text = "Stage0 += arg(name='TAG', default='12')\nStage0 += 'ARG RAW=1'\nStage0 += baseimage(image='debian:12', name='devel')\nStage0 += fftw(version='3.3.10')"
    graph = hpcgen.split(hpcgen.plan("recipe.py", text=text))
    assert [(stage.name, len(stage.head)) for stage in graph.stages] == [("fftw", 2), ("devel", 0)]
    written = hpcgen.emit(graph).text
    assert written.index("ARG RAW=1") < written.index("ARG TAG=12") < written.index("FROM debian:12 AS fftw")


def test_the_first_stage_alone(splits: Callable[..., Shown]) -> None:
    """With `single_stage` the first stage's builders and the stage are all there is."""
    more = ("Stage1 += baseimage(image='debian:12')", "Stage1 += built(prefix='/opt/b')")
    assert list(splits(built("a"), *more, single_stage=True)) == ["a", "devel"]


# --- names ---


@pytest.mark.parametrize(
    ("prefix", "name", "more"),
    [
        ("/opt/devel", "devel-2", ()),
        ("/opt/Devel", "devel-2", ()),
        ("/opt/mirror", "mirror-2", ()),
        ("/opt/scratch", "scratch-2", ()),
        ("/opt/context", "context-2", ()),
        ("/opt/later", "later-2", ("Stage1 += baseimage(image='debian:12', name='later')",)),
        ("/opt/local", "local-2", ("Stage1 += baseimage(image='local', distro='debian12')",)),
        ("/opt/devel-test", "devel-test-2", ("Stage0 += test(commands=['true'])",)),
        ("/opt/7zip", "stage-7zip", ()),
        ("/opt/a+b c", "a-b-c", ()),
        ("/opt/été", "t", ()),
        ("/opt/日本", "stage", ()),
    ],
)
def test_names_of_builders(splits: Callable[..., Shown], prefix: str, name: str, more: Sequence[str]) -> None:
    """A builder has a name that Docker takes and that no stage, image, context or test stage has."""
    assert next(iter(splits(built("a", prefix=prefix), *more))) == name


def test_names_that_were_given_once_are_not_given_again(splits: Callable[..., Shown]) -> None:
    """Prefixes that end alike get numbers."""
    assert list(splits(built("a", prefix="/opt/a/lib7"), built("b", prefix="/opt/b/lib7"), built("c", prefix="/opt/lib7-2"))) == ["lib7", "lib7-2", "lib7-2-2", "devel"]


# --- the whole ---


def test_nothing_to_install_needs_no_stage(splits: Callable[..., Shown]) -> None:
    """Blocks without packages are no reason for a stage, whoever builds upon them."""
    empty = "e = managed(lists={'PATH': '/e'}); Stage0 += e"
    assert splits(empty, built("a", "first=e"))["a"] == ["from debian:12", "PATH+=/e", "survey /opt/a"]
    assert splits("e = packages(ospackages=[]); Stage0 += e", built("a", "first=e"))["a"] == ["from debian:12", "survey /opt/a"]


def test_a_split_graph_is_not_split_again(planned: Callable[..., StageGraph]) -> None:
    """Splitting twice changes nothing, and writes the same."""
    once = hpcgen.split(planned(GNU, built("a"), RAW, built("b", "first=a")))
    assert split(once) == once
    assert hpcgen.split(once) == once
    assert hpcgen.emit(once).text == hpcgen.emit(once, linear=True).text


def test_equal_recipes_give_equal_text(planned: Callable[..., StageGraph]) -> None:
    """The same recipe is split into the same bytes."""
    lines = (GNU, built("a"), built("b", "first=a"), RAW, built("c", "paths=['/data/x']"))
    assert hpcgen.emit(planned(*lines)).text == hpcgen.emit(planned(*lines)).text


def test_a_graph_without_blocks_is_as_it_was() -> None:
    """Where nothing can be split, nothing changes."""
    graph = StageGraph((Stage("one", Base("debian:12"), Target("debian", "12"), (Run(("true",)), AddRepository("a", "https://a", "https://k", "0" * 40))),))
    assert split(graph) is graph


MORE = 1.03
"""What one more block may cost where there are many, in those where there are few."""


def calls(graph: StageGraph) -> int:
    """How many calls it takes to split a graph and to write it: the same on every machine."""
    count = 0

    def note(frame: Any, event: str, argument: Any) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        hpcgen.emit(graph)
    finally:
        sys.setprofile(before)
    return count


@pytest.mark.parametrize("kind", ["alone", "called alike", "compilers", "cut"])
def test_a_block_costs_the_same_among_many(planned: Callable[..., StageGraph], kind: str) -> None:
    """One more block that needs none of the others takes as many calls among a thousand as among a hundred."""
    words = {"cut": "paths=['/data/x']"}.get(kind, "")
    top = {"compilers": GNU, "cut": f"{built('o')}\n{RAW}"}.get(kind, "")

    def made(blocks: int) -> int:
        numbers = range(blocks * 10_000, blocks * 10_001)  # no two recipes share what is remembered
        return calls(planned(top, *(built(f"b{at}", words, prefix=f"/opt/{at}/lib7" if kind == "called alike" else "") for at in numbers)))

    made(2)  # imports what there is to import
    few, some, many = (made(blocks) for blocks in (125, 250, 1000))
    assert (many - some) / 750 <= MORE * (some - few) / 125
