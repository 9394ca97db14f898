"""A source with one changed byte, for each block whose release Debian ships unchanged, in each format."""

from __future__ import annotations

import hashlib
import shutil
from typing import TYPE_CHECKING

import pytest
from support import BASE, ENGINES, Docker, EngineError, bases, run, served

import hpcgen

if TYPE_CHECKING:
    from pathlib import Path

SOURCES = {
    "fftw": ("fftw-3.3.10.tar.gz", 'fftw(version="3.3.10")'),
    "libevent": ("libevent-2.1.12-stable.tar.gz", 'libevent(version="2.1.12")'),
    "cmake": ("cmake-3.25.1.tar.gz", 'cmake(version="3.25.1", source=True)'),
}
"""Block -> its release's file in the mirror, and the recipe's line."""


@pytest.fixture(params=SOURCES)
def broken(request: pytest.FixtureRequest, mirror_folder: Path, folder: Path) -> tuple[str, Path, str, str]:
    """A block's line, a mirror whose copy of its source has one flipped byte, and the two checksums."""
    file, line = SOURCES[request.param]
    original = next(mirror_folder.glob(f"*/{file}"))
    copy = folder / "broken" / original.parent.name / file
    copy.parent.mkdir(parents=True)
    data = bytearray(original.read_bytes())
    assert hashlib.sha256(data).hexdigest() == original.parent.name, "the mirror's own copy is whole"
    data[len(data) // 2] ^= 1
    copy.write_bytes(data)
    for path in (copy, copy.parent, copy.parent.parent):
        path.chmod(0o755)
    return line, folder / "broken", original.parent.name, hashlib.sha256(data).hexdigest()


def said(text: str, line: str, mirror: str, expected: str, found: str) -> bool:
    """Whether a log names the block with its version, the URL of the bad file, what was expected and what was found."""
    block, _, rest = line.partition("(version=")
    version = rest.strip('"').partition('"')[0]
    return f"{block} {version}: {mirror}/{expected}/" in text and f": expected sha256 {expected}, found {found}" in text


def recipe(line: str) -> str:
    """A recipe with the block."""
    return f"Stage0 += baseimage(image='{BASE}')\nStage0 += {line}\n"


def test_docker_stops(broken: tuple[str, Path, str, str], folder: Path) -> None:
    """Docker stops the build, with block, URL, expected and found checksum; that older ones do, test_docker_builds.py says."""
    line, mirror, expected, found = broken
    docker = Docker("docker", "docker")
    text = hpcgen.emit(hpcgen.plan("r.py", text=recipe(line)), dialect=docker.dialect).text.replace(": hpcgen '", ": broken '")  # in no cache
    for url in served(mirror):
        with pytest.raises(EngineError) as stopped:
            docker.build(text, "hpcgen-flipped", folder, mirror=url)
        assert said(str(stopped.value), line, url, expected, found)


def test_apptainer_stops(broken: tuple[str, Path, str, str], folder: Path) -> None:
    """Apptainer, as an ordinary user, stops the same way."""
    line, mirror, expected, found = broken
    for url in served(mirror):
        graph = hpcgen.plan("r.py", text=recipe(line), base=bases())
        (folder / "image.def").write_text(hpcgen.emit(graph, "singularity", mirror=url).text)
        shutil.rmtree(folder / "image", ignore_errors=True)
        with pytest.raises(EngineError) as stopped:
            run(ENGINES, "user", "apptainer", "build", "--sandbox", "-F", "image", "image.def", cwd=folder)
        assert said(str(stopped.value), line, url, expected, found)


def test_script_stops(broken: tuple[str, Path, str, str], folder: Path) -> None:
    """A script stops the same way, and the block's step is not done."""
    line, mirror, expected, found = broken
    (folder / "work").mkdir()
    (folder / "work" / "build.sh").write_text(hpcgen.emit(hpcgen.plan("r.py", text=recipe(line)), "bash").text)
    machine = (ENGINES, "chroot", "-k", folder / "kept", BASE)
    for url in served(mirror):
        with pytest.raises(EngineError) as stopped:
            run(*machine, "bash", "build.sh", "--mirror", url, cwd=folder / "work")
        assert said(str(stopped.value), line, url, expected, found)
    assert "to do" in run(*machine, "bash", "build.sh", "--list", cwd=folder / "work")
