from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.shipped.conftest import Builder

ORIGIN = "-Wl,-rpath,$ORIGIN/../lib"
TAKE = "take\ttool\tprograms\t{}/bin/*"


def take(builder: Builder) -> str:
    """The record that takes the programs of the block."""
    return TAKE.format(builder.prefix)


@pytest.mark.parametrize(("rpath", "tags"), [("$ORIGIN/../lib", "--enable-new-dtags"), ("{prefix}/lib", "--disable-new-dtags")])
def test_a_library_is_found_by_the_programs_own_path(builder: Builder, rpath: str, tags: str) -> None:
    """A library that a program finds by RUNPATH or RPATH, absolute or by $ORIGIN, comes along, and nothing else beside it."""
    needed = builder.library("opt/tool/lib/libone.so.1")
    builder.library("opt/tool/lib/libother.so.1")
    builder.program("opt/tool/bin/run", f"-Wl,{tags},-rpath,{rpath.format(prefix=builder.prefix)}", needs=(needed,))
    found = builder.closure(take(builder))
    assert found.status == 0, found.said
    assert found.below(builder.prefix) == {"bin/run", "lib/libone.so.1"}
    assert found.file(needed)["why"] == f"needed by {builder.prefix}/bin/run"


def test_what_a_library_needs_comes_along(builder: Builder) -> None:
    """A library's own libraries come along, each once."""
    low = builder.library("opt/tool/lib/liblow.so.1")
    mid = builder.library("opt/tool/lib/libmid.so.1", "-Wl,-rpath,$ORIGIN", needs=(low,))
    builder.program("opt/tool/bin/run", ORIGIN, needs=(mid,))
    found = builder.closure(take(builder))
    assert found.below(builder.prefix) == {"bin/run", "lib/libmid.so.1", "lib/liblow.so.1"}


def test_every_link_of_a_librarys_chain_comes_along(builder: Builder) -> None:
    """A library that is found through links comes with those links, and without the link that only development needs."""
    builder.library("opt/tool/lib/libone.so.1.2.3", soname="libone.so.1")
    builder.link("opt/tool/lib/libone.so.1.2", "libone.so.1.2.3")
    builder.link("opt/tool/lib/libone.so.1", "libone.so.1.2")
    development = builder.link("opt/tool/lib/libone.so", "libone.so.1")
    builder.program("opt/tool/bin/run", ORIGIN, needs=(development,))
    found = builder.closure(take(builder))
    assert found.below(builder.prefix / "lib") == {"libone.so.1", "libone.so.1.2", "libone.so.1.2.3"}
    assert (found.root / str(builder.prefix)[1:] / "lib" / "libone.so.1").readlink().name == "libone.so.1.2"
    assert found.file(builder.prefix / "lib" / "libone.so.1")["bytes"] == 0


def test_two_versions_of_one_library_both_come_along(builder: Builder) -> None:
    """Where two programs need two sonames of one library, both come along."""
    for version in ("1", "2"):
        needed = builder.library(f"opt/tool/lib/libone.so.{version}")
        builder.program(f"opt/tool/bin/run{version}", ORIGIN, needs=(needed,))
    found = builder.closure(take(builder))
    assert found.below(builder.prefix / "lib") == {"libone.so.1", "libone.so.2"}


def test_a_missing_library_is_said_and_leaves_nothing(builder: Builder) -> None:
    """A library that is nowhere is reported with the file that needs it and its block, and no tree is left behind."""
    gone = builder.library("opt/tool/lib/libgone.so.7")
    builder.program("opt/tool/bin/run", ORIGIN, needs=(gone,))
    gone.unlink()
    found = builder.closure(take(builder))
    assert found.status == 1
    assert f"closure: {builder.prefix}/bin/run needs libgone.so.7, which is nowhere (tool)" in found.said
    assert not found.root.exists()


def test_all_missing_libraries_are_said(builder: Builder) -> None:
    """Every file that misses something is reported in one run."""
    for name in ("one", "two"):
        gone = builder.library(f"opt/tool/lib/lib{name}.so.7")
        builder.program(f"opt/tool/bin/{name}", ORIGIN, needs=(gone,))
        gone.unlink()
    found = builder.closure(take(builder))
    assert "bin/one needs libone.so.7" in found.said
    assert "bin/two needs libtwo.so.7" in found.said


