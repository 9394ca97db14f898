"""What a check says of a file's line."""

from __future__ import annotations

import attrs


@attrs.frozen
class Finding:
    """One thing that a check found.

    Attributes:
        line: of the file, counted from 1.
        level: `error`, `warning`, `info` or `style`.
        rule: the check's own name for it.
        sentence: what is wrong.
    """

    line: int
    level: str
    rule: str
    sentence: str
