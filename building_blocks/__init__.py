"""The building blocks: one file a block, found by its name.

`from hpcgen.building_blocks import ucx` gives the class, before and after the block's module was imported, in any thread. A module and its class
share a name, and importing the module would put it in the class's place: this package takes the class out of the module instead. So the attribute
is always the class, and `from hpcgen.building_blocks.ucx import ucx` the same one; the module itself is `importlib.import_module`'s.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any


class _Material(ModuleType):
    """A package whose attribute for each of its modules is the module's block."""

    def __setattr__(self, name: str, value: Any) -> None:
        """Called by the import system when a module of this package is done; a module without a block of its name stays a module."""
        super().__setattr__(name, vars(value).get(name, value) if isinstance(value, ModuleType) else value)

    def __getattr__(self, name: str) -> Any:
        """A block that nobody has imported yet."""
        from importlib import import_module

        from hpcgen.block.finder import own

        if name == "__all__":
            return own()
        if name.startswith("_") or name not in own():
            raise AttributeError(f"there is no building block '{name}'", name=name, obj=self)
        return getattr(import_module(f"{self.__name__}.{name}"), name)

    def __dir__(self) -> list[str]:
        from hpcgen.block.finder import own

        return sorted({*super().__dir__(), *own()})


sys.modules[__name__].__class__ = _Material
