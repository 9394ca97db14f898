"""What a reference names, told apart by what is there: an image of an engine, an archive, a layout, a SIF, a squashfs, a folder, a stream."""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING, BinaryIO

from hpcgen.auditing import caching
from hpcgen.auditing.beside import spread
from hpcgen.auditing.describing import Description, LayerPart, described
from hpcgen.auditing.engines import ENGINES, NotThere
from hpcgen.auditing.faults import Unreadable
from hpcgen.auditing.inflating import compression
from hpcgen.auditing.layering import Part, headers, lay, reader_of
from hpcgen.auditing.storing import Archive, Folder, Stream, open_part
from hpcgen.auditing.trees import Tree, folder, squashed
from hpcgen.errors import UsageError
from hpcgen.frozen import evolve, field, frozen

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from hpcgen.auditing.index import Index
    from hpcgen.auditing.inflating import Read
    from hpcgen.auditing.reading import Look, Reader
    from hpcgen.auditing.report import Watch

SQUASHFS = b"hsqs"
SIF_AT, SIF = 32, b"SIF_MAGIC\0"
_HEAD = 512
_WORTH = 1 << 28
"""Bytes of plain layers beside the largest, from which on a process more is worth it."""


@frozen
class Wish:
    """How an image is to be read.

    Attributes:
        look: what is looked for in files; None reads headers alone.
        platform: "linux/arm64", where an image has several.
        jobs: layers that are unpacked, and files that are looked into, at once.
        cache: folder of the indexes of compressed layers, or empty.
        environment: the variables that engines' clients read.
        stdin: what `-` reads.
        watch: is told how far it is.
    """

    look: Look | None
    platform: str
    jobs: int
    cache: str
    environment: Mapping[str, str]
    stdin: BinaryIO | None
    watch: Watch


@frozen
class Layered:
    """A layer that has been read.

    Attributes:
        index: its entries.
        named: as the image names it.
        compression: "gzip", "zstd", "none", or empty.
        size: bytes of its blob, None where there is none.
        reader: gives the content of a file, or None.
        part: where a plain archive lies.
        from_cache: whether its index was cached.
    """

    index: Index
    named: LayerPart = field(factory=lambda: LayerPart(""))
    compression: str = ""
    size: int | None = None
    reader: Callable[[int], Reader | None] = lambda entry: None
    part: Part | None = None
    from_cache: bool = False


@frozen
class Opened:
    """What a reference named.

    Attributes:
        kind: as in `report.Image`.
        how: how it was read.
        layers: lowest first.
        description: what the image says of itself, where it does.
        digest: of the image.
        platform: "linux/amd64", or empty.
        tree: of a SIF, a squashfs, a folder.
        size: bytes of a SIF or squashfs.
        definition: a SIF's definition file.
        faults: what could not be read.
    """

    kind: str
    how: str
    layers: tuple[Layered, ...]
    description: Description | None = None
    digest: str = ""
    platform: str = ""
    tree: Tree | None = None
    size: int | None = None
    definition: str = ""
    faults: tuple[str, ...] = ()


def opened(ref: str, wish: Wish) -> Opened:
    """Reads what a reference names.

    Raises:
        Unreadable: it is damaged from its start, no image, or not there.
        UsageError: it holds several images, none that was asked for, or is named in a way that nothing is.
    """
    if ref == "-":
        if wish.stdin is None:
            raise UsageError("- is standard input, and there is none")
        return _stream(wish.stdin.read1, 0, "stdin", "read from standard input", wish)  # type: ignore[attr-defined]  # a buffered stream has it
    scheme, colon, rest = ref.partition(":")
    if colon and scheme in _SCHEMES and not os.path.exists(ref):
        return _SCHEMES[scheme](rest.removeprefix("//") if scheme in ENGINES else rest, wish)
    if os.path.isdir(ref):
        return _layout(ref, wish) if os.path.isfile(os.path.join(ref, "index.json")) else _folder(ref, wish)
    if os.path.exists(ref) or "/" in ref[:1] or ref.startswith("."):
        return _file(ref, wish)
    return _engine(ref, wish, tuple(ENGINES))


# --- engines and streams -----------------------------------------------------------------------------------------------------


