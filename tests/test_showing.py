"""What others wrote is shown as what it is: by each format's own reader."""

from __future__ import annotations

import html as entities
import json
import re
from html.parser import HTMLParser
from urllib.parse import unquote_to_bytes
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from reports import HOSTILE

from hpcgen import showing

ANY = st.one_of(
    st.text(),
    st.sampled_from(HOSTILE),
    st.binary().map(lambda data: data.decode("utf-8", "surrogateescape")),
    st.text(alphabet=st.sampled_from(list("`|*_[]()<>!#-+.:@/\\&~$\n\r\t 1a\x1b\u202e\udc80\ud800"))),
)


@given(ANY)
@settings(deadline=None)
def test_nothing_is_hidden(text: str) -> None:
    """A visible text is one line of UTF-8 without an order to a terminal, a direction or anything of no width."""
    shown = showing.visible(text)
    shown.encode("utf-8")
    assert shown == "".join(shown.splitlines())
    assert not re.search("[\x00-\x1f\x7f-\x9f\xad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\U000e0000-\U000e0fff]", shown)


@given(ANY)
@settings(deadline=None)
def test_what_can_be_seen_stays(text: str) -> None:
    """A text in which all can be seen is shown as it is, and showing it twice is showing it once."""
    shown = showing.visible(text)
    assert showing.visible(shown) == shown
    if text.isascii() and text.isprintable():
        assert shown == text


def test_bytes_and_characters_are_named() -> None:
    """What nobody would see is shown as Python writes it, a byte that is not UTF-8 as such."""
    assert showing.visible("a\nb\x1b[1m\udcff\u202e\U000e0041\ud800") == "a\\nb\\x1b[1m\\xff\\u202e\\U000e0041\\ud800"


@given(ANY, st.integers(3, 40))
@settings(deadline=None)
def test_a_shortened_text_fits(text: str, most: int) -> None:
    """A shortened text has no more characters than there is room for, and is as it was where it fits."""
    shown = showing.shortened(text, most)
    assert len(shown) <= most
    assert len(text) > most or shown == text


@given(ANY)
@settings(deadline=None)
def test_html_is_read_as_the_text(text: str) -> None:
    """A reader of HTML, and one of XML, finds the visible text in an element and in an attribute, and nothing else."""
    said = showing.html(text)
    seen: list[str] = []
    tags: list[object] = []

    class Reader(HTMLParser):
        def handle_data(self, data: str) -> None:
            seen.append(data)

        def handle_starttag(self, tag: str, attrs: object) -> None:
            tags.append((tag, attrs))

        def handle_comment(self, data: str) -> None:
            tags.append(data)

    reader = Reader()
    reader.feed(f'<p title="{said}">{said}</p>')
    reader.close()
    assert "".join(seen) == showing.visible(text)
    assert tags == [("p", [("title", showing.visible(text))])]
    element = ET.fromstring(f"<p a='{said}'>{said}</p>")  # noqa: S314 (ours)
    assert (element.text or "", element.get("a")) == (showing.visible(text), showing.visible(text))


@given(
    st.recursive(ANY | st.integers() | st.none(), lambda inner: st.lists(inner, max_size=3) | st.dictionaries(ANY, inner, max_size=3), max_leaves=8)
)
def test_a_script_reads_data(data: object) -> None:
    """JSON within a script holds nothing that could end or begin an element, and is read as the visible data."""
    text = showing.script_data(data)
    assert text.isascii()
    assert not set("<>&") & set(text)
    json.loads(text)
    if isinstance(data, str):
        assert json.loads(text) == showing.visible(data)


@given(ANY)
@settings(deadline=None)
def test_markdown_shows_code_as_it_is(text: str) -> None:
    """A code span within a sentence shows exactly the visible text, whatever that means in Markdown."""
    (inline,) = [token for token in MarkdownIt("commonmark").parse(f"x {showing.code(text)} y") if token.type == "inline"]
    assert [child.type for child in inline.children or ()] == ["text", "code_inline", "text"]
    assert (inline.children or [])[1].content == (showing.visible(text) or "(empty)")


@given(ANY)
@settings(deadline=None)
def test_markdown_prose_means_nothing_but_itself(text: str) -> None:
    """A sentence in Markdown is words and code, in their order, and nothing that leads anywhere, begins a list or is a name of somebody."""
    said = showing.markdown(text)
    tokens = MarkdownIt("commonmark").enable("table").parse(f"- {said}")
    kinds = [token.type for token in tokens]
    assert [kind for kind in kinds if kind not in ("inline", "paragraph_open", "paragraph_close")] == [
        "bullet_list_open",
        "list_item_open",
        "list_item_close",
        "bullet_list_close",
    ]
    children = [child for token in tokens if token.type == "inline" for child in token.children or ()]
    assert {child.type for child in children} <= {"text", "code_inline"}
    plain = "".join(child.content for child in children if child.type == "text")
    assert not re.search(r"[@#/<>\[\]&|`*_$]|www\.|\w:\w", plain)
    assert "".join(child.content for child in children).split() == showing.visible(text).split() or "`" in text


@given(ANY, ANY)
@settings(deadline=None)
def test_a_cell_stays_a_cell(first: str, second: str) -> None:
    """A table whose cells are code and prose has as many cells as it was given."""
    row = f"| {showing.cell(showing.code(first))} | {showing.cell(showing.markdown(second))} |"
    tokens = MarkdownIt("commonmark").enable("table").parse(f"| a | b |\n| --- | --- |\n{row}\n")
    assert [token.type for token in tokens].count("td_open") == 2
    assert [token.type for token in tokens].count("tr_open") == 2


@given(ANY)
@settings(deadline=None)
def test_sarif_reads_no_link_and_no_argument(text: str) -> None:
    """A SARIF message without its escapes is the visible text, and has no bracket or brace that is not escaped."""
    said = showing.sarif(text)
    assert not re.search(r"(?<!\\)(?:\\\\)*[\[\]]", said)
    assert re.sub(r"\\([\\\[\]])", r"\1", said.replace("{{", "{").replace("}}", "}")) == showing.visible(text) or "{{" in text or "}}" in text


@given(st.binary())
@settings(deadline=None)
def test_an_address_is_the_paths_bytes(path: bytes) -> None:
    """A path's address is plain ASCII and holds the path byte by byte."""
    said = showing.address(path.decode("utf-8", "surrogateescape"))
    assert re.fullmatch(r"[A-Za-z0-9_.~/%-]*", said)
    assert unquote_to_bytes(said) == path


@given(ANY)
@settings(deadline=None)
def test_portable_text_is_read_by_all(text: str) -> None:
    """A portable text is UTF-8, and differs from the text only where that is not."""
    said = showing.portable(text)
    said.encode("utf-8")
    assert said == text or re.search("[\ud800-\udfff]", text)


@pytest.mark.parametrize("text", HOSTILE)
def test_templates_show_hostile_names(text: str) -> None:
    """A template that shows values as pages do is left with the visible, escaped text."""
    import jinja2

    made = jinja2.Environment(autoescape=True, finalize=showing.page_value)
    said = made.from_string("<p>{{ one }}</p>").render(one=text)
    assert entities.unescape(said) == f"<p>{showing.visible(text)}</p>"
    assert said.count("<") == 2
