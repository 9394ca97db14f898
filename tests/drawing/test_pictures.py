from __future__ import annotations

import html
import json
import re
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

import hpcgen
from hpcgen.drawing import escaping, measuring, wording
from hpcgen.drawing.critical import timing
from hpcgen.drawing.formats import FORMATS, draw
from hpcgen.drawing.model import Picture, picture
from hpcgen.drawing.svg import WIDEST, size
from hpcgen.drawing.timings import Step
from hpcgen.graph.nodes import BlockRef, Copy, Install, Mount, Node, Run, RuntimeOf
from hpcgen.graph.stages import Base, BlockFacts, Stage, StageGraph
from hpcgen.target import Target

if TYPE_CHECKING:
    from pathlib import Path

DEBIAN = Target("debian", "12")
SVG = "{http://www.w3.org/2000/svg}"
RECIPE = """
Stage0 += baseimage(image="debian:12", name="devel")
Stage0 += gnu()
Stage0 += ucx()
Stage0 += openmpi()
Stage0 += copy(src="a.c", dest="/a.c")

Stage1 += baseimage(image="debian:12")
Stage1 += Stage0.runtime(kind="prefix")
Stage1 += copy(stage="devel", src="/a", dest="/a")
"""


def facts(name: str, version: str = "1.0") -> BlockFacts:
    """A block of a stage."""
    return BlockFacts(BlockRef(name, version, "d"))


def graph() -> StageGraph:
    """A builder upon an image, another upon it, and the recipe's two stages."""
    return StageGraph(
        (
            Stage("tool", Base("debian:12"), DEBIAN, (Install(("make", "gcc")), Install(("gcc",)), Install(("no",), download="/d")), (facts("tool"),), of="devel"),
            Stage("lib", Base("tool", stage=True), DEBIAN, (Copy(("/usr/local/tool",), "/x", stage="tool"),), (facts("tool"), facts("lib", "2.0")), of="devel"),
            Stage(
                "devel",
                Base("tool", stage=True),
                DEBIAN,
                (
                    Copy(("/a", "/b"), "/", stage="lib"),
                    Copy(("/b", "/c"), "/", stage="lib"),
                    Copy(("a.c",), "/a.c"),
                    Copy(("/z",), "/z", stage="example.org/image:1"),
                    Run(("make",), mounts=(Mount("bind", "/m", "/src", stage="lib"), Mount("cache", "/c"))),
                ),
                (facts("tool"), facts("own", "")),
            ),
            Stage("final", Base("debian:12"), DEBIAN, (RuntimeOf("devel"),)),
        )
    )


def timed() -> Picture:
    """The same with what its build took."""
    found = graph()
    rows = [
        Step("tool", 2, 2, "RUN x", 61.0, "done"),
        Step("lib", 1, 2, "COPY --from=tool /a /a", 0.0, "cached"),
        Step("lib", 2, 2, "RUN y", 0.0, "cached"),
        Step("devel", 1, 2, "RUN : hpcgen own 3f4a64bcd485 && x", 2.0, "done"),
        Step("devel", 2, 2, "RUN z", 3.0, "done"),
    ]
    return picture(found, "r.py", timing(found, rows))


def texts(drawn: str) -> list[str]:
    """The words that an SVG shows."""
    return [one.text or "" for one in ET.fromstring(drawn).iter(f"{SVG}text")]  # noqa: S314 (our own)


# --- the model ---


def test_a_stage_is_shown_with_what_it_builds_installs_and_receives() -> None:
    """A box has its role, what it stands upon, its own blocks, the packages that it installs, and what it gets, each source once."""
    tool, lib, devel, final = picture(graph(), "r.py").boxes
    assert [box.role for box in (tool, lib, devel, final)] == ["builder", "builder", "stage", "result"]
    assert (tool.image, tool.base, lib.image, lib.base) == ("debian:12", "", "", "tool")
    assert (tool.packages, tool.target, tool.of) == (("gcc", "make"), "debian12", "devel")
    assert [str(block) for block in lib.blocks] == ["lib 2.0"]
    assert [str(block) for block in devel.blocks] == ["own"]
    assert [(link.kind, link.source, link.paths) for link in devel.takes] == [
        ("copy", "lib", ("/a", "/b", "/c")),
        ("copy", "", ("a.c",)),
        ("copy", "example.org/image:1", ("/z",)),
        ("mount", "lib", ("/src",)),
    ]
    assert [(link.kind, link.source, link.paths) for link in final.takes] == [("copy", "devel", ())]


