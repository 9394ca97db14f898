"""PRRTE."""

from hpcgen.block import AutotoolsBlock, Exports, Leaves, Packages, Tarball, Upon, built_upon_another, conflict, option, partner
from hpcgen.block.kinds import FLEX
from hpcgen.building_blocks._companions import PMI
from hpcgen.building_blocks._distributions import PMIX, partner_is


class prrte(AutotoolsBlock, closed=True):
    """PRRTE: starts the processes of a parallel program on all hosts; the mpirun of Open MPI 5 is it. https://docs.prrte.org"""

    licence = "BSD-3-Clause-Open-MPI"
    git = "https://github.com/openpmix/prrte.git"
    release = Tarball(
        "https://github.com/openpmix/prrte/releases/download",
        "v{version}/prrte-{version}.tar.bz2",
        sha256={
            "4.1.0": "285ad62b670075708b9fcfe14c54baa599733bc274d10502a82e8eebba0b7c70",  # easybuild, spack, yggdrasil, homebrew
            "4.0.0": "3c2ec961e0ba0c99128c7bf3545f4789d55a85a70ce958e868ae5e3db6ed4de4",  # conda, easybuild, spack
            "3.0.14": "c3d8e8f79d7498dd18bb0e3fd5a2b761922c3e1e67b94a23d3ae6c4b6f8e8d0e",  # single: homebrew
            "3.0.13": "635a546b3d3cfa587f4122bfaa0038df07b56381ffd649e57b089893712fa231",  # single: spack
            "3.0.12": "5ee344c1ef915e48d93c5c7bb77f0a7d47f3e4aec9bc5069e67d1dccadd91968",  # single: spack
            "3.0.11": "37af5a82d333a54c0bac358f06c194427b7dbfa7b8b85f2ddd1145acf71cfdd4",  # conda, easybuild, spack
            "3.0.10": "f5525d88937a5664ab5248a7c05e9ee51389937cd0993398e8270ed5cf53d638",  # conda, spack
            "3.0.9": "29766b5c81faa6320625ab0670a0b24b2b75f5cf1abe4aa7f3bad56487a6a7e1",  # conda, spack
            "3.0.8": "e798192fa0ab38172818a109a6c89bcc37e4b1123ca150d8c115dee5231750de",  # conda, easybuild, spack
            "3.0.7": "dbcaa3aa9fdcbd20a4320d21d569472b05c0203d0d24aa9c30912e214f758322",  # conda, spack
            "3.0.5": "75ce732b02f3bc7eff5e51b81469e4373f1effc6a42d8445e2935d3670e58c8e",  # easybuild, spack
        },
    )
    build_packages = Packages(both=("file",), dnf=("perl",))
    autogen_packages = FLEX
    # What configure would otherwise guess: schedulers that an image has no libraries of. Slurm needs none.
    configure = (
        *("--enable-shared", "--disable-static", "--disable-debug", "--disable-sphinx", "--disable-getpwuid", "--enable-prte-prefix-by-default"),
        *("--without-libev", "--with-slurm", "--without-tm", "--without-pbs", "--without-lsf", "--without-sge"),
    )
    configure_at = {"<3.0.11": ("--without-alps",), ">=4": ("--without-pals",)}
    leaves_out = ("share/doc/prrte",)
    exports = Exports(bin="bin", include="include", lib="lib", pkgconfig="lib/pkgconfig")
    leaves = Leaves(
        programs=("bin/prte*", "bin/prun*", "bin/pterm*"), opens=("lib/prte/*.so",), data=("etc*", "share/prte*"), left=("bin/prte_info",)
    )
    companions = PMI
    runtime_packages = Packages(apt=("openssh-client",), dnf=("openssh-clients",))  # what it starts processes on other hosts by
    conflicts = (
        conflict(
            lambda prrte, place: prrte.at(">=3.0.1 <4") and partner_is(prrte, place, "pmix", "<4.2.4", PMIX),
            "PRRTE 3 needs PMIx 4.2.4 or newer",
            name="R2b",
            source="PRRTE 3.0.1, VERSION",
        ),
        conflict(
            lambda prrte, place: prrte.at(">=3.0.12 <4") and partner_is(prrte, place, "pmix", ">=6", PMIX),
            "PRRTE 3 does not take PMIx 6 from 3.0.12 on: take PRRTE 4, or PMIx 5",
            name="R3",
            source="PRRTE 3.0.12, VERSION",
        ),
        conflict(
            lambda prrte, place: (
                (prrte.at(">=4") and partner_is(prrte, place, "pmix", "<6", PMIX))
                or (prrte.at(">=4.1") and partner_is(prrte, place, "pmix", "<6.1", PMIX))
            ),
            "PRRTE 4.0 needs PMIx 6.0, and PRRTE 4.1 needs PMIx 6.1, or newer",
            name="R4",
            source="PRRTE 4.0 and 4.1, VERSION",
        ),
        conflict(
            lambda prrte, place: place.partner(prrte, "hwloc").at(">=3"),
            "PRRTE refuses hwloc 3",
            name="R10c",
            source="PRRTE 3.0, config/prte_setup_hwloc.m4",
        ),
        conflict(
            lambda prrte, place: built_upon_another(prrte, place, "pmix", "hwloc", "libevent"),
            "its PMIx was built with another hwloc or libevent, so that two of one are in each process: name those that PMIx was built with",
            name="R12d",
            source="Open MPI docs, required support libraries",
        ),
    )

    # Not the newest: what goes with the PMIx that is not the newest either, of those that collections agree on.
    version: str = option("3.0.11", "release to build")
    prefix: str = option("/usr/local/prrte", "folder it is installed into")
    pmix: Upon = partner(
        "pmix",
        "how the processes find each other; the distribution's if the recipe has none",
        needed=True,
        with_="--with-pmix={path}",
        system="--with-pmix",
        packages=Packages(apt=("libpmix-dev",), dnf=("pmix-devel",)),
        runtime=Packages(t64=("libpmix2",), dnf=("pmix",)),
    )
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

    def autogen_commands(self) -> tuple[str, ...]:
        """What makes the configure script."""
        return ("./autogen.pl",)
