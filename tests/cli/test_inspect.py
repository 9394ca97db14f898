"""`hpcgen inspect`: what is said of an image, and how."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import images
import pytest

from hpcgen.cli.inspect import ENGINES, LONG, size
from hpcgen.engines import inspecting

if TYPE_CHECKING:
    from running import Run

PAGE = Path(__file__).parents[2] / "docs" / "howto" / "inspect.md"
SHOWN = re.findall(r"^```console\n\$ hpcgen ([^\n]*)\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with an image's root, in the folder that the test runs in; no engine is there."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/none.sock")
    folder = tmp_path / "root"
    return images.laid_down(folder, [(f"{images.FOLDER}/manifest.json", images.manifest())])


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Standard output is a terminal of 100 columns."""
    monkeypatch.setattr(type(sys.stdout), "isatty", lambda self: True, raising=False)
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("TERM", "xterm")


@pytest.mark.parametrize(("line", "shown"), SHOWN, ids=[line for line, _ in SHOWN])
def test_the_page_shows_what_is_said(run: Run, root: Path, line: str, shown: str) -> None:
    """What docs/howto/inspect.md shows below a command is what the command says."""
    assert run(*line.split()) == (0, shown, "")


def test_the_page_shows_something() -> None:
    """The page has a command for each form that a person reads, but for the list of files."""
    assert [line for line, _ in SHOWN] == ["inspect root", "inspect root --why libnuma1"]


def test_labels_are_shown(run: Run, root: Path) -> None:
    """An image's labels stand behind its facts, and nothing of them drives a terminal."""
    images.laid_down(root, [(".singularity.d/labels.json", json.dumps(images.LABELS).encode())])
    assert run("inspect", "root").out.splitlines()[:4] == [
        "root",
        "read from                             folder",
        "label org.opencontainers.image.title  osu",
        "label odd                             a\\x1b[31m[red]b[/]",
    ]


def test_every_file_is_listed(run: Run, root: Path) -> None:
    """--files has a line for each file with its block, size and reason."""
    result = run("inspect", "root", "--files")
    assert (result.status, result.err) == (0, "")
    rows = result.out.splitlines()
    assert rows[0].split() == ["NAME", "BLOCK", "BYTES", "WHY"]
    assert [row.split()[0] for row in rows[1:]] == [file["path"] for file in images.MANIFEST["files"]]
    assert rows[2].split() == ["/usr/local/openmpi/bin/ompi_info", "openmpi", "1.5", "MB", "its", "programs"]


@pytest.mark.parametrize(("name", "status", "rows"), [("/usr/local/ucx", 0, 4), ("libucs.so.0", 0, 2), ("usr/local/openmpi/bin", 0, 1), ("libnuma", 1, -1)])
def test_why_takes_packages_folders_and_names(run: Run, root: Path, name: str, status: int, rows: int) -> None:
    """--why says of each file below a folder, or of a name, why it is there and what needs it, and ends with 1 for what is nowhere."""
    result = run("inspect", "root", "--why", name)
    assert (result.status, len(result.out.splitlines()) - 1) == (status, rows)


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("libnuma", "did you mean 'libnuma1'?"),
        ("/usr/local/openmpi/bin/ompi-info", "did you mean '/usr/local/openmpi/bin/ompi_info'?"),
        ("x", "what a base image brings is in no manifest"),
    ],
)
def test_a_name_that_is_nowhere_is_an_error(run: Run, root: Path, name: str, hint: str) -> None:
    """A name that no manifest has is said, with the nearest one."""
    assert run("inspect", "root", "--why", name).err == f"not in the manifest: 'root' has nothing that is called '{name}'\n  {hint}\n"


def test_programs_get_json(run: Run, root: Path) -> None:
    """--json has labels and the manifest as it stands in the image, with what this hpcgen does not know too."""
    images.laid_down(root, [(f"{images.FOLDER}/manifest.json", images.manifest(more=["\ud800"])), (".singularity.d/labels.json", json.dumps(images.LABELS).encode())])
    result = run("inspect", "root", "--json")
    assert "\x1b" not in result.out
    assert json.loads(result.out) == {
        "schema": 1,
        "image": "root",
        "kind": "folder",
        "facts": {},
        "labels": images.LABELS,
        "manifests": [{"path": "/usr/share/hpcgen/manifest.json", "manifest": {**images.MANIFEST, "more": ["\ud800"]}}],
    }


def test_several_manifests_are_told_apart(run: Run, root: Path) -> None:
    """An image of several runtime stages shows each manifest with its path, in the order of their numbers; a file that is called otherwise is none."""
    more = {name: images.manifest(image={"kind": name}) for name in ("manifest.10.json", "manifest.2.json", "manifest.02.json", "manifest.json~")}
    images.laid_down(root, [(f"{images.FOLDER}/{name}", content) for name, content in more.items()])
    lines = run("inspect", "root").out.splitlines()
    assert [line for line in lines if line.startswith("/usr/share")] == [f"/usr/share/hpcgen/manifest{name}.json" for name in ("", ".2", ".10")]
    assert [manifest["path"][-7:] for manifest in json.loads(run("inspect", "root", "--json").out)["manifests"]] == ["st.json", ".2.json", "10.json"]
    assert len(run("inspect", "root", "--why", "ompi_info").out.splitlines()) == 4


