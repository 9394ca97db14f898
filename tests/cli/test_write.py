"""`hpcgen RECIPE` and each of its options."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

import pytest

import hpcgen
from hpcgen.cli.output import write
from hpcgen.emitting import FORMATS
from hpcgen.errors import Unwritable

if TYPE_CHECKING:
    from pathlib import Path

    from running import Run


def test_recipe_becomes_a_dockerfile_on_standard_output(run: Run, recipe: Path) -> None:
    """`hpcgen RECIPE` writes the Dockerfile to standard output, and nothing else anywhere."""
    result = run(recipe.name)
    assert (result.status, result.err) == (0, "")
    assert "FROM debian:12" in result.out
    assert "echo hello" in result.out


@pytest.mark.parametrize(("format_", "mark"), [("docker", "FROM debian:12"), ("singularity", "From: debian:12"), ("bash", "#!")])
def test_each_format_is_written(run: Run, recipe: Path, format_: str, mark: str) -> None:
    """--format chooses what is written."""
    result = run(recipe.name, "--format", format_)
    assert result.status == 0, result.err
    assert mark in result.out


def test_all_formats_are_tested() -> None:
    """The formats of these tests are the formats that there are."""
    assert FORMATS == ("docker", "singularity", "bash")


@pytest.mark.parametrize("words", [["-"], ["--recipe", "-"]])
def test_minus_reads_standard_input(run: Run, recipe: Path, words: list[str]) -> None:
    """`-` is standard input, and errors there are shown with their line."""
    assert run(*words, stdin=recipe.read_bytes()).out == run(*words, stdin=b"\xef\xbb\xbf" + recipe.read_bytes()).out
    wrong = run(*words, stdin=b"Stage0 += nothing_known()\n")
    assert wrong.status == 1
    assert "  -:1\n      1 | Stage0 += nothing_known()\n" in wrong.err


def test_recipe_called_like_a_command_is_reached(run: Run, recipe: Path) -> None:
    """A recipe whose file is called `blocks` is read as ./blocks and by --recipe."""
    recipe.rename("blocks")
    assert "FROM debian:12" in run("./blocks").out
    assert "FROM debian:12" in run("--recipe", "blocks").out


def test_userargs_add_up(run: Run, recipe: Path) -> None:
    """--userarg takes several pairs, may be repeated, splits at the first '=', and the last of a name wins."""
    recipe.write_text('Stage0 += baseimage(image="debian:12")\nStage0 += label(metadata=dict(USERARG))\n', encoding="utf-8")
    out = run(recipe.name, "--userarg", "a=b=c", "x=1", "--userarg", "y=", "--userarg", "x=2").out
    assert 'a="b=c"' in out or "a=b=c" in out
    assert "x=2" in out
    assert "x=1" not in out
    assert "y=" in out


def test_output_replaces_a_file_whole_and_keeps_its_mode(run: Run, recipe: Path) -> None:
    """-o writes beside the file and renames: a failing run leaves what was there, a good one keeps the file's mode and follows links."""
    target, link = recipe.with_name("real"), recipe.with_name("Dockerfile")
    target.write_text("before", encoding="utf-8")
    target.chmod(0o640)
    link.symlink_to("real")
    recipe.write_text("Stage0 += nothing_known()\n", encoding="utf-8")
    assert run(recipe.name, "-o", link).status == 1
    assert target.read_text(encoding="utf-8") == "before"
    recipe.write_text('Stage0 += baseimage(image="debian:12")\n', encoding="utf-8")
    result = run(recipe.name, "-o", link)
    assert (result.status, result.out) == (0, "")
    assert link.is_symlink()
    assert target.read_text(encoding="utf-8").endswith("FROM debian:12\n")
    assert stat.S_IMODE(target.stat().st_mode) == 0o640
    assert sorted(path.name for path in recipe.parent.iterdir()) == ["Dockerfile", "real", "recipe.py"]


def test_written_script_may_be_run(run: Run, recipe: Path) -> None:
    """A new file of the bash format is executable as the umask allows, a Dockerfile is not."""
    old = os.umask(0o022)
    try:
        assert run(recipe.name, "--format", "bash", "-o", "script").status == 0
        assert run(recipe.name, "-o", "Dockerfile").status == 0
    finally:
        os.umask(old)
    assert stat.S_IMODE(recipe.with_name("script").stat().st_mode) == 0o755
    assert stat.S_IMODE(recipe.with_name("Dockerfile").stat().st_mode) == 0o644


def test_output_to_minus_is_standard_output(run: Run, recipe: Path) -> None:
    """`-o -` is standard output."""
    assert run(recipe.name, "-o", "-").out == run(recipe.name).out


