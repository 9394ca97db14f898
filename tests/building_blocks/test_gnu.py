from __future__ import annotations

import subprocess

import pytest
from planned import commands, configured, environment, nodes, packages, plan, refusal, upon

from hpcgen.building_blocks.gnu import VERSIONS
from hpcgen.errors import Conflict, WrongValue
from hpcgen.graph.nodes import AddRepository, Fetch
from hpcgen.target import known, named

RUNTIME = "\nStage1 += baseimage(image={image!r})\nStage1 += Stage0.runtime(kind='prefix')"


@pytest.mark.parametrize(
    ("option", "image", "names"),
    [
        ("", "debian:12", {"gcc", "g++", "gfortran", "libc6-dev"}),
        ("", "rockylinux:9", {"gcc", "gcc-c++", "gcc-gfortran"}),
        ("fortran=False", "debian:12", {"gcc", "g++", "libc6-dev"}),
        ("cc=False, cxx=False", "rockylinux:9", {"gcc-gfortran"}),
        ("version='11'", "debian:12", {"gcc-11", "g++-11", "gfortran-11", "libc6-dev"}),
        ("version=13", "rockylinux:9", {"gcc-toolset-13-gcc", "gcc-toolset-13-gcc-c++", "gcc-toolset-13-gcc-gfortran"}),
        ("openacc=True, fortran=False", "ubuntu:24.04", {"gcc", "g++", "libc6-dev", "gcc-offload-nvptx"}),
        ("openacc=True, cxx=False, fortran=False, version='13'", "ubuntu:24.04", {"gcc-13", "libc6-dev", "gcc-13-offload-nvptx"}),
    ],
)
def test_packages(option: str, image: str, names: set[str]) -> None:
    """The wanted compilers are installed, of the wanted version, and nothing else."""
    assert packages(plan(f"Stage0 += gnu({option})", image)) == names


@pytest.mark.parametrize("target", known())
def test_versions_of_each_release(target: str) -> None:
    """Each version that a release has is taken; another one is an error that lists those it has."""
    _, release = named(target)
    have = VERSIONS.get(target) or VERSIONS[f"rhel{release}"]
    for version in have:
        graph = plan(f"Stage0 += gnu(version='{version}')", "site/base", distro=target)
        assert any(version in name for name in packages(graph))
    text = refusal_on(target)
    assert ", ".join(have) in text


def refusal_on(target: str) -> str:
    """What gnu(version='4') says on a target."""
    try:
        plan("Stage0 += gnu(version='4')", "site/base", distro=target)
    except Conflict as fault:
        return fault.sentence
    raise AssertionError(target)


def test_a_version_is_what_is_called_by_name() -> None:
    """With apt, a version's programs take the plain names, and keep them when the distribution's own come later."""
    said = commands(plan("Stage0 += gnu(version='11')"))
    for command in said:
        subprocess.run(("sh", "-n", "-c", command), check=True)
    assert "for name in gcc cpp gcov gcc-ar gcc-nm gcc-ranlib g++ gfortran;" in said[0]
    assert "dpkg-divert" in said[0]
    assert "update-alternatives --install /usr/bin/cc cc /usr/bin/gcc-11 100" in said
    assert commands(plan("Stage0 += gnu()")) == []


def test_gcc_toolset_is_found_by_path() -> None:
    """With dnf, the toolset's programs are found while building, and no stage that runs something looks there."""
    graph = plan("Stage0 += gnu(version='13')" + RUNTIME.format(image="rockylinux:9"), "rockylinux:9")
    assert environment(graph) == {"PATH": ["/opt/rh/gcc-toolset-13/root/usr/bin"]}
    assert environment(graph, 1) == {}


def test_runtime() -> None:
    """What compiled programs need comes by package, Fortran's library only if it was wanted."""
    assert packages(plan("Stage0 += gnu()" + RUNTIME.format(image="debian:12")), 1) == {"libgcc-s1", "libgomp1", "libstdc++6", "libgfortran5"}
    assert "libgfortran" not in packages(plan("Stage0 += gnu(fortran=False)" + RUNTIME.format(image="rockylinux:9"), "rockylinux:9"), 1)
    assert "libgomp-plugin-nvptx1" in packages(plan("Stage0 += gnu(openacc=True)" + RUNTIME.format(image="debian:12")), 1)


