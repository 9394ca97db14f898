"""Which GPUs an application is compiled for."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from hpcgen.errors import WrongValue

if TYPE_CHECKING:
    from hpcgen.block import Block, Place


def check_architectures(block: Block, names: tuple[str, ...]) -> None:
    """Raises for names of GPU architectures that are none."""
    for name in names:
        if not re.fullmatch(r"(sm_)?\d{2,3}", name):
            raise WrongValue(f"{block.name}: GPU architecture '{name}'", help="a GPU architecture is 80 or sm_90")


def architectures(block: Block, place: Place) -> tuple[str, ...]:
    """The GPUs that are compiled for, as `80`: the block's own choice, else those of the CUDA that it builds upon; none without CUDA."""
    cuda = place.partner(block, "cuda")
    if not cuda:
        return ()
    of_cuda: tuple[str, ...] = getattr(cuda.block, "architectures", ())
    own: tuple[str, ...] = getattr(block, "architectures", ())
    return tuple(dict.fromkeys(re.sub(r"\D", "", name) for name in own or of_cuda))


def lacks_part(block: Block, place: Place, *parts: str) -> bool:
    """Whether the recipe's CUDA lacks what any of these parts brings."""
    has = getattr(place.partner(block, "cuda").block, "parts", None)
    return has is not None and not set(parts).intersection(has)
