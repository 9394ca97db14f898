"""The compilers and flags that a build is told to use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hpcgen.errors import UnknownOption, WrongValue, did_you_mean

if TYPE_CHECKING:
    from hpcgen.block.block import Block

NAMES = (
    "CC",
    "CFLAGS",
    "CPPFLAGS",
    "CUDA_HOME",
    "CXX",
    "CXXFLAGS",
    "F77",
    "F90",
    "FC",
    "FCFLAGS",
    "FFLAGS",
    "FLIBS",
    "LDFLAGS",
    "LD_LIBRARY_PATH",
    "LIBS",
)


class Toolchain:
    """Compilers and flags by the names that configure takes; `vars()` of it gives those that are set, as HPCCM's does."""

    __slots__ = ("__dict__", "of")  # what is in a slot is not in vars()

    of: Block | None
    """The block whose compilers these are, if a block made them."""

    def __init__(self, **values: str) -> None:
        self.of = None
        for name, value in values.items():
            setattr(self, name, value)

    @classmethod
    def made_by(cls, block: Block, **values: str) -> Toolchain:
        """The compilers that a block gives."""
        made = cls(**values)
        made.of = block
        return made

    def __deepcopy__(self, memo: dict[int, Any]) -> Toolchain:
        copied = Toolchain(**dict(self.items()))
        copied.of = self.of
        return copied

    def __setattr__(self, name: str, value: Any) -> None:
        if name == "of":
            object.__setattr__(self, name, value)
            return
        if name not in NAMES:
            raise UnknownOption(f"toolchain has no '{name}'", help=did_you_mean(name, NAMES) or f"it has: {', '.join(NAMES)}")
        if value is not None and not isinstance(value, str):
            raise WrongValue(f"toolchain {name}={value!r} is a {type(value).__name__}", help="a toolchain's values are strings")
        object.__setattr__(self, name, value)

    def __getattr__(self, name: str) -> str | None:
        if name in NAMES:
            return None
        raise AttributeError(name)

    def items(self) -> tuple[tuple[str, str], ...]:
        """The values that are set, by name."""
        return tuple(sorted((name, value) for name, value in vars(self).items() if value))
