"""A web server on this machine whose connections can be cut, and git repositories."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


class Server(ThreadingHTTPServer):
    """Serves `files`; what it was asked for stands in `asked`.

    Attributes:
        files: path -> content.
        asked: path and Range header of each request, in order.
        cuts: path -> after how many bytes each of its next connections is cut.
        codes: path -> the status of each of its next answers, before it serves again.
        ranges: whether it resumes.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.files: dict[str, bytes] = {}
        self.asked: list[tuple[str, str]] = []
        self.cuts: dict[str, list[int]] = {}
        self.codes: dict[str, list[int]] = {}
        self.ranges = True

    def url(self, path: str) -> str:
        """The address of a path."""
        return f"http://127.0.0.1:{self.server_address[1]}/{path}"

    def add(self, path: str, content: bytes) -> str:
        """Serves a file; gives its checksum."""
        self.files[f"/{path}"] = content
        return hashlib.sha256(content).hexdigest()


class Handler(BaseHTTPRequestHandler):
    """One request."""

    server: Server

    def do_GET(self) -> None:
        """Answers with the file or a part of it, or as the test wants it to go wrong."""
        wanted = self.headers.get("Range", "")
        self.server.asked.append((self.path, wanted))
        codes = self.server.codes.get(self.path)
        if codes:
            self.send_error(codes.pop(0))
            return
        content = self.server.files.get(self.path)
        if content is None:
            self.send_error(404)
            return
        match = re.fullmatch(r"bytes=(\d+)-", wanted) if self.server.ranges else None
        start = int(match[1]) if match else 0
        if match and start >= len(content):
            self.send_response(416)
            self.send_header("Content-Range", f"bytes */{len(content)}")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        self.send_response(206 if match else 200)
        if match:
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        self.send_header("Content-Length", str(len(content) - start))
        self.end_headers()
        cuts = self.server.cuts.get(self.path)
        self.wfile.write(content[start : start + cuts.pop(0)] if cuts else content[start:])
        self.close_connection = True

    def log_message(self, format: str, *words: object) -> None:  # noqa: A002 (the base class's word)
        """Says nothing."""


def git(folder: Path, *words: str) -> str:
    """Git without the settings of whoever runs the tests."""
    environ = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    who = ("-c", "user.name=Test", "-c", "user.email=test@example.org", "-c", "init.defaultBranch=main", "-c", "protocol.file.allow=always")
    done = subprocess.run(("git", "-C", folder, *who, *words), capture_output=True, text=True, check=True, env=environ)
    return done.stdout.strip()


def repository(folder: Path, files: dict[str, str]) -> str:
    """Makes a git repository with one commit; gives the commit."""
    folder.mkdir()
    git(folder, "init", "-q")
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content, encoding="utf-8")
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "one")
    return git(folder, "rev-parse", "HEAD")
