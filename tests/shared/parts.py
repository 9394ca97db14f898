"""Bytes in memory as what the audit reads from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hpcgen.auditing.layering import Part

if TYPE_CHECKING:
    from hpcgen.auditing.inflating import Read


def part_of(content: bytes) -> Part:
    """A part that can be read at any place."""
    return Part(lambda at, size: content[at : at + size], 0, len(content))


def reading(content: bytes, most: int = 1 << 30) -> Read:
    """A stream, which gives at most so many bytes at once."""
    at = 0

    def read(size: int, /) -> bytes:
        nonlocal at
        found = content[at : at + min(size, most)]
        at += len(found)
        return found

    return read
