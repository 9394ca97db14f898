"""Every output of an audit: what it says, that its own reader takes it, and that no name from an image means anything in it."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import attrs
import pytest
from hypothesis import given, settings
from markdown_it import MarkdownIt
from reports import TEXTS, files, full, grown, large, poisoned, reports, sample

from hpcgen.auditing import markdown, summary
from hpcgen.auditing.budgets import parse
from hpcgen.auditing.growth import compare
from hpcgen.auditing.judging import judge
from hpcgen.auditing.outcome import Outcome
from hpcgen.auditing.outputs import FORMATS, format_of, written
from hpcgen.auditing.report import BlockBytes
from hpcgen.errors import UsageError
from hpcgen.showing import visible

if TYPE_CHECKING:
    from pathlib import Path

    from hpcgen.auditing.report import Report


# --- text ---


def test_text_is_one_screen() -> None:
    """The text says totals, dive's figures, who is charged, what is wasted, what was found and whether the limits hold, in some forty lines."""
    text = written(Outcome(sample()), "text")
    assert text.startswith("mpi_hello:latest  docker-archive  linux/amd64  2026-11-26\n")
    rows = {" ".join(line.split()) for line in text.splitlines()}
    assert {
        "image 25.3 MB 17.3 MB 8.00 MB 68.4 % 9.00 MB ~8.00 MB (7.50 MB to 8.60 MB)",
        "above the base 19.1 MB 14.1 MB 5.00 MB 73.7 % 7.00 MB",
        "dive says: efficiency 0.8123, 13.0 MB wasted, 68.2 % of what is above the first layer",
        "ucx 1.18.1 14.0 MB 4.67 MB 4.00 MB 5.00 MB 2 devel mpi_hello.py:5 marker",
        "identical-rewrite 5.00 MB 1 layer 1 (ucx) layer 2 (recipe) /usr/local/ucx/lib/libucp.so.0.0.0",
        "R001 9.00 MB 1 static libraries in an image that runs programs /usr/local/ucx/lib/libucp.a configure with --disable-static",
    } <= rows
    assert "E001" not in text
    assert re.search(r"^sm_80 +sass +700 kB +1$", text, re.MULTILINE)
    assert text.count("\n") <= 45
    assert written(full(grown()), "text").endswith("\n5 of 8 limits broken\n")


def test_text_of_all_has_the_evidence() -> None:
    """All of it has what each finding is about, what is ignored and why, categories and GPU code."""
    text = written(Outcome(sample()), "text", whole=True)
    assert "  0 B  /usr/local/ucx/lib/libucp.so.0.0.0  sm_80 only\n" in text
    assert "E001 is not told: the base's own, until 2027-06-30\n" in text
    assert re.search(r"^sm_80 +sass +700 kB +1$", text, re.MULTILINE)
    assert re.search(r"^static libraries +9\.00 MB", text, re.MULTILINE)
    assert "dive counts the shown copy too: 5.00 MB\n" in text


def test_rows_of_nothing_are_not_shown() -> None:
    """Blocks, categories and waste of no bytes have no row, and what is cut is counted."""
    blocks = tuple(BlockBytes(f"b{at}", live=attrs.evolve(sample().blocks[0].live, rootfs=at)) for at in range(30))
    table = summary.blocks(attrs.evolve(sample(), blocks=blocks), 8)
    assert (len(table.rows), table.more) == (8, 21)
    assert [row[0] for row in table.rows[:2]] == ["b29", "b28"]


# --- Markdown ---


