"""What a block may know of the place in the recipe that it stands at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hpcgen.errors import Conflict, Unreachable, did_you_mean
from hpcgen.frozen import field, frozen

if TYPE_CHECKING:
    from collections.abc import Callable

    from hpcgen.block.block import Block
    from hpcgen.target import Target


@frozen
class Partner:
    """How a block finds what it builds upon.

    Attributes:
        path: its prefix, empty where it is the distribution's or left out.
        system: whether it is the distribution's.
        block: the block of the recipe, if it is one.
    """

    path: str = ""
    system: bool = False
    block: Block | None = None

    def __bool__(self) -> bool:
        return bool(self.path) or self.system


@frozen
class Place:
    """A place in a stage, for one architecture.

    Attributes:
        target: the stage's distribution, with one architecture.
        before: the blocks that stand before it in the stage, by name; the nearest of a name wins.
        cpu_target: the microarchitecture asked for, or empty.
        read: gives the text of a file beside the recipe.
        warn: takes a sentence for the user.
    """

    target: Target
    before: dict[str, Block] = field(factory=dict)
    cpu_target: str = ""
    read: Callable[[str], str] = field(default=lambda name: _cannot_read(name))
    warn: Callable[[str], None] = field(default=lambda sentence: None)

    def partner(self, block: Block, name: str) -> Partner:
        """The partner that a block's option `name` means here."""
        one = block.options[name]
        value = getattr(block, name)
        if value is False:
            return Partner()
        if value is None or value is True:
            return self._recipes(block, name, needed=value is True)
        if value == "system":
            if one.switch is None or not one.switch.system:
                raise Conflict(f"{block.name} cannot use the distribution's {one.partner}", origin=block.origin, help=f"name a path or a block: {name}=...")
            return Partner(system=True)
        if isinstance(value, str):
            return Partner(value, block=next((other for other in self.before.values() if other.prefix == value), None))
        if value not in self.before.values():
            raise Conflict(f"{block.name} builds upon a {value.name} that is not in its stage before it", origin=block.origin, help="add the block to the stage first")
        return Partner(value.prefix, block=value)

    def _recipes(self, block: Block, name: str, *, needed: bool) -> Partner:
        wanted = block.options[name].partner
        found = self.before.get(wanted)
        if found is not None:
            return Partner(found.prefix, block=found)
        if needed:
            known = did_you_mean(wanted, self.before) or f"add {wanted}() before it, or say {name}='/its/prefix'"
            raise Conflict(f"{block.name}({name}=True), but its stage has no {wanted} before it", origin=block.origin, help=known)
        return Partner()


def _cannot_read(name: str) -> str:
    raise Unreachable(f"file '{name}': there is no recipe that it could stand beside")
