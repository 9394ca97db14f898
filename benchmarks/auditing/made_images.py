"""Images to audit, the same on every machine: what an HPC image of 12 GB holds, scaled; many small files; compressed layers."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import random
import struct
import sys
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import BinaryIO

BLOCK = 512
_POOL = 8 << 20
_PAGE = 16_384


class File(NamedTuple):
    """A file of a layer: `seed` decides what it holds, `mode` changes where it is only rewritten."""

    name: str
    size: int
    seed: int = 0
    kind: str = "text"
    mode: int = 0o644


class Maker:
    """Makes content: bytes of a pool that compress as programs do, in an order that the file's seed decides."""

    def __init__(self) -> None:
        chance = random.Random(7)  # noqa: S311 (the same on every machine)
        words = [chance.randbytes(chance.randint(3, 12)) for _ in range(4000)]
        pool = bytearray()
        while len(pool) < _POOL:
            pool += chance.choice(words)
        self._pool = bytes(pool[:_POOL])

    def content(self, one: File) -> Iterator[bytes]:
        """What a file holds, piece by piece."""
        head = hashlib.sha256(b"%d" % one.seed).digest()[: one.size]
        tail = b""
        if one.kind == "elf" and one.size > _PAGE:
            head, tail = elf(one.size, one.seed)
        yield head
        left = one.size - len(head) - len(tail)
        at = one.seed * 4096 % _POOL
        while left > 0:
            piece = self._pool[at : at + left]
            yield piece
            left -= len(piece)
            at = 0
        yield tail


def elf(size: int, seed: int) -> tuple[bytes, bytes]:
    """Beginning and end of a shared library of so many bytes: ELF header; names and table of sections, a fifth of it debug information."""
    names = b"\0.text\0.debug_info\0.symtab\0.strtab\0.shstrtab\0"
    rows = ((0, 0, 0, 0, 0), (1, 1, 6, 4096, 0.5), (7, 1, 0, 0, 0.2), (19, 2, 0, 0, 0.05), (27, 3, 0, 0, 0.05))
    table, at = b"", 4096
    for name, kind, flags, _, part in rows:
        length = int((size - 8192) * part)
        entry = 24 if kind == 2 else 0  # noqa: PLR2004 (symbols)
        table += struct.pack("<IIQQQQIIQQ", name, kind, flags, 0, at if kind else 0, length if kind else 0, 0, 0, 1, entry)
        at += length
    end = size - len(names) - 64 * 6
    table += struct.pack("<IIQQQQIIQQ", 35, 3, 0, 0, end, len(names), 0, 0, 1, 0)
    head = struct.pack("<16sHHIQQQIHHHHHH", b"\x7fELF\2\1\1" + bytes(9), 3, 62, 1, 0, 0, end + len(names), 0, 64, 56, 0, 64, 6, 5)
    return head + struct.pack("<Q", seed), names + table


def header(name: str, size: int, mode: int, kind: bytes = b"0") -> bytes:
    """A header of a tar archive."""
    encoded, prefix = name.encode(), b""
    if len(encoded) > 100:  # noqa: PLR2004 (the field)
        cut = encoded.rindex(b"/", 0, 155)
        prefix, encoded = encoded[:cut], encoded[cut + 1 :]
    block = struct.pack(
        "100s8s8s8s12s12s8sc100s6s2s32s32s8s8s155s12x",
        encoded, b"%07o" % mode, b"0000000", b"0000000", b"%011o" % size, b"00000000000", b" " * 8, kind, b"",
        b"ustar\0", b"00", b"", b"", b"", b"", prefix,
    )  # fmt: skip
    return block[:148] + b"%06o\0 " % sum(block) + block[156:]


def _padding(size: int) -> bytes:
    return bytes(-size % BLOCK)


