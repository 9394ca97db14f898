"""Images as files, made by hand: layers, what `docker save` writes, OCI layouts, SIF files; each with what its manifests say."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import struct
import tarfile
import tempfile
from typing import TYPE_CHECKING, Any

from hpcgen.engines.inspecting import inspect
from hpcgen.errors import HpcgenError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from hpcgen.engines.collecting import Found

FOLDER = "usr/share/hpcgen"
MANIFEST: dict[str, Any] = {
    "schema": "hpcgen/manifest/v1",
    "image": {"recipe": "osu.py", "kind": "packages"},
    "blocks": [
        {"name": "ucx", "version": "1.18.1", "digest": "4a4f64bcd485", "prefix": "/usr/local/ucx"},
        {"name": "openmpi", "version": "5.0.7", "digest": "d472ab842663", "prefix": "/usr/local/openmpi"},
    ],
    "packages": [
        {"package": "libnuma1", "version": "2.0.16-1", "block": "ucx", "why": "needed by /usr/local/ucx/lib/libucs.so.0.0.0", "bytes": 71234},
    ],
    "files": [
        {"path": "/etc/nsswitch.conf", "block": "system", "why": "libc opens it", "bytes": 100},
        {"path": "/usr/local/openmpi/bin/ompi_info", "block": "openmpi", "why": "its programs", "bytes": 1_500_000},
        {"path": "/usr/local/ucx/lib/libucs.so.0", "block": "ucx", "why": "needed by /usr/local/openmpi/bin/ompi_info", "bytes": 0},
        {"path": "/usr/local/ucx/lib/libucs.so.0.0.0", "block": "ucx", "why": "needed by /usr/local/openmpi/bin/ompi_info", "bytes": 12_345_678},
    ],
}
"""What docs/howto/inspect.md shows."""
LABELS = {"org.opencontainers.image.title": "osu", "odd": "a\x1b[31m[red]b[/]"}

Entry = tuple[str, bytes | str | None]
"""A name in a tar file, and a file's content, what a symbolic link names, or None for a folder."""


def manifest(**keys: Any) -> bytes:
    """The manifest, with other values."""
    return json.dumps({**MANIFEST, **keys}).encode()


def tar(*entries: Entry, format: int = tarfile.PAX_FORMAT) -> bytes:  # noqa: A002 (tarfile's word)
    """A tar file."""
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w", format=format) as archive:
        for name, content in entries:
            info = tarfile.TarInfo(name)
            if content is None:
                info.type = tarfile.DIRTYPE
            elif isinstance(content, str):
                info.type, info.linkname = tarfile.SYMTYPE, content
            else:
                info.size = len(content)
            archive.addfile(info, io.BytesIO(content) if isinstance(content, bytes) else None)
    return data.getvalue()


def config(labels: Mapping[str, str], architecture: str = "amd64") -> bytes:
    """An image's configuration."""
    return json.dumps({"os": "linux", "architecture": architecture, "created": "2026-01-02T03:04:05Z", "config": {"Labels": labels}}).encode()


def docker_archive(layers: Iterable[bytes], labels: Mapping[str, str], names: Sequence[str] = ("osu:1",)) -> bytes:
    """What `docker save` writes; each layer is stored once, and a link to it where it comes again."""
    entries: list[Entry] = [("config.json", config(labels))]
    listed: dict[bytes, str] = {}
    for number, layer in enumerate(layers):
        entries.append((f"{number}/layer.tar", f"../{listed[layer]}" if layer in listed else layer))
        listed.setdefault(layer, f"{number}/layer.tar")
    files = [name for name, _ in entries[1:]]
    entries.append(("manifest.json", json.dumps([{"Config": "config.json", "RepoTags": list(names), "Layers": files}]).encode()))
    return tar(*entries)


