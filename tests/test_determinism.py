from __future__ import annotations

import glob
import json
import os
import shutil
import subprocess
import sys
import threading
from functools import cache
from typing import TYPE_CHECKING

import archspec
import house
import pytest

import hpcgen

if TYPE_CHECKING:
    from pathlib import Path

FORMATS = (
    ("docker", "docker"),
    ("docker", "docker20"),
    ("docker", "podman"),
    ("docker", "podman5"),
    ("docker", "portable"),
    ("singularity", ""),
    ("bash", ""),
)
"""Format and dialect: all that a recipe can be written as."""

WORDS = """
Stage0 += baseimage(image=USERARG.get("image", "ubuntu:24.04"), name="devel")
Stage0 += comment("où, 何処")
compiler = gnu()
Stage0 += compiler
Stage0 += cmake()
Stage0 += packages(ospackages=["zlib1g-dev", "git", "curl"], powertools=True, epel=True)
Stage0 += ucx(sha256=None, prefix=USERARG.get("prefix", "/opt/ucx"))
Stage0 += hwloc(sha256=None)
mpi = openmpi(sha256=None, toolchain=compiler.toolchain)
Stage0 += mpi
Stage0 += fftw(sha256=None, mpi=True, toolchain=mpi.toolchain)
Stage0 += generic_cmake(url="https://example.org/a-1.0.tar.gz", sha256=None, cmake_opts=["-DA=1", "-DB=2"], prefix="/opt/a")
Stage0 += environment(variables={"B": "1", "A": "\u00e9", "PATH": "/opt/bin:$PATH:/last", "CPATH": "/x:$CPATH"})
Stage0 += label(metadata={"b": "1", "a": "2"})
Stage0 += fetch(url="https://example.org/b-1.0.zip", sha256="0" * 64, dest="/opt/b")
Stage0 += git(repository="https://example.org/c.git", branch="main", dest="/opt/c")
Stage0 += write_file(path="/etc/motd", content="où\\n$HOME\\n")
Stage0 += shell(commands=["if true; then echo yes; fi", "cat <<EOF\\nx\\nEOF"])
Stage0 += workdir("/work")
Stage1 += baseimage(image=USERARG.get("image", "ubuntu:24.04"))
Stage1 += Stage0.runtime(exclude=["fftw"])
Stage1 += copy(stage="devel", src=["/opt/a", "/opt/b"], dest="/opt/")
Stage1 += runscript(commands=["echo ready", "sh"])
Stage1 += test(commands=["test -d /opt"])
"""
"""A recipe with most of the words that there are."""

PROGRAM = """
import json, sys
import hpcgen
found = {}
for file in sys.argv[2:]:
    for arch in ("x86_64", "x86_64,aarch64"):
        for cpu_target in ("", "zen4") if arch == "x86_64" else ("",):
            graph = hpcgen.plan(file, arch=arch, cpu_target=cpu_target)
            found[f"{file} {arch} {cpu_target} digests"] = [str(one) for one in graph.digests().items()] + list(graph.warnings)
            for name, dialect in json.loads(sys.argv[1]):
                try:
                    rendered = hpcgen.emit(graph, name, dialect=dialect)
                    said = [rendered.text, *rendered.warnings]
                except hpcgen.errors.HpcgenError as fault:
                    said = [str(fault)]
                found[f"{file} {arch} {cpu_target} {name} {dialect}"] = said
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The project's recipes, and one with most of the words that there are."""
    own = tmp_path_factory.mktemp("recipes") / "words.py"
    own.write_text(WORDS, encoding="utf-8")
    return [*sorted(glob.glob(os.path.join(house.ROOT, "recipes", "*.py"))), str(own)]


