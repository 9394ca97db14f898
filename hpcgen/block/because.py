"""Words that know why they are said: a flag that a block computes, beside those that follow from its options."""

from __future__ import annotations


class Because(str):
    """A word like any other.

    Attributes:
        why: what it is said for.
    """

    __slots__ = ("why",)
    why: str


def because(word: str, why: str) -> str:
    """The same word, with its reason for `hpcgen RECIPE --explain`."""
    said = Because(word)
    said.why = why
    return said
