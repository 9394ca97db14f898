"""How large the stack's image is by HPCCM and by each kind of derived runtime, and whether each runs, holds nothing else, and says so."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from typing import TYPE_CHECKING

from builds import written
from builds.comparing import EXPECTED
from builds.holding import Held, largest, left_for_building, unlike_manifest
from builds.machine import ENGINES, HERE, PORT, SOURCES, FailedError, build, docker, ready, run, say, served
from builds.trying import tried

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

STORES = {"docker": "graph driver", "docker-c": "containerd"}
"""Daemon of Docker 28 -> how it keeps images."""

BASE = "debian:12"
PROGRAM = "/opt/app/bin/program"
SHOWN = 20
"""How many lines of what is wrong are printed."""


@dataclass(frozen=True)
class Image:
    """One way to the stack's image.

    Attributes:
        kind: of runtime; empty for HPCCM's.
        launch: what starts ranks on other hosts, if anything.
        goal: the share of HPCCM's bytes that it may have, if one is set.
        recipe: of the stack.
    """

    kind: str = ""
    launch: str = ""
    goal: float | None = None
    recipe: Path = written.OWN_STACK

    @property
    def base(self) -> str:
        """What it stands upon; empty if nothing."""
        return "" if self.kind == "scratch" else BASE

    def file(self) -> Path:
        """Its Dockerfile, written."""
        return written.derived(self.recipe, self.kind, self.launch) if self.kind else written.hpccm()


IMAGES = {
    "hpccm": Image(),
    "packages": Image("packages", goal=0.18),
    "files": Image("files", goal=0.14),
    "scratch": Image("scratch"),
    "packages-ssh": Image("packages", "ssh", goal=0.32),
    "files-ssh": Image("files", "ssh", goal=0.22),
    "scratch-ssh": Image("scratch", "ssh"),
    "generic-packages": Image("packages", recipe=written.STACK),
    "generic-files": Image("files", recipe=written.STACK),
    "generic-scratch": Image("scratch", recipe=written.STACK),
}
"""Name -> image; the last ones are built with the words that HPCCM gives to each configure, by blocks that leave all that they install."""

USUAL = [name for name, image in IMAGES.items() if image.recipe == written.OWN_STACK]


@dataclass(frozen=True)
class Figures:
    """What was seen of one image on one daemon.

    Attributes:
        bytes: of its regular files, beyond those of its base.
        gone: bytes of its base's files that it has no more, by which the figure before is smaller.
        over_ucx: whether its program runs over UCX and nothing else, as root.
        plain: whether it runs as root over what Open MPI takes by itself.
        ordinary: whether it does as an ordinary user upon a root that cannot be written to; over UCX, but for HPCCM's.
        ssh: whether the client answers; None where there should be none.
        building: what in it is for building.
        unlike: where image and manifest differ.
        said: what a run that failed printed.
    """

    bytes: int
    gone: int
    over_ucx: bool
    plain: bool
    ordinary: bool
    ssh: bool | None
    building: list[str]
    unlike: list[str]
    said: list[str]


def main() -> int:
    """Builds what is asked for on each store, and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, epilog="exit status: 0 all goals are met, 1 one is not")
    parser.add_argument("images", nargs="*", metavar="IMAGE", help=f"which (default: all but generic-*): {' '.join(IMAGES)}; HPCCM's is always there")
    parser.add_argument("--store", action="append", choices=list(STORES), help="a daemon (default: each)")
    parser.add_argument("--built", action="store_true", help="take the images as they are there, instead of building them")
    parser.add_argument("--largest", type=int, default=0, metavar="N", help="list the N largest files and packages of each image, too")
    options = parser.parse_args()
    unknown = [name for name in options.images if name not in IMAGES]
    if unknown:
        parser.error(f"no image is called {unknown[0]}: {', '.join(IMAGES)}")
    try:
        names = tuple(dict.fromkeys(("hpccm", *(options.images or USUAL))))
        return measure(names, options.store or tuple(STORES), built=options.built, number=options.largest)
    except FailedError as fault:
        say(f"failed: {fault}")
        return 1


