from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from hpcgen.emitting.code import Code, Ways, joined
from hpcgen.emitting.lowering import lower
from hpcgen.errors import Unsupported
from hpcgen.graph.nodes import AddRepository, BlockRef, Fetch, Git, Install, Mount, Node, Patch, WriteFile
from hpcgen.target import Target

if TYPE_CHECKING:
    from pathlib import Path

DEBIAN = Target("debian", "12")
ROCKY = Target("rocky", "9")
PLAIN = Ways()
CACHED = Ways(cached=True)
MIRRORED = Ways(mirrored=True, mirror="MIRROR=https://mirror")


def lowered(node: Node, target: Target = DEBIAN, ways: Ways = PLAIN) -> str:
    """A node as a chain."""
    return joined(lower(node, target, ways).commands)


def run(folder: Path, node: Node, ways: Ways = PLAIN, target: Target = DEBIAN) -> subprocess.CompletedProcess[str]:
    """Runs a node's shell code in a folder."""
    env = {**os.environ, "HOME": str(folder), "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_ALLOW_PROTOCOL": "file"}
    return subprocess.run(["sh", "-c", lowered(node, target, ways)], cwd=folder, env=env, capture_output=True, text=True, check=False)


# --- packages ---


def test_apt_installs_without_asking_and_without_recommendations() -> None:
    """Apt installs what is named and no more, its lists fresh, and removed where no cache mount holds them."""
    assert lowered(Install(("b", "a"))) == (
        "apt-get update && \\\n    DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \\\n        a \\\n        b && \\\n    rm -rf /var/lib/apt/lists/*"
    )


def test_dnf_installs_without_weak_dependencies_and_documentation() -> None:
    """Dnf does the same."""
    assert (
        lowered(Install(("b", "a")), ROCKY)
        == "dnf install -y --nodocs --setopt=install_weak_deps=False \\\n        a \\\n        b && \\\n    dnf clean all"
    )


@pytest.mark.parametrize(("target", "folders"), [(DEBIAN, {"/var/cache/apt", "/var/lib/apt/lists"}), (ROCKY, {"/var/cache/dnf"})])
def test_cache_mounts_hold_what_is_downloaded(target: Target, folders: set[str]) -> None:
    """With cache mounts nothing is removed; they are of one release, and locked for one installation at a time."""
    code = lower(Install(("a",)), target, CACHED)
    assert {mount.target for mount in code.mounts} == folders
    assert all(mount.id.startswith(f"hpcgen-{target.name}-") and mount.options == ("sharing=locked",) for mount in code.mounts)
    assert "rm -rf" not in joined(code.commands)
    assert "clean all" not in joined(code.commands)


@pytest.mark.parametrize(
    ("name", "release", "flag"),
    [
        ("rocky", "8", "--enablerepo=powertools"),
        ("almalinux", "8", "--enablerepo=powertools"),
        ("centos-stream", "8", "--enablerepo=powertools"),
        ("rocky", "9", "--enablerepo=crb"),
        ("almalinux", "10", "--enablerepo=crb"),
        ("ubi", "9", "--enablerepo=ubi-9-codeready-builder-rpms"),
        ("rhel", "9", '--enablerepo="codeready-builder-for-rhel-9-$(uname -m)-rpms"'),
    ],
)
def test_the_repository_of_development_packages_by_its_name(name: str, release: str, flag: str) -> None:
    """CRB is called something else on each member of the family."""
    assert f" {flag} \\\n" in lowered(Install(("a",), enable=("crb",)), Target(name, release))


@pytest.mark.parametrize("name", ["rocky", "almalinux", "centos-stream"])
def test_epel_comes_by_its_package(name: str) -> None:
    """Where the distribution has a package for EPEL, that is installed first."""
    assert lowered(Install(("a",), enable=("epel",)), Target(name, "9")).startswith("dnf install -y epel-release && \\\n")


@pytest.mark.parametrize(
    ("target", "enable", "words"),
    [
        (Target("ubi", "9"), "epel", "EPEL cannot be enabled on ubi9"),
        (Target("rhel", "9"), "epel", "EPEL cannot be enabled on rhel9"),
        (ROCKY, "rpmfusion", "repository 'rpmfusion' is not known"),
        (DEBIAN, "epel", "repositories epel are of the RHEL family, the stage is debian12"),
    ],
)
def test_repositories_that_cannot_be_had_are_refused(target: Target, enable: str, words: str) -> None:
    """A further repository that the target does not have is an error, not an installation without it."""
    with pytest.raises(Unsupported, match=words):
        lower(Install(("a",), enable=(enable,)), target, PLAIN)


