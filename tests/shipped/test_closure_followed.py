from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.shipped.conftest import Builder

ORIGIN = "-Wl,-rpath,$ORIGIN/../lib"


@pytest.mark.parametrize("line", ["#!{0}/opt/lang/bin/lang", "#! {0}/opt/lang/bin/lang -x", "#!/usr/bin/env lang", "#!/usr/bin/env -S V=1 lang -x"])
def test_a_script_brings_what_runs_it(builder: Builder, line: str) -> None:
    """The interpreter of a script comes along, with its libraries, also where `env` looks it up."""
    needed = builder.library("opt/lang/lib/liblang.so.1")
    builder.program("opt/lang/bin/lang1.2", ORIGIN, needs=(needed,))
    builder.link("opt/lang/bin/lang", "lang1.2")
    script = builder.file("opt/tool/bin/run", line.format(builder.folder) + "\nprint\n", 0o755)
    found = builder.closure(f"take\ttool\tprograms\t{script}", env={"PATH": f"/usr/bin:/bin:{builder.folder}/opt/lang/bin"})
    assert found.status == 0, found.said
    assert found.below(builder.folder / "opt") == {"tool/bin/run", "lang/bin/lang", "lang/bin/lang1.2", "lang/lib/liblang.so.1"}
    assert found.file(f"{builder.folder}/opt/lang/bin/lang1.2")["why"] == f"needed by {script}"


@pytest.mark.parametrize("line", ["#!/opt/none/lang", "#!/usr/bin/env nonesuch", "#!/bin/sh\r"])
def test_a_script_that_nothing_can_run_is_noted(builder: Builder, line: str) -> None:
    """A script whose interpreter is not there is taken, and that is said."""
    script = builder.file("opt/tool/bin/run", f"{line}\n", 0o755)
    found = builder.closure(f"take\ttool\tprograms\t{script}")
    assert found.status == 0
    assert f"closure: note: {script} is to be run by" in found.said
    assert found.has(script)


@pytest.mark.parametrize(("pattern", "glob"), [("libone.so*", "{0}/opt/tool/lib/one/*.so"), ("libone.so.1", "@/one/*.so"), ("libone.so.1.2.3", "@/one")])
def test_what_a_library_opens_by_name_comes_along(builder: Builder, pattern: str, glob: str) -> None:
    """Companions of a library come where it is needed, with the libraries that they need."""
    needed = builder.library("opt/tool/lib/libone.so.1.2.3", soname="libone.so.1")
    builder.link("opt/tool/lib/libone.so.1", needed.name)
    low = builder.library("opt/tool/lib/liblow.so.1")
    plugin = builder.library("opt/tool/lib/one/plugin.so", "-Wl,-rpath,$ORIGIN/..", needs=(low,))
    builder.library("opt/tool/lib/one/plugin.la")
    builder.program("opt/tool/bin/run", ORIGIN, needs=(needed,))
    found = builder.closure(f"take\ttool\tprograms\t{builder.prefix}/bin", f"companion\t{pattern}\t{glob.format(builder.folder)}", "companion\tlibother*\t/etc/passwd")
    assert found.status == 0, found.said
    assert found.below(builder.prefix / "lib") == {"libone.so.1", "libone.so.1.2.3", "liblow.so.1", "one/plugin.so"}
    assert found.file(plugin)["why"] == f"opened by name by {builder.prefix}/lib/libone.so.1"
    assert not found.has("/etc/passwd")


def test_a_companion_may_lie_beside_the_real_library_alone(builder: Builder) -> None:
    """The library's own folder is the one that its name says, and the real one too."""
    needed = builder.library("opt/real/libone.so.1")
    builder.link("opt/tool/lib/libone.so.1", needed)
    builder.file("opt/real/one/data")
    builder.program("opt/tool/bin/run", ORIGIN, needs=(needed,))
    found = builder.closure(f"take\ttool\tprograms\t{builder.prefix}/bin", "companion\tlibone.so.1\t@/one")
    assert found.below(builder.folder / "opt" / "real") == {"libone.so.1", "one/data"}


def test_a_companion_of_what_is_not_needed_stays(builder: Builder) -> None:
    """A library that nothing needs brings nothing with it."""
    builder.library("opt/tool/lib/libone.so.1")
    builder.file("opt/tool/lib/one/data")
    builder.program("opt/tool/bin/run")
    found = builder.closure(f"take\ttool\tprograms\t{builder.prefix}/bin", "companion\tlibone.so*\t@/one/*")
    assert found.below(builder.prefix) == {"bin/run"}


def test_what_the_recipe_copies_is_followed_and_not_put_into_the_tree(builder: Builder) -> None:
    """Files that the recipe copies itself are only asked what they need, and are in the manifest where they will lie."""
    needed = builder.library("opt/tool/lib/libone.so.1")
    run = builder.program("opt/app/bin/run", f"-Wl,-rpath,{builder.prefix}/lib", needs=(needed,))
    builder.file("opt/app/share/data", "123")
    found = builder.closure(f"root\t{builder.folder}/opt/app\t/srv/app/")
    assert found.status == 0, found.said
    assert found.below(builder.folder / "opt") == {"tool/lib/libone.so.1"}
    assert found.file(needed)["why"] == "needed by /srv/app/bin/run"
    assert found.file("/srv/app/bin/run") == {"path": "/srv/app/bin/run", "block": "recipe", "why": "copied by the recipe", "bytes": run.stat().st_size}
    assert found.file("/srv/app/share/data")["bytes"] == 3
    assert "/srv/app/bin/run\n" in (found.out / "check" / "roots").read_text()


@pytest.mark.parametrize(("glob", "dest", "lies"), [("run", "/usr/bin/tool", ["/usr/bin/tool"]), ("run", "/srv/", ["/srv/run"]), ("r*", "/srv", ["/srv/rest", "/srv/run"])])
def test_copied_files_lie_where_copy_puts_them(builder: Builder, glob: str, dest: str, lies: list[str]) -> None:
    """One file is copied to a name, into a folder if that ends with a slash, and several into a folder."""
    builder.file("opt/app/run")
    builder.file("opt/app/rest")
    found = builder.closure(f"root\t{builder.folder}/opt/app/{glob}\t{dest}")
    assert [one["path"] for one in found.manifest["files"]] == lies


def test_a_library_that_the_recipe_copies_to_its_place_comes_once(builder: Builder) -> None:
    """A library that lies where the recipe copies it is not put into the tree as well."""
    needed = builder.library("opt/app/lib/libone.so.1")
    builder.program("opt/app/bin/run", ORIGIN, needs=(needed,))
    found = builder.closure(f"root\t{builder.folder}/opt/app\t{builder.folder}/opt/app")
    assert found.below(builder.folder) == set()
    assert [one["path"] for one in found.manifest["files"]].count(str(needed)) == 1
