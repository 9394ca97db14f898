"""Findings out of GPU code: architectures that are not wanted or not there, PTX, what is kept for another link, what is not compressed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from hpcgen.auditing.case import Pile
from hpcgen.auditing.fatbin import OTHER, PTX, SASS
from hpcgen.auditing.fatbin import SECTIONS as CUDA
from hpcgen.auditing.report import ESTIMATED, GpuBytes
from hpcgen.frozen import frozen

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from hpcgen.auditing.case import Case
    from hpcgen.auditing.report import Finding

RELOCATABLE = CUDA[1]
_KEPT = 0.45
"""What zstd leaves of SASS, roughly: seen from 0.3 to 0.6."""
_SM = re.compile(r"(?:sm|compute)_(\d+)([af]?)")
_GFX = re.compile(r"gfx[0-9a-f]+")
_STATIC = ".a"
_VENDORS = ("libcu", "libnv", "libnccl", "libnpp", "libcudnn", "libroc", "libhip", "libMIOpen", "librccl")


class Arch(NamedTuple):
    """An architecture; `suffix` "a" is for this GPU alone, "f" for its family."""

    number: int
    suffix: str

    @property
    def major(self) -> int:
        """The generation: code of one runs on later ones of the same."""
        return self.number // 10


def parsed(word: str) -> Arch | None:
    """An architecture of CUDA, None for another's."""
    found = _SM.fullmatch(word)
    return Arch(int(found[1]), found[2]) if found else None


def runs(code: str, kind: str, wanted: str) -> bool:
    """Whether a GPU of an architecture takes a piece of code: machine code of its generation that is not newer, or PTX that is not."""
    piece, gpu = parsed(code), parsed(wanted)
    if piece is None or gpu is None:
        return code == wanted and kind != OTHER
    if piece.suffix == "a":
        return piece.number == gpu.number
    if piece.suffix == "f" or kind == SASS:
        return piece.major == gpu.major and piece.number <= gpu.number
    return kind == PTX and piece.number <= gpu.number


class Piece(NamedTuple):
    """All pieces of code of one kind in a group of containers."""

    kind: str
    architecture: str
    compression: str
    bytes: int
    pieces: int


class Group(NamedTuple):
    """Containers of one file with code for the same architectures."""

    section: str
    containers: int
    pieces: tuple[Piece, ...]

    def taken(self, wanted: str) -> Piece | None:
        """What a GPU would run: its own machine code, the newest that it can, PTX as a last resort."""
        able = [one for one in self.pieces if runs(one.architecture, one.kind, wanted)]
        return max(able, key=_fitness, default=None)


def _fitness(piece: Piece) -> tuple[bool, int, str]:
    arch = parsed(piece.architecture)
    return piece.kind == SASS, arch.number if arch else 0, arch.suffix if arch else ""


@frozen
class Coded:
    """A file with GPU code."""

    row: int
    groups: tuple[Group, ...]

    def bytes(self, pieces: Iterable[Piece] | None = None) -> int:
        """What some pieces take, or all."""
        return sum(one.bytes for one in (pieces if pieces is not None else (one for group in self.groups for one in group.pieces)))


def coded(case: Case) -> list[Coded]:
    """The files with GPU code."""
    found = []
    for row, fact in case.facts.items():
        said = fact.get("gpu")
        if said:
            groups = tuple(Group(section, count, tuple(Piece(*one) for one in pieces)) for section, count, pieces in said)
            found.append(Coded(row, groups))
    return found


def table(files: Sequence[Coded]) -> tuple[GpuBytes, ...]:
    """GPU code by architecture, the most bytes first."""
    sums: dict[tuple[str, str], tuple[int, int]] = {}
    for one in files:
        own: dict[tuple[str, str], int] = {}
        for group in one.groups:
            for piece in group.pieces:
                key = (piece.architecture, piece.kind)
                own[key] = own.get(key, 0) + piece.bytes
        for key, size in own.items():
            before = sums.get(key, (0, 0))
            sums[key] = (before[0] + size, before[1] + 1)
    found = (GpuBytes(architecture, kind, size, count) for (architecture, kind), (size, count) in sums.items())
    return tuple(sorted(found, key=lambda one: (-one.bytes, one.architecture, one.code)))


