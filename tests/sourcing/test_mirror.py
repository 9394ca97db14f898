"""Filling a mirror: resumed, checked, never half."""

from __future__ import annotations

import errno
import fcntl
import os
import subprocess
import tarfile
import threading
from typing import TYPE_CHECKING

import pytest
from serving import git, repository

from hpcgen.errors import Unreachable
from hpcgen.sourcing import FileSource, GitSource
from hpcgen.sourcing.download import Line, WrongChecksum
from hpcgen.sourcing.mirror import Outcome, Watch, fill

if TYPE_CHECKING:
    from pathlib import Path

    from serving import Server

    from hpcgen.sourcing import Source

CONTENT = bytes(range(256)) * 4096
QUICK = Line(timeout=5, pause=0)


def one(server: Server, path: str = "a.tar.gz", content: bytes = CONTENT) -> FileSource:
    """A file of the server's."""
    return FileSource(server.url(path), path.rpartition("/")[2], server.add(path, content))


def files(folder: Path) -> dict[str, bytes]:
    """What lies in a mirror; partial files are none of it."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and ".partial" not in path.relative_to(folder).parts
    }


def fault(outcomes: tuple[Outcome, ...]) -> str:
    """The error of the only source."""
    (outcome,) = outcomes
    return str(outcome.fault)


def test_files_lie_by_checksum_and_name(server: Server, tmp_path: Path) -> None:
    """A source lies at <sha256>/<file name>, whole; a second run asks the server for nothing."""
    source = one(server)
    assert fill([source], str(tmp_path / "m"), line=QUICK) == (Outcome(source, source.path, len(CONTENT), fetched=True),)
    assert files(tmp_path / "m") == {source.path: CONTENT}
    assert fill([source], str(tmp_path / "m"), line=QUICK) == (Outcome(source, source.path, len(CONTENT)),)
    assert server.asked == [("/a.tar.gz", "")]


def test_cut_connection_is_resumed_in_the_same_run(server: Server, tmp_path: Path) -> None:
    """A connection that is cut goes on where it broke off."""
    source = one(server)
    server.cuts["/a.tar.gz"] = [1000, 5000]
    assert fill([source], str(tmp_path), line=QUICK)[0].fault is None
    assert files(tmp_path) == {source.path: CONTENT}
    assert [asked for _, asked in server.asked] == ["", "bytes=1000-", "bytes=6000-"]


def test_next_run_goes_on_where_one_broke_off(server: Server, tmp_path: Path) -> None:
    """What a failed run got is kept aside, never in its place, and the next run asks for the rest alone."""
    source = one(server)
    server.cuts["/a.tar.gz"] = [1000, 0, 0, 0]
    outcomes = fill([source], str(tmp_path), line=QUICK)
    assert fault(outcomes) == f"cannot be reached: {source.url}: the connection ended after 1000 of {len(CONTENT)} bytes"
    assert files(tmp_path) == {}
    server.asked.clear()
    assert fill([source], str(tmp_path), line=QUICK)[0].fetched
    assert server.asked[-1] == ("/a.tar.gz", "bytes=1000-")
    assert files(tmp_path) == {source.path: CONTENT}


def test_server_that_does_not_resume_starts_over(server: Server, tmp_path: Path) -> None:
    """A server without ranges sends all of it again, and the file is right."""
    source = one(server)
    server.ranges = False
    server.cuts["/a.tar.gz"] = [1000]
    fill([source], str(tmp_path), line=QUICK)
    assert files(tmp_path) == {source.path: CONTENT}


@pytest.mark.parametrize("left", [CONTENT, CONTENT + b"more", b"something else", b""], ids=["all of it", "too much", "another beginning", "nothing"])
def test_what_an_earlier_run_left_is_not_trusted(server: Server, tmp_path: Path, left: bytes) -> None:
    """Whatever lies among the partial files, the file that gets its name is the right one."""
    source = one(server)
    (tmp_path / ".partial").mkdir()
    (tmp_path / ".partial" / str(source.sha256)).write_bytes(left)
    assert fill([source], str(tmp_path), line=QUICK)[0].fault is None
    assert files(tmp_path) == {source.path: CONTENT}


def test_wrong_checksum_names_both(server: Server, tmp_path: Path) -> None:
    """A file that is not the recipe's is not kept, and the error has the expected and the found checksum."""
    source = one(server)
    wrong = FileSource(source.url, source.name, "0" * 64)
    outcomes = fill([wrong], str(tmp_path), line=QUICK)
    assert isinstance(outcomes[0].fault, WrongChecksum)
    assert fault(outcomes) == f"wrong checksum: {source.url}: its sha256 is {source.sha256}, the recipe says {'0' * 64}"
    assert files(tmp_path) == {}
    assert os.listdir(tmp_path / ".partial") == ["lock"]


