"""netCDF."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hpcgen.block import AutotoolsBlock, Exports, Leaves, Optional, Packages, Tarball, Upon, because, conflict, option, partner
from hpcgen.block.block import remove
from hpcgen.block.source_block import FROM_TABLE, assignments
from hpcgen.block.sources import fetch_needs
from hpcgen.block.versions import holds
from hpcgen.building_blocks._languages import lacks_fortran
from hpcgen.building_blocks.hwloc import LIBXML2
from hpcgen.errors import UnknownVersion
from hpcgen.frozen import evolve
from hpcgen.graph.nodes import Fetch, Label, PrependPath
from hpcgen.quoting import sh_join

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from hpcgen.block.leaving import Leavings
    from hpcgen.block.place import Place
    from hpcgen.graph.nodes import Git, Node

_GITHUB = "https://github.com/Unidata"
_NOTES = "netCDF-C, RELEASE_NOTES.md"
_CONFIGURE = "netCDF-C, configure.ac"

CURL = Packages(t64=("libcurl4",), dnf=("libcurl",))
"""What a program that uses libcurl needs."""

PLUGINS = "lib/plugin"
"""Where its filters lie, which HDF5 opens by name."""


class netcdf(AutotoolsBlock, closed=True):
    """netCDF: files of arrays for climate and weather, with its C++ and Fortran libraries. https://www.unidata.ucar.edu/software/netcdf"""

    licence = "BSD-3-Clause"
    git = "https://github.com/Unidata/netcdf-c.git"
    release = Tarball(
        f"{_GITHUB}/netcdf-c/archive",
        "v{version}.tar.gz",
        sha256={
            "4.10.1": "33c27231c478c3b35da7c7758fbdd02da1fe407abcb16ddfe195f69d164f930d",  # conda, debian, homebrew, xmake
            "4.10.0": "ce160f9c1483b32d1ba8b7633d7984510259e4e439c48a218b95a023dc02fd4c",  # conda, easybuild, spack
            "4.9.3": "990f46d49525d6ab5dc4249f8684c6deeaf54de6fec63a187e9fb382cc0ffdff",  # conda, debian, easybuild, spack
            "4.9.2": "bc104d101278c68b303359b3dc4192f81592ae8640f1aee486921138f7f88cb7",  # conda, easybuild, spack
            "4.9.0": "9f4cb864f3ab54adb75409984c6202323d2fc66c003e5308f3cdf224ed41c0a6",  # conda, debian, easybuild, spack
            "4.7.4": "99930ad7b3c4c1a8e8831fb061cb02b2170fc8e5ccaeda733bd99c3b9d31666b",  # conda, spack
        },
    )
    release_cxx = Tarball(
        f"{_GITHUB}/netcdf-cxx4/archive",
        "v{version}.tar.gz",
        sha256={
            "4.3.1": "e3fe3d2ec06c1c2772555bf1208d220aab5fee186d04bd265219b0bc7a978edc",  # debian, easybuild, openembedded, yggdrasil
            "4.3.0": "25da1c97d7a01bc4cee34121c32909872edd38404589c0427fefa1301743f18f",  # homebrew, mxe, termux
            "4.2.1": "bad56abfc99f321829070c04aebb377fc8942a4d09e5a3c88ad2b6547ed50ebc",  # single: homebrew
        },
    )
    release_fortran = Tarball(
        f"{_GITHUB}/netcdf-fortran/archive",
        "v{version}.tar.gz",
        sha256={
            "4.6.4": "fc8df99e78cd2aa5ea7b312bce5307b1bea73a118d4860b3b4358971ec376c54",  # homebrew, public pins
            "4.6.3": "b9de820c4823faa5b4e1cd9ee82dd7c57acad105ebd8f6ae36b0244105518655",  # homebrew, public pins
            "4.6.2": "44cc7b5626b0b054a8503b8fe7c1b0ac4e0a79a69dad792c212454906a9224ca",  # conda, easybuild
            "4.6.1": "40b534e0c81b853081c67ccde095367bd8a5eead2ee883431331674e7aa9509f",  # conda, easybuild
            "4.6.0": "8194aa70e400c0adfc456127c1d97af2c6489207171d13b10cd754a16da8b0ca",  # conda, easybuild
            "4.5.4": "1a8613cb639e83e2df5a8e6c21fa48a0c64b053c244abddecec66cfcac03a48a",  # conda, yggdrasil
            "4.5.3": "c6da30c2fe7e4e614c1dff4124e857afbd45355c6798353eccfa60c0702b495a",  # conda, homebrew
        },
    )
    languages = ("c", "c++")  # its XML parser is C++
    build_packages = Packages(both=("file", "m4"), apt=("zlib1g-dev",), dnf=("zlib-devel",))
    # What configure would otherwise guess: libraries for compression that lie about.
    configure = ("--enable-shared", "--disable-static", "--disable-doxygen", "--disable-hdf4", "--disable-examples")
    configure_at = {
        ">=4.9": ("ac_cv_lib_sz_SZ_BufftoBuffCompress=no", "ac_cv_lib_zip_zip_open=no", "ac_cv_search_zip_open=no"),
        ">=4.9 <4.9.3": ("ac_cv_lib_blosc_blosc_init=no", "ac_cv_lib_bz2_BZ2_bzCompress=no", "ac_cv_lib_zstd_ZSTD_compress=no"),
        ">=4.9.3": ("--disable-filter-blosc", "--disable-filter-bz2", "--disable-s3"),
    }
    exports = Exports(bin="bin", include="include", lib="lib", pkgconfig="lib/pkgconfig", cmake=True)
    leaves = Leaves(opens=(f"{PLUGINS}/*.so",))
    runtime_packages = Packages(apt=("zlib1g",), dnf=("zlib",))
    conflicts = (
        conflict(
            lambda netcdf, place: netcdf.at("<4.10") and place.partner(netcdf, "hdf5").at(">=2"),
            "netCDF before 4.10 does not know HDF5 2",
            name="netcdf-hdf5-2",
            source=_NOTES,
        ),
        conflict(
            lambda netcdf, place: netcdf.at("<4.9.2") and place.partner(netcdf, "hdf5").at(">=1.14"),
            "netCDF before 4.9.2 was not released for HDF5 1.14: its remote byte ranges do not compile with it",
            name="netcdf-hdf5-1.14",
            source="spack-packages, netcdf-c",
            level="warning",
        ),
        conflict(
            lambda netcdf, place: _lacks(netcdf, place, "has_hl") or _lacks(netcdf, place, "has_zlib"),
            "netCDF needs HDF5 with its high-level library and zlib",
            name="netcdf-hdf5-parts",
            source=_CONFIGURE,
        ),
        conflict(
            lambda netcdf, place: not place.partner(netcdf, "mpi") and netcdf.builds_upon_mpi(place) is True,
            "its HDF5 or PnetCDF is built upon MPI, and so must netCDF be: add mpi=True",
            name="netcdf-without-mpi",
            source=_CONFIGURE,
        ),
        conflict(
            lambda netcdf, place: bool(place.partner(netcdf, "mpi")) and netcdf.builds_upon_mpi(place) is False,
            "netCDF gets its parallel files from HDF5 or PnetCDF, and neither is built upon MPI here: hdf5(mpi=True), or leave mpi out",
            name="netcdf-mpi-without-parallel",
            source=_CONFIGURE,
        ),
        conflict(
            lambda netcdf, place: netcdf.mixes_mpi(place),
            "netCDF and its HDF5 are built upon two MPIs, and each process gets both: name the same for both",
            name="netcdf-another-mpi",
            source=_CONFIGURE,
        ),
    )

    version: str = option("4.10.1", "release of the C library to build")
    version_cxx: str = option("4.3.1", "release of the C++ library")
    version_fortran: str = option("4.6.4", "release of the Fortran library")
    source_cxx: Optional = option(None, "another archive of the C++ library: a URL, or a file beside the recipe; give its version and sha256_cxx too")
    sha256_cxx: Optional = option(FROM_TABLE, "its checksum; None: unchecked, which every run reports")
    source_fortran: Optional = option(None, "another archive of the Fortran library, with sha256_fortran")
    sha256_fortran: Optional = option(FROM_TABLE, "its checksum; None: unchecked, which every run reports")
    prefix: str = option("/usr/local/netcdf", "folder all of it is installed into")
    cxx: bool = option(True, "C++ library")
    fortran: bool = option(True, "Fortran library")
    hdf5: Upon = partner(
        "hdf5", "netCDF-4 files; without it the classic formats alone", default=True, with_="--enable-hdf5", without="--disable-hdf5"
    )
    mpi: Upon = partner(
        "mpi",
        "parallel files by MPI, the one that its HDF5 and PnetCDF were built with; True: the recipe's",
        default=False,
        with_="CC={path}/bin/mpicc",
        without="--disable-parallel4",
    )
    pnetcdf: Upon = partner("pnetcdf", "parallel classic files by PnetCDF", default=False, with_="--enable-pnetcdf", without="--disable-pnetcdf")
    dap: bool = option(
        False,
        "remote data by OPeNDAP and byte ranges, with libcurl and libxml2",
        on="--enable-dap --enable-byterange",
        off="--disable-dap --disable-byterange",
        packages=Packages(apt=("libcurl4-openssl-dev", "libxml2-dev"), dnf=("libcurl-devel", "libxml2-devel")),
    )
    nczarr: bool = option(False, "Zarr files", on="--enable-nczarr", off="--disable-nczarr", versions=">=4.9")
    zstd: Upon = partner(
        "zstd",
        "Zstandard compression, by a filter that HDF5 opens by name",
        default=False,
        without="--disable-filter-zstd",
        system="--enable-filter-zstd",
        packages=Packages(apt=("libzstd-dev",), dnf=("libzstd-devel",)),
        runtime=Packages(apt=("libzstd1",), dnf=("libzstd",)),
        versions=">=4.9.3",
    )
    programs: bool = option(False, "ncdump, nccopy and ncgen in a runtime stage too; the stage that it is built in has them always")

    def validate(self) -> None:
        """Raises for parts whose checksum is not known."""
        super().validate()
        self.parts()

    def parts(self) -> dict[str, Fetch]:
        """The libraries that are wanted beside the C one: what their source is called -> what brings it."""
        cxx, fortran = (
            {name: self.part(name, table, version, source, checksum)} if wanted else {}
            for wanted, name, table, version, source, checksum in (
                (self.cxx, "netcdf-cxx4", self.release_cxx, self.version_cxx, self.source_cxx, self.sha256_cxx),
                (self.fortran, "netcdf-fortran", self.release_fortran, self.version_fortran, self.source_fortran, self.sha256_fortran),
            )
        )
        return {**cxx, **fortran}

    def part(self, name: str, table: Tarball, version: str, source: str | None, checksum: str | None) -> Fetch:
        """What brings the source of a part: its release, or the archive that the recipe names."""
        local = source if source and self.is_local(source) else ""
        if checksum == FROM_TABLE:
            if source and not local:
                words = f"{self.name}: the sha256 of {source} is not known"
                raise UnknownVersion(words, origin=self.origin, help="add sha256_cxx or sha256_fortran; None goes without a check")
            checksum = None if local else table.checksum(self.name, version)
        url = "" if local else source or table.url(version)
        return Fetch(url, checksum, f"{self.wd}/{name}-{version}", unpack=True, strip=table.strip, local=local)

    def lists(self, place: Place, origin: Fetch | Git) -> Iterator[Packages]:
        """The packages that it needs, and what unpacks the other libraries' sources."""
        yield from super().lists(place, origin)
        for fetch in self.parts().values():
            yield from fetch_needs(fetch)

    def parallel_hdf5(self, place: Place) -> bool | None:
        """Whether its HDF5 is built upon MPI; None: it is no block that tells."""
        found = place.partner(self, "hdf5")
        tells = getattr(found.block, "is_parallel", None)
        return bool(tells(place)) if callable(tells) else None if found else False

    def builds_upon_mpi(self, place: Place) -> bool | None:
        """Whether something that it builds upon is built upon MPI; None: it is not known."""
        return True if place.partner(self, "pnetcdf") else self.parallel_hdf5(place)

    def mixes_mpi(self, place: Place) -> bool:
        """Whether its HDF5 was built upon another MPI than it is itself."""
        own, block = place.partner(self, "mpi"), place.partner(self, "hdf5").block
        its = place.partner(block, "mpi") if block is not None and "mpi" in block.options else None
        return its is not None and bool(own.path and its.path) and own.path != its.path

    def languages_needed(self, place: Place) -> Iterable[str]:
        """C and C++, and Fortran for its library."""
        return (*self.languages, *(("fortran",) if self.fortran else ()))

    def choices(self, place: Place) -> Iterator[str]:
        """Its options' words, what follows from them, and whether there are tests to run."""
        yield from super().choices(place)
        if place.partner(self, "mpi"):
            parallel = self.parallel_hdf5(place)
            yield because(f"--{'disable' if parallel is False else 'enable'}-parallel4", "whether its HDF5 is parallel")
        if not self.dap:
            yield because("ac_cv_lib_curl_curl_easy_setopt=no", "without dap nothing needs libcurl")
        if self.at(">=4.9"):
            yield because(f"--{'enable' if self.dap else 'disable'}-libxml2", "dap alone reads XML by libxml2")
            yield because(f"--with-plugin-dir={self.prefix}/{PLUGINS}", "its filters lie below its own prefix")
        if not self.check:
            yield because("--disable-testsets", "nobody runs its tests in an image")

    def link_flags(self, place: Place) -> Iterator[str]:
        """Where the libraries of HDF5 and PnetCDF lie, for building and running."""
        for name in ("hdf5", "pnetcdf"):
            yield from (because(f"-L{folder}", f"where the libraries of {name} lie") for folder in place.partner(self, name).libraries)
        yield from super().link_flags(place)

    def variables(self, place: Place) -> tuple[tuple[str, str], ...]:
        """Those of its kind, and where the headers of HDF5 and PnetCDF lie."""
        values = dict(super().variables(place))
        paths = [place.partner(self, name).path for name in ("hdf5", "pnetcdf")]
        words = [values.get("CPPFLAGS", ""), *(f"-I{path}/include" for path in paths if path)]
        values["CPPFLAGS"] = because(" ".join(word for word in words if word), "where the headers lie of what it builds upon")
        return tuple(values.items())

    def build(self, place: Place) -> Iterator[Node]:
        """The C library, then the others upon it."""
        yield from super().build(place)
        for name, fetch in self.parts().items():
            words = sh_join(dict.fromkeys(self.part_flags(place, name)))
            jobs = "" if self.check else f" {self.jobs}"  # its tests run one after the other
            yield fetch
            yield self.run(
                (
                    f"{assignments(self.part_variables(place))}./configure {words}",
                    f"make{jobs}",
                    *(("make check",) if self.check else ()),
                    *self.install_commands(),
                ),
                cwd=fetch.dest,
            )
            yield remove(fetch.dest)

    def further_flags(self, place: Place) -> Iterator[str]:
        """The words for the C++ and the Fortran library."""
        yield from (word for name in self.parts() for word in self.part_flags(place, name))

    def part_variables(self, place: Place) -> tuple[tuple[str, str], ...]:
        """The variables that configure is given where it builds upon the C library."""
        values = dict(self.variables(place))
        values["CPPFLAGS"] = f"-I{self.prefix}/include {values['CPPFLAGS']}".rstrip()
        values["LDFLAGS"] = f"-L{self.prefix}/lib -Wl,-rpath,{self.prefix}/lib {values['LDFLAGS']}".rstrip()
        return tuple(values.items())

    def part_flags(self, place: Place, name: str) -> Iterator[str]:
        """The words that configure is given for the C++ or the Fortran library; the recipe's own as HPCCM does."""
        yield f"--prefix={self.prefix}"
        yield from (because(word, f"libraries alone, of {name} too") for word in ("--enable-shared", "--disable-static", "--disable-doxygen"))
        mpi = place.partner(self, "mpi").path
        yield from (f"CC={mpi}/bin/mpicc",) if mpi else ()
        if name == "netcdf-cxx4":
            # netcdf-cxx4 4.3.1, configure.ac
            told = "told by nc-config, the C++ library would not name the C library as one that it needs"
            yield from (because(word, told) for word in (f"--with-nc-config={self.prefix}/bin", "LIBS=-lnetcdf"))
            yield because("--disable-filter-testing", "nobody runs its tests in an image")
            yield from (f"CXX={mpi}/bin/mpicxx",) if mpi else ()
        else:
            if holds(self.version_fortran, ">=4.6"):
                yield because(f"--{'enable' if place.partner(self, 'zstd') else 'disable'}-zstandard-plugin", "option zstd")
            yield from (f"FC={mpi}/bin/mpifort", f"F77={mpi}/bin/mpifort") if mpi and not lacks_fortran(self, place, "mpi") else ()
        yield from self.passed
        yield from self.configure_opts

    def labels(self) -> Iterator[Label]:
        """What an annotated image says of each of its libraries."""
        yield from super().labels()
        versions = {"netcdf-cxx4": self.version_cxx, "netcdf-fortran": self.version_fortran}
        yield from (Label(f"hpcgen.{name}.version", versions[name]) for name in self.parts())

    @property
    def has_plugins(self) -> bool:
        """Whether it comes with filters that HDF5 opens by name."""
        return self.at(">=4.9") and self.sets_environment

    def exported(self, place: Place) -> Iterable[Node]:
        """Its folders, and where HDF5 finds its filters."""
        yield from super().exported(place)
        yield from (PrependPath("HDF5_PLUGIN_PATH", f"{self.prefix}/{PLUGINS}"),) if self.has_plugins else ()

    def runtime_environment_nodes(self, place: Place) -> Iterable[Node]:
        """The same for running."""
        yield from super().runtime_environment_nodes(place)
        yield from (PrependPath("HDF5_PLUGIN_PATH", f"{self.prefix}/{PLUGINS}"),) if self.has_plugins else ()

    def runtime_lists(self, place: Place) -> Iterable[Packages]:
        """The packages that a stage needs to run it."""
        yield from super().runtime_lists(place)
        if self.dap:
            yield from (CURL, LIBXML2)

    def leavings(self) -> Leavings:
        """Its libraries and filters; with `programs`, those that are not for compiling."""
        if not self.programs:
            return super().leavings()
        with_programs = evolve(self.leaves, programs=("bin/nc*",), left=("bin/nc-config", "bin/ncxx4-config"))
        own = with_programs.of(self.prefix)
        return evolve(super().leavings(), take=own.take, left=own.left)


def _lacks(block: netcdf, place: Place, part: str) -> bool:
    """Whether its HDF5 is one of the recipe's own that leaves out a part."""
    return getattr(place.partner(block, "hdf5").block, part, True) is False
