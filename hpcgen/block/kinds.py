"""The kinds of build that most software has: configure and make, CMake, make alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from hpcgen.block.because import because
from hpcgen.block.options import Optional, Words, option
from hpcgen.block.packages import Packages
from hpcgen.block.source_block import SourceBlock, assignments
from hpcgen.errors import WrongValue
from hpcgen.quoting import sh, sh_join

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from hpcgen.block.block import Block
    from hpcgen.block.options import Switch
    from hpcgen.block.place import Place
    from hpcgen.graph.nodes import Node

MAKE = Packages(both=("make",), dnf=("diffutils", "findutils"), why="its kind of build uses make")
"""make, and what configure scripts and installing call that small images of the RHEL family lack."""
AUTOGEN = Packages(both=("autoconf", "automake", "libtool"), why="makes its configure script")
FLEX = Packages(both=("flex", "perl"), why="a repository holds no generated files")
FLEX_PYTHON = Packages(both=(*FLEX.both, "python3"), why=FLEX.why)
"""The same for PMIx, whose dictionary a Python program makes (PMIx 4.2.2, config/pmix.m4), and for what has PMIx in its repository."""
"""What makes scanners, and what scripts that are written in Perl need."""
CMAKE = Packages(both=("cmake", "make"), why="its kind of build uses CMake, which the recipe does not bring before it")


class ConfiguredBlock(SourceBlock):
    """A block whose build is configured by words on a command line."""

    check: bool = option(False, "run the source's own tests")
    preconfigure: Words = option((), "commands before configuring, in the source's folder")
    postconfigure: Words = option((), "commands after configuring, in the build's folder")
    postinstall: Words = option((), "commands after installing, in the prefix")

    configure: ClassVar[tuple[str, ...]] = ()
    """The words that configure or cmake is given on every target, after the prefix."""
    configure_at: ClassVar[Mapping[str, tuple[str, ...]]] = {}
    """Condition on the version -> further words for configure or cmake."""

    def fixed(self) -> Iterator[str]:
        """The words that follow from the class and the version alone."""
        yield from self.configure
        for condition, words in self.configure_at.items():
            if self.at(condition):
                yield from words

    @property
    def open_because(self) -> str:
        """Commands of the recipe's own, which may see and write anything, unless the recipe says otherwise."""
        own = [name for name in ("preconfigure", "postconfigure", "postinstall") if getattr(self, name)]
        return super().open_because or (f"it has commands of the recipe's own: {', '.join(own)}" if own and self.alone is None else "")

    def after_install(self) -> tuple[str, ...]:
        """The recipe's commands after installing."""
        return (f"cd {sh(self.prefix)}", *self.postinstall) if self.postinstall else ()

    def choices(self, place: Place) -> Iterator[str]:
        """The words that the options with a switch stand for, in the order they are declared in: each choice is said aloud."""
        for name, one in self.options.items():
            if one.switch is not None and self.has_choice(name):
                yield from self.choice(place, name, one.switch)

    def choice(self, place: Place, name: str, switch: Switch) -> list[str]:
        """The words that one option stands for."""
        if not self.options[name].partner:
            return (switch.with_ if getattr(self, name) else switch.without).split()
        partner = place.partner(self, name)
        return (switch.with_.format(path=partner.path) if partner.path else switch.system if partner.system else switch.without).split()


class AutotoolsBlock(ConfiguredBlock):
    """Built by configure, make, make install.

    Options of the form `with_x`, `without_x`, `enable_x`, `disable_x` are passed to configure as they are.
    """

    leaves_out: ClassVar[tuple[str, ...]] = ()
    """What `make install` puts below the prefix and nobody needs in an image: HTML pages, examples."""
    autogen_packages: ClassVar[Packages] = Packages()
    """What a source without a configure script needs beside autoconf, automake and libtool."""

    configure_opts: Words = option((), "further words for configure")
    build_directory: Optional = option(None, "folder to build in, within the source's or absolute; the source's own if not given")

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

    passed: tuple[str, ...] = ()
    """The words that the recipe's `with_x` and the like stand for."""

    def needs(self, place: Place) -> tuple[Packages, ...]:
        """make, and what makes a configure script if the source lacks one."""
        return (MAKE, *super().needs(place), *((AUTOGEN, self.autogen_packages) if self.autogen or self.repository else ()))

    def flags(self, place: Place) -> Iterator[str]:
        """The words that configure is given."""
        yield f"--prefix={self.prefix}"
        yield from self.fixed()
        yield from self.choices(place)
        yield from self.passed
        yield from self.configure_opts

    def steps(self, place: Place, folder: str) -> Iterator[Node]:
        """configure, make, make install."""
        yield self.run([*self.configuring(place, folder), *self.making(), *self.after_install()], cwd=folder)

    def scratch(self, folder: str) -> Iterable[str]:
        """A folder for building that is not within the source's."""
        return (self.build_directory,) if self.build_directory and self.build_directory.startswith("/") else ()

    def configuring(self, place: Place, folder: str) -> Iterator[str]:
        """The commands up to a configured source, which end in the folder to build in."""
        words = " ".join(dict.fromkeys(sh(word) for word in self.flags(place)))
        yield from self.preconfigure
        if self.autogen:
            yield from self.autogen_commands()
        elif self.repository:
            yield f"[ -x configure ] || {{ {' && '.join(self.autogen_commands())}; }}"
        if self.build_directory:
            yield f"mkdir -p {sh(self.build_directory)}"
            yield f"cd {sh(self.build_directory)}"
        script = f"{sh(folder)}/configure" if self.build_directory else "./configure"
        yield f"{assignments(self.variables(place))}{script} {words}"
        yield from self.postconfigure

    def making(self) -> Iterator[str]:
        """The commands that build and install a configured source."""
        yield f"make {self.jobs}"
        if self.check:
            yield f"make {self.jobs} check"
        yield from self.install_commands()

    def autogen_commands(self) -> tuple[str, ...]:
        """What makes the configure script."""
        return ("if [ -x autogen.sh ]; then ./autogen.sh; else autoreconf --force --install; fi",)

    def install_commands(self) -> tuple[str, ...]:
        """What installs it. libtool's .la files go: they make later links pull in what is not needed."""
        left_out = (f"rm -rf {sh_join(f'{self.prefix}/{name}' for name in self.leaves_out)}",) if self.leaves_out else ()
        return ("make install", f"find {sh(self.prefix)} -name '*.la' -delete", *left_out)


