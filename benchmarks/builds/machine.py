"""What building for real takes: engines, folders that are served, logs that are kept."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
import time
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
HERE = ROOT / "benchmarks" / "builds"
ENGINES = ROOT / "scripts" / "engines"
MIRROR = Path(os.environ.get("HPCGEN_TEST_MIRROR", "/var/tmp/hpcgen-test-mirror"))  # noqa: S108 (large, and kept)
"""Debian's tarballs, as scripts/upstream lays them out."""
SOURCES = Path(os.environ.get("HPCGEN_BENCH_SOURCES", "/var/tmp/hpcgen-bench-sources"))  # noqa: S108 (the same)
"""The stack's tarballs, as its recipes ask for them."""
WORK = Path(os.environ.get("HPCGEN_BENCH_WORK", "/var/tmp/hpcgen-bench"))  # noqa: S108 (the same)
"""Dockerfiles, logs and figures."""

PORT = 8900
"""Where both recipes take their sources from."""


class FailedError(Exception):
    """A command that failed; what it said is shown."""


class Quiet(SimpleHTTPRequestHandler):
    """Serves without a word."""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the base class's name)
        """Nothing."""


@contextlib.contextmanager
def served(folder: Path, port: int = 0) -> Iterator[str]:
    """The URL at which a folder is served on this machine."""
    with ThreadingHTTPServer(("127.0.0.1", port), partial(Quiet, directory=str(folder))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def say(text: str) -> None:
    """One line of what is going on, with the time of day."""
    print(f"{time.strftime('%H:%M:%S')}  {text}", flush=True)


def run(*words: str | Path, log: Path | None = None, cwd: Path = ROOT) -> str:
    """What a command prints.

    Raises:
        FailedError: it failed; its log, if it has one, is kept all the same.
    """
    done = subprocess.run(
        [str(word) for word in words], cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, errors="replace"
    )
    if log:
        log.write_text(done.stdout)
    if done.returncode:
        where = f"; all of it is in {log}" if log else ""
        raise FailedError(f"{done.stdout[-4000:]}\nexit {done.returncode} of {' '.join(map(str, words))}{where}")
    return done.stdout


def output(*words: str | Path) -> bytes:
    """What a command writes to its standard output, as it is.

    Raises:
        FailedError: it failed.
    """
    done = subprocess.run([str(word) for word in words], cwd=ROOT, capture_output=True, check=False)
    if done.returncode:
        raise FailedError(f"{done.stderr.decode(errors='replace')[-4000:]}\nexit {done.returncode} of {' '.join(map(str, words))}")
    return done.stdout


def docker(*words: str | Path, log: Path | None = None, daemon: str = "docker") -> str:
    """What a command of the current Docker's client prints."""
    return run(ENGINES, "docker", daemon, *words, log=log)


def ready() -> None:
    """The engines are up and have the base image."""
    WORK.mkdir(parents=True, exist_ok=True)
    run(ENGINES, "up")
    run(ENGINES, "base", "debian:12", "bookworm")


def build(name: str, *words: str | Path, daemon: str = "docker") -> float:
    """The seconds that `docker build` takes; its log is NAME.log, its image's name is among the words."""
    began = time.monotonic()
    docker("build", "--progress", "plain", "--network", "host", *words, log=WORK / f"{name}.log", daemon=daemon)
    return time.monotonic() - began


def tool(name: str) -> Path:
    """A program of the environment that this one runs in."""
    return Path(sys.executable).with_name(name)
