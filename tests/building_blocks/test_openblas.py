from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

import archspec.cpu
import pytest
from planned import commands, nodes, packages, plan, refusal

from hpcgen.building_blocks.openblas import TARGETS
from hpcgen.errors import WrongValue
from hpcgen.graph.nodes import ByArch

if TYPE_CHECKING:
    from hpcgen.graph.stages import StageGraph


def made(graph: StageGraph) -> list[list[str]]:
    """The words of each call of make."""
    return [shlex.split(command) for command in commands(graph, "openblas") if "make " in command]


def words(options: str = "", *, arch: str = "", cpu_target: str = "", image: str = "debian:12") -> list[str]:
    """The words that make is given to build the libraries."""
    return made(plan(f"Stage0 += openblas({options})", image, arch=arch, cpu_target=cpu_target))[0]


@pytest.mark.parametrize(
    ("arch", "cpu_target", "target", "dynamic"),
    [
        ("x86_64", "", "GENERIC", 1),
        ("aarch64", "", "ARMV8", 1),
        ("x86_64", "x86_64_v3", "GENERIC", 1),
        ("x86_64", "haswell", "HASWELL", 0),
        ("x86_64", "skylake", "HASWELL", 0),
        ("x86_64", "skylake_avx512", "SKYLAKEX", 0),
        ("x86_64", "icelake", "SKYLAKEX", 0),
        ("x86_64", "sapphirerapids", "SAPPHIRERAPIDS", 0),
        ("x86_64", "zen3", "ZEN", 0),
        ("x86_64", "zen4", "COOPERLAKE", 0),
        ("x86_64", "zen5", "COOPERLAKE", 0),
        ("x86_64", "westmere", "NEHALEM", 0),
        ("aarch64", "neoverse_n1", "NEOVERSEN1", 0),
        ("aarch64", "neoverse_v1", "NEOVERSEV1", 0),
        ("aarch64", "neoverse_v2", "NEOVERSEV1", 0),
        ("aarch64", "a64fx", "A64FX", 0),
        ("aarch64", "armv8.2a", "ARMV8", 1),
    ],
)
def test_processors(arch: str, cpu_target: str, target: str, dynamic: int) -> None:
    """Without a CPU target it chooses its code when it runs; with one it is compiled for what OpenBLAS has for it or its nearest ancestor."""
    said = words(arch=arch, cpu_target=cpu_target)
    assert f"TARGET={target}" in said
    assert f"DYNAMIC_ARCH={dynamic}" in said


def test_processors_are_archspecs() -> None:
    """Each microarchitecture of the table is one that archspec knows."""
    assert set(TARGETS) <= set(archspec.cpu.TARGETS)


def test_a_target_of_the_recipes_own() -> None:
    """The recipe's target comes before the CPU target; flags for the CPU target do not reach its own files."""
    said = words("target='haswell'", cpu_target="zen4")
    assert {"TARGET=HASWELL", "DYNAMIC_ARCH=0"} <= set(said)
    assert not [word for word in said if "march" in word]
    assert "DYNAMIC_ARCH=0" in words("dynamic=False")


@pytest.mark.parametrize(
    ("option", "has", "never"),
    [
        ("", {"USE_OPENMP=1", "USE_THREAD=1", "NUM_THREADS=128", "NO_STATIC=1", "NO_AFFINITY=1", "MAKE_NB_JOBS=0"}, {"NOFORTRAN=1", "INTERFACE64=1"}),
        ("threads='pthreads', num_threads=64", {"USE_OPENMP=0", "USE_THREAD=1", "NUM_THREADS=64"}, {"USE_OPENMP=1"}),
        ("threads='none'", {"USE_THREAD=0", "USE_LOCKING=1"}, {"NUM_THREADS=128"}),
        ("fortran=False, ilp64=True, static=True", {"NOFORTRAN=1", "INTERFACE64=1"}, {"NO_STATIC=1"}),
        ("make_opts=['TARGET=ARMV8', 'USE_OPENMP=0']", {"TARGET=ARMV8", "USE_OPENMP=0"}, {"TARGET=GENERIC", "USE_OPENMP=1"}),
        ("toolchain=toolchain(CC='clang', FC='flang')", {"CC=clang", "FC=flang"}, set()),
    ],
)
def test_options(option: str, has: set[str], never: set[str]) -> None:
    """Each choice is a word for make; the recipe's own words come instead of the block's."""
    said = set(words(option))
    assert has <= said
    assert not never & said


def test_each_call_of_make_has_the_same_words() -> None:
    """Libraries, LAPACK, the shared library and installation are made one after the other, with the same words and the prefix; tests if wanted."""
    calls = made(plan("Stage0 += openblas(prefix='/opt/blas', check=True)"))
    assert [call[-1] for call in calls] == ["libs", "netlib", "shared", "tests", "install"]
    assert all({"PREFIX=/opt/blas", "DYNAMIC_ARCH=1", "USE_OPENMP=1"} <= set(call) for call in calls)
    assert len(made(plan("Stage0 += openblas()"))) == 4


def test_compilers_and_runtime() -> None:
    """Fortran is needed for LAPACK alone; what runs it needs the compilers' libraries."""
    graph = plan("Stage0 += openblas()\nStage1 += baseimage(image='debian:12')\nStage1 += Stage0.runtime(kind='prefix')")
    assert "gfortran" in packages(graph)
    assert packages(graph, 1) == {"libgfortran5", "libgomp1"}
    without = plan(
        "Stage0 += openblas(fortran=False, threads='pthreads')\nStage1 += baseimage(image='debian:12')\nStage1 += Stage0.runtime(kind='prefix')"
    )
    assert "gfortran" not in packages(without)
    assert packages(without, 1) == set()
    assert graph.stages[0].blocks[-1].leaves.take == ()


def test_both_architectures_in_one_file() -> None:
    """One file for both architectures differs in what the common code is compiled for."""
    choices = nodes(plan("Stage0 += openblas()", arch="x86_64,aarch64"), ByArch)
    said = {
        arch: " ".join(command for node in inner for command in getattr(node, "commands", ())) for choice in choices for arch, inner in choice.choices
    }
    assert "TARGET=GENERIC" in said["x86_64"]
    assert "TARGET=ARMV8" in said["aarch64"]


def test_threads_that_there_are_not() -> None:
    """Another way to run on several processors is refused with those there are."""
    fault = refusal("Stage0 += openblas(threads='tbb')")
    assert isinstance(fault, WrongValue)
    assert "'pthreads'" in fault.help
