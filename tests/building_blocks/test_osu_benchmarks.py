from __future__ import annotations

import pytest
from planned import configured, environment, packages, plan, refusal, upon

import hpcgen
from hpcgen.errors import Conflict

PROGRAMS = "/usr/local/osu/libexec/osu-micro-benchmarks"


@pytest.mark.parametrize(
    ("mpi", "folder"),
    [("openmpi()", "/usr/local/openmpi"), ("mpich()", "/usr/local/mpich"), ("mpich(prefix='/opt/mpich')", "/opt/mpich")],
)
def test_any_mpi(mpi: str, folder: str) -> None:
    """It is compiled by the compilers of whatever MPI the recipe has."""
    graph = plan(f"Stage0 += {mpi}\nStage0 += osu_benchmarks()")
    assert {f"CC={folder}/bin/mpicc", f"CXX={folder}/bin/mpicxx"} <= set(configured(graph, "osu_benchmarks"))
    assert mpi.partition("(")[0] in upon(graph, "osu_benchmarks")


def test_there_must_be_an_mpi() -> None:
    """Without an MPI there is nothing to measure."""
    for recipe in ("osu_benchmarks()", "osu_benchmarks(mpi=False)"):
        fault = refusal(f"Stage0 += {recipe}")
        assert isinstance(fault, Conflict)
        assert "mpi" in fault.sentence
        assert fault.help


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ("", {"--disable-cuda", "--disable-ncclomb", "--disable-rocm", "--disable-rcclomb", "--disable-openacc"}),
        ("cuda='/c'", {"--enable-cuda", "--with-cuda=/c", "--disable-ncclomb"}),
        ("cuda='/c', nccl='/n'", {"--enable-cuda", "--enable-ncclomb", "--with-nccl=/n"}),
        ("enable_papi=True, with_papi='/p'", {"--enable-papi", "--with-papi=/p"}),
    ],
)
def test_options(options: str, words: set[str]) -> None:
    """Each choice is said aloud."""
    said = set(configured(plan(f"Stage0 += osu_benchmarks(mpi='/m', {options})")))
    assert words <= said


def test_what_configure_would_take_for_the_opposite() -> None:
    """Words that its configure reads as yes, or ends at, are not said: --disable-papi switches PAPI on, --without-gnuplot is an error."""
    said = configured(plan("Stage0 += osu_benchmarks(mpi='/m')"))
    assert not [word for word in said if "papi" in word or "gnuplot" in word or "convert" in word or word in ("--enable-c", "--disable-c")]


def test_gpus_of_the_recipes_cuda() -> None:
    """Its kernels are compiled for the GPUs that the recipe's CUDA names; else as nvcc does by itself."""
    stack = "Stage0 += gnu()\nStage0 += cuda(%s)\nStage0 += openmpi()\nStage0 += osu_benchmarks()"
    said = configured(plan(stack % "version='12.9', architectures=['80', 'sm_90']"), "osu_benchmarks")
    assert "NVCCFLAGS=-gencode=arch=compute_80,code=sm_80 -gencode=arch=compute_90,code=sm_90" in said
    assert "--with-cuda=/usr/local/cuda" in said
    assert not [word for word in configured(plan(stack % "version='12.9'"), "osu_benchmarks") if word.startswith("NVCCFLAGS")]


def test_programs_by_name() -> None:
    """Its programs are on PATH in its own stage and where it runs; those of NCCL where it has them."""
    graph = plan("Stage0 += openmpi()\nStage0 += osu_benchmarks()\nStage1 += baseimage(image='debian:12')\nStage1 += Stage0.runtime()")
    for stage in (0, 1):
        found = environment(graph, stage)["PATH"]
        assert {f"{PROGRAMS}/mpi/{name}" for name in ("pt2pt", "collective", "one-sided", "startup")} <= set(found)
        assert not [folder for folder in found if "xccl" in folder]
    nccl = environment(plan("Stage0 += osu_benchmarks(mpi='/m', cuda='/c', nccl='/n')"))["PATH"]
    assert {f"{PROGRAMS}/xccl/pt2pt", f"{PROGRAMS}/xccl/collective"} <= set(nccl)
    assert environment(plan("Stage0 += osu_benchmarks(mpi='/m', environment=False)")) == {}


def test_what_it_leaves() -> None:
    """Its programs are taken; what they are linked with is found, and its compilers stay behind."""
    graph = plan("Stage0 += openmpi()\nStage0 += osu_benchmarks()\nStage1 += baseimage(image='debian:12')\nStage1 += Stage0.runtime()")
    assert graph["devel"].blocks[-1].leaves.take == (("program", PROGRAMS),)
    assert "gcc" not in packages(graph, 1)


def test_in_a_stage_of_its_own() -> None:
    """A Dockerfile builds it in its own stage upon that of the MPI."""
    text = hpcgen.emit(plan("Stage0 += openmpi()\nStage0 += osu_benchmarks()")).text
    assert " AS osu_benchmarks\n" in text
