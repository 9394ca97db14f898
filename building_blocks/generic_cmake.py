"""Anything that CMake builds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hpcgen.block import CMakeBlock, option
from hpcgen.block.generic import GenericBlock
from hpcgen.building_blocks._companions import ALL

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hpcgen.block.place import Place
    from hpcgen.graph.nodes import Node


class generic_cmake(GenericBlock, CMakeBlock):
    """Software that CMake builds, from an archive or a repository that the recipe names. https://cmake.org"""

    companions = ALL

    languages = ("c", "c++")

    make: bool = option(True, "build it")
    install: bool = option(True, "install it")

    def making(self) -> Iterator[str]:
        """Building, testing and installing, as far as the recipe wants them."""
        if self.make:
            yield f"cmake --build . {self.jobs}"
        if self.check:
            yield "ctest --output-on-failure"
        if self.install:
            yield "cmake --install ."

    def steps(self, place: Place, folder: str) -> Iterator[Node]:
        """cmake, build, install."""
        commands = [*self.preconfigure, *self.configured(place), *self.making(), *self.after_install()]
        yield self.run(commands, cwd=folder, env=self.make_environment(place))
