"""Text of a recipe within SVG, Graphviz's dot and Mermaid: the only place of this room that escapes.

Nothing here is refused: a picture shows what cannot be written as U+FFFD, for it is looked at and not built from.
"""

from __future__ import annotations

import re

_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")
"""Control characters, those that turn the direction of a line round, and what is no character of XML or UTF-8."""

_MERMAID_SPECIAL = re.compile(r"[^\w ./,+-]|[.+-](?= )", re.ASCII)
_MERMAID_WORD = re.compile(r"\\(?=n)|\$(?=\$)|\bfa\w?:(?=fa)")
"""What is read behind the numbers: a line's end, a formula, an icon."""


def clean(text: str) -> str:
    """A text as one line that any format can hold: what is no visible character is shown as U+FFFD, a line's end as a blank."""
    return _UNSEEN.sub("\ufffd", text.replace("\n", " ").replace("\t", " "))


def xml(text: str) -> str:
    """Text within an element or an attribute of XML."""
    return clean(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;").replace("'", "&#39;")


def dot(text: str) -> str:
    r"""Text within a quoted string of dot, which knows `\N` and the like, and HTML's entities."""
    return clean(text).replace("\\", "\\\\").replace("&", "&amp;").replace('"', '\\"')


def mermaid(text: str) -> str:
    """Text within a quoted label of Mermaid: what is more than a word's letter is written by its number.

    Mermaid looks for Markdown's lists, HTML, styles and directives in labels too, so that a list of what is harmless is the shorter one.
    """
    words = _MERMAID_WORD.sub("\\g<0>\u200b", clean(text))
    return _MERMAID_SPECIAL.sub(lambda found: f"#{ord(found[0])};", words)
