from __future__ import annotations

import re
import runpy
import shlex
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import attrs
import audited
import pytest

import hpcgen
from hpcgen.cli import COMMANDS, main

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]

_FENCE = re.compile(r"^( *)(```+)(\w*)\s*$")
_LINK = re.compile(r"(?<!!)\[(?:[^\]\[]|\[[^\]]*\])*\]\(([^)\s]+)\)")
_NAMED = re.compile(r"^(?:#|/\*|//) ?([\w./-]+\.\w+)(?: \*/)?$")
_NEEDS_MORE = ("--fetch", "--check", "inspect")
"""Words of commands that need a network, an image, or programs that are not there everywhere: such commands are only read."""


@attrs.frozen
class Block:
    """A fenced block of a page.

    Attributes:
        page: the page, relative to the project.
        line: where it starts, counted from 1.
        language: the word behind the fence.
        text: what stands in it.
    """

    page: str
    line: int
    language: str
    text: str

    @property
    def file(self) -> str:
        """The file that its first line names, as in `# hello.py`, or empty."""
        found = _NAMED.match(self.text.split("\n", 1)[0])
        return found[1] if found and self.language not in ("sh", "console") else ""

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"


@attrs.frozen
class Command:
    """An `hpcgen` command of a page.

    Attributes:
        where: its page and line.
        words: what stands behind `hpcgen`.
        output: what the page shows below it; None where it shows nothing.
    """

    where: str
    words: tuple[str, ...]
    output: str | None = None

    @property
    def runs(self) -> bool:
        """Whether it needs no network, no linter and nothing on its standard input."""
        return not any(word.partition("=")[0] in _NEEDS_MORE for word in self.words) and "-" not in self.words[:2]


def pages() -> list[str]:
    """All pages that people write, and those that are made from the code."""
    return [str(path.relative_to(ROOT)) for path in (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md")))]


def prose(page: str) -> str:
    """A page without its fenced blocks and without `code`."""
    kept, fence = [], ""
    for line in (ROOT / page).read_text(encoding="utf-8").split("\n"):
        found = _FENCE.match(line)
        if found and (not fence or found[2] == fence):
            fence = "" if fence else found[2]
        elif not fence:
            kept.append(line)
    return re.sub(r"`[^`\n]*`", "", "\n".join(kept))


def links(page: str) -> list[str]:
    """The relative links of a page."""
    return [link for link in _LINK.findall(prose(page)) if not re.match(r"[a-z]+:", link)]


def anchors(path: Path) -> set[str]:
    """The anchors that a page's headings get."""
    found: set[str] = set()
    text, fence = path.read_text(encoding="utf-8"), False
    for line in text.split("\n"):
        fence ^= bool(_FENCE.match(line))
        heading = re.match(r"#{1,6} (.*)", line)
        if heading and not fence:
            words = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading[1].strip().lower())
            found.add(re.sub(r"[^\w\- ]", "", words).replace(" ", "-"))
    return found


def blocks(page: str) -> Iterator[Block]:
    """The fenced blocks of a page."""
    lines = (ROOT / page).read_text(encoding="utf-8").split("\n")
    start, indent, language = 0, 0, ""
    for number, line in enumerate(lines, 1):
        found = _FENCE.match(line)
        if found and not start:
            start, indent, language = number, len(found[1]), found[3]
        elif found:
            yield Block(page, start, language, "".join(f"{one[indent:]}\n" for one in lines[start : number - 1]))
            start = 0


def commands(block: Block) -> Iterator[Command]:
    """The `hpcgen` commands of a block of language sh, or of a console's, which has a `$` before each and its output below."""
    if block.language == "sh":
        text = block.text.replace("\\\n", " ")
        for line in text.split("\n"):
            for words in _simple(line):
                yield Command(str(block), words)
    elif block.language == "console":
        for part in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]:
            line, _, output = part.partition("\n")
            for words in _simple(line):
                yield Command(str(block), words, output)


def _simple(line: str) -> Iterator[tuple[str, ...]]:
    """The words of each `hpcgen` command of a line, redirections left out."""
    if "$(hpcgen" in line:
        line = line.partition("$(")[2].rpartition(")")[0]
    lexer = shlex.shlex(line, posix=True, punctuation_chars="&|;<>")
    lexer.whitespace_split = True
    words: list[str] = []
    for word in [*lexer, ";"]:
        if not set(word) <= set("&|;"):
            words.append(word)
            continue
        if words and words[0] in ("hpcgen", ".venv/bin/hpcgen"):
            yield tuple(_without_redirections(words[1:]))
        words = []


def _without_redirections(words: list[str]) -> Iterator[str]:
    skip = False
    for word in words:
        if skip or set(word) <= set("<>"):
            skip = not skip
        else:
            yield word


def agrees(shown: str, said: str) -> bool:
    """Whether output is what a page shows; a line `...` of the page stands for any lines."""
    parts = [re.escape(part) for part in re.split(r"^\.\.\.\n", shown, flags=re.MULTILINE)]
    return re.fullmatch(r"(?:.*\n)*?".join(parts), said) is not None