def test_links_are_those_between_stages() -> None:
    """A link leads from a stage to one that stands upon it, copies from it or sees it; images and the build context have no box."""
    assert [(link.source, link.stage, link.kind) for link in picture(graph()).links] == [
        ("tool", "lib", "base"),
        ("tool", "lib", "copy"),
        ("tool", "devel", "base"),
        ("lib", "devel", "copy"),
        ("lib", "devel", "mount"),
        ("devel", "final", "copy"),
    ]


def test_a_split_recipe_shows_its_blocks_as_builders() -> None:
    """Each block of a recipe that is split has a box, and is in no other one."""
    boxes = picture(hpcgen.split(hpcgen.plan("r.py", text=RECIPE))).boxes
    blocks = [block.name for box in boxes for block in box.blocks]
    assert sorted(blocks) == ["gnu", "openmpi", "ucx"]
    assert {box.name: box.role for box in boxes} == {"gnu": "builder", "ucx": "builder", "openmpi": "builder", "devel": "stage", "stage1": "result"}
    line = picture(hpcgen.plan("r.py", text=RECIPE)).boxes
    assert [[block.name for block in box.blocks] for box in line] == [["gnu", "ucx", "openmpi"], []]


# --- all formats ---


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_shows_everything(name: str) -> None:
    """Each format names every stage, block, version, base and source, and what each stage took."""
    drawn = draw(timed(), name, layout="own")
    found = html.unescape(re.sub(r"#(\d+);", lambda code: chr(int(code[1])), drawn))
    for word in ("tool", "lib", "devel", "final", "lib 2.0" if name != "json" else '"2.0"', "debian:12", "/a", "a.c", "example.org/image:1", "1 min 01 s" if name != "json" else "61.0"):
        assert word in found


@pytest.mark.parametrize("name", FORMATS)
def test_a_picture_is_the_same_each_time(name: str) -> None:
    """The same graph gives the same bytes."""
    assert draw(picture(graph(), "r.py"), name, layout="own") == draw(picture(graph(), "r.py"), name, layout="own")


# --- SVG ---


def test_svg_is_for_eyes_and_ears_and_needs_nothing() -> None:
    """An SVG has a label for who does not see it, tips, both schemes of colours, no script, no id, and nothing from elsewhere."""
    drawn = draw(timed(), "svg", layout="own")
    root = ET.fromstring(drawn)  # noqa: S314 (our own)
    assert root.get("role") == "img"
    assert "r.py: 4 stages. critical path 1 min 06 s of 1 min 06 s of work. tool on debian:12, 1 min 01 s; lib on tool, cached" in str(root.get("aria-label"))
    assert "prefers-color-scheme:dark" in drawn
    tips = [one.text or "" for one in root.iter(f"{SVG}title")]
    assert any(tip.startswith("tool: builds one block") and "2 packages: gcc make" in tip for tip in tips)
    assert "devel copies from lib\n/a\n/b\n/c" in tips
    assert not re.search(r"<script|\bid=|href|url\(|@import|\bon\w+=", drawn)


def test_styles_stay_within_the_picture() -> None:
    """Each rule of the style is of the picture's own class, so that it changes nothing else in a page."""
    style = ET.fromstring(draw(timed(), "svg", layout="own")).findtext(f"{SVG}style") or ""  # noqa: S314 (our own)
    rules = [line for line in style.splitlines() if line and line != "}" and not line.startswith("@media")]
    assert all(part.startswith(".hpcgen") for line in rules for part in line.partition("{")[0].split(","))


def test_times_are_in_the_boxes() -> None:
    """A box says what it took or why nothing; the critical path is of another class, and its sum stands above."""
    drawn = draw(timed(), "svg", layout="own")
    assert {"1 min 01 s", "cached", "5.0 s", "not built", "critical path 1 min 06 s of 1 min 06 s of work"} <= set(texts(drawn))
    classes = [one.get("class", "") for one in ET.fromstring(drawn).iter(f"{SVG}g")]  # noqa: S314 (our own)
    assert "box builder critical" in classes
    assert "box result unbuilt" in classes
    assert '<path class="base critical"' in drawn
    assert '<path class="copy critical"' not in drawn


def test_blocks_of_one_stage_have_their_own_times() -> None:
    """Where a stage builds several blocks, what each took stands behind it."""
    stage = Stage("a", Base("debian:12"), DEBIAN, (Run(("x",)),), (facts("one"), facts("two")))
    steps = [Step("a", 2, 3, "RUN : hpcgen 'one 1.0' 3f4a64bcd485 && x", 2.0, "done"), Step("a", 3, 3, "RUN : hpcgen 'two 1.0' 3f4a64bcd486 && x", 3.0, "done")]
    found = StageGraph((stage,))
    (box,) = picture(found, "", timing(found, steps)).boxes
    assert wording.blocks(box) == [("one 1.0", "2.0 s"), ("two 1.0", "3.0 s")]


