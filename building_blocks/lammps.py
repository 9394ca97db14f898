"""LAMMPS."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, ClassVar

from hpcgen.block import CMakeBlock, Exports, Leaves, MaybeBool, Packages, Tarball, Upon, Words, because, conflict, option, partner
from hpcgen.building_blocks._gpus import architectures, check_architectures, lacks_part
from hpcgen.building_blocks._images import CUDA
from hpcgen.building_blocks._launching import by_gpu
from hpcgen.errors import Conflict, WrongValue, did_you_mean
from hpcgen.frozen import evolve, frozen
from hpcgen.graph.nodes import Run, SetEnv, WriteFile
from hpcgen.quoting import sh

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from hpcgen.block.leaving import Leavings
    from hpcgen.block.options import Switch
    from hpcgen.block.place import Place
    from hpcgen.graph.nodes import Node

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

# Those that bring all that they need (LAMMPS, cmake/CMakeLists.txt, Build_extras), with the versions that have them (spack-packages, lammps).
PACKAGES = {
    **dict.fromkeys(("ASPHERE", "ATC", "AWPMD", "BOCS", "BODY", "BROWNIAN", "CG-DNA", "CLASS2", "COLLOID", "COLVARS", "CORESHELL", "DIELECTRIC"), ""),
    **dict.fromkeys(("DIFFRACTION", "DIPOLE", "DPD-BASIC", "DPD-MESO", "DPD-REACT", "DPD-SMOOTH", "DRUDE", "EFF", "EXTRA-COMPUTE", "EXTRA-DUMP"), ""),
    **dict.fromkeys(("EXTRA-FIX", "EXTRA-MOLECULE", "EXTRA-PAIR", "FEP", "GRANULAR", "INTERLAYER", "KSPACE", "LATBOLTZ", "MANIFOLD", "MANYBODY"), ""),
    **dict.fromkeys(("MC", "MEAM", "MGPT", "MISC", "ML-IAP", "ML-RANN", "ML-SNAP", "MOFFF", "MOLECULE", "OPENMP", "OPT", "ORIENT", "PERI"), ""),
    **dict.fromkeys(("PHONON", "POEMS", "PTM", "QEQ", "QTB", "REACTION", "REAXFF", "REPLICA", "RIGID", "SHOCK", "SMTBQ", "SPH", "SPIN"), ""),
    **dict.fromkeys(("SRD", "TALLY", "UEF", "YAFF"), ""),
    **dict.fromkeys(("BPM", "ELECTRODE"), ">=20220504"),
    **dict.fromkeys(("AMOEBA", "CG-SPICA"), ">=20220803"),
    "ML-POD": ">=20221222",
    "LEPTON": ">=20230208",
    "ML-UF3": ">=20240627",
    "EXTRA-COMMAND": ">=20240829",
}
"""The packages that `packages` takes -> the versions that have them."""
_LIBRARY, _DOWNLOAD = "a library that the block has no option for", "what its build would download"
NEED_MORE = {
    **dict.fromkeys(("ADIOS", "COMPRESS", "H5MD", "KIM", "MOLFILE", "NETCDF", "PYTHON", "QMMM", "RHEO", "VTK"), _LIBRARY),
    **dict.fromkeys(("MACHDYN", "MDI", "MESONT", "ML-HDNNP", "ML-PACE", "ML-QUIP", "PLUMED", "SCAFACOS", "VORONOI"), _DOWNLOAD),
    "INTEL": "Intel's TBB, to be worth it",
    "PLUGIN": "LAMMPS as a shared library",
}
"""Further packages -> what they need."""
OPTIONS = {"GPU": "cuda, which drives GPUs by Kokkos", "KOKKOS": "kokkos, or cuda"}
"""Packages that come by an option of their own."""

GPUS = {
    "60": ("PASCAL60", ""),
    "61": ("PASCAL61", ""),
    "70": ("VOLTA70", ""),
    "72": ("VOLTA72", ""),
    "75": ("TURING75", ""),
    "80": ("AMPERE80", ""),
    "86": ("AMPERE86", ""),
    "89": ("ADA89", ">=20240417"),
    "90": ("HOPPER90", ">=20230802"),
    "100": ("BLACKWELL100", ">=20250722"),
    "120": ("BLACKWELL120", ">=20250722"),
}
"""Compute capability, times ten -> Kokkos' name for it, and the versions whose Kokkos has it (its cmake/kokkos_arch.cmake; spack, lammps)."""

PROGRAMS, POTENTIALS = ("bin/lmp*",), "share/lammps/potentials"


