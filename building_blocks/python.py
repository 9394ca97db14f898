"""The distribution's Python."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hpcgen.block import Anything, Block, MaybeBool, Packages, option
from hpcgen.block.block import packages
from hpcgen.building_blocks import _pythons
from hpcgen.errors import Conflict, WrongValue
from hpcgen.frozen import evolve
from hpcgen.graph.nodes import Run

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from hpcgen.block.leaving import Leavings
    from hpcgen.block.place import Place
    from hpcgen.building_blocks._pythons import Python
    from hpcgen.graph.nodes import Node
    from hpcgen.target import Target

LINKS = "/usr/local/bin"
"""Where the names without a version are put: no package of the distribution owns anything there."""


class python(Block, closed=True):
    """Python: the distribution's own, or another version that it has. https://www.python.org"""

    licence = "PSF-2.0"

    version: Anything = option(None, "of Python 3, as 3.12, if the distribution has several; its own if not given")
    python3: bool = option(True, "install Python 3")
    python2: MaybeBool = option(None, "install Python 2.7, which ended in 2020; only with python3=False, if not given")
    devel: bool = option(False, "headers and libraries to build against, too")
    alternatives: bool = option(False, "call it by the name python, too, and with devel its python-config by that name")

    def validate(self) -> None:
        """Settles which are wanted."""
        self.version = str(self.version) if self.version is not None else ""
        self.python2 = not self.python3 if self.python2 is None else self.python2
        if not self.python3 and not self.python2:
            raise WrongValue("python(python2=False, python3=False) installs nothing", help="leave one of them on")
        if self.version and not self.python3:
            raise WrongValue(f"python(version='{self.version}', python3=False)", help="version is that of Python 3")

    def of(self, target: Target) -> Python | None:
        """The Python 3 of a target that the recipe wants, if it wants one."""
        return _pythons.python3(target, self.version, self.origin) if self.python3 else None

    def lists(self, place: Place) -> Iterator[Packages]:
        """The interpreters, and the headers if they are wanted."""
        target = place.target
        one = self.of(target)
        if one is not None:
            yield Packages(both=(one.package, *((one.devel,) if self.devel else ())))
        if self.python2:
            if not _pythons.has_python2(target):
                raise Conflict(
                    f"{target.name} has no Python 2",
                    origin=self.origin,
                    help=f"it is there on {', '.join(_pythons.PYTHON2)}; elsewhere conda(env='python2', packages=['python=2.7']) brings one",
                )
            yield Packages(both=("python2",))
            yield from (Packages(apt=("python2-dev",), dnf=("python2-devel",)),) if self.devel else ()

    def build(self, place: Place) -> Iterator[Node]:
        """The distribution's packages, and names without a version."""
        yield from packages(place.target, self.lists(place))
        yield from self.links(place.target, config=self.devel)

    def links(self, target: Target, *, config: bool) -> Iterator[Run]:
        """The names without a version, if they are wanted."""
        if self.alternatives:
            program = self.programs(target)[0]
            links = {"python": program, **({"python-config": f"{program}-config"} if config else {})}
            yield Run(tuple(f"ln -sf {file} {LINKS}/{name}" for name, file in links.items()))

    def programs(self, target: Target) -> tuple[str, ...]:
        """The paths of the interpreters."""
        one = self.of(target)
        return (*((one.program,) if one else ()), *(("/usr/bin/python2",) if self.python2 else ()))

    def runtime_lists(self, place: Place) -> Iterable[Packages]:
        """The interpreters."""
        return (Packages(both=self.interpreters(place.target)),)

    def interpreters(self, target: Target) -> tuple[str, ...]:
        """The packages of the interpreters."""
        one = self.of(target)
        return (*((one.package,) if one else ()), *(("python2",) if self.python2 else ()))

    def runtime_needs(self, place: Place) -> Iterable[Node]:
        """The interpreters, and the name without a version, which a copy would take for the file behind it."""
        return (*super().runtime_needs(place), *self.links(place.target, config=False))

    def leavings_at(self, place: Place) -> Leavings:
        """What running the interpreters needs, and the name without a version."""
        more = (*((("data", "/usr/lib*/python2.7"),) if self.python2 else ()), *((("program", f"{LINKS}/python"),) if self.alternatives else ()))
        own = _pythons.leavings(self.programs(place.target), self.interpreters(place.target))
        return evolve(super().leavings_at(place), take=(*own.take, *more), left=own.left, packages=own.packages)
