"""What history, labels and the manifest of an image say of who made which bytes: hpcgen's own marks, and what any engine notes down."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from hpcgen.auditing.describing import listed, mapped, worded
from hpcgen.auditing.reading import CannotRead
from hpcgen.frozen import field, frozen

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from hpcgen.auditing.reading import Contents, Fact, Look, Reader
    from hpcgen.auditing.tables import Files

MANIFEST = "usr/share/hpcgen/manifest.json"
SCHEMA = "hpcgen/manifest/v1"
_MOST = 64 << 20
_MARKER = re.compile(r": hpcgen (?:'(?P<quoted>[^'\n]{1,200})'|(?P<plain>[\w.+-]{1,200})) (?P<digest>[0-9a-f]{12})\b")
_PACKAGES = re.compile(r": hpcgen packages\b")
_SHELL = re.compile(r"(?:RUN )?(?:\|\d+ .*?)?/bin/sh -c (?:#\(nop\) +)?(?P<rest>.*)", re.DOTALL)
_COPY = re.compile(r"(?:/bin/sh -c #\(nop\) +)?(?P<word>COPY|ADD)\b(?P<rest>.*)", re.DOTALL)


class Mark(NamedTuple):
    """What made a layer: "block", "packages", "copy", "run", or empty; a block's name, version and digest."""

    kind: str
    name: str = ""
    version: str = ""
    digest: str = ""


def mark(instruction: str) -> Mark:
    """What an instruction of the history says."""
    if _PACKAGES.search(instruction):
        return Mark("packages")
    found = _MARKER.search(instruction)
    if found:
        name, _, version = (found["quoted"] or found["plain"]).partition(" ")
        return Mark("block", name, version, found["digest"])
    if _COPY.match(instruction):
        return Mark("copy")
    return Mark("run") if _SHELL.match(instruction) else Mark("")


def copied_to(instruction: str) -> str:
    """Where a COPY or ADD writes, relative to the root; empty where it does not say."""
    found = _COPY.match(instruction)
    if found is None:
        return ""
    words = found["rest"].partition(" # ")[0].split()
    return words[-1].strip("/") if len(words) > 1 and words[-1].startswith("/") else ""


@frozen
class BlockMark:
    """A block of the manifest."""

    name: str
    version: str = ""
    digest: str = ""
    prefix: str = ""


@frozen
class Manifest:
    """What an image that hpcgen made says of itself.

    Attributes:
        recipe: its file.
        stage: the stage that it is.
        source: the stage that its files come from.
        base: the base image.
        blocks: the building blocks.
        packages: package of the distribution -> the block, "recipe" or "system" that needs it.
        files: path relative to the root -> whose it is.
    """

    recipe: str = ""
    stage: str = ""
    source: str = ""
    base: str = ""
    blocks: tuple[BlockMark, ...] = ()
    packages: Mapping[str, str] = field(factory=dict)
    files: Mapping[str, str] = field(factory=dict)


class Marking:
    """A look that wants the manifest too.

    Args:
        look: what else is looked for.
    """

    def __init__(self, look: Look) -> None:
        self._look = look
        self.version = f"{look.version} {SCHEMA}"

    def wants(self, path: str, size: int, head: bytes) -> bool:
        """Whether it is the manifest, or what else is wanted."""
        return self._look.wants(path, size, head) or path == MANIFEST

    def look(self, path: str, reader: Reader) -> Fact | None:
        """The manifest as text, or what else there is."""
        if path != MANIFEST:
            return self._look.look(path, reader)
        return {"manifest": reader.read(0, reader.size).decode("utf-8", "replace")} if reader.size <= _MOST else None


def manifest_of(files: Files, contents: Contents) -> Manifest | None:
    """The manifest of an image, where it has one."""
    if MANIFEST not in files.paths:
        return None
    row = files.paths.index(MANIFEST)
    fact = contents.fact(row)
    if fact is not None:
        return read_manifest(worded(fact.get("manifest")))
    reader = contents.reader(row)
    try:
        return read_manifest(reader.read(0, reader.size).decode("utf-8", "replace")) if reader is not None and reader.size <= _MOST else None
    except CannotRead:
        return None


def read_manifest(content: str) -> Manifest | None:
    """The manifest in a file, None where it is none: an image's files are whoever's."""
    try:
        told = mapped(json.loads(content))
    except (ValueError, RecursionError):
        return None
    if told.get("schema") != SCHEMA:
        return None
    image = mapped(told.get("image"))
    blocks = tuple(BlockMark(*(worded(one.get(key)) for key in ("name", "version", "digest", "prefix"))) for one in _rows(told, "blocks"))
    return Manifest(
        worded(image.get("recipe")),
        worded(image.get("stage")),
        worded(image.get("from")),
        worded(image.get("base")),
        tuple(one for one in blocks if one.name),
        {worded(one.get("package")): worded(one.get("block")) for one in _rows(told, "packages")},
        {worded(one.get("path")).strip("/"): worded(one.get("block")) for one in _rows(told, "files")},
    )


def _rows(told: dict[str, Any], key: str) -> Iterator[dict[str, Any]]:
    return map(mapped, listed(told.get(key)))