def test_a_version_that_a_library_lacks_is_said(builder: Builder) -> None:
    """A library that is there without the symbol version that is wanted of it is an error, as a missing one is."""
    script = builder.file("versions", "NEW_2 { global: *; };")
    needed = builder.library("opt/tool/lib/libone.so.1", f"-Wl,--version-script,{script}", code="int one(void) { return 1; }")
    source = builder.file("main.c", "int one(void); int main(void) { return one(); }")
    (builder.prefix / "bin").mkdir()
    assert builder.compiles(source, builder.prefix / "bin" / "run", needed, ORIGIN)
    builder.file("versions", "OLD_1 { global: *; };")
    builder.library("opt/tool/lib/libone.so.1", f"-Wl,--version-script,{script}", code="int one(void) { return 1; }")
    found = builder.closure(take(builder))
    assert found.status == 1
    assert "bin/run cannot be loaded" in found.said
    assert "NEW_2" in found.said


def test_a_search_folder_is_for_what_nothing_else_finds(builder: Builder) -> None:
    """LD_LIBRARY_PATH of the final image is asked for those libraries alone that are not found without it."""
    one = builder.library("opt/tool/lib/libone.so.1")
    two = builder.library("opt/extra/libtwo.so.1")
    builder.library("opt/extra/libone.so.1")
    builder.program("opt/tool/bin/run", ORIGIN, needs=(one, two))
    assert builder.closure(take(builder)).status == 1
    found = builder.closure(take(builder), f"search\t{builder.folder}/opt/nowhere", f"search\t{builder.folder}/opt/extra")
    assert found.status == 0, found.said
    assert found.below(builder.folder / "opt") == {"tool/bin/run", "tool/lib/libone.so.1", "extra/libtwo.so.1"}


def test_the_builders_own_search_path_counts_for_nothing(builder: Builder) -> None:
    """What is found only by LD_LIBRARY_PATH of the builder is missing in the final image."""
    two = builder.library("opt/extra/libtwo.so.1")
    builder.program("opt/tool/bin/run", needs=(two,))
    found = builder.closure(take(builder), env={"PATH": "/usr/bin:/bin", "LD_LIBRARY_PATH": str(two.parent)})
    assert found.status == 1


def test_libraries_of_the_host_are_never_taken(builder: Builder) -> None:
    """A library that the host brings may be missing, is not taken where it is there, and its stub is not taken either."""
    driver = builder.library("opt/tool/lib/stubs/libcuda.so.1")
    absent = builder.library("opt/tool/lib/libnvidia-ml.so.1")
    builder.program("opt/tool/bin/run", "-Wl,-rpath,$ORIGIN/../lib/stubs", needs=(driver, absent))
    absent.unlink()
    found = builder.closure(f"take\ttool\tall\t{builder.prefix}", "host\tlibcuda.so*", "host\tlibnvidia-*")
    assert found.status == 0, found.said
    assert found.below(builder.prefix) == {"bin/run"}
    assert (found.out / "check" / "host").read_text() == "libcuda.so*\nlibnvidia-*\n"


def test_a_stub_does_not_stand_for_a_library(builder: Builder) -> None:
    """A library that is found in a folder of stubs alone is missing, unless the host brings it."""
    stub = builder.library("opt/tool/lib/stubs/libdriver.so.1")
    builder.program("opt/tool/bin/run", "-Wl,-rpath,$ORIGIN/../lib/stubs", needs=(stub,))
    found = builder.closure(take(builder))
    assert "bin/run needs libdriver.so.1, which is nowhere (tool)" in found.said


@pytest.mark.parametrize("flags", [("-static",), ("-static-pie",), ("-nostdlib", "-shared", "-fPIC")])
def test_a_program_without_libraries_needs_none(builder: Builder, flags: tuple[str, ...]) -> None:
    """A static program is taken and needs nothing."""
    builder.program("opt/tool/bin/run", *flags)
    found = builder.closure(take(builder))
    assert (found.status, found.said.count("\n")) == (0, 1), found.said
    assert {one["path"] for one in found.manifest["files"]} == {f"{builder.prefix}/bin/run"}