def test_missing_file_is_not_asked_for_twice(server: Server, tmp_path: Path) -> None:
    """404 is final."""
    source = FileSource(server.url("gone"), "gone", "0" * 64)
    assert fault(fill([source], str(tmp_path), line=QUICK)) == f"cannot be reached: {source.url}: the server says 404 Not Found"
    assert len(server.asked) == 1


def test_busy_server_is_asked_again(server: Server, tmp_path: Path) -> None:
    """503 may be over in a moment; a server that stays so is given up."""
    source = one(server)
    server.codes["/a.tar.gz"] = [503, 503]
    assert fill([source], str(tmp_path / "one"), line=QUICK)[0].fetched
    server.codes["/a.tar.gz"] = [503] * 9
    assert "the server says 503" in fault(fill([source], str(tmp_path / "two"), line=QUICK))


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/a", "nonsense", "gopher://example.org/a", "file:///nowhere/a"])
def test_unreachable_addresses_are_named(tmp_path: Path, url: str) -> None:
    """A server that does not answer, and an address that is none, are errors that name it."""
    assert fault(fill([FileSource(url, "a", "0" * 64)], str(tmp_path), line=QUICK)).startswith(f"cannot be reached: {url}: ")


def test_file_urls_work(server: Server, tmp_path: Path) -> None:
    """A file:// URL is a source like any other."""
    source = one(server)
    here = tmp_path / "here, with blanks"
    here.write_bytes(CONTENT)
    local = FileSource(here.as_uri(), "a.tar.gz", source.sha256)
    fill([local], str(tmp_path / "m"), line=QUICK)
    assert files(tmp_path / "m") == {source.path: CONTENT}


def test_one_failure_does_not_stop_the_others(server: Server, tmp_path: Path) -> None:
    """All sources are tried, and the outcomes stand in their order."""
    found = [one(server, f"{number}.tar", bytes([number]) * 1000) for number in range(20)]
    found[7] = FileSource(server.url("gone"), "gone", "0" * 64)
    outcomes = fill(found, str(tmp_path), line=QUICK)
    assert [outcome.source for outcome in outcomes] == found
    assert [number for number, outcome in enumerate(outcomes) if outcome.fault] == [7]
    assert len(files(tmp_path)) == 19


def test_one_file_of_two_sources_is_fetched_once(server: Server, tmp_path: Path) -> None:
    """Two addresses of one file do not write it at the same time."""
    found = [one(server), FileSource(server.url("a.tar.gz?again"), "a.tar.gz", one(server).sha256)] * 8
    assert all(outcome.fault is None for outcome in fill(found, str(tmp_path), line=QUICK))
    assert len(server.asked) == 1


def test_mirror_is_asked_first(server: Server, tmp_path: Path) -> None:
    """Another mirror is asked before the source's own address, which is asked for what that one lacks or has wrong."""
    here, away, wrong = one(server, "a"), one(server, "b", b"b"), one(server, "c", b"c")
    server.add(f"mirror/{here.path}", CONTENT)
    server.add(f"mirror/{wrong.path}", b"something else")
    outcomes = fill([here, away, wrong], str(tmp_path), mirror=server.url("mirror"), line=QUICK)
    assert [outcome.fault for outcome in outcomes] == [None] * 3
    assert {path for path, _ in server.asked} == {f"/mirror/{one.path}" for one in (here, away, wrong)} | {"/b", "/c"}
    assert outcomes[2].notes[0].startswith("mirror: ")
    assert files(tmp_path)[wrong.path] == b"c"


