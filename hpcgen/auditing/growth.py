"""What grew between two audits: totals, blocks, categories, findings and files, what changed most first."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING

from hpcgen.auditing.pruning import folders, large
from hpcgen.frozen import frozen

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from hpcgen.auditing.report import BlockBytes, CategoryBytes, Figure, Report

_DIGITS = re.compile(r"\d+(?:[._-]\d+)*")


@frozen
class Change:
    """One figure in both.

    Attributes:
        name: what it is of.
        before: bytes; None where it is new, or nobody can tell.
        after: bytes; None where it is gone, or nobody can tell.
        was: its version before, where that was another; of a file the name that it had, which differs in digits.
        now: its version after.
    """

    name: str
    before: int | None
    after: int | None
    was: str = ""
    now: str = ""

    @property
    def delta(self) -> int:
        """How many more there are."""
        return (self.after or 0) - (self.before or 0)


@frozen
class Growth:
    """What differs from a baseline.

    Attributes:
        baseline: what it is called.
        totals: "pull", "rootfs", "sif", "stored", "waste", each with both figures.
        blocks: those that changed; two versions of one block are one.
        categories: those that changed.
        findings: those that are new, gone, or of other bytes, by id; `new_findings` are those that were not there.
        files: files and what is left of folders ("usr/share/doc/": its small files) that changed, as many as are worth a look.
        more_files: how many further ones changed.
    """

    baseline: str
    totals: tuple[Change, ...] = ()
    blocks: tuple[Change, ...] = ()
    categories: tuple[Change, ...] = ()
    findings: tuple[Change, ...] = ()
    files: tuple[Change, ...] = ()
    more_files: int = 0

    def total(self, name: str) -> Change | None:
        """The totals of a name."""
        return next((one for one in self.totals if one.name == name), None)

    @property
    def new_findings(self) -> tuple[str, ...]:
        """Ids of findings that the baseline had not."""
        return tuple(one.name for one in self.findings if one.before is None)


def compare(before: Report, after: Report, *, name: str, most_files: int = 200) -> Growth:
    """What grew from one report to another; `name` is what the first is called."""
    files = _files(_sizes(before), _sizes(after))
    return Growth(
        name,
        _totals(before, after),
        _by_name(_named(before.blocks), _named(after.blocks), _versions(before, after)),
        _by_name(_named(before.categories), _named(after.categories), {}),
        _by_name(_savings(before), _savings(after), {}),
        files[:most_files],
        max(0, len(files) - most_files),
    )


def _totals(before: Report, after: Report) -> tuple[Change, ...]:
    """Both figures of each total that one of the two has."""
    first, second = _figures(before), _figures(after)
    return tuple(Change(name, first[name], second[name]) for name in first if first[name] is not None or second[name] is not None)


def _figures(report: Report) -> dict[str, int | None]:
    totals = report.totals
    return {
        "pull": _bytes(totals.pull),
        "rootfs": totals.live,
        "sif": _bytes(totals.sif),
        "stored": totals.stored,
        "waste": totals.waste,
    }


def _bytes(figure: Figure | None) -> int | None:
    return figure.bytes if figure else None


def _named(rows: Iterable[BlockBytes | CategoryBytes]) -> dict[str, int]:
    """Name -> bytes, those of one name together; none for what has none."""
    found: dict[str, int] = defaultdict(int)
    for row in rows:
        found[row.name] += row.live.rootfs
    return {name: size for name, size in found.items() if size}


def _versions(before: Report, after: Report) -> dict[str, tuple[str, str]]:
    """Name of a block -> both versions, where they differ."""
    old, new = ({block.name: block.version for block in report.blocks} for report in (before, after))
    return {name: (old[name], new[name]) for name in new if old.get(name) and new[name] and old[name] != new[name]}


def _savings(report: Report) -> dict[str, int]:
    found: dict[str, int] = defaultdict(int)
    for finding in report.told():
        found[finding.id] += finding.saving.rootfs
    return dict(found)


def _by_name(before: Mapping[str, int], after: Mapping[str, int], versions: Mapping[str, tuple[str, str]]) -> tuple[Change, ...]:
    """What is new, gone or of other bytes, what changed most first."""
    found = [Change(name, before.get(name), after.get(name), *versions.get(name, ())) for name in {**before, **after}]
    return _sorted(one for one in found if one.delta or one.was or (one.before is None) != (one.after is None))


def _sorted(changes: Iterable[Change]) -> tuple[Change, ...]:
    return tuple(sorted(changes, key=lambda one: (-abs(one.delta), one.name)))


# --- files ---


def _sizes(report: Report) -> dict[str, int]:
    """Path -> bytes of large files, and folder with a slash behind it -> bytes of the small ones in it."""
    found = dict(large(report.files))
    found.update((f"{folder}/", size) for folder, (size, _) in folders(report.files).items())
    return found


def _files(before: Mapping[str, int], after: Mapping[str, int]) -> tuple[Change, ...]:
    """Files that changed; one that went and one that came, alike but for digits, are two versions of one."""
    gone, come = ([path for path in one if path not in other] for one, other in ((before, after), (after, before)))
    pairs = _pairs(gone, come)
    paired = {*pairs, *pairs.values()}
    found = [Change(path, before[path], after[path]) for path in before if path in after and before[path] != after[path]]
    found += [Change(path, before[was], after[path], was) for path, was in pairs.items()]
    found += [Change(path, before[path], None) for path in gone if path not in paired]
    found += [Change(path, None, after[path]) for path in come if path not in paired]
    return _sorted(one for one in found if one.delta)


def _pairs(gone: Sequence[str], come: Sequence[str]) -> dict[str, str]:
    """New path -> old path, where but one of each is alike."""
    old, new = _alike(gone), _alike(come)
    return {paths[0]: old[key][0] for key, paths in new.items() if len(paths) == len(old.get(key, ())) == 1}


def _alike(paths: Iterable[str]) -> dict[str, list[str]]:
    """Path without its figures -> the paths that are so."""
    found: dict[str, list[str]] = defaultdict(list)
    for path in paths:
        found[_DIGITS.sub("#", path)].append(path)
    return found
