from __future__ import annotations

import gzip
import io
import json
import os
import tarfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from archives import Entry, configuration, digest, docker_archive, folder, layer, oci_archive, oci_files, oci_layout, squeezed
from stacks import random_stack

from hpcgen.auditing import audit
from hpcgen.errors import HpcgenError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from hpcgen.auditing.report import Report

LAYERS = [layer(entries) for entries in random_stack(5)]
NO_ENGINES = {"PATH": "", "DOCKER_HOST": "unix:///nowhere/docker.sock"}


def shown(report: Report) -> tuple[object, ...]:
    """What does not depend on how an image was stored."""
    files, wastes = report.files, report.wastes
    return (
        report.totals.stored,
        report.totals.live,
        list(zip(files.paths, files.kinds, files.sizes, files.layers, strict=True)),
        list(zip(wastes.paths, wastes.kinds, wastes.sizes, wastes.stored, wastes.hidden, strict=True)),
        [one.instruction for one in report.layers],
        report.dive,
    )


def stream(path: str) -> io.BufferedReader:
    """A file as standard input."""
    return io.BufferedReader(io.BytesIO(Path(path).read_bytes()))


FORMS: dict[str, Callable[[Path], Report]] = {
    "docker-archive": lambda place: audit(docker_archive(place / "a.tar", LAYERS)),
    "docker-archive, gzip": lambda place: audit(packed(docker_archive(place / "a.tar", LAYERS))),
    "oci-archive, plain": lambda place: audit(oci_archive(place / "a.tar", LAYERS, "none")),
    "oci-archive, gzip": lambda place: audit(oci_archive(place / "a.tar", LAYERS, "gzip")),
    "oci-archive, zstd": lambda place: audit(oci_archive(place / "a.tar", LAYERS, "zstd")),
    "oci-layout, gzip": lambda place: audit(oci_layout(place / "layout", LAYERS, "gzip")),
    "oci-layout, zstd": lambda place: audit(f"oci:{oci_layout(place / 'layout', LAYERS, 'zstd')}"),
    "stdin, docker": lambda place: audit("-", stdin=stream(docker_archive(place / "a.tar", LAYERS))),
    "stdin, oci": lambda place: audit("-", stdin=stream(oci_archive(place / "a.tar", LAYERS, "zstd"))),
    "stdin, gzip": lambda place: audit("-", stdin=stream(packed(docker_archive(place / "a.tar", LAYERS)))),
}


def packed(path: str) -> str:
    """A file, compressed as a whole."""
    with open(path, "rb") as source, gzip.open(f"{path}.gz", "wb") as out:
        out.write(source.read())
    return f"{path}.gz"


@pytest.mark.parametrize("form", FORMS)
def test_an_image_is_the_same_however_it_is_stored(form: str, tmp_path: Path) -> None:
    """Archive, layout and stream, plain, gzip and zstd, of one image give one answer."""
    found = FORMS[form](tmp_path)
    (tmp_path / "other").mkdir()
    assert shown(found) == shown(audit(docker_archive(tmp_path / "other" / "image.tar", LAYERS)))
    assert found.image.kind == form.partition(",")[0]
    assert not found.faults


@pytest.mark.parametrize("how", ["gzip", "zstd"])
def test_pull_is_what_a_registry_sends(how: str, tmp_path: Path) -> None:
    """The bytes of compressed layers are those that are pulled, and files have their parts of them."""
    report = audit(oci_archive(tmp_path / "a.tar", LAYERS, how))
    sizes = [len(squeezed(one, how)) for one in LAYERS]
    assert [one.pull for one in report.layers] == sizes
    assert report.totals.pull is not None
    assert report.totals.pull.bytes == sum(sizes)
    assert report.files.pulls is not None
    assert 0 < sum(report.files.pulls) <= sum(sizes)


def write(place: Path, files: Mapping[str, bytes]) -> str:
    """A layout in a folder."""
    for name, content in files.items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_bytes(content)
    return str(place)


def for_platforms(place: Path, *, nested: bool = False) -> str:
    """A layout with an image for each of two platforms, an attestation, and another name of the first."""
    manifests: list[dict[str, Any]] = []
    for arch, content in (("amd64", b"a" * 10), ("arm64", b"b" * 20)):
        files = oci_files([layer([Entry("file", content)])], "gzip")
        one = json.loads(files.pop("index.json"))["manifests"][0]
        manifests.append(
            {**one, "platform": {"os": "linux", "architecture": arch}, "annotations": {"org.opencontainers.image.ref.name": f"v-{arch}"}}
        )
        write(place, files)
    attestation = {**manifests[0], "digest": f"sha256:{'0' * 64}", "annotations": {"vnd.docker.reference.type": "attestation-manifest"}}
    index = json.dumps({"schemaVersion": 2, "manifests": [attestation, *manifests]}).encode()
    if nested:
        write(place, {f"blobs/sha256/{digest(index)[7:]}": index})
        index = json.dumps({"manifests": [{"mediaType": "application/vnd.oci.image.index.v1+json", "digest": digest(index)}]}).encode()
    return write(place, {"index.json": index})


