"""`scripts/releases`: what collections say of releases, and how a block's table is brought up to date."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from checksums import conda, debian, easybuild, spack
from checksums.comparing import compared, taken
from checksums.seen import Seen, is_release, kind, may_be_named, same_version
from checksums.tables import rewritten, seen_in, tables, with_default, with_entries
from checksums.trees import Folder, Repository, UnreadableError, tree

ROOT = Path(__file__).resolve().parents[2]
ONE, TWO, THREE, OTHER = ("1" * 64, "2" * 64, "3" * 64, "f" * 64)

SPACK = f"""
from spack.package import *

PINNED = "{TWO}"


class Tool(AutotoolsPackage):
    url = "https://example.org/tool-1.0.tar.gz"

    version("main", branch="main")
    version("1.1", sha256="{ONE}", deprecated=True)
    with default_args(get_full_repo=True):
        version("1.0", sha256="{TWO}", url="https://example.org/archive/v1.0.tar.gz")
    version("0.9", sha256=PINNED)
    resource(name="x", sha256="{OTHER}")

    def url_for_version(self, version):
        raise SystemExit("code of a collection is not run")
"""

EASYCONFIG = f"""
name = 'Tool'
version = '1.1'
local_tag = 'v' + version
github_account = 'example'
source_urls = [GITHUB_SOURCE]
sources = [
    {{'download_filename': '%s.tar.gz' % local_tag, 'filename': SOURCELOWER_TAR_GZ}},
    'other-3.tar.bz2',
]
patches = ['tool.patch']
checksums = [
    {{'tool-1.1.tar.gz': '{ONE}'}},
    '{OTHER}',
    '{OTHER}',
]
dependencies = [('X', open('/nonexistent').read())]
"""

META = f"""
{{% set name = "Tool" %}}
{{% set version = "1.1" %}}
{{% set sha = '{ONE}' %}}
package:
  name: {{{{ name|lower }}}}
  version: {{{{ version }}}}
source:
  - url:
      - https://example.org/{{{{ name|lower }}}}-{{{{ version }}}}.tar.gz
      - https://mirror.example.org/tool-{{{{ version }}}}.tar.gz
    sha256: {{{{ sha }}}}  # [linux]
    patches:
      - one.patch
  - url: https://example.org/data.zip
    sha256: {OTHER}
build:
  sha256: {TWO}
"""

RECIPE = f"""
context:
  version: "1.0"
package:
  name: tool
  version: ${{{{ version }}}}
source:
  url: https://example.org/tool-${{{{ version }}}}.tar.gz
  sha256: {TWO}
"""

SOURCES = f"""Package: tool
Format: 3.0 (quilt)
Checksums-Sha256:
 {OTHER} 2000 tool_1.1-1.dsc
 {ONE} 1000 tool_1.1.orig.tar.gz
 {OTHER} 900 tool_1.1-1.debian.tar.xz
Directory: pool/main/t/tool

Package: tool
Checksums-Sha256:
 {OTHER} 1000 tool_1.0+dfsg.orig.tar.gz

Package: another
Checksums-Sha256:
 {OTHER} 1000 another_1.1.orig.tar.gz
"""

BLOCK = f"""
class tool(AutotoolsBlock):
    release = Tarball(
        "https://example.org",
        "tool-{{version}}.tar.gz",
        sha256={{
            # 1.2 was never published.
            "1.1": "{ONE}",  # conan, spack
            "1.0": "{TWO}",  # single: homebrew
        }},
    )

    version: str = option("1.1", "release to build")