def test_failing_write_leaves_no_partial_file(run: Run, recipe: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that cannot be finished leaves the old one as it was and nothing beside it."""
    recipe.with_name("Dockerfile").write_text("before", encoding="utf-8")

    def full(source: str, target: str) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.replace", full)
    result = run(recipe.name, "-o", "Dockerfile")
    assert (result.status, result.err) == (3, "cannot be reached: output 'Dockerfile' cannot be written: No space left on device\n")
    assert sorted(path.name for path in recipe.parent.iterdir()) == ["Dockerfile", "recipe.py"]
    assert recipe.with_name("Dockerfile").read_text(encoding="utf-8") == "before"


def test_full_standard_output_is_said(run: Run, recipe: Path) -> None:
    """An output that takes nothing gives exit status 3 and the reason."""
    result = run(recipe.name, "-o", "/dev/full")
    assert (result.status, result.err) == (3, "cannot be reached: output '/dev/full' cannot be written: No space left on device\n")


def test_text_that_is_no_utf_8_is_refused() -> None:
    """Bytes that a recipe took for text are named, not written."""
    with pytest.raises(Unwritable, match="not UTF-8 text"):
        write("ok \udcff")


def test_warnings_go_to_standard_error(run: Run, recipe: Path) -> None:
    """What is downloaded without a checksum is said on each run, on standard error, and the file is written."""
    recipe.write_text(
        'Stage0 += baseimage(image="debian:12")\nStage0 += fetch(url="https://example.org/a", sha256=None, dest="/a")\n', encoding="utf-8"
    )
    result = run(recipe.name)
    assert result.status == 0
    assert result.err == "warning: recipe.py:2: https://example.org/a is downloaded without a checksum\n"
    assert "example.org" in result.out


def test_what_a_recipe_prints_is_not_in_the_file(run: Run, recipe: Path) -> None:
    """print() in a recipe goes to standard error."""
    recipe.write_text('print("words")\nStage0 += baseimage(image="debian:12")\n', encoding="utf-8")
    result = run(recipe.name)
    assert result.err == "words\n"
    assert "words" not in result.out


def test_single_stage_is_the_first_one(run: Run, recipe: Path) -> None:
    """--single-stage leaves all but the first stage out."""
    with recipe.open("a", encoding="utf-8") as stream:
        stream.write('Stage1 += baseimage(image="debian:11")\n')
    assert "FROM debian:11" in run(recipe.name).out
    assert "FROM debian:11" not in run(recipe.name, "--single-stage").out


def test_base_map_replaces_images(run: Run, recipe: Path) -> None:
    """--base uses one image instead of another, several of them by repetition, a registry's path too."""
    assert "FROM example.org/own:1" in run(recipe.name, "--base", "debian:12=example.org/own:1", "--base", "rocky=x").out
    assert "FROM example.org/mirror/debian:12" in run(recipe.name, "--base", "docker.io/library=example.org/mirror").out


def test_architectures_and_cpu_target_are_passed_on(run: Run, recipe: Path) -> None:
    """--arch names one architecture or several."""
    assert "aarch64" in run(recipe.name, "--arch", "aarch64").out
    both = run(recipe.name, "--arch", "amd64,arm64")
    assert both.status == 0, both.err
    assert both.out != run(recipe.name, "--arch", "x86_64").out


def test_dialect_and_mirror_are_passed_on(run: Run, recipe: Path) -> None:
    """--dialect changes the Dockerfile's reader; --mirror is named in it."""
    recipe.write_text(
        'Stage0 += baseimage(image="debian:12")\n' + f'Stage0 += fetch(url="https://example.org/a.txt", sha256="{"ab" * 32}", dest="/a")\n',
        encoding="utf-8",
    )
    assert run(recipe.name, "--dialect", "docker20").out != run(recipe.name).out
    assert "mirror" in run(recipe.name, "--mirror", "https://example.org/mirror").out


def test_blocks_of_a_folder_are_found(run: Run, recipe: Path) -> None:
    """--blocks names a folder whose blocks a recipe may use."""
    folder = recipe.with_name("own")
    folder.mkdir()
    folder.joinpath("greeting.py").write_text(
        "from hpcgen.block import Block\nfrom hpcgen.graph.nodes import Run\n\n\nclass greeting(Block):\n"
        "    def build(self, place):\n        yield Run(('echo greetings',))\n",
        encoding="utf-8",
    )
    recipe.write_text('Stage0 += baseimage(image="debian:12")\nStage0 += greeting()\n', encoding="utf-8")
    assert "echo greetings" in run(recipe.name, "--blocks", folder).out
    assert run(recipe.name).status == 1


def test_version_is_the_library_s(run: Run) -> None:
    """--version prints one line."""
    assert run("--version") == (0, f"hpcgen {hpcgen.__version__}\n", "")


@pytest.mark.parametrize("words", [["--help"], ["sources", "--help"], ["blocks", "-h"], ["completion", "--help"]])
def test_help_has_examples(run: Run, words: list[str]) -> None:
    """Each command's --help is printed with exit status 0, and shows examples."""
    result = run(*words)
    assert (result.status, result.err) == (0, "")
    assert "\nexamples:\n  hpcgen " in result.out or '\nexamples:\n  eval "$(hpcgen ' in result.out
