from __future__ import annotations

import subprocess

import pytest

from hpcgen.emitting.code import Ways, joined
from hpcgen.emitting.lowering import lower
from hpcgen.graph.nodes import ByArch, Mount, Run
from hpcgen.target import Target

BOTH = Target("debian", "12", ("x86_64", "aarch64"))


def lowered(node: ByArch, ways: Ways) -> str:
    """A choice as a chain."""
    return joined(lower(node, BOTH, ways).commands)


def run(node: ByArch, ways: Ways) -> subprocess.CompletedProcess[str]:
    """Runs a choice's shell code."""
    return subprocess.run(["sh", "-c", lowered(node, ways)], capture_output=True, text=True, check=False)


@pytest.mark.parametrize(("arch", "prints", "succeeds"), [("x86_64", "intel\n", True), ("aarch64", "arm\n", True), ("riscv64", "", False)])
def test_a_choice_takes_the_branch_of_the_builders_architecture(arch: str, prints: str, *, succeeds: bool) -> None:
    """What differs by architecture is chosen where it is built; one without a rule stops."""
    node = ByArch((("x86_64", (Run(("echo intel",)),)), ("aarch64", (Run(("cd /", "echo arm")),))))
    done = run(node, Ways(arch=f'"{arch}"'))
    assert (done.stdout, done.returncode == 0) == (prints, succeeds)


def test_a_choice_uses_the_builders_own_names() -> None:
    """Docker calls x86_64 amd64."""
    node = ByArch((("x86_64", (Run(("a",)),)), ("aarch64", (Run(("b",)),))))
    text = lowered(node, Ways(arch='"$TARGETARCH"', arch_names={"x86_64": "amd64", "aarch64": "arm64"}))
    assert text.startswith('case "$TARGETARCH" in \\\n        amd64) \\\n')


def test_a_failure_within_a_choice_ends_it() -> None:
    """A command that fails in a branch fails the whole."""
    node = ByArch((("x86_64", (Run(("false", "echo on")),)),))
    assert run(node, Ways(arch="x86_64")).returncode == 1


def test_mounts_of_all_branches_are_asked_for() -> None:
    """What any branch needs to see is mounted, each once."""
    mount = Mount("cache", "/c")
    node = ByArch((("x86_64", (Run(("a",), mounts=(mount,)),)), ("aarch64", (Run(("b",), mounts=(mount,)),))))
    assert lower(node, BOTH, Ways()).mounts == (mount,)
