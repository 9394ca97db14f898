"""Reads the headers of a tar archive, a microsecond each, and lets whoever wants it have the content as it goes by.

One loop in one function for what nearly all headers are, files, because a call for each would cost as much as all else; what further headers tell
(PAX, GNU's long names, sparse files) is in functions of its own. https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html
"""

from __future__ import annotations

from array import array
from struct import Struct
from typing import TYPE_CHECKING, Protocol
from zlib import adler32

from hpcgen.auditing.index import Index, cleaned
from hpcgen.auditing.records import BLOCK, Malformed, Special

if TYPE_CHECKING:
    from collections.abc import Callable

    Take = Callable[[int, int, int, bytes], None]
    """Called for each file with content, before the next header is read: its number, where its content begins, its size, its name."""

ENTRIES = 20_000_000
"""Entries of one layer after which the rest is left: each takes some 200 bytes of memory."""
LONGEST = 1 << 50
"""Bytes of one file that are believed."""
_FILE = 48
_NUMBER = Struct("<Q")
_BEHIND = BLOCK - _NUMBER.size
"""Where a window's last number stands, behind where its last header does."""


class Source(Protocol):
    """What an archive is read from, onwards."""

    @property
    def length(self) -> int:
        """Bytes in all, as far as is known: exactly once `window` has given less than a block."""
        raise NotImplementedError

    def window(self, at: int) -> bytes:
        """The bytes from an offset on, at least a block unless the archive ends there."""
        raise NotImplementedError

    def exactly(self, at: int, size: int) -> bytes:
        """So many bytes at an offset that is not before the last window's, fewer only where the archive ends."""
        raise NotImplementedError


def scan(source: Source, take: Take | None = None, index: Index | None = None, *, beginnings: bool = False) -> Index:
    """The index of an archive; where it breaks off, what was read till then, and the reason among its faults.

    Args:
        source: the archive.
        take: is given the files' content.
        index: what is filled, for a `take` that fills it too.
        beginnings: whether the first bytes of files are kept, as far as they stand in the windows that headers are read in.
    """
    index = Index() if index is None else index
    if beginnings:
        index.beginnings = array("Q")
    names: list[bytes] = []
    special = Special(source.exactly, index)
    try:
        end = _headers(source, index, names, special, take)
        _ended(source, index, end)
    except Malformed as fault:
        index.faults.append(str(fault))
    index.archive = source.length
    index.names = cleaned(names)
    index.links.update(zip(special.hard, cleaned([special.hard[at] for at in special.hard]), strict=True))
    return index


def _headers(source: Source, index: Index, names: list[bytes], special: Special, take: Take | None) -> int:  # noqa: C901, PLR0912 (a loop over many)
    """Reads all headers and gives where the first behind the last one would stand."""
    window, add_name, add_size, add_type = source.window, names.append, index.sizes.append, index.types.append
    beginnings, take_number = index.beginnings, _NUMBER.unpack_from
    add_mode, add_offset, told, modes, sums = index.modes.append, index.offsets.append, special.told, special.modes, special.sums
    buffer, base, at, room = b"", 0, 0, -1
    while True:
        if at > room:
            if len(names) >= ENTRIES:
                raise Malformed(f"more than {ENTRIES} entries are not believed, at {base + at}")
            base += at
            buffer, at = window(base), 0
            room = len(buffer) - BLOCK
            if room < 0:
                return base
        block = buffer[at : at + BLOCK]
        try:
            mode = modes[block[100:108]]
            is_off = adler32(block) & 65535 != sums[block[148:156]]
            size = int(block[124:135], 8)
        except (ValueError, KeyError):
            is_off, size, mode = special.odd(block, base + at)
            if size < 0:
                return base + at
        if is_off:
            special.check(block, base + at)
        name = block[: block.find(0, 0, 100)] if not block[99] else block[:100]
        if block[345]:
            name = special.prefixed(block, name)
        kind = block[156]
        at += BLOCK
        content = base + at
        if kind != _FILE or told:
            kind, name, size, content = special.entry(block, kind, name, size, content)
            at = content - base
            if kind < 0:
                continue
        if not 0 <= size <= LONGEST:
            raise Malformed(f"{size} bytes of one file are not believed, at {base + at}")
        add_name(name)
        add_size(size)
        add_type(kind)
        add_mode(mode)
        add_offset(content)
        if beginnings is not None:
            beginnings.append(take_number(buffer, at)[0] if size and at <= room + _BEHIND else 0)
        if take is not None and size and kind == _FILE:
            take(len(names) - 1, content, size, name)
        at += (size + 511) & -512


def _ended(source: Source, index: Index, end: int) -> None:
    """Looks at how an archive ends: with blocks of zeros, or where it is long enough for all that it holds."""
    length = source.length
    if end > length:
        index.faults.append(f"it ends after {length} bytes, within a file's content")
    elif end < length and source.exactly(end, 2 * BLOCK).strip(b"\0"):
        index.faults.append(f"something stands behind what ends it, at {end}")
