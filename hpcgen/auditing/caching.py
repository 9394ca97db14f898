"""Indexes of compressed layers, kept by digest: the next image upon the same base need not unpack it again.

A file of the cache is believed only where its checksum is right and every column of it has the length that it must have; any other is made again.
"""

from __future__ import annotations

import json
import os
import zlib
from array import array
from typing import TYPE_CHECKING, Any

from hpcgen.auditing.index import Index

if TYPE_CHECKING:
    from hpcgen.auditing.layering import Part
    from hpcgen.auditing.reading import Look

FORM = "hpcgen audit index 1"
_EDGE = 1 << 16
"""Bytes of a blob's beginning and end that its key is made of, besides its digest and length: who lies about a digest gets no other's index."""
_SUM = 32
_COLUMNS = ("sizes", "modes", "offsets")


def key(part: Part, digest: str, look: Look | None) -> str:
    """What an index is kept under, empty where the blob has no digest."""
    if not digest:
        return ""
    from hashlib import blake2b

    edges = part.head(_EDGE) + part.within(max(0, part.size - _EDGE), _EDGE).head(_EDGE)
    told = "\n".join((FORM, digest, str(part.size), look.version if look is not None else "-"))
    return blake2b(told.encode() + b"\0" + edges, digest_size=24).hexdigest()


def _path(folder: str, name: str) -> str:
    return os.path.join(folder, name[:2], f"{name}.index")


def load(folder: str, name: str) -> Index | None:
    """An index that is kept, None where there is none, or none that can be believed."""
    from hashlib import blake2b

    try:
        with open(_path(folder, name), "rb") as stream:
            found = stream.read()
        told = found[_SUM:]
        if len(found) <= _SUM or blake2b(told, digest_size=_SUM).digest() != found[:_SUM]:
            return None
        return _index(zlib.decompress(told))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, zlib.error, RecursionError, MemoryError, OverflowError):
        return None


def save(folder: str, name: str, index: Index) -> None:
    """Keeps an index; where that cannot be, nothing is kept."""
    import tempfile
    from hashlib import blake2b

    path = _path(folder, name)
    told = zlib.compress(_bytes(index), 1)
    try:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        descriptor, partial = tempfile.mkstemp(dir=os.path.dirname(path))
        try:
            with open(descriptor, "wb") as stream:
                stream.write(blake2b(told, digest_size=_SUM).digest())
                stream.write(told)
            os.replace(partial, path)
        except BaseException:
            os.unlink(partial)
            raise
    except OSError:
        return


def _bytes(index: Index) -> bytes:
    """An index as bytes: a line of JSON, then the columns."""
    names = "\0".join(index.names).encode("utf-8", "surrogateescape")
    digests = b"".join(index.digests.values())
    head = {
        "form": FORM,
        "entries": len(index),
        "names": len(names),
        "archive": index.archive,
        "links": list(index.links.items()),
        "said": list(index.said.items()),
        "pulls": index.pulls is not None,
        "digests": list(index.digests),
        "facts": list(index.facts.items()),
        "refused": index.refused,
        "notes": index.notes,
    }
    columns = [getattr(index, name).tobytes() for name in _COLUMNS] + ([index.pulls.tobytes()] if index.pulls is not None else [])
    return b"".join((json.dumps(head).encode(), b"\n", bytes(index.types), *columns, digests, names))


def _index(told: bytes) -> Index:
    line, _, rest = told.partition(b"\n")
    head = json.loads(line)
    count = head["entries"]
    if head["form"] != FORM:
        raise ValueError("another form")
    columns: list[array[int]] = []
    at = count
    for _ in range(len(_COLUMNS) + bool(head["pulls"])):
        column = array("q")
        column.frombytes(rest[at : at + 8 * count])
        columns.append(column)
        at += 8 * count
    digests = {entry: rest[at + 16 * place : at + 16 * place + 16] for place, entry in enumerate(head["digests"])}
    at += 16 * len(digests)
    names = rest[at:].decode("utf-8", "surrogateescape").split("\0") if count else []
    if len(names) != count or len(rest) - at != head["names"] or any(len(column) != count for column in columns):
        raise ValueError("columns of other lengths")
    sizes, modes, offsets, *pulls = columns
    return Index(
        names=names,
        types=bytearray(rest[:count]),
        sizes=sizes,
        modes=modes,
        offsets=offsets,
        links=_pairs(head["links"]),
        said=_pairs(head["said"]),
        archive=head["archive"],
        pulls=pulls[0] if pulls else None,
        digests=digests,
        facts=_pairs(head["facts"]),
        refused=head["refused"],
        notes=head["notes"],
    )


def _pairs(told: Any) -> dict[int, Any]:
    return {int(key): value for key, value in told}