def test_modules_are_enabled_first() -> None:
    """A dnf module stream is chosen before its packages are installed."""
    assert lowered(Install(("a",), modules=("nodejs:20",)), ROCKY).startswith("dnf module enable -y nodejs:20 && \\\n")


def test_packages_can_be_unpacked_without_installing() -> None:
    """Downloaded packages are unpacked into a folder; what was downloaded is removed."""
    node = Install(("b", "a"), download="/opt/dl", extract="/opt/x")
    apt, dnf = lowered(node), lowered(node, ROCKY)
    assert "apt-get download \\\n        a \\\n        b" in apt
    assert 'dpkg --extract "$file" /opt/x || exit 1' in apt
    assert apt.endswith("rm -rf /var/lib/apt/lists/*")
    assert "dnf download --resolve --destdir=/opt/dl \\\n        a \\\n        b" in dnf
    assert "cpio -id --quiet" in dnf
    assert all("rm -rf /opt/dl" in text for text in (apt, dnf))


def test_options_go_to_the_package_manager() -> None:
    """Words for the package manager stand before the packages."""
    assert "--no-install-recommends -t backports \\\n" in lowered(Install(("a",), options=("-t", "backports")))


# --- repositories ---

REPOSITORY = AddRepository("vendor", "https://e.org/deb", "https://e.org/key", "A" * 40, suite="stable", components=("main", "extra"))


def test_an_apt_repository_is_signed_by_its_key_alone() -> None:
    """Debian's way since 12: a key of its own, named in the repository's line."""
    text = lowered(REPOSITORY)
    assert "echo 'deb [signed-by=/etc/apt/keyrings/vendor.asc] https://e.org/deb stable main extra' > /etc/apt/sources.list.d/vendor.list" in text
    assert "apt-key" not in text


def test_a_dnf_repository_is_checked_by_its_key() -> None:
    """Dnf checks each package with the key that was looked at, not one that it fetches itself."""
    text = lowered(REPOSITORY, ROCKY)
    assert "gpgcheck=1\\ngpgkey=file:///etc/pki/rpm-gpg/RPM-GPG-KEY-vendor" in text
    assert " > /etc/yum.repos.d/vendor.repo" in text


@pytest.mark.parametrize("field", ["url", "key"])
def test_plain_http_is_refused(field: str) -> None:
    """A repository or key over http is an error."""
    words = {"url": "https://e.org", "key": "https://e.org/key", field: "http://e.org"}
    with pytest.raises(Unsupported, match="not https"):
        lower(AddRepository("a", words["url"], words["key"], "A" * 40), DEBIAN, PLAIN)


@pytest.mark.parametrize(
    ("keys", "succeeds"),
    [
        ([("pub", ""), ("fpr", "A" * 40)], True),
        ([("pub", ""), ("fpr", "A" * 40), ("sub", ""), ("fpr", "C" * 40)], True),
        ([("pub", ""), ("fpr", "B" * 40)], False),
        ([("pub", ""), ("fpr", "A" * 40), ("pub", ""), ("fpr", "B" * 40)], False),
        ([("pub", ""), ("fpr", "B" * 40), ("pub", ""), ("fpr", "A" * 40)], False),
        ([], False),
    ],
)
def test_a_key_is_the_one_that_is_named_and_alone(tmp_path: Path, keys: list[tuple[str, str]], *, succeeds: bool) -> None:
    """A file with another key, or with a second one, is not trusted; the message has both fingerprints."""
    tools = tmp_path / "bin"
    tools.mkdir()
    listing = "".join(f"{kind}{':' * 9}{value}:\n" for kind, value in keys)
    for name, body in (("gpg", f"printf '%s' '{listing}'"), ("curl", ":"), ("apt-get", ":"), ("mkdir", ":")):
        (tools / name).write_text(f"#!/bin/sh\n{body}\n")
        (tools / name).chmod(0o755)
    text = (
        lowered(REPOSITORY)
        .replace("/run/hpcgen-gnupg", str(tmp_path / "home"))
        .replace("/etc/apt/sources.list.d", str(tmp_path))
        .replace("/var/lib/apt/lists", str(tmp_path / "lists"))
    )
    done = subprocess.run(["sh", "-c", text], env={"PATH": f"{tools}:{os.environ['PATH']}"}, capture_output=True, text=True, check=False)
    assert (done.returncode == 0) == succeeds, done.stderr
    assert (tmp_path / "vendor.list").exists() == succeeds
    if not succeeds:
        assert f"repository vendor: expected 1 key {'A' * 40}, found" in done.stderr


