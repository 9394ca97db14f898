"""UCX from the tarball that Debian 12 ships: how a site builds a block from an archive of its own."""

from hpcgen.block import Tarball, option
from hpcgen.building_blocks import ucx as upstream


class ucx(upstream, closed=True):
    """UCX, from Debian's tarball, which lacks the configure script. https://openucx.org"""

    release = Tarball(
        "http://sources.invalid",
        "ucx_{version}.orig.tar.xz",
        sha256={"1.13.1": "1a88e09ca1b406c046a469c2ae271d2c330050b5664c0bcd9890e26c6ef09f3c"},
    )

    version: str = option("1.13.1", "release to build")
    autogen: bool = option(True, "make the configure script first")
