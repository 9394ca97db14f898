from __future__ import annotations

import pytest
from planned import configured, environment, nodes, packages, plan, refusal

from hpcgen.errors import Conflict, WrongValue
from hpcgen.graph.nodes import ByArch


@pytest.mark.parametrize(
    ("option", "arch", "cpu_target", "words", "never"),
    [
        ("", "x86_64", "", {"--enable-sse2"}, {"--enable-avx", "--enable-neon", "--enable-single"}),
        ("", "x86_64", "haswell", {"--enable-sse2", "--enable-avx", "--enable-avx2"}, {"--enable-avx512"}),
        ("", "x86_64", "skylake_avx512", {"--enable-avx512"}, set()),
        ("", "x86_64", "bulldozer", {"--enable-avx", "--enable-avx-128-fma"}, {"--enable-avx2"}),
        ("", "aarch64", "", {"--enable-armv8-cntvct-el0", "--enable-neon"}, {"--enable-sse2"}),
        ("version='3.3.8'", "aarch64", "", {"--enable-armv8-cntvct-el0"}, {"--enable-neon"}),
        ("precision='single'", "aarch64", "", {"--enable-single", "--enable-neon"}, set()),
        ("enable_float=True", "aarch64", "", {"--enable-float", "--enable-neon"}, set()),
        ("precision='single'", "x86_64", "", {"--enable-single", "--enable-sse2"}, set()),
        ("precision='long-double'", "x86_64", "", {"--enable-long-double"}, {"--enable-sse2"}),
        ("enable_quad_precision=True", "x86_64", "", {"--enable-quad-precision"}, {"--enable-sse2"}),
        ("simd=['sse2', 'avx2']", "x86_64", "", {"--enable-sse2", "--enable-avx2"}, {"--enable-avx"}),
        ("simd=['sse2', 'avx2', 'neon']", "x86_64", "", {"--enable-sse2", "--enable-avx2"}, {"--enable-neon"}),
        ("simd=['sse2', 'avx2', 'neon']", "aarch64", "", {"--enable-neon"}, {"--enable-sse2", "--enable-avx2"}),
        ("simd=[]", "x86_64", "", set(), {"--enable-sse2"}),
    ],
)
def test_instruction_sets(option: str, arch: str, cpu_target: str, words: set[str], never: set[str]) -> None:
    """Instruction sets follow from the architecture, the CPU target and the precision, unless the recipe names them."""
    said = set(configured(plan(f"Stage0 += fftw({option})", arch=arch, cpu_target=cpu_target)))
    assert words <= said
    assert not never & said


def test_shared_libraries_with_threads() -> None:
    """Shared libraries with OpenMP and threads are the default; static ones come by a word."""
    said = configured(plan("Stage0 += fftw()"))
    assert {"--enable-shared", "--disable-static", "--enable-openmp", "--enable-threads", "--disable-mpi"} <= set(said)
    both = configured(plan("Stage0 += fftw(enable_static=True)"))
    assert both.index("--enable-static") > both.index("--disable-static")


def test_flags_for_a_cpu_target_stand_behind_its_own() -> None:
    """Flags for a CPU target do not weaken the optimization that FFTW's configure would choose."""
    (flags,) = (word for word in configured(plan("Stage0 += fftw()", cpu_target="haswell")) if word.startswith("CFLAGS="))
    assert flags.startswith("CFLAGS=-O3 -fomit-frame-pointer -fstrict-aliasing -march=haswell")


def test_mpi() -> None:
    """Transforms over MPI are built with the compiler of the MPI that the recipe has, whichever it is, and only if asked for."""
    said = configured(plan("Stage0 += openmpi()\nStage0 += fftw(mpi=True)"), "fftw")
    assert {"--enable-mpi", "MPICC=/usr/local/openmpi/bin/mpicc"} <= set(said)
    assert "--disable-mpi" in configured(plan("Stage0 += openmpi()\nStage0 += fftw()"), "fftw")
    assert "MPICC=/opt/mpich/bin/mpicc" in configured(plan("Stage0 += fftw(mpi='/opt/mpich')"))
    assert isinstance(refusal("Stage0 += fftw(mpi=True)"), Conflict)


def test_both_architectures_in_one_file() -> None:
    """One file for both architectures differs in the instruction sets alone."""
    (choice,) = nodes(plan("Stage0 += fftw()", arch="x86_64,aarch64"), ByArch)
    said = {arch: " ".join(command for node in inner for command in node.commands) for arch, inner in choice.choices}
    assert "--enable-sse2" in said["x86_64"]
    assert "--enable-sse2" not in said["aarch64"]


def test_runtime_and_precision() -> None:
    """What runs it needs libgomp; a precision that there is not is refused."""
    graph = plan("Stage0 += fftw()\nStage1 += baseimage(image='debian:12')\nStage1 += Stage0.runtime(kind='prefix')")
    assert "libgomp1" in packages(graph, 1)
    assert environment(graph, 1)["LD_LIBRARY_PATH"] == ["/usr/local/fftw/lib"]
    fault = refusal("Stage0 += fftw(precision='half')")
    assert isinstance(fault, WrongValue)
    assert "'single'" in fault.help
