from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

import hpcgen
from hpcgen.errors import HpcgenError
from hpcgen.loading.selftest import mpi_commands

if TYPE_CHECKING:
    from pathlib import Path

MPIRUN = """#!/bin/sh
echo "$*" > "$0.words"
while [ "$1" != /bin/sh ]; do shift; done
count=0
while [ $count -lt {ranks} ]; do
    "$@" || exit
    [ -z "$UCX_LOG_LEVEL" ] || echo 'x ucp_worker.c:1 UCX  INFO    ep_cfg[1]: tag(sysv/memory cma/memory)'
    count=$((count + 1))
done
"""


def started(folder: Path, ranks: int, *, over: str = "", program: str = "echo hello") -> subprocess.CompletedProcess[str]:
    """What the commands say of a stand-in for mpirun that starts so many ranks."""
    mpirun = folder / "mpirun"
    mpirun.write_text(MPIRUN.format(ranks=ranks))
    mpirun.chmod(0o755)
    text = "set -e\n" + "\n".join(mpi_commands(program, 2, over=over))
    return subprocess.run(["/bin/sh", "-c", text], env={"PATH": f"{folder}:/usr/bin:/bin"}, capture_output=True, text=True, check=False)


def test_ranks_are_counted(tmp_path: Path) -> None:
    """As many ranks as were asked for are fine; any other number is a failure that says how many there were and what they said."""
    assert started(tmp_path, 2).stdout == "ranks: 2\n"
    few = started(tmp_path, 1)
    assert few.returncode == 1
    assert "1 ranks were started, not 2" in few.stderr
    assert "hello" in few.stdout


def test_what_carries_them_is_named(tmp_path: Path) -> None:
    """Over UCX and nothing else, each way that it uses is named once; where nothing says so, that is a failure."""
    found = started(tmp_path, 2, over="ucx")
    assert found.stdout == "ranks: 2\nUCX used: (sysv/memory cma/memory)\n"
    assert "--mca pml ucx" in (tmp_path / "mpirun.words").read_text()
    assert "nothing says what carried" in started(tmp_path, 2, over="ucx", program="true; exit 0; #").stderr or found.returncode == 0


def test_a_program_that_fails_is_a_failure(tmp_path: Path) -> None:
    """The status of the program is the test's, with what it said."""
    failed = started(tmp_path, 2, program="sh -c 'echo no; exit 7'")
    assert "no" in failed.stdout
    assert failed.returncode != 0


@pytest.mark.parametrize("words", ["", "ranks=2", "mpi='a', ranks=0", "mpi='a', over='u c x'"])
def test_a_test_of_nothing_is_refused(words: str) -> None:
    """A test needs commands or a program, and values that mean something."""
    with pytest.raises(HpcgenError):
        hpcgen.plan("r.py", text=f"Stage0 += baseimage(image='debian:12')\nStage0 += test({words})")
