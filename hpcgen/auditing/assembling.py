"""An audit from its reference to its report: what is read, laid upon each other, looked into, charged and found."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, BinaryIO

from hpcgen.auditing import pulling, summing
from hpcgen.auditing.basing import find_base
from hpcgen.auditing.beside import WORTH, Later
from hpcgen.auditing.case import Case
from hpcgen.auditing.charging import Charging, charge, layer_marks
from hpcgen.auditing.dive import dive
from hpcgen.auditing.findings import find
from hpcgen.auditing.marking import Marking, manifest_of
from hpcgen.auditing.opening import Wish, opened
from hpcgen.auditing.packages import owners as find_owners
from hpcgen.auditing.report import Report
from hpcgen.auditing.rules import rules
from hpcgen.auditing.showing import Known, identical, shown
from hpcgen.auditing.stack import Stack
from hpcgen.auditing.tables import IDENTICAL
from hpcgen.auditing.tree import Tree
from hpcgen.errors import InternalError
from hpcgen.frozen import evolve, frozen

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hpcgen.auditing.basing import Base
    from hpcgen.auditing.marking import Manifest
    from hpcgen.auditing.opening import Opened
    from hpcgen.auditing.report import Dive, Ignore, Watch
    from hpcgen.auditing.tables import Files

_MANY = 2000
"""Files that were written again, from which on to compare them is worth a process of its own."""


def _nobody(step: str, done: int, total: int, unit: str = "bytes") -> None:
    """Whoever watches when nobody does."""


def audit(
    ref: str,
    *,
    platform: str = "",
    base: str = "",
    gpu_arch: Sequence[str] = (),
    role: str = "",
    jobs: int = 0,
    ignore: Sequence[Ignore] = (),
    today: str = "",
    content: bool = True,
    cache: str = "",
    watch: Watch = _nobody,
    environment: Mapping[str, str] | None = None,
    stdin: BinaryIO | None = None,
) -> Report:
    """What an image holds, what of it nobody sees, and who is charged for it.

    Args:
        ref: an image of Docker or Podman, an archive, a layout, a SIF, a squashfs, a folder, or `-`.
        platform: of an image for several: "linux/arm64".
        base: the base image, or how many layers are its.
        gpu_arch: the GPU architectures that the image is for: "sm_90".
        role: "runtime", or "devel" for an image that programs are built in.
        jobs: layers that are unpacked, and files that are looked into, at once; 0: as many as there are processors.
        ignore: findings that are not to be told.
        today: the date by which they are not, "2026-06-30"; empty for this machine's.
        content: whether files are looked into; else headers alone are read.
        cache: the folder where indexes of compressed layers are kept, or empty.
        watch: is told how far it is.
        environment: the variables that engines' clients read; none for the process's own.
        stdin: what `-` reads; none for the process's own.

    Raises:
        HpcgenError: it cannot be read at all, or there is nothing of that name.
    """
    look = None
    if content:
        from hpcgen.auditing.looking import Looking

        look = Marking(Looking())
    if stdin is None and ref == "-":
        import sys

        stdin = sys.stdin.buffer
    environment = os.environ if environment is None else environment
    wish = Wish(look, platform, jobs or os.cpu_count() or 1, cache, environment, stdin, watch)
    return _Audit(ref, wish, base=base, gpu_arch=tuple(gpu_arch), is_runtime=role != "devel", ignore=tuple(summing.valid(ignore, today))).report()


@frozen
class _Background:
    """What is known of an image beside its files."""

    dive: Dive
    manifest: Manifest | None
    base: Base


class _Audit:
    """One audit, step by step."""

    def __init__(self, ref: str, wish: Wish, *, base: str, gpu_arch: tuple[str, ...], is_runtime: bool, ignore: tuple[Ignore, ...]) -> None:
        self.ref = ref
        self.wish = wish
        self.base = base
        self.gpu_arch = gpu_arch
        self.is_runtime = is_runtime
        self.ignore = ignore
        self.seconds: dict[str, float] = {}
        self._began = time.perf_counter()

    def _took(self, step: str) -> None:
        now = time.perf_counter()
        self.seconds[step] = round(now - self._began, 4)
        self._began = now

    def report(self) -> Report:
        """All of it."""
        found = opened(self.ref, self.wish)
        self._took("headers")
        indexes = [layer.index for layer in found.layers]
        apart = self.wish.jobs > 1 and sum(map(len, indexes)) >= WORTH
        figures = Later(lambda: dive(indexes), apart=apart)
        stack = Stack(indexes)
        compared = stack.rewrites if self.wish.look is not None else {}
        rewrites = Later(lambda: identical(stack, found.layers, compared), apart=self.wish.jobs > 1 and len(compared) >= _MANY)
        files, holders = shown(stack)
        summing.squeeze(found, stack, files, holders)
        self._took("merge")
        known = Known(stack, found.layers, files, holders)
        if self.wish.look is not None:
            known.look(self.wish.look, self.wish.jobs, lambda done, total: self.wish.watch("looking into files", done, total, "files"))
        for row in rewrites.result():
            stack.wastes.kinds[row] = IDENTICAL
        self._took("content")
        told = figures.result()
        self._took("dive")
        manifest = manifest_of(files, known)
        base = find_base(found, self.base, manifest, self.wish)
        return self._charged(found, stack, files, known, _Background(told, manifest, base))

    def _charged(self, found: Opened, stack: Stack, files: Files, known: Known, back: _Background) -> Report:
        """The report of what was read."""
        live = sum(files.sizes)
        if not stack.is_sound(live):
            raise InternalError(f"{self.ref}: {stack.stored()} bytes are stored, {live} shown and {sum(stack.wastes.sizes)} wasted")
        instructions = summing.instructions(found)
        manifest = back.manifest
        charging = Charging(layer_marks(instructions, back.base.layers or 0), manifest, back.base.name)
        tree = Tree(files)
        owners = find_owners(tree, known) if self.wish.look is not None else None
        charged = charge(charging, files, stack.wastes, owners, stage=manifest.stage if manifest else "", recipe=manifest.recipe if manifest else "")
        layers = summing.layers(found, stack, files, charged, base=back.base, manifest=manifest)
        self._took("charge")
        case = Case(
            files,
            stack.wastes,
            tree,
            known,
            rules(),
            layers=layers,
            blocks=charged.blocks,
            owners=owners,
            environment=found.description.env if found.description is not None else {},
            programs=found.description.programs if found.description is not None else (),
            gpu_arch=self.gpu_arch,
            runtime=self.is_runtime,
            ignore=self.ignore,
            is_sif=found.kind in ("sif", "squashfs"),
        )
        told = find(case, content=self.wish.look is not None, jobs=self.wish.jobs)
        self._took("findings")
        totals = summing.totals(found, stack, files, layers)
        pull = pulling.projected(found.layers, told.checked, self.wish.jobs) if self.wish.look is not None and totals.pull is None else None
        return Report(
            summing.image(self.ref, found, manifest, back.base),
            evolve(totals, pull=totals.pull or pull, sif=totals.sif or told.sif),
            evolve(back.dive, difference=tuple(summing.difference(back.dive, stack))),
            layers=layers,
            blocks=charged.blocks,
            categories=told.categories,
            findings=tuple(summing.without(told.findings, self.ignore)),
            gpu=told.gpu,
            gpu_arch=self.gpu_arch,
            coverage=charged.coverage,
            files=files,
            wastes=stack.wastes,
            tiers=summing.tiers(content=self.wish.look is not None, sampling=told.sif is not None or pull is not None),
            faults=(*summing.faults(found), *(owners.faults if owners is not None else ())),
            notes=tuple(summing.notes(found, stack)),
            seconds=self.seconds,
        )
