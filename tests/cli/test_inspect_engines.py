"""Images in engines: stand-ins for Docker's interface and for the program podman, which do what real ones seldom do."""

from __future__ import annotations

import json
import os
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, ClassVar

import images
import pytest
from images import shown

from hpcgen.engines import daemons
from hpcgen.engines.inspecting import inspect
from hpcgen.errors import Unreachable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from hpcgen.engines.collecting import Found

GOOD = images.tar(("hpcgen", None), ("hpcgen/manifest.json", images.manifest()), ("hpcgen/other", b"x" * 3000))
ABOUT = {"Id": "sha256:123", "RepoTags": None, "Os": "linux", "Architecture": "arm64", "Variant": "v8", "Config": {"Labels": None}}


class Engine(BaseHTTPRequestHandler):
    """Docker's interface, as far as it is asked."""

    archive: ClassVar[bytes] = GOOD
    fails_at: ClassVar[str] = ""
    asked: ClassVar[list[str]] = []

    def _answer(self, status: int, data: bytes, *headers: tuple[str, str]) -> None:
        self.send_response(status)
        for name, value in (("Content-Length", str(len(data))), *headers):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def handle_one(self) -> None:
        """Answers, and notes what was asked."""
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path = self.path.partition("/v1.41")[2] or self.path
        self.asked.append(f"{self.command} {path}")
        if self.fails_at and self.fails_at in path:
            self._answer(500, b'{"message": "the disk is full"}')
        elif path == "/version":
            self._answer(200, b'{"ApiVersion": "1.41"}')
        elif "/archive?" in path:
            self._answer(200, self.archive, ("X-Docker-Container-Path-Stat", "e30="))
        else:
            answer = ABOUT if path.startswith("/images/") else {"Id": "made"}
            self._answer(204 if self.command == "DELETE" else 200, b"" if self.command == "DELETE" else json.dumps(answer).encode())

    do_GET = do_POST = do_DELETE = handle_one  # noqa: N815 (the base class's names)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the base class's name)
        """Nothing."""


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], Found]]:
    """Asks the stand-in for Docker."""
    monkeypatch.setattr(Engine, "asked", [])
    with ThreadingHTTPServer(("127.0.0.1", 0), Engine) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        environ = {"DOCKER_HOST": f"tcp://127.0.0.1:{server.server_address[1]}", "PATH": ""}
        yield lambda: inspect("osu:1", environ=environ, machine="x86_64")
        server.shutdown()


def test_a_container_is_made_and_removed_and_nothing_else(engine: Callable[[], Found]) -> None:
    """Docker is asked for the image, a container of its platform, one folder of it and its end; it is never started, and nothing is pulled."""
    found = engine()
    assert (shown(found), found.labels) == ({"manifest.json": images.manifest()}, {})
    assert found.facts == {"platform": "linux/arm64/v8", "digest": "sha256:123"}
    assert [line for line in Engine.asked if "version" not in line] == [
        "GET /images/osu:1/json",
        "POST /containers/create?platform=linux%2Farm64%2Fv8",
        "GET /containers/made/archive?path=%2Fusr%2Fshare%2Fhpcgen",
        "DELETE /containers/made?v=True&link=False&force=True",
    ]


@pytest.mark.parametrize(
    ("fails_at", "archive", "said"),
    [
        ("/images", GOOD, "says: the disk is full"),
        ("/create", GOOD, "says: the disk is full"),
        ("/archive", GOOD, "says: the disk is full"),
        ("", b"rubbish" * 100, "a tar file of it is none, or is damaged"),
        ("", GOOD[:1600], "a tar file of it is cut off"),
        ("", images.tar(("hpcgen", "/etc")), ""),
        ("", images.tar(("hpcgen/manifest.json", "/etc/passwd")), "/usr/share/hpcgen/manifest.json in it is no regular file"),
        ("", images.tar(("hpcgen/other", b"x" * 200_000)), "the folder of its manifests is too large"),
    ],
)
def test_the_container_is_removed_whatever_happens(
    engine: Callable[[], Found], monkeypatch: pytest.MonkeyPatch, fails_at: str, archive: bytes, said: str
) -> None:
    """An engine that fails, or sends what is none, is an error, and the container that was made is removed all the same."""
    monkeypatch.setattr(Engine, "fails_at", fails_at)
    monkeypatch.setattr(Engine, "archive", archive)
    monkeypatch.setattr(daemons, "MOST", 100_000)
    if said:
        with pytest.raises(Unreachable) as refused:
            engine()
        assert said in f"{refused.value.sentence}\n{refused.value.help}"
    else:
        assert engine().manifests == ()
    assert any(line.startswith("DELETE /containers/made") for line in Engine.asked) == (fails_at not in ("/images", "/create"))


