"""How many of an image's layers are its base image's. Nobody guesses: the base is named, or found where the image itself says its name."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from hpcgen.auditing.describing import described
from hpcgen.auditing.engines import ENGINES, layers_in_docker
from hpcgen.auditing.storing import Archive, Folder, open_part
from hpcgen.errors import HpcgenError, UsageError
from hpcgen.frozen import frozen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hpcgen.auditing.marking import Manifest
    from hpcgen.auditing.opening import Opened, Wish

_LABELS = ("org.opencontainers.image.base.name",)


@frozen
class Base:
    """The base image.

    Attributes:
        layers: how many are its, None where nobody knows.
        name: its own, or empty.
        how: "--base", "manifest", "label", or empty.
    """

    layers: int | None = None
    name: str = ""
    how: str = ""


def find_base(found: Opened, asked: str, manifest: Manifest | None, wish: Wish) -> Base:
    """The base image of an image, as it was named or as the image names it.

    Raises:
        UsageError: the image does not stand upon the base that was named.
    """
    digests = [layer.named.digest for layer in found.layers]
    if asked.isdigit():
        if int(asked) > len(digests):
            raise UsageError(f"--base {asked}: the image has {len(digests)} layers")
        return Base(int(asked), manifest.base if manifest is not None else "", "--base")
    if asked:
        below = _digests(asked, wish)
        if not below or digests[: len(below)] != below:
            raise UsageError(f"--base {asked}: the image does not stand upon it")
        return Base(len(below), asked, "--base")
    told = [(manifest.base, "manifest")] if manifest is not None and manifest.base else []
    labels = found.description.labels if found.description is not None else {}
    told += [(labels[key], "label") for key in _LABELS if labels.get(key)]
    for name, how in told:
        layers = _below(name, digests, wish) if found.kind in ENGINES else None
        if layers is not None or how == told[-1][1]:
            return Base(layers, name, how if layers is not None else "")
    return Base()


def _below(name: str, digests: Sequence[str], wish: Wish) -> int | None:
    """How many layers are those of an image of an engine."""
    try:
        below = layers_in_docker(name, wish.environment)
    except HpcgenError:
        return None
    return len(below) if below and list(digests[: len(below)]) == below else None


def _digests(ref: str, wish: Wish) -> list[str]:
    """The layers of an image, without reading them."""
    path = ref.partition(":")[2] if not os.path.exists(ref) and ref.partition(":")[0] in {"oci", "docker-archive", "oci-archive"} else ref
    if os.path.isdir(path):
        return [one.digest for one in described(Folder(path), platform=wish.platform).layers]
    if os.path.isfile(path):
        part = open_part(os.open(path, os.O_RDONLY | os.O_CLOEXEC))
        return [one.digest for one in described(Archive(part), platform=wish.platform).layers]
    return layers_in_docker(ref, wish.environment)
