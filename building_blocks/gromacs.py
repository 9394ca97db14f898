"""GROMACS."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hpcgen.block import CMakeBlock, Exports, Leaves, MaybeWords, Packages, Tarball, Upon, Words, because, conflict, option, partner
from hpcgen.block.compilers import gcc_version
from hpcgen.block.cpu import has
from hpcgen.block.versions import holds
from hpcgen.building_blocks._distributions import cmake_is
from hpcgen.building_blocks._gpus import architectures, check_architectures, lacks_part
from hpcgen.building_blocks._images import CUDA
from hpcgen.building_blocks._launching import by_processor
from hpcgen.errors import Conflict, WrongValue, did_you_mean
from hpcgen.graph.nodes import WriteFile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from hpcgen.block import Block
    from hpcgen.block.options import Switch
    from hpcgen.block.place import Place
    from hpcgen.graph.nodes import Node

SIMD = {
    "AVX_512": ("avx512f", "avx512bw", "avx512dq", "avx512vl", "fma"),
    "AVX2_256": ("avx2", "fma"),
    "AVX2_128": ("avx2", "fma"),
    "AVX_256": ("avx",),
    "SSE4.1": ("sse4_1",),
    "SSE2": ("sse2",),
    "ARM_NEON_ASIMD": ("asimd",),
}
"""GMX_SIMD, the best first -> the processor's features that it needs (GROMACS, cmake/gmxSimdFlags.cmake), as Linux and archspec call them."""
OF_AARCH64 = ("ARM_NEON_ASIMD",)
OF_ALL = ("SSE2", "ARM_NEON_ASIMD")
"""What every processor of an architecture has."""
NARROW = ("zen", "zen2")
"""The CPU targets that AVX2_128 is faster on than AVX2_256 (GROMACS install guide, SIMD support)."""

_GUIDE = "GROMACS install guide"


