"""Folders that are called otherwise now: what only follows from that is said once, where it comes from."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from collections.abc import Iterable

_START = r"(?:(?<![\w./-])|(?<=-[ILR]))"
"""What a path may stand behind: nothing of another path, but `-L/opt/x/lib` is one."""
_END = r"(?![\w.-])"


@attrs.frozen
class Renames:
    """Folders that are called otherwise now.

    Attributes:
        pairs: their names before, with those now.
        same: texts that still read as they did, old names in them or not.
    """

    pairs: tuple[tuple[str, str], ...] = ()
    same: frozenset[str] = frozenset()

    def among(self, texts: Iterable[str]) -> Renames:
        """The same, for texts of before that are compared with these."""
        return Renames(self.pairs, frozenset(texts)) if self.pairs else self

    def of(self, text: str) -> str:
        """A text of before, as it would read now."""
        if text in self.same:
            return text
        for before, now in self.pairs:
            text = re.sub(f"{_START}{re.escape(before)}{_END}", now.replace("\\", r"\\"), text)
        return text


def renames(pairs: Iterable[tuple[str, str]]) -> Renames:
    """Those of some folders whose name is another, the longest first: one may lie in another."""
    return Renames(tuple(sorted({(before, now) for before, now in pairs if before and now and before != now}, key=lambda pair: -len(pair[0]))))
