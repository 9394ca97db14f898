"""What an installed block leaves for running, by the places where things of a kind are installed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hpcgen.frozen import frozen
from hpcgen.graph.stages import Leavings

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ("HOST", "INSTALLED", "Leaves", "Leavings", "below", "literal", "of_prefixes")

PROGRAM = "program"
PLUG_IN = "opened by name"
DATA = "data"
INSTALLED = "installed"

LIBRARIES = ("lib/*.so*", "lib64/*.so*")
"""Where libraries that programs are linked with lie below a prefix (GNU coding standards, directory variables)."""

HOST = ("libcuda.so*", "libcudadebugger.so*", "libnvcuvid.so*", "libnvidia-*.so*", "libnvoptix.so*")
"""Libraries of the GPU's driver: the host's own are put into each container (NVIDIA Container Toolkit, driver capabilities)."""


@frozen
class Leaves:
    """What a block leaves for running; patterns are below its prefix, a folder stands for all below it.

    A path without a wildcard must be there when the image is built; what not every version has is named with one: `etc*`.

    Attributes:
        programs: what people and other programs start by name.
        libraries: what programs are linked with: taken where something needs them, or where nobody knows yet which programs will come.
        opens: plug-ins that it opens by name.
        data: files that it reads: help texts, settings, tables.
        left: what is in such a folder and not needed for running.
        tells: whether its programs are what an image is for: else nobody knows which will come, and all libraries are kept for them.
    """

    programs: tuple[str, ...] = ()
    libraries: tuple[str, ...] = LIBRARIES
    opens: tuple[str, ...] = ()
    data: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    tells: bool = False

    def of(self, prefix: str) -> Leavings:
        """The same in full, for a prefix."""
        kinds = ((PROGRAM, self.programs), (PLUG_IN, self.opens), (DATA, self.data))
        return Leavings(
            take=tuple((why, one) for why, names in kinds for one in below(prefix, names)),
            libraries=below(prefix, self.libraries),
            left=below(prefix, self.left),
            tells=self.tells,
        )


def below(prefix: str, names: Iterable[str]) -> tuple[str, ...]:
    """Patterns below a prefix, whose own characters stand for themselves."""
    return tuple(f"{literal(prefix)}/{name}" for name in names)


def literal(path: str) -> str:
    """A pattern that means one path."""
    return "".join(f"[{mark}]" if mark in "*?[" else mark for mark in path)


def of_prefixes(prefixes: Iterable[str], files: Iterable[str]) -> Leavings:
    """What is left by a block that says nothing more: all in its folders, libraries where they are needed; files that it names as they are."""
    folders = tuple(prefixes)
    libraries = tuple(one for prefix in folders for one in below(prefix, LIBRARIES))
    return Leavings(take=tuple((INSTALLED, literal(prefix)) for prefix in folders), libraries=libraries, left=libraries, whole=tuple(files))
