from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.shipped.conftest import Builder

ORIGIN = "-Wl,-rpath,$ORIGIN/../lib"


def has_symbols(file: Path) -> bool:
    """Whether a file still has what only debuggers need."""
    said = subprocess.run(["readelf", "--sections", file], capture_output=True, text=True, check=True).stdout
    return ".symtab" in said


def test_the_manifest_is_told_what_the_image_is(builder: Builder) -> None:
    """The image's own object, the blocks with empty fields too, and the schema stand in the manifest."""
    builder.file("opt/tool/etc/x", "123")
    found = builder.closure(f"take\ttool\tdata\t{builder.prefix}", 'image\t{"recipe":"a \\"b\\"","stages":[1]}', "block\tgnu\t\tdef\t", "manifest\tother.json")
    told = (found.root / "usr/share/hpcgen/other.json").read_text()
    assert '"schema":"hpcgen/manifest/v1","image":{"recipe":"a \\"b\\"","stages":[1]}' in told
    assert '{"name":"gnu","version":"","digest":"def","prefix":""}' in told
    assert f'{{"path":"{builder.prefix}/etc/x","bytes":3,"block":"tool","why":"data"}}' in told
    assert told.count("\n") == len(('{"schema', '"blocks', "tool", "gnu", '"packages', "]", '"files', "x"))


def test_a_file_belongs_to_the_block_with_the_longest_prefix(builder: Builder) -> None:
    """Where prefixes lie within each other the inner one has the file; a record's block has what lies in none, and so has the system."""
    inner = builder.library("opt/tool/inner/lib/libinner.so.1")
    outside = builder.library("usr/own/liboutside.so.1")
    builder.program("opt/tool/bin/run", f"-Wl,-rpath,{inner.parent}:{outside.parent}", needs=(inner, outside))
    builder.file("data/table")
    found = builder.closure(f"block\tinner\t1\td\t{builder.prefix}/inner/", f"take\ttool\tx\t{builder.prefix}/bin", f"take\tdata\tx\t{builder.folder}/data")
    told = {one["path"].removeprefix(f"{builder.folder}/"): one["block"] for one in found.manifest["files"]}
    assert told == {"opt/tool/bin/run": "tool", "opt/tool/inner/lib/libinner.so.1": "inner", "usr/own/liboutside.so.1": "system", "data/table": "data"}


def test_every_file_of_the_tree_is_told_once(builder: Builder) -> None:
    """The manifest has each file and link of the tree but itself, in order, with its bytes; links have none."""
    needed = builder.library("opt/tool/lib/libone.so.1")
    builder.link("opt/tool/lib/libtwo.so.1", "libone.so.1")
    builder.program("opt/tool/bin/run", ORIGIN, needs=(needed,))
    found = builder.closure(f"take\ttool\tall\t{builder.prefix}", f"take\ttool\tagain\t{builder.prefix}/bin/run", "strip\tyes")
    files = {one for one in found.root.rglob("*") if one.is_symlink() or one.is_file()} - {found.root / "usr/share/hpcgen/manifest.json"}
    sizes = {f"/{one.relative_to(found.root)}": 0 if one.is_symlink() else one.stat().st_size for one in files}
    assert [one["path"] for one in found.manifest["files"]] == sorted(sizes)
    assert {one["path"]: one["bytes"] for one in found.manifest["files"]} == sizes
    assert f"closure: {len(sizes)} files, {sum(sizes.values())} bytes; 0 packages" in found.said


def test_the_check_is_told_all_that_the_loader_has_to_find(builder: Builder) -> None:
    """Every ELF file of the tree is one that the check asks about, and nothing else is."""
    needed = builder.library("opt/tool/lib/libone.so.1")
    run = builder.program("opt/tool/bin/run", ORIGIN, needs=(needed,))
    builder.file("opt/tool/bin/script", "#!/bin/sh\n", 0o755)
    found = builder.closure(f"take\ttool\tall\t{builder.prefix}")
    assert (found.out / "check/roots").read_text() == f"{run}\n{needed}\n"


@pytest.mark.parametrize(("strip", "stripped"), [("no", set()), ("yes", {"run", "libone.so.1"}), ("debug", {"run", "libone.so.1"})])
def test_what_blocks_built_is_stripped(builder: Builder, strip: str, stripped: set[str]) -> None:
    """Files below a block's prefix are stripped if that is asked for; what is taken whole or lies elsewhere is not; modes stay."""
    one = builder.library("opt/tool/lib/libone.so.1")
    builder.library("opt/tool/whole/libwhole.so.1")
    other = builder.library("usr/own/libother.so.1")
    run = builder.program("opt/tool/bin/run", ORIGIN, f"-Wl,-rpath,{other.parent}", needs=(one, other))
    run.chmod(0o555)
    found = builder.closure(f"take\ttool\tx\t{builder.prefix}/bin", f"whole\ttool\tx\t{builder.prefix}/whole", f"strip\t{strip}")
    assert found.status == 0, found.said
    inside = [place for place in found.root.rglob("*") if place.is_file() and place.suffix != ".json"]
    assert {place.name for place in inside if not has_symbols(place)} == stripped
    assert (found.root / str(run)[1:]).stat().st_mode & 0o777 == 0o555
    assert subprocess.run([found.root / str(run)[1:]], check=False).returncode == 0


def test_what_is_stripped_is_kept_where_debuggers_look(builder: Builder) -> None:
    """Of kind debug, what is stripped lies below debug/, at the path that the stripped file names."""
    run = builder.program("opt/tool/bin/run")
    found = builder.closure(f"take\ttool\tx\t{builder.prefix}/bin", "strip\tdebug")
    kept = found.out / f"debug/usr/lib/debug{run}.debug"
    assert has_symbols(kept)
    said = subprocess.run(["readelf", "--string-dump=.gnu_debuglink", found.root / str(run)[1:]], capture_output=True, check=True).stdout
    assert b"run.debug" in said


def test_bytes_that_are_no_text_are_told_as_such(builder: Builder) -> None:
    """What is UTF-8 stands in the manifest as it is, control characters by number, and each other sequence as U+FFFD."""
    names = {b"\xe2\x82\xac": "\u20ac", b"\xf0\x9f\x98\x80": "\U0001f600", b"\xc0\xaf": "\ufffd\ufffd", b"\xed\xa0\x80": "\ufffd\ufffd\ufffd", b"\xe2\x82": "\ufffd", b"\xf4\x90\x80\x80": "\ufffd" * 4, b"\x01\x1b\x7f": "\x01\x1b\x7f", b"\xc3(": "\ufffd("}
    for name in names:
        with open(bytes(builder.file("opt/tool/etc/x").parent) + b"/" + name, "wb"):
            pass
    found = builder.closure(f"take\ttool\tx\t{builder.prefix}/etc")
    told = {one["path"].rpartition("/")[2] for one in found.manifest["files"]}
    assert told == {*names.values(), "x"} == {name.decode(errors="replace") for name in names} | {"x"}


def test_a_version_that_must_be_the_builders(builder: Builder) -> None:
    """The final stage is told a word for a package of which another version would not do, and the name alone for all others (they are this machine's)."""
    found = builder.closure("package\ttool\tsed", "package\ttool\tgrep", "pin\tsed\tsed=4.9-1", "pin\tgreppy\tgreppy=1", kind="packages")
    assert found.status == 0, found.said
    names = (found.out / "packages" / "names").read_text().split()
    assert {"sed=4.9-1", "grep"} <= set(names)
    assert not {"sed", "greppy=1"} & set(names)
    assert {"sed", "grep"} <= {one["package"] for one in found.manifest["packages"]}