@pytest.mark.parametrize("nested", [False, True])
def test_the_platform_is_chosen(nested: bool, tmp_path: Path) -> None:
    """Of an image for several platforms the one that is asked for is read, by its platform or by its name; without a word it is an error that lists them."""
    place = for_platforms(tmp_path, nested=nested)
    assert audit(place, platform="linux/arm64").totals.live == 20
    assert audit(place, platform="linux/amd64").totals.live == 10
    assert audit(f"oci:{place}:v-arm64").totals.live == 20
    for platform in ("", "linux/s390x"):
        with pytest.raises(UsageError) as told:
            audit(place, platform=platform)
        assert "arm64" in told.value.help


def test_what_is_not_in_an_index_is_not_chosen(tmp_path: Path) -> None:
    """Of an image for several platforms of which one alone is stored, that is read."""
    place = for_platforms(tmp_path)
    index = json.loads((tmp_path / "index.json").read_bytes())
    gone = next(one for one in index["manifests"] if one.get("platform", {}).get("architecture") == "arm64")
    (tmp_path / "blobs/sha256" / gone["digest"][7:]).unlink()
    assert audit(place).totals.live == 10


def test_several_images_of_one_archive(tmp_path: Path) -> None:
    """Of an archive with several images the one that is named is read; without a name it is an error that lists them."""
    contents = [layer([Entry("file", bytes(size))]) for size in (10, 20)]
    with tarfile.open(tmp_path / "two.tar", "w") as tar:
        for at, content in enumerate(contents):
            add(tar, f"{at}/layer.tar", content)
            add(tar, f"{at}.json", configuration([content]))
        told = [{"Config": f"{at}.json", "RepoTags": [f"example/image:v{at}"], "Layers": [f"{at}/layer.tar"]} for at in range(2)]
        add(tar, "manifest.json", json.dumps(told).encode())
    assert audit(f"docker-archive:{tmp_path}/two.tar:v1").totals.live == 20
    assert audit(f"docker-archive:{tmp_path}/two.tar:example/image:v0").totals.live == 10
    with pytest.raises(UsageError, match="holds 2 images"):
        audit(str(tmp_path / "two.tar"))


def add(tar: tarfile.TarFile, name: str, content: bytes, target: str = "") -> None:
    """Adds a file, or a link."""
    about = tarfile.TarInfo(name)
    about.size = len(content)
    if target:
        about.type, about.linkname = tarfile.SYMTYPE, target
    tar.addfile(about, io.BytesIO(content))


@pytest.mark.parametrize("passing", [False, True])
def test_layers_that_are_links_to_others(passing: bool, tmp_path: Path) -> None:
    """A layer that is a link to another one's file is read, as old versions of Docker save layers that are equal."""
    content = layer([Entry("file", b"x" * 10)])
    with tarfile.open(tmp_path / "a.tar", "w") as tar:
        add(tar, "one/layer.tar", content)
        add(tar, "two/layer.tar", b"", "../one/layer.tar")
        add(tar, "c.json", configuration([content, content]))
        add(tar, "manifest.json", json.dumps([{"Config": "c.json", "Layers": ["one/layer.tar", "two/layer.tar"]}]).encode())
    report = audit("-", stdin=stream(str(tmp_path / "a.tar"))) if passing else audit(str(tmp_path / "a.tar"))
    assert (report.totals.stored, report.wastes.by_kind()) == (20, {"identical-rewrite": 10})


def test_the_order_of_layers_is_the_manifests(tmp_path: Path) -> None:
    """Layers are in the order in which the manifest names them, wherever they stand in the archive."""
    contents = [layer([Entry("file", bytes([at]) * (at + 1))]) for at in range(6)]
    files = oci_files(contents, "gzip")
    with tarfile.open(tmp_path / "a.tar", "w") as tar:
        for name in sorted(files, reverse=True):
            add(tar, name, files[name])
    assert [one.stored for one in audit(str(tmp_path / "a.tar")).layers] == [1, 2, 3, 4, 5, 6]


