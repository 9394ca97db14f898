"""What another compression would save, out of blocks that are packed both ways."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hpcgen.auditing import projection
from hpcgen.auditing.report import ESTIMATED, Amount, Evidence, Finding
from hpcgen.auditing.unpacking import by_zstd

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hpcgen.auditing.case import Case

_BLOCKS = 32
"""Of a SIF that are packed anew."""
_LEVEL = 15
"""What mksquashfs takes for zstd where nobody says something else."""
_GZIP, _ZSTD = "gzip", "zstd"


def find(case: Case) -> Iterator[Finding]:
    """Layers that are sent as gzip, and a SIF that holds it."""
    if case.is_sif:
        yield from _of_sif(case)
    else:
        yield from _of_layers(case)


def _of_sif(case: Case) -> Iterator[Finding]:
    words = case.rules.words["Z002"]
    sifs = case.files.sifs
    if sifs is None or not any(one.compression == _GZIP for one in case.layers):
        return
    gzip = zstd = 0.0
    for data in projection.blocks(case, _BLOCKS):
        gzip += len(data) * projection.packed(data)
        zstd += min(len(data), by_zstd(data, _LEVEL))
    saving = int(sum(sifs) * (1 - zstd / gzip)) if gzip else 0
    if saving >= words.least:
        note = f"{gzip - zstd:,.0f} of {gzip:,.0f} bytes of a sample"
        evidence = (Evidence("", saving, 0, note),)
        amount = Amount(0, None, saving)
        yield Finding(words.id, words.name, words.title, words.severity, amount, ESTIMATED, evidence, 1, fix=words.fix)


def _of_layers(case: Case) -> Iterator[Finding]:
    """By blocks of large files that `looking` has packed both ways."""
    words = case.rules.words["Z001"]
    samples = [fact["sample"] for fact in case.facts.values() if "sample" in fact]
    gzip, zstd = (sum(one[place] for one in samples) for place in (1, 2))
    part = 1 - zstd / gzip if gzip else 0.0
    layers = [one for one in case.layers if one.compression == _GZIP and one.pull and not one.is_base]
    saving = int(sum(one.pull or 0 for one in layers) * part)
    if saving >= words.least:
        largest = sorted(layers, key=lambda one: -(one.pull or 0))[:8]
        evidence = tuple(Evidence("", int((one.pull or 0) * part), one.index, f"layer {one.index}, {part:.0%} of it") for one in largest)
        yield Finding(words.id, words.name, words.title, words.severity, Amount(0, saving), ESTIMATED, evidence, len(layers), fix=words.fix)
