"""Whose each file is, by what package managers have written down in the image."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING, NamedTuple

from hpcgen.auditing import databases
from hpcgen.auditing.databases import APK, CONDA, DPKG, EASYBUILD, PIP, RPM, SPACK
from hpcgen.auditing.tables import FOLDER, NOBODY
from hpcgen.frozen import frozen

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hpcgen.auditing.databases import Claim
    from hpcgen.auditing.reading import Contents
    from hpcgen.auditing.tables import Files
    from hpcgen.auditing.tree import Tree

_ORDER = (DPKG, RPM, APK, CONDA, PIP, SPACK, EASYBUILD)
"""Who is believed first where two claim a file: conda's packages bring records of pip's for files of their own."""


class Package(NamedTuple):
    """A package that a manager has installed."""

    manager: str
    name: str
    version: str


@frozen
class Owners:
    """Whose files are.

    Attributes:
        packages: those that have been installed, as far as records tell.
        owner: row of the table of files -> place in `packages`, NOBODY for none.
        faults: records that cannot be read, a sentence each.
    """

    packages: tuple[Package, ...]
    owner: array[int]
    faults: tuple[str, ...] = ()


def owners(tree: Tree, contents: Contents) -> Owners:
    """Whose each file of a file system is."""
    files = tree.files
    found: list[Package] = []
    owner = array("q", [NOBODY]) * len(files)
    faults: list[str] = []
    versions: dict[str, str] = {}
    prefixes: dict[str, int] = {}
    records = list(_records(files, contents, versions, faults))
    for claim, is_prefix in sorted(records, key=lambda one: _ORDER.index(one[0][0])):
        manager, name, version, folder, paths = claim
        place = len(found)
        found.append(Package(manager, name, version or (versions.get(name, "") if manager == DPKG else "")))
        if is_prefix:
            prefixes[folder] = place
        for path in paths:
            row = _row(tree, folder, path)
            if row is not None and owner[row] == NOBODY:
                owner[row] = place
    _by_prefix(files, prefixes, owner)
    return Owners(tuple(found), owner, tuple(faults))


def _records(files: Files, contents: Contents, versions: dict[str, str], faults: list[str]) -> Iterator[tuple[Claim, bool]]:
    """What all records claim, and whether a claim is for a whole folder. Versions of dpkg's packages stand in a file of their own."""
    for row, path in enumerate(files.paths):
        if not databases.kind_of(path):
            continue
        fact = contents.fact(row)
        if fact is None:
            continue
        if "fault" in fact:
            faults.append(f"{path}: {fact['fault']}")
        versions.update(fact.get("versions", {}))
        for claim in databases.claims(fact):
            yield claim, "prefix" in fact


def _row(tree: Tree, folder: str, path: str) -> int | None:
    """The row of a path that a record names: where its folder leads, but not where it leads itself; a package has its links."""
    whole = path if path.startswith("/") or not folder else f"{folder}/{path}"
    above, _, name = whole.strip("/").rpartition("/")
    real = tree.folder(above)
    row = None if real is None else tree.rows.get(f"{real}/{name}" if real else name)
    return None if row is None or tree.files.kinds[row] == FOLDER else row


def _by_prefix(files: Files, prefixes: dict[str, int], owner: array[int]) -> None:
    """Gives the files of a prefix to its package, where nobody else claims them; the longest prefix first."""
    if not prefixes:
        return
    known: dict[str, int] = {"": prefixes.get("", NOBODY)}
    for row, path in enumerate(files.paths):
        if owner[row] == NOBODY and files.kinds[row] != FOLDER:
            owner[row] = _prefix_of(path.rpartition("/")[0], prefixes, known)


def _prefix_of(folder: str, prefixes: dict[str, int], known: dict[str, int]) -> int:
    """The package that has a folder."""
    missing = []
    while folder not in known and folder not in prefixes:
        missing.append(folder)
        folder = folder.rpartition("/")[0]
    place = prefixes[folder] if folder in prefixes else known[folder]
    known.update(dict.fromkeys(missing, place))
    return place
