"""The example of a package with blocks, installed as a site would install it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
EXAMPLE = ROOT / "examples" / "hpcgen-sitepackage"
PAGE = ROOT / "docs" / "howto" / "own-block.md"


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the example package, installed by pip without a network; the checkout stays as it is."""
    source, target = tmp_path_factory.mktemp("source") / "package", tmp_path_factory.mktemp("installed")
    shutil.copytree(EXAMPLE, source)
    words = ("install", "--quiet", "--no-deps", "--no-index", "--no-build-isolation", "--target", str(target), str(source))
    done = subprocess.run((sys.executable, "-m", "pip", *words), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return target


def hpcgen(*words: str, packages: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Runs this checkout's hpcgen with a folder of further packages."""
    path = os.pathsep.join(str(one) for one in (packages, ROOT) if one)
    return subprocess.run(
        (sys.executable, "-m", "hpcgen", *words), env=os.environ | {"PYTHONPATH": path}, capture_output=True, text=True, check=False
    )


def test_recipe_uses_the_package_s_block(installed: Path) -> None:
    """A recipe names the package's block like one of the project's: it is built upon the recipe's MPI, in a stage of its own."""
    done = hpcgen(str(EXAMPLE / "recipe.py"), packages=installed)
    assert (done.returncode, done.stderr) == (0, "")
    assert re.search(r"^FROM gnu AS ior$", done.stdout, re.MULTILINE)
    assert "CC=/usr/local/openmpi/bin/mpicc" in done.stdout
    assert "ior-4.0.0.tar.gz" in done.stdout


def test_commands_know_the_package_s_block(installed: Path) -> None:
    """Lists, pages, rules and releases of blocks have the package's block too."""
    assert re.search(r"^ior  +IOR and mdtest", hpcgen("blocks", packages=installed).stdout, re.MULTILINE)
    assert "4.0.0" in hpcgen("blocks", "ior", packages=installed).stdout
    assert "add openmpi() before it" in hpcgen("rules", "ior-without-mpi", packages=installed).stdout
    assert re.search(r"^ior  +4\.0\.0 ", hpcgen("outdated", str(EXAMPLE / "recipe.py"), packages=installed).stdout, re.MULTILINE)


def test_recipe_without_the_package_is_refused() -> None:
    """Where the package is not installed, the recipe's line is shown with the name that nobody knows."""
    done = hpcgen(str(EXAMPLE / "recipe.py"))
    assert done.returncode == 1
    assert "ior" in done.stderr
    assert "recipe.py:4" in done.stderr


def test_page_shows_the_example() -> None:
    """The block and the recipe that the page about own blocks shows are those of the package."""
    shown = dict(re.findall(r"```python\n# (\S+)\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL))
    block = (EXAMPLE / "sitepackage" / "ior.py").read_text(encoding="utf-8")
    assert block.partition("\n\n")[2] == shown["blocks/ior.py"]
    assert (EXAMPLE / "recipe.py").read_text(encoding="utf-8") == shown["storage.py"]
