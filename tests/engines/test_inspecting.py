"""What `hpcgen inspect` reads out of images that real engines keep and write."""

from __future__ import annotations

import json
import os
import subprocess
import time
from typing import TYPE_CHECKING

import images
import pytest
from images import shown
from support import BASE, ENGINES, ROOT, Docker, run

from hpcgen.cli import main
from hpcgen.engines.inspecting import inspect
from hpcgen.errors import Unreachable
from hpcgen.manifest import FOLDER

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from hpcgen.engines.collecting import Found

LABELS = {"org.opencontainers.image.title": "osu", "odd": 'a "b" $c'}
SECOND = images.manifest(image={"kind": "second"})
DOCKERFILE = f"""FROM {BASE}
COPY manifest.json first.json /{FOLDER}/
COPY manifest.json /{FOLDER}/manifest.2.json
COPY manifest.json /{FOLDER}/manifest.3.json
RUN cd /{FOLDER} && rm manifest.3.json first.json && cp manifest.json manifest.4.json
COPY second.json /{FOLDER}/manifest.2.json
RUN mv /{FOLDER} /kept && mkdir /{FOLDER} && cd /kept && mv manifest.json manifest.2.json /{FOLDER}
LABEL org.opencontainers.image.title=osu odd="a \\"b\\" \\$c"
"""
"""An image whose manifests were written, taken away, replaced and moved in layers of their own."""
SCRATCH = f"FROM scratch\nCOPY manifest.json /{FOLDER}/manifest.json\nVOLUME /data\nLABEL odd=scratch\n"
WISH = {"manifest.json": images.manifest(), "manifest.2.json": SECOND}


@pytest.fixture
def context(folder: Path) -> Path:
    """A build context with manifests in it."""
    for name, content in (("manifest.json", images.manifest()), ("second.json", SECOND), ("first.json", b"")):
        (folder / name).write_bytes(content)
    return folder


def environ(daemon: str) -> dict[str, str]:
    """What a program is given that shall talk to a daemon."""
    name, _, value = run(ENGINES, "env", daemon).strip().partition("=")
    return {name: value, "PATH": os.environ["PATH"]}


def ask(image: str | Path, **env: str) -> Found:
    """What an image says."""
    return inspect(str(image), environ={"PATH": os.environ["PATH"]} | env, machine=os.uname().machine)


def saved(context: Path) -> Path:
    """The image as `docker save` writes it."""
    docker = Docker("docker", "docker")
    docker.build(DOCKERFILE, "hpcgen-inspected", context)
    file = context / "saved.tar"
    docker("save", "-o", file, "hpcgen-inspected")
    file.chmod(0o644)
    return file


def test_images_of_docker_are_read(docker: Docker, context: Path) -> None:
    """An image in each Docker's store is read through all its layers, with labels and facts, and no container stays."""
    docker.build(DOCKERFILE, "hpcgen-inspected", context)
    found = ask("hpcgen-inspected", **environ(docker.daemon))
    assert shown(found) == WISH
    assert (found.kind, found.labels) == ("Docker image", LABELS)
    assert found.facts["names"] == "hpcgen-inspected:latest"
    assert found.facts["platform"] == "linux/amd64"
    assert found.facts["digest"].startswith("sha256:")
    assert shown(ask(found.facts["digest"], **environ(docker.daemon))) == WISH
    assert docker("ps", "-aq", "--filter", "ancestor=hpcgen-inspected") == ""


def test_images_from_scratch_are_read(docker: Docker, context: Path) -> None:
    """An image without a command, a shell or any other file is read, and no container of it stays."""
    docker.build(SCRATCH, "hpcgen-inspected-scratch", context)
    found = ask("hpcgen-inspected-scratch", **environ(docker.daemon))
    assert (shown(found), found.labels) == ({"manifest.json": images.manifest()}, {"odd": "scratch"})
    assert docker("ps", "-aq", "--filter", "ancestor=hpcgen-inspected-scratch") == ""


