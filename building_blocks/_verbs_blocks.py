"""What the blocks that bring verbs as packages share: the distribution's, and NVIDIA's builds of the same rdma-core."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, ClassVar

from hpcgen.block import Block, Exports, Leaves, MaybeWords, Optional, Packages, Words, option
from hpcgen.block.block import packages
from hpcgen.building_blocks._companions import RDMA
from hpcgen.building_blocks._distributions import of_target
from hpcgen.building_blocks._nvidia import check_fingerprint, unknown_key
from hpcgen.errors import Conflict, UnknownVersion, WrongValue
from hpcgen.frozen import evolve
from hpcgen.graph.nodes import AddRepository, Install, Run
from hpcgen.quoting import sh, sh_join

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from hpcgen.block.leaving import Leavings
    from hpcgen.block.place import Place
    from hpcgen.graph.nodes import Node
    from hpcgen.target import Target


CONFIGURATION = "/etc/libibverbs.d"
"""The folder that libibverbs warns of if it is missing (rdma-core, libibverbs/dynamic_driver.c)."""


class VerbsBlock(Block):
    """Verbs as packages: installed as such, or unpacked below a prefix, to be chosen when a container starts."""

    licence = "GPL-2.0-only OR Linux-OpenIB"  # rdma-core's, whoever builds it
    provides = ("rdma",)
    closed = True
    companions = RDMA
    exports = Exports(include="include", lib="lib")
    leaves = Leaves(libraries=(), opens=("lib*", "usr/lib*"), programs=("bin*", "usr/bin*"), data=("etc*",))

    building: ClassVar[Packages] = Packages()
    """Packages to build with."""
    running: ClassVar[Packages] = Packages()
    """Packages to run with."""
    ospackages: Words = option((), "HPCCM's: packages to install before; what a repository and unpacking need comes by itself")
    wd: str = option("/usr/local/src", "scratch folder in the container, for packages that are unpacked")
    symlink: bool = True

    def validate(self) -> None:
        """Raises for a prefix that is none."""
        self.prefix = self.prefix.rstrip("/")
        if self.prefix and not self.prefix.startswith("/"):
            raise WrongValue(f"{self.name}: prefix={self.prefix!r}", help="a prefix is an absolute path")

    def release_of_verbs(self, target: Target) -> str:
        """The release of rdma-core that it is, or empty."""
        return ""

    @property
    def open_because(self) -> str:
        """What is unpacked past the package manager is for the line."""
        return "it unpacks packages below a prefix" if self.prefix else super().open_because

    def wanted(self, target: Target) -> tuple[str, ...]:
        """The names of its packages on a target."""
        return self.building.names(target)

    def to_run(self, target: Target) -> tuple[str, ...]:
        """The names of its packages for running on a target."""
        return self.running.names(target)

    def repositories(self, target: Target) -> Iterator[Node]:
        """Where they come from, beside the distribution."""
        return iter(())

    def build(self, place: Place) -> Iterator[Node]:
        """The packages, installed or unpacked."""
        yield from packages(place.target, (), self.ospackages)
        yield from self.repositories(place.target)
        if self.prefix:
            yield from self._unpacked(place)
        else:
            yield Install(tuple(sorted(self.wanted(place.target))))

    def _unpacked(self, place: Place) -> Iterator[Node]:
        yield from packages(place.target, (_NETLINK, _FIND))
        yield Install(tuple(sorted(self.wanted(place.target))), download=f"{self.wd}/{self.name}", extract=self.prefix)
        commands = [sh_join(("mkdir", "-p", CONFIGURATION))]
        if self.symlink:
            commands += [
                f"cd {sh(self.prefix)}",
                "mkdir -p lib",
                "find usr -name 'lib*.so*' ! -path '*valgrind*' -exec ln -s ../{} lib/ ';'",
                "ln -s usr/bin bin",
                "ln -s usr/include include",
            ]
        yield Run(tuple(commands))

    def exported(self, place: Place) -> Iterable[Node]:
        """Nothing: what is installed lies where all look for it, and what is unpacked is chosen when a container starts."""
        return ()

    def runtime_environment_nodes(self, place: Place) -> Iterable[Node]:
        """Nothing."""
        return ()

    def runtime_needs(self, place: Place) -> Iterable[Node]:
        """The packages for running, with their repository; of an unpacked tree those that its libraries need."""
        if self.prefix:
            yield from packages(place.target, (_NETLINK,))
            return
        yield from self.repositories(place.target)
        yield Install(tuple(sorted(self.to_run(place.target))))

    def files(self) -> tuple[str, ...]:
        """With a prefix: the folder that libibverbs looks for."""
        return (CONFIGURATION,) if self.prefix else ()

    def leavings(self) -> Leavings:
        """What is below the prefix, whole but for what only building needs, and that folder."""
        return evolve(super().leavings(), whole=self.files())


_NETLINK = Packages(apt=("libnl-3-200", "libnl-route-3-200"), dnf=("libnl3",))
_FIND = Packages(dnf=("findutils",))


class VendorVerbs(VerbsBlock):
    """NVIDIA's build of rdma-core, from one of its package repositories."""

    building = Packages(
        apt=(
            *("ibverbs-providers", "ibverbs-utils", "libibmad-dev", "libibmad5", "libibumad-dev"),
            *("libibumad3", "libibverbs-dev", "libibverbs1", "librdmacm-dev", "librdmacm1"),
        ),
        dnf=("libibumad", "libibverbs", "libibverbs-utils", "librdmacm", "rdma-core", "rdma-core-devel"),
    )
    running = Packages(apt=("ibverbs-providers", "libibverbs1", "librdmacm1"), dnf=("libibverbs", "librdmacm"))

    product: ClassVar[str] = ""
    """What NVIDIA calls it."""
    repository_name: ClassVar[str] = ""
    versions: ClassVar[tuple[str, ...]] = ()
    """Its releases, newest first."""
    labels: ClassVar[Mapping[str, Mapping[str, str]]] = {}
    """Target, or family and release -> condition on the version -> NVIDIA's folder for it."""
    x86_alone: ClassVar[tuple[str, ...]] = ()
    """The folders that are known for x86_64 alone."""

    version: str = option("", "release")
    oslabel: str = option("", "NVIDIA's folder for a distribution, for one that hpcgen does not know")
    packages: MaybeWords = option(None, "packages to install from there, instead of those of verbs and their headers")
    devices: Words = option((), "adapters that it is to serve, as ConnectX-7 or BlueField-3: checked")
    baseurl: str = option("", "where NVIDIA's repositories lie")
    fingerprint: Optional = option(None, "of the repository's key, for a target whose key hpcgen does not know")
    annotate: bool = option(False, "HPCCM's, which labels an image: the version is in the manifest anyway")

    def validate(self) -> None:
        """Raises for releases that are none, and for a fingerprint that is none."""
        super().validate()
        if self.version not in self.versions and not self.oslabel and not self.is_newer():
            known = f"known versions: {', '.join(self.versions)}; for another name oslabel= too"
            raise UnknownVersion(f"{self.name} {self.version}", help=known)
        check_fingerprint(self.name, self.fingerprint)

    def is_newer(self) -> bool:
        """Whether a release is one that a rule says more about than that it is not known."""
        return False

    def serves(self, pattern: str) -> bool:
        """Whether the recipe names an adapter that matches a pattern."""
        return any(re.fullmatch(pattern, re.sub(r"[\s_-]", "", name.lower())) for name in self.devices)

    def wanted(self, target: Target) -> tuple[str, ...]:
        """The recipe's list, else those of verbs and their headers."""
        return super().wanted(target) if self.packages is None else tuple(self.packages)

    def to_run(self, target: Target) -> tuple[str, ...]:
        """Of the recipe's list what is not for building."""
        if self.packages is None:
            return super().to_run(target)
        return tuple(name for name in self.packages if not name.endswith(("-dev", "-devel")))

    def label(self, target: Target) -> str:
        """NVIDIA's folder for a target; an error where there is none: never that of another release."""
        if self.oslabel:
            return self.oslabel
        table = of_target(self.labels, target) or {}
        found = next((label for condition, label in table.items() if self.at(condition)), "")
        if found and not (target.architecture == "aarch64" and found in self.x86_alone):
            return found
        fitting = [name for name, one in self.labels.items() if any(self.at(condition) for condition in one)]
        has = f"; {target.name} has {self.product} {' or '.join(table)}" if table and not found else ""
        raise Conflict(
            f"NVIDIA has no {self.product} {self.version} for {target.name} on {target.architecture}",
            origin=self.origin,
            help=f"it is there for {', '.join(fitting)}{has}; ofed() installs the distribution's own verbs, rdma_core() builds them",
        )

    def key(self, target: Target) -> tuple[str, str]:
        """URL and fingerprint of the key that signs what a target gets; the fingerprint is empty where it is not known."""
        raise NotImplementedError(self.name)

    def folder(self, target: Target) -> str:
        """The repository's folder for an architecture."""
        raise NotImplementedError(self.name)

    def repositories(self, target: Target) -> Iterator[Node]:
        """NVIDIA's repository for a target; an error where there is none, or where nobody knows what signs it."""
        label = self.label(target)
        url, fingerprint = self.key(target)
        if not fingerprint:
            raise unknown_key(self, f"the key that signs NVIDIA's {self.product} {self.version} for {target.name}")
        base = f"{self.baseurl.rstrip('/')}/{self.version}/{label}/{self.folder(target)}/"
        yield AddRepository(self.repository_name, base, url, fingerprint, suite="./" if target.manager == "apt" else "")

    def check_rules(self, place: Place) -> None:
        """Rules first: they say more than that there is no repository."""
        super().check_rules(place)
        for _ in self.repositories(place.target):
            pass
