"""The Singularity image format: which parts a file has, and where the root file system lies in it.

https://github.com/apptainer/sif. Nothing is believed before it is compared with the file's size.
"""

from __future__ import annotations

from struct import Struct
from typing import TYPE_CHECKING, NamedTuple

from hpcgen.frozen import frozen

if TYPE_CHECKING:
    from hpcgen.auditing.reading import Reader

MAGIC = b"SIF_MAGIC\0"
MAGIC_AT = 32
"""Behind the line that lets a file be run."""
DEFINITION, ENVIRONMENT, LABELS, PARTITION, SIGNATURE, JSON = 0x4001, 0x4002, 0x4003, 0x4004, 0x4005, 0x4006
KINDS = {
    DEFINITION: "definition file",
    ENVIRONMENT: "environment",
    LABELS: "labels",
    PARTITION: "partition",
    SIGNATURE: "signature",
    JSON: "JSON",
    0x4007: "generic",
    0x4008: "cryptographic message",
    0x4009: "bill of materials",
    0x400A: "OCI index",
    0x400B: "OCI blob",
}
SQUASHFS = 1
FILE_SYSTEMS = {SQUASHFS: "squashfs", 2: "ext3", 3: "archive", 4: "raw", 5: "encrypted squashfs"}
SYSTEM, PRIMARY, DATA, OVERLAY = 1, 2, 3, 4
ARCHITECTURES = {"01": "386", "02": "amd64", "03": "arm", "04": "arm64", "05": "ppc64", "06": "ppc64le", "11": "s390x", "12": "riscv64"}

_HEADER = Struct("<32s10s3s3s16sqqqqqqqq")
_DESCRIPTOR = Struct("<iBIIIqqqqqqq128s384s")
_FILE_SYSTEM = Struct("<ii3s")
_MOST = 4096
"""Parts of one file; those that Apptainer makes have room for 48."""
_MOST_TEXT = 16 << 20


class BadSif(Exception):
    """A file that begins as SIF does, and contradicts itself or ends early."""


class Part(NamedTuple):
    """One part of a file.

    Attributes:
        kind: as in KINDS.
        name: as written by who made it.
        file_system: of a partition, as in FILE_SYSTEMS.
        role: of a partition: SYSTEM, PRIMARY and so on.
        architecture: of a partition, as Docker calls it, or empty.
    """

    kind: int
    number: int
    offset: int
    size: int
    name: str = ""
    file_system: int = 0
    role: int = 0
    architecture: str = ""


@frozen
class Sif:
    """A file's parts, in the order of their places in its list."""

    reader: Reader
    parts: tuple[Part, ...]
    created: int

    def root(self) -> Part:
        """The partition that is the root file system.

        Raises:
            BadSif: there is none, or one that is not squashfs.
        """
        found = next((one for one in self.parts if one.kind == PARTITION and one.role == PRIMARY), None)
        if found is None:
            kinds = ", ".join(sorted({KINDS.get(one.kind, hex(one.kind)) for one in self.parts})) or "nothing"
            raise BadSif(f"it has no primary partition, but {kinds}")
        if found.file_system != SQUASHFS:
            raise BadSif(f"its root file system is {FILE_SYSTEMS.get(found.file_system, found.file_system)}, only squashfs is read")
        return found

    def text(self, kind: int, name: str = "") -> str:
        """The first part of a kind, and of a name, as text: DEFINITION, LABELS, JSON "oci-config.json"; empty where there is none."""
        fits = (one for one in self.parts if one.kind == kind and (not name or one.name == name) and one.size <= _MOST_TEXT)
        found = next(fits, None)
        return self.reader.read(found.offset, found.size).decode("utf-8", "replace") if found else ""


def is_sif(start: bytes) -> bool:
    """Whether a file that begins so is one."""
    return start[MAGIC_AT : MAGIC_AT + len(MAGIC)] == MAGIC


def parse(reader: Reader) -> Sif:
    """A file's parts.

    Raises:
        BadSif: it is none, contradicts itself, or ends early.
    """
    start = reader.read(0, _HEADER.size)
    if len(start) < _HEADER.size or not is_sif(start):
        raise BadSif("it does not begin as SIF does")
    *_, created, _, free, total, at, size, _, _ = _HEADER.unpack(start)
    if not 0 <= free <= total <= _MOST or size < total * _DESCRIPTOR.size or at < 0 or at + total * _DESCRIPTOR.size > reader.size:
        raise BadSif("the list of its parts is not in it")
    rows = _DESCRIPTOR.iter_unpack(reader.read(at, total * _DESCRIPTOR.size))
    parts = tuple(_part(row) for row in rows if row[1])
    for one in parts:
        if one.offset < 0 or one.size < 0 or one.offset + one.size > reader.size:
            raise BadSif(f"part {one.number} ({KINDS.get(one.kind, hex(one.kind))}) is not in it: it is damaged or cut off")
    return Sif(reader, parts, created)


def _part(row: tuple[int, int, int, int, int, int, int, int, int, int, int, int, bytes, bytes]) -> Part:
    kind, _, number, _, _, offset, size, *_, name, extra = row
    file_system, role, architecture = _FILE_SYSTEM.unpack_from(extra) if kind == PARTITION else (0, 0, b"")
    return Part(kind, number, offset, size, _text(name), file_system, role, ARCHITECTURES.get(_text(architecture), ""))


def _text(data: bytes) -> str:
    return data.split(b"\0", 1)[0].decode("utf-8", "replace")
