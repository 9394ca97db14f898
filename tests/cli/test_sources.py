"""`hpcgen sources`."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from running import Run


@pytest.fixture
def downloads(recipe: Path) -> dict[str, str]:
    """A recipe that downloads two files of this machine; file name -> checksum."""
    found = {}
    with recipe.open("a", encoding="utf-8") as stream:
        for name in ("one", "two"):
            file = recipe.with_name(f"{name}.txt")
            file.write_text(name, encoding="utf-8")
            found[file.name] = hashlib.sha256(name.encode()).hexdigest()
            stream.write(f'Stage0 += fetch(url="{file.as_uri()}", sha256="{found[file.name]}", dest="/x")\n')
    return found


def test_sources_are_listed(run: Run, downloads: dict[str, str]) -> None:
    """The list has each source with its checksum and the recipe's line; --json has the same for programs."""
    result = run("sources", "recipe.py")
    assert (result.status, result.err) == (0, "")
    for number, (name, sha256) in enumerate(downloads.items(), 3):
        (line,) = (line for line in result.out.splitlines() if line.startswith(name))
        assert sha256 in line
        assert line.endswith(f"recipe.py:{number}")
    assert [one["sha256"] for one in json.loads(run("sources", "--recipe", "recipe.py", "--json").out)["sources"]] == list(downloads.values())


def test_mirror_is_filled_once(run: Run, downloads: dict[str, str], recipe: Path) -> None:
    """--fetch brings what is missing, and says what it did; the second run brings nothing."""
    first = run("sources", "recipe.py", "--fetch", "m")
    assert (first.status, first.err) == (0, "")
    assert [line.split()[0] for line in first.out.splitlines()] == ["fetched", "fetched"]
    assert {path.name: path.parent.name for path in (recipe.parent / "m").glob("*/*.txt")} == downloads
    assert [line.split()[0] for line in run("sources", "recipe.py", "--fetch", "m").out.splitlines()] == ["was", "was"]


def test_partial_and_whole_failure_differ(run: Run, downloads: dict[str, str], recipe: Path) -> None:
    """Exit status 4 where some sources failed, 3 where all did; each failure is shown at the recipe's line."""
    recipe.with_name("one.txt").unlink()
    some = run("sources", "recipe.py", "--fetch", "m")
    assert some.status == 4
    assert "  recipe.py:3\n      3 | Stage0 += fetch(" in some.err
    assert some.err.endswith("1 of 2 sources could not be fetched\n")
    recipe.with_name("two.txt").write_text("changed", encoding="utf-8")
    every = run("sources", "recipe.py", "--fetch", "n")
    assert every.status == 3
    assert every.out == ""
    assert "wrong checksum: file://" in every.err


def test_filled_mirror_is_used_for_the_next(run: Run, downloads: dict[str, str], recipe: Path) -> None:
    """--mirror is asked first, by the command line or the site file."""
    run("sources", "recipe.py", "--fetch", "m")
    for name in downloads:
        recipe.with_name(name).unlink()
    recipe.with_name("site.toml").write_text('mirror = "m"\n', encoding="utf-8")
    assert run("sources", "recipe.py", "--fetch", "n", "--mirror", "m").status == 0
    assert run("sources", "recipe.py", "--fetch", "o", "--site", "site.toml").status == 0
    assert run("sources", "recipe.py", "--fetch", "p").status == 3


def test_recipe_without_sources_fills_nothing(run: Run, recipe: Path) -> None:
    """A recipe that downloads nothing says so, and an empty mirror is no failure."""
    assert run("sources", "recipe.py").out == "the recipe downloads nothing but the distribution's packages\n"
    assert run("sources", "recipe.py", "--fetch", "m") == (0, "", "")


def test_json_and_fetch_are_one_or_the_other(run: Run, recipe: Path) -> None:
    """--json lists, --fetch fetches: both together are a usage error."""
    assert run("sources", "recipe.py", "--json", "--fetch", "m").status == 2


def test_progress_is_shown_on_a_terminal(run: Run, downloads: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """On a terminal the downloads are watched, and standard output has the same lines as elsewhere."""
    monkeypatch.setattr("hpcgen.cli.sources.has_colour", lambda *, terminal: True)
    result = run("sources", "recipe.py", "--fetch", "m")
    assert result.status == 0
    assert [line.split()[0] for line in result.out.splitlines()] == ["fetched", "fetched"]
