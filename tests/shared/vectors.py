"""Images of two or three layers that hide bytes in one way each, with the waste that there is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archives import Entry, docker_archive, folder, hard, layer, link

from hpcgen.auditing import audit

if TYPE_CHECKING:
    from pathlib import Path

    from hpcgen.auditing.report import Report

M = b"x" * 1_000_000
VECTORS: dict[str, tuple[list[list[Entry]], dict[str, int]]] = {
    "a file is deleted": ([[Entry("a", M)], [Entry(".wh.a")]], {"deleted": 1_000_000}),
    "a folder is deleted": ([[folder("d"), Entry("d/a", M), Entry("d/b", M), Entry("k", M)], [Entry(".wh.d")]], {"deleted": 2_000_000}),
    "an implied folder is deleted": ([[Entry("d/a", M)], [Entry(".wh.d")]], {"deleted": 1_000_000}),
    "a folder is touched and deleted": ([[folder("d"), Entry("d/a", M)], [folder("d")], [Entry(".wh.d")]], {"deleted": 1_000_000}),
    "a folder becomes opaque": ([[folder("d"), Entry("d/a", M)], [folder("d"), Entry("d/.wh..wh..opq")]], {"opaque": 1_000_000}),
    "the root becomes opaque": ([[Entry("d/a", M)], [Entry(".wh..wh..opq"), Entry("n", M)]], {"opaque": 1_000_000}),
    "an opaque folder keeps its own": ([[Entry("d/a", M)], [Entry("d/b", M), Entry("d/.wh..wh..opq")]], {"opaque": 1_000_000}),
    "a file grows": ([[Entry("a", M[:1000])], [Entry("a", M)]], {"overwritten": 1000}),
    "a file shrinks": ([[Entry("a", M)], [Entry("a", M[:1000])]], {"overwritten": 1_000_000}),
    "the same size, other content": ([[Entry("a", M)], [Entry("a", M[:-1] + b"y")]], {"overwritten": 1_000_000}),
    "a mode is changed": ([[Entry("a", M)], [Entry("a", M, mode=0o755)]], {"identical-rewrite": 1_000_000}),
    "a hard link is broken": ([[Entry("a", M), hard("b", "a")], [Entry("a", M)]], {}),
    "both names of a file go": ([[Entry("a", M), hard("b", "a")], [Entry("a", M[:5])], [Entry(".wh.b")]], {"deleted": 1_000_000}),
    "a link to a lower file": ([[Entry("a", M)], [hard("b", "a")], [Entry(".wh.a")]], {}),
    "a dangling whiteout": ([[Entry("a", M), Entry("z", M)], [Entry(".wh.nothing"), Entry("z", M[:9])]], {"overwritten": 1_000_000}),
    "a file becomes a folder": ([[Entry("a", M)], [folder("a"), Entry("a/b", M)]], {"replaced": 1_000_000}),
    "a file is in an implied folder's way": ([[Entry("a", M)], [Entry("a/b", M)]], {"replaced": 1_000_000}),
    "a folder becomes a link": ([[folder("a"), Entry("a/b", M)], [link("a", "c")]], {"replaced": 1_000_000}),
    "a link becomes a folder": ([[link("a", "c")], [Entry("a/b", M)]], {}),
    "two paths of one content": ([[Entry("a", M), Entry("b", M)]], {}),
    "twice in a layer": ([[Entry("a", M), Entry("a", M[:9])]], {"duplicate-in-layer": 1_000_000}),
    "hidden and put back in one layer": ([[Entry("a", M)], [Entry("a", M[:9]), Entry(".wh.a")]], {"deleted": 1_000_000}),
    "deleted and put back": ([[Entry("a", M)], [Entry(".wh.a")], [Entry("a", M)]], {"deleted": 1_000_000}),
    "a bare whiteout": ([[Entry("d/a", M)], [Entry("d/.wh."), Entry("d/.wh..."), Entry("d/.wh..wh.plnk")]], {}),
}


def audited(tmp_path: Path, layers: list[list[Entry]]) -> Report:
    """The audit of an image with such layers, as `docker save` writes it."""
    return audit(docker_archive(tmp_path / "image.tar", [layer(entries) for entries in layers]))
