"""Flags and instruction sets of a CPU microarchitecture, from archspec."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hpcgen.errors import Conflict, WrongValue
from hpcgen.version import Version

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

NEWEST = "99"
"""The version of a compiler of which nobody knows it: it is taken for new enough."""


def near(name: str) -> str:
    """A help line with the microarchitectures whose names are nearest."""
    from difflib import get_close_matches

    import archspec.cpu

    known = list(archspec.cpu.TARGETS)
    found = get_close_matches(name.replace("-", "_"), known, n=5, cutoff=0.6)
    return f"near it: {', '.join(found)}" if found else "see archspec's list of microarchitectures, or levels such as x86_64_v3"


def target(name: str, architecture: str) -> Any:
    """Archspec's record of a microarchitecture.

    Raises:
        WrongValue: one that archspec does not know, or one of another architecture.
    """
    import archspec.cpu

    known = archspec.cpu.TARGETS
    if name not in known:
        raise WrongValue(f"there is no cpu target '{name}'", help=near(name))
    found = known[name]
    if str(found.family) != architecture:
        raise WrongValue(
            f"cpu target '{name}' is {found.family}, the image is for {architecture}", help=f"name one of {architecture}, or another --arch"
        )
    return found


def flags(name: str, architecture: str, compiler: str = "gcc", version: str = "") -> str:
    """The compiler's flags for a microarchitecture such as `zen4` or `neoverse_v2`; compilers by archspec's names, `gcc` and `clang` among them.

    Raises:
        WrongValue: one that archspec does not know, or one of another architecture.
        Conflict: one that the compiler is too old for, or a compiler that archspec knows no flags of.
    """
    found = target(name, architecture)
    if compiler not in found.family.compilers:
        raise Conflict(
            f"no flags for cpu targets are known of {_called(compiler)}",
            help="give them yourself, toolchain(CFLAGS='-march=...'), without --cpu-target, or build with GCC or Clang",
        )
    words = _flags(found, compiler, version)
    if words is None:
        oldest = _oldest(found, compiler)
        older = next((str(one) for one in found.ancestors if one.ancestors and _flags(one, compiler, version)), "")
        raise Conflict(
            f"{compiler} {version} cannot compile for cpu target '{name}'" + (f", which needs {compiler} {oldest} or newer" if oldest else ""),
            help=f"take newer compilers, or an older cpu target{f': {older}' if older else ''}",
        )
    return words


def _called(compiler: str) -> str:
    return f"'{compiler}'" if compiler else "the compiler that it is built with"


def _flags(found: Any, compiler: str, version: str) -> str | None:
    """Its flags, None where the compiler has none for it."""
    import warnings

    import archspec.cpu

    # `13` is the newest of its series, as far as anybody knows: archspec takes it for 13.0.
    exact = f"{version}.9" if version and "." not in version else version or NEWEST
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Intel's compilers may do less for processors that are not Intel's
            return str(found.optimization_flags(compiler, exact))
    except archspec.cpu.UnsupportedMicroarchitecture:
        return None


def _oldest(found: Any, compiler: str) -> str:
    """The oldest version of a compiler that has flags for a microarchitecture, or empty."""
    lows: Iterable[str] = (entry["versions"].partition(":")[0] for entry in found.compilers.get(compiler, ()))
    return min((low for low in lows if low), key=Version, default="")


def has(name: str, feature: str) -> bool:
    """Whether a microarchitecture has a feature such as `avx2`; False where none is named."""
    if not name:
        return False
    import archspec.cpu

    return name in archspec.cpu.TARGETS and feature in archspec.cpu.TARGETS[name]


def nearest(name: str, known: Mapping[str, str]) -> str:
    """What a table has for a microarchitecture, else for the nearest of its ancestors that it has; empty: for none."""
    if not name:
        return ""
    import archspec.cpu

    line = (name, *(str(ancestor) for ancestor in archspec.cpu.TARGETS[name].ancestors)) if name in archspec.cpu.TARGETS else (name,)
    return next((known[one] for one in line if one in known), "")
