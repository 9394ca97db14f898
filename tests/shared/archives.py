"""Images for tests, made of lists: layers, archives, layouts, and dive's figures of them."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import subprocess
import sys
import tarfile
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path


class Entry(NamedTuple):
    """An entry of a layer: `kind` is tar's letter, `target` where a link leads."""

    name: str
    content: bytes = b""
    kind: bytes = tarfile.REGTYPE
    target: str = ""
    mode: int = 0o644


def folder(name: str, mode: int = 0o755) -> Entry:
    """A folder."""
    return Entry(name, kind=tarfile.DIRTYPE, mode=mode)


def hard(name: str, target: str) -> Entry:
    """A hard link."""
    return Entry(name, kind=tarfile.LNKTYPE, target=target)


def link(name: str, target: str) -> Entry:
    """A symbolic link."""
    return Entry(name, kind=tarfile.SYMTYPE, target=target)


Layers = "Sequence[Sequence[Entry]]"


def layer(entries: Iterable[Entry], form: int = tarfile.USTAR_FORMAT) -> bytes:
    """A layer's archive."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w", format=form, errors="surrogateescape") as tar:
        for one in entries:
            about = tarfile.TarInfo(one.name)
            about.type, about.mode, about.linkname, about.size = one.kind, one.mode, one.target, len(one.content)
            tar.addfile(about, io.BytesIO(one.content))
    return stream.getvalue()


def configuration(layers: Sequence[bytes], *, history: Sequence[str] = (), labels: Mapping[str, str] | None = None) -> bytes:
    """An image's configuration."""
    return json.dumps(
        {
            "architecture": "amd64",
            "os": "linux",
            "created": "2026-01-01T00:00:00Z",
            "config": {"Env": ["PATH=/usr/bin:/bin"], "Labels": dict(labels or {})},
            "rootfs": {"type": "layers", "diff_ids": [digest(one) for one in layers]},
            "history": [
                {"created_by": text, "comment": "buildkit.dockerfile.v0"} for text in history or (f"RUN step {at}" for at in range(len(layers)))
            ],
        }
    ).encode()


def digest(content: bytes) -> str:
    """What content is called."""
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def _add(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    about = tarfile.TarInfo(name)
    about.size = len(content)
    tar.addfile(about, io.BytesIO(content))


def docker_archive(path: Path | str, layers: Sequence[bytes], *, tags: Sequence[str] = ("test:latest",), **about: Any) -> str:
    """What `docker save` of before version 25 writes."""
    config = configuration(layers, **about)
    names = [f"{at:02}{digest(one)[7:19]}/layer.tar" for at, one in enumerate(layers)]
    with tarfile.open(path, "w") as tar:
        for name, content in zip(names, layers, strict=True):
            _add(tar, name, content)
        _add(tar, f"{digest(config)[7:]}.json", config)
        _add(tar, "manifest.json", json.dumps([{"Config": f"{digest(config)[7:]}.json", "RepoTags": list(tags), "Layers": names}]).encode())
    return str(path)


def squeezed(content: bytes, how: str) -> bytes:
    """Content, compressed."""
    if how == "gzip":
        return gzip.compress(content, 6, mtime=0)
    if how == "zstd":
        from backports import zstd

        return zstd.compress(content)
    return content


_MEDIA = {"none": "", "gzip": "+gzip", "zstd": "+zstd"}


def oci_files(layers: Sequence[bytes], how: str = "gzip", **about: Any) -> dict[str, bytes]:
    """The files of an OCI layout."""
    config = configuration(layers, **about)
    packed = [squeezed(one, how) for one in layers]
    described = [{"mediaType": f"application/vnd.oci.image.layer.v1.tar{_MEDIA[how]}", "digest": digest(one), "size": len(one)} for one in packed]
    manifest = json.dumps({"schemaVersion": 2, "config": {"digest": digest(config), "size": len(config)}, "layers": described}).encode()
    index = {
        "schemaVersion": 2,
        "manifests": [{"mediaType": "application/vnd.oci.image.manifest.v1+json", "digest": digest(manifest), "size": len(manifest)}],
    }
    blobs = {f"blobs/sha256/{digest(one)[7:]}": one for one in (*packed, config, manifest)}
    return {"oci-layout": b'{"imageLayoutVersion": "1.0.0"}', **blobs, "index.json": json.dumps(index).encode()}


def oci_layout(path: Path, layers: Sequence[bytes], how: str = "gzip", **about: Any) -> str:
    """An OCI layout in a folder."""
    for name, content in oci_files(layers, how, **about).items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(content)
    return str(path)


def oci_archive(path: Path, layers: Sequence[bytes], how: str = "gzip", **about: Any) -> str:
    """An OCI layout in an archive."""
    with tarfile.open(path, "w") as tar:
        for name, content in oci_files(layers, how, **about).items():
            _add(tar, name, content)
    return str(path)


# --- dive ------------------------------------------------------------------------------------------------------------------


class DiveSays(NamedTuple):
    """dive's own figures."""

    efficiency: float
    wasted_bytes: int
    size_bytes: int
    user_bytes: int


def dive_program() -> str | None:
    """Where dive is, None where it is not installed."""
    path = os.path.join(os.path.dirname(sys.executable), "dive")
    return path if os.path.exists(path) else None


def dive_says(archive: str, folder: Path) -> DiveSays:
    """What dive says of an archive."""
    program = dive_program()
    assert program is not None
    out = folder / "dive.json"
    out.unlink(missing_ok=True)
    environment = {"PATH": os.defpath, "HOME": str(folder)}
    subprocess.run([program, f"docker-archive://{archive}", "--json", str(out)], check=True, capture_output=True, env=environment, timeout=300)
    told = json.loads(out.read_text())
    image, sizes = told["image"], [one["sizeBytes"] for one in told["layer"]]
    return DiveSays(image["efficiencyScore"], image["inefficientBytes"], image["sizeBytes"], sum(sizes[1:]))
