"""Open MPI from the tarballs that Debian ships: upstream's, packed anew with xz."""

from hpcgen.block import Tarball, option
from hpcgen.building_blocks import openmpi as upstream


class openmpi(upstream, closed=True):
    """Open MPI, from Debian's tarball. https://www.open-mpi.org"""

    release = Tarball(
        "http://sources.invalid",
        "openmpi_{version}.orig.tar.xz",
        sha256={
            "5.0.7": "97f10c04e9b9a1771db3fd005009e4c07afa3ce739f940e41eb0fc7397cb9473",
            "4.1.4": "ddaee7dbdb01eb4fab1fda5b5e03e8bbff026711806c095c1f39bb410f99f263",
        },
    )

    version: str = option("5.0.7", "release to build")
