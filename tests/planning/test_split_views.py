"""What each command of a recipe finds, in the line and in the split: random recipes, built by a simulator."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs
import pytest
from hypothesis import HealthCheck, given, settings
from simulator import Built, State, Stops, View, below, folded, line_of, simulate
from stand_ins import Item, Recipe, lay_down, recipes

import hpcgen
from hpcgen.block.paths import is_own, is_within

if TYPE_CHECKING:
    from collections.abc import Sequence


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The stand-ins' own folder."""
    return lay_down(tmp_path_factory.mktemp("blocks"))


# --- what must hold, by what the recipe's author knows ---


@attrs.frozen
class Promise:
    """What the split promises of one stage's blocks, told from the recipe alone.

    Attributes:
        line: what is said of the stage, and before that of those that it stands on.
        inherited: how much of it is of those.
        alone: lines of the recipe whose blocks get a stage of their own.
        open: places of what may see, and do, everything.
    """

    line: list[Item]
    inherited: int
    alone: frozenset[int]
    open: tuple[int, ...]

    def place(self, number: int) -> int:
        """Where a line of the recipe stands."""
        return next(at for at, item in enumerate(self.line) if item.line == number)

    @property
    def first(self) -> int:
        """The first block's place: what stands before it is there for every block."""
        return next((at for at, item in enumerate(self.line) if item.is_block), len(self.line))

    def closure(self, item: Item) -> list[Item]:
        """All that a block builds upon."""
        found: dict[int, Item] = {}
        waiting = self._upon(item)
        while waiting:
            number = waiting.pop()
            if number not in found:
                found[number] = self.line[self.place(number)]
                waiting += self._upon(found[number])
        return [found[number] for number in sorted(found)]

    def _upon(self, item: Item) -> list[int]:
        """The blocks that its options and paths name, and the recipe's variables before it; packages may have brought a path that no block has."""
        at = self.place(item.line)
        ends = [at] if item.foreign else []
        found = [*item.upon]
        if item.line in self.alone:
            for place, one in self.naming(at):
                found += one.upon
                ends += [place] if one.foreign else []
        return found + [one.line for one in self.line[: max(ends, default=0)] if one.kind == "managed"]

    def naming(self, end: int) -> list[tuple[int, Item]]:
        """The recipe's own variables that name paths, behind the first block and before a place."""
        return [(at, one) for at, one in enumerate(self.line[:end]) if at > self.first and one.kind == "setting" and (one.upon or one.foreign)]

    def cut(self, item: Item) -> int:
        """The place up to which a block needs the line itself, -1 for none."""
        at = self.place(item.line)
        needed = [self.cut(one) if one.line in self.alone else self.place(one.line) for one in self.closure(item) if one.kind == "built"]
        folders = [one.prefix for one in self.closure(item) if one.prefix]
        inline = (place for place in self.open if place < at and self.line[place].prefix)
        needed += (place for place in inline if any(_fills(self.line[place].prefix, folder) for folder in folders))
        if item.foreign:
            needed.append(self._last_open(at))
        needed += (self._last_open(place) for place, one in self.naming(at) if one.foreign)
        chosen = next((place for place in range(at, -1, -1) if self.line[place].user), -1)
        if chosen >= 0 and self.line[chosen].user != "root":
            needed.append(self._last_open(chosen))
        return max(needed, default=-1)

    def _last_open(self, end: int) -> int:
        return max((at for at in self.open if at < end), default=-1)

    def view(self, item: Item) -> View:
        """What a closed block may know of."""
        upon = self.closure(item)
        settings = [one for one in self.line[: self.place(item.line)] if one.kind == "setting"]
        packages = {name for one in (*upon, *settings, item) for name in one.installs}
        hidden = {one.line for one in self.line if one.is_block} - {one.line for one in (*upon, item)}
        folders = [path for one in upon for path in (one.leavings, *one.touches) if path]
        return View((*folders, *item.foreign), frozenset(packages), frozenset(hidden))


def _fills(prefix: str, folder: str) -> bool:
    """Whether who installs into a prefix leaves files in a folder of another: it is the same, or one within a folder of the other's own."""
    return prefix == folder or (is_own(folder) and is_within(prefix, folder))


