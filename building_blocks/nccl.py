"""NCCL."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from hpcgen.block import Anything, Exports, Leaves, MakeBlock, Optional, Packages, Tarball, Upon, Variables, Words, because, conflict, option, partner
from hpcgen.block.block import packages
from hpcgen.block.compilers import gcc_version
from hpcgen.block.versions import holds
from hpcgen.building_blocks._companions import NCCL, RDMA
from hpcgen.building_blocks._images import CUDA
from hpcgen.building_blocks._nvidia import (
    BASEURL,
    R17,
    R18,
    add_repository,
    check_architectures,
    check_fingerprint,
    gencode,
    gpus_of,
    repository_of,
    too_new,
    too_old,
    toolkit_of,
)
from hpcgen.errors import Conflict, UnknownVersion, WrongValue
from hpcgen.frozen import evolve
from hpcgen.graph.nodes import Install
from hpcgen.version import Version

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from hpcgen.block import Block
    from hpcgen.block.leaving import Leavings
    from hpcgen.block.place import Place
    from hpcgen.graph.nodes import AddRepository, Node

PACKAGES: dict[str, tuple[str, ...]] = {
    "2.32.3-1": ("13.4", "12.9"),
    "2.31.2-1": ("13.3", "12.9"),
    "2.30.7-1": ("13.3", "12.9"),
    "2.30.4-1": ("13.2", "12.9"),
    "2.29.7-1": ("13.2", "12.9"),
    "2.28.9-1": ("13.0", "12.9"),
    "2.28.3-1": ("13.0",),
    "2.27.7-1": ("13.0",),
    "2.27.3-1": ("12.9",),
    "2.26.2-1": ("12.8",),
    "2.25.1-1": ("12.8",),
    "2.21.5-1": ("12.4",),
    "2.20.5-1": ("12.4",),
    "2.15.5-1": ("11.8",),
}
"""NVIDIA's packages -> the toolkits that they were made with, newest first: pins in public files, and NVIDIA's own image files.

One toolkit serves all of its major version: NCCL has the runtime linked in, and runs on the drivers of that version.
"""

NAMES = {"apt": ("libnccl2", "libnccl-dev", "="), "dnf": ("libnccl", "libnccl-devel", "-")}
"""Package manager -> the package for running, the further one for building, and what stands before a version."""

INFINIBAND = Packages(apt=("ibverbs-providers", "libibverbs1"), dnf=("libibverbs",))
"""The distribution's libraries for InfiniBand, with those of each device."""

_NOT_IN_REPOSITORIES = "NVIDIA's repositories for Debian have no NCCL that we know of"


