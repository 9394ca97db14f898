from __future__ import annotations

import gzip
import json
import sqlite3
import struct
from typing import TYPE_CHECKING, Any

import pytest
from inspected import FIXTURES, case

from hpcgen.auditing import databases
from hpcgen.auditing.packages import Package, owners
from hpcgen.auditing.reading import BytesReader

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

SQLITE = gzip.decompress((FIXTURES / "rpmdb.sqlite.gz").read_bytes())
BERKELEY = (FIXTURES / "Packages").read_bytes()
PACKAGES = {
    ("one", "1.one-3"): {"/usr/share/one", "/usr/share/one/hello", "/usr/share/one/tool"},
    ("two", "1.two-3"): {"/usr/share/two", "/usr/share/two/hello", "/usr/share/two/tool"},
}
"""What tests/auditing/files/make has installed."""


def headers(folder: Path) -> list[bytes]:
    """The packages' headers, read by SQLite itself."""
    (folder / "db").write_bytes(SQLITE)
    connection = sqlite3.connect(folder / "db")
    try:
        return [blob for (blob,) in connection.execute("SELECT blob FROM Packages ORDER BY hnum")]
    finally:
        connection.close()


def ndb(blobs: list[bytes]) -> bytes:
    """A database of ndb: a page of slots, then blobs at multiples of sixteen bytes."""
    slots, body = b"", b""
    for number, blob in enumerate(blobs, 1):
        whole = struct.pack("<4sIII", b"BlbS", number, 1, len(blob)) + blob
        whole += bytes(-(len(whole) + 12) % 16) + struct.pack("<II4s", 0, len(blob), b"BlbE")
        slots += struct.pack("<4sIII", b"Slot", number, (4096 + len(body)) // 16, len(whole) // 16)
        body += whole
    head = struct.pack("<4sIIIIIII", b"RpmP", 0, 1, 1, len(blobs) + 1, 0, 0, 0)
    return (head + slots).ljust(4096, b"\0") + body


def listed(data: bytes) -> dict[tuple[str, str], set[str]]:
    """Packages of a database, with their files."""
    fact = databases.fact("var/lib/rpm/Packages", BytesReader(data))
    assert fact is not None
    assert "fault" not in fact, fact["fault"]
    return {(name, version): set(paths) for _, name, version, _, paths in databases.claims(json.loads(json.dumps(fact)))}


def test_rpms_databases_are_read_in_all_three_forms(tmp_path: Path) -> None:
    """Packages that rpm installed, with their versions and files, are read from SQLite, ndb and Berkeley DB."""
    blobs = headers(tmp_path)
    assert len(blobs) == 2
    assert listed(SQLITE) == listed(BERKELEY) == listed(ndb(blobs)) == PACKAGES


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "none that is known"),
        (bytes(4096), "none that is known"),
        (SQLITE[:6000], "SQLite"),
        (SQLITE[:16] + bytes(len(SQLITE) - 16), "SQLite"),
        (ndb([b"x" * 20]).replace(b"BlbS", b"XXXX"), "leads to no package"),
        (ndb([b"\xff" * 20]), "longer than its place"),
        (BERKELEY[:4096] + BERKELEY[4096:].replace(b"\x07", b"\x06"), "Berkeley DB"),
    ],
    ids=["nothing", "zeros", "cut", "no SQLite", "no blob", "no header", "no chain"],
)
def test_a_damaged_database_is_told(data: bytes, said: str) -> None:
    """A database that cannot be read is a fault with its reason, whatever is wrong with it."""
    fact = databases.fact("usr/lib/sysimage/rpm/Packages.db", BytesReader(data))
    assert fact is not None
    assert said in fact["fault"]


def test_a_database_cannot_run_what_it_likes(tmp_path: Path) -> None:
    """A view in the table's place, which would count for ever, is no table of packages."""
    connection = sqlite3.connect(tmp_path / "db")
    connection.execute(
        "CREATE VIEW Packages AS WITH RECURSIVE n(hnum, blob) AS (SELECT 1, x'00' UNION ALL SELECT hnum + 1, blob FROM n) SELECT * FROM n"
    )
    connection.close()
    fact = databases.fact("var/lib/rpm/rpmdb.sqlite", BytesReader((tmp_path / "db").read_bytes()))
    assert fact == {"rpm": [], "fault": "the database of rpm: SQLite: it has no table of packages"}


DPKG = """Package: tool
Status: install ok installed
Version: 1.2-3
Description: a tool
 Version: of nothing

Package: lib-only
Version: 4
"""
APK = "P:musl\nV:1.2.5-r0\nF:lib\nR:ld-musl.so.1\nR:libc.so\nF:usr/lib\n\nP:top\nV:1\nF:\nR:file\n"
SPACK = json.dumps({"spec": {"nodes": [{"name": "zlib", "version": "1.3"}, {"name": "gmake", "version": "4"}]}})
OLD_SPACK = json.dumps({"spec": [{"zlib": {"version": "1.2"}}, {"pkgconf": {"version": "1"}}]})

