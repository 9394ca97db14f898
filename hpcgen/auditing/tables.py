"""The tables of an audit, as columns: an image has 200,000 files, and an object a row would cost more than to read them.

Paths are as an archive holds them, relative to the root without a slash at either end ("usr/lib/libucp.so.0"; the root is ""); bytes that are not
UTF-8 are kept as surrogates (`os.fsdecode`). A layer is named by its place in `Report.layers`, a block by its place in `Report.blocks`, both from 0.
"""

from __future__ import annotations

from array import array

NOBODY = -1
"""The place of no layer and of no block."""

FILE, LINK, HARD_LINK, FOLDER, CHARACTER, BLOCK_DEVICE, PIPE, OTHER = b"flhdcbpo"
"""Kinds of entry in `Files.kinds`: a file, a symbolic link, a further name of a file, a folder, devices, a pipe, what else there may be."""

WASTE_KINDS = ("overwritten", "identical-rewrite", "deleted", "opaque", "replaced", "duplicate-in-layer")
"""Why stored bytes are not shown: other content under the same path, the same content again, a whiteout, an opaque folder, a file where a folder
was or the reverse, twice in one layer. `Wastes.kinds` holds places in this tuple."""
IDENTICAL = WASTE_KINDS.index("identical-rewrite")


def _numbers() -> array[int]:
    return array("q")


class Files:
    """The final file system, a row for each name, folders too.

    A table that was read from a report has its large files alone; a folder's size is that of the small ones in it, which are left out.

    Attributes:
        paths: relative to the root.
        kinds: FILE and the like.
        sizes: stored bytes that this name is charged; 0 for further names of a file. Their sum is `Totals.live`.
        modes: permission bits with setuid, setgid and sticky.
        layers: the layer that stored it.
        categories: places in `Report.categories`; empty while nobody has filled it.
        blocks: places in `Report.blocks`, NOBODY for none; empty while nobody has filled it.
        pulls: compressed bytes in a registry's blob, or None.
        sifs: compressed bytes in the SIF, or None.
        targets: place in the table -> where a link leads.
        counts: place in the table -> how many small files of a folder are left out.
    """

    def __init__(
        self,
        *,
        paths: list[str] | None = None,
        kinds: bytearray | None = None,
        sizes: array[int] | None = None,
        modes: array[int] | None = None,
        layers: array[int] | None = None,
        categories: array[int] | None = None,
        blocks: array[int] | None = None,
        pulls: array[int] | None = None,
        sifs: array[int] | None = None,
        targets: dict[int, str] | None = None,
        counts: dict[int, int] | None = None,
    ) -> None:
        self.paths: list[str] = [] if paths is None else paths
        self.kinds: bytearray = bytearray() if kinds is None else kinds
        self.sizes: array[int] = _numbers() if sizes is None else sizes
        self.modes: array[int] = _numbers() if modes is None else modes
        self.layers: array[int] = _numbers() if layers is None else layers
        self.categories: array[int] = _numbers() if categories is None else categories
        self.blocks: array[int] = _numbers() if blocks is None else blocks
        self.pulls = pulls
        self.sifs = sifs
        self.targets: dict[int, str] = {} if targets is None else targets
        self.counts: dict[int, int] = {} if counts is None else counts

    def __len__(self) -> int:
        return len(self.paths)

    def add(self, path: str, size: int, *, kind: int = FILE, mode: int = 0o644, layer: int = 0) -> None:
        """Adds a row; who adds many fills the columns."""
        self.paths.append(path)
        self.kinds.append(kind)
        self.sizes.append(size)
        self.modes.append(mode)
        self.layers.append(layer)


class Wastes:
    """What is stored and not shown, a row for each copy of a file. The sum of `sizes` is `Totals.waste`.

    Attributes:
        kinds: places in WASTE_KINDS.
        paths: relative to the root.
        sizes: bytes.
        stored: the layer that stored it.
        hidden: the layer that hid it; the same one for "duplicate-in-layer".
        blocks: who is charged, or empty while nobody has filled it.
    """

    def __init__(
        self,
        *,
        kinds: bytearray | None = None,
        paths: list[str] | None = None,
        sizes: array[int] | None = None,
        stored: array[int] | None = None,
        hidden: array[int] | None = None,
        blocks: array[int] | None = None,
    ) -> None:
        self.kinds: bytearray = bytearray() if kinds is None else kinds
        self.paths: list[str] = [] if paths is None else paths
        self.sizes: array[int] = _numbers() if sizes is None else sizes
        self.stored: array[int] = _numbers() if stored is None else stored
        self.hidden: array[int] = _numbers() if hidden is None else hidden
        self.blocks: array[int] = _numbers() if blocks is None else blocks

    def __len__(self) -> int:
        return len(self.paths)

    def add(self, kind: str, path: str, size: int, stored: int, hidden: int) -> None:
        """Adds a row; who adds many fills the columns."""
        self.kinds.append(WASTE_KINDS.index(kind))
        self.paths.append(path)
        self.sizes.append(size)
        self.stored.append(stored)
        self.hidden.append(hidden)

    def by_kind(self) -> dict[str, int]:
        """Kind -> bytes, of the kinds that there are."""
        found: dict[str, int] = {}
        for kind, size in zip(self.kinds, self.sizes, strict=True):
            found[WASTE_KINDS[kind]] = found.get(WASTE_KINDS[kind], 0) + size
        return found
