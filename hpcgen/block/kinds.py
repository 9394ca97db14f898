"""The kinds of build that most software has: configure and make, CMake, make alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from hpcgen.block.options import Words, option
from hpcgen.block.packages import Packages
from hpcgen.block.source_block import SourceBlock, assignments
from hpcgen.errors import WrongValue
from hpcgen.graph.nodes import Node, Run
from hpcgen.quoting import sh

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hpcgen.block.place import Place

MAKE = Packages(both=("make",))
AUTOGEN = Packages(both=("autoconf", "automake", "libtool"))
CMAKE = Packages(both=("cmake", "make"))


class ConfiguredBlock(SourceBlock):
    """A block whose build is configured by words on a command line."""

    check: bool = option(False, "run the source's own tests")
    preconfigure: Words = option((), "commands before configuring, in the source's folder")
    postconfigure: Words = option((), "commands after configuring, in the build's folder")
    postinstall: Words = option((), "commands after installing, in the build's folder")

    def choices(self, place: Place) -> Iterator[str]:
        """The words that the options with a switch stand for, in the order they are declared in: each choice is said aloud."""
        for name, one in self.options.items():
            switch = one.switch
            if switch is None:
                continue
            if not one.partner:
                words = switch.with_ if getattr(self, name) else switch.without
            else:
                partner = place.partner(self, name)
                words = switch.with_.format(path=partner.path) if partner.path else switch.system if partner.system else switch.without
            yield from words.split()


class AutotoolsBlock(ConfiguredBlock):
    """Built by configure, make, make install.

    Options of the form `with_x`, `without_x`, `enable_x`, `disable_x` are passed to configure as they are.
    """

    configure: ClassVar[tuple[str, ...]] = ()
    """The words that configure is given on every target, after --prefix."""

    configure_opts: Words = option((), "further words for configure")

    def unknown(self, name: str, value: Any) -> bool:
        """Takes `with_x`, `without_x`, `enable_x` and `disable_x`, with '-' for '_' too."""
        verb, _, thing = name.replace("-", "_").partition("_")
        if verb not in ("with", "without", "enable", "disable") or not thing:
            return False
        if not isinstance(value, bool | str | int):
            raise WrongValue(f"{name}={value!r} is a {type(value).__name__}", help="it takes True or a string")
        if value is not False:
            word = f"--{verb}-{thing.replace('_', '-')}"
            self.passed = (*self.passed, word if value is True else f"{word}={value}")
        return True

    passed: ClassVar[tuple[str, ...]] = ()

    def needs(self, place: Place) -> tuple[Packages, ...]:
        """make, and what makes a configure script if the source lacks one."""
        return (MAKE, *super().needs(place), *((AUTOGEN,) if self.autogen else ()))

    def flags(self, place: Place) -> Iterator[str]:
        """The words that configure is given."""
        yield f"--prefix={self.prefix}"
        yield from self.configure
        yield from self.choices(place)
        yield from self.passed
        yield from self.configure_opts

    def steps(self, place: Place, folder: str) -> Iterator[Node]:
        """configure, make, make install."""
        words = " ".join(dict.fromkeys(sh(word) for word in self.flags(place)))
        commands = [*self.preconfigure, *(self.autogen_commands() if self.autogen else ())]
        commands += [f"{assignments(self.variables(place))}./configure {words}", *self.postconfigure, f"make {self.jobs}"]
        commands += [f"make {self.jobs} check"] if self.check else []
        commands += [*self.install_commands(), *self.postinstall]
        yield Run(tuple(commands), cwd=folder)

    def autogen_commands(self) -> tuple[str, ...]:
        """What makes the configure script."""
        return ("if [ -x autogen.sh ]; then ./autogen.sh; else autoreconf --force --install; fi",)

    def install_commands(self) -> tuple[str, ...]:
        """What installs it. libtool's .la files go: they make later links pull in what is not needed."""
        return ("make install", f"find {sh(self.prefix)} -name '*.la' -delete")


class CMakeBlock(ConfiguredBlock):
    """Built by CMake."""

    configure: ClassVar[tuple[str, ...]] = ()
    """The words that cmake is given on every target, after -DCMAKE_INSTALL_PREFIX."""

    cmake_opts: Words = option((), "further words for cmake")
    build_directory: str = option("build", "folder for building, within the source's")

    def needs(self, place: Place) -> tuple[Packages, ...]:
        """cmake, unless the recipe has it, and make."""
        return (MAKE if "cmake" in place.before else CMAKE, *super().needs(place))

    def flags(self, place: Place) -> Iterator[str]:
        """The words that cmake is given."""
        yield f"-DCMAKE_INSTALL_PREFIX={self.prefix}"
        yield "-DCMAKE_BUILD_TYPE=Release"
        yield from self.configure
        yield from self.choices(place)
        yield from self.cmake_opts

    def steps(self, place: Place, folder: str) -> Iterator[Node]:
        """cmake, build, install."""
        words = " ".join(dict.fromkeys(sh(word) for word in self.flags(place)))
        where = sh(self.build_directory)
        commands = [*self.preconfigure, f"{assignments(self.variables(place))}cmake -S . -B {where} {words}", f"cd {where}", *self.postconfigure]
        commands += [f"cmake --build . {self.jobs}"]
        commands += ["ctest --output-on-failure"] if self.check else []
        commands += ["cmake --install .", *self.postinstall]
        yield Run(tuple(commands), cwd=folder)


class MakeBlock(SourceBlock):
    """Built by make with words on its command line."""

    make: ClassVar[tuple[str, ...]] = ()
    """The words that make is given, with `{prefix}` and the paths of partners by option name."""

    make_opts: Words = option((), "further words for make")

    def needs(self, place: Place) -> tuple[Packages, ...]:
        """make."""
        return (MAKE, *super().needs(place))

    def steps(self, place: Place, folder: str) -> Iterator[Node]:
        """make with its words; targets among them install."""
        paths = {name: partner.path for name, partner in self.partners(place).items()}
        words = [word.format(prefix=self.prefix, **paths) for word in self.make]
        yield Run((f"{assignments(self.variables(place))}make {self.jobs} {' '.join(sh(word) for word in (*words, *self.make_opts))}",), cwd=folder)
