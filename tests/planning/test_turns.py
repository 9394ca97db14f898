"""What waits for what where few blocks may be built at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shown import GNU, RAW, built

import hpcgen
from hpcgen.errors import UsageError
from hpcgen.graph.nodes import Run
from hpcgen.graph.stages import needs
from hpcgen.planning.turns import SEEN_AT, take_turns

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from hpcgen.graph.stages import StageGraph

STACK = (GNU, built("a"), built("b"), built("u"), built("m", "first=u"), built("h", "first=m"), RAW)


def turns(graph: StageGraph) -> dict[str, str]:
    """Stage -> the one that it waits for."""
    return {
        stage.name: mount.stage
        for stage in graph.stages
        for node in stage.nodes
        if isinstance(node, Run)
        for mount in node.mounts
        if mount.target == SEEN_AT
    }


def waiting(planned: Callable[..., StageGraph], lines: Sequence[str], at_once: int) -> dict[str, str]:
    """What waits for what in a recipe of stand-ins."""
    return turns(take_turns(hpcgen.split(planned(*lines)), at_once))


def test_what_most_wait_for_comes_first(planned: Callable[..., StageGraph]) -> None:
    """The longest chain has a lane for itself; the rest shares the other, whatever stands first in the recipe."""
    assert waiting(planned, STACK, 2) == {"u": "managed", "m": "u", "h": "m", "a": "managed", "b": "a"}


def test_one_at_a_time_is_one_chain(planned: Callable[..., StageGraph]) -> None:
    """With one lane each waits for the one before."""
    assert waiting(planned, STACK, 1) == {"u": "managed", "m": "u", "a": "m", "b": "a", "h": "b"}


def test_more_than_there_are_wait_for_nothing(planned: Callable[..., StageGraph]) -> None:
    """With room for all, the mounts are of what each starts from, or builds upon: a lane more or less changes no text's shape."""
    assert waiting(planned, STACK, 9) == {"u": "managed", "m": "u", "h": "m", "a": "managed", "b": "managed"}


def test_upon_an_image_without_compilers(planned: Callable[..., StageGraph]) -> None:
    """The first of a lane mounts its base image's folder."""
    assert waiting(planned, (built("a"), built("b")), 1) == {"a": "debian:12", "b": "a"}


def test_what_the_recipe_says_first_stays_first(planned: Callable[..., StageGraph]) -> None:
    """A stage that moves up takes what stands above the first one with it."""
    graph = hpcgen.split(
        planned(built("a"), built("u"), built("m", "first=u"), base="raw(docker='# first'); Stage0 += baseimage(image='debian:12', name='devel')")
    )
    found = take_turns(graph, 1)
    assert [stage.name for stage in found.stages][:3] == ["u", "a", "m"]
    assert [bool(stage.head) for stage in found.stages] == [True, *[False] * (len(found.stages) - 1)]


def test_written_for_docker_and_for_nobody_who_builds_in_a_line(planned: Callable[..., StageGraph]) -> None:
    """The mount stands in the Dockerfile; formats and dialects without stages side by side say what is wrong."""
    graph = planned(*STACK)
    assert f"--mount=type=bind,from=a,source=/proc,target={SEEN_AT}" in hpcgen.emit(graph, at_once=2).text
    wrong: tuple[dict[str, Any], ...] = ({"format": "bash"}, {"format": "singularity"}, {"dialect": "portable"}, {"linear": True})
    for words in wrong:
        with pytest.raises(UsageError, match="one block after the other"):
            hpcgen.emit(graph, at_once=2, **words)
    with pytest.raises(UsageError, match="1 or more"):
        hpcgen.emit(graph, at_once=-1)


@st.composite
def stacks(draw: st.DrawFn) -> list[str]:
    """Lines of a recipe of blocks that build upon some of those before."""
    lines = [GNU]
    for number in range(draw(st.integers(1, 12))):
        upon = draw(st.sets(st.integers(0, number - 1), max_size=3)) if number else set()
        lines.append(built(f"x{number}", f"paths={[f'/opt/x{one}/lib' for one in sorted(upon)]}"))
    return lines


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lines=stacks(), at_once=st.integers(1, 5))
def test_never_more_than_that_at_once(planned: Callable[..., StageGraph], lines: list[str], at_once: int) -> None:
    """The stages that compile are in so many chains, in each of which one waits for the other; the order is one in which all can be built."""
    graph = hpcgen.split(planned(*lines))
    found = take_turns(graph, at_once)  # a StageGraph checks its order by itself
    names = {stage.name for stage in graph.stages}
    assert {stage.name for stage in found.stages} == names
    after = turns(found)
    assert len(after) == len(lines) - 1
    ends = {one for one in after if one not in after.values()}
    behind = [one for one in after.values() if one in after]
    assert len(behind) == len(set(behind)), "two in one lane's place"
    assert len(ends) <= at_once
    before = {stage.name: {need for need, _ in needs(stage)} for stage in graph.stages}
    assert all(before[stage.name] <= {need for need, _ in needs(stage)} for stage in found.stages)
