"""PMIx."""

from hpcgen.block import AutotoolsBlock, Exports, Leaves, Packages, Tarball, Upon, conflict, option, partner
from hpcgen.block.kinds import FLEX_PYTHON


class pmix(AutotoolsBlock, closed=True):
    """PMIx: how the processes of a parallel program find each other, by mpirun or by Slurm. https://openpmix.github.io"""

    licence = "BSD-3-Clause-Open-MPI"
    git = "https://github.com/openpmix/openpmix.git"
    release = Tarball(
        "https://github.com/openpmix/openpmix/releases/download",
        "v{version}/pmix-{version}.tar.bz2",
        sha256={
            "6.1.0": "bb9021c8e100a376f5070ecca727f83a29b5f652dfe381793b88daa79a3b98a2",  # easybuild, spack, yggdrasil, homebrew
            "6.0.0": "bfe969966d0ce82e032739cac286239bd5ad74a831d7adae013284919f125318",  # easybuild, spack, yggdrasil
            "5.0.11": "e10baa9821882140ebd134051702d65b1561fe91954d3978f7ea2c4e4cd36e7f",  # single: homebrew
            "5.0.10": "78663f6b932589d68e24feaf7f8a948d60be68d91965f3effbacb4cd88cf9a95",  # spack, homebrew, public pins
            "5.0.9": "38d0667636e35a092e61f97be2dd84481f4cf566bfca11bb73c6b3d5da993b7a",  # spack, homebrew
            "5.0.8": "bf5f0a341d0ec7f465627a7570f4dcda3b931bc859256428a35f6c72f13462d0",  # easybuild, spack
            "5.0.6": "ea51baa0fdee688d54bc9f2c11937671381f00de966233eec6fd88807fb46f83",  # easybuild, spack
            "5.0.5": "a12e148c8ec4b032593a2c465a762e93c43ad715f3ceb9fbc038525613b0c70d",  # easybuild, spack
            # 5.0.3 was published twice, with two checksums.
            "5.0.2": "28227ff2ba925da2c3fece44502f23a91446017de0f5a58f5cea9370c514b83c",  # easybuild, spack
            "5.0.1": "d4371792d4ba4c791e1010100b4bf9a65500ababaf5ff25d681f938527a67d4a",  # easybuild, spack
            "4.2.9": "6b11f4fd5c9d7f8e55fc6ebdee9af04b839f44d06044e58cea38c87c168784b3",  # spack, yggdrasil
            "4.2.7": "ac9cf58a0bf01bfacd51d342100234f04c740ec14257e4492d1dd0207ff2a917",  # spack, yggdrasil
            "4.2.6": "10b0d5a7fca70272e9427c677557578ac452cea02aeb00e30dec2116d20c3cd0",  # easybuild, spack
            "4.2.4": "c4699543f2278d3a78bdac72b4b2da9cd92d11d18478d66522b8991764b021c8",  # easybuild, spack
            "4.2.2": "935b2f492e4bc409017f1425a83366aa72a7039605ea187c9fac7bb1371cd73c",  # easybuild, spack
        },
    )
    build_packages = Packages(both=("file",), dnf=("perl",))
    autogen_packages = FLEX_PYTHON
    # What configure would otherwise guess, in the versions that look for it.
    configure = ("--enable-shared", "--disable-static", "--disable-debug", "--disable-python-bindings", "--without-tests-examples")
    configure_at = {
        "<6": ("--without-libev",),
        "<5.0.5": ("--without-lustre", "--without-alps", "--without-curl", "--without-jansson"),
        "<5.0.2": ("--without-tm",),
        ">=4.2.3": ("--disable-sphinx",),
        ">=5.0.5": ("--without-zlibng",),
        ">=6": ("--without-curl", "--without-jansson"),
        ">=6.1": ("--without-smtp",),
    }
    leaves_out = ("share/doc/pmix",)
    exports = Exports(bin="bin", include="include", lib="lib", pkgconfig="lib/pkgconfig")
    leaves = Leaves(opens=("lib/pmix/*.so",), data=("etc*", "share/pmix*"))
    conflicts = (
        conflict(
            lambda pmix, place: pmix.at(">=4.2.5") and place.partner(pmix, "hwloc").at(">=3"),
            "PMIx from 4.2.5 on refuses hwloc 3",
            name="R10b",
            source="PMIx 4.2.5, config/pmix_setup_hwloc.m4",
        ),
    )

    # Not the newest: what Open MPI's own mpirun takes (R3b), and what each Slurm since 22.05 serves; PMIx 6 wants Slurm 25.05.
    version: str = option("5.0.10", "release to build")
    prefix: str = option("/usr/local/pmix", "folder it is installed into")
    hwloc: Upon = partner(
        "hwloc",
        "the machine's topology; the distribution's if the recipe has none",
        needed=True,
        with_="--with-hwloc={path}",
        system="--with-hwloc",
        packages=Packages(apt=("libhwloc-dev",), dnf=("hwloc-devel",), enable=("crb",)),
        runtime=Packages(apt=("libhwloc15",), dnf=("hwloc-libs",)),
    )
    libevent: Upon = partner(
        "libevent",
        "its events; the distribution's if the recipe has none",
        needed=True,
        with_="--with-libevent={path}",
        system="--with-libevent",
        packages=Packages(apt=("libevent-dev",), dnf=("libevent-devel",)),
        runtime=Packages(t64=("libevent-core-2.1-7", "libevent-pthreads-2.1-7"), dnf=("libevent",)),
    )
    zlib: Upon = partner(
        "zlib",
        "compression of what processes tell each other at the start; without it PMIx warns at each run",
        default="system",
        with_="--with-zlib={path}",
        without="--without-zlib",
        system="--with-zlib",
        packages=Packages(apt=("zlib1g-dev",), dnf=("zlib-devel",)),
        runtime=Packages(apt=("zlib1g",), dnf=("zlib",)),
    )
    munge: Upon = partner(
        "munge",
        "for a Slurm that lets processes meet by MUNGE alone",
        default=False,
        with_="--with-munge={path}",
        without="--without-munge",
        system="--with-munge",
        packages=Packages(apt=("libmunge-dev",), dnf=("munge-devel",), enable=("crb",)),
        runtime=Packages(apt=("libmunge2",), dnf=("munge-libs",)),
    )

    def autogen_commands(self) -> tuple[str, ...]:
        """What makes the configure script."""
        return ("./autogen.pl",)
