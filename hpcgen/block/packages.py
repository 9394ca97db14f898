"""Packages of the distribution, named once per package manager."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hpcgen.frozen import field, frozen
from hpcgen.graph.nodes import Install

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from hpcgen.target import Target


@frozen
class Packages:
    """Names of packages.

    Attributes:
        both: names that apt and dnf share.
        apt: names on Debian and Ubuntu.
        dnf: names in the RHEL family.
        t64: names on Debian and Ubuntu that got the ending `t64` when time_t became 64 bits wide (Debian 13, Ubuntu 24.04).
        enable: repositories that dnf needs for them: `epel`, `crb`.
        at: further names by target (`debian12`), by distribution (`ubuntu`) or by family and major release (`rhel9`).
        why: what they are needed for, where neither an option nor the block's own lists say so.
    """

    both: tuple[str, ...] = ()
    apt: tuple[str, ...] = ()
    dnf: tuple[str, ...] = ()
    t64: tuple[str, ...] = ()
    enable: tuple[str, ...] = ()
    at: Mapping[str, tuple[str, ...]] = field(factory=dict)
    why: str = field(default="", eq=False, repr=False)

    def names(self, target: Target) -> tuple[str, ...]:
        """The names on a target."""
        own = (*self.apt, *(f"{name}{_ending(target)}" for name in self.t64)) if target.manager == "apt" else self.dnf
        keys = dict.fromkeys((target.name, target.distribution, f"{target.family}{target.release}"))
        return (*self.both, *own, *(name for key in keys for name in self.at.get(key, ())))


_BEFORE_T64 = ("debian11", "debian12", "ubuntu20.04", "ubuntu22.04")


def _ending(target: Target) -> str:
    return "" if target.name in _BEFORE_T64 else "t64"


def install(target: Target, packages: Iterable[Packages], words: Iterable[str] = ()) -> Install | None:
    """One node for several lists of packages and further names, each name once; None where there is nothing to install."""
    lists = tuple(packages)
    names = dict.fromkeys([name for one in lists for name in one.names(target)] + list(words))
    enable = dict.fromkeys(repository for one in lists if target.manager == "dnf" and one.names(target) for repository in one.enable)
    return Install(tuple(names), enable=tuple(enable)) if names else None