TREE: Mapping[str, Any] = {
    "lib": ("link", "usr/lib"),
    "usr": None,
    "usr/lib": None,
    "usr/lib/libtool.so.1": b"12345",
    "usr/bin/tool": b"123",
    "usr/bin/link": ("link", "tool"),
    "usr/bin/none": b"1234567",
    "var/lib/dpkg/status": DPKG.encode(),
    "var/lib/dpkg/info/tool:amd64.list": b"/.\n/lib\n/usr/lib\n/lib/libtool.so.1\n/usr/bin/tool\n/usr/bin/link\n/not/there\n",
    "opt/conda/conda-meta/numpy-2.0-py.json": json.dumps(
        {"name": "numpy", "version": "2.0", "files": ["lib/site/numpy/core.so", "lib/site/numpy-2.0.dist-info/RECORD"]}
    ).encode(),
    "opt/conda/lib/site/numpy/core.so": b"1",
    "opt/conda/lib/site/numpy-2.0.dist-info/RECORD": b"numpy/core.so,sha256=x,1\n",
    "opt/conda/lib/site/six-1.dist-info/RECORD": b'six.py,sha256=x,1\n"odd, name.py",,\n../../bin/six,,\n',
    "opt/conda/lib/site/six.py": b"1",
    "opt/conda/lib/site/odd, name.py": b"1",
    "opt/conda/bin/six": b"1",
    "opt/spack/zlib/.spack/spec.json": SPACK.encode(),
    "opt/spack/zlib/lib/libz.so": b"1",
    "opt/spack/zlib/include/zlib.h": b"1",
    "opt/spack/old/.spack/spec.json": OLD_SPACK.encode(),
    "opt/spack/old/lib/libz.so": b"1",
    "apps/software/GROMACS/2024.1/easybuild/GROMACS-2024.1.eb": b"name = 'GROMACS'",
    "apps/software/GROMACS/2024.1/bin/gmx": b"1",
}


def owned(tree: Mapping[str, Any]) -> dict[str, Package | None]:
    """Path -> its package."""
    made = case(tree)
    found = owners(made.tree, made.contents)
    assert found.faults == ()
    return {path: found.packages[owner] if owner >= 0 else None for path, owner in zip(made.files.paths, found.owner, strict=True)}


def test_files_belong_to_who_has_installed_them() -> None:
    """Lists of dpkg, conda, pip, Spack and EasyBuild say whose a file is, by the path that it really has."""
    found = owned(TREE)
    tool, six = Package("dpkg", "tool", "1.2-3"), Package("pip", "six", "1")
    assert [found[path] for path in ("usr/lib/libtool.so.1", "usr/bin/tool", "usr/bin/link", "usr/bin/none", "usr/lib")] == [
        tool,
        tool,
        tool,
        None,
        None,
    ]
    assert found["opt/conda/lib/site/numpy/core.so"] == Package("conda", "numpy", "2.0")
    assert [found[f"opt/conda/{path}"] for path in ("lib/site/six.py", "lib/site/odd, name.py", "bin/six")] == [six, six, six]
    assert found["opt/spack/zlib/include/zlib.h"] == Package("spack", "zlib", "1.3")
    assert found["opt/spack/old/lib/libz.so"] == Package("spack", "zlib", "1.2")
    assert found["apps/software/GROMACS/2024.1/bin/gmx"] == Package("easybuild", "GROMACS", "2024.1")


def test_alpines_and_distrolesss_records_are_read() -> None:
    """The one file of apk, and what images without a package manager keep of dpkg's, say whose files are."""
    tree = {
        "lib/apk/db/installed": APK.encode(),
        "lib/ld-musl.so.1": b"1",
        "file": b"1",
        "var/lib/dpkg/status.d/base": b"Package: base\nVersion: 12\n",
        "var/lib/dpkg/status.d/base.md5sums": b"0123  etc/host.conf\n",
        "etc/host.conf": b"1",
    }
    found = owned(tree)
    assert [found[path] for path in ("lib/ld-musl.so.1", "file", "etc/host.conf")] == [
        Package("apk", "musl", "1.2.5-r0"),
        Package("apk", "top", "1"),
        Package("dpkg", "base", "12"),
    ]


def test_rpms_files_are_owned() -> None:
    """A file that rpm's database lists is its package's, through links of folders too."""
    tree = {"var/lib/rpm": ("link", "../../usr/lib/sysimage/rpm"), "usr/lib/sysimage/rpm/rpmdb.sqlite": SQLITE, "usr/share/one/tool": b"1"}
    assert owned(tree)["usr/share/one/tool"] == Package("rpm", "one", "1.one-3")


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("opt/conda/conda-meta/a.json", b"{"),
        ("opt/conda/conda-meta/a.json", b"[1]"),
        ("opt/conda/conda-meta/a.json", b"[" * 100_000),
        ("opt/x/.spack/spec.json", b'{"spec": {"nodes": []}}'),
        ("opt/x/a-1.dist-info/RECORD", b'"' + b"x" * 200_000 + b'"'),
        ("var/lib/dpkg/status.d/a.md5sums", b"no-path\n"),
    ],
)
def test_a_record_that_is_none_is_a_fault_and_no_crash(path: str, content: bytes) -> None:
    """A record that cannot be understood is told by its path, and everything else is read."""
    made = case({path: content, "usr/bin/tool": b"1", "var/lib/dpkg/info/tool.list": b"/usr/bin/tool\n"})
    found = owners(made.tree, made.contents)
    assert [fault.startswith(path) for fault in found.faults] == [True]
    assert found.owner[1] >= 0


def test_links_that_lead_in_circles_lead_nowhere() -> None:
    """A path through links that lead to each other is no file, and no endless walk."""
    made = case({"a": ("link", "b"), "b": ("link", "/a/x"), "c": ("link", "../../c"), "d": ("link", "../../../usr"), "usr": None, "usr/x": b"1"})
    assert [made.tree.file(path) for path in ("a", "b/x", "c", "a/a/a", "d/x", "/usr/./../usr/x", "usr")] == [None, None, None, None, 5, 5, None]
