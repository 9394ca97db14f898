"""Who is charged for each byte: the building block, the package, the recipe's own line, or the base image; and how much of it all that explains."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING, NamedTuple

from hpcgen.auditing.marking import Manifest, Mark, copied_to, mark
from hpcgen.auditing.report import Amount, BlockBytes, Coverage
from hpcgen.auditing.tables import FOLDER, NOBODY
from hpcgen.frozen import frozen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hpcgen.auditing.packages import Owners
    from hpcgen.auditing.tables import Files, Wastes

_SYSTEM, _RECIPE = "system", "recipe"
_LONGEST = 80


class Payer(NamedTuple):
    """Whoever is charged."""

    kind: str
    name: str
    why: str
    version: str = ""
    digest: str = ""


UNCLAIMED = Payer("unclaimed", "unclaimed", "")


@frozen
class LayerMark:
    """What is known of a layer for charging.

    Attributes:
        mark: what its instruction says.
        instruction: of the history.
        is_base: whether it is the base image's.
    """

    mark: Mark
    instruction: str
    is_base: bool


class Charging:
    """Decides who is charged.

    Args:
        layers: lowest first.
        manifest: of an image that hpcgen made.
        base: the base image's name.
    """

    def __init__(self, layers: Sequence[LayerMark], manifest: Manifest | None, base: str) -> None:
        self._manifest = manifest or Manifest()
        self._marked = manifest is not None or any(one.mark.kind in ("block", "packages") for one in layers)
        self._base = Payer("base", base or "base", "layers")
        self._blocks = {one.name: Payer("block", one.name, "manifest", one.version, one.digest) for one in self._manifest.blocks}
        for one in layers:
            if one.mark.kind == "block":
                self._blocks.setdefault(one.mark.name, Payer("block", one.mark.name, "marker", one.mark.version, one.mark.digest))
        self._prefixes = {one.prefix.strip("/"): self._blocks[one.name] for one in self._manifest.blocks if one.prefix.strip("/")}
        self._by_folder: dict[str, Payer | None] = {"": None}
        self._by_layer = [self._of_layer(one) for one in layers]
        self._is_base = [one.is_base for one in layers]
        self.layers = len(layers)
        self.is_by_layer = not self._manifest.files and not self._prefixes
        self.blocks = tuple(self._blocks.values())
        self.prefix_of = {payer: prefix for prefix, payer in self._prefixes.items()}

    def _of_layer(self, one: LayerMark) -> Payer:
        """Who is charged for what a layer holds, where nothing else says it."""
        if one.is_base:
            return self._base
        if one.mark.kind == "block":
            return self._blocks[one.mark.name]
        if one.mark.kind == "packages":
            return Payer(_SYSTEM, _SYSTEM, "marker")
        if not one.instruction:
            return UNCLAIMED
        if self._marked:
            target = copied_to(one.instruction)
            found = next((payer for prefix, payer in self._prefixes.items() if target and f"{target}/".startswith(f"{prefix}/")), None)
            return found or Payer(_RECIPE, _RECIPE, "history")
        return Payer(_RECIPE, _shortened(one.instruction), "history")

    def payer(self, path: str, layer: int, package: tuple[str, str, str] | None) -> Payer:
        """Who is charged for a file.

        Args:
            path: relative to the root.
            layer: that stored it.
            package: manager, name and version of the package that it belongs to.
        """
        if self._is_base[layer]:
            return self._base
        told = self._manifest.files.get(path)
        if told:
            return self._named(told, "manifest")
        of_layer = self._by_layer[layer]
        if of_layer.kind == "block":
            return of_layer
        if package is not None:
            return self._of_package(package)
        return self._of_folder(path.rpartition("/")[0]) or of_layer

    def of_layer(self, layer: int) -> Payer:
        """Who is charged for a layer as a whole."""
        return self._by_layer[layer]

    def _named(self, name: str, why: str) -> Payer:
        if name in {_RECIPE, _SYSTEM}:
            return Payer(name, name, why)
        return self._blocks.get(name) or Payer("block", name, why)

    def _of_package(self, package: tuple[str, str, str]) -> Payer:
        manager, name, version = package
        told = self._manifest.packages.get(name)
        if told:
            return self._named(told, "manifest")
        return Payer(_SYSTEM, _SYSTEM, manager) if self._marked else Payer("package", name, manager, version)

    def _of_folder(self, folder: str) -> Payer | None:
        """The block whose prefix a folder lies in, the longest one."""
        if not self._prefixes:
            return None
        missing = []
        while folder not in self._by_folder and folder not in self._prefixes:
            missing.append(folder)
            folder = folder.rpartition("/")[0]
        found = self._prefixes.get(folder) or self._by_folder.get(folder)
        self._by_folder.update(dict.fromkeys(missing, found))
        return found


def _shortened(instruction: str) -> str:
    words = " ".join(instruction.split())
    return words if len(words) <= _LONGEST else f"{words[: _LONGEST - 3]}..."


def layer_marks(instructions: Sequence[str], base: int) -> tuple[LayerMark, ...]:
    """What is known of layers, of which the lowest ones are the base image's."""
    return tuple(LayerMark(mark(one), one, at < base) for at, one in enumerate(instructions))


