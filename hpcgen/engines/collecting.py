"""What is read of an image, wherever it lies: facts, labels and manifests, of which nothing is trusted and no more kept than a bound allows."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Protocol

import attrs

from hpcgen.errors import Unreachable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

LIMIT = 64_000_000
"""Bytes that the manifests of an image may have together."""
JSON_LIMIT = 16_000_000
"""Bytes that other JSON of an image, such as its configuration, may have."""
PIECE = 1 << 20
"""Bytes that are read at once, where a size that the image says would be read otherwise."""

_NAME = re.compile(r"manifest(?:\.([1-9][0-9]{0,8}))?\.json")


class BadImage(Unreachable):
    """An image, or the file of one, is not as it should be."""

    kind = "cannot be read"


class Stream(Protocol):
    """What bytes are read from, one after the other."""

    def read(self, size: int, /) -> bytes:
        """As many bytes as are asked for; fewer only at the end."""
        raise NotImplementedError


@attrs.frozen
class Found:
    """What an image says of itself.

    Attributes:
        kind: what it was read from: `Docker image`, `SIF file`, ...
        facts: name -> value, in the order in which a person reads them.
        labels: name -> value.
        manifests: path of each in the image, and what stands there.
    """

    kind: str
    facts: Mapping[str, str]
    labels: Mapping[str, str]
    manifests: tuple[tuple[str, bytes], ...]


def is_manifest(name: str) -> bool:
    """Whether a file of the manifests' folder is called as they are."""
    return _NAME.fullmatch(name) is not None


def in_order(names: Iterable[str]) -> list[str]:
    """The names of manifests: manifest.json, manifest.2.json, and so on."""
    found = [(int(match[1] or 1), name) for name in names if (match := _NAME.fullmatch(name))]
    return [name for _, name in sorted(found)]


class Budget:
    """Reads manifests, and refuses what is larger together than LIMIT."""

    def __init__(self) -> None:
        self._left = LIMIT

    def read(self, stream: Stream) -> bytes:
        """What is left of a stream.

        Raises:
            BadImage: it is too much.
        """
        pieces = []
        while piece := stream.read(PIECE):
            self._left -= len(piece)
            if self._left < 0:
                raise BadImage(f"its manifests have more than {LIMIT // 1_000_000} MB")
            pieces.append(piece)
        return b"".join(pieces)


def texts(value: Any) -> dict[str, str]:
    """The pairs of texts that an object of JSON holds; what is none of them is no label."""
    return {name: text for name, text in value.items() if isinstance(text, str)} if isinstance(value, dict) else {}


def said(value: Any, *names: str) -> str:
    """A text within objects of JSON, or empty."""
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value if isinstance(value, str) else ""


def platform(value: Any) -> str:
    """The platform that a configuration, a descriptor or an engine's answer names: `linux/arm64/v8`; empty where it names none."""
    words = [said(value, name) or said(value, name.capitalize()) for name in ("os", "architecture", "variant")]
    return "/".join(filter(None, words)) if all(words[:2]) else ""
