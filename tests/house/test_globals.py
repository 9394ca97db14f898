from __future__ import annotations

import builtins
import contextlib
import gc
import locale
import os
import sys
import warnings
from typing import TYPE_CHECKING, Any

import hpcgen
from hpcgen.cli import main

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

RECIPE = """
Stage0 += baseimage(image=USERARG.get("image", "ubuntu:22.04"), name="devel")
Stage0 += gnu()
Stage0 += ucx(sha256=None, prefix=USERARG.get("prefix", "/opt/ucx"))
Stage0 += packages(ospackages=["git", USERARG.get("package", "make")])
Stage0 += environment(variables={"PATH": "/opt/bin:$PATH"})
Stage0 += shell(commands=["if true; then echo yes; fi", "echo $(date)"])
Stage1 += baseimage(image=USERARG.get("image", "ubuntu:22.04"))
Stage1 += Stage0.runtime()
"""

FORMATS = ("docker", "singularity", "bash")


def state() -> dict[str, str]:
    """All that code of the house could have changed: its modules' variables, its classes' attributes, and the process."""
    found = {
        "process": repr(
            (dict(os.environ), os.getcwd(), sys.path, warnings.filters, gc.isenabled(), locale.setlocale(locale.LC_ALL), sys.getrecursionlimit())
        ),
        "builtins": repr(sorted((name, id(value)) for name, value in vars(builtins).items())),
    }
    for name, module in sorted(sys.modules.items()):
        if name.partition(".")[0] == "hpcgen":
            found.update(described(name, vars(module)))
    return found


def described(name: str, values: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Variables with their values; a container by what it holds, all else by which object it is."""
    for key, value in values.items():
        if key != "__builtins__":
            yield f"{name}.{key}", repr(value) if isinstance(value, dict | list | set) else str(id(value))
        if isinstance(value, type) and value.__module__ == name:
            yield from described(f"{name}.{key}", {**vars(value)})


def generate(recipe: Path, prefix: str, image: str) -> None:
    """Writes a recipe in every format; the shell script, which has one base, is refused."""
    for name in FORMATS:
        with contextlib.suppress(hpcgen.errors.HpcgenError):
            hpcgen.recipe(str(recipe), format=name, userarg={"prefix": prefix, "package": prefix[1:], "image": image})


def test_writing_a_recipe_changes_nothing_that_the_next_one_sees(tmp_path: Path, capsys: Any) -> None:
    """Modules, classes and the process are the same before and after a recipe is written, by the library or by the command."""
    recipe = tmp_path / "recipe.py"
    recipe.write_text(RECIPE)
    generate(recipe, "/first", "debian:12")  # imports what there is to import
    main([str(recipe)])
    before = state()
    generate(recipe, "/second", "rockylinux:9")
    main([str(recipe), "--userarg", "prefix=/third", "--arch", "aarch64"])
    after = state()
    assert capsys.readouterr().out.count("\nFROM ") == 2 * 6  # gnu, ucx, the recipe's two, and for what its result needs two
    assert {name: (before.get(name), value) for name, value in after.items() if before.get(name) != value} == {}
