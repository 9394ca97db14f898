from __future__ import annotations

import io
import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from archives import Entry, docker_archive, layer, oci_archive

from hpcgen.auditing import assembling, audit, findings, layering, reading
from hpcgen.auditing.report import Ignore

if TYPE_CHECKING:
    from collections.abc import Callable

    from hpcgen.auditing.case import Case
    from hpcgen.auditing.reading import Fact, Reader
    from hpcgen.auditing.report import Report


class Ends:
    """A look that tells where a file begins, in its middle and at its end, which is all that can go wrong."""

    version = "1"

    def wants(self, path: str, size: int, head: bytes) -> bool:
        """Whether it begins so."""
        return head.startswith(b"wanted")

    def look(self, path: str, reader: Reader) -> Fact | None:
        """Some of its bytes."""
        size = reader.size
        places = (0, size // 2, size - 10, size // 3, size - 3)
        return {"path": path, "size": size, "parts": [reader.read(place, 10).hex() for place in places]}


def content(size: int) -> bytes:
    """What a file holds that is wanted, each block another."""
    return (b"wanted" + b"".join(at.to_bytes(4, "big") for at in range(size // 4 + 1)))[:size]


LAYERS = [
    layer([Entry("small", content(60)), Entry("other", b"x" * 9000), Entry("./large", content(900_000)), Entry("gone", content(5000))]),
    layer([Entry(".wh.gone"), Entry("d/last", content(70_000))]),
]
FORMS: dict[str, Callable[[Path], Report]] = {
    "plain": lambda place: audit(docker_archive(place / "a.tar", LAYERS)),
    "gzip": lambda place: audit(oci_archive(place / "a.tar", LAYERS, "gzip")),
    "zstd": lambda place: audit(oci_archive(place / "a.tar", LAYERS, "zstd")),
    "stream": lambda place: audit("-", stdin=io.BufferedReader(io.BytesIO(Path(docker_archive(place / "a.tar", LAYERS)).read_bytes()))),
}


def facts(monkeypatch: pytest.MonkeyPatch, make: Callable[[], Report]) -> dict[str, Fact]:
    """Path -> what `Ends` found in it."""
    found: dict[str, Fact] = {}
    monkeypatch.setattr("hpcgen.auditing.looking.Looking", Ends)
    find = findings.find

    def noted(case: Case, **words: object) -> object:
        for row, path in enumerate(case.files.paths):
            fact = case.contents.fact(row)
            if fact is not None:
                found[path] = fact
        return find(case, **words)  # type: ignore[arg-type]

    monkeypatch.setattr(assembling, "find", noted)
    make()
    return found


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("spool", [reading.SPOOL, 100_000])
def test_files_tell_the_same_however_they_are_read(form: str, spool: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is looked for in the files that are shown is found in plain and compressed layers and in a stream, also in files that are too long to be kept."""
    monkeypatch.setattr(layering, "SPOOL", spool)
    monkeypatch.setattr(layering, "_BEGIN", 20_000)
    monkeypatch.setattr(layering, "_TAIL", 20_000)
    found = facts(monkeypatch, lambda: FORMS[form](tmp_path))
    expected = {"small": 60, "large": 900_000, "d/last": 70_000}
    if form == "stream" and spool < 900_000:
        del expected["large"]
    look = Ends()
    assert found == {path: look.look(path, reading.BytesReader(content(size))) for path, size in expected.items()}


def test_what_is_too_long_for_a_stream_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that is too long to be kept, in a stream that cannot be read twice, is named in a note."""
    monkeypatch.setattr(layering, "SPOOL", 100_000)
    monkeypatch.setattr(layering, "_BEGIN", 20_000)
    monkeypatch.setattr("hpcgen.auditing.looking.Looking", Ends)
    assert any("because of their length: large" in note for note in FORMS["stream"](tmp_path).notes)


def test_headers_alone_look_into_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without content no file is looked into, and the report says which steps ran."""
    monkeypatch.setattr(Ends, "wants", lambda *_: pytest.fail("a file was looked into"))
    monkeypatch.setattr("hpcgen.auditing.looking.Looking", Ends)
    report = audit(docker_archive(tmp_path / "a.tar", LAYERS), content=False)
    assert report.tiers == ("headers",)
    assert report.totals.stored == report.totals.live + report.totals.waste


def secret(path: Path) -> str:
    """An image with a key in it."""
    return docker_archive(
        path / "a.tar",
        [layer([Entry("root/.ssh/id_rsa", b"-----BEGIN OPENSSH PRIVATE KEY-----\n" * 9, mode=0o600), Entry("etc/other.key", b"k" * 99)])],
    )


@pytest.mark.parametrize(
    ("ignore", "told"),
    [
        ((), True),
        ((Ignore("S003", "a test's key"),), False),
        ((Ignore("secrets*", "a test's key"),), False),
        ((Ignore("S003", "a test's key", path="root/**"), Ignore("S003", "another", path="etc/**")), False),
        ((Ignore("S003", "a test's key", path="home/**"),), True),
        ((Ignore("S003", "a test's key", until="2026-06-29"),), True),
        ((Ignore("S003", "a test's key", until="2026-06-30"),), False),
    ],
)
def test_what_is_ignored_has_its_reason(ignore: tuple[Ignore, ...], told: bool, tmp_path: Path) -> None:
    """A finding that is to be ignored is in the report with the reason, for the paths that are named, until the day that is named."""
    report = audit(secret(tmp_path), ignore=ignore, today="2026-06-30")
    found = [one for one in report.findings if one.id == "S003"]
    assert found
    assert any(one.id == "S003" for one in report.told()) == told
    assert told or {one.ignored for one in found} <= {one.reason for one in ignore}


MANIFEST = {
    "schema": "hpcgen/manifest/v1",
    "image": {"recipe": "mpi_hello.py", "digest": "ab", "stage": "stage1", "from": "devel", "kind": "packages", "base": "debian:12"},
    "blocks": [{"name": "ucx", "version": "1.18.1", "digest": "4a4f64bcd485", "prefix": "/usr/local/ucx"}],
    "packages": [{"package": "libnuma1", "version": "2.0.16-1", "block": "ucx", "why": "libnuma.so.1", "bytes": 123}],
    "files": [
        {"path": "/usr/local/bin/hello", "block": "recipe", "why": "copied", "bytes": 300},
        {"path": "/opt/x.so", "block": "ucx", "why": "needed", "bytes": 7},
    ],
}
MADE = [
    [Entry("bin/sh", bytes(4000))],
    [
        Entry("usr/lib/libnuma.so.1", bytes(1000)),
        Entry("var/lib/dpkg/info/libnuma1.list", b"/.\n/usr/lib/libnuma.so.1\n"),
        Entry("var/cache/x", bytes(50)),
    ],
    [Entry("usr/local/ucx/lib/libucp.so.0", bytes(2000)), Entry("usr/local/bin/hello", bytes(300)), Entry("opt/x.so", bytes(7))],
    [Entry("usr/share/hpcgen/manifest.json", json.dumps(MANIFEST).encode())],
]
HISTORY = (
    "debian",
    "RUN /bin/sh -c : hpcgen packages && apt-get install",
    "COPY /out/ / # buildkit",
    "COPY manifest.json /usr/share/hpcgen/ # buildkit",
)


@pytest.mark.parametrize("how", ["plain", "gzip"])
def test_bytes_are_charged_to_blocks(how: str, tmp_path: Path) -> None:
    """Of an image that hpcgen made each byte above the base is charged to the block that the manifest, a package or a prefix names, else to the recipe."""
    layers = [layer(entries) for entries in MADE]
    path = docker_archive(tmp_path / "a.tar", layers, history=HISTORY) if how == "plain" else oci_archive(tmp_path / "a.tar", layers, history=HISTORY)
    report = audit(path, base="1")
    charged = {(one.kind, one.name): one.live.rootfs for one in report.blocks}
    own = sum(len(one.content) for entries in MADE for one in entries) - 4000
    assert charged["base", "debian:12"] == 4000
    assert charged["block", "ucx"] == 1000 + 2000 + 7
    assert report.coverage is not None
    assert (report.coverage.charged, report.coverage.total) == (own, own)
    assert report.image.recipe == "mpi_hello.py"
    assert {one.stage for one in report.layers[1:]} == {"stage1"}


def test_a_layer_with_a_marker_is_its_blocks(tmp_path: Path) -> None:
    """A layer whose instruction begins with a block's marker is charged to that block, and what it hides too."""
    entries = [[Entry("a", bytes(10))], [Entry("opt/f", bytes(70))], [Entry(".wh.opt")]]
    history = ("base", "RUN /bin/sh -c : hpcgen 'fftw 3.3.10' 4a4f64bcd485 &&     make", "RUN /bin/sh -c rm -rf /opt # buildkit")
    report = audit(docker_archive(tmp_path / "a.tar", [layer(one) for one in entries], history=history))
    block = report.blocks[report.layers[1].block]
    assert (block.kind, block.name, block.version, block.digest, block.waste) == ("block", "fftw", "3.3.10", "4a4f64bcd485", 70)


@pytest.mark.parametrize(
    "broken",
    [b"", b"{", b"[]", b'{"schema": "hpcgen/manifest/v1", "blocks": 7, "files": [1, {"path": 2}], "image": []}', b"[" * 100_000, b"\xff\xfe"],
)
def test_a_manifest_that_is_none_is_as_if_it_were_not_there(broken: bytes, tmp_path: Path) -> None:
    """Whatever stands in the manifest's place, the audit goes on."""
    report = audit(docker_archive(tmp_path / "a.tar", [layer([Entry("usr/share/hpcgen/manifest.json", broken), Entry("b", b"x")])]))
    assert report.totals.live == len(broken) + 1