def _engine(ref: str, wish: Wish, names: tuple[str, ...]) -> Opened:
    """An image of the first engine that has it."""
    said = []
    for name in names:
        try:
            with ENGINES[name](ref, wish.platform, wish.environment) as (read, expected, how):
                return _stream(read, expected, name, how, wish)
        except NotThere as fault:
            said.append(str(fault))
    raise Unreadable(f"{ref}: it is neither a file nor an image of an engine", help="\n".join(said))


def _stream(read: Read, expected: int, kind: str, how: str, wish: Wish) -> Opened:
    """An image whose archive goes by."""
    import time

    began, done = time.monotonic(), [0]

    def moved(taken: int) -> None:
        done[0] = taken
        wish.watch(f"reading {how}", taken, expected)

    store = Stream(read, wish.look, moved)
    about = described(store, platform=wish.platform if kind not in ENGINES else "")
    layers = []
    for named in about.layers:
        index = store.index(named.name)
        if index is None:
            raise Unreadable(f"a layer is not in it: {named.name}")
        how_packed = store.how.get(named.name, "none")
        layers.append(Layered(index, named, how_packed, store.size(named.name)))
    rate = f" at {done[0] / 1e6 / max(time.monotonic() - began, 1e-3):.0f} MB/s"
    return Opened(kind, how + rate, tuple(layers), about, about.digest, about.platform, faults=tuple(store.faults))


# --- files ---------------------------------------------------------------------------------------------------------------