def test_markdown_stays_below_sixty_lines() -> None:
    """A comment for a pull request has less than sixty lines, whatever was found, grew or broke a limit."""
    report = large()
    many = tuple(attrs.evolve(finding, id=f"X{at:03}") for at in range(50) for finding in sample().findings)
    blocks = tuple(BlockBytes(f"block{at}", live=attrs.evolve(sample().blocks[0].live, rootfs=10**6 + at)) for at in range(60))
    report = attrs.evolve(report, findings=many, blocks=blocks, faults=("one", "two"), categories=sample().categories)
    growth = compare(sample(), report, name="before.json")
    limits = "\n".join(f"block.block{at} = 1" for at in range(60))
    text = written(Outcome(report, judge(report, parse("audit.toml", f"[budget]\n{limits}"), growth), growth), "markdown")
    assert text.count("\n") < markdown.MOST_LINES
    assert "60 of 60 limits broken" in text


def test_markdown_begins_with_what_a_bot_looks_for() -> None:
    """The first line is a comment by which a bot finds what it wrote before; what changed stands before what is."""
    text = written(full(grown()), "markdown")
    assert text.startswith("<!-- hpcgen audit -->\n### size of `mpi_hello:latest`\n")
    assert text.index("| pull | +500 kB |") < text.index("| image | 27.0 MB |") < text.index("<details>")
    assert "- block: `ucx 1.18.1 -> 1.19.0` +1.00 MB\n" in text
    assert "| fail | `pull` | at most 8.00 MB | 9.50 MB |" in text


@given(TEXTS)
@settings(deadline=None)
def test_markdown_shows_no_name_as_anything_else(texts: list[str]) -> None:
    """Whatever an image calls its files, the comment has no link, no picture, no HTML but its own, and tables of as many cells as heads."""
    text = written(full(poisoned(tuple(texts))), "markdown")
    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    children = [child for token in tokens for child in token.children or ()]
    assert {child.type for child in children} <= {"text", "code_inline", "softbreak", "strong_open", "strong_close"}
    own = re.compile(r"(<!-- hpcgen audit -->|<details><summary>[\w ]+ \([\d of]+\)</summary>|</details>)\n*")
    assert all(own.fullmatch(token.content) for token in tokens if token.type == "html_block")
    rows = [0]
    for token in tokens:
        rows[-1] += token.type in ("td_open", "th_open")
        rows += [0] * (token.type in ("tr_close", "table_open"))
    assert text.count("\n") < markdown.MOST_LINES
    assert min(row for row in rows if row) >= 2


# --- ncdu ---


def nested(folder: Any) -> int:
    """The bytes of a folder in ncdu's form."""
    return sum(nested(one) if isinstance(one, list) else one.get("asize", 0) for one in folder)


@given(reports())
@settings(deadline=None)
def test_ncdu_has_all_bytes_in_their_folders(report: Report) -> None:
    """In ncdu's form each file is in its folder, and all of them have the bytes that are shown."""
    version, minor, about, root = json.loads(written(Outcome(report), "ncdu"))
    assert (version, minor, about["progname"], root[0]["name"]) == (1, 2, "hpcgen", "/")
    assert nested(root) == report.totals.live


def test_ncdu_takes_a_path_of_any_depth() -> None:
    """A file below ten thousand folders is written; no reader of a report needs Python's stack."""
    report = attrs.evolve(sample(), files=files(("/".join("d" * 10_000), 5, 0, 0, 0)))
    assert written(Outcome(report), "ncdu").count("[{") == 10_000
    assert written(Outcome(report), "html")
    assert written(Outcome(report), "svg", by="folder")


def test_ncdu_reads_it(tmp_path: Path) -> None:
    """The program ncdu reads what is written, hostile names too, and writes the same bytes."""
    program = shutil.which("ncdu")
    if program is None:
        pytest.skip("ncdu is not installed: apt-get install ncdu")
    for name, report in (("sample", sample()), ("poisoned", poisoned())):
        file = tmp_path / f"{name}.json"
        file.write_text(written(Outcome(report), "ncdu"), encoding="utf-8")
        subprocess.run([program, "-0", "-f", str(file), "-o", str(tmp_path / "out.json")], check=True, capture_output=True, timeout=60)
        assert nested(json.loads((tmp_path / "out.json").read_bytes().decode("utf-8", "replace"))[3]) == report.totals.live


