"""What an audit found: the one form that sources, findings, budgets and every output share.

Tables of files and of waste are columns (hpcgen/auditing/tables.py), all else is frozen. Names and texts come from an image and are somebody else's:
outputs escape them, nobody before.

A layer is named by its place in `Report.layers`, a block by its place in `Report.blocks`, both from 0; NOBODY is none of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from hpcgen.auditing.tables import NOBODY, Files, Wastes
from hpcgen.frozen import field, frozen

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SCHEMA = "hpcgen/audit/v1"

EXACT, ESTIMATED = "exact", "estimated"
ERROR, WARNING, INFO = "error", "warning", "info"
"""Severities of findings, the worst first: what breaks a job or tells a secret, what costs bytes, what is only good to know."""


class Watch(Protocol):
    """Who is told how far a long step is: a progress bar, or nobody."""

    def __call__(self, step: str, done: int, total: int, unit: str = "bytes") -> None:
        """Takes that of a step, "reading layers", so many bytes, or files, are done of so many; `total` is 0 where nobody knows."""


@frozen
class Amount:
    """Bytes at the three places where users pay for them; None where nobody can tell.

    Attributes:
        rootfs: as files: what a root file system holds.
        pull: as a registry sends them, compressed.
        sif: as a SIF holds them, compressed.
    """

    rootfs: int = 0
    pull: int | None = None
    sif: int | None = None

    def __add__(self, other: Amount) -> Amount:
        return Amount(self.rootfs + other.rootfs, _sum(self.pull, other.pull), _sum(self.sif, other.sif))


def _sum(first: int | None, second: int | None) -> int | None:
    return None if first is None or second is None else first + second


@frozen
class Figure:
    """Bytes that are known, or estimated to lie between two bounds; exact where the bounds are equal."""

    bytes: int
    low: int
    high: int

    @classmethod
    def exact(cls, number: int) -> Figure:
        """Bytes that are known."""
        return cls(number, number, number)

    @property
    def is_exact(self) -> bool:
        """Whether nothing is estimated."""
        return self.low == self.high


@frozen
class Totals:
    """What the whole image holds. stored = live + waste, always.

    Attributes:
        stored: bytes of content in all layers.
        live: those that the final file system shows.
        waste: those that it does not show.
        entries: entries of all layers.
        files: names in the final file system, folders left out.
        pull: what a registry sends; of layers that are not compressed, what it would.
        sif: the SIF's own size, or the size that one made of this image would have.
        own_stored: bytes in layers above the base; None where nobody knows the base.
        own_live: those of them that the final file system shows.
    """

    stored: int
    live: int
    waste: int
    entries: int = 0
    files: int = 0
    pull: Figure | None = None
    sif: Figure | None = None
    own_stored: int | None = None
    own_live: int | None = None

    @property
    def efficiency(self) -> float:
        """The part of the stored bytes that is shown; 1 where nothing is stored."""
        return self.live / self.stored if self.stored else 1.0

    @property
    def own_waste(self) -> int | None:
        """Bytes that layers above the base store and the final file system does not show."""
        return None if self.own_stored is None or self.own_live is None else self.own_stored - self.own_live

    @property
    def own_efficiency(self) -> float | None:
        """`efficiency` of the layers above the base."""
        if self.own_stored is None or self.own_live is None:
            return None
        return self.own_live / self.own_stored if self.own_stored else 1.0


@frozen
class Dive:
    """dive's figures by dive's formulas, so that its thresholds can be kept.

    Attributes:
        efficiency: its efficiency score.
        wasted_bytes: what it calls inefficient or wasted bytes: all copies of a path that it met twice, the shown one too.
        user_bytes: bytes of all layers but the first.
        size_bytes: bytes of all layers.
        difference: why it differs from `Totals`, a sentence for each reason; empty where it does not.
        stopped: layers of which dive drops the rest, because a whiteout hides nothing.
    """

    efficiency: float
    wasted_bytes: int
    user_bytes: int
    size_bytes: int
    difference: tuple[str, ...] = ()
    stopped: tuple[int, ...] = ()

    @property
    def user_wasted_percent(self) -> float:
        """Wasted bytes as a part of user bytes, as dive divides: not a number for 0 / 0, infinite for all else by 0; 0.1 are ten per cent."""
        if self.user_bytes:
            return self.wasted_bytes / self.user_bytes
        return float("inf") if self.wasted_bytes else float("nan")


@frozen
class Layer:
    """One layer, lowest first; a SIF, a squashfs and a folder have one.

    Attributes:
        index: its place, from 0.
        digest: of the uncompressed archive (diff_id), or empty.
        blob: digest of the blob as stored or sent, or empty.
        stored: bytes of content.
        live: those that the final file system shows.
        hides: bytes of lower layers that this one hides.
        entries: entries of the archive.
        archive: bytes of the uncompressed archive with headers and padding, None where there is none.
        pull: bytes of the compressed blob, None where nobody can tell.
        compression: "gzip", "zstd", "none", a squashfs's own word, or empty.
        instruction: the instruction that made it, as the history says it.
        comment: the history's comment.
        created: the history's time, or empty.
        stage: the recipe's stage, or empty.
        block: the building block's place in `Report.blocks`.
        recipe: place in the recipe, "mpi_hello.py:12", or empty.
        is_base: whether it comes from the base image; None where nobody knows.
        from_cache: whether its index was cached.
    """

    index: int
    digest: str = ""
    blob: str = ""
    stored: int = 0
    live: int = 0
    hides: int = 0
    entries: int = 0
    archive: int | None = None
    pull: int | None = None
    compression: str = ""
    instruction: str = ""
    comment: str = ""
    created: str = ""
    stage: str = ""
    block: int = NOBODY
    recipe: str = ""
    is_base: bool | None = None
    from_cache: bool = False

    @property
    def waste(self) -> int:
        """Bytes that it stores and the final file system does not show."""
        return self.stored - self.live


@frozen
class BlockBytes:
    """What a building block costs, or what else bytes are charged to.

    Attributes:
        name: the block's name; "system", "recipe", "base" and a package's name are others' names.
        kind: "block", "recipe" (copied or run by the recipe itself), "system" (the distribution's packages), "base", "package" or "unclaimed".
        live: its files in the final file system.
        waste: its bytes that are stored and not shown.
        files: how many files.
        why: the evidence: "manifest", "marker", "label", "dpkg", "history" and the like.
    """

    name: str
    version: str = ""
    digest: str = ""
    kind: str = "block"
    prefix: str = ""
    stage: str = ""
    recipe: str = ""
    live: Amount = Amount()
    waste: int = 0
    files: int = 0
    why: str = ""


@frozen
class CategoryBytes:
    """What files of one kind cost: "shared library", "documentation" and the like."""

    name: str
    live: Amount = Amount()
    files: int = 0


@frozen
class GpuBytes:
    """GPU code of one architecture: `code` is "sass", "ptx" or "other"."""

    architecture: str
    code: str
    bytes: int
    files: int


@frozen
class Evidence:
    """A path that a finding is about; `path` as in the tables, `note` says what of it, "sm_80: 12 copies"."""

    path: str
    bytes: int = 0
    layer: int = NOBODY
    note: str = ""


@frozen
class Finding:
    """What is there and need not be, how many bytes, and the mend.

    Attributes:
        id: "R001", as docs/reference/findings.md lists it.
        name: a word for it, "static-libraries".
        title: a sentence.
        severity: "error", "warning" or "info".
        saving: bytes that the mend saves at most.
        confidence: "exact" or "estimated".
        evidence: the largest of what it is about, as many as are worth a look.
        count: how many there are in all.
        block: whose it is: a place in `Report.blocks`.
        in_base: whether it is all of the base image.
        fix: what to do.
        ignored: why it is not to be told, or empty.
    """

    id: str
    name: str
    title: str
    severity: str = WARNING
    saving: Amount = Amount()
    confidence: str = EXACT
    evidence: tuple[Evidence, ...] = ()
    count: int = 0
    block: int = NOBODY
    in_base: bool = False
    fix: str = ""
    ignored: str = ""


@frozen
class Ignore:
    """What is not to be told: findings of an id, in files whose path a glob matches; from the day after `until`, "2027-06-30", it is told again."""

    id: str
    reason: str
    path: str = "**"
    until: str = ""


@frozen
class Image:
    """What was audited.

    Attributes:
        ref: as it was named.
        kind: "docker", "podman", "docker-archive", "oci-layout", "oci-archive", "sif", "squashfs", "folder".
        digest: of the configuration or manifest, or of the file; empty for a folder.
        platform: "linux/amd64", or empty.
        created: the configuration's time, or empty.
        recipe: the recipe's file, where hpcgen made the image.
        base: the base image's name, where it is known.
        base_from: how the number of base layers is known: "manifest", "label", "--base", or empty: unknown.
        how: how it was read, a sentence: "docker save of ... at 200 MB/s".
    """

    ref: str
    kind: str
    digest: str = ""
    platform: str = ""
    created: str = ""
    recipe: str = ""
    base: str = ""
    base_from: str = ""
    how: str = ""


@frozen
class Coverage:
    """How much of the live bytes above the base is charged to a block, a package, or the recipe."""

    charged: int
    total: int

    @property
    def part(self) -> float:
        """From 0 to 1; 1 where there is nothing to charge."""
        return self.charged / self.total if self.total else 1.0


@frozen
class Report:
    """An audit.

    Attributes:
        tiers: which steps ran: "headers", "content", "sampling" and the like.
        faults: what could not be read, a sentence each: the audit is partial.
        notes: what one should know of how it was done, a sentence each.
        gpu: GPU code by architecture; `gpu_arch` is what `--gpu-arch` named.
        seconds: step -> what it took.
    """

    image: Image
    totals: Totals
    dive: Dive
    layers: tuple[Layer, ...] = ()
    blocks: tuple[BlockBytes, ...] = ()
    categories: tuple[CategoryBytes, ...] = ()
    findings: tuple[Finding, ...] = ()
    gpu: tuple[GpuBytes, ...] = ()
    gpu_arch: tuple[str, ...] = ()
    coverage: Coverage | None = None
    files: Files = field(factory=Files)
    wastes: Wastes = field(factory=Wastes)
    tiers: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    seconds: Mapping[str, float] = field(factory=dict)

    @property
    def is_partial(self) -> bool:
        """Whether something could not be read."""
        return bool(self.faults)

    def told(self) -> Iterator[Finding]:
        """The findings that nobody asked to ignore."""
        return (finding for finding in self.findings if not finding.ignored)
