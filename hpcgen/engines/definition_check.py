"""Checks a Singularity definition file by the rules of Apptainer's own parser, which no linter knows.

The rules are those of apptainer/pkg/build/types/parser/deffile.go: a stage starts at each line `Bootstrap:`, whatever section it stands in;
a line whose first word starts with '%' starts a section, whatever it was meant to be; and a section is read into a buffer of 64 KiB.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

import attrs

from hpcgen.engines.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

SCRIPTS = ("arguments", "environment", "help", "labels", "post", "pre", "runscript", "setup", "startscript", "test")
"""Sections, beside files and those of apps."""
APPS = ("appenv", "appfiles", "apphelp", "appinstall", "applabels", "apprun", "appstart", "apptest")
SHELL = ("environment", "post", "pre", "runscript", "setup", "startscript", "test", "appenv", "appinstall", "apprun", "appstart", "apptest")
"""The sections that hold shell code."""
HEADERS = (
    "bootstrap", "confurl", "fingerprints", "from", "include", "includecmd", "library", "mirrorurl", "modules", "namespace", "osversion", "otherurl",
    "product", "productpgp", "regcode", "registerurl", "registry", "setopt", "stage", "updateurl", "user",
)  # fmt: skip
WITHOUT_FROM = ("scratch", "debootstrap", "yum", "dnf", "zypper", "arch", "busybox")
"""The agents that need no From."""
LONGEST = 64 * 1024
"""Bytes that bufio.Scanner takes; a longer section is "token too long" (Apptainer 1.4: 65,536 with the next section's line pass, 65,546 do not)."""
FULL = 60_000
"""Bytes from which on hpcgen itself begins another section of the same name."""


@attrs.frozen
class Section:
    """A section of a stage.

    Attributes:
        name: in lower case, empty for the header.
        words: what follows the name.
        line: where it starts, counted from 1.
        body: its lines, without the one that names it.
        size: bytes that are read at once to find its end: with the line that names it, and the one that names the next.
    """

    name: str
    words: tuple[str, ...]
    line: int
    body: tuple[str, ...]
    size: int


def stages(text: str) -> tuple[tuple[Section, ...], ...]:
    """The stages of a definition file, each with its header as first section."""
    lines = text.split("\n")
    starts = [number for number, line in enumerate(lines) if re.match(r"(?i)bootstrap:", line)]
    edges = [*(starts or [0]), len(lines)]
    if starts and any(line.strip() and not line.lstrip().startswith("#") for line in lines[: starts[0]]):
        edges.insert(0, 0)
    return tuple(tuple(_sections(lines[edge:end], edge + 1)) for edge, end in pairwise(edges))


def _sections(lines: list[str], first: int) -> Iterator[Section]:
    """The header, then each section up to the next line that starts with '%'."""
    edges = [0, *(number for number, line in enumerate(lines) if number and line.lstrip().startswith("%")), len(lines)]
    for edge, end in pairwise(edges):
        words = lines[edge].split()
        size = sum(len(line.encode("utf-8", "replace")) + 1 for line in lines[edge : end + 1])
        if edge or (words and words[0].startswith("%")):
            yield Section(words[0].lstrip("%").lower(), tuple(words[1:]), first + edge, tuple(lines[edge + 1 : end]), size)
        else:
            yield Section("", (), first, tuple(lines[edge:end]), size)


def check(text: str) -> list[Finding]:
    """What Apptainer's parser would refuse, or read as something else than was meant."""
    findings: list[Finding] = []
    names: list[str] = []
    for sections in stages(text):
        findings += _header(sections[0], names) if not sections[0].name else [_finding(sections[0].line, "header", "the stage has no header")]
        seen: dict[str, int] = {}
        for section in sections:
            if section.name:
                findings += _section(section, names, seen)
    return findings


def _finding(line: int, rule: str, sentence: str, level: str = "error") -> Finding:
    return Finding(line, level, f"definition-{rule}", sentence)


def _header(header: Section, names: list[str]) -> Iterator[Finding]:
    """The keywords of a stage; its name joins `names`."""
    values: dict[str, str] = {}
    for number, line in enumerate(header.body, header.line):
        word, colon, value = line.partition("#")[0].partition(":")
        key = word.strip().lower()
        if not key:
            continue
        if not colon:
            yield _finding(number, "header", f"'{word.strip()}' has no value")
        elif re.sub(r"\d+$", "", key) not in HEADERS:
            yield _finding(number, "header", f"there is no keyword '{word.strip()}'")
        values[key] = value.strip()
    if not values.get("bootstrap"):
        yield _finding(header.line, "header", "the header does not start with Bootstrap:")
    elif not values.get("from") and values["bootstrap"] not in WITHOUT_FROM:
        yield _finding(header.line, "header", f"Bootstrap: {values['bootstrap']} needs From:")
    if values.get("stage"):
        names.append(values["stage"])


def _section(section: Section, names: list[str], seen: dict[str, int]) -> Iterator[Finding]:
    """A section's name, size and words; `seen`: the sections before, with the size of the last of each name."""
    if section.size > LONGEST:
        yield _finding(section.line, "size", f"%{section.name} has {section.size} bytes with the line after it; Apptainer reads {LONGEST}")
    if section.name == "files":
        yield from _files(section, names)
    elif section.name in APPS:
        if not section.words:
            yield _finding(section.line, "section", f"%{section.name} names no app")
    elif section.name not in SCRIPTS:
        yield _finding(section.line, "section", f"there is no section %{section.name}: a line whose first word starts with '%' starts one")
    elif section.name in seen and seen[section.name] + section.size <= FULL:
        yield _finding(section.line, "section", f"%{section.name} stands here a second time: both are joined", "warning")
    seen[section.name] = section.size


def _files(section: Section, names: list[str]) -> Iterator[Finding]:
    """Where files come from, and their rows."""
    if section.words and section.words[0] != "from":
        yield _finding(section.line, "files", f"%files {' '.join(section.words)}: only 'from STAGE' may follow")
    elif section.words and (len(section.words) < 2 or section.words[1] not in names[:-1]):  # noqa: PLR2004 (from and a name)
        yield _finding(section.line, "files", f"%files {' '.join(section.words)}: there is no earlier stage of that name")
    for number, line in enumerate(section.body, section.line + 1):
        words = re.findall(r'"[^"]*"|[^\s"]+', line) if not line.lstrip().startswith("#") else []
        if len(words) > 2:  # noqa: PLR2004 (a source and a destination)
            yield _finding(number, "files", "a row has a source and a destination: what stands after them is left out")
