"""OpenBLAS from the tarball that Debian 12 ships, packed anew without LAPACK: so this is BLAS alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hpcgen.block import Tarball, option
from hpcgen.building_blocks import openblas as upstream

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hpcgen.block.place import Place


class openblas(upstream, closed=True):
    """OpenBLAS, from Debian's tarball, without LAPACK. https://www.openblas.net"""

    release = Tarball(
        "http://sources.invalid",
        "openblas_{version}+ds.orig.tar.xz",
        sha256={"0.3.21": "bbec5cca61c8033b2d57aaecde205d709323a0b35a5f193290081dbb3826848a"},
    )

    version: str = option("0.3.21", "release to build")
    fortran: bool = option(False, "LAPACK from its Fortran source, which the archive lacks")

    def make_words(self, place: Place) -> Iterator[str]:
        """Those of any OpenBLAS, and that there is no LAPACK."""
        yield from super().make_words(place)
        yield from ("NO_LAPACK=1", "NO_LAPACKE=1")