def find(case: Case, files: Sequence[Coded]) -> Iterator[Finding]:
    """All findings of GPU code."""
    if case.gpu_arch:
        yield from _foreign(case, files)
        yield from _missing(case, files)
    yield from _relocatable(case, files)
    yield from _ptx(case, files)
    yield from _uncompressed(case, files)


def _foreign(case: Case, files: Sequence[Coded]) -> Iterator[Finding]:
    """Machine code that no wanted GPU would take."""
    pile = Pile(case, case.rules.words["G001"])
    for one in files:
        sizes: dict[str, int] = {}
        for group in one.groups:
            taken = {group.taken(wanted) for wanted in case.gpu_arch}
            for piece in group.pieces:
                if piece.kind == SASS and piece not in taken and group.section != RELOCATABLE:
                    sizes[piece.architecture] = sizes.get(piece.architecture, 0) + piece.bytes
        if sizes:
            note = ", ".join(f"{name} {size:,} bytes" for name, size in sorted(sizes.items()))
            pile.add(one.row, size=sum(sizes.values()), note=f"{note}; {_mend(case.files.paths[one.row])}")
    yield from pile.findings()


def _mend(path: str) -> str:
    """What can be done about one file: a shared library cannot be pruned."""
    name = path.rpartition("/")[2]
    if name.endswith(_STATIC):
        return "nvprune -arch makes it smaller"
    if name.startswith(_VENDORS):
        return "a vendor's library, which nvprune refuses: take a leaner package of it"
    return "build it for the wanted architectures"


def _missing(case: Case, files: Sequence[Coded]) -> Iterator[Finding]:
    """Files that have GPU code, but none that a wanted GPU can run, or not in each module: libraries bring some kernels for newer GPUs alone."""
    none, partly = Pile(case, case.rules.words["G005"]), Pile(case, case.rules.words["G006"])
    for one in files:
        loaded = [group for group in one.groups if group.section != RELOCATABLE]
        for wanted in case.gpu_arch:
            lacking = [group for group in loaded if group.taken(wanted) is None]
            if lacking and _speaks_of(lacking, wanted):
                count, total = (sum(group.containers for group in groups) for groups in (lacking, loaded))
                has = ", ".join(sorted({f"{piece.architecture} ({piece.kind})" for group in lacking for piece in group.pieces}))
                what = "none" if count == total else f"none in {count} of {total} modules"
                pile = none if count == total else partly
                pile.add(one.row, size=0, note=f"{what} for {wanted}: it has {has}")
    yield from none.findings()
    yield from partly.findings()


def _speaks_of(groups: Iterable[Group], wanted: str) -> bool:
    """Whether code and GPU are of one vendor."""
    gfx = _GFX.fullmatch(wanted) is not None
    return any((_GFX.fullmatch(piece.architecture) is not None) == gfx for group in groups for piece in group.pieces)


def _relocatable(case: Case, files: Sequence[Coded]) -> Iterator[Finding]:
    """Code that was kept for another link, in what is linked."""
    pile = Pile(case, case.rules.words["G002"])
    for one in files:
        size = one.bytes(piece for group in one.groups if group.section == RELOCATABLE for piece in group.pieces)
        if size and not case.files.paths[one.row].endswith((_STATIC, ".o")):
            pile.add(one.row, size=size)
    yield from pile.findings()


def _ptx(case: Case, files: Sequence[Coded]) -> Iterator[Finding]:
    pile = Pile(case, case.rules.words["G003"])
    for one in files:
        pieces = [piece for group in one.groups if group.section != RELOCATABLE for piece in group.pieces if piece.kind == PTX]
        if pieces:
            names = ", ".join(sorted({piece.architecture for piece in pieces}))
            pile.add(one.row, size=one.bytes(pieces), note=names)
    yield from pile.findings()


def _uncompressed(case: Case, files: Sequence[Coded]) -> Iterator[Finding]:
    """Machine code as it is; what zstd would leave of it is a rough figure."""
    pile = Pile(case, case.rules.words["G004"], confidence=ESTIMATED)
    for one in files:
        pieces = [piece for group in one.groups if group.section in CUDA for piece in group.pieces if piece.kind == SASS and not piece.compression]
        if pieces:
            pile.add(one.row, size=int(one.bytes(pieces) * (1 - _KEPT)), note=f"{one.bytes(pieces):,} bytes are not compressed")
    yield from pile.findings()
