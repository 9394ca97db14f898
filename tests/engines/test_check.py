"""`--check` with a Docker that answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support import BASE, ENGINES, run

from hpcgen.emitting.base import Rendered
from hpcgen.engines import definition_check, linters

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("FROM {base}\nRUN true\n", []),
        ("FROM {base} as x\nRUN true\n", [(1, "warning", "FromAsCasing")]),
        ("FROM {base}\nRUNN true\n", [(2, "error", "docker-build")]),
        ("FROM hpcgen-has-no-such-image:1\n", [(1, "warning", "docker-build")]),
    ],
    ids=["good", "a matter of style", "unreadable", "base image out of reach"],
)
@pytest.mark.usefixtures("engines")
def test_docker_s_own_checks_are_asked(tmp_path: Path, text: str, found: list[tuple[int, str, str]]) -> None:
    """Docker's checks run over the file and come back as findings at its lines; a base image out of reach is no error of the file."""
    program = tmp_path / "docker"
    program.write_text(f'#!/bin/sh\nexec {ENGINES} docker docker "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    report = linters.check(Rendered(text.format(base=BASE)), f"{tmp_path}:/usr/bin:/bin")
    assert "docker build --check" in report.ran
    assert [(one.line, one.level, one.rule) for one in report.findings] == found


@pytest.mark.parametrize("length", [65_510, 65_511], ids=["fits", "one byte too many"])
@pytest.mark.usefixtures("engines")
def test_apptainer_s_limit_of_sections_is_ours(tmp_path: Path, length: int) -> None:
    """A section that our check lets pass is one that Apptainer reads, and one byte more is too much for both."""
    text = f"Bootstrap: docker-archive\nFrom: no-such-file.tar\n\n%post\n    # {'x' * length}\n%environment\n    export A=1\n"
    file = tmp_path / "long.def"
    file.write_text(text, encoding="utf-8")
    said = run(ENGINES, "run", "apptainer", "build", tmp_path / "out.sif", file, check=False)
    assert ("token too long" in said) == any(finding.rule == "definition-size" for finding in definition_check.check(text))
    assert "token too long" in said or "no-such-file.tar" in said
