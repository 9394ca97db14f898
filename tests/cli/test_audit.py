"""`hpcgen audit`."""

from __future__ import annotations

import json
import re
import sys
import time
from typing import TYPE_CHECKING

import archives
import pytest
from archives import Entry
from reports import poisoned

from hpcgen.auditing.data import schema
from hpcgen.cli import audit_progress
from hpcgen.cli.audit import FORMATS, VIEWS
from hpcgen.cli.audit_progress import rate, watching
from hpcgen.showing import visible

if TYPE_CHECKING:
    from pathlib import Path

    from running import Run

LAYERS = (
    archives.layer([archives.folder("usr"), Entry("usr/lib/libc.so.6", b"c" * 200_000), Entry("var/lib/apt/lists/deb", b"x" * 300_000)]),
    archives.layer(
        [
            Entry("usr/local/ucx/lib/libucp.so.0", b"u" * 500_000),
            Entry("usr/local/ucx/lib/libucp.a", b"a" * 2_000_000),
            Entry("var/lib/apt/lists/.wh.deb"),
        ]
    ),
    archives.layer([Entry("usr/local/ucx/lib/libucp.so.0", b"v" * 500_000), Entry("opt/\x1b[2Jevil", b"e" * 70_000)]),
)
HISTORY = ("ADD base / # buildkit", "RUN /bin/sh -c : hpcgen 'ucx 1.18.1' 4a4f64bcd485 && make # buildkit", "COPY hello /usr/local/bin # buildkit")


