from __future__ import annotations

import os
import tarfile
from typing import TYPE_CHECKING

import pytest
import support
import xxhash

import hpcgen
from hpcgen.auditing.opening import Wish, opened
from hpcgen.auditing.showing import Known, shown
from hpcgen.auditing.stack import Stack
from hpcgen.auditing.tables import FILE, FOLDER, HARD_LINK, LINK

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DOCKERFILE = """\
FROM debian:12
RUN mkdir -p /opt/a/deep && head -c 100000 /dev/urandom > /opt/a/deep/one && ln /opt/a/deep/one /opt/a/two && cp /opt/a/two /opt/three
RUN rm -rf /opt/a/deep && chmod 600 /opt/three && truncate -s 3M /opt/sparse
RUN rm /opt/three && mkdir /opt/three && echo x > /opt/three/file && rm -rf /usr/share/doc && mkdir /usr/share/doc
COPY Dockerfile /opt/a/
"""
MADE_AT_START = {".dockerenv", "etc/hosts", "etc/hostname", "etc/resolv.conf", "etc/mtab", "dev/console"}
"""What Docker puts into a container, and therefore into what it exports."""


def environment(daemon: str) -> dict[str, str]:
    """What lets a client talk to a daemon."""
    said = support.run(support.ENGINES, "env", daemon).strip()
    name, _, value = said.partition("=")
    return {**os.environ, name: value}


@pytest.fixture(scope="module", params=["docker", "docker-c", "docker20"])
def image(request: pytest.FixtureRequest, engines: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[support.Docker, str]]:
    """An image with all that layers can do to each other, in each daemon."""
    docker = support.Docker(request.param, "docker")
    place = tmp_path_factory.mktemp("audited")
    docker.build(DOCKERFILE, "hpcgen-audited", place)
    yield docker, "hpcgen-audited:latest"
    docker("rmi", "-f", "hpcgen-audited", check=False)


def exported(docker: support.Docker, ref: str, place: Path) -> dict[str, tarfile.TarInfo]:
    """The file system of an image, as the engine itself puts it together."""
    container = docker("create", "--network", "none", ref, "true").strip().splitlines()[-1]
    docker("export", "-o", place / "root.tar", container)
    docker("rm", container)
    with tarfile.open(place / "root.tar") as tar:
        return {one.name.strip("/"): one for one in tar if one.name.strip("./")}


def test_a_report_shows_what_the_engine_exports(image: tuple[support.Docker, str], tmp_path: Path) -> None:
    """Files, their kinds and their sizes are those of the file system that the engine itself exports, and what it hides is counted."""
    docker, ref = image
    report = hpcgen.audit(ref, environment=environment(docker.daemon))
    said = exported(docker, ref, tmp_path)
    files = report.files
    found = {
        path: (kind, size)
        for path, kind, size in zip(files.paths, files.kinds, files.sizes, strict=True)
        if not path.startswith(("dev", "proc", "sys"))
    }
    there = {name: one for name, one in said.items() if not name.startswith(("dev", "proc", "sys")) and name not in MADE_AT_START}
    assert found.keys() - MADE_AT_START == there.keys()
    for name, one in there.items():
        kind, size = found[name]
        assert one.isdir() == (kind == FOLDER), name
        if one.isreg() and kind == FILE:
            assert one.size == size, name
    assert sum(size for kind, size in found.values() if kind in (FILE, HARD_LINK)) == report.totals.live - sum(
        size for path, size in zip(files.paths, files.sizes, strict=True) if path.startswith(("dev", "proc", "sys"))
    )
    kinds = report.wastes.by_kind()
    assert kinds.get("deleted", 0) + kinds.get("opaque", 0) > 1_000_000  # which of the two is the store's choice
    assert report.totals.stored == report.totals.live + report.totals.waste
    assert [one.instruction.split()[0] for one in report.layers[1:]] in (["RUN", "RUN", "RUN", "COPY"], ["/bin/sh", "/bin/sh", "/bin/sh", "COPY"])


def test_the_base_is_found_in_the_engine(image: tuple[support.Docker, str]) -> None:
    """The layers of a base image that is named are those that the engine has for it."""
    docker, ref = image
    report = hpcgen.audit(ref, base="debian:12", environment=environment(docker.daemon))
    assert [one.is_base for one in report.layers] == [True, False, False, False, False]
    assert report.totals.own_stored == report.totals.stored - report.layers[0].stored


def test_an_archive_is_what_the_engine_has(image: tuple[support.Docker, str], tmp_path: Path) -> None:
    """What `docker save` writes gives the same as the engine, from its file and from standard input."""
    docker, ref = image
    docker("save", "-o", tmp_path / "image.tar", ref)
    live = hpcgen.audit(ref, environment=environment(docker.daemon))
    saved = hpcgen.audit(str(tmp_path / "image.tar"))
    with (tmp_path / "image.tar").open("rb") as stream:
        passed = hpcgen.audit("-", stdin=stream)
    assert live.totals == saved.totals == passed.totals or (live.totals.stored, live.totals.live) == (saved.totals.stored, saved.totals.live)
    assert live.files.paths == saved.files.paths == passed.files.paths
    assert list(live.wastes.sizes) == list(saved.wastes.sizes) == list(passed.wastes.sizes)


def test_podman(engines: None, tmp_path: Path) -> None:
    """An image in Podman's store is read from there."""
    (tmp_path / "podman").write_text(f'#!/bin/sh\nexec {support.ENGINES} run podman "$@"\n')
    (tmp_path / "podman").chmod(0o755)
    report = hpcgen.audit("podman://debian:12", environment={**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"})
    assert report.image.kind == "podman"
    assert "bin" in report.files.paths or "usr/bin" in report.files.paths


def test_a_name_of_nobody(engines: None, tmp_path: Path) -> None:
    """A name that neither an engine nor a file has is an error that says whom it asked."""
    with pytest.raises(hpcgen.errors.HpcgenError) as told:
        hpcgen.audit("no-such-image:1", environment={**environment("docker"), "PATH": str(tmp_path)})
    assert told.value.status == 3
    assert "Docker has no such image" in told.value.help
    assert "Podman is not installed" in told.value.help


def test_contents_are_those_of_the_export(image: tuple[support.Docker, str], tmp_path: Path) -> None:
    """Each file that the merged stack shows is, byte for byte, the one that the engine itself puts there; links lead where its links lead."""
    docker, ref = image
    docker("save", "-o", tmp_path / "image.tar", ref)
    found = opened(str(tmp_path / "image.tar"), Wish(None, "", 2, "", {}, None, lambda *told: None))
    stack = Stack([layer.index for layer in found.layers])
    files, holders = shown(stack)
    known = Known(stack, found.layers, files, holders)
    said = exported(docker, ref, tmp_path)
    compared = 0
    with tarfile.open(tmp_path / "root.tar") as tar:
        for row, path in enumerate(files.paths):
            if path in MADE_AT_START or path.startswith(("dev/", "proc/", "sys/")) or path not in said:
                continue
            assert (files.kinds[row] == LINK) == said[path].issym(), path
            if said[path].issym():
                assert files.targets[row] == said[path].linkname, path
            stream = tar.extractfile(said[path]) if files.kinds[row] == FILE else None
            if stream is not None:
                content = stream.read()
                assert known.digest(row) == xxhash.xxh3_128(content).digest() or not content, path
                reader = known.reader(row)  # of a compressed layer there is none: it went by
                assert reader is None or reader.read(0, reader.size) == content, path
                compared += 1
    assert compared > 2000
