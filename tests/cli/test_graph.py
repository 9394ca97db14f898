"""`hpcgen graph`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest

from hpcgen.cli.graph import FORMATS, LAYOUTS
from hpcgen.drawing import formats

if TYPE_CHECKING:
    from running import Run

LOGS = Path(__file__).parents[1] / "drawing" / "logs"
RECIPE = """
Stage0 += baseimage(image="debian:12", name="devel")
Stage0 += gnu()
Stage0 += ucx()

Stage1 += baseimage(image="debian:12")
Stage1 += Stage0.runtime(kind="prefix")
"""
LOG = """#1 [internal] load build definition from Dockerfile
#1 DONE 0.0s

#2 [gnu 1/2] FROM docker.io/library/debian:12
#2 DONE 0.0s

#3 [gnu 2/2] RUN : hpcgen packages && apt-get update
#3 DONE 20.5s

#4 [ucx 2/2] RUN : hpcgen 'ucx 1.21.0' d472ab842663 && make
#4 DONE 63.1s

#5 [devel 2/2] COPY --from=ucx --link /usr/local/ucx /usr/local/ucx
#5 DONE 0.2s

#6 [stage-3 2/3] RUN : hpcgen packages && apt-get update
#6 CACHED
"""


@pytest.fixture
def stack(recipe: Path) -> Path:
    """A recipe of two blocks, which are built in stages of their own, and the log of its build."""
    recipe.write_text(RECIPE, encoding="utf-8")
    recipe.with_name("build.log").write_text(LOG, encoding="utf-8")
    return recipe


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Standard output is a terminal of 100 columns."""
    monkeypatch.setattr(type(sys.stdout), "isatty", lambda self: True, raising=False)
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)


def test_a_picture_is_svg(run: Run, stack: Path) -> None:
    """Without further words the stages are drawn as SVG, whose title is the recipe's name."""
    result = run("graph", "recipe.py")
    assert (result.status, result.err) == (0, "")
    assert ET.fromstring(result.out).findtext("{http://www.w3.org/2000/svg}text") == "recipe.py: 4 stages"  # noqa: S314 (our own)


@pytest.mark.parametrize(
    ("words", "file", "begins"),
    [
        ((), "graph.svg", "<svg "),
        ((), "graph.mmd", "flowchart LR"),
        ((), "graph.gv", "digraph"),
        ((), "graph.json", "{"),
        ((), "graph", "<svg "),
        (("--format", "dot"), "graph.svg", "digraph"),
        (("--format", "text"), "graph.svg", "recipe.py: 4 stages"),
    ],
)
def test_a_file_has_the_format_of_its_name(run: Run, stack: Path, words: tuple[str, ...], file: str, begins: str) -> None:
    """With -o the file's name says what it is drawn as, unless --format does."""
    assert run("graph", "recipe.py", *words, "-o", file) == (0, "", "")
    assert stack.with_name(file).read_text(encoding="utf-8").startswith(begins)


def test_a_list_has_a_line_a_stage(run: Run, stack: Path) -> None:
    """The list says what each stage starts from, builds, installs and receives."""
    result = run("graph", "recipe.py", "--format", "text")
    assert (result.status, result.err) == (0, "")
    rows = result.out.splitlines()[2:]
    assert [row.split()[0] for row in rows] == ["STAGE", "gnu", "ucx", "devel", "stage1"]
    assert rows[2].split() == ["ucx", "gnu", "ucx", "1.21.0", "5"]
    assert rows[3].endswith("ucx: /usr/local/ucx")
    assert "TOOK" not in rows[0]


def test_linear_draws_the_recipes_own_stages(run: Run, stack: Path) -> None:
    """With --linear blocks have no stages of their own."""
    data = json.loads(run("graph", "recipe.py", "--linear", "--format", "json").out)
    assert [stage["name"] for stage in data["stages"]] == ["devel", "stage1"]
    assert [block["name"] for block in data["stages"][0]["blocks"]] == ["gnu", "ucx"]


def test_timings_are_shown(run: Run, stack: Path) -> None:
    """With a build's log each stage says what it took, and the critical path is marked."""
    result = run("graph", "recipe.py", "--timings", "build.log", "--format", "text")
    assert (result.status, result.err) == (0, "")
    took = {row.split()[0]: row for row in result.out.splitlines()[3:7]}
    assert took["gnu"].endswith("20.5 s *")
    assert took["ucx"].endswith("1 min 03 s *")
    assert took["stage1"].endswith("unfinished")
    assert result.out.endswith("\ncritical path 1 min 24 s of 1 min 24 s of work: the stages with a *\n")
    assert "critical path" in run("graph", "recipe.py", "--timings", "build.log").out


