"""SIF files, which Apptainer and Singularity build, and bare squashfs files."""

from __future__ import annotations

import json
import os
import struct
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, BinaryIO

import attrs

from hpcgen.engines.collecting import JSON_LIMIT, BadImage, Budget, Found, is_manifest, texts
from hpcgen.engines.layers import checked
from hpcgen.engines.squashfs import MAGIC as SQUASHFS
from hpcgen.engines.squashfs import READ, Node, Squashfs
from hpcgen.engines.tars import Chunks, Part
from hpcgen.engines.unsquashfs import Program
from hpcgen.errors import Unreachable
from hpcgen.manifest import FOLDER

if TYPE_CHECKING:
    from collections.abc import Iterator

MAGIC = b"SIF_MAGIC\0"
MAGIC_AT = 32
"""Where the magic stands, behind the line that has the file run by its program."""
LABELS = ".singularity.d/labels.json"
"""Where an image of Apptainer has its labels, below its root."""

_HEADER = struct.Struct("<32s10s3s3s16s8q")
_DESCRIPTOR = struct.Struct("<i?3I7q128s384s")
_PARTITION = struct.Struct("<2i3s")
_MOST_DESCRIPTORS = 4096
_IS_PARTITION, _IS_LABELS = 0x4004, 0x4003
_FILE_SYSTEMS = {1: "squashfs", 2: "ext3", 3: "an archive", 4: "raw data", 5: "encrypted squashfs"}
_PRIMARY = 2
_ARCHITECTURES = {b"01": "386", b"02": "amd64", b"03": "arm", b"04": "arm64", b"05": "ppc64", b"06": "ppc64le"}


@attrs.frozen
class _Data:
    """A piece of data in a SIF file."""

    kind: int
    at: int
    size: int
    extra: bytes


def is_sif(begins: bytes) -> bool:
    """Whether a file that begins so is one."""
    return begins[MAGIC_AT:].startswith(MAGIC)


def read(file: BinaryIO, path: str) -> Found:
    """What a SIF file says of itself.

    Args:
        file: the file.
        path: the folders that programs are looked for in, as PATH has them.

    Raises:
        BadImage: it is none, or is damaged.
        Unreachable: it has a file system that cannot be read here.
    """
    whole = Part(file, 0, os.fstat(file.fileno()).st_size)
    header = _HEADER.unpack(_piece(whole, 0, _HEADER.size))
    data = list(_listed(whole, header))
    partition = next((one for one in data if one.kind == _IS_PARTITION and _PARTITION.unpack_from(one.extra)[1] == _PRIMARY), None)
    if partition is None:
        raise BadImage("its SIF has no root file system")
    system, _, architecture = _PARTITION.unpack_from(partition.extra)
    if system != 1:
        raise Unreachable(f"its root file system is {_FILE_SYSTEMS.get(system, f'of type {system}')}: only squashfs can be read")
    facts = {"platform": f"linux/{_ARCHITECTURES.get(architecture[:2], '')}", "created": _time(header[5])}
    found = _read(file, Part(file, partition.at, min(partition.size, whole.size - partition.at)), path)
    labels = next((one for one in data if one.kind == _IS_LABELS and one.size < JSON_LIMIT), None)
    return attrs.evolve(
        found,
        kind="SIF file",
        facts={name: value for name, value in facts.items() if value and not value.endswith("/")},
        labels=(_labels(_piece(whole, labels.at, labels.size)) if labels else {}) or found.labels,
    )


def _piece(whole: Part, at: int, size: int) -> bytes:
    whole.rewind()
    whole.skip(at)
    data = whole.read(size)
    if len(data) < size:
        raise BadImage("its SIF is cut off")
    return data


def _listed(whole: Part, header: tuple[int, ...]) -> Iterator[_Data]:
    """The pieces of data that the header leads to."""
    total, at = header[8], header[9]
    if not 0 <= total <= _MOST_DESCRIPTORS or at < 0:
        raise BadImage("its SIF is damaged: its header")
    table = _piece(whole, at, total * _DESCRIPTOR.size)
    for fields in _DESCRIPTOR.iter_unpack(table):
        if fields[1] and 0 <= fields[5] <= whole.size and fields[6] >= 0:
            yield _Data(fields[0], fields[5], fields[6], fields[13])


def _time(seconds: int) -> str:
    try:
        return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if seconds > 0 else ""
    except (ValueError, OverflowError, OSError):
        return ""


def _labels(data: bytes) -> dict[str, str]:
    try:
        return texts(json.loads(data))
    except (ValueError, RecursionError):
        return {}


def read_squashfs(file: BinaryIO, path: str) -> Found:
    """What the root file system of an image says, for those engines that keep it as it is."""
    return _read(file, Part(file, 0, os.fstat(file.fileno()).st_size), path)


def is_squashfs(begins: bytes) -> bool:
    """Whether a file that begins so is one."""
    return begins.startswith(SQUASHFS)


def _read(file: BinaryIO, part: Part, path: str) -> Found:
    system = Squashfs(part, path)
    if system.compressor in READ:
        manifests, labels = _own(system)
    else:
        manifests, labels = _by_program(Program(system.compressor, os.path.abspath(file.name), part.start, path))
    return Found("squashfs file", {"compressed by": system.compressor}, _labels(labels), checked(manifests))


def _own(system: Squashfs) -> tuple[dict[str, bytes | None], bytes]:
    """Manifests and labels, read here."""
    budget, manifests = Budget(), dict[str, bytes | None]()
    folder = system.find(FOLDER)
    if folder is not None and folder.kind == "folder":
        for name in [name for name, _ in system.entries(folder) if is_manifest(name)]:
            node = system.node(folder, name)
            manifests[name] = _content(system, node, budget) if node.kind == "file" else None
    labels = system.find(LABELS)
    return manifests, _content(system, labels, Budget()) if labels is not None and labels.kind == "file" and labels.size < JSON_LIMIT else b""


def _content(system: Squashfs, file: Node, budget: Budget) -> bytes:
    return budget.read(Chunks(system.content(file), file.size))


def _by_program(program: Program) -> tuple[dict[str, bytes | None], bytes]:
    """Manifests and labels, read by a program, which does not say whether it is labels that are missing."""
    labels = b""
    with suppress(Unreachable):
        labels = program.content(LABELS, Budget())
    return dict(program.manifests(FOLDER)), labels
