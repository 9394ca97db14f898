"""Packages that are unpacked without being installed."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from hpcgen.emitting.code import Ways, joined
from hpcgen.emitting.lowering import lower
from hpcgen.graph.nodes import Install
from hpcgen.target import Target

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(("status", "unpacked"), [(0, "what is in it"), (1, "")])
def test_a_package_that_cannot_be_read_stops(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, status: int, unpacked: str) -> None:
    """Where rpm2cpio fails, nothing goes on as if the package had been empty."""
    for name, does in {"dnf": "exit 0", "rpm2cpio": f'cat "$1"; exit {status}', "cpio": "cat > unpacked"}.items():
        program = tmp_path / "bin" / name
        program.parent.mkdir(exist_ok=True)
        program.write_text(f"#!/bin/sh\n{does}\n")
        program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    (tmp_path / "dl").mkdir()
    (tmp_path / "dl" / "a.rpm").write_text("what is in it")
    code = lower(Install(("a",), download=f"{tmp_path}/dl", extract=f"{tmp_path}/x"), Target("rocky", "9"), Ways())
    done = subprocess.run(["sh", "-c", joined(code.commands)], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, (tmp_path / "dl").exists()) == (status, bool(status))
    found = tmp_path / "x" / "unpacked"
    assert (found.read_text() if found.exists() else "") == unpacked
