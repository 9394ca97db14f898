"""Open MPI."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hpcgen.block import (
    AutotoolsBlock,
    Exports,
    Leaves,
    MaybeBool,
    Packages,
    Tarball,
    Toolchain,
    Upon,
    because,
    built_upon_another,
    conflict,
    option,
    partner,
)
from hpcgen.block.compilers import gcc_version, has_language
from hpcgen.block.kinds import FLEX_PYTHON
from hpcgen.block.versions import holds
from hpcgen.building_blocks._companions import FABRIC, PMI, RDMA
from hpcgen.building_blocks._distributions import PMIX, flang_version, partner_is
from hpcgen.building_blocks._images import CUDA
from hpcgen.building_blocks._verbs import distributions_beside, shadowing
from hpcgen.frozen import evolve

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from hpcgen.block.leaving import Leavings
    from hpcgen.block.place import Place

_LEFT = (
    *("share/openmpi/*-wrapper-data.txt", "share/openmpi/doc", "bin/ortecc"),  # for the wrapper compilers
    *("bin/orte-clean", "bin/orte-info", "bin/prte_info"),  # ompi_info says the same
    *("lib/openmpi/libompi_dbg_*", "share/openmpi/*.supp", "etc/*totalview*"),  # for debuggers and valgrind
    *("lib/openmpi/mca_*_monitoring.so", "lib/openmpi/mca_pml_v.so", "lib/openmpi/mca_vprotocol_*"),  # counts messages, logs them: asked for by name
    *("lib/pmix/mca_bfrops_v12.so", "lib/pmix/mca_ptl_usock.so"),  # for servers of PMIx 1, which no Slurm that is kept up has
)
"""What only building, debugging and measuring need; `libraries` and what a program needs come all the same."""

_SUPPORT = "Open MPI docs, required support libraries"


class openmpi(AutotoolsBlock, closed=True):
    """Open MPI: message passing. https://www.open-mpi.org"""

    licence = "BSD-3-Clause"
    git = "https://github.com/open-mpi/ompi.git"
    provides = ("mpi",)
    languages = ("c", "c++")
    release = Tarball(
        "https://www.open-mpi.org/software/ompi",
        "v{series}/downloads/openmpi-{version}.tar.bz2",
        sha256={
            "5.0.11": "e668a3c4acd50c41dc204c8a6dd98a611e0f26af89cf677577fa9be8a2698003",  # homebrew, upstream list, public pins
            "5.0.10": "0acecc4fc218e5debdbcb8a41d182c6b0f1d29393015ed763b2a91d5d7374cc6",  # conda, easybuild, spack
            "5.0.9": "dfb72762531170847af3e4a0f21d77d7b23cf36f67ce7ce9033659273677d80b",  # spack, homebrew
            "5.0.8": "53131e1a57e7270f645707f8b0b65ba56048f5b5ac3f68faabed3eb0d710e449",  # conda, easybuild, spack
            "5.0.7": "119f2009936a403334d0df3c0d74d5595a32d99497f9b1d41e90019fee2fc2dd",  # conda, easybuild, spack, nixpkgs
            "5.0.6": "bd4183fcbc43477c254799b429df1a6e576c042e74a2d2f8b37d537b2ff98157",  # conda, easybuild, spack
            "5.0.5": "6588d57c0a4bd299a24103f4e196051b29e8b55fbda49e11d5b3d32030a32776",  # conda, spack
            "5.0.3": "990582f206b3ab32e938aa31bbf07c639368e4405dca196fabe7f0f76eeda90b",  # conda, easybuild, spack
            "5.0.2": "ee46ad8eeee2c3ff70772160bff877cbf38c330a0bc3b3ddc811648b3396698f",  # conda, easybuild, spack
            "5.0.1": "e357043e65fd1b956a47d0dae6156a90cf0e378df759364936c1781f1a25ef80",  # conda, easybuild, spack
            "5.0.0": "9d845ca94bc1aeb445f83d98d238cd08f6ec7ad0f73b0f79ec1668dbfdacd613",  # conda, spack
            "4.1.8": "466f68e3132a1dc02710cc2011fafced8336d98359fa2dae4dddcfd5719f12a9",  # buildroot, conan, spack
            "4.1.7": "54a33cb7ad81ff0976f15a6cc8003c3922f0f3d8ceed14e1813ef3603f22cd34",  # spack, public pins
            "4.1.6": "f740994485516deb63b5311af122c265179f5328a0d857a567b85db00b11e415",  # conan, conda, easybuild, spack
            "4.1.5": "a640986bc257389dd379886fdae6264c8cfa56bc98b71ce3ae3dfbd8ce61dbe3",  # buildroot, conda, easybuild, spack
            "4.1.4": "92912e175fd1234368c8730c03f4996fe5942e7479bb1d10059405e7f2b3930d",  # buildroot, conda, easybuild, spack
            "4.1.2": "9b78c7cf7fc32131c5cf43dd2ab9740149d9d87cadb2e2189f02685749a6b527",  # conda, easybuild, spack
            "4.0.5": "c58f3863b61d944231077f344fe6b4b8fbb83f3d1bc93ab74640bf3e5acac009",  # conda, spack
        },
    )
    build_packages = Packages(both=("file",), dnf=("perl",))
    autogen_packages = FLEX_PYTHON
    # What configure would otherwise guess: file systems, schedulers and networks that an image has no libraries of.
    configure = (
        *("--enable-shared", "--disable-static", "--disable-debug", "--disable-getpwuid", "--disable-mpi-java"),
        *("--with-slurm", "--with-cma", "--without-tm", "--without-lsf", "--without-alps"),
        *("--without-hcoll", "--without-psm2", "--without-portals4", "--without-memkind"),
        *("--without-lustre", "--without-gpfs", "--without-ime", "--without-pvfs2"),
    )
    configure_at = {
        "<5": ("--enable-orterun-prefix-by-default", "--without-psm", "--without-mxm", "--without-fca"),
        ">=5": ("--enable-prte-prefix-by-default", "--disable-sphinx", "--without-rocm"),
    }
    leaves_out = ("share/doc/openmpi",)  # 64 MB of HTML in 5.0
    exports = Exports(bin="bin", lib="lib", pkgconfig="lib/pkgconfig")
    # Wrapper compilers and what they read are for building; the rest of share/ are texts that its programs print (mca/base, help files).
    leaves = Leaves(
        programs=("bin/mpirun", "bin/mpiexec", "bin/ompi_info", "bin/orte*", "bin/prte*", "bin/prun*", "bin/pterm*", "bin/oshrun*"),
        opens=("lib/openmpi/*.so", "lib/pmix/*.so", "lib/prte/*.so"),
        data=("etc*", "share/openmpi", "share/pmix*", "share/prte*"),
        left=_LEFT,
    )
    companions = (*RDMA, *PMI, *FABRIC)
    runtime_packages = Packages(apt=("openssh-client",), dnf=("openssh-clients",))  # what mpirun starts processes on other hosts by
    conflicts = (
        conflict(
            lambda mpi, place: mpi.has_fortran(place) and flang_version(mpi, place) in range(1, 20),
            "flang before LLVM 20 does not build Open MPI's Fortran bindings: fortran=False leaves them out, gnu(cc=False, cxx=False) is gfortran",
            name="openmpi-flang-19",
            source="spack, openmpi",
        ),
        conflict(
            lambda mpi, place: mpi.at(">=5") and mpi.pmi not in (None, False),
            "Open MPI 5 has no PMI-1 and no PMI-2: processes find each other by PMIx",
            name="R1",
            source="Open MPI docs, launching with Slurm",
        ),
        conflict(
            lambda mpi, place: place.partner(mpi, "ucx").at(">=1.8 <1.9"),
            "Open MPI leaves UCX 1.8 out, for a catastrophic fault of it",
            name="R5",
            source="open-mpi/ompi issue 8321",
        ),
        conflict(
            lambda mpi, place: mpi.at(">=5") and place.partner(mpi, "ucx").at("<1.9"),
            "Open MPI 5 leaves UCX before 1.9 out",
            name="R5b",
            source="Open MPI, config/ompi_check_ucx.m4",
        ),
        distributions_beside("infiniband", "R15f"),
        shadowing("infiniband", "R14d"),
        conflict(
            lambda mpi, place: bool(place.partner(mpi, "pmix")) and not (place.partner(mpi, "hwloc") and place.partner(mpi, "libevent")),
            "a PMIx of its own brings a second hwloc and libevent into each process: name hwloc and libevent too, those that PMIx was built with",
            name="R12",
            source=_SUPPORT,
        ),
        conflict(
            lambda mpi, place: bool(place.partner(mpi, "prrte")) and not place.partner(mpi, "pmix"),
            "a PRRTE of its own brings a second PMIx into each process: name pmix too, the one that PRRTE was built with",
            name="R12b",
            source=_SUPPORT,
        ),
        conflict(
            lambda mpi, place: (
                built_upon_another(mpi, place, "pmix", "hwloc", "libevent") or built_upon_another(mpi, place, "prrte", "pmix", "hwloc", "libevent")
            ),
            "its PMIx or PRRTE was built with another hwloc, libevent or PMIx, so that two of one are in each process: name the same for all",
            name="R12c",
            source=_SUPPORT,
        ),
        conflict(
            lambda mpi, place: mpi.at("<4.1.6") and partner_is(mpi, place, "pmix", ">=4.2.3", PMIX),
            "Open MPI before 4.1.6 does not build with PMIx 4.2.3 or newer",
            name="R38b",
            source="Open MPI 4.1.6 NEWS",
        ),
        conflict(
            lambda mpi, place: mpi.at(">=5") and partner_is(mpi, place, "pmix", "<4.2.4", PMIX),
            "Open MPI 5 needs PMIx 4.2.4 or newer for the mpirun that it brings",
            name="R2",
            source="PRRTE 3.0, VERSION",
        ),
        conflict(
            lambda mpi, place: mpi.at(">=5.0.9 <6") and not place.partner(mpi, "prrte") and partner_is(mpi, place, "pmix", ">=6", PMIX),
            "the mpirun that Open MPI brings from 5.0.9 on does not take PMIx 6: take PMIx 5, or prrte of version 4 too",
            name="R3b",
            source="PRRTE 3.0.12, VERSION",
        ),
        conflict(
            lambda mpi, place: mpi.at(">=5") and place.partner(mpi, "hwloc").at(">=3"),
            "Open MPI 5 refuses hwloc 3",
            name="R10",
            source=_SUPPORT,
        ),
        conflict(
            lambda mpi, place: mpi.at("==4.1.7") and bool(place.partner(mpi, "cuda")),
            "Open MPI 4.1.7 does not build with CUDA; 4.1.8 does",
            name="R6",
            source="open-mpi/ompi issue 13005",
        ),
        conflict(
            lambda mpi, place: mpi.at("==5.0.6") and bool(place.partner(mpi, "cuda")) and holds(gcc_version(place), ">=14"),
            "Open MPI 5.0.6 does not compile its CUDA collectives with GCC 14; 5.0.7 does",
            name="R7",
            source="open-mpi/ompi issue 12924",
            level="warning",
        ),
        conflict(
            lambda mpi, place: mpi.at("==4.1.7") and mpi.oshmem,
            "Open MPI 4.1.7 has a wrong library version of OpenSHMEM: programs must be linked again with 4.1.8",
            name="R9",
            source="Open MPI 4.1.8 NEWS",
            level="warning",
        ),
    )

    version: str = option("5.0.11", "release to build")
    prefix: str = option("/usr/local/openmpi", "folder it is installed into")
    recursive: bool = option(True, "fetch the repository's submodules too")
    fortran: MaybeBool = option(None, "Fortran bindings; with them if the recipe has a Fortran compiler before, or in the toolchain")
    oshmem: bool = option(False, "OpenSHMEM too", on="--enable-oshmem", off="--disable-oshmem")
    ucx: Upon = partner("ucx", "communication by UCX", with_="--with-ucx={path}", without="--without-ucx")
    libfabric: Upon = partner(
        "libfabric",
        "communication by libfabric",
        with_="--with-ofi={path}",
        without="--without-ofi",
        system="--with-ofi",
        packages=Packages(apt=("libfabric-dev",), dnf=("libfabric-devel",)),
        runtime=Packages(apt=("libfabric1",), dnf=("libfabric",)),
    )
    infiniband: Upon = partner(
        "rdma",
        "InfiniBand by verbs; since 5.0 it comes by UCX alone",
        with_="--with-verbs={path}",
        without="--without-verbs",
        system="--with-verbs",
        packages=Packages(apt=("libibverbs-dev", "librdmacm-dev"), dnf=("rdma-core-devel",)),
        runtime=Packages(apt=("ibverbs-providers", "libibverbs1"), t64=("librdmacm1",), dnf=("libibverbs", "librdmacm")),
        versions="<5",
    )
    cuda: Upon = partner("cuda", "CUDA memory", with_="--with-cuda={path}", without="--without-cuda", toolchain="CUDA_HOME", images=CUDA)
    ucc: Upon = partner("ucc", "collectives by UCC", with_="--with-ucc={path}", without="--without-ucc")
    knem: Upon = partner("knem", "copies between processes by the KNEM kernel module", with_="--with-knem={path}", without="--without-knem")
    xpmem: Upon = partner("xpmem", "copies between processes by the XPMEM kernel module", with_="--with-xpmem={path}", without="--without-xpmem")
    pmix: Upon = partner(
        "pmix",
        "PMIx, instead of the one that it brings",
        with_="--with-pmix={path}",
        without="--with-pmix=internal",
        system="--with-pmix=external",
        packages=Packages(apt=("libpmix-dev",), dnf=("pmix-devel",)),
        runtime=Packages(t64=("libpmix2",), dnf=("pmix",)),
    )
    prrte: Upon = partner(
        "prrte", "PRRTE, instead of the one that it brings", with_="--with-prrte={path}", without="--with-prrte=internal", versions=">=5"
    )
    hwloc: Upon = partner(
        "hwloc",
        "hwloc, instead of the one that it brings",
        with_="--with-hwloc={path}",
        without="--with-hwloc=internal",
        system="--with-hwloc=external",
        packages=Packages(apt=("libhwloc-dev",), dnf=("hwloc-devel",), enable=("crb",)),
        runtime=Packages(apt=("libhwloc15",), dnf=("hwloc-libs",)),
    )
    libevent: Upon = partner(
        "libevent",
        "libevent, instead of the one that it brings",
        with_="--with-libevent={path}",
        without="--with-libevent=internal",
        system="--with-libevent=external",
        packages=Packages(apt=("libevent-dev",), dnf=("libevent-devel",)),
        runtime=Packages(t64=("libevent-core-2.1-7", "libevent-pthreads-2.1-7"), dnf=("libevent",)),
    )
    pmi: Upon = partner("slurm_pmi2", "PMI-2 of Slurm", default=False, with_="--with-pmi={path}", without="--without-pmi", versions="<5")
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
        versions=">=5",
    )

    def validate(self) -> None:
        """Makes the toolchain that later blocks may be given; HPCCM says 'internal' and 'external' as configure does."""
        super().validate()
        for name in ("hwloc", "libevent", "pmix", "prrte"):
            setattr(self, name, {"internal": False, "external": "system"}.get(getattr(self, name), getattr(self, name)))
        self.toolchain = Toolchain.made_by(self, CC="mpicc", CXX="mpicxx", F77="mpif77", F90="mpif90", FC="mpifort")

    def has_fortran(self, place: Place) -> bool:
        """Whether it gets Fortran bindings."""
        return has_language("fortran", self.compilers, place) if self.fortran is None else self.fortran

    def leavings(self) -> Leavings:
        """Before 5.0, mpirun ends without an agent for other hosts even where all ranks are its own, unless none is asked for."""
        return evolve(super().leavings(), unlaunched=(("OMPI_MCA_plm_rsh_agent", ""),) if self.at("<5") else ())

    def languages_needed(self, place: Place) -> Iterable[str]:
        """C and C++, and Fortran for its bindings."""
        return (*self.languages, *(("fortran",) if self.has_fortran(place) else ()))

    def choices(self, place: Place) -> Iterator[str]:
        """Its options' words, with what CUDA and Fortran need beside."""
        yield from super().choices(place)
        said = "by its compilers, as fortran is not given" if self.fortran is None else f"fortran={self.fortran}, as the recipe says"
        yield because(f"--enable-mpi-fortran={'yes' if self.has_fortran(place) else 'no'}", said)
        cuda = place.partner(self, "cuda")
        if cuda.path and self.at(">=5"):
            yield because(f"--with-cuda-libdir={cuda.path}/lib64/stubs", "with CUDA: the driver's library is not in an image")
        if cuda.path and self.at(">=5 <5.0.2"):
            words = "with CUDA: else its libraries need the driver's wherever they run (Open MPI docs, CUDA)"
            yield because("--enable-mca-dso=btl-smcuda,rcache-rgpusm,rcache-gpusm,accelerator-cuda", words)

    def autogen_commands(self) -> tuple[str, ...]:
        """What makes the configure scripts, its own and those of what it brings."""
        return ("./autogen.pl",)
