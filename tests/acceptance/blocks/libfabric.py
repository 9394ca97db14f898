"""libfabric from the tarball that Debian 13 ships: the repository's files, packed anew."""

from hpcgen.block import Tarball, option
from hpcgen.building_blocks import libfabric as upstream


class libfabric(upstream, closed=True):
    """libfabric, from Debian's tarball, which lacks the configure script. https://ofiwg.github.io/libfabric"""

    release = Tarball(
        "http://sources.invalid",
        "libfabric_{version}.orig.tar.xz",
        sha256={"2.1.0": "1a66369772d5bb151737214af1c478993e969cf298e8f9ed369e7a2ab8d8c6df"},
    )

    version: str = option("2.1.0", "release to build")
    autogen: bool = option(True, "make the configure script first")
