"""LLVM's compilers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hpcgen.block import Anything, Block, Packages, Toolchain, Words, conflict, option
from hpcgen.block.block import packages
from hpcgen.block.compilers import DISTRIBUTION_CLANG
from hpcgen.building_blocks._alternatives import called_by_name, stands_for
from hpcgen.errors import Conflict, WrongValue
from hpcgen.graph.nodes import AddRepository, Install, Run
from hpcgen.target import CODENAMES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from hpcgen.block.place import Place
    from hpcgen.graph.nodes import Node
    from hpcgen.target import Target

# Debian's by the package indexes, security updates among them; Ubuntu's by versions of packages in public files.
VERSIONS = {
    "debian11": ("9", "11", "13", "16", "19", "22"),
    "debian12": ("13", "14", "15", "16", "19", "22"),
    "debian13": ("17", "18", "19", "22"),
    "ubuntu20.04": ("7", "8", "9", "10", "11", "12"),
    "ubuntu22.04": ("11", "12", "13", "14", "15"),
    "ubuntu24.04": ("14", "15", "16", "17", "18", "19", "20"),
    "ubuntu26.04": ("17", "18", "19", "20", "21", "22"),
}
"""Target -> the versions that its packages have, called clang-N. The RHEL family has one, which is another with each minor release."""
FLANG = {
    "debian11": ("22",),
    "debian12": ("19", "22"),
    "debian13": ("17", "18", "19", "22"),
    "ubuntu24.04": ("17", "18"),
    "ubuntu26.04": ("21",),
}
"""Target -> the versions that it has Flang of, from 17 on: those before link programs only if -flang-experimental-exec is said."""
UPSTREAM = {
    "debian11": range(13, 23),
    "debian12": range(15, 24),
    "debian13": range(20, 24),
    "ubuntu20.04": range(13, 22),
    "ubuntu22.04": range(13, 24),
    "ubuntu24.04": range(17, 24),
    "ubuntu26.04": range(21, 24),
}
"""Target -> the versions that apt.llvm.org has for it: the first and last suites that public files take packages from."""

KEY = "6084F3CF814B57C1CF12EFD515CF4D18AF4F7421"  # seen in ten unrelated public files
HOST = "https://apt.llvm.org"

EXTRA = ("clang-format", "clang-tidy")
TOOLS = ("clang-tools", "lld", "lldb", "llvm")
LIBRARIES = ("libc++{}-dev", "libc++abi{}-dev", "libclang{}-dev", "llvm{}-dev")
"""With apt: packages of the toolset, and those of its libraries, with -N where a version is named."""
PROGRAMS = {
    "clang-tools": ("scan-build",),
    "lld": ("lld", "ld.lld"),
    "llvm": ("llvm-config", "llvm-ar", "llvm-cov", "llvm-nm", "llvm-profdata", "llvm-ranlib"),
}
"""Package -> its programs that are called by name; others have a program of their own name."""
DNF_TOOLSET = ("llvm-toolset", "llvm-devel", "lld", "lldb")
COMMON = ("ubuntu26.04",)
"""Targets whose newest LLVM brings the libraries of programs for all versions, without a number (Ubuntu, how to package LLVM)."""
COMMON_UPSTREAM = 20
"""The first version that apt.llvm.org packages so."""
COMMON_DEBIAN = {"22": 19}
"""Debian's updates -> the version whose libraries they take."""
LAST_T64 = 17
"""The last version whose libraries got another name as time_t became 64 bits wide."""
OLDEST_FLANG = 17
NEW_FLANG = 20
"""The first version whose Flang is called flang; it was flang-new."""