def test_images_of_another_architecture_are_read(docker: Docker, context: Path) -> None:
    """An image for another architecture than the machine's is read, since nothing of it runs."""
    (context / "Dockerfile").write_text(SCRATCH)
    docker("build", "--platform", "linux/arm64", "-t", "hpcgen-inspected-arm", ".", cwd=context)
    found = ask("hpcgen-inspected-arm", **environ(docker.daemon))
    assert (found.facts["platform"], shown(found)) == ("linux/arm64", {"manifest.json": images.manifest()})


def test_an_image_without_a_manifest_has_none(docker: Docker) -> None:
    """An image that nobody wrote a manifest into is read to have none."""
    assert ask(BASE, **environ(docker.daemon)).manifests == ()


def test_an_image_that_is_not_there_is_said(docker: Docker) -> None:
    """A name that a daemon has no image of, or that can be none, is an error that names the daemon, and nothing is pulled."""
    for name in ("hpcgen-has-no-such-image:1", "hpcgen-Not A Name"):
        with pytest.raises(Unreachable) as refused:
            ask(name, **environ(docker.daemon))
        assert f"/{docker.daemon}.sock" in refused.value.help


def test_what_docker_saves_is_read(docker: Docker, context: Path) -> None:
    """What `docker save` of each Docker writes says what its daemon says, compressed or not."""
    docker.build(DOCKERFILE, "hpcgen-inspected", context)
    docker("save", "-o", context / "saved.tar", "hpcgen-inspected")
    subprocess.run(("gzip", "-1", "-k", context / "saved.tar"), check=True)
    for name in ("saved.tar", "saved.tar.gz"):
        found = ask(context / name)
        assert shown(found) == WISH
        assert (found.kind, found.labels, found.facts["platform"]) == ("Docker archive", LABELS, "linux/amd64")
        assert "hpcgen-inspected:latest" in found.facts["names"]


def test_layouts_of_oci_are_read(context: Path) -> None:
    """What Skopeo writes is read, as a folder and as an archive, with layers compressed by gzip and by zstd."""
    source = saved(context)
    for name, kind in (("oci", "OCI layout"), ("oci-archive", "OCI archive")):
        for form in ("gzip", "zstd"):
            target = context / f"{name}.{form}"
            words = ("--insecure-policy", "copy", "--dest-compress-format", form, f"docker-archive:{source}", f"{name}:{target}:osu:1")
            run(ENGINES, "run", "skopeo", *words, cwd=context)
            found = ask(target)
            assert (found.kind, found.facts["names"], found.labels) == (kind, "osu:1", LABELS)
            assert shown(found) == WISH


def test_sif_files_and_sandboxes_are_read(context: Path) -> None:
    """What Apptainer builds of an image is read as a SIF file and as a folder."""
    source = saved(context)
    run(ENGINES, "user", "apptainer", "build", "image.sif", f"docker-archive:{source}", cwd=context)
    run(ENGINES, "user", "apptainer", "build", "--sandbox", "image", "image.sif", cwd=context)
    for name, kind in (("image.sif", "SIF file"), ("image", "folder")):
        found = ask(context / name)
        assert (found.kind, shown(found)) == (kind, WISH)
        assert LABELS.items() <= found.labels.items()
    assert ask(context / "image.sif").facts["platform"] == "linux/amd64"


@pytest.mark.parametrize("words", [("gzip",), ("xz", "-Xbcj", "x86"), ("zstd", "-b", "4096"), ("gzip", "-noI", "-noD", "-noF"), ("gzip", "-no-fragments"), ("gzip", "-tailends")])
def test_every_form_of_squashfs_is_read(folder: Path, words: tuple[str, ...]) -> None:
    """Compressed or stored, in blocks of any size, with fragments or without: a squashfs is read as mksquashfs was given it."""
    images.laid_out(folder / "root")
    run(ENGINES, "run", "mksquashfs", folder / "root", folder / "image.squashfs", "-quiet", "-no-progress", "-comp", *words)
    found = ask(folder / "image.squashfs")
    assert (shown(found), found.labels) == (images.in_a_system(), images.LABELS)


