"""A stack of twelve blocks, split and built: what runs again after a change, what runs side by side, and whether it is what the line gives."""

from __future__ import annotations

import hashlib
import re
import secrets
import time
from collections import Counter
from typing import TYPE_CHECKING, Any

import attrs
import pytest
import support

import hpcgen

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

SOURCE = "source"
BLOCK = r"""
from hpcgen.block import Block, Upon, option, partner
from hpcgen.graph.nodes import Fetch, PrependPath, Run


class sleeper(Block, closed=True):
    "Stands for what is built: it takes its time, and writes down its option and what it finds."

    version = "1.0"
    prefix: str = option("", "where it goes")
    seconds: str = option("0", "the time that it takes")
    word: str = option("", "an option of its build")
    known: bool = option(True, "whether its options name all that it may find")
    first: Upon = partner("sleeper", "a partner", default=False, with_="{path}")
    second: Upon = partner("sleeper", "a partner", default=False, with_="{path}")
    third: Upon = partner("sleeper", "a partner", default=False, with_="{path}")

    def validate(self):
        self.closed = self.known

    @property
    def called(self):
        return self.prefix.rpartition("/")[2]

    def build(self, place):
        yield Fetch("http://127.0.0.1:9/source.txt", "CHECKSUM", "/usr/local/src", unpack=False)
        sees = [one.path for one in self.partners(place).values() if one.path] if self.known else ["/opt"]
        yield Run((
            f"mkdir -p {self.prefix}",
            f"echo {self.word} > {self.prefix}/option",
            f"mv /usr/local/src/source.txt {self.prefix}",
            f'[ "$JOBS" -gt 0 ] && sleep {self.seconds}',
            *(f"find {folder} -type f | sort >> /usr/local/src/found" for folder in sees),
            *(f"echo \"$SOME_PATHS\" | tr : '\\n' | grep '^{folder}/' >> /usr/local/src/found" for folder in sees),
            f"touch /usr/local/src/found && mv /usr/local/src/found {self.prefix}/found",
        ))

    def exported(self, place):
        yield PrependPath("SOME_PATHS", f"{self.prefix}/lib")

    runtime_environment_nodes = exported
""".replace("CHECKSUM", hashlib.sha256(SOURCE.encode()).hexdigest())

CURL = f'#!/bin/sh\n[ "$4" = -o ]\nprintf {SOURCE} > "$5"\n'
"""Stands for curl: the source is here already, whatever the mirror."""


@attrs.frozen
class Sleeper:
    """A block of the stack.

    Attributes:
        name: the last folder of its prefix.
        upon: what it builds upon.
        seconds: what it takes.
        word: its option.
        known: whether its options name all that it may find.
    """

    name: str
    upon: tuple[str, ...] = ()
    seconds: int = 0
    word: str = ""
    known: bool = True

    def line(self) -> str:
        """Its line in a recipe."""
        partners = "".join(f", {slot}='/opt/{name}'" for slot, name in zip(("first", "second", "third"), self.upon, strict=False))
        return f"Stage0 += sleeper(prefix='/opt/{self.name}', seconds='{self.seconds}', word='{self.word}', known={self.known}{partners})"


STACK = (
    Sleeper("gcc", (), 2),
    Sleeper("zlib", ("gcc",), 2),
    Sleeper("hwloc", ("gcc",), 3),
    Sleeper("libevent", ("gcc",), 3),
    Sleeper("ucx", ("gcc",), 5),
    Sleeper("pmix", ("gcc", "hwloc", "libevent"), 3),
    Sleeper("hdf5", ("gcc", "zlib"), 6),
    Sleeper("openmpi", ("ucx", "pmix", "hwloc"), 5),
    Sleeper("netcdf", ("gcc", "hdf5"), 3),
    Sleeper("fftw", ("gcc", "openmpi"), 5),
    Sleeper("petsc", ("openmpi", "hdf5"), 4),
    Sleeper("solver", ("petsc", "fftw", "netcdf"), 2, known=False),
)
"""Three and more deep, some wide; the last one is open: all else is there before it."""

ENDS = ("devel", "devel", "final")
"""The stages, once a command, that run the recipe's own: the open block and raw commands, and those of the runtime stage."""


def recipe(stack: Iterable[Sleeper], *, above: str = "") -> str:
    """The stack as a recipe: something for all blocks before them, raw commands behind them, and a runtime stage."""
    return "\n".join(
        (
            f"{above}Stage0 += baseimage(image={support.BASE!r}, name='devel')",
            f"Stage0 += write_file(path='/usr/local/bin/curl', content={CURL!r}, mode='0755')",
            *(one.line() for one in stack),
            "Stage0 += shell(commands=['find /opt -type f | sort > /files'])",
            f"Stage1 += baseimage(image={support.BASE!r}, name='final')",
            "Stage1 += Stage0.runtime(kind='prefix')",
            "Stage1 += copy(stage='devel', src='/files', dest='/files')",
            "Stage1 += shell(commands=['find /opt -type f | sort > /files-at-run-time'])",
        )
    )


