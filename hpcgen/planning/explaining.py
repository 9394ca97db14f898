"""Why a block of a recipe is built as it is, and where: its flags, variables, packages and edges, each with its reasons."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

import attrs

from hpcgen.block import reasons
from hpcgen.block.before import Before
from hpcgen.block.paths import is_own, is_within
from hpcgen.block.reasons import Fact, described
from hpcgen.errors import UsageError, did_you_mean
from hpcgen.graph.nodes import Fetch, Git
from hpcgen.graph.stages import StageGraph, walk
from hpcgen.planning import plan_recipe
from hpcgen.planning.lines import ALONE, BUILT_UPON, OPEN, PACKAGES, PATHS, SHARED, USER, VARIABLES, Line
from hpcgen.planning.splitting import split

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from hpcgen.block.block import Block
    from hpcgen.block.place import Place
    from hpcgen.graph.nodes import Node
    from hpcgen.graph.stages import BlockFacts
    from hpcgen.loading.recipe import Loaded
    from hpcgen.origin import Origin
    from hpcgen.planning.lines import Piece

LINEAR = "what is written has the recipe's own stages alone"

_NEEDED = {
    USER: "it runs as a user that {} may have made",
    VARIABLES: "a variable of the recipe names a path that {} may have made",
    SHARED: "{} puts something into a folder that it builds upon",
}
"""Why a block needs the line itself -> that in words, with the piece that it is about."""


@attrs.frozen
class Explanation:
    """A block at its place, with reasons.

    Attributes:
        block: its name.
        called: the same, or what tells a generic block from others: the last folder of its prefix.
        version: what it builds, or empty.
        origin: where the recipe names it.
        stage: the recipe's stage that it stands in.
        architectures: what it is built for.
        source: where it comes from, or empty.
        stages: the stages of the file that hold it, as far as they are not copied or built upon.
        alone: whether it has a stage of its own.
        because: why it has, or has not.
        flags: the words that configure, cmake or make is given.
        variables: those that its build is given.
        packages: the distribution's that its stage installs for it.
        upon: what it builds upon.
        needed_by: what builds upon it, or takes it for running.
        exports: the environment that it leaves.
        leaves: what a runtime stage takes of it.
        rules: whether it keeps them.
    """

    block: str
    called: str
    version: str
    origin: Origin
    stage: str
    architectures: tuple[str, ...]
    source: str
    stages: tuple[str, ...]
    alone: bool
    because: str
    flags: tuple[Fact, ...]
    variables: tuple[Fact, ...]
    packages: tuple[Fact, ...]
    upon: tuple[Fact, ...]
    needed_by: tuple[Fact, ...]
    exports: tuple[Fact, ...]
    leaves: tuple[Fact, ...]
    rules: tuple[Fact, ...]


@attrs.frozen
class _Noted:
    """A block as planning met it.

    Attributes:
        stage: the recipe's stage.
        at: its place among the blocks of that stage.
        block: the block.
        places: for each architecture, where it stands and what it means there.
    """

    stage: str
    at: int
    block: Block
    places: tuple[tuple[Place, tuple[Node, ...]], ...]


def explain(loaded: Loaded, name: str, *, linear: bool = False) -> tuple[Explanation, ...]:
    """Why each block of a name is as it is, in each stage of a recipe that has one.

    Args:
        loaded: the recipe.
        name: of the block, what it is called, or the stage that builds it.
        linear: whether what is written has the recipe's own stages alone.

    Raises:
        UsageError: the recipe has none of this name.
    """
    noted: list[_Noted] = []

    def watch(stage: str, block: Block, places: Sequence[tuple[Place, tuple[Node, ...]]]) -> None:
        """Keeps a block with those before it: the stage's own list grows."""
        before = places[0][0].before
        kept = tuple((attrs.evolve(place, before=Before(before.blocks)), nodes) for place, nodes in places)
        noted.append(_Noted(stage, len(before.blocks), block, kept))

    graph = _Graph(plan_recipe(loaded, watch), linear=linear)
    found = [one for one in noted if name in graph.names(one)]
    if not found:
        known = tuple(dict.fromkeys(word for one in noted for word in graph.names(one)))
        hint = did_you_mean(name, known) or (f"its blocks: {', '.join(known)}" if known else "it has no blocks")
        raise UsageError(f"the recipe has no block '{name}'", help=hint)
    return tuple(_explained(one, graph) for one in found)


