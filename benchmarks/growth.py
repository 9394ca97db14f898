"""How the time for one block grows with the number of blocks in a recipe: it should not."""

from __future__ import annotations

import os
import tempfile
import time
from typing import TYPE_CHECKING, Any

import hpcgen

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

LIMIT = 1.2
"""What a block of the largest recipe may take, in those of the smallest."""

MUCH = 100_000
"""Characters of a recipe from which on it is measured twice instead of three times."""

_BASE = "Stage0 += baseimage(image='ubuntu:22.04')"


def _built(number: int, checksum: str) -> str:
    return f"Stage0 += generic_autotools(url='https://example.org/tool{number}-1.0.tar.gz', sha256={checksum}, prefix='/opt/tool{number}')"


def _stage(number: int) -> str:
    source = f"stage{number - 1}" if number else "devel"
    lines = (f"Stage{number + 2} = Stage('stage{number}')", f"Stage{number + 2} += baseimage(image='ubuntu:22.04')")
    return "\n".join((*lines, f"Stage{number + 2} += copy(stage='{source}', src='/a', dest='/b')"))


KINDS: dict[str, Callable[[int], str]] = {
    "built, checked": lambda number: _built(number, f"'{number:064x}'"),
    "built, unchecked": lambda number: _built(number, "None"),
    "built alone": lambda number: _built(number, "None").replace("sha256=", "upon=[], sha256="),
    "packages": lambda number: f"Stage0 += packages(ospackages=['one{number}', 'two{number}'])",
    "packages, shell": lambda number: f"Stage0 += packages(ospackages=['one{number}'])\nStage0 += shell(commands=['one{number} > /two'])",
    "shell": lambda number: f"Stage0 += shell(commands=['mkdir -p /data/{number} && touch /data/{number}/ready'])",
    "environment": lambda number: f"Stage0 += environment(variables={{'NAME{number}': 'value'}})",
    "stages": _stage,
}
"""What a recipe is full of -> its n-th line or lines."""


def show(sizes: Sequence[int]) -> dict[str, Any]:
    """Prints and gives microseconds for one block, at each size."""
    print(f"\ngrowth: microseconds for one block of a recipe that has as many; the last over the first should be at most {LIMIT}")
    print(f"{'blocks':<20}{''.join(f'{size:>9}' for size in sizes)}{'growth':>9}")
    found = {kind: _shown(kind, sizes, [_BASE.replace(")", ", name='devel')"), *map(line, range(sizes[-1]))]) for kind, line in KINDS.items()}
    found["include, deep"] = _included(sizes[0] // 5, sizes)
    return found


def _shown(kind: str, sizes: Sequence[int], lines: Sequence[str]) -> dict[str, Any]:
    try:
        taken = {size: _seconds("\n".join(lines[: size + 1])) / size for size in sizes}
    except hpcgen.errors.HpcgenError as fault:
        print(f"{kind:<20}left out: {str(fault).splitlines()[0]}")
        return {}
    return _row(kind, taken, columns=len(sizes))


def _row(kind: str, taken: Mapping[int, float], columns: int, more: str = "") -> dict[str, Any]:
    """Prints and gives one row; the last figure over the first is its growth."""
    seconds = list(taken.values())
    growth = seconds[-1] / seconds[0]
    figures = "".join(f"{one * 1e6:>9.1f}" for one in seconds).rjust(9 * columns)
    print(f"{kind:<20}{figures}{growth:>9.2f}{'' if growth <= LIMIT else '  more than it should'}{more}")
    return {"seconds a block": taken, "growth": growth}


def _seconds(text: str, file: str = "growth.py") -> float:
    """Processor time of recipe -> text, the best of three, or of two where there is much of it."""
    best = float("inf")
    for _ in range(2 if len(text) > MUCH else 3):
        began = time.process_time()
        hpcgen.emit(hpcgen.plan(file, text=text))
        best = min(best, time.process_time() - began)
    return best


def _included(depth: int, sizes: Sequence[int]) -> dict[str, Any]:
    """Recipes that include each other in a chain, as deep as Python's stack takes with room to spare, and half as deep."""
    taken = {}
    with tempfile.TemporaryDirectory() as folder:
        for number in range(depth):
            with open(os.path.join(folder, f"{number}.py"), "w", encoding="utf-8") as stream:
                stream.write(f"include('{number + 1}.py')\n" if number + 1 < depth else "Stage0 += shell(commands=['true'])\n")
        for deep in (depth // 2, depth):
            text = f"{_BASE}\ninclude('{depth - deep}.py')"
            taken[deep] = _seconds(text, os.path.join(folder, "growth.py")) / deep
    return _row(f"include, {depth} deep", taken, columns=len(sizes), more=f"  from {depth // 2} deep")
