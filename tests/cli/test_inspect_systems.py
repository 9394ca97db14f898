"""Images as file systems: folders, squashfs and SIF files; good ones, and such as nobody would make by mistake."""

from __future__ import annotations

import errno
import os
import shutil
import struct
from pathlib import Path

import images
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from images import read, saved, shown

from hpcgen.engines.collecting import BadImage
from hpcgen.errors import Unreachable
from hpcgen.manifest import FOLDER

SYSTEMS = Path(__file__).parent / "squashfs"
"""Small file systems that mksquashfs wrote of `laid_out`; tests/engines/test_inspecting.py reads fresh ones."""
READ = ("gzip", "xz", "zstd")
PROGRAMS = os.environ.get("PATH", os.defpath)


def needs(compressor: str) -> None:
    """Skips what needs the program zstd, where it is not there."""
    if compressor == "zstd" and not shutil.which("zstd"):
        pytest.skip("no program zstd, and Python has it from 3.14 on")


@pytest.mark.parametrize("compressor", READ)
def test_squashfs_files_are_read(compressor: str) -> None:
    """A file system with files in blocks and in fragments, in a folder of many names, is read whichever way it is compressed."""
    needs(compressor)
    found = read(SYSTEMS / f"root.{compressor}", programs=PROGRAMS)
    assert found.kind == "squashfs file"
    assert found.facts == {"compressed by": compressor}
    assert found.labels == images.LABELS
    assert shown(found) == images.in_a_system()


@pytest.mark.parametrize(("number", "name"), [(5, "lz4"), (3, "lzo"), (9, "number 9")])
def test_other_compressions_are_refused_by_name(tmp_path: Path, number: int, name: str) -> None:
    """Where the program that reads a compression is not there, both are named, with what to do, and the status is 3."""
    data = bytearray((SYSTEMS / "root.gzip").read_bytes())
    data[20:22] = struct.pack("<H", number)
    with pytest.raises(Unreachable, match=f"its squashfs is compressed by {name}") as refused:
        read(saved(tmp_path, bytes(data)), programs=str(tmp_path))
    assert refused.value.help == "install squashfs-tools 4.5 or newer"
    (tmp_path / "unsquashfs").write_text("#!/bin/sh\necho unsquashfs: -cat is an invalid option >&2\nexit 1\n")
    (tmp_path / "unsquashfs").chmod(0o755)
    with pytest.raises(Unreachable, match="unsquashfs says: unsquashfs: -cat is an invalid option"):
        read(saved(tmp_path, bytes(data)), programs=str(tmp_path))


def test_sif_files_are_read(tmp_path: Path) -> None:
    """A SIF file has the manifests of its root file system, and labels and facts of its own."""
    found = read(saved(tmp_path, images.sif((SYSTEMS / "root.gzip").read_bytes(), {"a": "b"})))
    assert (found.kind, found.labels) == ("SIF file", {"a": "b"})
    assert found.facts == {"platform": "linux/amd64", "created": "2026-01-02T03:04:05Z"}
    assert shown(found) == images.in_a_system()


def test_a_sif_without_labels_of_its_own_has_those_of_its_root(tmp_path: Path) -> None:
    """Where the file itself has no labels, those count that Apptainer left in the image."""
    assert read(saved(tmp_path, images.sif((SYSTEMS / "root.gzip").read_bytes(), {}))).labels == images.LABELS


@pytest.mark.parametrize(
    ("system", "options", "said"),
    [
        (b"", {}, "its squashfs is cut off"),
        (b"x" * 200, {}, "it holds no squashfs 4"),
        (b"x" * 200, {"kind": 2}, "its root file system is ext3"),
        (b"x" * 200, {"kind": 5}, "its root file system is encrypted squashfs"),
        (b"x" * 200, {"kind": 77}, "its root file system is of type 77"),
        (b"x" * 200, {"part": 4}, "its SIF has no root file system"),
    ],
)
def test_a_sif_that_cannot_be_read_says_why(tmp_path: Path, system: bytes, options: dict[str, int], said: str) -> None:
    """A SIF file without a root file system, or with one of another kind, is refused with what it has."""
    with pytest.raises(Unreachable, match=said):
        read(saved(tmp_path, images.sif(system, {}, **options)))


