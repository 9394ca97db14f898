"""From the stage graph to text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hpcgen.errors import UsageError, did_you_mean

if TYPE_CHECKING:
    from hpcgen.emitting.base import Rendered
    from hpcgen.graph.stages import StageGraph

FORMATS = ("docker", "singularity", "bash")


def is_parallel(format: str, dialect: str = "") -> bool:  # noqa: A002
    """Whether who reads it builds stages side by side."""
    from hpcgen.emitting.dialects import dialect as named

    return format == "docker" and named(dialect).parallel


def has_caches(format: str, dialect: str = "") -> bool:  # noqa: A002
    """Whether who reads it keeps folders beside the image from build to build."""
    from hpcgen.emitting.dialects import dialect as named

    return format == "docker" and named(dialect).mounts


def emit_graph(graph: StageGraph, format: str, *, dialect: str = "", mirror: str = "", singularity_version: str = "") -> Rendered:  # noqa: A002
    """The graph in a format; only that format's emitter is imported."""
    if format == "docker":
        from hpcgen.emitting.dockerfile import Dockerfile

        return Dockerfile(dialect, mirror).emit(graph)
    if dialect:
        raise UsageError(f"dialect '{dialect}': only the docker format has dialects")
    if format == "singularity":
        from hpcgen.emitting.singularity import Definition

        return Definition(singularity_version, mirror).emit(graph)
    if format == "bash":
        from hpcgen.emitting.shell import Script

        return Script(mirror).emit(graph)
    raise UsageError(f"format '{format}'", help=did_you_mean(format, FORMATS) or f"formats: {', '.join(FORMATS)}")
