"""A collection's files: in a folder, or in a git repository, which need not be checked out."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


class UnreadableError(Exception):
    """A collection cannot be read; its text says why."""


class Tree(Protocol):
    """Files that can be listed and read."""

    def __hash__(self) -> int:
        """A tree is remembered as itself."""

    def names(self, folder: str) -> list[str]:
        """The files and folders directly below a folder, none where it is not there."""

    def texts(self, paths: Iterable[str]) -> Iterator[tuple[str, str]]:
        """Paths with their texts, those that are not there left out."""

    def former(self, path: str) -> Iterator[str]:
        """The texts that a file had before, where there is a history."""


class Folder:
    """Files of a folder."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def names(self, folder: str) -> list[str]:
        """What stands directly below a folder."""
        where = self.root / folder
        return sorted(path.name for path in where.iterdir()) if where.is_dir() else []

    def texts(self, paths: Iterable[str]) -> Iterator[tuple[str, str]]:
        """Paths with their texts."""
        for path in paths:
            if (self.root / path).is_file():
                yield path, (self.root / path).read_text(encoding="utf-8", errors="replace")

    def former(self, path: str) -> Iterator[str]:
        """Nothing: a folder has no history."""
        return iter(())


class Repository:
    """Files of a git repository's newest commit."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def _git(self, *words: str, stdin: str = "") -> bytes:
        done = subprocess.run(("git", "-C", str(self.root), *words), input=stdin.encode(), capture_output=True, check=False)
        if done.returncode:
            raise UnreadableError(f"git {words[0]} in {self.root}: {done.stderr.decode(errors='replace').strip()}")
        return done.stdout

    def names(self, folder: str) -> list[str]:
        """What stands directly below a folder."""
        below = f"HEAD:{folder.strip('/')}" if folder.strip("/") else "HEAD"
        try:
            found = self._git("ls-tree", "-z", "--name-only", below).decode(errors="replace").split("\0")
        except UnreadableError as fault:
            if "Not a valid object name" in str(fault) or "not a tree" in str(fault):
                return []
            raise
        return [name for name in found if name]

    def texts(self, paths: Iterable[str]) -> Iterator[tuple[str, str]]:
        """Paths with their texts, by one process for all."""
        wanted = list(paths)
        answers = self._contents(f"HEAD:{path}" for path in wanted)
        yield from ((path, text) for path, text in zip(wanted, answers, strict=True) if text is not None)

    def former(self, path: str) -> Iterator[str]:
        """The texts of all commits that touched a file, newest first."""
        commits = self._git("log", "--format=%H", "HEAD", "--", path).decode().split()
        yield from (text for text in self._contents(f"{commit}:{path}" for commit in commits) if text is not None)

    def _contents(self, objects: Iterable[str]) -> list[str | None]:
        """The texts of objects, None for those that are not there."""
        wanted = list(objects)
        if not wanted:
            return []
        answer = self._git("cat-file", "--batch", stdin="".join(f"{one}\n" for one in wanted))
        found: list[str | None] = []
        at = 0
        for _ in wanted:
            end = answer.index(b"\n", at)
            words = answer[at:end].split()
            size = int(words[2]) if len(words) == 3 and words[1] == b"blob" else -1  # noqa: PLR2004 (name, type, size)
            found.append(answer[end + 1 : end + 1 + size].decode(errors="replace") if size >= 0 else None)
            at = end + 1 + (size + 1 if size >= 0 else 0)
        return found


def tree(where: str) -> Tree:
    """The files at a path: a git repository, bare or with a work tree, else a folder."""
    root = Path(where)
    if not root.is_dir():
        raise UnreadableError(f"'{where}' is no folder")
    is_git = (root / ".git").exists() or ((root / "HEAD").is_file() and (root / "objects").is_dir())
    return Repository(root) if is_git else Folder(root)