def test_nobody_at_an_address_is_said() -> None:
    """An address where no engine answers is an error with the operating system's reason."""
    with pytest.raises(Unreachable) as refused:
        inspect("osu:1", environ={"DOCKER_HOST": "tcp://127.0.0.1:9", "PATH": ""}, machine="x86_64")
    assert "the engine at tcp://127.0.0.1:9 does not answer: " in refused.value.help
    assert "Connection refused" in refused.value.help


PODMAN = """#!/bin/sh
PATH=/usr/bin:/bin; cd "$(dirname "$0")"; echo "$*" >> asked
case "$1 $2 $3" in
  *" $(cat fails) "*) echo "Error: the disk is full" >&2; exit 125 ;;
  "image exists "*) [ "$4" = osu:1 ] ;;
  "image inspect "*) cat about ;;
  create*) echo "some words"; echo made ;;
  cp*) if [ -e archive ]; then cat archive; else echo 'Error: "/usr/share/hpcgen" could not be found on container made' >&2; exit 125; fi ;;
  rm*) echo made ;;
esac
"""


@pytest.fixture
def podman(tmp_path: Path) -> Path:
    """A folder with a stand-in for podman."""
    (tmp_path / "podman").write_text(PODMAN, encoding="utf-8")
    (tmp_path / "podman").chmod(0o755)
    (tmp_path / "about").write_text(json.dumps([ABOUT]), encoding="utf-8")
    (tmp_path / "archive").write_bytes(GOOD)
    (tmp_path / "fails").write_text("nothing", encoding="utf-8")
    return tmp_path


def by_podman(folder: Path, image: str = "osu:1") -> Found:
    """What the stand-in says of an image."""
    return inspect(image, environ={"PATH": str(folder), "DOCKER_HOST": f"unix://{folder}/none.sock"}, machine="x86_64")


def test_podman_is_asked_where_docker_does_not_answer(podman: Path) -> None:
    """The program podman makes a container, sends the folder, and removes the container; it never starts or pulls."""
    assert shown(by_podman(podman)) == {"manifest.json": images.manifest()}
    assert (podman / "asked").read_text(encoding="utf-8").splitlines() == [
        "image exists -- osu:1",
        "image inspect -- osu:1",
        "create --pull=never --network=none -- osu:1 /hpcgen-inspect",
        "cp made:/usr/share/hpcgen -",
        "rm --volumes made",
    ]


@pytest.mark.parametrize(("fails", "said"), [("exists", "podman image says: the disk is full"), ("--pull=never", "podman create says: the disk is full"), ("made:/usr/share/hpcgen", "podman cp says: the disk is full")])
def test_podman_that_fails_is_said(podman: Path, fails: str, said: str) -> None:
    """What podman complains of is the error, and a container that was made is removed all the same."""
    (podman / "fails").write_text(fails, encoding="utf-8")
    with pytest.raises(Unreachable) as refused:
        by_podman(podman)
    assert said in refused.value.help
    assert ("rm --volumes made" in (podman / "asked").read_text(encoding="utf-8")) == fails.startswith("made:")


def test_what_podman_has_not_is_said(podman: Path) -> None:
    """An image that podman has not, a folder that an image has not and an answer that is none are told apart."""
    with pytest.raises(Unreachable) as refused:
        by_podman(podman, "other:1")
    assert refused.value.help.splitlines()[-1] == "podman has no such image"
    os.unlink(podman / "archive")
    assert by_podman(podman).manifests == ()
    (podman / "archive").write_bytes(b"rubbish" * 100)
    with pytest.raises(Unreachable, match="a tar file of it is none, or is damaged"):
        by_podman(podman)
    (podman / "about").write_text("rubbish", encoding="utf-8")
    with pytest.raises(Unreachable) as refused:
        by_podman(podman)
    assert "podman does not say what image 'osu:1' is" in refused.value.help
