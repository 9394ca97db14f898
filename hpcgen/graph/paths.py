"""Paths as copies name them."""

from __future__ import annotations

from posixpath import normpath


def rooted(path: str) -> str:
    """A path that starts at the root, never above it."""
    return normpath("/" + path.lstrip("/"))
