"""Findings out of what ELF files and static libraries say of themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hpcgen.auditing.case import Pile
from hpcgen.auditing.globs import matches

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from hpcgen.auditing.case import Case
    from hpcgen.auditing.path_findings import Placed
    from hpcgen.auditing.report import Finding

DEBUG, COMPILERS = "E001", "R003"


def debug_data(case: Case, placed: Placed) -> Iterator[Finding]:
    """Files that are for debuggers as a whole, and sections of others."""
    pile = Pile(case, case.rules.words[DEBUG])
    for row in case.regular():
        if placed.id(row) == DEBUG:
            pile.add(row, root=placed.root(row), note="for debuggers as a whole")
    for row, fact in case.facts.items():
        size = (fact.get("elf") or fact.get("archive") or {}).get("debug", 0)
        if size and placed.id(row) != DEBUG:
            pile.add(row, size=min(size, case.files.sizes[row]), note="sections")
    yield from pile.findings()


def symbols(case: Case, placed: Placed) -> Iterator[Finding]:
    """Symbol tables that only linkers and debuggers read."""
    pile = Pile(case, case.rules.words["E002"])
    for row, fact in case.facts.items():
        size = fact.get("elf", {}).get("symbols", 0)
        if size and placed.id(row) != DEBUG:
            pile.add(row, size=min(size, case.files.sizes[row]))
    yield from pile.findings()


def damaged(case: Case) -> Iterator[Finding]:
    """ELF files that cannot be read to their end."""
    pile = Pile(case, case.rules.words["E005"])
    for row, fact in case.facts.items():
        fault = fact.get("fault", "")
        if fault.startswith(("ELF: ", "GPU code: ", "static library: ")):
            pile.add(row, size=0, note=fault)
    yield from pile.findings()


def stubs(case: Case, folders: Mapping[str, str]) -> Iterator[Finding]:
    """Stubs of the driver where the loader finds them, by what said that it looks there."""
    pile = Pile(case, case.rules.words["E006"])
    for folder, told_by in folders.items():
        if not folder.endswith("stubs"):
            continue
        for name in ("libcuda.so", "libcuda.so.1"):
            row = case.tree.file(f"{folder}/{name}")
            if row is not None:
                pile.add(row, size=0, note=f"by {told_by}")
                break
    yield from pile.findings()


def several(case: Case) -> Iterator[Finding]:
    """One library in several versions or places: those of a family, and those of one name."""
    pile = Pile(case, case.rules.words["F002"])
    families: dict[str, dict[int, str]] = {}
    for row, fact in case.facts.items():
        soname = fact.get("elf", {}).get("soname", "")
        if soname:
            name = next((one.name for one in case.rules.families if any(matches(glob, soname) for glob in one.libraries)), soname)
            families.setdefault(name, {})[row] = soname
    for name, rows in sorted(families.items()):
        kinds = set(rows.values())
        if len(rows) > 1:
            largest = max(rows, key=lambda row: (case.files.sizes[row], -row))
            for row, soname in rows.items():
                note = f"{name}: {soname}" if len(kinds) > 1 else name
                pile.add(row, size=0 if row == largest else None, note=f"{note}, {len(rows)} of them")
    yield from pile.findings()