def test_text_fits_into_its_box() -> None:
    """However long names are, a box is no wider than the widest, and what stands in it is shortened to fit."""
    long = "a-very-long-name-" * 20
    found = StageGraph((Stage(long, Base(f"{long}:1"), DEBIAN, (Copy((f"/{long}",), "/"),), (facts(long, long),)),))
    (box,) = picture(found).boxes
    assert size(box)[0] == WIDEST
    shown = texts(draw(picture(found), "svg", layout="own"))[1:]
    assert all(text.endswith("…") for text in shown[:3])
    assert measuring.width(shown[0], 14, bold=True) <= WIDEST
    assert all(measuring.width(text, 12) <= WIDEST for text in shown)


@given(st.text(max_size=40), st.floats(20, 300))
def test_shortened_text_fits(text: str, room: float) -> None:
    """What is shortened is the beginning of the text, and not wider than the room."""
    found = measuring.fitting(text, room, 12)
    assert measuring.width(found, 12) <= room + 1e-6
    assert found == text or text.startswith(found.removesuffix("…"))


def test_many_lines_are_counted_instead_of_shown() -> None:
    """A stage that takes from very many shows the first few and how many more there are."""
    nodes: tuple[Node, ...] = tuple(Copy((f"/{number}",), "/", stage=f"image:{number}") for number in range(30))
    (box,) = picture(StageGraph((Stage("a", Base("debian:12"), DEBIAN, nodes),))).boxes
    assert wording.lines(box)[-1] == ("and 25 more", "")
    assert len(wording.lines(box)) == 1 + wording.SHOWN_TAKES
    assert "from image:29: /29" in wording.tip(box)


@pytest.mark.parametrize(
    ("seconds", "said"), [(0, "0.0 s"), (59.94, "59.9 s"), (59.96, "1 min 00 s"), (60, "1 min 00 s"), (3599.6, "1 h 00 min"), (3725, "1 h 02 min")]
)
def test_times_are_said_as_people_say_them(seconds: float, said: str) -> None:
    """Seconds, minutes and hours, whichever are worth saying."""
    assert wording.duration(seconds) == said


def test_without_graphviz_the_houses_own_layout_is_taken(tmp_path: Path) -> None:
    """The layout `auto` is our own where Graphviz is not there, or fails; `dot` is an error then."""
    own = draw(timed(), "svg", layout="own")
    assert draw(timed(), "svg", layout="auto", path=str(tmp_path)) == own
    (tmp_path / "dot").write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
    (tmp_path / "dot").chmod(0o755)
    assert draw(timed(), "svg", layout="auto", path=str(tmp_path)) == own
    with pytest.raises(hpcgen.errors.Unreachable):
        draw(timed(), "svg", layout="dot", path=str(tmp_path))


# --- other formats ---


def test_json_says_what_the_picture_shows() -> None:
    """JSON has stages, links and times under the keys that the page names."""
    data = json.loads(draw(timed(), "json"))
    assert (data["schema"], data["recipe"], [stage["name"] for stage in data["stages"]]) == (1, "r.py", ["tool", "lib", "devel", "final"])
    lib = data["stages"][1]
    assert (lib["kind"], lib["of"], lib["base"], lib["image"]) == ("builder", "devel", "tool", None)
    assert lib["blocks"] == [{"name": "lib", "version": "2.0"}]
    assert lib["receives"] == [{"kind": "copy", "from": "tool", "paths": ["/usr/local/tool"]}]
    assert (lib["time"]["state"], lib["time"]["seconds"], lib["time"]["steps"][0]["number"]) == ("cached", 0.0, 1)
    assert data["timing"]["critical_path"] == [
        {"stage": "tool", "number": 2, "seconds": 61.0},
        {"stage": "devel", "number": 1, "seconds": 2.0},
        {"stage": "devel", "number": 2, "seconds": 3.0},
    ]
    assert data["links"][2] == {"from": "tool", "to": "devel", "kind": "base", "paths": [], "critical": True}
    assert json.loads(draw(picture(graph()), "json"))["timing"] is None


