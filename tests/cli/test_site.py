"""The site file."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from hpcgen.errors import Unreachable
from hpcgen.site import Site, default_path, parse, read

if TYPE_CHECKING:
    from pathlib import Path

    from running import Run

WHOLE = b"""
mirror = "mirror"
arch = ["aarch64"]
dialect = "podman"
block_folders = ["blocks", "/srv/blocks"]

[base]
"debian:12" = "example.org/debian:12"
"""


@pytest.mark.parametrize(
    ("environ", "path"),
    [
        ({"HOME": "/home/me"}, "/home/me/.config/hpcgen/config.toml"),
        ({"HOME": "/home/me", "XDG_CONFIG_HOME": "/etc/xdg"}, "/etc/xdg/hpcgen/config.toml"),
        ({"HOME": "/home/me", "XDG_CONFIG_HOME": "relative"}, "/home/me/.config/hpcgen/config.toml"),
        ({}, ""),
    ],
)
def test_own_file_lies_where_xdg_says(environ: dict[str, str], path: str) -> None:
    """The user's site file lies in XDG_CONFIG_HOME, which counts only if it is absolute, else in ~/.config."""
    assert default_path(environ) == path


def test_all_keys_are_read() -> None:
    """Each key is read; folders are relative to the file."""
    assert parse("/site/hpcgen.toml", WHOLE) == Site(
        "/site/mirror", {"debian:12": "example.org/debian:12"}, "aarch64", "podman", ("/site/blocks", "/srv/blocks")
    )


def test_mirror_may_be_a_url() -> None:
    """A mirror's URL is taken as it is, one word may stand for a list."""
    assert parse("site.toml", b'mirror = "https://example.org/m"\narch = "x86_64"\n') == Site("https://example.org/m", arch="x86_64")


def test_missing_own_file_is_nothing(tmp_path: Path) -> None:
    """A user without a site file has an empty one; one that is named must be there."""
    assert read("", {"XDG_CONFIG_HOME": str(tmp_path)}) == Site()
    assert read("", {}) == Site()
    with pytest.raises(Unreachable):
        read(str(tmp_path / "site.toml"), {})


def test_own_file_is_read_and_the_command_line_wins(run: Run, recipe: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The site's base map, dialect and architecture hold where the command line says nothing."""
    folder = recipe.parent / "settings" / "hpcgen"
    folder.mkdir(parents=True)
    (folder / "blocks").mkdir()
    (folder / "config.toml").write_bytes(WHOLE.replace(b', "/srv/blocks"', b""))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(recipe.parent / "settings"))
    out = run(recipe.name).out
    assert "FROM example.org/debian:12" in out
    assert "Podman" in out
    assert "aarch64" in out
    other = run(recipe.name, "--base", "debian:12=debian:11", "--dialect", "docker", "--arch", "x86_64").out
    assert "FROM debian:11" in other
    assert "Podman" not in other
    assert "aarch64" not in other
    assert run(recipe.name, "--format", "singularity").status == 0, "a site's dialect of Dockerfiles does not disturb other formats"


def test_reading_costs_nothing_where_there_is_none() -> None:
    """Without a site file nothing is imported to read one."""
    code = "import sys; from hpcgen.site import read; read('', {}); print('tomllib' in sys.modules)"
    assert subprocess.run((sys.executable, "-c", code), capture_output=True, text=True, check=True).stdout == "False\n"
