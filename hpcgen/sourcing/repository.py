"""Takes one commit out of a git repository, as a tar file that holds exactly what a checkout would."""

from __future__ import annotations

import os
import subprocess
import tarfile
import tempfile
from typing import TYPE_CHECKING

from hpcgen.errors import Unreachable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hpcgen.sourcing.listing import GitSource

SUBMODULES = "hpcgen.submodules"
"""The tar header that says that submodules are within."""

_ALL_OF_IT = "* -export-ignore -export-subst\n"
"""Attributes above the repository's own: `git archive` would leave out and change files that a checkout has as they are."""


def archive(source: GitSource, folder: str) -> tuple[str, str]:
    """Fetches a commit below a folder for scratch; gives the commit and the tar file.

    Raises:
        Unreachable: git, the repository or the commit cannot be reached.
    """
    work = tempfile.mkdtemp(prefix="git-", dir=folder)
    git = _Git(source, work)
    git("init", "-q")
    commit = git.fetched()
    tar = os.path.join(folder, f"{commit}.tar")
    if source.submodules:
        git("checkout", "-q", "--detach", commit)
        git("submodule", "update", "-q", "--init", "--recursive", "--depth", "1")
        _pack(work, tar, commit, int(git("show", "-s", "--format=%ct", commit)))
    else:
        with open(os.path.join(work, ".git", "info", "attributes"), "w", encoding="utf-8") as stream:
            stream.write(_ALL_OF_IT)
        git("archive", "--format=tar", "-o", tar, commit)
    return commit, tar


class _Git:
    """git in one scratch repository."""

    def __init__(self, source: GitSource, work: str) -> None:
        self.source = source
        self.work = work

    def __call__(self, *words: str) -> str:
        """What a git command prints."""
        environ = {**os.environ, "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
        try:
            done = subprocess.run(("git", "-C", self.work, *words), capture_output=True, text=True, errors="replace", env=environ, check=False)
        except FileNotFoundError as fault:
            raise Unreachable("git is not installed", help=f"it is needed for {self.source.url}") from fault
        if done.returncode:
            raise Unreachable(f"{self.source.url}: git {words[0]}: {_last_line(done.stderr)}")
        return done.stdout.strip()

    def fetched(self) -> str:
        """Fetches the commit that the recipe names, or the one that its branch or tag stands at; gives it."""
        wanted = self.source.commit
        if not wanted:
            return self._head(self.source.ref)
        for ref in (wanted, self.source.ref):
            try:
                if ref and self._head(ref) == wanted:
                    return wanted
            except Unreachable:
                if ref != wanted:
                    raise
        self("fetch", "-q", "--", self.source.url, "+refs/*:refs/hpcgen/*")  # a server that gives no single commits
        return self("rev-parse", "-q", "--verify", f"{wanted}^{{commit}}")

    def _head(self, ref: str) -> str:
        self("fetch", "-q", "--depth", "1", "--", self.source.url, ref)
        return self("rev-parse", "-q", "--verify", "FETCH_HEAD^{commit}")


def _last_line(text: str) -> str:
    lines = [line for line in text.splitlines() if line.strip()]
    return lines[-1].removeprefix("fatal: ") if lines else "it failed without a word"


def _pack(work: str, tar: str, commit: str, seconds: int) -> None:
    """Packs a checkout; the same commit gives the same bytes."""
    with tarfile.open(tar, "w", format=tarfile.PAX_FORMAT, pax_headers={"comment": commit, SUBMODULES: "1"}) as archive_file:
        for path in _files(work):
            member = archive_file.gettarinfo(path, os.path.relpath(path, work))
            member.uid = member.gid = 0
            member.uname = member.gname = "root"
            member.mtime = seconds
            member.mode = 0o775 if member.isdir() or member.mode & 0o100 else 0o664
            if member.isreg():
                with open(path, "rb") as stream:
                    archive_file.addfile(member, stream)
            else:
                archive_file.addfile(member)


def _files(work: str) -> Iterator[str]:
    """All paths of a checkout in order, without git's own."""
    for parent, folders, files in os.walk(work):
        folders[:] = sorted(name for name in folders if name != ".git")
        links = [name for name in folders if os.path.islink(os.path.join(parent, name))]
        yield from (os.path.join(parent, name) for name in sorted({*folders, *links, *(name for name in files if name != ".git")}))


def holds(tar: str, commit: str, *, submodules: bool) -> bool:
    """Whether a tar file says that it has a commit, with its submodules if they are asked for."""
    try:
        with tarfile.open(tar) as archive_file:
            headers = archive_file.pax_headers
    except (OSError, tarfile.TarError):
        return False
    return headers.get("comment") == commit and (not submodules or headers.get(SUBMODULES) == "1")