# --- sources ---


@pytest.fixture
def archive(tmp_path: Path) -> tuple[Path, str]:
    """A folder that serves as the network, with tool-1.0.tar.gz, and the archive's sha256."""
    source = tmp_path / "tool-1.0"
    source.mkdir()
    (source / "a").write_text("one\n")
    net = tmp_path / "net"
    net.mkdir()
    subprocess.run(["tar", "-C", str(tmp_path), "-czf", str(net / "tool-1.0.tar.gz"), "tool-1.0"], check=True)
    found = subprocess.run(["sha256sum", str(net / "tool-1.0.tar.gz")], capture_output=True, text=True, check=True)
    return net, found.stdout.split()[0]


def test_an_archive_is_fetched_checked_unpacked_and_removed(tmp_path: Path, archive: tuple[Path, str]) -> None:
    """What is left of a download is what was in it."""
    net, sha256 = archive
    done = run(tmp_path, Fetch(f"file://{net}/tool-1.0.tar.gz", sha256, f"{tmp_path}/out"))
    assert done.returncode == 0, done.stderr
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["a"]


def test_a_wrong_checksum_stops_with_block_url_and_both_sums(tmp_path: Path, archive: tuple[Path, str]) -> None:
    """A file that is not the one that is meant is not unpacked."""
    net, sha256 = archive
    url = f"file://{net}/tool-1.0.tar.gz"
    done = run(tmp_path, Fetch(url, "0" * 64, f"{tmp_path}/out", block=BlockRef("tool", "1.0", "d")))
    assert done.returncode == 1
    assert f"tool 1.0: {url}: expected sha256 {'0' * 64}, found {sha256}" in done.stderr
    assert not (tmp_path / "out" / "a").exists()


def test_a_file_is_kept_as_it_is(tmp_path: Path, archive: tuple[Path, str]) -> None:
    """A download that is not to be unpacked lies in its folder under its name."""
    net, sha256 = archive
    run(tmp_path, Fetch(f"file://{net}/tool-1.0.tar.gz", sha256, f"{tmp_path}/out/", unpack=False))
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["tool-1.0.tar.gz"]


@pytest.mark.parametrize(("mirror", "source"), [("full", "mirror"), ("empty", "net"), ("", "net")])
def test_a_mirror_is_asked_first_and_the_source_itself_next(tmp_path: Path, archive: tuple[Path, str], mirror: str, source: str) -> None:
    """What a mirror lacks comes from its own address; both are checked alike."""
    net, sha256 = archive
    near = tmp_path / "full" / sha256
    near.mkdir(parents=True)
    (tmp_path / "empty").mkdir()
    (near / "tool-1.0.tar.gz").write_bytes((net / "tool-1.0.tar.gz").read_bytes())
    ways = Ways(mirrored=True, mirror=f"MIRROR={f'file://{tmp_path}/{mirror}' if mirror else ''}")
    node = Fetch(f"file://{net}/tool-1.0.tar.gz", sha256, f"{tmp_path}/out")
    text = lowered(node, ways=ways) + ' && echo "$url"'
    done = subprocess.run(["sh", "-c", text], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"file://{tmp_path}/{'full' if source == 'mirror' else 'net'}/")


def test_a_source_that_nobody_has_stops(tmp_path: Path) -> None:
    """Neither mirror nor address: an error."""
    ways = Ways(mirrored=True, mirror=f"MIRROR=file://{tmp_path}")
    assert run(tmp_path, Fetch(f"file://{tmp_path}/none.tar.gz", "0" * 64, f"{tmp_path}/out"), ways).returncode != 0


def test_a_source_without_checksum_is_not_asked_of_a_mirror() -> None:
    """A mirror's layout names files by their checksum; what has none comes from its address."""
    assert "MIRROR" not in lowered(Fetch("https://e.org/a.tar.gz", None, "/out"), ways=MIRRORED)


