"""What each step of a build took, read from BuildKit's plain progress: `docker build --progress plain . 2> LOG`.

The form is no interface of BuildKit's, but the same from Docker 20.10 to 29 (tests/drawing/logs has what they wrote):

    #7 [linux/amd64 ucx 2/4] RUN make     the step's platform, or bake's target; its stage, none where there is one without a name; its place
    #7 0.127 text                         what it prints
    #7 ...                                another step's turn
    #7 DONE 63.1s                         or CACHED, CANCELED, ERROR: why

A step that several stages begin with is run once and shown as one of theirs. What the log does not show was not needed.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

import attrs

from hpcgen.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

State = Literal["done", "cached", "failed", "canceled", "running"]

_LINE = re.compile(r"(?:\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d) )?#(\d+) (.*)")
"""A line of a step; some CI systems put the time before each."""
_STEP = re.compile(r"\[([^\]]*?) *(\d+)/(\d+)\] (.*)")
_END = re.compile(r"(?:(DONE)(?: (\d+\.\d+)s)?|(CACHED)|(CANCELED)|(ERROR): .*)$")
_STATES: tuple[State, ...] = ("done", "cached", "canceled", "failed")
_FROM = re.compile(r"(?:--|,|=)from=([^\s,]+)")
_MARKER = re.compile(r": hpcgen (?:'([^']+)'|(\S+)) [0-9a-f]{12}\b")


class NoTimings(UsageError):
    """A log that says nothing of what the steps of a build took."""

    kind = "timings"


@attrs.frozen
class Step:
    """One step of a build.

    Attributes:
        stage: the stage's name, `stage-2` where it has none, empty where it is the only one.
        number: of the step in its stage, counted from 1.
        of: how many steps the stage has.
        text: the instruction.
        seconds: what it took, 0 where it was cached or did not end.
        state: how it ended; `running` where the log does not say.
        scope: the platform, or bake's target, where several are built.
    """

    stage: str
    number: int
    of: int
    text: str
    seconds: float = 0.0
    state: State = "running"
    scope: str = ""

    @property
    def is_base(self) -> bool:
        """Whether it only brings the base image."""
        return self.text.startswith("FROM ")

    @property
    def takes_from(self) -> tuple[str, ...]:
        """The stages, contexts and images that it takes files from."""
        return tuple(_FROM.findall(self.text)) if self.text.startswith(("COPY ", "ADD ", "RUN ")) else ()

    @property
    def is_linked(self) -> bool:
        """Whether it needs nothing of its own stage: a layer that is laid over whatever is there."""
        return self.text.startswith(("COPY ", "ADD ")) and "--link" in self.text.split()

    @property
    def block(self) -> str:
        """The block that hpcgen says a RUN is of, such as `ucx 1.18.1`, or empty."""
        found = _MARKER.search(self.text)
        return (found[1] or found[2]) if found else ""


def read(text: str) -> tuple[Step, ...]:
    """The steps of a build, in the order in which they are first shown; of several builds in one log, those of the last.

    Raises:
        NoTimings: it is no such log, or one without a step.
    """
    steps: dict[int, Step] = {}
    for number, rest in _lines(text):
        if steps and (number == 0 or (number == 1 and rest.startswith("[internal]"))):  # another build begins
            steps = {}
        shown = _STEP.match(rest)
        if shown:
            steps.setdefault(number, _step(*shown.groups()))
        elif number in steps:
            steps[number] = _ended(steps[number], rest)
    if not steps:
        raise NoTimings("no step of a build is in it", help="docker build --progress plain . 2> LOG writes such a log")
    return tuple(steps.values())


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """The lines that are of a step, with its number. Only a newline ends a line: what a step prints may hold all else."""
    for line in text.split("\n"):
        found = _LINE.match(line.rstrip("\r"))
        if found:
            yield int(found[1]), found[2]


def _step(words: str, number: str, of: str, text: str) -> Step:
    """A step as its first line shows it. A platform has a slash, which no stage's name has."""
    scope, _, stage = words.strip().rpartition(" ")
    if "/" in stage:
        scope, stage = words.strip(), ""
    return Step(stage, int(number), int(of), text, scope=scope)


def _ended(step: Step, rest: str) -> Step:
    """The step after a line of it. An image that is taken in two goes ends twice."""
    found = _END.match(rest)
    if not found:
        return step
    done, seconds, *others = found.groups()
    state = next(state for state, word in zip(_STATES, (done, *others), strict=True) if word)
    return attrs.evolve(step, state=state, seconds=0.0 if state == "cached" else max(step.seconds, float(seconds or 0)))
