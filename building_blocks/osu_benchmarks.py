"""The OSU micro-benchmarks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hpcgen.block import AutotoolsBlock, Leaves, Packages, Tarball, Upon, because, conflict, option, partner
from hpcgen.block.compilers import gcc_version
from hpcgen.block.versions import holds
from hpcgen.building_blocks._images import CUDA
from hpcgen.graph.nodes import PrependPath

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from hpcgen.block.place import Place
    from hpcgen.graph.nodes import Node

_PROGRAMS = "libexec/osu-micro-benchmarks"
"""Where its programs lie below the prefix."""

FOLDERS = ("", "mpi/startup", "mpi/one-sided", "mpi/collective", "mpi/pt2pt")
"""The folders of programs there: the script that binds a rank to a GPU, then what measures MPI."""


class osu_benchmarks(AutotoolsBlock, closed=True):
    """OSU micro-benchmarks: latency and bandwidth of MPI, also between GPUs, and of NCCL. https://mvapich.cse.ohio-state.edu/benchmarks"""

    licence = "BSD-3-Clause"
    languages = ("c", "c++")
    release = Tarball(
        "https://mvapich.cse.ohio-state.edu/download/mvapich",
        "osu-micro-benchmarks-{version}.tar.gz",
        sha256={
            "7.5.2": "618de3d0b1122f73a9229177d2da1e5cd62e431190580cb915f2605849cbbbdc",  # easybuild, spack, public pins
            "7.5.1": "160d0d5e3c3cb022520ecb247e9875bb0973b1d3cadccd6c17624f8407c52e22",  # easybuild, spack
            "7.5": "1cf84ac5419456202757a757c5f9a4f5c6ecd05c65783c7976421cfd6020b3b3",  # easybuild, spack
            "7.4": "1edd0c2efa61999409bfb28740a7f39689a5b42b1a1b4c66d1656e5637f7cefc",  # easybuild, spack
            "7.3": "8fa25b8aaa34e4b07ab3a4f30b7690ab46b038b08d204a853a9b6aa7bdb02f2f",  # single: spack
            "7.2": "1a4e1f2aab0e65404b3414e23bd46616184b69b6231ce9313d9c630bd6e633c1",  # easybuild, spack
            "6.2": "bb9dbc87dcf8ec6785977a61f6fceee8febf1a682488eaab4c58cf50e4fa985f",  # easybuild, spack
        },
    )
    build_packages = Packages(both=("file",))
    # PAPI, gnuplot and ImageMagick are left out by not naming them: configure takes --disable-papi for --enable-papi, and ends at --without-gnuplot.
    configure = ("--disable-openacc", "--disable-rocm", "--disable-rcclomb")
    leaves = Leaves(programs=(_PROGRAMS,))
    conflicts = (
        conflict(
            lambda osu, place: bool(place.partner(osu, "nccl")) and not place.partner(osu, "cuda"),
            "what measures NCCL needs CUDA: name cuda too",
            name="osu_benchmarks-nccl-without-cuda",
            source="easybuild, OSU-Micro-Benchmarks",
        ),
        conflict(
            lambda osu, place: osu.at("<=7.5.2") and bool(place.partner(osu, "nccl")) and holds(gcc_version(place), ">=15"),
            "what measures NCCL does not compile with GCC 15, which takes C as of 2023, in releases up to 7.5.2",
            name="osu_benchmarks-nccl-gcc-15",
            source="easybuild, a patch of OSU-Micro-Benchmarks 7.5.2",
            level="warning",
        ),
    )

    version: str = option("7.5.2", "release to build")
    prefix: str = option("/usr/local/osu", "folder it is installed into")
    mpi: Upon = partner("mpi", "the MPI that is measured", needed=True, with_="CC={path}/bin/mpicc CXX={path}/bin/mpicxx")
    cuda: Upon = partner(
        "cuda",
        "transfers from and to GPU memory",
        with_="--enable-cuda --with-cuda={path}",
        without="--disable-cuda",
        toolchain="CUDA_HOME",
        images=CUDA,
    )
    nccl: Upon = partner("nccl", "NCCL's transfers too", with_="--enable-ncclomb --with-nccl={path}", without="--disable-ncclomb")

    def choices(self, place: Place) -> Iterator[str]:
        """Its options' words, and the GPUs that CUDA compiles for."""
        yield from super().choices(place)
        found = place.partner(self, "cuda").block
        codes = [name.removeprefix("sm_") for name in getattr(found, "architectures", ())]
        if codes:
            said = " ".join(f"-gencode=arch=compute_{code},code=sm_{code}" for code in codes)
            yield because(f"NVCCFLAGS={said}", "the architectures of the recipe's CUDA")

    def folders(self, place: Place) -> Iterator[str]:
        """The folders of its programs."""
        names = (*FOLDERS, *(("xccl/collective", "xccl/pt2pt") if place.partner(self, "nccl") else ()))
        yield from (f"{self.prefix}/{_PROGRAMS}/{name}".rstrip("/") for name in names)

    def exported(self, place: Place) -> Iterable[Node]:
        """Its programs, by their names."""
        return self.runtime_environment_nodes(place)

    def runtime_environment_nodes(self, place: Place) -> Iterable[Node]:
        """Its programs, by their names."""
        return tuple(PrependPath("PATH", folder) for folder in self.folders(place)) if self.sets_environment else ()
