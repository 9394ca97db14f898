"""The compilers that a block is built with: those of the recipe's blocks before it, else the distribution's."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from hpcgen.block.because import because
from hpcgen.block.packages import Packages
from hpcgen.errors import Conflict

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from hpcgen.block.block import Block
    from hpcgen.block.place import Place
    from hpcgen.block.toolchain import Toolchain

LANGUAGES = {
    "c": Packages(apt=("gcc", "libc6-dev"), dnf=("gcc",), why="compiles C; the recipe brings no compiler before it"),
    "c++": Packages(apt=("g++",), dnf=("gcc-c++",), why="compiles C++; the recipe brings no compiler before it"),
    "fortran": Packages(apt=("gfortran",), dnf=("gcc-gfortran",), why="compiles Fortran; the recipe brings no compiler before it"),
}
"""Language -> the distribution's compiler for it."""

DISTRIBUTION_GCC = {
    "debian11": "10.2",
    "debian12": "12.2",
    "debian13": "14.2",
    "ubuntu20.04": "9.4",
    "ubuntu22.04": "11.4",
    "ubuntu24.04": "13.3",
    "ubuntu26.04": "15.2",
    "rhel8": "8.5",
    "rhel9": "11.5",
    "rhel10": "14.2",
}
"""Target, or family and release, -> the version of the compilers in `LANGUAGES`; apt's from the package indexes, dnf's from the release notes."""

DISTRIBUTION_CLANG = {
    "debian11": "11",
    "debian12": "14",
    "debian13": "19",
    "ubuntu20.04": "10",
    "ubuntu22.04": "14",
    "ubuntu24.04": "18",
    "ubuntu26.04": "21",
}
"""Target -> the version of its package clang, by the package indexes; the RHEL family's is another with each minor release."""

_FAMILIES = (
    (r"(?:[\w.]+-)*(?:gcc|g\+\+|gfortran|cc|c\+\+)(?:-([\d.]+))?", "gcc"),
    (r"(?:[\w.]+-)*(?:clang|clang\+\+|flang|flang-new)(?:-([\d.]+))?", "clang"),
    (r"nvc|nvc\+\+|nvfortran()", "nvhpc"),
    (r"icx|icpx|ifx()", "oneapi"),
)
"""Patterns of compilers' names, with the version that is part of it -> archspec's name for the compiler."""
_BLOCKS = {"gnu": "gcc", "llvm": "clang", "nvhpc": "nvhpc", "nv_hpc_sdk": "nvhpc"}
"""Block -> archspec's name for its compiler."""

_VARIABLES = {"c": "CC", "c++": "CXX", "fortran": "FC"}
_SAME = {"fortran": ("F77", "F90")}
"""Language -> further variables for its compiler."""


def compiling(place: Place) -> tuple[Block, ...]:
    """The blocks before a place that install compilers."""
    return tuple(place.before.compilers)


def given_by(toolchain: Toolchain | None, place: Place) -> Iterator[tuple[Block, str]]:
    """The blocks whose compilers a build may use, with why: the toolchain's own, and all before it."""
    if toolchain is not None and toolchain.of is not None and place.before.has(toolchain.of):
        yield toolchain.of, "its toolchain"
    yield from ((block, "compilers before it") for block in compiling(place))


def has_language(language: str, toolchain: Toolchain | None, place: Place) -> bool:
    """Whether the recipe brings a compiler for a language, by a toolchain or a block."""
    if toolchain is not None and getattr(toolchain, _VARIABLES[language]):
        return True
    return any(language in block.compiles for block in compiling(place))


def told(place: Place) -> dict[str, str]:
    """The compilers that a build has to be told, by variable, the nearest of each language: by itself it would take GCC's where both are."""
    found: dict[str, str] = {}
    for language, variable in _VARIABLES.items():
        nearest = next((block for block in reversed(compiling(place)) if language in block.compiles), None)
        if nearest is None or not nearest.tells_compilers or nearest.toolchain is None:
            continue
        for name in (variable, *_SAME.get(language, ())):
            program = getattr(nearest.toolchain, name)
            if program:
                found[name] = because(program, f"{nearest.name} stands before it, and builds look for GCC first")
    return found


def compilers_needed(block: Block, languages: Iterable[str], place: Place, toolchain: Toolchain | None = None) -> Iterable[Packages]:
    """The distribution's compilers that a block needs: none where the recipe brings compilers, since a second set would take the place of the first.

    Raises:
        Conflict: the recipe's compilers lack one of the languages.
    """
    missing = [language for language in languages if not has_language(language, toolchain, place)]
    before = compiling(place)
    if missing and before:
        names = " and ".join(other.name for other in before)
        raise Conflict(
            f"{block.name} needs a compiler for {missing[0]}, which {names} before it leaves out",
            origin=block.origin,
            help=f"let {names} install it, or add gnu() to the stage",
        )
    return tuple(LANGUAGES[language] for language in missing)


def gcc_version(place: Place) -> str:
    """The version of the GCC that a build finds, or empty where that is not known."""
    target = place.target
    for block in reversed(compiling(place)):
        if block.name != "gnu":
            return ""
        if block.version or block.prefix:
            return block.version
    return DISTRIBUTION_GCC.get(target.name) or DISTRIBUTION_GCC.get(f"{target.family}{target.release}", "")


def compiler_used(toolchain: Toolchain | None, place: Place, language: str = "c") -> tuple[str, str]:
    """The compiler that a build uses for a language, by archspec's name, and its version; empty: nobody knows.

    It is the toolchain's; else that of the nearest block before, if builds are told it; else GCC where the stage has it, since configure and CMake
    look for that first.
    """
    named = getattr(toolchain, _VARIABLES[language]) if toolchain is not None else ""
    if toolchain is not None and named:
        path = next((word for word in named.split() if word.rpartition("/")[2] != "ccache"), named)
        if path.rpartition("/")[2].startswith("mpi"):  # an MPI's wrapper calls the compiler that the MPI was built with
            return compiler_used(getattr(toolchain.of, "compilers", None), place, language)
        return _named(path, place)
    blocks = [block for block in compiling(place) if language in block.compiles]
    nearest = blocks[-1] if blocks else None
    if nearest is None or nearest.tells_compilers:
        return _of_block(nearest, place)
    return _of_block(next((block for block in reversed(blocks) if block.name == "gnu"), nearest), place)


def _named(path: str, place: Place) -> tuple[str, str]:
    """What a compiler's name or path tells; its version is in the name, or that of the block that it belongs to."""
    for pattern, family in _FAMILIES:
        match = re.fullmatch(pattern, path.rpartition("/")[2])
        if match:
            owner = place.owner(path) if path.startswith("/") else None
            if match[1] or (path.startswith("/") and owner is None):
                return family, match[1] or ""
            blocks = [block for block in compiling(place) if _BLOCKS.get(block.name) == family]
            return family, _of_block(owner or (blocks[-1] if blocks else None), place, family)[1]
    return "", ""


def _of_block(block: Block | None, place: Place, family: str = "gcc") -> tuple[str, str]:
    """The compiler of a block, the distribution's where it names no version or where there is no block."""
    family = _BLOCKS.get(block.name, "") if block is not None else family
    number = getattr(block, "number", None)  # of a block whose version the target decides
    if block is not None and (block.version or block.prefix or number):
        return family, str(number(place.target) if number else block.version)
    table = {"gcc": DISTRIBUTION_GCC, "clang": DISTRIBUTION_CLANG}.get(family, {})
    target = place.target
    return family, table.get(target.name) or table.get(f"{target.family}{target.release}", "")
