"""Why a block is as it is: every flag, variable, package and edge has a reason, and the reason is the right one."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from planned import commands, nodes

import hpcgen
from hpcgen.block.reasons import OWN
from hpcgen.errors import UsageError
from hpcgen.graph.nodes import Copy, Install, Run
from hpcgen.loading.loader import load
from hpcgen.loading.recipe import Request
from hpcgen.planning import plan_recipe

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hpcgen.block.reasons import Fact
    from hpcgen.graph.stages import StageGraph
    from hpcgen.planning.explaining import Explanation

ROOT = Path(__file__).resolve().parents[2]
RECIPES = sorted(str(path.relative_to(ROOT)) for path in (*ROOT.glob("recipes/*.py"), *ROOT.glob("tests/building_blocks/golden/*/recipe.py")))
CALLED = re.compile(r"(?:^|\s)(?:(?:\./|/\S*/)configure|cmake -S \. -B \S+|\./bootstrap --parallel=\S+|make -j\S+)(?= )")
FIRST = "Stage0 += baseimage(image='{}', name='devel')\n"


def explained(lines: str, name: str, image: str = "debian:12", **options: Any) -> Explanation:
    """The only explanation of a name in a recipe of some lines."""
    (found,) = hpcgen.explain("r.py", name, text=FIRST.format(image) + lines, **options)
    return found


def why(facts: Iterable[Fact], what: str) -> str:
    """The reasons of one thing."""
    (found,) = (one for one in facts if one.what == what)
    return "; ".join(found.why)


def generic(name: str, more: str = "", prefix: str = "") -> str:
    """A line with a generic block."""
    return f"Stage0 += generic_autotools(url='https://example.org/{name}-1.0.tar.gz', sha256=None, prefix='{prefix or f'/usr/local/{name}'}', {more})\n"


def called_words(graph: StageGraph, block: str) -> set[str]:
    """The words that a block's configure, cmake or bootstrap is given."""
    lines = [(line, match) for line in commands(graph, block) if (match := CALLED.search(line)) and "--" in line[match.end() :]]
    return {word for line, match in lines for word in shlex.split(line[match.end() :])}


