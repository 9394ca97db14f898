"""`hpcgen diff`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from running import Run

RECIPE = """
Stage0 += baseimage(image=USERARG.get("image", "debian:12"), name="devel")
Stage0 += gnu(fortran=False)
Stage0 += ucx(version=USERARG.get("ucx", "1.18.1"))
Stage0 += openmpi(fortran=False)
Stage0 += shell(commands=["echo {word}"])
"""


@pytest.fixture
def two(recipe: Path) -> Path:
    """Two recipes that differ in one word: recipe.py and other.py."""
    recipe.write_text(RECIPE.replace("{word}", "one"), encoding="utf-8")
    recipe.with_name("other.py").write_text(RECIPE.replace("{word}", "two"), encoding="utf-8")
    return recipe


def test_two_recipes_are_compared(run: Run, two: Path) -> None:
    """What differs, with the recipe's line, and what is built again: the blocks' own stages are kept."""
    result = run("diff", "recipe.py", "other.py")
    assert (result.status, result.err) == (0, "")
    said, _, built = result.out.partition("\n\n")
    assert said == "stage devel\n  shell  (other.py:6)\n    echo  - one\n          + two"
    assert built == "rebuilt  devel  changed; from shell on\nkept     gnu, ucx, openmpi\n"


def test_one_recipe_is_compared_with_two_sets_of_arguments(run: Run, two: Path) -> None:
    """--to gives the second its values, those of --userarg hold for both unless it names them too."""
    result = run("diff", "recipe.py", "--userarg", "image=debian:13", "--to", "ucx=1.19.1")
    assert (result.status, result.err) == (0, "")
    assert "  ucx 1.18.1 -> 1.19.1  (recipe.py:4)\n" in result.out
    assert "base" not in result.out
    assert "rebuilt  ucx      changed\n         openmpi  takes from ucx\n" in result.out
    assert run("diff", "recipe.py", "--userarg", "ucx=1.19.1", "--to", "ucx=1.18.1").out.startswith("stage devel\n  ucx 1.19.1 -> 1.18.1")


def test_other_images_and_architectures_of_the_second(run: Run, two: Path) -> None:
    """--to-base, --to-arch and --to-cpu-target hold for the second alone."""
    assert "  base  debian:12 -> registry.example.org/debian:12\n" in run("diff", "recipe.py", "--to-base", "debian:12=registry.example.org/debian:12").out
    assert run("diff", "recipe.py", "--base", "debian:12=a/debian:12", "--to-base", "debian:12=a/debian:12").out == "no difference in meaning\n"
    assert "  architectures  - x86_64\n                 + aarch64\n" in run("diff", "recipe.py", "--to-arch", "aarch64").out
    assert "+ CFLAGS=-O2 -march=znver" in run("diff", "recipe.py", "--to-cpu-target", "zen4").out


def test_the_line_is_told_without_stages_of_blocks(run: Run, two: Path) -> None:
    """--linear says what is built again of the recipe's own stages, and from which item on."""
    result = run("diff", "recipe.py", "--to", "ucx=1.19.1", "--linear")
    assert result.out.endswith("\n\nrebuilt  devel  changed; from ucx 1.19.1 on\n")


def test_formats(run: Run, two: Path) -> None:
    """Text, Markdown for pull requests and JSON for programs say whose difference it is."""
    words = ("diff", "recipe.py", "other.py", "--to", "ucx=1.18.1", "--format")
    assert run(*words, "markdown").out.startswith("### `recipe.py` → `other.py ucx=1.18.1`\n\n- **`stage devel`**\n  - **`shell`** (`other.py:6`)\n")
    data = json.loads(run(*words, "json").out)
    assert (data["schema"], data["before"], data["after"]) == (1, "recipe.py", "other.py ucx=1.18.1")
    assert run(*words, "html").status == 2


def test_output_goes_to_a_file(run: Run, two: Path) -> None:
    """-o writes it, and nothing to standard output."""
    shown = run("diff", "recipe.py", "other.py").out
    assert run("diff", "recipe.py", "other.py", "-o", "difference.txt") == (0, "", "")
    assert two.with_name("difference.txt").read_text(encoding="utf-8") == shown