class nccl(MakeBlock, closed=True):
    """NCCL: collective communication of NVIDIA's GPUs; its packages, or from source. https://developer.nvidia.com/nccl"""

    licence = "Apache-2.0 AND BSD-3-Clause"
    git = "https://github.com/NVIDIA/nccl.git"
    languages = ("c++",)
    # The tag packed anew (git archive, gzip -n) has each of these checksums.
    release = Tarball(
        "https://github.com/NVIDIA/nccl/archive",
        "v{version}.tar.gz",
        sha256={
            "2.30.7-1": "292a7f7a27b6754acaf46b5506a60758ca7b18cc1dfbd3d1d4e1e229d0863b4e",  # xla, the tag
            "2.30.4-1": "fe12cb244a4aea4c802d0a18d1072e10f102fc39c2530a8251c2abdaeea9ecba",  # easybuild, the tag
            "2.29.7-1": "e67239212c395bfdb398a7519491840d06fdf6b599c299f97c7ed0109777bba1",  # spack, the tag
            "2.29.3-1": "d1dffc5e9dd059985704f98ff3d8b7e6cf62d20c10a181d427a4e3233f8148f1",  # spack, the tag
            "2.28.9-1": "f349860336c6b7fb97b22bed9c729142f3531a0e82826c1204d01e44af8b9cb9",  # spack, the tag
            "2.28.3-1": "888b305a79954b67022cfdd91aec515e88c9fed7ddbd2fb96af4ee3295853bb0",  # spack, the tag
            "2.27.7-1": "98e6262bd55932c51e7c8ffc50cc764f019e4b94a8fd6694d839ae828ec8d128",  # easybuild, spack, the tag
            "2.26.6-1": "2a4f86198510e1f0764c116b33ff70e082240f87d158b2017d7f34c7c3768ac6",  # easybuild, spack, the tag
            "2.25.1-1": "7b154ad1f8ccafa795ed6696507d402b1b4ccac944c5fceb7f4e29b19a39cc47",  # spack, the tag
            "2.23.4-1": "6b946b70a9d2d01871842cbd15ec56488d358abe9a0f3767e372fddc3e241ba7",  # spack, the tag
            "2.22.3-1": "45151629a9494460e73375281e8b0fe379141528879301899ece9b776faca024",  # easybuild, spack, the tag
            "2.21.5-1": "1923596984d85e310b5b6c52b2c72a1b93da57218f2bc5a5c7ac3d59297a3303",  # spack, the tag
            "2.20.5-1": "d11ad65c1df3cbe4447eaddceec71569f5c0497e27b3b8369cf79f18d2b2ad8c",  # easybuild, the tag
            "2.18.5-1": "16ac98f3e926c024ce48e10ab220e19ce734adc48c423cfd55ad6f509bd1179f",  # spack, the tag
        },
    )
    # Its Makefiles call which, and since 2.19 a Python program writes the kernels.
    build_packages = Packages(both=("python3",), dnf=("which",))
    exports = Exports(bin="bin", include="include", lib="lib", pkgconfig="lib/pkgconfig")
    leaves = Leaves(programs=("bin/nccl*",))
    companions = (*NCCL, *RDMA)
    conflicts = (
        conflict(lambda nccl, place: nccl.from_source and too_old(toolkit_of(nccl, place), nccl.architectures), R17[0], name="R17b", source=R17[1]),
        conflict(lambda nccl, place: nccl.from_source and too_new(toolkit_of(nccl, place), nccl.architectures), R18[0], name="R18b", source=R18[1]),
        conflict(
            lambda nccl, place: nccl.from_source and nccl.at("<2.27") and holds(toolkit_of(nccl, place), ">=13"),
            "NCCL before 2.27 does not know CUDA 13",
            name="nccl-cuda-13",
            source="spack-packages, nccl; NCCL, makefiles/common.mk",
        ),
        conflict(
            lambda nccl, place: nccl.from_source and nccl.at("<2.27.6") and holds(gcc_version(place), ">=14"),
            "NCCL before 2.27.6 does not compile with GCC 14",
            name="nccl-gcc-14",
            source="NCCL, issue 1743; spack-packages, nccl",
            level="warning",
        ),
    )

    version: Anything = option(None, "as 2.30.7-1; the newest package, or with build=True the newest release, if not given")
    compiled: bool = option(False, "compile it, instead of NVIDIA's packages", alias="build")
    prefix: str = option("/usr/local/nccl", "with build=True: folder it is installed into")
    cuda: Upon = partner("cuda", "the toolkit; for packages also the version that they were made with, as '13.2'", toolchain="CUDA_HOME", images=CUDA)
    architectures: Words = option((), "with build=True: GPUs to compile for, as 80, 90a or sm_90; those of the recipe's cuda, if not given")
    make_variables: Variables = option((), "with build=True: further variables for make, as TRACE=1")
    infiniband: bool = option(
        False, "the distribution's libraries for InfiniBand and RoCE too: it opens them by name where they are", packages=INFINIBAND
    )
    repositories: Optional = option(None, "where NVIDIA's package repositories lie, instead of NVIDIA's server")
    fingerprint: Optional = option(None, "of the repository's key, for a target whose key hpcgen does not know")

    made_with: str = ""
    """The toolkit that the recipe wants packages of, or empty."""

    def validate(self) -> None:
        """Settles version and prefix."""
        if self.version is not None and not isinstance(self.version, str):
            raise WrongValue(f"nccl(version={self.version!r})", help="a version is a string: version='2.30.7-1'")
        if isinstance(self.cuda, str) and re.fullmatch(r"\d+\.\d+", self.cuda):
            self.made_with, self.cuda = self.cuda, None
        check_architectures("nccl", self.architectures)
        check_fingerprint("nccl", self.fingerprint)
        if self.from_source:
            self.version = self.version or self.release.versions()[0]
            super().validate()
        else:
            self._check_given()
            self.version = self.version or self._newest()
            self.prefix = ""

    def _newest(self) -> str:
        """The newest packages, of the toolkit that the recipe names if it names one."""
        found = next((version for version, toolkits in PACKAGES.items() if not self.made_with or self.made_with in toolkits), "")
        if not found:
            have = ", ".join(dict.fromkeys(one for toolkits in PACKAGES.values() for one in toolkits))
            raise UnknownVersion(f"nccl: packages made with CUDA {self.made_with} are not known", help=f"name their version too; known: CUDA {have}")
        return found

    def _check_given(self) -> None:
        """Raises for options that mean nothing to packages, and for packages that nobody knows."""
        taken = {"version", "compiled", "cuda", "infiniband", "repositories", "fingerprint", "environment", "ldconfig", "ospackages"}
        idle = sorted(self.given - taken)
        if idle:
            raise WrongValue(f"nccl({idle[0]}=...) is for build=True", help="NVIDIA's packages are installed as they are")
        if self.version and not re.fullmatch(r"\d+\.\d+\.\d+-\d+", self.version):
            raise WrongValue(f"nccl(version='{self.version}')", help="a package's version has its own number behind a dash: version='2.30.7-1'")
        if self.version and self.version not in PACKAGES and not self.made_with:
            raise UnknownVersion(
                f"nccl {self.version}: which toolkits its packages were made with is not known; known versions: {', '.join(PACKAGES)}",
                help=f'name one: nccl(version="{self.version}", cuda="13.2"), or build it: build=True',
            )

    def unknown(self, name: str, value: Any) -> bool:
        """Says why an option that HPCCM reads and does not use is not taken."""
        if name == "src_directory":
            raise WrongValue("nccl(src_directory=...): HPCCM reads it and does nothing with it", help="directory='...' is a folder within the source")
        return super().unknown(name, value)

    @property
    def from_source(self) -> bool:
        """Whether it is compiled."""
        return bool(self.compiled or self.source or self.repository or self.url or self.package)

    # --- NVIDIA's packages ---

    def toolkit(self, place: Place) -> str:
        """The toolkit whose packages are taken: the one that the recipe names, else one of the major version that is there."""
        if self.made_with:
            return self.made_with
        wanted = toolkit_of(self, place)
        fitting = [one for one in PACKAGES[self.version] if not wanted or Version(one).major == Version(wanted).major]
        if not fitting:
            major = Version(wanted).major
            have = [version for version, toolkits in PACKAGES.items() if any(Version(one).major == major for one in toolkits)]
            way = f"there are {', '.join(have)}" if have else "build it: nccl(build=True)"
            raise Conflict(f"NVIDIA has no packages of NCCL {self.version} for CUDA {major}", origin=self.origin, help=way)
        return fitting[0]

    def repository_node(self, place: Place) -> AddRepository:
        """NVIDIA's repository, from where the recipe's toolkit comes; an error where it has no such packages."""
        cuda = place.partner(self, "cuda").block
        found = repository_of(place.target)
        if found is not None and found.label.startswith("debian"):
            raise Conflict(_NOT_IN_REPOSITORIES, origin=self.origin, help="build it: nccl(build=True)")
        base = str(self.repositories or getattr(cuda, "baseurl", BASEURL))
        return add_repository(self, place.target, self.toolkit(place), base, self.fingerprint or getattr(cuda, "fingerprint", None))

    def words(self, place: Place) -> tuple[tuple[str, str], ...]:
        """Its packages, the one for running first, each with the word that installs exactly this version."""
        *names, mark = NAMES[place.target.manager]
        return tuple((name, f"{name}{mark}{self.version}+cuda{self.toolkit(place)}") for name in names)

    def check_rules(self, place: Place) -> None:
        """A target that NVIDIA has no packages for is said first."""
        if not self.from_source:
            self.repository_node(place)
        super().check_rules(place)

    def build(self, place: Place) -> Iterator[Node]:
        """NVIDIA's packages, or the compiled source."""
        if self.from_source:
            yield from super().build(place)
            return
        cuda, repository = place.partner(self, "cuda").block, self.repository_node(place)
        if not (cuda is not None and cuda.name == "cuda" and repository in tuple(cuda.build(place))):
            yield repository  # else the recipe's toolkit has added it
        further = (INFINIBAND,) if self.infiniband else ()
        yield from packages(place.target, further, (*(word for _, word in self.words(place)), *(self.ospackages or ())))

    def runtime_needs(self, place: Place) -> Iterable[Node]:
        """Of packages: the repository, and the one for running."""
        needs = tuple(super().runtime_needs(place))
        return needs if self.from_source else (self.repository_node(place), *needs, Install((self.words(place)[0][1],)))

    def runtime_lists(self, place: Place) -> Iterable[Packages]:
        """What it opens by name."""
        yield from super().runtime_lists(place)
        if self.infiniband:
            yield INFINIBAND

    def leavings_at(self, place: Place) -> Leavings:
        """What it leaves: another version of its package would be for another toolkit."""
        opened = INFINIBAND.names(place.target) if self.infiniband else ()
        return evolve(self.leavings(), packages=opened, pinned=() if self.from_source else self.words(place)[:1])

    # --- from source ---

    def flags(self, place: Place) -> Iterator[str]:
        """Where to install, where the toolkit lies, which GPUs to compile for, and what to do."""
        yield f"PREFIX={self.prefix}"
        cuda = place.partner(self, "cuda")
        yield from (f"CUDA_HOME={cuda.path}",) if cuda.path else ()
        names = gpus_of(self, place, self.architectures)
        if names:
            yield because(f"NVCC_GENCODE={gencode(names)}", "option architectures" if self.architectures else "the GPUs of the recipe's cuda")
        yield from (f"{name}={value}" for name, value in self.make_variables)
        yield from super().flags(place)
        yield "install"

    def tools(self, place: Place) -> Iterable[tuple[Block, str]]:
        """With source: compilers."""
        return super().tools(place) if self.from_source else ()

    def exported(self, place: Place) -> Iterable[Node]:
        """With source: its folders; packages lie where the distribution's do."""
        return super().exported(place) if self.from_source else ()

    def runtime_environment_nodes(self, place: Place) -> Iterable[Node]:
        """With source: the folder of its libraries."""
        return super().runtime_environment_nodes(place) if self.from_source else ()

    def prefixes(self) -> tuple[str, ...]:
        """With source: its folder."""
        return super().prefixes() if self.from_source else ()
