from __future__ import annotations

import subprocess
from itertools import pairwise

import pytest
from planned import commands, configured, environment, nodes, packages, plan, refusal, upon

from hpcgen.block.compilers import DISTRIBUTION_CLANG
from hpcgen.building_blocks.llvm import FLANG, UPSTREAM, VERSIONS
from hpcgen.errors import Conflict, WrongValue
from hpcgen.graph.nodes import AddRepository
from hpcgen.target import known, named

RUNTIME = "\nStage1 += baseimage(image={image!r})\nStage1 += Stage0.runtime(kind='prefix')"
APT = [target for target in known() if target in VERSIONS]


@pytest.mark.parametrize(
    ("option", "image", "names"),
    [
        ("", "debian:12", {"clang", "libomp-dev"}),
        ("openmp=False", "debian:12", {"clang"}),
        ("version='16', openmp=False", "debian:12", {"clang-16"}),
        ("version=19", "debian:12", {"clang-19", "libomp-19-dev"}),
        ("version='19', fortran=True", "debian:12", {"clang-19", "flang-19", "libomp-19-dev"}),
        ("extra_tools=True", "ubuntu:24.04", {"clang", "clang-format", "clang-tidy", "libomp-dev"}),
        ("upstream=True, openmp=False", "ubuntu:24.04", {"clang-23"}),
        ("ospackages=['git']", "ubuntu:24.04", {"clang", "libomp-dev", "git"}),
        ("", "rockylinux:9", {"clang", "libomp", "libomp-devel"}),
        ("extra_tools=True, openmp=False", "rockylinux:8", {"clang", "clang-tools-extra"}),
        ("toolset=True", "almalinux:10", {"clang", "libomp", "libomp-devel", "clang-tools-extra", "llvm-toolset", "llvm-devel", "lld", "lldb"}),
    ],
)
def test_packages(option: str, image: str, names: set[str]) -> None:
    """The compilers of the wanted version come with what the options add, and nothing else."""
    assert packages(plan(f"Stage0 += llvm({option})", image)) == names


def test_all_of_it() -> None:
    """toolset=True brings the tools, the linker, the debugger, libc++, and the libraries to build against."""
    plain = packages(plan("Stage0 += llvm(toolset=True)"))
    assert {"clang", "clang-tidy", "clang-tools", "lld", "lldb", "llvm", "llvm-dev", "libclang-dev", "libc++-dev", "libc++abi-dev"} <= plain
    assert {"lld-19", "llvm-19-dev", "libc++-19-dev"} <= packages(plan("Stage0 += llvm(toolset=True, version='19')"))


@pytest.mark.parametrize("target", APT)
def test_versions_of_each_release(target: str) -> None:
    """Each version that a release has is taken; another one is an error that lists those it has, and says where else it is."""
    for version in VERSIONS[target]:
        assert f"clang-{version}" in packages(plan(f"Stage0 += llvm(version='{version}')", "site/base", distro=target))
    fault = refused_on(target, "version='3'")
    assert ", ".join(VERSIONS[target]) in fault.sentence
    elsewhere = next((version for version in UPSTREAM[target] if str(version) not in VERSIONS[target]), None)
    if elsewhere is not None:
        assert "apt.llvm.org" in refused_on(target, f"version='{elsewhere}'").help


def refused_on(target: str, options: str) -> Conflict:
    """The error that llvm() ends with on a target."""
    try:
        plan(f"Stage0 += llvm({options})", "site/base", distro=target)
    except Conflict as fault:
        return fault
    raise AssertionError(target)


def test_tables_agree() -> None:
    """Each release's own version and those with flang are among its versions, which stand in order."""
    for target, versions in VERSIONS.items():
        assert all(int(older) < int(newer) for older, newer in pairwise(versions))
        assert DISTRIBUTION_CLANG[target] in versions
        assert set(FLANG.get(target, ())) <= set(versions)
    assert set(VERSIONS) == set(UPSTREAM) == set(DISTRIBUTION_CLANG) == {target for target in known() if named(target)[0] in ("debian", "ubuntu")}


def test_called_by_name() -> None:
    """With apt, the compilers are cc and c++ too, and a version's programs take the plain names; flang was flang-new before LLVM 20."""
    assert commands(plan("Stage0 += llvm()")) == [
        "update-alternatives --install /usr/bin/cc cc /usr/bin/clang 100",
        "update-alternatives --install /usr/bin/c++ c++ /usr/bin/clang++ 100",
    ]
    said = commands(plan("Stage0 += llvm(version='19', fortran=True, extra_tools=True)"))
    assert "for name in clang clang++ clang-format clang-tidy;" in said[0]
    assert "/usr/bin/$name-19" in said[0]
    assert said[-2] == "update-alternatives --install /usr/bin/flang flang /usr/bin/flang-new-19 100"
    assert commands(plan("Stage0 += llvm(version='22', fortran=True)"))[-1].endswith("f95 /usr/bin/flang-22 100")
    for command in said:
        subprocess.run(("sh", "-n", "-c", command), check=True)
    assert commands(plan("Stage0 += llvm()", "rockylinux:9")) == []


def test_upstream() -> None:
    """apt.llvm.org's suite of the release and the version comes with the fingerprint of its key; the development branch has no number."""
    graph = plan("Stage0 += llvm(upstream=True, version='21')", "ubuntu:22.04")
    (repository,) = nodes(graph, AddRepository)
    assert (repository.url, repository.suite) == ("https://apt.llvm.org/jammy", "llvm-toolchain-jammy-21")
    assert (repository.components, len(repository.fingerprint)) == (("main",), 40)
    graph = plan("Stage0 += llvm(upstream=True, version='24', _trunk_version='24')")
    assert nodes(graph, AddRepository)[0].suite == "llvm-toolchain-bookworm"
    assert any("llvm-trunk" in warning for warning in graph.warnings)