def test_exit_code_tells_whether_anything_differs(run: Run, two: Path) -> None:
    """With --exit-code a difference ends with 1, as for git diff; none, and other text of one meaning, with 0."""
    two.with_name("same.py").write_text(f"# other text\n{two.read_text(encoding='utf-8')}", encoding="utf-8")
    assert run("diff", "recipe.py", "other.py", "--exit-code").status == 1
    assert run("diff", "recipe.py", "same.py", "--exit-code") == (0, "no difference in meaning\n", "")


def test_one_recipe_comes_from_standard_input(run: Run, two: Path) -> None:
    """`-` is the first or the second, for what git shows of an earlier state; it cannot be both."""
    text = two.read_bytes()
    assert run("diff", "-", "recipe.py", stdin=text).out == "no difference in meaning\n"
    assert "(-:6)" in run("diff", "other.py", "-", stdin=text).out
    for words in (("-", "-"), ("-", "--to", "ucx=1.19.1")):
        result = run("diff", *words, stdin=text)
        assert result.status == 2
        assert "standard input can be read only once" in result.err


def test_an_error_says_in_which_of_the_two_it_is(run: Run, two: Path) -> None:
    """A recipe that fails is that error, with the recipe and arguments that it is of."""
    result = run("diff", "recipe.py", "--to", "ucx=0.1")
    assert (result.status, result.out) == (1, "")
    assert result.err.startswith("unknown version: ucx 0.1:")
    assert result.err.endswith("\n  in the second of the two: recipe.py ucx=0.1\n")
    missing = run("diff", "missing.py", "recipe.py")
    assert (missing.status, missing.err) == (3, "cannot be reached: recipe 'missing.py' is not there\n  in the first of the two: missing.py\n")


def test_warnings_of_both_are_said_once(run: Run, two: Path) -> None:
    """What warns in both recipes is one warning."""
    two.write_text(RECIPE.replace('"1.18.1")', '"1.18.1"), sha256=None'), encoding="utf-8")
    assert run("diff", "recipe.py", "--to", "x=1").err.count("warning: ") == 1


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ((), "no recipe is named"),
        (("recipe.py",), "there is nothing to compare with"),
        (("recipe.py", "other.py", "third.py"), "'third.py' is one word too many"),
        (("recipe.py", "other.py", "--recipe", "third.py"), "'other.py' is one recipe too many"),
        (("recipe.py", "--to", "ucx"), "--to 'ucx' has no '='"),
    ],
)
def test_wrong_usage_is_refused(run: Run, two: Path, words: tuple[str, ...], sentence: str) -> None:
    """Too few recipes, too many, and arguments without a value are usage errors."""
    result = run("diff", *words)
    assert result.status == 2
    assert sentence in result.err


def test_a_terminal_gets_colours(run: Run, two: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a terminal what is new is green and what is gone red, the words are the same, and no long line is cut."""
    plain = run("diff", "recipe.py", "--to", "ucx=1.19.1").out
    monkeypatch.setattr("hpcgen.cli.diff.has_colour", lambda *, terminal: True)
    monkeypatch.setenv("COLUMNS", "20")
    assert run("diff", "recipe.py", "--to", "ucx=1.19.1").out == plain  # rich colours no file, which this is
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    coloured = run("diff", "recipe.py", "--to", "ucx=1.19.1").out
    assert "\x1b[31m1.18.1\x1b[0m -> \x1b[32m1.19.1\x1b[0m" in coloured


def test_what_a_recipe_says_cannot_drive_the_terminal(run: Run, two: Path) -> None:
    """Control characters are shown as escapes, in text and in Markdown."""
    two.write_text(RECIPE.replace("{word}", "\\x1b[2J`<b>`"), encoding="utf-8")
    assert "\\x1b[2J" in run("diff", "other.py", "recipe.py").out
    assert "added `` \\x1b[2J`<b>` ``" in run("diff", "other.py", "recipe.py", "--format", "markdown").out