def test_folder_may_be_the_mirror(server: Server, tmp_path: Path) -> None:
    """A filled mirror fills another one without the network."""
    source = one(server)
    fill([source], str(tmp_path / "one"), line=QUICK)
    server.files.clear()
    fill([source], str(tmp_path / "two"), mirror=str(tmp_path / "one"), line=QUICK)
    assert files(tmp_path / "two") == {source.path: CONTENT}


def test_unchecked_file_is_fetched_on_each_run_and_its_checksum_said(server: Server, tmp_path: Path) -> None:
    """A source without a checksum is brought anew, and the checksum to write into the recipe is told."""
    checked = one(server)
    source = FileSource(checked.url, checked.name, None)
    for _ in range(2):
        (outcome,) = fill([source], str(tmp_path), line=QUICK)
        assert outcome.fetched
        assert f'sha256="{checked.sha256}"' in outcome.notes[0]
    assert files(tmp_path) == {checked.path: CONTENT}
    assert len(server.asked) == 2


def test_progress_is_told(server: Server, tmp_path: Path) -> None:
    """Who watches hears of the bytes, and of each outcome once."""
    heard: list[tuple[int, int]] = []
    done: list[Outcome] = []

    def moved(source: Source, have: int, total: int) -> None:
        heard.append((have, total))

    outcomes = fill([one(server)], str(tmp_path), watch=Watch(moved, done.append), line=QUICK)
    assert heard[0] == (0, len(CONTENT))
    assert heard[-1] == (len(CONTENT), len(CONTENT))
    assert tuple(done) == outcomes


