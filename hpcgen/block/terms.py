"""Licences: what must be accepted before something is built, and what an image that is handed on may not hold.

Nothing imports this but blocks that have such a licence, and what they bring only when a recipe has one of them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from hpcgen.block.rules import StageRule
from hpcgen.errors import NotAccepted
from hpcgen.frozen import frozen
from hpcgen.graph.nodes import Copy, Install, RuntimeOf
from hpcgen.graph.stages import walk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hpcgen.block.block import Block
    from hpcgen.block.rules import Finished, Placed
    from hpcgen.graph.nodes import Node


@frozen
class Terms:
    """A licence that is more than a name.

    Attributes:
        name: as people call it.
        url: where it can be read.
        accept: the option by which a recipe says that it is accepted; empty: nothing is asked.
        withheld: what may not be handed on, as the end of a sentence: `its compilers may not be handed on`; empty: all may.
        packages: a regular expression: names of packages that hold it.
        paths: a regular expression: files and folders that hold it.
    """

    name: str
    url: str
    accept: str = ""
    withheld: str = ""
    packages: str = ""
    paths: str = ""

    def check(self, block: Block) -> None:
        """Raises where a recipe has not said that it accepts this; no rule lowers that."""
        if self.accept and getattr(block, self.accept) is not True:
            raise NotAccepted(
                f"{block.name} is under a licence that its user must accept: {self.name}",
                origin=block.origin,
                help=f"read {self.url}, and if you accept it: {block.name}({self.accept}=True)",
            )

    def rules(self, block: str) -> tuple[StageRule, ...]:
        """A warning of what the recipe's result holds and nobody may hand on; none where all may be."""
        if not self.withheld:
            return ()
        sentence = f"the result holds {block}, and {self.withheld}"
        return (StageRule(f"{block}-redistribution", sentence, f"{self.name}, {self.url}", "warning", lambda stage: self._held(stage, block), True),)

    def _held(self, stage: Finished, block: str) -> Iterator[Placed]:
        """Where the result gets what may not be handed on; the whole block, where its class does not say which part that is."""
        if not self.packages and not self.paths:
            yield from (facts for facts in stage.blocks if facts.ref.name == block)
            return
        packages, paths = re.compile(self.packages or r"(?!)"), re.compile(self.paths or r"(?!)")
        for node in walk(stage.nodes):
            if any(packages.fullmatch(name) for name in _installed(node)) or any(paths.fullmatch(path.rstrip("/")) for path in _taken(node)):
                yield node


def _installed(node: Node) -> Iterator[str]:
    """The packages that a node brings by name."""
    if isinstance(node, Install) and (not node.download or node.extract):
        yield from node.packages
    elif isinstance(node, RuntimeOf):
        yield from (row[2] for row in node.records if row[0] == "package")


def _taken(node: Node) -> Iterator[str]:
    """The files and folders that a node takes from another stage."""
    if isinstance(node, Copy) and node.stage:
        yield from node.sources
    elif isinstance(node, RuntimeOf):
        yield from (row[3] for row in node.records if row[0] in ("take", "whole"))
