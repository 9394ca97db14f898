"""Each block's typical recipe, the one of its golden folder, on every target and architecture: planned once a process."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import hpcgen
from hpcgen.block.finder import own
from hpcgen.errors import HpcgenError
from hpcgen.target import ARCHITECTURES, known

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hpcgen.graph.stages import StageGraph

GOLDEN = Path(__file__).resolve().parents[1] / "building_blocks" / "golden"
"""Block -> the folder with its typical recipe."""
IMAGE = "site/base:1"


@cache
def planned(block: str, target: str, arch: str) -> StageGraph | HpcgenError:
    """The graph of a block's typical recipe on a target, or why it is refused."""
    try:
        return hpcgen.plan(str(GOLDEN / block / "recipe.py"), userarg={"image": IMAGE, "distro": target}, arch=arch)
    except HpcgenError as fault:
        return fault


def graphs(block: str) -> Iterator[tuple[str, str, StageGraph]]:
    """Target, architecture and graph, wherever a block's typical recipe is planned."""
    for target in known():
        for arch in ARCHITECTURES:
            found = planned(block, target, arch)
            if not isinstance(found, HpcgenError):
                yield target, arch, found


def blocks() -> tuple[str, ...]:
    """All blocks."""
    return own()
