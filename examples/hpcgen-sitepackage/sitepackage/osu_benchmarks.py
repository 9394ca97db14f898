"""The OSU micro-benchmarks."""

from hpcgen.block import AutotoolsBlock, Exports, Tarball, Upon, conflict, option, partner


class osu_benchmarks(AutotoolsBlock, closed=True):
    """OSU micro-benchmarks: latency and bandwidth of MPI. https://mvapich.cse.ohio-state.edu/benchmarks"""

    licence = "BSD-3-Clause"
    languages = ("c", "c++")
    release = Tarball(
        "https://mvapich.cse.ohio-state.edu/download/mvapich",
        "osu-micro-benchmarks-{version}.tar.gz",
        sha256={
            "7.5": "1cf84ac5419456202757a757c5f9a4f5c6ecd05c65783c7976421cfd6020b3b3",
            "7.4": "1edd0c2efa61999409bfb28740a7f39689a5b42b1a1b4c66d1656e5637f7cefc",
        },
    )
    exports = Exports(bin="libexec/osu-micro-benchmarks/mpi/pt2pt")
    conflicts = (
        conflict(
            lambda osu, place: not place.partner(osu, "mpi"),
            "the OSU benchmarks measure MPI: add openmpi() before them",
            name="osu_benchmarks-without-mpi",
            source="their README",
        ),
    )

    version: str = option("7.5", "release to build")
    prefix: str = option("/usr/local/osu", "folder it is installed into")
    mpi: Upon = partner("mpi", "the MPI that is measured", with_="CC={path}/bin/mpicc CXX={path}/bin/mpicxx")
    cuda: Upon = partner("cuda", "transfers from and to GPU memory", with_="--enable-cuda --with-cuda={path}")
