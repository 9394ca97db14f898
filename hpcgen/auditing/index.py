"""What one layer holds, in columns: a layer has 200,000 entries, and none of them is an object."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hpcgen.auditing.pulling import Sample
    from hpcgen.auditing.reading import Fact

WHITEOUT = ".wh."
OPAQUE = ".wh..wh..opq"
SPECIAL = ".wh..wh."
"""What begins so says something of a folder, or is left over from a storage driver, and is never a file's whiteout."""

REGULAR, HARD_LINK, SYMLINK, CHARACTER, BLOCK_DEVICE, FOLDER, PIPE, SPARSE = b"0123456S"
"""Types of entry, as tar archives call them."""


def _numbers() -> array[int]:
    return array("q")


class Index:
    """A layer's entries, in the archive's order, whiteouts too.

    Attributes:
        names: relative to the root, cleaned, without a slash at either end; bytes that are no UTF-8 as surrogates.
        types: REGULAR and the like.
        sizes: bytes of content in the archive.
        modes: as the header has them.
        offsets: of the content in the uncompressed archive.
        links: entry -> where a link leads: a name of the archive for a hard link, any text for a symbolic one.
        said: entry -> the size that the header says where it is another than that of the content: sparse files.
        archive: bytes of the uncompressed archive.
        pulls: compressed bytes of each entry; None where the layer is not compressed.
        digests: checksums of content by entry, of what went by.
        facts: what was found in content that went by.
        beginnings: the first bytes of each file as a little-endian number, 0 where they are not known; None where nobody asked for them.
        samples: blocks of the archive that tell how large it would be compressed, where it went by and is not.
        refused: entries that were wanted and are too long to be kept where nothing can be read twice.
        faults: why it is not whole.
        notes: what is unusual.
    """

    def __init__(
        self,
        *,
        names: list[str] | None = None,
        types: bytearray | None = None,
        sizes: array[int] | None = None,
        modes: array[int] | None = None,
        offsets: array[int] | None = None,
        links: dict[int, str] | None = None,
        said: dict[int, int] | None = None,
        archive: int = 0,
        pulls: array[int] | None = None,
        digests: dict[int, bytes] | None = None,
        facts: dict[int, Fact] | None = None,
        refused: list[int] | None = None,
        faults: list[str] | None = None,
        notes: list[str] | None = None,
    ) -> None:
        self.names: list[str] = [] if names is None else names
        self.types: bytearray = bytearray() if types is None else types
        self.sizes: array[int] = _numbers() if sizes is None else sizes
        self.modes: array[int] = _numbers() if modes is None else modes
        self.offsets: array[int] = _numbers() if offsets is None else offsets
        self.links: dict[int, str] = {} if links is None else links
        self.said: dict[int, int] = {} if said is None else said
        self.archive = archive
        self.pulls = pulls
        self.digests: dict[int, bytes] = {} if digests is None else digests
        self.facts: dict[int, Fact] = {} if facts is None else facts
        self.refused: list[int] = [] if refused is None else refused
        self.faults: list[str] = [] if faults is None else faults
        self.notes: list[str] = [] if notes is None else notes
        self.beginnings: array[int] | None = None
        self.samples: list[Sample] = []
        self._whiteouts: list[int] | None = None
        self._folders: set[str] | None = None

    def __len__(self) -> int:
        return len(self.names)

    def stored(self) -> int:
        """Bytes of content."""
        return sum(self.sizes)

    def is_regular(self, entry: int) -> bool:
        """Whether an entry has content of its own that can be read as it stands."""
        return self.types[entry] == REGULAR

    def whiteouts(self) -> list[int]:
        """The entries that hide something, and those that only look as if; remembered, since all of it must be read by then."""
        if self._whiteouts is None:
            self._whiteouts = [at for at, name in enumerate(self.names) if WHITEOUT in name and name.rpartition("/")[2].startswith(WHITEOUT)]
        return self._whiteouts

    def folders(self) -> set[str]:
        """All folders that names lie in; remembered."""
        if self._folders is None:
            self._folders = parents(self.names)
        return self._folders


def parents(names: Iterable[str]) -> set[str]:
    """All folders that some names lie in, those above them too; never the root."""
    found = {name.rpartition("/")[0] for name in names}
    found.discard("")
    for folder in tuple(found):
        above = folder.rpartition("/")[0]
        while above and above not in found:
            found.add(above)
            above = above.rpartition("/")[0]
    return found


def cleaned(names: list[bytes]) -> list[str]:
    """Names of an archive as text: relative, without empty and dotted parts; what leads out of the root ends at the root's own."""
    joined = b"\0" + b"\0".join(names) + b"\0"
    joined = joined.replace(b"\0./", b"\0").replace(b"\0.\0", b"\0\0").replace(b"\0/", b"\0")
    plain = joined.decode("utf-8", "surrogateescape")[1:-1].split("\0") if names else []
    slashes = any(odd in joined for odd in (b"//", b"\0/", b"/\0"))
    dots = any(end in joined and any(odd + end in joined for odd in (b"/", b"\0", b"/.", b"\0.")) for end in (b"./", b".\0"))
    if not slashes and not dots:
        return plain
    return [_clean(name) for name in plain]


def _clean(name: str) -> str:
    parts: list[str] = []
    for part in name.split("/"):
        if part == "..":
            parts[-1:] = []
        elif part not in {"", "."}:
            parts.append(part)
    return "/".join(parts)