def promises(recipe: Recipe) -> dict[str, Promise]:
    """Stage -> what is promised of it."""
    found: dict[str, Promise] = {}
    for stage, base in recipe.bases.items():
        line = recipe.line(stage)
        before = found[base] if base else Promise([], 0, frozenset(), ())
        alone = before.alone | {item.line for item in recipe.own(stage) if item.kind == "built" and _is_alone(item, line)}
        first = next((at for at, item in enumerate(line) if item.is_block), len(line))
        acts = (at for at, item in enumerate(line) if at > first and item.kind == "raw")
        inline = (at for at, item in enumerate(line) if item.kind == "built" and item.line not in alone)
        found[stage] = Promise(line, len(before.line), alone, (*sorted((*acts, *inline)),))
    return found


def _is_alone(item: Item, line: Sequence[Item]) -> bool:
    """Whether a block has a stage of its own: closed, with a prefix that is its own alone."""
    others = [one.prefix for one in line if one.prefix and one is not item and is_own(one.prefix)]
    clash = any(is_within(item.prefix, other) or is_within(other, item.prefix) for other in others)
    return item.says_all and item.lonely and is_own(item.prefix) and not clash


def views(told: dict[str, Promise]) -> dict[int, View]:
    """Line of the recipe -> what its block may know of, for all that are built alone."""
    return {item.line: promise.view(item) for promise in told.values() for item in promise.line[promise.inherited :] if item.line in promise.alone}


def start(promise: Promise, cut: int, stage: str, base: str, line: Built) -> State:
    """What a builder starts from: the line up to a place, or what the recipe does before its first block."""
    if cut >= promise.inherited:
        return after(promise.line[cut], line)
    if cut >= 0:
        return line.stages[base]
    return after(promise.line[promise.first - 1], line) if promise.first else State()


def after(item: Item, line: Built) -> State:
    """What is there behind a line of the recipe."""
    return line.after[item.stage, item.leaves or item.line]


def expected(promise: Promise, item: Item, stage: str, base: str, line: Built) -> dict[str, Any]:
    """What a block that is built alone must find: no less, no more."""
    cut = promise.cut(item)
    begun = start(promise, cut, stage, base, line)
    shown = next(survey.state for survey in line.surveys if survey.line == item.line)
    view = promise.view(item)
    files = {**begun.files, **below(shown.files, view.folders), **{path: "" for path in shown.files if path.endswith("/")}}
    later = [node for node in shown.variables[len(begun.variables) :] if line_of(node) not in view.hidden]
    return {
        **shown.found(),
        "files": files,
        "packages": begun.packages | view.packages,
        "environment": folded((*begun.variables, *later)),
    }


def check(recipe: Recipe, folder: str) -> None:
    """Compares what is found in the line and in the split."""
    graph = hpcgen.plan("recipe.py", text=recipe.text, block_folders=[folder])
    told = promises(recipe)
    seen = views(told)
    try:
        line = simulate(graph, seen)
    except Stops:
        return  # a recipe that does not build
    split = simulate(hpcgen.split(graph), seen)
    for stage, promise in told.items():
        assert split.stages[stage].finished() == line.stages[stage].finished(), stage
        for item in promise.line[promise.inherited :]:
            found = [survey.state.found() for survey in split.surveys if survey.line == item.line]
            shown = [survey.state.found() for survey in line.surveys if survey.line == item.line]
            if item.line in promise.alone:
                shown = [expected(promise, item, stage, recipe.bases[stage], line)]
            if promise.place(item.line) < promise.first:
                shown *= len(found)  # what stands before all blocks may be said once more, which builders of stages know for the same
            assert found == shown, f"line {item.line}"


@given(recipe=recipes())
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
def test_each_block_finds_in_the_split_what_the_line_shows_to_it(folder: str, recipe: Recipe) -> None:
    """A closed block finds what it builds upon and nothing else, an open one all that stands before it, and each stage of the recipe ends as it would in a line."""
    check(recipe, folder)
