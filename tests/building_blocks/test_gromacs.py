from __future__ import annotations

import shlex

import pytest
from planned import commands, configured, nodes, packages, plan, refusal, upon

import hpcgen
from hpcgen.errors import Conflict, WrongValue
from hpcgen.graph.nodes import ByArch, RuntimeOf, WriteFile

BEFORE = "Stage0 += cmake()\nStage0 += fftw(precision='single')\n"


def said(options: str = "", before: str = BEFORE, **words: str) -> set[str]:
    """The words that cmake is given for GROMACS."""
    return set(configured(plan(f"{before}Stage0 += gromacs({options})", **words), "gromacs", "cmake -S ."))


def simd_of(options: str, **words: str) -> list[str]:
    """The instruction sets of its builds, in order."""
    lines = [shlex.split(line) for line in commands(plan(f"{BEFORE}Stage0 += gromacs({options})", **words), "gromacs") if "cmake -S" in line]
    return [word.removeprefix("-DGMX_SIMD=") for line in lines for word in line if word.startswith("-DGMX_SIMD=")]


def test_alone() -> None:
    """For one machine it has thread-MPI and OpenMP, the recipe's FFTW, and nothing by chance."""
    words = said()
    assert {"-DGMX_MPI=OFF", "-DGMX_THREAD_MPI=ON", "-DGMX_OPENMP=ON", "-DGMX_DOUBLE=OFF", "-DGMX_GPU=OFF", "-DGMX_HWLOC=OFF"} <= words
    assert {"-DGMX_FFT_LIBRARY=fftw3", "-DFFTWF_LIBRARY=/usr/local/fftw/lib/libfftw3f.so", "-DFFTWF_INCLUDE_DIR=/usr/local/fftw/include"} <= words
    assert {"-DGMX_BUILD_OWN_FFTW=OFF", "-DGMX_NNPOT=OFF", "-DGMX_USE_HDF5=OFF", "-DGMX_USE_PLUMED=OFF", "-DREGRESSIONTEST_DOWNLOAD=OFF"} <= words
    assert {"-DGMX_BINARY_SUFFIX=", "-DGMX_LIBS_SUFFIX="} <= words


def test_each_version_is_told_what_it_knows() -> None:
    """Words of newer releases are not said to older ones."""
    words = said("version='2024.4'")
    assert "-DGMX_USE_COLVARS=INTERNAL" in words
    assert not {word for word in words if "NNPOT" in word or "HDF5" in word or "PLUMED" in word}


def test_double_precision() -> None:
    """Double precision takes FFTW's library of that, and its program is called as GROMACS calls it."""
    words = said("double=True", "Stage0 += cmake()\nStage0 += fftw()\n")
    assert {"-DGMX_DOUBLE=ON", "-DFFTW_LIBRARY=/usr/local/fftw/lib/libfftw3.so", "-DFFTW_INCLUDE_DIR=/usr/local/fftw/include"} <= words
    assert "-DGMX_BINARY_SUFFIX=_d" in words


def test_both_precisions_of_fftw_in_one_prefix() -> None:
    """Where several of FFTW's precisions share a prefix, each GROMACS finds its own."""
    assert said("", BEFORE + "Stage0 += fftw()\n")
    assert said("fftw='/usr/local/fftw'", "Stage0 += cmake()\nStage0 += fftw(enable_float=True)\nStage0 += fftw()\n")


def test_the_distributions_fftw() -> None:
    """Without FFTW in the recipe it is the distribution's; without any it cannot be."""
    graph = plan("Stage0 += cmake()\nStage0 += gromacs()")
    assert "libfftw3-dev" in packages(graph)
    assert not {word for word in configured(graph, "gromacs", "cmake -S .") if word.startswith("-DFFTW")}
    assert isinstance(refusal("Stage0 += cmake()\nStage0 += gromacs(fftw=False)"), Conflict)


def test_partners() -> None:
    """MPI, hwloc and CUDA are the recipe's, named by their paths; GPUs are CUDA's, unless named."""
    cuda = "Stage0 += cuda(version='12.9', parts=['nvcc', 'cudart', 'cufft'], architectures=['80', '90'])\n"
    before = f"{cuda}Stage0 += openmpi()\nStage0 += hwloc()\n{BEFORE}"
    words = said("", before)
    assert {"-DGMX_MPI=ON", "-DGMX_THREAD_MPI=OFF", "-DMPI_CXX_COMPILER=/usr/local/openmpi/bin/mpicxx", "-DGMX_BINARY_SUFFIX=_mpi"} <= words
    assert {"-DGMX_HWLOC=ON", "-DGMX_HWLOC_FORCE=ON", "-DHWLOC_DIR=/usr/local/hwloc"} <= words
    assert {"-DGMX_GPU=CUDA", "-DGMX_USE_CUFFTMP=OFF", "-DCUDAToolkit_ROOT=/usr/local/cuda", "-DGMX_CUDA_ARCHITECTURES=80;90"} <= words
    assert "-DGMX_CUDA_ARCHITECTURES=90" in said("architectures=['sm_90']", before)
    assert "-DGMX_CUDA_TARGET_SM=80;90" in said("version='2025.4'", before)
    assert upon(plan(f"{before}Stage0 += gromacs()"), "gromacs") == {"cuda", "openmpi", "hwloc", "fftw", "cmake"}
    assert "libhwloc-dev" in packages(plan(f"{BEFORE}Stage0 += gromacs(hwloc='system')"))


