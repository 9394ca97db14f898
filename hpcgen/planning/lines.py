"""A stage as a line of pieces: what the recipe says, item by item, and what each is to the pieces behind it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from hpcgen.block.paths import is_own, is_systems, is_within, paths_in
from hpcgen.frozen import frozen
from hpcgen.graph.nodes import (
    AddRepository,
    Arg,
    ByArch,
    Cmd,
    Comment,
    Copy,
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
    WriteFile,
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

USER = "user"
"""The last open piece before its user was chosen may have made him."""
PATHS = "paths"
"""The last open piece before it may have made what its commands name and nobody owns."""
VARIABLES = "variables"
"""The same of what the recipe's own variables name."""
BUILT_UPON = "built upon"
"""It builds upon an open piece, or upon one that needs the line itself."""
SHARED = "shared"
"""An open piece puts something into a folder that it builds upon."""
PACKAGES_CHANGED = "packages"
"""An open piece may have changed what the package manager finds."""

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
        needs: why: a word of `USER` and the like, and the piece that it is about.
    """

    at: int
    stage: str
    kind: str
    nodes: tuple[Node, ...]
    facts: BlockFacts | None = None
    upon: tuple[int, ...] = ()
    cut: int = -1
    needs: tuple[tuple[str, int], ...] = ()

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
        self.indexes: int = before.indexes if before else -1
        """The last open piece that may have changed what the package manager finds."""
        self.user: int = before.user if before else -1
        """The last open piece before a user was chosen that is not root: one of them may have made him."""
        self.as_root: list[bool] = list(before.as_root) if before else []
        """Piece -> whether root runs the commands behind it."""
        self.managed: list[int] = list(before.managed) if before else []
        """The pieces that the package manager does all of."""
        self.within: dict[str, int] = dict(before.within) if before else {}
        """Folder -> the last open piece that puts something into it, or below."""
        self.owners: dict[str, int] = dict(before.owners) if before else {}
        """Prefix -> the piece that installs into it."""
        self.told: set[int] = set(before.told) if before else set()
        """The pieces whose folders the recipe's own variables name, for all behind."""
        self.told_of: int = before.told_of if before else -1
        """The last open piece before a variable that names what nobody owns."""
        facts = stage.blocks[len(self.of_block) :]
        self.clash = _clashing([one.prefix for one in (*_facts(self.pieces), *facts)])
        """The prefixes that are not one block's alone."""
        for nodes, one in _items(stage.nodes, facts):
            self._add(stage.name, nodes, one)

    def _add(self, stage: str, nodes: tuple[Node, ...], facts: BlockFacts | None) -> None:
        at = len(self.pieces)
        kind = _kind(nodes, facts, self.clash) if facts or self.of_block else _first_kind(nodes)
        upon = tuple(sorted(self.of_block[edge.at] for edge in facts.upon)) if facts else ()
        needs: list[tuple[str, int]] = []
        if kind == ALONE and facts is not None:
            brought = self.managed if facts.foreign else ()  # packages may have brought what nobody owns
            upon = tuple(sorted({*upon, *self.told, *brought}))
            needs = self._needs(facts, upon)
        elif kind == PACKAGES and self.indexes >= 0:
            needs = [(PACKAGES_CHANGED, self.indexes)]
        last = max((self._held(one) for one in needs), default=-1)
        cut = max(last, self.inherited - 1) if last >= 0 else -1  # the stages that it stands on are there as a whole
        self._note(at, kind, nodes, facts)
        self.pieces.append(Piece(at, stage, kind, nodes, facts, upon, cut, tuple(one for one in needs if self._held(one) == last >= 0)))

    def _note(self, at: int, kind: str, nodes: tuple[Node, ...], facts: BlockFacts | None) -> None:
        """What a piece changes for those behind it."""
        if facts is not None:
            self.of_block.append(at)
            if facts.prefix:
                self.owners[facts.prefix] = at
        if kind == OPEN:
            self.raw = at
            self.indexes = at if any(map(_manages, nodes)) else self.indexes
            for folder in ((facts.prefix,) if facts else map(_written, nodes)):
                self.within.update(dict.fromkeys(_folders(folder), at))
        elif kind == PACKAGES:
            self.managed.append(at)
        elif kind == SETTING and self.of_block and nodes[0].block is None:  # not what a runtime leaves
            self._note_paths(nodes)
        self._note_user(nodes)

    def _note_paths(self, nodes: tuple[Node, ...]) -> None:
        """The paths in variables of the recipe's own are for all behind: whose they are, or what may have made them."""
        for node in nodes:
            for path in paths_in(node.value if isinstance(node, SetEnv) else node.path if isinstance(node, PrependPath) else ""):
                owner = next((self.owners[folder] for folder in _upwards(path) if folder in self.owners), None)
                if owner is not None:
                    self.told.add(owner)
                elif not is_systems(path):
                    self.told_of = self.raw
                    self.told.update(self.managed)

    def is_root(self, at: int) -> bool:
        """Whether root runs the commands behind a piece; -1: the first ones."""
        return at < 0 or self.as_root[at]

    def _note_user(self, nodes: tuple[Node, ...]) -> None:
        """Who runs what comes next."""
        root = self.is_root(len(self.as_root) - 1)
        for node in nodes:
            if isinstance(node, User):
                root = node.name.partition(":")[0] in ("root", "0")
                self.user = -1 if root else self.raw
        self.as_root.append(root)

    def _needs(self, facts: BlockFacts, upon: tuple[int, ...]) -> list[tuple[str, int]]:
        """What has to be there as the line has it, for a block that builds upon some pieces: why, and the piece that it is about."""
        found = [(USER, self.user), (PATHS, self.raw if facts.foreign else -1), (VARIABLES, self.told_of)]
        found += ((BUILT_UPON, one) for one in upon)
        if self.within:  # what others put into the folders that it builds upon is there too
            closure = self.closure(upon)
            prefixes = {one.prefix for one in _facts(self.pieces[at] for at in closure)}
            others = {self.within[prefix] for prefix in prefixes & self.within.keys()}.difference(closure)
            found += ((SHARED, at) for at in sorted(others))
        return found

    def _held(self, need: tuple[str, int]) -> int:
        """How much of the line something that is needed takes along."""
        why, at = need
        return self.pieces[at].cut if why == BUILT_UPON and self.pieces[at].kind != OPEN else at

    def closure(self, upon: Iterable[int]) -> list[int]:
        """Some pieces, and those that they build upon, in the line's order."""
        found: set[int] = set()
        waiting = [*upon]
        while waiting:
            at = waiting.pop()
            if at not in found:
                found.add(at)
                waiting += self.pieces[at].upon
        return sorted(found)

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


