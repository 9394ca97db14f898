from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tarfile
from contextlib import suppress
from pathlib import Path

import pytest
from archives import Entry, digest, docker_archive, layer, oci_archive, oci_files, squeezed
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hpcgen.auditing import audit
from hpcgen.errors import HpcgenError

SETTINGS = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
ENTRIES = [Entry(f"d/f{at}", bytes([at]) * (at * 300 % 3000)) for at in range(12)]


def attempted(path: Path | str) -> None:
    """Audits, and lets through nothing but the errors that a user is shown; what is read is sound."""
    with suppress(HpcgenError):
        report = audit(str(path), environment={"PATH": ""})
        assert report.totals.stored == report.totals.live + report.totals.waste
        assert all(not one.startswith("/") and ".." not in one.split("/") for one in report.files.paths)


@pytest.mark.parametrize("how", ["docker", "none", "gzip", "zstd"])
@given(changes=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), min_size=1, max_size=30), cut=st.floats(0.3, 1))
@SETTINGS
def test_damaged_images_are_told_and_never_crash(how: str, changes: list[tuple[float, int]], cut: float, tmp_path: Path) -> None:
    """An image in which bytes are changed anywhere, or that is cut off anywhere, is read as far as it goes or refused with a sentence."""
    layers = [layer(ENTRIES), layer(ENTRIES[:3])]
    path = docker_archive(tmp_path / "a.tar", layers) if how == "docker" else oci_archive(tmp_path / "a.tar", layers, how)
    content = bytearray(Path(path).read_bytes())
    for place, value in changes:
        content[int(place * len(content))] = value
    Path(path).write_bytes(content[: int(cut * len(content))])
    attempted(path)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.sampled_from(["blobs/sha256/x", digest(b""), "linux"]),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(
        st.sampled_from(["manifests", "digest", "layers", "config", "platform", "os", "history", "rootfs", "diff_ids", "mediaType", "size", "Layers", "Config", "annotations", "Env", "Labels", "Entrypoint"]),
        inner,
        max_size=5,
    ),
    max_leaves=20,
)


@pytest.mark.parametrize("which", ["index.json", "manifest", "config"])
@given(told=JSON)
@SETTINGS
def test_descriptions_may_say_anything(which: str, told: object, tmp_path: Path) -> None:
    """Whatever JSON stands where an image describes itself, it is read or refused with a sentence."""
    files = oci_files([layer(ENTRIES)], "gzip")
    index = json.loads(files["index.json"])
    name = f"blobs/sha256/{index['manifests'][0]['digest'][7:]}"
    manifest = json.loads(files[name])
    place = {"index.json": "index.json", "manifest": name, "config": f"blobs/sha256/{manifest['config']['digest'][7:]}"}[which]
    files[place] = json.dumps(told).encode()
    with tarfile.open(tmp_path / "a.tar", "w") as tar:
        for one, content in files.items():
            about = tarfile.TarInfo(one)
            about.size = len(content)
            (tmp_path / "content").write_bytes(content)
            with (tmp_path / "content").open("rb") as stream:
                tar.addfile(about, stream)
    attempted(tmp_path / "a.tar")


LIMITED = """
import resource, sys
resource.setrlimit(resource.RLIMIT_AS, (600 << 20, 600 << 20))
from hpcgen.auditing import audit
from hpcgen.errors import HpcgenError
try:
    report = audit(sys.argv[1])
    print(4 if report.faults else 0, len(report.files), *report.faults)
except HpcgenError as fault:
    print(fault.status, fault)
"""


def limited(path: Path | str) -> str:
    """What an audit says that has 600 MB of memory and two minutes."""
    done = subprocess.run([sys.executable, "-c", LIMITED, str(path)], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("how", ["gzip", "zstd"])
def test_a_bomb_takes_no_memory(how: str, tmp_path: Path) -> None:
    """A layer of a few kilobytes that holds a file of gigabytes is read in little memory."""
    size = 1 << 30
    header = layer([Entry("bomb", b"x")])[:512]
    about = bytearray(header)
    about[124:136] = b"%011o\0" % size
    about[148:156] = b" " * 8
    about[148:156] = b"%06o\0 " % sum(about)
    inner = tmp_path / "layer"
    with inner.open("wb") as stream:
        stream.write(about)
        stream.truncate(512 + size + 1024)
    packed = squeezed(inner.read_bytes(), how)
    inner.unlink()
    files = oci_files([layer([Entry("a", b"x")])], how)
    index = json.loads(files["index.json"])
    name = f"blobs/sha256/{index['manifests'][0]['digest'][7:]}"
    manifest = json.loads(files[name])
    manifest["layers"][0]["digest"] = digest(packed)
    files |= {f"blobs/sha256/{digest(packed)[7:]}": packed, name: json.dumps(manifest).encode()}
    for one, content in files.items():
        (tmp_path / "image" / one).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "image" / one).write_bytes(content)
    assert limited(tmp_path / "image").startswith("0 1")


def test_a_size_of_exabytes_is_not_believed(tmp_path: Path) -> None:
    """A file that says it has more bytes than there are disks for is a fault of its layer, and the rest of the image is told."""
    lies = bytearray(layer([Entry("lies", b"x")])[:512])
    lies[124:136] = b"\x80" + (1 << 60).to_bytes(11, "big")
    lies[148:156] = b" " * 8
    lies[148:156] = b"%06o\0 " % sum(lies)
    report = audit(docker_archive(tmp_path / "a.tar", [layer([Entry("good", b"x")]), bytes(lies) + bytes(1024)]))
    assert report.faults == (f"layer 1: {1 << 60} bytes of one file are not believed, at 512",)
    assert report.files.paths == ["good"]


def test_a_chain_of_whiteouts_takes_no_longer(tmp_path: Path) -> None:
    """A deep tree of which each folder is hidden by a whiteout of its own is merged in time that grows with its entries."""
    depth = 90
    names = ["/".join(f"d{at}" for at in range(length)) for length in range(1, depth)]
    lower = [Entry(f"{name}/f{at}", b"x") for name in names for at in range(20)]
    upper = [Entry(f"{name.rpartition('/')[0]}{'/' if '/' in name else ''}.wh.{name.rpartition('/')[2]}") for name in names]
    before = resource.getrusage(resource.RUSAGE_SELF).ru_utime
    report = audit(docker_archive(tmp_path / "a.tar", [layer(lower, tarfile.PAX_FORMAT), layer(upper, tarfile.PAX_FORMAT)]))
    assert report.totals.live == 0
    assert resource.getrusage(resource.RUSAGE_SELF).ru_utime - before < 20


def test_nothing_is_written_beside_the_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An audit unpacks nothing to disk: no file is made, whatever names lead out of the root."""
    image = docker_archive(tmp_path / "a.tar", [layer([Entry("../../outside", b"x"), Entry("/etc/absolute", b"y")])])
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path / "empty")
    monkeypatch.setenv("TMPDIR", str(tmp_path / "empty"))
    assert sorted(audit(image).files.paths) == ["etc/absolute", "outside"]
    assert os.listdir() == []