@pytest.mark.parametrize("words", [(), ("--json",), ("--files",), ("--why", "x")])
def test_an_image_without_a_manifest_fails_the_check(run: Run, root: Path, words: tuple[str, ...]) -> None:
    """Without a manifest what is known of the image is said all the same, and the status is 1."""
    (root / images.FOLDER / "manifest.json").unlink()
    result = run("inspect", "root", *words)
    assert (result.status, bool(result.out)) == (1, words in ((), ("--json",)))
    assert result.err.startswith("no manifest: 'root' has none\n  images get one from a runtime stage")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"{", "manifest: /usr/share/hpcgen/manifest.json of 'root': it is not JSON: Expecting property name"),
        (b"\xff", "manifest: /usr/share/hpcgen/manifest.json of 'root': it is not JSON: 'utf-8' codec can't decode"),
        (images.manifest(schema="hpcgen/manifest/v9"), "manifest: /usr/share/hpcgen/manifest.json of 'root': its form is 'hpcgen/manifest/v9'"),
        (images.manifest(schema="hpcgen/manifest/\x1b[2J"), "manifest: /usr/share/hpcgen/manifest.json of 'root': its form is 'hpcgen/manifest/\\x1b[2J'"),
    ],
)
def test_a_manifest_that_is_none_fails_the_check(run: Run, root: Path, content: bytes, said: str) -> None:
    """A manifest that is damaged or newer is an error with its path and status 1, and nothing else is shown."""
    images.laid_down(root, [(f"{images.FOLDER}/manifest.json", content)])
    result = run("inspect", "root")
    assert (result.status, result.out) == (1, "")
    assert result.err.startswith(said)


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (("none.sif",), 3, "cannot be reached: 'none.sif' is not there\n"),
        (("./none",), 3, "cannot be reached: './none' is not there\n"),
        (("none", "--engine", "podman"), 3, "cannot be reached: image 'none': podman is not here\n"),
        ((), 2, "usage: the following arguments are required: IMAGE\n"),
        (("",), 2, "usage: no image is named\n"),
        (("root", "--engine", "rkt"), 2, "usage: there is no engine 'rkt'\n"),
        (("root", "--files", "--json"), 2, "usage: argument --json: not allowed with argument --files\n"),
    ],
)
def test_what_cannot_be_reached_is_said(run: Run, root: Path, words: tuple[str, ...], status: int, said: str) -> None:
    """A file or engine that is not there ends with 3, wrong words with 2."""
    result = run("inspect", *words)
    assert (result.status, result.out) == (status, "")
    assert result.err.startswith(said)


def test_an_engine_that_does_not_answer_is_said(run: Run, root: Path) -> None:
    """An engine that DOCKER_HOST names and that does not answer is an error with its reason."""
    result = run("inspect", "osu:1")
    assert (result.status, result.out) == (3, "")
    assert "cannot be reached: image 'osu:1' is in no engine that answers, and no file of that name\n" in result.err
    assert "/none.sock does not answer: No such file or directory\n" in result.err


def test_a_terminal_gets_tables(run: Run, root: Path, terminal: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a terminal there are colours and its width is kept; with NO_COLOR it gets the text that files get."""
    odd = {"path": "/opt/a\x1b[31m[red]b[/]" + "x" * 200, "block": "ucx", "why": "\u202e", "bytes": 1}
    images.laid_down(root, [(f"{images.FOLDER}/manifest.json", images.manifest(files=[odd]))])
    for words in ((), ("--files",)):
        coloured = run("inspect", "root", *words).out
        assert "\x1b[" in coloured
        assert "\x1b[31m" not in coloured
        assert "\u202e" not in coloured
        assert max(len(re.sub("\x1b\\[[0-9;]*m", "", line)) for line in coloured.splitlines()) <= 100
    assert "/opt/a\\x1b[31m[red]b[/]xxx" in run("inspect", "root", "--files").out
    monkeypatch.setenv("NO_COLOR", "1")
    plain = run("inspect", "root").out
    assert "\x1b" not in plain
    assert plain.startswith("root\nread from  folder\n\nrecipe  osu.py\n")


def test_long_lists_are_plain_text(run: Run, root: Path, terminal: None) -> None:
    """A list of very many files is the same text on a terminal as elsewhere."""
    files = [{**images.MANIFEST["files"][0], "path": f"/opt/file{number}"} for number in range(LONG + 1)]
    images.laid_down(root, [(f"{images.FOLDER}/manifest.json", images.manifest(files=files))])
    lines = run("inspect", "root", "--files").out.splitlines()
    assert len(lines) == LONG + 2
    assert lines[-1] == f"/opt/file{LONG}  system  100 B  libc opens it"


@pytest.mark.parametrize(
    ("count", "shown"), [(0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (999_949, "999.9 kB"), (999_950, "1.0 MB"), (12_345_678, "12.3 MB"), (10**18, "1000000.0 TB")]
)
def test_sizes_are_said_as_people_say_them(count: int, shown: str) -> None:
    """A number of bytes is shown in the largest unit that it has one of, with one digit behind the point."""
    assert size(count) == shown


def test_what_the_image_is_said_to_be_is_shown_whole(run: Run, root: Path) -> None:
    """Whatever JSON the image's own part holds, each value has its line, those within objects under both names."""
    said = {"target": {"arch": ["x86_64", "aarch64"], "deep": {"a": {"b": {"c": {"d": 1}}}}}, "size": 1.5, "none": None, "mixed": [1, "x"], "empty": {}}
    images.laid_down(root, [(f"{images.FOLDER}/manifest.json", images.manifest(image=said))])
    lines = [line.rsplit("  ", 1) for line in run("inspect", "root").out.splitlines()[3:8]]
    assert {name.strip(): value for name, value in lines} == {
        "target arch": "x86_64, aarch64",
        "target deep a b": '{"c": {"d": 1}}',
        "size": "1.5",
        "none": "null",
        "mixed": '[1, "x"]',
    }


def test_the_engines_that_can_be_named_are_asked() -> None:
    """The command line's engines are those that are known."""
    assert ENGINES == inspecting.ENGINES
