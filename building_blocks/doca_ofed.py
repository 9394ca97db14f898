"""NVIDIA's DOCA-OFED."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hpcgen.block import conflict, option
from hpcgen.building_blocks._verbs import one_release, without_providers
from hpcgen.building_blocks._verbs_blocks import VendorVerbs
from hpcgen.building_blocks.mlnx_ofed import KEYSERVER, MELLANOX
from hpcgen.errors import WrongValue

if TYPE_CHECKING:
    from hpcgen.target import Target

HOST = "70454E6BF5D9C2D3B78709E8DC726C5E41B9CC50"
"""NVIDIA DOCA Host, since January 2026, for apt: in Azure/AgentBaker's pull request 9256 and in a cluster's public notes, in full."""

RPM = "https://linux.mellanox.com/public/repo/doca/public_keys/nvidia-doca-rpm-gpg-public-key.asc"
"""Its counterpart for dnf since 3.2.2, whose fingerprint stands nowhere that we could read."""


class doca_ofed(VendorVerbs):
    """DOCA-OFED: verbs as NVIDIA builds them for its own adapters, the successor of MLNX_OFED. https://developer.nvidia.com/networking/doca"""

    product = "DOCA-OFED"
    repository_name = "doca"
    versions = ("3.5.0", "3.4.0", "3.3.0", "3.2.2", "3.2.1", "3.2.0", "2.9.4")
    # Folders by addresses in public files; lower bounds are the block's own: what is not there, the package manager names.
    labels = {
        "debian12": {">=3.2": "debian12", "<2.10": "debian12.5"},
        "debian13": {">=3.2": "debian13"},
        "ubuntu22.04": {">=2.9": "ubuntu22.04"},
        "ubuntu24.04": {">=2.9": "ubuntu24.04"},
        "ubuntu26.04": {">=3.4": "ubuntu26.04"},
        "rhel8": {">=3.2": "rhel8"},
        "rhel9": {">=3.2": "rhel9"},
        "rhel10": {">=3.2": "rhel10"},
    }
    x86_alone = ("debian12", "debian12.5", "debian13", "ubuntu26.04")
    refused = {"_nogpgcheck": ("packages are installed if their signature is right", "name the key: fingerprint='...'")}
    conflicts = (
        one_release("R15c"),
        without_providers("R16b"),
        conflict(
            lambda doca, place: doca.at(">=2.10") and doca.serves(r"connectx4.*|cx4.*"),
            "DOCA 2.9 was the last for ConnectX-4",
            name="R35c",
            source="NVIDIA, DOCA 2.9.2, changes and new features",
        ),
        conflict(
            lambda doca, place: doca.at("<2.10") and doca.serves(r"connectx[89]\d*.*|cx[89]\d*.*"),
            "DOCA 2.9 does not know ConnectX-8",
            name="R35d",
            source="NVIDIA, DOCA 2.9.2, changes and new features",
        ),
        conflict(
            lambda doca, place: place.target.family == "rhel" and (place.target.release == "10" or doca.at(">=3.2.2")),
            "EL 10's policy was seen to reject the key of DOCA's packages, and EL 8 and 9 not to know the one of 3.2.2 and newer",
            name="R36",
            source="hpc-container-maker, pull request 537",
            level="warning",
        ),
    )

    version: str = option("3.5.0", "release to install")
    archlabel: str = option("", "NVIDIA's folder for an architecture, instead of x86_64 and arm64-sbsa")
    baseurl: str = option("https://linux.mellanox.com/public/repo/doca", "where NVIDIA's repositories lie")

    def unknown(self, name: str, value: Any) -> bool:
        """Says why signatures are checked."""
        if name in self.refused and value:
            why, instead = self.refused[name]
            raise WrongValue(f"{self.name}({name}=...): {why}", help=instead)
        return name in self.refused

    def key(self, target: Target) -> tuple[str, str]:
        """For apt NVIDIA's new key, with which all releases were signed again; for EL 9 and 10 before 3.2.2 Mellanox's third."""
        if target.manager == "apt":
            return f"{self.baseurl.rstrip('/')}/{self.version}/{self.label(target)}/{self.folder(target)}/doca_keyring.gpg", self.fingerprint or HOST
        if self.at(">=3.2.2"):
            return RPM, self.fingerprint or ""
        known = self.fingerprint or ("" if target.release == "8" else MELLANOX)
        return f"{KEYSERVER}{known}", known

    def folder(self, target: Target) -> str:
        """As NVIDIA calls an architecture, which was turned round after 2.9."""
        arm = "sbsa-arm64" if self.at("<2.10") else "arm64-sbsa"
        return self.archlabel or {"x86_64": "x86_64", "aarch64": arm}[target.architecture]
