"""Flags for a CPU microarchitecture, from archspec."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hpcgen.errors import Conflict, WrongValue, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Mapping


def flags(name: str, architecture: str, compiler: str = "gcc", version: str = "99") -> str:
    """The compiler's flags for a microarchitecture such as `zen4` or `neoverse_v2`.

    Raises:
        WrongValue: one that archspec does not know, or one of another architecture.
        Conflict: one that the compiler is too old for.
    """
    import archspec.cpu

    known = archspec.cpu.TARGETS
    if name not in known:
        raise WrongValue(f"cpu target '{name}'", help=did_you_mean(name, known) or "see archspec's list of microarchitectures")
    target = known[name]
    if str(target.family) != architecture:
        raise WrongValue(f"cpu target '{name}' is {target.family}, the image is for {architecture}")
    try:
        return str(target.optimization_flags(compiler, version))
    except archspec.cpu.UnsupportedMicroarchitecture as fault:
        raise Conflict(f"{compiler} {version} cannot compile for cpu target '{name}'", help="take newer compilers, or an older cpu target") from fault


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
