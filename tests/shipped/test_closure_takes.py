from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.shipped.conftest import Builder

ORIGIN = "-Wl,-rpath,$ORIGIN/../lib"

LEFT = (
    "include/tool.h",
    "include/tool.hpp",
    "include/deep/tool.inc",
    "lib/tool.mod",
    "lib/libtool.a",
    "lib/libtool.la",
    "lib/start.o",
    "lib/pkgconfig/tool.pc",
    "share/pkgconfig/other.pc",
    "lib/cmake/tool/tool-config.cmake",
    "share/cmake/any",
    "share/doc/tool/readme",
    "share/man/man1/tool.1",
    "share/info/tool.info",
    "share/gtk-doc/html/index",
    "share/aclocal/tool.m4",
    "man/man1/tool.1",
)
KEPT = ("share/tool/table.dat", "share/tool/help.txt", "etc/tool.conf", "lib/tool/readme", "lib/python/mod.py", "libexec/helper", "share/manual/x")


def whole_block(builder: Builder) -> str:
    """The record that takes all that the block has."""
    return f"take\ttool\tall\t{builder.prefix}"


def test_what_only_development_needs_is_left_behind(builder: Builder) -> None:
    """A folder comes without headers, archives, build systems' files and manuals, and with all else."""
    for path in (*LEFT, *KEPT):
        builder.file(f"opt/tool/{path}", "text")
    assert builder.closure(whole_block(builder)).below(builder.prefix) == set(KEPT)


def test_nothing_of_a_whole_is_left_behind(builder: Builder) -> None:
    """What is taken whole comes with everything, even what a folder is to leave and what the host brings."""
    for path in (*LEFT, *KEPT, "lib/libcuda.so.1", "lib/stubs/libcuda.so"):
        builder.file(f"opt/tool/{path}", "text")
    found = builder.closure(f"whole\ttool\tall\t{builder.prefix}", f"leave\t{builder.prefix}/etc", "host\tlibcuda.so*")
    assert found.below(builder.prefix) == {*LEFT, *KEPT, "lib/libcuda.so.1", "lib/stubs/libcuda.so"}


@pytest.mark.parametrize("path", ["lib/libtool.a", "include/tool.h", "share/doc/tool/readme", "include", "share/doc"])
def test_what_is_named_exactly_comes_along(builder: Builder, path: str) -> None:
    """A file or folder that a record names comes, even if a folder above it would have left it behind."""
    for one in LEFT:
        builder.file(f"opt/tool/{one}", "text")
    found = builder.closure(f"take\ttool\tthis\t{builder.prefix}/{path}")
    assert found.below(builder.prefix) == {one for one in LEFT if one == path or one.startswith(f"{path}/")}


@pytest.mark.parametrize("how", ["needed", "named"])
def test_a_development_link_comes_where_it_is_wanted_by_name(builder: Builder, how: str) -> None:
    """A link lib*.so comes if a library is needed by this name, or if a record names it."""
    builder.library("opt/tool/lib/libone.so.1.0", soname="libone.so" if how == "needed" else "libone.so.1")
    builder.link("opt/tool/lib/libone.so.1", "libone.so.1.0")
    link = builder.link("opt/tool/lib/libone.so", "libone.so.1")
    builder.program("opt/tool/bin/run", ORIGIN, needs=(link,))
    extra = [f"take\ttool\tthis\t{link}"] if how == "named" else []
    found = builder.closure(f"take\ttool\tprograms\t{builder.prefix}/bin", f"take\ttool\tall\t{builder.prefix}/lib/*", *extra)
    assert found.below(builder.prefix) == {"bin/run", "lib/libone.so", "lib/libone.so.1", "lib/libone.so.1.0"}


def test_a_library_without_a_version_is_no_development_link(builder: Builder) -> None:
    """A file lib*.so that is no link is taken as a plugin is."""
    builder.library("opt/tool/lib/libplugin.so")
    assert builder.closure(whole_block(builder)).below(builder.prefix) == {"lib/libplugin.so"}


