"""Finds blocks by name: the project's own by file name, others' by entry point or folder."""

from __future__ import annotations

import importlib
import os
import re
import sys
from typing import TYPE_CHECKING

from hpcgen.block.block import Block
from hpcgen.errors import BrokenBlock, Unreachable

if TYPE_CHECKING:
    from collections.abc import Iterable
    from importlib.metadata import EntryPoint

GROUP = "hpcgen.blocks"
"""The entry point group of blocks that other packages bring: name = "package.module:class"."""


def own() -> tuple[str, ...]:
    """The names of the project's own blocks, sorted."""
    import hpcgen.building_blocks as material

    names = {name.removesuffix(".py") for folder in material.__path__ for name in os.listdir(folder) if name.endswith(".py")}
    return tuple(sorted(name for name in names if not name.startswith("_")))


def is_own(name: str) -> bool:
    """Whether the project has a block of this name; looks for one file alone."""
    import hpcgen.building_blocks as material

    return not name.startswith("_") and any(os.path.isfile(os.path.join(folder, f"{name}.py")) for folder in material.__path__)


def find(name: str, folders: Iterable[str] = ()) -> type[Block] | None:
    """The block of this name, None if there is none; other packages are looked through only if it is not the project's own.

    Raises:
        BrokenBlock: its file cannot be imported or holds no block of its name.
    """
    for folder in folders:
        if os.path.isfile(os.path.join(folder, f"{name}.py")):
            return _of_file(name, os.path.join(folder, f"{name}.py"))
    if is_own(name):
        return _of_module(name, f"hpcgen.building_blocks.{name}")
    for point in _points():
        if point.name == name:
            return _of_point(point)
    return None


def brought_by(images: Iterable[str]) -> tuple[str, ...]:
    """The names of the project's own blocks that some base images are known to bring."""
    patterns: dict[str, str] = importlib.import_module("hpcgen.building_blocks._images").BRINGING
    known = tuple(images)
    return tuple(name for name, pattern in patterns.items() if any(re.search(pattern, image) for image in known))


def names(folders: Iterable[str] = ()) -> tuple[str, ...]:
    """The names of all blocks that can be found."""
    local = [entry.removesuffix(".py") for folder in folders for entry in _entries(folder) if entry.endswith(".py") and not entry.startswith("_")]
    return tuple(sorted({*own(), *local, *(point.name for point in _points())}))


def _entries(folder: str) -> list[str]:
    try:
        return os.listdir(folder)
    except OSError as fault:
        raise Unreachable(f"folder of blocks '{folder}': {fault.strerror or fault}") from fault


def _points() -> Iterable[EntryPoint]:
    from importlib.metadata import entry_points

    return entry_points(group=GROUP)


def _of_module(name: str, module: str) -> type[Block]:
    return _checked(name, getattr(importlib.import_module(module), name, None), module)


def _of_point(point: EntryPoint) -> type[Block]:
    try:
        return _checked(point.name, point.load(), point.value)
    except BrokenBlock:
        raise
    except Exception as fault:
        raise BrokenBlock(f"block '{point.name}' of {point.value} cannot be imported: {type(fault).__name__}: {fault}") from fault


def _of_file(name: str, path: str) -> type[Block]:
    import importlib.util

    module_name = f"hpcgen_blocks_{name}"
    spec = importlib.util.spec_from_file_location(module_name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[module_name] = module
    try:
        spec.loader.exec_module(module)
    except Exception as fault:
        raise BrokenBlock(f"block file '{path}' cannot be imported: {type(fault).__name__}: {fault}") from fault
    return _checked(name, getattr(module, name, None), path)


def _checked(name: str, found: object, where: str) -> type[Block]:
    if not isinstance(found, type) or not issubclass(found, Block):
        raise BrokenBlock(f"{where} holds no block named '{name}'", help=f"a block's file is named as its class: class {name}(Block)")
    return found
