"""What an image holds: its merged file system, as `docker export` writes it, and what of that is more than its base has."""

from __future__ import annotations

import hashlib
import posixpath
import re
import subprocess
import tarfile
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from builds.machine import ENGINES, FailedError, docker, output

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import IO

    from hpcgen.manifest import Manifest

MANIFEST = "/usr/share/hpcgen/manifest.json"
_STATUS = "/var/lib/dpkg/status"
_READ = re.compile(rf"{re.escape(MANIFEST)}|{_STATUS}|/var/lib/dpkg/info/[^/]*\.list")
"""What is kept of files, not only counted."""

_ENGINES_OWN = frozenset({"/.dockerenv", "/dev/console", "/etc/hostname", "/etc/hosts", "/etc/mtab", "/etc/resolv.conf"})
"""What Docker puts into each container that it creates."""

_RECORDS = {
    "/var/lib/dpkg/": "which packages are there",
    "/var/lib/apt/extended_states": "which of them others asked for",
    "/etc/ld.so.cache": "where libraries are",
    MANIFEST: "itself",
}
"""What an installation writes down, a file or all below a folder, and what about."""

FOR_BUILDING = re.compile(
    r"/include/|\.(h|hh|hpp|hxx|mod|a|la|pc|cmake|o)$|/(pkgconfig|cmake|aclocal|man|gtk-doc|share/info)/|/share/doc/[^/]+/(?!copyright$)"
)
"""Headers, static archives, what tells a compiler about a library, and manuals; notices of copyright are none."""


@dataclass(frozen=True)
class Entry:
    """A file, or a symbolic link, which has no bytes."""

    bytes: int
    content: str
    """What tells it from another: a file's digest, a link's target."""


@dataclass(frozen=True)
class Held:
    """The files and links of an image."""

    entries: Mapping[str, Entry] = field(default_factory=dict)
    texts: Mapping[str, bytes] = field(default_factory=dict)
    """Path -> what stands in some of them."""

    @classmethod
    def of(cls, image: str, daemon: str = "docker") -> Held:
        """What an image holds.

        Raises:
            FailedError: the engine does not give it.
        """
        container = output(ENGINES, "docker", daemon, "create", image, "none").decode().strip()
        try:
            with subprocess.Popen([ENGINES, "docker", daemon, "export", container], stdout=subprocess.PIPE) as running:
                assert running.stdout is not None
                entries, texts = _read(running.stdout)
            if running.returncode:
                raise FailedError(f"docker export of {image} on {daemon}: exit {running.returncode}")
        finally:
            docker("rm", container, daemon=daemon)
        return cls(entries, texts)

    @property
    def bytes(self) -> int:
        """Of all its regular files; a file of several names counts once."""
        return sum(entry.bytes for entry in self.entries.values())

    def added(self, base: Held) -> dict[str, Entry]:
        """What is not in its base, or is something else there."""
        return {path: entry for path, entry in self.entries.items() if base.entries.get(path) != entry}

    def gone(self, base: Held) -> int:
        """The bytes of its base's files that it has no more: a layer that leaves them out is no smaller for it."""
        return sum(entry.bytes for path, entry in base.entries.items() if path not in self.entries)

    def packages(self) -> dict[str, str]:
        """The distribution's packages that are installed -> their version."""
        found = {}
        for record in self.texts.get(_STATUS, b"").decode().split("\n\n"):
            fields = dict(line.split(": ", 1) for line in record.splitlines() if ": " in line and not line.startswith(" "))
            if fields.get("Status", "").endswith(" installed"):
                found[fields["Package"]] = fields["Version"]
        return found

    def owned(self, package: str) -> set[str]:
        """The paths that a package says are its own, as they are below the linked folders of the root."""
        lists = [text for path, text in self.texts.items() if re.fullmatch(rf".*/{re.escape(package)}(:\w+)?\.list", path)]
        return {re.sub(r"^/(bin|sbin|lib|lib64)/", r"/usr/\1/", line) for text in lists for line in text.decode().splitlines()}

    def manifest(self) -> Manifest | None:
        """What it says of itself."""
        from hpcgen.manifest import read

        return read(self.texts[MANIFEST]) if MANIFEST in self.texts else None


def _read(stream: IO[bytes]) -> tuple[dict[str, Entry], dict[str, bytes]]:
    """The entries of a tar file, and what stands in those that are read."""
    entries: dict[str, Entry] = {}
    texts: dict[str, bytes] = {}
    with tarfile.open(fileobj=stream, mode="r|") as packed:
        for member in packed:
            path = posixpath.normpath(f"/{member.name}")
            if path in _ENGINES_OWN or member.isdir():
                continue
            content = packed.extractfile(member) if member.isreg() else None
            if content is None:
                entries[path] = Entry(0, member.linkname)
                continue
            data = content.read()
            entries[path] = Entry(member.size, hashlib.sha256(data).hexdigest())
            if _READ.fullmatch(path):
                texts[path] = data
    while stream.read(1 << 20):  # the engine writes on behind the end
        pass
    return entries, texts


def left_for_building(image: Held, base: Held) -> list[str]:
    """What of an image is for building, or to be read by people."""
    return sorted(path for path in image.added(base) if FOR_BUILDING.search(path))


def unlike_manifest(image: Held, base: Held) -> Iterator[str]:
    """What an image has and its manifest does not name, and the other way round."""
    said = image.manifest()
    if said is None:
        yield f"{MANIFEST} is not there"
        return
    had, has = base.packages(), image.packages()
    new = has.keys() - had.keys()
    named = {one.package: one.version for one in said.packages}
    yield from (f"package {name} is not in the manifest" for name in sorted(new - named.keys()))
    yield from (f"package {name} of the manifest is not there" for name in sorted(named.keys() - new))
    yield from (f"package {name} is {has[name]}, in the manifest {named[name]}" for name in sorted(new & named.keys()) if has[name] != named[name])
    yield from (f"package {name} was {had[name]} and is {has.get(name, 'gone')}" for name in sorted(had) if has.get(name) != had[name])
    files = {one.path: one.bytes for one in said.files}
    known = files.keys() | {path for name in new for path in image.owned(name)}
    for path in sorted(image.added(base).keys() - known):
        if not any(path.startswith(one) if one.endswith("/") else path == one for one in _RECORDS):
            yield f"{path} is not in the manifest"
    for path, size in files.items():
        if path not in image.entries:
            yield f"{path} of the manifest is not there"
        elif image.entries[path].bytes != size:
            yield f"{path} has {image.entries[path].bytes} bytes, in the manifest {size}"


def largest(image: Held, base: Held, number: int) -> list[tuple[int, str]]:
    """The largest that an image has more than its base: packages as a whole, and files."""
    added = image.added(base)
    found = []
    for name in image.packages().keys() - base.packages().keys():
        own = image.owned(name) & added.keys()
        found.append((sum(added.pop(path).bytes for path in own), f"package {name}"))
    found += [(entry.bytes, path) for path, entry in added.items()]
    return sorted(found, reverse=True)[:number]
