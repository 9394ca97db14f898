from __future__ import annotations

import json
import subprocess

import pytest
from formats import DIALECTS, graph, refusal, written

from hpcgen.emitting.dialects import DIALECTS as TABLE
from hpcgen.graph import nodes
from hpcgen.graph.nodes import BlockRef
from hpcgen.graph.stages import Base, Stage, StageGraph
from hpcgen.origin import Origin
from hpcgen.target import Target

DEBIAN = Target("debian", "12")


def dockerfile(recipe: str, dialect: str = "docker", **options: str) -> str:
    """A recipe's lines as a Dockerfile."""
    return written(recipe, dialect, **options).text


def of(*made: nodes.Node, dialect: str = "docker", target: Target = DEBIAN) -> str:
    """A stage of these nodes."""
    return written(StageGraph((Stage("one", Base("debian:12"), target, made),)), dialect).text


def test_the_dialects_are_those_of_the_table() -> None:
    """Tests know all dialects."""
    assert tuple(TABLE) == DIALECTS


# --- RUN ---


@pytest.mark.parametrize("dialect", DIALECTS)
def test_nothing_is_written_that_a_dialect_does_not_read(dialect: str) -> None:
    """Mounts, heredocs, links and modes stand only where the table says that they are read."""
    recipe = (
        "Stage0 += baseimage(image='debian:12', name='devel')\nStage0 += fftw(version='3.3.10')\nStage0 += shell(commands=['a\\nb'])\nStage0 += write_file(path='/a', content='b\\n')\n"
        "Stage1 += baseimage(image='debian:12')\nStage1 += Stage0.runtime()"
    )
    text, known = dockerfile(recipe, dialect), TABLE[dialect]
    assert ("--mount=" in text) == known.mounts
    assert ("<<'" in text) == known.heredocs
    assert ("--link" in text) == known.link


def test_a_heredoc_stops_builders_that_would_drop_it() -> None:
    """Before the first heredoc stands a mount, at which the legacy builder stops aloud."""
    text = dockerfile("Stage0 += shell(commands=['a\\nb'])\nStage0 += write_file(path='/a', content='b\\n')")
    assert text.index("RUN --mount=") < text.index("<<'EOF'")
    plain = dockerfile("Stage0 += write_file(path='/a', content='b\\n')")
    assert "<<" not in plain
    assert "printf 'b\\n' > /a" in plain


def test_a_heredocs_delimiter_is_not_in_its_text() -> None:
    """A delimiter is chosen that no line of the text is."""
    text = dockerfile("Stage0 += shell(commands=['cat <<EOF\\nx\\nEOF', 'b'])")
    assert "<<'EOF1'\n" in text
    assert "\nEOF1\n" in text


def test_a_file_whose_path_needs_quoting_is_no_heredoc() -> None:
    """COPY's JSON form knows no heredocs."""
    text = dockerfile("Stage0 += shell(commands=['a\\nb'])\nStage0 += write_file(path='/a b', content='c\\n')")
    assert "COPY [" not in text
    assert "printf 'c\\n' > '/a b'" in text


def test_scripts_without_heredocs_are_one_word_of_a_shell() -> None:
    """The exec form carries a script's text exactly."""
    text = dockerfile("Stage0 += shell(commands=['printf \"%s\" \\'a b\\'\\nexit 0', 'false'])", "podman")
    (row,) = (row for row in text.splitlines() if row.startswith("RUN ["))
    words = json.loads(row[4:])
    assert words[:2] == ["/bin/sh", "-c"]
    assert words[2].startswith("set -e\n")
    assert subprocess.run(words, capture_output=True, text=True, check=True, env={}).stdout.endswith("a b")


def test_a_line_that_docker_cannot_read_is_refused() -> None:
    """A line of 65,536 bytes would be cut: an error with the recipe's line."""
    assert "65,535" in str(refusal("Stage0 += shell(commands=['echo ' + 'x' * 66000])", "docker"))
    assert "65,535" in str(refusal("Stage0 += environment(variables={'A': 'x' * 66000})", "docker"))


def test_the_marker_names_the_block_and_that_of_packages_none() -> None:
    """A layer says of which block it is; the same packages stay cached when a block changes, or one more needs them."""
    block = BlockRef("tool", "1.0", "abcdef0123456789")
    text = of(nodes.Install(("a",), block=block), nodes.Run(("make",), block=block))
    assert "    : hpcgen packages && \\\n" in text
    assert "RUN : hpcgen 'tool 1.0' abcdef012345 && \\\n" in text
    shared = nodes.Install(("a",), shared=((block, Origin("r.py", 1)), (None, Origin("r.py", 2)), (BlockRef("other", "2", "d"), Origin("r.py", 3))))
    text = of(shared)
    assert "# packages for tool 1.0 (r.py:1), recipe (r.py:2), other 2 (r.py:3)\n" in text
    assert ": hpcgen packages && \\\n" in text


