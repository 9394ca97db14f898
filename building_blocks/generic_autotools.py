"""Anything that configure and make build."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hpcgen.block import AutotoolsBlock, option
from hpcgen.block.generic import GenericBlock
from hpcgen.building_blocks._companions import ALL

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hpcgen.block.place import Place
    from hpcgen.graph.nodes import Node


class generic_autotools(GenericBlock, AutotoolsBlock):
    """Software that configure and make build, from an archive or a repository that the recipe names. https://www.gnu.org/software/automake"""

    companions = ALL

    languages = ("c", "c++")

    make: bool = option(True, "run make")
    install: bool = option(True, "run make install")

    def making(self) -> Iterator[str]:
        """make, its tests and make install, as far as the recipe wants them."""
        if self.make:
            yield f"make {self.jobs}"
        if self.check:
            yield f"make {self.jobs} check"
        if self.install:
            yield from self.install_commands()

    def steps(self, place: Place, folder: str) -> Iterator[Node]:
        """configure, make, make install."""
        commands = [*self.configuring(place, folder), *self.making(), *self.after_install()]
        yield self.run(commands, cwd=folder, env=self.make_environment(place))
