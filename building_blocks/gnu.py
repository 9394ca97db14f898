"""GCC."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hpcgen.block import Anything, AutotoolsBlock, Exports, Leaves, Optional, Packages, Tarball, Toolchain, because, option
from hpcgen.block.block import packages
from hpcgen.building_blocks._alternatives import called_by_name, stands_for
from hpcgen.errors import Conflict, WrongValue
from hpcgen.frozen import evolve
from hpcgen.graph.nodes import AddRepository, PrependPath, Run
from hpcgen.target import CODENAMES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from hpcgen.block.place import Place
    from hpcgen.graph.nodes import Node

VERSIONS = {
    "debian11": ("9", "10"),
    "debian12": ("11", "12"),
    "debian13": ("12", "13", "14"),
    "ubuntu20.04": ("7", "8", "9", "10"),
    "ubuntu22.04": ("9", "10", "11", "12"),
    "ubuntu24.04": ("9", "10", "11", "12", "13", "14"),
    "ubuntu26.04": ("11", "12", "13", "14", "15", "16"),
    "rhel8": ("9", "10", "11", "12", "13", "14"),
    "rhel9": ("12", "13", "14", "15"),
    "rhel10": ("15",),
}
"""Target, or family and release -> the versions that it has beside its own: gcc-N by the package indexes, gcc-toolset-N by the release notes."""

NAMES = {"c": ("gcc", "gcc"), "c++": ("g++", "gcc-c++"), "fortran": ("gfortran", "gcc-gfortran")}
"""Language -> its compiler's package for apt and for dnf; with apt, a version's is called NAME-N."""
PROGRAMS = {"c": ("gcc", "cpp", "gcov", "gcc-ar", "gcc-nm", "gcc-ranlib"), "c++": ("g++",), "fortran": ("gfortran",)}
"""Language -> the programs that a version has as NAME-N."""
GENERIC = {"c": ("cc", "gcc"), "c++": ("c++", "g++"), "fortran": ("f95", "gfortran")}
"""Language -> its compiler's traditional name, and the program that this stands for."""

PPA = AddRepository(
    "ubuntu-toolchain-r-test",
    "https://ppa.launchpadcontent.net/ubuntu-toolchain-r/test/ubuntu",
    "https://keyserver.ubuntu.com/pks/lookup?op=get&search=0xC8EC952E2A0E1FBDC5090F6A2C277A0A352154E5",
    "C8EC952E2A0E1FBDC5090F6A2C277A0A352154E5",  # seen in eight unrelated public files; its forerunner has 1024 bits, which Ubuntu 24.04 refuses
    components=("main",),
)


