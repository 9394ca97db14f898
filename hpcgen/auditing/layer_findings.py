"""Findings out of what layers hide of each other, and of how they are stored."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from hpcgen.auditing.case import Pile
from hpcgen.auditing.report import ESTIMATED, Amount, Evidence, Finding
from hpcgen.auditing.tables import FILE, NOBODY, WASTE_KINDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from hpcgen.auditing.case import Case
    from hpcgen.auditing.path_findings import Placed

_IDS = {
    "deleted": "L001",
    "identical-rewrite": "L002",
    "overwritten": "L003",
    "opaque": "L004",
    "replaced": "L004",
    "duplicate-in-layer": "L005",
}
_RECORDS = "package databases"
_MOSTLY = 0.8
"""What part of the bytes a folder must have for it to be named instead of the one above."""
_HEADER = 512
"""What a file costs an archive besides its content, before padding."""
_SMALL = 4096
"""A file below it is tiny: an archive's header and padding are an eighth of it."""


def hidden(case: Case) -> Iterator[Finding]:
    """What a layer stores and a later one hides, told by the folder that has most of it for each pair of layers."""
    wastes = case.wastes
    pairs: dict[tuple[str, int, int], list[int]] = {}
    for row, (kind, size, stored, hidden_by) in enumerate(zip(wastes.kinds, wastes.sizes, wastes.stored, wastes.hidden, strict=True)):
        if size:
            pairs.setdefault((_IDS[WASTE_KINDS[kind]], stored, hidden_by), []).append(row)
    piles = {id_: Pile(case, case.rules.words[id_]) for id_ in sorted(set(_IDS.values()))}
    for (id_, stored, hidden_by), rows in pairs.items():
        note = f"twice in layer {stored}" if stored == hidden_by else f"stored by {_named(case, stored)}, hidden by {_named(case, hidden_by)}"
        root = heaviest([wastes.paths[row] for row in rows], [wastes.sizes[row] for row in rows])
        piles[id_].add_wastes(rows, root, note)
    for pile in piles.values():
        yield from pile.findings()


def _named(case: Case, layer: int) -> str:
    """A layer, with the block or the instruction that made it."""
    if not 0 <= layer < len(case.layers):
        return f"layer {layer}"
    one = case.layers[layer]
    block = case.blocks[one.block].name if 0 <= one.block < len(case.blocks) else ""
    words = block or " ".join(one.instruction.split())
    return f"layer {layer} ({words[:60]}{'...' if len(words) > 60 else ''})" if words else f"layer {layer}"  # noqa: PLR2004 (of a line)


def heaviest(paths: Sequence[str], sizes: Sequence[int]) -> str:
    """The lowest folder, or file, that has most of the bytes of some paths."""
    parts = [path.split("/") for path in paths]
    rows: Iterable[int] = range(len(paths))
    whole = sum(sizes)
    found: list[str] = []
    while True:
        depth = len(found)
        sums: dict[str, int] = {}
        for row in rows:
            if len(parts[row]) > depth:
                sums[parts[row][depth]] = sums.get(parts[row][depth], 0) + sizes[row]
        name = max(sums, key=lambda one: (sums[one], one), default="")
        if not name or sums[name] < whole * _MOSTLY:
            return "/".join(found) or "/"
        rows = [row for row in rows if len(parts[row]) > depth and parts[row][depth] == name]
        found.append(name)


def empty(case: Case) -> Iterator[Finding]:
    """Layers that store nothing: each costs a request whenever somebody pulls."""
    words = case.rules.words["L006"]
    layers = [one for one in case.layers if one.stored == 0 and one.hides == 0 and not one.is_base]
    if len(layers) >= words.start:
        pile = Pile(case, words)
        for one in layers:
            pile.add_text(" ".join(one.instruction.split())[:120] or f"layer {one.index}", f"layer {one.index}", layer=one.index)
        yield from pile.findings()


def tiny(case: Case) -> Iterator[Finding]:
    """What headers and padding of small files cost in layers; a SIF has none."""
    words = case.rules.words["Z003"]
    if case.is_sif:
        return
    files = case.files
    paths, sizes = [], []
    for path, size, kind in zip(files.paths, files.sizes, files.kinds, strict=True):
        if 0 < size < _SMALL and kind == FILE:
            paths.append(path)
            sizes.append(size)
    over = sum(_HEADER + -size % _HEADER for size in sizes)
    if len(paths) >= words.start and over >= words.least:
        folders = Counter("/".join(path.split("/", 3)[:3]) for path in paths)
        most = sorted(folders.items(), key=lambda one: (-one[1], one[0]))[:8]
        yield Finding(
            words.id,
            words.name,
            words.title,
            severity=words.severity,
            saving=Amount(over),
            confidence=ESTIMATED,
            evidence=tuple(Evidence(path, 0, NOBODY, f"{count} files below {_SMALL} bytes") for path, count in most),
            count=len(paths),
            fix=words.fix,
        )


def unowned(case: Case, placed: Placed) -> Iterator[Finding]:
    """Files above the base image that nobody claims, records of package managers left out: they claim the others."""
    files = case.files
    if not files.blocks:
        return
    pile = Pile(case, case.rules.words["A001"])
    records = [one.category == _RECORDS for one in case.rules.paths] + [False]  # of NONE
    for row in case.regular():
        block = files.blocks[row]
        if not records[placed.rules[row]] and (block == NOBODY or case.blocks[block].kind == "unclaimed") and not case.is_base(files.layers[row]):
            pile.add(row, root="/".join(files.paths[row].split("/")[:3]))
    yield from pile.findings()