@pytest.fixture
def stack() -> tuple[Sleeper, ...]:
    """The stack, with options that no cache knows yet; nothing takes any time."""
    salt = secrets.token_hex(4)
    return tuple(attrs.evolve(one, word=f"{one.name}-{salt}", seconds=0) for one in STACK)


@attrs.frozen
class Builder:
    """Builds stacks on one engine.

    Attributes:
        docker: the daemon.
        folder: the build context, with the block's file.
    """

    docker: support.Docker
    folder: Path

    def text(self, source: str, **words: Any) -> str:
        """A recipe as a Dockerfile."""
        graph = hpcgen.plan("recipe.py", text=source, block_folders=[str(self.folder)])
        return hpcgen.emit(graph, dialect=self.docker.dialect, **words).text

    def build(
        self, source: str, tag: str = "hpcgen-stack", *, jobs: str = "2", mirror: str = "http://one.example.org", target: str = "", **words: Any
    ) -> str:
        """The log of a build; further words are those of `hpcgen.emit`."""
        (self.folder / "Dockerfile").write_text(self.text(source, **words), encoding="utf-8")
        (self.folder / ".jobs").write_text(jobs)
        (self.folder / ".mirror").write_text(mirror)
        flags = [word for name in ("jobs", "mirror") for word in ("--secret", f"id={name},src={self.folder / f'.{name}'}")]
        flags += ["--target", target] if target else []
        return self.docker("build", "--network", "host", *flags, "-t", tag, ".", cwd=self.folder)


@pytest.fixture
def builder(docker: support.Docker, tmp_path: Path) -> Builder:
    """A builder on each Docker."""
    return on(docker, tmp_path)


def on(docker: support.Docker, folder: Path) -> Builder:
    """A builder with the sleepers' file."""
    (folder / "sleeper.py").write_text(BLOCK, encoding="utf-8")
    (folder / ".dockerignore").write_text("*\n")
    return Builder(docker, folder)


def ran(log: str) -> Counter[str]:
    """Stage -> how many of its RUNs were run, and not taken from the cache, by BuildKit's own words."""
    steps = dict(re.findall(r"^#(\d+) \[([\w.-]+) +\d+/\d+\] RUN", log, re.MULTILINE))
    cached = set(re.findall(r"^#(\d+) CACHED", log, re.MULTILINE))
    done = set(re.findall(r"^#(\d+) DONE", log, re.MULTILINE))
    assert steps.keys() <= cached | done, log
    return Counter(stage for step, stage in steps.items() if step not in cached)


def needing(name: str) -> set[str]:
    """A closed block of the stack, and those that build upon it, by whatever blocks between."""
    found = {name}
    for one in STACK:
        if one.known and found & set(one.upon):
            found.add(one.name)
    return found


def changed(stack: Iterable[Sleeper], name: str) -> list[Sleeper]:
    """The stack with another option of one block."""
    return [attrs.evolve(one, word=f"{one.word}-changed") if one.name == name else one for one in stack]


# --- built again ---


def test_a_changed_option_reruns_its_block_and_what_builds_upon_it(builder: Builder, stack: tuple[Sleeper, ...]) -> None:
    """For each of the twelve blocks: another option reruns its own RUN, its dependents', and those of the stages that put all together, and no other."""
    first = ran(builder.build(recipe(stack)))
    assert first - Counter[str](("devel-base",)) == Counter(one.name for one in stack if one.known) + Counter(ENDS)
    for one in stack:
        log = builder.build(recipe(changed(stack, one.name)))
        expected = needing(one.name) if one.known else ()
        assert ran(log) == Counter(expected) + Counter(ENDS), one.name


def test_what_changes_nothing_reruns_nothing(builder: Builder, stack: tuple[Sleeper, ...]) -> None:
    """Another number of jobs, another mirror, another comment and other line numbers are in no cache key."""
    source = recipe(stack)
    builder.build(source)
    for log in (
        builder.build(source, jobs="3"),
        builder.build(source, mirror="http://two.example.org"),
        builder.build(f'"""Another heading."""\n\n\n{source}'.replace("Stage1 +=", "# a comment\nStage1 +=", 1)),
        builder.build(recipe(stack, above="Stage0 += comment('a comment')\n")),
    ):
        assert not ran(log)