def test_jobs_and_mirror_stand_in_no_text() -> None:
    """Two builders with other mirrors and processors have the same text, and so one cache."""
    recipe = "Stage0 += fftw(version='3.3.10')"
    assert dockerfile(recipe, mirror="https://a").replace("with the mirror's URL in FILE", "") != ""
    without = [row for row in dockerfile(recipe).splitlines() if not row.startswith("#")]
    one = [row for row in dockerfile(recipe, mirror="https://a").splitlines() if not row.startswith("#")]
    other = [row for row in dockerfile(recipe, mirror="https://b").splitlines() if not row.startswith("#")]
    assert without == one == other


def test_a_mirrors_folder_is_a_named_context() -> None:
    """A folder is mounted source by source, so that another source does not change a layer's key."""
    text = dockerfile(f"Stage0 += fetch(url='https://e.org/a', sha256='{'0' * 64}', dest='/opt')", mirror="/srv/mirror")
    assert f"--mount=type=bind,from=mirror,source={'0' * 64},target=/run/mirror/{'0' * 64}" in text
    assert "/srv/mirror" not in text
    assert "cannot take sources from a folder" in str(refusal("Stage0 += shell(commands=['a'])", "portable", mirror="/srv/mirror"))


# --- stages ---


def test_a_shell_is_inherited_from_the_base_stage_not_from_the_stage_before() -> None:
    """SHELL goes with FROM: a stage that stands on an image has the image's, one that stands on a stage that stage's."""
    recipe = (
        "Stage0 += baseimage(image='debian:12', name='one')\nStage0 += use_shell(['/bin/bash', '-c'])\n"
        "Stage1 += baseimage(image='debian:12', name='two')\nStage1 += shell(commands=['a\\nb'])\n"
        "three = Stage('three')\nthree += baseimage(image='one')\nthree += shell(commands=['c\\nd'])"
    )
    text = dockerfile(recipe, "docker20")
    assert '"/bin/sh", "-c", "set -e' in text.partition("AS two")[2].partition("# stage three")[0]
    assert '"/bin/bash", "-c", "set -e\\nc' in text.partition("FROM one")[2]


def test_the_guard_stands_once_in_each_chain_of_stages() -> None:
    """A stage upon a stage is guarded by it; one that only takes files of a guarded stage needs none; one that runs nothing has its own."""
    recipe = (
        "Stage0 += baseimage(image='debian:12', name='one')\nStage0 += shell(commands=['a'])\nStage1 += baseimage(image='one', name='two')\nStage1 += shell(commands=['b'])\n"
        "three = Stage('three')\nthree += baseimage(image='debian:12')\nthree += copy(src='/a', dest='/a', stage='one')"
    )
    assert dockerfile(recipe).count('case "$(uname -m)"') == 1
    assert "\nRUN case" in dockerfile("Stage0 += copy(src='a', dest='/a')")


def test_the_file_ends_with_the_recipes_result() -> None:
    """A plain `docker build` gives the recipe's final stage, without its tests."""
    assert dockerfile("Stage0 += baseimage(image='debian:12', name='one')\nStage0 += test(commands=['true'])").endswith("\nFROM one\n")


def test_text_before_the_first_base_is_the_files_first() -> None:
    """Parser directives hold only at a file's top."""
    assert dockerfile("Stage0 += raw(docker='# escape=`')\nStage0 += baseimage(image='debian:12')").startswith("# escape=`\n# Made by")


def test_text_before_a_later_base_stands_there() -> None:
    """Nothing that a recipe says before a base is lost."""
    text = dockerfile("Stage0 += baseimage(image='debian:12', name='a')\nStage1 += raw(docker='# here')\nStage1 += arg('X', default='1')\nStage1 += baseimage(image='debian:12')")
    assert "\n# here\n\nARG X=1\n\n# stage stage1" in text


def test_names_are_said_where_they_are_needed() -> None:
    """Stages that others take from are named, the result only if the recipe names it."""
    text = dockerfile("Stage0 += baseimage(image='debian:12')\nStage1 += baseimage(image='debian:12')\nStage1 += copy(src='/a', dest='/a', stage='0')")
    assert "FROM debian:12 AS stage0\n" in text
    assert text.count(" AS ") == 1


# --- environment ---


