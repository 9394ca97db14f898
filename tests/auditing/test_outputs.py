"""Every output of an audit: what it says, that its own reader takes it, and that no name from an image means anything in it."""

from __future__ import annotations

import base64
import json
import re
import shutil
import subprocess
from hashlib import sha256
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import attrs
import pytest
from hypothesis import given, settings
from markdown_it import MarkdownIt
from reports import TEXTS, files, grown, poisoned, reports, sample

from hpcgen.auditing import markdown, summary
from hpcgen.auditing.budgets import parse
from hpcgen.auditing.growth import compare
from hpcgen.auditing.judging import judge
from hpcgen.auditing.outcome import Outcome
from hpcgen.auditing.outputs import FORMATS, format_of, written
from hpcgen.auditing.report import BlockBytes, Layer, Totals
from hpcgen.auditing.tables import WASTE_KINDS, Wastes
from hpcgen.errors import UsageError
from hpcgen.showing import visible

if TYPE_CHECKING:
    from pathlib import Path

    from hpcgen.auditing.report import Report

BUDGET = parse(
    "audit.toml", "[budget]\npull = '8 MB'\nrootfs = '1 TB'\nsif = '1 MB'\ndeny = ['R001', 'G005']\nwarn = ['D001', 'E*']\ndelta_pull = '+1 %'\n"
)
SVG = "{http://www.w3.org/2000/svg}"


def full(report: Report) -> Outcome:
    """A report with a budget and a baseline."""
    growth = compare(sample(), report, name="before.json")
    return Outcome(report, judge(report, BUDGET, growth), growth)


def large() -> Report:
    """An image of 230,000 files in nine layers, with 20,000 copies that nobody sees."""
    rows = [
        (
            f"opt/conda/lib/python3.12/site-packages/p{at % 331}/m{at % 7}/file{at}.so",
            1000 + (at * 7919) % 300_000 * (1 + (at % 997 == 0) * 900),
            at % 9,
            at % 4,
            at % 3,
        )
        for at in range(230_000)
    ]
    table, wastes = files(*rows), Wastes()
    for at in range(20_000):
        wastes.add(WASTE_KINDS[at % len(WASTE_KINDS)], f"opt/conda/pkgs/p{at % 300}/f{at}", 1000 + at * 17, at % 6, 6 + at % 3)
    live, waste = sum(table.sizes), sum(wastes.sizes)
    layers = tuple(Layer(at, stored=1, live=1, instruction=f"RUN step {at} && {'x' * 3000}", block=at % 3) for at in range(9))
    return attrs.evolve(sample(), files=table, wastes=wastes, layers=layers, totals=Totals(live + waste, live, waste, files=230_000))


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


# --- SVG ---


@pytest.mark.parametrize("by", ["", "block", "category", "layer", "waste", "folder"])
def test_a_treemap_shows_all_of_the_bytes(by: str) -> None:
    """A treemap's boxes of the first level fill it by their bytes, and its label names the groups for those who do not see it."""
    drawn = ET.fromstring(written(Outcome(sample()), "svg", by=by))  # noqa: S314 (our own)
    boxes = [group for group in drawn.iter(f"{SVG}g") if group.find(f"{SVG}title") is not None]
    assert boxes
    assert drawn.get("aria-label", "").startswith(f"mpi_hello:latest by {by or 'block'}: ")
    for box in boxes:
        rect = box.find(f"{SVG}rect")
        assert rect is not None
        left, top, width, height = (float(rect.get(key, "")) for key in ("x", "y", "width", "height"))
        assert min(left - 16, top - 60, 16 + 1200 - left - width, 60 + 720 - top - height) >= -0.11


