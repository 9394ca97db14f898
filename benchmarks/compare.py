"""How long hpcgen takes beside HPCCM, and how its time grows with a recipe.

    python benchmarks/compare.py [--quick] [--json FILE]

Both are measured in one run, turn by turn, because machines are busy at times: what disturbs one disturbs the other. Commands are console scripts
in an environment that is made for the run, where both lie as wheels are installed, compiled. Nothing here passes or fails: the exit status is 0
unless there is nothing to compare with. docs/design/speed.md says what was found and done.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import platform
import statistics
import sys
import tempfile
import time
from typing import TYPE_CHECKING, Any

import growth
import inputs
import installing

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

TOOLS = ("hpcgen", "hpccm")
NOTHING_TO_COMPARE = 3
SECONDS_A_RECIPE = 6
"""No recipe's whole commands are repeated for longer."""


def main() -> int:
    """Measures everything and prints it."""
    options = _parser().parse_args()
    try:
        import hpccm  # type: ignore[import-untyped]  # it ships none
    except ImportError:
        print("hpccm is not installed here: pip install -e '.[dev]'", file=sys.stderr)
        return NOTHING_TO_COMPARE
    logging.disable(logging.CRITICAL)  # HPCCM's
    began = time.perf_counter()
    heading = f"Python {platform.python_version()}, {os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}; best and median in ms"
    print(heading)
    found: dict[str, Any] = {"about": heading}
    with tempfile.TemporaryDirectory(prefix="hpcgen-compare-") as folder:
        place = installing.install(folder)
        files = inputs.write(folder)
        found["commands"] = commands(place, files, 4 if options.quick else 21)
        found["imports"] = imports(place, files["small"])
        found["in process"] = variants(hpccm, files, 20 if options.quick else 200)
    found["growth"] = growth.show((50, 100) if options.quick else (250, 500, 1000, 2000))
    print(f"\n{time.perf_counter() - began:.0f} s in all")
    if options.json:
        with open(options.json, "w", encoding="utf-8") as stream:
            json.dump(found, stream, indent=2)
            stream.write("\n")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="How long hpcgen takes beside HPCCM, and how its time grows with a recipe.")
    parser.add_argument("--quick", action="store_true", help="a few seconds, rough figures")
    parser.add_argument("--json", metavar="FILE", help="write the figures there too")
    return parser


# --- whole commands ------------------------------------------------------------------------------------------------------


def command(place: str, tool: str, file: str) -> list[str]:
    """The command line that writes a recipe."""
    return [os.path.join(place, tool), file] if tool == "hpcgen" else [os.path.join(place, tool), "--recipe", file]


def commands(place: str, files: Mapping[str, str], turns: int) -> dict[str, Any]:
    """Wall and processor time of `hpcgen RECIPE` and `hpccm --recipe RECIPE`."""
    print(f"\nwhole command, {turns} turns")
    _line("recipe", "time", *TOOLS)
    found: dict[str, Any] = {}
    for name, file in files.items():
        lines = {tool: command(place, tool, file) for tool in TOOLS}
        broken = [tool for tool, words in lines.items() if spent(words)[2] != 0]
        if broken:
            print(f"{name:<12}left out: {' and '.join(broken)} cannot write it")
            continue
        taken = _turns(lines, turns)
        found[name] = {kind: _row(name, kind, {tool: [one[tool][at] for one in taken] for tool in TOOLS}) for at, kind in enumerate(("wall", "cpu"))}
    return found


def _turns(lines: Mapping[str, Sequence[str]], turns: int) -> list[dict[str, tuple[float, float, int]]]:
    """What each turn took; on a machine that is very busy, fewer of them."""
    end = time.monotonic() + SECONDS_A_RECIPE
    taken: list[dict[str, tuple[float, float, int]]] = []
    while len(taken) < turns and (time.monotonic() < end or not taken):
        taken.append({tool: spent(words) for tool, words in lines.items()})
    return taken


def spent(words: Sequence[str]) -> tuple[float, float, int]:
    """Wall seconds, processor seconds and exit status of one command, its output thrown away."""
    sink = os.open(os.devnull, os.O_RDWR)
    try:
        actions = [(os.POSIX_SPAWN_DUP2, sink, stream) for stream in (0, 1, 2)]
        environment = {"PATH": os.defpath, "HOME": os.path.dirname(words[0]), "LANG": "C.UTF-8"}
        began = time.perf_counter()
        child = os.posix_spawn(words[0], list(words), environment, file_actions=actions)
        _, status, usage = os.wait4(child, 0)
        return time.perf_counter() - began, usage.ru_utime + usage.ru_stime, os.waitstatus_to_exitcode(status)
    finally:
        os.close(sink)


def imports(place: str, file: str) -> dict[str, int]:
    """How many modules each command imports: the same on every machine with this Python."""
    found = {tool: installing.modules(place, command(place, tool, file)) for tool in TOOLS}
    bare = installing.modules(place, [])
    print(f"\nmodules imported for the small recipe: {', '.join(f'{tool} {count}' for tool, count in found.items())}; by Python alone {bare}")
    return {**found, "python": bare}


# --- many recipes in one process -----------------------------------------------------------------------------------------


def variants(hpccm: Any, files: Mapping[str, str], count: int) -> dict[str, Any]:
    """One recipe with as many different user arguments, in one process each turn by turn."""
    import hpcgen

    print(f"\nin one process, {count} variants of a recipe")
    _line("recipe", "time", *TOOLS)
    calls: dict[str, Callable[[str, dict[str, str]], str]] = {
        "hpcgen": lambda file, userarg: hpcgen.recipe(file, userarg=userarg),
        "hpccm": lambda file, userarg: str(hpccm.recipe(file, userarg=userarg, raise_exceptions=True)),
    }
    found: dict[str, Any] = {}
    for name, file in files.items():
        try:
            turns = [{tool: _timed(call, file, {"prefix": f"/opt/v{number}"}) for tool, call in calls.items()} for number in range(count)]
        except hpcgen.errors.HpcgenError as fault:
            print(f"{name:<12}left out: {str(fault).splitlines()[0]}")
            continue
        found[name] = _row(name, "cpu", {tool: [turn[tool] for turn in turns] for tool in TOOLS})
    return found


def _timed(call: Callable[[str, dict[str, str]], str], file: str, userarg: dict[str, str]) -> float:
    began = time.process_time()
    call(file, userarg)
    return time.process_time() - began


# --- the table -----------------------------------------------------------------------------------------------------------


def _line(name: str, kind: str, *tools: str) -> None:
    print(f"{name:<12}{kind:<6}{''.join(f'{tool:>20}' for tool in tools)}{'ratio':>16}")


def _row(name: str, kind: str, seconds: Mapping[str, Sequence[float]]) -> dict[str, Any]:
    """Prints one row and gives its figures."""
    found: dict[str, Any] = {tool: {"best": min(taken), "median": statistics.median(taken)} for tool, taken in seconds.items()}
    ours, theirs = (found[tool] for tool in TOOLS)
    found["ratio"] = {which: ours[which] / theirs[which] for which in ("best", "median")}
    times = "".join(f"{found[tool]['best'] * 1e3:>12.2f}{found[tool]['median'] * 1e3:>8.2f}" for tool in TOOLS)
    print(f"{name:<12}{kind:<6}{times}{found['ratio']['best']:>10.2f}{found['ratio']['median']:>6.2f}")
    return found


if __name__ == "__main__":
    sys.exit(main())
