"""What a building block or a primitive is, read from its class: for `hpcgen blocks`, and for the reference pages."""

from __future__ import annotations

import inspect
import re
from typing import TYPE_CHECKING, Any

import attrs

from hpcgen.block.block import Block
from hpcgen.block.options import KINDS, REQUIRED
from hpcgen.block.packages import Packages
from hpcgen.block.sources import Tarball

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hpcgen.block.item import Item
    from hpcgen.block.options import Option

SCHEMA = 2
"""The version of the JSON form: raised when a key changes its meaning or goes away."""


@attrs.frozen
class Choice:
    """An option.

    Attributes:
        name: as a recipe writes it.
        takes: its type in words.
        default: as a recipe would write it; None: it must be given.
        help: what it is for.
        also: HPCCM's names for it.
        partner: the block that it stands for, or empty.
        own: whether the class declares it itself, and not the kind of block that it is.
    """

    name: str
    takes: str
    default: str | None
    help: str
    also: tuple[str, ...]
    partner: str
    own: bool


@attrs.frozen
class Description:
    """A block or primitive.

    Attributes:
        name: as a recipe writes it.
        what: `block` or `primitive`.
        summary: one sentence.
        more: what else its author has to say.
        homepage: where it is from, or empty.
        licence: of the software, or empty.
        closed: whether it can be built in a stage of its own.
        options: its own ones first.
        versions: those with a known checksum, newest first.
        provides: what it is to others beside its name.
        packages: what for -> package manager -> names.
        exports: variable or list -> its value, with `{prefix}`.
        rules: what does not work together: name, level, sentence with its source.
        platforms: what it can be built for, where that is not everything.
    """

    name: str
    what: str
    summary: str
    more: str
    homepage: str
    licence: str
    closed: bool
    options: tuple[Choice, ...]
    versions: tuple[str, ...]
    provides: tuple[str, ...]
    packages: dict[str, dict[str, tuple[str, ...]]]
    exports: tuple[tuple[str, str], ...]
    rules: tuple[tuple[str, str, str], ...]
    platforms: dict[str, tuple[str, ...]]

    @property
    def partners(self) -> tuple[str, ...]:
        """The blocks that it builds upon if the recipe has them."""
        return tuple(dict.fromkeys(one.partner for one in self.options if one.partner))


def describe(item: type[Item]) -> Description:
    """A class's description."""
    words = inspect.cleandoc(item.__doc__ or "")
    first, _, more = words.partition("\n\n")
    summary, homepage = _parted(" ".join(first.split()))
    block = item if issubclass(item, Block) else Block
    return Description(
        name=item.__name__,
        what=item.what,
        summary=summary,
        more=more,
        homepage=block.homepage or homepage,
        licence=block.licence,
        closed=block.closed,
        options=tuple(_choices(item)),
        versions=tuple(dict.fromkeys(version for one in _facts(item, Tarball) for version in one.versions())),
        provides=block.provides,
        packages=dict(_packages(item)),
        exports=tuple(_exports(block)),
        rules=tuple((rule.name, rule.level, f"{rule.sentence} (source: {rule.source})") for rule in (*block.conflicts, *block.stage_conflicts)),
        platforms=dict(block.platforms),
    )


def _parted(first: str) -> tuple[str, str]:
    """A docstring's first paragraph as its sentence and the link that it ends with, if it does."""
    match = re.fullmatch(r"(.*\S)\s+(https?://\S+?)\.?", first)
    return (match[1], match[2]) if match else (first, "")


def _choices(item: type[Item]) -> Iterator[Choice]:
    """The options that a recipe may use, the class's own first; what begins with '_' is HPCCM's alone."""
    own = inspect.get_annotations(item)
    shown = [one for name, one in item.options.items() if not name.startswith("_")]
    for one in sorted(shown, key=lambda one: one.name not in own):
        yield Choice(one.name, _takes(one), _default(one), one.help, one.aliases, one.partner, one.name in own)


def _default(one: Option) -> str | None:
    """The default as a recipe would write it."""
    if one.default is REQUIRED:
        return None
    if isinstance(one.default, tuple):
        return repr(dict(one.default) if one.kind == "Variables" else list(one.default))
    return repr(one.default)


def _takes(one: Option) -> str:
    """The type of an option in words."""
    return " or ".join(repr(choice) for choice in one.choices) if one.choices else KINDS[one.kind][0]


def _facts(item: type[Item], kind: type[Any]) -> list[Any]:
    """The class's attributes of one type, and those in tuples, lists and dictionaries, by name, each once."""
    names = dict.fromkeys(name for base in reversed(item.__mro__) for name in vars(base))
    found: list[Any] = []
    for name in names:
        value = inspect.getattr_static(item, name)
        values = value.values() if isinstance(value, dict) else value if isinstance(value, tuple | list) else (value,)
        found += [one for one in values if isinstance(one, kind) and one not in found]
    return found


def _packages(item: type[Item]) -> Iterator[tuple[str, dict[str, tuple[str, ...]]]]:
    """What for -> package manager -> names: the class's lists, and those that an option brings."""
    for name in dict.fromkeys(name for base in reversed(item.__mro__) for name in vars(base)):
        value = inspect.getattr_static(item, name)
        if isinstance(value, Packages) and (names := _by_manager(value)):
            yield name.removesuffix("_packages").replace("packages", "install"), names
    for name, one in item.options.items():
        chosen = "'system'" if one.partner else "True"
        for what, value in (("", one.switch.packages), (" (run time)", one.switch.runtime)) if one.switch else ():
            if value is not None and (names := _by_manager(value)):
                yield f"{name}={chosen}{what}", names


def _by_manager(packages: Packages) -> dict[str, tuple[str, ...]]:
    """Names by package manager; the ones of single targets carry the target."""
    t64 = tuple(f"{name}[t64]" for name in getattr(packages, "t64", ()))
    found = {"apt": (*packages.both, *packages.apt, *t64), "dnf": (*packages.both, *packages.dnf)}
    found |= {f"{target} as well": names for target, names in packages.at.items()}
    return {manager: names for manager, names in found.items() if names}


def _exports(block: type[Block]) -> Iterator[tuple[str, str]]:
    """The environment that it leaves for what comes after it."""
    for node in block.exports.nodes("{prefix}") if block.exports else ():
        name, value = getattr(node, "name", ""), getattr(node, "path", getattr(node, "value", ""))
        if (name, value) != ("", ""):
            yield name, value


def as_data(one: Description) -> dict[str, Any]:
    """A description for programs: the attributes of Description, options as those of Choice."""
    return {"schema": SCHEMA, **attrs.asdict(one), "partners": list(one.partners)}
