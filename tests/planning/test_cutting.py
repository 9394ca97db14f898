"""Where the line is cut: what a closed block needs of it, and what it starts from then."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from shown import GNU, RAW, built

if TYPE_CHECKING:
    from collections.abc import Callable

    from shown import Shown



def test_who_builds_upon_an_open_block_starts_from_the_line_up_to_it(splits: Callable[..., Shown]) -> None:
    """The stage that ends with an open block is called as it; what builds upon the block starts there, and so does the rest of the line."""
    found = splits("Stage0 += arg(name='A')", built("a"), built("o", "says_all=False"), built("b", "first=o"), built("c"), RAW)
    assert found["o"] == ["from debian:12", "arg A", "copy a:/opt/a", "survey /opt/o"]
    assert found["b"] == ["from o", "arg A", "survey /opt/b /opt/o"]
    assert found["c"] == ["from debian:12", "arg A", "survey /opt/c"]
    assert found["devel"] == ["from o", "arg A", "copy b:/opt/b", "copy c:/opt/c", "touch /data/x"]


def test_who_builds_upon_that_starts_there_too(splits: Callable[..., Shown]) -> None:
    """What was cut for one block is there for all that build upon it."""
    found = splits(built("o", "says_all=False"), built("b", "first=o"), built("c", "first=b"))
    assert found["c"] == ["from o", "copy b:/opt/b", "survey /opt/c /opt/b"]


def test_a_path_that_nobody_has_may_have_been_made_by_the_recipe(splits: Callable[..., Shown]) -> None:
    """A block that names a path of no block's starts from the line behind the last commands that may have made it."""
    found = splits(built("a"), RAW, built("b", "paths=['/data/x']"), built("c", "paths=['/etc/passwd', '/usr/bin/cc']"))
    assert found["devel-1"] == ["from debian:12", "copy a:/opt/a", "touch /data/x"]
    assert found["b"][0] == "from devel-1"
    assert found["c"][0] == "from debian:12"
    assert splits(RAW, built("b", "paths=['/data/x']"))["b"][0] == "from devel-base"


def test_a_path_that_nobody_has_may_have_been_brought_by_packages(splits: Callable[..., Shown]) -> None:
    """A block that names a path of no block's has the packages that were installed before it."""
    vendor = "Stage0 += managed(installs=['rocm-dev'], repository='rocm')"
    assert splits(vendor, built("b", "paths=['/opt/rocm']"))["b"][0] == "from managed"
    assert splits(vendor, built("b"))["b"][0] == "from debian:12"


def test_a_variable_names_paths_for_all_behind_it(splits: Callable[..., Shown]) -> None:
    """What a variable of the recipe names is there for the blocks behind it: the block whose path it is, else the line that may have made it."""
    path = "Stage0 += environment(variables={{'PATH': '{}/bin:$PATH'}})"
    owned = splits(built("a"), built("b"), path.format("/opt/a"), built("c"))
    assert "copy a:/opt/a" in owned["c"]
    assert "copy a:/opt/a" not in owned["b"]
    nobodys = splits(built("a"), RAW, path.format("/site"), built("c"), "Stage0 += environment(variables={'A': 'b'})")
    assert nobodys["c"][0] == "from devel-1"
    assert splits(built("a"), RAW, path.format("/usr"), built("c"))["c"][0] == "from debian:12"


@pytest.mark.parametrize("line", ["copy(src='a.h', dest='/opt/a/include/')", "write_file(path='/opt/a/etc/a.conf', content='x')"])
def test_what_the_recipe_puts_into_a_folder_is_there_for_who_builds_upon_it(splits: Callable[..., Shown], line: str) -> None:
    """A file that the recipe adds below a block's prefix is seen by the blocks that build upon it, and by no other."""
    found = splits(built("a"), f"Stage0 += {line}", built("b", "first=a"), built("c"))
    assert (found["b"][0], found["c"][0]) == ("from devel-1", "from debian:12")


def test_packages_behind_what_changes_their_sources_are_installed_there(splits: Callable[..., Shown]) -> None:
    """Behind raw commands that name the package manager, packages come from the line that these have changed."""
    for command, start in (("add-apt-repository x", "devel-1"), ("echo deb > /etc/apt/sources.list.d/x", "devel-1"), ("touch /data/adapt", "debian:12")):
        found = splits(built("a"), f"Stage0 += shell(commands=['{command}'])", GNU, built("b"))
        assert found["managed"][0] == f"from {start}", command
        assert found["b"][0] == "from managed"


def test_compilers_are_installed_once_though_raw_commands_stand_before_the_first_block_that_uses_them(splits: Callable[..., Shown]) -> None:
    """The recipe's stage starts from the compilers' stage wherever the blocks that use them stand."""
    found = splits(GNU, RAW, built("a"))
    assert (found["a"][0], found["devel"][0]) == ("from managed", "from managed")


def test_a_user_may_have_been_made_by_the_recipe(splits: Callable[..., Shown]) -> None:
    """A block that runs as another user starts from the line in which raw commands may have made him; as root it does not."""
    lines = (built("a"), "Stage0 += shell(commands=['touch /etc/users/bob'])", "Stage0 += user('bob')", built("b"), "Stage0 += user('root')", built("c"))
    found = splits(*lines)
    assert found["devel-1"][-1] == "touch /etc/users/bob"
    assert found["b"] == ["from devel-1", "as bob", "survey /opt/b"]
    assert found["c"] == ["from debian:12", "as bob", "as root", "survey /opt/c"]


def test_root_installs_packages_behind_a_cut(splits: Callable[..., Shown]) -> None:
    """Where the line up to a cut ends as another user, packages are still installed as root, and the block is built as whom the recipe says."""
    user = ("Stage0 += shell(commands=['touch /etc/users/bob'])", "Stage0 += user('bob')", RAW, "Stage0 += user('root')")
    found = splits(built("a"), *user, built("b", "paths=['/data/x']", "installs=['zlib']"))
    assert found["b"] == ["from devel-1", "as root", "install zlib", "as root", "survey /opt/b /data/x"]


def test_a_cut_keeps_the_command_of_the_image(splits: Callable[..., Shown]) -> None:
    """A command that was said before a cut is said again behind it, since an entrypoint takes away what an earlier stage said."""
    found = splits(built("o", "says_all=False"), "Stage0 += cmd(['x'])", RAW, built("b", "paths=['/data/x']"), "Stage0 += entrypoint(['y'])")
    assert found["devel"] == ["from devel-1", "cmd", "copy b:/opt/b", "entrypoint"]