def test_a_sif_of_any_header_is_refused(tmp_path: Path) -> None:
    """Places and numbers in a SIF's header that lead out of the file are an error."""
    whole = images.sif((SYSTEMS / "root.gzip").read_bytes(), {})
    for at in range(64, 128, 8):
        for value in (-1, 2**63 - 1, 10**6):
            images.refused_or_read(whole[:at] + struct.pack("<q", value) + whole[at + 8 :])
    with pytest.raises(BadImage):
        read(saved(tmp_path, whole[:100]))


WHOLE = {name: (SYSTEMS / f"root.{name}").read_bytes() for name in ("gzip", "xz")}


@given(
    st.sampled_from(sorted(WHOLE)),
    st.lists(st.tuples(st.integers(0, 20_000), st.integers(0, 255)), min_size=1, max_size=6),
    st.integers(0, 3000),
    st.booleans(),
)
@settings(max_examples=150, deadline=None)
def test_damaged_systems_are_refused_or_read(name: str, changes: list[tuple[int, int]], cut: int, in_sif: bool) -> None:
    """Whatever bytes of a file system are changed or cut off, reading it ends with what was found or with an error that is ours."""
    data = bytearray(images.sif(WHOLE[name], images.LABELS) if in_sif else WHOLE[name])
    for at, value in changes:
        data[at % len(data)] = value
    images.refused_or_read(bytes(data[: max(1, len(data) - cut)]))


# --- folders ---


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    """A file outside the image."""
    return saved(tmp_path, images.manifest(image={"who": "secret"}), "secret")


def test_a_link_in_place_of_a_manifest_is_refused(tmp_path: Path, secret: Path) -> None:
    """A link out of an image's root is not followed, but said."""
    root = images.laid_down(tmp_path / "root", [(f"{FOLDER}/manifest.json", str(secret))])
    with pytest.raises(BadImage, match=r"/usr/share/hpcgen/manifest.json in it is no regular file"):
        read(root)


@pytest.mark.parametrize("folder", ["usr", "usr/share", FOLDER])
def test_folders_that_are_links_are_not_followed(tmp_path: Path, folder: str) -> None:
    """A folder of an image's root that is a link leads nowhere."""
    outside = images.laid_down(tmp_path / "outside", [(f"{FOLDER}/manifest.json", images.manifest())])
    root = images.laid_down(tmp_path / "root", [(folder, str(outside / folder))])
    assert read(outside).manifests
    assert read(root).manifests == ()


def test_pipes_and_folders_are_no_manifests(tmp_path: Path) -> None:
    """A pipe or a folder that is called as a manifest is refused without waiting for anything."""
    for number, make in enumerate((os.mkfifo, os.mkdir)):
        root = images.laid_down(tmp_path / str(number), [(FOLDER, None)])
        make(root / FOLDER / "manifest.json")
        with pytest.raises(BadImage, match="is no regular file"):
            read(root)


def test_labels_of_a_folder_are_not_followed_out_of_it(tmp_path: Path) -> None:
    """Labels that are a link, or damaged, are none."""
    outside = saved(tmp_path, b'{"a": "secret"}', "outside")
    contents: tuple[str | bytes, ...] = (str(outside), b"{", b"[1]", b"[" * 100_000)
    for number, content in enumerate(contents):
        root = images.laid_down(tmp_path / str(number), [(".singularity.d/labels.json", content)])
        assert read(root).labels == {}


def test_blobs_that_lead_out_of_a_layout_are_not_read(tmp_path: Path) -> None:
    """A name in an unpacked archive that leads out of it, itself or as a link, is not there."""
    outside = saved(tmp_path, images.config({"who": "secret"}), "outside")
    layer = images.tar((f"{FOLDER}/manifest.json", b"{}"))
    for name in ("../outside", str(outside), "link"):
        listed = f'[{{"Config": "{name}", "Layers": ["layer.tar"]}}]'.encode()
        folder = images.laid_down(tmp_path / str(len(name)), [("manifest.json", listed), ("layer.tar", layer), ("link", str(outside))])
        assert read(folder).labels == {}


def test_a_device_is_no_image() -> None:
    """What is neither file nor folder is refused at once."""
    with pytest.raises(BadImage, match="it is no regular file"):
        read(Path("/dev/zero"))


def test_a_folder_that_may_not_be_read_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder without leave to read is an error with the reason."""

    def refuse(*_: object) -> list[str]:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    root = images.laid_down(tmp_path / "root", [(f"{FOLDER}/manifest.json", b"{}")])
    monkeypatch.setattr(os, "listdir", refuse)
    with pytest.raises(BadImage, match="root': Permission denied"):
        read(root)
