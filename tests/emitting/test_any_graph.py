"""Whatever a graph holds, each format writes it or refuses it; what is written is a file of that format."""

from __future__ import annotations

import subprocess

import pytest
from formats import FORMATS, written
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hpcgen.engines import definition_check
from hpcgen.errors import HpcgenError
from hpcgen.graph import nodes
from hpcgen.graph.stages import Base, Stage, StageGraph
from hpcgen.target import Target

TEXT = st.one_of(
    st.sampled_from(["", "a", "a b", "it's", '"', "\\", "$HOME", "`x`", "{{ x }}", "%post", "\n%files\n", "Bootstrap: x", "a\nBootstrap: x", "#", "EOF", "<<EOF", "\r\n", "\t", "é", "\u2028", "-n"]),
    st.text(max_size=12),
)
NAME = st.sampled_from(["A", "B_1", "PATH", "LD_LIBRARY_PATH"])
PATHS = st.one_of(
    st.sampled_from(["/opt/a", "/opt/a b", "/opt/", "a", ".", "/opt/[x]*", "/opt/it's", "/opt/%a", "/opt/{{ x }}"]), st.builds("/opt/{}".format, TEXT)
)
COMMAND = st.sampled_from(["true", "a && b", "a; b", "! a", "if a; then b; fi", "a | b", "cat <<E\n%post\nBootstrap: x\n{{ y }}\nE", "echo '{{ x }}'", "a # b", "for x in 1; do\na\ndone", "make -j$JOBS", 'echo "$(a)"'])
PHASE = st.sampled_from(["both", "build", "run"])
WORDS = st.lists(TEXT, max_size=3).map(tuple)
MOUNT = st.builds(nodes.Mount, st.sampled_from(["cache", "tmpfs", "bind", "secret"]), PATHS, id=TEXT)
SIMPLE = st.one_of(
    st.builds(nodes.Run, st.lists(COMMAND, min_size=1, max_size=3).map(tuple), cwd=st.sampled_from(["", "/opt/a b"]), env=st.lists(st.tuples(NAME, TEXT), max_size=1).map(tuple)),
    st.builds(nodes.Install, st.lists(st.sampled_from(["gcc", "g++", "libx-1.0"]), min_size=1, max_size=2).map(tuple)),
    st.builds(nodes.WriteFile, PATHS, TEXT, st.sampled_from(["", "0644"])),
    st.builds(nodes.Fetch, st.just("https://e.org/a-1.tar.gz"), st.sampled_from([None, "0" * 64]), PATHS, unpack=st.booleans()),
    st.builds(nodes.Git, st.just("https://e.org/a.git"), st.sampled_from(["", "0" * 40]), st.just("main"), PATHS, submodules=st.booleans()),
)
NODE = st.one_of(
    SIMPLE,
    st.builds(lambda one, other: nodes.ByArch((("x86_64", (one,)), ("aarch64", (other,)))), SIMPLE, SIMPLE),
    st.builds(nodes.Run, st.just(("true",)), mounts=st.lists(MOUNT, max_size=2).map(tuple)),
    st.builds(nodes.Copy, st.lists(PATHS, min_size=1, max_size=2).map(tuple), PATHS, literal=st.booleans(), owner=st.sampled_from(["", "1:2", "$x"]), mode=st.sampled_from(["", "0755"])),
    st.builds(nodes.SetEnv, NAME, TEXT, PHASE),
    st.builds(nodes.PrependPath, NAME, PATHS, PHASE, last=st.booleans()),
    st.builds(nodes.Workdir, PATHS),
    st.builds(nodes.Label, st.sampled_from(["a", "a.b", "a b", "%a"]), TEXT),
    st.builds(nodes.Entrypoint, WORDS),
    st.builds(nodes.Entrypoint, st.just(()), st.lists(COMMAND, min_size=1, max_size=2).map(tuple), st.booleans()),
    st.builds(nodes.Cmd, WORDS),
    st.builds(nodes.Arg, NAME, st.one_of(st.none(), TEXT)),
    st.builds(nodes.Comment, TEXT),
    st.builds(nodes.Test, st.lists(COMMAND, min_size=1, max_size=2).map(tuple)),
    st.just(nodes.Shell(("/bin/bash", "-c"))),
)
TARGET = Target("debian", "12", ("x86_64", "aarch64"))


@st.composite
def graphs(draw: st.DrawFn) -> StageGraph:
    """A graph of one stage, or of a second that stands on it or takes from it."""
    first = Stage("one", Base("debian:12"), TARGET, tuple(draw(st.lists(NODE, min_size=1, max_size=5))))
    if draw(st.booleans()):
        return StageGraph((first,))
    base = draw(st.sampled_from([Base("one", stage=True), Base("debian:12")]))
    copy = nodes.Copy((draw(PATHS),), draw(PATHS), stage="one")
    return StageGraph((first, Stage("two", base, TARGET, (copy, *draw(st.lists(NODE, max_size=3))))))


def bash_reads(text: str) -> str:
    """What `bash -n` has against a text."""
    return subprocess.run(["bash", "-n"], input=text.encode("utf-8"), capture_output=True, check=False).stderr.decode("utf-8", "replace")


def definition_reads(text: str) -> str:
    """What Apptainer's own rules, and `bash -n` for its shell code, have against a text."""
    faults = [f"{one.line}: {one.sentence}" for one in definition_check.check(text) if one.level == "error"]
    for sections in definition_check.stages(text):
        faults += [bash_reads("\n".join(section.body)) for section in sections if section.name in definition_check.SHELL]
    return "\n".join(filter(None, faults))


def dockerfile_reads(text: str) -> str:
    """What a reader of Dockerfiles must find: instructions, comments, continuations and heredocs, and no line that is too long."""
    known = ("FROM", "RUN", "COPY", "ENV", "LABEL", "ARG", "WORKDIR", "SHELL", "ENTRYPOINT", "CMD", "USER")
    lines, faults = text.split("\n"), []
    at = 0
    while at < len(lines):
        line = lines[at]
        if line and not line.startswith("#"):
            while line.endswith("\\"):
                at += 1
                line = lines[at]
            first = lines[at] if line is lines[at] else line
            start = next(index for index in range(at, -1, -1) if not index or not lines[index - 1].endswith("\\"))
            if lines[start].partition(" ")[0] not in known:
                faults.append(f"{start + 1}: {lines[start]}")
            if "<<'EOF" in first and lines[start].startswith(("RUN", "COPY")):
                end = first.partition("<<'")[2].partition("'")[0]
                at = lines.index(end, at)
        at += 1
    faults += [f"{len(line)} bytes" for line in lines if len(line.encode()) > 65_535]
    return "\n".join(faults)


CHECKS = {"singularity": definition_reads, "bash": bash_reads}


@pytest.mark.parametrize("name", FORMATS)
@given(graph=graphs())
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_graph_is_written_or_refused(name: str, graph: StageGraph) -> None:
    """Any text in any node ends in a file that its reader can read, or in an error of hpcgen's own: never in another, never in a broken file."""
    try:
        text = written(graph, name).text
    except HpcgenError:
        return
    assert "\0" not in text
    assert CHECKS.get(name, dockerfile_reads)(text) == "", text


@given(graph=graphs())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_refusals_have_sentences(graph: StageGraph) -> None:
    """Each refusal is a sentence that names what is refused."""
    for name in FORMATS:
        try:
            written(graph, name)
        except HpcgenError as fault:
            assert len(str(fault).split()) > 4  # noqa: PT017 (some are written and none is expected to be refused)