def test_builds_behind_it_are_told() -> None:
    """A configure behind llvm is told clang, though GCC is there too; what stands behind gnu again is not."""
    graph = plan("Stage0 += gnu(version='11')\nStage0 += llvm()\nStage0 += ucx()")
    assert {"CC=clang", "CXX=clang++"} <= set(configured(graph, "ucx"))
    assert upon(graph, "ucx") >= {"gnu", "llvm"}
    assert not {"gcc", "g++"} & packages(graph)
    assert "CC=clang" not in configured(plan("Stage0 += llvm()\nStage0 += gnu()\nStage0 += ucx()"), "ucx")
    assert "CC=icc" in configured(plan("Stage0 += llvm()\nStage0 += libevent(toolchain=toolchain(CC='icc'))"), "libevent")
    assert "CC=gcc" in configured(plan("Stage0 += llvm()\nStage0 += libevent(build_environment={'CC': 'gcc'})"), "libevent")


def test_each_language_by_its_own() -> None:
    """Clang for C and gfortran for Fortran: each build is told the one and finds the other."""
    said = configured(plan("Stage0 += llvm()\nStage0 += gnu(cc=False, cxx=False)\nStage0 += openmpi()"), "openmpi")
    assert {"CC=clang", "CXX=clang++", "--enable-mpi-fortran=yes"} <= set(said)
    assert not any(word.startswith("FC=") for word in said)
    assert "FC=flang" in configured(plan("Stage0 += llvm(version='22', fortran=True)\nStage0 += openmpi()"), "openmpi")
    assert "--enable-mpi-fortran=no" in configured(plan("Stage0 += llvm()\nStage0 += openmpi()"), "openmpi")


def test_toolchain() -> None:
    """The toolchain names the compilers; Fortran's only where it is wanted."""
    recipe = "c = llvm({})\nStage0 += c\nStage0 += environment(variables=vars(c.toolchain))"
    assert environment(plan(recipe.format(""))) == {"CC": ["clang"], "CXX": ["clang++"]}
    assert environment(plan(recipe.format("fortran=True, version='19'")))["FC"] == ["flang"]


@pytest.mark.parametrize(
    ("options", "image", "names"),
    [
        ("", "debian:12", {"libgcc-s1", "libstdc++6", "libomp5-14"}),
        ("openmp=False", "debian:12", {"libgcc-s1", "libstdc++6"}),
        ("version='19'", "debian:13", {"libgcc-s1", "libstdc++6", "libomp5-19"}),
        ("version='22'", "debian:13", {"libgcc-s1", "libstdc++6", "libomp5-19"}),
        ("version='17'", "debian:13", {"libgcc-s1", "libstdc++6", "libomp5-17t64"}),
        ("version='16'", "debian:12", {"libgcc-s1", "libstdc++6", "libomp5-16"}),
        ("version='22', toolset=True", "debian:12", {"libgcc-s1", "libstdc++6", "libomp5-19", "libc++1-19", "libc++abi1-19"}),
        ("version='19'", "ubuntu:26.04", {"libgcc-s1", "libstdc++6", "libomp5"}),
        ("version='19', toolset=True", "debian:12", {"libgcc-s1", "libstdc++6", "libomp5-19", "libc++1-19", "libc++abi1-19"}),
        ("", "rockylinux:9", {"libgcc", "libstdc++", "libomp"}),
    ],
)
def test_runtime_by_prefix(options: str, image: str, names: set[str]) -> None:
    """The libraries of compiled programs come by package: the OpenMP runtime by the name that its version has."""
    assert packages(plan(f"Stage0 += llvm({options})" + RUNTIME.format(image=image), image), 1) == names


def test_runtime_of_upstream() -> None:
    """The OpenMP runtime of apt.llvm.org comes from there in the runtime stage too."""
    graph = plan("Stage0 += llvm(upstream=True, version='21')" + RUNTIME.format(image="debian:12"))
    assert nodes(graph, AddRepository, stage=1)[0].suite == "llvm-toolchain-bookworm-21"
    assert "libomp5" in packages(graph, 1)
    assert "libomp5-18" in packages(plan("Stage0 += llvm(upstream=True, version='18')" + RUNTIME.format(image="debian:12")), 1)


@pytest.mark.parametrize(
    ("options", "image", "sentence", "kind"),
    [
        ("upstream=True", "rockylinux:9", "apt.llvm.org has packages for Debian and Ubuntu", Conflict),
        ("version='19'", "almalinux:8", "one LLVM", Conflict),
        ("fortran=True", "rockylinux:9", "no flang", Conflict),
        ("fortran=True", "ubuntu:22.04", "no flang 14", Conflict),
        ("fortran=True, version='16'", "debian:12", "no flang 16 that links programs", Conflict),
        ("upstream=True, version='12'", "debian:12", "apt.llvm.org for debian12 has no LLVM 12", Conflict),
        ("version='19.1'", "debian:12", "19.1", WrongValue),
        ("_trunk_version='24'", "debian:12", "apt.llvm.org", WrongValue),
    ],
)
def test_refused(options: str, image: str, sentence: str, kind: type[Exception]) -> None:
    """What a target does not have is an error with a way out, never the nearest version."""
    fault = refusal(f"Stage0 += llvm({options})", image)
    assert type(fault) is kind
    assert sentence in fault.sentence
    assert fault.help
