"""How long `hpcgen audit` takes beside dive, as whole processes, in turn, on images that it makes.

    python benchmarks/auditing/against_dive.py [--whole] [--turns N] [--only NAME] [--strict] [--keep FOLDER] [--json FILE]

Without --whole the large image is a tenth of its 12 GB; there a hundredth of dive's time is left, which grows with whiteouts times entries, and
a tenth of hpcgen's, so that the aim is ten times the ratio; memory is Python's own there, and has none. A ratio is hpcgen's time by dive's. Machines
are busy at times, so that a missed aim is an exit status of 1 with --strict alone; it is 3 where dive is not there. `headers` are all headers and
the merged stack; `findings` is the command as it is, which looks into files too.
dive runs as `dive --ci`, which shows no interface; whether its limits pass is of no interest here.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from typing import TYPE_CHECKING, Any, NamedTuple

sys.path.insert(1, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
import installing

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

NOTHING_TO_COMPARE = 3
NEEDED = ("attrs", "backports.zstd", "isal", "rich", "xxhash")
"""The distributions that hpcgen is installed with."""
_SLOW = 20.0
"""Seconds of dive after which once is enough to tell."""
_FINE = {"hpcgen": (0,), "dive": (0, 1)}


class Case(NamedTuple):
    """What is compared: an image, how hpcgen looks at it, and the ratios that are aimed at."""

    name: str
    image: str
    words: tuple[str, ...]
    wall: float
    memory: float = 0.0


CASES = (
    Case("large, headers", "large", ("--headers",), 0.015, 0.5),
    Case("large, findings", "large", (), 0.05, 0.5),
    Case("1,000 whiteouts, headers", "whiteouts", ("--headers",), 0.02),
    Case("1,000 whiteouts, findings", "whiteouts", (), 0.02),
    Case("gzip, 1 GB", "gzip", (), 0.4),
    Case("small, 200 MB", "small", (), 1.0),
)


class Spent(NamedTuple):
    """What one process took: seconds of wall and of processors, kilobytes of memory, its exit status."""

    wall: float
    cpu: float
    memory: int
    status: int


def spent(words: Sequence[str], home: str) -> Spent:
    """What a command takes; its output is thrown away."""
    sink = os.open(os.devnull, os.O_RDWR)
    try:
        actions = [(os.POSIX_SPAWN_DUP2, sink, stream) for stream in (0, 1, 2)]
        began = time.perf_counter()
        child = os.posix_spawn(words[0], list(words), {"PATH": os.defpath, "HOME": home, "LANG": "C.UTF-8"}, file_actions=actions)
        _, status, usage = os.wait4(child, 0)
        return Spent(time.perf_counter() - began, usage.ru_utime + usage.ru_stime, usage.ru_maxrss, os.waitstatus_to_exitcode(status))
    finally:
        os.close(sink)


def main() -> int:
    """Makes the images, measures, prints."""
    options = _parser().parse_args()
    dive = os.path.join(os.path.dirname(sys.executable), "dive")
    if not os.path.exists(dive):
        print("dive is not installed here: pip install -e '.[dev]'", file=sys.stderr)
        return NOTHING_TO_COMPARE
    with tempfile.TemporaryDirectory(prefix="hpcgen-audit-") as folder:
        place = options.keep or folder
        tools = {"hpcgen": os.path.join(installing.install(folder, NEEDED, ("hpcgen",)), "hpcgen"), "dive": dive}
        print(f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}; best of turns: wall seconds, ratio of wall and of processor time, MB")
        print(f"{'case':<28}{'hpcgen':>9}{'dive':>9}{'ratio':>9}{'aim':>8}{'cpu':>9}   {'MB':>6}{'dive':>7}{'ratio':>7}{'aim':>6}")
        cases = [one for one in CASES if options.only in one.name]
        if not options.whole:
            cases = [one._replace(wall=one.wall * 10, memory=0) if one.image == "large" else one for one in cases]
        slow: dict[str, Spent] = {}
        found = {one.name: measured(one, tools, _image(one.image, place, options), options.turns, slow) for one in cases}
        found["growth"] = growth(tools["hpcgen"], place) if not options.only else {}
    if options.json:
        with open(options.json, "w", encoding="utf-8") as stream:
            json.dump(found, stream, indent=2)
    return 1 if options.strict and any(row.get("missed") for row in found.values()) else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="How long `hpcgen audit` takes beside dive.")
    parser.add_argument("--whole", action="store_true", help="the large image with all of its 12 GB")
    parser.add_argument("--turns", type=int, default=3, help="how often each is measured")
    parser.add_argument("--only", default="", metavar="NAME", help="cases whose name holds this")
    parser.add_argument("--strict", action="store_true", help="exit with 1 where an aim is missed")
    parser.add_argument("--keep", default="", metavar="FOLDER", help="where images are kept for the next run")
    parser.add_argument("--json", metavar="FILE", help="write the figures there too")
    return parser


def _image(name: str, folder: str, options: argparse.Namespace) -> str:
    """An image's archive, made where it is not there yet: by a process of its own, since the memory of this one counts for its children too."""
    what = f"{name}-whole" if options.whole and name == "large" else name
    return _made(what, os.path.join(folder, f"{what}.tar"))


