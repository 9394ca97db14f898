"""Images that an engine keeps: read out of a container that is made, never started, and removed again."""

from __future__ import annotations

import json
import os
import posixpath
import shutil
import socket
import subprocess
from contextlib import contextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING, Any

from hpcgen.engines.collecting import PIECE, BadImage, Budget, Found, is_manifest, platform, said, texts
from hpcgen.engines.layers import checked
from hpcgen.engines.tars import Chunks, Tar
from hpcgen.errors import Unreachable
from hpcgen.manifest import FOLDER

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

NO_COMMAND = "/hpcgen-inspect"
"""What the container would run, were it started: an image without a command needs one to be named."""
MOST = 512_000_000
"""Bytes that are read of the manifests' folder before it is given up."""
TIMEOUT = 60
"""Seconds after which an engine that does not answer is given up."""


def docker_hosts(environ: Mapping[str, str]) -> list[str]:
    """Where a Docker, or what speaks as it does, may be reached: DOCKER_HOST alone, else the sockets that are there."""
    if environ.get("DOCKER_HOST"):
        return [environ["DOCKER_HOST"]]
    places = ["/var/run/docker.sock"]
    if own := environ.get("XDG_RUNTIME_DIR"):
        places.append(f"{own}/docker.sock")
    return [f"unix://{place}" for place in places if os.path.exists(place)]


def docker(name: str, host: str, environ: Mapping[str, str]) -> Found | None:
    """What an image says of itself by Docker's interface, which Podman's service has too.

    Args:
        name: of the image.
        host: as in DOCKER_HOST.
        environ: where TLS is set, as in DOCKER_TLS_VERIFY and DOCKER_CERT_PATH.

    Returns:
        None where there is no such image.

    Raises:
        Unreachable: the engine does not answer, or not as it should.
    """
    from docker import DockerClient
    from docker.errors import APIError, DockerException, ImageNotFound
    from requests.exceptions import RequestException

    try:
        _knock(host)
        client = DockerClient.from_env(timeout=TIMEOUT, environment={**environ, "DOCKER_HOST": host}, use_ssh_client=True)
        try:
            return _by_docker(client.api, name)
        finally:
            client.close()
    except ImageNotFound:
        return None
    except APIError as fault:
        raise Unreachable(f"image '{name}': the engine at {host} says: {fault.explanation or fault}") from fault
    except (DockerException, RequestException, OSError) as fault:
        raise Unreachable(f"the engine at {host} does not answer: {_reason(fault)}") from fault


def _knock(host: str) -> None:
    """Raises the operating system's own error where nobody listens at a socket; the package leaves its own socket open then."""
    kind, _, path = host.partition("://")
    if kind == "unix":
        with socket.socket(socket.AF_UNIX) as stream:
            stream.connect(path)


def _reason(fault: BaseException) -> str:
    """The words of the operating system, where an error began with them."""
    begin: BaseException | None = fault
    while begin is not None:
        if isinstance(begin, OSError) and begin.strerror:
            return begin.strerror
        begin = begin.__cause__ or begin.__context__
    return str(fault)


def _by_docker(api: Any, name: str) -> Found:
    from docker.errors import NotFound
    from docker.utils import version_gte

    about = api.inspect_image(name)
    built_for = platform(about)
    options = {"platform": built_for} if built_for and version_gte(api.api_version, "1.41") else {}
    made = api.create_container(about["Id"], command=[NO_COMMAND], network_disabled=True, **options)
    try:
        pieces, _ = api.get_archive(made["Id"], f"/{FOLDER}")
        manifests = _of_tar(pieces)
    except NotFound:
        manifests = ()
    finally:
        api.remove_container(made["Id"], v=True, force=True)
    return _found("Docker image", about, manifests)


def _found(kind: str, about: Mapping[str, Any], manifests: tuple[tuple[str, bytes], ...]) -> Found:
    """What an engine's answer and the manifests come to."""
    names = about.get("RepoTags")
    facts = {
        "names": ", ".join(name for name in names if isinstance(name, str)) if isinstance(names, list) else "",
        "platform": platform(about),
        "created": said(about, "Created"),
        "digest": said(about, "Id"),
    }
    config = about.get("Config")
    labels = texts(config.get("Labels")) if isinstance(config, dict) else {}
    return Found(kind, {name: value for name, value in facts.items() if value}, labels, manifests)


