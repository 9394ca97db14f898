"""libevent."""

from hpcgen.block import AutotoolsBlock, Exports, Leaves, Packages, Tarball, Upon, option, partner

OPENSSL = Packages(
    dnf=("openssl-libs",),
    at={
        **dict.fromkeys(("debian11", "ubuntu20.04"), ("libssl1.1",)),
        **dict.fromkeys(("debian12", "ubuntu22.04"), ("libssl3",)),
        **dict.fromkeys(("debian13", "ubuntu24.04", "ubuntu26.04"), ("libssl3t64",)),
    },
)
"""What a program that uses OpenSSL needs."""


class libevent(AutotoolsBlock, closed=True):
    """libevent: event notification, on which PMIx and Open MPI build. https://libevent.org"""

    licence = "BSD-3-Clause"
    git = "https://github.com/libevent/libevent.git"
    release = Tarball(
        "https://github.com/libevent/libevent/releases/download",
        "release-{version}-stable/libevent-{version}-stable.tar.gz",
        sha256={
            "2.1.13": "f7e9383b8c0baa81b687e5b5eecc01beefaf1b19b64151d95ed61647fe7a315c",  # public pins, debian, buildroot
            "2.1.12": "92e6de1be9ec176428fd2367677e61ceffc2ee1cb119035037a27d346b0403bb",  # buildroot, easybuild, openembedded, spack, debian
            "2.1.11": "a65bac6202ea8c5609fd5c7e480e6d25de467ea1917c08290c521752f147283d",  # easybuild, openembedded, spack, yggdrasil
            "2.1.10": "e864af41a336bb11dab1a23f32993afe963c1f69618bd9292b89ecf6904845b0",  # openembedded, spack
        },
    )
    configure = ("--disable-static", "--disable-samples", "--disable-libevent-regress", "--disable-debug-mode", "--disable-doxygen-html")
    exports = Exports(bin="bin", include="include", lib="lib", pkgconfig="lib/pkgconfig", cmake=True)
    leaves = Leaves()

    version: str = option("2.1.13", "release to build")
    prefix: str = option("/usr/local/libevent", "folder it is installed into")
    openssl: Upon = partner(
        "openssl",
        "encrypted connections",
        default=False,
        without="--disable-openssl",
        system="--enable-openssl",
        packages=Packages(apt=("libssl-dev",), dnf=("openssl-devel",)),
        runtime=OPENSSL,
    )
