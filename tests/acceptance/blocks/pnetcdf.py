"""PnetCDF from the tarball that Debian 12 ships: the repository's files, packed anew."""

from hpcgen.block import Tarball, option
from hpcgen.building_blocks import pnetcdf as upstream


class pnetcdf(upstream, closed=True):
    """PnetCDF, from Debian's tarball, which lacks the configure script. https://parallel-netcdf.github.io"""

    release = Tarball(
        "http://sources.invalid",
        "pnetcdf_{version}.orig.tar.xz",
        sha256={"1.12.3": "8f54023ffbbd3c8137e5422b44e32324113d5690f1da0cb7ecd5842c2de850a9"},
    )

    version: str = option("1.12.3", "release to build")
    autogen: bool = option(True, "make the configure script first")
