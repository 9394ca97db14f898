"""How definition files and scripts put copies in place: as COPY of a Dockerfile does."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from hpcgen.emitting.script_text import TOOLS
from hpcgen.emitting.sections import PLACE

if TYPE_CHECKING:
    from pathlib import Path


def tree(folder: Path) -> dict[str, str]:
    """What a folder holds: path -> content of files, target of links, `/` for folders."""
    found = {}
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder))
        found[name] = f"-> {os.readlink(path)}" if path.is_symlink() else "/" if path.is_dir() else path.read_text()
    return found


def sources(folder: Path) -> Path:
    """Something to copy."""
    (folder / "folder" / "inner").mkdir(parents=True)
    (folder / "file").write_text("new")
    (folder / "folder" / "new").write_text("new")
    (folder / "folder" / ".hidden").write_text("new")
    (folder / "folder" / "..odd").write_text("new")
    (folder / "folder" / "inner" / "two words").write_text("new")
    (folder / "folder" / "link").symlink_to("new")
    (folder / "folder" / "dangling").symlink_to("/nowhere")
    (folder / "empty").mkdir()
    return folder


def image(folder: Path) -> Path:
    """Something to copy into."""
    (folder / "there" / "inner").mkdir(parents=True)
    (folder / "there" / "old").write_text("old")
    (folder / "there" / "new").write_text("old")
    (folder / "there" / "inner" / "old").write_text("old")
    (folder / "linked").symlink_to("there")
    (folder / "plain").write_text("old")
    return folder


FOLDER = {"new": "new", ".hidden": "new", "..odd": "new", "inner": "/", "inner/two words": "new", "link": "-> new", "dangling": "-> /nowhere"}
MERGED = {**FOLDER, "old": "old", "inner/old": "old"}


def below(name: str, content: dict[str, str]) -> dict[str, str]:
    """What a folder of that name adds to an image."""
    return {name: "/", **{f"{name}/{key}": value for key, value in content.items()}}


CASES: dict[str, tuple[str, str, dict[str, str]]] = {
    "a file to a new path": ("file", "/a/b", {"a": "/", "a/b": "new"}),
    "a file to a new folder": ("file", "/a/", {"a": "/", "a/file": "new"}),
    "a file over a file": ("file", "/plain", {"plain": "new"}),
    "a file into a folder that is there": ("file", "/there", {"there/file": "new"}),
    "a file into it by a slash": ("file", "/there/", {"there/file": "new"}),
    "a file through a link": ("file", "/linked/", {"there/file": "new"}),
    "a folder to a new path": ("folder", "/a/b", {"a": "/", **below("a/b", FOLDER)}),
    "a folder to a new path with a slash": ("folder", "/a/", below("a", FOLDER)),
    "a folder over a folder": ("folder", "/there", below("there", MERGED)),
    "a folder over a folder with a slash": ("folder", "/there/", below("there", MERGED)),
    "a folder through a link": ("folder", "/linked", below("there", MERGED)),
    "an empty folder": ("empty", "/a", {"a": "/"}),
}
"""Source, destination, and what the image then has beside what it had."""


def by_post(start: Path, source: str, dest: str, *further: str) -> subprocess.CompletedProcess[str]:
    """Places as %post does, %files done."""
    holding = start / "holding"
    holding.mkdir()
    shutil.copytree(start / "from" / source, holding / source, symlinks=True) if (start / "from" / source).is_dir() else shutil.copy(start / "from" / source, holding)
    return subprocess.run(["sh", "-e", "-c", "\n".join(PLACE) + '\nhpcgen_place "$@"', "sh", str(holding), f"{start}/image{dest}", *further], capture_output=True, text=True, check=False)


def by_script(start: Path, source: str, dest: str, *further: str) -> subprocess.CompletedProcess[str]:
    """Places as a script's step does."""
    owner, mode = (*further, "", "")[:2]
    code = f'{TOOLS}\nroot=\nplace context "$1" "$2" "$3" "$4"'
    return subprocess.run(["bash", "-euo", "pipefail", "-c", code, "bash", owner, mode, f"{start}/image{dest}", f"{start}/from/{source}"], capture_output=True, text=True, check=False)


