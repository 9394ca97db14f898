"""What the tests on real engines share: recipes, engines as one kind of thing, a mirror that is served on this machine."""

from __future__ import annotations

import os
import subprocess
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
ENGINES = ROOT / "scripts" / "engines"
BASE = "debian:12"
SUITE = "bookworm"


class EngineError(AssertionError):
    """A command of an engine failed."""


def run(*command: str | Path, cwd: Path = ROOT, env: dict[str, str] | None = None, stdin: str | None = None, check: bool = True) -> str:
    """What a command prints on both streams; its failure fails the test, with its last lines."""
    done = subprocess.run(
        [str(word) for word in command],
        cwd=cwd,
        env={**os.environ, **(env or {})},
        input=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        errors="replace",
    )
    if check and done.returncode:
        tail = "\n".join(done.stdout.splitlines()[-40:])
        raise EngineError(f"exit {done.returncode} of {' '.join(map(str, command))}\n{tail}")
    return done.stdout


def bases() -> dict[str, str]:
    """The base map that stands for a registry where Apptainer builds."""
    return {BASE: f"docker-archive:{run(ENGINES, 'archive', BASE).strip()}"}


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the base class's name)
        """Nothing: requests are many."""


def served(folder: Path) -> Iterator[str]:
    """The URL at which a folder is served on this machine, as long as it is needed."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


@attrs.frozen
class Docker:
    """A Docker daemon.

    Attributes:
        daemon: `docker`, `docker-c` or `docker20`.
        dialect: of the Dockerfiles that it is given.
    """

    daemon: str
    dialect: str

    def __call__(self, *words: str | Path, cwd: Path = ROOT, env: dict[str, str] | None = None, stdin: str | None = None, check: bool = True) -> str:
        """What a docker command prints."""
        return run(ENGINES, "docker", self.daemon, *words, cwd=cwd, env={"DOCKER_BUILDKIT": "1", "BUILDKIT_PROGRESS": "plain", **(env or {})}, stdin=stdin, check=check)

    def build(self, text: str, tag: str, context: Path, *, mirror: str = "", target: str = "", check: bool = True) -> str:
        """Builds a Dockerfile; gives the log."""
        (context / "Dockerfile").write_text(text, encoding="utf-8", newline="")
        (context / ".mirror").write_text(mirror)
        flags = ["--secret", f"id=mirror,src={context / '.mirror'}"] if mirror else []
        flags += ["--target", target] if target else []
        return self("build", "--network", "host", *flags, "-t", tag, ".", cwd=context, check=check)

    def run(self, tag: str, *words: str) -> str:
        """What a command prints in a container of an image."""
        return self("run", "--rm", "--network", "none", tag, *words)
