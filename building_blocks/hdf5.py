"""HDF5."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hpcgen.block import AutotoolsBlock, Exports, Leaves, MaybeBool, Packages, Tarball, Upon, Words, because, conflict, option, partner
from hpcgen.block.kinds import CMAKE, MAKE
from hpcgen.block.source_block import SourceBlock, assignments
from hpcgen.building_blocks._distributions import cmake_is
from hpcgen.building_blocks._languages import lacks_fortran
from hpcgen.errors import WrongValue
from hpcgen.frozen import evolve
from hpcgen.quoting import sh_join

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from hpcgen.block.block import Block
    from hpcgen.block.leaving import Leavings
    from hpcgen.block.options import Switch
    from hpcgen.block.place import Place
    from hpcgen.graph.nodes import Node

CMAKE_NAMES = {
    "mpi": "HDF5_ENABLE_PARALLEL",
    "subfiling": "HDF5_ENABLE_SUBFILING_VFD",
    "threadsafe": "HDF5_ENABLE_THREADSAFE",
    "unsupported": "HDF5_ALLOW_UNSUPPORTED",
    "zlib": "HDF5_ENABLE_ZLIB_SUPPORT",
    "szip": "HDF5_ENABLE_SZIP_SUPPORT",
}
"""Option -> what CMake calls it (HDF5, AutotoolsToCMakeOptions.md)."""

CMAKE_ROOTS = {"zlib": "ZLIB_ROOT", "szip": "libaec_ROOT"}
"""Option -> where CMake looks for a partner of one's own."""

COMPILING = ("bin/h5cc", "bin/h5pcc", "bin/h5c++", "bin/h5fc", "bin/h5pfc", "bin/h5hl*", "bin/h5redeploy")
"""Its wrapper compilers, and what changes them."""

_SOURCE = "HDF5, configure.ac and CMakeLists.txt"


