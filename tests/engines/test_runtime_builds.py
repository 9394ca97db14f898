from __future__ import annotations

import io
import json
import secrets
import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest
from support import BASE, ENGINES, Docker, EngineError, bases, run

import hpcgen

GATHERED = Path(__file__).parent / "gathered"
SAYS = "libevent 2.1.12-stable, libnuma there, UTF-16 there\n"
KINDS = ("packages", "files", "scratch")
STATE = ("/var/lib/dpkg/", "/var/lib/apt/", "/var/cache/", "/var/log/", "/etc/ld.so.cache")
"""What a package manager and the loader note down for themselves."""
BUILDING = (".h", ".a", ".la", ".pc", ".cmake", ".o")


@pytest.fixture
def context(tmp_path: Path) -> Path:
    """A build context of its own."""
    shutil.copy(GATHERED / "program.c", tmp_path)
    return tmp_path


def text(kind: str, stamp: str = "", **words: str) -> str:
    """The recipe with a runtime of some kind, as a Dockerfile or in another format; its tests print a stamp, which no engine has in its cache."""
    userarg = {"kind": kind, "stamp": stamp}
    return hpcgen.recipe(str(GATHERED / "recipe.py"), userarg=userarg, **words)  # type: ignore[arg-type]  # words are options of its own


def listed(docker: Docker, image: str) -> dict[str, bytes]:
    """The files and links of an image, manifests with what they hold; an image of scratch has no command of its own."""
    container = docker("create", image, "x").split()[-1]
    try:
        found = subprocess.run([ENGINES, "docker", docker.daemon, "export", container], capture_output=True, check=True, cwd=GATHERED).stdout
    finally:
        docker("rm", container)
    with tarfile.open(fileobj=io.BytesIO(found)) as archive:
        return {f"/{one.name}": _held(archive, one) for one in archive if not one.isdir()}


