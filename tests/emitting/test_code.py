from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest
from formats import written

from hpcgen.emitting.code import Laid, Ways, alone, guard, is_chainable, jobs_command, joined, listed, script
from hpcgen.emitting.lowering import lower_all
from hpcgen.graph.nodes import ByArch, Run
from hpcgen.target import Target

if TYPE_CHECKING:
    from pathlib import Path

SHELLS = [shell for shell in ("dash", "bash", "busybox") if shutil.which(shell)]
TARGET = Target("debian", "12")

COMMANDS: dict[str, tuple[tuple[str, ...], str, bool]] = {
    "all succeed": (("echo a", "echo b"), "a b", True),
    "the first fails": (("false", "echo b"), "", False),
    "the last fails": (("echo a", "false"), "a", False),
    "a list succeeds as its last": (("false; echo a", "echo b"), "a b", True),
    "a list fails as its last": (("echo a; false", "echo b"), "a", False),
    "an or saves": (("false || echo a", "echo b"), "a b", True),
    "an and within fails": (("false && echo a", "echo b"), "", False),
    "an and within, last": (("echo a", "false && true"), "a", False),
    "negation": (("! true", "echo b"), "", False),
    "a condition": (("if false; then echo a; fi", "echo b"), "b", True),
    "a pipe succeeds as its last": (("false | cat", "echo b"), "b", True),
    "a folder goes on": (("cd /", 'test "$PWD" = / && echo root'), "root", True),
    "a variable goes on": (("a=1", 'echo "$a"'), "1", True),
    "a chain within a case": ((Laid("case x in \\\n    x) false && echo a ;; \\\nesac"), "echo b"), "", False),
    "a chain within an if": ((Laid("if true; then false && echo a; fi"), "echo b"), "", False),
    "a loop whose last try fails": ((Laid("for x in 1 2; do \\\n    false && break; done"), "echo b"), "", False),
    "a loop that breaks": ((Laid("for x in 1 2; do \\\n    true && break; done"), "echo b"), "b", True),
    "a shell of its own": ((alone(("cd /usr", "false", "echo a")), "echo b"), "", False),
    "a folder of its own": (("cd /", alone(("cd /usr", "true")), 'echo "$PWD"'), "/", True),
    "an empty variable": (('test -z "$nothing"', "echo a"), "a", True),
}
"""Commands -> what they print, and whether they succeed."""


def ran(shell: str, *words: str) -> tuple[str, bool]:
    """What a shell prints, in one line, and whether it succeeds."""
    done = subprocess.run([shell, *(("sh",) if shell == "busybox" else ()), *words], capture_output=True, text=True, check=False)
    return " ".join(done.stdout.split()), done.returncode == 0


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("case", COMMANDS)
def test_chain_and_script_end_as_commands_do(shell: str, case: str) -> None:
    """Commands as a chain and commands as a script under `set -e` do the same, and end the same."""
    commands, prints, succeeds = COMMANDS[case]
    assert is_chainable(commands)
    assert ran(shell, "-c", joined(commands)) == (prints, succeeds)
    assert ran(shell, "-e", "-c", script(commands)) == (prints, succeeds)


@pytest.mark.parametrize("case", COMMANDS)
def test_what_post_and_scripts_write_ends_as_commands_do(case: str) -> None:
    """The same in the forms that %post and a script's steps have, where `-e` holds around them."""
    commands, prints, succeeds = COMMANDS[case]
    assert ran("sh", "-e", "-c", f"(\n{joined(commands)}\n) || exit\necho end") == (f"{prints} end".strip() if succeeds else prints, succeeds)
    assert ran("sh", "-e", "-c", f"( set -e\n{script(commands)}\n)\necho end") == (f"{prints} end".strip() if succeeds else prints, succeeds)
    step = f"step() {{\n    set +eu +o pipefail\n    {joined(commands)}\n}}\nset +e\n(set -e; step)\nstatus=$?\nset -e\nexit $status"
    assert ran("bash", "-euo", "pipefail", "-c", step) == (prints, succeeds)


