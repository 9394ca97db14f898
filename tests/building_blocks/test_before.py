"""How a block finds those before it: by name, by what they provide, by the very object, by a path."""

from __future__ import annotations

import posixpath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpcgen.block import Block
from hpcgen.block.before import Before
from hpcgen.block.paths import is_own, is_systems, is_within, mpi_named_in, named_in, normal
from hpcgen.graph.nodes import ByArch, Run, SetEnv

PARTS = st.sampled_from(("opt", "usr", "local", "ucx", "ucx2", "a", "lib"))
PATHS = st.lists(PARTS, min_size=1, max_size=5).map(lambda parts: "/" + "/".join(parts))


class library(Block):
    """A library."""

    provides = ("math",)


class other(Block):
    """Another one."""

    provides = ("math", "sound")


class compiler(Block):
    """A compiler."""

    compiles = ("c",)


def at(prefix: str, kind: type[Block] = library) -> Block:
    """A block with a prefix."""
    block = kind()
    block.prefix = prefix
    return block


def naive(blocks: list[Block], path: str) -> Block | None:
    """The owner of a path, by looking at all prefixes: the longest that the path is or lies below, the last of those who share it."""
    found = [block for block in blocks if block.prefix and f"{path}/".startswith(f"{block.prefix}/")]
    return max(reversed(found), key=lambda block: len(block.prefix), default=None)


@given(st.lists(st.one_of(st.just(""), PATHS), max_size=8), PATHS, st.sampled_from(("", "/", "//", "/.", "/../lib/..")))
def test_owner_is_the_innermost_prefix(prefixes: list[str], path: str, ending: str) -> None:
    """A path belongs to the innermost prefix that it is or lies below, however it is spelt, and to the last block that has this prefix."""
    blocks = [at(prefix) for prefix in prefixes]
    assert Before(blocks).owner(path + ending) is naive(blocks, posixpath.normpath(path + ending))


@given(st.lists(st.sampled_from((library, other, compiler)), max_size=8))
def test_nearest_of_a_name_and_of_what_it_provides(kinds: list[type[Block]]) -> None:
    """Of blocks with one name, or that provide the same, the last is found; compilers are all kept, in order; each knows how many stand before it."""
    blocks = [kind() for kind in kinds]
    before = Before(blocks)
    assert before.blocks == blocks
    assert [before.at(block) for block in blocks] == list(range(len(blocks)))
    assert all(before.has(block) for block in blocks)
    assert not before.has(library())
    assert list(before.compilers) == [block for block in blocks if isinstance(block, compiler)]
    for word in ("library", "other", "math", "sound", "nothing"):
        fitting = [block for block in blocks if word in (block.name, *block.provides)]
        assert before.provider(word) is (fitting[-1] if fitting else None)
        named = [block for block in blocks if block.name == word]
        assert (word in before) is bool(named)
        assert not named or before[word] is named[-1]
    assert set(before) == {block.name for block in blocks}


def test_it_grows_with_its_stage() -> None:
    """What is asked is answered by what stands there at that moment, and a later stage's own list leaves it as it was."""
    first = Before([one := at("/opt/a")])
    later = Before(first.blocks)
    later.add(two := at("/opt/a/b"))
    assert (first.owner("/opt/a/b/lib"), later.owner("/opt/a/b/lib")) == (one, two)
    assert not first.has(two)