"""


def laid(folder: Path, **files: str) -> Path:
    """A folder with files."""
    for name, text in files.items():
        path = folder / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def committed(folder: Path) -> None:
    """A git repository of what lies in a folder."""
    who = ("-c", "user.name=Nobody", "-c", "user.email=nobody@example.org")
    for words in (("init", "-q"), ("add", "-A"), (*who, "commit", "-q", "-m", "state")):
        subprocess.run(("git", "-C", str(folder), *words), check=True)


def test_spack_s_versions_are_read() -> None:
    """Every version() with a sha256 written down is found, with the address that it or its package names, and nothing is run."""
    assert list(spack.releases(SPACK)) == [
        Seen("1.1", ONE, "https://example.org/tool-1.0.tar.gz"),
        Seen("1.0", TWO, "https://example.org/archive/v1.0.tar.gz"),
    ]


def test_easyconfigs_are_read() -> None:
    """The source of an easyconfig's own version is found by its name or its place, templates and constants filled in."""
    assert list(easybuild.releases(EASYCONFIG)) == [Seen("1.1", ONE, "v1.1.tar.gz")]
    listed = EASYCONFIG.replace("    'other-3.tar.bz2',\n", "").replace(f"{{'tool-1.1.tar.gz': '{ONE}'}}", f"('sha256', '{ONE}')")
    assert list(easybuild.releases(listed)) == [Seen("1.1", ONE, "/archive/v1.1.tar.gz")]
    either = EASYCONFIG.replace(f"{{'tool-1.1.tar.gz': '{ONE}'}}", f"('{ONE}', '{TWO}')")
    assert [one.sha256 for one in easybuild.releases(either)] == [ONE, TWO]
    assert list(easybuild.releases("print 'for Python 2'")) == []


def test_conda_s_recipes_are_read() -> None:
    """Both forms of conda-forge's recipes give their own version's archive, of several sources each."""
    assert list(conda.sources(META)) == [
        Seen("1.1", ONE, "https://example.org/tool-1.1.tar.gz"),
        Seen("1.1", OTHER, "https://example.org/data.zip"),
    ]
    assert list(conda.sources(RECIPE)) == [Seen("1.0", TWO, "https://example.org/tool-1.0.tar.gz")]


def test_debian_s_own_archives_are_passed_over() -> None:
    """Of Debian's source packages the upstream tarballs count that are not said to be repacked."""
    assert list(debian.tarballs(SOURCES)) == [
        ("tool", Seen("1.1", ONE, "tool_1.1.orig.tar.gz")),
        ("another", Seen("1.1", OTHER, "another_1.1.orig.tar.gz")),
    ]


def test_folder_and_repository_are_one(tmp_path: Path) -> None:
    """A collection is found by a package's name in a folder, a checkout and a bare repository, where former recipes count too."""
    root = laid(
        tmp_path / "work",
        repos__spack_repo__builtin__packages__my_tool__package_py=SPACK,
        easybuild__easyconfigs__t__Tool__Tool_eb=EASYCONFIG,
        recipe__meta_yaml=META,
    )
    for path in list(root.rglob("*_*")):
        if path.is_file():
            stem, _, ending = path.name.rpartition("_")
            path.rename(path.with_name(f"{stem}.{ending}"))
    assert isinstance(tree(str(root)), Folder)
    committed(root)
    (root / "recipe" / "meta.yaml").write_text(META.replace("1.1", "1.2").replace(ONE, THREE), encoding="utf-8")
    committed(root)
    bare = tmp_path / "bare"
    subprocess.run(("git", "clone", "-q", "--bare", str(root), str(bare)), check=True)
    for where in (Folder(root), tree(str(root)), tree(str(bare))):
        assert [one.version for one in spack.seen(where, "my-tool")] == ["1.1", "1.0"]
        assert [one.version for one in easybuild.seen(where, "tool")] == ["1.1"]
        assert spack.seen(where, "none") == easybuild.seen(where, "none") == conda.seen(where, "none") == []
        assert [one.version for one in conda.seen(where, "tool")][::2] == (["1.2", "1.1"] if isinstance(where, Repository) else ["1.2"])
    with pytest.raises(UnreadableError, match="is no folder"):
        tree(str(tmp_path / "nowhere"))


