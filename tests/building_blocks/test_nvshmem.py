"""NVSHMEM."""

from __future__ import annotations

import pytest
from planned import commands, configured, nodes, packages, plan, refusal, stand_in, upon

from hpcgen.errors import Conflict, WrongValue
from hpcgen.graph.nodes import Fetch


def said(recipe: str, image: str = "debian:12") -> list[str]:
    """The words that cmake is given."""
    return configured(plan(recipe, image), "nvshmem", "cmake -S . -B build")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (
            "",
            {
                "-DCUDA_HOME=/c",
                "-DNVSHMEM_DEVICELIB_CUDA_HOME=/c",
                "-DNVSHMEM_MPI_SUPPORT=OFF",
                "-DNVSHMEM_USE_GDRCOPY=OFF",
                "-DNVSHMEM_IBRC_SUPPORT=ON",
            },
        ),
        ("prefix='/opt/n'", {"-DCMAKE_INSTALL_PREFIX=/opt/n", "-DNVSHMEM_PREFIX=/opt/n"}),
        ("mpi='/m'", {"-DNVSHMEM_MPI_SUPPORT=ON", "-DMPI_HOME=/m"}),
        ("gdrcopy='/g'", {"-DNVSHMEM_USE_GDRCOPY=ON", "-DGDRCOPY_HOME=/g"}),
        ("shmem='/s'", {"-DNVSHMEM_SHMEM_SUPPORT=ON", "-DSHMEM_HOME=/s"}),
        ("nccl='system'", {"-DNVSHMEM_USE_NCCL=ON", "-DNCCL_HOME=/usr"}),
        ("ucx='/u', libfabric='/f', pmix='/p'", {"-DUCX_HOME=/u", "-DLIBFABRIC_HOME=/f", "-DPMIX_HOME=/p", "-DNVSHMEM_PMIX_SUPPORT=ON"}),
        ("architectures=['80', 'sm_90a']", {"-DCMAKE_CUDA_ARCHITECTURES=80;90a"}),
        ("ibgda=True, build_examples=True", {"-DNVSHMEM_IBGDA_SUPPORT=ON", "-DNVSHMEM_BUILD_EXAMPLES=ON", "-DNVSHMEM_BUILD_PACKAGES=OFF"}),
        ("build_packages=True", {"-DNVSHMEM_BUILD_PACKAGES=ON", "-DNVSHMEM_BUILD_RPM_PACKAGE=ON"}),
        ("version='3.2.5-1'", {"-DNVSHMEM_BUILD_TESTS=OFF"}),
        ("cmake_opts=['-DNVSHMEM_TRACE=ON']", {"-DNVSHMEM_TRACE=ON"}),
    ],
)
def test_words_of_cmake(options: str, words: set[str]) -> None:
    """Each choice is said aloud: what NVSHMEM turns on by itself, tests, MPI, gdrcopy, is on where the recipe has it."""
    assert words <= set(said(f"Stage0 += nvshmem(cuda='/c', {options})"))


def test_partners_of_the_recipe() -> None:
    """What stands before it is built with: CUDA with its GPUs, gdrcopy, and NCCL from source or as packages."""
    recipe = "Stage0 += cuda(version='12.9', architectures=['80', '90'])\nStage0 += gdrcopy()\nStage0 += nccl({})\nStage0 += nvshmem()"
    graph = plan(recipe.format("build=True"), "ubuntu:24.04")
    assert upon(graph, "nvshmem") == {"cuda", "gdrcopy", "nccl"}
    assert {"-DNCCL_HOME=/usr/local/nccl", "-DGDRCOPY_HOME=/usr/local/gdrcopy", "-DCMAKE_CUDA_ARCHITECTURES=80;90"} <= set(
        configured(graph, "nvshmem", "cmake -S . -B build")
    )
    assert "-DNCCL_HOME=/usr" in said(recipe.format(""), "ubuntu:24.04")


def test_headers_of_verbs() -> None:
    """Its sources need the headers of verbs: the distribution's, or those of a folder, which its parts find by a variable."""
    assert "libibverbs-dev" in packages(plan("Stage0 += nvshmem(cuda='/c')"))
    assert "rdma-core-devel" in packages(plan("Stage0 += nvshmem(cuda='/c')", "rockylinux:9"))
    graph = plan("Stage0 += nvshmem(cuda='/c', ofed='/opt/rdma')")
    assert "libibverbs-dev" not in packages(graph)
    assert "export CPATH=/opt/rdma/include${CPATH:+:$CPATH}" in commands(graph, "nvshmem")
    assert isinstance(refusal("Stage0 += nvshmem(cuda='/c', ofed=False)"), Conflict)
    assert upon(plan(f"{stand_in('rdma', '64.0')}Stage0 += nvshmem(cuda='/c')"), "nvshmem") == {"rdma"}


def test_needs_a_toolkit() -> None:
    """Without CUDA there is nothing to build it with; in NVIDIA's images it is found."""
    assert "cuda='/its/prefix'" in refusal("Stage0 += nvshmem()").sentence
    assert "-DCUDA_HOME=/usr/local/cuda" in said("Stage0 += nvshmem()", "nvcr.io/nvidia/cuda:12.9.1-devel-ubuntu24.04")
    assert isinstance(refusal("Stage0 += nvshmem(cuda='/c', architectures=['ampere'])"), WrongValue)


@pytest.mark.parametrize(
    ("version", "url"),
    [
        ("3.4.5-0", "https://github.com/NVIDIA/nvshmem/archive/refs/tags/v3.4.5-0.tar.gz"),
        ("3.3.20", "https://developer.download.nvidia.com/compute/redist/nvshmem/3.3.20/source/nvshmem_src_cuda12-all-all-3.3.20.tar.gz"),
        ("3.2.5-1", "https://developer.download.nvidia.com/compute/redist/nvshmem/3.2.5/source/nvshmem_src_3.2.5-1.txz"),
    ],
)
def test_where_releases_lie(version: str, url: str) -> None:
    """Sources are on GitHub since 3.4.5, and before in a folder of NVIDIA's."""
    (fetch,) = nodes(plan(f"Stage0 += nvshmem(cuda='/c', version='{version}')"), Fetch)
    assert fetch.url == url


def test_a_mirror_has_the_same_paths() -> None:
    """Another address takes the place of the server, wherever a release lies."""
    (fetch,) = nodes(plan("Stage0 += nvshmem(cuda='/c', version='3.2.5-1', baseurl='https://mirror.example.org/nvidia/')"), Fetch)
    assert fetch.url == "https://mirror.example.org/nvidia/compute/redist/nvshmem/3.2.5/source/nvshmem_src_3.2.5-1.txz"


def test_what_it_opens_by_name_comes_along() -> None:
    """Bootstraps and transports are opened by name, and these open libibverbs, gdrcopy and NCCL."""
    leaves = plan("Stage0 += nvshmem(cuda='/c')").stages[0].blocks[-1].leaves
    opened = {path for why, path in leaves.take if why == "opened by name"}
    assert opened == {f"/usr/local/nvshmem/lib/nvshmem_{kind}_*.so*" for kind in ("bootstrap", "transport")}
    assert ("nvshmem_transport_*.so.*", "/usr/lib/*-linux-gnu/libibverbs.so.1") in leaves.companions
    assert ("libnvshmem_host.so.*", "/usr/local/nccl/lib/libnccl.so.2") in leaves.companions
