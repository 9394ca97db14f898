"""Every block on every target and architecture, in every format and dialect, as linters read it."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

import pytest
from everywhere import blocks, graphs
from linting import Definitions, Dockerfiles, Scripts, Told, same

import hpcgen
from hpcgen import shipped
from hpcgen.emitting.dialects import DIALECTS
from hpcgen.errors import HpcgenError
from hpcgen.graph.nodes import Install
from hpcgen.graph.stages import walk
from hpcgen.target import known

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from hpcgen.graph.stages import StageGraph

PATH = os.pathsep.join((os.path.dirname(sys.executable), os.environ["PATH"]))
FORMS = [("docker", dialect) for dialect in DIALECTS] + [("singularity", ""), ("bash", "")]

REFUSED = {
    "conda": "a file beside the recipe cannot be shown to a build step here",
    "pip": "a file beside the recipe cannot be shown to a build step here",
}
"""Block -> the words of the reason for which a format or dialect refuses its typical recipe."""


@pytest.fixture
def without_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    """The programs that go into images are left out: they are the same in each, and linted by themselves."""
    monkeypatch.setattr(shipped, "compact", lambda name: f"#!/bin/sh\n: {name}\n")


def different(block: str) -> Iterator[StageGraph]:
    """A block's graphs, those left out that are written as one before: another distribution of one family, whose nodes are the same.

    A text depends on the distribution by the names of its further repositories, and by the machine's name in a script's first check.
    """
    done: dict[tuple[str, str, str], list[list[Any]]] = {}
    for _, arch, graph in graphs(block):
        nodes = [stage.nodes for stage in graph.stages]
        target = graph.stages[0].target
        before = done.setdefault((target.family, target.release, arch), [])
        if any(isinstance(node, Install) and node.enable for one in nodes for node in walk(one)) or nodes not in before:
            before.append(nodes)
            yield graph


def test_linters_find_nothing_in_any_block(without_programs: None, tmp_path: Path) -> None:
    """hadolint, shellcheck, bash -n and the rules of definition files have nothing to say of any block, target, architecture, format and dialect."""
    dockerfiles, scripts, definitions = Dockerfiles(), Scripts(), Definitions()
    refused: dict[str, set[tuple[str, bool]]] = {}
    takes = {"docker": dockerfiles.add, "singularity": definitions.add, "bash": scripts.add}
    for block in blocks():
        for graph in different(block):
            for form, dialect in FORMS:
                try:
                    takes[form](hpcgen.emit(graph, form, dialect=dialect).text)
                except HpcgenError as fault:
                    refused.setdefault(block, set()).add((fault.sentence, bool(fault.help)))
    assert refused.keys() == REFUSED.keys()
    assert [one for block, found in refused.items() for one in found if REFUSED[block] not in one[0] or not one[1]] == []
    assert dockerfiles.told(tmp_path, PATH) + scripts.told(tmp_path, PATH) + definitions.told() == []


def test_every_text_that_may_differ_is_written() -> None:
    """No target's text is left out that is another than all that were written: pmix has a package of a repository that is called differently, fftw none."""
    assert [len(list(different(block))) for block in ("fftw", "pmix")] == [2 * 10, 2 * len(known())]
    written = {same(hpcgen.emit(graph, "bash").text) for graph in different("libevent")}
    assert {same(hpcgen.emit(graph, "bash").text) for _, _, graph in graphs("libevent")} == written


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
# shellcheck disable=SC2034,SC2317,SC2329
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
    assert [one.piece for one in found if one.rule == "SC2086"] == [
        "\nRUN <<'EOF'\nset -e\necho $other"
    ]  # not where ENV says that the variable has no blank


def made(folder: Path) -> Path:
    """A folder that is there."""
    folder.mkdir()
    return folder


def test_faults_of_scripts_are_found(tmp_path: Path) -> None:
    """What is wrong in a step is found, and a step's heredoc is taken for what it is."""
    scripts = Scripts()
    scripts.add(SCRIPT)
    assert [len(pieces) for pieces in scripts.steps.values()] == [1]
    assert rules(scripts.told(tmp_path, PATH)) == {"SC2086", "SC2154"}
    variants = Scripts()
    step = SCRIPT.replace("echo $unquoted", '( export A=1 && echo "$A" )')
    variants.add(step)
    variants.add(step.replace("A=1", "A=2"))
    assert variants.told(made(tmp_path / "variants"), PATH) == []
    variants.add(step.replace('"$A" )', '"$A" ); echo "$A"'))
    assert rules(variants.told(made(tmp_path / "one"), PATH)) == {"SC2030", "SC2031"}
    broken = Scripts()
    broken.add(SCRIPT.replace("echo $unquoted", "if true"))
    assert "bash -n" in rules(broken.told(made(tmp_path / "broken"), PATH))


def test_faults_of_definition_files_are_found() -> None:
    """What Apptainer's parser or bash would not take is found."""
    definitions = Definitions()
    definitions.add(DEFINITION)
    assert rules(definitions.told()) == {"definition-section", "bash -n"}
