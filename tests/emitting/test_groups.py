from __future__ import annotations

from hpcgen.emitting.groups import groups
from hpcgen.graph.nodes import AddRepository, BlockRef, ByArch, Comment, Copy, Fetch, Install, Node, PrependPath, Run, SetEnv, WriteFile
from hpcgen.origin import Origin

ONE, OTHER = BlockRef("one", "1", "d1"), BlockRef("other", "1", "d2")
INSTALL = Install(("a",), block=ONE)
FETCH = Fetch("https://e.org/a", None, "/src", block=ONE)
RUN = Run(("make",), block=ONE)
FILE = WriteFile("/a", "b", block=ONE)
REPOSITORY = AddRepository("r", "https://e.org", "https://e.org/key", "0" * 40, block=ONE)


def sizes(*nodes: Node) -> list[int]:
    """How many nodes each group has."""
    found = groups(nodes)
    assert [node for group in found for node in group] == list(nodes)
    return [len(group) for group in found]


def test_what_a_block_does_to_build_itself_is_one_instruction() -> None:
    """Fetching, building and writing files of one block are one layer, so that what is removed again is in none."""
    assert sizes(FETCH, RUN, FILE, Run(("rm",), block=ONE)) == [4]


def test_packages_stand_alone_so_that_a_changed_build_keeps_them() -> None:
    """A block's packages are an instruction of their own; a repository stands with what is installed from it."""
    assert sizes(INSTALL, RUN) == [1, 1]
    assert sizes(REPOSITORY, INSTALL, RUN) == [2, 1]
    assert sizes(RUN, INSTALL) == [1, 1]


def test_two_blocks_are_two_instructions() -> None:
    """Nothing of two blocks is one layer, nor is what the recipe itself says."""
    assert sizes(RUN, Run(("make",), block=OTHER)) == [1, 1]
    assert sizes(Run(("a",)), Run(("b",))) == [1, 1]
    assert sizes(WriteFile("/a", ""), WriteFile("/b", "")) == [1, 1]


def test_variables_of_one_line_are_one_instruction_unless_a_name_comes_twice() -> None:
    """A Dockerfile's ENV reads what stood before it: the same name twice needs two."""
    here, there = Origin("r.py", 1), Origin("r.py", 2)
    assert sizes(SetEnv("A", "1", origin=here), PrependPath("B", "/b", origin=here)) == [2]
    assert sizes(PrependPath("B", "/a", origin=here), PrependPath("B", "/b", origin=here)) == [1, 1]
    assert sizes(SetEnv("A", "1", origin=here), SetEnv("B", "1", origin=there)) == [1, 1]
    assert sizes(SetEnv("A", "1", block=ONE), SetEnv("B", "1", block=OTHER)) == [1, 1]


def test_a_choice_of_packages_is_no_part_of_a_build() -> None:
    """Packages that differ by architecture are packages."""
    packages = ByArch((("x86_64", (INSTALL,)), ("aarch64", (INSTALL,))), block=ONE)
    build = ByArch((("x86_64", (FETCH,)), ("aarch64", (FETCH,))), block=ONE)
    assert sizes(packages, RUN) == [1, 1]
    assert sizes(build, RUN) == [2]


def test_other_nodes_stand_alone() -> None:
    """A copy or a comment is one instruction."""
    assert sizes(RUN, Copy(("a",), "/a", block=ONE), Comment("x", block=ONE), RUN) == [1, 1, 1, 1]
