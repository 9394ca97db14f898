"""How far an audit is, for who waits longer than a second for it."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from hpcgen.auditing.figures import size
from hpcgen.showing import visible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.progress import Progress

    from hpcgen.auditing.report import Watch

PATIENCE = 1.0
"""Seconds that nobody wonders about."""
_PAUSE = 0.1
"""Seconds between two looks at the clock's news."""


class _Bar:
    """A bar that is there once the audit has taken a second; each step is one, and is gone when the next begins."""

    def __init__(self) -> None:
        self.began = time.monotonic()
        self.told = 0.0
        self.step = ""
        self.progress: Progress | None = None

    def __call__(self, step: str, done: int, total: int, unit: str = "bytes") -> None:
        """Takes how far a step is."""
        now = time.monotonic()
        if now - self.began < PATIENCE or (now - self.told < _PAUSE and step == self.step):
            return
        self.told = now
        if self.progress is None:
            self.progress = _progress()
            self.progress.start()
        self._show(self.progress, step, done, total or None, unit)

    def _show(self, progress: Progress, step: str, done: int, total: int | None, unit: str) -> None:
        """Moves the step's bar, or puts that of a new step in the place of the last."""
        if step == self.step and progress.task_ids:
            progress.update(progress.task_ids[0], completed=done, total=total, refresh=True)
            return
        for task in progress.task_ids:
            progress.remove_task(task)
        progress.add_task(visible(step), total=total, completed=done, unit=unit)
        progress.refresh()
        self.step = step

    def end(self) -> None:
        """Takes the bar away."""
        if self.progress is not None:
            self.progress.stop()


def _progress() -> Progress:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
    from rich.text import Text

    class Rate(ProgressColumn):
        """How much is done, and how much in a second."""

        def render(self, task: Task) -> Text:
            """The words for a step."""
            return Text(rate(int(task.completed), int(task.total or 0), task.speed, task.fields["unit"]), style="cyan")

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), Rate(), TimeRemainingColumn())
    return Progress(*columns, console=Console(stderr=True), transient=True, auto_refresh=False)  # a thread would keep the audit from having helpers


def rate(done: int, total: int, speed: float | None, unit: str) -> str:
    """How much is done, and how much in a second: "1.20 GB of 4.10 GB, 310 MB/s"."""
    shown = size if unit == "bytes" else lambda number: f"{number:,} {unit}"
    whole = f" of {shown(total)}" if total else ""
    return f"{shown(done)}{whole}{f', {shown(round(speed))}/s' if speed else ''}"


def _nobody(step: str, done: int, total: int, unit: str = "bytes") -> None:
    """Who looks where there is no terminal."""


@contextmanager
def watching(is_terminal: bool) -> Iterator[Watch]:  # noqa: FBT001 (there is but one)
    """Who is told how far it is: a bar on standard error, nobody where that is no terminal."""
    if not is_terminal:
        yield _nobody
        return
    bar = _Bar()
    try:
        yield bar
    finally:
        bar.end()