class hdf5(AutotoolsBlock, closed=True):
    """HDF5: files of arrays and tables with their descriptions, in parallel too. https://www.hdfgroup.org/solutions/hdf5"""

    licence = "BSD-3-Clause"
    git = "https://github.com/HDFGroup/hdf5.git"
    release = Tarball(
        "https://support.hdfgroup.org/releases/hdf5",
        "v{major}_{minor}/v{underscored}/downloads/hdf5-{version}.tar.gz",
        sha256={
            "1.14.6": "e4defbac30f50d64e1556374aa49e574417c9e72c6b1de7a4ff88c4b1bea6e9b",  # conda, spack
            "1.14.5": "ec2e13c52e60f9a01491bb3158cb3778c985697131fc6a342262d32a26e58e44",  # conda, spack
            "1.14.3": "09cdb287aa7a89148c1638dd20891fdbae08102cf433ef128fd345338aa237c7",  # conda, easybuild, spack
            "1.14.2": "1c342e634008284a8c2794c8e7608e2eaf26d01d445fb3dfd7f33cb2fb51ac53",  # conda, spack
            "1.14.0": "a571cc83efda62e1a51a0a912dd916d01895801c5025af91669484a1575a6ef4",  # easybuild, spack
        },
    )
    newer = Tarball(
        "https://github.com/HDFGroup/hdf5/releases/download",
        "{version}/hdf5-{version}.tar.gz",
        sha256={
            "2.2.0": "1a1ab8209b35586fbc1aa279ba76d102130b95badcb20ca329587219112d8c16",  # aur, homebrew, termux
            "2.1.1": "efff93b5a904d66e8f626d7da60b5eedc9faf544be27dbabbaa87967b8ad798b",  # aur, easybuild, homebrew
            "2.1.0": "ce7f5515a95d588b8606c3fb50643f8b88ac52ffbbde9c63bb1edca6a256e964",  # conda, homebrew, spack
        },
    )
    older = Tarball(
        "https://support.hdfgroup.org/archive/support/ftp/HDF5/releases",
        "hdf5-{series}/hdf5-{version}/src/hdf5-{version}.tar.gz",
        sha256={
            "1.12.2": "2a89af03d56ce7502dcae18232c241281ad1773561ec00c0f0e8ee2463910f14",  # easybuild, spack
            "1.10.11": "341684c5c0976b8c7e6951735a400275a90693604464cac73e9f323c696fc79c",  # conda, spack
            "1.10.8": "d341b80d380dd763753a0ebe22915e11e87aac4e44a084a850646ff934d19c80",  # kde craft, spack
        },
    )
    build_packages = Packages(both=("file",), dnf=("perl",))
    configure_at = {
        "<2": ("--enable-shared", "--disable-static", "--enable-build-mode=production", "--disable-java", "--enable-tools"),
        ">=1.12 <2": ("--disable-map-api", "--disable-ros3-vfd"),
        ">=1.14 <2": ("--disable-doxygen",),
        ">=2": (
            *("-DCMAKE_BUILD_TYPE=Release", "-DCMAKE_INSTALL_LIBDIR=lib", "-DCMAKE_INSTALL_RPATH_USE_LINK_PATH=ON"),
            *("-DBUILD_SHARED_LIBS=ON", "-DBUILD_STATIC_LIBS=OFF"),
            *(
                "-DHDF5_BUILD_EXAMPLES=OFF",
                "-DHDF5_BUILD_JAVA=OFF",
                "-DHDF5_BUILD_DOC=OFF",
                "-DHDF5_BUILD_TOOLS=ON",
                "-DHDF5_BUILD_PARALLEL_TOOLS=OFF",
            ),
            *("-DHDF5_ENABLE_MAP_API=OFF", "-DHDF5_ENABLE_ROS3_VFD=OFF", "-DHDF5_ENABLE_PLUGIN_SUPPORT=OFF", "-DHDF5_ALLOW_EXTERNAL_SUPPORT=NO"),
        ),
    }
    leaves_out = ("share/hdf5_examples", "share/HDF5Examples")
    exports = Exports(bin="bin", include="include", lib="lib", pkgconfig="lib/pkgconfig", cmake=True, variables=(("HDF5_DIR", "{prefix}"),))
    leaves = Leaves(opens=("lib/plugin/*.so*",))  # filters that others put where it looks for them
    conflicts = (
        conflict(
            lambda hdf5, place: hdf5.is_parallel(place) and hdf5.has_cxx(place) and not hdf5.unsupported,
            "HDF5's C++ library is not for parallel HDF5: leave cxx out, or say unsupported=True",
            name="hdf5-parallel-cxx",
            source=_SOURCE,
        ),
        conflict(
            lambda hdf5, place: hdf5.threadsafe and not hdf5.unsupported and hdf5.has_more(place),
            "thread-safe HDF5 is the C library alone: leave cxx, fortran and hl out, or say unsupported=True",
            name="hdf5-threadsafe",
            source=_SOURCE,
        ),
        conflict(
            lambda hdf5, place: hdf5.subfiling and not hdf5.is_parallel(place),
            "HDF5's subfiling is for parallel HDF5: name mpi too",
            name="hdf5-subfiling-without-mpi",
            source=_SOURCE,
        ),
        conflict(
            lambda hdf5, place: hdf5.has_fortran(place) and lacks_fortran(hdf5, place, "mpi"),
            "parallel HDF5's Fortran library needs an MPI with Fortran: add gnu() before the MPI, or leave fortran out",
            name="hdf5-mpi-without-fortran",
            source="HDF5, release_docs/INSTALL_parallel",
        ),
        conflict(
            lambda hdf5, place: hdf5.by_cmake and cmake_is(place, "<3.26"),
            "HDF5 2 needs CMake 3.26 or newer, which this distribution has not: add cmake() before it",
            name="hdf5-cmake",
            source="HDF5 2.0, CMakeLists.txt",
        ),
        conflict(
            lambda hdf5, place: hdf5.at("==1.14.3"),
            "HDF5 1.14.3 divides by zero when it starts, which ends programs that trap floating-point exceptions; 1.14.5 does not",
            name="hdf5-fp-exceptions",
            source="HDFGroup/hdf5 pull request 3837",
            level="warning",
        ),
    )

    # Not the newest: the last that is built by configure, as recipes with words for it expect, and that each netCDF since 4.9.2 takes; HDF5 2 needs
    # a newer CMake than Debian 12 and Ubuntu 22.04 have, and names another soname.
    version: str = option("1.14.6", "release to build; from 2.0 on by CMake")
    prefix: str = option("/usr/local/hdf5", "folder it is installed into")
    mpi: Upon = partner(
        "mpi",
        "parallel files by MPI; True: by the recipe's",
        default=False,
        with_="--enable-parallel CC={path}/bin/mpicc",
        without="--disable-parallel",
    )
    cxx: MaybeBool = option(None, "C++ library; if it is neither parallel nor thread-safe, if not given")
    fortran: MaybeBool = option(None, "Fortran library; unless it is thread-safe, if not given")
    hl: MaybeBool = option(None, "high-level library, which netCDF needs; unless it is thread-safe, if not given")
    threadsafe: bool = option(False, "calls from several threads at once", on="--enable-threadsafe", off="--disable-threadsafe")
    subfiling: bool = option(
        False, "parallel files as several smaller ones", on="--enable-subfiling-vfd", off="--disable-subfiling-vfd", versions=">=1.14"
    )
    unsupported: bool = option(False, "combinations that its authors do not support", on="--enable-unsupported", off="--disable-unsupported")
    zlib: Upon = partner(
        "zlib",
        "deflate compression, which netCDF needs",
        default="system",
        with_="--with-zlib={path}",
        without="--without-zlib",
        system="--with-zlib",
        packages=Packages(apt=("zlib1g-dev",), dnf=("zlib-devel",)),
        runtime=Packages(apt=("zlib1g",), dnf=("zlib",)),
    )
    szip: Upon = partner(
        "libaec",
        "szip compression, by libaec",
        default=False,
        with_="--with-szlib={path}",
        without="--without-szlib",
        system="--with-szlib",
        packages=Packages(apt=("libaec-dev",), dnf=("libaec-devel",), enable=("epel",)),
        runtime=Packages(apt=("libaec0", "libsz2"), dnf=("libaec",), enable=("epel",)),
    )
    programs: bool = option(False, "h5dump, h5ls and the like in a runtime stage too; the stage that it is built in has them always")
    configure_opts: Words = option((), "further words for configure", versions="<2")
    cmake_opts: Words = option((), "further words for cmake", versions=">=2")

    @property
    def by_cmake(self) -> bool:
        """Whether CMake builds it: 2.0 has no configure any more."""
        return self.at(">=2")

    def validate(self) -> None:
        """Raises for configure's words where there is no configure."""
        super().validate()
        if self.by_cmake and (self.passed or self.autogen or self.build_directory):
            given = ", ".join((*self.passed, *(name for name in ("autogen", "build_directory") if getattr(self, name))))
            raise WrongValue(f"hdf5 {self.version} is built by CMake: {given}", help="cmake_opts=['-DNAME=VALUE'] passes words to CMake")

    def archive(self, arch: str = "") -> Tarball:
        """The table of releases that its version lies in."""
        return self.newer if self.by_cmake else self.older if self.at("<1.14") else self.release

    @property
    def says_parallel(self) -> bool:
        """Whether the recipe says it in configure's words, as HPCCM's recipes do, with MPI's compilers in its toolchain."""
        return "--enable-parallel" in (*self.passed, *self.configure_opts)

    def is_parallel(self, place: Place) -> bool:
        """Whether it is built upon MPI."""
        return self.says_parallel or bool(place.partner(self, "mpi"))

    def has_cxx(self, place: Place) -> bool:
        """Whether it gets its C++ library."""
        return not (self.threadsafe or self.is_parallel(place)) if self.cxx is None else self.cxx

    def has_fortran(self, place: Place) -> bool:
        """Whether it gets its Fortran library."""
        return not self.threadsafe if self.fortran is None else self.fortran

    @property
    def has_hl(self) -> bool:
        """Whether it gets its high-level library."""
        return not self.threadsafe if self.hl is None else self.hl

    @property
    def has_zlib(self) -> bool:
        """Whether it compresses by deflate."""
        return self.zlib is not False

    def has_more(self, place: Place) -> bool:
        """Whether it gets more than the C library."""
        return self.has_cxx(place) or self.has_fortran(place) or self.has_hl

    def languages_needed(self, place: Place) -> Iterable[str]:
        """C, and those of its further libraries."""
        wanted = (("c++", self.has_cxx(place)), ("fortran", self.has_fortran(place)))
        return (*self.languages, *(language for language, has in wanted if has))

    def needs(self, place: Place) -> tuple[Packages, ...]:
        """Those of its kind, or CMake's."""
        if not self.by_cmake:
            return super().needs(place)
        return (MAKE if "cmake" in place.before else CMAKE, *SourceBlock.needs(self, place))

    def tools(self, place: Place) -> Iterable[tuple[Block, str]]:
        """Compilers, and the recipe's CMake where that builds it."""
        yield from super().tools(place)
        if self.by_cmake and "cmake" in place.before:
            yield place.before["cmake"], "its kind of build"

    def flags(self, place: Place) -> Iterator[str]:
        """The words that configure is given, or CMake."""
        if not self.by_cmake:
            yield from super().flags(place)
            return
        yield f"-DCMAKE_INSTALL_PREFIX={self.prefix}"
        yield from self.fixed()
        yield from self.choices(place)
        yield from (f"-D{word[2:].lstrip()}" if word.startswith("-D ") else word for word in self.cmake_opts)

    def choice(self, place: Place, name: str, switch: Switch) -> list[str]:
        """The words that one option stands for, by the names that its build has for it."""
        if name == "mpi" and self.says_parallel:
            return []
        if not self.by_cmake:
            return super().choice(place, name, switch)
        if name not in CMAKE_NAMES:
            return []
        found = place.partner(self, name) if self.options[name].partner else None
        on = bool(found) if found is not None else getattr(self, name)
        root = [f"-D{CMAKE_ROOTS[name]}={found.path}"] if found is not None and found.path and name in CMAKE_ROOTS else []
        return [f"-D{CMAKE_NAMES[name]}={'ON' if on else 'OFF'}", *root]

    def choices(self, place: Place) -> Iterator[str]:
        """Its options' words, the libraries beside the C one, MPI's compilers, and whether there are tests to run."""
        yield from super().choices(place)
        yield from self.libraries(place)
        yield from self.wrappers(place)
        tests = "check, as the recipe says" if self.check else "nobody runs its tests in an image"
        plugins = "where the block's own prefix has it, whatever that is"
        if self.by_cmake:
            yield because(f"-DBUILD_TESTING={'ON' if self.check else 'OFF'}", tests)
            yield because(f"-DH5_DEFAULT_PLUGINDIR={self.prefix}/lib/plugin", plugins)
        else:
            yield because("--enable-tests" if self.check else "--disable-tests", tests)
            yield because(f"--with-default-plugindir={self.prefix}/lib/plugin", plugins)

    def libraries(self, place: Place) -> Iterator[str]:
        """The words for its C++, Fortran and high-level libraries."""
        by = {"cxx": self.has_cxx(place), "fortran": self.has_fortran(place), "hl": self.has_hl}
        named = {"cxx": "HDF5_BUILD_CPP_LIB", "fortran": "HDF5_BUILD_FORTRAN", "hl": "HDF5_BUILD_HL_LIB"}
        for name, has in by.items():
            given = getattr(self, name)
            why = f"{name}={given}, as the recipe says" if given is not None else "as it is parallel or thread-safe" if not has else "the default"
            word = f"-D{named[name]}={'ON' if has else 'OFF'}" if self.by_cmake else f"--{'enable' if has else 'disable'}-{name}"
            yield because(word, why)

    def wrappers(self, place: Place) -> Iterator[str]:
        """MPI's compilers for what it is built with beside C."""
        path = place.partner(self, "mpi").path
        if not path:
            return
        if self.by_cmake:
            yield because(f"-DMPI_C_COMPILER={path}/bin/mpicc", "option mpi")
        if self.has_cxx(place):
            yield because(f"-DMPI_CXX_COMPILER={path}/bin/mpicxx" if self.by_cmake else f"CXX={path}/bin/mpicxx", "option mpi")
        if self.has_fortran(place):
            yield because(f"-DMPI_Fortran_COMPILER={path}/bin/mpifort" if self.by_cmake else f"FC={path}/bin/mpifort", "option mpi")

    def steps(self, place: Place, folder: str) -> Iterator[Node]:
        """The commands of configure and make, or of CMake."""
        if not self.by_cmake:
            yield from super().steps(place, folder)
            return
        commands = [
            *self.preconfigure,
            f"{assignments(self.variables(place))}cmake -S . -B build {sh_join(dict.fromkeys(self.flags(place)))}",
            *((f"( cd build && {' && '.join(self.postconfigure)} )",) if self.postconfigure else ()),
            f"cmake --build build {self.jobs}",
            *(("ctest --test-dir build --output-on-failure",) if self.check else ()),
            "cmake --install build",
            f"rm -rf {sh_join(f'{self.prefix}/{name}' for name in self.leaves_out)}",
            *self.after_install(),
        ]
        yield self.run(commands, cwd=folder)

    def leavings(self) -> Leavings:
        """Its libraries; with `programs`, those that are not for compiling."""
        own = super().leavings()
        if not self.programs:
            return own
        with_programs = evolve(self.leaves, programs=("bin/h5*",), left=COMPILING)
        return evolve(own, take=with_programs.of(self.prefix).take, left=with_programs.of(self.prefix).left)