@pytest.mark.parametrize(
    ("options", "arch", "cpu_target", "names"),
    [
        ("", "x86_64", "", ["SSE2"]),
        ("", "aarch64", "", ["ARM_NEON_ASIMD"]),
        ("", "x86_64", "x86_64", ["SSE2"]),
        ("", "x86_64", "x86_64_v2", ["SSE4.1"]),
        ("", "x86_64", "sandybridge", ["AVX_256"]),
        ("", "x86_64", "zen2", ["AVX2_128"]),
        ("", "x86_64", "zen3", ["AVX2_256"]),
        ("", "x86_64", "haswell", ["AVX2_256"]),
        ("", "x86_64", "zen4", ["AVX_512"]),
        ("", "x86_64", "x86_64_v4", ["AVX_512"]),
        ("", "aarch64", "neoverse_v2", ["ARM_NEON_ASIMD"]),
        ("simd=['AVX2_256']", "x86_64", "zen4", ["AVX2_256"]),
        ("simd=['SSE2', 'AVX_512', 'ARM_NEON_ASIMD', 'AVX2_256']", "x86_64", "", ["AVX_512", "AVX2_256", "SSE2"]),
        ("simd=['SSE2', 'AVX_512', 'ARM_NEON_ASIMD', 'AVX2_256']", "aarch64", "", ["ARM_NEON_ASIMD"]),
    ],
)
def test_instruction_sets(options: str, arch: str, cpu_target: str, names: list[str]) -> None:
    """Instruction sets are the recipe's, the best first, else the best that the CPU target has, else what every processor has: never the builder's."""
    assert simd_of(options, arch=arch, cpu_target=cpu_target) == names


def test_several_instruction_sets() -> None:
    """Several are several builds of one source, with programs beside each other, and what is called gmx_mpi picks one where it is started."""
    recipe = f"Stage0 += openmpi()\n{BEFORE}Stage0 += gromacs(simd=['AVX2_256', 'AVX_512'], prefix='/opt/g')"
    graph = plan(recipe)
    endings = [word for line in commands(graph, "gromacs") for word in line.split() if word.startswith("-DGMX_BINARY_SUFFIX=")]
    assert endings == ["-DGMX_BINARY_SUFFIX=_mpi_AVX_512", "-DGMX_BINARY_SUFFIX=_mpi_AVX2_256"]
    (launcher,) = nodes(graph, WriteFile, "gromacs")
    assert (launcher.path, launcher.mode) == ("/opt/g/bin/gmx_mpi", "0755")
    assert launcher.content.endswith('exec /opt/g/bin/gmx_mpi_"$build" "$@"\n')
    assert ("program", "/opt/g/bin/gmx*") in graph.stages[0].blocks[-1].leaves.take  # the launcher and all that it may start
    assert not nodes(plan(f"{BEFORE}Stage0 += gromacs(simd=['AVX2_256'])"), WriteFile, "gromacs")


def test_both_architectures_in_one_file() -> None:
    """One recipe for both architectures gives each its own instruction sets."""
    graph = plan(f"{BEFORE}Stage0 += gromacs(simd=['AVX2_256', 'AVX_512', 'ARM_NEON_ASIMD'])", arch="x86_64,aarch64")
    (choice,) = nodes(graph, ByArch, "gromacs")
    words = {arch: str(inner) for arch, inner in choice.choices}
    assert "AVX_512" in words["x86_64"]
    assert "AVX_512" not in words["aarch64"]
    assert "ARM_NEON_ASIMD" in words["aarch64"]


@pytest.mark.parametrize(
    ("options", "arch", "kind", "help_"),
    [
        ("simd=['AVX512']", "", WrongValue, "AVX_512"),
        ("simd=['ARM_SVE']", "", WrongValue, "ARM_NEON_ASIMD"),
        ("simd=[]", "", WrongValue, "leave it out"),
        ("simd=['AVX2_256']", "aarch64", Conflict, "ARM_NEON_ASIMD"),
        ("architectures=['90a']", "", WrongValue, "sm_90"),
    ],
)
def test_what_is_refused(options: str, arch: str, kind: type, help_: str) -> None:
    """Instruction sets that there are not, and those that no processor of the architecture has, are refused with those that are."""
    fault = refusal(f"{BEFORE}Stage0 += gromacs({options})", arch=arch)
    assert isinstance(fault, kind)
    assert help_ in fault.help


def test_what_runs() -> None:
    """A runtime stage takes its programs, its tables and the scripts that people source, and of libraries what these need."""
    graph = plan(f"{BEFORE}Stage0 += gromacs(prefix='/opt/g')\nStage1 += baseimage(image='debian:12')\nStage1 += Stage0.runtime()")
    leaves = graph.stages[0].blocks[-1].leaves
    assert leaves.take == (("program", "/opt/g/bin/gmx*"), ("data", "/opt/g/share/gromacs/top"), ("data", "/opt/g/bin/GMXRC*"))
    assert leaves.left == ("/opt/g/bin/gmx-completion*",)
    (runtime,) = nodes(graph, RuntimeOf, stage=1)
    assert runtime.libraries == "needed"
    assert hpcgen.emit(graph).text
