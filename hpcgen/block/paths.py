"""The paths that a build's commands name: what they may find there is another block's, the base image's, or something that the recipe put there."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

from hpcgen.graph.nodes import Run
from hpcgen.graph.stages import walk

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from hpcgen.graph.nodes import Node

_PART = r"[\w.+@%-]+"
_PATH = re.compile(rf"(?:(?<![\w/.$}})*~+-])|(?<=-[BFIJLR])|(?<=-isystem)|(?<=-iquote)|(?<=-idirafter))/{_PART}(?:/+{_PART})*")
"""An absolute path: not the rest of a relative one, nor of an address; behind -I, -L and the like too."""

_MPI = re.compile(r"(?<![\w./-])mpi(?:cc|cxx|c\+\+|CC|f77|f90|fort|icc|icx|icpc|icpx|ifort|ifx|run|exec)(?![\w-]|\.\w)")
"""A program that every MPI has under these names: compilers, and what starts processes."""

_SYSTEM = frozenset(
    (
        *("bin", "dev", "etc", "lib", "lib32", "lib64", "libx32", "proc", "run", "sbin", "sys", "tmp", "var"),
        *(f"usr/{name}" for name in ("bin", "include", "lib", "lib32", "lib64", "libexec", "libx32", "sbin", "share")),
    )
)
"""The folders of the distribution itself."""


def named_in(nodes: Iterable[Node]) -> tuple[str, ...]:
    """The absolute paths in the commands of nodes, each once, in order."""
    return tuple(dict.fromkeys(path for text in _texts(nodes) for path in paths_in(text)))


def paths_in(text: str) -> Iterator[str]:
    """The absolute paths in a text."""
    return (normal(path) for path in _PATH.findall(text))


def mpi_named_in(nodes: Iterable[Node]) -> str:
    """The first of MPI's programs that commands call by name, or empty."""
    return next((match[0] for text in _texts(nodes) if (match := _MPI.search(text))), "")


def _texts(nodes: Iterable[Node]) -> Iterator[str]:
    for node in walk(nodes):
        if isinstance(node, Run):
            yield from (node.cwd, *node.commands, *(value for _, value in node.env))


def normal(path: str) -> str:
    """A path without `//`, `/.` and `/..`, and without a slash at its end."""
    return posixpath.normpath(path) if "//" in path or "/." in path else path.rstrip("/")


def is_systems(path: str) -> bool:
    """Whether a path is in a folder of the distribution itself."""
    first, _, rest = path.lstrip("/").partition("/")
    return first in _SYSTEM or f"{first}/{rest.partition('/')[0]}" in _SYSTEM


def is_within(path: str, folder: str) -> bool:
    """Whether a path is a folder, or below it."""
    return bool(folder) and f"{path.rstrip('/')}/".startswith(f"{folder.rstrip('/')}/")


_SHARED = frozenset(
    (
        *("", "boot", "home", "media", "mnt", "opt", "root", "srv", "usr", "usr/local"),
        *(f"usr/local/{name}" for name in ("bin", "etc", "games", "include", "lib", "lib64", "libexec", "man", "sbin", "share", "src")),
    )
)
"""Folders that hold what many install; the distribution makes them."""


def is_own(prefix: str) -> bool:
    """Whether a prefix is a folder of one installation's own, which can be copied whole."""
    return prefix.startswith("/") and prefix.strip("/") not in _SHARED and not is_systems(prefix)