class gnu(AutotoolsBlock, closed=True):
    """GCC: the compilers gcc, g++ and gfortran; the distribution's, or from source. https://gcc.gnu.org"""

    licence = "GPL-3.0-or-later WITH GCC-exception-3.1"
    languages = ("c", "c++")
    release = Tarball(
        "https://ftpmirror.gnu.org/gcc",
        "gcc-{version}/gcc-{version}.tar.xz",
        sha256={
            "16.1.0": "50efb4d94c3397aff3b0d61a5abd748b4dd31d9d3f2ab7be05b171d36a510f79",  # conan, openembedded, spack
            "15.3.0": "fa59c1beef8995f27c4d71c1df227587189315d3e6faff1bb4306e61b0c530eb",  # spack, public pins
            "15.2.0": "438fd996826b0c82485a29da03a72d71d6e3541a83ec702df4271f6fe025d24e",  # openembedded, spack, yggdrasil, nixpkgs
            "14.3.0": "e0dc77297625631ac8e50fa92fffefe899a4eb702592da5c32ef04e2293aca3a",  # spack, yggdrasil, nixpkgs
            "13.4.0": "9c4ce6dbb040568fdc545588ac03c5cbc95a8dbf0c7aa490170843afb59ca8f5",  # spack, nixpkgs, public pins
            "12.5.0": "71cd373d0f04615e66c5b5b14d49c1a4c1a08efa7b30625cd240b11bab4062b3",  # spack, homebrew
        },
    )
    for_cpu_target = False
    build_packages = Packages(
        both=("file",), apt=("libgmp-dev", "libmpc-dev", "libmpfr-dev"), dnf=("gmp-devel", "libmpc-devel", "mpfr-devel"), enable=("crb",)
    )
    configure = ("--disable-multilib", "--disable-nls", "--without-isl")
    exports = Exports(bin="bin", lib="lib64")
    leaves = Leaves(libraries=("lib64/*.so*",))
    runtime_packages = Packages(apt=("libgcc-s1", "libgomp1", "libstdc++6"), dnf=("libgcc", "libgomp", "libstdc++"))

    version: Anything = option(
        None, "13: that version of the distribution's; with source: 13.4.0; the distribution's own, or the newest release, if not given"
    )
    prefix: str = option("/usr/local/gnu", "with source: folder it is installed into")
    cc: bool = option(True, "install gcc")
    cxx: bool = option(True, "install g++")
    fortran: bool = option(True, "install gfortran")
    openacc: bool = option(False, "offloading to NVIDIA's GPUs, from the distribution; for x86_64")
    source: Anything = option(False, "build from source: True, or the URL of an archive")
    extra_repository: bool = option(False, "Ubuntu: versions from the toolchain PPA too")
    build_directory: Optional = option("objdir", "with source: folder for building; GCC cannot be built in the source's own")

    def validate(self) -> None:
        """Settles version and prefix, and makes the toolchain that other blocks may be given."""
        self.version = str(self.version) if self.version is not None else ""
        if not isinstance(self.source, bool | str):
            raise WrongValue(f"gnu(source={self.source!r})", help="source is True, False, or the URL of an archive")
        if not self.compiles:
            raise WrongValue("gnu without any compiler", help="leave one of cc, cxx and fortran on")
        if self.from_source:
            self.version = self.version or (self.release.versions()[0] if self.source is True else "")
            if self.openacc:
                raise Conflict(
                    "gnu(openacc=True, source=True) needs nvptx-tools and newlib beside GCC",
                    help="take the distribution's compilers: gnu(openacc=True)",
                )
            super().validate()
        else:
            self._check_given()
            self.prefix = ""
        self.toolchain = self._toolchain()

    def _check_given(self) -> None:
        """Raises for options that mean nothing to the distribution's compilers."""
        idle = sorted((self.given & set(AutotoolsBlock.options)) - {"version", "source", "environment", "ldconfig"})
        if idle or self.passed:
            raise WrongValue(f"gnu({(*idle, *self.passed)[0]}=...) is for source=True", help="the distribution's compilers are installed as they are")

    @property
    def from_source(self) -> bool:
        """Whether it is compiled."""
        return bool(self.source or self.repository or self.url or self.package)

    @property
    def compiles(self) -> tuple[str, ...]:
        """The languages that the recipe wants."""
        return tuple(language for language, wanted in (("c", self.cc), ("c++", self.cxx), ("fortran", self.fortran)) if wanted)

    def _toolchain(self) -> Toolchain:
        folder = f"{self.prefix}/bin/" if self.from_source else ""
        names = {"c": ("CC",), "c++": ("CXX",), "fortran": ("FC", "F77", "F90")}
        return Toolchain.made_by(self, **{name: f"{folder}{NAMES[language][0]}" for language in self.compiles for name in names[language]})

    def build(self, place: Place) -> Iterator[Node]:
        """The distribution's packages, or the compiled source."""
        if self.from_source:
            yield from super().build(place)
            return
        if self.extra_repository:
            yield from self._ppa(place)
        elif self.version:
            self._check_version(place)
        yield from packages(place.target, (self._compilers(place),))
        if self.version and place.target.manager == "apt":
            yield Run(tuple(self._alternatives()))

    def _compilers(self, place: Place) -> Packages:
        """The packages of the wanted version."""
        apt, dnf = (tuple(NAMES[language][index] for language in self.compiles) for index in (0, 1))
        if self.version:
            apt = tuple(f"{name}-{self.version}" for name in apt)
            dnf = tuple(f"gcc-toolset-{self.version}-{name}" for name in dnf)
        if self.openacc:
            if place.target.architecture != "x86_64":
                raise Conflict(f"gnu(openacc=True) on {place.target.architecture}: distributions have it for x86_64 alone", origin=self.origin)
            apt += (f"gcc-{self.version}-offload-nvptx" if self.version else "gcc-offload-nvptx",)
            dnf += (f"gcc-toolset-{self.version}-offload-nvptx" if self.version else "gcc-offload-nvptx",)
        return Packages(apt=(*apt, "libc6-dev"), dnf=dnf)

    def _check_version(self, place: Place) -> None:
        """Raises for a version that the release does not have."""
        target = place.target
        known = VERSIONS.get(target.name) or VERSIONS.get(f"{target.family}{target.release}", ())
        if self.version not in known:
            more = ", or extra_repository=True for the toolchain PPA" if target.distribution == "ubuntu" else ""
            raise Conflict(
                f"{target.name} has no GCC {self.version}; it has {', '.join(known)}",
                origin=self.origin,
                help=f"take one of these{more}, or build one: gnu(source=True, version='{self.release.versions()[0]}')",
            )

    def _ppa(self, place: Place) -> Iterator[Node]:
        """The toolchain PPA of the stage's Ubuntu."""
        target = place.target
        if target.distribution != "ubuntu":
            why = "gcc-toolset is in its own repositories" if target.manager == "dnf" else "the toolchain PPA is Ubuntu's"
            raise Conflict(f"gnu(extra_repository=True) on {target.name}: {why}", origin=self.origin, help="leave it out")
        if not self.version:
            raise WrongValue(
                "gnu(extra_repository=True) without a version", origin=self.origin, help="name the version that Ubuntu itself lacks: version='15'"
            )
        suite = next(name for name, release in CODENAMES.items() if release == target.release)
        yield evolve(PPA, suite=suite)

    def _alternatives(self) -> Iterator[str]:
        """What makes one version's programs those that are called by name."""
        yield called_by_name((name for language in self.compiles for name in PROGRAMS[language]), self.version)
        yield from (stands_for(name, f"{own}-{self.version}") for name, own in (GENERIC[language] for language in self.compiles))

    def languages_needed(self, place: Place) -> Iterable[str]:
        """With source: the distribution's compilers, to compile the new ones with."""
        return self.languages

    def choices(self, place: Place) -> Iterator[str]:
        """With source: the languages."""
        yield from super().choices(place)
        yield because(f"--enable-languages={','.join(self.compiles)}", "options cc, cxx and fortran")

    def install_commands(self) -> tuple[str, ...]:
        """With source: without what only a debugger of the compilers reads, most of two gigabytes."""
        return ("make install-strip", *super().install_commands()[1:])

    def exported(self, place: Place) -> Iterable[Node]:
        """With source: its folders; with gcc-toolset: the folder of its programs."""
        if self.from_source:
            yield from super().exported(place)
        elif self.version and place.target.manager == "dnf" and self.environment:
            yield PrependPath("PATH", f"/opt/rh/gcc-toolset-{self.version}/root/usr/bin")

    def prefixes(self) -> tuple[str, ...]:
        """With source: its libraries, not the compilers."""
        return (f"{self.prefix}/lib64",) if self.from_source else ()

    def runtime_environment_nodes(self, place: Place) -> Iterable[Node]:
        """With source: the folder of its libraries."""
        return (PrependPath("LD_LIBRARY_PATH", f"{self.prefix}/lib64"),) if self.from_source and self.environment and not self.ldconfig else ()

    def runtime_lists(self, place: Place) -> Iterable[Packages]:
        """The distribution's libraries that compiled programs need."""
        if not self.from_source:
            yield self.runtime_packages
            if self.fortran:
                yield Packages(apt=("libgfortran5",), dnf=("libgfortran",))
            if self.openacc:
                yield Packages(apt=("libgomp-plugin-nvptx1",), dnf=("libgomp-offload-nvptx",))
