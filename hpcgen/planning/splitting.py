"""Gives each closed block a stage of its own, so that blocks which do not need each other are built side by side, and a change reruns what needs it.

docs/design/splitting.md says what a builder stage holds, and why.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import TYPE_CHECKING

from hpcgen.frozen import evolve
from hpcgen.graph.nodes import Arg, Cmd, Copy, Raw, Shell, User, Workdir
from hpcgen.graph.stages import Base, Stage, StageGraph, needs
from hpcgen.planning.lines import ALONE, ENVIRONMENT, OPEN, PACKAGES, SAID, SETTING, TOLD, Line, Piece, is_managed

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from hpcgen.graph.nodes import Node
    from hpcgen.graph.stages import BlockFacts

RESERVED = ("context", "mirror", "scratch")
"""What a stage cannot be called: `mirror` is the build context that --mirror FOLDER names, `scratch` is Docker's."""

Key = tuple[str, int]
"""A piece: the recipe's stage that names it, and its place in the line."""

ONLY_SET = (*ENVIRONMENT, Workdir, User, Shell)
"""What takes no time to do again in each stage."""


def split(graph: StageGraph) -> StageGraph:
    """The graph with a builder stage for each closed block that has a prefix of its own; one that was split already as it is."""
    if any(stage.of for stage in graph.stages) or not any(facts.closed for stage in graph.stages for facts in stage.blocks):
        return graph
    work = _Splitter(graph)
    for stage in graph.stages:
        work.add(stage)
    return evolve(graph, stages=tuple(work.stages))


class _Splitter:
    """The stages so far, and what is known of the lines that they came from."""

    def __init__(self, graph: StageGraph) -> None:
        self.stages: list[Stage] = []
        self.lines: dict[str, Line] = {}
        self.roots: dict[str, Base] = {}
        """Stage of the recipe -> what it starts from, by whatever stages."""
        self.builders: dict[Key, str] = {}
        """Piece -> the stage that builds it."""
        self.started: dict[tuple[Base, tuple[Key, ...]], Base] = {}
        """What some pieces' packages were installed upon, and the pieces -> the stage that has them."""
        self.names = {stage.name for stage in graph.stages} | {need for stage in graph.stages for need, _ in needs(stage)}
        self.names |= {stage.base.image for stage in graph.stages} | {f"{stage.name}-test" for stage in graph.stages} | set(RESERVED)
        self.opaque: set[str] = set()
        """The stages in which the recipe's own text begins another, and those that stand on them."""
        self.numbers: dict[str, int] = {}
        """Name -> the last number that was put behind it."""

    def name(self, wanted: str) -> str:
        """A name that no stage, image or context has: the one that is wanted, else with a number."""
        plain = "".join(letter if letter.isalnum() or letter in "_.-" else "-" for letter in wanted.lower() if letter.isascii())
        first = found = plain if plain[:1].isalpha() else f"stage-{plain}".rstrip("-")
        number = self.numbers.get(first, 1)
        while found in self.names:
            number += 1
            found = f"{first}-{number}"
        self.numbers[first] = number
        self.names.add(found)
        return found

    def add(self, stage: Stage) -> None:
        """A stage of the recipe, with the builders that come before it."""
        line = Line(stage, self.lines.get(stage.base.image) if stage.base.stage else None)
        self.lines[stage.name] = line
        self.roots[stage.name] = self.roots[stage.base.image] if stage.base.stage else stage.base
        if any(map(_begins_a_stage, stage.nodes)) or (stage.base.stage and stage.base.image in self.opaque):
            self.opaque.add(stage.name)
        if any(piece.kind == ALONE for piece in line.own) and stage.name not in self.opaque:
            _Assembly(self, stage, line).run()
        else:
            self.stages.append(stage)


