"""Where a block's source comes from, and the checksums that its releases have."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from hpcgen.block.packages import Packages
from hpcgen.block.versions import holds
from hpcgen.errors import UnknownVersion
from hpcgen.frozen import field, frozen
from hpcgen.version import Version

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from hpcgen.graph.nodes import Fetch

_COMMIT = re.compile(r"[0-9a-f]{40}")
_SHA256 = re.compile(r"[0-9a-f]{64}")


@frozen
class Tarball:
    """Released archives.

    Attributes:
        baseurl: where all of them lie; HPCCM's option of that name replaces it.
        path: below it, with `{version}`, `{major}`, `{minor}`, `{series}` (`5.0` of `5.0.7`), `{plain}` (`3.2.5` of `3.2.5-1`) and `{arch}`.
        sha256: version -> checksum, newest first; with `{arch}` in the path: `version-arch` -> checksum.
        strip: leading folders of the archive to leave out.
        elsewhere: condition on the version -> path, or a whole address, for releases that lie elsewhere; the first that holds.
    """

    baseurl: str
    path: str
    sha256: Mapping[str, str] = field(factory=dict)
    strip: int = 1
    elsewhere: Mapping[str, str] = field(factory=dict)

    def url(self, version: str, *, baseurl: str = "", arch: str = "") -> str:
        """The address of one release."""
        path = next((path for condition, path in self.elsewhere.items() if holds(version, condition)), self.path)
        scheme, _, rest = path.rpartition("://")
        host, _, path = rest.partition("/") if scheme else ("", "", path)
        own = f"{scheme}://{host}" if scheme else self.baseurl
        return f"{(baseurl or own).rstrip('/')}/{expand(path, version, arch)}"

    def checksum(self, block: str, version: str, *, arch: str = "") -> str:
        """The sha256 of one release; an unknown one is an error whose help is the text to add."""
        key = f"{version}-{arch}" if "{arch}" in self.path else version
        if key not in self.sha256:
            known = ", ".join(self.versions())
            raise UnknownVersion(
                f"{block} {version}: its sha256 is not known; known versions: {known}",
                help=f'add {block}(version="{version}", sha256="..."), or sha256=None to go without a check',
            )
        return self.sha256[key]

    def versions(self) -> tuple[str, ...]:
        """The versions whose checksum is known, newest first."""
        names = {re.sub(r"-(x86_64|aarch64)$", "", key) if "{arch}" in self.path else key for key in self.sha256}
        return tuple(sorted(names, key=Version, reverse=True))


def expand(text: str, version: str, arch: str = "") -> str:
    """A path with a version's parts filled in."""
    parsed = Version(version)
    return text.format(
        version=version,
        plain=version.partition("-")[0],
        major=parsed.major,
        minor=parsed.minor,
        series=parsed.up_to(2),
        underscored=version.replace(".", "_"),
        arch=arch,
    )


def is_commit(text: str) -> bool:
    """Whether a word is a whole git commit."""
    return bool(_COMMIT.fullmatch(text))


def is_sha256(text: str) -> bool:
    """Whether a word is a sha256 in lower-case hexadecimal digits."""
    return bool(_SHA256.fullmatch(text))


_ARCHIVES = re.compile(r"\.(tar(\.\w+)?|tgz|tbz2?|txz|zip)$")


def is_archive(name: str) -> bool:
    """Whether a file's name says that it can be unpacked."""
    return bool(_ARCHIVES.search(name.lower()))


def folder_of(name: str) -> str:
    """The folder that an archive is unpacked into: its name without the endings of archives."""
    return _ARCHIVES.sub("", name, count=1) or "source"


UNPACKS = "unpacks the source"
_UNPACKERS = (
    (r"\.(bz2|tbz2?)$", Packages(both=("bzip2",), why=UNPACKS)),
    (r"\.(xz|txz)$", Packages(apt=("xz-utils",), dnf=("xz",), why=UNPACKS)),
    (r"\.(zst)$", Packages(both=("zstd",), why=UNPACKS)),
    (r"\.zip$", Packages(both=("unzip",), why=UNPACKS)),
)
CURL = Packages(apt=("ca-certificates", "curl"), dnf=("ca-certificates",), why="downloads the source")
"""What a download needs. The images of the RHEL family have curl, or curl-minimal, which the package curl conflicts with."""
GIT = Packages(both=("ca-certificates", "git"), why="fetches its repository")
PATCH = Packages(both=("patch",), why="applies patches")


def unpack_needs(name: str) -> tuple[Packages, ...]:
    """The packages that unpacking a file of this name needs beyond tar and gzip, tar itself where images lack it."""
    return (Packages(dnf=("tar", "gzip"), why=UNPACKS), *(packages for pattern, packages in _UNPACKERS if re.search(pattern, name)))


def fetch_needs(fetch: Fetch) -> Iterable[Packages]:
    """The packages that a download needs."""
    if not fetch.local:
        yield CURL
    if fetch.unpack:
        yield from unpack_needs(fetch.name)
    if fetch.patches:
        yield PATCH
