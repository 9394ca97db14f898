from __future__ import annotations

import shlex

import pytest
from planned import commands, configured, environment, nodes, packages, plan, refusal, upon

from hpcgen.errors import Conflict, WrongValue
from hpcgen.graph.nodes import Fetch, Run, WriteFile

GPUS = "cuda(version='12.9', parts=['nvcc', 'cudart', 'cufft'], architectures=['80', '90'])"
STACK = "Stage0 += openmpi()\nStage0 += fftw()\n"


def said(recipe: str, **words: str) -> list[str]:
    """The words that cmake is given for LAMMPS, variables before it first."""
    return configured(plan(recipe, **words), "lammps", "cmake -S .")


def builds(recipe: str) -> list[set[str]]:
    """The words of each of several builds."""
    return [set(shlex.split(line)) for line in commands(plan(recipe), "lammps") if "cmake -S" in line]


@pytest.mark.parametrize(
    ("version", "url"),
    [
        ("20250722.4", "stable_22Jul2025_update4"),
        ("22Jul2025_update4", "stable_22Jul2025_update4"),
        ("stable_2Aug2023_update4", "stable_2Aug2023_update4"),
        ("20210929.2", "stable_29Sep2021_update2"),
    ],
)
def test_versions_are_written_either_way(version: str, url: str) -> None:
    """A version is LAMMPS' own name for it, or its date in an order; the archive is that of the tag."""
    (fetch,) = nodes(plan(f"Stage0 += lammps(version='{version}')"), Fetch)
    assert fetch.url == f"https://github.com/lammps/lammps/archive/{url}.tar.gz"


def test_an_unknown_version() -> None:
    """A release without a known checksum is built with the recipe's; what is no date is no release."""
    (fetch,) = nodes(plan(f"Stage0 += lammps(version='4Jul2026', sha256='{'0' * 64}')"), Fetch)
    assert fetch.url.endswith("/stable_4Jul2026.tar.gz")
    assert "22Jul2025_update4" in refusal(f"Stage0 += lammps(version='newest', sha256='{'0' * 64}')").help


def test_partners_and_packages() -> None:
    """MPI and FFTW of the recipe are named by their paths; each package is a word, and what a builder may have by chance is off."""
    words = said(STACK + "Stage0 += lammps()")
    assert {"-DBUILD_MPI=ON", "-DMPI_CXX_COMPILER=/usr/local/openmpi/bin/mpicxx", "-DBUILD_OMP=ON"} <= set(words)
    assert {"-DFFT=FFTW3", "-DCMAKE_PREFIX_PATH=/usr/local/fftw", "-DFFT_FFTW_THREADS=ON"} <= set(words)
    assert {f"-DPKG_{name}=ON" for name in ("KSPACE", "MANYBODY", "MOLECULE", "RIGID")} <= set(words)
    assert {f"-DWITH_{name}=OFF" for name in ("CURL", "FFMPEG", "GZIP", "JPEG", "PNG")} <= set(words)
    assert {"-DPKG_KOKKOS=OFF", "-DPKG_GPU=OFF", "-DDOWNLOAD_POTENTIALS=OFF"} <= set(words)
    assert "LDFLAGS=-Wl,-rpath,/usr/local/openmpi/lib -Wl,-rpath,/usr/local/fftw/lib -Wl,--enable-new-dtags" in words
    assert upon(plan(STACK + "Stage0 += lammps()"), "lammps") == {"openmpi", "fftw"}


def test_alone() -> None:
    """Without MPI and FFTW it is serial, with its own transforms; without KSPACE nothing transforms."""
    words = said("Stage0 += lammps()")
    assert {"-DBUILD_MPI=OFF", "-DFFT=KISS"} <= set(words)
    assert not [word for word in said(STACK + "Stage0 += lammps(packages=['MANYBODY'])") if "FFT" in word or "PREFIX_PATH" in word]
    graph = plan("Stage0 += lammps(fftw='system', openmp=False)")
    assert "libfftw3-dev" in packages(graph)
    assert {"-DFFT=FFTW3", "-DFFT_FFTW_THREADS=OFF", "-DBUILD_OMP=OFF"} <= set(configured(graph, "lammps", "cmake -S ."))


@pytest.mark.parametrize(
    ("option", "sentence", "help_"),
    [
        ("packages=['KSPAC']", "no package KSPAC", "'KSPACE'"),
        ("packages=['rigid']", "no package rigid", "'RIGID'"),
        ("packages=['PLUMED']", "PLUMED needs what its build would download", "-DPKG_PLUMED=ON"),
        ("packages=['VTK']", "VTK needs a library", "alone=False"),
        ("packages=['KOKKOS']", "KOKKOS", "kokkos"),
        ("version='20210929.3', packages=['AMOEBA']", "no package AMOEBA, which is of versions >=20220803", "newer"),
        ("architectures=['hopper']", "GPU architecture 'hopper'", "sm_90"),
    ],
)
def test_what_is_refused(option: str, sentence: str, help_: str) -> None:
    """CMake would pass over a misspelt package without an error: the block does not."""
    fault = refusal(f"Stage0 += lammps({option})")
    assert isinstance(fault, WrongValue)
    assert sentence in fault.sentence
    assert help_ in fault.help


