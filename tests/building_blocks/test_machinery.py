"""What blocks are made with: conditions on versions, names of packages, toolchains, partners, options of several parents."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from hpcgen.block import Block, Packages, Place, Tarball, Toolchain, Upon, option, partner
from hpcgen.block.before import Before
from hpcgen.block.lists import around_own_name
from hpcgen.block.versions import holds
from hpcgen.errors import Conflict, UnknownOption, WrongValue
from hpcgen.target import Target, known, named

BOOKWORM = Target("debian", "12")


@pytest.mark.parametrize(
    ("version", "condition", "expected"),
    [
        ("1.14.1", "<1.15", True),
        ("1.15.0", "<1.15", False),
        ("5.0.9", ">=5.0.9 <6", True),
        ("5.0.10", ">=5.0.9 <6", True),
        ("6.0.0", ">=5.0.9 <6", False),
        ("4.1.7", "==4.1.7", True),
        ("4.1.8", "!=4.1.7", True),
        ("1.18.1-rc2", "<1.18.1", True),
        ("", "<1.15", False),
        ("", "", True),
        ("1.0", "", True),
    ],
)
def test_conditions_on_versions(version: str, condition: str, expected: bool) -> None:
    """A condition holds if all of its comparisons do; one that is none is a fault of the block."""
    assert holds(version, condition) is expected
    with pytest.raises(ValueError, match="condition"):
        holds("1.0", "newer")


@pytest.mark.parametrize("target", known())
def test_names_that_ended_in_t64(target: str) -> None:
    """Packages renamed for 64-bit time have the ending where the release renamed them, and are apt's alone."""
    names = Packages(t64=("librdmacm1",), dnf=("librdmacm",)).names(Target(*named(target)))
    renamed = target in ("debian13", "ubuntu24.04", "ubuntu26.04")
    apt = target.startswith(("debian", "ubuntu"))
    assert names == ((f"librdmacm1{'t64' if renamed else ''}",) if apt else ("librdmacm",))


def test_archives_elsewhere() -> None:
    """A release lies where the first condition that holds says, else at the common path; {arch} and parts of the version are filled in."""
    table = Tarball("https://x", "{series}/a-{version}.tgz", elsewhere={"<2": "old/{underscored}-{arch}.tgz", "<3": "two/{major}.tgz"})
    assert table.url("3.1.4") == "https://x/3.1/a-3.1.4.tgz"
    assert table.url("1.2.3", arch="aarch64") == "https://x/old/1_2_3-aarch64.tgz"
    assert table.url("2.9", baseurl="http://mirror/") == "http://mirror/two/2.tgz"


def test_toolchain_is_what_is_set() -> None:
    """vars() of a toolchain gives what is set and nothing else; copies know whose compilers they are and change alone."""
    block = Block()
    made = Toolchain.made_by(block, CC="gcc")
    assert vars(made) == {"CC": "gcc"}
    assert made.of is block
    for copied in (copy.copy(made), copy.deepcopy(made)):
        copied.CFLAGS = "-O1"
        assert copied.of is block
        assert made.CFLAGS is None
        assert vars(copied) == {"CC": "gcc", "CFLAGS": "-O1"}
    with pytest.raises(UnknownOption):
        made.CX = "g++"
    with pytest.raises(WrongValue):
        made.CXX = 3  # what a recipe may say
    with pytest.raises(AttributeError):
        _ = made.color


class library(Block):
    """A library."""

    provides = ("math",)
    prefix = "/opt/library"
    version = "2.0"


class distributions(Block):
    """A library that the distribution brings."""

    provides = ("math",)


class program(Block):
    """A program."""

    version: str = option("1.0", "release")
    math: Upon = partner(
        "math", "numbers", with_="--with-math={path}", without="--without-math", system="--with-math", images=("(^|/)math:", "/image/math")
    )
    sound: Upon = partner("sound", "noise", default=False, system="--with-sound")
    old: bool = option(False, "what was", on="--enable-old", versions="<1")


def place(*before: Block, image: str = "") -> Place:
    """A place behind some blocks."""
    return Place(BOOKWORM, Before(before), image=image)


def test_partner_by_what_it_provides() -> None:
    """A partner is found by its name or by what it provides, the nearest first; its version can be asked for."""
    found = place(library()).partner(program(), "math")
    assert (found.path, found.at(">=2"), found.at("<2")) == ("/opt/library", True, False)
    assert place(library(), distributions()).partner(program(), "math").system
    assert place(image="site/math:3").partner(program(), "math").path == "/image/math"
    assert not place(image="site/aftermath:3").partner(program(), "math")
    assert not place().partner(program(), "math")


@pytest.mark.parametrize("value", ["/opt/library", "/opt/library/", "/opt/library/lib64"])
def test_path_within_a_block_is_that_block(value: str) -> None:
    """A path at or below a block's prefix is that block's: what builds upon the path builds upon it."""
    assert place(one := library()).partner(program(math=value), "math").block is one
    assert place(one).partner(program(math="/opt/library2"), "math").block is None


def test_block_as_partner() -> None:
    """A block object is the partner, if it is in the stage."""
    one = library()
    assert place(one).partner(program(math=one), "math").block is one
    with pytest.raises(Conflict, match="not in its stage"):
        place(library()).partner(program(math=one), "math")


@pytest.mark.parametrize(("option", "value"), [("sound", "/opt/sound"), ("math", True)])
def test_partners_that_cannot_be(option: str, value: Any) -> None:
    """A path where only the distribution's will do, and True without the block, are errors."""
    with pytest.raises(Conflict):
        place().partner(program(**{option: value}), option)


def test_choice_that_only_some_versions_have() -> None:
    """A choice of other versions is neither said nor taken."""
    with pytest.raises(Conflict, match="no choice of old"):
        program(old=True).check_rules(place())
    program(old=True, version="0.9").check_rules(place())
    program(old=False).check_rules(place())


def test_options_of_several_parents() -> None:
    """A block with two parents has the options of both, its own before theirs."""

    class first(Block):
        a: int = option(1, "a of the first")

    class second(Block):
        a: int = option(2, "a of the second")
        b: int = option(2, "b of the second")

    class both(first, second):
        c: int = option(3, "its own")

    assert (both().a, both().b, both(c=4).c) == (1, 2, 4)
    assert both.options["a"].help == "a of the first"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("/a:$PATH", (["/a"], True, [])),
        ("${PATH}:/b:/c", ([], True, ["/b", "/c"])),
        ("/a:/b", ([], False, [])),
        ("/a:$PATHS", ([], False, [])),
        ("$PATH", ([], True, [])),
    ],
)
def test_lists_around_their_own_name(value: str, expected: tuple[list[str], bool, list[str]]) -> None:
    """A list's own name between colons stands for what it had."""
    assert around_own_name("PATH", value) == expected
