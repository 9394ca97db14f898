"""A stage as a line of pieces: what the recipe says, item by item, and what each is to the pieces behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hpcgen.block.paths import is_own, is_within
from hpcgen.frozen import frozen
from hpcgen.graph.nodes import (
    AddRepository,
    Arg,
    ByArch,
    Cmd,
    Comment,
    Entrypoint,
    Expose,
    Fetch,
    Git,
    Healthcheck,
    Install,
    Label,
    Node,
    PrependPath,
    SetEnv,
    Shell,
    StopSignal,
    Test,
    User,
    Volume,
    Workdir,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from hpcgen.graph.stages import BlockFacts, Stage

ALONE = "alone"
"""A closed block with a prefix of its own: built in a stage of its own, its prefix copied."""
PACKAGES = "packages"
"""A block that the package manager does all of: done again wherever it is needed."""
SETTING = "setting"
"""How things are done behind it: variables, arguments, folder, user, shell, repositories; and all that the recipe does before its first block."""
TOLD = "told"
"""What is only said of the image: it changes nothing that a build could see."""
OPEN = "open"
"""All else: it may see all before it, and be seen by all that is not closed behind it."""

ENVIRONMENT = (SetEnv, PrependPath)
MANAGED = (Install, AddRepository)
SAID = (Label, Comment, Entrypoint, Cmd, Expose, StopSignal, Healthcheck, Test, Volume)
_KEPT = (*ENVIRONMENT, Arg, Workdir, User, Shell)
"""What holds for all that comes behind it."""
_SETTINGS = (*_KEPT, AddRepository)


@frozen
class Piece:
    """One item of a recipe's stage.

    Attributes:
        at: its place in the line, those of the base stage first.
        stage: the recipe's stage that names it.
        kind: what it is to those behind it.
        nodes: what it means, in order.
        facts: of the block, if it is one.
        upon: the places of the pieces that it builds upon.
        cut: the place of the last piece that has to be there as the line has it, -1 for none.
    """

    at: int
    stage: str
    kind: str
    nodes: tuple[Node, ...]
    facts: BlockFacts | None = None
    upon: tuple[int, ...] = ()
    cut: int = -1

    @property
    def packages(self) -> tuple[Node, ...]:
        """What the package manager does for it."""
        return tuple(node for node in self.nodes if is_managed(node))

    @property
    def exports(self) -> tuple[Node, ...]:
        """What it leaves for those behind it, beside its files."""
        count = self.facts.exports if self.facts is not None else 0
        return self.nodes[len(self.nodes) - count :]

    @property
    def building(self) -> tuple[Node, ...]:
        """What builds it, once its packages are there."""
        count = self.facts.exports if self.facts is not None else 0
        return tuple(node for node in self.nodes[: len(self.nodes) - count] if not is_managed(node) and not isinstance(node, SAID))

    @property
    def said(self) -> tuple[Node, ...]:
        """What it says of the image."""
        return tuple(node for node in self.nodes if isinstance(node, SAID))


def is_managed(node: Node) -> bool:
    """Whether the package manager does it."""
    if isinstance(node, ByArch):
        return all(is_managed(one) for _, nodes in node.choices for one in nodes)
    return isinstance(node, MANAGED)


class Line:
    """The pieces of a stage, those of the stages that it stands on first, and what builders among them may do."""

    def __init__(self, stage: Stage, before: Line | None = None) -> None:
        self.name = stage.name
        self.pieces: list[Piece] = list(before.pieces) if before else []
        self.inherited = len(self.pieces)
        self.of_block: list[int] = list(before.of_block) if before else []
        """The block's place in the stage's `blocks` -> its piece."""
        self.raw: int = before.raw if before else -1
        """The last open piece so far."""
        self.user: int = before.user if before else -1
        """The last open piece before a user was chosen that is not root: one of them may have made him."""
        facts = stage.blocks[len(self.of_block) :]
        clash = _clashing([one.prefix for one in (*_facts(self.pieces), *facts)])
        for nodes, one in _items(stage.nodes, facts):
            self._add(stage.name, nodes, one, clash)

    def _add(self, stage: str, nodes: tuple[Node, ...], facts: BlockFacts | None, clash: frozenset[str]) -> None:
        at = len(self.pieces)
        kind = _kind(nodes, facts, clash) if facts or self.of_block else _first_kind(nodes)
        upon = tuple(sorted(self.of_block[edge.at] for edge in facts.upon)) if facts else ()
        cut = -1
        if facts is not None:
            self.of_block.append(at)
            if kind == ALONE:
                cut = max((self._cut_of(one) for one in upon), default=-1)
                cut = max(cut, self.user, self.raw if facts.foreign else -1)
                cut = max(cut, self.inherited - 1) if cut >= 0 else cut  # the stages that it stands on are there as a whole
        if kind == OPEN:
            self.raw = at
        for node in nodes:
            if isinstance(node, User):
                self.user = -1 if node.name.partition(":")[0] in ("root", "0") else self.raw
        self.pieces.append(Piece(at, stage, kind, nodes, facts, upon, cut))

    def _cut_of(self, at: int) -> int:
        """How much of the line has to be there for who builds upon a piece."""
        piece = self.pieces[at]
        return at if piece.kind == OPEN else piece.cut

    @property
    def own(self) -> Sequence[Piece]:
        """The pieces of the stage itself."""
        return self.pieces[self.inherited :]


def _facts(pieces: Iterable[Piece]) -> Iterable[BlockFacts]:
    return (piece.facts for piece in pieces if piece.facts is not None)


def _items(nodes: tuple[Node, ...], facts: Sequence[BlockFacts]) -> Iterator[tuple[tuple[Node, ...], BlockFacts | None]]:
    """The items of a stage: all nodes of a block together, each other node by itself."""
    end = 0
    for one in facts:
        start = one.span[0]
        yield from (((node,), None) for node in nodes[end:start])
        end = one.span[1]
        yield nodes[start:end], one
    yield from (((node,), None) for node in nodes[end:])


def _first_kind(nodes: tuple[Node, ...]) -> str:
    """What an item before the first block is: all that is done there, whatever it is, is there for every block."""
    return TOLD if isinstance(nodes[0], SAID) else SETTING


def _kind(nodes: tuple[Node, ...], facts: BlockFacts | None, clash: frozenset[str]) -> str:
    """What an item behind the first block, or that block itself, is to those behind it."""
    if facts is None:
        return TOLD if isinstance(nodes[0], SAID) else SETTING if isinstance(nodes[0], _SETTINGS) else OPEN
    if all(is_managed(node) or isinstance(node, (*ENVIRONMENT, *SAID)) for node in nodes):
        return PACKAGES
    if not facts.closed:
        return OPEN
    if not facts.prefix:
        return OPEN if any(isinstance(node, Fetch | Git) for node in nodes) else PACKAGES
    outside = any(not is_within(path, facts.prefix) for path in (*facts.files, *facts.prefixes))
    mixed = any(isinstance(node, _KEPT) for node in nodes[: len(nodes) - facts.exports])
    return OPEN if outside or mixed or facts.prefix in clash or not is_own(facts.prefix) else ALONE


def _clashing(prefixes: Sequence[str]) -> frozenset[str]:
    """The prefixes that are another block's too, or lie within one, or have one within."""
    count: dict[str, int] = {}
    for prefix in prefixes:
        count[prefix] = count.get(prefix, 0) + 1
    found = {prefix for prefix, times in count.items() if times > 1}
    for prefix in count:
        folder = prefix.rpartition("/")[0]
        while folder:
            if folder in count and is_own(folder):
                found |= {folder, prefix}
            folder = folder.rpartition("/")[0]
    return frozenset(found)
