"""MPICH."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from hpcgen.block import (
    AutotoolsBlock,
    Exports,
    Leaves,
    MaybeBool,
    Optional,
    Packages,
    Tarball,
    Toolchain,
    Upon,
    because,
    conflict,
    option,
    partner,
)
from hpcgen.block.compilers import gcc_version, has_language
from hpcgen.block.versions import holds
from hpcgen.building_blocks._companions import FABRIC, PMI, RDMA
from hpcgen.building_blocks._images import CUDA
from hpcgen.quoting import sh

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from hpcgen.block.options import Switch
    from hpcgen.block.place import Place

NETMODS = {"ucx": "ucx", "libfabric": "ofi"}
"""Option -> what the ch4 device calls it."""

_DEVICE = "--with-device="
_OWN_FLAGS = ("CFLAGS", "CXXFLAGS", "FCFLAGS", "FFLAGS")
_PMI = ("pmix", "pmi")
"""The options that take PMI from elsewhere, by which Slurm starts ranks; MPICH's own mpiexec speaks another protocol then."""


class mpich(AutotoolsBlock, closed=True):
    """MPICH: message passing, whose binary interface Intel MPI, Cray MPICH and MVAPICH share. https://www.mpich.org"""

    licence = "mpich2"
    git = "https://github.com/pmodels/mpich.git"
    provides = ("mpi",)
    languages = ("c", "c++")
    release = Tarball(
        "https://www.mpich.org/static/downloads",
        "{version}/mpich-{version}.tar.gz",
        sha256={
            "5.0.2": "928c2f18d350a91443fe8024ad01ce2c6009e9c551e0a73e797fc567f119137d",  # single: homebrew
            "5.0.1": "8c1832a13ddacf071685069f5fadfd1f2877a29e1a628652892c65211b1f3327",  # conda, easybuild, spack, homebrew
            "5.0.0": "e9350e32224283e95311f22134f36c98e3cd1c665d17fae20a6cc92ed3cffe11",  # single: spack
            "4.3.2": "47d774587a7156a53752218c811c852e70ac44db9c502dc3f399b4cb817e3818",  # easybuild, spack, public pins
            "4.3.1": "acc11cb2bdc69678dc8bba747c24a28233c58596f81f03785bf2b7bb7a0ef7dc",  # single: spack
            "4.3.0": "5e04132984ad83cab9cc53f76072d2b5ef5a6d24b0a9ff9047a8ff96121bcc63",  # easybuild, spack
            "4.2.3": "7a019180c51d1738ad9c5d8d452314de65e828ee240bcb2d1f80de9a65be88a8",  # single: spack
            "4.2.2": "883f5bb3aeabf627cb8492ca02a03b191d09836bbe0f599d8508351179781d41",  # easybuild, spack
            "4.2.1": "23331b2299f287c3419727edc2df8922d7e7abbb9fd0ac74e03b9966f9ad42d7",  # easybuild, spack
            "4.1.2": "3492e98adab62b597ef0d292fb2459b6123bc80070a8aa0a30be6962075a12f0",  # single: spack
            "4.0.3": "17406ea90a6ed4ecd5be39c9ddcbfac9343e6ab4f77ac4e8c5ebe4a3e3b6c501",  # single: spack
            "4.0.2": "5a42f1a889d4a2d996c26e48cbf9c595cbf4316c6814f7c181e3320d21dedd42",  # single: spack
            "3.3.2": "4bfaf8837a54771d3e4922c84071ef80ffebddbb6971a006038d91ee7ef959b9",  # single: spack
        },
    )
    build_packages = Packages(both=("file",), dnf=("perl",))
    # What configure would otherwise guess: other vendors' GPUs, schedulers and networks that an image has no libraries of. Hydra reads Slurm's
    # variables without its library. mpicxx is only there with the C++ bindings.
    configure = ("--enable-shared", "--disable-static", "--enable-cxx", "--enable-romio", "--without-slurm", "--without-pbs", "--without-hcoll")
    configure_at = {
        "<4": ("--with-hwloc-prefix=embedded",),
        ">=4": ("--with-yaksa=embedded", "--without-ze", "--without-valgrind", "--disable-libxml2", "--disable-opencl", "--disable-rsmi"),
        ">=4 <4.1": ("--without-hip",),
        ">=4.2": ("--disable-doc",),
        ">=5": ("--without-ucc",),
    }
    exports = Exports(bin="bin", lib="lib", pkgconfig="lib/pkgconfig")
    # All is in libmpi, tables of collectives too; with the UCX that it brings, that one's modules lie below the prefix.
    leaves = Leaves(programs=("bin/mpiexec*", "bin/mpirun*", "bin/hydra_*", "bin/mpichversion", "bin/mpivars"), opens=("lib/ucx/*.so*",))
    companions = (*RDMA, *PMI, *FABRIC)
    runtime_packages = Packages(apt=("openssh-client",), dnf=("openssh-clients",))  # what mpiexec starts processes on other hosts by
    conflicts = (
        conflict(
            lambda mpi, place: mpi.at(">=5") and (bool(place.partner(mpi, "pmi")) or "--with-pmi=pmi2" in mpi.passed),
            "PMI-2 is deprecated from MPICH 5 on: PMI-1, which it has of its own, and PMIx stay",
            name="R31",
            source="MPICH, CHANGES of 5.0",
            level="warning",
        ),
        conflict(
            lambda mpi, place: bool(place.partner(mpi, "pmix")) and bool(place.partner(mpi, "pmi")),
            "ranks find each other by PMIx or by PMI-2, not by both: name one of pmix and pmi",
            name="mpich-pmix-and-pmi",
            source="MPICH, configure.ac",
        ),
        conflict(
            lambda mpi, place: mpi.at(">=3.4") and place.partner(mpi, "ucx").at("<1.9"),
            "MPICH refuses UCX before 1.9",
            name="mpich-ucx-1.9",
            source="MPICH, src/mpid/ch4/netmod/ucx/subconfigure.m4",
        ),
        conflict(
            lambda mpi, place: mpi.unused(place) != "",
            "the device that is named does not use the network library that is named",
            name="mpich-device",
            source="MPICH, src/mpid/ch4/subconfigure.m4",
        ),
        conflict(
            lambda mpi, place: (bool(place.partner(mpi, "cuda")) or bool(place.partner(mpi, "rocm"))) and mpi.device_at(place).startswith("ch3"),
            "GPU memory is of the ch4 device: take it instead of ch3",
            name="mpich-gpu-ch3",
            source="spack-packages, mpich",
        ),
        conflict(
            lambda mpi, place: bool(place.partner(mpi, "cuda")) and bool(place.partner(mpi, "rocm")),
            "MPICH is built for the memory of one vendor's GPUs: name one of cuda and rocm",
            name="mpich-cuda-and-rocm",
            source="spack-packages, mpich",
        ),
    )

    version: str = option("5.0.2", "release to build")
    prefix: str = option("/usr/local/mpich", "folder it is installed into")
    recursive: bool = option(True, "fetch the repository's submodules too")
    device: Optional = option(
        None, "communication device, as ch4:ucx or ch3:sock; if not given, ch4 with what the recipe has of UCX and libfabric, else its own libfabric"
    )
    fortran: MaybeBool = option(None, "Fortran bindings; with them if the recipe has a Fortran compiler before, or in the toolchain")
    mpi_abi: bool = option(
        False, "libmpi_abi and mpicc_abi too: the binary interface of MPI 5.0", on="--enable-mpi-abi", off="--disable-mpi-abi", versions=">=4.3"
    )
    ucx: Upon = partner("ucx", "communication by UCX", with_="--with-ucx={path}", without="--without-ucx")
    libfabric: Upon = partner(
        "libfabric",
        "communication by libfabric",
        with_="--with-libfabric={path}",
        without="--without-libfabric",
        system="--with-libfabric",
        packages=Packages(apt=("libfabric-dev",), dnf=("libfabric-devel",)),
        runtime=Packages(apt=("libfabric1",), dnf=("libfabric",)),
    )
    hwloc: Upon = partner(
        "hwloc",
        "hwloc, instead of the one that it brings",
        with_="--with-hwloc={path}",
        without="--with-hwloc=embedded",
        system="--with-hwloc",
        packages=Packages(apt=("libhwloc-dev",), dnf=("hwloc-devel",), enable=("crb",)),
        runtime=Packages(apt=("libhwloc15",), dnf=("hwloc-libs",)),
        versions=">=4",
    )
    cuda: Upon = partner(
        "cuda", "CUDA memory", with_="--with-cuda={path}", without="--without-cuda", toolchain="CUDA_HOME", images=CUDA, versions=">=4"
    )
    nccl: Upon = partner(
        "nccl", "collectives by NCCL, with CUDA", default=False, with_="--with-nccl={path}", without="--without-nccl", versions=">=5"
    )
    rocm: Upon = partner("rocm", "ROCm memory", with_="--with-hip={path}", without="--without-hip", versions=">=4.1")
    xpmem: Upon = partner("xpmem", "copies between processes by the XPMEM kernel module", with_="--with-xpmem={path}", without="--without-xpmem")
    pmix: Upon = partner(
        "pmix",
        "PMIx, by which `srun --mpi=pmix` starts ranks; without an mpiexec of its own then",
        default=False,
        with_="--with-pmix={path}",
        without="--without-pmix",
        system="--with-pmix",
        packages=Packages(apt=("libpmix-dev",), dnf=("pmix-devel",)),
        runtime=Packages(t64=("libpmix2",), dnf=("pmix",)),
    )
    pmi: Upon = partner(
        "slurm_pmi2",
        "PMI-2 by Slurm's library instead of its own; without an mpiexec of its own then",
        default=False,
        with_="--with-pmi2={path} --with-pmi2-include={path}/include/slurm",
        without="--without-pmi2",
        versions=">=4.2",
    )

    def validate(self) -> None:
        """Settles the device, which leaves out what it does not use; makes the toolchain that later blocks may be given."""
        super().validate()
        told = [word.removeprefix(_DEVICE) for word in self.passed if word.startswith(_DEVICE)]
        self.passed = tuple(word for word in self.passed if not word.startswith(_DEVICE))
        self.device = told[-1] if told else self.device or ("ch3:nemesis" if self.at("<3.4") else None)  # ch4 was on trial before 3.4
        for name, netmod in NETMODS.items() if self.device else ():
            if getattr(self, name) is None and netmod not in self.netmods(self.device or ""):
                setattr(self, name, False)
        self.toolchain = Toolchain.made_by(self, CC="mpicc", CXX="mpicxx", F77="mpif77", F90="mpif90", FC="mpifort")

    @staticmethod
    def netmods(device: str) -> tuple[str, ...]:
        """The network modules that a device names: those between its first colon and the next."""
        name, _, rest = device.partition(":")
        return tuple(rest.partition(":")[0].split(",")) if name == "ch4" else ()

    def device_at(self, place: Place) -> str:
        """The device: the recipe's, or ch4 with the libraries that it has; MPICH brings libfabric otherwise."""
        if self.device:
            return self.device
        found = [netmod for name, netmod in NETMODS.items() if place.partner(self, name)]
        return f"ch4:{','.join(found) or 'ofi'}"

    def unused(self, place: Place) -> str:
        """The network library that the recipe names and its device does not use, or empty."""
        used = self.netmods(self.device_at(place))
        return next((name for name, netmod in NETMODS.items() if place.partner(self, name) and netmod not in used), "")

    def has_fortran(self, place: Place) -> bool:
        """Whether it gets Fortran bindings."""
        return has_language("fortran", self.compilers, place) if self.fortran is None else self.fortran

    def languages_needed(self, place: Place) -> Iterable[str]:
        """C and C++, and Fortran for its bindings."""
        return (*self.languages, *(("fortran",) if self.has_fortran(place) else ()))

    def needs(self, place: Place) -> tuple[Packages, ...]:
        """Those of its kind; Python, which the configure of its tests asks for, built or not, and which makes what a repository lacks."""
        python = Packages(both=("python3",), why="its configure ends without it, for test/mpi (seen with 4.0.2); makes what a repository lacks")
        return (*super().needs(place), *((python,) if self.repository or self.at(">=4") else ()))

    def choice(self, place: Place, name: str, switch: Switch) -> list[str]:
        """The words of one option; a network library that the device needs and nobody has is the one that MPICH brings."""
        netmod = NETMODS.get(name, "")
        embedded = netmod in self.netmods(self.device_at(place)) and not place.partner(self, name)
        return [f"--with-{name}=embedded"] if embedded else super().choice(place, name, switch)

    def choices(self, place: Place) -> Iterator[str]:
        """The device, its options' words, and what Fortran, CUDA and PMI need beside."""
        device = self.device_at(place)
        yield because(f"{_DEVICE}{device}", f"device='{device}'" if self.device else "what the recipe has of UCX and libfabric, else libfabric")
        yield from super().choices(place)
        if "ofi" in self.netmods(device) and not place.partner(self, "libfabric"):
            why = "networks that the libfabric it brings would otherwise guess"
            yield from (because(f"--disable-{name}", why) for name in ("psm2", "psm3", "opx", "verbs", "efa", "cxi", "usnic"))
        said = "by its compilers, as fortran is not given" if self.fortran is None else f"fortran={self.fortran}, as the recipe says"
        yield because("--enable-fortran" if self.has_fortran(place) else "--disable-fortran", said)
        if place.partner(self, "cuda") and self.at(">=4.2"):
            yield because(f"--with-cuda-sm={self.gpus(place)}", "else it compiles for the GPU of the builder, which has none as a rule")
        if re.match(r".*pgcc", (self.compilers and self.compilers.CC) or ""):
            yield because("--disable-fast", "PGI's compilers (MPICH's list discuss, 2017-July/005235)")
        elsewhere = next((name for name in _PMI if place.partner(self, name)), "")
        yield because(f"--with-pm={'no' if elsewhere else 'hydra'}", f"option {elsewhere}" if elsewhere else "its own mpiexec")
        if elsewhere and self.at(">=4.2"):
            yield because("--with-pmi=pmix" if elsewhere == "pmix" else "--with-pmi=pmi2", f"option {elsewhere}")

    def gpus(self, place: Place) -> str:
        """The GPUs that its kernels for derived datatypes are compiled for: those of the recipe's CUDA, else one of each generation."""
        names = getattr(place.partner(self, "cuda").block, "architectures", ())
        return ",".join(name.removeprefix("sm_") for name in names) or "all-major"

    def variables(self, place: Place) -> tuple[tuple[str, str], ...]:
        """Those of its kind by MPICH's names for them: what is called CFLAGS would stand in each call of mpicc, and F90 is refused."""
        own = dict(self.build_environment)
        values = dict(super().variables(place))
        found = {f"MPICHLIB_{name}" if name in _OWN_FLAGS and name not in own else name: value for name, value in values.items()}
        if "F90" not in own:
            found.pop("F90", None)
        if self.has_fortran(place) and self.at("<4.1") and holds(gcc_version(place), ">=10"):
            found.setdefault("FFLAGS", because("-fallow-argument-mismatch", "GCC 10 and newer refuse one routine with several types (spack, mpich)"))
        cuda = place.partner(self, "cuda")
        if cuda.path:
            stubs = f"-L{cuda.path}/lib64/stubs"
            found["LDFLAGS"] = f"{found['LDFLAGS']} {stubs}"
            # libmpi is linked with the driver's library, which an image lacks: programs are linked where its stand-in is named.
            for name in ("MPICC", "MPICXX", "MPIFORT"):
                found[f"MPICH_{name}_LDFLAGS"] = stubs
                found[f"MPICH_{name}_LIBS"] = "-lcuda"
        return tuple(found.items())

    def making(self) -> Iterator[str]:
        """As its kind; its test suite needs what was installed."""
        yield from super().making()
        if self.check:
            yield f"PATH={sh(self.prefix)}/bin:$PATH RUNTESTS_SHOWPROGRESS=1 make testing"

    def autogen_commands(self) -> tuple[str, ...]:
        """What makes the configure scripts, its own and those of what it brings."""
        return ("./autogen.sh",)
