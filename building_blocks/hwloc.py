"""hwloc."""

from hpcgen.block import AutotoolsBlock, Exports, Leaves, Packages, Tarball, Upon, conflict, option, partner
from hpcgen.building_blocks._images import CUDA

LIBXML2 = Packages(
    dnf=("libxml2",),
    at={**dict.fromkeys(("debian", "ubuntu20.04", "ubuntu22.04", "ubuntu24.04"), ("libxml2",)), "ubuntu26.04": ("libxml2-16",)},
)
"""What a program that uses libxml2 needs."""


class hwloc(AutotoolsBlock, closed=True):
    """hwloc: the machine's processors, caches, memory and devices as a tree. https://www.open-mpi.org/projects/hwloc"""

    licence = "BSD-3-Clause"
    git = "https://github.com/open-mpi/hwloc.git"
    release = Tarball(
        "https://download.open-mpi.org/release/hwloc",
        "v{series}/hwloc-{version}.tar.gz",
        elsewhere={">=2.14": "v{series}/hwloc-{version}.tar.bz2"},  # the archives whose checksums collections agree on
        sha256={
            "2.15.0": "0084b926fff9a960ddbf175654db39054ed60afbb830d2039d8a60686ca06a7f",  # homebrew, public pins, debian
            "2.14.0": "966b9bb3e9f29f8d65ce8d106779e457f40e246a645e584b100772a42f9ae94b",  # homebrew, saphira, openembedded, public pins
            "2.13.0": "1514a5253f0a5c23bc006d3bdd30a6f6125c9a8dc9b5fa4984913d1fff45315d",  # conda, easybuild, spack
            "2.12.2": "ff7d309fdff7ceddfe15c1e79eaff25f3126a134f29f44d4e85571f187a6bab8",  # conda, spack
            "2.11.2": "866ac8ef07b350a6a2ba0c6826c37d78e8994dcbcd443bdd2b436350de19d540",  # conda, easybuild
            "2.10.0": "c7fd8a1404a9719c76aadc642864b9f77aed1dc1fc8882d6af861a9260ba240d",  # conda, easybuild, spack
            "2.9.3": "5985db3a30bbe51234c2cd26ebe4ae9b4c3352ab788b1a464c40c0483bf4de59",  # conan, conda, spack
            "2.8.0": "20b2bd4df436827d8e50f7afeafb6f967259f2fb374ce7330244f8d0ed2dde6f",  # conan, conda, easybuild, spack
            "2.7.1": "4cb0a781ed980b03ad8c48beb57407aa67c4b908e45722954b9730379bc7f6d5",  # conda, easybuild, spack, xmake
        },
    )
    # What configure would otherwise guess: displays, other vendors' GPUs, and details of disks that only lstopo shows.
    configure = (
        "--disable-static",
        "--disable-cairo",
        "--disable-gl",
        "--disable-opencl",
        "--disable-rsmi",
        "--disable-levelzero",
        "--disable-libudev",
    )
    leaves_out = ("share/doc/hwloc",)
    exports = Exports(bin="bin", include="include", lib="lib", pkgconfig="lib/pkgconfig")
    leaves = Leaves(opens=("lib/hwloc/*.so",))
    conflicts = (
        conflict(
            lambda hwloc, place: hwloc.at(">=2.5 <2.7.1"),
            "hwloc 2.5.0 to 2.7.0 changes environment variables under Slurm; 2.7.1 does not",
            name="R11",
            source="Slurm, MPI guide",
            level="warning",
        ),
    )

    version: str = option("2.15.0", "release to build")
    prefix: str = option("/usr/local/hwloc", "folder it is installed into")
    cuda: Upon = partner(
        "cuda",
        "NVIDIA's GPUs in the tree, by plugins that are only loaded where there is a driver",
        with_="--with-cuda={path} --enable-cuda --enable-nvml --enable-plugins=cuda,nvml",
        without="--disable-cuda --disable-nvml",
        toolchain="CUDA_HOME",
        images=CUDA,
    )
    pci: Upon = partner(
        "libpciaccess",
        "PCI devices by libpciaccess; without it they are read from /sys, without their vendors' names",
        default=False,
        system="--enable-pci",
        packages=Packages(apt=("libpciaccess-dev",), dnf=("libpciaccess-devel",)),
        runtime=Packages(apt=("libpciaccess0",), dnf=("libpciaccess",)),
    )
    libxml2: Upon = partner(
        "libxml2",
        "XML files by libxml2 instead of hwloc's own reader",
        default=False,
        system="--enable-libxml2",
        without="--disable-libxml2",
        packages=Packages(apt=("libxml2-dev",), dnf=("libxml2-devel",)),
        runtime=LIBXML2,
    )
