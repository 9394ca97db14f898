"""A stage as items: each block with its nodes, each other node by itself; and what differs between two of them."""

from __future__ import annotations

import re
from collections import Counter
from itertools import groupby
from typing import TYPE_CHECKING

import attrs

from hpcgen.comparing.changes import compare
from hpcgen.comparing.difference import Change, ItemDifference
from hpcgen.comparing.facts import KINDS, PACKAGES, PREFIX, VERSION, Fact
from hpcgen.comparing.matching import ALWAYS, LIKENESS, PLACE, Thing
from hpcgen.comparing.renames import renames
from hpcgen.graph.nodes import ByArch, Fetch, Git, Install, Node
from hpcgen.graph.stages import walk

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence

    from hpcgen.comparing.facts import Kind
    from hpcgen.graph.nodes import BlockRef
    from hpcgen.graph.stages import Stage
    from hpcgen.origin import Origin

BLOCK = "block"
UNCOMPARED = "all that is said of it is the same, in another order or grouping"
"""What is said where two items are not equal and no fact tells them apart: nothing is passed over."""

_DIGITS = re.compile(r"[\d.]+")
"""What two versions of one source differ in."""


@attrs.frozen
class Item:
    """A block, or one node that is of none.

    Attributes:
        nodes: what it means.
        head: whether it stands before its stage's base.
        block: which block, None for a node that is of none.
        prefix: where the block installs, or empty.
        twin: what the block and that of the other graph which it is have in common, if that is known.
        origin: the recipe's line.
    """

    nodes: tuple[Node, ...]
    head: bool = False
    block: BlockRef | None = None
    prefix: str = ""
    twin: str = ""
    origin: Origin | None = None

    @property
    def how(self) -> Kind | None:
        """How such a node is compared; blocks are by all of their nodes."""
        return KINDS.get(type(self.nodes[0])) if self.block is None else None

    @property
    def kind(self) -> str:
        """`block`, or what a recipe calls such a node."""
        return BLOCK if self.block else self.how.word if self.how else type(self.nodes[0]).__name__

    @property
    def name(self) -> str:
        """The block's name, or what tells the node from others."""
        return self.block.name if self.block else self.how.name(self.nodes[0]) if self.how else ""

    @property
    def label(self) -> str:
        """What it is called beside others: a block without a version by its prefix."""
        if self.block:
            return str(self.block) if self.block.version else f"{self.block.name} {self.prefix}".rstrip()
        return f"{self.kind} {self.name}".rstrip()

    @property
    def for_whom(self) -> tuple[str, ...]:
        """The blocks that a merged installation serves."""
        return tuple(dict.fromkeys(str(block) for node in self.nodes if isinstance(node, Install) for block, _ in node.shared if block))

    @property
    def is_packages(self) -> bool:
        """Whether it does nothing but install packages."""
        return all(isinstance(node, Install) for node in self.nodes)

    @property
    def folders(self) -> tuple[str, ...]:
        """Where it installs, and where it unpacks what it builds from."""
        return (self.prefix, *(node.dest for node in walk(self.nodes) if isinstance(node, Fetch | Git)))

    def on(self, architecture: str) -> Iterator[Node]:
        """What it means on one architecture."""
        for node in self.nodes:
            if isinstance(node, ByArch) and architecture in dict(node.choices):
                yield from dict(node.choices)[architecture]
            else:
                yield node

    def facts(self, architecture: str) -> Iterator[Fact]:
        """What it says on one architecture."""
        if self.block and self.block.version:
            yield Fact(VERSION, "", self.block.version)
        if self.prefix:
            yield Fact(PREFIX, "", self.prefix)
        for node in self.on(architecture):
            kind = KINDS.get(type(node))
            yield from kind.facts(node) if kind else ()

    def thing(self) -> Thing:
        """How it is matched with those of another stage."""
        content = (self.head, self.nodes)
        if self.block:
            anchors = tuple(self._likenesses())
            pairs = ALWAYS if self.block.version or not anchors else LIKENESS if any(self.folders) else PLACE
            return Thing(f"{BLOCK} {self.block.name}", content, anchors, pairs)
        how, node = self.how, self.nodes[0]
        if how is None:
            return Thing(self.kind, content)
        anchors = tuple(how.anchors(node) if how.anchors else (fact.value for fact in how.facts(node)))
        return Thing(f"{self.head} {how.word} {self.name if how.key else ''}", content, anchors, how.pairs)

    def _likenesses(self) -> Iterator[str]:
        """What makes a block like another of its name: where it installs, what it is built from; if nothing is, its packages."""
        yield from (self.twin,) if self.twin else ()
        if any(self.folders):
            yield f"prefix {self.prefix}"
            yield from (_DIGITS.sub("", node.url) for node in walk(self.nodes) if isinstance(node, Fetch | Git))
        elif self.block and not self.block.version:
            yield from (name for node in walk(self.nodes) if isinstance(node, Install) for name in node.packages)


@attrs.frozen
class Known:
    """What a stage may know of blocks from the stages before it.

    Attributes:
        prefixes: where blocks install, by block and line of the recipe.
        twins: a name for each block that is known to be one of the other graph, which has the same.
    """

    prefixes: dict[tuple[BlockRef | None, Origin | None], str]
    twins: dict[BlockRef, str] = attrs.field(factory=dict)