def layer_size(files: Iterable[File]) -> int:
    """The bytes of a layer's archive."""
    return sum(BLOCK + (one.size + BLOCK - 1) // BLOCK * BLOCK for one in files) + 2 * BLOCK


def write_layer(stream: BinaryIO, maker: Maker, files: Iterable[File]) -> None:
    """Writes a layer's archive."""
    for one in files:
        if one.kind == "folder":
            stream.write(header(f"{one.name}/", 0, 0o755, b"5"))
            continue
        stream.write(header(one.name, one.size, one.mode))
        stream.writelines(maker.content(one))
        stream.write(_padding(one.size))
    stream.write(bytes(2 * BLOCK))


def _file(stream: BinaryIO, name: str, content: bytes) -> None:
    stream.write(header(name, len(content), 0o644) + content + _padding(len(content)))


def write_archive(path: str, layers: list[list[File]]) -> str:
    """Writes what `docker save` gives."""
    maker = Maker()
    names = [f"{at:064x}/layer.tar" for at in range(len(layers))]
    with open(path, "wb", buffering=1 << 20) as stream:
        for name, files in zip(names, layers, strict=True):
            stream.write(header(name, layer_size(files), 0o644))
            write_layer(stream, maker, files)
        _ends(stream, names, len(layers))
    return path


def _ends(stream: BinaryIO, names: list[str], count: int) -> None:
    history = [{"created_by": f"RUN /bin/sh -c step {at} # buildkit", "comment": "buildkit.dockerfile.v0"} for at in range(count)]
    diffs = [f"sha256:{at:064x}" for at in range(count)]
    config = json.dumps({"architecture": "amd64", "os": "linux", "rootfs": {"type": "layers", "diff_ids": diffs}, "history": history}).encode()
    _file(stream, "config.json", config)
    _file(stream, "manifest.json", json.dumps([{"Config": "config.json", "RepoTags": ["made:up"], "Layers": names}]).encode())
    stream.write(bytes(2 * BLOCK))


def write_gzip(path: str, layers: list[list[File]]) -> str:
    """Writes an image with gzip layers, as Docker 29 saves it."""
    maker = Maker()
    packed = f"{path}.layer"
    names = []
    with open(path, "wb", buffering=1 << 20) as stream:
        for files in layers:
            with gzip.GzipFile(packed, "wb", compresslevel=6, mtime=0) as squeezed:
                write_layer(squeezed, maker, files)  # type: ignore[arg-type]  # it writes
            with open(packed, "rb") as source:
                content = source.read()
            names.append(f"blobs/sha256/{hashlib.sha256(content).hexdigest()}")
            _file(stream, names[-1], content)
            del content
        _ends(stream, names, len(layers))
    os.unlink(packed)
    return path


# --- what is in them -------------------------------------------------------------------------------------------------------


def _tree(root: str, count: int, total: int, kind: str, seed: int) -> Iterator[File]:
    """Files in folders of twenty, their sizes spread as sizes are: many small ones, a few that hold most."""
    chance = random.Random(seed)  # noqa: S311 (the same on every machine)
    weights = [chance.paretovariate(1.1) for _ in range(count)]
    scale = total / sum(weights)
    for at, weight in enumerate(weights):
        if at % 20 == 0:
            yield File(f"{root}/d{at // 400}/e{at // 20}", 0, kind="folder")
        name = f"{root}/d{at // 400}/e{at // 20}/{kind}-{at}.{'so' if kind == 'elf' else 'txt'}"
        yield File(name, int(weight * scale), seed * 1_000_000 + at, kind)


def hpc(scale: float) -> list[list[File]]:
    """An image as HPC has them, 12 GB and 228,000 entries at scale 1: compilers, GPU libraries, MPI, Python; a chown; 300 whiteouts."""

    def part(root: str, count: int, megabytes: int, kind: str, seed: int) -> list[File]:
        return list(_tree(root, int(count * scale), int(megabytes * scale * 1e6), kind, seed))

    python = part("opt/conda/lib/python3.12/site-packages", 108_000, 2_400, "text", 5)
    mpi = part("usr/local/openmpi/lib", 4_000, 500, "elf", 4)
    lists = [File(f"var/lib/apt/lists/list-{at}", 210_000, 900 + at) for at in range(int(300 * scale) or 1)]
    rewritten = [one._replace(mode=0o755) for one in [*mpi, *python[: len(python) // 5]] if one.kind != "folder"]
    hidden = [File(f"var/lib/apt/lists/.wh.list-{at}", 0) for at in range(len(lists))]
    return [
        part("usr/share", 29_000, 500, "text", 1) + part("usr/lib/x86_64-linux-gnu", 2_000, 300, "elf", 11),
        part("usr/include", 32_000, 400, "text", 2) + part("usr/libexec", 3_000, 2_000, "elf", 12),
        part("usr/local/cuda/lib64", 3_000, 4_000, "elf", 3),
        mpi,
        python,
        lists,
        rewritten,
        hidden,
        part("opt/app", 10_000, 700, "elf", 8),
    ]


def many_whiteouts() -> list[list[File]]:
    """50,000 files of one byte, and a layer that takes a thousand away."""
    files = [File(f"d{at // 100}/f{at}", 1, at) for at in range(50_000)]
    return [files, [File(f"d{at // 2}/.wh.f{at * 50}", 0) for at in range(1000)]]


def small() -> list[list[File]]:
    """One layer of 200 MB."""
    return [[*_tree("usr", 6_000, 120_000_000, "text", 21), *_tree("usr/lib", 400, 80_000_000, "elf", 22)]]


def gigabyte() -> list[list[File]]:
    """Three layers, 1 GB before they are compressed."""
    return [
        [*_tree("usr", 6_000, 250_000_000, "text", 31), *_tree("usr/lib", 800, 250_000_000, "elf", 32)],
        [*_tree("opt", 3_000, 100_000_000, "text", 33), *_tree("opt/lib", 800, 300_000_000, "elf", 34)],
        [*_tree("app", 3_000, 100_000_000, "elf", 35)],
    ]


def entries(count: int) -> list[list[File]]:
    """As many empty files as wanted, in two layers."""
    half = count // 2
    return [[File(f"a{at // 1000}/f{at}", 0) for at in range(half)], [File(f"b{at // 1000}/f{at}", 0) for at in range(half)]]


def make(what: str, path: str) -> str:
    """Makes the archive of an image by its name."""
    if what.startswith("entries-"):
        return write_archive(path, entries(int(what.removeprefix("entries-"))))
    if what == "gzip":
        return write_gzip(path, gigabyte())
    layers = {"large": lambda: hpc(0.1), "large-whole": lambda: hpc(1.0), "whiteouts": many_whiteouts, "small": small}
    return write_archive(path, layers[what]())


if __name__ == "__main__":
    make(*sys.argv[1:])
