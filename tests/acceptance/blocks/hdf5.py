"""HDF5 from the tarball that Debian 12 ships: packed anew without what Debian may not hand on."""

from hpcgen.block import Tarball, option
from hpcgen.building_blocks import hdf5 as upstream


class hdf5(upstream, closed=True):
    """HDF5, from Debian's tarball. https://www.hdfgroup.org/solutions/hdf5"""

    older = Tarball(
        "http://sources.invalid",
        "hdf5_{version}+repack1.orig.tar.gz",
        sha256={"1.10.8": "7b38e58ff83b13fd8959a90b13bf896bc318ba096c940ab0847abf3ad41a0b31"},
    )

    version: str = option("1.10.8", "release to build")