def no_config(place: Path) -> str:
    """A layout without the configuration."""
    files = oci_files(LAYERS)
    manifest = json.loads(files[f"blobs/sha256/{json.loads(files['index.json'])['manifests'][0]['digest'][7:]}"])
    del files[f"blobs/sha256/{manifest['config']['digest'][7:]}"]
    return write(place, files)


def no_layer(place: Path) -> str:
    """A layout without its last layer."""
    files = oci_files(LAYERS)
    manifest = json.loads(files[f"blobs/sha256/{json.loads(files['index.json'])['manifests'][0]['digest'][7:]}"])
    del files[f"blobs/sha256/{manifest['layers'][-1]['digest'][7:]}"]
    return write(place, files)


def some_archive(place: Path) -> str:
    """An archive of something else."""
    (place / "some.tar").write_bytes(layer([Entry("file", b"x")]))
    return str(place / "some.tar")


def some_file(place: Path) -> str:
    """A file of text."""
    (place / "some.txt").write_text("no image at all\n" * 100)
    return str(place / "some.txt")


BAD: dict[str, tuple[Callable[[Path], str], str]] = {
    "no configuration": (no_config, "is not in it"),
    "a layer is missing": (no_layer, "a layer is not in it"),
    "an archive of other things": (some_archive, "it is no image"),
    "a text": (some_file, "it is no archive"),
    "an empty file": (lambda place: write(place, {"empty": b""}) + "/empty", "it is no archive"),
    "nothing": (lambda place: str(place / "nothing.tar"), "No such file"),
    "an index that is none": (lambda place: write(place, {"index.json": b"{", "oci-layout": b""}), "is no JSON"),
    "an index of nothing": (lambda place: write(place, {"index.json": b"[]"}), "names no image"),
    "a deep index": (lambda place: write(place, {"index.json": b"[" * 100_000}), "is no JSON"),
    "a digest that leads out": (
        lambda place: write(place, {"index.json": b'{"manifests": [{"digest": "sha256:../../../etc/passwd"}]}'}),
        "a digest of it is none",
    ),
    "an engine's name": (lambda place: "image/of-nobody:1", "neither a file nor an image of an engine"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_image_is_said_with_status_3(name: str, tmp_path: Path) -> None:
    """What cannot be read at all is an error with a sentence and exit status 3."""
    make, sentence = BAD[name]
    with pytest.raises(HpcgenError, match=sentence) as told:
        audit(make(tmp_path), environment=NO_ENGINES)
    assert told.value.status == 3


def test_standard_input_that_is_none() -> None:
    """Standard input that holds no archive is an error with exit status 3."""
    for content in (b"", b"hello\n" * 1000, bytes(10_000)):
        with pytest.raises(HpcgenError) as told:
            audit("-", stdin=io.BufferedReader(io.BytesIO(content)))
        assert told.value.status == 3


def test_a_layer_that_is_cut_off_is_partial(tmp_path: Path) -> None:
    """Of an image with a layer that ends early, what can be read is told, and which layer is not whole."""
    chance = os.urandom(200_000)
    files = oci_files([layer([Entry("a", b"x")]), layer([Entry("b", chance), Entry("c", chance)])], "gzip")
    longest = max(files, key=lambda name: len(files[name]))
    files[longest] = files[longest][: len(files[longest]) // 2]
    report = audit(write(tmp_path, files))
    assert report.is_partial
    assert "layer 1: its gzip stream ends early" in report.faults
    assert "a" in report.files.paths


def test_a_folder_is_one_layer(tmp_path: Path) -> None:
    """A root file system in a folder is what lies in it: names of one file are counted once, links are not followed."""
    (tmp_path / "usr/lib").mkdir(parents=True)
    (tmp_path / "usr/lib/a").write_bytes(bytes(1000))
    os.link(tmp_path / "usr/lib/a", tmp_path / "usr/b")
    (tmp_path / "loop").symlink_to("/")
    os.mkfifo(tmp_path / "pipe")
    report = audit(str(tmp_path))
    assert (report.image.kind, report.totals.live, len(report.layers)) == ("folder", 1000, 1)
    assert sorted(report.files.paths) == ["loop", "pipe", "usr", "usr/b", "usr/lib", "usr/lib/a"]


def test_a_folder_that_is_called_as_a_scheme(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that is there is read, whatever an engine might make of its name."""
    monkeypatch.chdir(tmp_path)
    docker_archive("docker:image", [layer([folder("d"), Entry("d/f", b"xy")])])
    assert audit("docker:image").totals.live == 2
