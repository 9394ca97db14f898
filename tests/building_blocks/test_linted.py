"""Every block on every target and architecture, in every format and dialect, as linters read it."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pytest
from everywhere import blocks, graphs
from linting import Definitions, Dockerfiles, Scripts, Told

import hpcgen
from hpcgen import shipped
from hpcgen.emitting.dialects import DIALECTS
from hpcgen.errors import HpcgenError

if TYPE_CHECKING:
    from pathlib import Path

PATH = os.pathsep.join((os.path.dirname(sys.executable), os.environ["PATH"]))
FORMS = [("docker", dialect) for dialect in DIALECTS] + [("singularity", ""), ("bash", "")]

REFUSED = {
    "conda": "a file beside the recipe cannot be shown to a build step here",
    "pip": "a file beside the recipe cannot be shown to a build step here",
}
"""Block -> the words of the reason for which a format refuses it somewhere."""


@pytest.fixture
def without_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    """The programs that go into images are left out: they are the same in each, and linted by themselves."""
    monkeypatch.setattr(shipped, "compact", lambda name: f"#!/bin/sh\n: {name}\n")


def test_linters_find_nothing_in_any_block(without_programs: None, tmp_path: Path) -> None:
    """hadolint, shellcheck, bash -n and the rules of definition files have nothing to say of any block, target, architecture, format and dialect."""
    dockerfiles, scripts, definitions = Dockerfiles(), Scripts(), Definitions()
    refused: dict[str, set[tuple[str, bool]]] = {}
    takes = {"docker": dockerfiles.add, "singularity": definitions.add, "bash": scripts.add}
    for block in blocks():
        for _, _, graph in graphs(block):
            for form, dialect in FORMS:
                try:
                    takes[form](hpcgen.emit(graph, form, dialect=dialect).text)
                except HpcgenError as fault:
                    refused.setdefault(block, set()).add((fault.sentence, bool(fault.help)))
    assert refused.keys() == REFUSED.keys()
    assert [one for block, found in refused.items() for one in found if REFUSED[block] not in one[0] or not one[1]] == []
    assert dockerfiles.told(tmp_path, PATH) + scripts.told(tmp_path, PATH) + definitions.told() == []


DOCKERFILE = """# check=skip=UndefinedVar
FROM site/base:1 AS one
ENV FOLDER=/x
# one (recipe.py:1)
RUN --mount=type=cache,target=/x,id=hpcgen-debian12-archives : hpcgen 'a 1' 0123456789ab && \\
    ls $FOLDER $(ls)
COPY <<'EOF' /written
RUN cd $unquoted
EOF
RUN cd "$FOLDER"
RUN <<'EOF'
set -e
echo $other
EOF
FROM one
USER root
"""
SCRIPT = """#!/usr/bin/env bash
set -euo pipefail
step() { "$2"; }

check_machine debian 12 x86_64

# one (recipe.py:1)
step_one() {
    echo $unquoted

    cat <<'EOF'
}

not a command in a heredoc)
EOF
}
step 'one (recipe.py:1)' step_one 0123456789abcdef
"""
DEFINITION = """Bootstrap: docker
From: debian:12

%post
    if true; then

%environment
    export A=1

%elsewhere
    echo
"""


def rules(found: list[Told]) -> set[str]:
    """The rules that are broken."""
    return {one.rule for one in found}


def test_faults_of_dockerfiles_are_found(tmp_path: Path) -> None:
    """What is wrong in an instruction, in a heredoc that is run, and in how a file is put together is found; equal pieces are looked at once."""
    dockerfiles = Dockerfiles()
    dockerfiles.add(DOCKERFILE)
    dockerfiles.add(DOCKERFILE.replace("debian12", "debian13").replace("0123456789ab", "ba9876543210").replace("recipe.py:1", "other.py:9"))
    assert len(dockerfiles.rest) == 1
    assert sum(map(len, dockerfiles.runs.values())) == 3
    found = dockerfiles.told(tmp_path, PATH)
    assert {"SC2046", "SC2086", "DL3002"} <= rules(found)
    assert [one.piece for one in found if one.rule == "SC2086"] == ["\nRUN <<'EOF'"]  # not where ENV says that the variable has no blank


def test_faults_of_scripts_are_found(tmp_path: Path) -> None:
    """What is wrong in a step is found, and a step's heredoc is taken for what it is."""
    scripts = Scripts()
    scripts.add(SCRIPT)
    assert [len(pieces) for pieces in scripts.steps.values()] == [1]
    assert rules(scripts.told(tmp_path, PATH)) == {"SC2086", "SC2154"}
    broken = Scripts()
    broken.add(SCRIPT.replace("echo $unquoted", "if true"))
    (tmp_path / "broken").mkdir()
    assert "bash -n" in rules(broken.told(tmp_path / "broken", PATH))


def test_faults_of_definition_files_are_found() -> None:
    """What Apptainer's parser or bash would not take is found."""
    definitions = Definitions()
    definitions.add(DEFINITION)
    assert rules(definitions.told()) == {"definition-section", "bash -n"}
