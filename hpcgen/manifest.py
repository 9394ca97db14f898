"""What an image says of itself: the manifest that a derived runtime stage leaves in it, read as something that anyone may have written."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import attrs

from hpcgen.errors import HpcgenError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

FOLDER = "usr/share/hpcgen"
"""Where an image has its manifests, below its root."""
SCHEMA = "hpcgen/manifest/v1"
"""The form that is read here."""

_FORMS = SCHEMA.rpartition("/")[0] + "/"
_MOST = 2**63 - 1  # bytes of a file that a file system can have
_BECAUSE = ("needed by package ", "needed by ", "opened by name by ")


class BadManifest(HpcgenError):
    """A text is no manifest, or one of a newer form."""

    kind = "manifest"


@attrs.frozen
class Block:
    """A building block of the stage that the image was taken from.

    Attributes:
        name: as a recipe writes it.
        version: of the software, or empty.
        digest: of its nodes: equal digests, equal nodes.
        prefix: the folder that it is installed in, or empty.
    """

    name: str
    version: str
    digest: str
    prefix: str


@attrs.frozen
class Package:
    """A package of the distribution that was installed.

    Attributes:
        package: its name.
        version: the distribution's.
        block: whom it is there for.
        why: what needs it.
        bytes: of its files, without those that the installation leaves out.
    """

    package: str
    version: str
    block: str
    why: str
    bytes: int

    @property
    def name(self) -> str:
        """What it is looked up by."""
        return self.package


@attrs.frozen
class File:
    """A file or symbolic link.

    Attributes:
        path: absolute.
        block: whose it is.
        why: what needs it.
        bytes: its size; none for a link.
    """

    path: str
    block: str
    why: str
    bytes: int

    @property
    def name(self) -> str:
        """What it is looked up by."""
        return self.path


Entry = File | Package


@attrs.frozen
class Total:
    """What a block has in the image.

    Attributes:
        block: its name.
        version: of the software, or empty.
        files: how many.
        packages: how many of the distribution are there for it.
        bytes: of both.
    """

    block: str
    version: str
    files: int
    packages: int
    bytes: int


@attrs.frozen
class Manifest:
    """What is in an image, for whom and why.

    Attributes:
        image: what was said of the image as a whole.
        blocks: of the stage that it was taken from.
        packages: of the distribution, that were installed.
        files: that were taken.
    """

    image: Mapping[str, Any]
    blocks: tuple[Block, ...]
    packages: tuple[Package, ...]
    files: tuple[File, ...]

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The packages, then the files."""
        found: list[Entry] = [*self.packages, *self.files]
        return tuple(found)

    def totals(self) -> tuple[Total, ...]:
        """What each block has in the image: the blocks in their order, then whom else something belongs to."""
        versions: dict[str, dict[str, None]] = {}
        for block in self.blocks:
            versions.setdefault(block.name, {})[block.version] = None
        others = {entry.block for entry in self.entries} - versions.keys()
        found = {name: [0, 0, 0] for name in (*versions, *sorted(others))}
        for entry in self.entries:
            figures = found[entry.block]
            figures[isinstance(entry, Package)] += 1
            figures[2] += entry.bytes
        return tuple(Total(name, ", ".join(filter(None, versions.get(name, ()))), *figures) for name, figures in found.items())

    def named(self, name: str) -> tuple[Entry, ...]:
        """What is called so: a package, a path, all below a folder, or, for a name without a slash, all files of that name."""
        if "/" not in name:
            return (*(one for one in self.packages if one.package == name), *(one for one in self.files if one.path.rpartition("/")[2] == name))
        path = "/" + name.strip("/")
        return tuple(one for one in self.files if one.path == path) or tuple(one for one in self.files if one.path.startswith(f"{path.rstrip('/')}/"))

    def chains(self, entries: Iterable[Entry]) -> Iterator[tuple[Entry, ...]]:
        """Each of some entries with what it is there for, what that is there for, and so on."""
        known: dict[str, Entry] = {entry.name: entry for entry in self.entries}
        for file in self.files:  # a library may be named without its folder
            known.setdefault(file.path.rpartition("/")[2], file)
        for entry in entries:
            chain = {entry.name: entry}
            while (upon := known.get(_cause(entry.why))) is not None and upon.name not in chain:
                chain[upon.name] = entry = upon  # noqa: PLW2901 (one step along the chain)
            yield tuple(chain.values())


def _cause(why: str) -> str:
    """The path, package or library that a reason names, or empty."""
    return next((why.removeprefix(words) for words in _BECAUSE if why.startswith(words)), "")


def read(text: str | bytes) -> Manifest:
    """A manifest.

    Raises:
        BadManifest: the text is none, or one of a newer form.
    """
    data = _object(loaded(text), "it")
    _check_schema(data.get("schema"))
    image = data.get("image")
    return Manifest(
        image={} if image is None else _object(image, "'image'"),
        blocks=tuple(_records(data, "blocks", Block)),
        packages=tuple(_records(data, "packages", Package)),
        files=tuple(_records(data, "files", File)),
    )


def loaded(text: str | bytes) -> Any:
    """The JSON of a text, with all that it says.

    Raises:
        BadManifest: it is none.
    """
    try:
        return json.loads(text.decode("utf-8") if isinstance(text, bytes) else text, parse_constant=_refuse, parse_float=_finite)
    except (ValueError, RecursionError) as fault:
        raise BadManifest(f"it is not JSON: {fault}") from fault


def _refuse(word: str) -> NoReturn:
    """Refuses NaN and its like, which Python reads though they are no JSON."""
    raise ValueError(f"{word} is no number of JSON")


def _finite(word: str) -> float:
    """A number, unless it is so large that Python would take it for Infinity."""
    number = float(word)
    return number if math.isfinite(number) else _refuse(word)


def _object(value: Any, what: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise BadManifest(f"{what} is no object of JSON")
    return value


def _check_schema(schema: Any) -> None:
    if schema == SCHEMA:
        return
    if not isinstance(schema, str) or not schema.startswith(_FORMS):
        raise BadManifest("it is no manifest of hpcgen", help=f'that has "schema": "{SCHEMA}"')
    raise BadManifest(f"its form is {_said(schema)}, and this hpcgen reads {SCHEMA}", help="a newer hpcgen wrote it: read it with that one")


_R = TypeVar("_R", Block, Package, File)


def _records(data: dict[str, Any], key: str, kind: type[_R]) -> Iterator[_R]:
    """The entries of one list."""
    entries = data.get(key)
    if not isinstance(entries, list):
        raise BadManifest(f"'{key}' is {'no list' if key in data else 'missing'}")
    names = [field.name for field in attrs.fields(kind)]
    for number, entry in enumerate(entries):
        where = f"{key}[{number}]"
        _object(entry, where)
        yield kind(*(_value(entry, name, where) for name in names))


def _value(entry: dict[str, Any], name: str, where: str) -> Any:
    """A string, or for bytes a number of them."""
    value = entry.get(name)
    if name == "bytes":
        good, takes = type(value) is int and 0 <= value <= _MOST, "a number of bytes"
    else:
        good, takes = isinstance(value, str), "a string"
    if not good:
        raise BadManifest(f"{where}: '{name}' {f'is {_said(value)}' if name in entry else 'is missing'}, and should be {takes}")
    return value


def _said(value: Any) -> str:
    """A value as an error names it; one that holds others may hold any number of them."""
    return "an object" if isinstance(value, dict) else "a list" if isinstance(value, list) else f"{value!a:.80}"