@pytest.fixture
def image(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An archive of `docker save`, in the folder that the test runs in."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    archives.docker_archive(tmp_path / "image.tar", LAYERS, history=HISTORY)
    return tmp_path / "image.tar"


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Standard output is a terminal of 100 columns."""
    monkeypatch.setattr(type(sys.stdout), "isatty", lambda self: True, raising=False)
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("TERM", "xterm")


def test_an_image_is_summed_up(run: Run, image: Path) -> None:
    """Without further words the totals, who is charged, what is wasted and what was found are said, and nothing of an image drives the terminal."""
    result = run("audit", "image.tar")
    assert (result.status, result.err) == (0, "")
    lines = [" ".join(line.split()) for line in result.out.splitlines()]
    assert lines[0] == "image.tar docker-archive linux/amd64 2026-01-01"
    assert any(line.startswith("image 3.57 MB 2.77 MB 800 kB 77.6 %") for line in lines)
    assert any(line.startswith("overwritten 500 kB 1 layer 1 (ucx) layer 2 (recipe) /usr/local/ucx/lib/libucp.so.0") for line in lines)
    assert any(line.startswith("R001 2.00 MB 1 ") for line in lines)
    assert "\x1b" not in run("audit", "image.tar", "--all").out


def test_a_terminal_shows_one_screen(run: Run, image: Path, terminal: None) -> None:
    """On a terminal each row is a line of its width, mends stand below, and all of it is some fifty lines."""
    result = run("audit", "image.tar")
    assert result.status == 0
    plain = [part.split("m", 1)[-1] for part in result.out.split("\x1b[")]
    lines = "".join(plain).splitlines()
    assert len(lines) <= 50
    assert max(map(len, lines)) <= 100
    assert "\x1b[2J" not in result.out
    whole = run("audit", "image.tar", "--all").out
    assert "\x1b[2J" not in whole
    image.with_name("audit.toml").write_text("[budget]\nrootfs = 0\n")
    grown = run("audit", "image.tar", "--against", "image.tar", "--budget", "audit.toml").out
    assert "\x1b[2J" not in grown


def test_all_outputs_in_one_run(run: Run, image: Path) -> None:
    """Several files are written by one run, each in the format that its name says; the text stands on standard output beside them, unless --quiet."""
    names = ("a.json", "a.md", "a.html", "a.svg", "a.sarif", "a.ncdu.json", "a.txt")
    result = run("audit", "image.tar", *(word for name in names for word in ("-o", name)))
    assert result.status == 0
    assert result.out.startswith("image.tar  docker-archive")
    begins = {name: (image.parent / name).read_text(encoding="utf-8")[:20] for name in names}
    assert begins["a.json"].startswith('{\n "schema"')
    assert begins["a.md"].startswith("<!-- hpcgen audit")
    assert begins["a.html"].startswith("<!DOCTYPE html>")
    assert begins["a.svg"].startswith("<svg ")
    assert begins["a.sarif"].startswith('{\n "$schema"')
    assert begins["a.ncdu.json"].startswith("[1,2,")
    assert begins["a.txt"] == result.out[:20]
    assert run("audit", "image.tar", "-q", "-o", "b.json").out == ""


def test_formats_go_to_files_in_order_and_to_standard_output(run: Run, image: Path) -> None:
    """The first --format is that of the first -o, one that has no file goes to standard output, and two such are usage."""
    result = run("audit", "image.tar", "--format", "json", "--format", "ncdu", "-o", "report")
    assert result.status == 0
    assert result.out.startswith("[1,2,")
    assert json.loads((image.parent / "report").read_text())["schema"] == "hpcgen/audit/v1"
    assert run("audit", "image.tar", "--format", "json", "--format", "ncdu").status == 2
    refused = run("audit", "image.tar", "-o", "report.pdf")
    assert (refused.status, "its name says no format" in refused.err) == (2, True)
    assert not (image.parent / "report.pdf").exists()


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_goes_to_standard_output(run: Run, image: Path, form: str) -> None:
    """Each format can be had on standard output, and is the same twice but for what it took."""
    first, second = run("audit", "image.tar", "--format", form), run("audit", "image.tar", "--format", form)
    assert first.status == 0
    assert first.out
    if form != "json":
        assert first.out == second.out


@pytest.mark.parametrize("by", VIEWS)
def test_a_picture_is_of_what_one_asks_for(run: Run, image: Path, by: str) -> None:
    """--by says what an SVG shows."""
    assert f"image.tar by {by}" in run("audit", "image.tar", "--format", "svg", "--by", by).out


@pytest.mark.parametrize("words", [(), ("--all",), *(("--format", form) for form in FORMATS)], ids=" ".join)
def test_no_name_drives_a_terminal(run: Run, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]) -> None:
    """Whatever an image holds, neither what is said nor what is warned of has a character that a terminal acts on."""
    monkeypatch.setattr("hpcgen.auditing.audit", lambda ref, **options: poisoned())
    result = run("audit", "image.tar", *words)
    assert result.status == 4
    for text in (result.out, result.err):
        assert visible(text.replace("\n", "")) == text.replace("\n", "")


def test_a_terminals_own_orders_are_all_that_it_gets(run: Run, terminal: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a terminal colours are all that is sent beside text."""
    monkeypatch.setattr("hpcgen.auditing.audit", lambda ref, **options: poisoned())
    for words in ((), ("--all",)):
        text = re.sub(r"\x1b\[[0-9;]*m", "", run("audit", "image.tar", *words).out).replace("\n", "")
        assert visible(text) == text


# --- gate ---


def test_a_budget_is_a_gate(run: Run, image: Path) -> None:
    """Exit status 1 says that a limit is broken or a denied finding is there, 0 that all hold, while every output is written."""
    budget = image.with_name("audit.toml")
    budget.write_text('[budget]\nrootfs = "3 MB"\nwarn = ["R*"]\n')
    good = run("audit", "image.tar", "--budget", "audit.toml")
    assert (good.status, "2 limits hold, 1 to be warned of" in good.out) == (0, True)
    budget.write_text('[budget]\nrootfs = "2.7 MB"\ndeny = ["R001"]\n')
    bad = run("audit", "image.tar", "--budget", "audit.toml", "-o", "a.json", "-o", "a.html")
    assert (bad.status, "2 of 2 limits broken" in bad.out) == (1, True)
    assert json.loads((image.parent / "a.json").read_text())["budget"]["within"] is False
    assert (image.parent / "a.html").exists()


def test_dives_file_is_a_gate(run: Run, image: Path) -> None:
    """Dive's own file of rules gives the limits that it gives dive."""
    image.with_name(".dive-ci").write_text("rules:\n  lowestEfficiency: 0.2\n  highestUserWastedPercent: 0.3\n")
    assert run("audit", "image.tar", "--budget", ".dive-ci").status == 1
    image.with_name(".dive-ci").write_text("rules:\n  lowestEfficiency: 0.2\n  highestUserWastedPercent: disabled\n")
    assert run("audit", "image.tar", "--budget", ".dive-ci").status == 0


def test_what_is_ignored_is_not_denied(run: Run, image: Path) -> None:
    """A finding that the budget ignores for a reason breaks no limit until its day is over, and is named as ignored."""
    rule = '[budget]\ndeny = ["R001"]\n[[ignore]]\nid = "R001"\npath = "/usr/local/ucx/**"\nreason = "linked by users"\nuntil = "{}"\n'
    image.with_name("audit.toml").write_text(rule.format("2999-01-01"))
    result = run("audit", "image.tar", "--budget", "audit.toml", "--all")
    assert result.status == 0
    assert "R001 is not told: linked by users" in result.out
    image.with_name("audit.toml").write_text(rule.format("2001-01-01"))
    assert run("audit", "image.tar", "--budget", "audit.toml").status == 1


def test_against_a_report_and_against_an_image(run: Run, image: Path) -> None:
    """What grew is said against a former report's JSON and against another image, and is the same."""
    archives.docker_archive(image.with_name("old.tar"), LAYERS[:2], history=HISTORY[:2])
    assert run("audit", "old.tar", "-q", "-o", "old.json").status == 0
    image.with_name("audit.toml").write_text('[budget]\ndelta_rootfs = "+69 kB"\n')
    told = [run("audit", "image.tar", "--against", name, "--budget", "audit.toml") for name in ("old.json", "old.tar")]
    assert [result.status for result in told] == [1, 1]
    assert told[0].out.replace("old.json", "old.tar") == told[1].out
    assert "rootfs +70.0 kB 2.70 MB 2.77 MB" in [" ".join(line.split()) for line in told[0].out.splitlines()]
    image.with_name("audit.toml").write_text('[budget]\ndelta_rootfs = "+70 kB"\n')
    assert run("audit", "image.tar", "--against", "old.json", "--budget", "audit.toml").status == 0


# --- what cannot be ---


@pytest.mark.parametrize(
    ("words", "status", "says"),
    [
        ((), 2, "no image is named"),
        (("image.tar", "--formt", "json"), 2, "there is no option '--formt'"),
        (("image.tar", "--format", "pdf"), 2, "there is no format 'pdf'"),
        (("image.tar", "--budget", "bad.toml"), 2, "there is no key 'pul'"),
        (("image.tar", "--budget", "none.toml"), 3, "budget 'none.toml'"),
        (("image.tar", "--against", "bad.json"), 3, "no report of an audit"),
        (("image.tar", "--against", "none.json"), 3, "none.json"),
        (("-", "--against", "-"), 2, "standard input can be read only once"),
        (("none.tar",), 3, "none.tar"),
        (("bad.toml",), 3, "bad.toml"),
        (("image.tar", "-o", "none/a.json"), 3, "output 'none/a.json' cannot be written"),
    ],
)
def test_what_cannot_be_is_said(run: Run, image: Path, words: tuple[str, ...], status: int, says: str) -> None:
    """Usage ends with 2, what cannot be read or written with 3, each in a sentence and without a traceback."""
    image.with_name("bad.toml").write_text("[budget]\npul = 3\n")
    image.with_name("bad.json").write_text("{}")
    result = run("audit", *words)
    assert result.status == status
    assert says in result.err
    assert "Traceback" not in result.err


def test_a_damaged_layer_is_partial(run: Run, image: Path) -> None:
    """An archive that breaks off is told as far as it goes, with exit status 4 and what could not be read."""
    data = image.read_bytes()
    archives.oci_layout(image.with_name("layout"), LAYERS)
    blobs = sorted((image.with_name("layout") / "blobs" / "sha256").iterdir(), key=lambda one: one.stat().st_size)
    blobs[-1].write_bytes(blobs[-1].read_bytes()[: blobs[-1].stat().st_size // 2])
    result = run("audit", "layout")
    assert result.status == 4
    assert "warning: could not be read: " in result.err
    assert result.out.startswith("layout  oci-layout")
    assert data


def test_the_schema_can_be_had(run: Run, image: Path) -> None:
    """--schema prints the schema of reports, without an image."""
    assert run("audit", "--schema").out == schema()
    assert json.loads(schema())["title"] == "hpcgen/audit/v1"


def test_standard_input_is_read(run: Run, image: Path) -> None:
    """`-` reads an archive from standard input, and says the same of it."""
    told = [run("audit", "image.tar", "--format", "json"), run("audit", "-", "--format", "json", stdin=image.read_bytes())]
    first, second = (json.loads(result.out) for result in told)
    for key in ("stored", "live", "waste", "entries", "files"):
        assert first["totals"][key] == second["totals"][key]
    assert first["files"] == second["files"]


# --- progress ---


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ((1_200_000_000, 4_100_000_000, 310e6, "bytes"), "1.20 GB of 4.10 GB, 310 MB/s"),
        ((5, 0, None, "bytes"), "5 B"),
        ((1_500, 10_061, 2_000.4, "files"), "1,500 files of 10,061 files, 2,000 files/s"),
    ],
)
def test_progress_has_a_rate(told: tuple[int, int, float | None, str], said: str) -> None:
    """A step says how much is done, of how much, and how much in a second, in its own unit."""
    assert rate(*told) == said


def test_who_waits_sees_how_far_it_is(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A bar is shown once a second is over, one step after the other, and none where it is over sooner or nobody looks."""
    clock = [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    with watching(is_terminal=True) as watch:
        watch("reading", 1, 10)
        assert getattr(watch, "progress", None) is None
        clock[0] = audit_progress.PATIENCE + 1
        watch("reading \x1b[2J", 2, 10)
        bar = watch.progress  # type: ignore[attr-defined]  # what it shows
        assert [(task.description, task.completed, task.total) for task in bar.tasks] == [("reading \\x1b[2J", 2, 10)]
        watch("reading \x1b[2J", 3, 10)
        assert bar.tasks[0].completed == 2  # too soon to look again
        clock[0] += 1
        watch("reading \x1b[2J", 4, 10)
        assert bar.tasks[0].completed == 4
        clock[0] += 1
        watch("looking", 0, 0)
        assert [(task.description, task.total) for task in bar.tasks] == [("looking", None)]
    assert not bar.live.is_started
    with watching(is_terminal=False) as watch:
        clock[0] += 10
        watch("reading", 1, 10)
    assert "\x1b[2J" not in capsys.readouterr().err