def _held(archive: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    file = archive.extractfile(member) if member.isreg() and "/hpcgen/manifest" in member.name else None
    return file.read() if file else b""


def of_engine(path: str) -> bool:
    """Whether Docker puts a file into each container, or the package manager keeps it for itself."""
    return path in ("/.dockerenv", "/dev/console", "/etc/hostname", "/etc/hosts", "/etc/resolv.conf", "/etc/mtab") or path.startswith(STATE)


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_needed_is_there_and_nothing_else(docker: Docker, mirror: str, context: Path, kind: str) -> None:
    """On each Docker, each kind runs as root and as anybody on a read-only root; each file and package is in the manifest, and none is for building."""
    image = f"hpcgen-gathered-{kind}"
    docker.build(text(kind, dialect=docker.dialect), image, context, mirror=mirror)
    assert docker.run(image) == SAYS
    assert docker("run", "--rm", "--network", "none", "--read-only", "--user", "1234", "--tmpfs", "/tmp", image) == SAYS
    base = {} if kind == "scratch" else listed(docker, BASE)
    found = listed(docker, image)
    manifest = json.loads(found["/usr/share/hpcgen/manifest.json"])
    added = {path for path in found.keys() - base.keys() if not of_engine(path)} - {"/usr/share/hpcgen/manifest.json"}
    packages = [one["package"] for one in manifest["packages"]]
    if kind == "packages":
        before, after = (set(docker.run(name, "dpkg-query", "-W", "-f", "${Package}\n").split()) for name in (BASE, image))
        assert after - before == set(packages) == {"libnuma1"}
        added -= set(docker.run(image, "dpkg", "-L", *packages).split())
    assert added == {one["path"] for one in manifest["files"]}
    assert not [path for path in added if path.endswith(BUILDING)]
    assert all(one["why"] and one["block"] for one in (*manifest["files"], *manifest["packages"]))
    assert {one["block"] for one in manifest["files"]} >= {"libevent", "recipe"}


def test_the_result_says_what_it_is(docker: Docker, mirror: str, context: Path) -> None:
    """Labels name title, version, base and the recipe's digest."""
    docker.build(text("files", dialect=docker.dialect), "hpcgen-gathered-files", context, mirror=mirror)
    labels = json.loads(docker("inspect", "hpcgen-gathered-files"))[0]["Config"]["Labels"]
    assert len(labels["hpcgen.recipe.digest"]) == 64
    expected = {"title": "recipe", "version": "1.0", "base.name": BASE}
    assert {name: labels[f"org.opencontainers.image.{name}"] for name in expected} == expected


@pytest.mark.parametrize("kind", ["packages", "scratch"])
def test_tests_run_beside_the_image(docker: Docker, mirror: str, context: Path, kind: str) -> None:
    """`--target test` runs the recipe's tests; upon scratch by the shell that comes along."""
    stamp = secrets.token_hex(8)
    log = docker.build(text(kind, stamp, dialect=docker.dialect), "hpcgen-gathered-test", context, mirror=mirror, target="test")
    assert SAYS.strip() in log
    assert stamp in log


def test_debug_sections_have_a_stage_of_their_own(engines: None, mirror: str, context: Path) -> None:
    """What is stripped from what the blocks built is in the stage that keeps it, by the path at which a debugger looks."""
    docker = Docker("docker", "docker")
    written = hpcgen.recipe(str(GATHERED / "recipe.py"), userarg={"kind": "files", "debug": "yes"})
    docker.build(written, "hpcgen-gathered-debug", context, mirror=mirror, target="stage1-debug")
    kept = [path for path in listed(docker, "hpcgen-gathered-debug") if path.endswith(".debug")]
    assert any(path.startswith("/usr/lib/debug/usr/local/libevent/lib/libevent_core") for path in kept)


def test_a_missing_library_stops_the_build(engines: None, mirror: str, context: Path) -> None:
    """A program whose library is nowhere is no image: the build names the library and who needs it."""
    gone = 'libevent/lib && rm /lib/x86_64-linux-gnu/libnuma.so.1*"]'
    recipe = (GATHERED / "recipe.py").read_text().replace('libevent/lib"]', gone)
    with pytest.raises(EngineError, match=r"/opt/program/program needs libnuma\.so\.1, which is nowhere"):
        Docker("docker", "docker").build(hpcgen.emit(hpcgen.plan("r.py", text=recipe)).text, "hpcgen-gathered-missing", context, mirror=mirror)


def test_engines_without_mounts(engines: None, mirror: str, context: Path) -> None:
    """The legacy builder, which has no mounts, gives the same."""
    (context / "Dockerfile").write_text(text("packages", dialect="portable", mirror=mirror))
    docker = Docker("docker20", "portable")
    docker("build", "--network", "host", "-t", "hpcgen-gathered-portable", ".", cwd=context, env={"DOCKER_BUILDKIT": "0"})
    assert docker.run("hpcgen-gathered-portable") == SAYS
    assert not [path for path in listed(docker, "hpcgen-gathered-portable") if path.startswith("/var/lib/hpcgen/")]


def test_podman(engines: None, mirror: str, context: Path) -> None:
    """Podman builds it and runs it."""
    (context / "Dockerfile").write_text(text("packages", dialect="podman5"))
    (context / "mirror").write_text(mirror)
    podman = (ENGINES, "run", "podman")
    run(*podman, "build", "--network", "host", "--secret", f"id=mirror,src={context / 'mirror'}", "-t", "hpcgen-gathered", ".", cwd=context)
    assert run(*podman, "run", "--rm", "--network", "none", "hpcgen-gathered").endswith(SAYS)


def test_apptainer_upon_scratch(mirror: str, folder: Path) -> None:
    """Apptainer, as an ordinary user, builds an image that stands on nothing, and starts its program, its runscript and its test."""
    shutil.copy(GATHERED / "program.c", folder)
    (folder / "image.def").write_text(text("scratch", format="singularity", mirror=mirror, base=bases()))  # type: ignore[arg-type]  # a base map
    user = (ENGINES, "user", "apptainer")
    run(*user, "build", "-F", "image.sif", "image.def", cwd=folder)
    assert run(*user, "exec", "image.sif", "program", cwd=folder).endswith(SAYS)
    assert run(*user, "run", "image.sif", cwd=folder).endswith(SAYS)
    run(*user, "test", "image.sif", cwd=folder)


def test_a_script_fills_a_tree(engines: None, mirror: str, tmp_path: Path) -> None:
    """Below --destdir lies all that the program needs, libc and loader among it: it runs there with nothing else."""
    work = tmp_path / "work"
    work.mkdir()
    shutil.copy(GATHERED / "program.c", work)
    (work / "build.sh").write_text(text("files", format="bash", mirror=mirror))
    said = run(ENGINES, "chroot", BASE, "sh", "-c", "bash build.sh --destdir /tree && env -i /usr/sbin/chroot /tree /usr/local/bin/program", cwd=work)
    assert said.endswith(SAYS)