def measure(names: Sequence[str], stores: Sequence[str], *, built: bool, number: int) -> int:
    """Looks at each image on each store; 1 if a goal is missed."""
    ready()
    missed: list[str] = []
    with served(SOURCES, PORT):
        for daemon in stores:
            base = Held.of(BASE, daemon)
            say(f"{daemon} ({STORES[daemon]}): {BASE} has {base.bytes / 1e6:.1f} MB")
            found: dict[str, Figures] = {}
            for name in names:
                if not built:
                    made(name, daemon)
                held = Held.of(tag(name), daemon)
                beneath = base if IMAGES[name].base else Held()
                found[name] = looked_at(name, held, beneath, daemon)
                for size, what in largest(held, beneath, number):
                    print(f"  {name:<17}{size:>12}  {what}")
            missed += [f"{daemon}, {name}: {what}" for name, what in report(daemon, found)]
    for line in missed:
        print(f"MISSED  {line}")
    return int(bool(missed))


def tag(name: str) -> str:
    """What an image is called; HPCCM's is the one that `compare` builds."""
    return "bench-hpccm" if name == "hpccm" else f"bench-size-{name}"


def made(name: str, daemon: str) -> None:
    """Builds an image; HPCCM's, which takes a quarter of an hour, only if it is not there."""
    if name == "hpccm" and tag(name) in docker("images", "--format", "{{.Repository}}", daemon=daemon).split():
        return
    seconds = build(f"size-{name}-{daemon}", "-t", tag(name), "-f", IMAGES[name].file(), HERE, daemon=daemon)
    say(f"{daemon}: {name} was built in {seconds:.1f} s")


def looked_at(name: str, held: Held, base: Held, daemon: str) -> Figures:
    """What is seen of an image."""
    image = IMAGES[name]
    bad = {way: tried(tag(name), EXPECTED, PROGRAM, user=user, ucx=ucx, daemon=daemon) for way, (user, ucx) in ways(image).items()}
    return Figures(
        held.bytes - base.bytes,
        held.gone(base),
        over_ucx=not bad["root"],
        plain=not bad["plain"],
        ordinary=not bad["user"],
        ssh=answers(tag(name), daemon) if image.launch else None,
        building=left_for_building(held, base),
        unlike=list(unlike_manifest(held, base)) if image.kind else [],
        said=[said for said in bad.values() if said],
    )


def ways(image: Image) -> dict[str, tuple[bool, bool]]:
    """How its program is run: name -> whether as an ordinary user, whether over UCX alone; HPCCM's image cannot do that."""
    return {"root": (False, True), "plain": (False, False), "user": (True, bool(image.kind))}


def answers(image: str, daemon: str) -> bool:
    """Whether its ssh client can be started."""
    try:
        return "OpenSSH" in run(ENGINES, "docker", daemon, "run", "--rm", "--network", "none", image, "ssh", "-V")
    except FailedError:
        return False


# --- the table -----------------------------------------------------------------------------------------------------------


def report(daemon: str, found: dict[str, Figures]) -> Iterator[tuple[str, str]]:
    """Prints the table of a store; gives what misses its goal: name of the image, and what."""
    theirs = found["hpccm"].bytes
    title = f"{'pml ucx':<9}{'as it is':<10}{'user, read-only':<17}{'ssh':<7}{'for building':>12}"
    print(f"\n{daemon:<17}{'bytes':>12}{'gone':>9}{'ratio':>8}{'goal':>7}  {title}  manifest")
    for name, one in found.items():
        goal = IMAGES[name].goal
        ratio = one.bytes / theirs
        agrees = "none" if not IMAGES[name].kind else f"{len(one.unlike)} differ" if one.unlike else "agrees"
        ssh = "-" if one.ssh is None else _word(good=one.ssh)
        words = f"{_word(good=one.over_ucx):<9}{_word(good=one.plain):<10}{_word(good=one.ordinary):<17}{ssh:<7}{len(one.building):>12}"
        print(f"{name:<17}{one.bytes:>12}{one.gone:>9}{ratio:>8.3f}{'-' if goal is None else f'{goal:.2f}':>7}  {words}  {agrees}")
        if name != "hpccm":
            yield from ((name, what) for what in _missed(one, ratio, goal))


def _missed(one: Figures, ratio: float, goal: float | None) -> Iterator[str]:
    if goal is not None and ratio > goal:
        yield f"{ratio:.3f} of HPCCM's bytes, not {goal:.2f}"
    yield from one.said
    if one.ssh is False:
        yield "its ssh cannot be started"
    for what, lines in (("for building", one.building), ("manifest", one.unlike)):
        yield from (f"{what}: {line}" for line in lines[:SHOWN])
        if len(lines) > SHOWN:
            yield f"{what}: and {len(lines) - SHOWN} more"


def _word(*, good: bool) -> str:
    return "runs" if good else "FAILS"