def test_versions_and_files_are_told_apart() -> None:
    """Spellings of one version are one, previews are no releases, and an archive that a host packs is another than the release."""
    assert same_version("2.1.12", "2.1.12-stable")
    assert not same_version("2.10", "2.1")
    assert may_be_named("2.27.7-1", "2.27.7")
    assert not may_be_named("2.27.7-1", "2.27.6")
    assert not may_be_named("2", "2.27.6")
    assert [one for one in ("5.0.7", "2.1.12-stable", "2024.1", "6.0.0rc1", "main", "1.0-beta2") if is_release(one)] == [
        "5.0.7",
        "2.1.12-stable",
        "2024.1",
    ]
    assert kind("https://github.com/a/b/archive/v1.tar.gz") != kind("https://github.com/a/b/releases/download/v1/b-1.tar.gz") == kind("b-1.tgz")


def url(version: str) -> str:
    """Where the made-up block's releases lie."""
    return f"https://example.org/tool-{version}.tar.gz"


def test_disagreement_is_seen_and_another_archive_is_none() -> None:
    """A collection contradicts only by another checksum for the same file; a known other archive, and what Debian repacks, do not."""
    (table,) = tables(BLOCK)

    def contradictions(seen: Seen, name: str = "spack", **apart: str) -> list[str]:
        return [sentence for row in compared(table, url, {name: [seen]}, apart) for sentence in row.contradict]

    assert contradictions(Seen("1.1", OTHER, url("1.1"))) == [f"spack has {OTHER} ({url('1.1')})"]
    assert contradictions(Seen("1.1", OTHER)) == [f"spack has {OTHER} (it does not say of which file)"]
    assert contradictions(Seen("1.0", ONE)) == ["spack has this checksum as 1.0", f"spack has {ONE} (it does not say of which file)"]
    assert contradictions(Seen("1.1", OTHER, "tool-1.1.tar.bz2")) == []
    assert contradictions(Seen("1.1", OTHER, url("1.1")), **{OTHER: "published twice"}) == []
    assert contradictions(Seen("1.1", OTHER, "tool_1.1.orig.tar.gz"), "debian") == []


def test_claim_without_evidence_is_seen() -> None:
    """A collection that a comment names is said where it has the package, and not this release of it."""
    (table,) = tables(BLOCK)
    first, second = compared(table, url, {"spack": [Seen("1.0", TWO, url("1.0"))]}, {})
    assert (first.unseen, first.agree) == (("spack",), ())
    assert (second.unseen, second.agree) == ((), ("spack",))
    assert not any(row.unseen for row in compared(table, url, {"spack": []}, {}))


def test_newer_releases_need_two_collections() -> None:
    """A newer release is taken where two collections agree on it or a person names it, never where they differ."""
    (table,) = tables(BLOCK)
    new = Seen("1.2", THREE, url("1.2"))
    alone, both = compared(table, url, {"spack": [new]}, {}), compared(table, url, {"spack": [new], "conda": [new]}, {})
    differ = compared(table, url, {"spack": [new], "conda": [Seen("1.2", OTHER, url("1.2"))]}, {})
    assert [entry.version for entry in taken(both, ())] == ["1.2"]
    assert taken(alone, ()) == []
    assert [entry.version for entry in taken(alone, ("1.2",))] == ["1.2"]
    assert taken(differ, ("1.2",)) == []
    assert all(row.contradict for row in differ if row.is_new)
    others = [Seen("1.3rc1", THREE, url("1.3rc1")), Seen("0.9", THREE, url("0.9")), Seen("1.3", THREE, "tool-1.3.zip")]
    assert not [row for row in compared(table, url, {"spack": others}, {}) if row.is_new]