@pytest.mark.parametrize("compressor", ["lz4", "lzo"])
@pytest.mark.parametrize("in_sif", [False, True])
def test_other_compressions_are_read_by_unsquashfs(folder: Path, compressor: str, in_sif: bool) -> None:
    """What hpcgen cannot decompress the program unsquashfs reads, and a link in place of a manifest is refused as ever."""
    program = folder / "unsquashfs"
    program.write_text(f'#!/bin/sh\nexec {ENGINES} run unsquashfs "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    root, path = images.laid_out(folder / "root"), f"{folder}:{os.environ['PATH']}"
    words = ("-quiet", "-no-progress", "-comp", compressor)
    run(ENGINES, "run", "mksquashfs", root, folder / "image.squashfs", *words)
    data = (folder / "image.squashfs").read_bytes()
    (folder / "image").write_bytes(images.sif(data, images.LABELS) if in_sif else data)
    found = ask(folder / "image", PATH=path)
    assert (shown(found), found.labels) == (images.in_a_system(), images.LABELS)
    (root / FOLDER / "manifest.7.json").symlink_to("/etc/passwd")
    run(ENGINES, "run", "mksquashfs", root, folder / "link.squashfs", *words)
    with pytest.raises(Unreachable, match=r"manifest\.7\.json in it is no regular file"):
        ask(folder / "link.squashfs", PATH=path)


# --- Podman ---


@pytest.fixture
def in_podman(context: Path) -> str:
    """The name of the image in Podman."""
    run(ENGINES, "run", "podman", "load", "--quiet", "--input", saved(context), cwd=context)
    return "docker.io/library/hpcgen-inspected:latest"


@pytest.fixture
def socket(folder: Path) -> Iterator[str]:
    """Where Podman's service listens."""
    path = folder / "podman.sock"
    with subprocess.Popen((ENGINES, "run", "podman", "system", "service", "--time=60", f"unix://{path}"), cwd=ROOT, stderr=subprocess.DEVNULL) as service:
        for _ in range(200):
            if path.exists():
                break
            time.sleep(0.1)
        yield f"unix://{path}"
        service.terminate()


def containers() -> set[str]:
    """Podman's containers."""
    return set(run(ENGINES, "run", "podman", "ps", "-aq", "--filter", "ancestor=hpcgen-inspected").split())


def test_images_of_podman_s_service_are_read(in_podman: str, socket: str) -> None:
    """An image in Podman is read over the service that DOCKER_HOST names, as one of Docker is."""
    found = ask(in_podman, DOCKER_HOST=socket)
    assert (shown(found), found.labels) == (WISH, LABELS)
    assert containers() == set()
    with pytest.raises(Unreachable, match="there is no image"):
        ask("hpcgen-has-no-such-image:1", DOCKER_HOST=socket)


def test_images_of_the_program_podman_are_read(in_podman: str, folder: Path) -> None:
    """Without a service the program `podman` is asked; what it has not, or cannot name, is said."""
    program = folder / "podman"
    program.write_text(f'#!/bin/sh\nexec {ENGINES} run podman "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    path = f"{folder}:{os.environ['PATH']}"
    found = inspect(in_podman, environ={"PATH": path}, machine="x86_64", engine="podman")
    assert (found.kind, shown(found), found.labels) == ("Podman image", WISH, LABELS)
    assert inspect(BASE, environ={"PATH": path}, machine="x86_64", engine="podman").manifests == ()
    assert containers() == set()
    for name, said in (("hpcgen-has-no-such-image:1", "there is no image"), ("--all", "image '--all' is in no engine that answers")):
        with pytest.raises(Unreachable, match=said):
            inspect(name, environ={"PATH": path}, machine="x86_64", engine="podman")


# --- the command ---


def test_the_command_shows_an_image(docker: Docker, context: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """`hpcgen inspect NAME` shows an image in a daemon, as text and as JSON."""
    docker.build(DOCKERFILE, "hpcgen-inspected", context)
    for name, value in environ(docker.daemon).items():
        monkeypatch.setenv(name, value)
    assert main(["inspect", "hpcgen-inspected", "--engine", "docker"]) == 0
    said = capsys.readouterr()
    assert said.err == ""
    assert said.out.startswith("hpcgen-inspected\nread from")
    assert f"\n/{FOLDER}/manifest.2.json\n" in said.out
    assert main(["inspect", "hpcgen-inspected", "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert data["labels"] == LABELS
    assert [one["manifest"] for one in data["manifests"]] == [images.MANIFEST, json.loads(SECOND)]
