"""The plug-in that lets NCCL communicate by libfabric."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hpcgen.block import AutotoolsBlock, Exports, Leaves, Packages, Tarball, Upon, conflict, option, partner
from hpcgen.block.compilers import gcc_version
from hpcgen.block.versions import holds
from hpcgen.building_blocks._companions import FABRIC, RDMA
from hpcgen.building_blocks._images import CUDA

if TYPE_CHECKING:
    from hpcgen.block.place import Place

GIN_NCCL, GIN_GDRCOPY = "<2.31.2", "<2.5"
"""Versions that are too old for networking that GPUs start themselves."""


class aws_ofi_nccl(AutotoolsBlock, closed=True):
    """aws-ofi-nccl: NCCL over libfabric, on AWS's EFA and on Slingshot; NCCL opens it by name. https://github.com/aws/aws-ofi-nccl"""

    licence = "Apache-2.0"
    git = "https://github.com/aws/aws-ofi-nccl.git"
    languages = ("c", "c++")
    # The tag packed anew (git archive, gzip -n) has each of these checksums; of the newest nobody else has them.
    release = Tarball(
        "https://github.com/aws/aws-ofi-nccl/archive",
        "v{version}.tar.gz",
        sha256={
            "1.21.1": "64ed17ba1c948bc54dbc917bcaa2e5b619d28f019e3042546aab8b381b5d804d",  # single: the tag
            "1.20.0": "e0e26aa96335f72c9e471ee4f3e2d140e6c6812ec6720b0f301de05fb3f77372",  # single: the tag
            "1.19.2": "940a1458eeaa8bf619a24c10b2d317a665de6dc529874c921fa43f4d78da933e",  # single: the tag
            "1.18.0": "12fd67f05872600c485d74b8e3c3a640d063322371170f3a9c17d67a5a2ca681",  # spack, the tag
            "1.17.3": "0b3313e9ad48226cb143c8f1dead60bcd59a8083e582558ee44a438d58cc23c1",  # spack, the tag
            "1.17.1": "15a3b5db51075d20b2cb255b99668a7161779fdf5455436e3bea02d59a04685a",  # spack, the tag
            "1.16.3": "a3e99ecdb6331139b28097ffb3dc03418ed41d1867c6d225778e16a22fbebf60",  # spack, the tag
        },
    )
    # Nothing is said of NVTX and ROCm: --without-nvtx looks for its headers, and with --without-rocm CUDA is not looked for (m4/check_pkg_nvtx.m4,
    # configure.ac). Both are left out unless asked for.
    configure = ("--disable-neuron", "--disable-cudart-dynamic", "--disable-trace", "--disable-werror", "--without-lttng", "--without-valgrind")
    configure_at = {">=1.20": ("--disable-ngc",), ">=1.21": ("--without-nvcc",)}
    exports = Exports(lib="lib")
    leaves = Leaves(libraries=(), opens=("lib/libnccl-*.so*",), data=("share/aws-ofi-nccl*",))
    companions = (*FABRIC, *RDMA)
    conflicts = (
        conflict(
            lambda plugin, place: not place.partner(plugin, "cuda"),
            "aws-ofi-nccl is built with CUDA: add cuda() before it, or say where it is: cuda='/its/prefix'",
            name="aws_ofi_nccl-without-cuda",
            source="aws-ofi-nccl, configure.ac",
        ),
        conflict(
            lambda plugin, place: plugin.at(">=1.21") and bool(place.partner(plugin, "gdrcopy")) and _is_too_old_for_gin(plugin, place),
            "networking that GPUs start themselves, for which aws-ofi-nccl 1.21 is built with gdrcopy, needs NCCL 2.31.2 and gdrcopy 2.5",
            name="R37",
            source="aws-ofi-nccl, RELEASENOTES",
            level="warning",
        ),
        conflict(
            lambda plugin, place: plugin.at(">=1.21") and holds(gcc_version(place), "<11"),
            "aws-ofi-nccl 1.21 is written in C++20, for GCC 11 or newer: gnu(version=...) before it, or version='1.20.0'",
            name="aws_ofi_nccl-gcc",
            source="aws-ofi-nccl, configure.ac and m4/ax_cxx_compile_stdcxx.m4",
        ),
        conflict(
            lambda plugin, place: place.partner(plugin, "libfabric").at("<1.11") or (plugin.aws and place.partner(plugin, "libfabric").at("<1.22")),
            "aws-ofi-nccl needs libfabric 1.11, with aws=True 1.22",
            name="aws_ofi_nccl-libfabric",
            source="aws-ofi-nccl, RELEASENOTES",
        ),
        conflict(
            lambda plugin, place: plugin.tests and not place.partner(plugin, "mpi"),
            "its tests need an MPI: mpi=True, or leave tests out",
            name="aws_ofi_nccl-tests-without-mpi",
            source="aws-ofi-nccl, configure.ac",
        ),
    )

    version: str = option("1.21.1", "release to build")
    prefix: str = option("/usr/local/aws-ofi-nccl", "folder it is installed into")
    autogen: bool = option(True, "make the configure script first: the archives of its tags lack it")
    libfabric: Upon = partner(
        "libfabric",
        "what it communicates by",
        with_="--with-libfabric={path}",
        system="--with-libfabric=yes",
        packages=Packages(apt=("libfabric-dev",), dnf=("libfabric-devel",), enable=("crb",)),
        runtime=Packages(apt=("libfabric1",), dnf=("libfabric",)),
        needed=True,
    )
    cuda: Upon = partner(
        "cuda", "the toolkit; its runtime is linked in", with_="--with-cuda={path}", without="--without-cuda", toolchain="CUDA_HOME", images=CUDA
    )
    hwloc: Upon = partner(
        "hwloc",
        "which network card is near which GPU",
        with_="--with-hwloc={path}",
        system="--with-hwloc=yes",
        packages=Packages(apt=("libhwloc-dev",), dnf=("hwloc-devel",), enable=("crb",)),
        runtime=Packages(apt=("libhwloc15",), dnf=("hwloc-libs",)),
        needed=True,
    )
    gdrcopy: Upon = partner(
        "gdrcopy", "networking that GPUs start themselves", with_="--with-gdrcopy={path}", without="--without-gdrcopy", versions=">=1.18"
    )
    mpi: Upon = partner("mpi", "the MPI that its tests are started by", default=False, with_="--with-mpi={path}", without="--without-mpi")
    tests: bool = option(False, "build its tests, which are not installed", on="--enable-tests", off="--disable-tests")
    aws: bool = option(
        False,
        "what AWS's networks want, and a second plug-in that tunes NCCL for them; configure would ask the builder whether it is at AWS",
        on="--enable-platform-aws",
        off="--disable-platform-aws",
    )
    default_plugin: bool = option(
        True,
        "install it by the name too that NCCL looks for, libnccl-net.so; without that, NCCL_NET_PLUGIN=ofi chooses it",
        on="--enable-nccl-net-library",
        off="--disable-nccl-net-library",
        versions=">=1.17",
    )

    def autogen_commands(self) -> tuple[str, ...]:
        """What makes the configure script; since 1.19 the version is read from a file that archives of tags lack."""
        told = (f"echo {self.version} > .release_version",) if self.at(">=1.19") and not self.repository else ()
        return (*told, "./autogen.sh")


def _is_too_old_for_gin(plugin: aws_ofi_nccl, place: Place) -> bool:
    """Whether the recipe's NCCL, or the gdrcopy that the plug-in is built with, is too old for networking that GPUs start themselves."""
    nccl = place.provider("nccl")
    return (nccl is not None and nccl.at(GIN_NCCL)) or place.partner(plugin, "gdrcopy").at(GIN_GDRCOPY)
