"""What an image says of itself: its layers in their order, its configuration and history, out of the forms that Docker and OCI write.

The order is what a manifest says, never a guess. https://github.com/opencontainers/image-spec/blob/main/image-layout.md
"""

from __future__ import annotations

import json
import re
from posixpath import basename
from typing import TYPE_CHECKING, Any, Protocol

from hpcgen.auditing.faults import Unreadable
from hpcgen.errors import UsageError
from hpcgen.frozen import frozen

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_MOST = 32 << 20
"""Bytes of a manifest or configuration."""
_DEPTH = 4
"""Indexes within indexes."""
_DIGEST = re.compile(r"(sha256|sha384|sha512|blake3):([0-9a-f]{32,128})")
_INDEXES = ("application/vnd.oci.image.index.v1+json", "application/vnd.docker.distribution.manifest.list.v2+json")
_NAME = "org.opencontainers.image.ref.name"
_FULL_NAME = "io.containerd.image.name"
_KIND_OF_REFERENCE = "vnd.docker.reference.type"


class Store(Protocol):
    """Where the parts of an image lie, by their names in the layout."""

    def text(self, name: str, most: int) -> bytes | None:
        """A small part, None where it is not there."""

    def size(self, name: str) -> int | None:
        """The bytes of a part, None where it is not there."""


@frozen
class LayerPart:
    """A layer as its image names it.

    Attributes:
        name: of its part in the store.
        digest: diff_id of the configuration, or empty.
        blob: the blob's digest, or empty.
        size: bytes of the blob, None where nobody says.
        media: the media type, or empty.
    """

    name: str
    digest: str = ""
    blob: str = ""
    size: int | None = None
    media: str = ""


@frozen
class Description:
    """What an image says of itself.

    Attributes:
        layers: lowest first.
        config: the configuration.
        digest: of the manifest, or of the configuration where there is no other.
        platform: "linux/amd64", or empty.
        names: what it is called.
    """

    layers: tuple[LayerPart, ...]
    config: Mapping[str, Any]
    digest: str = ""
    platform: str = ""
    names: tuple[str, ...] = ()

    @property
    def history(self) -> tuple[Mapping[str, Any], ...]:
        """The history's entries that made a layer, as many as there are layers; none where their numbers differ."""
        found = tuple(one for one in listed(self.config.get("history")) if isinstance(one, dict) and not one.get("empty_layer"))
        return found if len(found) == len(self.layers) else ()

    @property
    def labels(self) -> Mapping[str, str]:
        """The image's labels."""
        return {key: value for key, value in mapped(mapped(self.config.get("config")).get("Labels")).items() if isinstance(value, str)}

    @property
    def programs(self) -> tuple[str, ...]:
        """The words of the entry point and the command."""
        config = mapped(self.config.get("config"))
        return tuple(map(str, (*listed(config.get("Entrypoint")), *listed(config.get("Cmd")))))

    @property
    def env(self) -> Mapping[str, str]:
        """The image's variables."""
        words = (str(word).partition("=") for word in listed(mapped(self.config.get("config")).get("Env")))
        return {name: value for name, _, value in words}


def mapped(value: object) -> dict[str, Any]:
    """A value if it is a mapping, else an empty one: images say what they like."""
    return value if isinstance(value, dict) else {}


def listed(value: object) -> list[Any]:
    """A value if it is a list, else an empty one."""
    return value if isinstance(value, list) else []


def worded(value: object) -> str:
    """A value if it is text, else an empty one."""
    return value if isinstance(value, str) else ""


def described(store: Store, *, platform: str = "", tag: str = "") -> Description:
    """What the image in a store says of itself.

    Args:
        store: a layout's or an archive's parts.
        platform: "linux/arm64", where there are several.
        tag: the image's name, where there are several.

    Raises:
        Unreadable: nothing in it says which layers an image has.
        UsageError: it holds several images, or none that was asked for.
    """
    if store.size("index.json") is not None and (found := _oci(store, platform, tag)) is not None:
        return found
    if store.size("manifest.json") is not None:
        return _docker(store, platform, tag)
    raise Unreadable("it is no image: it has neither index.json nor manifest.json")


def _json(store: Store, name: str) -> Any:
    text = store.text(name, _MOST)
    if text is None:
        raise Unreadable(f"{name} is not in it")
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as fault:
        raise Unreadable(f"{name} is no JSON") from fault


# --- OCI -----------------------------------------------------------------------------------------------------------------


def blob_name(digest: object) -> str:
    """Where a layout has a blob."""
    told = _DIGEST.fullmatch(digest) if isinstance(digest, str) else None
    if told is None:
        raise Unreadable(f"a digest of it is none: {str(digest)[:80]!r}")
    return f"blobs/{told[1]}/{told[2]}"


@frozen
class _Candidate:
    """A manifest that may be meant."""

    digest: str
    platform: str
    names: tuple[str, ...]


