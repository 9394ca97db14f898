"""Boost."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from hpcgen.block import Exports, Leaves, Optional, Packages, SourceBlock, Tarball, Upon, Words, because, conflict, option, partner
from hpcgen.block.source_block import assignments
from hpcgen.building_blocks._distributions import PYTHON, of_distribution
from hpcgen.errors import Conflict, WrongValue
from hpcgen.frozen import evolve
from hpcgen.quoting import sh_join

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from hpcgen.block.place import Place
    from hpcgen.graph.nodes import Node

_SOURCEFORGE = "https://sourceforge.net/projects/boost/files/boost"

COMPRESSION = {
    "zlib": (Packages(apt=("zlib1g-dev",), dnf=("zlib-devel",)), Packages(apt=("zlib1g",), dnf=("zlib",))),
    "bzip2": (Packages(apt=("libbz2-dev",), dnf=("bzip2-devel",)), Packages(apt=("libbz2-1.0",), dnf=("bzip2-libs",))),
    "lzma": (Packages(apt=("liblzma-dev",), dnf=("xz-devel",)), Packages(apt=("liblzma5",), dnf=("xz-libs",))),
    "zstd": (Packages(apt=("libzstd-dev",), dnf=("libzstd-devel",)), Packages(apt=("libzstd1",), dnf=("libzstd",))),
}
"""What Boost.Iostreams compresses by -> its packages for building and for running."""

ICU = Packages(
    dnf=("libicu",),
    at={
        "debian11": ("libicu67",),
        "debian12": ("libicu72",),
        "debian13": ("libicu76",),
        "ubuntu20.04": ("libicu66",),
        "ubuntu22.04": ("libicu70",),
        "ubuntu24.04": ("libicu74",),
        "ubuntu26.04": ("libicu78",),
    },
)
"""What a program that uses ICU needs."""

TOOLSETS = {"g++": "gcc", "c++": "gcc", "mpicxx": "gcc", "clang++": "clang"}
"""C++ compiler -> what b2 calls its kind."""

APART = ("graph_parallel", "mpi", "python")
"""The libraries that are built upon MPI or Python: options of their own ask for them."""


class boost(SourceBlock, closed=True):
    """Boost: C++ libraries. https://www.boost.org"""

    licence = "BSL-1.0"
    languages = ("c", "c++")
    release = Tarball(
        "https://archives.boost.io/release",
        "{version}/source/boost_{underscored}.tar.bz2",
        sha256={
            "1.92.0": "5c1d40cb8e19adbf740a4ec2da35b3e58f3f5804b1dce44deb53df72193cbc6c",  # aur, public pins
            "1.91.0": "de5e6b0e4913395c6bdfa90537febd9028ea4c0735d2cdb0cd9b45d5f51264f5",  # conan, conda
            "1.90.0": "49551aff3b22cbc5c5a9ed3dbc92f0e23ea50a0f7325b0d198b705e8ee3fc305",  # conan, conda, spack
            "1.89.0": "85a33fa22621b4f314f8e85e1a5e2a9363d22e4f4992925d4bb3bc631b5a0c7a",  # conan, conda, spack
            "1.88.0": "46d9d2c06637b219270877c9e16155cbd015b6dc84349af064c088e9b5b12f7b",  # conan, conda, spack
            "1.87.0": "af57be25cb4c4f4b413ed692fe378affb4352ea50fbe294a11ef548f4d527d89",  # conan, conda, spack
            "1.86.0": "1bed88e40401b2cb7a1f76d4bab499e352fa4d0c5f31c0dbae64e24d34d7513b",  # conan, conda, spack
            "1.85.0": "7009fe1faa1697476bdc7027703a2badb84e849b7b0baad5086b087b971f8617",  # conan, conda, spack
            "1.83.0": "6478edfe2f3305127cffe8caf73ea0176c53769f4bf1585be237eb30798c3b8e",  # buildroot, conan, conda, spack
            "1.82.0": "a6e1ab9b0860e6a2881dd7b21fe9f737a095e5f33a3a874afc6a345228597ee6",  # conan, conda, spack
            "1.81.0": "71feeed900fbccca04a3b4f2f84a7c217186f28a940ed8b7ed4725986baf99fa",  # conan, conda, spack
            "1.79.0": "475d589d51a7f8b3ba2ba4eda022b170e562ca3b760ee922c146b6c65856ef39",  # conan, conda, spack
            "1.74.0": "83bfc1507731a0906e387fc28b7ef5417d591429e51e788417fe9ff025e116b1",  # conda, spack
        },
    )
    build_packages = Packages(dnf=("diffutils", "findutils", "which"))
    exports = Exports(include="include", lib="lib", cmake=True)
    leaves = Leaves()
    conflicts = (
        conflict(
            lambda boost, place: boost.at(">=1.89") and "system" in boost.libraries,
            "Boost.System is headers alone, and since 1.89 there is no library of that name any more: leave system out",
            name="boost-system-library",
            source="Boost 1.89 release notes",
        ),
        conflict(
            lambda boost, place: boost.at("==1.87.0") and bool(place.partner(boost, "mpi")) and not boost.python,
            "Boost.MPI 1.87.0 is built with Boost.Python alone: say python=True too, or take 1.88, which does without",
            name="boost-mpi-python",
            source="spack-packages, boost; Boost 1.88, libs/mpi/build/Jamfile.v2",
            level="warning",
        ),
        conflict(
            lambda boost, place: boost.at("<1.81") and boost.python and of_distribution(PYTHON, place, ">=3.11"),
            "enumerations of Boost.Python before 1.81 crash with Python 3.11 and newer",
            name="boost-python-3.11",
            source="boostorg/python issue 400",
        ),
    )

    version: str = option("1.92.0", "release to build")
    prefix: str = option("/usr/local/boost", "folder it is installed into")
    libraries: Words = option((), "the libraries to compile: filesystem, program_options; all but those with options of their own, if not given")
    python: bool = option(False, "Boost.Python, for the distribution's Python", packages=Packages(apt=("python3-dev",), dnf=("python3-devel",)))
    mpi: Upon = partner(
        "mpi", "Boost.MPI and the parallel graph library", default=False, with_="using mpi : {path}/bin/mpicxx ;", without="--without-mpi"
    )
    icu: Upon = partner(
        "icu",
        "Unicode by ICU, in Boost.Regex and Boost.Locale",
        default=False,
        without="--without-icu",
        system="--with-icu",
        packages=Packages(apt=("libicu-dev",), dnf=("libicu-devel",)),
        runtime=ICU,
    )
    zlib: bool = option(True, "gzip in Boost.Iostreams", off="-sNO_ZLIB=1", packages=COMPRESSION["zlib"][0])
    bzip2: bool = option(True, "bzip2 in Boost.Iostreams", off="-sNO_BZIP2=1", packages=COMPRESSION["bzip2"][0])
    lzma: bool = option(False, "xz in Boost.Iostreams", off="-sNO_LZMA=1", packages=COMPRESSION["lzma"][0])
    zstd: bool = option(False, "Zstandard in Boost.Iostreams", off="-sNO_ZSTD=1", packages=COMPRESSION["zstd"][0])
    toolset: Optional = option(None, "what b2 calls the compilers: gcc, clang; by the toolchain's CXX if not given")
    bootstrap_opts: Words = option((), "further words for bootstrap.sh; those about libraries come instead of the block's own")
    b2_opts: Words = option((), "further words for b2")
    sourceforge: bool = option(False, "take the archive from SourceForge, as releases before 1.63 need")

    def validate(self) -> None:
        """Raises for libraries that have options of their own; HPCCM's __version__ in an address is the version."""
        super().validate()
        self.baseurl = self.baseurl.replace("__version__", self.version) if self.baseurl else self.baseurl
        for name in self.libraries:
            if name in ("mpi", "python") or (name == "graph_parallel" and not self.mpi):
                raise WrongValue(f"boost: libraries=[{name!r}]", help="mpi=True and python=True ask for what is built upon them")

    def archive(self, arch: str = "") -> Tarball:
        """Upstream's releases, or the same archives in another place."""
        if self.sourceforge:
            return evolve(self.release, baseurl=_SOURCEFORGE, path="{version}/boost_{underscored}.tar.bz2")
        return evolve(self.release, path="boost_{underscored}.tar.bz2") if self.baseurl else self.release

    def flags(self, place: Place) -> Iterator[str]:
        """The words that bootstrap.sh is given, then those for b2."""
        yield from self.bootstrapping(place)
        yield from self.building(place)

    def tools_named(self) -> str:
        """What b2 calls the compilers."""
        cxx = (self.compilers.CXX if self.compilers else None) or "g++"
        kind = self.toolset or TOOLSETS.get(re.sub(r"-\d+$", "", cxx.rpartition("/")[2]))
        if not kind:
            raise Conflict(f"boost: what b2 calls the compiler {cxx} is not known", origin=self.origin, help="add toolset='...'")
        return kind

    def bootstrapping(self, place: Place) -> Iterator[str]:
        """The words that bootstrap.sh is given."""
        yield f"--prefix={self.prefix}"
        yield because(f"--with-toolset={self.tools_named()}", "option toolset, or the compilers")
        icu = place.partner(self, "icu")
        yield because("--with-icu" if icu else "--without-icu", "option icu")
        if self.python:
            yield because("--with-python=python3", "python=True, as the recipe says")
        if not any("-libraries" in word for word in self.bootstrap_opts):
            yield from self.chosen_libraries(place)
        yield from self.bootstrap_opts

    def chosen_libraries(self, place: Place) -> Iterator[str]:
        """The words that say which libraries are compiled."""
        wanted = {"python": self.python, "mpi": bool(place.partner(self, "mpi")), "graph_parallel": bool(place.partner(self, "mpi"))}
        if self.libraries:
            names = dict.fromkeys((*self.libraries, *(name for name in ("mpi", "python") if wanted[name])))
            yield because(f"--with-libraries={','.join(names)}", "libraries, as the recipe says")
        elif not all(wanted.values()):
            left = ",".join(name for name in APART if not wanted[name])
            yield because(f"--without-libraries={left}", "what is built upon MPI or Python is asked for")

    def building(self, place: Place) -> Iterator[str]:
        """The words that b2 is given."""
        usual = ("variant=release", "link=shared", "runtime-link=shared", "threading=multi", "--layout=system")
        yield from (because(word, "shared libraries, optimized, by their plain names") for word in usual)
        yield because(f"toolset={self.tools_named()}", "option toolset, or the compilers")
        if not place.partner(self, "icu"):
            yield from (because(word, "icu=False") for word in ("--disable-icu", "boost.locale.icu=off"))
        for name in COMPRESSION:
            switch = self.options[name].switch
            if switch is not None and not getattr(self, name):
                yield because(switch.without, f"{name}=False")
        values = dict(self.variables(place))
        for name, word in (("CFLAGS", "cflags"), ("CXXFLAGS", "cxxflags"), ("LDFLAGS", "linkflags")):
            if values.get(name):
                yield because(f"{word}={values[name]}", f"{name}, which b2 does not read itself")
        if self.configuration(place):
            yield because("--user-config=user-config.jam", "where the compilers are named")
        yield from self.b2_opts

    def link_flags(self, place: Place) -> Iterator[str]:
        """What makes its libraries find each other, and those of MPI."""
        yield f"-Wl,-rpath,{self.prefix}/lib"
        yield from super().link_flags(place)

    def configuration(self, place: Place) -> list[str]:
        """The lines for b2 that name compilers."""
        cxx = self.compilers.CXX if self.compilers else None
        path, switch = place.partner(self, "mpi").path, self.options["mpi"].switch
        own = [f"using {self.tools_named()} : : {cxx} ;"] if cxx else []
        return [*own, *([switch.with_.format(path=path)] if path and switch else [])]

    def steps(self, place: Place, folder: str) -> Iterator[Node]:
        """bootstrap.sh makes b2, b2 the rest."""
        lines = self.configuration(place)
        compilers = [(name, value) for name, value in self.variables(place) if name in ("CC", "CXX")]
        commands = [
            *([f"printf '%s\\n' {sh_join(lines)} > user-config.jam"] if lines else []),
            f"{assignments(compilers)}./bootstrap.sh {sh_join(self.bootstrapping(place))}",
            f"./b2 {self.jobs} -q {sh_join(self.building(place))} install",
        ]
        yield self.run(commands, cwd=folder)

    def runtime_lists(self, place: Place) -> Iterable[Packages]:
        """The packages that a stage needs to run it."""
        yield from super().runtime_lists(place)
        yield from (running for name, (_, running) in COMPRESSION.items() if getattr(self, name))
