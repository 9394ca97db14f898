"""A difference as text, Markdown and JSON."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

import hpcgen
from hpcgen.comparing.data import as_json
from hpcgen.comparing.graphs import compare
from hpcgen.comparing.markdown import as_markdown
from hpcgen.comparing.rebuilding import rebuilds
from hpcgen.comparing.text import as_text
from hpcgen.showing import code, visible

if TYPE_CHECKING:
    from hpcgen.comparing.difference import Difference, Rebuild

BEFORE = r"""
Stage0 += baseimage(image="debian:12", name="devel")
Stage0 += packages(ospackages=["git", "perl"])
Stage0 += generic_autotools(url="https://example.org/v1.0/one-1.0.tar.gz", sha256="0" * 64, prefix="/opt/one", configure_opts=["--without-x", "--enable-y"],
                            build_environment={"CFLAGS": "-O2 -g"})
Stage0 += generic_autotools(url="https://example.org/two-2.0.tar.gz", sha256="2" * 64, prefix="/opt/two")
Stage0 += environment(variables={"A": "1", "PATH": "/opt/bin:$PATH"})
Stage0 += shell(commands=["mkdir -p /data", "cp a b"])
Stage0 += write_file(path="/etc/x", content="one\ntwo\nthree\n")
Stage0 += label(metadata={"title": "x"})
Stage0 += workdir("/work")
Stage1 += baseimage(image="debian:12", name="old")
Stage1 += copy(stage="devel", src="/data", dest="/data")
"""

AFTER = r"""
Stage0 += baseimage(image="debian:13", name="devel")
Stage0 += packages(ospackages=["git", "perl", "vim"])
Stage0 += label(metadata={"title": "x"})
Stage0 += generic_autotools(url="https://example.org/v1.1/one-1.1.tar.gz", sha256="1" * 64, prefix="/opt/one", configure_opts=["--with-x=/x", "--enable-y"],
                            build_environment={"CFLAGS": "-O3 -g"})
Stage0 += environment(variables={"A": "2", "PATH": "/opt/sbin:$PATH"})
Stage0 += shell(commands=["mkdir -p /data", "cp a c", "touch /done"])
Stage0 += write_file(path="/etc/x", content="one\n2\nthree\n")
Stage0 += generic_autotools(url="https://example.org/three-3.0.tar.gz", sha256="3" * 64, prefix="/opt/three")
Stage0 += workdir("/work")
Stage1 += baseimage(image="debian:12", name="new")
Stage1 += cmd(["a", "b c"])
"""

TEXT = """\
stage devel
  base          debian:12 -> debian:13
  distribution  debian 12 -> debian 13
  packages  + vim  (r.py:3)
  label title  moved behind packages; it was behind write_file /etc/x  (r.py:4)
  generic_autotools /opt/one  (r.py:5)
    source     .../v1.0/one-1.0.tar.gz -> .../v1.1/one-1.1.tar.gz
    configure  CFLAGS -O2 -> -O3
               --without-x -> --with-x=/x
  - generic_autotools /opt/two  (r.py:6)
      source  https://example.org/two-2.0.tar.gz
  environment A  1 -> 2  (r.py:7)
  environment PATH  /opt/bin (first) -> /opt/sbin (first)  (r.py:7)
  shell  (r.py:8)
    cp       - b
             + c
    command  + touch /done
  write_file /etc/x  (r.py:9)
    line  - two
          + 2
  + generic_autotools /opt/three  (r.py:10)
      source  https://example.org/three-3.0.tar.gz
- stage old
    base           debian:12
    distribution   debian 12
    architectures  x86_64
  - copy /data
      files  /data
      to     /data
      stage  devel
+ stage new
    base           debian:12
    distribution   debian 12
    architectures  x86_64
  + cmd  a 'b c'
result  old -> new

