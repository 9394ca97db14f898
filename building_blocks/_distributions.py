"""What distributions bring in their packages, where a rule asks for its version."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hpcgen.block.versions import holds

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hpcgen.block import Block, Place

# Debian's and Ubuntu's from the package indexes; EL's from addresses of packages in public files: where there is none, no rule is asked.
PMIX = {
    "debian11": "4.0.0",
    "debian12": "4.2.2",
    "debian13": "5.0.7",
    "ubuntu20.04": "3.1.5",
    "ubuntu22.04": "4.1.2",
    "ubuntu24.04": "5.0.1",
    "ubuntu26.04": "5.0.9",
    "rhel8": "2.1.1",
    "rhel10": "4.2.8",
}
"""Target, or family and release -> its PMIx."""

CMAKE = {
    "debian11": "3.18.4",
    "debian12": "3.25.1",
    "debian13": "3.31.6",
    "ubuntu20.04": "3.16.3",
    "ubuntu22.04": "3.22.1",
    "ubuntu24.04": "3.28.3",
    "rhel8": "3.26.5",
    "rhel9": "3.26.5",
    "rhel10": "3.30.5",
}
"""Target, or family and release -> its CMake; EL's is that of the last minor release."""


def cmake_is(place: Place, condition: str) -> bool:
    """Whether the CMake that a build finds, the recipe's or the distribution's, is of a version that meets a condition."""
    if "cmake" in place.before:
        return place.before["cmake"].at(condition)
    target = place.target
    return holds(CMAKE.get(target.name, "") or CMAKE.get(f"{target.family}{target.release}", ""), condition)


def partner_is(block: Block, place: Place, name: str, condition: str, versions: Mapping[str, str]) -> bool:
    """Whether a partner, the recipe's or the distribution's, is of a version that meets a condition."""
    found = place.partner(block, name)
    if found.system and found.block is None:
        target = place.target
        return holds(versions.get(target.name, "") or versions.get(f"{target.family}{target.release}", ""), condition)
    return found.at(condition)