@frozen
class Charged:
    """Who is charged for what.

    Attributes:
        blocks: those who are charged.
        layers: layer -> place in `blocks`.
        coverage: how much of the bytes above the base is charged to somebody.
    """

    blocks: tuple[BlockBytes, ...]
    layers: tuple[int, ...]
    coverage: Coverage


class _Purses:
    """Those who are charged, in the order in which they are met, with their places."""

    def __init__(self) -> None:
        self.payers: list[Payer] = []
        self._places: dict[tuple[str, str], int] = {}

    def place(self, payer: Payer) -> int:
        """The place of one."""
        found = self._places.get(payer[:2])
        if found is None:
            found = self._places[payer[:2]] = len(self.payers)
            self.payers.append(payer)
        return found


def charge(charging: Charging, files: Files, wastes: Wastes, owners: Owners | None, *, stage: str = "", recipe: str = "") -> Charged:
    """Charges all files and all waste, and writes whom into both tables."""
    purses = _Purses()
    for payer in charging.blocks:
        purses.place(payer)
    is_by_layer = charging.is_by_layer and (owners is None or not owners.packages)
    if not is_by_layer:
        files.blocks = _by_file(charging, files, owners, purses)
    layers = [purses.place(charging.of_layer(at)) for at in range(charging.layers)]
    if is_by_layer:
        files.blocks = array("q", map(layers.__getitem__, files.layers))
        wastes.blocks = array("q", map(layers.__getitem__, wastes.stored))
    else:
        payers = (charging.payer(path, layer, None) for path, layer in zip(wastes.paths, wastes.stored, strict=True))
        wastes.blocks = array("q", map(purses.place, payers))
    live = _summed(files, len(purses.payers))
    waste = [0] * len(purses.payers)
    for place, size in zip(wastes.blocks, wastes.sizes, strict=True):
        waste[place] += size
    blocks = tuple(
        _block(payer, charging.prefix_of.get(payer, ""), live=live[place][0], files=live[place][1], waste=waste[place], stage=stage, recipe=recipe)
        for place, payer in enumerate(purses.payers)
    )
    above = [one for one in blocks if one.kind != "base"]
    total = sum(one.live.rootfs for one in above)
    unclaimed = sum(one.live.rootfs for one in above if one.kind == "unclaimed")
    return Charged(blocks, tuple(layers), Coverage(total - unclaimed, total))


def _by_file(charging: Charging, files: Files, owners: Owners | None, purses: _Purses) -> array[int]:
    """Who is charged for each file, where that is not a matter of its layer alone."""
    packages = owners.packages if owners is not None else ()
    owner = owners.owner if owners is not None else array("q", [NOBODY]) * len(files)
    rows = zip(files.paths, files.layers, owner, strict=True)
    return array("q", (purses.place(charging.payer(path, layer, packages[one] if one != NOBODY else None)) for path, layer, one in rows))


def _summed(files: Files, count: int) -> list[tuple[Amount, int]]:
    """What each place is charged for, and for how many files."""
    sizes, numbers, columns = [0] * count, [0] * count, []
    for place, size, kind in zip(files.blocks, files.sizes, files.kinds, strict=True):
        if kind != FOLDER:
            numbers[place] += 1
            sizes[place] += size
    for column in (files.pulls, files.sifs):
        sums: list[int | None] = [None if column is None else 0] * count
        for place, size, kind in zip(files.blocks, column or (), files.kinds, strict=False):
            if kind != FOLDER:
                sums[place] = (sums[place] or 0) + size
        columns.append(sums)
    return [(Amount(*row), number) for *row, number in zip(sizes, *columns, numbers, strict=True)]


def _block(payer: Payer, prefix: str, *, live: Amount, files: int, waste: int, stage: str, recipe: str) -> BlockBytes:
    is_own = payer.kind not in ("base", "unclaimed")
    return BlockBytes(
        payer.name,
        version=payer.version,
        digest=payer.digest,
        kind=payer.kind,
        prefix=f"/{prefix}" if prefix else "",
        stage=stage if is_own else "",
        recipe=recipe if is_own else "",
        live=live,
        waste=waste,
        files=files,
        why=payer.why,
    )
