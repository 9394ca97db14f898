"""The command line: one file a command. Only this room prints, and only `main` says how it ended."""

from __future__ import annotations

import gc
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

COMMANDS = {
    "": "hpcgen.cli.write",
    "audit": "hpcgen.cli.audit",
    "blocks": "hpcgen.cli.blocks",
    "completion": "hpcgen.cli.completion",
    "diff": "hpcgen.cli.diff",
    "graph": "hpcgen.cli.graph",
    "inspect": "hpcgen.cli.inspect",
    "outdated": "hpcgen.cli.outdated",
    "rules": "hpcgen.cli.rules",
    "sources": "hpcgen.cli.sources",
}
"""Command -> its module, which has `parser() -> Parser` and `run(options) -> int`. The empty one is `hpcgen RECIPE`."""


def main(argv: Sequence[str] | None = None) -> int:
    """Runs a command line and gives its exit status: 0 fine, 1 a check fails, 2 usage, 3 cannot be reached, 4 partial, 5 our bug."""
    from hpcgen.cli.ending import guarded

    words = sys.argv[1:] if argv is None else list(argv)
    collecting = gc.isenabled()
    gc.disable()  # of cycles: a command is over before there are any to speak of, and looking for them takes 3 ms of 50
    try:
        return guarded(lambda: _command(words))
    finally:
        if collecting:
            gc.enable()


def _command(words: Sequence[str]) -> int:
    """Imports the module of the command that the first word names, and runs it."""
    from importlib import import_module

    name = words[0] if words and words[0] in COMMANDS else ""
    module = import_module(COMMANDS[name])
    options = module.parser().read(words[1:] if name else words)
    return int(module.run(options))
