from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from formats import DIALECTS, FORMATS, graph, refusal, written

import hpcgen
from hpcgen.emitting import emit_graph
from hpcgen.emitting.base import KINDS, Emitter, method
from hpcgen.emitting.dockerfile import Dockerfile
from hpcgen.emitting.shell import Script
from hpcgen.emitting.singularity import Definition
from hpcgen.errors import HpcgenError, InternalError, Several, Unsupported, UsageError
from hpcgen.graph import nodes
from hpcgen.graph.stages import Base, Stage, StageGraph
from hpcgen.target import Target

if TYPE_CHECKING:
    from hpcgen.graph.nodes import Node

EMITTERS = (Dockerfile, Definition, Script)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("emitter", EMITTERS, ids=lambda emitter: emitter.format)
def test_each_emitter_handles_or_refuses_each_kind(emitter: type[Emitter], kind: type[Node]) -> None:
    """A writer has a method for a kind of node, or a reason why not; never neither, never both."""
    assert hasattr(emitter, method(kind)) != (kind in emitter.unsupported)


@pytest.mark.parametrize("emitter", EMITTERS, ids=lambda emitter: emitter.format)
def test_reasons_are_sentences(emitter: type[Emitter]) -> None:
    """A refusal's reason says why, in words, not that it is so."""
    for kind, reason in emitter.unsupported.items():
        assert len(reason.split()) > 3, kind
        assert "not supported" not in reason


def test_an_emitter_that_forgets_a_kind_cannot_be_made() -> None:
    """A writer that neither handles nor refuses a kind is an error of hpcgen's own, when its class is made."""
    with pytest.raises(InternalError, match=r"Forgetful neither handles nor refuses .*Install"):
        type("Forgetful", (Emitter,), {})


def test_refusals_are_reported_together_each_with_its_line() -> None:
    """What a format has no words for is said all at once, each with the recipe's line."""
    fault = refusal("Stage0 += expose(80)\nStage0 += volume('/data')", "singularity")
    assert isinstance(fault, Several)
    assert [str(one.origin) for one in fault.errors] == ["recipe.py:2", "recipe.py:3"]
    assert all(isinstance(one, Unsupported) for one in fault.errors)


def test_one_refusal_is_itself() -> None:
    """A single refusal is not wrapped."""
    assert isinstance(refusal("Stage0 += expose(80)", "bash"), Unsupported)


@pytest.mark.parametrize("name", FORMATS)
def test_files_end_with_one_newline_and_hold_no_trailing_blanks(name: str) -> None:
    """A file ends with a newline, and no line of hpcgen's own ends with a blank."""
    text = written("Stage0 += shell(commands=['true'])\nStage0 += environment(variables={'A': 'b'})\nStage0 += copy(src='a', dest='/a')", name).text
    assert text.endswith("\n")
    assert not text.endswith("\n\n")
    assert not [line for line in text.split("\n") if line != line.rstrip()]


@pytest.mark.parametrize("name", FORMATS)
def test_same_graph_same_bytes(name: str) -> None:
    """Writing a graph twice gives the same bytes."""
    planned = graph("Stage0 += fftw(version='3.3.10')\nStage0 += shell(commands=['true'])")
    assert written(planned, name) == written(planned, name)


def test_same_recipe_same_bytes_in_another_process(tmp_path: Path) -> None:
    """Nothing of a process, such as the seed of its hashes, is in a file."""
    recipe = tmp_path / "recipe.py"
    recipe.write_text("Stage0 += baseimage(image='debian:12')\nStage0 += fftw(version='3.3.10')\nStage0 += libevent(version='2.1.12')\n")
    code = "import sys, hpcgen; [sys.stdout.write(hpcgen.recipe(sys.argv[1], format=name)) for name in ('docker', 'singularity', 'bash')]"
    texts = set()
    for seed in ("1", "2"):
        env = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(Path(hpcgen.__file__).parents[1])}
        texts.add(subprocess.run([sys.executable, "-c", code, str(recipe)], env=env, capture_output=True, check=True).stdout)
    assert len(texts) == 1


def test_formats_and_dialects_that_are_none() -> None:
    """A format or dialect that is not known is an error that names the nearest, or all."""
    planned = graph("Stage0 += shell(commands=['true'])")
    with pytest.raises(UsageError, match="format 'singularty'") as fault:
        hpcgen.emit(planned, "singularty")
    assert "did you mean 'singularity'" in fault.value.help
    with pytest.raises(UsageError, match="only the docker format has dialects"):
        hpcgen.emit(planned, "bash", dialect="podman")
    with pytest.raises(UsageError) as fault:
        hpcgen.emit(planned, "docker", dialect="kaniko")
    assert all(name in fault.value.help for name in DIALECTS)


@pytest.mark.parametrize("name", FORMATS)
def test_a_runtime_request_that_planning_left_is_refused(name: str) -> None:
    """A graph that was not planned to its end is refused, not written with a gap."""
    target = Target("debian", "12")
    stages = (Stage("devel", Base("debian:12"), target), Stage("final", Base("debian:12"), target, (nodes.RuntimeOf("devel"),)))
    form, dialect = (name, "") if name in ("singularity", "bash") else ("docker", name)
    with pytest.raises(HpcgenError, match="replaced in planning"):
        emit_graph(StageGraph(stages), form, dialect=dialect)


@pytest.mark.parametrize("name", FORMATS)
def test_a_warning_is_said_once(name: str) -> None:
    """A sentence for the user comes once, however often its cause is met."""
    text = "\n".join(["Stage0 += baseimage(image='debian:12')"] + ["Stage0 += fetch(url='https://example.org/a', sha256=None, dest='/opt')"] * 3)
    warnings = written(text, name).warnings
    assert len(warnings) == len(set(warnings)) == 3
