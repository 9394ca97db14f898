"""The recipes that are shipped, in all formats and dialects, as linters read them."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

import hpcgen
from hpcgen.emitting.dialects import DIALECTS
from hpcgen.engines.linters import check

ROOT = Path(__file__).resolve().parents[2]
FORMS = [("docker", dialect) for dialect in DIALECTS] + [("singularity", ""), ("bash", "")]
WAYS: dict[str, list[dict[str, str]]] = {
    "mpi_hello.py": [
        {},
        {"image": "rockylinux:9"},
        {"image": "ubuntu:24.04", "ucx": "1.18.1", "openmpi": "5.0.7"},
        {"kind": "files", "builder": "registry.example/build/debian:12"},
        {"kind": "scratch"},
    ],
    "lammps.py": [
        {},
        {"image": "rockylinux:9", "kind": "files", "lammps": "29Aug2024_update2", "packages": "KSPACE,MANYBODY,REAXFF", "potentials": "yes"},
        {"image": "ubuntu:24.04", "kind": "scratch", "fftw": "3.3.10"},
        {"cuda": "12.9", "gpus": "80,90"},
    ],
    "gromacs.py": [
        {},
        {"image": "rockylinux:9", "kind": "files", "mpi": "no", "simd": "AVX2_256"},
        {"image": "ubuntu:24.04", "kind": "scratch", "gromacs": "2025.4", "fftw": "3.3.10"},
        {"cuda": "12.9", "gpus": "80,90"},
    ],
    "osu_benchmarks.py": [
        {},
        {"mpi": "mpich", "image": "rockylinux:9"},
        {"kind": "scratch", "osu": "7.4", "launch": ""},
        {"cuda": "12.9", "gpus": "80,90", "image": "ubuntu:24.04"},
        {"cuda": "13.0", "mpi": "mpich", "image": "ubuntu:24.04", "kind": "files"},
    ],
    "hpcbase.py": [
        {},
        {"mpi": "mpich", "image": "debian:12", "kind": "files"},
        {"compiler": "llvm", "compiler_version": "18"},
        {"compiler": "llvm", "mpi": "mpich", "image": "rockylinux:9"},
        {"compiler_version": "12", "cuda": "12.9", "fftw": "3.3.10"},
    ],
    "devel.py": [{}, {"cuda": "12.9"}, {"cuda": "12.4", "image": "ubuntu:22.04"}, {"cuda": "13.0", "image": "rockylinux:9"}, {"image": "debian:12"}],
}
"""Recipe -> sets of user arguments that it is tried with."""

PATH = os.pathsep.join((os.path.dirname(sys.executable), os.environ["PATH"]))
NEEDED = {"docker": ("hadolint",), "singularity": ("the definition file's rules", "bash -n"), "bash": ("shellcheck", "bash -n")}
"""Format -> the linters that must have had a look."""

CASES = [(recipe, way, form) for recipe, ways in WAYS.items() for way in ways for form in FORMS]


def test_all_shipped_recipes_are_tried() -> None:
    """Each recipe in recipes/ stands in the table."""
    assert {path.name for path in (ROOT / "recipes").glob("*.py")} == WAYS.keys()


def name_of(value: object) -> str:
    """A case's name."""
    words = value.values() if isinstance(value, dict) else value if isinstance(value, tuple) else (value,)
    return "-".join(map(str, words))


@pytest.mark.parametrize(("recipe", "way", "form"), CASES, ids=name_of)
def test_linters_find_nothing(recipe: str, way: dict[str, str], form: tuple[str, str]) -> None:
    """hadolint, shellcheck, bash -n and the check of definition files have nothing to say of a shipped recipe in any format or dialect."""
    graph = hpcgen.plan(str(ROOT / "recipes" / recipe), userarg=way)
    report = check(hpcgen.emit(graph, form[0], dialect=form[1]), PATH)
    assert not report.findings, report.findings
    assert report.ran[: len(NEEDED[form[0]])] == NEEDED[form[0]], report.missing
