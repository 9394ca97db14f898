"""What distributions bring in their packages, where a rule asks for its version."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from hpcgen.block.versions import holds

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hpcgen.block import Block, Place, SourceBlock
    from hpcgen.target import Target

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

RDMA_CORE = {
    "debian11": "33.2",
    "debian12": "44.0",
    "debian13": "56.1",
    "ubuntu20.04": "28.0",
    "ubuntu22.04": "39.0",
    "ubuntu24.04": "50.0",
}
"""Target, or family and release -> its rdma-core, by the package indexes; EL has another in each minor release."""

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


Kind = TypeVar("Kind")


def of_target(table: Mapping[str, Kind], target: Target) -> Kind | None:
    """What a table has of a target by its name, else by family and release; None where it has nothing."""
    return table.get(target.name, table.get(f"{target.family}{target.release}"))


def of_distribution(versions: Mapping[str, str], place: Place, condition: str) -> bool:
    """Whether what a place's distribution brings, where it is known, is of a version that meets a condition."""
    return holds(of_target(versions, place.target) or "", condition)


def cmake_is(place: Place, condition: str) -> bool:
    """Whether the CMake that a build finds, the recipe's or the distribution's, is of a version that meets a condition."""
    return place.before["cmake"].at(condition) if "cmake" in place.before else of_distribution(CMAKE, place, condition)


def partner_is(block: Block, place: Place, name: str, condition: str, versions: Mapping[str, str]) -> bool:
    """Whether a partner, the recipe's or the distribution's, is of a version that meets a condition."""
    found = place.partner(block, name)
    if found.of_distribution:
        return of_distribution(versions, place, condition)
    return found.at(condition)


def flang_version(block: SourceBlock, place: Place) -> int:
    """The version of LLVM's Fortran compiler, where a build uses that by what stands before it; else 0."""
    compilers = [one for one in place.before.compilers if "fortran" in one.compiles]
    if block.compilers is not None and block.compilers.FC:
        compilers = [block.compilers.of] if block.compilers.of is not None else []
    nearest = compilers[-1] if compilers else None
    number = getattr(nearest, "number", None) if nearest is not None and nearest.name == "llvm" else None
    return int(number(place.target) or 0) if number else 0