@pytest.mark.parametrize(
    ("text", "paths"),
    [
        ("./configure --with-ucx=/usr/local/ucx", ["/usr/local/ucx"]),
        ("./configure CPPFLAGS='-I/usr/local/x/include -L/opt/y/lib'", ["/usr/local/x/include", "/opt/y/lib"]),
        ("gcc -isystem/opt/x/include -iquote/opt/y -idirafter/opt/z -J/opt/m a.c", ["/opt/x/include", "/opt/y", "/opt/z", "/opt/m"]),
        ("gcc -isystem /opt/x/include", ["/opt/x/include"]),
        ("LDFLAGS='-Wl,-rpath,/opt/x/lib -Wl,-rpath=/opt/y/lib'", ["/opt/x/lib", "/opt/y/lib"]),
        ("export CPATH=/opt/x/include:/opt/y/include:$CPATH", ["/opt/x/include", "/opt/y/include"]),
        ("cmake -DCMAKE_PREFIX_PATH='/opt/x;/opt/y'", ["/opt/x", "/opt/y"]),
        ('PATH="/opt/x/bin:$PATH" make', ["/opt/x/bin"]),
        ("/opt/x/bin/tool < /opt/in > /opt/out", ["/opt/x/bin/tool", "/opt/in", "/opt/out"]),
        ("--with-x=/opt/x/ --with-y=/opt//y/lib --with-z=/opt/a/../z", ["/opt/x", "/opt/y/lib", "/opt/z"]),
        ("cp a lib/b ../c ./d ~/e $HOME/f ${HOME}/g $(pwd)/h *.so*/i", []),
        ("curl https://example.org/opt/x file:///opt/x git@example.org:opt/x", []),
        ("sed s/a/b/", []),
    ],
)
def test_paths_in_commands(text: str, paths: list[str]) -> None:
    """Absolute paths are found wherever a command names them; relative ones, addresses and what begins with a variable are none."""
    assert list(named_in([Run((text,))])) == paths


def test_paths_of_all_that_runs() -> None:
    """Folder, commands and variables of a Run are read, in each architecture; each path counts once, and variables of the image are none."""
    run = Run(("a /opt/x", "b /opt/x"), cwd="/opt/w", env=(("CC", "/opt/cc/bin/gcc"),))
    choice = ByArch((("x86_64", (Run(("c /opt/intel",)),)), ("aarch64", (Run(("c /opt/arm",)),))))
    assert named_in([run, choice, SetEnv("A", "/opt/no")]) == ("/opt/w", "/opt/x", "/opt/cc/bin/gcc", "/opt/intel", "/opt/arm")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("CC=mpicc ./configure", "mpicc"),
        ("./configure CC='ccache mpicxx' F77=mpif77", "mpicxx"),
        ("mpirun -n 2 tests/a", "mpirun"),
        ("./configure --enable-mpi --with-mpi=yes", ""),
        ("./configure --enable-mpi-fortran=no", ""),
        ("CC=/opt/openmpi/bin/mpicc ./configure", ""),
        ("rm -rf openmpi mpicc-old mpicc.1; ./mpirun; echo $MPICC", ""),
    ],
)
def test_mpi_called_by_name(text: str, name: str) -> None:
    """A compiler of MPI, or its starter, is told by its name alone; with a path it is the path that counts."""
    assert mpi_named_in([Run((text,))]) == name


@pytest.mark.parametrize(
    ("path", "systems", "own"),
    [
        ("/usr/local/ucx", False, True),
        ("/opt/x", False, True),
        ("/apps", False, True),
        ("/usr/local/lib/x", False, True),
        ("/usr/local", False, False),
        ("/usr/local/lib", False, False),
        ("/opt", False, False),
        ("/", False, False),
        ("/usr", False, False),
        ("/usr/lib/x", True, False),
        ("/usr/include", True, False),
        ("/libx", False, True),
        ("/lib64/x", True, False),
        ("/etc/x", True, False),
        ("/tmp/x", True, False),
        ("relative", False, False),
    ],
)
def test_folders_of_many_and_of_one(path: str, systems: bool, own: bool) -> None:
    """A prefix is its block's own if neither the distribution nor other installations keep files there."""
    assert (is_systems(path), is_own(path)) == (systems, own)


@given(PATHS, PATHS)
def test_within_a_folder(path: str, folder: str) -> None:
    """A path is within a folder if its parts begin with the folder's: what only begins with the same letters is not."""
    assert is_within(path, folder) is (path.split("/")[: len(folder.split("/"))] == folder.split("/"))
    assert is_within(f"{path}/", f"{path}/")
    assert not is_within(path, "")
    assert not is_within(f"{folder}2", folder)


@given(PATHS, st.lists(st.sampled_from(("/", "/.", "//", "/./")), max_size=3))
def test_spellings_of_one_path(path: str, noise: list[str]) -> None:
    """Slashes that say nothing do not make another path."""
    assert normal(path + "".join(noise)) == path
