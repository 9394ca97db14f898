"""Findings out of paths and modes alone, and the categories of files."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

from hpcgen.auditing.case import Pile
from hpcgen.auditing.globs import matches
from hpcgen.auditing.placing import NONE, Globs, Placing
from hpcgen.auditing.report import Amount, CategoryBytes
from hpcgen.auditing.rules import OTHER
from hpcgen.auditing.tables import FILE, FOLDER, HARD_LINK, LINK

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from hpcgen.auditing.case import Case
    from hpcgen.auditing.report import Finding
    from hpcgen.auditing.tables import Files

_SETUID, _SETGID, _STICKY, _OTHERS_WRITE = 0o4000, 0o2000, 0o1000, 0o002


class Placed:
    """The files of a case with the rule that each belongs to.

    Attributes:
        rules: row -> place of the rule, NONE for none and for folders.
    """

    def __init__(self, case: Case) -> None:
        self.case = case
        placing = Placing(Globs(one.globs, one.excepted) for one in case.rules.paths)
        self.rules, self._roots = placing.places(case.files.paths, case.files.kinds, FOLDER)

    def id(self, row: int) -> str:
        """The id of the finding that a row belongs to, or empty."""
        rule = self.rules[row]
        return self.case.rules.paths[rule].id if rule != NONE else ""

    def root(self, row: int) -> str:
        """The topmost folder that belongs to a row's rule as a whole, or its own path."""
        return self._roots.get(row) or self.case.files.paths[row]


def categories(case: Case, placed: Placed) -> tuple[CategoryBytes, ...]:
    """Categories with their bytes, the largest first; fills the column of the table of files."""
    names = list(dict.fromkeys((*(one.category for one in case.rules.paths), OTHER)))
    number = {name: place for place, name in enumerate(names)}
    of_rule = [number[one.category] for one in case.rules.paths] + [number[OTHER]]  # NONE is the last
    column = array("q", (of_rule[rule] for rule in placed.rules))
    sums = _by_category(case.files, column, len(names))
    order = sorted(range(len(names)), key=lambda place: (-sums[place].live.rootfs, names[place]))
    order = [place for place in order if sums[place].files]
    new = {old: place for place, old in enumerate(order)}
    last = new.get(number[OTHER], 0)
    case.files.categories[:] = array("q", (new.get(old, last) for old in column))
    return tuple(CategoryBytes(names[place], sums[place].live, sums[place].files) for place in order)


def _by_category(files: Files, column: Sequence[int], count: int) -> list[CategoryBytes]:
    """What the files of each category are together."""
    sizes, pulls, sifs, numbers = [0] * count, [0] * count, [0] * count, [0] * count
    for category, size, kind in zip(column, files.sizes, files.kinds, strict=True):
        if kind != FOLDER:
            numbers[category] += 1
            sizes[category] += size
    for sums, values in ((pulls, files.pulls), (sifs, files.sifs)):
        for category, size in zip(column, values or (), strict=False):
            sums[category] += size
    has_pull, has_sif = files.pulls is not None, files.sifs is not None
    return [
        CategoryBytes("", Amount(size, pull if has_pull else None, sif if has_sif else None), number)
        for size, pull, sif, number in zip(sizes, pulls, sifs, numbers, strict=True)
    ]


def by_place(case: Case, placed: Placed) -> Iterator[Finding]:
    """Caches, leftovers, documentation, headers and the like: what lies where nobody needs it."""
    piles: dict[str, Pile] = {}
    told = [one.id if one.id and (case.runtime or not one.runtime) else "" for one in case.rules.paths]
    for row, (rule, size) in enumerate(zip(placed.rules, case.files.sizes, strict=True)):
        if rule != NONE and size and told[rule]:
            id_ = told[rule]
            if id_ not in piles:
                piles[id_] = Pile(case, case.rules.words[id_])
            piles[id_].add(row, root=placed.root(row))
    for id_, pile in piles.items():
        if id_ != "E001":  # told together with what is within files
            yield from pile.findings()


def by_mode(case: Case) -> Iterator[Finding]:
    """Programs with another user's rights, and what everybody may write."""
    setuid, writable = Pile(case, case.rules.words["S001"]), Pile(case, case.rules.words["S002"])
    files = case.files
    for row, (mode, kind) in enumerate(zip(files.modes, files.kinds, strict=True)):
        if mode & (_SETUID | _SETGID | _OTHERS_WRITE):
            if kind in (FILE, HARD_LINK) and mode & (_SETUID | _SETGID):
                setuid.add(row, size=0, note=_bits(mode))
            if (kind == FILE or (kind == FOLDER and not mode & _STICKY)) and mode & _OTHERS_WRITE:
                writable.add(row, size=0, note=f"{mode & 0o7777:o}")
    yield from setuid.findings()
    yield from writable.findings()


def _bits(mode: int) -> str:
    return " and ".join(name for bit, name in ((_SETUID, "setuid"), (_SETGID, "setgid")) if mode & bit)


def secrets(case: Case) -> Iterator[Finding]:
    """Files that look like keys, also those that a later layer hides: they are sent all the same."""
    globs, excepted = case.rules.secrets
    placing = Placing([Globs(globs)])
    pile = Pile(case, case.rules.words["S003"])
    files, wastes = case.files, case.wastes
    shown = placing.places(files.paths, files.kinds, FOLDER).rules
    for row, rule in enumerate(shown):
        if rule != NONE and files.kinds[row] != LINK and files.sizes[row] and not any(matches(one, files.paths[row]) for one in excepted):
            pile.add(row, size=0)
    for row, rule in enumerate(placing.places(wastes.paths, bytes(len(wastes)), FOLDER).rules):
        if rule != NONE and wastes.sizes[row] and not any(matches(one, wastes.paths[row]) for one in excepted):
            note = f"hidden by layer {wastes.hidden[row]}, and still sent"
            pile.add_text(wastes.paths[row], note, layer=wastes.stored[row], in_base=case.is_base(wastes.hidden[row]))
    yield from pile.findings()
