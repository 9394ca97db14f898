"""What distributions bring in their packages, where a rule asks for its version."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hpcgen.block.versions import holds

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hpcgen.block import Block, Place, SourceBlock

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


def partner_is(block: Block, place: Place, name: str, condition: str, versions: Mapping[str, str]) -> bool:
    """Whether a partner, the recipe's or the distribution's, is of a version that meets a condition."""
    found = place.partner(block, name)
    if found.system and found.block is None:
        target = place.target
        return holds(versions.get(target.name, "") or versions.get(f"{target.family}{target.release}", ""), condition)
    return found.at(condition)


def flang_version(block: SourceBlock, place: Place) -> int:
    """The version of LLVM's Fortran compiler, where a build uses that by what stands before it; else 0."""
    compilers = [one for one in place.before.compilers if "fortran" in one.compiles]
    if block.compilers is not None and block.compilers.FC:
        compilers = [block.compilers.of] if block.compilers.of is not None else []
    nearest = compilers[-1] if compilers else None
    number = getattr(nearest, "number", None) if nearest is not None and nearest.name == "llvm" else None
    return int(number(place.target) or 0) if number else 0
