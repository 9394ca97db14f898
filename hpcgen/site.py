"""The site file: what is so for every recipe of a site, such as its mirror. What the command line says wins."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from hpcgen.errors import Unreachable, UsageError, did_you_mean
from hpcgen.frozen import field, frozen

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class BadSite(UsageError):
    """A site file says something that cannot be."""

    kind = "site file"


@frozen
class Site:
    """What a site file says.

    Attributes:
        mirror: URL or folder with the layout `<sha256>/<file name>` that sources are taken from first.
        base: base map: image, registry or path in front of images -> what to use instead.
        arch: architectures, as for `--arch`.
        dialect: of Dockerfiles.
        block_folders: folders with further blocks.
    """

    mirror: str = ""
    base: Mapping[str, str] = field(factory=dict)
    arch: str = ""
    dialect: str = ""
    block_folders: tuple[str, ...] = ()


def default_path(environ: Mapping[str, str]) -> str:
    """Where a user's site file lies, by the XDG base directory specification, which has relative folders ignored; empty without a home."""
    config = environ.get("XDG_CONFIG_HOME", "")
    if not os.path.isabs(config):
        home = environ.get("HOME", "")
        config = os.path.join(home, ".config") if home else ""
    return os.path.join(config, "hpcgen", "config.toml") if config else ""


def read(path: str, environ: Mapping[str, str]) -> Site:
    """The site file that the command line names, else the user's, which may be missing.

    Raises:
        Unreachable: it cannot be read.
        BadSite: it is not TOML, or has a key or a value that is none.
    """
    file = path or default_path(environ)
    try:
        with open(file, "rb") as stream:
            data = stream.read()
    except OSError as fault:
        if not path and isinstance(fault, FileNotFoundError | NotADirectoryError):
            return Site()
        raise Unreachable(f"site file '{file}': {fault.strerror or fault}") from fault
    return parse(file, data)


def parse(file: str, data: bytes) -> Site:
    """A site file's content; relative folders in it stand beside it."""
    import tomllib

    try:
        values = tomllib.loads(data.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        raise BadSite(f"{file}: not TOML: {fault}") from fault
    known = set(Site.__annotations__)
    for key, value in values.items():
        if key not in known:
            raise BadSite(f"{file}: there is no key '{key}'", help=did_you_mean(key, known) or f"keys: {', '.join(sorted(known))}")
        _check(file, key, value)
    folder = os.path.dirname(os.path.abspath(file))
    if "mirror" in values and "://" not in values["mirror"]:
        values["mirror"] = _beside(folder, values["mirror"])
    values["arch"] = ",".join(_words(values.get("arch", "")))
    values["block_folders"] = tuple(_beside(folder, one) for one in _words(values.get("block_folders", ())))
    return Site(**values)


def _check(file: str, key: str, value: Any) -> None:
    if key == "base":
        good, takes = isinstance(value, dict) and all(isinstance(one, str) for one in value.values()), 'a table: [base], then "debian:12" = "..."'
    elif key in ("arch", "block_folders"):
        good, takes = (
            isinstance(value, str) or (isinstance(value, list) and all(isinstance(one, str) for one in value)),
            "a string or a list of strings",
        )
    else:
        good, takes = isinstance(value, str), "a string"
    if not good:
        raise BadSite(f"{file}: {key} = {value!r}", help=f"{key} takes {takes}")


def _are_strings(values: Iterable[Any]) -> bool:
    return all(isinstance(one, str) for one in values)


def _words(value: Any) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) and value else tuple(value)


def _beside(folder: str, path: str) -> str:
    return os.path.normpath(os.path.join(folder, os.path.expanduser(path)))
