"""Images that container engines hold, as the streams in which they give them away."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, cast

from hpcgen.auditing.faults import Unreadable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from hpcgen.auditing.inflating import Read

_CHUNK = 1 << 20
_TIMEOUT = 600
"""Seconds in which Docker must say something: it gathers an image before it sends the first byte."""


class NotThere(Exception):
    """An engine that cannot be reached, or has no such image; its text says which."""


@contextmanager
def docker(ref: str, platform: str, environment: Mapping[str, str]) -> Iterator[tuple[Read, int, str]]:
    """A stream of an image in Docker, how many bytes it will be (0: unknown), and what was asked.

    Raises:
        NotThere: Docker does not answer, or has no such image.
    """
    import docker as sdk
    from docker.errors import APIError, DockerException, ImageNotFound

    if absent := _absent(environment):
        raise NotThere(f"Docker: {absent}")
    try:
        client = sdk.DockerClient.from_env(environment=dict(environment), timeout=_TIMEOUT)
    except DockerException as fault:
        raise NotThere(f"Docker: {_reason(fault)}") from fault
    try:
        api = cast("Any", client.api)  # what is called of it has no types
        about = api.inspect_image(ref)
        words: dict[str, Any] = {"platform": _as_json(platform)} if platform else {}
        answer = api._get(api._url("/images/{0}/get", about["Id"]), params=words, stream=True)  # noqa: SLF001 (the SDK has no platform)
        api._raise_for_status(answer)  # noqa: SLF001
        yield _joined(answer.iter_content(_CHUNK)), int(about.get("Size") or 0), "docker save"
    except ImageNotFound as fault:
        raise NotThere("Docker has no such image") from fault
    except (APIError, DockerException, OSError) as fault:
        raise Unreadable(f"{ref}: Docker says: {_reason(fault)}") from fault
    finally:
        client.close()


def _absent(environment: Mapping[str, str]) -> str:
    """Why nobody needs to ask, or empty: where there is no socket the SDK leaves one of its own open."""
    kind, _, path = (environment.get("DOCKER_HOST") or "unix:///var/run/docker.sock").partition("://")
    return f"there is no {path}" if kind in ("unix", "http+unix") and not os.path.exists(path) else ""


def layers_in_docker(ref: str, environment: Mapping[str, str]) -> list[str]:
    """The diff_ids of an image in Docker, lowest first; none where there is none of that name.

    Raises:
        Unreadable: Docker does not answer.
    """
    import docker as sdk
    from docker.errors import DockerException, ImageNotFound

    if absent := _absent(environment):
        raise Unreadable(f"{ref}: Docker: {absent}")
    try:
        client = sdk.DockerClient.from_env(environment=dict(environment), timeout=_TIMEOUT)
        try:
            return list((cast("Any", client.api).inspect_image(ref).get("RootFS") or {}).get("Layers") or ())
        finally:
            client.close()
    except ImageNotFound:
        return []
    except (DockerException, OSError) as fault:
        raise Unreadable(f"{ref}: Docker: {_reason(fault)}") from fault


def _as_json(platform: str) -> str:
    import json

    system, _, rest = platform.partition("/")
    architecture, _, variant = rest.partition("/")
    return json.dumps({"os": system, "architecture": architecture} | ({"variant": variant} if variant else {}))


def _reason(fault: Exception) -> str:
    said = str(getattr(fault, "explanation", None) or fault).strip().splitlines()
    return said[0][:300] if said else type(fault).__name__


def _joined(chunks: Iterable[bytes]) -> Read:
    """Reads onwards through chunks."""
    source = iter(chunks)
    left = [memoryview(b"")]

    def read(size: int, /) -> bytes:
        while not left[0]:
            chunk = next(source, None)
            if chunk is None:
                return b""
            left[0] = memoryview(chunk)
        found, left[0] = bytes(left[0][:size]), left[0][size:]
        return found

    return read


@contextmanager
def podman(ref: str, platform: str, environment: Mapping[str, str]) -> Iterator[tuple[Read, int, str]]:
    """A stream of an image in Podman's store; arguments and faults as of `docker`."""
    import shutil
    import subprocess

    del platform  # its store holds one for a name
    program = shutil.which("podman", path=environment.get("PATH"))
    if program is None:
        raise NotThere("Podman is not installed")
    if subprocess.run((program, "image", "exists", "--", ref), env=dict(environment), capture_output=True, check=False).returncode:
        raise NotThere("Podman has no such image")
    words = (program, "image", "save", "--quiet", "--format", "docker-archive", "--", ref)
    with subprocess.Popen(words, env=dict(environment), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        try:
            yield process.stdout.read1, 0, "podman image save"  # type: ignore[attr-defined]  # a pipe has it
        except BaseException:
            process.kill()
            raise
        while process.stdout.read(_CHUNK):  # what stands behind the archive's end
            pass
        said = process.stderr.read().decode("utf-8", "replace").strip().splitlines()
        if process.wait():
            raise Unreadable(f"{ref}: Podman says: {said[-1] if said else f'status {process.returncode}'}")


ENGINES: dict[str, Callable[..., Any]] = {"docker": docker, "podman": podman}
"""Name -> what gives an image's stream."""