def _explained(noted: _Noted, graph: _Graph) -> Explanation:
    block, places = noted.block, noted.places
    alone, because = graph.why_there(noted)
    return Explanation(
        block=block.name,
        called=block.called,
        version=str(block.version or ""),
        origin=block.origin,
        stage=noted.stage,
        architectures=tuple(place.target.architecture for place, _ in places),
        source=_source(places[0][1]),
        stages=graph.stages_of(noted),
        alone=alone,
        because=because,
        flags=_together(places, lambda place, nodes: reasons.flags(block, place, nodes)),
        variables=_together(places, lambda place, nodes: reasons.variables(block, place, nodes)),
        packages=_together(places, lambda place, nodes: reasons.packages(block, place, nodes)),
        upon=tuple(graph.upon(noted)),
        needed_by=tuple(graph.needed_by(noted)),
        exports=_together(places, lambda place, _: reasons.exports(block, place)),
        leaves=_together(places, lambda place, _: reasons.leavings(block, place)),
        rules=tuple(reasons.rules(block, places[0][0])),
    )


def _together(
    places: Sequence[tuple[Place, tuple[Node, ...]]], tell: Callable[[Place, tuple[Node, ...]], Iterable[Fact]]
) -> tuple[Fact, ...]:
    """The facts of all architectures, each once; what some lack says which have it."""
    found: dict[tuple[str, str], dict[str, tuple[str, ...]]] = {}
    for place, nodes in places:
        for one in tell(place, nodes):
            found.setdefault((one.what, one.value), {})[place.target.architecture] = one.why
    return tuple(
        Fact(what, tuple(dict.fromkeys(chain(*whys.values()))), value, only=tuple(whys) if len(whys) < len(places) else ())
        for (what, value), whys in found.items()
    )


def _source(nodes: Iterable[Node]) -> str:
    """Where a block's source comes from, or empty."""
    for node in walk(nodes):
        if isinstance(node, Fetch):
            return node.local or node.url
        if isinstance(node, Git):
            return f"{node.url} {node.commit or node.ref}"
    return ""