WITH_BLOCKS = [page for page in pages() if any(blocks(page))]
WRITTEN = [page for page in pages() if not page.startswith("docs/reference/")]


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A reader's folder: the project's recipes are there, no site file is."""
    for name in ("recipes", "building_blocks"):
        (tmp_path / name).symlink_to(ROOT / name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    return tmp_path


def laid_down(page: str, desk: Path) -> dict[str, Block]:
    """The files that a page's blocks are, written where their first lines say; the last of a name wins."""
    if "mpi_hello.tar" in (ROOT / page).read_text(encoding="utf-8"):
        audited.hello(desk / "mpi_hello.tar")
    found = {block.file: block for block in blocks(page) if block.file}
    for name, block in found.items():
        if not (desk / name).exists():
            (desk / name).parent.mkdir(parents=True, exist_ok=True)
            (desk / name).write_text(block.text, encoding="utf-8")
    return found


def is_recipe(block: Block) -> bool:
    """Whether a block of Python is a recipe."""
    return block.language == "python" and "\nStage0 += baseimage" in block.text and "import hpcgen" not in block.text


def test_every_page_is_linked_from_the_index() -> None:
    """docs/index.md leads to every page that people write."""
    reached = {str((ROOT / "docs" / link.partition("#")[0]).resolve().relative_to(ROOT)) for link in links("docs/index.md")}
    assert [page for page in WRITTEN if page.startswith("docs/") and page not in {*reached, "docs/index.md"}] == []


def test_pages_that_the_code_names_are_there() -> None:
    """Every page of docs/ that a comment, docstring or message names exists."""
    sources = [
        path for folder in ("hpcgen", "building_blocks", "benchmarks", "scripts", "recipes") for path in (ROOT / folder).rglob("*") if path.is_file()
    ]
    texts = {path: path.read_text(encoding="utf-8") for path in sources if path.suffix in ("", ".py", ".pyi", ".toml")}
    named = {(str(path.relative_to(ROOT)), page) for path, text in texts.items() for page in re.findall(r"docs/[\w/-]+\.md", text)}
    assert sorted((path, page) for path, page in named if not (ROOT / page).exists()) == []


@pytest.mark.parametrize("page", pages())
def test_links_lead_somewhere(page: str) -> None:
    """Every relative link of a page leads to a file or folder, and its anchor to a heading."""
    broken = []
    for link in links(page):
        name, _, anchor = link.partition("#")
        path = (ROOT / page).parent / name if name else ROOT / page
        if not path.exists() or (anchor and anchor not in anchors(path)):
            broken.append(link)
    assert broken == []


@pytest.mark.parametrize("page", WITH_BLOCKS)
def test_python_is_python(page: str) -> None:
    """Every block of Python on a page compiles, fragments too."""
    for block in blocks(page):
        if block.language == "python":
            compile(block.text, str(block), "exec")


@pytest.mark.parametrize("page", WITH_BLOCKS)
def test_recipes_plan(page: str, desk: Path) -> None:
    """Every recipe that a page gives a file name plans without an error, unless the page shows that error."""
    shown = "".join(block.text for block in blocks(page) if block.language == "console")
    for name, block in laid_down(page, desk).items():
        if is_recipe(block) and f"\n  {name}:" not in shown and "USERARG[" not in block.text:
            folders = [folder for folder in ("blocks",) if (desk / folder).is_dir()]
            assert hpcgen.plan(name, block_folders=folders).stages, str(block)


@pytest.mark.parametrize("page", WITH_BLOCKS)
def test_programs_run(page: str, desk: Path) -> None:
    """Every program of a page that uses hpcgen as a library runs to its end."""
    for name, block in laid_down(page, desk).items():
        if block.language == "python" and "\nimport hpcgen" in block.text:
            runpy.run_path(name, run_name="__main__")


@pytest.mark.parametrize("page", WITH_BLOCKS)
def test_commands_work(page: str, desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Every hpcgen command of a page parses; on pages that people write it ends with status 0 or says what is shown, unless it needs an engine or a network."""
    laid_down(page, desk)
    for block in blocks(page):
        for command in commands(block):
            words = list(command.words)
            if not command.runs or page not in WRITTEN:  # pages made from the code name recipes that are not there
                reads_well(words)
                continue
            capsys.readouterr()
            status = main(words)
            said = "".join(capsys.readouterr())
            assert status == 0 or command.output is not None, f"{command.where}: hpcgen {' '.join(words)}\n{said}"
            assert command.output is None or agrees(command.output, said), f"{command.where}: hpcgen {' '.join(words)}\n{said}"


def reads_well(words: list[str]) -> None:
    """Raises for words that the command's parser does not take."""
    name = words[0] if words[0] in COMMANDS else ""
    import_module(COMMANDS[name]).parser().read(words[1:] if name else words)
