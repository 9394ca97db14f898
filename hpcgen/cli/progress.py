"""Progress of downloads on a terminal."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

from hpcgen.sourcing.mirror import Watch

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from hpcgen.sourcing.listing import Source
    from hpcgen.sourcing.mirror import Outcome


@contextmanager
def watched(found: Sequence[Source]) -> Iterator[Watch]:
    """A line for each source that is being fetched, and one for all of them, on standard error; gone when it is over."""
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        tasks = {source: progress.add_task(source.name, total=None, visible=False) for source in found}

        def moved(source: Source, have: int, total: int) -> None:
            progress.update(tasks[source], completed=have, total=total or None, visible=True)

        def done(outcome: Outcome) -> None:
            progress.update(tasks[outcome.source], visible=False)

        yield Watch(moved, done)
