"""Options: what a block or primitive can be told, with a type that is checked when it is told."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Union

from hpcgen.errors import WrongValue
from hpcgen.frozen import frozen

if TYPE_CHECKING:
    from hpcgen.block.block import Block
    from hpcgen.block.packages import Packages

# The types of options are what a block reads; what a recipe may give for them, KINDS has.
Words = tuple[str, ...]
"""A list of words."""
MaybeWords = tuple[str, ...] | None
"""A list of words, or nothing."""
MaybeBool = bool | None
"""On, off, or nothing."""
Repository = bool | str | None
"""The URL of a git repository; True: the project's own."""
Variables = tuple[tuple[str, str], ...]
"""Environment variables, or any names with values: pairs, which a recipe gives as a dictionary."""
Optional = str | None
"""A word, or nothing."""
Number = int | str
"""A whole number; digits in quotes will do."""
Upon = Union[None, bool, str, "Block"]
"""What a block builds upon: None: with it if the recipe has it before; True: the recipe's; 'system': the distribution's; False; a path; a block."""
Anything = Any
"""Not checked here: the block does that."""

REQUIRED: Any = object()
"""The default of an option that must be given."""


@frozen
class Switch:
    """How a choice is said to a build.

    Attributes:
        with_: words for a partner at `{path}`.
        without: words for leaving it out.
        system: words for the distribution's own.
        packages: what the distribution's own needs for building.
        runtime: what the distribution's own needs for running.
        versions: a condition: the versions of the block that have this choice.
        needed: whether there is no leaving it out: the distribution's is taken where the recipe has none.
    """

    with_: str = ""
    without: str = ""
    system: str = ""
    packages: Packages | None = None
    runtime: Packages | None = None
    versions: str = ""
    needed: bool = False


@frozen
class Option:
    """One option of a class.

    Attributes:
        name: as it is written in a recipe.
        default: what holds if it is not given.
        help: one line.
        kind: the name of its type, a key of `KINDS`.
        choices: the only values, or empty.
        aliases: HPCCM's names for it.
        switch: for a partner or an on/off choice: how it is said to the build.
        partner: the block that an `Upon` option stands for, or what such blocks provide.
        images: a pattern of base images that bring the partner, and the path that they have it at; or empty.
        toolchain: the toolchain's entry that names the partner's path, or empty.
    """

    default: Any
    help: str
    name: str = ""
    kind: str = "Anything"
    choices: tuple[Any, ...] = ()
    aliases: tuple[str, ...] = ()
    switch: Switch | None = None
    partner: str = ""
    images: tuple[str, str] | tuple[()] = ()
    toolchain: str = ""

    def checked(self, value: Any) -> Any:
        """The value in the form that blocks read: lists as tuples."""
        if value is self.default:
            return value
        takes, check, form = KINDS[self.kind]
        if not check(value):
            raise WrongValue(f"{self.name}={value!r} is a {type(value).__name__}", help=f"{self.name} takes {takes}: {self.help}")
        if self.choices and value not in self.choices:
            raise WrongValue(f"{self.name}={value!r}", help=f"{self.name} is one of {', '.join(repr(choice) for choice in self.choices)}")
        return form(value) if form else value


def option(
    default: Any,
    help: str,  # noqa: A002 (the word that every tool has for it)
    *,
    choices: Iterable[Any] = (),
    alias: str = "",
    on: str = "",
    off: str = "",
    packages: Packages | None = None,
    versions: str = "",
) -> Any:
    """An option of a block.

    Args:
        default: what holds if it is not given; `REQUIRED` if it must be.
        help: one line for `hpcgen blocks NAME` and the reference page.
        choices: the only values it takes.
        alias: HPCCM's name for it.
        on: for a bool: the word for configure or cmake when True.
        off: the word when False.
        packages: what must be installed when True.
        versions: a condition such as `<1.15`: the versions of the block that have this choice.
    """
    switch = Switch(with_=on, without=off, packages=packages, versions=versions) if on or off or packages or versions else None
    return Option(default, help, choices=tuple(choices), aliases=(alias,) if alias else (), switch=switch)