@pytest.mark.parametrize(
    ("content", "status", "said"),
    [
        (None, 3, "cannot be reached: timings 'other.log': No such file or directory"),
        ("Step 1/3 : FROM debian:12\n", 2, "timings: other.log: no step of a build is in it\n  docker build --progress plain . 2> LOG"),
        ((LOGS / "split.log").read_text(encoding="utf-8").replace("devel", "x").replace("stage-7", "y"), 2, "timings: other.log: no stage of it is the recipe's: hdf, tool"),
        ("\0\xff", 2, "timings: other.log: no step"),
    ],
    ids=["missing", "another builder's", "another recipe's", "binary"],
)
def test_a_log_that_does_not_fit_is_an_error(run: Run, stack: Path, content: str | None, status: int, said: str) -> None:
    """A log that is not there, is no such log, or is of other stages is said, and nothing is drawn."""
    if content is not None:
        stack.with_name("other.log").write_text(content, encoding="latin-1")
    result = run("graph", "recipe.py", "--timings", "other.log")
    assert (result.status, result.out) == (status, "")
    assert result.err.startswith(said)


def test_a_log_that_fits_in_part_is_a_warning(run: Run, stack: Path) -> None:
    """Stages of the log that the recipe has not are named, and a log of the recipe's own stages alone is told from one of the split."""
    stack.with_name("build.log").write_text("#1 [devel 2/2] RUN x\n#1 DONE 2.0s\n#2 [gone 1/1] RUN x\n#2 DONE 1.0s\n", encoding="utf-8")
    result = run("graph", "recipe.py", "--timings", "build.log")
    assert result.status == 0
    assert "warning: the log has stages that the recipe has not: gone\n" in result.err
    assert "say --linear here too" in result.err
    assert "--linear" not in run("graph", "recipe.py", "--linear", "--timings", "build.log").err


def test_graphviz_that_is_not_there_is_an_error_if_it_is_asked_for(run: Run, stack: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With --layout dot and no Graphviz the command ends with 3; by default it does without."""
    monkeypatch.setenv("PATH", str(stack.parent))
    assert run("graph", "recipe.py", "--layout", "dot").status == 3
    assert run("graph", "recipe.py").out == run("graph", "recipe.py", "--layout", "own").out


def test_what_can_be_asked_for_can_be_drawn() -> None:
    """The formats and layouts of the command line are those of the drawings, and the list."""
    assert (*formats.FORMATS, "text") == FORMATS
    assert formats.LAYOUTS == LAYOUTS


@pytest.mark.parametrize("words", [("--format", "png"), ("--layout", "neato"), ("--timing", "x")])
def test_wrong_words_are_usage_errors(run: Run, stack: Path, words: tuple[str, ...]) -> None:
    """A format, layout or option that is none is a usage error."""
    assert run("graph", "recipe.py", *words).status == 2


def test_a_recipe_from_standard_input_is_drawn(run: Run, stack: Path) -> None:
    """A recipe without a file is called standard input."""
    assert run("graph", "-", "--format", "text", stdin=RECIPE.encode()).out.startswith("standard input: 4 stages\n")


def test_a_terminal_gets_a_table(run: Run, stack: Path, terminal: None) -> None:
    """On a terminal, without --format and -o, the stages are listed in colours and within its width."""
    result = run("graph", "recipe.py", "--timings", "build.log")
    assert result.status == 0
    assert "\x1b[" in result.out
    assert "ucx: /usr/local/ucx" in result.out
    assert "critical path 1 min 24 s of 1 min 24 s of work" in result.out
    assert run("graph", "recipe.py", "-o", "graph.svg").out == ""
    assert run("graph", "recipe.py", "--format", "svg").out.startswith("<svg ")


def test_a_terminal_without_colours_gets_plain_text(run: Run, stack: Path, terminal: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """With NO_COLOR a terminal gets the list that files get."""
    monkeypatch.setenv("NO_COLOR", "1")
    assert run("graph", "recipe.py").out == run("graph", "recipe.py", "--format", "text").out


def test_what_a_recipe_says_does_not_drive_the_terminal(run: Run, recipe: Path, terminal: None) -> None:
    """Control characters and markup in a recipe's words are shown, and nothing else."""
    recipe.write_text('Stage0 += baseimage(image="debian:12")\nStage0 += copy(src="a\\x1b[31m[red]b[/]", dest="/x")\n', encoding="utf-8")
    result = run("graph", "recipe.py")
    assert "\x1b[31m" not in result.out
    assert "a\ufffd[31m[red]b[/]" in result.out
    run("graph", "recipe.py", "--format", "text", "-o", "list.txt")
    assert "\x1b" not in recipe.with_name("list.txt").read_text(encoding="utf-8")
