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
    "debian11": "3.18",
    "debian12": "3.25",
    "debian13": "3.31",
    "ubuntu20.04": "3.16",
    "ubuntu22.04": "3.22",
    "ubuntu24.04": "3.28",
    "rhel8": "3.26",
    "rhel9": "3.26",
    "rhel10": "3.30",
}
"""Target, or family and release -> its CMake; of EL that of 8.10, 9.4 and 10.0."""

PYTHON = {
    "debian11": "3.9",
    "debian12": "3.11",
    "debian13": "3.13",
    "ubuntu20.04": "3.8",
    "ubuntu22.04": "3.10",
    "ubuntu24.04": "3.12",
    "ubuntu26.04": "3.14",
    "rhel8": "3.6",
    "rhel9": "3.9",
    "rhel10": "3.12",
}
"""Target, or family and release -> its Python."""


def of_distribution(versions: Mapping[str, str], place: Place, condition: str) -> bool:
    """Whether what a place's distribution brings, where it is known, is of a version that meets a condition."""
    target = place.target
    return holds(versions.get(target.name, "") or versions.get(f"{target.family}{target.release}", ""), condition)


def cmake_is(place: Place, condition: str) -> bool:
    """Whether the CMake that a build finds, the recipe's or the distribution's, is of a version that meets a condition."""
    return place.before["cmake"].at(condition) if "cmake" in place.before else of_distribution(CMAKE, place, condition)


def partner_is(block: Block, place: Place, name: str, condition: str, versions: Mapping[str, str]) -> bool:
    """Whether a partner, the recipe's or the distribution's, is of a version that meets a condition."""
    found = place.partner(block, name)
    if found.system and found.block is None:
        return of_distribution(versions, place, condition)
    return found.at(condition)
