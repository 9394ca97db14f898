"""One recipe by Docker, by Apptainer as an ordinary user, and by a script in a chroot: the same files, the same start."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from support import BASE, ENGINES, Docker, bases, run

import hpcgen

if TYPE_CHECKING:
    from hpcgen.graph.stages import StageGraph

SAME = Path(__file__).parent / "same"
USER = (ENGINES, "user", "apptainer", "-q")
OWNER = re.compile(r" \d+:\d+ ")
FILES = "cd /opt/same && find . -type f -exec sha256sum {} + | LC_ALL=C sort -k2; find . -printf '%P %y %m %U:%G %l\\n' | LC_ALL=C sort"


def planned(base: dict[str, str] | None = None) -> StageGraph:
    """The recipe's graph."""
    return hpcgen.plan("recipe.py", text=(SAME / "recipe.py").read_text(encoding="utf-8"), base=base)


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory, engines: None) -> Path:
    """The recipe's files, open to the ordinary user."""
    folder = tmp_path_factory.mktemp("same")
    shutil.copytree(SAME / "data", folder / "data")
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o777 if path == folder else 0o755 if path.is_dir() else 0o644)
    return folder


@pytest.fixture(scope="module")
def image(context: Path) -> Docker:
    """Docker, which has built the recipe."""
    docker = Docker("docker", "docker")
    docker.build(hpcgen.emit(planned()).text, "hpcgen-same", context)
    return docker


@pytest.fixture(scope="module")
def files(image: Docker) -> list[str]:
    """What Docker's image holds."""
    listed = image("run", "--rm", "--network", "none", "--entrypoint", "sh", "hpcgen-same", "-c", FILES).splitlines()
    assert len(listed) > 100
    return listed


@pytest.fixture(scope="module")
def sif(context: Path) -> str:
    """What Apptainer built of the recipe."""
    base = bases()
    (context / "image.def").write_text(hpcgen.emit(planned(base=base), "singularity").text)
    run(*USER, "build", "-F", "image.sif", "image.def", cwd=context)
    return "image.sif"


@pytest.fixture(scope="module")
def machine(context: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[str | Path, ...]:
    """A chroot in which the recipe's script has run."""
    (context / "build.sh").write_text(hpcgen.emit(planned(), "bash").text)
    words = (ENGINES, "chroot", "-k", tmp_path_factory.mktemp("kept"), BASE)
    run(*words, "bash", "build.sh", cwd=context)
    return words


def test_apptainer_gives_the_same_files(files: list[str], sif: str, context: Path) -> None:
    """Contents, kinds, modes and links are Docker's; owners are the user's, as in any image that an ordinary user builds."""
    listed = run(*USER, "exec", sif, "sh", "-c", FILES, cwd=context).splitlines()
    assert [OWNER.sub(" ", line) for line in listed] == [OWNER.sub(" ", line) for line in files]


def test_a_script_gives_the_same_files(files: list[str], machine: tuple[str | Path, ...], context: Path) -> None:
    """The same on a machine, owners among it."""
    assert run(*machine, "sh", "-c", FILES, cwd=context).splitlines() == files


@pytest.mark.parametrize("words", [(), ("own  word", "$x")])
def test_all_start_the_same(image: Docker, sif: str, machine: tuple[str | Path, ...], context: Path, words: tuple[str, ...]) -> None:
    """Entrypoint and its arguments are the same words."""
    prints = image.run("hpcgen-same", *words)
    assert "<it's \"x\" $HOME {{ z }}>" in prints
    assert run(*USER, "run", sif, *words, cwd=context) == prints
    quoted = " ".join(f"'{word}'" for word in words)
    assert run(*machine, "sh", "-c", f"bash build.sh --run {quoted} 2>/dev/null", cwd=context) == prints