def test_another_machines_program_is_noted(builder: Builder) -> None:
    """A program for another machine is taken as a file; that it cannot be asked about is said and is no error."""
    program = builder.program("opt/tool/bin/run")
    code = bytearray(program.read_bytes())
    code[18:20] = b"\xb7\x00"
    program.write_bytes(code)
    found = builder.closure(take(builder))
    assert found.status == 0
    assert f"closure: note: {program}" in found.said
    assert found.has(program)


@pytest.mark.parametrize("target", ["lib", "./lib/", "{prefix}/lib"])
def test_a_linked_folder_comes_as_link(builder: Builder, target: str) -> None:
    """A library that is found through a linked folder lies in the real one, and the link is there too."""
    needed = builder.library("opt/tool/lib/libone.so.1")
    builder.link("opt/tool/lib64", target.format(prefix=builder.prefix))
    builder.program("opt/tool/bin/run", "-Wl,-rpath,$ORIGIN/../lib64", needs=(needed,))
    found = builder.closure(take(builder))
    assert found.below(builder.prefix) == {"bin/run", "lib/libone.so.1", "lib64"}
    assert (found.root / str(builder.prefix)[1:] / "lib64").is_symlink()


def test_links_of_links_of_folders_come_along(builder: Builder) -> None:
    """Where a folder is a link to a link, as alternatives make them, each is there."""
    needed = builder.library("opt/tool-12.4/targets/lib/libone.so.1")
    builder.link("opt/tool-12.4/lib64", "targets/lib")
    builder.link("etc/tool", builder.folder / "opt" / "tool-12.4")
    builder.link("opt/tool", "../etc/tool")
    builder.program("opt/app/run", f"-Wl,-rpath,{builder.prefix}/lib64", needs=(needed,))
    found = builder.closure(f"root\t{builder.folder}/opt/app/run\t{builder.folder}/opt/app/run")
    assert found.status == 0, found.said
    assert found.below(builder.folder) == {"etc/tool", "opt/tool", "opt/tool-12.4/lib64", "opt/tool-12.4/targets/lib/libone.so.1"}
    assert found.file(f"{builder.folder}/opt/tool-12.4/targets/lib/libone.so.1")["block"] == "tool"


def test_no_folder_of_the_tree_is_one_that_is_a_link_in_the_builder(builder: Builder) -> None:
    """A tree for a system with merged /usr has no /lib64, which COPY could not put upon the link that is there."""
    builder.program("opt/tool/bin/run")
    found = builder.closure(take(builder), there="")
    places = [Path(one["path"]) for one in found.manifest["files"]]
    assert {"libc.so.6", "run", "ld-linux-x86-64.so.2"} <= {place.name for place in places}
    assert all(place.parent == place.parent.resolve() for place in places)
    assert not {"bin", "lib", "lib64"} & {one.name for one in found.root.iterdir()}


def test_variants_for_other_processors_come_along(builder: Builder) -> None:
    """A library comes with its variants for other processors and with the one for all, whatever the builder's processor is."""
    plain = builder.library("opt/tool/lib/libone.so.1")
    builder.library("opt/tool/lib/glibc-hwcaps/x86-64-v2/libone.so.1")
    builder.library("opt/tool/lib/glibc-hwcaps/x86-64-v4/libone.so.1")
    builder.program("opt/tool/bin/run", ORIGIN, needs=(plain,))
    found = builder.closure(take(builder))
    assert found.below(builder.prefix / "lib") == {
        "libone.so.1",
        "glibc-hwcaps/x86-64-v2/libone.so.1",
        "glibc-hwcaps/x86-64-v4/libone.so.1",
    }


def test_a_plugin_may_count_on_the_program_that_loads_it(builder: Builder) -> None:
    """A taken library that finds its own only by the RPATH of the program that needs it is not missing anything."""
    low = builder.library("opt/tool/lib/liblow.so.1")
    mid = builder.library("opt/tool/lib/libmid.so.1", needs=(low,))
    builder.program("opt/tool/bin/run", "-Wl,--disable-new-dtags", ORIGIN, needs=(mid,))
    found = builder.closure(f"take\ttool\tall\t{builder.prefix}")
    assert found.status == 0, found.said
    assert f"{mid}\n" not in (found.out / "check" / "roots").read_text()
