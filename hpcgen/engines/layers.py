"""Images as files: what `docker save` writes, and OCI layouts and archives."""

from __future__ import annotations

import gzip
import json
import os
import posixpath
import re
import stat
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol

import attrs

from hpcgen.engines.collecting import JSON_LIMIT, BadImage, Budget, Found, in_order, is_manifest, platform, said, texts
from hpcgen.engines.tars import Part, Tar
from hpcgen.engines.unpacking import GZIP, unpacked
from hpcgen.errors import UsageError
from hpcgen.manifest import FOLDER
from hpcgen.target import ARCHITECTURES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_ABOVE = ("usr", "usr/share", FOLDER)
_OPAQUE, _GONE = ".wh..wh..opq", ".wh."
_MOST_MEMBERS = 1 << 16
_MOST_LINKS = 8
_MOST_IMAGES = 1000
_DEEPEST = 4
_DIGEST = re.compile(r"([a-z0-9]{3,16}):([0-9a-f]{32,128})")
_ATTESTS = "vnd.docker.reference.type"


class Store(Protocol):
    """The files that an image is made of."""

    kind: str

    def find(self, name: str) -> Part | None:
        """One of them, None where there is no such file."""


class Folder:
    """A folder as a store; links in it are not followed."""

    kind = "OCI layout"

    def __init__(self, path: str) -> None:
        """Args: path: the folder."""
        self._path = path
        self._open: list[BinaryIO] = []

    def find(self, name: str) -> Part | None:
        """One of its files."""
        if not name or name.startswith("/") or posixpath.normpath(f"/{name}") != f"/{name}":  # it leads out
            return None
        try:
            handle = os.open(os.path.join(self._path, name), os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        except OSError:
            return None
        about = os.fstat(handle)
        if not stat.S_ISREG(about.st_mode):
            os.close(handle)
            return None
        self._open.append(os.fdopen(handle, "rb"))
        return Part(self._open[-1], 0, about.st_size)

    def close(self) -> None:
        """Closes what was found."""
        for file in self._open:
            file.close()


class Archive:
    """A tar file as a store, which may be compressed by gzip."""

    kind = "archive"

    def __init__(self, file: BinaryIO) -> None:
        """Args: file: the tar file.

        Raises:
            BadImage: it is none.
        """
        begins = file.read(len(GZIP))
        file.seek(0)
        self._file: Any = gzip.GzipFile(fileobj=file, mode="rb") if begins == GZIP else file
        self._places: dict[str, tuple[int, int]] = {}
        self._links: dict[str, str] = {}
        tar = Tar(self._file if begins == GZIP else Part(file, 0, os.fstat(file.fileno()).st_size))
        for number, member in enumerate(tar):
            if number > _MOST_MEMBERS:
                raise BadImage("it is no archive of an image: it has too many files")
            if member.kind == "file":
                self._places[member.path] = (tar.at, member.size)
            elif member.link:
                near = "" if member.kind == "link" else posixpath.dirname(member.path)
                self._links[member.path] = posixpath.normpath(posixpath.join(near, member.link))

    def find(self, name: str) -> Part | None:
        """One of its files; Docker's older archives have links from one layer to an equal one."""
        name = posixpath.normpath(name)
        for _ in range(_MOST_LINKS):
            if name in self._places:
                return Part(self._file, *self._places[name])
            if name not in self._links:
                break
            name = self._links[name]
        return None

    def close(self) -> None:
        """Closes nothing: the file was given."""


@attrs.frozen
class Image:
    """An image of a store.

    Attributes:
        names: that it has there.
        platform: as in `linux/amd64`, or empty.
        digest: of its configuration, or empty.
        config: its configuration's file.
        layers: its layers' files, the lowest first.
    """

    names: tuple[str, ...]
    platform: str
    digest: str
    config: str
    layers: tuple[str, ...]

    def is_called(self, wish: str) -> bool:
        """Whether a word means it: a name, the begin of its digest, its platform."""
        plain = wish.removeprefix("sha256:")
        is_begin = bool(plain) and self.digest.removeprefix("sha256:").startswith(plain)
        return is_begin or self.platform == wish or any(name == wish or name.endswith(f"/{wish}") for name in self.names)

    def __str__(self) -> str:
        return " ".join(filter(None, (", ".join(self.names), self.platform))) or self.digest


def read(store: Store, *, which: str, machine: str, path: str) -> Found:
    """What the image of a store says of itself.

    Args:
        store: the files.
        which: the image that is meant where there are several: name, digest or platform; or empty.
        machine: the architecture that is meant where there is one for each, as `uname -m` says it.
        path: the folders that programs are looked for in, as PATH has them.

    Raises:
        BadImage: it is none, or is damaged.
        UsageError: it has several images.
    """
    index, listed = _json(store, "index.json"), _json(store, "manifest.json")
    if isinstance(listed, list):
        kind = "Docker archive"
        images = list(_of_docker(store, listed[:_MOST_IMAGES]))
    else:
        kind = store.kind if store.kind != "archive" else "OCI archive"
        images = list(_of_index(store, index, (), 0))[:_MOST_IMAGES]
    if not images:
        raise BadImage("it is no archive or layout of an image")
    image = _chosen(images, which, ARCHITECTURES.get(machine, machine))
    config = _json(store, image.config)
    facts = {
        "names": ", ".join(image.names),
        "platform": platform(config) or image.platform,
        "created": said(config, "created"),
        "digest": image.digest,
    }
    labels = texts(config["config"].get("Labels")) if isinstance(config, dict) and isinstance(config.get("config"), dict) else {}
    return Found(kind, {name: value for name, value in facts.items() if value}, labels, _manifests(store, image.layers, path))


def _json(store: Store, name: str) -> Any:
    """A file's JSON; None where it is none, or is not there."""
    part = store.find(name) if name else None
    if part is None or part.size > JSON_LIMIT:
        return None
    try:
        return json.loads(part.read())
    except (ValueError, RecursionError, EOFError, OSError):
        return None


def _of_docker(store: Store, listed: list[Any]) -> Iterator[Image]:
    """The images that manifest.json of `docker save` lists."""
    for one in listed:
        config, layers = said(one, "Config"), _listed(one, "Layers")
        if config and layers is not None:
            digest = "sha256:" + posixpath.basename(config).removesuffix(".json")
            yield Image(_listed(one, "RepoTags") or (), platform(_json(store, config)), digest, config, layers)


def _listed(value: Any, name: str) -> tuple[str, ...] | None:
    """A list of texts within an object; None for anything else."""
    found = value.get(name) if isinstance(value, dict) else None
    return tuple(found) if isinstance(found, list) and all(isinstance(one, str) for one in found) else None


def _of_index(store: Store, index: Any, names: tuple[str, ...], depth: int) -> Iterator[Image]:
    """The images of an OCI index, and of those within it; what is not in the store, and what only attests, is none."""
    entries = index.get("manifests") if isinstance(index, dict) else None
    for entry in entries[:_MOST_IMAGES] if isinstance(entries, list) and depth < _DEEPEST else ():
        content = _json(store, _blob(said(entry, "digest")))
        if not isinstance(content, dict) or said(entry, "annotations", _ATTESTS) or said(entry, "platform", "os") == "unknown":
            continue
        found = (said(entry, "annotations", "io.containerd.image.name"), said(entry, "annotations", "org.opencontainers.image.ref.name"))
        called = names or tuple(dict.fromkeys(filter(None, found)))
        layers, config = content.get("layers"), said(content, "config", "digest")
        if "manifests" in content:
            yield from _of_index(store, content, called, depth + 1)
        elif isinstance(layers, list) and config:
            blobs = tuple(_blob(said(layer, "digest")) for layer in layers)
            built_for = platform(entry.get("platform")) or platform(_json(store, _blob(config)))
            yield Image(called, built_for, said(entry, "digest"), _blob(config), blobs)


def _blob(digest: str) -> str:
    """The file of a digest; empty for what is none, and may lead anywhere."""
    found = _DIGEST.fullmatch(digest)
    return f"blobs/{found[1]}/{found[2]}" if found else ""


def _chosen(images: list[Image], which: str, architecture: str) -> Image:
    """The image that is meant."""
    wished = [image for image in images if not which or image.is_called(which)]
    if not wished:
        raise UsageError(f"it has no image '{which}'", help=_named(images))
    if len({image.names for image in wished}) == 1:
        wished = [image for image in wished if image.platform.startswith(f"linux/{architecture}")] or wished
    if len({(image.config, image.layers) for image in wished}) > 1:
        raise UsageError("it has several images", help=f"name one by --image: {_named(wished)}")
    return wished[0]


def _named(images: Iterable[Image]) -> str:
    return "; ".join(str(image) for image in images)


# --- layers ---


@attrs.define
class _Layer:
    """What one layer does to the manifests: which it has, which of those below it hides, and whether all of them."""

    files: dict[str, bytes | None] = attrs.field(factory=dict)
    hidden: set[str] = attrs.field(factory=set)
    closed: bool = False


def _manifests(store: Store, layers: tuple[str, ...], path: str) -> tuple[tuple[str, bytes], ...]:
    """The manifests that are to be seen through all layers: from the top down, for what lies below one of the same name is not read."""
    budget = Budget()
    found: dict[str, bytes | None] = {}
    hidden: set[str] = set()
    for name in reversed(layers):
        part = store.find(name)
        if part is None:
            raise BadImage(f"layer '{name}' is not in it")
        with unpacked(part, path) as stream:
            layer = _layer(Tar(stream), budget, hidden)
        found.update(layer.files)
        hidden |= layer.files.keys() | layer.hidden
        if layer.closed:
            break
    return checked(found)


def checked(found: dict[str, bytes | None]) -> tuple[tuple[str, bytes], ...]:
    """Manifests by name as they are given; None stands for what is no regular file.

    Raises:
        BadImage: one is none.
    """
    whole = []
    for name in in_order(found):
        content = found[name]
        if content is None:
            raise BadImage(f"/{FOLDER}/{name} in it is no regular file")
        whole.append((f"/{FOLDER}/{name}", content))
    return tuple(whole)


def _layer(tar: Tar, budget: Budget, hidden: set[str]) -> _Layer:
    """Reads a layer; whiteouts in it are of what lies below it, wherever in the layer they stand."""
    layer = _Layer()
    for member in tar:
        folder, name = posixpath.split(member.path)
        if name == _OPAQUE:
            layer.closed |= folder in ("", *_ABOVE)
        elif name.startswith(_GONE) and folder == FOLDER:
            layer.hidden.add(name.removeprefix(_GONE))
        elif name.startswith(_GONE):
            layer.closed |= posixpath.join(folder, name.removeprefix(_GONE)) in _ABOVE
        elif member.path in _ABOVE and member.kind != "folder":
            layer.closed = True
        elif folder == FOLDER and is_manifest(name) and name not in hidden:
            layer.files[name] = _content(member.kind, posixpath.normpath("/" + member.link).lstrip("/"), tar, budget, layer)
    if not tar.at:
        raise BadImage("a layer of it is empty")
    return layer


def _content(kind: str, link: str, tar: Tar, budget: Budget, layer: _Layer) -> bytes | None:
    """A manifest's content; a further name of one that was read has the same."""
    if kind == "link":
        folder, name = posixpath.split(link)
        return layer.files.get(name) if folder == FOLDER else None
    return budget.read(tar) if kind == "file" else None