class llvm(Block, closed=True):
    """LLVM: the compilers clang, clang++ and flang; the distribution's, or those of apt.llvm.org. https://llvm.org"""

    licence = "Apache-2.0 WITH LLVM-exception"
    tells_compilers = True
    conflicts = (
        conflict(
            lambda llvm, place: llvm.upstream and place.target.name == "debian13",
            "apt of Debian 13 takes no key that is bound by SHA-1 since February 2026, as that of apt.llvm.org was: where its packages are not "
            "found, take a version of Debian's own",
            name="llvm-debian13-key",
            source="llvm-project, issue 153385",
            level="warning",
        ),
        conflict(
            lambda llvm, place: llvm.upstream and llvm.trunk,
            "the development branch of LLVM is another compiler each day",
            name="llvm-trunk",
            source="apt.llvm.org",
            level="warning",
        ),
    )

    version: Anything = option(
        None, "19: that version of the distribution's, or of apt.llvm.org; the distribution's own, or the newest, if not given"
    )
    upstream: bool = option(False, "take it from apt.llvm.org; for Debian and Ubuntu")
    fortran: bool = option(False, "install flang too; it compiles programs since version 17")
    openmp: bool = option(True, "install the OpenMP runtime and its headers too")
    extra_tools: bool = option(False, "install clang-format and clang-tidy too")
    toolset: bool = option(False, "install all of LLVM: extra_tools, lld, lldb, libc++, and its libraries to build against")
    environment: bool = option(True, "HPCCM's: the compilers are in PATH anyway")
    ospackages: Words = option((), "further packages of the distribution")
    _trunk_version: Anything = option(None, "with upstream: the version that apt.llvm.org develops, and has in its suite without a number")

    def validate(self) -> None:
        """Settles the version, and makes the toolchain that other blocks are told."""
        self.version = str(self.version) if self.version is not None else ""
        self._trunk_version = str(self._trunk_version) if self._trunk_version is not None else ""
        for one in (self.version, self._trunk_version):
            if one and not one.isdigit():
                raise WrongValue(f"llvm: version {one!r}", help="a version is its major number, as '19': packages are called clang-19")
        if self._trunk_version and not self.upstream:
            raise WrongValue("llvm(_trunk_version=...) is of apt.llvm.org", help="say upstream=True too")
        names = {"CC": "clang", "CXX": "clang++", **(dict.fromkeys(("FC", "F77", "F90"), "flang") if self.fortran else {})}
        self.toolchain = Toolchain.made_by(self, **names)

    @property
    def compiles(self) -> tuple[str, ...]:
        """C and C++, and Fortran if it is wanted."""
        return ("c", "c++", "fortran") if self.fortran else ("c", "c++")

    @property
    def trunk(self) -> bool:
        """Whether it is the development branch."""
        return bool(self._trunk_version) and self.version == self._trunk_version

    def check_rules(self, place: Place) -> None:
        """A version that is not there is said first."""
        self.number(place.target)
        super().check_rules(place)

    def number(self, target: Target) -> str:
        """The version on a target, empty in the RHEL family; an error for one that it does not have."""
        if target.manager == "dnf":
            self._check_rhel(target)
            return ""
        if self.trunk:
            return str(self.version)
        have = tuple(map(str, UPSTREAM[target.name])) if self.upstream else VERSIONS[target.name]
        version = str(self.version or (have[-1] if self.upstream else DISTRIBUTION_CLANG[target.name]))
        if version not in have:
            who = f"apt.llvm.org for {target.name}" if self.upstream else target.name
            others = () if self.upstream else (one for one in map(str, UPSTREAM[target.name]) if one == version)
            more = "; or upstream=True, which takes it from apt.llvm.org" if any(others) else ""
            raise Conflict(f"{who} has no LLVM {version}; it has {', '.join(have)}", origin=self.origin, help=f"take one of these{more}")
        if self.fortran and version not in FLANG.get(target.name, ()) and not (self.upstream and int(version) >= OLDEST_FLANG):
            flang = ", ".join(FLANG.get(target.name, ())) or "of no version"
            raise Conflict(
                f"{target.name} has no flang {version} that links programs; it has {flang}",
                origin=self.origin,
                help="take such a version, upstream=True, or gnu(cc=False, cxx=False) for gfortran",
            )
        return version

    def _check_rhel(self, target: Target) -> None:
        """Raises for what only Debian and Ubuntu have."""
        said = {"upstream": self.upstream, "version": self.version, "fortran": self.fortran}
        why = {
            "upstream": "apt.llvm.org has packages for Debian and Ubuntu",
            "version": "the RHEL family has one LLVM, which is another with each minor release",
            "fortran": "the RHEL family has no flang",
        }
        for name, value in said.items():
            if value:
                instead = "add gnu(cc=False, cxx=False) for gfortran" if name == "fortran" else "leave it out, or take a Debian or Ubuntu base"
                raise Conflict(f"llvm({name}={value!r}) on {target.name}: {why[name]}", origin=self.origin, help=instead)

    # --- packages ---

    def build(self, place: Place) -> Iterator[Node]:
        """The repository, the packages, and what makes the programs those that are called by name."""
        target = place.target
        version = self.number(target)
        if self.upstream:
            yield self.repository(target, version)
        yield Install(tuple(dict.fromkeys((*self.names(target, version), *self.ospackages))))
        if target.manager == "apt":
            yield Run(tuple(self._alternatives(version)))

    def repository(self, target: Target, version: str) -> AddRepository:
        """The suite of apt.llvm.org that has a version."""
        codename = next(name for name, release in CODENAMES.items() if release == target.release)
        suite = f"llvm-toolchain-{codename}" + ("" if self.trunk else f"-{version}")
        return AddRepository(f"llvm-{version}", f"{HOST}/{codename}", f"{HOST}/llvm-snapshot.gpg.key", KEY, suite=suite, components=("main",))

    @property
    def named(self) -> bool:
        """Whether packages are called by a version: the recipe's, or that of apt.llvm.org."""
        return bool(self.version or self.upstream)

    def names(self, target: Target, version: str) -> Iterator[str]:
        """The packages for building."""
        if target.manager == "dnf":
            yield "clang"
            yield from ("libomp", "libomp-devel") if self.openmp else ()
            yield from ("clang-tools-extra",) if self.extra_tools or self.toolset else ()
            yield from DNF_TOOLSET if self.toolset else ()
            return
        ending = f"-{version}" if self.named else ""
        yield f"clang{ending}"
        yield from (f"flang-{version}",) if self.fortran else ()
        yield from (f"libomp{ending}-dev",) if self.openmp else ()
        yield from (f"{name}{ending}" for name in self.beside)
        yield from (name.format(ending) for name in LIBRARIES if self.toolset)

    @property
    def beside(self) -> tuple[str, ...]:
        """With apt: the packages of programs beside the compilers."""
        return (*(EXTRA if self.extra_tools or self.toolset else ()), *(TOOLS if self.toolset else ()))

    def _alternatives(self, version: str) -> Iterator[str]:
        """What makes one version's programs those that are called by name, cc and c++ among the names."""
        if self.named:
            programs = (program for name in self.beside for program in PROGRAMS.get(name, (name,)))
            yield called_by_name(("clang", "clang++", *programs), version)
        ending = f"-{version}" if self.named else ""
        yield stands_for("cc", f"clang{ending}")
        yield stands_for("c++", f"clang++{ending}")
        if self.fortran:
            flang = f"flang-{'new-' if int(version) < NEW_FLANG else ''}{version}"
            yield from (stands_for(name, flang) for name in ("flang", "f95"))

    def runtime_lists(self, place: Place) -> Iterable[Packages]:
        """The libraries that compiled programs need: GCC's for C++, the OpenMP runtime, and with the toolset libc++."""
        target = place.target
        yield Packages(apt=("libgcc-s1", "libstdc++6"), dnf=("libgcc", "libstdc++", *(("libomp",) if self.openmp else ())))
        if target.manager == "apt":
            names = (*(("libomp5",) if self.openmp else ()), *(("libc++1", "libc++abi1") if self.toolset else ()))
            yield self._runtime(target, int(self.number(target)), names)

    def _runtime(self, target: Target, version: int, names: tuple[str, ...]) -> Packages:
        """With apt: libraries of a version, or those of the newest, which serve all where that is how they are packaged."""
        if self.upstream:
            common = version >= COMMON_UPSTREAM
        else:
            common = target.name in COMMON
            version = COMMON_DEBIAN.get(str(version), version) if target.distribution == "debian" else version
        if common:
            return Packages(apt=names)
        of_version = tuple(f"{name}-{version}" for name in names)
        return Packages(t64=of_version) if version <= LAST_T64 else Packages(apt=of_version)

    def runtime_needs(self, place: Place) -> Iterable[Node]:
        """The repository, if the libraries come from there, and the libraries."""
        repository = (self.repository(place.target, self.number(place.target)),) if self.upstream and (self.openmp or self.toolset) else ()
        return (*repository, *packages(place.target, self.runtime_lists(place)))
