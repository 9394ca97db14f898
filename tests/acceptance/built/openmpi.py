"""Open MPI where the stage's own base image has it built: what it leaves for running is the same, and nothing is built again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hpcgen.block import Optional, option
from hpcgen.building_blocks import openmpi as upstream

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hpcgen.block.place import Place
    from hpcgen.graph.nodes import Node


class openmpi(upstream, closed=True):
    """Open MPI, built before. https://www.open-mpi.org"""

    sha256: Optional = option(None, "of nothing")

    def build(self, place: Place) -> Iterator[Node]:
        """Nothing."""
        return iter(())
