from __future__ import annotations

import pytest

from hpcgen.comparing.changes import MOVED, REWRITTEN, compare
from hpcgen.comparing.facts import Fact
from hpcgen.comparing.renames import renames
from hpcgen.comparing.words import setting, words

Said = list[tuple[str, str, str | None, str | None]]


def said(before: str | list[str], after: str | list[str], *folders: tuple[str, str]) -> Said:
    """What differs between commands."""
    old, new = ([Fact("command", "", one) for one in ([some] if isinstance(some, str) else some)] for some in (before, after))
    return [(one.topic, one.name or one.note, one.before, one.after) for one in compare(old, new, renames(folders))]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("./configure --a --b", "./configure --a --b --c=1", [("configure", "--c", None, "--c=1")]),
        ("./configure --a --with-x=/y", "./configure --a --with-x=/z", [("configure", "--with-x", "--with-x=/y", "--with-x=/z")]),
        ("./configure --a --without-x", "./configure --a --with-x=/z", [("configure", "--with-x", "--without-x", "--with-x=/z")]),
        ("./configure --a --enable-x", "./configure --a --disable-x", [("configure", "--disable-x", "--enable-x", "--disable-x")]),
        ("cmake -S . -DA=ON -DB=1", "cmake -S . -DA:BOOL=OFF -DB=1", [("cmake", "-DA", "-DA=ON", "-DA:BOOL=OFF")]),
        ("CC=gcc ./configure --a --b", "CC='gcc -m64' ./configure --a --b", [("configure", "CC", "CC=gcc", "CC=gcc -m64")]),
        ("make A=1 all", "make A=2 all", [("make", "A", "A=1", "A=2")]),
        ("cd b && make -j 2 all", "cd b && make -j 4 all", [("make", "2", "2", None), ("make", "4", None, "4")]),
        ("make all x", "make x all", [("make", "all", "all", "all")]),
        ("echo '$X' y", 'echo "$X" y', [("command", REWRITTEN, "echo '$X' y", 'echo "$X" y')]),
        ("echo one", "tar x", [("command", "", "echo one", None), ("command", "", None, "tar x")]),
        ("echo 'one", "echo 'two", [("command", "", "echo 'one", None), ("command", "", None, "echo 'two")]),
        ("if x\nthen y\nfi", "if x\nthen z\nfi", [("line", "", "then y", None), ("line", "", None, "then z")]),
        (["a", "b"], ["b", "a"], [("command", MOVED, "a", "a")]),
        (["make", "make install"], ["make"], [("command", "", "make install", None)]),
        ("source /a b", "source /a c", [("source", "b", "b", None), ("source", "c", None, "c")]),
        ("command -v x", "command -v y", [("command", "x", "x", None), ("command", "y", None, "y")]),
    ],
)
def test_commands_differ_by_their_words(before: str | list[str], after: str | list[str], expected: Said) -> None:
    """Options are compared by what they set, words as the shell splits them, scripts by lines."""
    assert sorted(said(before, after), key=str) == sorted(expected, key=str)


def test_what_follows_from_a_folders_name_is_not_said_again() -> None:
    """Words that read the same with the folder's new name are the same; others are not, and the old name may stay."""
    folders = (("/opt/x", "/opt/y"), ("/src/x-1.0", "/src/x-1.1"))
    assert said("./configure --prefix=/opt/x -L/opt/x/lib", "./configure --prefix=/opt/y -L/opt/y/lib", *folders) == []
    assert said("rm -rf /src/x-1.0", "rm -rf /src/x-1.1", *folders) == []
    assert said("a /opt/x /opt/xy", "a /opt/y /opt/yy", *folders) == [("a", "/opt/xy", "/opt/xy", None), ("a", "/opt/yy", None, "/opt/yy")]
    assert said("a b /opt/x", "a b /opt/x", *folders) == []
    assert said("a b /opt/x c", "a b /opt/x d", *folders) == [("a", "c", "c", None), ("a", "d", None, "d")]


@pytest.mark.parametrize(
    ("word", "what"),
    [("--with-x=/y", "--x"), ("--no-x", "--x"), ("--prefix=/y", "--prefix"), ("-DX:T=1", "-DX"), ("X+=1", "X+"), ("/a/b", "/a/b"), ("-I/a", "-I/a")],
)
def test_a_word_sets_something(word: str, what: str) -> None:
    """An option, a switch and a variable are known by their names, any other word by itself."""
    assert setting(word) == what


def test_words_are_those_of_the_shell() -> None:
    """Quotes are taken away, each word is of its own program."""
    assert words("A='b c' /bin/x \"d\"|y;z") == [("x", "A=b c"), ("x", "/bin/x"), ("x", "d"), ("y", "y"), ("z", "z")]
    assert words("x 'y") == []
