"""What each reader of Dockerfiles takes: a table, read by the emitter. Measured; docs/design/dialects.md has the evidence."""

from __future__ import annotations

from hpcgen.errors import UsageError, did_you_mean
from hpcgen.frozen import frozen


@frozen
class Dialect:
    """A reader of Dockerfiles.

    Attributes:
        name: as `--dialect` takes it.
        readers: which engines it is.
        mounts: `RUN --mount`.
        heredocs: `COPY <<` and `RUN <<`.
        link: `COPY --link`.
        chmod: `COPY --chmod`.
        expands: `${NAME:+words}`, and a dollar sign behind a backslash, in ENV.
        contexts: `--build-context`, by which a folder of sources is named.
        parallel: stages that do not need each other are built side by side, or, with Podman's `--jobs`, can be.
        dropped: instructions that change what an image does and that a reader drops with no more than a warning: refused.
        ignored: instructions that say how an image is started and that a reader passes over: said on every run.
    """

    name: str
    readers: str
    mounts: bool = True
    heredocs: bool = False
    link: bool = False
    chmod: bool = True
    expands: bool = True
    contexts: bool = True
    parallel: bool = True
    dropped: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()


NOT_IN_OCI = ("SHELL", "HEALTHCHECK")
"""What Podman's own image format cannot hold."""

DIALECTS = {
    one.name: one
    for one in (
        Dialect("docker", "Docker 23 and newer, buildx", heredocs=True, link=True),
        Dialect("docker20", "Docker 20.10 with DOCKER_BUILDKIT=1", contexts=False),
        Dialect("podman", "Podman 4.3, Buildah 1.28", dropped=NOT_IN_OCI),
        Dialect("podman5", "Podman 5.6, Buildah 1.41", heredocs=True, link=True, dropped=NOT_IN_OCI),
        Dialect(
            "portable",
            "Charliecloud's ch-image, Docker's legacy builder",
            mounts=False,
            chmod=False,
            expands=False,
            contexts=False,
            parallel=False,
            ignored=("USER", "VOLUME", "EXPOSE", "HEALTHCHECK", "STOPSIGNAL"),
        ),
    )
}
DEFAULT = "docker"


def dialect(name: str) -> Dialect:
    """A dialect by name, the default for an empty one."""
    found = DIALECTS.get(name or DEFAULT)
    if found is None:
        raise UsageError(f"dialect '{name}'", help=did_you_mean(name, DIALECTS) or f"dialects: {', '.join(DIALECTS)}")
    return found
