"""What a collection of packages says of one release, and when two of them speak of the same file."""

from __future__ import annotations

import re
from dataclasses import dataclass

from hpcgen.version import Version

_MADE_BY_HOST = re.compile(r"/archive/|/tarball/|/-/archive/|codeload\.")
_ENDING = re.compile(r"\.(tar\.\w+|tgz|tbz2?|txz|zip|run|rpm|deb|sh|whl|jar)$")
_SHORT = {"tgz": "tar.gz", "tbz": "tar.bz2", "tbz2": "tar.bz2", "txz": "tar.xz"}


@dataclass(frozen=True)
class Seen:
    """A checksum as a collection has it.

    Attributes:
        version: as the collection writes it.
        sha256: of the file.
        file: the address or name of the file, as far as the collection tells without running its code; may be empty.
    """

    version: str
    sha256: str
    file: str = ""


def same_version(one: str, other: str) -> bool:
    """Whether two spellings are one version: `2.1.12` and `2.1.12-stable`, `4.0` and `4.0.0`."""
    return one == other or Version(one) == Version(other)


def may_be_named(one: str, other: str) -> bool:
    """Whether two spellings may name one release: one of them has further numbers, as `2.27.7-1`, the packing of 2.27.7."""
    numbers = [re.findall(r"\d+", version) for version in (one, other)]
    least = min(map(len, numbers))
    return same_version(one, other) or (least > 1 and numbers[0][:least] == numbers[1][:least])


def kind(file: str) -> tuple[bool, str]:
    """Two files of one release and one kind are the same file: whether the host packs it from a tag, and the ending of its name."""
    found = _ENDING.search(file.partition("?")[0].partition("#")[0].lower())
    ending = found[1] if found else ""
    return bool(_MADE_BY_HOST.search(file)), _SHORT.get(ending, ending)


def is_release(version: str) -> bool:
    """Whether a version is a number and no preview: `5.0.7`, but neither `main` nor `6.0.0rc1`."""
    return bool(re.fullmatch(r"v?\d+([._-]\d+)*([._-]?(p\d+|stable|[a-d]))?", version))
