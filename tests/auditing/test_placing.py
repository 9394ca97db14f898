from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from inspected import case

from hpcgen.auditing import findings, globs
from hpcgen.auditing.path_findings import Placed, categories
from hpcgen.auditing.placing import NONE, Globs, Placing
from hpcgen.auditing.report import ERROR, INFO, WARNING
from hpcgen.auditing.rules import rules

GLOBS = {
    "usr/*/a": (["usr/x/a", "usr//a"], ["usr/a", "usr/x/y/a", "x/usr/x/a", "usr/x/ab"]),
    "**/a": (["a", "x/a", "x/y/a"], ["ba", "a/b"]),
    "a/**/b": (["a/b", "a/x/b", "a/x/y/b"], ["ab", "a/x", "xa/b"]),
    "a/**": (["a/x", "a/x/y"], ["a", "b/a/x"]),
    "*.{tar,t?z}": (["x.tar", "x.tgz", ".tar"], ["x.tar.gz", "d/x.tar"]),
    "core.[0-9]*": (["core.1", "core.12.gz"], ["core.", "core.x"]),
    "[!a]b": (["bb"], ["ab"]),
    "{a,b/c}/x": (["a/x", "b/c/x"], ["b/x", "{a,b/c}/x"]),
    "a{,-[0-9]*}": (["a", "a-1", "a-12"], ["a-", "a-x"]),
    "libstdc++.so.6": (["libstdc++.so.6"], ["libstdccc.so.6", "libstdc++_so.6"]),
}


@pytest.mark.parametrize("glob", GLOBS)
def test_globs_mean_what_they_say(glob: str) -> None:
    """A glob matches whole paths: `*` within a name, `**` over folders, braces a choice."""
    good, bad = GLOBS[glob]
    assert [path for path in (*good, *bad) if globs.matches(glob, path)] == good


PARTS = st.sampled_from(("a", "b", "lib", "*", "lib*", "*.so", "{a,b}", "[ab]", "**", "x.so", "{lib,x*}", "?"))
GLOB = st.lists(PARTS, min_size=1, max_size=4).map("/".join)
PATH = st.lists(st.sampled_from(("a", "b", "lib", "lib64", "x.so", "b.so", "x")), min_size=1, max_size=5).map("/".join)


@given(st.lists(st.lists(GLOB, min_size=1, max_size=3), min_size=1, max_size=4), st.lists(PATH, min_size=1, max_size=6))
def test_the_first_rule_that_matches_has_a_file(rules_: list[list[str]], paths: list[str]) -> None:
    """A file's rule is the first one of which any glob matches, however globs are sorted and folders remembered."""
    placing = Placing(map(Globs, rules_))
    for path in paths:
        slow = next((number for number, one in enumerate(rules_) if any(re.fullmatch(globs.pattern(glob), path) for glob in one)), NONE)
        assert placing.place(path).rule == slow


def test_a_folder_that_belongs_to_a_rule_is_told_as_one() -> None:
    """Of files that a folder's glob matches the topmost such folder is told, of others their path."""
    placing = Placing([Globs(["**/doc/**"], ["keep"]), Globs(["**/*.h"])])
    assert placing.place("usr/doc/a/doc/b") == (0, "usr/doc")
    assert placing.place("usr/doc/a/keep") == (NONE, "usr/doc/a/keep")
    assert placing.place("usr/x/y.h") == (1, "usr/x/y.h")