def _file(path: str, wish: Wish, tag: str = "") -> Opened:
    """An archive, a SIF, a squashfs."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError as fault:
        raise Unreadable(f"{path}: {fault.strerror}") from fault
    if not os.path.isfile(path):
        with open(descriptor, "rb") as stream:
            return _stream(stream.read1, 0, "stdin", "read from a pipe", wish)
    part = open_part(descriptor)
    head = part.head(_HEAD)
    try:
        if head[SIF_AT : SIF_AT + len(SIF)] == SIF:
            return _sif(part)
        if head.startswith(SQUASHFS):
            return _squashfs(part)
        if compression(head) != "none":
            return _stream(part.stream(), part.size, "docker-archive", f"unpacked from {compression(head)}", wish)
        return _archive(part, wish, tag)
    except Unreadable as fault:
        raise Unreadable(f"{path}: {fault.sentence}", help=fault.help) from fault


def _archive(part: Part, wish: Wish, tag: str) -> Opened:
    store = Archive(part)
    about = described(store, platform=wish.platform, tag=tag)
    kind = "docker-archive" if store.size("manifest.json") is not None else "oci-archive"
    return _stored(kind, store, about, wish, "its file")


def _layout(path: str, wish: Wish, tag: str = "") -> Opened:
    store = Folder(path)
    try:
        return _stored("oci-layout", store, described(store, platform=wish.platform, tag=tag), wish, "its folder")
    except Unreadable as fault:
        raise Unreadable(f"{path}: {fault.sentence}", help=fault.help) from fault


def _stored(kind: str, store: Archive | Folder, about: Description, wish: Wish, where: str) -> Opened:
    """An image whose layers can be read at any place: compressed ones at once."""
    parts = []
    for named in about.layers:
        part = store.part(named.name)
        if part is None:
            raise Unreadable(f"a layer is not in it: {named.name}")
        parts.append(part)
    total, done = sum(part.size for part in parts), [0] * len(parts)

    def moved(at: int, taken: int) -> None:
        done[at] = taken
        wish.watch("reading layers", sum(done), total)

    def read(at: int) -> Layered:
        return _compressed(parts[at], ways[at], about.layers[at], wish, lambda taken: moved(at, taken))

    ways = [compression(part.head()) for part in parts]
    squeezed = [at for at, how in enumerate(ways) if how != "none"]
    plain = sorted((at for at, how in enumerate(ways) if how == "none"), key=lambda at: -parts[at].size)
    jobs = wish.jobs if sum(parts[at].size for at in plain[1:]) >= _WORTH else 1
    indexes = spread([partial(headers, parts[at], wish.look) for at in plain], jobs, lambda place: moved(plain[place], parts[plain[place]].size))
    layers = {at: _plain(parts[at], about.layers[at], index) for at, index in zip(plain, indexes, strict=True)}
    if len(squeezed) > 1 and wish.jobs > 1:
        from concurrent.futures import ThreadPoolExecutor

        with ThreadPoolExecutor(min(wish.jobs, len(squeezed))) as pool:
            layers.update(zip(squeezed, pool.map(read, squeezed), strict=True))
    whole = tuple(layers[at] if at in layers else read(at) for at in range(len(parts)))
    return Opened(kind, f"read from {where}", whole, about, about.digest, about.platform, faults=tuple(store.faults))


def _compressed(part: Part, how: str, named: LayerPart, wish: Wish, moved: Callable[[int], None]) -> Layered:
    """A compressed layer, from the cache where it is known there."""
    key = caching.key(part, named.blob, wish.look) if wish.cache else ""
    index = caching.load(wish.cache, key) if key else None
    known = index is not None
    if index is None:
        index = lay(part, how, wish.look, moved)
        if key and not index.faults:
            caching.save(wish.cache, key, index)
    moved(part.size)
    return Layered(index, named, how, part.size, from_cache=known)


def _plain(part: Part, named: LayerPart, index: Index) -> Layered:
    """A layer that is not compressed, whose files can be read."""
    return Layered(index, named, "none", part.size, lambda entry: reader_of(part, index, entry), part)


# --- whole file systems ----------------------------------------------------------------------------------------------------


def _folder(path: str, wish: Wish) -> Opened:
    if not os.path.isdir(path):
        raise Unreadable(f"{path}: it is no folder")
    wish.watch("reading a folder", 0, 0)
    return _of_tree("folder", "read from its folder", folder(path))


def _of_tree(kind: str, how: str, tree: Tree) -> Opened:
    return Opened(kind, how, (Layered(tree.index, reader=tree.reader),), tree=tree)


def _squashfs(part: Part) -> Opened:
    from hpcgen.auditing.squashfs import BadSquashfs, Squashfs

    try:
        image = Squashfs(_PartReader(part))
        found = _of_tree("squashfs", f"read from its tables, {image.compression}", squashed(image))
    except BadSquashfs as fault:
        raise Unreadable(str(fault)) from fault
    layer = evolve(found.layers[0], compression=image.compression)
    return evolve(found, layers=(layer,), size=part.size)


def _sif(part: Part) -> Opened:
    from hpcgen.auditing import sif

    try:
        parts = sif.parse(_PartReader(part))
        root = parts.root()
    except sif.BadSif as fault:
        raise Unreadable(str(fault)) from fault
    found = _squashfs(part.within(root.offset, root.size))
    platform = f"linux/{root.architecture}" if root.architecture else ""
    return evolve(found, kind="sif", platform=platform, size=part.size, definition=parts.text(sif.DEFINITION))


class _PartReader:
    """A part as a reader."""

    def __init__(self, part: Part) -> None:
        self._part = part
        self.size = part.size

    def read(self, offset: int, size: int) -> bytes:
        """The bytes at an offset."""
        size = max(0, min(size, self.size - offset))
        return self._part.pread(self._part.start + offset, size)


def _tagged(rest: str) -> tuple[str, str]:
    """A path and what it may have behind a colon: the tag of one of its images."""
    if os.path.exists(rest) or ":" not in rest:
        return rest, ""
    path, _, tag = rest.partition(":")
    return path, tag


_SCHEMES: dict[str, Callable[[str, Wish], Opened]] = {
    "docker": lambda rest, wish: _engine(rest, wish, ("docker",)),
    "docker-daemon": lambda rest, wish: _engine(rest, wish, ("docker",)),
    "podman": lambda rest, wish: _engine(rest, wish, ("podman",)),
    "containers-storage": lambda rest, wish: _engine(rest, wish, ("podman",)),
    "docker-archive": lambda rest, wish: _file(_tagged(rest)[0], wish, _tagged(rest)[1]),
    "oci-archive": lambda rest, wish: _file(_tagged(rest)[0], wish, _tagged(rest)[1]),
    "oci": lambda rest, wish: _layout(_tagged(rest)[0], wish, _tagged(rest)[1]),
    "dir": _folder,
    "sif": _file,
}
"""What may stand before a colon."""