@frozen
class Stable(Tarball):
    """GitHub's archives of LAMMPS' tags: version 20250722.4 is called stable_22Jul2025_update4."""

    def url(self, version: str, *, baseurl: str = "", arch: str = "") -> str:
        """The address of one release."""
        return f"{(baseurl or self.baseurl).rstrip('/')}/stable_{tag(version)}.tar.gz"


def tag(version: str) -> str:
    """A version as LAMMPS calls it: 22Jul2025_update4 of 20250722.4."""
    match = re.fullmatch(r"(\d{4})(\d\d)(\d\d)(?:\.(\d+))?", version)
    if match is None or not 1 <= int(match[2]) <= len(_MONTHS):
        raise WrongValue(f"lammps: version='{version}'", help="a release is called 20250722.4, or 22Jul2025_update4")
    return f"{int(match[3])}{_MONTHS[int(match[2]) - 1]}{match[1]}{f'_update{match[4]}' if match[4] else ''}"


def settled(version: str) -> str:
    """A version as this block orders them, from either way to write it."""
    match = re.fullmatch(r"(?:stable_)?(\d{1,2})([A-Z][a-z]{2})(\d{4})(?:_update(\d+))?", version)
    if match is None or match[2] not in _MONTHS:
        return version
    return f"{match[3]}{_MONTHS.index(match[2]) + 1:02}{int(match[1]):02}{f'.{match[4]}' if match[4] else ''}"


