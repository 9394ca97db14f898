"""Where each block is to be had: its typical recipe planned on every target and architecture."""

from __future__ import annotations

from typing import TYPE_CHECKING

from everywhere import blocks, planned
from named import data, names, state

import hpcgen
from hpcgen.errors import HpcgenError, each
from hpcgen.graph.nodes import Install
from hpcgen.graph.stages import walk
from hpcgen.target import ARCHITECTURES, FAMILIES

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

CLONES = tuple(name for name, (family, _) in FAMILIES.items() if family == "rhel")
COLUMNS: dict[str, tuple[str, ...]] = {
    **{f"{name.capitalize()} {release}": (f"{name}{release}",) for name in ("debian", "ubuntu") for release in FAMILIES[name][1]},
    **{f"EL {release}": tuple(f"{name}{release}" for name in CLONES) for release in FAMILIES["rhel"][1]},
}
"""Column -> its targets: the RHEL family's distributions of one release stand together."""

BUILT = {
    "apt_get": "",
    "cmake": "3.25.1",
    "fftw": "3.3.10",
    "generic_autotools": "",
    "gnu": "12",
    "hdf5": "1.10.8",
    "hwloc": "2.9.0",
    "lammps": "20220106",
    "libevent": "2.1.12",
    "libfabric": "2.1.0",
    "mpich": "4.0.2",
    "netcdf": "4.9.0",
    "openblas": "0.3.21",
    "openmpi": "4.1.4 and 5.0.7",
    "packages": "",
    "pmix": "4.2.2",
    "pnetcdf": "1.12.3",
    "rdma_core": "56.1",
    "ucx": "1.13.1",
}
"""Block -> the releases that scripts/acceptance, benchmarks/builds or the tests on real engines build and run, where it has releases."""

Row = tuple[str, ...]


class Notes:
    """Reasons, each with a number, in the order in which they are met."""

    def __init__(self) -> None:
        self.found: dict[tuple[str, str], list[str]] = {}
        """Block and the reason with `{}` for what it is refused on -> the targets."""

    def number(self, block: str, reason: str, target: str) -> int:
        """The number of a reason; the same words of another target are the same reason."""
        key = (block, reason.replace(target, "{}"))
        self.found.setdefault(key, [])
        if target not in self.found[key]:
            self.found[key].append(target)
        return list(self.found).index(key) + 1

    def lines(self) -> list[str]:
        """The reasons as a numbered list."""
        return [
            f"{number}. `{block}`: {reason.replace('{}', _listed(targets))}"
            for number, ((block, reason), targets) in enumerate(self.found.items(), 1)
        ]


def _listed(targets: Sequence[str]) -> str:
    """Targets as a column calls them where all of it is meant."""
    whole = {title: one for title, one in COLUMNS.items() if set(one) <= set(targets)}
    rest = [target for target in targets if not any(target in one for one in whole.values())]
    return ", ".join((*whole, *rest))


def built() -> tuple[str, str]:
    """The blocks that are built and run, with their releases, and those that are not."""
    return ", ".join(f"{block} {release}".strip() for block, release in BUILT.items()), ", ".join(one for one in blocks() if one not in BUILT)


def rows() -> tuple[list[Row], list[str]]:
    """A row a block: its name, each column, what is known of its packages' names; and the reasons of refusals."""
    notes = Notes()
    found = [(block, *(_cell(block, targets, notes) for targets in COLUMNS.values()), _checked(block)) for block in blocks()]
    return found, notes.lines()


def _cell(block: str, targets: Iterable[str], notes: Notes) -> str:
    """`yes`, or the numbers of the reasons, with the distributions and architectures that they are for where these are not all."""
    refused: dict[tuple[str, str], int] = {}
    pairs = [(target, arch) for target in targets for arch in ARCHITECTURES]
    for target, arch in pairs:
        reason = _refusal(block, target, arch)
        if reason:
            refused[target, arch] = notes.number(block, reason, target)
    if not refused:
        return "yes"
    numbers = sorted(set(refused.values()))
    if len(refused) == len(pairs):
        return f"no {' '.join(f'[{number}]' for number in numbers)}"
    return "; ".join(f"not {_who({one for one, at in refused.items() if at == number}, pairs)} [{number}]" for number in numbers)


def _who(refused: set[tuple[str, str]], pairs: Sequence[tuple[str, str]]) -> str:
    """Which of a column's targets and architectures some are, in as few words as it takes."""
    targets, arches = ([*dict.fromkeys(pair[at] for pair in pairs if pair in refused)] for at in (0, 1))
    every = {pair[0] for pair in pairs}
    names = "" if set(targets) == every else ", ".join(targets)
    return f"{names} {'' if len(arches) == len(ARCHITECTURES) else 'on ' + ' and '.join(arches)}".strip()


def _refusal(block: str, target: str, arch: str) -> str:
    """Why a block's typical recipe is refused, by planning or, for repositories that a distribution lacks, by the writer; empty if it is not."""
    found = planned(block, target, arch)
    if not isinstance(found, HpcgenError) and any(node.enable for stage in found.stages for node in walk(stage.nodes) if isinstance(node, Install)):
        try:
            hpcgen.emit(found)
        except HpcgenError as fault:
            found = fault
    if not isinstance(found, HpcgenError):
        return ""
    sentence = "; ".join(dict.fromkeys(one.sentence for one in each(found)))
    both = isinstance(planned(block, target, "x86_64"), HpcgenError) and isinstance(planned(block, target, "aarch64"), HpcgenError)
    return sentence.replace(f" on {arch}", "") if both else sentence


def _checked(block: str) -> str:
    """What is known of the names of a block's packages, on the targets whose index was read."""
    vendors, unknown, count = set(), set(), 0
    for target in data():
        for name in names(block)[target]:
            what = state(name, target)
            count += 1
            vendors |= set(name.repositories) if what == "a vendor's" else set()
            unknown |= {name.name} if what in ("missing", "unchecked") else set()
    if not count:
        return "names none"
    words = [f"unchecked: {', '.join(sorted(unknown))}"] if unknown else ["yes"]
    return ", ".join((*words, *(["but for a vendor's: " + " ".join(sorted(vendors))] if vendors else [])))


def indexes() -> str:
    """Where names were looked up."""
    return "; ".join(facts["where"] for facts in data().values())
