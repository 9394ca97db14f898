"""Made-up trees for the programs that go into images: small libraries and programs, compiled here, and each shell that images have."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import attrs
import pytest

from hpcgen import shipped

if TYPE_CHECKING:
    from pathlib import Path

SHELLS = {"dash": ("dash",), "busybox": ("busybox", "sh"), "bash": ("bash",)}
BASE = "libc6\nlibgcc-s1:amd64\ndash\nbash\ncoreutils\n"
"""The packages of the base image, one of them named with its architecture."""


def ran(*words: str | Path, cwd: Path | None = None, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """What a command did; bytes that are no UTF-8 come as surrogates."""
    line = [str(word) for word in words]
    return subprocess.run(line, cwd=cwd, env=env, capture_output=True, text=True, encoding="utf-8", errors="surrogateescape", check=False)


@attrs.frozen
class Found:
    """What the closure program did.

    Attributes:
        status: its exit status.
        said: what it said on both streams.
        out: the folder that it wrote.
        manifest: the manifest that it wrote.
    """

    status: int
    said: str
    out: Path
    manifest: dict[str, Any]

    @property
    def root(self) -> Path:
        """The tree of the final image."""
        return self.out / "root"

    def has(self, path: Path | str) -> bool:
        """Whether the tree has a file or link of a path of the builder's."""
        place = self.root / str(path).lstrip("/")
        return place.is_symlink() or place.exists()

    def below(self, folder: Path) -> set[str]:
        """Files and links of the tree that lie below a folder of the builder's, relative to it."""
        place = self.root / str(folder).lstrip("/")
        return {str(one.relative_to(place)) for one in place.rglob("*") if one.is_symlink() or not one.is_dir()}

    def file(self, path: Path | str) -> dict[str, Any]:
        """What the manifest says of a file."""
        return next(one for one in self.manifest["files"] if one["path"] == str(path))


@attrs.frozen
class Builder:
    """A stage that built something, as far as the programs can see one.

    Attributes:
        folder: where everything lies.
        shell: what runs the programs.
    """

    folder: Path
    shell: tuple[str, ...]

    @property
    def prefix(self) -> Path:
        """Where the block `tool` is installed."""
        return self.folder / "opt" / "tool"

    def file(self, path: str, content: str = "", mode: int = 0o644) -> Path:
        """A file below the folder."""
        place = self.folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(content)
        place.chmod(mode)
        return place

    def link(self, path: str, target: str | Path) -> Path:
        """A symbolic link below the folder."""
        place = self.folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.symlink_to(target)
        return place

    def library(self, path: str, *flags: str, soname: str = "", code: str = "", needs: tuple[Path, ...] = ()) -> Path:
        """A shared library: its soname is its file's name where none is given."""
        place = self.folder / path
        name = soname or place.name
        return self._compiled(place, code or f"int {_word(place)}(void) {{ return 1; }}", needs, "-shared", "-fPIC", f"-Wl,-soname,{name}", *flags)

    def program(self, path: str, *flags: str, needs: tuple[Path, ...] = ()) -> Path:
        """A program that returns 0, and needs the libraries that are named."""
        return self._compiled(self.folder / path, "int main(void) { return 0; }", needs, *flags)

    def _compiled(self, place: Path, code: str, needs: tuple[Path, ...], *flags: str) -> Path:
        place.parent.mkdir(parents=True, exist_ok=True)
        source = self.folder / "source.c"
        source.write_text(f"{code}\n")
        done = ran("gcc", "-g", "-Wl,--no-as-needed,--allow-shlib-undefined", "-o", place, source, *needs, *flags)
        assert done.returncode == 0, done.stderr
        return place

    def compiles(self, source: Path, place: Path, *words: str | Path) -> bool:
        """Whether a program of one's own source can be made."""
        return ran("gcc", "-o", place, source, *words).returncode == 0

    def records(self, *records: str, kind: str = "files", there: str = BASE) -> Path:
        """A specification; the base image has the packages that are there, and the block `tool` is in the prefix."""
        base = self.file("base", there)
        prefix = f"block\ttool\t1.0\tabc\t{self.prefix}"
        given = (f"out\t{self.folder / 'out'}", f"kind\t{kind}", f"base\t{base}", prefix, *records)
        return self.file("spec", "".join(f"{one}\n" for one in given))

    def closure(self, *records: str, kind: str = "files", there: str = BASE, env: dict[str, str] | None = None) -> Found:
        """What the program does with a specification of records, each with tabs between its fields."""
        program = self.file("closure", shipped.compact("closure"))
        done = ran(*self.shell, program, self.records(*records, kind=kind, there=there), env=env)
        out = self.folder / "out"
        told = out / "root" / "usr" / "share" / "hpcgen" / "manifest.json"
        manifest = json.loads(told.read_bytes()) if told.is_file() else {}
        return Found(done.returncode, done.stdout + done.stderr, out, manifest)


def _word(place: Path) -> str:
    """A name of C's out of a library's."""
    return "".join(one if one.isalnum() else "_" for one in place.name)


@pytest.fixture(params=[*SHELLS.values()], ids=[*SHELLS])
def shell(request: pytest.FixtureRequest) -> tuple[str, ...]:
    """Each of the shells that images have as /bin/sh."""
    name, *words = request.param
    place = shutil.which(name)
    assert place is not None, f"{name} is not installed"
    return (place, *words)


@pytest.fixture
def builder(shell: tuple[str, ...], tmp_path: Path) -> Builder:
    """A stage of its own for each test, in each of the shells."""
    return Builder(tmp_path.resolve(), shell)
