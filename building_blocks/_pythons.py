"""The Pythons that distributions have: versions, packages, and what running them needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hpcgen.block.leaving import Leavings
from hpcgen.errors import Conflict
from hpcgen.frozen import frozen

if TYPE_CHECKING:
    from hpcgen.origin import Origin
    from hpcgen.target import Target

# Debian's by the package indexes, the RHEL family's by the guide to its dynamic programming languages, Ubuntu's by its own releases.
PYTHON3 = {
    "debian11": ("3.9",),
    "debian12": ("3.11",),
    "debian13": ("3.13",),
    "ubuntu20.04": ("3.8", "3.9"),
    "ubuntu22.04": ("3.10", "3.11"),
    "ubuntu24.04": ("3.12",),
    "ubuntu26.04": ("3.14",),
    "rhel8": ("3.6", "3.8", "3.9", "3.11", "3.12"),
    "rhel9": ("3.9", "3.11", "3.12"),
    "rhel10": ("3.12",),
}
"""Target, or family and release -> its Pythons; the first is its own: what `python3` is."""
PYTHON2 = ("debian11", "ubuntu20.04", "ubuntu22.04", "rhel8")
"""Targets, or families and releases, that have Python 2.7."""
_JOINED = {"3.6": "python36", "3.8": "python38", "3.9": "python39"}
"""Versions that the RHEL family's release 8 calls by a name without a dot: they come in modules."""

LIBRARY = "/usr/lib*/python3.[0-9]*"
"""Python's own modules, on all distributions; what is installed beside them has another folder with apt."""
_LEFT = (
    *(f"{LIBRARY}/{folders}__pycache__" for folders in ("", "*/", "*/*/", "*/*/*/")),  # made by the package as it is installed, and of no package
    *(f"{LIBRARY}/{name}" for name in ("config-*", "ensurepip", "idlelib", "lib2to3", "site-packages", "test", "turtledemo")),
)
"""What running needs nothing of."""


@frozen
class Python:
    """One Python of a distribution.

    Attributes:
        version: as 3.12.
        program: its path.
        package: that of the interpreter with its modules.
        devel: that of its headers.
        venv: what virtual environments need beside it, or empty.
    """

    version: str
    program: str
    package: str
    devel: str
    venv: str


def table(target: Target) -> tuple[str, ...]:
    """The versions of Python 3 that a target has, its own first."""
    return PYTHON3.get(target.name) or PYTHON3[f"{target.family}{target.release}"]


def has_python2(target: Target) -> bool:
    """Whether a target has Python 2."""
    return target.name in PYTHON2 or f"{target.family}{target.release}" in PYTHON2


def python3(target: Target, version: str, origin: Origin | None) -> Python:
    """A Python of a target, its own if no version is named; an error for one that it does not have."""
    known = table(target)
    version = version or known[0]
    if version not in known:
        others = ", ".join(name for name, versions in PYTHON3.items() if version in versions)
        raise Conflict(
            f"{target.name} has no Python {version}; it has {', '.join(known)}",
            origin=origin,
            help=f"take one of these{f', or a base that has it: {others}' if others else ''}; or conda(packages=['python={version}'])",
        )
    own = version == known[0]
    name = f"python{version}"
    if target.manager == "dnf":
        name = "python3" if own else name
        if target.release == "8":
            name = _JOINED.get(version, name)
        return Python(version, f"/usr/bin/python{'3' if own else version}", name, f"{name}-devel", "")
    name = "python3" if own else name
    return Python(version, f"/usr/bin/{name}", name, f"{name}-dev", f"{name}-venv")


def leavings(programs: tuple[str, ...], packages: tuple[str, ...] = ()) -> Leavings:
    """What running a distribution's Python needs: its package, or, of other kinds of runtime stage, the files that it is."""
    take = (*(("program", program) for program in programs), ("data", LIBRARY))
    return Leavings(take=take, left=_LEFT, packages=packages)
