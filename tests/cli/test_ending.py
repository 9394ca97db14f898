"""How commands end that do not end well, in processes of their own where that matters."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from hpcgen.cli import ending
from hpcgen.errors import HpcgenError, InternalError, RecipeError, Several, Unreachable, UsageError, WrongValue
from hpcgen.origin import Origin

if TYPE_CHECKING:
    from pathlib import Path


HPCGEN = (sys.executable, "-m", "hpcgen")


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        (RecipeError("x"), 1),
        (UsageError("x"), 2),
        (Unreachable("x"), 3),
        (InternalError("x"), 5),
        (Several([Unreachable("x"), Unreachable("y")]), 3),
        (Several([Unreachable("x"), WrongValue("y")]), 1),
    ],
    ids=lambda value: str(value).replace("\n", "; "),
)
def test_errors_have_their_status(fault: HpcgenError, status: int) -> None:
    """An error's kind decides the exit status; several that differ are a failed check."""
    assert ending.status_of(fault) == status


def test_unexpected_exception_is_our_bug(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """What nobody expected is called a bug with exit status 5, and shows a traceback only with HPCGEN_DEBUG=1."""

    def broken() -> int:
        raise KeyError("key")

    assert ending.guarded(broken) == 5
    shown = capsys.readouterr().err
    assert shown.startswith("bug in hpcgen: KeyError: 'key'\n")
    assert "Traceback" not in shown
    monkeypatch.setenv("HPCGEN_DEBUG", "1")
    assert ending.guarded(broken) == 5
    assert "Traceback" in capsys.readouterr().err


def test_colours_are_for_terminals_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Kind, place and help are coloured on a terminal; NO_COLOR and a dumb terminal have no colours."""
    monkeypatch.setenv("TERM", "xterm")
    assert ending.has_colour(terminal=True)
    assert not ending.has_colour(terminal=False)
    monkeypatch.setenv("TERM", "dumb")
    assert not ending.has_colour(terminal=True)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("NO_COLOR", "1")
    assert not ending.has_colour(terminal=True)
    fault = WrongValue("it is off", origin=Origin("recipe.py", 3, "Stage0 += it"), help="do this\nand that")
    assert ending.coloured(fault).split("\n") == [
        "\x1b[1;31mwrong value\x1b[0m: it is off",
        "\x1b[1m  recipe.py:3\x1b[0m",
        "      3 | Stage0 += it",
        "\x1b[36m  do this\x1b[0m",
        "\x1b[36m  and that\x1b[0m",
    ]


def test_colours_change_no_word() -> None:
    """Without its colours a coloured error is the plain one."""
    fault = Several([RecipeError("one", help="help"), RecipeError("two")])
    plain = ending.coloured(fault)
    for code in ("\x1b[1;31m", "\x1b[36m", "\x1b[1m", "\x1b[0m"):
        plain = plain.replace(code, "")
    assert plain == ending.shown(fault)


def test_reader_that_goes_away_is_no_error(recipe: Path) -> None:
    """A broken pipe ends the program without a word."""
    recipe.write_text('Stage0 += baseimage(image="debian:12")\nStage0 += [shell(commands=["x" * 1000])] * 90\n', encoding="utf-8")
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "wb") as stream:
        done = subprocess.run((*HPCGEN, recipe.name), stdout=stream, stderr=subprocess.PIPE, check=False)
    assert (done.returncode, done.stderr) == (141, b"")


def test_interrupted_program_is_quiet(recipe: Path) -> None:
    """Ctrl-C ends the program with 130, without a word and without a file."""
    recipe.write_text('open("started", "w").close()\nimport time\ntime.sleep(60)\n', encoding="utf-8")
    running = subprocess.Popen((*HPCGEN, recipe.name, "-o", "Dockerfile"), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    while not recipe.with_name("started").exists() and running.poll() is None:
        time.sleep(0.01)
    running.send_signal(signal.SIGINT)
    assert running.communicate() == (b"", b"")
    assert running.returncode == 130
    assert not recipe.with_name("Dockerfile").exists()


def test_full_device_is_said(recipe: Path) -> None:
    """Standard output that takes nothing gives exit status 3 and the reason, once."""
    with open("/dev/full", "wb") as stream:
        done = subprocess.run((*HPCGEN, recipe.name), stdout=stream, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 3
    assert done.stderr == "cannot be reached: standard output cannot be written: No space left on device\n"


def test_output_is_utf_8_in_every_locale(recipe: Path) -> None:
    """The same bytes come out whatever the locale says."""
    recipe.write_text('Stage0 += baseimage(image="debian:12")\nStage0 += comment("größer 漢")\n', encoding="utf-8")
    environ = os.environ | {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONIOENCODING": "latin-1"}
    done = subprocess.run((*HPCGEN, recipe.name), capture_output=True, env=environ, check=True)
    assert "größer 漢" in done.stdout.decode("utf-8")


def test_plain_run_imports_nothing_heavy(recipe: Path) -> None:
    """`hpcgen RECIPE` imports neither rich, docker, urllib nor what else only other commands need."""
    code = "import sys; old = set(sys.modules); from hpcgen.cli import main; main(['recipe.py', '-o', 'Dockerfile']); print(*{*sys.modules} - old)"
    loaded = set(subprocess.run((sys.executable, "-c", code), capture_output=True, text=True, check=True).stdout.split())
    heavy = {"archspec", "asyncio", "attr", "attrs", "docker", "email", "importlib.metadata", "inspect", "jinja2", "json", "lark", "pathlib", "rich"}
    heavy |= {"hpcgen.engines", "hpcgen.sourcing", "http", "pkg_resources", "shtab", "socket", "ssl", "subprocess", "tempfile", "tomllib", "urllib"}
    assert heavy & loaded == set()