@pytest.mark.parametrize("place", [by_post, by_script])
@pytest.mark.parametrize("case", CASES)
def test_files_and_folders_land_as_copy_puts_them(tmp_path: Path, place: object, case: str) -> None:
    """A file lands at or in its destination, a folder's content over what is there; all else stays."""
    assert callable(place)
    source, dest, added = CASES[case]
    sources(tmp_path / "from")
    before = tree(image(tmp_path / "image"))
    done = place(tmp_path, source, dest)
    assert done.returncode == 0, done.stderr
    assert tree(tmp_path / "image") == {**before, **added}


@pytest.mark.parametrize("place", [by_post, by_script])
def test_owner_and_mode_are_of_what_is_copied_alone(tmp_path: Path, place: object) -> None:
    """An owner and a mode go to what is copied, and to nothing that was there."""
    assert callable(place)
    sources(tmp_path / "from")
    image(tmp_path / "image")
    old = tmp_path / "image" / "there" / "old"
    old.chmod(0o644)
    done = place(tmp_path, "folder", "/there", f"{os.getuid()}:{os.getgid()}", "0700")
    assert done.returncode == 0, done.stderr
    assert oct((tmp_path / "image" / "there" / "new").stat().st_mode)[-3:] == "700"
    assert oct(old.stat().st_mode)[-3:] == "644"


@pytest.mark.parametrize("place", [by_post, by_script])
@pytest.mark.parametrize(("asked", "mode"), [("", "755"), ("0700", "700")])
def test_a_new_folder_has_the_mode_that_docker_gives_it(tmp_path: Path, place: object, asked: str, mode: str) -> None:
    """A folder that a copy makes has the mode that is asked for, else 0755, whatever its source has; what is in it keeps its own."""
    assert callable(place)
    sources(tmp_path / "from")
    (tmp_path / "from" / "folder").chmod(0o711)
    (tmp_path / "from" / "folder" / "inner").chmod(0o2750)
    image(tmp_path / "image")
    assert place(tmp_path, "folder", "/a", *(("", asked) if asked else ())).returncode == 0
    assert oct((tmp_path / "image" / "a").stat().st_mode)[-3:] == mode
    assert oct((tmp_path / "image" / "a" / "inner").stat().st_mode)[-4:] == (asked or "2750").replace("0700", "2700")


@pytest.mark.parametrize("place", [by_post, by_script])
def test_a_folders_own_mode_stays(tmp_path: Path, place: object) -> None:
    """A folder that is there keeps its mode when something is copied into it."""
    assert callable(place)
    sources(tmp_path / "from")
    image(tmp_path / "image")
    (tmp_path / "image" / "there").chmod(0o1777)
    assert place(tmp_path, "folder", "/there").returncode == 0
    assert oct((tmp_path / "image" / "there").stat().st_mode)[-4:] == "1777"


@pytest.mark.parametrize("place", [by_post, by_script])
def test_a_folder_over_a_file_stops(tmp_path: Path, place: object) -> None:
    """What cannot be put in place ends the build."""
    assert callable(place)
    sources(tmp_path / "from")
    image(tmp_path / "image")
    assert place(tmp_path, "folder", "/plain").returncode != 0


def test_nothing_is_left_in_the_holding_folder(tmp_path: Path) -> None:
    """What %files brought is moved, not kept twice."""
    sources(tmp_path / "from")
    image(tmp_path / "image")
    by_post(tmp_path, "folder", "/a")
    assert not (tmp_path / "holding").exists()


def test_a_copy_onto_itself_does_nothing(tmp_path: Path) -> None:
    """On one machine, a copy from a stage to the same path leaves all as it is."""
    sources(tmp_path / "from")
    before = tree(tmp_path / "from")
    for source in ("folder", "file"):
        done = subprocess.run(["bash", "-euo", "pipefail", "-c", f'{TOOLS}\nroot=\nplace stage "" "" "$1" "$1"', "bash", f"{tmp_path}/from/{source}"], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
    assert tree(tmp_path / "from") == before


def test_a_source_that_is_not_there_is_named(tmp_path: Path) -> None:
    """A script says which file it misses."""
    (tmp_path / "from").mkdir()
    done = by_script(tmp_path, "missing", "/a")
    assert done.returncode == 1
    assert f"not there: {tmp_path}/from/missing" in done.stderr