# --- SARIF ---


def test_sarif_has_findings_at_the_recipes_line() -> None:
    """A finding stands at its block's line of the recipe with the path as a logical location, otherwise at the path in the image."""
    run = json.loads(written(full(sample()), "sarif"))["runs"][0]
    results = {result["ruleId"]: result for result in run["results"]}
    (place,) = results["R001"]["locations"]
    assert place["physicalLocation"] == {"artifactLocation": {"uri": "mpi_hello.py"}, "region": {"startLine": 5}}
    assert place["logicalLocations"] == [{"fullyQualifiedName": "/usr/local/ucx/lib/libucp.a", "kind": "resource"}]
    assert results["R001"]["level"] == "error"  # the budget denies it
    assert results["D001"]["level"] == "note"
    assert results["D001"]["locations"][0]["physicalLocation"]["artifactLocation"] == {"uri": "usr/share/doc/bash/NEWS", "uriBaseId": "IMAGE"}
    assert results["budget"]["message"]["text"] in (
        "sif: 8.00 MB, allowed is at most 1.00 MB (estimated: between 7.50 MB and 8.60 MB)",
        "pull: 9.00 MB, allowed is at most 8.00 MB",
    )
    assert "E001" not in results


@given(TEXTS)
@settings(deadline=None)
def test_sarif_results_name_rules_that_are_there(texts: list[str]) -> None:
    """Each result names its rule by id and place, addresses are plain ASCII, and what could not be read is a notification."""
    report = poisoned(tuple(texts))
    run = json.loads(written(full(report), "sarif"))["runs"][0]
    rules = run["tool"]["driver"]["rules"]
    assert all(rules[result["ruleIndex"]]["id"] == result["ruleId"] for result in run["results"])
    assert len({rule["id"] for rule in rules}) == len(rules)
    addresses = [one["physicalLocation"]["artifactLocation"]["uri"] for result in run["results"] for one in result["locations"]]
    assert all(re.fullmatch(r"[A-Za-z0-9_.~/%-]*", address) for address in addresses)
    assert len(run["invocations"][0]["toolExecutionNotifications"]) == len(report.faults)


# --- all of them ---


@pytest.mark.parametrize("form", FORMATS)
def test_the_same_report_is_the_same_text(form: str) -> None:
    """An output depends on the report alone: written twice it is the same, and it is UTF-8."""
    first = written(full(poisoned()), form)
    assert first == written(full(poisoned()), form)
    first.encode("utf-8")


@pytest.mark.parametrize("form", FORMATS)
def test_no_output_drives_a_terminal(form: str) -> None:
    """No output has a control character, a half pair of surrogates or a sign that turns a line round, whatever the image holds."""
    text = written(full(poisoned()), form, whole=True)
    assert visible(text.replace("\n", "")) == text.replace("\n", "")


@given(reports())
@settings(deadline=None)
def test_every_output_is_made_of_any_report(report: Report) -> None:
    """Whatever an image holds, every output is made."""
    for form in FORMATS:
        assert written(Outcome(report), form)


@pytest.mark.parametrize(
    ("file", "form"),
    [
        ("a.json", "json"),
        ("a.ncdu.json", "ncdu"),
        ("A.HTML", "html"),
        ("x/y.md", "markdown"),
        ("a.sarif", "sarif"),
        ("a.sarif.json", "sarif"),
        ("a.svg", "svg"),
        ("a.txt", "text"),
    ],
)
def test_a_files_name_says_its_format(file: str, form: str) -> None:
    """The longest ending of a file's name that is known says its format."""
    assert format_of(file) == form


def test_a_name_that_says_nothing_is_refused() -> None:
    """A file whose name says no format is usage, with the formats named."""
    with pytest.raises(UsageError, match="its name says no format") as raised:
        format_of("report.pdf")
    assert "html" in raised.value.help
