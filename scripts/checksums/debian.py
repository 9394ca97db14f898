"""Debian: the tarballs of source packages, in .dsc and Sources files.

Debian repacks many of them, often under a name that does not say so: what it has may agree, and never contradicts.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from checksums.seen import Seen

if TYPE_CHECKING:
    from collections.abc import Iterator

    from checksums.trees import Tree

_REPACKED = re.compile(r"[+~.](dfsg|ds|repack|debian|really)", re.IGNORECASE)
_ORIG = re.compile(r"^\s*([0-9a-f]{64})\s+\d+\s+(\S+_(\S+)\.orig\.(?:tar\.\w+|zip))\s*$")


def seen(tree: Tree, name: str) -> list[Seen]:
    """The upstream tarballs of a source package."""
    return _by_package(tree).get(name, [])


@cache
def _by_package(tree: Tree) -> dict[str, list[Seen]]:
    """Source package -> its tarballs, each once; read once, for a suite's Sources is large."""
    found: dict[str, list[Seen]] = {}
    files = [file for file in tree.names("") if file.endswith((".dsc", "Sources"))]
    for _, text in tree.texts(files):
        for package, one in tarballs(text):
            known = found.setdefault(package, [])
            known += [one] if one not in known else []
    return found


def tarballs(text: str) -> Iterator[tuple[str, Seen]]:
    """Source packages with their tarballs, those left out that say to be repacked."""
    for paragraph in re.split(r"\n\s*\n", text):
        package = re.search(r"^(?:Source|Package):\s*(\S+)", paragraph, re.MULTILINE)
        _, _, checksums = paragraph.partition("Checksums-Sha256:")
        for line in checksums.splitlines()[1:] if package else ():
            if re.match(r"\S", line):
                break
            found = _ORIG.match(line)
            if found and package and not _REPACKED.search(found[3]):
                yield package[1], Seen(found[3], found[1], found[2])