def test_several_lines_make_a_script() -> None:
    """Commands with a heredoc, a comment or a newline do not chain; in a shell of their own they are a script within it."""
    commands = ("cat <<E\na\nE", "false", "echo b")
    assert not is_chainable(commands)
    assert ran("sh", "-e", "-c", script(commands)) == ("a", False)
    assert ran("sh", "-e", "-c", f"{alone(commands)}\necho end") == ("a", False)


def test_a_runs_folder_and_variables_end_with_it(tmp_path: Path) -> None:
    """What stands behind a Run in one instruction has its own folder and variables, not those of the Run."""
    nodes = (Run(("pwd", 'echo "$A"'), cwd="/usr", env=(("A", "x y"),)), Run(("pwd", 'echo "${A-unset}"')))
    code = lower_all(nodes, TARGET, Ways())
    for text in (joined(code.commands), f"set -e\n{script(code.commands)}"):
        assert ran("sh", "-c", f"cd /\n{text}") == ("/usr x y / unset", True)


def test_a_choices_folder_ends_with_it() -> None:
    """The same for a Run within a choice by architecture."""
    choice = ByArch(tuple((arch, (Run(("pwd",), cwd="/usr"),)) for arch in ("x86_64", "aarch64")))
    code = lower_all((choice, Run(("pwd",))), Target("debian", "12", ("x86_64", "aarch64")), Ways(arch="x86_64"))
    assert ran("sh", "-c", f"cd / && {joined(code.commands)}") == ("/usr /", True)


def test_a_last_run_needs_no_shell_of_its_own() -> None:
    """Where nothing stands behind it, a Run's folder is entered without brackets."""
    assert "(" not in joined(lower_all((Run(("make",), cwd="/src"),), TARGET, Ways()).commands)


@pytest.mark.parametrize(("memory", "processors", "jobs"), [(64, 8, 8), (4, 8, 2), (1, 8, 1), (16, 1, 1)])
def test_jobs_are_as_many_as_processors_and_memory_allow(tmp_path: Path, memory: int, processors: int, jobs: int) -> None:
    """Jobs of make: one a processor, no more than one for 2 GB of memory, at least one."""
    (tmp_path / "meminfo").write_text(f"MemTotal:       {memory * 1024 * 1024} kB\nMemFree: 1 kB\n")
    (command, export) = jobs_command(("make -j$JOBS",), Ways())
    text = command.replace("/proc/meminfo", str(tmp_path / "meminfo")).replace("$(nproc)", str(processors))
    assert ran("sh", "-c", f'{text} && {export} && sh -c \'echo "$JOBS"\'') == (str(jobs), True)


def test_jobs_are_asked_for_only_where_they_are_read() -> None:
    """A command that reads JOBS gets it, others are left alone."""
    assert jobs_command(("make -j4",), Ways()) == ()
    assert jobs_command(('make -j"${JOBS}"',), Ways())


def test_guard_stops_another_architecture() -> None:
    """A file for one architecture stops on another and names both."""
    guarded = guard(Target("debian", "12", ("aarch64", "x86_64")))
    assert ran("sh", "-c", f"{guarded}\necho on") == ("on", True)
    done = subprocess.run(["sh", "-c", guard(Target("debian", "12", ("riscv64",)))], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "this file is for riscv64, not for" in done.stderr


def test_packages_stand_one_a_line_sorted() -> None:
    """A list of packages does not depend on the order that blocks name them in."""
    assert listed("install", ["b", "a"]) == "install \\\n    a \\\n    b"


def test_commands_of_a_test_see_the_images_shell() -> None:
    """A recipe's shell reads its tests too."""
    recipe = "Stage0 += use_shell(['/bin/bash', '-c'])\nStage0 += test(commands=['a=(1)', 'test ${#a[@]} = 1'])"
    for name in ("singularity", "bash"):
        assert "    /bin/bash -c 'a=(1) && \\\n" in written(recipe, name).text
