"""The page in a browser: what is clicked, typed and pressed does what it should, and no name of a file runs."""

from __future__ import annotations

import base64
import json
import re
import shutil
import subprocess
from hashlib import sha256
from html import unescape
from typing import TYPE_CHECKING, Any

import pytest
from reports import HOSTILE, poisoned, sample

from hpcgen.auditing.outcome import Outcome
from hpcgen.auditing.page import as_html
from hpcgen.auditing.squarified import Box, squarified
from hpcgen.auditing.views import view
from hpcgen.showing import visible

if TYPE_CHECKING:
    from pathlib import Path

    from hpcgen.auditing.report import Report

CHROMIUM = next((path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), "")

PROBE = """
window.addEventListener("load", () => setTimeout(() => {
  const all = (words) => [...document.querySelectorAll(words)];
  const boxes = () => all("#boxes .top").map((box) => [box.getAttribute("aria-label"), box.offsetLeft, box.offsetTop, box.offsetWidth, box.offsetHeight]);
  const wide = document.getElementById("boxes").clientWidth, tall = document.getElementById("boxes").clientHeight;
  const trail = () => document.getElementById("trail").textContent;
  const told = () => document.getElementById("told").textContent;
  const press = (key) => document.activeElement.dispatchEvent(new KeyboardEvent("keydown", {key, bubbles: true, cancelable: true}));
  const found = {wide, tall, first: boxes(), views: all("#views button").map((one) => one.textContent), states: {}};
  for (const button of all("#views button")) {
    button.click();
    found.states[button.textContent] = [boxes(), button.getAttribute("aria-pressed"), all("#boxes .box").length];
  }
  all("#views button")[0].click();
  const one = all("#boxes .top")[0];
  one.dispatchEvent(new MouseEvent("mouseover", {bubbles: true}));
  found.told = told();
  one.click();
  found.inside = [trail(), boxes().map((box) => box[0])];
  all("#trail button")[0].click();
  found.back = trail();
  all("#boxes .top")[0].focus();
  press("Enter");
  found.entered = trail();
  press("Escape");
  found.left = trail();
  const rows = () => all("#rows tr").map((row) => row.firstChild.textContent);
  found.rows = rows();
  const search = document.getElementById("search");
  search.value = "UCX static";
  search.dispatchEvent(new Event("input"));
  found.search = [rows(), document.getElementById("count").textContent];
  search.value = "";
  search.dispatchEvent(new Event("input"));
  const byPath = all("#heads button").find((one) => one.textContent === "path");
  byPath.click();
  found.sorted = rows();
  byPath.click();
  found.reversed = rows();
  found.tags = [...new Set(all("*").map((one) => one.tagName.toLowerCase()))].sort();
  found.links = all("[href],[src],[onclick],[onerror],[onload],[style*=url]").length;
  found.alerted = window.alerted || 0;
  found.words = all("#boxes .top").map((one) => one.textContent);
  const out = document.createElement("pre");
  out.id = "found";
  out.textContent = JSON.stringify(found);
  document.body.append(out);
}, 50));
"""


def seen(report: Report, folder: Path) -> dict[str, Any]:
    """What a browser makes of a report's page, its policy kept: the probe is one more script whose hash it names."""
    if not CHROMIUM:
        pytest.skip("Chromium is not installed: apt-get install chromium")
    allowed = f"'sha256-{base64.b64encode(sha256(PROBE.encode()).digest()).decode()}'"
    page = as_html(Outcome(report))
    assert page.count("script-src ") == 1
    page = page.replace("script-src ", f"script-src {allowed.replace('+', '&#43;')} ").replace("</body>", f"<script>{PROBE}</script></body>")
    file = folder / "page.html"
    file.write_text(page, encoding="utf-8")
    options = [
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        f"--user-data-dir={folder / 'profile'}",
        "--window-size=1300,900",
        "--virtual-time-budget=4000",
    ]
    done = subprocess.run([CHROMIUM, *options, "--dump-dom", file.as_uri()], capture_output=True, text=True, timeout=120, check=True)
    said = re.search(r'<pre id="found">(.*?)</pre>', done.stdout, re.DOTALL)
    assert said, done.stdout[-2000:]
    found: dict[str, Any] = json.loads(unescape(said[1]))
    return found


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The sample's page."""
    return seen(sample(), tmp_path_factory.mktemp("browser"))


def test_boxes_stand_where_python_puts_them(page: dict[str, Any]) -> None:
    """The script's boxes of every view are those that squarified gives, largest first, and fill the picture."""
    for by in ("block", "category", "layer", "waste", "folder"):
        root = view(sample(), by).root
        places = squarified([child.size for child in root.children], Box(0, 0, page["wide"], page["tall"]))
        boxes, pressed, count = page["states"][f"by {by}"]
        assert pressed == "true"
        assert count >= len(boxes) == len([place for place in places if min(place.width, place.height) >= 3])
        for (_, *drawn), place in zip(boxes, places, strict=True):
            assert drawn == pytest.approx([place.left, place.top, place.width, place.height], abs=1.01)


def test_a_click_goes_in_and_the_trail_leads_out(page: dict[str, Any]) -> None:
    """A box tells its path and bytes, a click shows what is in it, the trail and Escape lead back, and Enter does what a click does."""
    assert page["told"] == "ucx 1.18.1: 14.0 MB, 80.8 %, 2 files"
    assert page["inside"] == ["all 17.3 MB/ucx 1.18.1 14.0 MB", ["usr/local/ucx/lib, 14.0 MB"]]
    assert page["back"] == page["left"] == "all 17.3 MB"
    assert page["entered"] == page["inside"][0]


def test_files_are_searched_and_sorted(page: dict[str, Any]) -> None:
    """The table has the largest files first, finds those that have all words in path, block or category, and sorts either way."""
    assert page["rows"][:2] == ["/usr/local/ucx/lib/libucp.a", "/usr/local/ucx/lib/libucp.so.0.0.0"]
    assert page["search"] == [["/usr/local/ucx/lib/libucp.a"], "1 file, 9.00 MB"]
    assert page["sorted"] == sorted(page["rows"])
    assert page["reversed"] == sorted(page["rows"], reverse=True)


def test_no_name_of_a_file_runs(tmp_path: Path) -> None:
    """A page of hostile names shows them as they are: no element is made of one, nothing is loaded, nothing runs."""
    found = seen(poisoned((*HOSTILE, "<img src=x onerror='window.alerted=1'>", "</script><script>window.alerted=1</script>")), tmp_path)
    assert found["alerted"] == 0
    assert found["links"] == 0
    assert not {"img", "a", "iframe", "object", "link"} & set(found["tags"])
    assert all(visible(word) == word for word in found["words"])