rebuilt  devel  changed
new      new
gone     old
"""


def found(before: str = BEFORE, after: str = AFTER) -> tuple[Difference, tuple[Rebuild, ...]]:
    """What differs between two recipes, and what is built again."""
    graphs = [hpcgen.plan("r.py", text=text) for text in (before, after)]
    return compare(graphs[0], graphs[1]), rebuilds(graphs[0], graphs[1])


def test_text_says_what_differs_at_a_glance() -> None:
    """Stages, then what is new, gone, changed and moved in each, each with its line of the recipe; then what is built again."""
    assert as_text(*found()) == TEXT


def test_no_difference_is_said() -> None:
    """Recipes that mean the same have nothing said of them but that."""
    after = "# another text\n" + BEFORE.replace('["git", "perl"]', '["perl", "git"]')
    assert as_text(*found(BEFORE, after)) == "no difference in meaning\n"
    assert as_markdown(*found(BEFORE, after), "a.py", "b.py") == "### `a.py` → `b.py`\n\nNo difference in meaning.\n"


def test_a_long_entry_is_cut_and_says_so() -> None:
    """A page shows forty rows of a changed file, and how many more there are; JSON has them all."""
    after = BEFORE.replace('content="one', 'content="' + "x\\n" * 99 + "one")
    assert "and 59 more, which --format json has\n" in as_text(*found(BEFORE, after))
    assert len(json.loads(as_json(*found(BEFORE, after), "a", "b"))["stages"][0]["items"][0]["changes"]) == 99


def test_many_kept_stages_are_counted() -> None:
    """Of many stages that are kept some are named."""
    lines = [f"s{at} = Stage('s{at}')\ns{at} += baseimage(image='debian:12')\ns{at} += shell(commands=['a'])\n" for at in range(20)]
    text = as_text(*found("".join(lines), "".join(lines[:-1]) + lines[-1].replace("'a'", "'b'")))
    assert "kept     s0, s1," in text
    assert text.endswith(" and 7 more\n")


def test_markdown_is_a_list_with_code() -> None:
    """A pull request shows the same as nested points; all that a recipe says is code."""
    lines = as_markdown(*found(), "old.py", "new.py").splitlines()
    assert lines[0] == "### `old.py` → `new.py`"
    assert "- **`stage devel`**" in lines
    assert "  - **`packages`** (`r.py:3`)" in lines
    assert "    - packages: added `vim`" in lines
    assert "    - configure: `CFLAGS` `-O2` → `-O3`; `--without-x` → `--with-x=/x`" in lines
    assert "    - cp: removed `b`; added `c`" in lines
    assert "- new: **`stage new`**" in lines
    assert "| `devel` | rebuilt | changed |" in lines


@given(text=st.text("`a| \n\\<\x1b\ud800"))
def test_a_code_span_shows_exactly_its_text(text: str) -> None:
    """By CommonMark's rules: a span ends at as many backticks as it begins with, one blank at each end is padding."""
    span = code(text)
    fence = re.match("`+", span)
    assert fence is not None
    inner = span[len(fence[0]) : -len(fence[0])]
    assert fence[0] not in re.findall("`+", inner)
    if inner[:1] == inner[-1:] == " " and inner.strip(" "):
        inner = inner[1:-1]
    assert inner == (visible(text) or "(empty)")


def test_json_has_all() -> None:
    """Programs get every change, with the recipe's lines and without abbreviations; the schema is the documented one."""
    data = json.loads(as_json(*found(), "old.py", "new.py"))
    assert (data["schema"], data["before"], data["after"], data["different"]) == (1, "old.py", "new.py", True)
    assert data["result"] == {"topic": "result", "name": None, "before": "old", "after": "new", "note": None}
    assert [(one["stage"], one["before"], one["after"]) for one in data["stages"]] == [("devel", "devel", "devel"), ("old", "old", None), ("new", None, "new")]
    one = data["stages"][0]["items"][2]
    assert (one["kind"], one["name"], one["change"]) == ("block", "generic_autotools", "changed")
    assert (one["recipe"], one["recipe_before"]) == ("r.py:5", "r.py:4")
    assert {"topic": "sha256", "name": "one", "before": "0" * 64, "after": "1" * 64, "note": None} in one["changes"]
    assert [one["moved"] for one in data["stages"][0]["items"] if one["moved"]] == [{"before": "write_file /etc/x", "after": "packages"}]
    assert data["rebuild"][0] == {"stage": "devel", "of": None, "state": "rebuilt", "changed": True, "takes_from": [], "since": None}


RUNTIME = """
Stage0 += baseimage(image="debian:12", name="devel")
Stage0 += generic_autotools(url="https://example.org/one-1.0.tar.gz", sha256="0" * 64, prefix="/opt/one")
Stage0 += generic_autotools(url="https://example.org/two-1.0.tar.gz", sha256="1" * 64, prefix="/opt/two")
Stage0 += shell(commands=["a /opt/one"])
Stage1 += baseimage(image="debian:12")
Stage1 += Stage0.runtime(kind="prefix")
"""


def test_another_prefix_is_said_once_a_block() -> None:
    """All that follows from a prefix, where a block is built and where it is run, is not said again; what others say of it is."""
    after = RUNTIME.replace("/opt/one", "/opt/1").replace('name="devel"', 'name="build"')
    said = "stage build, which was called devel\n{0}  shell  (r.py:5)\n    a  - /opt/one\n       + /opt/1\nstage stage1\n{0}"
    block = "  generic_autotools /opt/1  (r.py:3)\n    prefix  /opt/one -> /opt/1\n"
    text = as_text(*found(RUNTIME, after)).partition("\n\n")[0] + "\n"
    assert text.replace("    stage   devel -> build\n", "").replace("  generic_autotools /opt/two  (r.py:4)\n    stage  devel -> build\n", "") == said.format(block)


def test_blocks_in_another_order_have_moved() -> None:
    """Two blocks that changed places are one that moved, where they are built and where they are run: their packages are installed at once."""
    lines = RUNTIME.splitlines()
    after = "\n".join((*lines[:2], lines[3], lines[2], *lines[4:]))
    moved = "  generic_autotools /opt/one  moved behind generic_autotools /opt/two; it was {}  (r.py:4)\n"
    text = as_text(*found(RUNTIME, after)).partition("\n\n")[0] + "\n"
    assert text == f"stage devel\n{moved.format('in front')}stage stage1\n{moved.format('in front')}"