def test_a_list_that_is_known_to_hold_something_is_added_to_plainly() -> None:
    """Where a list holds something, no empty element can come about; an empty value is not something."""
    text = dockerfile("Stage0 += path('/a', name='L')\nStage0 += path('/b', name='L')\nStage0 += environment(variables={'E': ''})\nStage0 += path('/c', name='E')")
    assert "ENV L=/a${L:+:$L}\n" in text
    assert "ENV L=/b:$L\n" in text
    assert "ENV E=/c${E:+:$E}\n" in text


def test_what_is_known_of_a_list_goes_with_the_base() -> None:
    """A stage upon another knows its lists, a stage beside it does not."""
    recipe = (
        "Stage0 += baseimage(image='debian:12', name='one')\nStage0 += path('/a', name='L')\nStage1 += baseimage(image='one')\nStage1 += path('/b', name='L')\n"
        "three = Stage('three')\nthree += baseimage(image='debian:12')\nthree += path('/c', name='L')"
    )
    text = dockerfile(recipe)
    assert "ENV L=/b:$L\n" in text
    assert "ENV L=/c${L:+:$L}\n" in text


# --- COPY ---


@pytest.mark.parametrize(
    ("dest", "linked"),
    [("/usr/local/ucx", True), ("/opt/tool", True), ("/usr/local/cuda", False), ("/usr/local/lib", False), ("/usr/local", False), ("/opt", False), ("/usr", False), ("/", False)],
)
def test_only_whole_prefixes_are_linked(dest: str, linked: bool) -> None:
    """COPY --link replaces what is on its way: it is only for a folder of a block's own."""
    stages = (Stage("one", Base("debian:12"), DEBIAN), Stage("two", Base("debian:12"), DEBIAN, (nodes.Copy((dest,), dest, stage="one", tree=True),)))
    assert ("--link" in written(StageGraph(stages), "docker").text) == linked


def test_copies_of_the_recipes_own_are_not_linked() -> None:
    """What is not known to be a whole prefix is copied, as is what gets an owner."""
    assert "--link" not in dockerfile("Stage0 += baseimage(image='debian:12', name='one')\nStage1 += baseimage(image='debian:12')\nStage1 += copy(src='/opt/a', dest='/opt/a', stage='one')")
    stages = (Stage("one", Base("debian:12"), DEBIAN), Stage("two", Base("debian:12"), DEBIAN, (nodes.Copy(("/opt/a",), "/opt/a", stage="one", tree=True, owner="a:a"),)))
    assert "--link" not in written(StageGraph(stages), "docker").text


def test_flags_that_docker_would_read_otherwise_are_refused() -> None:
    """Docker unquotes and expands flags in its own ways: only plain words stand there."""
    assert "a flag of a Dockerfile cannot hold" in str(refusal("Stage0 += copy(src='a', dest='/a', owner='$USER')", "docker"))
    assert "a flag of a Dockerfile cannot hold" in str(refusal("Stage0 += shell(commands=['a'], mounts=[mount('cache', '/a,b')])", "docker"))


# --- portable ---


def test_a_file_beside_the_recipe_is_seen_by_a_mount_or_refused() -> None:
    """A block's own archive is mounted while it is unpacked; without mounts that cannot be."""
    stages = StageGraph((Stage("one", Base("debian:12"), DEBIAN, (nodes.Fetch("", None, "/opt/src", local="archives/a.tar.gz"),)),))
    assert "--mount=type=bind,source=archives/a.tar.gz,target=/run/context/a.tar.gz" in written(stages, "docker").text
    assert "cannot be shown to a build step" in str(refusal(stages, "portable"))


def test_what_portable_readers_pass_over_is_said() -> None:
    """What ch-image ignores without an error is a warning of ours."""
    warnings = written("Stage0 += user('1')\nStage0 += volume('/b')", "portable").warnings
    assert warnings == ("dialect portable: ch-image passes over USER", "dialect portable: ch-image passes over VOLUME")


def test_a_choice_by_architecture_declares_what_it_reads() -> None:
    """BuildKit's TARGETARCH is seen in a stage only where the stage declares it."""
    choice = nodes.ByArch((("x86_64", (nodes.Run(("a",)),)), ("aarch64", (nodes.Run(("b",)),))))
    text = of(choice, target=Target("debian", "12", ("x86_64", "aarch64")))
    assert text.index("ARG TARGETARCH") < text.index('case "$TARGETARCH"')
    assert "TARGETARCH" not in of(nodes.Run(("a",)), target=Target("debian", "12", ("x86_64", "aarch64")))


def test_warnings_of_planning_come_with_the_file() -> None:
    """What planning has to say is said with each format."""
    assert any("without a checksum" in warning for warning in written(graph("Stage0 += fetch(url='https://e.org/a', sha256=None, dest='/opt')"), "docker").warnings)