def test_two_runs_do_not_fill_one_mirror_at_once(server: Server, tmp_path: Path) -> None:
    """While one run fills a mirror, another one says so and stops."""
    (tmp_path / ".partial").mkdir()
    with (tmp_path / ".partial" / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(Unreachable, match="another run fills mirror"):
            fill([one(server)], str(tmp_path), line=QUICK)


def test_mirror_that_cannot_be_written_is_said(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder that is a file, and a disk that is full, are errors with the mirror's name."""
    (tmp_path / "file").write_text("")
    with pytest.raises(Unreachable, match=r"mirror '.*' cannot be written"):
        fill([one(server)], str(tmp_path / "file"), line=QUICK)

    def full(source: str, target: str) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("os.replace", full)
    assert "cannot be written: No space left on device" in fault(fill([one(server)], str(tmp_path / "m"), line=QUICK))


def test_no_thread_is_left(server: Server, tmp_path: Path) -> None:
    """The threads end with the work."""
    fill([one(server, f"{number}", bytes([number])) for number in range(9)], str(tmp_path), line=QUICK)
    for thread in threading.enumerate():
        if thread.daemon and "work" in thread.name:
            thread.join(5)
            assert not thread.is_alive()


# --- git ---------------------------------------------------------------------------------------------------------------------


def names(tar: Path) -> list[str]:
    """The files within a tar file."""
    with tarfile.open(tar) as archive:
        return sorted(member.name for member in archive if not member.isdir())


def test_repository_lies_by_its_commit(tmp_path: Path) -> None:
    """A commit lies at git/<commit>.tar with all that a checkout has; git itself reads the commit from it; a second run fetches nothing."""
    commit = repository(tmp_path / "r", {"a": "$Format:%H$", "b/c": "c", ".gitattributes": "b export-ignore\na export-subst\n"})
    source = GitSource((tmp_path / "r").as_uri(), commit, "", submodules=False)
    (outcome,) = fill([source], str(tmp_path / "m"), line=QUICK)
    tar = tmp_path / "m" / "git" / f"{commit}.tar"
    assert (outcome.fetched, outcome.path, outcome.fault) == (True, f"git/{commit}.tar", None)
    assert names(tar) == [".gitattributes", "a", "b/c"]
    with tarfile.open(tar) as archive, archive.extractfile("a") or pytest.fail("no file") as stream:
        assert stream.read() == b"$Format:%H$"
    assert subprocess.run(("git", "get-tar-commit-id"), input=tar.read_bytes(), capture_output=True, check=True).stdout.decode().strip() == commit
    (tmp_path / "r").rename(tmp_path / "away")
    assert not fill([source], str(tmp_path / "m"), line=QUICK)[0].fetched


def test_older_commit_is_found(tmp_path: Path) -> None:
    """A commit that no branch stands at is fetched too."""
    commit = repository(tmp_path / "r", {"a": "old"})
    (tmp_path / "r" / "a").write_text("new")
    git(tmp_path / "r", "commit", "-aqm", "two")
    for ref in ("", "main", "nowhere"):
        source = GitSource((tmp_path / "r").as_uri(), commit, ref, submodules=False)
        assert fill([source], str(tmp_path / f"m{ref}"), line=QUICK)[0].fault is None


def test_branch_becomes_the_commit_that_it_stands_at(tmp_path: Path) -> None:
    """A repository without a commit is fetched as it stands, and the commit to write into the recipe is told."""
    commit = repository(tmp_path / "r", {"a": "a"})
    (outcome,) = fill([GitSource((tmp_path / "r").as_uri(), "", "main", submodules=False)], str(tmp_path / "m"), line=QUICK)
    assert outcome.path == f"git/{commit}.tar"
    assert f'commit="{commit}"' in outcome.notes[0]


def test_submodules_are_within(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A repository with submodules is one tar file with them, always the same bytes; one that lacks them is replaced."""
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "protocol.file.allow")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", "always")
    repository(tmp_path / "inner", {"in": "in"})
    repository(tmp_path / "r", {"a": "a", "run.sh": "#!/bin/sh\n"})
    (tmp_path / "r" / "run.sh").chmod(0o755)
    (tmp_path / "r" / "link").symlink_to("a")
    git(tmp_path / "r", "submodule", "add", "-q", (tmp_path / "inner").as_uri(), "deep/inner")
    git(tmp_path / "r", "add", ".")
    git(tmp_path / "r", "commit", "-qm", "two")
    commit = git(tmp_path / "r", "rev-parse", "HEAD")
    without, within = (GitSource((tmp_path / "r").as_uri(), commit, "", submodules=submodules) for submodules in (False, True))
    fill([without], str(tmp_path / "one"), line=QUICK)
    assert fill([within], str(tmp_path / "one"), line=QUICK)[0].fetched
    assert not fill([without, within], str(tmp_path / "one"), line=QUICK)[0].fetched
    fill([within], str(tmp_path / "two"), line=QUICK)
    assert names(tmp_path / "one" / within.path) == [".gitmodules", "a", "deep/inner/in", "link", "run.sh"]
    assert files(tmp_path / "one") == files(tmp_path / "two")
    with tarfile.open(tmp_path / "one" / within.path) as archive:
        assert archive.getmember("run.sh").mode == 0o775
        assert archive.getmember("link").linkname == "a"


def test_commit_may_come_from_a_mirror(tmp_path: Path) -> None:
    """A commit is taken from another mirror, unless what lies there is another one."""
    commit = repository(tmp_path / "r", {"a": "a"})
    source = GitSource((tmp_path / "r").as_uri(), commit, "", submodules=False)
    fill([source], str(tmp_path / "one"), line=QUICK)
    (tmp_path / "r").rename(tmp_path / "away")
    assert fill([source], str(tmp_path / "two"), mirror=str(tmp_path / "one"), line=QUICK)[0].fetched
    (tmp_path / "one" / source.path).write_bytes(b"not a tar file")
    assert "git fetch" in fault(fill([source], str(tmp_path / "three"), mirror=str(tmp_path / "one"), line=QUICK))


@pytest.mark.parametrize("ref", ["", "nowhere"])
def test_missing_commit_is_named(tmp_path: Path, ref: str) -> None:
    """A commit or branch that is not there is an error that names the repository; nothing is left behind."""
    repository(tmp_path / "r", {"a": "a"})
    source = GitSource((tmp_path / "r").as_uri(), "" if ref else "ab" * 20, ref, submodules=False)
    assert fault(fill([source], str(tmp_path / "m"), line=QUICK)).startswith(f"cannot be reached: {source.url}: git ")
    assert os.listdir(tmp_path / "m" / ".partial") == ["lock"]


def test_git_that_is_not_installed_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without git the error says so."""
    monkeypatch.setenv("PATH", str(tmp_path))
    assert (
        fault(fill([GitSource("https://example.org/r.git", "ab" * 20, "", submodules=False)], str(tmp_path / "m")))
        == "cannot be reached: git is not installed"
    )
