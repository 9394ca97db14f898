"""rdma-core from the tarball that Debian 13 ships: the project's upload, where the project's own block takes the tag."""

from hpcgen.block import Tarball, option
from hpcgen.building_blocks import rdma_core as upstream


class rdma_core(upstream, closed=True):
    """rdma-core, from Debian's tarball. https://github.com/linux-rdma/rdma-core"""

    release = Tarball(
        "http://sources.invalid",
        "rdma-core_{version}.orig.tar.gz",
        sha256={"56.1": "63ce7f2baa7242c2dbc76375dac957c420187dd27f8c5e148efc07971ee522a8"},
    )

    version: str = option("56.1", "release to build")
