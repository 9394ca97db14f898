"""NVIDIA's MLNX_OFED."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hpcgen.block import conflict, option
from hpcgen.building_blocks._verbs import one_release, shadowed, without_providers
from hpcgen.building_blocks._verbs_blocks import VendorVerbs

if TYPE_CHECKING:
    from hpcgen.target import Target

MELLANOX = "CAE649B3B3929F8470D4D33BA024F6F0E6D6A281"
"""Mellanox's third signing key, of 2048 bits: in Azure/AgentBaker and in spidernet-io's images, in full. The two before it have 1024 bits."""

KEYSERVER = "https://keyserver.ubuntu.com/pks/lookup?op=get&search=0x"
"""Where a key lies alone: NVIDIA's own file holds all three."""

VERBS = {"24.10": "54", "24.07": "52", "24.04": "51"}
"""Series -> the release of rdma-core that it is a build of: 2410mlnx54."""


class mlnx_ofed(VendorVerbs):
    """MLNX_OFED: verbs as NVIDIA builds them for its own adapters, up to 24.10. https://network.nvidia.com/products/infiniband-drivers/linux/mlnx_ofed"""

    product = "MLNX_OFED"
    repository_name = "mlnx-ofed"
    versions = ("24.10-4.1.4.0", "24.10-3.2.5.0", "24.10-2.1.8.0", "24.10-1.1.4.0", "24.10-0.7.0.0", "24.07-0.6.1.0", "24.04-0.7.0.0")
    # Folders by addresses in public files. EL's are of minor releases: libraries of one run on all of its major release, and kernel modules,
    # which do not, are not installed.
    labels = {
        "debian12": {">=24.10": "debian12.5", "<24.07": "debian12.1"},
        "ubuntu20.04": {">=24.10": "ubuntu20.04"},
        "ubuntu22.04": {">=24.04": "ubuntu22.04"},
        "ubuntu24.04": {">=24.04": "ubuntu24.04"},
        "rhel8": {">=24.10": "rhel8.10"},
        "rhel9": {">=24.10": "rhel9.5"},
    }
    x86_alone = ("debian12.1", "debian12.5")
    conflicts = (
        one_release("R15b"),
        shadowed("R14b"),
        without_providers("R16"),
        conflict(
            lambda ofed, place: ofed.is_newer(),
            "24.10 is the last MLNX_OFED: take doca_ofed",
            name="R35",
            source="NVIDIA, MLNX_OFED to DOCA-OFED transition guide",
        ),
        conflict(
            lambda ofed, place: ofed.serves(r"connectx[89]\d*.*|cx[89]\d*.*|bluefield[3-9].*|bf[3-9].*"),
            "MLNX_OFED knows adapters up to ConnectX-7 and BlueField-2: take doca_ofed",
            name="R35b",
            source="NVIDIA, DOCA 3.0, general support",
        ),
    )

    version: str = option("24.10-4.1.4.0", "release to install; 24.10 is the last")
    prefix: str = option(
        "",
        "folder to unpack the packages into instead of installing them, beside other builds of verbs: whoever starts the container chooses one, "
        "by LD_LIBRARY_PATH=PREFIX/lib and IBV_DRIVERS",
    )
    symlink: bool = option(True, "with prefix: links to all its libraries in PREFIX/lib, and to headers, so that others can be built upon it")
    baseurl: str = option("https://linux.mellanox.com/public/repo/mlnx_ofed", "where NVIDIA's repositories lie")

    def release_of_verbs(self, target: Target) -> str:
        """That of its series."""
        return VERBS.get(self.version.partition("-")[0], "")

    def is_newer(self) -> bool:
        """Whether a release of that number would be newer than the last."""
        return self.at(">=24.11")

    def key(self, target: Target) -> tuple[str, str]:
        """Mellanox's third key: apt's by the length of their signatures, EL 9's by those of packages; which of three EL 8 has is not known."""
        known = self.fingerprint or ("" if (target.family, target.release) == ("rhel", "8") else MELLANOX)
        return f"{KEYSERVER}{known}", known

    def folder(self, target: Target) -> str:
        """As apt, or as dnf calls an architecture."""
        return {"x86_64": "amd64", "aarch64": "arm64"}[target.architecture] if target.manager == "apt" else target.architecture
