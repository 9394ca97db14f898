"""The image that docs/howto/audit.md audits: small, but with something of each kind in it."""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING

import archives
from archives import Entry

if TYPE_CHECKING:
    from pathlib import Path

MANIFEST = {
    "schema": "hpcgen/manifest/v1",
    "image": {"recipe": "mpi_hello.py", "digest": "0d93c4f1", "stage": "stage1", "from": "devel", "kind": "packages", "base": "debian:12"},
    "blocks": [
        {"name": "ucx", "version": "1.18.1", "digest": "4a4f64bcd485", "prefix": "/usr/local/ucx"},
        {"name": "openmpi", "version": "5.0.8", "digest": "730f5ff0b2b6", "prefix": "/usr/local/openmpi"},
    ],
    "packages": [],
    "files": [
        {"path": "/usr/local/ucx/lib/libucp.so.0", "block": "ucx", "why": "needed by /usr/local/openmpi/lib/libmpi.so.40", "bytes": 3_000_000},
        {"path": "/usr/local/ucx/lib/libucp.a", "block": "ucx", "why": "in its prefix", "bytes": 6_000_000},
        {"path": "/usr/local/openmpi/lib/libmpi.so.40", "block": "openmpi", "why": "needed by /usr/local/bin/hello", "bytes": 4_000_000},
        {"path": "/usr/local/bin/hello", "block": "recipe", "why": "copied", "bytes": 30_000},
    ],
}


def noise(size: int) -> bytes:
    """Bytes that no compressor makes less of, so that figures are the same with each of them; always the same."""
    return random.Random(size).randbytes(size)  # noqa: S311 (no secret)


def hello(path: Path, *, prefix_of: int = 4) -> None:
    """Writes the archive of `docker save`; `prefix_of`: of so many layers."""
    layers = [
        [
            archives.folder("usr"),
            Entry("usr/lib/x86_64-linux-gnu/libc.so.6", noise(1_900_000), mode=0o755),
            Entry("usr/bin/bash", noise(1_200_000), mode=0o755),
            Entry("usr/share/doc/bash/NEWS", noise(300_000)),
        ],
        [Entry("var/lib/apt/lists/mirror.example_main_Packages", noise(9_000_000)), Entry("usr/lib/x86_64-linux-gnu/libnuma.so.1", noise(50_000))],
        [
            Entry("usr/local/ucx/lib/libucp.so.0", noise(3_000_000), mode=0o755),
            Entry("usr/local/ucx/lib/libucp.a", noise(6_000_000)),
            Entry("usr/local/openmpi/lib/libmpi.so.40", noise(4_000_000), mode=0o755),
            Entry("var/lib/apt/lists/.wh.mirror.example_main_Packages"),
        ],
        [
            Entry("usr/local/bin/hello", noise(30_000), mode=0o755),
            Entry("usr/share/hpcgen/manifest.json", json.dumps(MANIFEST).encode()),
        ],
    ]
    history = (
        "# debian.sh --arch 'amd64' out/ 'bookworm'",
        "RUN /bin/sh -c : hpcgen packages && apt-get update && apt-get install -y libnuma1 # buildkit",
        "COPY --from=devel /usr/local /usr/local # buildkit",
        "COPY hello /usr/local/bin/hello # buildkit",
    )
    archives.docker_archive(path, [archives.layer(layer) for layer in layers[:prefix_of]], history=history[:prefix_of], tags=["mpi_hello:latest"])