def test_kokkos_for_threads() -> None:
    """Kokkos comes without a GPU too, with the threads that LAMMPS has."""
    words = said("Stage0 += lammps(kokkos=True, openmp=False)")
    assert {"-DPKG_KOKKOS=ON", "-DEXTERNAL_KOKKOS=OFF", "-DKokkos_ENABLE_SERIAL=ON", "-DKokkos_ENABLE_OPENMP=OFF"} <= set(words)
    assert "-DKokkos_ENABLE_CUDA=ON" not in words


def test_one_gpu_architecture() -> None:
    """With CUDA, Kokkos is compiled by its own nvcc_wrapper for the GPUs that the recipe names; one architecture is one program."""
    graph = plan(f"Stage0 += {GPUS}\nStage0 += lammps(architectures=['sm_90'])")
    words = configured(graph, "lammps", "cmake -S .")
    assert {"-DPKG_KOKKOS=ON", "-DKokkos_ENABLE_CUDA=ON", "-DKokkos_ARCH_HOPPER90=ON", "-DFFT_KOKKOS=CUFFT"} <= set(words)
    assert "-DCMAKE_CXX_COMPILER=/usr/local/src/lammps-20250722.4/lib/kokkos/bin/nvcc_wrapper" in words
    assert not [word for word in words if "LAMMPS_MACHINE" in word]
    assert not nodes(graph, WriteFile, "lammps")
    assert not [node for node in nodes(graph, Run, "lammps") if node.env]


def test_a_cuda_that_is_not_in_path() -> None:
    """Where neither a block nor the base image puts nvcc into PATH, nvcc_wrapper is told where it is."""
    graph = plan("Stage0 += lammps(cuda='/opt/cuda', architectures=['90'])")
    assert {node.env for node in nodes(graph, Run, "lammps") if node.env} == {(("CUDA_ROOT", "/opt/cuda"),)}
    graph = plan("Stage0 += lammps(architectures=['90'])", "nvcr.io/nvidia/cuda:12.9.1-devel-ubuntu24.04")
    assert "-DCUDAToolkit_ROOT=/usr/local/cuda" in configured(graph, "lammps", "cmake -S .")
    assert not [node for node in nodes(graph, Run, "lammps") if node.env]


def test_several_gpu_architectures() -> None:
    """Kokkos is compiled for one architecture: several are several builds of one source, and lmp picks one where it is started."""
    recipe = f"Stage0 += {GPUS}\nStage0 += lammps()"
    first, second = builds(recipe)
    assert {"build/sm80", "-DKokkos_ARCH_AMPERE80=ON", "-DLAMMPS_MACHINE=sm80"} <= first
    assert {"build/sm90", "-DKokkos_ARCH_HOPPER90=ON", "-DLAMMPS_MACHINE=sm90"} <= second
    (launcher,) = nodes(plan(recipe), WriteFile, "lammps")
    assert (launcher.path, launcher.mode) == ("/usr/local/lammps/bin/lmp", "0755")
    assert launcher.content.endswith('exec /usr/local/lammps/bin/lmp_sm"$build" "$@"\n')
    assert len(nodes(plan(recipe), Fetch)) == 1


def test_gpus_that_its_kokkos_does_not_know() -> None:
    """A GPU that is newer than LAMMPS' Kokkos is refused with those that it knows."""
    fault = refusal("Stage0 += lammps(version='20240829.4', cuda='/c', architectures=['100'])")
    assert isinstance(fault, Conflict)
    assert "90" in fault.help
    assert "100" not in fault.help
    assert "-DKokkos_ARCH_BLACKWELL100=ON" in said("Stage0 += lammps(cuda='/c', architectures=['100'])")
    assert isinstance(refusal("Stage0 += lammps(version='20230802.4', cuda='/c', architectures=['89'])"), Conflict)


def test_potentials() -> None:
    """Its tables are data that a runtime stage takes, and a variable names them; without them there is neither."""
    with_, without = plan("Stage0 += lammps(prefix='/opt/l')"), plan("Stage0 += lammps(prefix='/opt/l', potentials=False)")
    assert environment(with_)["LAMMPS_POTENTIALS"] == ["/opt/l/share/lammps/potentials"]
    assert with_.stages[0].blocks[-1].leaves.take == (("program", "/opt/l/bin/lmp*"), ("data", "/opt/l/share/lammps/potentials"))
    assert "LAMMPS_POTENTIALS" not in environment(without)
    assert without.stages[0].blocks[-1].leaves.take == (("program", "/opt/l/bin/lmp*"),)
    assert "rm -rf /opt/l/share/lammps/potentials" in commands(without, "lammps")
    assert with_.stages[0].blocks[-1].leaves.tells
    assert without.stages[0].blocks[-1].leaves.tells
