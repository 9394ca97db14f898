"""How a command ends: each error is shown once, as a person reads it, and becomes an exit status."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from hpcgen.errors import HpcgenError, InternalError, each, show

if TYPE_CHECKING:
    from collections.abc import Callable

INTERRUPTED = 130
"""128 and SIGINT, as shells count."""
BROKEN_PIPE = 141
"""128 and SIGPIPE: what a program gets that dies of it, as most do."""


def guarded(command: Callable[[], int]) -> int:
    """Runs a command; whatever it raises becomes text on standard error and an exit status."""
    try:
        status = command()
        sys.stdout.flush()
    except HpcgenError as fault:
        return _failed(fault)
    except BrokenPipeError:
        _forget_output()
        return BROKEN_PIPE
    except KeyboardInterrupt:
        return INTERRUPTED
    except SystemExit as end:  # argparse's own, after --help and --version
        return end.code if isinstance(end.code, int) else 0
    except Exception as fault:  # noqa: BLE001 (the border: what nobody expected is our bug)
        return _failed(_bug(fault))
    return status


def _failed(fault: HpcgenError) -> int:
    """Shows an error and gives its status."""
    tell(fault)
    return status_of(fault)


def tell(fault: HpcgenError) -> None:
    """Shows an error on standard error."""
    print(coloured(fault) if has_colour(terminal=sys.stderr.isatty()) else shown(fault), file=sys.stderr)


def shown(fault: HpcgenError) -> str:
    """An error as text; what a recipe put into it cannot drive the terminal."""
    return "".join(char if char.isprintable() or char == "\n" else repr(char)[1:-1] for char in show(fault))


def status_of(fault: HpcgenError) -> int:
    """The exit status of an error; several that do not agree are a recipe that fails its checks."""
    found = {one.status for one in each(fault)}
    return found.pop() if len(found) == 1 else 1


def has_colour(*, terminal: bool) -> bool:
    """Whether output may have colours: on a terminal, unless NO_COLOR is set (https://no-color.org) or the terminal is dumb."""
    return terminal and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def coloured(fault: HpcgenError) -> str:
    """An error with its kind in red, its place in bold and its help in cyan."""
    parts = []
    for one in each(fault):
        lines = shown(one).split("\n")
        lines[0] = f"\x1b[1;31m{one.kind}\x1b[0m{lines[0][len(one.kind) :]}"
        if one.origin is not None:
            lines[1] = f"\x1b[1m{lines[1]}\x1b[0m"
        helped = len(one.help.splitlines())
        lines[len(lines) - helped :] = [f"\x1b[36m{line}\x1b[0m" for line in lines[len(lines) - helped :]]
        parts.append("\n".join(lines))
    return "\n\n".join(parts)


def _bug(fault: Exception) -> InternalError:
    """What nobody expected, as an error; the traceback only for those who ask."""
    if os.environ.get("HPCGEN_DEBUG") == "1":
        import traceback

        traceback.print_exception(fault)
    return InternalError(
        f"{type(fault).__name__}: {fault}".rstrip(": "),
        help="this should not happen; please report it with the recipe, and the traceback that HPCGEN_DEBUG=1 shows",
    )


def _forget_output() -> None:
    """What is left in the buffer cannot be written: without this Python would try once more, and complain, when it ends."""
    try:
        sink = os.open(os.devnull, os.O_WRONLY)
        os.dup2(sink, sys.stdout.fileno())
        os.close(sink)
    except (OSError, ValueError):  # no real file behind standard output
        pass
