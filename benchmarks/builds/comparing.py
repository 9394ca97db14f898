"""How long the stack takes to build, cold and after a change, by HPCCM's Dockerfile and by hpcgen's."""

from __future__ import annotations

import argparse
import json
import statistics
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from builds import written
from builds.machine import HERE, PORT, SOURCES, WORK, FailedError, build, docker, ready, say, served
from builds.others import Others
from builds.trying import tried

from hpcgen.drawing import timings

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

STACK = ("ucx", "openmpi", "fftw", "hdf5", "program")
"""What is built, in the recipe's order."""
AGAIN = {"ucx": ("ucx", "openmpi", "program"), "fftw": ("fftw", "program")}
"""Changed block -> what has to be built again: itself and what builds upon it."""
COLD_GOAL = 0.95
AGAIN_GOAL = 1.10
FIGURES = WORK / "figures.json"
EXPECTED = [f"rank {rank} of 2: fft ok, hdf5 ok" for rank in (0, 1)]


@dataclass(frozen=True)
class Part:
    """One build: whose Dockerfile, what is changed, and whether all caches are emptied before."""

    tool: str
    change: str = ""
    linear: bool = False
    at_once: int = 0

    @property
    def cold(self) -> bool:
        """Whether it starts without a cache."""
        return not self.change

    @property
    def image(self) -> str:
        """What the image is called."""
        return "-".join(
            (
                "bench",
                self.tool,
                *(["linear"] if self.linear else []),
                *([f"at-once-{self.at_once}"] if self.at_once else []),
                *([self.change] if self.change else []),
            )
        )

    def file(self) -> Path:
        """Its Dockerfile, written."""
        return written.hpccm(self.change) if self.tool == "hpccm" else written.stack(self.change, linear=self.linear, at_once=self.at_once)

    def expected(self) -> tuple[str, ...]:
        """What it builds: all, what needs the change, or, in one line, all behind the change."""
        if self.cold:
            return STACK
        return AGAIN[self.change] if self.tool == "hpcgen" else STACK[STACK.index(self.change) :]


PARTS = {
    "cold-hpccm": Part("hpccm"),
    "ucx-hpccm": Part("hpccm", "ucx"),
    "fftw-hpccm": Part("hpccm", "fftw"),
    "cold-split": Part("hpcgen"),
    "cold-at-once": Part("hpcgen", at_once=2),
    "ucx-split": Part("hpcgen", "ucx"),
    "fftw-split": Part("hpcgen", "fftw"),
    "cold-linear": Part("hpcgen", linear=True),
}
"""Name -> build, in an order in which each change finds the cache of its own cold build."""


def main() -> int:
    """Builds what is asked for, or all, and prints the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, epilog=f"parts: {' '.join(PARTS)}; `report` alone prints what is known; figures and logs: {WORK}"
    )
    parser.add_argument("parts", nargs="*", metavar="PART", help="what to build, in this order (default: all that has no figure yet)")
    parser.add_argument("--fresh", action="store_true", help="forget the figures so far")
    options = parser.parse_args()
    if options.fresh:
        FIGURES.unlink(missing_ok=True)
    asked = options.parts or [name for name in PARTS if name not in {one["part"] for one in known()}]
    unknown = [word for word in asked if word not in (*PARTS, "report")]
    if unknown:
        parser.error(f"no part is called {unknown[0]}: {', '.join(PARTS)}")
    try:
        parts = [name for name in asked if name != "report"]
        if parts:
            measure(parts)
    except FailedError as fault:
        say(f"failed: {fault}")
        return 1
    report(known())
    return 0


def measure(names: Iterable[str]) -> None:
    """Builds the parts one after the other; each figure is kept as soon as it is there."""
    ready()
    same_words(written.hpccm(), written.stack())
    with served(SOURCES, PORT):
        for name in names:
            say(f"{name}: begins")
            found = one(name, PARTS[name])
            FIGURES.write_text(json.dumps([*known(), found], indent=1) + "\n")
            tell(name, found)


def tell(name: str, found: Mapping[str, Any]) -> None:
    """Says what a build took, and if it was not the build that was meant."""
    say(f"{name}: {found['seconds']:.1f} s; built {_listed(found['built'])}; others kept {found['others']} processors busy")
    if sorted(found["built"]) != sorted(PARTS[name].expected()):
        say(f"{name}: NOT what was expected, {', '.join(PARTS[name].expected())}: does the cache of its own cold build lie there?")


def same_words(theirs: Path, ours: Path) -> None:
    """Raises unless both give the same words to each configure."""
    if written.configured(theirs) != written.configured(ours):
        raise FailedError(f"configure is not given the same words in {theirs} and {ours}")


def one(name: str, part: Part) -> dict[str, Any]:
    """What one build took; a cold one's image is run, and its stage `devel` kept for `equal`."""
    file = part.file()
    if part.cold:
        docker("builder", "prune", "-af")
    others = Others()
    seconds = build(name, *(["--no-cache"] if part.cold else []), "-t", part.image, "-f", file, HERE)
    share = others.share()
    built = own_seconds(timings.read((WORK / f"{name}.log").read_text()))
    if part.cold:
        works(part.image)
        if part.tool == "hpcgen":
            build(f"{name}-devel", "--target", "devel", "-t", f"{part.image}-devel", "-f", file, HERE)
    busy = None if share is None else round(share, 2)
    return {"part": name, "at": time.strftime("%Y-%m-%d %H:%M"), "others": busy, "seconds": round(seconds, 1), "built": built}


