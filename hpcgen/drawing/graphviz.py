"""Graphviz: a picture in its language, and its layout for our own drawing, where its program is there.

https://graphviz.org/doc/info/lang.html, https://graphviz.org/docs/outputs/plain/
"""

from __future__ import annotations

import shlex
import shutil
import subprocess
from typing import TYPE_CHECKING

from hpcgen.drawing import wording
from hpcgen.drawing.escaping import clean, dot
from hpcgen.drawing.layout import Curve, Layout, Place
from hpcgen.errors import Unreachable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from hpcgen.drawing.model import Box, Link, Picture

_FILLS = {"builder": ("#eaf3ff", "#4a8be0"), "stage": ("#f3f4f6", "#818b98"), "result": ("#e6f8ea", "#2c974b")}
_LINES = {"base": 'color="#818b98"', "copy": 'color="#4a8be0"', "mount": 'color="#4a8be0", style=dotted'}
_CRITICAL = 'color="#d1242f", penwidth=3'
INCH = 72.0
SECONDS = 20
"""How long its program may think: some hundred stages that all need each other take it minutes."""


# --- its language ---


def as_dot(picture: Picture) -> str:
    """A picture in Graphviz's language."""
    return "\n".join(("digraph stages {", *(f"  {line}" for line in _lines(picture)), "}")) + "\n"


def _lines(picture: Picture) -> Iterator[str]:
    ids = {box.name: f"s{number}" for number, box in enumerate(picture.boxes)}
    head = "\\n".join(dot(line) for line in (wording.title(picture), wording.total(picture)) if line)
    yield f'graph [rankdir=LR, label="{head}", labelloc=t, fontname="sans-serif"]'
    yield 'node [shape=box, style="rounded,filled", fontname="sans-serif", fontsize=11]'
    yield 'edge [fontname="sans-serif", fontsize=10]'
    for box in picture.boxes:
        fill, stroke = _FILLS[box.role]
        colours = f'fillcolor="{fill}", {_CRITICAL if box.time and box.time.critical else f"color={chr(34)}{stroke}{chr(34)}"}'
        yield f'{ids[box.name]} [label="{_label(box)}", tooltip="{_tip(wording.tip(box))}", {colours}]'
    for link in picture.links:
        colours = f"{_LINES[link.kind]}, {_CRITICAL}" if link.critical else _LINES[link.kind]
        yield f'{ids[link.source]} -> {ids[link.stage]} [tooltip="{_tip(wording.tip_of_link(link))}", {colours}]'


def _label(box: Box) -> str:
    """A box's words, each line ended by the sign that puts it to the left."""
    head = f"{box.name}  {wording.time(box)}".rstrip()
    return "".join(f"{dot(line)}\\l" for line in (head, *(f"{left}  {right}".rstrip() for left, right in wording.lines(box))))


def _tip(words: str) -> str:
    return "\\n".join(dot(line) for line in words.split("\n"))


# --- its layout ---


def is_there(path: str) -> bool:
    """Whether its program is in one of the folders of PATH."""
    return shutil.which("dot", path=path) is not None


def place(sizes: Mapping[str, tuple[float, float]], links: Iterable[Link], path: str) -> Layout:
    """Where Graphviz puts boxes of some sizes.

    Raises:
        Unreachable: its program is not there, fails, or takes too long.
    """
    names, drawn = list(sizes), list(links)
    ids = {name: f"s{number}" for number, name in enumerate(names)}
    boxes = (f"{ids[name]} [width={wide / INCH:.4f}, height={tall / INCH:.4f}]" for name, (wide, tall) in sizes.items())
    edges = (f"{ids[link.source]} -> {ids[link.stage]} [id=e{number}]" for number, link in enumerate(drawn))
    head = 'graph [rankdir=LR, ranksep=0.9, nodesep=0.3]; node [shape=box, fixedsize=true, label=""]; edge [arrowhead=none]'
    told = _run(f"digraph {{ {head}; {'; '.join((*boxes, *edges))} }}", path)
    try:
        return _read(told, names, drawn)
    except (ValueError, IndexError, KeyError) as fault:
        raise Unreachable(f"dot: its answer cannot be read: {fault!r}", help="--layout own does without it") from fault


def _run(text: str, path: str) -> str:
    program = shutil.which("dot", path=path)
    if program is None:
        raise Unreachable("Graphviz's program dot is not there", help="install graphviz, or leave --layout dot out")
    try:
        done = subprocess.run((program, "-Tplain"), input=text, capture_output=True, encoding="utf-8", timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired as fault:
        raise Unreachable(f"dot takes longer than {SECONDS} seconds for {text.count('->')} links", help="--layout own does without it") from fault
    except OSError as fault:
        raise Unreachable(f"dot: {fault.strerror or fault}", help="--layout own does without it") from fault
    if done.returncode:
        raise Unreachable(f"dot: {clean(done.stderr.strip())[:200]}", help="--layout own does without it")
    return done.stdout


def _read(told: str, names: Sequence[str], links: Sequence[Link]) -> Layout:
    """Coordinates out of the plain format: inches, from the bottom."""
    rows = [shlex.split(line) for line in told.splitlines()]
    wide, tall = (float(word) * INCH for word in rows[0][2:4])
    places = {}
    waiting: dict[tuple[str, str], list[Link]] = {}
    for link in links:
        waiting.setdefault((link.source, link.stage), []).append(link)
    curves = []
    for what, *words in rows[1:]:
        if what == "node":
            x, y, width, height = (float(word) * INCH for word in words[1:5])
            places[_named(words[0], names)] = Place(x - width / 2, tall - y - height / 2, width, height)
        elif what == "edge":
            link = waiting[_named(words[0], names), _named(words[1], names)].pop(0)
            numbers = [float(word) * INCH for word in words[3 : 3 + 2 * int(words[2])]]
            points = tuple((x, tall - y) for x, y in zip(numbers[::2], numbers[1::2], strict=True))
            curves.append(Curve(points, link.kind, (link,), link.critical))
    return Layout(wide, tall, {name: places[name] for name in names}, tuple(sorted(curves, key=lambda one: one.critical)))


def _named(word: str, names: Sequence[str]) -> str:
    return names[int(word.removeprefix("s"))]