def test_table_is_written_in_place() -> None:
    """New lines come before older ones, comments name the collections, and what a person wrote stays."""
    (table,) = tables(BLOCK)
    assert rewritten(BLOCK, [table]) == BLOCK
    rows = compared(table, url, {"spack": [Seen("1.2", THREE, url("1.2"))], "easybuild": [Seen("1.2", THREE), Seen("1.0", TWO)]}, {})
    known = [seen_in(row.entry, row.agree) for row in rows if not row.is_new]
    text = rewritten(BLOCK, [with_entries(table, [*known, *taken(rows, ())])])
    assert text == BLOCK.replace(
        f"""            # 1.2 was never published.
            "1.1": "{ONE}",  # conan, spack
            "1.0": "{TWO}",  # single: homebrew
""",
        f"""            "1.2": "{THREE}",  # spack, easybuild
            # 1.2 was never published.
            "1.1": "{ONE}",  # conan, spack
            "1.0": "{TWO}",  # homebrew, easybuild
""",
    )
    assert 'option("1.2", "release' in with_default(text, "1.1", "1.2")
    assert with_default(text, "1.0", "1.2") == text


def test_every_block_s_table_can_be_rewritten() -> None:
    """Reading and writing the tables of all blocks changes not a byte."""
    for file in (ROOT / "building_blocks").glob("[!_]*.py"):
        text = file.read_text(encoding="utf-8")
        assert rewritten(text, tables(text)) == text, file.name


def test_command_ends_by_what_it_found(tmp_path: Path) -> None:
    """The program gives 0 where all agree, 1 for a disagreement, 2 for wrong usage, 3 for a collection that is not there."""
    text = (ROOT / "building_blocks" / "ucx.py").read_text(encoding="utf-8")
    (table,) = tables(text)
    newest = table.entries[0]
    package = f'class Ucx:\n    url = "https://example.org/ucx-1.tar.gz"\n    version("{newest.version}", sha256="{newest.sha256}")\n'
    good, bad = (tmp_path / name / "ucx" for name in ("good", "bad"))
    for folder, content in ((good, package), (bad, package.replace(newest.sha256, OTHER))):
        folder.mkdir(parents=True)
        (folder / "package.py").write_text(content, encoding="utf-8")

    def run(*words: str) -> tuple[int, str]:
        done = subprocess.run((sys.executable, str(ROOT / "scripts" / "releases"), *words), capture_output=True, text=True, check=False)
        return done.returncode, done.stdout + done.stderr

    status, said = run("ucx", "--collection", f"spack={good.parent}")
    assert (status, f"{newest.sha256}  spack" in said) == (0, True)
    status, said = run("ucx", "--check", "--collection", f"spack={bad.parent}")
    assert (status, f"DISAGREES: spack has {OTHER}" in said) == (1, True)
    assert run("ucx")[0] == run("no_block", "--collection", f"spack={good.parent}")[0] == 2
    assert run("ucx", "--collection", f"spack={tmp_path / 'nowhere'}")[0] == 3


def test_write_changes_a_block_s_file(tmp_path: Path) -> None:
    """`--write` brings a copy of the project's block up to a newer release, its default with it."""
    for name in ("hpcgen", "building_blocks", "scripts"):
        shutil.copytree(ROOT / name, tmp_path / name, symlinks=True, ignore=shutil.ignore_patterns("__pycache__"))
    file = tmp_path / "building_blocks" / "ucx.py"
    newest = tables(file.read_text(encoding="utf-8"))[0].entries[0]
    package = f'class Ucx:\n    url = "https://example.org/ucx-1.tar.gz"\n    version("99.0", sha256="{THREE}")\n'
    laid(tmp_path / "spack" / "ucx", package=package)
    (tmp_path / "spack" / "ucx" / "package").rename(tmp_path / "spack" / "ucx" / "package.py")
    words = (sys.executable, str(tmp_path / "scripts" / "releases"), "ucx", "--collection", f"spack={tmp_path / 'spack'}", "--write", "--add", "99.0")
    said = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    assert f"ucx: its default was {newest.version}, and is 99.0" in said
    text = file.read_text(encoding="utf-8")
    assert f'        sha256={{\n            "99.0": "{THREE}",  # single: spack\n' in text
    assert 'version: str = option("99.0", ' in text
