"""The pictures and the page of an audit: what they show, and that no name from an image means anything in them."""

from __future__ import annotations

import base64
import json
import re
from hashlib import sha256
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import attrs
import pytest
from hypothesis import given, settings
from reports import TEXTS, files, full, grown, large, poisoned, sample

from hpcgen.auditing.outcome import Outcome
from hpcgen.auditing.outputs import FORMATS, written
from hpcgen.auditing.report import Totals
from hpcgen.auditing.tables import Wastes

SVG = "{http://www.w3.org/2000/svg}"


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
