"""What loading gives: the stages of a recipe, and all that was asked for beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hpcgen.frozen import field, frozen

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hpcgen.loading.stage import Stage


@frozen
class Request:
    """What a run of hpcgen is told beside the recipe; nothing else is taken from the world.

    Attributes:
        userarg: the values of USERARG.
        architectures: asked for by name, empty: what the recipe says, else x86_64.
        cpu_target: a microarchitecture, or empty.
        format: what the recipe will be written as, for recipes that ask (`hpcgen.format`).
        singularity_version: of the definition file's reader.
        single_stage: emit the first stage alone.
        bases: base map: image or registry -> what to use instead.
        block_folders: folders with further blocks.
        allow: names of rules that may be broken.
    """

    userarg: Mapping[str, str] = field(factory=dict)
    architectures: tuple[str, ...] = ()
    cpu_target: str = ""
    format: str = "docker"
    singularity_version: str = ""
    single_stage: bool = False
    bases: Mapping[str, str] = field(factory=dict)
    block_folders: tuple[str, ...] = ()
    allow: tuple[str, ...] = ()


@frozen
class Loaded:
    """A recipe that ran.

    Attributes:
        file: the recipe as its user named it.
        folder: where its files lie.
        stages: those that hold something, in order of first use.
        request: what the run was told.
    """

    file: str
    folder: str
    stages: tuple[Stage, ...]
    request: Request
