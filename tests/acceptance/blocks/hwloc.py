"""hwloc from the tarball that Debian 12 ships."""

from hpcgen.block import Tarball, option
from hpcgen.building_blocks import hwloc as upstream


class hwloc(upstream, closed=True):
    """hwloc, from Debian's tarball. https://www.open-mpi.org/projects/hwloc"""

    release = Tarball(
        "http://sources.invalid",
        "hwloc_{version}.orig.tar.bz2",
        sha256={"2.9.0": "b3fb1a43a14d8fbcd8e976de5ede2ea7ce1d768ed173adb33c7ceaaf098dc970"},
    )

    version: str = option("2.9.0", "release to build")