def _made(what: str, path: str) -> str:
    if not os.path.exists(path):
        program = os.path.join(os.path.dirname(os.path.abspath(__file__)), "made_images.py")
        subprocess.run([sys.executable, program, what, f"{path}.partial"], check=True)
        os.rename(f"{path}.partial", path)
    return path


def measured(case: Case, tools: Mapping[str, str], image: str, turns: int, slow: dict[str, Spent]) -> dict[str, Any]:
    """The figures of one case, printed; what takes dive long, it does once for an image, and `slow` remembers it."""
    lines = {
        "hpcgen": [tools["hpcgen"], "audit", image, "--no-cache", *case.words],
        "dive": [tools["dive"], f"docker-archive://{image}", "--ci"],
    }
    taken: dict[str, list[Spent]] = {name: [] for name in lines}
    for _ in range(turns):
        for name, words in lines.items():
            known = slow.get(image) if name == "dive" else None
            taken[name].append(known or spent(words, os.path.dirname(image)))
            if name == "dive" and taken[name][-1].wall > _SLOW:
                slow[image] = taken[name][-1]
            if taken[name][-1].status not in _FINE[name]:
                print(f"{case.name:<28}{name} ends with status {taken[name][-1].status}")
                return {"missed": True}
    walls = {name: min(one.wall for one in several) for name, several in taken.items()}
    cpus = {name: min(one.cpu for one in several) for name, several in taken.items()}
    memory = {name: statistics.median(one.memory for one in several) / 1000 for name, several in taken.items()}
    ratio, used = walls["hpcgen"] / walls["dive"], memory["hpcgen"] / memory["dive"]
    missed = ratio > case.wall or bool(case.memory and used > case.memory)
    aim = f"{case.memory:>6.2f}" if case.memory else ""
    row = f"{case.name:<28}{walls['hpcgen']:>9.2f}{walls['dive']:>9.2f}{ratio:>9.4f}{case.wall:>8.3f}{cpus['hpcgen'] / cpus['dive']:>9.4f}   "
    print(f"{row}{memory['hpcgen']:>6.0f}{memory['dive']:>7.0f}{used:>7.2f}{aim}{'   missed' if missed else ''}", flush=True)
    return {"wall": walls, "ratio": ratio, "cpu": cpus, "memory": memory, "memory ratio": used, "missed": missed}


def growth(hpcgen: str, folder: str) -> dict[str, Any]:
    """What one entry costs in images of ten thousand and of a million, which should be the same."""
    print("\nmicroseconds of processor time an entry, headers and merge, start of the program left out")
    found: dict[str, Any] = {}
    nothing = _made("entries-2", os.path.join(folder, "entries-2.tar"))
    start = min(spent([hpcgen, "audit", nothing, "--no-cache", "--headers"], folder).cpu for _ in range(3))
    for count in (10_000, 100_000, 1_000_000):
        path = _made(f"entries-{count}", os.path.join(folder, f"entries-{count}.tar"))
        taken = min(spent([hpcgen, "audit", path, "--no-cache", "--headers"], folder).cpu for _ in range(3)) - start
        found[f"{count}"] = taken / count * 1e6
        print(f"{count:>10,}{found[f'{count}']:>8.2f}")
    return found


if __name__ == "__main__":
    sys.exit(main())