def test_a_plug_in_that_is_a_library_elsewhere_is_no_development_link(builder: Builder) -> None:
    """A link lib*.so that leads out of its folder is a plug-in, as libibverbs/libmlx5-rdmav34.so is; what it leads to comes with it."""
    builder.library("opt/tool/lib/libmlx5.so.1.2", soname="libmlx5.so.1")
    builder.link("opt/tool/lib/libmlx5.so.1", "libmlx5.so.1.2")
    builder.link("opt/tool/lib/libmlx5.so", "libmlx5.so.1")
    builder.link("opt/tool/lib/libverbs/libmlx5-rdmav34.so", "../libmlx5.so.1.2")
    found = builder.closure(f"take\ttool\topened by name\t{builder.prefix}/lib/libverbs/*.so")
    assert found.below(builder.prefix) == {"lib/libverbs/libmlx5-rdmav34.so", "lib/libmlx5.so.1.2"}
    whole = {"lib/libmlx5.so.1", "lib/libmlx5.so.1.2", "lib/libverbs/libmlx5-rdmav34.so"}
    assert builder.closure(whole_block(builder)).below(builder.prefix) == whole


def test_what_is_to_be_left_is_left(builder: Builder) -> None:
    """A file or folder that a record leaves does not come with the folder above it."""
    for path in ("bin/run", "bin/bench", "share/a/one", "share/a/two", "share/b/one", "lib/x/deep/one"):
        builder.file(f"opt/tool/{path}")
    prefix = builder.prefix
    found = builder.closure(whole_block(builder), f"leave\t{prefix}/bin/b*", f"leave\t{prefix}/share/a", f"leave\t{prefix}/*/x", f"leave\t{prefix}/none*")
    assert found.below(prefix) == {"bin/run", "share/b/one"}


def test_what_is_to_be_left_comes_where_it_is_needed(builder: Builder) -> None:
    """A library that a record leaves comes all the same if a program needs it."""
    needed = builder.library("opt/tool/lib/libone.so.1")
    builder.library("opt/tool/lib/libtwo.so.1")
    builder.program("opt/tool/bin/run", ORIGIN, needs=(needed,))
    found = builder.closure(whole_block(builder), f"leave\t{builder.prefix}/lib")
    assert found.below(builder.prefix) == {"bin/run", "lib/libone.so.1"}


@pytest.mark.parametrize(("record", "status"), [("take\ttool\tx\t{}/none*", 0), ("take\ttool\tx\t{}/none", 1), ("whole\ttool\tx\t{}/none*", 1), ("root\t{}/none*\t/x", 1)])
def test_what_matches_nothing_is_said(builder: Builder, record: str, status: int) -> None:
    """A glob that matches nothing is an error that names it, but for a `take` with a wildcard."""
    found = builder.closure(record.format(builder.prefix))
    assert found.status == status
    assert ("none" in found.said) == bool(status)


ODD = ("two words", " lead", "trail ", 'quo"te', "apo'strophe", "dol$lar `x`", "star*[a]?", "back\\slash\\n", "\N{GREEK SMALL LETTER ALPHA}\u4e2d", "-n", "#x", "tilde~", "a:b", "b\udcffd")


def test_odd_names_come_along(builder: Builder) -> None:
    """Files whose names hold blanks, quotes, globs, dollar signs or any bytes come along and are in the manifest."""
    for name in ODD:
        folder = os.fsencode(builder.prefix / "share" / name)
        os.makedirs(folder)
        with open(os.path.join(folder, os.fsencode(name)), "wb") as file:
            file.write(b"12345")
    found = builder.closure(whole_block(builder))
    assert found.status == 0, found.said
    assert found.below(builder.prefix) == {f"share/{name}/{name}" for name in ODD}
    told = {one["path"]: one["bytes"] for one in found.manifest["files"]}
    assert told == {f"{builder.prefix}/share/{name}/{name}".replace("\udcff", "\ufffd"): 5 for name in ODD}


def test_odd_names_of_programs_and_libraries_are_followed(builder: Builder) -> None:
    """Programs, libraries and scripts of odd names are asked about as others are."""
    needed = builder.library('opt/tool/lib/lib "$one" *.so.1')
    builder.program("opt/tool/bin/run 'it' [1]", ORIGIN, needs=(needed,))
    found = builder.closure(f"take\ttool\tprograms\t{builder.prefix}/bin/*")
    assert found.below(builder.prefix) == {"bin/run 'it' [1]", 'lib/lib "$one" *.so.1'}
    assert str(needed) in (found.out / "check" / "roots").read_text()


