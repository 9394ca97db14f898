"""hpcgen.building_blocks is seen in all five ways that hpcgen is used: wheel, editable install, checkout, mypy and pyright."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent
PARTS = ("hpcgen", "building_blocks", "pyproject.toml", "README.md", "LICENSE")
RECIPE = 'Stage0 += baseimage(image="debian:12")\nStage0 += ucx()\n'
USES = """
import hpcgen
from hpcgen.building_blocks import ucx
from hpcgen.building_blocks.ucx import ucx as other

assert ucx is other
assert "ucx" in hpcgen.blocks()
print(hpcgen.__file__)
"""
TYPES = """
from hpcgen import Stage, plan, primitives
from hpcgen.building_blocks import ucx
from hpcgen.building_blocks.ucx import ucx as other

block: other = ucx(prefix="/opt/ucx", cuda=True, with_verbs="/usr")
primitives.shell(commands=["echo"], wrong_option=1)
prefix: int = block.prefix
"""


def run(*words: object, cwd: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    """Runs a program without what this process has in PYTHONPATH."""
    world = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "MYPYPATH", "VIRTUAL_ENV")}
    return subprocess.run([str(word) for word in words], cwd=cwd, env=world | environ, capture_output=True, text=True, check=False)


def good(done: subprocess.CompletedProcess[str]) -> str:
    """What a program that must succeed printed."""
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what is packed, so that building leaves nothing in the checkout; the symlink stays one."""
    folder = tmp_path_factory.mktemp("source")
    for name in PARTS:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name, symlinks=True, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, folder / name)
    return folder