def own_seconds(steps: Sequence[timings.Step]) -> dict[str, float]:
    """What each library and the program took to build; what came from the cache is left out."""
    found = {}
    for what in STACK:
        mark = "-o /opt/app/bin/program" if what == "program" else f"--prefix=/usr/local/{what} "
        for step in steps:
            if step.text.startswith("RUN ") and mark in step.text and step.state == "done":
                found[what] = step.seconds
    return found


def works(image: str) -> None:
    """Raises unless the image's program runs on two ranks and finds its libraries in order."""
    wrong = tried(image, EXPECTED, "/opt/app/bin/program", ucx=False)
    if wrong:
        raise FailedError(wrong)


# --- the table -----------------------------------------------------------------------------------------------------------


def known() -> list[dict[str, Any]]:
    """The figures so far."""
    return list(json.loads(FIGURES.read_text())) if FIGURES.is_file() else []


def report(figures: Sequence[Mapping[str, Any]]) -> None:
    """Prints what is known; of several runs of a part, the median."""
    seconds = {name: [one["seconds"] for one in figures if one["part"] == name] for name in PARTS}
    took = {name: statistics.median(runs) for name, runs in seconds.items() if runs}
    limits = {f"{change}-split": limit for change in AGAIN for limit in limit_of(change, figures)}
    print(f"\n{'seconds':<28}{'hpcgen':>9}{'HPCCM':>9}{'ratio':>8}{'limit':>9}{'ratio':>8}{'goal':>7}")
    rows = (("cold", "cold", COLD_GOAL), ("after a change of UCX", "ucx", AGAIN_GOAL), ("after a change of FFTW", "fftw", AGAIN_GOAL))
    for title, kind, goal in rows:
        ours, theirs, limit = took.get(f"{kind}-split"), took.get(f"{kind}-hpccm"), limits.get(f"{kind}-split")
        print(f"{title:<28}{_cell(ours, 9)}{_cell(theirs, 9)}{_ratio(ours, theirs)}{_cell(limit, 9)}{_ratio(ours, limit)}{goal:>7.2f}")
    for title, part in (("cold, --at-once 2", "cold-at-once"), ("cold, --linear", "cold-linear")):
        print(f"{title:<28}{_cell(took.get(part), 9)}{_cell(took.get('cold-hpccm'), 9)}{_ratio(took.get(part), took.get('cold-hpccm'))}")
    for one in figures:
        print(f"  {one['part']:<12}{one['seconds']:>8.1f}  others {one['others']}  {one['at']}  {_listed(one['built'])}")


def limit_of(change: str, figures: Sequence[Mapping[str, Any]]) -> list[float]:
    """What a change cannot take less than, if it is known: what has to be built again, each with the machine to itself."""
    own = [one["built"] for one in figures if one["part"] == "cold-linear"]
    return [sum(statistics.median(built[what] for built in own) for what in AGAIN[change])] if own else []


def _listed(built: Mapping[str, float]) -> str:
    return ", ".join(f"{what} {took:.1f}" for what, took in built.items())


def _cell(seconds: float | None, width: int) -> str:
    return f"{'-' if seconds is None else f'{seconds:.1f}':>{width}}"


def _ratio(one: float | None, other: float | None) -> str:
    return f"{'-' if one is None or other is None else f'{one / other:.3f}':>8}"
