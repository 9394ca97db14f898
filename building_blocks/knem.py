"""KNEM."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hpcgen.block import Exports, SourceBlock, Tarball, option
from hpcgen.quoting import sh, sh_join

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from hpcgen.block.place import Place
    from hpcgen.graph.nodes import Node


class knem(SourceBlock, closed=True):
    """KNEM: copies between processes by a kernel module; here the header for building, the module is the host's. https://knem.gitlabpages.inria.fr"""

    licence = "BSD-3-Clause OR GPL-2.0-only"
    git = "https://gitlab.inria.fr/knem/knem.git"
    languages = ()
    release = Tarball(
        "https://gitlab.inria.fr/knem/knem/uploads",
        "4a43e3eb860cda2bbd5bf5c7c04a24b6/knem-{version}.tar.gz",
        elsewhere={"==1.1.3": "59375c38537e6ff2d94209f190c54aa6/knem-{version}.tar.gz"},
        sha256={
            "1.1.4": "9f0e360579ae7655e07d6644583fd325515e9ff2b42ef5decb5421a003510937",  # single: spack
            "1.1.3": "50d3c4a20c140108b8ce47aaafd0ade0927d6f507e1b5cc690dd6bddeef30f60",  # aur, spack
        },
    )
    exports = Exports(include="include")

    version: str = option("1.1.4", "release whose header to take")
    prefix: str = option("/usr/local/knem", "folder it is installed into")

    def steps(self, place: Place, folder: str) -> Iterator[Node]:
        """The header that programs and the module share."""
        include = f"{self.prefix}/include"
        yield self.run((sh_join(("mkdir", "-p", include)), f"cp common/*.h {sh(include)}"), cwd=folder)

    def prefixes(self) -> tuple[str, ...]:
        """Nothing: a header is for building alone."""
        return ()

    def runtime_environment_nodes(self, place: Place) -> Iterable[Node]:
        """Nothing."""
        return ()
