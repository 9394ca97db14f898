"""Programs that go into images, in POSIX sh, each a file of its own that is read and linted as one.

`closure` finds, in the stage that built everything, what is needed at run time; `install` and `check` do in the final stage what is left.
"""

from __future__ import annotations

import os


def compact(name: str) -> str:
    """The same without the comments behind its first lines: each image file that needs it holds it whole."""
    rows = text(name).split("\n")
    begin = next(at for at, row in enumerate(rows) if not row.startswith("#"))
    return "\n".join((*rows[:begin], *(row for row in rows[begin:-1] if row and not row.lstrip().startswith("#")), ""))


def text(name: str) -> str:
    """The text of a program, `closure`, `install` or `check`."""
    with open(os.path.join(os.path.dirname(__file__), f"{name}.sh"), encoding="utf-8") as file:
        return file.read()