class gromacs(CMakeBlock, closed=True):
    """GROMACS: molecular dynamics of proteins, lipids and nucleic acids. https://www.gromacs.org"""

    licence = "LGPL-2.1-or-later"
    git = "https://gitlab.com/gromacs/gromacs.git"
    languages = ("c", "c++")
    release = Tarball(
        "https://ftp.gromacs.org/gromacs",
        "gromacs-{version}.tar.gz",
        sha256={
            "2026.3": "1094b7bbc6a3960223827114626657110b40096cdf9598a727935fc84ebf8aa0",  # conda, homebrew
            "2026.2": "d27e4455e8246177952366798631a0dad9f2e1f567400a6cb854a168dcc050dd",  # easybuild, homebrew
            "2026.0": "229726f436cc515bfd8c4aa7af3a97b18072f71b5ebd0b08daf6565571e2d9eb",  # homebrew, spack
            "2025.4": "ca17720b4a260eb73649211e9f6a940ee7543452129844213c3accb0a927a5c3",  # easybuild, homebrew, spack
            "2025.3": "8bdfca0268f3f10a7ca3c06e59b62f73ea02420c67211c0ff3912f32d7833c65",  # easybuild, homebrew, spack
            "2024.4": "ac618ece2e58afa86b536c5a2c4fcb937f0760318f12d18f10346b6bdebd86a8",  # easybuild, homebrew, spack
            "2024.3": "bbda056ee59390be7d58d84c13a9ec0d4e3635617adf2eb747034922cba1f029",  # easybuild, spack
            "2022.5": "083cc3c424bb93ffe86c12f952e3e5b4e6c9f6520de5338761f24b75e018c223",  # aur, homebrew, spack, debian
        },
    )
    # Each would else be with what the builder happens to have, or download something. libgromacs is part of each program.
    configure = (
        *("-DBUILD_SHARED_LIBS=OFF", "-DGMX_PREFER_STATIC_LIBS=OFF", "-DGMXAPI=OFF", "-DGMX_INSTALL_NBLIB_API=OFF", "-DGMX_PYTHON_PACKAGE=OFF"),
        *("-DGMX_DEFAULT_SUFFIX=OFF", "-DGMX_BUILD_HELP=OFF", "-DBUILD_TESTING=OFF", "-DREGRESSIONTEST_DOWNLOAD=OFF"),
        *("-DGMX_BUILD_OWN_FFTW=OFF", "-DGMX_EXTERNAL_BLAS=OFF", "-DGMX_EXTERNAL_LAPACK=OFF"),
        *("-DGMX_EXTERNAL_TINYXML2=OFF", "-DGMX_EXTERNAL_ZLIB=OFF", "-DGMX_USE_LMFIT=INTERNAL", "-DGMX_USE_MUPARSER=INTERNAL"),
    )
    configure_at = {
        ">=2024": ("-DGMX_USE_COLVARS=INTERNAL",),
        ">=2025": ("-DGMX_NNPOT=OFF", "-DGMX_USE_HDF5=OFF"),
    }
    exports = Exports(bin="bin")
    leaves = Leaves(programs=("bin/gmx*",), data=("share/gromacs/top", "bin/GMXRC*"), left=("bin/gmx-completion*",), tells=True)
    runtime_packages = Packages(apt=("libgomp1", "libstdc++6"), dnf=("libgomp", "libstdc++"))
    conflicts = (
        conflict(
            lambda gromacs, place: (gromacs.at(">=2025") and cmake_is(place, "<3.28")) or (gromacs.at(">=2023") and cmake_is(place, "<3.18.4")),
            "GROMACS from 2025 on needs CMake 3.28, from 2023 on 3.18.4: add cmake() before it",
            name="gromacs-cmake",
            source=_GUIDE,
        ),
        conflict(
            lambda gromacs, place: (
                (gromacs.at(">=2025") and holds(gcc_version(place), "<11")) or (gromacs.at(">=2023") and holds(gcc_version(place), "<9"))
            ),
            "GROMACS from 2025 on needs GCC 11, from 2023 on GCC 9: add gnu(version='11') or newer before it",
            name="gromacs-gcc",
            source=_GUIDE,
        ),
        conflict(
            lambda gromacs, place: gromacs.at(">=2025") and place.partner(gromacs, "cuda").at("<12.1"),
            "GROMACS from 2025 on needs CUDA 12.1",
            name="gromacs-cuda",
            source="GROMACS, CMakeLists.txt, GMX_CUDA_MINIMUM_REQUIRED_VERSION",
        ),
        conflict(
            lambda gromacs, place: gromacs.double and bool(place.partner(gromacs, "cuda")),
            "GROMACS computes on GPUs in mixed precision alone: leave double or cuda out",
            name="gromacs-double-cuda",
            source="GROMACS, cmake/gmxManageCuda.cmake",
        ),
        conflict(
            lambda gromacs, place: gromacs.lacks_precision(place),
            "the recipe's FFTW has numbers of another precision: fftw(precision='single') for GROMACS, 'double' for gromacs(double=True)",
            name="gromacs-fftw-precision",
            source=_GUIDE,
        ),
        conflict(
            lambda gromacs, place: lacks_part(gromacs, place, "cufft", "libraries", "toolkit"),
            "GROMACS on GPUs needs cuFFT: add 'cufft' to the parts of cuda",
            name="gromacs-without-cufft",
            source="GROMACS, CMakeLists.txt, GMX_GPU_FFT_LIBRARY",
        ),
        conflict(
            lambda gromacs, place: bool(place.cpu_target and gromacs.simd) and not any(map(gromacs.of_target(place), gromacs.names(place))),
            "no processor of the CPU target has one of these instruction sets: leave simd out, or name another target",
            name="gromacs-simd-cpu-target",
            source="archspec",
        ),
    )

    version: str = option("2026.3", "release to build")
    prefix: str = option("/usr/local/gromacs", "folder it is installed into")
    simd: MaybeWords = option(
        None,
        f"instruction sets of its kernels: of {', '.join(SIMD)} those of the image's architecture; several are several programs, and gmx starts "
        "the best that the processor can; by the CPU target if not given",
    )
    mpi: Upon = partner(
        "mpi",
        "ranks by MPI, instead of by threads: its program is then called gmx_mpi",
        with_="-DGMX_MPI=ON -DGMX_THREAD_MPI=OFF -DMPI_C_COMPILER={path}/bin/mpicc -DMPI_CXX_COMPILER={path}/bin/mpicxx",
        without="-DGMX_MPI=OFF -DGMX_THREAD_MPI=ON",
    )
    openmp: bool = option(True, "threads within a rank", on="-DGMX_OPENMP=ON", off="-DGMX_OPENMP=OFF")
    double: bool = option(
        False, "double precision, which is much slower: its program's name ends with _d", on="-DGMX_DOUBLE=ON", off="-DGMX_DOUBLE=OFF"
    )
    fftw: Upon = partner(
        "fftw",
        "Fourier transforms, of its own precision; the distribution's, if the recipe has none",
        needed=True,
        with_="-DGMX_FFT_LIBRARY=fftw3 -DFFTWF_LIBRARY={path}/lib/libfftw3f.so -DFFTWF_INCLUDE_DIR={path}/include",
        system="-DGMX_FFT_LIBRARY=fftw3",
        packages=Packages(apt=("libfftw3-dev",), dnf=("fftw-devel",)),
        runtime=Packages(apt=("libfftw3-double3", "libfftw3-single3"), dnf=("fftw-libs-double", "fftw-libs-single")),
    )
    cuda: Upon = partner(
        "cuda",
        "NVIDIA's GPUs",
        with_="-DGMX_GPU=CUDA -DGMX_USE_CUFFTMP=OFF -DCUDAToolkit_ROOT={path} -DCUDA_TOOLKIT_ROOT_DIR={path} -DCMAKE_CUDA_COMPILER={path}/bin/nvcc",
        without="-DGMX_GPU=OFF",
        toolchain="CUDA_HOME",
        images=CUDA,
    )
    architectures: Words = option((), "GPUs to build for, as 80; those of cuda, if not given, else those that GROMACS chooses")
    hwloc: Upon = partner(
        "hwloc",
        "what the machine looks like, by hwloc instead of its own reading of /proc",
        with_="-DGMX_HWLOC=ON -DGMX_HWLOC_FORCE=ON -DHWLOC_DIR={path}",
        without="-DGMX_HWLOC=OFF",
        system="-DGMX_HWLOC=ON -DGMX_HWLOC_FORCE=ON",
        packages=Packages(apt=("libhwloc-dev",), dnf=("hwloc-devel",), enable=("crb",)),
        runtime=Packages(apt=("libhwloc15",), dnf=("hwloc-libs",)),
    )
    plumed: bool = option(
        False, "PLUMED, of whose kernel PLUMED_KERNEL tells when it runs", on="-DGMX_USE_PLUMED=ON", off="-DGMX_USE_PLUMED=OFF", versions=">=2025"
    )

    def validate(self) -> None:
        """Raises for instruction sets and GPUs that are none."""
        super().validate()
        for name in self.simd or ():
            if name not in SIMD:
                raise WrongValue(f"gromacs: simd has '{name}'", help=did_you_mean(name.upper(), SIMD) or f"it takes {', '.join(SIMD)}")
        if self.simd == ():
            raise WrongValue("gromacs(simd=[]) builds nothing", help="leave it out, or name one")
        check_architectures(self, self.architectures)

    def names(self, place: Place) -> tuple[str, ...]:
        """The instruction sets that it is built for, the best first."""
        is_arm = place.target.architecture == "aarch64"
        own = [name for name in SIMD if (name in OF_AARCH64) == is_arm]
        if self.simd is not None:
            found = tuple(name for name in own if name in self.simd)
            if not found:
                raise Conflict(
                    f"gromacs(simd={list(self.simd)}): none of them is of {place.target.architecture}",
                    origin=self.origin,
                    help=f"add one of {', '.join(own)}",
                )
            return found
        if is_arm or not place.cpu_target:
            return (own[-1],)
        avoided = "AVX2_256" if place.cpu_target in NARROW else "AVX2_128"
        return (next(filter(self.of_target(place), (name for name in own if name != avoided)), own[-1]),)

    @staticmethod
    def of_target(place: Place) -> Callable[[str], bool]:
        """What tells whether each processor of the place's CPU target has an instruction set."""
        return lambda name: name in OF_ALL or all(has(place.cpu_target, feature) for feature in SIMD[name])

    def lacks_precision(self, place: Place) -> bool:
        """Whether the recipe's FFTW was built without the precision that is computed in."""
        path = place.partner(self, "fftw").path
        own = [block for block in place.before.blocks if block.name == "fftw" and block.prefix == path]
        wanted = "double" if self.double else "single"
        return bool(path and own) and not any(_precision(block) == wanted for block in own)

    def choice(self, place: Place, name: str, switch: Switch) -> list[str]:
        """The words of one option; FFTW's library of double precision has another name."""
        words = super().choice(place, name, switch)
        return [word.replace("FFTWF_", "FFTW_").replace("fftw3f", "fftw3") for word in words] if name == "fftw" and self.double else words

    def choices(self, place: Place) -> Iterator[str]:
        """Its options' words, and the GPUs that it is compiled for."""
        yield from super().choices(place)
        gpus = architectures(self, place)
        if gpus:
            name = "GMX_CUDA_ARCHITECTURES" if self.at(">=2026") else "GMX_CUDA_TARGET_SM"
            yield because(f"-D{name}={';'.join(gpus)}", "the GPUs of the option architectures, or of cuda")

    def program(self, place: Place) -> str:
        """What its program is called, as GROMACS calls it by default."""
        return f"gmx{'_mpi' if place.partner(self, 'mpi') else ''}{'_d' if self.double else ''}"

    def builds(self, place: Place) -> Iterable[tuple[str, tuple[str, ...]]]:
        """One for each instruction set; a program of several has its name's ending."""
        names = self.names(place)
        why = (
            "simd, as the recipe says"
            if self.simd
            else f"every {place.cpu_target} has it (CPU target)"
            if place.cpu_target
            else "every processor has it"
        )
        for name in names:
            ending = self.program(place).removeprefix("gmx") + (f"_{name}" if len(names) > 1 else "")
            words = (because(f"-DGMX_{what}_SUFFIX={ending}", "the ending of its program's name") for what in ("BINARY", "LIBS"))
            yield name if len(names) > 1 else "", (because(f"-DGMX_SIMD={name}", why), *words)

    def steps(self, place: Place, folder: str) -> Iterator[Node]:
        """Its builds; of several, what picks one when it is started."""
        yield from super().steps(place, folder)
        names = self.names(place)
        if len(names) > 1:
            program = f"{self.prefix}/bin/{self.program(place)}"
            yield WriteFile(program, by_processor(program, "GMX_SIMD", {name: SIMD[name] for name in names}), "0755")


def _precision(block: Block) -> str:
    """The precision of an FFTW, by its option or by the words that the recipe passes on."""
    passed = {"--enable-single", "--enable-float"}.intersection(getattr(block, "passed", ()))
    return "single" if passed else str(getattr(block, "precision", ""))