_MANAGER = re.compile(r"\b(?:apt|apt-get|add-apt-repository|dpkg|dnf|yum|rpm)\b|/etc/(?:apt|dnf|yum)")


def _manages(node: Node) -> bool:
    """Whether a node may change what the package manager finds."""
    return _MANAGER.search(repr(node)) is not None


def _written(node: Node) -> str:
    """The file or folder that the recipe itself puts somewhere, or empty."""
    return (node.dest if isinstance(node, Copy) else node.path if isinstance(node, WriteFile) else "").rstrip("/")


def _folders(prefix: str) -> Iterator[str]:
    """A prefix, and the folders above it that can be one installation's own."""
    return (folder for folder in _upwards(prefix) if folder == prefix or is_own(folder))


def _upwards(path: str) -> Iterator[str]:
    """A path, and the folders that it lies in."""
    while path:
        yield path
        path = path.rpartition("/")[0]


def _clashing(prefixes: Sequence[str]) -> frozenset[str]:
    """The prefixes that are another block's too, or lie within one, or have one within."""
    count: dict[str, int] = {}
    for prefix in filter(None, prefixes):
        count[prefix] = count.get(prefix, 0) + 1
    found = {prefix for prefix, times in count.items() if times > 1}
    for prefix in count:
        folder = prefix.rpartition("/")[0]
        while folder:
            if folder in count and is_own(folder):
                found |= {folder, prefix}
            folder = folder.rpartition("/")[0]
    return frozenset(found)
