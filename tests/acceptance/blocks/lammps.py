"""LAMMPS from the tarball that Debian 12 ships: stable_29Sep2021_update2, packed anew without some folders."""

from hpcgen.block import Tarball, option
from hpcgen.building_blocks import lammps as upstream


class lammps(upstream, closed=True):
    """LAMMPS, from Debian's tarball. https://www.lammps.org"""

    release = Tarball(
        "http://sources.invalid",
        "lammps_{version}.git7586adbb6a+ds1.orig.tar.xz",
        sha256={"20220106": "65146c615ad24d8b8bc64f4e05e86226a7f1fdb45c0b5ea9416562b9f3863082"},
    )

    version: str = option("20220106", "release to build")
