"""PnetCDF."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hpcgen.block import AutotoolsBlock, Exports, Leaves, MaybeBool, Packages, Tarball, Upon, because, conflict, option, partner
from hpcgen.block.compilers import has_language
from hpcgen.building_blocks import _languages
from hpcgen.frozen import evolve

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from hpcgen.block.leaving import Leavings
    from hpcgen.block.place import Place


class pnetcdf(AutotoolsBlock, closed=True):
    """PnetCDF: netCDF's classic files in parallel, by MPI. https://parallel-netcdf.github.io"""

    licence = "LicenseRef-PnetCDF"
    git = "https://github.com/Parallel-NetCDF/PnetCDF.git"
    release = Tarball(
        "https://parallel-netcdf.github.io/Release",
        "pnetcdf-{version}.tar.gz",
        sha256={
            "1.15.1": "169c6adab08ba49154f14261225992601c573971b823c2066008a8ff57973f8a",  # single: homebrew
            "1.15.0": "39813fe91ec901c7cfca3212731edbb5201029ebf55caeaaaa08d9e33c6bad65",  # homebrew, public pins
            "1.14.1": "6f0f7221006c211fce9ddd2c008796b8c69dd717b2ad1be0b4027fc328fd3220",  # easybuild, spack
            "1.14.0": "575f189fb01c53f93b3d6ae0e506f46e19694807c81af0b9548e947995acf704",  # easybuild, spack
            "1.13.0": "aba0f1c77a51990ba359d0f6388569ff77e530ee574e40592a1e206ed9b2c491",  # easybuild, spack
            "1.12.3": "439e359d09bb93d0e58a6e3f928f39c2eae965b6c97f64e67cd42220d6034f77",  # easybuild, homebrew, spack
            "1.12.1": "56f5afaa0ddc256791c405719b6436a83b92dcd5be37fe860dea103aee8250a2",  # homebrew, spack
        },
    )
    build_packages = Packages(both=("file", "m4", "perl"))
    configure = (
        *("--enable-shared", "--disable-static", "--disable-debug", "--disable-profiling", "--disable-doxygen"),
        "--enable-relax-coord-bound",  # netCDF refuses one without (netCDF-C, configure.ac)
    )
    configure_at = {">=1.13": ("--disable-install-examples",)}
    leaves_out = ("share/doc/pnetcdf",)
    exports = Exports(bin="bin", include="include", lib="lib", pkgconfig="lib/pkgconfig")
    leaves = Leaves()
    conflicts = (
        conflict(
            lambda pnetcdf, place: bool(pnetcdf.fortran) and _languages.lacks_fortran(pnetcdf, place, "mpi"),
            "PnetCDF's Fortran library needs an MPI with Fortran: add gnu() before the MPI, or leave fortran out",
            name="pnetcdf-mpi-without-fortran",
            source="PnetCDF, INSTALL",
        ),
    )

    version: str = option("1.15.1", "release to build")
    prefix: str = option("/usr/local/pnetcdf", "folder it is installed into")
    mpi: Upon = partner("mpi", "the MPI that it is for", default=True, with_="--with-mpi={path} MPICC={path}/bin/mpicc", needed=True)
    cxx: bool = option(True, "C++ library")
    fortran: MaybeBool = option(None, "Fortran library; if its MPI has Fortran, if not given")
    burst_buffering: bool = option(
        False, "writes by way of fast storage of each node", on="--enable-burst-buffering", off="--disable-burst-buffering"
    )
    subfiling: bool = option(False, "a file as several smaller ones", on="--enable-subfiling", off="--disable-subfiling")
    thread_safe: bool = option(False, "calls from several threads at once", on="--enable-thread-safe", off="--disable-thread-safe")
    gio: bool = option(
        True, "its own input and output beside MPI's, which knows Lustre's stripes", on="--enable-gio", off="--disable-gio", versions=">=1.15"
    )
    netcdf: Upon = partner("netcdf", "netCDF-4 files too, by netCDF", default=False, with_="--with-netcdf4={path}", without="--without-netcdf4")
    programs: bool = option(False, "ncmpidump, ncmpidiff and the like in a runtime stage too; the stage that it is built in has them always")

    def has_fortran(self, place: Place) -> bool:
        """Whether it gets its Fortran library."""
        if self.fortran is not None:
            return self.fortran
        known = _languages.has_fortran(self, place, "mpi")
        return has_language("fortran", self.compilers, place) if known is None else known

    def languages_needed(self, place: Place) -> Iterable[str]:
        """C, and those of its further libraries."""
        return (*self.languages, *(("c++",) if self.cxx else ()), *(("fortran",) if self.has_fortran(place) else ()))

    def choices(self, place: Place) -> Iterator[str]:
        """Its options' words, its libraries, and MPI's compilers for them."""
        yield from super().choices(place)
        path = place.partner(self, "mpi").path
        said = f"fortran={self.fortran}, as the recipe says" if self.fortran is not None else "by its MPI, as fortran is not given"
        yield because("--enable-cxx" if self.cxx else "--disable-cxx", f"cxx={self.cxx}")
        yield because("--enable-fortran" if self.has_fortran(place) else "--disable-fortran", said)
        if self.cxx:
            yield because(f"MPICXX={path}/bin/mpicxx", "option mpi")
        if self.has_fortran(place):
            yield because(f"MPIF77={path}/bin/mpif77", "option mpi")
            yield because(f"MPIF90={path}/bin/mpifort", "option mpi")

    def leavings(self) -> Leavings:
        """Its libraries; with `programs`, those that are not for compiling."""
        if not self.programs:
            return super().leavings()
        own = evolve(self.leaves, programs=("bin/ncmpi*", "bin/cdfdiff", "bin/pnetcdf_version")).of(self.prefix)
        return evolve(super().leavings(), take=own.take)