@pytest.mark.parametrize("arch", ["x86_64", "aarch64"])
@pytest.mark.parametrize("recipe", RECIPES)
def test_everything_has_a_reason(recipe: str, arch: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of every block of every shipped recipe, each word of configure, each variable before it and each package is there, once, with a reason that is more than the block's name."""
    monkeypatch.chdir(ROOT)
    graph = hpcgen.plan(recipe, arch=arch)
    for facts in graph.stages[0].blocks:
        found = [one for one in hpcgen.explain(recipe, facts.ref.name, arch=arch) if (one.stage, one.origin) == (graph.stages[0].name, facts.origin)]
        for one in found:
            assert called_words(graph, one.block) <= {flag.what for flag in one.flags}
            assert {flag.what for flag in one.flags} <= {word for line in commands(graph, one.block) for word in shlex.split(line, comments=True)}
            assert [fact for fact in (*one.flags, *one.variables, *one.packages) if OWN in fact.why or not fact.why] == []
            assert len({flag.what for flag in one.flags}) == len(one.flags)
        of_line = {name for node in nodes(graph, Install) if node.block == facts.ref for name in node.packages}
        assert of_line <= {package.what for one in found for package in one.packages}


@pytest.mark.parametrize("recipe", RECIPES)
def test_where_it_is_built_is_where_the_file_builds_it(recipe: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A block is said to have a stage of its own exactly if the split has one that holds its commands alone and is copied from."""
    monkeypatch.chdir(ROOT)
    graph = hpcgen.plan(recipe)
    split = hpcgen.split(graph)
    for facts in graph.stages[0].blocks:
        for one in hpcgen.explain(recipe, facts.ref.name):
            running = [stage.name for stage in split.stages if any(isinstance(node, Run) and str(node.origin) == str(one.origin) for node in stage.nodes)]
            copied = {node.stage for stage in split.stages for node in stage.nodes if isinstance(node, Copy)}
            assert set(running) <= set(one.stages)
            assert one.alone is (bool(running) and running[0] in copied and split[running[0]].of != "")


# --- flags ---

CUDA_IMAGE = "nvidia/cuda:12.9.1-devel-ubuntu24.04"


@pytest.mark.parametrize(
    ("lines", "word", "reason"),
    [
        ("Stage0 += ucx()", "--prefix=/usr/local/ucx", "prefix='/usr/local/ucx', the default"),
        ("Stage0 += ucx(prefix='/opt/u')", "--prefix=/opt/u", "prefix='/opt/u', as the recipe says"),
        ("Stage0 += ucx()", "--enable-cma", "always"),
        ("Stage0 += ucx()", "--without-mad", "always in versions >=1.16"),
        ("Stage0 += ucx()", "--enable-mt", "mt=True, the default (thread safety, which MPI_THREAD_MULTIPLE needs)"),
        ("Stage0 += ucx(mt=False)", "--disable-mt", "mt=False, as the recipe says (thread safety, which MPI_THREAD_MULTIPLE needs)"),
        ("Stage0 += ucx()", "--without-cuda", "cuda: left out, as its stage has no cuda before it"),
        ("Stage0 += ucx(cuda=False)", "--without-cuda", "cuda=False, as the recipe says: left out"),
        ("Stage0 += ucx()", "--without-bfd", "bfd=False, the default: left out"),
        ("Stage0 += ucx(cuda='/opt/cuda')", "--with-cuda=/opt/cuda", "cuda='/opt/cuda', as the recipe says: no block's folder"),
        ("Stage0 += ucx(ofed='system')", "--with-verbs", "ofed='system', as the recipe says: the distribution's"),
        ("Stage0 += ucx(ofed='system')", "--with-mlx5", "with verbs: Mellanox's own commands too"),
        ("Stage0 += ucx(with_foo_bar='x')", "--with-foo-bar=x", "with_foo_bar, as the recipe says"),
        ("Stage0 += ucx(configure_opts=['--foo'])", "--foo", "configure_opts, as the recipe says"),
        ("Stage0 += ucx(configure_opts=['--enable-cma'])", "--enable-cma", "configure_opts, as the recipe says; always"),
        ("Stage0 += ucx(toolchain=toolchain(CUDA_HOME='/opt/c'))", "--with-cuda=/opt/c", "cuda: CUDA_HOME of its toolchain"),
        ("Stage0 += generic_cmake(url='https://example.org/a.tgz', sha256=None, cmake_opts=['-D X=1'])", "-DX=1", "cmake_opts, as the recipe says"),
        ("Stage0 += cmake(source=True, bootstrap_opts=['--foo'])", "--foo", "bootstrap_opts, as the recipe says"),
        ("Stage0 += gdrcopy(cuda='/opt/c')", "CUDA=/opt/c", "cuda='/opt/c', as the recipe says: no block's folder"),
        ("Stage0 += gdrcopy(prefix='/opt/g', cuda='/opt/c')", "prefix=/opt/g", "prefix='/opt/g', as the recipe says"),
        ("Stage0 += fftw(precision='single')", "--enable-single", "precision='single', as the recipe says"),
        ("Stage0 += openmpi(fortran=False)", "--enable-mpi-fortran=no", "fortran=False, as the recipe says"),
    ],
)
def test_why_a_flag_is_there(lines: str, word: str, reason: str) -> None:
    """A flag's reason is the option, who gave its value, and what it met; a fact of the block is there always, or for its versions."""
    found = re.search(r"\+= (\w+)", lines)
    assert found
    assert why(explained(lines, found[1]).flags, word) == reason


@pytest.mark.parametrize(
    ("ucx", "reason"),
    [
        ("", "ucx: the recipe's ucx 1.21.0 (r.py:2)"),
        ("ucx=True", "ucx=True, as the recipe says: the recipe's ucx 1.21.0 (r.py:2)"),
        ("ucx=one", "ucx=ucx(...), as the recipe says: the recipe's ucx 1.21.0 (r.py:2)"),
        ("ucx='/usr/local/ucx'", "ucx='/usr/local/ucx', as the recipe says: a folder of ucx 1.21.0 (r.py:2)"),
    ],
)
def test_why_a_partner_is_there(ucx: str, reason: str) -> None:
    """A partner is named with its version and line, and how it was found."""
    assert why(explained(f"one = ucx(); Stage0 += one\nStage0 += openmpi({ucx})", "openmpi").flags, "--with-ucx=/usr/local/ucx") == reason


def test_what_the_image_and_the_cpu_target_bring() -> None:
    """What the base image is known to have, and what every processor of the CPU target has, are said so."""
    assert why(explained("Stage0 += ucx()", "ucx", CUDA_IMAGE).flags, "--with-cuda=/usr/local/cuda") == f"cuda: the base image {CUDA_IMAGE} brings it"
    fftw = explained("Stage0 += fftw()", "fftw", cpu_target="zen4")
    assert why(fftw.flags, "--enable-avx512") == "every zen4 has it (CPU target)"
    assert why(fftw.variables, "CFLAGS") == "CPU target zen4, as GCC 12.2 has it"


def test_nothing_is_said_of_words_that_nobody_is_given() -> None:
    """A block that is not configured, as compilers of the distribution or a binary, has neither flags nor variables."""
    for lines, name in (("Stage0 += gnu()", "gnu"), ("Stage0 += cmake()", "cmake"), ("Stage0 += packages(ospackages=['git'])", "packages")):
        found = explained(lines, name, cpu_target="zen4")
        assert (found.flags, found.variables) == ((), ())


# --- variables and packages ---


def test_why_a_variable_is_set() -> None:
    """A variable is the toolchain's of a block, the recipe's, the build_environment's, or follows from an option; LDFLAGS are told word by word."""
    lines = "mpi = openmpi(); Stage0 += mpi\nStage0 += fftw(mpi=True, toolchain=mpi.toolchain, build_environment={'FOO': 'a b'})"
    found = explained(lines, "fftw").variables
    assert why(found, "CC") == "the toolchain of openmpi 5.0.11 (r.py:2)"
    assert why(found, "FOO") == "build_environment, as the recipe says"
    assert why(found, "MPICC") == "option mpi"
    assert {one.value: one.why for one in found if one.what == "LDFLAGS"} == {
        "-Wl,-rpath,/usr/local/openmpi/lib": ("so that it finds the libraries of mpi without LD_LIBRARY_PATH",),
        "-Wl,--enable-new-dtags": ("LD_LIBRARY_PATH, where it is set, still comes first",),
    }
    own = explained("Stage0 += fftw(toolchain=toolchain(CC='clang', LDFLAGS='-s'))", "fftw").variables
    assert (why(own, "CC"), own[1].why) == ("toolchain, as the recipe says", ("toolchain, as the recipe says",))
    changed = "import copy as copies\ncompiler = gnu(); Stage0 += compiler\ntold = copies.copy(compiler.toolchain)\ntold.CC = 'cc'\nStage0 += fftw(toolchain=told)"
    found = explained(changed, "fftw").variables
    assert (why(found, "CC"), why(found, "CXX")) == ("toolchain, as the recipe says", "the toolchain of gnu (r.py:3)")


@pytest.mark.parametrize(
    ("lines", "package", "reason"),
    [
        ("Stage0 += ucx()", "gcc", "compiles C; the recipe brings no compiler before it"),
        ("Stage0 += ucx()", "make", "its kind of build uses make"),
        ("Stage0 += ucx()", "file", "needed for building"),
        ("Stage0 += ucx()", "libgomp1", "needed to run"),
        ("Stage0 += ucx()", "curl", "downloads the source"),
        ("Stage0 += openmpi()", "bzip2", "unpacks the source"),
        ("Stage0 += openmpi()", "zlib1g-dev", "zlib='system', the default: the distribution's; to build with"),
        ("Stage0 += openmpi()", "zlib1g", "zlib='system', the default: the distribution's; to run with"),
        ("Stage0 += ucx(ospackages=['gcc'])", "gcc", "ospackages, as the recipe says"),
        ("Stage0 += ucx(repository=True, branch='master')", "git", "fetches its repository"),
        ("Stage0 += ucx(repository=True, branch='master')", "automake", "makes its configure script"),
        ("Stage0 += generic_cmake(url='https://example.org/a.tgz', sha256=None)", "cmake", "its kind of build uses CMake, which the recipe does not bring before it"),
        ("Stage0 += packages(ospackages=['git'])", "git", "the recipe names it"),
        ("Stage0 += gnu()", "g++", "what gnu() stands for"),
        ("Stage0 += cuda()", "gcc", "compiles C; the recipe brings no compiler before it"),
        ("Stage0 += cuda()", "cuda-nvcc-13-3", "what cuda() stands for"),
    ],
)
def test_why_a_package_is_installed(lines: str, package: str, reason: str) -> None:
    """A package is a compiler that the recipe lacks, of the kind of build, of an option, for the download, to run, or named by the recipe."""
    found = re.search(r"\+= (\w+)", lines)
    assert found
    assert why(explained(lines, found[1]).packages, package) == reason


# --- where it is built ---


@pytest.mark.parametrize(
    ("lines", "alone", "reason"),
    [
        ("Stage0 += ucx()", True, "its options name all that it may find"),
        ("Stage0 += gnu()", False, "the package manager does all of it, again wherever it is needed"),
        ("Stage0 += ucx(alone=False)", False, "not alone, as the recipe says alone=False"),
        ("Stage0 += ucx(postinstall=['true'], preconfigure=['true'])", False, "not alone, as it has commands of the recipe's own: preconfigure, postinstall"),
        ("Stage0 += ucx(postinstall=['true'], alone=True)", True, "its options name all that it may find"),
        ("Stage0 += ucx(prefix='/usr/local')", False, "not alone, as prefix /usr/local holds what many install"),
        (generic("ucx"), False, "not alone, as the recipe does not say all that it builds upon: upon=[...]"),
        (generic("ucx", "upon=[]"), True, "its options name all that it may find"),
        (generic("ucx", "upon=[], runtime=['/etc/x']"), False, "not alone, as it leaves files outside its prefix: /etc/x"),
        ("Stage0 += generic_build(url='https://example.org/ucx.tgz', sha256=None, upon=[])", False, "not alone, as it has no prefix that could be copied"),
        ("Stage0 += ucx()\nStage0 += fftw(prefix='/usr/local/ucx')", False, "not alone, as prefix /usr/local/ucx is that of fftw 3.3.11 (r.py:3) too"),
        ("Stage0 += ucx()\nStage0 += fftw(prefix='/usr/local/ucx/fftw')", False, "not alone, as prefix /usr/local/ucx has that of fftw 3.3.11 (r.py:3) within"),
        ("Stage0 += fftw(prefix='/opt/a')\nStage0 += ucx(prefix='/opt/a/b')", False, "not alone, as prefix /opt/a/b lies within that of fftw 3.3.11 (r.py:2)"),
    ],
)
def test_why_it_has_a_stage_of_its_own_or_not(lines: str, alone: bool, reason: str) -> None:
    """A block has a stage of its own, or the first thing that keeps it in the line is said."""
    name = "gnu" if "gnu" in lines else "ucx"
    found = explained(lines, name)
    assert (found.alone, found.because) == (alone, reason)


def test_raw_text_that_begins_a_stage() -> None:
    """A stage whose raw text begins another one is not split, and its blocks say so."""
    found = explained("Stage0 += ucx()\nStage0 += raw(docker='FROM debian:12')", "ucx")
    assert (found.alone, found.stages) == (False, ("devel",))
    assert found.because == "not alone, as raw text in its stage begins another one"


def test_a_line_has_no_stages_of_blocks() -> None:
    """Where the recipe's own stages alone are written, each block is in the one that names it."""
    found = explained("Stage0 += ucx()", "ucx", linear=True)
    assert (found.alone, found.stages, found.because) == (False, ("devel",), "what is written has the recipe's own stages alone")


# --- edges ---


def test_what_it_builds_upon() -> None:
    """Each block that it builds upon stands there once, with all that says so; a path counts where nothing else does."""
    lines = "compiler = gnu(source=True); Stage0 += compiler\nStage0 += ucx()\n" + generic("a", "upon=[]")
    found = explained(lines + "Stage0 += openmpi(toolchain=compiler.toolchain, configure_opts=['-I/usr/local/a/include', '-L/usr/local/a/lib'])", "openmpi")
    assert [(one.what, one.why) for one in found.upon] == [
        ("ucx 1.21.0 (r.py:3)", ("option ucx",)),
        ("gnu 16.1.0 (r.py:2)", ("its toolchain", "compilers before it")),
        ("a (r.py:4)", ("it names /usr/local/a/include", "it names /usr/local/a/lib")),
    ]


@pytest.mark.parametrize(
    ("before", "more", "until", "reason"),
    [
        ("Stage0 += shell(commands=['mkdir /opt/x'])\n", "upon=[], with_x='/opt/x'", "run (r.py:3)", "it names /opt/x, which no block before it owns"),
        (generic("x"), "upon=['/usr/local/x']", "x (r.py:3)", "x (r.py:3) is part of it"),
        (generic("x") + generic("y", "upon=['/usr/local/x']"), "upon=['/usr/local/y']", "x (r.py:3)", "y (r.py:4) needs it"),
        (generic("x") + generic("y", prefix="/usr/local/x/y"), "upon=['/usr/local/x']", "y (r.py:4)", "y (r.py:4) puts something into a folder that it builds upon"),
        (
            "Stage0 += shell(commands=['tar -x'])\nStage0 += environment(variables={'PATH': '/opt/x/bin:$PATH'})\n",
            "upon=[]",
            "run (r.py:3)",
            "a variable of the recipe names a path that run (r.py:3) may have made",
        ),
        (
            generic("x", "upon=[]") + "Stage0 += copy(src='x.h', dest='/usr/local/x/include/')\n",
            "upon=['/usr/local/x']",
            "copy (r.py:4)",
            "copy (r.py:4) puts something into a folder that it builds upon",
        ),
        ("Stage0 += shell(commands=['useradd me'])\nStage0 += user(user='me')\n", "upon=[]", "run (r.py:3)", "it runs as a user that run (r.py:3) may have made"),
    ],
)
def test_why_it_needs_the_line(before: str, more: str, until: str, reason: str) -> None:
    """A block in a stage of its own that starts from a part of the line says which piece ends that part, and what for."""
    found = explained("Stage0 += gnu()\n" + before + generic("z", more), "z")
    assert found.alone
    assert (found.upon[-1].what, found.upon[-1].why) == (f"its stage up to {until}", (reason,))


def test_an_open_block_builds_upon_all_before_it() -> None:
    """A block that is not closed says so, beside the edges that are known."""
    found = explained("Stage0 += gnu()\n" + generic("z"), "z")
    assert [one.what for one in found.upon] == ["gnu (r.py:2)", "all before it in its stage"]


def test_what_needs_it() -> None:
    """What builds upon a block is named, in stages that stand on its stage too; so are those that may find it, and the stages that take it for running."""
    lines = "Stage0 += ucx()\nStage0 += openmpi()\nStage0 += hwloc()\n" + generic("z")
    lines += "Stage1 += baseimage(image='devel', name='more')\nStage1 += openmpi(prefix='/opt/second')\nlast = Stage('last')\nlast += baseimage(image='debian:12')\nlast += Stage0.runtime()"
    found = explained(lines, "ucx")
    assert [(one.what, one.why) for one in found.needed_by] == [
        ("openmpi 5.0.11 (r.py:3)", ("option ucx",)),
        ("z (r.py:5)", ("it may find all before it",)),
        ("openmpi 5.0.11 (r.py:7)", ("option ucx",)),
        ("stage last", ("takes it for running",)),
    ]


# --- what it leaves, rules ---


def test_what_it_leaves() -> None:
    """Its environment says what is for running too, its toolchain is there to be passed on, and a runtime stage's folders and packages have their reasons."""
    found = explained("Stage0 += openmpi()", "openmpi")
    assert why(found.exports, "PATH") == "put first, for running too"
    assert why(found.exports, "PKG_CONFIG_PATH") == "put first, for what comes after it"
    assert why(found.exports, "FC") == "its toolchain, for the recipe to pass on"
    leaves = {(one.what, one.value) for one in found.leaves}
    assert leaves >= {("folder", "/usr/local/openmpi"), ("package", "openssh-client"), ("package", "zlib1g")}
    assert leaves >= {("takes", "/usr/local/openmpi/bin/mpirun"), ("takes", "/usr/local/openmpi/lib/openmpi/*.so"), ("opens", "@/libibverbs/*.so")}
    loader = explained(generic("z", "ldconfig=True, runtime_environment={'Z': '1'}, runtime=['/usr/local/z/bin']"), "z")
    assert [one.what for one in loader.exports] == ["runs", "runs", "Z"]
    assert [(one.what, one.value) for one in loader.leaves if one.what != "opens"] == [("takes", "/usr/local/z/bin"), ("files", "/usr/local/z/bin")]


def test_which_rules_it_keeps() -> None:
    """Each rule of a block is kept, or broken with a warning, or broken and allowed by whom and why."""
    kept = explained("Stage0 += ucx()", "ucx")
    assert {one.value for one in kept.rules} == {"kept"}
    old = explained("Stage0 += ucx(version='1.18.1')", "ucx", "ubuntu:26.04")
    assert [one.value for one in old.rules if one.what == "ucx-gcc-15"] == ["broken, a warning"]
    allowed = explained("Stage0 += ucx(gdrcopy='/opt/g')", "ucx", allow=["ucx-gdrcopy-without-cuda"])
    assert [one.value for one in allowed.rules if one.value != "kept"] == ["broken, allowed by --allow"]


# --- which blocks ---


def test_a_block_is_asked_for_by_its_names() -> None:
    """A block is found by its class, by what it is called, and by the stage that builds it; several of one name are all explained."""
    lines = generic("hdf5", "upon=[]") + generic("hdf5", "upon=[], with_x='1'", prefix="/opt/hdf5") + "Stage1 += baseimage(image='debian:12')\nStage1 += hwloc()\nStage0 += hwloc()"

    def places(name: str) -> list[str]:
        return [f"{one.stage}:{one.origin.line}" for one in hpcgen.explain("r.py", name, text=FIRST.format("debian:12") + lines)]

    assert places("hdf5") == places("generic_autotools") == ["devel:2", "devel:3"]
    assert places("hdf5-2") == ["devel:3"]
    assert sorted(places("hwloc")) == ["devel:6", "stage1:5"]


@pytest.mark.parametrize(
    ("lines", "name", "hint"),
    [
        ("Stage0 += ucx()", "ucxx", "did you mean 'ucx'?"),
        (generic("hdf5", "upon=[]"), "hfd5", "did you mean 'hdf5'?"),
        ("Stage0 += ucx()\nStage0 += gnu()", "zzz", "its blocks: ucx, gnu"),
        ("", "ucx", "it has no blocks"),
    ],
)
def test_a_block_that_is_not_there(lines: str, name: str, hint: str) -> None:
    """A name that the recipe does not have is an error that names the nearest, or all of its blocks."""
    with pytest.raises(UsageError, match=f"no block '{name}'") as fault:
        explained(lines, name)
    assert fault.value.help == hint


def test_what_differs_by_architecture() -> None:
    """For several architectures, what some of them lack says which have it."""
    found = explained("Stage0 += fftw()", "fftw", arch="x86_64,aarch64")
    only = {one.what: one.only for one in found.flags if one.only}
    assert only == {"--enable-sse2": ("x86_64",), "--enable-armv8-cntvct-el0": ("aarch64",), "--enable-neon": ("aarch64",)}
    assert found.architectures == ("x86_64", "aarch64")


@pytest.mark.parametrize("recipe", RECIPES)
def test_looking_on_changes_nothing(recipe: str) -> None:
    """A plan that is watched is the plan that is not."""
    seen: list[str] = []
    watched = plan_recipe(load(str(ROOT / recipe), Request()), lambda stage, block, places: seen.append(f"{stage} {block.name} {len(places)}"))
    assert watched == plan_recipe(load(str(ROOT / recipe), Request()))
    assert len(seen) == sum(len(stage.blocks) for stage in watched.stages if not stage.base.stage)
