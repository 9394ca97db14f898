"""What starts with a container, as lines of shell code: for formats whose start is a script."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hpcgen.errors import Unsupported
from hpcgen.graph.nodes import Cmd, Entrypoint
from hpcgen.quoting import sh_join, shape

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from hpcgen.graph.stages import Stage

_BUILTINS = (
    ".", ":", "[", "alias", "bg", "break", "cd", "command", "continue", "echo", "eval", "exec", "exit", "export", "false", "fg", "getopts", "hash",
    "jobs", "kill", "local", "printf", "pwd", "read", "readonly", "return", "set", "shift", "source", "test", "times", "trap", "true", "type",
    "ulimit", "umask", "unalias", "unset", "wait",
)  # fmt: skip
"""What `exec` cannot start."""


def started(stages: Iterable[Stage]) -> tuple[Entrypoint | None, Cmd | None]:
    """What a container of the last of some stages starts, each of which stands on the one before: an entrypoint drops what earlier stages gave it."""
    entrypoint: Entrypoint | None = None
    cmd: Cmd | None = None
    for stage in stages:
        inherited = cmd
        for node in stage.nodes:
            if isinstance(node, Entrypoint):
                entrypoint = node
                cmd = None if cmd is inherited else cmd
            elif isinstance(node, Cmd):
                cmd = node
    return entrypoint, cmd


def start_lines(entrypoint: Entrypoint | None, cmd: Cmd | None, *, otherwise: str = 'exec "$@"') -> Iterator[str]:
    """The lines of a script that does as a container does: its arguments, if there are none those of `cmd`, are given to `entrypoint`."""
    if cmd is not None:
        yield f'[ "$#" -gt 0 ] || set -- {sh_join(cmd.words)}'.rstrip()
    if entrypoint is None:
        yield otherwise
    elif entrypoint.commands:
        yield "set -e"
        yield from entry_lines(entrypoint)
    else:
        yield " ".join(("exec", *filter(None, (sh_join(entrypoint.words),)), '"$@"'))


def entry_lines(node: Entrypoint) -> Iterator[str]:
    """An entrypoint's lines of shell code; the last one is given the arguments, and takes the shell's place if it is one program."""
    *before, last = node.commands
    kind = shape(last)
    last = last if kind == "script" else last.strip()
    if node.arguments and not _takes_arguments(last, kind):
        raise Unsupported(
            "the last command of a runscript takes the container's arguments, which cannot stand behind several lines, a comment or a bracket",
            help='write "$@" where they belong and say _args=False',
        )
    yield from before
    word = last.split()[0]
    program = kind == "simple" and not any(mark in last for mark in "&|(") and "=" not in word and word not in _BUILTINS
    yield f"{'exec ' if program else ''}{last}" + (' "$@"' if node.arguments else "")


def _takes_arguments(command: str, kind: str) -> bool:
    """Whether further words behind a command are its arguments."""
    if kind == "list":
        return command.rsplit(maxsplit=1)[-1] not in ("fi", "done", "esac") and not command.endswith((";", "&", "}", ")"))
    return kind == "simple" and not command.startswith("(")