class _Assembly:
    """One stage of the recipe: its builders, and what is left of the line, which puts together what they built."""

    def __init__(self, work: _Splitter, stage: Stage, line: Line) -> None:
        self.work = work
        self.stage = stage
        self.line = line
        self.head = stage.head
        self.base = stage.base
        self.nodes: list[Node] = []
        self.blocks: list[BlockFacts] = []
        self.packages: list[Node] = []
        self.copies: list[Node] = []
        self.rest: list[Node] = []
        self.cuts: dict[int, Base] = {}
        """Piece -> the stage that holds the line up to it."""
        self.settings = [piece.at for piece in line.pieces if piece.kind == SETTING]
        self.leading = next((piece.at for piece in line.pieces if piece.facts is not None), len(line.pieces))
        """The first block: all settings before it are there for every block."""
        self.taken: frozenset[int] = frozenset()
        """The pieces whose packages are in what the stage starts from."""
        self.cmd: Node | None = None
        """The last one so far."""

    def run(self) -> None:
        """Adds the builders and what is left of the line, in the line's order."""
        cuts = {piece.cut for piece in self.line.own if piece.kind == ALONE}
        if not self.base.stage:
            self._begin()
        for piece in self.line.own:
            self._take(piece)
            if piece.at in cuts:
                self._cut(piece)
        self._flush()
        self._made(evolve(self.stage, base=self.base, nodes=tuple(self.nodes), blocks=tuple(self.blocks)))

    # --- builders ---

    def _builder(self, piece: Piece) -> str:
        """The name of the stage that builds a piece, which is made."""
        need = [self.line.pieces[at] for at in self.line.closure(piece.upon) if at > piece.cut]
        settings = [self.line.pieces[at] for at in self._between(max(piece.cut + 1, self.leading), piece.at)]
        alone = [one for one in need if one.kind == ALONE]
        packages = [node for one in (*alone, piece) for node in one.packages]
        base, nodes = self._start(piece.cut, _managed((*need, *settings)), packages)
        nodes += (*self._arguments(piece.at), *packages)
        nodes += [self._copy(one) for one in alone]
        nodes += [node for one in sorted((*need, *settings), key=_place) for node in _effects(one)]
        nodes += (*piece.building, *piece.exports)
        return self._stage(piece, base, nodes)

    def _between(self, start: int, end: int) -> list[int]:
        """The settings in a part of the line."""
        return self.settings[bisect_left(self.settings, start) : bisect_left(self.settings, end)]

    def _arguments(self, end: int) -> list[Node]:
        """The arguments before a place: said again, since not every stage starts from one that says them."""
        return [node for at in self._between(0, end) for node in self.line.pieces[at].nodes if isinstance(node, Arg)]

    def _copy(self, piece: Piece) -> Copy:
        """What a builder built, as it is."""
        assert piece.facts is not None
        prefix = piece.facts.prefix
        stage = self.work.builders[_key(piece)]
        return Copy((prefix,), prefix, stage=stage, literal=True, tree=True, origin=piece.facts.origin, block=piece.facts.ref)

    def _stage(self, piece: Piece, base: Base, nodes: Sequence[Node]) -> str:
        """The name of a stage that is made for a piece."""
        facts = piece.facts
        first = piece.nodes[0]
        wanted = facts.called or facts.ref.name if facts else f"{self.stage.name}-{getattr(first, 'name', '') or 'base'}"
        name = self.work.name(wanted)
        origin = facts.origin if facts else first.origin
        self._made(Stage(name, base, self.stage.target, tuple(nodes), (facts,) if facts else (), of=self.stage.name, origin=origin))
        return name

    def _made(self, stage: Stage) -> None:
        """Adds a stage; the first one has above it what the recipe says before the base."""
        self.work.stages.append(evolve(stage, head=self.head))
        self.head = ()

    # --- what stages start from ---

    def _start(self, cut: int, managed: Sequence[Piece], packages: Sequence[Node] = ()) -> tuple[Base, list[Node]]:
        """What a stage starts from that needs the line up to a piece and the packages of some behind it; and what it has to do first itself.

        `packages`: what it will install besides. In the line root does that too, so whoever the user is up to there, another is chosen behind it.
        """
        if cut >= 0:
            base = self.cuts[cut] if cut >= self.line.inherited else Base(self.stage.base.image, stage=True)
            first: list[Node] = []
        else:
            base, first = self._beginning()
        if (managed or packages) and not self.line.is_root(cut if cut >= 0 else self.leading - 1):
            first = [*first, User("root")]
        under = base
        for count, piece in enumerate(managed, 1):
            key = (under, tuple(_key(one) for one in managed[:count]))
            if key not in self.work.started:
                nodes = (*first, *self._arguments(piece.at), *_doing(piece))
                self.work.started[key] = Base(self._stage(piece, base, nodes), stage=True)
            base, first = self.work.started[key], []
        return base, first

    def _beginning(self) -> tuple[Base, list[Node]]:
        """The base image and the settings before the first block; a stage of their own, if they do more than set."""
        root, since = self.work.roots[self.stage.name], 0
        if self.stage.base.stage and self.leading >= self.line.inherited:
            root, since = self.stage.base, self.line.inherited  # a stage without blocks, which is there for every block as it is
        leading = [self.line.pieces[at] for at in self._between(since, self.leading)]
        nodes = [node for piece in leading for node in piece.nodes if not isinstance(node, Arg)]
        if all(isinstance(node, ONLY_SET) for node in nodes):
            return root, nodes
        key = (root, tuple(_key(piece) for piece in leading))
        if key not in self.work.started:
            wanted = self.work.name(f"{leading[0].stage}-base")
            said = tuple(node for piece in leading for node in piece.nodes)
            origin = leading[0].nodes[0].origin
            stage = Stage(wanted, root, self.stage.target, (*self._arguments(since), *said), of=self.stage.name, origin=origin)
            self._made(stage)
            self.work.started[key] = Base(wanted, stage=True)
        return self.work.started[key], []

    def _begin(self) -> None:
        """The recipe's stage starts from what most of its blocks start from, if that holds nothing that the stage has not."""
        own: list[Piece] = []
        for piece in self.line.own:
            if piece.kind == OPEN:
                break
            own.append(piece)
        mine = {piece.at for piece in _managed(own)}
        chosen: Sequence[Piece] = ()
        for piece in self.line.own:
            if piece.kind == ALONE and piece.cut < 0:
                need = [self.line.pieces[at] for at in (*self.line.closure(piece.upon), *self._between(self.leading, piece.at))]
                managed = _managed(need)
                if len(managed) > len(chosen) and all(one.at in mine for one in managed):
                    chosen = managed
        self.base, self.nodes = self._start(-1, chosen)
        self.nodes += self._arguments(self.leading)
        self.taken = frozenset(one.at for one in chosen)

    # --- what is left of the line ---

    def _take(self, piece: Piece) -> None:
        """Puts a piece where it belongs."""
        self.cmd = next((node for node in reversed(piece.nodes) if isinstance(node, Cmd)), self.cmd)
        if piece.kind == ALONE:
            self.work.builders[_key(piece)] = self._builder(piece)
            self.packages += piece.packages
            self.copies.append(self._copy(piece))
            self.rest += (*piece.said, *piece.exports)
        elif piece.at < self.leading and piece.kind == SETTING and not self.stage.base.stage:
            return  # what the stage starts from has it
        elif piece.kind == PACKAGES or (piece.kind == SETTING and _managed((piece,))):
            self._manage(piece)
        elif piece.kind == TOLD or (piece.kind == SETTING and isinstance(piece.nodes[0], (*ENVIRONMENT, Arg))):
            self.rest += piece.nodes
        else:
            self._flush()
            self.nodes += piece.nodes
            self.blocks += [piece.facts] if piece.facts is not None else []

    def _manage(self, piece: Piece) -> None:
        """What the package manager does for a piece, unless it is there already."""
        if piece.at not in self.taken:
            self.blocks += [piece.facts] if piece.facts is not None else []
            if all(is_managed(node) for node in _doing(piece)):
                self.packages += _doing(piece)
            else:
                self._flush()
                self.nodes += _doing(piece)
        self.rest += (*piece.said, *_effects(piece))

    def _flush(self) -> None:
        """Packages first, then what builders built, then variables and what is said, in the line's order."""
        self.nodes += (*self.packages, *self.copies, *self.rest)
        self.packages, self.copies, self.rest = [], [], []

    def _cut(self, piece: Piece) -> None:
        """Ends a stage behind a piece, so that what builds upon the line up to there has something to start from."""
        self._flush()
        facts = piece.facts
        name = self.work.name((facts.called or facts.ref.name) if facts else f"{self.stage.name}-{len(self.cuts) + 1}")
        origin = facts.origin if facts else piece.nodes[0].origin
        self._made(
            Stage(name, self.base, self.stage.target, tuple(self.nodes), tuple(self.blocks), of=self.stage.name, origin=origin)
        )
        self.base = self.cuts[piece.at] = Base(name, stage=True)
        self.nodes, self.blocks = self._arguments(piece.at + 1), []
        self.nodes += [self.cmd] if self.cmd is not None else []  # else an entrypoint behind the cut takes it away, as it does with another image's


