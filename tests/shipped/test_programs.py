from __future__ import annotations

import os
import resource
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hpcgen import shipped

if TYPE_CHECKING:
    from tests.shipped.conftest import Builder

PROGRAMS = ("closure", "install", "check")
ORIGIN = "-Wl,-rpath,$ORIGIN/../lib"
COREUTILS = ("cat", "chmod", "cp", "cut", "dirname", "head", "join", "mkdir", "mktemp", "od", "paste", "readlink", "rm", "sort", "split", "stat", "tee", "touch", "tr", "wc")
SOON = 15
"""Seconds of a processor within which a large tree is done: dash takes two, bash three, on a processor of 2023."""


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_is_clean_sh(name: str) -> None:
    """A program has no construct that a POSIX shell may not have, and no line that does not fit."""
    done = subprocess.run(["shellcheck", "-s", "sh", "-"], input=shipped.text(name), capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")
    assert max(map(len, shipped.text(name).splitlines())) <= 150
    assert shipped.text(name).isascii()


def ran(builder: Builder, name: str, *words: str, env: dict[str, str] | None = None) -> tuple[int, str]:
    """Exit status and words of a program beside its files."""
    program = builder.file(f"{name}/{name}", shipped.text(name))
    done = subprocess.run([*builder.shell, program, *words], capture_output=True, text=True, check=False, env=env)
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize(("name", "words"), [("closure", ()), ("closure", ("a", "b")), ("check", ("a", "b")), ("install", ("twice",))])
def test_a_program_says_how_it_is_used(builder: Builder, name: str, words: tuple[str, ...]) -> None:
    """Words that a program does not know are a mistake of usage."""
    status, said = ran(builder, name, *words)
    assert status == 2
    assert said.startswith(f"usage: sh {name}")


@pytest.mark.parametrize("record", ["kind\tbest", "nonsense\tx", "out\trelative"])
def test_a_wrong_record_is_said(builder: Builder, record: str) -> None:
    """A record or a value that the closure program does not know is an error that names it."""
    found = builder.closure(record)
    assert found.status == 1
    assert record.split("\t")[-1 if "\t" in record and "nonsense" not in record else 0] in found.said


def tools(builder: Builder, *names: str) -> dict[str, str]:
    """An environment in which there are only some programs."""
    folder = builder.folder / "path"
    folder.mkdir()
    for name in names:
        place = shutil.which(name)
        assert place is not None
        (folder / name).symlink_to(place)
    return {"PATH": str(folder)}


def test_the_closure_needs_coreutils_alone(builder: Builder) -> None:
    """Without awk, sed, grep, find, strip and package managers the closure is the same, unstripped, which is said."""
    needed = builder.library("opt/tool/lib/libone.so.1")
    builder.program("opt/tool/bin/run", ORIGIN, needs=(needed,))
    env = tools(builder, *COREUTILS)
    program = builder.file("closure", shipped.text("closure"))
    line = [*builder.shell, str(program), str(builder.records(f"take\ttool\tx\t{builder.prefix}/bin", "strip\tyes"))]
    done = subprocess.run(line, capture_output=True, text=True, check=False, env=env)
    assert done.returncode == 0, done.stderr
    assert done.stderr == "closure: note: there is no strip: files are as they were built\n"
    assert (builder.folder / f"out/root{needed}").exists()


def test_a_large_tree_takes_seconds(builder: Builder) -> None:
    """Two hundred programs and two thousand files of data are looked at within seconds."""
    needed = builder.library("opt/tool/lib/libone.so.1")
    run = builder.program("opt/tool/bin/run", ORIGIN, needs=(needed,))
    for at in range(200):
        shutil.copy(run, f"{run}{at}")
    for at in range(2000):
        builder.file(f"opt/tool/share/{at // 100}/data {at}", "x" * 100)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    found = builder.closure(f"take\ttool\tx\t{builder.prefix}", "strip\tyes")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime < SOON
    assert len(found.manifest["files"]) == 202 + 2000 + len(found.below(Path("/usr"))) - 1


@pytest.mark.parametrize("missing", [False, True])
def test_the_check_finds_what_is_missing(builder: Builder, missing: bool) -> None:
    """The check fails for each library that is nowhere, unless the host brings it, and passes where all are found."""
    one = builder.library("opt/tool/lib/lib one.so.1")
    host = builder.library("opt/tool/lib/libcuda.so.1")
    run = builder.program("opt/tool/bin/run", ORIGIN, needs=(one, host))
    builder.program("opt/tool/bin/static", "-static")
    host.unlink()
    if missing:
        one.unlink()
    builder.file("check/roots", f"{run}\n{run.parent}/static\n")
    builder.file("check/host", "libnvidia*\nlibcuda.so*\n")
    expected = f"check: {run} needs lib one.so.1, which is nowhere\n" if missing else ""
    assert ran(builder, "check", env={"PATH": "/nowhere"}) == (int(missing), expected)


def test_the_check_misses_a_file_that_is_gone(builder: Builder) -> None:
    """A file that the image was to have and has not is a failure."""
    builder.file("check/roots", "/nowhere/run\n/bin/sh")
    builder.file("check/host")
    assert ran(builder, "check") == (1, "check: /nowhere/run is not in the image\n")


def test_nothing_is_installed_where_nothing_is_named(builder: Builder) -> None:
    """Without names of packages the install program needs no package manager and does nothing."""
    builder.file("install/names")
    assert ran(builder, "install", env={"PATH": os.environ["PATH"]}) == (0, "")


def test_an_image_without_a_package_manager_is_refused(builder: Builder) -> None:
    """Packages cannot be installed in an image that has neither apt nor dnf, which is said."""
    builder.file("install/names", "libone1\n")
    env = tools(builder, "cat", "dirname")
    program = builder.file("install/install", shipped.text("install"))
    done = subprocess.run([*builder.shell, program], capture_output=True, text=True, check=False, env=env)
    assert (done.returncode, done.stderr) == (1, "install: this image has neither apt nor dnf\n")
