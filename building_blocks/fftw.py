"""FFTW."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hpcgen.block import AutotoolsBlock, Exports, Leaves, MaybeWords, Packages, Tarball, Upon, because, option, partner
from hpcgen.block.cpu import has

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hpcgen.block.place import Place

PRECISIONS = {"double": "", "single": "--enable-single", "long-double": "--enable-long-double", "quad": "--enable-quad-precision"}

SIMD = {"avx": "avx", "avx-128-fma": "fma4", "avx2": "avx2", "avx512": "avx512f"}
"""Instruction set of x86_64 beyond SSE2, as configure calls it -> as archspec does."""


class fftw(AutotoolsBlock, closed=True):
    """FFTW: discrete Fourier transforms. https://www.fftw.org"""

    licence = "GPL-2.0-or-later"
    release = Tarball(
        "https://www.fftw.org",
        "fftw-{version}.tar.gz",
        sha256={
            "3.3.11": "5630c24cdeb33b131612f7eb4b1a9934234754f9f388ff8617458d0be6f239a1",  # spack, termux, yggdrasil, debian
            "3.3.10": "56c932549852cddcfafdab3820b0200c7742675be92179e59e6215b340e26467",  # buildroot, conan, conda, easybuild, spack, debian
            "3.3.9": "bf2c7ce40b04ae811af714deb512510cc2c17b9ab9d6ddcf49fe4487eea7af3d",  # conan, conda, easybuild, spack
            "3.3.8": "6113262f6e92c5bd474f2875fa1b01054c4ad5040f6b0da7c03c98821d9ae303",  # buildroot, conan, conda, easybuild, spack
            "3.3.7": "3b609b7feba5230e8f6dd8d245ddbefac324c5a6ae4186947670d9ac2cd25573",  # buildroot, conda, easybuild, spack
        },
    )
    build_packages = Packages(both=("file",))
    configure = ("--enable-shared", "--disable-static", "--enable-openmp", "--enable-threads", "--disable-doc")
    optimization = "-O3 -fomit-frame-pointer -fstrict-aliasing"  # what its configure says for GCC, without its tuning for the builder's processor
    leaves_out = ("lib/cmake/fftw3",)  # it includes a file that configure, unlike CMake, does not make: find_package(FFTW3) would end with an error
    exports = Exports(bin="bin", include="include", lib="lib", pkgconfig="lib/pkgconfig")
    leaves = Leaves()
    runtime_packages = Packages(apt=("libgomp1",), dnf=("libgomp",))

    version: str = option("3.3.11", "release to build")
    prefix: str = option("/usr/local/fftw", "folder it is installed into; several precisions can share it")
    precision: str = option("double", "of the numbers", choices=PRECISIONS)
    simd: MaybeWords = option(
        None,
        "instruction sets to use where the processor has them: of sse2, avx, avx-128-fma, avx2, avx512, neon those of the image's architecture; "
        "by the CPU target if not given",
    )
    mpi: Upon = partner("mpi", "transforms over MPI", default=False, with_="--enable-mpi", without="--disable-mpi")

    def choices(self, place: Place) -> Iterator[str]:
        """Its options' words, its precision and its instruction sets."""
        yield from super().choices(place)
        yield from (because(word, f"precision='{self.precision}', as the recipe says") for word in PRECISIONS[self.precision].split())
        if place.target.architecture == "aarch64":
            # Linux lets every program read this one (spack, fftw).
            yield because("--enable-armv8-cntvct-el0", "else it has no clock to choose plans by on aarch64")
        if self.simd is not None:
            own = [name for name in self.simd if (name == "neon") == (place.target.architecture == "aarch64")]
            yield from (because(f"--enable-{name}", f"simd={list(self.simd)}, as the recipe says") for name in own)
        elif not self.is_long():
            yield from self.simd_of(place)

    def is_long(self) -> bool:
        """Whether its numbers are longer than what instruction sets know: configure refuses the two together."""
        return self.precision in ("long-double", "quad") or bool({"--enable-long-double", "--enable-quad-precision"}.intersection(self.passed))

    def simd_of(self, place: Place) -> Iterator[str]:
        """The instruction sets that all processors of the place's target have."""
        if place.target.architecture == "x86_64":
            yield because("--enable-sse2", "every x86_64 has it")
            for name, feature in SIMD.items():
                if has(place.cpu_target, feature):
                    yield because(f"--enable-{name}", f"every {place.cpu_target} has it (CPU target)")
        elif self.at(">=3.3.10") or self.precision == "single" or {"--enable-single", "--enable-float"}.intersection(self.passed):
            yield because("--enable-neon", "every aarch64 has it")  # for double precision too, as configure.ac of 3.3.10 has it

    def variables(self, place: Place) -> tuple[tuple[str, str], ...]:
        """Those of its kind, and the MPI compiler."""
        found = place.partner(self, "mpi")
        return (*super().variables(place), *((("MPICC", because(f"{found.path}/bin/mpicc", "option mpi")),) if found.path else ()))
