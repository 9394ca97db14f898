"""What findings are computed from, and how what belongs together is piled up to one."""

from __future__ import annotations

from fnmatch import fnmatchcase
from functools import cached_property
from heapq import nlargest
from typing import TYPE_CHECKING

from hpcgen.auditing.globs import matches
from hpcgen.auditing.report import EXACT, Amount, Evidence, Finding
from hpcgen.auditing.tables import FILE, NOBODY
from hpcgen.frozen import field, frozen

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from hpcgen.auditing.packages import Owners
    from hpcgen.auditing.reading import Contents, Fact
    from hpcgen.auditing.report import BlockBytes, Ignore, Layer
    from hpcgen.auditing.rules import Rules, Words
    from hpcgen.auditing.tables import Files, Wastes
    from hpcgen.auditing.tree import Tree

MOST_EVIDENCE = 12
"""So many paths are named of a finding; it says how many there are."""


@frozen
class Case:
    """An image whose layers have been merged.

    Attributes:
        files: the final file system; its categories are filled by `findings`.
        wastes: what it does not show.
        tree: the same files by path.
        contents: what was found in files.
        layers: lowest first.
        blocks: who bytes are charged to, as far as that is known by now.
        owners: whose files are, by package managers.
        environment: the image's own, PATH and LD_LIBRARY_PATH.
        programs: words of the entry point and the command.
        gpu_arch: the wanted GPU architectures, "sm_90".
        runtime: whether the image is meant to run programs, not to build them.
        ignore: what is not to be told, as of today.
        is_sif: whether it is a SIF or squashfs, which has no layers and is never sent as such.
    """

    files: Files
    wastes: Wastes
    tree: Tree
    contents: Contents
    rules: Rules
    layers: Sequence[Layer] = ()
    blocks: Sequence[BlockBytes] = ()
    owners: Owners | None = None
    environment: Mapping[str, str] = field(factory=dict)
    programs: Sequence[str] = ()
    gpu_arch: Sequence[str] = ()
    runtime: bool = True
    ignore: Sequence[Ignore] = ()
    is_sif: bool = False

    def is_base(self, layer: int) -> bool:
        """Whether a layer comes from the base image, as far as anybody knows."""
        return 0 <= layer < len(self.layers) and bool(self.layers[layer].is_base)

    def block(self, blocks: Sequence[int], row: int) -> int:
        """The building block of a row; what is charged to packages or to nobody is of none."""
        place = blocks[row] if row < len(blocks) else NOBODY
        return place if 0 <= place < len(self.blocks) and self.blocks[place].kind == "block" else NOBODY

    @cached_property
    def facts(self) -> dict[int, Fact]:
        """Row -> what was found in the file, of files in which something was."""
        found = ((row, self.contents.fact(row)) for row in self.regular())
        return {row: fact for row, fact in found if fact}

    def regular(self) -> Iterator[int]:
        """The rows of files that have bytes."""
        return (row for row, (kind, size) in enumerate(zip(self.files.kinds, self.files.sizes, strict=True)) if size and kind == FILE)


class _Sums:
    """What one finding adds up to."""

    def __init__(self) -> None:
        self.rootfs = self.pull = self.sif = self.count = 0
        self.shown: dict[str, _Shown] = {}


class _Shown:
    """A path that is told, with all that is below it."""

    def __init__(self, size: int, layer: int, note: str) -> None:
        self.bytes = size
        self.layer = layer
        self.note = note
        self.count = 1


class Pile:
    """Files and parts of files that become findings of one id: one for each building block, one for the base image, one for the rest."""

    def __init__(self, case: Case, words: Words, *, confidence: str = EXACT) -> None:
        self.case = case
        self.words = words
        self.confidence = confidence
        self.ignores = [one for one in case.ignore if fnmatchcase(words.id, one.id) or fnmatchcase(words.name, one.id)]
        self.groups: dict[tuple[bool, int, str], _Sums] = {}

    def add(self, row: int, *, size: int | None = None, root: str = "", note: str = "") -> None:
        """Adds a row of the table of files, or so many bytes of it; told under `root`."""
        files = self.case.files
        whole, layer = files.sizes[row], files.layers[row]
        size = whole if size is None else size
        sums = self._group(self.case.is_base(layer), self.case.block(files.blocks, row), files.paths[row])
        sums.rootfs += size
        sums.pull += _part(files.pulls, row, size, whole)
        sums.sif += _part(files.sifs, row, size, whole)
        _show(sums, root or files.paths[row], size, layer, note)

    def add_wastes(self, rows: Sequence[int], root: str, note: str) -> None:
        """Adds rows of the table of waste that one layer stores and one hides, told under `root`."""
        wastes = self.case.wastes
        stored = wastes.stored[rows[0]]
        in_base = self.case.is_base(stored) and self.case.is_base(wastes.hidden[rows[0]])
        groups: dict[tuple[int, str], _Sums] = {}
        for row in rows:
            key = self.case.block(wastes.blocks, row), wastes.paths[row] if self.ignores else ""
            sums = groups.get(key)
            if sums is None:
                sums = groups[key] = self._group(in_base, *key)
            sums.rootfs += wastes.sizes[row]
            _show(sums, root, wastes.sizes[row], stored, note)

    def add_text(self, path: str, note: str, *, layer: int = NOBODY, in_base: bool = False) -> None:
        """Adds what has no bytes of its own."""
        _show(self._group(in_base, NOBODY, path), path, 0, layer, note)

    def _group(self, in_base: bool, block: int, path: str) -> _Sums:  # noqa: FBT001 (the key)
        reason = next((one.reason for one in self.ignores if matches(one.path, path)), "") if self.ignores else ""
        found = self.groups.get((in_base, block, reason))
        if found is None:
            found = self.groups[in_base, block, reason] = _Sums()
        return found

    def findings(self) -> list[Finding]:
        """The findings that reach what their words say."""
        return [self._finding(key, sums) for key, sums in sorted(self.groups.items()) if sums.count and sums.rootfs >= self.words.least]

    def _finding(self, key: tuple[bool, int, str], sums: _Sums) -> Finding:
        files, words = self.case.files, self.words
        in_base, block, reason = key
        pull = sums.pull if files.pulls is not None else None
        sif = sums.sif if files.sifs is not None else None
        return Finding(
            words.id,
            words.name,
            words.title,
            severity=words.severity,
            saving=Amount(sums.rootfs, pull, sif),
            confidence=self.confidence,
            evidence=tuple(_evidence(sums.shown)),
            count=sums.count,
            block=block,
            in_base=in_base,
            fix=words.fix,
            ignored=reason,
        )


def _part(column: Sequence[int] | None, row: int, size: int, whole: int) -> int:
    """What a part of a file is compressed, by what the whole file is."""
    if column is None:
        return 0
    return column[row] if size == whole else column[row] * size // whole if whole else 0


def _show(sums: _Sums, root: str, size: int, layer: int, note: str) -> None:
    sums.count += 1
    shown = sums.shown.get(root)
    if shown is None:
        sums.shown[root] = _Shown(size, layer, note)
    else:
        shown.bytes += size
        shown.count += 1


def _evidence(shown: Mapping[str, _Shown]) -> Iterator[Evidence]:
    for path, one in nlargest(MOST_EVIDENCE, sorted(shown.items()), key=lambda item: item[1].bytes):
        note = one.note if one.count == 1 else ", ".join(filter(None, (one.note, f"{one.count} files")))
        yield Evidence(path, one.bytes, one.layer, note)
