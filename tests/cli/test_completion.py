"""`hpcgen completion`: the scripts do in a real shell what they promise."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from hpcgen.cli import COMMANDS

if TYPE_CHECKING:
    from pathlib import Path

    from running import Run

ASK = """
source "$1"; shift
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
_shtab_hpcgen hpcgen "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
printf '%s\\n' "${COMPREPLY[@]}"
"""


@pytest.mark.parametrize(
    ("words", "some"),
    [
        (["hpcgen", ""], {"blocks", "sources", "completion", "recipe.py"}),
        (["hpcgen", "rec"], {"recipe.py"}),
        (["hpcgen", "recipe.py", "--form"], {"--format"}),
        (["hpcgen", "recipe.py", "--format", "s"], {"singularity"}),
        (["hpcgen", "recipe.py", "--dialect", "pod"], {"podman", "podman5"}),
        (["hpcgen", "sources", "rec"], {"recipe.py"}),
        (["hpcgen", "sources", "recipe.py", "--fe"], {"--fetch"}),
        (["hpcgen", "blocks", "uc"], {"ucx"}),
        (["hpcgen", "blocks", "basei"], {"baseimage"}),
        (["hpcgen", "completion", "z"], {"zsh"}),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_bash_completes_commands_options_blocks_and_files(run: Run, recipe: Path, words: list[str], some: set[str]) -> None:
    """Bash is offered commands and recipes first, then options with their values, blocks and files."""
    script = recipe.parent.parent / "completion.bash"
    script.write_text(run("completion", "bash").out, encoding="utf-8")
    done = subprocess.run(("bash", "-c", ASK, "ask", script, *words), capture_output=True, text=True, check=False)
    assert some <= set(done.stdout.split()), done.stderr


@pytest.mark.parametrize("shell", ["bash", "zsh", "tcsh"])
def test_scripts_name_all_commands(run: Run, shell: str) -> None:
    """Each shell's script knows each command, and is one that the shell can read where it is installed."""
    script = run("completion", shell).out
    for name in filter(None, COMMANDS):
        assert name in script
    if shell != "tcsh" and shutil.which(shell):
        subprocess.run((shell, "-n"), input=script, text=True, check=True)