@pytest.fixture(scope="module")
def needed(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A PYTHONPATH for any Python: this checkout, and archspec, which reads CPU targets."""
    folder = tmp_path_factory.mktemp("needed")
    (folder / "archspec").symlink_to(archspec.__path__[0])
    return os.pathsep.join((house.ROOT, str(folder)))


def written(files: list[str], needed: str, python: str = sys.executable, cwd: Path | None = None, **environment: str) -> dict[str, list[str]]:
    """What a fresh Python makes of some recipes in all formats, with a given environment."""
    world = {"PATH": os.environ["PATH"], "PYTHONPATH": needed, "PYTHONDONTWRITEBYTECODE": "1", **environment}
    line = [python, "-s", "-c", PROGRAM, json.dumps(FORMATS), *files]
    done = subprocess.run(line, env=world, capture_output=True, text=True, check=False, cwd=cwd)
    assert done.returncode == 0, done.stderr
    found: dict[str, list[str]] = json.loads(done.stdout)
    return found


@pytest.fixture(scope="module")
def expected(files: list[str], needed: str) -> dict[str, list[str]]:
    """What they are as a rule: this Python, an ordinary environment."""
    return written(files, needed, PYTHONHASHSEED="0")


def test_every_format_is_written(expected: dict[str, list[str]]) -> None:
    """Each recipe is written in each dialect, so that the tests below compare files and not errors."""
    short = [name for name, said in expected.items() if name.split()[-2] == "docker" and len(said[0].splitlines()) < 10]
    assert not short, [expected[name] for name in short]


@pytest.mark.parametrize("seed", ["1", "2", "4294967295"])
def test_order_of_hashes_does_not_matter(seed: str, files: list[str], needed: str, expected: dict[str, list[str]]) -> None:
    """The same bytes come out, in every format, whatever order sets have."""
    assert written(files, needed, PYTHONHASHSEED=seed) == expected


@cache
def interpreter(version: str) -> str:
    """The Python of a version on this machine, or empty."""
    kept = glob.glob(os.path.join(os.path.expanduser("~"), ".pyenv", "versions", f"{version}.*", "bin", "python"))
    for program in (shutil.which(f"python{version}"), *sorted(kept)):
        if program and subprocess.run([program, "-c", ""], capture_output=True, check=False).returncode == 0:
            return program
    return ""


@pytest.mark.parametrize("version", ["3.11", "3.12", "3.13"])
def test_version_of_python_does_not_matter(version: str, files: list[str], needed: str, expected: dict[str, list[str]]) -> None:
    """The same bytes come out of each Python that the project is tested with."""
    python = interpreter(version)
    if not python:
        pytest.skip(f"Python {version} is not on this machine: nothing is known of it")
    assert written(files, needed, python) == expected


WORLDS = {
    "C locale": {"LANG": "C", "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    "another language": {"LANG": "tr_TR.UTF-8", "LC_ALL": "tr_TR.UTF-8"},
    "another day": {"TZ": "Pacific/Kiritimati", "SOURCE_DATE_EPOCH": "1"},
    "another user": {"HOME": "/nonexistent", "USER": "other", "LOGNAME": "other", "HOSTNAME": "elsewhere", "COLUMNS": "40"},
    "optimised": {"PYTHONOPTIMIZE": "2"},
}


@pytest.mark.parametrize("world", WORLDS)
def test_the_world_does_not_matter(world: str, files: list[str], needed: str, expected: dict[str, list[str]], tmp_path: Path) -> None:
    """The same bytes come out in another locale, time zone, home and working folder."""
    assert written(files, needed, cwd=tmp_path, **WORLDS[world]) == expected


def test_the_folder_does_not_matter(needed: str, tmp_path: Path) -> None:
    """A recipe that is named by the same relative path in two folders gives the same bytes."""
    found = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "recipe.py").write_text(WORDS, encoding="utf-8")
        found.append(written(["recipe.py"], needed, cwd=tmp_path / name))
    assert found[0] == found[1]


def variant(files: list[str], number: int) -> str:
    """One of many recipes: file, user arguments, format and architecture differ."""
    name, dialect = FORMATS[number % len(FORMATS)]
    image = ("ubuntu:24.04", "debian:12", "rockylinux:9")[number % 3]
    try:
        return hpcgen.recipe(
            files[number % len(files)],
            format=name,
            dialect=dialect,
            userarg={"image": image, "prefix": f"/opt/number{number}"},
            arch=("x86_64", "aarch64")[number % 2],
        )
    except hpcgen.errors.HpcgenError as fault:
        return str(fault)


def test_threads_do_not_meet(files: list[str]) -> None:
    """Recipes that are written in eight threads at once are those that are written one after the other."""
    count, threads = 160, 8
    found: dict[int, str] = {}
    start = threading.Barrier(threads)

    def work(first: int) -> None:
        start.wait()
        for number in range(first, count, threads):
            found[number] = variant(files, number)

    switching = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        workers = [threading.Thread(target=work, args=(first,)) for first in range(threads)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
    finally:
        sys.setswitchinterval(switching)
    assert found == {number: variant(files, number) for number in range(count)}