def partner(
    name: str,
    help: str,  # noqa: A002
    *,
    default: Upon = None,
    with_: str = "",
    without: str = "",
    system: str = "",
    packages: Packages | None = None,
    runtime: Packages | None = None,
    versions: str = "",
    needed: bool = False,
    images: tuple[str, str] | tuple[()] = (),
    toolchain: str = "",
) -> Any:
    """An option that names a partner: a block, or a part of the distribution, that this one builds upon.

    Args:
        name: the partner's block, or what several blocks provide (`mpi`).
        help: one line.
        default: None (with it if the recipe has it before), True, False, 'system' or a path.
        with_: the words for one at `{path}`; the only form that an unnamed partner takes too.
        without: the words that leave it out: every choice is said aloud, since a configure that guesses drops things silently.
        system: the words for the distribution's own; empty: it cannot be had from there.
        packages: the distribution's packages to build against.
        runtime: the distribution's packages to run with.
        versions: a condition such as `<1.15`: the versions of the block that have this choice.
        needed: whether there is no leaving it out: without the recipe's own, None takes the distribution's.
        images: a pattern of base images that bring the partner, and the path that they have it at.
        toolchain: the toolchain's entry that names the partner's path, as HPCCM's `toolchain.CUDA_HOME`.
    """
    return Option(
        default,
        help,
        kind="Upon",
        partner=name,
        switch=Switch(with_, without, system, packages, runtime, versions, needed),
        images=images,
        toolchain=toolchain,
    )


def _is_words(value: Any) -> bool:
    return isinstance(value, list | tuple) and all(isinstance(word, str) for word in value)


def _is_variables(value: Any) -> bool:
    return isinstance(value, Mapping) and all(isinstance(name, str) and isinstance(text, str | int | float) for name, text in value.items())


def _is_upon(value: Any) -> bool:
    return value is None or isinstance(value, bool | str) or hasattr(value, "prefix")


def _variables(value: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """Pairs: frozen, so that what the recipe does to its dictionary later does not matter."""
    return tuple((name, str(text)) for name, text in value.items())


Check = Callable[[Any], bool]
KINDS: dict[str, tuple[str, Check, Callable[[Any], Any] | None]] = {
    "str": ("a string", lambda value: isinstance(value, str), None),
    "bool": ("True or False", lambda value: isinstance(value, bool), None),
    "int": ("a whole number", lambda value: isinstance(value, int) and not isinstance(value, bool), None),
    "Number": (
        "a whole number",
        lambda value: (isinstance(value, int) and not isinstance(value, bool)) or (isinstance(value, str) and value.isdigit()),
        str,
    ),
    "Optional": ("a string or None", lambda value: value is None or isinstance(value, str), None),
    "Words": ("a list of strings", _is_words, tuple),
    "MaybeWords": (
        "a list of strings or None",
        lambda value: value is None or _is_words(value),
        lambda value: None if value is None else tuple(value),
    ),
    "MaybeBool": ("True, False or None", lambda value: value is None or isinstance(value, bool), None),
    "Repository": ("the URL of a git repository, or True", lambda value: value is None or isinstance(value, bool | str), None),
    "Variables": ("a dictionary of strings", _is_variables, _variables),
    "Upon": ("None, True, False, 'system', a path or a block", _is_upon, None),
    "Anything": ("anything", lambda _: True, None),
}
"""Kind -> what it takes in words, its test, and the form blocks read it in."""

_KIND_OF = {
    str: "str",
    bool: "bool",
    int: "int",
    Words: "Words",
    MaybeWords: "MaybeWords",
    MaybeBool: "MaybeBool",
    Repository: "Repository",
    Variables: "Variables",
    Optional: "Optional",
    Number: "Number",
    Upon: "Upon",
    Any: "Anything",
}


def kind_of(annotation: Any) -> str:
    """The kind that a class's annotation names, as an object or as text."""
    if isinstance(annotation, str):
        return annotation if annotation in KINDS else "Anything"
    return _KIND_OF.get(annotation, "Anything")