class CMakeBlock(ConfiguredBlock):
    """Built by CMake."""

    cmake_opts: Words = option((), "further words for cmake")
    build_directory: str = option("build", "folder for building, within the source's")

    def needs(self, place: Place) -> tuple[Packages, ...]:
        """cmake, unless the recipe has it, and make."""
        return (MAKE if "cmake" in place.before else CMAKE, *super().needs(place))

    def tools(self, place: Place) -> Iterable[tuple[Block, str]]:
        """Compilers, and the recipe's CMake."""
        return (*super().tools(place), *(((place.before["cmake"], "its kind of build"),) if "cmake" in place.before else ()))

    def flags(self, place: Place) -> Iterator[str]:
        """The words that cmake is given."""
        yield f"-DCMAKE_INSTALL_PREFIX={self.prefix}"
        yield because("-DCMAKE_BUILD_TYPE=Release", "else it compiles without optimization")
        yield because("-DCMAKE_INSTALL_LIBDIR=lib", "one name on all distributions, instead of lib64 on some")
        yield because("-DCMAKE_INSTALL_RPATH_USE_LINK_PATH=ON", "so that its libraries find those that it builds upon, without LD_LIBRARY_PATH")
        yield from self.fixed()
        yield from self.choices(place)
        yield from (f"-D{word[2:].lstrip()}" if word.startswith("-D ") else word for word in self.cmake_opts)

    def builds(self, place: Place) -> Iterable[tuple[str, tuple[str, ...]]]:
        """The builds that it is made of: a name, which may be empty where there is one, and further words for cmake."""
        return (("", ()),)

    def further_flags(self, place: Place) -> Iterator[str]:
        """The words that single builds are given."""
        yield from (word for _, words in self.builds(place) for word in words)

    def steps(self, place: Place, folder: str) -> Iterator[Node]:
        """cmake, build, install; once for each of its builds."""
        builds = tuple(self.builds(place))
        for name, words in builds:
            before = self.preconfigure if (name, words) == builds[0] else ()
            after = self.after_install() if (name, words) == builds[-1] else ()
            yield self.run([*before, *self.configured(place, name, words), *self.making(), *after], cwd=folder)

    def scratch(self, folder: str) -> Iterable[str]:
        """A folder for building that is not within the source's."""
        return (self.build_directory,) if self.build_directory.startswith("/") else ()

    def configured(self, place: Place, name: str = "", further: Iterable[str] = ()) -> Iterator[str]:
        """The commands that configure one of its builds, and end in its folder."""
        words = " ".join(dict.fromkeys(sh(word) for word in (*self.flags(place), *further)))
        build = sh(f"{self.build_directory}/{name}" if name else self.build_directory)
        yield f"{assignments(self.variables(place))}cmake -S . -B {build} {words}"
        yield f"cd {build}"
        yield from self.postconfigure

    def making(self) -> Iterator[str]:
        """The commands that build and install from the build's folder."""
        yield f"cmake --build . {self.jobs}"
        if self.check:
            yield "ctest --output-on-failure"
        yield "cmake --install ."


class MakeBlock(SourceBlock):
    """Built by make with words on its command line."""

    make: ClassVar[tuple[str, ...]] = ()
    """The words that make is given, with `{prefix}` and the paths of partners by option name."""

    make_opts: Words = option((), "further words for make")

    def needs(self, place: Place) -> tuple[Packages, ...]:
        """The packages of its kind: make."""
        return (MAKE, *super().needs(place))

    def flags(self, place: Place) -> Iterator[str]:
        """The words that make is given."""
        paths = {name: partner.path for name, partner in self.partners(place).items()}
        yield from (word.format(prefix=self.prefix, **paths) for word in self.make)
        yield from self.make_opts

    def steps(self, place: Place, folder: str) -> Iterator[Node]:
        """One call of make with its words; targets among them install."""
        yield self.run((f"{assignments(self.variables(place))}make {self.jobs} {sh_join(self.flags(place))}",), cwd=folder)