def _begins_a_stage(node: Node) -> bool:
    """Whether the recipe's own text begins a stage of its own within this one: nobody knows what stands in which."""
    return isinstance(node, Raw) and re.search(r"^\s*FROM\s", node.text, re.MULTILINE | re.IGNORECASE) is not None


def _key(piece: Piece) -> Key:
    return piece.stage, piece.at


def _place(piece: Piece) -> int:
    return piece.at


def _managed(pieces: Iterable[Piece]) -> list[Piece]:
    """The pieces that the package manager has to do something for, in the line's order."""
    found = {
        piece.at: piece
        for piece in pieces
        if (piece.kind == PACKAGES and _doing(piece)) or (piece.kind == SETTING and any(map(is_managed, piece.nodes)))
    }
    return [found[at] for at in sorted(found)]


def _doing(piece: Piece) -> tuple[Node, ...]:
    """What is done for a piece whose packages are installed."""
    return tuple(node for node in piece.nodes if not isinstance(node, (*ENVIRONMENT, *SAID)))


def _effects(piece: Piece) -> tuple[Node, ...]:
    """What a piece leaves for those behind it beside files and packages."""
    if piece.kind == ALONE:
        return piece.exports
    if piece.kind == PACKAGES:
        return tuple(node for node in piece.nodes if isinstance(node, ENVIRONMENT))
    return tuple(node for node in piece.nodes if not is_managed(node) and not isinstance(node, Arg))
