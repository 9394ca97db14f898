"""Images in archives: tar files, layers, what `docker save` writes, OCI layouts; good ones, and such as nobody would make by mistake."""

from __future__ import annotations

import gzip
import io
import json
import os
import tarfile
from typing import TYPE_CHECKING

import images
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from images import read, saved, shown

from hpcgen.engines import collecting
from hpcgen.engines.collecting import BadImage
from hpcgen.engines.tars import Chunks, Part, Tar
from hpcgen.errors import UsageError
from hpcgen.manifest import FOLDER

if TYPE_CHECKING:
    from pathlib import Path

NAMES = ("manifest.json", "manifest.2.json", "manifest.3.json")


# --- tar files ---

WORDS = st.text(st.characters(exclude_characters="\0/", codec="utf-8"), min_size=1, max_size=60).filter(lambda word: word not in (".", ".."))
ENTRIES = st.lists(st.tuples(st.lists(WORDS, min_size=1, max_size=6).map("/".join), st.binary(max_size=1500) | WORDS | st.none()), max_size=6)
FORMATS = st.sampled_from([tarfile.PAX_FORMAT, tarfile.GNU_FORMAT])


@given(ENTRIES, FORMATS)
def test_tar_files_are_read_as_python_reads_them(entries: list[images.Entry], form: int) -> None:
    """Names of any length and alphabet, contents, folders and links come out as Python's own tarfile writes them, in both of its formats."""
    data = images.tar(*entries, format=form)
    archive = Tar(Part(io.BytesIO(data), 0, len(data)))
    found = [(member.path, member.kind, archive.read(member.size), member.link) for member in archive]
    kinds = {bytes: "file", str: "other", type(None): "folder"}
    assert found == [
        (name, kinds[type(content)], content if isinstance(content, bytes) else b"", content if isinstance(content, str) else "")
        for name, content in entries
    ]


@given(ENTRIES, st.lists(st.tuples(st.integers(0, 20_000), st.integers(0, 255)), min_size=1, max_size=8), st.booleans(), st.integers(0, 9000))
def test_damaged_tar_files_are_refused_or_read(entries: list[images.Entry], changes: list[tuple[int, int]], is_part: bool, cut: int) -> None:
    """Whatever bytes of a tar file are changed or cut off, reading it ends, with members or with the error that it is damaged."""
    data = bytearray(images.tar(*entries))
    for at, value in changes:
        data[at % len(data)] = value
    data = data[: max(1, len(data) - cut)]
    stream = Part(io.BytesIO(data), 0, len(data)) if is_part else Chunks(iter([bytes(data)]), len(data))
    try:
        members = list(Tar(stream))
    except BadImage:
        return
    assert len(members) <= len(data) // 512


def header(size: bytes, kind: bytes = b"0") -> bytes:
    """A header of a tar file that says some size."""
    head = bytearray(tarfile.TarInfo("x").tobuf())
    head[124:136], head[156:157], head[148:156] = size, kind, b" " * 8
    head[148:156] = b"%06o\0 " % sum(head)
    return bytes(head)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (header(b"77777777777\0"), "cut off"),
        (header(b"\x80" + b"\xff" * 11), "cut off"),
        (header(b"\xff" * 12), "is none, or is damaged"),
        (header(b"0000000_100\0"), "is none, or is damaged"),
        (header(b"77777777777\0", b"x"), "a name in a tar file of it is too long"),
        (header(b"00004000001\0", b"L"), "a name in a tar file of it is too long"),
        (header(b"00000000003\0", b"x") + b"3 x".ljust(512, b"\0"), "attributes without a name"),
        (header(b"00000000005\0", b"x") + b"99 a=".ljust(512, b"\0"), "attributes without a name"),
        (b"x" * 512, "damaged"),
        (b"x", "cut off"),
    ],
)
def test_sizes_that_no_tar_file_has_are_refused(data: bytes, said: str) -> None:
    """Sizes that are too large, negative or no numbers are errors, and nothing of them is kept."""
    for stream in (Part(io.BytesIO(data), 0, len(data)), Chunks(iter([data]), len(data))):
        with pytest.raises(BadImage, match=said):
            list(Tar(stream))


