"""Linters over very many files at once: what files share is looked at once.

Linters take a tenth of a second and more for each file, most of it for shell code that stands in hundreds of them. So files are taken apart:

- a Dockerfile into its instructions. Those that run something are looked at once each, behind the variables that they use; what is left of the file, with
  `RUN true` in their place, is looked at as a file;
- a script into its part above the steps, and the steps, which are put together again by the dozen;
- a definition file into its sections.

Many small files are given to one process. Numbers that differ in each file and mean nothing to a linter (digests, names of caches) are put to one.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from hpcgen.engines import definition_check
from hpcgen.engines.linters import HADOLINT, SHELLCHECK

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

One = TypeVar("One")

TOGETHER = 40
"""Instructions that are put into one file, and files that one process gets."""
STEPS = 120
"""Pieces of scripts that are put into one file: the part above them, 200 lines, is looked at with each."""
WORKERS = 2

_HEREDOC = re.compile(r"<<-?\s*(['\"]?)(\w+)\1")
_SAME = (
    (re.compile(r"(: hpcgen '[^']*') [0-9a-f]{12}"), r"\1 0"),
    (re.compile(r"\bid=hpcgen-[\w.-]+?-(archives|lists|dnf|cache)"), r"id=hpcgen-\1"),
    (re.compile(r"^(step .* )[0-9a-f]{16}\b", re.MULTILINE), r"\g<1>0"),
    (re.compile(r"^(check_machine) .*", re.MULTILINE), r"\1 one 1 x86_64"),
    (re.compile(r"^(LABEL [\w.]+)=[0-9a-f]{64}$", re.MULTILINE), r"\1=0"),
    (re.compile(r"^# .*\(.*:\d+\)( ---)?$", re.MULTILINE), "#"),
    (re.compile(r"^(step|check) '[^']*' ", re.MULTILINE), r"\1 'one' "),
    (re.compile(r"^# Made by hpcgen from .*$", re.MULTILINE), "#"),
)
"""What differs from file to file, and is the same to a linter."""


class Told(NamedTuple):
    """What a linter says of a piece: the rule, what it says, and the piece's first words."""

    rule: str
    sentence: str
    piece: str


def same(text: str) -> str:
    """A text without what differs from file to file and means nothing."""
    for pattern, other in _SAME:
        text = pattern.sub(other, text)
    return text


def instructions(text: str) -> Iterator[str]:
    """The instructions of a Dockerfile, heredocs with them; comments between them are left out."""
    lines = iter(text.split("\n"))
    for line in lines:
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        whole = [line]
        while whole[-1].endswith("\\"):
            whole.append(next(lines))
        if whole[0].startswith(("RUN", "COPY")):
            for _, end in _HEREDOC.findall(whole[0]):
                whole += _until(lines, end)
        yield "\n".join(whole)


def _until(lines: Iterator[str], end: str) -> Iterator[str]:
    """A heredoc's lines, and the one that ends it."""
    for line in lines:
        yield line
        if line == end:
            return


class Dockerfiles:
    """Dockerfiles, taken apart."""

    def __init__(self) -> None:
        self.runs: dict[tuple[str, ...], dict[str, None]] = {}
        """What stands before it and counts for it -> the instructions that run something."""
        self.rest: dict[str, None] = {}

    def add(self, text: str) -> None:
        """Takes one apart."""
        rest: list[str] = []
        shell: str = ""
        names: set[str] = set()
        for one in instructions(same(text)):
            word = one.partition(" ")[0]
            if word == "FROM":
                shell, names = "", set()
            elif word == "SHELL":
                shell = one
            elif word in ("ENV", "ARG"):
                names |= set(re.findall(r"(?:^|\s)(\w+)=", one)) | set(re.findall(r"^ARG (\w+)", one))
            if word == "RUN":
                used = names & set(re.findall(r"\$\{?(\w+)", one))
                before = (*(f"ENV {name}=1" for name in sorted(used)), *([shell] if shell else []))
                self.runs.setdefault(before, {})[one] = None
                rest.append("RUN true")
            elif word == "COPY" and "\n" in one:
                rest.append(f"{one.partition(chr(10))[0]}\ntext\n{one.rpartition(chr(10))[2]}")
            else:
                rest.append(one)
        self.rest["\n\n".join((*rest, ""))] = None  # hadolint takes what stands right behind a heredoc for a part of it

    def files(self) -> Iterator[str]:
        """Files that hold all of it once."""
        yield from self.rest
        for before, runs in self.runs.items():
            for some in _dozens(list(runs)):
                yield "\n\n".join(("FROM site/base:1", *before, *some, ""))

    def told(self, folder: Path, path: str) -> list[Told]:
        """What hadolint says."""
        words = ("hadolint", "--no-color", "-f", "json", *(word for rule in HADOLINT for word in ("--ignore", rule)))
        found = _linted(words, list(self.files()), folder / "docker", path)
        return [Told(one["code"], one["message"], piece) for one, piece in found]


