"""An environment of its own for the commands that are measured, with each tool as its wheel would lie there.

An editable install has an import hook that every start of Python in that environment pays for, 17 ms here, and a checkout has none: neither is what
a user has. So the packages are copied next to each other and compiled, and each gets the console script that pip writes.
"""

from __future__ import annotations

import compileall
import importlib.metadata
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import venv
import warnings

ENTRY = {"hpcgen": "hpcgen.cli", "hpccm": "hpccm.cli"}
"""Tool -> the module whose `main` is its console script."""

_SCRIPT = """\
#!{python}
import sys
from {module} import main
if __name__ == '__main__':
    sys.argv[0] = sys.argv[0].removesuffix('.exe')
    sys.exit(main())
"""

_NEEDED = ("attrs", "archspec", "hpccm")
"""The distributions that are copied with what they require. rich and shtab are left out: neither tool imports them to write a recipe."""


def install(folder: str, needed: tuple[str, ...] = _NEEDED, tools: tuple[str, ...] = tuple(ENTRY)) -> str:
    """Makes the environment, with what some tools need; gives the folder of its commands."""
    where = os.path.join(folder, "environment")
    venv.create(where, symlinks=True)
    site = next(os.path.join(path, "site-packages") for path, folders, _ in os.walk(os.path.join(where, "lib")) if "site-packages" in folders)
    for name in _closure(needed):
        _copy(name, site)
    _copy_package("hpcgen", site)
    with warnings.catch_warnings(action="ignore"):  # HPCCM's own
        compileall.compile_dir(site, quiet=2)
    commands = os.path.join(where, "bin")
    for tool in tools:
        module, path = ENTRY[tool], os.path.join(commands, tool)
        with open(path, "w", encoding="utf-8") as stream:
            stream.write(_SCRIPT.format(python=os.path.join(commands, "python"), module=module))
        os.chmod(path, 0o755)  # noqa: S103 (a program)
    return commands


def _closure(names: tuple[str, ...]) -> list[str]:
    """Distributions and all that they require, extras left out."""
    found: list[str] = []
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        found.append(name)
        waiting += [re.split(r"[^\w.-]", line, maxsplit=1)[0] for line in importlib.metadata.requires(name) or () if ";" not in line]
    return found


def _copy(distribution: str, site: str) -> None:
    """Copies a distribution's files, its metadata too, which a scan for entry points would read."""
    for file in importlib.metadata.files(distribution) or ():
        if not str(file).startswith("..") and "__pycache__" not in str(file):
            target = os.path.join(site, str(file))
            os.makedirs(os.path.dirname(target), exist_ok=True)
            shutil.copyfile(str(file.locate()), target)


def _copy_package(name: str, site: str) -> None:
    """Copies a package from where it is imported from, a checkout or an installation, links followed."""
    spec = importlib.util.find_spec(name)
    assert spec is not None
    assert spec.submodule_search_locations
    (source,) = spec.submodule_search_locations
    shutil.copytree(source, os.path.join(site, name), ignore=shutil.ignore_patterns("__pycache__"))


def modules(place: str, words: list[str]) -> int:
    """How many modules Python imports to run a script with arguments, or to do nothing."""
    line = [os.path.join(place, "python"), "-X", "importtime", *(words or ("-c", "pass"))]
    log = subprocess.run(line, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False).stderr
    return sum(text.startswith("import time:") for text in log.splitlines()) - 1


if __name__ == "__main__":
    print(install(sys.argv[1]))