PLACES = {
    "var/cache/apt/archives/gcc.deb": "C001",
    "var/lib/apt/lists/debian_main": "C001",
    "var/cache/debconf/templates.dat": "",
    "var/cache/debconf/templates.dat-old": "C001",
    "root/.cache/pip/http/0/1": "C002",
    "opt/miniforge3/pkgs/numpy-2.0.conda": "C002",
    "opt/miniforge3/lib/python3.12/site-packages/numpy/core.so": "",
    "opt/spack/var/spack/cache/x.tar.gz": "C002",
    "usr/local/src/openmpi/configure": "C003",
    "opt/app/src/main.o": "C003",
    "usr/lib/x86_64-linux-gnu/crt1.o": "R001",
    "root/openmpi-5.0.7.tar.bz2": "C003",
    "opt/data/input.tar.gz": "",
    "opt/input.tar.gz": "C003",
    "root/app/.git/objects/00/1": "C003",
    "var/log/dpkg.log": "C004",
    "opt/run/core.4711": "C004",
    "usr/share/man/man5/core.5.gz": "D001",
    "usr/share/doc/gcc/changelog.gz": "D001",
    "usr/share/doc/gcc/copyright": "",
    "usr/local/cuda-12.4/doc/html/index.html": "D001",
    "usr/share/locale/de/LC_MESSAGES/gcc.mo": "D002",
    "usr/lib/locale/C.utf8/LC_CTYPE": "",
    "usr/lib/locale/locale-archive": "D002",
    "usr/lib/x86_64-linux-gnu/libm.a": "R001",
    "opt/hdf5/lib/libhdf5.la": "R001",
    "opt/hdf5/include/hdf5.h": "R002",
    "opt/hdf5/lib/cmake/hdf5/config.cmake": "R002",
    "usr/local/cuda/lib64/stubs/libcuda.so": "R002",
    "usr/lib/gcc/x86_64-linux-gnu/12/cc1plus": "R003",
    "usr/bin/x86_64-linux-gnu-g++-12": "R003",
    "usr/bin/gcc": "R003",
    "usr/bin/grep": "",
    "usr/local/cuda/bin/nvcc": "R003",
    "usr/local/cuda-12.4/nvvm/bin/cicc": "R003",
    "opt/nvidia/nsight-compute/2024.1/ncu": "R003",
    "usr/lib/x86_64-linux-gnu/libgcc_s.so.1": "",
    "usr/lib/x86_64-linux-gnu/libcuda.so.535.1": "E004",
    "usr/lib64/libnvidia-ml.so.1": "E004",
    "usr/local/cuda/compat/libcuda.so.550.1": "",
    "usr/lib/debug/.build-id/00/1.debug": "E001",
    "opt/conda/lib/python3.12/site-packages/numpy/tests/test_x.py": "C005",
    "var/lib/dpkg/info/gcc.list": "",
}


def test_files_that_images_have_belong_to_the_rules_that_mean_them() -> None:
    """Caches, leftovers, documentation, headers, compilers and the host's libraries are told apart from what programs need."""
    placed = Placed(case(dict.fromkeys(PLACES, 1)))
    assert {path: placed.id(row) for row, path in enumerate(PLACES)} == PLACES


def test_every_file_has_a_category_and_all_bytes_are_in_one() -> None:
    """The categories' bytes and files add up to the whole image, and each file names its own."""
    made = case({**{path: size for size, path in enumerate(PLACES, 1)}, "usr": None, "odd": 7, "link": ("link", "odd")})
    found = categories(made, Placed(made))
    assert sum(one.live.rootfs for one in found) == sum(made.files.sizes)
    assert sum(one.files for one in found) == len(PLACES) + 2
    assert [one.live.rootfs for one in found] == sorted((one.live.rootfs for one in found), reverse=True)
    rows = dict(zip(made.files.paths, made.files.categories, strict=True))
    assert found[rows["usr/bin/gcc"]].name == "compilers"
    assert found[rows["odd"]].name == "other"


def test_rules_are_whole() -> None:
    """Every finding has a sentence, a mend that does not end in a dot, a severity that there is, and is told by no rule that is missing."""
    whole = rules()
    assert {one.id for one in whole.paths if one.id} <= whole.words.keys()
    for words in whole.words.values():
        assert words.severity in (ERROR, WARNING, INFO)
        assert re.fullmatch(r"[A-Z]\d{3}", words.id)
        assert words.title
        assert words.fix
        assert not words.fix.endswith(".")
        assert words.least >= 0
    assert len({words.name for words in whole.words.values()}) == len(whole.words)


def test_every_globs_folder_is_relative() -> None:
    """No glob begins with a slash, which no path of an image does."""
    with (Path(findings.__file__).parent / "rules.toml").open("rb") as stream:
        said = tomllib.load(stream)
    everything = [glob for one in said["paths"] for glob in one["globs"]] + said["secrets"]["globs"] + said["reachable"]["globs"]
    assert not [glob for glob in everything if glob.startswith("/") or " " in glob]
