"""Which distribution, release and architecture a stage is for.

Names of images are read for their distribution; what cannot be read is an error that says how to name it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from hpcgen.errors import UnknownTarget, did_you_mean
from hpcgen.frozen import evolve, frozen

if TYPE_CHECKING:
    from collections.abc import Iterable

FAMILIES = {
    "debian": ("debian", ("11", "12", "13")),
    "ubuntu": ("debian", ("20.04", "22.04", "24.04", "26.04")),
    "rocky": ("rhel", ("8", "9", "10")),
    "almalinux": ("rhel", ("8", "9", "10")),
    "ubi": ("rhel", ("8", "9", "10")),
    "rhel": ("rhel", ("8", "9", "10")),
    "centos-stream": ("rhel", ("8", "9", "10")),
}
"""Distribution -> its family and the releases that hpcgen knows."""

CODENAMES = {
    "bullseye": "11",
    "bookworm": "12",
    "trixie": "13",
    "focal": "20.04",
    "jammy": "22.04",
    "noble": "24.04",
    "resolute": "26.04",
}
"""Code name -> release, as Debian's and Ubuntu's images are tagged."""

ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}
"""Architecture as `uname -m` prints it -> as Docker and dpkg call it."""

_ALIASES = {
    "rockylinux": "rocky",
    "alma": "almalinux",
    "redhat": "rhel",
    "centos": "centos-stream",
    "centosstream": "centos-stream",
    "stream": "centos-stream",
    "ubi-minimal": "ubi",
    "ubi-init": "ubi",
}
_ARCH_ALIASES = {"amd64": "x86_64", "x86": "x86_64", "arm64": "aarch64", "arm64v8": "aarch64", "arm": "aarch64"}


@frozen
class Target:
    """What a stage is built for.

    Attributes:
        distribution: a key of `FAMILIES`.
        release: as the distribution counts: `12`, `22.04`, `9`.
        architectures: of `ARCHITECTURES`, at least one, each once.
    """

    distribution: str
    release: str
    architectures: tuple[str, ...] = ("x86_64",)

    @property
    def family(self) -> str:
        """`debian` or `rhel`."""
        return FAMILIES[self.distribution][0]

    @property
    def manager(self) -> str:
        """The package manager: `apt` or `dnf`."""
        return "apt" if self.family == "debian" else "dnf"

    @property
    def name(self) -> str:
        """Distribution and release in one word: `ubuntu22.04`."""
        return f"{self.distribution}{self.release}"

    @property
    def architecture(self) -> str:
        """The architecture of a target that has just one."""
        (only,) = self.architectures
        return only

    def on(self, architecture: str) -> Target:
        """The same distribution for one architecture."""
        return evolve(self, architectures=(architecture,))


def known() -> tuple[str, ...]:
    """The names of all distributions and releases."""
    return tuple(f"{distribution}{release}" for distribution, (_, releases) in FAMILIES.items() for release in releases)


def architecture(name: str) -> str:
    """An architecture as `uname -m` prints it, from any of its names."""
    found = _ARCH_ALIASES.get(name, name)
    if found not in ARCHITECTURES:
        raise UnknownTarget(f"architecture '{name}'", help=f"known: {', '.join(ARCHITECTURES)} (or {', '.join(ARCHITECTURES.values())})")
    return found


def architectures(names: Iterable[str]) -> tuple[str, ...]:
    """Architectures, each once, in the order given."""
    return tuple(dict.fromkeys(architecture(name) for name in names))


def named(name: str) -> tuple[str, str]:
    """Distribution and release from a name such as `ubuntu22.04`, `ubuntu22`, `rockylinux9`, `debian-12`, `centos-stream9`."""
    found = _read(name.lower())
    if found is None:
        raise UnknownTarget(f"distribution '{name}'", help=did_you_mean(name.lower(), known()) or f"known: {', '.join(known())}")
    return found


def of_image(image: str) -> tuple[str, str]:
    """Distribution and release from an image's name, such as `docker.io/library/debian:12-slim`."""
    for word in _candidates(image):
        found = _read(word)
        if found is not None:
            return found
    for word in _candidates(image):
        distribution = _split(word)[0]
        if distribution:
            releases = ", ".join(FAMILIES[distribution][1])
            raise UnknownTarget(f"image '{image}' is a release of {distribution} that hpcgen does not know", help=f"known: {distribution} {releases}")
    raise UnknownTarget(
        f"the distribution of image '{image}'",
        help=f"name it: baseimage(image={image!r}, _distro='ubuntu22.04'); known: {', '.join(known())}",
    )


def architecture_of_image(image: str) -> str:
    """The architecture that an image's name tells, or empty."""
    found = re.search(r"(?:^|[/:_-])(arm64v8|arm64|aarch64|amd64|x86_64)(?:$|[/:@_.-])", image.lower())
    return _ARCH_ALIASES.get(found[1], found[1]) if found else ""


def _candidates(image: str) -> list[str]:
    """What may name the distribution, the likeliest first: the tag's words, the name with the tag, the name, the path before it."""
    folders, _, last = image.lower().partition("@")[0].rpartition("/")
    name, _, tag = last.partition(":")
    parts = [*folders.split("/"), name]
    words = [word for word in tag.split("-") if re.match(r"[a-z]+\d", word)]
    joined = [f"{part}{tag}" for part in reversed(parts)] + [f"{parts[-2]}{name}"]
    bare = list(reversed(parts)) if not tag or not re.match(r"\d", tag) else []
    rolling = [CODENAMES[word] for word in tag.split("-") if word in CODENAMES]
    return [*words, *(f"{name}{release}" for release in rolling), *joined, *bare]


def _read(word: str) -> tuple[str, str] | None:
    """Distribution and release out of one word, None where it names none that is known."""
    distribution, exact = _split(word)
    for release in FAMILIES[distribution][1] if distribution else ():
        if exact == release or (exact.split(".")[0] == release.split(".")[0] and _minor_is_free(distribution, exact)):
            return distribution, release
    return None


def _split(word: str) -> tuple[str, str]:
    """A known distribution and a release as one word tells them, empty where it does not."""
    match = re.fullmatch(r"([a-z]+(?:-(?:stream|minimal|init))?)[-_:]?(?:stream)?(\d+(?:\.\d+)?)([-_.].*)?", word)
    distribution = _ALIASES.get(match[1], match[1]) if match else ""
    return (distribution, match[2]) if match and distribution in FAMILIES else ("", "")


def _minor_is_free(distribution: str, release: str) -> bool:
    """Whether releases of one major number are one target: `rocky 9.4` is `rocky 9`; `ubuntu 22` is 22.04, but 22.10 is not."""
    return distribution != "ubuntu" or "." not in release
