from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from house import ROOT

if TYPE_CHECKING:
    from pathlib import Path

RECIPE = """
Stage0 += baseimage(image="ubuntu:22.04", name="devel")
Stage0 += gnu()
Stage0 += ucx(sha256=None)
Stage0 += packages(ospackages=["git"])
Stage0 += environment(variables={"PATH": "/opt/bin:$PATH"})
Stage0 += shell(commands=["if true; then echo yes; fi"])
"""

HEAVY = {
    "jinja2": "it lays out other pages",
    "lark": "recipes are Python",
    "rich": "what is written is text",
    "docker": "nothing is built",
    "shtab": "no completion is asked for",
    "importlib.metadata": "entry points are looked for where a name is not found",
    "archspec": "no CPU target is named",
    "attrs": "hpcgen.frozen stands in for it: it would be half of the whole run",
    "attr": "the same",
    "inspect": "8 ms",
    "dataclasses": "it imports inspect",
    "pathlib": "5 ms; os.path does",
    "difflib": "there is no word to be near to",
    "logging": "nothing is logged",
    "urllib.request": "nothing is downloaded",
    "tomllib": "there is no site file",
    "shutil": "argparse imports it for the width of a terminal that it is not asked for",
    "json": "no word needs the form of JSON",
}
"""Modules that a plain `hpcgen RECIPE` does without -> why it can."""

PROGRAM = """
import sys
sys.path[:] = {path!r}
from hpcgen.cli import main
status = main(sys.argv[1:])
print(*sys.modules, file=sys.stderr)
sys.exit(status)
"""


def modules(*words: str, cwd: Path) -> list[str]:
    """The modules that a command line imports, those of `site` and its hooks, an editable install's too, left out."""
    line = [sys.executable, "-S", "-c", PROGRAM.format(path=[ROOT, *sys.path]), *words]
    done = subprocess.run(line, capture_output=True, text=True, cwd=cwd, check=False)
    assert done.returncode == 0, done.stderr
    return done.stderr.splitlines()[-1].split()


@pytest.mark.parametrize("format_", ["docker", "singularity", "bash"])
def test_plain_command_imports_nothing_heavy(format_: str, tmp_path: Path) -> None:
    """A recipe is written without any module that only other commands need."""
    (tmp_path / "recipe.py").write_text(RECIPE)
    found = modules("recipe.py", "--format", format_, "-o", "written", cwd=tmp_path)
    assert not [name for name in found if name in HEAVY]


def test_only_the_blocks_that_a_recipe_names_are_imported(tmp_path: Path) -> None:
    """Building blocks that a recipe does not mention are not read."""
    (tmp_path / "recipe.py").write_text(RECIPE)
    found = {name.rpartition(".")[2] for name in modules("recipe.py", cwd=tmp_path) if name.startswith("hpcgen.building_blocks.")}
    assert {name for name in found if not name.startswith("_")} == {"gnu", "ucx", "packages"}
