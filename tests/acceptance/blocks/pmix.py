"""PMIx from the tarball that Debian 12 ships: the repository's files, packed anew, of 4.2.2rc2 as its VERSION says."""

from hpcgen.block import Tarball, option
from hpcgen.building_blocks import pmix as upstream


class pmix(upstream, closed=True):
    """PMIx, from Debian's tarball, which lacks the configure script. https://openpmix.github.io"""

    release = Tarball(
        "http://sources.invalid",
        "pmix_{version}.orig.tar.xz",
        sha256={"4.2.2": "4a534a8f87220c6f0d1b4b3195820f585ffaf3ceb8e21e40460d58439b81d47b"},
    )

    version: str = option("4.2.2", "release to build")
    autogen: bool = option(True, "make the configure script first")