@pytest.mark.parametrize("kind", [b"1", b"2", b"3", b"4", b"5", b"6"])
def test_what_has_no_data_takes_no_room(kind: bytes) -> None:
    """Links, devices, folders and pipes have no data, whatever size their header says: the next header follows at once."""
    data = header(b"00000000777\0", kind) + header(b"00000000000\0")
    assert [member.size for member in Tar(Part(io.BytesIO(data), 0, len(data)))] == [0, 0]


# --- layers ---

FOLDERS = ("usr", "usr/share", FOLDER)
OPERATIONS = st.one_of(
    st.tuples(st.just("write"), st.sampled_from(NAMES), st.binary(max_size=20)),
    st.tuples(st.just("remove"), st.sampled_from(NAMES), st.just(b"")),
    st.tuples(st.just("remove folder"), st.sampled_from(FOLDERS), st.just(b"")),
    st.tuples(st.just("opaque"), st.sampled_from(("", *FOLDERS)), st.just(b"")),
)
LAYERS = st.lists(st.lists(OPERATIONS, max_size=4), min_size=1, max_size=5)


def seen(stack: list[list[tuple[str, str, bytes]]]) -> dict[str, bytes]:
    """What a container sees: whiteouts of a layer take away what is below it, then its files are there."""
    files: dict[str, bytes] = {}
    for layer in stack:
        for what, name, _ in layer:
            if what in ("remove folder", "opaque"):
                files.clear()
            elif what == "remove":
                files.pop(name, None)
        files.update({name: content for what, name, content in layer if what == "write"})
    return {name: files[name] for name in NAMES if name in files}


def packed(layer: list[tuple[str, str, bytes]]) -> bytes:
    """A layer as an archive has it."""
    entries: list[images.Entry] = []
    for what, name, content in layer:
        if what == "opaque":
            entries.append((os.path.join(name, ".wh..wh..opq"), b""))
        elif what == "remove folder":
            entries.append((os.path.join(os.path.dirname(name), f".wh.{os.path.basename(name)}"), b""))
        else:
            entries.append((f"{FOLDER}/{'.wh.' if what == 'remove' else ''}{name}", content))
    return images.tar(*entries)


@given(stack=LAYERS)
@settings(max_examples=60)
def test_layers_are_stacked_as_a_container_sees_them(stack: list[list[tuple[str, str, bytes]]], tmp_path_factory: pytest.TempPathFactory) -> None:
    """Files, whiteouts and opaque folders in any number of layers leave the manifests that a container would see, in an archive of Docker as in one of OCI."""
    folder = tmp_path_factory.mktemp("layers")
    packs = [packed(layer) for layer in stack]
    docker = saved(folder, images.docker_archive(packs, images.LABELS), "docker.tar")
    oci = saved(folder, images.tar(*images.oci([("osu:1", "amd64", packs)], images.LABELS)), "oci.tar")
    for file in (docker, oci):
        found = read(file)
        assert shown(found) == seen(stack)
        assert found.labels == images.LABELS


def layer(**files: bytes) -> bytes:
    """A layer with a manifest, and maybe more."""
    return images.tar((f"{FOLDER}/manifest.json", files.pop("manifest", images.manifest())), *((name, content) for name, content in files.items()))


@pytest.mark.parametrize("compress", [bytes, gzip.compress])
def test_docker_archives_are_read(tmp_path: Path, compress: type[bytes]) -> None:
    """What `docker save` writes is read whether it is compressed or not, with layers that are links to equal ones."""
    found = read(saved(tmp_path, compress(images.docker_archive([layer(), images.tar(("etc", None)), layer()], images.LABELS))))
    assert found.kind == "Docker archive"
    assert found.facts == {"names": "osu:1", "platform": "linux/amd64", "created": "2026-01-02T03:04:05Z", "digest": "sha256:config"}
    assert shown(found) == {"manifest.json": images.manifest()}


def test_oci_layouts_are_read(tmp_path: Path) -> None:
    """A folder and an archive of OCI's layout are read, with a gzip in each layer or without."""
    for zipped in (False, True):
        entries = images.oci([("osu:1", "arm64", [layer()])], images.LABELS, zipped=zipped)
        folder = images.laid_down(tmp_path / f"layout{zipped}", entries)
        for path, kind in ((folder, "OCI layout"), (saved(tmp_path, images.tar(*entries)), "OCI archive")):
            found = read(path)
            assert (found.kind, found.facts["platform"], found.facts["names"]) == (kind, "linux/arm64", "osu:1")
            assert shown(found) == {"manifest.json": images.manifest()}