def test_mermaid_is_a_flowchart() -> None:
    """Mermaid gets numbered boxes with classes, an arrow a link, and the critical path by its links' numbers."""
    lines = draw(timed(), "mermaid").splitlines()
    assert lines[:2] == ["%% critical path 1 min 06 s of 1 min 06 s of work", "flowchart LR"]
    assert '  s0["<b>tool</b><br/>1 min 01 s<br/>on debian#58;12<br/>tool 1.0<br/>installs 2 packages"]:::builder' in lines
    assert [line.strip() for line in lines if re.search(r"[=-]> ", line)] == ["s0 ==> s1", "s0 --> s1", "s0 ==> s2", "s1 --> s2", "s1 -.-> s2", "s2 --> s3"]
    assert lines[-1] == "  linkStyle 2 stroke:#d1242f,stroke-width:3px"


def test_dot_is_a_digraph() -> None:
    """Graphviz gets numbered boxes with labels, tips and colours."""
    text = draw(timed(), "dot")
    assert text.startswith("digraph stages {\n")
    assert 's0 [label="tool  1 min 01 s\\lon debian:12\\ltool 1.0\\linstalls 2 packages\\l"' in text
    assert 's1 -> s2 [tooltip="devel sees while it is built lib\\n/src", color="#4a8be0", style=dotted]' in text


# --- whatever a recipe holds ---

ANY = st.text(max_size=30) | st.sampled_from(['"]; x', "<script>", "]]>", "&lt;", "a\\", "\\N", "%%{init: {}}%%", "`x`", "#quot;", "end", "\ud800", "\0", "\u202e"])


@st.composite
def named(draw_: st.DrawFn) -> Picture:
    """Two stages under any names, with any words in them."""
    one, other = draw_(st.lists(ANY, min_size=2, max_size=2, unique=True))
    image, block, path = draw_(ANY), draw_(ANY), draw_(ANY)
    first = Stage(one, Base(image), DEBIAN, (), (BlockFacts(BlockRef(block, block, "d")),))
    return picture(StageGraph((first, Stage(other, Base(one, stage=True), DEBIAN, (Copy((path,), path, stage=one),)))), draw_(ANY))


@given(named())
def test_any_words_give_svg_that_is_read_back(found: Picture) -> None:
    """Whatever names a recipe has, its SVG is XML with as many elements as for any other, and shows them."""
    drawn = draw(found, "svg", layout="own")
    drawn.encode("utf-8")
    shown = texts(drawn)
    assert sum(one.tag == f"{SVG}rect" for one in ET.fromstring(drawn).iter()) == 5  # noqa: S314 (our own)
    for box in found.boxes:
        assert any(text and escaping.clean(box.name).startswith(text.removesuffix("…")) for text in shown) or not escaping.clean(box.name).strip()


@given(named())
def test_any_words_give_json_that_is_read_back(found: Picture) -> None:
    """Whatever names a recipe has, JSON gives them back as they are."""
    data = json.loads(draw(found, "json").encode("utf-8"))
    assert [stage["name"] for stage in data["stages"]] == [box.name for box in found.boxes]


@given(named())
def test_any_words_stay_in_mermaids_labels(found: Picture) -> None:
    """Whatever names a recipe has, a box is one line of Mermaid whose label holds none of its signs."""
    lines = draw(found, "mermaid").encode("utf-8").decode().split("\n")
    boxes = [line for line in lines if line.startswith("  s") and "[" in line]
    assert len(boxes) == 2
    assert all(re.fullmatch(r'  s\d\["(?:[\w ./,+-]|#\d+;|<b>|</b>|<br/>)*"\]:::\w+', line, re.ASCII) for line in boxes)


@given(named())
def test_any_words_stay_in_dots_strings(found: Picture) -> None:
    """Whatever names a recipe has, a box is one line of dot whose strings end where they should."""
    lines = draw(found, "dot").encode("utf-8").decode().split("\n")
    attribute = r'\w+=(?:"(?:[^"\\]|\\.)*"|\w+)'
    assert len(lines) == 10
    assert all(re.fullmatch(rf"  (?:graph|node|edge|s\d|s\d -> s\d) \[{attribute}(?:, {attribute})*\]", line) for line in lines[1:-2])


@given(ANY)
def test_escaped_text_is_the_text(text: str) -> None:
    """What is escaped for XML and for Mermaid is read back as the text, but for what no picture shows."""
    shown = escaping.clean(text)
    assert ET.fromstring(f"<a>{escaping.xml(text)}</a>").text in (shown, None)  # noqa: S314 (our own)
    assert re.sub(r"#(\d+);", lambda code: chr(int(code[1])), escaping.mermaid(text)).replace("\u200b", "") == shown.replace("\u200b", "")
    assert "\n" not in escaping.dot(text)