def test_another_block_reruns_no_other(builder: Builder, stack: tuple[Sleeper, ...]) -> None:
    """A block that is added at the top, in the middle or at the end runs alone, and the stages that put all together."""
    builder.build(recipe(stack))
    for place in (0, 6, len(stack)):
        new = Sleeper("new", ("gcc",) if place else (), word=stack[0].word)
        ends = ENDS if place < len(stack) else ("devel", "final")  # the open block stands before it, and is the same
        assert ran(builder.build(recipe((*stack[:place], new, *stack[place:])))) == Counter(("new", *ends)), place


# --- built side by side ---


def critical(stack: Iterable[Sleeper]) -> int:
    """The seconds of the longest chain of blocks of which each needs the one before."""
    end: dict[str, int] = {}
    for one in stack:
        end[one.name] = one.seconds + max((end[name] for name in (one.upon if one.known else end)), default=0)
    return max(end.values())


def test_blocks_that_do_not_need_each_other_are_built_side_by_side(
    engines: None, tmp_path: Path, stack: tuple[Sleeper, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    """The stack takes the time of its longest chain, within a tenth, and not the sum of all."""
    builder = on(support.Docker("docker", "docker"), tmp_path)
    builder.build(recipe([attrs.evolve(one, word="warm") for one in stack]))
    taken = {}
    for kind, seconds in (("none", 0), ("all", 1)):
        sleepers = [attrs.evolve(one, seconds=plan.seconds * seconds, word=f"{one.word}-{kind}") for one, plan in zip(stack, STACK, strict=True)]
        began = time.monotonic()
        builder.build(recipe(sleepers), target="devel")
        taken[kind] = time.monotonic() - began
    slept = taken["all"] - taken["none"]
    chain, total = critical(STACK), sum(one.seconds for one in STACK)
    with capsys.disabled():
        print(f"\n12 sleepers: {slept:.1f} s (and {taken['none']:.1f} s that the build takes without sleep); longest chain {chain} s, sum {total} s")  # noqa: T201 (what was measured)
    assert slept <= 1.1 * chain


# --- the same result ---

LISTING = (
    "find /opt /files* -printf '%M %u:%g %p %l\\n' | sort; find /opt /files* -type f | sort | xargs sha256sum; env | grep _PATHS; cat /opt/*/found"
)
"""All below each prefix: kinds, modes, owners, contents; and the variables."""


@pytest.mark.parametrize("target", ["devel", "final"])
def test_split_and_line_give_the_same_files(builder: Builder, stack: tuple[Sleeper, ...], target: str) -> None:
    """Below every prefix lies the same, whoever built it where, and each block found the same."""
    listings = []
    for linear in (False, True):
        builder.build(recipe(stack), f"hpcgen-stack-{linear}".lower(), target=target, linear=linear)
        listings.append(builder.docker.run(f"hpcgen-stack-{linear}".lower(), "sh", "-c", LISTING))
    assert "/opt/petsc/found" in listings[0]
    assert listings[0] == listings[1]


def test_podman_builds_the_split(engines: None, tmp_path: Path, stack: tuple[Sleeper, ...]) -> None:
    """Podman, two stages at once, builds the same from the split as from the line."""
    builder = on(support.Docker("docker", "podman5"), tmp_path)
    listings = []
    for linear in (False, True):
        tag = f"localhost/hpcgen-stack-{linear}".lower()
        (tmp_path / "Dockerfile").write_text(builder.text(recipe(stack), linear=linear), encoding="utf-8")
        podman("build", "--network", "host", "--jobs", "2", "--target", "devel", "-t", tag, ".", cwd=tmp_path)
        listings.append(podman("run", "--rm", "--network", "none", tag, "sh", "-c", LISTING, cwd=tmp_path))
        podman("rmi", tag, cwd=tmp_path)
    assert "/opt/petsc/found" in listings[0]
    assert listings[0] == listings[1]


def podman(*words: str, cwd: Path) -> str:
    """What a podman command prints."""
    return support.run(support.ENGINES, "run", "podman", *words, cwd=cwd)


# --- one after the other ---


def test_lanes(builder: Builder, stack: tuple[Sleeper, ...]) -> None:
    """In one lane a build takes the sum of its blocks; another number of lanes, and a changed block in one, make nobody else build again."""
    watched = [attrs.evolve(one, seconds=1) for one in stack]
    began = time.monotonic()
    log = builder.build(recipe(watched), at_once=1)
    assert time.monotonic() - began >= sum(one.seconds for one in watched)
    assert ran(log) == Counter({**{one.name: 1 for one in stack if one.known}, **Counter(ENDS)})
    assert ran(builder.build(recipe(watched), at_once=3)) == Counter()
    again = ran(builder.build(recipe(changed(watched, "zlib")), at_once=2))
    assert again == Counter({**dict.fromkeys(needing("zlib"), 1), **Counter(ENDS)})
