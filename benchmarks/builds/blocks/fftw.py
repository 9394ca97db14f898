"""FFTW of the release that Debian 12 ships as it is."""

from hpcgen.block import option
from hpcgen.building_blocks import fftw as upstream


class fftw(upstream, closed=True):  # noqa: N801 (a block is named as a recipe writes it)
    """FFTW. https://www.fftw.org"""  # noqa: D415 (a block's homepage)

    version: str = option("3.3.10", "release to build")
