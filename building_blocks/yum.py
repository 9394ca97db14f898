"""Packages by dnf."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hpcgen.block import Words, option
from hpcgen.block.package_block import DNF_WAYS, KEYS, PackageBlock

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hpcgen.block.place import Place
    from hpcgen.graph.nodes import Node


class yum(PackageBlock):
    """Packages of the RHEL family; dnf is what installs them. https://dnf.readthedocs.io"""

    refused = {"keys": KEYS, "repositories": KEYS, **DNF_WAYS}

    epel: bool = option(False, "take packages from EPEL too")
    powertools: bool = option(False, "take packages from CRB too, which EL 8 calls PowerTools", alias="crb")
    modules: Words = option((), "module streams to enable first: nodejs:20")

    def build(self, place: Place) -> Iterator[Node]:
        """One installation; an error where the stage has no dnf."""
        self.manager_check(place, "dnf")
        enable = tuple(name for name, wanted in (("epel", self.epel), ("crb", self.powertools)) if wanted)
        yield from self.install(self.ospackages, enable, tuple(self.modules))