class lammps(CMakeBlock, closed=True):
    """LAMMPS: classical molecular dynamics of materials. https://www.lammps.org"""

    licence = "GPL-2.0-only"
    git = "https://github.com/lammps/lammps.git"
    languages = ("c", "c++")
    release: ClassVar[Tarball] = Stable(
        "https://github.com/lammps/lammps/archive",
        "stable_{version}.tar.gz",
        sha256={
            "20250722.4": "411088d9c03339e025f6a975e0a5741bb9e3f351cc39eda220ab22ac318fe2fb",  # conda, easybuild, homebrew
            "20250722.3": "07f487cc33fc8f2ec4a449b7bce570e52b5a46608075e0276d26e0e232511bef",  # homebrew, spack
            "20240829.4": "e7d6d60b94ada5acc2e1e9966ae12547fd550d6967d4511b8655c77e24878728",  # single: spack
            "20240829.2": "f8ca3f021a819ced8658055f7750e235c51b4937ddb621cf1bd7bee08e0b6266",  # easybuild, homebrew
            "20230802.4": "6eed007cc24cda80b5dd43372b2ad4268b3982bb612669742c8c336b79137b5b",  # homebrew, spack
            "20220623.4": "42541b4dbd0d339d16ddb377e76d192bc3d1d5712fdf9e2cdc838fc980d0a0cf",  # easybuild, spack
            "20210929.3": "e4c274f0dc5fdedc43f2b365156653d1105197a116ff2bafe893523cdb22532e",  # homebrew, spack
            "20210929.2": "9318ca816cde16a9a4174bf22a1966f5f2155cb32c0ad5a6757633276411fb36",  # homebrew, spack
        },
    )
    # Each would else be with what the builder happens to have, or download something.
    configure = (
        *("-DBUILD_SHARED_LIBS=OFF", "-DBUILD_TOOLS=OFF", "-DBUILD_DOC=OFF", "-DENABLE_TESTING=OFF", "-DDOWNLOAD_POTENTIALS=OFF"),
        "-DUSE_INTERNAL_LINALG=ON",
        *("-DWITH_CURL=OFF", "-DWITH_FFMPEG=OFF", "-DWITH_GZIP=OFF", "-DWITH_JPEG=OFF", "-DWITH_PNG=OFF"),
    )
    exports = Exports(bin="bin")
    leaves = Leaves(programs=PROGRAMS, data=(POTENTIALS,), tells=True)
    runtime_packages = Packages(apt=("libgomp1", "libstdc++6"), dnf=("libgomp", "libstdc++"))
    conflicts = (
        conflict(
            lambda lammps, place: bool(place.partner(lammps, "cuda")) and not lammps.gpus(place),
            "Kokkos is compiled for one GPU architecture, and asks the builder's own GPU where none is named: "
            "say architectures=['80'], or cuda(architectures=['80'])",
            name="lammps-without-gpu-architecture",
            source="Kokkos, CMake keywords, architectures",
        ),
        conflict(
            lambda lammps, place: "KSPACE" in lammps.packages and lacks_part(lammps, place, "cufft", "libraries", "toolkit"),
            "KSPACE on GPUs needs cuFFT: add 'cufft' to the parts of cuda",
            name="lammps-without-cufft",
            source="LAMMPS manual, Build_settings, FFT library",
        ),
        conflict(
            lambda lammps, place: lammps.kokkos is False and bool(place.partner(lammps, "cuda")),
            "this block drives GPUs by Kokkos: leave kokkos out, or say cuda=False",
            name="lammps-cuda-without-kokkos",
            source="LAMMPS manual, Speed_kokkos",
        ),
        conflict(
            lambda lammps, place: lammps.at("<20251210") and place.partner(lammps, "cuda").at(">=13"),
            "the Kokkos of LAMMPS before December 2025 does not compile with CUDA 13",
            name="lammps-cuda-13",
            source="spack-packages, kokkos and lammps",
        ),
        conflict(
            lambda lammps, place: "OPENMP" in lammps.packages and not lammps.openmp,
            "the package OPENMP needs openmp=True",
            name="lammps-openmp-package",
            source="LAMMPS manual, Build_extras",
        ),
    )

    version: str = option("20250722.4", "release to build, as 20250722.4 or 22Jul2025_update4")
    prefix: str = option("/usr/local/lammps", "folder it is installed into")
    packages: Words = option(("KSPACE", "MANYBODY", "MOLECULE", "RIGID"), "LAMMPS' packages to build with")
    sizes: str = option("smallbig", "of its integers: smallbig for up to two thousand million atoms, bigbig for more", choices=("smallbig", "bigbig"))
    potentials: bool = option(True, "its tables for many materials too, 60 MB; LAMMPS_POTENTIALS names their folder")
    mpi: Upon = partner("mpi", "ranks by MPI", with_="-DBUILD_MPI=ON -DMPI_CXX_COMPILER={path}/bin/mpicxx", without="-DBUILD_MPI=OFF")
    openmp: bool = option(True, "threads within a rank", on="-DBUILD_OMP=ON", off="-DBUILD_OMP=OFF")
    fftw: Upon = partner(
        "fftw",
        "Fourier transforms of KSPACE by FFTW instead of its own KISS FFT",
        with_="-DFFT=FFTW3 -DCMAKE_PREFIX_PATH={path}",
        without="-DFFT=KISS",
        system="-DFFT=FFTW3",
        packages=Packages(apt=("libfftw3-dev",), dnf=("fftw-devel",)),
        runtime=Packages(apt=("libfftw3-double3",), dnf=("fftw-libs-double",)),
    )
    kokkos: MaybeBool = option(None, "styles with Kokkos, for threads and GPUs: lmp -k on -sf kk; with CUDA, if not given")
    cuda: Upon = partner(
        "cuda",
        "NVIDIA's GPUs, by Kokkos",
        with_="-DPKG_GPU=OFF -DCUDAToolkit_ROOT={path}",
        without="-DPKG_GPU=OFF",
        toolchain="CUDA_HOME",
        images=CUDA,
    )
    directory: str = option("cmake", "folder within the source that CMake starts from")
    architectures: Words = option(
        (), "GPUs to build for, as 80: several give several programs, and lmp starts the one that fits; those of cuda, if not given"
    )

    def validate(self) -> None:
        """Settles the version, and raises for packages and GPUs that are none."""
        self.version = settled(self.version)
        super().validate()
        for name in self.packages:
            self._check_package(name)
        check_architectures(self, self.architectures)

    def _check_package(self, name: str) -> None:
        """Raises for a package that there is not, or that needs more than the block brings."""
        if name in OPTIONS:
            raise WrongValue(f"lammps: the package {name} is no word of packages", help=f"it comes by an option of its own: {OPTIONS[name]}")
        if name in NEED_MORE:
            how = f"bring it, and say cmake_opts=['-DPKG_{name}=ON'] and alone=False"
            raise WrongValue(f"lammps: the package {name} needs {NEED_MORE[name]}", help=how)
        if name not in PACKAGES:
            raise WrongValue(f"lammps: there is no package {name}", help=did_you_mean(name.upper(), PACKAGES) or f"they are {', '.join(PACKAGES)}")
        if not self.at(PACKAGES[name]):
            raise WrongValue(
                f"lammps {self.version} has no package {name}, which is of versions {PACKAGES[name]}", help="leave it out, or take a newer one"
            )

    def gpus(self, place: Place) -> tuple[str, ...]:
        """The GPU architectures that it is built for; none: without CUDA."""
        return architectures(self, place)

    def with_kokkos(self, place: Place) -> bool:
        """Whether it has Kokkos."""
        return bool(place.partner(self, "cuda")) if self.kokkos is None else self.kokkos

    def choice(self, place: Place, name: str, switch: Switch) -> list[str]:
        """The words of one option; nothing but KSPACE transforms."""
        return [] if name == "fftw" and "KSPACE" not in self.packages else super().choice(place, name, switch)

    def choices(self, place: Place) -> Iterator[str]:
        """Its options' words, its packages, and Kokkos."""
        yield from super().choices(place)
        yield because(f"-DLAMMPS_SIZES={self.sizes}", f"sizes='{self.sizes}'")
        yield from (because(f"-DPKG_{name}=ON", "option packages") for name in self.packages)
        if "KSPACE" in self.packages and place.partner(self, "fftw"):
            yield because(f"-DFFT_FFTW_THREADS={'ON' if self.openmp else 'OFF'}", "option openmp")
        yield because("-DCMAKE_TUNE_FLAGS=", "else Intel's compilers build for the builder's own processor")
        if not self.with_kokkos(place):
            yield because("-DPKG_KOKKOS=OFF", "option kokkos")
            return
        yield from (because(word, "option kokkos") for word in ("-DPKG_KOKKOS=ON", "-DEXTERNAL_KOKKOS=OFF", "-DKokkos_ENABLE_SERIAL=ON"))
        yield because(f"-DKokkos_ENABLE_OPENMP={'ON' if self.openmp else 'OFF'}", "option openmp")
        if place.partner(self, "cuda"):
            yield because("-DKokkos_ENABLE_CUDA=ON", "option cuda")
            yield because(f"-DCMAKE_CXX_COMPILER={self.origin_node(place).dest}/lib/kokkos/bin/nvcc_wrapper", "Kokkos compiles for GPUs by it")
            if "KSPACE" in self.packages and self.at(">=20240207"):
                yield because("-DFFT_KOKKOS=CUFFT", "with CUDA: transforms on GPUs")

    def builds(self, place: Place) -> Iterable[tuple[str, tuple[str, ...]]]:
        """One for each GPU architecture, since Kokkos is compiled for one; a program of several has its name's ending."""
        gpus = self.gpus(place)
        for gpu in gpus or ("",):
            several = (because(f"-DLAMMPS_MACHINE=sm{gpu}", "the ending of its program's name"),) if len(gpus) > 1 else ()
            yield (f"sm{gpu}" if several else "", (*((self.architecture(gpu),) if gpu else ()), *several))

    def architecture(self, gpu: str) -> str:
        """The word for a GPU architecture."""
        name, versions = GPUS.get(gpu, ("", ""))
        if not name or not self.at(versions):
            known = ", ".join(number for number, (_, condition) in GPUS.items() if self.at(condition))
            raise Conflict(f"the Kokkos of lammps {self.version} knows no GPU architecture {gpu}", origin=self.origin, help=f"it knows {known}")
        return because(f"-DKokkos_ARCH_{name}=ON", "the GPUs of the option architectures, or of cuda")

    def steps(self, place: Place, folder: str) -> Iterator[Node]:
        """Its builds; of several for GPUs, what picks one when it is started."""
        cuda = place.partner(self, "cuda")
        in_path = cuda.of_image or (cuda.block is not None and cuda.block.sets_environment)
        for node in super().steps(place, folder):  # nvcc_wrapper calls nvcc by its name, unless it is told a folder
            yield evolve(node, env=(("CUDA_ROOT", cuda.path),)) if cuda.path and not in_path and isinstance(node, Run) else node
        gpus = self.gpus(place)
        if len(gpus) > 1:
            yield WriteFile(f"{self.prefix}/bin/lmp", by_gpu(f"{self.prefix}/bin/lmp", "LMP_GPU", gpus), "0755")

    def after_install(self) -> tuple[str, ...]:
        """The recipe's commands; without the tables that nobody wants."""
        return (*super().after_install(), *(() if self.potentials else (f"rm -rf {sh(f'{self.prefix}/{POTENTIALS}')}",)))

    def exported(self, place: Place) -> Iterable[Node]:
        """Its folder of programs, and that of its tables."""
        yield from super().exported(place)
        yield from self._tables()

    def runtime_environment_nodes(self, place: Place) -> Iterable[Node]:
        """The same."""
        yield from super().runtime_environment_nodes(place)
        yield from self._tables()

    def _tables(self) -> Iterator[Node]:
        if self.potentials and self.sets_environment:
            yield SetEnv("LAMMPS_POTENTIALS", f"{self.prefix}/{POTENTIALS}")

    def leavings(self) -> Leavings:
        """Its programs, and its tables where they are wanted."""
        return super().leavings() if self.potentials else evolve(super().leavings(), take=Leaves(programs=PROGRAMS).of(self.prefix).take)
