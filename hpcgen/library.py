"""hpcgen as a library: recipe -> text, recipe -> graph, graph -> text. Nothing here is global: calls in several threads do not meet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hpcgen.loading.recipe import Request

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hpcgen.emitting.base import Rendered
    from hpcgen.graph.stages import StageGraph
    from hpcgen.planning.explaining import Explanation


def plan(
    file: str,
    *,
    userarg: Mapping[str, str] | None = None,
    arch: str | Sequence[str] = (),
    cpu_target: str = "",
    single_stage: bool = False,
    base: Mapping[str, str] | None = None,
    block_folders: Sequence[str] = (),
    allow: Sequence[str] = (),
    text: str | None = None,
) -> StageGraph:
    """The stage graph of a recipe: what it means, in the recipe's own order.

    Args:
        file: the recipe's path; files that it names lie beside it.
        userarg: values of USERARG.
        arch: `x86_64`, `aarch64`, or several of them; as the recipe says if not given.
        cpu_target: a microarchitecture that archspec knows, such as `zen4`.
        single_stage: the first stage alone.
        base: base map: image, registry or path in front of images -> what to use instead.
        block_folders: folders with further blocks.
        allow: names of rules that may be broken: what would be an error is a warning.
        text: the recipe itself, where `file` is only its name.

    Raises:
        HpcgenError: what is wrong with the recipe, or `Several` of it.
    """
    from hpcgen.loading.loader import load
    from hpcgen.planning import plan_recipe

    request = _request(
        userarg=userarg, arch=arch, cpu_target=cpu_target, single_stage=single_stage, base=base, block_folders=block_folders, allow=allow
    )
    return plan_recipe(load(str(file), request, text=text))


def explain(
    file: str,
    block: str,
    *,
    userarg: Mapping[str, str] | None = None,
    arch: str | Sequence[str] = (),
    cpu_target: str = "",
    single_stage: bool = False,
    base: Mapping[str, str] | None = None,
    block_folders: Sequence[str] = (),
    allow: Sequence[str] = (),
    linear: bool = False,
    text: str | None = None,
) -> tuple[Explanation, ...]:
    """Why the blocks of a name are as they are, in each stage of a recipe: flags, variables, packages and edges, each with its reasons.

    `block` is the block's name, or that of the stage that builds it; the other arguments are as of `plan` and `emit`.

    Raises:
        HpcgenError: what is wrong with the recipe, or that it has no such block.
    """
    from hpcgen.loading.loader import load
    from hpcgen.planning.explaining import explain as explained

    request = _request(
        userarg=userarg, arch=arch, cpu_target=cpu_target, single_stage=single_stage, base=base, block_folders=block_folders, allow=allow
    )
    return explained(load(str(file), request, text=text), block, linear=linear)


def _request(
    *,
    userarg: Mapping[str, str] | None,
    arch: str | Sequence[str],
    cpu_target: str,
    single_stage: bool,
    base: Mapping[str, str] | None,
    block_folders: Sequence[str],
    allow: Sequence[str],
) -> Request:
    """What a run is told, in the form that loading reads."""
    return Request(
        userarg=dict(userarg or {}),
        architectures=tuple(word for word in arch.split(",") if word) if isinstance(arch, str) else tuple(arch),
        cpu_target=cpu_target,
        single_stage=single_stage,
        bases=dict(base or {}),
        block_folders=tuple(block_folders),
        allow=tuple(allow),
    )


def split(graph: StageGraph) -> StageGraph:
    """A graph of `plan` as it is built by who builds stages side by side: each closed block in a stage of its own, named as the block."""
    from hpcgen.planning import arranged

    return arranged(graph, parallel=True)


def emit(
    graph: StageGraph,
    format: str = "docker",  # noqa: A002 (HPCCM's word)
    *,
    dialect: str = "",
    linear: bool = False,
    at_once: int = 0,
    ccache: bool = False,
    mirror: str = "",
    singularity_version: str = "",
) -> Rendered:
    """A stage graph as text.

    Args:
        graph: of `plan`, or of `split`.
        format: `docker`, `singularity` or `bash`.
        dialect: of Dockerfiles: `docker` (23 and newer), `docker20`, `podman` (4.3), `podman5` (5.6), `portable`.
        linear: the recipe's own stages alone, where closed blocks would get stages of their own.
        at_once: how many blocks are built at one time, those first that most others wait for; 0: as many as can be.
        ccache: compilers' results are kept in a cache mount, for dialects that have one.
        mirror: URL or folder with the layout `<sha256>/<file name>` that sources are taken from first.
        singularity_version: of the reader of definition files.

    Raises:
        HpcgenError: what the format or dialect cannot say, with the recipe's line.
    """
    from hpcgen.emitting import emit_graph, has_caches, is_parallel
    from hpcgen.errors import UsageError
    from hpcgen.planning import arranged

    if ccache and not has_caches(format, dialect):
        raise UsageError(f"ccache: {f'dialect {dialect}' if format == 'docker' else f'format {format}'} has no cache mounts")
    parallel = not linear and is_parallel(format, dialect)
    if at_once < 0 or (at_once and not parallel):
        what = "linear" if linear else f"dialect {dialect}" if format == "docker" else f"format {format}"
        raise UsageError(f"at_once={at_once}: {f'{what} builds one block after the other' if at_once > 0 else 'a number of blocks, 1 or more'}")
    graph = arranged(graph, parallel=parallel, at_once=at_once, ccache=ccache, format=format)
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
    allow: Sequence[str] = (),
    dialect: str = "",
    linear: bool = False,
    at_once: int = 0,
    ccache: bool = False,
    mirror: str = "",
    singularity_version: str = "",
) -> str:
    """A recipe as the text of a Dockerfile, definition file or shell script; arguments as of `plan` and `emit`."""
    graph = plan(
        file, userarg=userarg, arch=arch, cpu_target=cpu_target, single_stage=single_stage, base=base, block_folders=block_folders, allow=allow
    )
    return emit(
        graph, format, dialect=dialect, linear=linear, at_once=at_once, ccache=ccache, mirror=mirror, singularity_version=singularity_version
    ).text


def blocks(folders: Sequence[str] = ()) -> tuple[str, ...]:
    """The names of all building blocks that can be found, sorted."""
    from hpcgen.block.finder import names

    return names(folders)
