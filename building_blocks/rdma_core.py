"""rdma-core."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hpcgen.block import CMakeBlock, Exports, Leaves, Packages, Tarball, because, option
from hpcgen.building_blocks._companions import RDMA
from hpcgen.building_blocks._verbs import one_release

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hpcgen.block.place import Place


class rdma_core(CMakeBlock, closed=True):
    """rdma-core: verbs, the library of InfiniBand and RoCE, with the providers of all makers' devices. https://github.com/linux-rdma/rdma-core"""

    licence = "GPL-2.0-only OR Linux-OpenIB"
    git = "https://github.com/linux-rdma/rdma-core.git"
    provides = ("rdma",)
    # The tag packed anew (git archive, gzip -n) has each of these checksums.
    release = Tarball(
        "https://github.com/linux-rdma/rdma-core/archive",
        "v{version}.tar.gz",
        sha256={
            "64.0": "578ee82131b5aba9bbadaebaa624d2e873ec4103aac712ced74aedcae7bab0da",  # single: the tag
            "63.1": "d1bb53261b1c0ceeeb2d659a88a5b7b38f6a012550e4fea1f39385a7be4b1556",  # single: the tag
            "62.0": "7e2db2cb97b18047a40a4054159f64e588801bcece9d5dd9be2c4aca8909f6b5",  # buildroot, the tag
            "60.2": "82695301781e05d11bb2f3c510dcc19e5bdf2ceb3b192570a13b33785289fcbe",  # single: the tag
            "58.2": "29e19b9a3fc6c2675b60ce6b47565e7dfdb7f93addb9b8334a4043faac3eb6d0",  # single: the tag
            "57.0": "b4ee5100b4e1bc5d4491df6a8ac033d8608ee8a30204c5b54ee7674336a09e8a",  # conda, the tag
            "56.1": "0ebac5735bc38cafeba28a3124566b56606f11a8462c794411858efa7b407be0",  # conda, the tag
            "55.0": "a02d128974055ffa92577e4d3889213ac180a79f05b077aeb884bafb6b46e957",  # conda, the tag
            "54.0": "2c842d80964e6c24994cef33508f26bcb06042b70643115a9d28619dc2b96f42",  # conda, the tag
            "53.0": "06436548dadb67e8becdb524451444bf4a50d123b1777f98293d79cfc79ec341",  # conda, the tag
            "52.0": "05e111f560b7c5bef1a208880a3d94eb2e7f1ad484bf916a81780d2fde5d3dcc",  # conda, the tag
            "51.1": "8f641368c6963773a8ea9f9cb1008c8bf5d5c8afd92118c66f17a890f69113fa",  # conda, the tag
            "50.0": "ecb866caaec7ce13f40074c769860f9c36c3a37a70913c5218217e3293d7cb11",  # conda, the tag
            "44.0": "4a2eec55b37ac25f25e7680a372f71c1781c23808542bd31fb68dc0448b8cba2",  # single: the tag
            "31.2": "33d4c9f96e9bdf7677b572e04dedeb2d004e22ed4218cad6ba6051b6e841da65",  # single: the tag
            "28.9": "899761740efc45642ab3bc78e48b73374ce8cd17fcc9155ca44d358a94684b29",  # conda, the tag
        },
    )
    build_packages = Packages(both=("python3",), apt=("libnl-3-dev", "libnl-route-3-dev", "pkg-config"), dnf=("libnl3-devel", "pkgconf-pkg-config"))
    # What CMake would otherwise guess: manual pages, Python, and what is for the host that has the devices.
    configure = (
        *("-DNO_MAN_PAGES=1", "-DNO_PYVERBS=1", "-DENABLE_STATIC=0", "-DENABLE_VALGRIND=0", "-DENABLE_RESOLVE_NEIGH=1"),
        *("-DCMAKE_DISABLE_FIND_PACKAGE_UDev=ON", "-DCMAKE_DISABLE_FIND_PACKAGE_Systemd=ON", "-DCMAKE_INSTALL_RUNDIR=/run"),
    )
    configure_at = {"<39": ("-DCMAKE_POLICY_VERSION_MINIMUM=3.5",), ">=62": ("-DTRACING=None",)}
    exports = Exports(bin="bin", include="include", lib="lib", pkgconfig="lib/pkgconfig", cmake=True)
    # The library reads names of providers below its own prefix, and opens the providers of its own release there.
    leaves = Leaves(programs=("bin/ibv_devices", "bin/ibv_devinfo"), opens=("lib/libibverbs/*.so",), data=("etc/libibverbs.d",))
    companions = RDMA
    runtime_packages = Packages(apt=("libnl-3-200", "libnl-route-3-200"), dnf=("libnl3",))
    conflicts = (one_release("R15d"),)

    version: str = option("64.0", "release to build")
    prefix: str = option("/usr/local/rdma-core", "folder it is installed into")

    def choices(self, place: Place) -> Iterator[str]:
        """Its options' words, where its libraries find each other, and a folder that it would have outside its prefix."""
        yield from super().choices(place)
        yield because(f"-DCMAKE_INSTALL_RPATH={self.prefix}/lib", "so that a provider never meets the distribution's libibverbs")
        if self.at(">=63"):
            yield because(f"-DSYSUSERS_DIR={self.prefix}/lib/sysusers.d", "else it installs into the distribution's own folder")