def test_a_mirror_is_named_once_a_source_where_the_format_has_set_it() -> None:
    """Formats that set MIRROR for all sources write no command for it."""
    assert not lowered(Fetch("https://e.org/a.tar.gz", "0" * 64, "/out"), ways=Ways(mirrored=True)).startswith("MIRROR")
    assert "MIRROR=https://mirror && \\\n" in lowered(Fetch("https://e.org/a.tar.gz", "0" * 64, "/out"), ways=MIRRORED)


def test_a_local_file_is_checked_and_unpacked_where_it_is_seen(tmp_path: Path, archive: tuple[Path, str]) -> None:
    """A file beside the recipe is not removed after it is unpacked."""
    net, sha256 = archive
    mount = Mount("bind", "/seen", source="x")
    ways = Ways(local=lambda name: (f"{net}/{name}", (mount,)))
    node = Fetch("", sha256, f"{tmp_path}/out", local="tool-1.0.tar.gz")
    assert run(tmp_path, node, ways).returncode == 0
    assert (tmp_path / "out" / "a").exists()
    assert (net / "tool-1.0.tar.gz").exists()
    assert lower(node, DEBIAN, ways).mounts == (mount,)


def test_a_local_file_needs_a_way_to_be_seen() -> None:
    """Where a build step cannot see files beside the recipe, that is an error."""
    with pytest.raises(Unsupported, match=r"tool\.tar\.gz: a file beside the recipe cannot be shown"):
        lower(Fetch("", None, "/out", local="tool.tar.gz"), DEBIAN, PLAIN)


def test_zip_archives_have_no_leading_folders_to_leave_out() -> None:
    """What unzip cannot do is refused."""
    with pytest.raises(Unsupported, match="zip"):
        lower(Fetch("https://e.org/a.zip", None, "/out", strip=1), DEBIAN, PLAIN)
    assert "unzip -q /out/a.zip -d /out" in lowered(Fetch("https://e.org/a.zip", None, "/out", strip=0))


def test_patches_are_applied_in_order_and_leave_nothing(tmp_path: Path, archive: tuple[Path, str]) -> None:
    """Patches change the unpacked source; one that does not apply stops."""
    net, sha256 = archive
    patches = (
        Patch("1.patch", "--- a/a\n+++ b/a\n@@ -1 +1 @@\n-one\n+two's %s \\n\n"),
        Patch("2.patch", "--- a\n+++ a\n@@ -1 +1 @@\n-two's %s \\n\n+three\n", strip=0),
    )
    done = run(tmp_path, Fetch(f"file://{net}/tool-1.0.tar.gz", sha256, f"{tmp_path}/out", patches=patches))
    assert done.returncode == 0, done.stderr + done.stdout
    assert (tmp_path / "out" / "a").read_text() == "three\n"
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["a"]
    assert run(tmp_path, Fetch(f"file://{net}/tool-1.0.tar.gz", sha256, f"{tmp_path}/out2", patches=patches[1:])).returncode != 0


# --- git ---


def git(folder: Path, *words: str) -> str:
    """What git prints in a folder."""
    config = ("-c", "user.name=a", "-c", "user.email=a@b", "-c", "protocol.file.allow=always", "-c", "init.defaultBranch=main")
    return subprocess.run(["git", *config, *words], cwd=folder, capture_output=True, text=True, check=True).stdout.strip()


@pytest.fixture
def repository(tmp_path: Path) -> tuple[str, list[str]]:
    """The URL of a repository of two commits with a submodule that is named relative to it, and the commits."""
    inner, outer = tmp_path / "served" / "inner", tmp_path / "served" / "outer"
    for folder in (inner, outer):
        folder.mkdir(parents=True)
        git(folder, "init", "-q")
    (inner / "i").write_text("inner\n")
    git(inner, "add", "i")
    git(inner, "commit", "-qm", "inner")
    commits = []
    for text in ("one\n", "two\n"):
        (outer / "a").write_text(text)
        git(outer, "add", "a")
        if text == "one\n":
            git(outer, "submodule", "add", "-q", str(inner), "inner")
            git(outer, "submodule", "set-url", "inner", "../inner")
            git(outer, "add", ".gitmodules")
        git(outer, "commit", "-qm", text)
        commits.append(git(outer, "rev-parse", "HEAD"))
    return f"file://{outer}", commits


