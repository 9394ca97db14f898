"""Packages of whichever distribution the stage has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hpcgen.block import Words, option
from hpcgen.block.package_block import APT_WAYS, DNF_WAYS, KEYS, PPAS, PackageBlock

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from hpcgen.block.place import Place
    from hpcgen.graph.nodes import Node


class packages(PackageBlock):
    """The distribution's packages, named once, or once for apt and once for dnf; repology lists who calls what how. https://repology.org"""

    refused = {
        "apt_keys": KEYS,
        "apt_ppas": PPAS,
        "apt_repositories": KEYS,
        "yum_keys": KEYS,
        "yum_repositories": KEYS,
        **APT_WAYS,
        **DNF_WAYS,
    }

    ospackages: Words = option((), "names that apt and dnf share")
    apt: Words = option((), "names for apt, instead of ospackages")
    yum: Words = option((), "names for dnf, instead of ospackages", alias="dnf")
    epel: bool = option(False, "with dnf: take packages from EPEL too")
    powertools: bool = option(False, "with dnf: take packages from CRB too, which EL 8 calls PowerTools", alias="crb")
    modules: Words = option((), "with dnf: module streams to enable first: nodejs:20")

    def named(self) -> Sequence[str]:
        """The names for either package manager."""
        return (*self.ospackages, *self.apt, *self.yum)

    def build(self, place: Place) -> Iterator[Node]:
        """One installation, with the names for the stage's package manager."""
        if place.target.manager == "apt":
            yield from self.install(self.apt or self.ospackages)
        else:
            enable = tuple(name for name, wanted in (("epel", self.epel), ("crb", self.powertools)) if wanted)
            yield from self.install(self.yum or self.ospackages, enable, tuple(self.modules))
