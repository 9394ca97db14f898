"""Which languages the libraries of a partner are for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hpcgen.block.before import Before
from hpcgen.frozen import evolve

if TYPE_CHECKING:
    from hpcgen.block import Block, Place


def has_fortran(block: Block, place: Place, name: str) -> bool | None:
    """Whether a partner of a block is built with Fortran, where it stood; None: it is no block that tells."""
    other = place.partner(block, name).block
    tells = getattr(other, "has_fortran", None)
    if other is None or not callable(tells):
        return None
    before = Before(place.before.blocks[: place.before.at(other)])  # compilers that come after it do not count
    return bool(tells(evolve(place, before=before, found={})))


def lacks_fortran(block: Block, place: Place, name: str) -> bool:
    """Whether a partner of a block is known to be built without Fortran."""
    return has_fortran(block, place, name) is False
