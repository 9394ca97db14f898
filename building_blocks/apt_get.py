"""Packages by apt-get."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hpcgen.block.package_block import APT_WAYS, KEYS, PPAS, PackageBlock

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hpcgen.block.place import Place
    from hpcgen.graph.nodes import Node


class apt_get(PackageBlock):
    """Packages of Debian and Ubuntu. https://wiki.debian.org/AptCLI"""

    refused = {"keys": KEYS, "repositories": KEYS, "ppas": PPAS, **APT_WAYS}

    def build(self, place: Place) -> Iterator[Node]:
        """One installation; an error where the stage has no apt."""
        self.manager_check(place, "apt")
        yield from self.install(self.ospackages)
