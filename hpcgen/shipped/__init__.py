"""Programs that go into images, in POSIX sh, each a file of its own that is read and linted as one.

`closure` finds, in the stage that built everything, what is needed at run time; `install` and `check` do in the final stage what is left.
"""

from __future__ import annotations

import os


def text(name: str) -> str:
    """The text of a program, `closure`, `install` or `check`."""
    with open(os.path.join(os.path.dirname(__file__), f"{name}.sh"), encoding="utf-8") as file:
        return file.read()
