"""CMake from the release that Debian 12 ships as it is: its binaries are Kitware's alone."""

from hpcgen.block import Anything, option
from hpcgen.building_blocks import cmake as upstream


class cmake(upstream, closed=True):  # noqa: N801 (a block is named as a recipe writes it)
    """CMake, from source. https://cmake.org"""  # noqa: D415 (a block's homepage)

    version: str = option("3.25.1", "release to build")
    source: Anything = option(True, "build from source")