def known(stages: Iterable[Stage]) -> Known:
    """What is known of the blocks of some stages."""
    return Known({(facts.ref, facts.origin): facts.prefix for stage in stages for facts in stage.blocks})


def items(stage: Stage, blocks: Known) -> list[Item]:
    """The items of a stage of a settled graph, those before its base first; of neighbours that only install packages the order means nothing."""
    found = []
    for head, nodes in ((True, stage.head), (False, stage.nodes)):
        for (block, origin, _), some in groupby(enumerate(nodes), _whose):
            prefix = blocks.prefixes.get((block, origin), "")
            found.append(Item(tuple(node for _, node in some), head, block, prefix, blocks.twins.get(block, "") if block else "", origin))
    return [item for joins, some in groupby(found, _joins) for item in (some if joins is None else sorted(some, key=_by_name))]


def _joins(item: Item) -> Hashable:
    """What installations have in common that are done at once, so that it does not matter which comes first; None for all else."""
    ways = {(node.options, node.modules, node.download) if isinstance(node, Install) else None for node in item.nodes}
    way = next(iter(ways))
    return way if way and len(ways) == 1 and not way[2] else None


def _by_name(item: Item) -> tuple[object, ...]:
    return item.label, *(node.packages for node in item.nodes if isinstance(node, Install))


def _whose(numbered: tuple[int, Node]) -> tuple[BlockRef | None, Origin | None, int]:
    """What the nodes of one item have in common: their block and line; nodes of none, and merged installations, have nothing."""
    number, node = numbered
    if node.block is None or (isinstance(node, Install) and node.shared):
        return None, node.origin, number
    return node.block, node.origin, -1


def labels(some: Sequence[Item]) -> list[str]:
    """What items are called in a list of them: packages of a block that has more than these apart are called so."""
    count = Counter(item.label for item in some)
    return [f"packages of {item.label}" if count[item.label] > 1 and item.is_packages else item.label for item in some]


def owners(stage: Sequence[Item]) -> dict[str, tuple[str, ...]]:
    """Package -> whom it is installed for."""
    found: dict[str, dict[str, None]] = {}
    for item in stage:
        for node in walk(item.nodes):
            if isinstance(node, Install):
                for name in node.packages:
                    found.setdefault(name, {}).update(dict.fromkeys(item.for_whom or (item.label,)))
    return {name: tuple(whom) for name, whom in found.items()}


def is_same(before: Item, after: Item, architectures: Sequence[tuple[str, str]]) -> bool:
    """Whether two items mean the same wherever both can be built."""
    if before.head != after.head:
        return False
    return before.nodes == after.nodes or all(tuple(before.on(earlier)) == tuple(after.on(later)) for earlier, later in architectures)


def compare_items(
    before: Item | None, after: Item | None, architectures: Sequence[tuple[str, str]], elsewhere: tuple[Mapping[str, Sequence[str]], ...]
) -> ItemDifference:
    """What differs between two items; either may not be there.

    Args:
        before: the earlier one.
        after: the later one.
        architectures: those to compare on, as they are called before and after.
        elsewhere: whom packages are installed for in the stage before and after.
    """
    one = after or before
    assert one is not None
    return ItemDifference(
        one.kind,
        one.name,
        before is not None,
        after is not None,
        version=one.block.version if one.block else "",
        prefix=one.prefix,
        for_whom=one.for_whom,
        origin=one.origin,
        was_at=before.origin if before else None,
        changes=tuple(_noted(change, one, *elsewhere) for change in _compared(before, after, architectures)),
    )


def _compared(before: Item | None, after: Item | None, architectures: Sequence[tuple[str, str]]) -> Iterable[Change]:
    if before and after and is_same(before, after, architectures):
        return ()
    follow = renames(zip(before.folders, after.folders, strict=False) if before and after else ())
    choices = any(isinstance(node, ByArch) for item in (before, after) if item for node in item.nodes)
    found = []
    for earlier, later in architectures if choices else architectures[:1]:
        facts = (list(before.facts(earlier)) if before else [], list(after.facts(later)) if after else [])
        found.append((later, list(compare(*facts, follow))))
    return _together(found) or (Change("order", note=UNCOMPARED),)


def _together(found: Sequence[tuple[str, Sequence[Change]]]) -> Sequence[Change]:
    """The changes of several architectures as one list; what is not so on all of them says where it is."""
    if len(found) == 1:
        return found[0][1]
    where: dict[Change, list[str]] = {}
    for architecture, changes in found:
        for change in dict.fromkeys(changes):
            where.setdefault(change, []).append(architecture)
    return [
        one if len(names) == len(found) else attrs.evolve(one, note=", ".join(filter(None, (one.note, *names)))) for one, names in where.items()
    ]


def _noted(change: Change, item: Item, before: Mapping[str, Sequence[str]], after: Mapping[str, Sequence[str]]) -> Change:
    """A package that is new or gone for this item alone, with the one that has or had it too."""
    if change.topic != PACKAGES or change.note:
        return change
    whom = before.get(change.name, ()) if change.before is None else after.get(change.name, ())
    if not whom:
        return change
    words = "was there for" if change.before is None else "still there for"
    return attrs.evolve(change, note=f"{words} {next((name for name in whom if name != item.label), 'others')}")
