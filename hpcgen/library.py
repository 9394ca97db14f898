"""hpcgen as a library: recipe -> text, recipe -> graph, graph -> text. Nothing here is global: calls in several threads do not meet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hpcgen.loading.recipe import Request

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hpcgen.emitting.base import Rendered
    from hpcgen.graph.stages import StageGraph


def plan(
    file: str,
    *,
    userarg: Mapping[str, str] | None = None,
    arch: str | Sequence[str] = (),
    cpu_target: str = "",
    single_stage: bool = False,
    base: Mapping[str, str] | None = None,
    block_folders: Sequence[str] = (),
    text: str | None = None,
) -> StageGraph:
    """The stage graph of a recipe.

    Args:
        file: the recipe's path; files that it names lie beside it.
        userarg: values of USERARG.
        arch: `x86_64`, `aarch64`, or several of them; as the recipe says if not given.
        cpu_target: a microarchitecture that archspec knows, such as `zen4`.
        single_stage: the first stage alone.
        base: base map: image, registry or path in front of images -> what to use instead.
        block_folders: folders with further blocks.
        text: the recipe itself, where `file` is only its name.

    Raises:
        HpcgenError: what is wrong with the recipe, or `Several` of it.
    """
    from hpcgen.loading.loader import load
    from hpcgen.planning import plan_recipe

    request = Request(
        userarg=dict(userarg or {}),
        architectures=tuple(word for word in arch.split(",") if word) if isinstance(arch, str) else tuple(arch),
        cpu_target=cpu_target,
        single_stage=single_stage,
        bases=dict(base or {}),
        block_folders=tuple(block_folders),
    )
    return plan_recipe(load(str(file), request, text=text))


def emit(graph: StageGraph, format: str = "docker", *, dialect: str = "", mirror: str = "", singularity_version: str = "") -> Rendered:  # noqa: A002 (HPCCM's word)
    """A stage graph as text.

    Args:
        graph: of `plan`.
        format: `docker`, `singularity` or `bash`.
        dialect: of Dockerfiles: `docker` (23 and newer), `docker20`, `podman` (4.3), `podman5` (5.6), `portable`.
        mirror: URL or folder with the layout `<sha256>/<file name>` that sources are taken from first.
        singularity_version: of the reader of definition files.

    Raises:
        HpcgenError: what the format or dialect cannot say, with the recipe's line.
    """
    from hpcgen.emitting import emit_graph

    return emit_graph(graph, format, dialect=dialect, mirror=mirror, singularity_version=singularity_version)


def recipe(
    file: str,
    *,
    format: str = "docker",  # noqa: A002 (HPCCM's word)
    userarg: Mapping[str, str] | None = None,
    arch: str | Sequence[str] = (),
    cpu_target: str = "",
    single_stage: bool = False,
    base: Mapping[str, str] | None = None,
    block_folders: Sequence[str] = (),
    dialect: str = "",
    mirror: str = "",
    singularity_version: str = "",
) -> str:
    """A recipe as the text of a Dockerfile, definition file or shell script; arguments as of `plan` and `emit`."""
    graph = plan(file, userarg=userarg, arch=arch, cpu_target=cpu_target, single_stage=single_stage, base=base, block_folders=block_folders)
    return emit(graph, format, dialect=dialect, mirror=mirror, singularity_version=singularity_version).text


def blocks(folders: Sequence[str] = ()) -> tuple[str, ...]:
    """The names of all building blocks that can be found, sorted."""
    from hpcgen.block.finder import names

    return names(folders)
