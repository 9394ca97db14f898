"""MPICH from the tarball that Debian 12 ships: upstream's, packed anew with xz."""

from hpcgen.block import Tarball, option
from hpcgen.building_blocks import mpich as upstream


class mpich(upstream, closed=True):
    """MPICH, from Debian's tarball. https://www.mpich.org"""

    release = Tarball(
        "http://sources.invalid",
        "mpich_{version}.orig.tar.xz",
        sha256={"4.0.2": "b27039f964afeb6b8a3e009c56b441cbe368c26d6d6476ad3bb7190996875860"},
    )

    version: str = option("4.0.2", "release to build")