def test_a_repository_at_a_commit(tmp_path: Path, repository: tuple[str, list[str]]) -> None:
    """An older commit, which no branch names, is checked out."""
    url, commits = repository
    done = run(tmp_path, Git(url, commits[0], "", f"{tmp_path}/out"))
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out" / "a").read_text() == "one\n"


def test_a_server_that_gives_no_commit_by_its_number(tmp_path: Path, repository: tuple[str, list[str]]) -> None:
    """Where a server refuses a commit that no branch names, all is fetched and the commit is found in it."""
    url, commits = repository
    git(tmp_path / "served" / "outer", "config", "uploadpack.allowAnySHA1InWant", "false")
    text = lowered(Git(url, commits[0], "", f"{tmp_path}/out")).replace(f"--depth 1 origin {commits[0]}", "--depth 1 origin refs/nothing")
    done = subprocess.run(["sh", "-c", text], capture_output=True, text=True, check=False, env={**os.environ, "GIT_CONFIG_GLOBAL": "/dev/null"})
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out" / "a").read_text() == "one\n"


def test_submodules_that_are_named_relative_to_their_repository(tmp_path: Path, repository: tuple[str, list[str]]) -> None:
    """A submodule's address such as ../inner is meant relative to the repository's."""
    url, commits = repository
    done = run(tmp_path, Git(url, commits[1], "", f"{tmp_path}/out", submodules=True))
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out" / "inner" / "i").read_text() == "inner\n"


def test_a_commit_that_is_not_there_stops(tmp_path: Path, repository: tuple[str, list[str]]) -> None:
    """A commit that the repository does not have is an error, also where a mirror is asked first."""
    url, _ = repository
    assert run(tmp_path, Git(url, "0" * 40, "", f"{tmp_path}/out")).returncode != 0
    ways = Ways(mirrored=True, mirror="MIRROR=")
    assert run(tmp_path, Git(url, "0" * 40, "", f"{tmp_path}/out2"), ways).returncode != 0


def test_a_branch_is_taken_as_it_stands(tmp_path: Path, repository: tuple[str, list[str]]) -> None:
    """Without a commit, a branch or tag is cloned, with its submodules if wanted."""
    url, _ = repository
    assert run(tmp_path, Git(url, "", "main", f"{tmp_path}/out", submodules=True)).returncode == 0
    assert (tmp_path / "out" / "a").read_text() == "two\n"
    assert (tmp_path / "out" / "inner" / "i").exists()


def test_a_mirror_has_repositories_as_archives(tmp_path: Path, repository: tuple[str, list[str]]) -> None:
    """git/COMMIT.tar of a mirror is taken instead of the repository."""
    _, commits = repository
    (tmp_path / "mirror" / "git").mkdir(parents=True)
    (tmp_path / "a").write_text("of mirror\n")
    subprocess.run(["tar", "-C", str(tmp_path), "-cf", str(tmp_path / "mirror" / "git" / f"{commits[0]}.tar"), "a"], check=True)
    done = run(tmp_path, Git("file:///nowhere", commits[0], "", f"{tmp_path}/out"), Ways(mirrored=True, mirror=f"MIRROR=file://{tmp_path}/mirror"))
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out" / "a").read_text() == "of mirror\n"
    assert not (tmp_path / "out.tar").exists()


# --- files, and code as such ---


def test_a_file_has_exactly_its_content_and_mode(tmp_path: Path) -> None:
    """Whatever text a file is to hold, it holds."""
    content = "%post\n{{ x }}\n'quotes' \"double\" \\n $HOME `x`\n\ttab \x01 é 中\nno end"
    run(tmp_path, WriteFile(f"{tmp_path}/new/a b", content, mode="0640"))
    path = tmp_path / "new" / "a b"
    assert path.read_text(encoding="utf-8") == content
    assert oct(path.stat().st_mode)[-3:] == "640"


def test_code_adds_up() -> None:
    """Commands in order, mounts and options each once."""
    mount = Mount("cache", "/c")
    assert Code(("a",), (mount,), ("--x",)) + Code(("b",), (mount,), ("--x", "--y")) == Code(("a", "b"), (mount,), ("--x", "--y"))
