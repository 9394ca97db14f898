"""One construct, every format, one assertion."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import hpcgen
from hpcgen.errors import HpcgenError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hpcgen.emitting.base import Rendered
    from hpcgen.graph.stages import StageGraph

DIALECTS = ("docker", "docker20", "podman", "podman5", "portable")
FORMATS = (*DIALECTS, "singularity", "bash")
"""All that a recipe can be written as: a Dockerfile in each dialect, a definition file, a script."""

PATH = os.pathsep.join((os.path.dirname(sys.executable), os.environ.get("PATH", os.defpath)))
"""Where linters are looked for: those of this environment first."""


class Refused(str):
    """Words of the error that a format ends with."""

    __slots__ = ()


def graph(recipe: str, *, arch: str = "") -> StageGraph:
    """The graph of a recipe's lines; a base image is put above lines that name none."""
    text = recipe if "baseimage" in recipe else f"Stage0 += baseimage(image='debian:12')\n{recipe}"
    return hpcgen.plan("recipe.py", text=text, arch=arch)


def written(planned: StageGraph | str, name: str, *, mirror: str = "", singularity_version: str = "") -> Rendered:
    """A graph, or a recipe's lines, in one of FORMATS."""
    stages = graph(planned) if isinstance(planned, str) else planned
    if name in DIALECTS:
        return hpcgen.emit(stages, "docker", dialect=name, mirror=mirror)
    return hpcgen.emit(stages, name, mirror=mirror, singularity_version=singularity_version)


def refusal(planned: StageGraph | str, name: str, **options: str) -> HpcgenError:
    """The error that writing ends with."""
    try:
        text = written(planned, name, **options).text
    except HpcgenError as fault:
        return fault
    raise AssertionError(f"{name} was written without an error:\n{text}")


def everywhere(planned: StageGraph | str, expected: Mapping[str, str | Refused]) -> None:
    """Holds each format to what it must say of a construct.

    Args:
        planned: a graph, or a recipe's lines.
        expected: format -> text that is in the file, or the error's words. `dockers` stands for all dialects, `*` for all formats that are not named.
    """
    stages = graph(planned) if isinstance(planned, str) else planned
    for name in FORMATS:
        wish = next((expected[key] for key in (name, "dockers" if name in DIALECTS else name, "*") if key in expected), None)
        assert wish is not None, f"nothing is said of {name}"
        if isinstance(wish, Refused):
            said = str(refusal(stages, name))
            assert wish in said, f"{name} says: {said}"
        else:
            text = written(stages, name).text
            assert wish in text, f"{name} lacks {wish!r}:\n{text}"