def oci(images: Sequence[tuple[str, str, Sequence[bytes]]], labels: Mapping[str, str], *, zipped: bool = True) -> list[Entry]:
    """The files of an OCI layout whose images, each with a name, an architecture and layers, lie within one index of indices."""
    blobs: dict[str, bytes] = {}

    def stored(data: bytes) -> dict[str, Any]:
        digest = hashlib.sha256(data).hexdigest()
        blobs[f"blobs/sha256/{digest}"] = data
        return {"digest": f"sha256:{digest}", "size": len(data)}

    named: dict[str, list[dict[str, Any]]] = {}
    for name, architecture, layers in images:
        described = {"config": stored(config(labels, architecture)), "layers": [stored(gzip.compress(one) if zipped else one) for one in layers]}
        where = {"os": "linux", "architecture": architecture}
        named.setdefault(name, []).append({**stored(json.dumps(described).encode()), "platform": where})
    attests = {**stored(b'{"layers": [], "config": {}}'), "annotations": {"vnd.docker.reference.type": "attestation-manifest"}}
    index = [
        {**stored(json.dumps({"manifests": [*found, attests]}).encode()), "annotations": {"org.opencontainers.image.ref.name": name}}
        for name, found in named.items()
    ]
    return [("oci-layout", b"{}"), ("index.json", json.dumps({"manifests": index}).encode()), *blobs.items()]


def laid_down(folder: Path, entries: Iterable[Entry]) -> Path:
    """A folder with what a tar file would have."""
    for name, content in entries:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if content is None:
            path.mkdir(exist_ok=True)
        elif isinstance(content, str):
            os.symlink(content, path)
        else:
            path.write_bytes(content)
    return folder


def sif(system: bytes, labels: Mapping[str, str], *, kind: int = 1, part: int = 2) -> bytes:
    """A SIF file of one file system and its labels."""
    said = json.dumps(labels).encode()
    at = 128 + 3 * 585
    pieces = [(0x4001, b"bootstrap: docker\n", b""), (0x4003, said, b""), (0x4004, system, struct.pack("<2i3s", kind, part, b"02\0"))]
    table, data = b"", b""
    for number, (what, content, extra) in enumerate(pieces, 1):
        place = at + len(data)
        table += struct.pack("<i?3I7q128s384s", what, True, number, 1, 0, place, len(content), len(content), 0, 0, 0, 0, b"piece", extra)
        data += content
    head = struct.pack(
        "<32s10s3s3s16s8q",
        b"#!/usr/bin/env run-singularity\n",
        b"SIF_MAGIC\0",
        b"01\0",
        b"02\0",
        b"",
        1_767_323_045,
        0,
        0,
        3,
        128,
        3 * 585,
        at,
        len(data),
    )
    return head + table + data


def read(path: Path, *, which: str = "", machine: str = "x86_64", programs: str = "/usr/bin:/bin") -> Found:
    """What a file says."""
    return inspect(str(path), environ={"PATH": programs}, machine=machine, which=which)


def saved(folder: Path, data: bytes, name: str = "image") -> Path:
    """A file of some bytes."""
    path = folder / name
    path.write_bytes(data)
    return path


def shown(found: Found) -> dict[str, bytes]:
    """Name of each manifest -> what it says."""
    return {path.removeprefix(f"/{FOLDER}/"): content for path, content in found.manifests}


def refused_or_read(data: bytes) -> None:
    """Reads a file of some bytes; it may be refused, but by no other error than ours."""
    with tempfile.NamedTemporaryFile() as file:
        file.write(data)
        file.flush()
        try:
            inspect(file.name, environ={"PATH": "/usr/bin:/bin"}, machine="x86_64")
            status = 0
        except HpcgenError as fault:
            status = fault.status
        assert status in (0, 2, 3)


def in_a_system() -> dict[str, bytes]:
    """Name -> content of the manifests in the file systems that tests read: one that fills blocks, short ones, an empty one, one with holes."""
    long = b"".join(b"%0100000d\n" % number for number in range(3))
    return {"manifest.json": manifest(), "manifest.2.json": long, "manifest.3.json": b"", "manifest.4.json": b"a" + bytes(300_000) + b"b"}


def laid_out(folder: Path) -> Path:
    """The root that those file systems are made of: a folder of many names around the manifests."""
    others: list[Entry] = [(f"{FOLDER}/other-{number:04}", b"") for number in range(600)]
    manifests: list[Entry] = [(f"{FOLDER}/{name}", content) for name, content in in_a_system().items()]
    return laid_down(folder, [*others, *manifests, ("usr/link", "share"), (".singularity.d/labels.json", json.dumps(LABELS).encode())])
