"""IOR."""

from hpcgen.block import AutotoolsBlock, Exports, Packages, Tarball, Upon, conflict, option, partner


class ior(AutotoolsBlock, closed=True):
    """IOR and mdtest: how fast many processes read and write files together. https://github.com/hpc/ior"""

    licence = "GPL-2.0-only"
    release = Tarball(
        "https://github.com/hpc/ior/releases/download",
        "{version}/ior-{version}.tar.gz",
        sha256={"4.0.0": "510b7d4ad0f287375848121aa5a1f9842db077c1d81ad0dde738e96255298158"},
    )
    configure = ("--without-hdf5", "--without-ncmpi", "--without-lustre")
    exports = Exports(bin="bin")
    conflicts = (
        conflict(
            lambda ior, place: not place.partner(ior, "mpi"),
            "IOR starts its processes by MPI: add openmpi() before it",
            name="ior-without-mpi",
            source="its README",
        ),
    )

    version: str = option("4.0.0", "release to build")
    prefix: str = option("/usr/local/ior", "folder it is installed into")
    mpi: Upon = partner("mpi", "the MPI that starts its processes", with_="CC={path}/bin/mpicc")
    aio: bool = option(
        False, "asynchronous writes by libaio", on="--with-aio", off="--without-aio", packages=Packages(apt=("libaio-dev",), dnf=("libaio-devel",))
    )
