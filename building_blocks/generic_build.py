"""Anything that commands of the recipe build."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hpcgen.block import Words, option
from hpcgen.block.generic import GenericBlock
from hpcgen.building_blocks._companions import ALL
from hpcgen.quoting import sh

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hpcgen.block.place import Place
    from hpcgen.graph.nodes import Node


class generic_build(GenericBlock):
    """Software that the recipe's own commands build, from an archive, a file or a repository that it names. https://www.gnu.org/software/make"""

    companions = ALL

    languages = ()

    prefix: str = option("", "folder it is installed into, if it has one of its own")
    build_commands: Words = option((), "commands that build it, in the source's folder", alias="build")
    install_commands: Words = option((), "commands that install it, in the source's folder; the prefix is there by then", alias="install")
    unpack: bool = option(True, "unpack the archive")

    def unpacks(self, name: str) -> bool:
        """Whether a file is unpacked: as the recipe says."""
        return self.unpack and super().unpacks(name)

    def variables(self, place: Place) -> tuple[tuple[str, str], ...]:
        """The toolchain's, and the recipe's own: its commands get nothing that it does not name."""
        return (*(self.compilers.items() if self.compilers else ()), *self.build_environment)

    def steps(self, place: Place, folder: str) -> Iterator[Node]:
        """The recipe's commands."""
        commands = list(self.build_commands)
        if self.install_commands:
            commands += [f"mkdir -p {sh(self.prefix)}"] if self.prefix else []
            commands += [f"cd {sh(folder)}", *self.install_commands]
        if commands:
            yield self.run(commands, cwd=folder, env=self.variables(place))
