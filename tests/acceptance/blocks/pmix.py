"""PMIx from the tarball that Debian 12 ships: the repository's files, packed anew, of 4.2.2rc2 as its VERSION says."""

from hpcgen.block import Tarball, option
from hpcgen.building_blocks import pmix as upstream


class pmix(upstream, closed=True):
    """PMIx, from Debian's tarball, which lacks the configure script. https://openpmix.github.io"""

    release = Tarball(
        "http://sources.invalid",
        "pmix_{version}.orig.tar.xz",
        sha256={"4.2.2": "4a534a8f87220c6f0d1b4b3195820f585ffaf3ceb8e21e40460d58439b81d47b"},
    )

    version: str = option("4.2.2", "release to build")
    autogen: bool = option(True, "make the configure script first")

    def autogen_commands(self) -> tuple[str, ...]:
        """The same behind Debian's mca-fix.patch: 4.2.2rc2 lacks an include."""
        include = '#include "src/mca/base/pmix_mca_base_vari.h"'
        return (f"sed -i '/pmix_show_help.h/a {include}' src/mca/base/pmix_mca_base_var.c", *super().autogen_commands())
