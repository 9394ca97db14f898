"""A block's table beside what collections have: who agrees, who does not, and what is newer."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from checksums.seen import is_release, kind, may_be_named, same_version
from checksums.tables import Entry

from hpcgen.version import Version

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from checksums.seen import Seen
    from checksums.tables import Table

REPACKS = frozenset({"debian"})
"""Collections whose archives may be packed anew: another checksum there says nothing."""
ENOUGH = 2
"""Collections that a checksum is seen in before it is taken without a person's word."""


@dataclass(frozen=True)
class Row:
    """What is known of one release.

    Attributes:
        entry: the table's line, or the one that would be added.
        agree: the collections that have this checksum.
        contradict: sentences about those that have another for the same file.
        notes: what else there is to say, none of it wrong.
        is_new: whether the table lacks it.
        unseen: collections that the line names, that have the package, and that do not have this release, or not any more.
    """

    entry: Entry
    agree: tuple[str, ...]
    contradict: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    is_new: bool = False
    unseen: tuple[str, ...] = field(default=())


def compared(table: Table, url: Callable[[str], str], found: Mapping[str, Sequence[Seen]], apart: Mapping[str, str]) -> list[Row]:
    """A row for each line of a table, then one for each newer release that the table lacks.

    Args:
        table: of the block.
        url: version -> address of its archive.
        found: collection -> what it has.
        apart: checksum -> why a collection may have it for another file of the same release.
    """
    rows = [_known(entry, url(entry.key), found, apart, by_version=not table.by_architecture) for entry in table.entries]
    return rows if table.by_architecture else [*rows, *_newer(table, url, found)]


def _known(entry: Entry, url: str, found: Mapping[str, Sequence[Seen]], apart: Mapping[str, str], *, by_version: bool) -> Row:
    agree, contradict, notes = [], [], []
    for name, all_seen in found.items():
        equal = [one for one in all_seen if one.sha256 == entry.sha256]
        others = [one for one in all_seen if same_version(one.version, entry.version) and one.sha256 != entry.sha256] if by_version else []
        if equal and (not by_version or any(may_be_named(one.version, entry.version) for one in equal)):
            agree.append(name)
        elif equal:
            contradict.append(f"{name} has this checksum as {equal[0].version}")
        elif others:
            same_file = [one for one in others if name not in REPACKS and kind(one.file) in (kind(url), (False, "")) and one.sha256 not in apart]
            contradict += [f"{name} has {one.sha256} ({one.file or 'it does not say of which file'})" for one in same_file]
            notes += (
                [] if same_file else [f"{name} has another archive{next((f': {apart[one.sha256]}' for one in others if one.sha256 in apart), '')}"]
            )
    unseen = tuple(name for name in entry.collections if found.get(name) and name not in agree)
    return Row(entry, tuple(agree), tuple(contradict), tuple(notes), unseen=unseen)


def _newer(table: Table, url: Callable[[str], str], found: Mapping[str, Sequence[Seen]]) -> Iterator[Row]:
    """Releases that are newer than all of a table, or than all that it has of their series; newest first."""
    versions = [Version(entry.version) for entry in table.entries]
    newest = {version.up_to(2): version for version in sorted(versions)}
    new: dict[Version, dict[str, list[str]]] = {}
    spelt: dict[Version, str] = {}
    for name, all_seen in found.items():
        for one in all_seen:
            version = Version(one.version)
            is_newer = version > max(versions) or (version.up_to(2) in newest and version > newest[version.up_to(2)])
            if is_newer and is_release(one.version) and kind(one.file) in (kind(url(one.version)), (False, "")):
                where = new.setdefault(version, {}).setdefault(one.sha256, [])
                spelt.setdefault(version, one.version)
                where += [name] if name not in where else []
    for version in sorted(new, reverse=True):
        for sha256, where in new[version].items():
            others = [f"{' and '.join(names)} {other}" for other, names in new[version].items() if other != sha256]
            entry = Entry(spelt[version], sha256, tuple(where))
            yield Row(entry, tuple(where), tuple(f"collections differ: {other}" for other in others), is_new=True)


def taken(rows: Sequence[Row], named: Sequence[str]) -> list[Entry]:
    """The new releases that are added: those that two collections agree on, and those that a person names."""
    return [row.entry for row in rows if row.is_new and not row.contradict and (len(row.agree) >= ENOUGH or row.entry.version in named)]