@pytest.fixture(scope="module")
def wheel(source: Path) -> Path:
    """The wheel that `pip install` builds of a checkout."""
    good(
        run(sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-index", "--no-build-isolation", "-w", source / "dist", source, cwd=source)
    )
    (found,) = (source / "dist").glob("*.whl")
    return found


@pytest.fixture
def venv(tmp_path: Path) -> Path:
    """An empty virtual environment that sees what hpcgen depends on, and no hpcgen."""
    good(run(sys.executable, "-m", "venv", "--without-pip", tmp_path / "venv", cwd=tmp_path))
    (packages,) = (tmp_path / "venv").glob("lib/python*/site-packages")
    here = {str(Path(path)) for path in sys.path if path.endswith("site-packages")}
    (packages / "dependencies.pth").write_text("\n".join(sorted(here)) + "\n", encoding="utf-8")
    return tmp_path / "venv"


def install(venv: Path, *words: object) -> None:
    """Installs into a virtual environment, without asking an index."""
    pip = (sys.executable, "-m", "pip", "--python", venv / "bin" / "python", "install", "-q", "--no-deps", "--no-index", "--no-build-isolation")
    good(run(*pip, *words, cwd=venv))


def works(venv: Path) -> Path:
    """Uses hpcgen as a library and as a command, far away from the checkout; gives where it was found."""
    (venv / "recipe.py").write_text(RECIPE, encoding="utf-8")
    assert "FROM debian:12" in good(run(venv / "bin" / "hpcgen", "recipe.py", cwd=venv))
    assert "ucx" in good(run(venv / "bin" / "python", "-m", "hpcgen", "blocks", cwd=venv))
    return Path(good(run(venv / "bin" / "python", "-c", USES, cwd=venv)).strip())


def test_wheel_has_everything(wheel: Path) -> None:
    """The wheel holds each file of the two folders, the type stubs and py.typed among them, and nothing twice."""
    packed = sorted(name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name)
    there = [path.relative_to(ROOT) for path in (ROOT / "hpcgen").rglob("*") if path.is_file() and "hpcgen/building_blocks" not in str(path)]
    there += [Path("hpcgen", path.relative_to(ROOT)) for path in (ROOT / "building_blocks").rglob("*") if path.is_file()]
    assert packed == sorted(str(path) for path in there if "__pycache__" not in path.parts)
    assert {"hpcgen/py.typed", "hpcgen/__init__.pyi", "hpcgen/building_blocks/__init__.pyi", "hpcgen/building_blocks/ucx.py"} <= set(packed)


def test_wheel_of_a_source_archive_is_the_same(source: Path, wheel: Path, tmp_path: Path) -> None:
    """A wheel that is built by way of an sdist, which has no symlink, holds the same files."""
    build = "import setuptools.build_meta as b; print(b.build_sdist('dist'))"
    name = good(run(sys.executable, "-c", build, cwd=source)).splitlines()[-1]
    with tarfile.open(source / "dist" / name) as archive:
        archive.extractall(tmp_path, filter="data")
    (unpacked,) = tmp_path.iterdir()
    good(run(sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-index", "--no-build-isolation", "-w", tmp_path, unpacked, cwd=tmp_path))
    (second,) = tmp_path.glob("*.whl")
    assert sorted(zipfile.ZipFile(second).namelist()) == sorted(zipfile.ZipFile(wheel).namelist())


def test_installed_wheel_works(wheel: Path, venv: Path) -> None:
    """A wheel in an environment of its own gives the library, the blocks and the command."""
    install(venv, wheel)
    assert venv in works(venv).parents


def test_editable_install_works(source: Path, venv: Path) -> None:
    """`pip install -e` gives the same, from the checkout."""
    install(venv, "-e", source)
    assert works(venv) == source / "hpcgen" / "__init__.py"


def test_checkout_works_without_installing(venv: Path) -> None:
    """A checkout works where it stands, by PYTHONPATH."""
    assert good(run(venv / "bin" / "python", "-c", USES, cwd=venv, PYTHONPATH=str(ROOT))).strip() == str(ROOT / "hpcgen" / "__init__.py")


def see_types(checker: tuple[object, ...], folder: Path, **environ: str) -> list[str]:
    """What a type checker says of `TYPES`; two of its lines are wrong."""
    (folder / "types_of_blocks.py").write_text(TYPES, encoding="utf-8")
    done = run(*checker, "types_of_blocks.py", cwd=folder, **environ)
    return [line for line in (done.stdout + done.stderr).splitlines() if "error" in line and "types_of_blocks.py" in line]


def checkers() -> list[Any]:
    """The two type checkers, as far as they are installed."""
    found: list[Any] = []
    for name, words in (("mypy", ("--strict", "--no-incremental")), ("pyright", ())):
        program = shutil.which(name, path=os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", ""))))
        missing = pytest.mark.skipif(program is None, reason=f"{name} of the dev extra is not installed; owner: whoever set up the environment")
        found.append(pytest.param((program, *words), id=name, marks=missing))
    return found


@pytest.mark.parametrize("checker", checkers())
def test_type_checkers_see_blocks_of_a_checkout(checker: tuple[object, ...], tmp_path: Path) -> None:
    """Mypy and pyright know a block's class and the types of its options in a checkout."""
    (tmp_path / "pyrightconfig.json").write_text(f'{{"extraPaths": ["{ROOT}"]}}', encoding="utf-8")
    option, type_ = see_types(checker, tmp_path, MYPYPATH=str(ROOT))
    assert ":7:" in option
    assert "wrong_option" in option
    assert ":8:" in type_
    assert '"int"' in type_


@pytest.mark.parametrize("checker", checkers())
def test_type_checkers_see_blocks_of_a_wheel(checker: tuple[object, ...], wheel: Path, venv: Path, tmp_path: Path) -> None:
    """Mypy and pyright know them where the wheel is installed: py.typed says that they may look."""
    install(venv, wheel)
    python = venv / "bin" / "python"
    words = ("--python-executable", python) if "mypy" in str(checker[0]) else ("--pythonpath", python)
    option, type_ = see_types((*checker, *words), tmp_path)
    assert ":7:" in option
    assert "wrong_option" in option
    assert ":8:" in type_
    assert '"int"' in type_