def _of_tar(pieces: Iterator[bytes]) -> tuple[tuple[str, bytes], ...]:
    """The manifests of the folder that an engine sends as a tar file."""
    budget, found = Budget(), dict[str, bytes | None]()
    stream = Chunks(iter(pieces), MOST)
    tar = Tar(stream)
    for member in tar:
        folder, name = posixpath.split(member.path)
        if folder in ("", posixpath.basename(FOLDER)) and is_manifest(name):
            same = posixpath.basename(member.link) if member.kind == "link" else ""
            found[name] = found.get(same) if same else budget.read(tar) if member.kind == "file" else None
    while stream.read(PIECE):  # what is not read to its end leaves a connection open
        pass
    return checked(found)


def has_podman(environ: Mapping[str, str]) -> bool:
    """Whether there is a program `podman`."""
    return shutil.which("podman", path=environ.get("PATH", "")) is not None


def podman(name: str, environ: Mapping[str, str]) -> Found | None:
    """What an image says of itself by the program `podman`.

    Args:
        name: of the image.
        environ: what the program runs with.

    Returns:
        None where there is no such image.

    Raises:
        Unreachable: the program fails.
    """
    call = _Podman("podman", environ)
    if not call.has(name):
        return None
    try:
        about = json.loads(call("image", "inspect", "--", name))[0]
    except (ValueError, LookupError) as fault:
        raise Unreachable(f"podman does not say what image '{name}' is") from fault
    with call.container(name) as made:
        manifests = call.folder(made)
    return _found("Podman image", about, manifests)


class _Podman:
    """The program podman."""

    def __init__(self, program: str, environ: Mapping[str, str]) -> None:
        self._program = shutil.which(program, path=environ.get("PATH", "")) or program
        self._environ = dict(environ)

    def _run(self, *words: str) -> subprocess.CompletedProcess[str]:
        try:
            return subprocess.run(
                (self._program, *words),
                env=self._environ,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                encoding="utf-8",
                errors="replace",
                check=False,
            )
        except OSError as fault:
            raise Unreachable(f"podman cannot be run: {fault.strerror or fault}") from fault

    def __call__(self, *words: str) -> str:
        """What a command prints."""
        done = self._run(*words)
        if done.returncode:
            raise Unreachable(f"podman {words[0]} says: {_last(done.stderr) or f'exit status {done.returncode}'}")
        return done.stdout

    def has(self, name: str) -> bool:
        """Whether there is such an image."""
        done = self._run("image", "exists", "--", name)
        if done.returncode not in (0, 1):
            raise Unreachable(f"podman image says: {_last(done.stderr) or f'exit status {done.returncode}'}")
        return done.returncode == 0

    @contextmanager
    def container(self, name: str) -> Iterator[str]:
        """A container that is not started, as long as it is needed."""
        made = self("create", "--pull=never", "--network=none", "--", name, NO_COMMAND).split()[-1]
        try:
            yield made
        finally:
            self("rm", "--volumes", made)

    def folder(self, made: str) -> tuple[tuple[str, bytes], ...]:
        """The manifests in a container."""
        words = (self._program, "cp", f"{made}:/{FOLDER}", "-")
        with subprocess.Popen(words, env=self._environ, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            assert process.stdout is not None
            assert process.stderr is not None
            try:
                manifests = _of_tar(iter(partial(process.stdout.read, PIECE), b""))
            except BadImage:
                process.kill()
                raise
            complaint = process.stderr.read(PIECE).decode("utf-8", "replace")
        if process.returncode and not any(words in complaint for words in ("could not be found", "no such file", "does not exist")):
            raise Unreachable(f"podman cp says: {_last(complaint) or f'exit status {process.returncode}'}")
        return manifests


def _last(said_on_error: str) -> str:
    """The last line of what a program complains of."""
    with suppress(IndexError):
        return said_on_error.strip().splitlines()[-1].removeprefix("Error: ")
    return ""
