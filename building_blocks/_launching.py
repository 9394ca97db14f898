"""Programs that start the one of several builds that fits the machine: POSIX sh, with nothing but the shell's own commands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hpcgen.quoting import sh, sh_join

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_PROCESSOR = """\
flags=
while IFS= read -r line; do
  case $line in flags*:* | Features*:*) flags=" ${line#*: } " && break ;; esac
done </proc/cpuinfo
has() {
  for flag; do
    case $flags in *" $flag "*) ;; *) return 1 ;; esac
  done
}
"""
"""Reads what the machine's first processor can do: x86_64 calls it flags, aarch64 Features."""

_GPU = """\
oldest=0
for each in $(nvidia-smi --query-gpu=compute_cap --format=csv,noheader); do
  case $each in *[!0-9.]* | *.*.* | .* | *.) continue ;; *.*) ;; *) continue ;; esac
  number=${each%.*}${each#*.}
  if [ "$oldest" -eq 0 ] || [ "$number" -lt "$oldest" ]; then oldest=$number; fi
done
"""
"""Asks for the oldest of the GPUs that a container is given: all of its processes run the same program."""

_LAUNCHER = """\
#!/bin/sh
# Starts the build that fits this machine; {variable} names another one: {names}.
build=${{{variable}-}}
if [ -z "$build" ]; then
{choose}fi
case $build in
  {known}) ;;
  *)
    echo {wrong} >&2
    exit 1
    ;;
esac
exec {program}"$build" "$@"
"""


def by_processor(program: str, variable: str, builds: Mapping[str, Sequence[str]]) -> str:
    """A launcher that takes the first build whose features the processor has.

    Args:
        program: the path of the builds, each of which ends with `_NAME`.
        variable: in the environment, it names the build instead.
        builds: name -> features as /proc/cpuinfo has them, the best first.
    """
    needs = "; ".join(f"{name}: {' '.join(features)}" for name, features in builds.items())
    choices = [(f"has {sh_join(features)}", name) for name, features in builds.items()]
    missing = f"this processor has not what one of the builds needs ({needs})"
    return _launcher(f"{program}_", variable, builds, probe=_PROCESSOR, choices=choices, missing=f"{_called(program)}: {missing}")


def by_gpu(program: str, variable: str, builds: Iterable[str]) -> str:
    """A launcher that takes the build for the newest GPU architecture that is not newer than the machine's oldest GPU.

    Args:
        program: the path of the builds, each of which ends as in `_sm80`.
        variable: in the environment, it names the build instead, as `80`.
        builds: the GPU architectures that there are builds for, as `80`.
    """
    names = sorted(builds, key=int)
    choices = [(f'[ "$oldest" -ge {name} ]', name) for name in reversed(names)]
    missing = f"nvidia-smi names no GPU that one of the builds is for ({', '.join(names)})"
    return _launcher(f"{program}_sm", variable, names, probe=_GPU, choices=choices, missing=f"{_called(program)}: {missing}")


def _launcher(program: str, variable: str, names: Iterable[str], *, probe: str, choices: Sequence[tuple[str, str]], missing: str) -> str:
    """What settles the build, checks its name, and becomes PROGRAM with that name behind it; the first choice whose command succeeds counts."""
    tests = "".join(f"{'elif' if at else 'if'} {command}; then\n  build={sh(name)}\n" for at, (command, name) in enumerate(choices))
    choose = f"{probe}{tests}else\n  echo {sh(missing)} >&2\n  exit 1\nfi\n"
    listed = ", ".join(names)
    return _LAUNCHER.format(
        variable=variable,
        names=listed,
        choose="".join(f"  {line}\n" for line in choose.splitlines()),
        known=" | ".join(sh(name) for name in names),
        wrong=sh(f"{variable} names none of the builds, which are {listed}"),
        program=sh(program),
    )


def _called(program: str) -> str:
    """What a program is called."""
    return program.rpartition("/")[2]
