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
from hpcgen.auditing.beside import WORTH, Later
from hpcgen.auditing.report import ERROR, INFO, WARNING
from hpcgen.frozen import frozen

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hpcgen.auditing.case import Case
    from hpcgen.auditing.packing import Checked
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
        checked: blocks of files that were packed both ways for that.
    """

    findings: tuple[Finding, ...]
    categories: tuple[CategoryBytes, ...]
    gpu: tuple[GpuBytes, ...]
    copies: tuple[tuple[int, ...], ...]
    sif: Figure | None = None
    checked: tuple[Checked, ...] = ()


def find(case: Case, *, content: bool = True, jobs: int = 2) -> Found:
    """All that can be found; of headers alone what layers hide of each other, since to look at each path takes as long as to read it."""
    if not content:
        return Found(ordered(list(_of_layers(case))), (), (), ())
    apart = jobs > 1 and len(case.files) >= WORTH
    coded = gpu_findings.coded(case)
    easy = Later(lambda: [*_of_layers(case), *_of_paths(case), *gpu_findings.find(case, coded)], apart=apart)
    placed = path_findings.Placed(case)
    elves = Later(lambda: list(_of_content(case, placed)), apart=apart)
    copies = duplicates.groups(case, placed)
    found = [*_of_places(case, placed), *duplicates.find(case, copies), *compression_findings.find(case)]
    found += [*easy.result(), *elves.result()]
    sif, checked = projection.project(case, copies, jobs=jobs) if not case.is_sif and projection.is_readable(case) else (None, [])
    return Found(ordered(found), path_findings.categories(case, placed), gpu_findings.table(coded), tuple(map(tuple, copies)), sif, tuple(checked))


def ordered(found: list[Finding]) -> tuple[Finding, ...]:
    """Findings, the worst first, those of the base image behind the others, then by what they save."""
    return tuple(sorted(found, key=lambda one: (_ORDER.get(one.severity, 3), one.in_base, -one.saving.rootfs, one.id, one.block)))


def _of_layers(case: Case) -> Iterator[Finding]:
    """What layers tell."""
    yield from layer_findings.hidden(case)
    yield from layer_findings.empty(case)
    yield from layer_findings.tiny(case)


def _of_paths(case: Case) -> Iterator[Finding]:
    """What single paths and modes tell."""
    yield from path_findings.by_mode(case)
    yield from path_findings.secrets(case)


def _of_places(case: Case, placed: path_findings.Placed) -> Iterator[Finding]:
    """What kinds of paths tell."""
    yield from layer_findings.unowned(case, placed)
    yield from path_findings.by_place(case, placed)


def _of_content(case: Case, placed: path_findings.Placed) -> Iterator[Finding]:
    """What ELF files tell."""
    yield from binary_findings.debug_data(case, placed)
    yield from binary_findings.symbols(case, placed)
    yield from binary_findings.damaged(case)
    yield from binary_findings.several(case)
    yield from binary_findings.stubs(case, reachability.configured(case))
    yield from reachability.find(case, placed)