@pytest.mark.parametrize("name", ["two\nlines", "a\ttab"])
def test_a_name_of_two_lines_is_an_error(builder: Builder, name: str) -> None:
    """A name that holds a line end or a tab is an error that names it."""
    builder.file(f"opt/tool/share/{name}")
    found = builder.closure(whole_block(builder))
    assert found.status == 1
    assert "a name holds a line end or a tab" in found.said
    assert name.splitlines()[0] in found.said


def test_a_terminal_is_not_obeyed(builder: Builder) -> None:
    """What is said of a file cannot hold what a terminal would obey."""
    builder.file("opt/tool/bin/\x1b[31mred", "#!/nowhere\n")
    found = builder.closure(whole_block(builder))
    assert "\x1b" not in found.said
    assert "?[31mred" in found.said


def test_folders_and_files_are_as_in_the_builder(builder: Builder) -> None:
    """Modes of files and folders, empty folders and times are as in the builder."""
    secret = builder.file("opt/tool/etc/secret", "x", 0o640)
    script = builder.file("opt/tool/bin/run", "#!/bin/sh\n", 0o4755)
    secret.parent.chmod(0o711)
    empty = builder.prefix / "var" / "empty"
    empty.mkdir(parents=True)
    empty.chmod(0o1777)
    os.utime(secret, (1e9, 1e9))
    found = builder.closure(whole_block(builder))
    for one in (secret, script, secret.parent, empty, builder.prefix):
        assert (found.root / str(one)[1:]).stat().st_mode == one.stat().st_mode
    assert (found.root / str(secret)[1:]).stat().st_mtime == 1e9


def test_a_link_brings_what_it_points_to(builder: Builder) -> None:
    """A taken link that points to a file outside what is taken brings the file; one that points nowhere stays as it is."""
    outside = builder.file("opt/data/table", "x")
    builder.link("opt/tool/share/table", "../../data/table")
    builder.link("opt/tool/share/later", "/nowhere/mounted")
    builder.link("opt/tool/share/round", "round")
    found = builder.closure(whole_block(builder))
    assert found.status == 0, found.said
    assert found.below(builder.prefix) == {"share/table", "share/later", "share/round"}
    assert found.has(outside)
    assert found.file(outside)["why"] == f"needed by {builder.prefix}/share/table"


def test_what_was_put_out_before_is_gone(builder: Builder) -> None:
    """A second run leaves nothing of the first, but for the files that were put beside what it writes."""
    builder.file("opt/tool/share/one")
    builder.closure(whole_block(builder))
    kept = builder.file("out/check/check", "mine")
    (builder.prefix / "share" / "one").rename(builder.prefix / "share" / "two")
    found = builder.closure(whole_block(builder))
    assert found.below(builder.prefix) == {"share/two"}
    assert kept.read_text() == "mine"


def test_examples_are_left_behind(builder: Builder) -> None:
    """Examples below share/ are for reading; a folder of that name elsewhere may be data."""
    for path in ("share/tool/examples/one.c", "share/tool_examples/two", "data/examples/three", "share/tool/four"):
        builder.file(f"opt/tool/{path}")
    assert builder.closure(whole_block(builder)).below(builder.prefix) == {"data/examples/three", "share/tool/four"}


def test_what_is_copied_later_is_not_asked_about(builder: Builder) -> None:
    """A program that the recipe copies after the check is followed and in the manifest, and the check does not look for it."""
    needed = builder.library("opt/tool/lib/libone.so.1")
    for name in ("now", "then"):
        builder.program(f"src/{name}", f"-Wl,-rpath,{needed.parent}", needs=(needed,))
    found = builder.closure(*(f"root\t{builder.folder}/src/{name}\t/usr/local/bin/{name}{more}" for name, more in (("now", ""), ("then", "\tlater"))))
    assert found.has(needed)
    assert {one["path"] for one in found.manifest["files"]} >= {"/usr/local/bin/now", "/usr/local/bin/then"}
    asked = (found.out / "check" / "roots").read_text().splitlines()
    assert "/usr/local/bin/now" in asked
    assert "/usr/local/bin/then" not in asked