class _Graph:
    """A recipe's graph, its lines, and the stages that are written."""

    def __init__(self, graph: StageGraph, *, linear: bool) -> None:
        self.graph = graph
        self.linear = linear
        self.written = graph if linear else split(graph)
        self.lines: dict[str, Line] = {}
        self.upon_stages: dict[str, frozenset[str]] = {}
        """Stage -> itself and the stages that it stands on."""
        for stage in graph.stages:
            self.upon_stages[stage.name] = frozenset((stage.name,)) | (self.upon_stages[stage.base.image] if stage.base.stage else frozenset())
            self.lines[stage.name] = Line(stage, self.lines.get(stage.base.image) if stage.base.stage else None)

    def facts(self, noted: _Noted) -> BlockFacts:
        """What planning knows of a block."""
        return self.graph[noted.stage].blocks[noted.at]

    def piece(self, noted: _Noted) -> Piece:
        """A block as a part of its line."""
        line = self.lines[noted.stage]
        return line.pieces[line.of_block[noted.at]]

    def names(self, noted: _Noted) -> tuple[str, ...]:
        """What a block can be asked for by: its own names, and that of the stage that builds it alone."""
        builders = [stage.name for stage in self.written.stages if stage.of and [id(one) for one in stage.blocks] == [id(self.facts(noted))]]
        return tuple(dict.fromkeys((noted.block.name, noted.block.called, *builders)))

    def stages_of(self, noted: _Noted) -> tuple[str, ...]:
        """The stages that are written and build it."""
        if self.linear:
            return (noted.stage,)
        facts = self.facts(noted)
        return tuple(stage.name for stage in self.written.stages if any(one is facts for one in stage.blocks))

    # --- where it is built ---

    def why_there(self, noted: _Noted) -> tuple[bool, str]:
        """Whether a block has a stage of its own, and why."""
        piece = self.piece(noted)
        if self.linear:
            return False, LINEAR
        if piece.kind == ALONE:
            has = any(stage.of for stage in map(self.written.__getitem__, self.stages_of(noted)))
            return has, "its options name all that it may find" if has else "not alone, as raw text in its stage begins another one"
        if piece.kind == PACKAGES:
            return False, "the package manager does all of it, again wherever it is needed"
        return False, f"not alone, as {noted.block.open_at(noted.places[0][0]) or self._why_in_line(noted)}"

    def _why_in_line(self, noted: _Noted) -> str:
        """Why a closed block cannot be copied from a stage of its own."""
        facts = self.facts(noted)
        if not facts.prefix:
            return "it has no prefix that could be copied"
        outside = [path for path in (*facts.files, *facts.prefixes) if not is_within(path, facts.prefix)]
        if outside:
            return f"it leaves files outside its prefix: {', '.join(outside)}"
        if not is_own(facts.prefix):
            return f"prefix {facts.prefix} holds what many install"
        others = (piece.facts for piece in self.lines[noted.stage].pieces if piece.facts is not None and piece.facts is not facts)
        return next((why for other in others if (why := _clash(facts.prefix, other))), "it sets variables, a folder or a user amid its build")

    # --- edges ---

    def upon(self, noted: _Noted) -> Iterator[Fact]:
        """What a block builds upon, with all that says so."""
        place, nodes = noted.places[0]
        chosen, (paths, _) = noted.block.chosen(place), noted.block.upon_paths(place, nodes)
        for other in {id(one): one for one, _ in (*chosen, *paths)}.values():
            pairs = chosen if any(one is other for one, _ in chosen) else paths  # what an option brings names its paths, too
            yield Fact(described(other), tuple(dict.fromkeys(why for one, why in pairs if one is other)))
        piece = self.piece(noted)
        if piece.kind == OPEN and not self.facts(noted).closed:
            yield Fact("all before it in its stage", (noted.block.open_at(place),))
        elif piece.kind == ALONE and piece.cut >= 0 and not self.linear:
            until = self.lines[noted.stage].pieces[piece.cut]
            yield Fact(f"its stage up to {_named(until)}", tuple(self._why_cut(noted)))

    def _why_cut(self, noted: _Noted) -> Iterator[str]:
        """Why a block needs the line up to a piece."""
        piece, line = self.piece(noted), self.lines[noted.stage]
        for why, at in piece.needs:
            about = line.pieces[at]
            if why == BUILT_UPON:
                yield f"{_named(about)} is part of it" if about.kind == OPEN else f"{_named(about)} needs it"
            elif why == PATHS:
                yield f"it names {', '.join(self.facts(noted).foreign)}, which no block before it owns"
            else:
                yield _NEEDED[why].format(_named(about))

    def needed_by(self, noted: _Noted) -> Iterator[Fact]:
        """What builds upon a block, or takes it for running."""
        facts = self.facts(noted)
        for stage in self.graph.stages:
            if noted.stage in self.upon_stages[stage.name]:
                yield from self._needed_in(stage.name, noted.at)
            elif any(node.block is not None and node.block == facts.ref for node in stage.nodes):
                yield Fact(f"stage {stage.name}", ("takes it for running",))

    def _needed_in(self, stage: str, at: int) -> Iterator[Fact]:
        """The blocks of one stage that build upon one of it; those that it inherits are said where they stand."""
        line = self.lines[stage]
        for piece in (line.pieces[place] for place in line.of_block[at + 1 :] if place >= line.inherited):
            if piece.facts is not None:
                said = tuple(edge.why for edge in piece.facts.upon if edge.at == at)
                if said or (piece.kind == OPEN and not piece.facts.closed):
                    yield Fact(_named(piece), said or ("it may find all before it",))


def _clash(prefix: str, other: BlockFacts) -> str:
    """Why a prefix is not one block's own, as far as another one is concerned, or empty."""
    whose = _described(other)
    if prefix == other.prefix:
        return f"prefix {prefix} is that of {whose} too"
    if is_within(prefix, other.prefix) and is_own(other.prefix):
        return f"prefix {prefix} lies within that of {whose}"
    return f"prefix {prefix} has that of {whose} within" if is_within(other.prefix, prefix) else ""


def _described(facts: BlockFacts) -> str:
    """A block as `described` names it."""
    return reasons.called(facts.called, facts.ref.version, facts.origin)


def _named(piece: Piece) -> str:
    """A part of a line as a reader finds it."""
    if piece.facts is not None:
        return _described(piece.facts)
    return f"{type(piece.nodes[0]).__name__.lower()} ({piece.nodes[0].origin})"
