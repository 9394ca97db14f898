from __future__ import annotations

import shlex

import pytest
from planned import commands, nodes, packages, plan, refusal, upon

from hpcgen.errors import Conflict, HpcgenError, WrongValue
from hpcgen.graph.nodes import Fetch


def calls(recipe: str, image: str = "debian:12") -> dict[str, list[str]]:
    """The words of bootstrap.sh and of b2, and the lines of b2's configuration."""
    said = [command for command in commands(plan(recipe, image), "boost") if "boost" in command or "b2" in command or "jam" in command]
    found = {
        name: next((shlex.split(one) for one in said if mark in one), [])
        for name, mark in (("bootstrap", "./bootstrap.sh"), ("b2", "./b2 "), ("jam", "> user-config.jam"))
    }
    return {**found, "jam": found["jam"][2:-2]}


@pytest.mark.parametrize(
    ("option", "bootstrap", "b2"),
    [
        (
            "",
            {"--prefix=/usr/local/boost", "--without-icu", "--without-libraries=graph_parallel,mpi,python"},
            {"--disable-icu", "boost.locale.icu=off"},
        ),
        ("libraries=['filesystem', 'regex']", {"--with-libraries=filesystem,regex"}, {"link=shared", "variant=release", "threading=multi"}),
        ("libraries=['regex'], python=True", {"--with-libraries=regex,python", "--with-python=python3"}, set()),
        ("python=True", {"--without-libraries=graph_parallel,mpi"}, set()),
        ("icu='system'", {"--with-icu"}, set()),
        ("zlib=False, bzip2=False", set(), {"-sNO_ZLIB=1", "-sNO_BZIP2=1", "-sNO_LZMA=1", "-sNO_ZSTD=1"}),
        ("bootstrap_opts=['--with-libraries=date_time']", {"--with-libraries=date_time"}, set()),
        ("b2_opts=['cxxstd=17', 'link=static']", set(), {"cxxstd=17", "link=static"}),
        ("toolchain=toolchain(CC='clang-15', CXX='clang++-15')", {"--with-toolset=clang"}, {"toolset=clang", "--user-config=user-config.jam"}),
    ],
)
def test_options(option: str, bootstrap: set[str], b2: set[str]) -> None:
    """Each choice is a word for bootstrap.sh or for b2: what is not asked for is not looked for."""
    said = calls(f"Stage0 += boost({option})")
    assert bootstrap <= set(said["bootstrap"])
    assert b2 <= set(said["b2"])
    assert said["b2"][-1] == "install"


def test_libraries_are_said_once() -> None:
    """The recipe's own words about libraries come instead of the block's."""
    said = calls("Stage0 += boost(bootstrap_opts=['--without-libraries=mpi'])")["bootstrap"]
    assert [word for word in said if "-libraries" in word] == ["--without-libraries=mpi"]


def test_mpi() -> None:
    """Boost.MPI is built with the compiler of the recipe's MPI, which b2 is told in a file of its own, and only if asked for."""
    said = calls("Stage0 += openmpi()\nStage0 += boost(mpi=True, version='1.86.0')")
    assert said["jam"] == ["using mpi : /usr/local/openmpi/bin/mpicxx ;"]
    assert "--without-libraries=python" in said["bootstrap"]
    assert "--user-config=user-config.jam" in said["b2"]
    assert any("-Wl,-rpath,/usr/local/openmpi/lib" in word for word in said["b2"])
    assert "openmpi" in upon(plan("Stage0 += openmpi()\nStage0 += boost(mpi=True, version='1.86.0')"), "boost")
    without = calls("Stage0 += openmpi()\nStage0 += boost()")
    assert without["jam"] == []
    assert not [word for word in without["b2"] if "user-config" in word or "openmpi" in word]


def test_compilers_of_the_toolchain() -> None:
    """A toolchain's compiler builds b2 and what b2 builds; its flags are b2's properties, which reads no variables."""
    said = calls("Stage0 += boost(toolchain=toolchain(CXX='/opt/gcc/bin/g++', CXXFLAGS='-O3 -g'))")
    assert said["jam"] == ["using gcc : : /opt/gcc/bin/g++ ;"]
    assert "CXX=/opt/gcc/bin/g++" in said["bootstrap"]
    assert "cxxflags=-O3 -g" in said["b2"]


def test_its_libraries_find_each_other() -> None:
    """Libraries are linked with a RUNPATH to their own folder, as they need each other."""
    (flags,) = (word for word in calls("Stage0 += boost()")["b2"] if word.startswith("linkflags="))
    assert flags == "linkflags=-Wl,-rpath,/usr/local/boost/lib -Wl,--enable-new-dtags"


@pytest.mark.parametrize(
    ("option", "url"),
    [
        ("version='1.87.0'", "https://archives.boost.io/release/1.87.0/source/boost_1_87_0.tar.bz2"),
        ("version='1.57.0', sourceforge=True, sha256=None", "https://sourceforge.net/projects/boost/files/boost/1.57.0/boost_1_57_0.tar.bz2"),
        ("version='1.87.0', baseurl='http://localhost/__version__'", "http://localhost/1.87.0/boost_1_87_0.tar.bz2"),
    ],
)
def test_where_releases_lie(option: str, url: str) -> None:
    """Releases lie upstream, at SourceForge if the recipe says so, or where HPCCM's baseurl puts them."""
    (fetch,) = nodes(plan(f"Stage0 += boost({option})"), Fetch)
    assert fetch.url == url


@pytest.mark.parametrize(
    ("image", "icu"), [("debian:12", "libicu72"), ("debian:13", "libicu76"), ("ubuntu:22.04", "libicu70"), ("rockylinux:9", "libicu")]
)
def test_runtime_names_of_each_release(image: str, icu: str) -> None:
    """What is needed to run has the name that the release has for it."""
    recipe = f"Stage0 += boost(icu='system')\nStage1 += baseimage(image='{image}')\nStage1 += Stage0.runtime(kind='prefix')"
    bzip2 = "bzip2-libs" if image.startswith("rocky") else "libbz2-1.0"
    assert {icu, bzip2} <= packages(plan(recipe, image), 1)


@pytest.mark.parametrize(
    ("recipe", "kind", "help"),
    [
        ("boost(libraries=['mpi'])", WrongValue, "mpi=True"),
        ("boost(libraries=['graph_parallel'])", WrongValue, "mpi=True"),
        ("boost(toolchain=toolchain(CXX='nvc++'))", Conflict, "toolset='...'"),
        ("boost(icu='/opt/icu')", Conflict, "icu='system'"),
        ("boost(mpi=True)", Conflict, "mpi"),
    ],
)
def test_refused(recipe: str, kind: type[HpcgenError], help: str) -> None:  # noqa: A002 (the error's own word)
    """What the block cannot tell b2 is an error with a way out."""
    fault = refusal(f"Stage0 += {recipe}")
    assert type(fault) is kind
    assert help in fault.help


def test_python_of_the_distribution() -> None:
    """Boost.Python is built with the distribution's Python, whose headers come with it."""
    assert "python3-dev" in packages(plan("Stage0 += boost(python=True)"))
    assert "python3-devel" in packages(plan("Stage0 += boost(python=True)", "rockylinux:9"))
    assert "python3-dev" not in packages(plan("Stage0 += boost()"))
