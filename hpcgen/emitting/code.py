"""Shell code in the making: commands with what they need beside the image, and how they are put together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hpcgen.errors import Unsupported, Unwritable
from hpcgen.frozen import field, frozen
from hpcgen.quoting import chain as chained
from hpcgen.quoting import sh, shape

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import NoReturn, Self

    from hpcgen.graph.nodes import Mount
    from hpcgen.target import Target

JOBS = """{read}awk -v n="$(nproc)" '/^MemTotal/ {{ m = int($2 / 2097152); print (m < 1) ? 1 : (m < n) ? m : n }}' /proc/meminfo"""
"""Jobs of make: what the builder says, else as many as processors, and no more than one for each 2 GB of memory."""


def _nowhere(name: str) -> NoReturn:
    sentence = f"{name}: a file beside the recipe cannot be shown to a build step here"
    raise Unsupported(sentence, help="choose another dialect, or copy(...) the file first")


@frozen
class Ways:
    """How a format brings what must not stand in the text.

    Attributes:
        jobs: the shell words that give the builder's number of jobs, followed by `||`, or empty.
        mirrored: whether sources may come from a mirror.
        mirror: the command that sets MIRROR; empty where it is set already.
        mirror_mounts: gives the mounts that a source's place in the mirror's layout needs.
        cached: whether package managers get cache mounts.
        tidies: whether what package managers downloaded is removed, where it is in no cache mount.
        arch: the variable or command that tells the architecture: `"$TARGETARCH"` or `"$(uname -m)"`.
        arch_names: architecture -> what that calls it, where it is not the same.
        from_stage: gives the shell word for the path at which a folder of an earlier stage is seen, and its mount.
        local: gives the shell word for the path at which a file beside the recipe is seen while building, and its mount.
    """

    jobs: str = ""
    mirrored: bool = False
    mirror: str = ""
    mirror_mounts: Callable[[str], tuple[Mount, ...]] = field(default=lambda place: ())
    cached: bool = False
    tidies: bool = True
    arch: str = '"$(uname -m)"'
    arch_names: dict[str, str] = field(factory=dict)
    from_stage: Callable[[str, str], tuple[str, tuple[Mount, ...]]] = field(default=lambda stage, folder: _nowhere(folder))
    local: Callable[[str], tuple[str, tuple[Mount, ...]]] = field(default=_nowhere)


@frozen
class Code:
    """Shell code that one or more nodes mean.

    Attributes:
        commands: each must succeed; an element is one command, maybe of many lines.
        mounts: what they see beside the image.
        options: further words for RUN.
    """

    commands: tuple[str, ...]
    mounts: tuple[Mount, ...] = ()
    options: tuple[str, ...] = ()

    def __add__(self, other: Code) -> Code:
        mounts = tuple(dict.fromkeys((*self.mounts, *other.mounts)))
        return Code((*self.commands, *other.commands), mounts, tuple(dict.fromkeys((*self.options, *other.options))))


class Laid(str):
    """A command that hpcgen wrote over several lines: each line but the last ends in a backslash, so that it is one line to every shell.

    Raises:
        Unwritable: something that it is made of holds a newline.
    """

    __slots__ = ()

    def __new__(cls, command: str) -> Self:
        """The command, if its lines are as they must be."""
        *lines, _ = command.split("\n")
        if not all(line.endswith("\\") for line in lines):
            raise Unwritable(f"a name, path or address holds a newline: {command!a:.80}")
        return super().__new__(cls, command)


EMPTY = Code(())


def without_optional(mounts: Iterable[Mount]) -> tuple[Mount, ...]:
    """The mounts without secrets that need not be there, for readers that know no mounts."""
    return tuple(mount for mount in mounts if not (mount.kind == "secret" and "required=false" in mount.options))


def jobs_command(commands: Iterable[str], ways: Ways) -> tuple[str, ...]:
    """What sets JOBS, if any of the commands reads it."""
    if not any("$JOBS" in command or "${JOBS" in command for command in commands):
        return ()
    return (Laid(f'JOBS="$({JOBS.format(read=ways.jobs)})"'), "export JOBS")


def guard(target: Target) -> str:
    """A command that stops the build on another architecture than the file is for."""
    names = "|".join(target.architectures)
    return Laid(f'case "$(uname -m)" in {names}) ;; *) echo "this file is for {names}, not for $(uname -m)" >&2; exit 1 ;; esac')


def joined(commands: Iterable[str], indent: str = "    ") -> str:
    """Commands, all of them chainable, as one `&&` chain over several lines."""
    return f" && \\\n{indent}".join(_element(command, indent) for command in commands)


def _element(command: str, indent: str) -> str:
    return command.replace("\n", f"\n{indent}") if isinstance(command, Laid) else chained(command)


def is_chainable(commands: Iterable[str]) -> bool:
    """Whether all commands can stand in one chain."""
    return all(isinstance(command, Laid) or shape(command) != "script" for command in commands)


def script(commands: Iterable[str]) -> str:
    """Commands as lines of a script that runs under `set -e`."""
    return "\n".join(map(script_line, commands))


def script_line(command: str) -> str:
    """A command that ends a script under `set -e` as it would end a chain: by its own status, whatever happens within it."""
    if isinstance(command, Laid):
        return f"{command} || exit" if any(mark in command for mark in ("&&", ";")) else command
    kind = shape(command)
    return f"{chained(command)} || exit" if kind == "list" or (kind == "simple" and "&&" in command) else command


def alone(commands: Sequence[str]) -> str:
    """Commands as one in a shell of its own."""
    if is_chainable(commands):
        return Laid(f"( {joined(commands)} )")
    return f"(\n{script(commands)}\n)"


def listed(command: str, packages: Iterable[str]) -> str:
    """A command with its packages one a line, sorted."""
    return Laid(" \\\n    ".join((command, *sorted(sh(name) for name in packages))))