SEVERAL = [(name, arch, [layer(manifest=f"{name} {arch}".encode())]) for name in ("osu:1", "ghcr.io/x/osu:2") for arch in ("amd64", "arm64")]


@pytest.mark.parametrize(
    ("which", "machine", "meant"),
    [
        ("osu:1", "x86_64", b"osu:1 amd64"),
        ("osu:2", "aarch64", b"ghcr.io/x/osu:2 arm64"),
        ("ghcr.io/x/osu:2", "x86_64", b"ghcr.io/x/osu:2 amd64"),
        ("osu:1", "riscv64", None),
        ("", "x86_64", None),
        ("linux/arm64", "x86_64", None),
        ("su:1", "x86_64", None),
        ("sha256:", "x86_64", None),
    ],
)
def test_one_of_several_images_is_chosen(tmp_path: Path, which: str, machine: str, meant: bytes | None) -> None:
    """Of several images a name means one for this machine's architecture; what means several, or none, is an error that lists them."""
    path = saved(tmp_path, images.tar(*images.oci(SEVERAL, {}, zipped=False)))
    if meant is not None:
        assert shown(read(path, which=which, machine=machine)) == {"manifest.json": meant}
        return
    with pytest.raises(UsageError, match=r"it has several images|it has no image") as refused:
        read(path, which=which, machine=machine)
    assert "osu:1 linux/amd64; osu:1 linux/arm64" in refused.value.help or which == "linux/arm64"
    assert "osu:1 linux/arm64" in refused.value.help


def test_a_digest_and_a_platform_choose_too(tmp_path: Path) -> None:
    """An image is meant by the begin of its digest, and by its platform where no two have it."""
    path = saved(tmp_path, images.tar(*images.oci(SEVERAL[:2], {}, zipped=False)))
    assert shown(read(path, which="linux/arm64")) == {"manifest.json": b"osu:1 arm64"}
    digest = read(path, which="linux/arm64").facts["digest"]
    assert shown(read(path, which=digest[:20])) == shown(read(path, which=digest.removeprefix("sha256:")[:12])) == {"manifest.json": b"osu:1 arm64"}


def test_an_image_that_is_not_there_is_no_choice(tmp_path: Path) -> None:
    """Platforms that an index names and whose files were not saved are passed over."""
    entries = images.oci(SEVERAL[:2], {}, zipped=False)
    (index,) = (json.loads(content) for _, content in entries if isinstance(content, bytes) and b'"platform"' in content)
    (gone,) = (entry["digest"] for entry in index["manifests"] if entry.get("platform", {}).get("architecture") == "arm64")
    kept = [(name, content) for name, content in entries if name != f"blobs/{gone.replace(':', '/')}"]
    assert shown(read(saved(tmp_path, images.tar(*kept)), machine="aarch64")) == {"manifest.json": b"osu:1 amd64"}


@pytest.mark.parametrize("kind", [images.tar((f"{FOLDER}/manifest.json", "/etc/passwd")), images.tar((f"{FOLDER}/manifest.json", None))])
def test_a_manifest_that_is_no_file_is_refused(tmp_path: Path, kind: bytes) -> None:
    """A link or folder where a manifest should be is an error, also where a file lies below it."""
    with pytest.raises(BadImage, match=r"/usr/share/hpcgen/manifest.json in it is no regular file"):
        read(saved(tmp_path, images.docker_archive([layer(), kind], {})))


def test_what_replaces_the_folder_hides_it(tmp_path: Path) -> None:
    """A link or file in place of one of the folders hides the manifests that lie below."""
    for name in FOLDERS:
        assert read(saved(tmp_path, images.docker_archive([layer(), images.tar((name, "/etc"))], {}))).manifests == ()


