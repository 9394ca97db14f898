from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from support import BASE, ENGINES, EngineError, run

import hpcgen

SMALL = Path(__file__).parent / "small"


def chroot(kept: Path, folder: Path, *words: str) -> str:
    """What a command prints in a copy of the base image whose changes are kept."""
    return run(ENGINES, "chroot", "-k", kept, BASE, *words, cwd=folder)


@pytest.fixture
def folder(engines: None, tmp_path: Path) -> Path:
    """A folder with the small recipe's files."""
    work = tmp_path / "work"
    work.mkdir()
    shutil.copy(SMALL / "program.c", work)
    return work


def test_small_recipe_builds_runs_and_is_done_once(mirror: str, folder: Path, tmp_path: Path) -> None:
    """The script builds a source-built block and a program in a chroot; its second run skips what is done."""
    (folder / "build.sh").write_text(hpcgen.recipe(str(SMALL / "recipe.py"), format="bash", mirror=mirror))
    first = chroot(tmp_path / "kept", folder, "bash", "build.sh", "--test")
    assert "checking for gcc" in first
    assert chroot(tmp_path / "kept", folder, "bash", "-lc", "program").startswith("libevent 2.1.12-stable, works\n")
    second = chroot(tmp_path / "kept", folder, "bash", "build.sh")
    assert "checking for gcc" not in second


def test_failed_step_runs_again(folder: Path, tmp_path: Path) -> None:
    """A step that failed leaves no stamp: the next run does it again, and only it and what follows."""
    recipe = f"Stage0 += baseimage(image='{BASE}')\nStage0 += shell(commands=['echo one >> /log'])\nStage0 += shell(commands=['test -e /ready', 'echo two >> /log'])"
    (folder / "build.sh").write_text(hpcgen.emit(hpcgen.plan("r.py", text=recipe), "bash").text)
    with pytest.raises(EngineError):
        chroot(tmp_path / "kept", folder, "bash", "build.sh")
    chroot(tmp_path / "kept", folder, "touch", "/ready")
    chroot(tmp_path / "kept", folder, "bash", "build.sh")
    assert chroot(tmp_path / "kept", folder, "cat", "/log") == "one\ntwo\n"


@pytest.mark.parametrize(("image", "arch", "words"), [("debian:13", "x86_64", "debian"), (BASE, "aarch64", "aarch64")])
def test_other_machine_is_refused(folder: Path, tmp_path: Path, image: str, arch: str, words: str) -> None:
    """A script for another release or architecture stops before it does anything."""
    text = f"Stage0 += baseimage(image='{image}')\nStage0 += shell(commands=['touch /touched'])"
    (folder / "build.sh").write_text(hpcgen.emit(hpcgen.plan("r.py", text=text, arch=arch), "bash").text)
    with pytest.raises(EngineError, match=words):
        chroot(tmp_path / "kept", folder, "bash", "build.sh")
    with pytest.raises(EngineError):
        chroot(tmp_path / "kept", folder, "ls", "/touched")
