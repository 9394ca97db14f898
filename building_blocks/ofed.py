"""Verbs of the distribution."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hpcgen.block import Packages, option
from hpcgen.building_blocks._distributions import RDMA_CORE, of_target
from hpcgen.building_blocks._verbs import one_release, shadowed
from hpcgen.building_blocks._verbs_blocks import VerbsBlock

if TYPE_CHECKING:
    from hpcgen.target import Target


class ofed(VerbsBlock):
    """OFED: the distribution's own verbs, the library of InfiniBand and RoCE, with providers and tools. https://github.com/linux-rdma/rdma-core"""

    # HPCCM's list without uDAPL and ibutils, which no distribution has any more; EL's libibverbs holds all providers.
    building = Packages(
        apt=("ibverbs-providers", "ibverbs-utils", "libibumad-dev", "libibumad3", "libibverbs-dev", "libibverbs1", "librdmacm-dev", "rdmacm-utils"),
        t64=("librdmacm1",),
        dnf=("libibumad", "libibverbs", "libibverbs-utils", "librdmacm", "librdmacm-utils", "rdma-core-devel"),
    )
    running = Packages(apt=("ibverbs-providers", "libibverbs1"), t64=("librdmacm1",), dnf=("libibverbs", "librdmacm"))
    conflicts = (one_release("R15"), shadowed("R14"))

    prefix: str = option(
        "",
        "folder to unpack the packages into instead of installing them, beside other builds of verbs: whoever starts the container chooses one, "
        "by LD_LIBRARY_PATH=PREFIX/lib and IBV_DRIVERS",
    )
    symlink: bool = option(True, "with prefix: links to all its libraries in PREFIX/lib, and to headers, so that others can be built upon it")

    def release_of_verbs(self, target: Target) -> str:
        """The distribution's."""
        return of_target(RDMA_CORE, target) or ""
