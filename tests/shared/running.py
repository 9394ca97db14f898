"""What running a command line gives."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple


class Result(NamedTuple):
    """How a command line ended."""

    status: int
    out: str
    err: str


Run = Callable[..., Result]
