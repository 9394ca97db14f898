"""All findings of an image, the worst and largest first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hpcgen.auditing import (
    binary_findings,
    compression_findings,
    duplicates,
    gpu_findings,
    layer_findings,
    path_findings,
    projection,
    reachability,
)
from hpcgen.auditing.report import ERROR, INFO, WARNING
from hpcgen.frozen import frozen

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hpcgen.auditing.case import Case
    from hpcgen.auditing.report import CategoryBytes, Figure, Finding, GpuBytes

_ORDER = {ERROR: 0, WARNING: 1, INFO: 2}


@frozen
class Found:
    """What an image's content tells.

    Attributes:
        findings: the worst first, among them those that save most.
        categories: the largest first; the table of files names their places.
        gpu: GPU code by architecture.
        copies: rows of equal files.
        sif: how large a SIF would be; None where it is one, or nothing was read.
    """

    findings: tuple[Finding, ...]
    categories: tuple[CategoryBytes, ...]
    gpu: tuple[GpuBytes, ...]
    copies: tuple[tuple[int, ...], ...]
    sif: Figure | None = None


def find(case: Case, *, content: bool = True, jobs: int = 2) -> Found:
    """All that can be found; of headers alone what layers hide of each other, since to look at each path takes as long as to read it."""
    found = list(_of_layers(case))
    if not content:
        return Found(ordered(found), (), (), ())
    placed = path_findings.Placed(case)
    coded = gpu_findings.coded(case)
    copies = duplicates.groups(case, placed)
    found += _of_paths(case, placed)
    found += _of_content(case, placed)
    found += gpu_findings.find(case, coded)
    found += duplicates.find(case, copies)
    found += compression_findings.find(case)
    sif = projection.project(case, copies, jobs=jobs) if not case.is_sif and projection.is_readable(case) else None
    return Found(ordered(found), path_findings.categories(case, placed), gpu_findings.table(coded), tuple(map(tuple, copies)), sif)


def ordered(found: list[Finding]) -> tuple[Finding, ...]:
    """Findings, the worst first, those of the base image behind the others, then by what they save."""
    return tuple(sorted(found, key=lambda one: (_ORDER.get(one.severity, 3), one.in_base, -one.saving.rootfs, one.id, one.block)))


def _of_layers(case: Case) -> Iterator[Finding]:
    """What layers tell."""
    yield from layer_findings.hidden(case)
    yield from layer_findings.empty(case)
    yield from layer_findings.tiny(case)


def _of_paths(case: Case, placed: path_findings.Placed) -> Iterator[Finding]:
    """What paths and modes tell."""
    yield from layer_findings.unowned(case, placed)
    yield from path_findings.by_place(case, placed)
    yield from path_findings.by_mode(case)
    yield from path_findings.secrets(case)


def _of_content(case: Case, placed: path_findings.Placed) -> Iterator[Finding]:
    """What ELF files tell."""
    yield from binary_findings.debug_data(case, placed)
    yield from binary_findings.symbols(case, placed)
    yield from binary_findings.damaged(case)
    yield from binary_findings.several(case)
    yield from binary_findings.stubs(case, reachability.configured(case))
    yield from reachability.find(case, placed)
