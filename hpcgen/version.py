"""Ordering of the versions that HPC software has: 2.10, 1.18.1-rc2, 5.8-3.0.7.0, 2.1.12-stable."""

from __future__ import annotations

import re
from functools import total_ordering
from typing import Any

_BEFORE = {"dev": -4, "alpha": -3, "a": -3, "beta": -2, "b": -2, "rc": -1, "pre": -1}
_SAME = {"stable", "final", "release", "v"}


@total_ordering
class Version:
    """A version that compares as people mean it: numbers as numbers, pre-releases before their release."""

    __slots__ = ("_key", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self._key = _key(text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Version) and self._key == other._key

    def __lt__(self, other: Version) -> bool:
        return self._key < other._key

    def __hash__(self) -> int:
        return hash(self._key)

    def __repr__(self) -> str:
        return f"Version({self.text!r})"

    def __str__(self) -> str:
        return self.text

    @property
    def major(self) -> int:
        """The first number, 0 where there is none."""
        return self._part(0)

    @property
    def minor(self) -> int:
        """The second number, 0 where there is none."""
        return self._part(1)

    def up_to(self, parts: int) -> str:
        """The first `parts` numbers, joined by dots: `5.0` of `5.0.7`."""
        return ".".join(re.findall(r"\d+", self.text)[:parts])

    def _part(self, index: int) -> int:
        numbers = re.findall(r"\d+", self.text)
        return int(numbers[index]) if index < len(numbers) else 0


def _key(text: str) -> tuple[Any, ...]:
    """Comparable parts: (1, number) or (0, word), then an end that stands above any pre-release and below any more."""
    parts: list[tuple[int, Any]] = []
    for word in re.findall(r"\d+|[a-zA-Z]+", text):
        if word.isdigit():
            parts.append((1, int(word)))
        elif word.lower() in _BEFORE:
            parts.append((-1, _BEFORE[word.lower()]))
        elif word.lower() not in _SAME:
            parts.append((2, word.lower()))
    while parts and parts[-1] == (1, 0):
        parts.pop()
    return (*parts, (0, 0))