@given(TEXTS)
@settings(deadline=None)
def test_a_treemap_is_well_formed_whatever_files_are_called(texts: list[str]) -> None:
    """An SVG of hostile names parses, and has no element, and no attribute that acts, but those that are drawn."""
    drawn = ET.fromstring(written(Outcome(poisoned(tuple(texts))), "svg"))  # noqa: S314 (our own)
    assert {one.tag.removeprefix(SVG) for one in drawn.iter()} <= {"svg", "style", "rect", "text", "g", "title"}
    assert not [key for one in drawn.iter() for key in one.attrib if key.startswith("on") or "href" in key]


def test_an_image_of_nothing_is_drawn() -> None:
    """An image without files has a treemap, a page and every other output."""
    report = attrs.evolve(
        sample(), files=files(), wastes=Wastes(), totals=Totals(0, 0, 0), blocks=(), layers=(), findings=(), categories=(), gpu=(), coverage=None
    )
    for form in FORMATS:
        assert written(Outcome(report), form)


# --- HTML ---


class Page(HTMLParser):
    """What a page is made of."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.acts: list[tuple[str, str]] = []
        self.words: list[str] = []
        self.scripts: list[str] = []
        self.styles: list[str] = []
        self.policy = ""
        self._in = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Takes an element."""
        self.tags.append(tag)
        self._in = tag
        self.acts += [(tag, key) for key, _ in attrs if key.startswith("on") or key in ("href", "src", "style", "srcdoc", "action", "xlink:href")]
        if ("http-equiv", "Content-Security-Policy") in attrs:
            self.policy = dict(attrs)["content"] or ""

    def handle_data(self, data: str) -> None:
        """Takes what is written."""
        {"script": self.scripts, "style": self.styles}.get(self._in, self.words).append(data)

    def handle_endtag(self, tag: str) -> None:
        """Leaves an element."""
        self._in = ""


OWN_TAGS = {
    *(
        "html",
        "head",
        "meta",
        "title",
        "style",
        "body",
        "header",
        "h1",
        "h2",
        "p",
        "dl",
        "dt",
        "dd",
        "div",
        "main",
        "section",
        "nav",
        "noscript",
        "svg",
        "rect",
        "text",
        "g",
    ),
    *("table", "thead", "tbody", "tr", "th", "td", "code", "details", "summary", "ul", "li", "span", "input", "script"),
}


@given(TEXTS)
@settings(deadline=None)
def test_a_page_holds_no_element_but_its_own(texts: list[str]) -> None:
    """Whatever an image calls its files, a page has its own elements, nothing that leads elsewhere or acts, and data that a script reads."""
    page = Page(written(full(poisoned(tuple(texts))), "html"))
    assert set(page.tags) <= OWN_TAGS
    assert page.acts == []
    assert page.tags.count("script") == 2
    json.loads(page.scripts[0])


def test_a_page_forbids_what_is_not_its_own() -> None:
    """A page's policy lets nothing be loaded, and only the scripts and styles run whose hashes it names: its own."""
    page = Page(written(full(grown()), "html"))
    allowed = set(re.findall(r"'sha256-[^']+'", page.policy))
    own = [page.scripts[-1], *page.styles]
    assert allowed == {f"'sha256-{base64.b64encode(sha256(text.encode()).digest()).decode()}'" for text in own}
    assert page.policy.startswith("default-src 'none';")
    text = written(full(grown()), "html")
    assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)", text)


def test_a_page_says_what_the_report_says() -> None:
    """A page has the totals, the gate's verdict, each finding with its mend, and every table, also where no script runs."""
    words = " ".join("".join(Page(written(full(grown()), "html")).words).split())
    for said in (
        "27.0 MB",
        "limits broken",
        "static libraries in an image that runs programs",
        "configure with --disable-static",
        "ucx 1.19.0",
        "/opt/new",
        "dive says",
        "E001 is not told",
    ):
        assert said in words


def test_a_large_image_is_a_page_of_less_than_two_megabytes() -> None:
    """An image of 230,000 files is a page of less than 2 MB, and a picture of less than half of one."""
    outcome = Outcome(large())
    assert len(written(outcome, "html").encode()) < 2_000_000
    assert len(written(outcome, "svg").encode()) < 500_000


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
