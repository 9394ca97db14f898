"""Rules: what does not work together, as facts of the block that it concerns. Each has a name, by which a recipe lowers it knowingly."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Protocol

from hpcgen.errors import BrokenBlock, Conflict
from hpcgen.frozen import field, frozen
from hpcgen.graph.nodes import Node, PrependPath, Run, SetEnv, WriteFile
from hpcgen.graph.stages import walk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from hpcgen.block.block import Block
    from hpcgen.block.place import Place
    from hpcgen.graph.stages import BlockFacts
    from hpcgen.origin import Origin

LEVELS = ("error", "warning")

_NAME = re.compile(r"R\d+[a-z]?|[a-z][a-z0-9_]*(-[a-z0-9.]+)+")


class Placed(Protocol):
    """What stands on a line of a recipe: a node, a block's facts, a stage."""

    @property
    def origin(self) -> Origin | None:
        """The line."""
        raise NotImplementedError


@frozen
class Rule:
    """What does not work together.

    Attributes:
        name: what it is lowered by: `R2`, or words that begin with its block's name: `ucx-gcc-15`.
        sentence: what the user reads.
        source: where the fact stands.
        level: `error`, or `warning`.
    """

    name: str
    sentence: str
    source: str
    level: str

    def __attrs_post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise BrokenBlock(f"rule name '{self.name}'", help="it is R2, or the block's name and words: ucx-gcc-15")
        if self.level not in LEVELS:
            raise BrokenBlock(f"rule {self.name}: level '{self.level}'", help=f"it is one of {', '.join(LEVELS)}")

    def broken(self, where: Origin | None, allowed: str, warn: Callable[[str], None]) -> Conflict | None:
        """What comes of its being broken: an error to raise, or one step lower where it is allowed; `allowed`: by whom and why, or empty."""
        words = f"{self.name}: {self.sentence} (source: {self.source})"
        if self.level == "error" and not allowed:
            how = f'if you know better: --allow {self.name}, or allow("{self.name}", reason="...") before it in its stage'
            return Conflict(words, origin=where, help=how)
        if self.level == "error":
            warn(f"{where}: {words}; allowed {allowed}")
        elif not allowed:
            warn(f"{where}: {words}")
        return None


@frozen
class BlockRule(Rule):
    """A rule about one block.

    Attributes:
        when: tells, of the block and its place, whether it is broken.
    """

    when: Callable[[Any, Place], bool]


@frozen
class StageRule(Rule):
    """A rule about all of a stage, wherever in a recipe with its block, or on an image that brings it.

    Attributes:
        breaking: gives what breaks it: nodes, blocks, or the stage itself for what it lacks.
        last: whether it is about the recipe's result alone.
    """

    breaking: Callable[[Finished], Iterable[Placed]]
    last: bool


def conflict(when: Callable[[Any, Place], bool], sentence: str, *, name: str, source: str, level: str = "error") -> BlockRule:
    """A rule about a block: `when(block, place)` is true where it is broken."""
    return BlockRule(name, sentence, source, level, when)


def stage_conflict(
    breaking: Callable[[Finished], Iterable[Placed]], sentence: str, *, name: str, source: str, level: str = "error", last: bool = False
) -> StageRule:
    """A rule about a stage: `breaking(stage)` gives what breaks it. `last`: it is about the recipe's result alone."""
    return StageRule(name, sentence, source, level, breaking, last)


def checked(block: Block, place: Place) -> Iterator[Conflict]:
    """The errors of all rules that a block breaks at its place; those that only warn are said."""
    for rule in block.conflicts:
        if rule.when(block, place):
            fault = rule.broken(block.origin, place.allowed(rule.name), place.warn)
            if fault is not None:
                yield fault


def built_upon_another(block: Block, place: Place, partner: str, *names: str) -> bool:
    """Whether a block's partner was built upon others than the block, of those with these names that the block builds upon: each process gets two."""
    other = place.partner(block, partner).block
    if other is None:
        return False
    pairs = ((place.partner(block, name), place.partner(other, name)) for name in names if name in block.options and name in other.options)
    return any(own and (own.path, own.system) != (its.path, its.system) for own, its in pairs)


_LOADER = "/etc/ld.so.conf"
_ECHOED = re.compile(r"(?:echo|printf)\s([^|;&>\n]*)(?:>>?|\|\s*(?:sudo\s+)?tee(?:\s+-\w+)*)\s*['\"]?/etc/ld\.so\.conf")
_HEREDOC = re.compile(r"^(?=[^\n]*/etc/ld\.so\.conf)[^\n]*<<-?\s*['\"]?(\w+)['\"]?[^\n]*\n(.*?)^\s*\1\s*$", re.DOTALL | re.MULTILINE)


@frozen
class Finished:
    """A stage as rules about all of it see it.

    Attributes:
        nodes: those of the stages that it stands on too, in order.
        blocks: the same of blocks.
        image: the image that these start from.
        brings: the blocks that this image is known to bring.
        origin: where the recipe gives its base.
    """

    nodes: tuple[Node, ...]
    blocks: tuple[BlockFacts, ...] = ()
    image: str = ""
    brings: tuple[str, ...] = ()
    origin: Origin | None = field(default=None, eq=False, repr=False)

    def variable(self, name: str) -> SetEnv | None:
        """The node that gives a variable its value when it runs; None where only the image may do so."""
        nodes = (node for node in walk(self.nodes) if isinstance(node, SetEnv) and node.name == name and node.phase != "build")
        return next(iter(reversed([*nodes])), None)

    def listed(self, name: str) -> list[tuple[str, Node]]:
        """The folders in a list of its environment, such as LD_LIBRARY_PATH, when it runs: each with the node that puts it there."""
        found: list[tuple[str, Node]] = []
        for node in walk(self.nodes):
            if isinstance(node, SetEnv) and node.name == name and node.phase != "build":
                found = [(folder, node) for folder in node.value.split(":")]
            elif isinstance(node, PrependPath) and node.name == name and node.phase != "build":
                found.append((node.path, node))
        return found

    def registered(self) -> Iterator[tuple[str, Node]]:
        """The folders that it names in ld.so.conf, as far as text tells: each with its node. What is removed again is not looked for."""
        for node in walk(self.nodes):
            if isinstance(node, WriteFile) and node.path.startswith(_LOADER):
                yield from ((line.strip(), node) for line in node.content.splitlines())
            elif isinstance(node, Run):
                for command in node.commands:
                    if _LOADER in command:
                        yield from ((word, node) for word in _registered(command))


def _registered(command: str) -> Iterator[str]:
    """The words that a command writes into ld.so.conf by echo, printf, tee or a here-document."""
    for match in (*_ECHOED.finditer(command), *_HEREDOC.finditer(command)):
        yield from (word for word in re.split(r"[\s'\"]+|\\n", match[match.re.groups]) if word)
