"""XPMEM."""

from __future__ import annotations

from hpcgen.block import AutotoolsBlock, Exports, Leaves, Packages, Tarball, option


class xpmem(AutotoolsBlock, closed=True):
    """XPMEM: memory of other processes by a kernel module; here its library, the module is the host's. https://github.com/openucx/xpmem"""

    licence = "LGPL-2.1-or-later"
    git = "https://github.com/openucx/xpmem.git"  # hjelmn/xpmem, which HPCCM names, and hpc/xpmem have made no release since 2016
    languages = ("c", "c++")  # libtool's script asks for C++ although nothing is written in it
    # The tag packed anew (git archive, gzip -n) has each of these checksums.
    release = Tarball(
        "https://github.com/openucx/xpmem/archive",
        "v{version}.tar.gz",
        sha256={
            "2.7.4": "738c70041ce09dcc66b64d80aebc1479e779efe12a9c02217fba610e2ae61f18",  # a fork of spack, the tag
            "2.7.3": "97cabcea497117167fe8513a11f06c37b510057a4562104e1f533890c3ab1e8d",  # single: the tag
            "2.7.2": "883b6e737c29e6fbb48a4a415b483e1e4b1186d31854e4877e74392df4d21d82",  # single: the tag
            "2.7.1": "77462001b2a76aa20d71cb5dbbf300d781088630c2cc04580a9d52c587f9b713",  # single: the tag
        },
    )
    build_packages = Packages(both=("file",))
    configure = ("--disable-kernel-module", "--disable-static")
    configure_at = {">=2.7.2": ("--disable-gtest",)}
    leaves_out = ("etc",)  # udev's rules and an init script, for hosts
    exports = Exports(include="include", lib="lib", pkgconfig="lib/pkgconfig")
    leaves = Leaves()

    version: str = option("2.7.4", "release to build")
    prefix: str = option("/usr/local/xpmem", "folder it is installed into")
    autogen: bool = option(True, "make the configure script first, which releases lack")

    def validate(self) -> None:
        """A branch or commit alone is of the project's own repository, as HPCCM has it."""
        if (self.branch or self.commit) and not self.repository:
            self.repository = True
        super().validate()
