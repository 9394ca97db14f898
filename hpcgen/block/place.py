"""What a block may know of the place in the recipe that it stands at."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from hpcgen.block.before import Before
from hpcgen.errors import Conflict, Unreachable, did_you_mean
from hpcgen.frozen import field, frozen

if TYPE_CHECKING:
    from collections.abc import Callable

    from hpcgen.block.block import Block
    from hpcgen.block.options import Option
    from hpcgen.target import Target


@frozen
class Partner:
    """How a block finds what it builds upon.

    Attributes:
        path: its prefix, empty where it is the distribution's or left out.
        system: whether it is the distribution's.
        block: the block of the recipe, if it is one.
        of_image: whether the base image is known to bring it.
    """

    path: str = ""
    system: bool = False
    block: Block | None = None
    of_image: bool = False

    def __bool__(self) -> bool:
        return bool(self.path) or self.system

    def at(self, condition: str) -> bool:
        """Whether it is a block of the recipe whose version meets a condition: `<4.2.4`."""
        return self.block is not None and self.block.at(condition)

    @property
    def of_distribution(self) -> bool:
        """Whether it is the distribution's, and no block brings it: its packages are for whoever builds upon it to install."""
        return self.system and self.block is None

    @property
    def libraries(self) -> tuple[str, ...]:
        """The folders that its libraries lie in; empty for the distribution's own."""
        exports = self.block.exports if self.block is not None else None
        if not self.path:
            return ()
        return (f"{self.path}/{exports.lib}",) if exports and exports.lib else (f"{self.path}/lib", f"{self.path}/lib64")


@frozen
class Place:
    """A place in a stage, for one architecture.

    Attributes:
        target: the stage's distribution, with one architecture.
        before: the blocks that stand before it in the stage.
        cpu_target: the microarchitecture asked for, or empty.
        read: gives the text of a file beside the recipe.
        warn: takes a sentence for the user.
        image: the image that the stage starts from, or empty.
        allowed: tells, of a rule's name, by whom and why it may be broken here, or empty.
        found: the partners that were asked for already.
    """

    target: Target
    before: Before = field(factory=Before)
    cpu_target: str = ""
    image: str = field(default="", kw_only=True)
    read: Callable[[str], str] = field(factory=lambda: _cannot_read)
    warn: Callable[[str], None] = field(default=lambda _: None)
    allowed: Callable[[str], str] = field(default=lambda _: "", kw_only=True)
    found: dict[tuple[int, str], Partner] = field(factory=dict, eq=False, repr=False, kw_only=True)

    def partner(self, block: Block, name: str) -> Partner:
        """The partner that a block's option `name` means here; looked for once, though packages, flags and rules all ask."""
        key = (id(block), name)
        if key not in self.found:
            self.found[key] = self._partner(block, name)
        return self.found[key]

    def _partner(self, block: Block, name: str) -> Partner:
        value = getattr(block, name)
        if value is False or not block.has_choice(name):
            return self._left_out(block, name)
        if value is None or value is True:
            return self._recipes(block, name, needed=value is True)
        if value == "system":
            return self._checked(block, name, Partner(system=True))
        if isinstance(value, str):
            return self._checked(block, name, Partner(value.rstrip("/"), block=self.owner(value)))
        if not self.before.has(value):
            raise Conflict(
                f"{block.name} builds upon a {value.name} that is not in its stage before it",
                origin=block.origin,
                help="add the block to the stage first",
            )
        return self._checked(block, name, _of_block(value))

    def owner(self, path: str) -> Block | None:
        """The block before that a path belongs to: its prefix, or a folder within."""
        return self.before.owner(path)

    def provider(self, what: str) -> Block | None:
        """The nearest block before that has this name, or provides this."""
        return self.before.provider(what)

    def _recipes(self, block: Block, name: str, *, needed: bool) -> Partner:
        """The recipe's own: a block before, what the toolchain names, or what the base image brings."""
        one = block.options[name]
        found = self.provider(one.partner)
        if found is not None:
            return self._checked(block, name, _of_block(found))
        toolchain = getattr(block, "compilers", None)
        told = getattr(toolchain, one.toolchain) if toolchain and one.toolchain else ""
        path = told or self._in_image(one)
        if needed and not path:
            known = did_you_mean(one.partner, self.before) or f"add {one.partner}() before it, or say {name}='/its/prefix'"
            raise Conflict(f"{block.name}({name}=True), but its stage has no {one.partner} before it", origin=block.origin, help=known)
        if not path and one.switch and one.switch.needed:
            return self._checked(block, name, Partner(system=True))
        return Partner(path, block=self.owner(path) if path else None, of_image=bool(path) and not told)

    @staticmethod
    def _left_out(block: Block, name: str) -> Partner:
        """No partner, if the block can do without."""
        one = block.options[name]
        if one.switch and one.switch.needed:
            raise Conflict(f"{block.name} cannot be built without {one.partner}", origin=block.origin, help=f"leave {name} out, or say where it is")
        return Partner()

    def _in_image(self, one: Option) -> str:
        """Where the base image is known to have a partner, or empty."""
        return one.images[1] if one.images and re.search(one.images[0], self.image) else ""

    @staticmethod
    def _checked(block: Block, name: str, partner: Partner) -> Partner:
        """The partner, if the block has words for its kind."""
        one = block.options[name]
        if partner.system and not (one.switch and one.switch.system):
            raise Conflict(
                f"{block.name} cannot use the distribution's {one.partner}", origin=block.origin, help=f"name a path or a block: {name}=..."
            )
        if partner.path and one.switch and one.switch.system and not one.switch.with_:
            raise Conflict(f"{block.name} takes {name} from the distribution alone", origin=block.origin, help=f"say {name}='system', or False")
        return partner


def _of_block(block: Block) -> Partner:
    """A block as a partner; one without a prefix puts its files where the distribution has its own."""
    return Partner(block.prefix, system=not block.prefix, block=block)


def _cannot_read(name: str) -> str:
    raise Unreachable(f"file '{name}': there is no recipe that it could stand beside")