class Scripts:
    """Shell scripts, taken apart."""

    def __init__(self) -> None:
        self.steps: dict[str, dict[str, None]] = {}
        """The part above the steps -> the pieces after it."""

    def add(self, text: str) -> None:
        """Takes one apart, at the empty lines that stand in no heredoc."""
        top, mark, rest = same(text).partition("\ncheck_machine ")
        pieces = list(_pieces(rest.partition("\n")[2]))
        self.steps.setdefault(f"{top}{mark}one 1 x86_64\n", {}).update(dict.fromkeys(pieces))

    def files(self) -> Iterator[str]:
        """Files that hold all of it once."""
        for top, pieces in self.steps.items():
            for some in _dozens(list(pieces), STEPS):
                yield "\n\n".join((top, *some, ""))

    def told(self, folder: Path, path: str) -> list[Told]:
        """What shellcheck says, and `bash -n`."""
        words = ("shellcheck", "-s", "bash", "-f", "json", f"--exclude={','.join(SHELLCHECK)}")
        files = list(self.files())
        found = [Told(f"SC{one['code']}", one["message"], piece) for one, piece in _linted(words, files, folder / "bash", path)]
        return found + [Told("bash -n", said, text[:80]) for text in files if (said := _syntax(text))]


def _pieces(text: str) -> Iterator[str]:
    """A script's parts between empty lines, functions and heredocs whole."""
    piece: list[str] = []
    end, inside = "", False
    for line in text.split("\n"):
        if end:
            end = "" if line == end else end
        elif found := _HEREDOC.search(line):
            end = found[2]
        elif re.match(r"\w+\(\) \{$", line):
            inside = True
        elif line == "}":
            inside = False
        elif not line and not inside:
            if piece:
                yield "\n".join(piece)
            piece = []
            continue
        piece.append(line)
    if piece:
        yield "\n".join(piece)


class Definitions:
    """Definition files: whole to the rules of Apptainer's parser, their sections to bash."""

    def __init__(self) -> None:
        self.findings: dict[Told, None] = {}
        self.whole: set[str] = set()
        self.sections: dict[str, None] = {}

    def add(self, text: str) -> None:
        """Looks at one."""
        text = same(text)
        if text in self.whole:
            return
        self.whole.add(text)
        self.findings.update(dict.fromkeys(Told(one.rule, one.sentence, text[:80]) for one in definition_check.check(text)))
        for stage in definition_check.stages(text):
            self.sections.update(dict.fromkeys("\n".join(one.body) for one in stage if one.name in definition_check.SHELL))

    def told(self) -> list[Told]:
        """What the rules and bash say."""
        with ThreadPoolExecutor(WORKERS) as pool:
            said = list(pool.map(_syntax, self.sections))
        return [*self.findings, *(Told("bash -n", one, text[:80]) for text, one in zip(self.sections, said, strict=True) if one)]


def _syntax(text: str) -> str:
    """What `bash -n` says, which reads without running."""
    return subprocess.run(("bash", "-n"), input=text, capture_output=True, text=True, check=False).stderr.strip()


def _dozens(things: Sequence[One], many: int = TOGETHER) -> Iterator[Sequence[One]]:
    for start in range(0, len(things), many):
        yield things[start : start + many]


def _linted(words: Sequence[str], texts: Sequence[str], folder: Path, path: str) -> list[tuple[dict[str, str], str]]:
    """What a linter says in JSON of many files, each with the line that it means; files go to it by the dozen, to two at once."""
    program = shutil.which(words[0], path=path)
    assert program, f"{words[0]} is not installed"
    folder.mkdir()
    for number, text in enumerate(texts):
        (folder / str(number)).write_text(text, encoding="utf-8")

    def run(some: Iterable[int]) -> list[dict[str, str]]:
        line = (program, *words[1:], *(str(folder / str(number)) for number in some))
        done = subprocess.run(line, capture_output=True, text=True, check=False)
        found: list[dict[str, str]] = json.loads(done.stdout) if done.stdout else []
        assert done.stdout, f"{words[0]} does not answer: {done.stderr}"
        return found

    with ThreadPoolExecutor(WORKERS) as pool:
        answers = list(pool.map(run, _dozens(range(len(texts)), 1 if words[0] == "shellcheck" else TOGETHER)))
    return [(one, _line(folder, one)) for answer in answers for one in answer]


def _line(folder: Path, one: dict[str, str]) -> str:
    """The line of a file that a linter means, and the one before it."""
    lines = (folder / one["file"].rpartition("/")[2]).read_text(encoding="utf-8").split("\n")
    at = int(one["line"])
    return "\n".join(lines[max(0, at - 2) : at])[:300]
