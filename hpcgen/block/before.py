"""The blocks that stand before a place in its stage, and how a block finds one among them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hpcgen.block.paths import normal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from hpcgen.block.block import Block


class Before:
    """Blocks in the order in which they stand, those of the base stage first; found in the same time among two thousand as among two.

    It grows while its stage is expanded: what a place asks for is what stood before it at that moment.
    """

    __slots__ = ("_at", "_below", "_by_name", "_by_prefix", "_providers", "blocks", "compilers", "packages")

    def __init__(self, blocks: Iterable[Block] = ()) -> None:
        self.blocks: list[Block] = []
        self.compilers: list[Block] = []
        """Those that install compilers."""
        self.packages: list[Block] = []
        """Those that install what the recipe names."""
        self._at: dict[int, int] = {}
        self._by_name: dict[str, Block] = {}
        self._by_prefix: dict[str, Block] = {}
        self._below: dict[str, list[Block]] = {}
        """Folder -> the blocks whose prefixes lie within."""
        self._providers: dict[str, Block] = {}
        for block in blocks:
            self.add(block)

    def add(self, block: Block) -> None:
        """The next block of the stage."""
        self._at[id(block)] = len(self.blocks)
        self.blocks.append(block)
        self._by_name[block.name] = block
        for what in (block.name, *block.provides):
            self._providers[what] = block
        if block.prefix:
            self._by_prefix[block.prefix] = block
            for folder in _above(block.prefix):
                self._below.setdefault(folder, []).append(block)
        if block.compiles:
            self.compilers.append(block)
        if block.installs_named:
            self.packages.append(block)

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_name)

    def __contains__(self, name: str) -> bool:
        return name in self._by_name

    def __getitem__(self, name: str) -> Block:
        return self._by_name[name]

    def has(self, block: object) -> bool:
        """Whether this very block is among them."""
        return id(block) in self._at

    def at(self, block: Block) -> int:
        """How many stand before it."""
        return self._at[id(block)]

    def provider(self, what: str) -> Block | None:
        """The nearest that has this name, or provides this."""
        return self._providers.get(what)

    def below(self, path: str) -> Sequence[Block]:
        """Those whose prefixes lie within a folder."""
        return self._below.get(normal(path), ())

    def owner(self, path: str) -> Block | None:
        """The one that a path belongs to: its prefix, or a folder within; of prefixes within each other the innermost."""
        folder = normal(path)
        while folder:
            if folder in self._by_prefix:
                return self._by_prefix[folder]
            folder = folder.rpartition("/")[0]
        return None


def _above(prefix: str) -> Iterator[str]:
    """The folders that a prefix lies within; /usr alone is the distribution's, whoever names it."""
    folder = prefix.rpartition("/")[0]
    while folder and folder != "/usr":
        yield folder
        folder = folder.rpartition("/")[0]