def test_a_further_name_has_the_same_content(tmp_path: Path) -> None:
    """A hard link to a manifest of the same layer is that manifest; one to another file is none."""
    for target, is_good in ((f"{FOLDER}/manifest.json", True), ("etc/shadow", False)):
        data = io.BytesIO()
        with tarfile.open(fileobj=data, mode="w") as archive:
            for name, link in ((f"{FOLDER}/manifest.json", ""), ("etc/shadow", ""), (f"{FOLDER}/manifest.2.json", target)):
                info = tarfile.TarInfo(name)
                info.type, info.linkname, info.size = (tarfile.LNKTYPE, link, 0) if link else (tarfile.REGTYPE, "", 3)
                archive.addfile(info, io.BytesIO(b"abc"))
        path = saved(tmp_path, images.docker_archive([data.getvalue()], {}))
        if is_good:
            assert shown(read(path)) == {"manifest.json": b"abc", "manifest.2.json": b"abc"}
        else:
            with pytest.raises(BadImage, match=r"manifest\.2\.json in it is no regular file"):
                read(path)


def test_manifests_of_a_size_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Manifests that are larger together than the bound are refused, wherever they are read from."""
    monkeypatch.setattr(collecting, "LIMIT", 1000)
    entries: list[images.Entry] = [(f"{FOLDER}/{name}", b" " * 400) for name in NAMES]
    root = images.laid_down(tmp_path / "root", entries)
    for path in (saved(tmp_path, images.docker_archive([images.tar(*entries)], {})), root):
        with pytest.raises(BadImage, match="its manifests have more than"):
            read(path)


def test_the_bound_is_sixty_four_megabytes(tmp_path: Path) -> None:
    """A manifest of 64 MB is read, and one with a byte more is refused."""
    for more in (0, 1):
        path = saved(tmp_path, images.docker_archive([gzip.compress(images.tar((f"{FOLDER}/manifest.json", b" " * (64_000_000 + more))))], {}))
        if more:
            with pytest.raises(BadImage, match="its manifests have more than 64 MB"):
                read(path)
        else:
            assert len(shown(read(path))["manifest.json"]) == 64_000_000


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"hello",
        images.tar(("x", b"y")),
        images.tar(("manifest.json", b"[]")),
        images.tar(("manifest.json", b"[1, null, {}]")),
        images.tar(("manifest.json", b'[{"Config": "manifest.json", "Layers": ["none"]}]')),
        images.tar(("manifest.json", b'[{"Config": "manifest.json", "Layers": "manifest.json"}]')),
        images.tar(("index.json", b'{"manifests": [{"digest": "sha256:' + b"0" * 64 + b'"}]}'), ("blobs", "blobs"), (f"blobs/sha256/{'0' * 64}", b"[]")),
        images.tar(("index.json", b'{"manifests": [{"digest": "../../etc/passwd"}]}')),
        images.tar(("a", "b"), ("b", "a"), ("manifest.json", b'[{"Config": "a", "Layers": ["a"]}]')),
        gzip.compress(b"hello"),
        gzip.compress(images.docker_archive([layer()], {}))[:-100],
        images.docker_archive([gzip.compress(layer())[:-60]], {}),
        images.docker_archive([b""], {}),
        images.docker_archive([b"\x28\xb5\x2f\xfdrubbish"], {}),
    ],
)
def test_what_is_no_image_is_refused(tmp_path: Path, data: bytes) -> None:
    """Files that are no archive of an image, or damaged ones, end with an error of status 3 that names the file."""
    path = saved(tmp_path, data)
    with pytest.raises(BadImage) as refused:
        read(path)
    assert refused.value.status == 3
    assert str(path) in refused.value.sentence


ARCHIVES = [images.docker_archive([layer()], images.LABELS), images.tar(*images.oci([("osu:1", "amd64", [layer()])], images.LABELS))]


@given(st.sampled_from(ARCHIVES), st.lists(st.tuples(st.integers(0, 30_000), st.integers(0, 255)), min_size=1, max_size=6), st.integers(0, 5000))
@settings(max_examples=80, deadline=None)
def test_damaged_archives_are_refused_or_read(whole: bytes, changes: list[tuple[int, int]], cut: int) -> None:
    """Whatever bytes of an archive are changed or cut off, reading it ends with what was found or with an error that is ours."""
    data = bytearray(whole)
    for at, value in changes:
        data[at % len(data)] = value
    images.refused_or_read(bytes(data[: max(1, len(data) - cut)]))
