"""NVSHMEM."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hpcgen.block import CMakeBlock, Exports, Leaves, Packages, Tarball, Upon, Words, because, conflict, option, partner
from hpcgen.block.compilers import gcc_version
from hpcgen.block.terms import Terms
from hpcgen.block.versions import holds
from hpcgen.building_blocks._companions import FABRIC, NCCL, NVSHMEM, PMI, RDMA
from hpcgen.building_blocks._distributions import cmake_is
from hpcgen.building_blocks._images import CUDA
from hpcgen.building_blocks._nvidia import R17, R18, check_architectures, gpus_of, too_new, too_old, toolkit_of
from hpcgen.quoting import sh

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from hpcgen.block.place import Place


class nvshmem(CMakeBlock, closed=True):
    """NVSHMEM: one address space over the memory of many GPUs, from kernels and from the host. https://developer.nvidia.com/nvshmem"""

    licence = "LicenseRef-NVIDIA-SDK"
    terms = Terms("NVIDIA's SDK licence with its supplement for NVSHMEM", "https://github.com/NVIDIA/nvshmem/blob/v3.4.5-0/License.txt")
    git = "https://github.com/NVIDIA/nvshmem.git"
    languages = ("c", "c++")
    release = Tarball(
        "https://github.com/NVIDIA/nvshmem/archive/refs/tags",
        "v{version}.tar.gz",
        sha256={
            "3.4.5-0": "74047b0b572d677a6c072c9e5486514d19fe7dff1252a2548ee08ce8d68b6bc5",  # the tag packed anew, public pins
            "3.3.24": "3210e6ed0f010991af3c9f31266b4149a15bc1d560f98951c234f25e2076507e",  # single: spack
            "3.3.20": "96ec9620e82ec90de92c7d61a7ba03c0eba05075bf10e1fc4a066d45e7f7d21f",  # easybuild, spack
            "3.3.9": "ba41e9ad6650cf99c1a60a3e47c19d1d97d814add7d35ea72337520ae13eeb59",  # single: spack
            "3.2.5-1": "eb2c8fb3b7084c2db86bd9fd905387909f1dfd483e7b45f7b3c3d5fcf5374b5a",  # spack, public pins
        },
        elsewhere={
            "<3.3": "https://developer.download.nvidia.com/compute/redist/nvshmem/{plain}/source/nvshmem_src_{version}.txz",
            "<3.4.5": "https://developer.download.nvidia.com/compute/redist/nvshmem/{plain}/source/nvshmem_src_cuda12-all-all-{version}.tar.gz",
        },
    )
    build_packages = Packages(both=("python3",))
    # What it would otherwise build, or guess: cmake_config/NVSHMEMEnv.cmake.
    configure = (
        *(f"-DNVSHMEM_{name}=OFF" for name in ("DEBUG", "DEVEL", "TRACE", "BUILD_TESTS", "BUILD_BITCODE_LIBRARY", "BUILD_HYDRA_LAUNCHER")),
        *(f"-DNVSHMEM_{name}=OFF" for name in ("BUILD_TGZ_PACKAGE", "BUILD_TXZ_PACKAGE", "DEFAULT_PMI2", "DEFAULT_PMIX", "DEFAULT_UCX")),
        *("-DNVSHMEM_IBDEVX_SUPPORT=OFF", "-DNVSHMEM_NVTX=ON"),
    )
    configure_at = {">=3.3": ("-DNVSHMEM_BUILD_PYTHON_LIB=OFF",)}
    exports = Exports(bin="bin", include="include", lib="lib", cmake=True)
    leaves = Leaves(programs=("bin/nvshmem-info",), opens=("lib/nvshmem_bootstrap_*.so*", "lib/nvshmem_transport_*.so*"))
    companions = (*NVSHMEM, *NCCL, *RDMA, *FABRIC, *PMI)
    conflicts = (
        conflict(
            lambda nvshmem, place: not place.partner(nvshmem, "cuda"),
            "NVSHMEM is built with CUDA's compiler: add cuda() before it, or say where it is: cuda='/its/prefix'",
            name="nvshmem-without-cuda",
            source="NVSHMEM, CMakeLists.txt",
        ),
        conflict(lambda nvshmem, place: too_old(toolkit_of(nvshmem, place), nvshmem.architectures), R17[0], name="R17c", source=R17[1]),
        conflict(lambda nvshmem, place: too_new(toolkit_of(nvshmem, place), nvshmem.architectures), R18[0], name="R18c", source=R18[1]),
        conflict(
            lambda nvshmem, place: nvshmem.at("<3.3.20") and holds(toolkit_of(nvshmem, place), ">=13"),
            "NVSHMEM before 3.3.20 is compiled as C++11, which the headers of CUDA 13 do not take",
            name="nvshmem-cuda-13",
            source="NVSHMEM 3.3.20, src/CMakeLists.txt",
            level="warning",
        ),
        conflict(
            lambda nvshmem, place: cmake_is(place, "<3.19"),
            "NVSHMEM needs CMake 3.19 or newer: add cmake() before it",
            name="nvshmem-cmake",
            source="NVSHMEM, CMakeLists.txt",
        ),
        conflict(
            lambda nvshmem, place: nvshmem.at("<3.4.6") and holds(toolkit_of(nvshmem, place), "<13") and holds(gcc_version(place), ">=14"),
            "with CUDA 12 NVSHMEM is compiled as C++11, which the headers of GCC 14 do not take: gnu(version='13') before it, or patches=",
            name="nvshmem-gcc-14",
            source="easybuild-easyconfigs, NVSHMEM-3.3.20_update_cxx_standard.patch",
            level="warning",
        ),
        conflict(
            lambda nvshmem, place: nvshmem.ibgda and not place.partner(nvshmem, "gdrcopy") and nvshmem.at("<3.4.5"),
            "NVSHMEM before 3.4.5 needs gdrcopy, or a setting of the host's driver, for what GPUs start themselves on InfiniBand",
            name="nvshmem-ibgda-without-gdrcopy",
            source="NVSHMEM, changelog of 3.4.5",
            level="warning",
        ),
    )

    version: str = option("3.4.5-0", "release to build")
    prefix: str = option("/usr/local/nvshmem", "folder it is installed into")
    cuda: Upon = partner(
        "cuda",
        "the toolkit, with its compiler",
        with_="-DCUDA_HOME={path} -DNVSHMEM_DEVICELIB_CUDA_HOME={path}",
        toolchain="CUDA_HOME",
        images=CUDA,
    )
    architectures: Words = option((), "GPUs to compile for, as 80, 90a or sm_90; those of the recipe's cuda, if not given")
    ofed: Upon = partner(
        "rdma",
        "InfiniBand and RoCE, by verbs; its sources need their headers in any case",
        with_="-DNVSHMEM_IBRC_SUPPORT=ON -DCMAKE_PREFIX_PATH={path}",
        system="-DNVSHMEM_IBRC_SUPPORT=ON",
        packages=Packages(apt=("libibverbs-dev",), dnf=("rdma-core-devel",)),
        runtime=Packages(apt=("ibverbs-providers", "libibverbs1"), dnf=("libibverbs",)),
        needed=True,
    )
    ibgda: bool = option(False, "InfiniBand that GPUs drive themselves", on="-DNVSHMEM_IBGDA_SUPPORT=ON", off="-DNVSHMEM_IBGDA_SUPPORT=OFF")
    gdrcopy: Upon = partner(
        "gdrcopy",
        "low-latency copies to and from GPU memory",
        with_="-DNVSHMEM_USE_GDRCOPY=ON -DGDRCOPY_HOME={path}",
        without="-DNVSHMEM_USE_GDRCOPY=OFF",
    )
    nccl: Upon = partner(
        "nccl",
        "collectives of the host by NCCL; 'system': where its packages lie",
        with_="-DNVSHMEM_USE_NCCL=ON -DNCCL_HOME={path}",
        without="-DNVSHMEM_USE_NCCL=OFF",
        system="-DNVSHMEM_USE_NCCL=ON -DNCCL_HOME=/usr",
    )
    ucx: Upon = partner("ucx", "transfers by UCX", with_="-DNVSHMEM_UCX_SUPPORT=ON -DUCX_HOME={path}", without="-DNVSHMEM_UCX_SUPPORT=OFF")
    libfabric: Upon = partner(
        "libfabric",
        "transfers by libfabric: Slingshot, EFA",
        with_="-DNVSHMEM_LIBFABRIC_SUPPORT=ON -DLIBFABRIC_HOME={path}",
        without="-DNVSHMEM_LIBFABRIC_SUPPORT=OFF",
    )
    mpi: Upon = partner(
        "mpi",
        "processes that MPI has started find each other by it",
        with_="-DNVSHMEM_MPI_SUPPORT=ON -DMPI_HOME={path}",
        without="-DNVSHMEM_MPI_SUPPORT=OFF",
    )
    pmix: Upon = partner(
        "pmix",
        "the same by PMIx, as Slurm has it",
        with_="-DNVSHMEM_PMIX_SUPPORT=ON -DPMIX_HOME={path}",
        without="-DNVSHMEM_PMIX_SUPPORT=OFF",
    )
    shmem: Upon = partner(
        "openshmem",
        "the same by OpenSHMEM: the path of an Open MPI that was built with oshmem=True",
        default=False,
        with_="-DNVSHMEM_SHMEM_SUPPORT=ON -DSHMEM_HOME={path}",
        without="-DNVSHMEM_SHMEM_SUPPORT=OFF",
    )
    build_examples: bool = option(False, "its examples", on="-DNVSHMEM_BUILD_EXAMPLES=ON", off="-DNVSHMEM_BUILD_EXAMPLES=OFF")
    build_packages_too: bool = option(
        False,
        "rules for making RPM and deb packages of it",
        alias="build_packages",
        on="-DNVSHMEM_BUILD_PACKAGES=ON -DNVSHMEM_BUILD_DEB_PACKAGE=ON -DNVSHMEM_BUILD_RPM_PACKAGE=ON",
        off="-DNVSHMEM_BUILD_PACKAGES=OFF -DNVSHMEM_BUILD_DEB_PACKAGE=OFF -DNVSHMEM_BUILD_RPM_PACKAGE=OFF",
    )

    def validate(self) -> None:
        """Raises for GPUs that are none."""
        super().validate()
        check_architectures("nvshmem", self.architectures)

    def choices(self, place: Place) -> Iterator[str]:
        """Its options' words, where it is installed, and the GPUs."""
        yield because(f"-DNVSHMEM_PREFIX={self.prefix}", "option prefix; its device library is configured apart, and asks for it by this name")
        names = gpus_of(self, place, self.architectures)
        if names:
            words = ";".join(name.removeprefix("sm_") for name in names)
            yield because(f"-DCMAKE_CUDA_ARCHITECTURES={words}", "option architectures" if self.architectures else "the GPUs of the recipe's cuda")
        yield from super().choices(place)

    def configured(self, place: Place, name: str = "", further: Iterable[str] = ()) -> Iterator[str]:
        """The commands that configure it; its parts that are configured apart find headers of verbs by a variable alone."""
        path = place.partner(self, "ofed").path
        if path:
            yield f"export CPATH={sh(f'{path}/include')}${{CPATH:+:$CPATH}}"
        yield from super().configured(place, name, further)