def _oci(store: Store, platform: str, tag: str) -> Description | None:
    """The image of an index.json, None where that leads to nothing and there is another way."""
    candidates = list(_candidates(store, _json(store, "index.json"), (), _DEPTH))
    there = [one for one in candidates if store.size(blob_name(one.digest)) is not None]
    if not there and store.size("manifest.json") is not None:
        return None
    chosen = _choose(there, platform, tag)
    manifest = mapped(_json(store, blob_name(chosen.digest)))
    config_digest = mapped(manifest.get("config")).get("digest")
    config = mapped(_json(store, blob_name(config_digest)))
    diffs = listed(mapped(config.get("rootfs")).get("diff_ids"))
    layers = tuple(_layer(mapped(one), diffs[at] if at < len(diffs) else "") for at, one in enumerate(listed(manifest.get("layers"))))
    if not layers and "layers" not in manifest:
        raise Unreadable("its manifest names no layers")
    return Description(layers, config, chosen.digest, _platform(config) or chosen.platform, chosen.names)


def _layer(told: Mapping[str, Any], diff: object) -> LayerPart:
    size = told.get("size")
    digest = worded(told.get("digest"))
    return LayerPart(blob_name(digest), worded(diff), digest, size if isinstance(size, int) else None, worded(told.get("mediaType")))


def _candidates(store: Store, index: object, names: tuple[str, ...], depth: int) -> Iterator[_Candidate]:
    """The manifests of images that an index names, those of indexes in it too; attestations are none."""
    for one in map(mapped, listed(mapped(index).get("manifests"))):
        notes = mapped(one.get("annotations"))
        if _KIND_OF_REFERENCE in notes:
            continue
        own = tuple(worded(notes.get(key)) for key in (_NAME, _FULL_NAME) if worded(notes.get(key))) or names
        digest = worded(one.get("digest"))
        if one.get("mediaType") in _INDEXES:
            if depth and store.size(blob_name(digest)) is not None:
                yield from _candidates(store, _json(store, blob_name(digest)), own, depth - 1)
        else:
            yield _Candidate(digest, _platform(mapped(one.get("platform"))), own)


def _platform(told: Mapping[str, Any]) -> str:
    words = [worded(told.get(key)) for key in ("os", "architecture", "variant")]
    return "/".join(word for word in words if word) if words[1] else ""


def _choose(candidates: Sequence[_Candidate], platform: str, tag: str) -> _Candidate:
    """The one image that is meant."""
    found = list({one.digest: one for one in candidates if not tag or any(_is_called(name, tag) for name in one.names)}.values())
    if platform:
        found = [one for one in found if not one.platform or f"{one.platform}/".startswith(f"{platform}/")]
    if len(found) == 1:
        return found[0]
    said = [f"  {' '.join((*one.names, one.platform)).strip() or one.digest}" for one in (found or candidates)]
    if not said:
        raise Unreadable("its index.json names no image that is in it")
    wanted = " ".join(word for word in (tag, platform) if word)
    sentence = f"it holds {len(said)} images: name one" if found else f"it holds no image {wanted}"
    how = "--platform names one of several platforms, :TAG behind the file one of several images; there are"
    raise UsageError(sentence, help="\n".join((how, *said)))


def _is_called(name: str, tag: str) -> bool:
    """Whether a name is what was asked for, which may leave out the repository."""
    return tag in (name, name.rpartition(":")[2], basename(name))


# --- docker save -----------------------------------------------------------------------------------------------------------


def _docker(store: Store, platform: str, tag: str) -> Description:
    """The image of a manifest.json."""
    images = [mapped(one) for one in listed(_json(store, "manifest.json"))]
    named = [(one, tuple(map(worded, listed(one.get("RepoTags"))))) for one in images]
    found = [one for one in named if not tag or any(_is_called(name, tag) for name in one[1])]
    if len(found) != 1:
        said = [f"  {' '.join(names) or worded(one.get('Config'))}" for one, names in (found or named)]
        if not said:
            raise Unreadable("its manifest.json names no image")
        sentence = f"it holds {len(said)} images: name one" if found else f"it holds no image {tag}"
        raise UsageError(sentence, help="\n".join((":TAG behind the file names one; there are", *said)))
    image, names = found[0]
    config_name = worded(image.get("Config"))
    config = mapped(_json(store, config_name))
    is_one = _platform(config)
    if platform and is_one and not f"{is_one}/".startswith(f"{platform}/"):
        raise UsageError(f"it holds no image for {platform}, but one for {is_one}")
    diffs = listed(mapped(config.get("rootfs")).get("diff_ids"))
    parts = map(worded, listed(image.get("Layers")))
    layers = tuple(LayerPart(name, worded(diffs[at]) if at < len(diffs) else "", _blob_of(name), store.size(name)) for at, name in enumerate(parts))
    return Description(layers, config, _config_digest(config_name), is_one, names)


def _blob_of(name: str) -> str:
    """The digest that a part's name has in a layout."""
    parts = name.split("/")
    return f"{parts[1]}:{parts[2]}" if len(parts) == 3 and parts[0] == "blobs" else ""  # noqa: PLR2004 (blobs, algorithm, digest)


def _config_digest(name: str) -> str:
    return _blob_of(name) or f"sha256:{basename(name).removesuffix('.json').removeprefix('sha256:')}"