def test_source() -> None:
    """A compiler from source is built in a folder of its own with the distribution's arithmetic libraries; its libraries alone are run with."""
    graph = plan("Stage0 += gnu(source=True, version='13.4.0', fortran=False, enable_lto=True)" + RUNTIME.format(image="debian:12"))
    (fetch,) = nodes(graph, Fetch)
    assert fetch.url == "https://ftpmirror.gnu.org/gcc/gcc-13.4.0/gcc-13.4.0.tar.xz"
    assert {"gcc", "g++", "make", "libgmp-dev", "libmpfr-dev", "libmpc-dev", "xz-utils"} <= packages(graph)
    said = configured(graph)
    assert {"--prefix=/usr/local/gnu", "--disable-multilib", "--enable-languages=c,c++", "--enable-lto"} <= set(said)
    assert said[1] == "/usr/local/src/gnu-13.4.0/configure"
    assert commands(graph)[:2] == ["mkdir -p objdir", "cd objdir"]
    facts = graph.stages[0].blocks[0]
    assert (facts.prefixes, facts.closed) == (("/usr/local/gnu/lib64",), True)
    assert environment(graph, 1) == {"LD_LIBRARY_PATH": ["/usr/local/gnu/lib64"]}
    assert not packages(graph, 1)


def test_toolchain() -> None:
    """The toolchain names the compilers as later blocks call them; one from source by its path."""
    recipe = "c = gnu({})\nStage0 += c\nStage0 += environment(variables=vars(c.toolchain))"
    assert environment(plan(recipe.format(""))) == {
        name: [program] for name, program in (("CC", "gcc"), ("CXX", "g++"), ("FC", "gfortran"), ("F77", "gfortran"), ("F90", "gfortran"))
    }
    assert environment(plan(recipe.format("source=True, cxx=False, fortran=False")))["CC"] == ["/usr/local/gnu/bin/gcc"]
    changed = "c = gnu()\nimport copy\nt = copy.copy(c.toolchain)\nt.CFLAGS = '-O1'\nStage0 += c\nStage0 += libevent(toolchain=t)"
    assert "CFLAGS=-O1" in configured(plan(changed))


def test_no_second_set_of_compilers() -> None:
    """A block behind gnu installs no compilers, and builds upon gnu; one without brings the distribution's."""
    graph = plan("Stage0 += gnu(version='11')\nStage0 += ucx()")
    assert not {"gcc", "g++"} & packages(graph)
    assert upon(graph, "ucx") == {"gnu"}
    assert {"gcc", "g++", "libc6-dev"} <= packages(plan("Stage0 += ucx()"))
    fault = refusal("Stage0 += gnu(cxx=False)\nStage0 += ucx()")
    assert "ucx needs a compiler for c++, which gnu before it leaves out" in fault.sentence


def test_toolchain_ppa() -> None:
    """Ubuntu's toolchain PPA comes with the fingerprint of its key, for the stage's own release."""
    graph = plan("Stage0 += gnu(version='16', extra_repository=True)", "ubuntu:24.04")
    (repository,) = nodes(graph, AddRepository)
    assert (repository.suite, repository.components) == ("noble", ("main",))
    assert len(repository.fingerprint) == 40
    assert "gcc-16" in packages(graph)


@pytest.mark.parametrize(
    ("option", "image", "sentence"),
    [
        ("extra_repository=True, version='16'", "debian:12", "the toolchain PPA is Ubuntu's"),
        ("extra_repository=True, version='16'", "rockylinux:9", "in its own repositories"),
        ("extra_repository=True", "ubuntu:24.04", "without a version"),
        ("openacc=True, source=True", "debian:12", "nvptx-tools"),
        ("cc=False, cxx=False, fortran=False", "debian:12", "without any compiler"),
        ("prefix='/opt/gcc'", "debian:12", "prefix=...) is for source=True"),
        ("with_isl=True", "debian:12", "for source=True"),
        ("source=5", "debian:12", "source=5"),
    ],
)
def test_refused(option: str, image: str, sentence: str) -> None:
    """What means nothing, or cannot be had, is an error that says so."""
    fault = refusal(f"Stage0 += gnu({option})", image)
    assert isinstance(fault, Conflict | WrongValue)
    assert sentence in fault.sentence
    assert fault.help


def test_openacc_is_for_x86_64() -> None:
    """Offloading is refused where distributions have none."""
    assert "x86_64 alone" in refusal("Stage0 += gnu(openacc=True)", arch="aarch64").sentence


def test_compilers_of_a_version_that_is_not_known() -> None:
    """An archive that the recipe names has no version but the recipe's: no rule takes it for another."""
    recipe = "Stage0 += gnu(source='https://example.org/gcc.tar.xz', sha256=None)\nStage0 += ucx(version='1.18.1')"
    graph = plan(recipe, "ubuntu:26.04")
    assert str(graph.stages[0].blocks[0].ref) == "gnu"
    assert not [warning for warning in graph.warnings if "GCC" in warning]
