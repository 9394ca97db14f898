"""Runs hpcgen's command line within the test."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest
from running import Result

from hpcgen.cli import main

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

RECIPE = 'Stage0 += baseimage(image="debian:12")\nStage0 += shell(commands=["echo hello"])\n'


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Runs a command line in this process; `stdin` is what it reads there."""

    def call(*words: object, stdin: bytes = b"") -> Result:
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(stdin), encoding="utf-8"))
        status = main([str(word) for word in words])
        captured = capsys.readouterr()
        return Result(status, captured.out, captured.err)

    return call


@pytest.fixture
def recipe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A recipe without faults, in the folder that the test runs in."""
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "recipe.py"
    file.write_text(RECIPE, encoding="utf-8")
    return file
