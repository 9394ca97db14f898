"""OpenBLAS."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hpcgen.block import Exports, Leaves, MakeBlock, Number, Optional, Packages, Tarball, because, conflict, option
from hpcgen.block.compilers import gcc_version
from hpcgen.block.cpu import nearest
from hpcgen.block.source_block import assignments
from hpcgen.block.versions import holds
from hpcgen.frozen import evolve
from hpcgen.quoting import sh_join

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from hpcgen.block.place import Place
    from hpcgen.graph.nodes import Node

TARGETS = {
    "core2": "CORE2",
    "nehalem": "NEHALEM",
    "sandybridge": "SANDYBRIDGE",
    "haswell": "HASWELL",
    "skylake_avx512": "SKYLAKEX",
    "sapphirerapids": "SAPPHIRERAPIDS",
    "k10": "BARCELONA",
    "bulldozer": "BULLDOZER",
    "piledriver": "PILEDRIVER",
    "steamroller": "STEAMROLLER",
    "excavator": "EXCAVATOR",
    "zen": "ZEN",
    "zen4": "COOPERLAKE",
    "cortex_a72": "CORTEXA72",
    "thunderx2": "THUNDERX2T99",
    "a64fx": "A64FX",
    "neoverse_n1": "NEOVERSEN1",
    "neoverse_v1": "NEOVERSEV1",
    "neoverse_n2": "NEOVERSEN2",
    "neoverse_v2": "NEOVERSEV1",
}
"""Microarchitecture, as archspec has it -> the target whose code OpenBLAS itself chooses on it (TargetList.txt; driver/others/dynamic.c and
dynamic_arm64.c: Intel's code with AVX-512 for Zen 4); one that is not here has the target of its nearest ancestor."""

SVE = ("A64FX", "ARMV8SVE", "NEOVERSEN2", "NEOVERSEV1")
"""What has kernels for SVE."""

COMMON = {"x86_64": "GENERIC", "aarch64": "ARMV8"}
"""Architecture -> what is compiled for where the code is chosen when it runs, for all beside the kernels."""

THREADS = {
    "openmp": ("USE_THREAD=1", "USE_OPENMP=1"),
    "pthreads": ("USE_THREAD=1", "USE_OPENMP=0"),
    "none": ("USE_THREAD=0", "USE_OPENMP=0", "USE_LOCKING=1"),
}
"""How it runs on several processors -> the words for make."""


class openblas(MakeBlock, closed=True):
    """OpenBLAS: BLAS and LAPACK, with kernels for each processor. https://www.openblas.net"""

    licence = "BSD-3-Clause"
    git = "https://github.com/OpenMathLib/OpenBLAS.git"
    release = Tarball(
        "https://github.com/OpenMathLib/OpenBLAS/archive",
        "v{version}.tar.gz",
        sha256={
            "0.3.34": "cd7e129868320cc2d033afa920e31202dfe0b8066a5b66661900ccc0f197dfed",  # buildroot, homebrew, public pins
            "0.3.33": "6761af1d9f5d353ab4f0b7497be2643313b36c8f31caec0144bfef198e71e6ab",  # conda, spack
            "0.3.32": "f8a1138e01fddca9e4c29f9684fd570ba39dedc9ca76055e1425d5d4b1a4a766",  # conda, easybuild, spack
            "0.3.30": "27342cff518646afb4c2b976d809102e368957974c250a25ccc965e53063c95d",  # conan, conda, easybuild, spack
            "0.3.29": "38240eee1b29e2bde47ebb5d61160207dc68668a54cac62c076bb5032013b1eb",  # conda, easybuild, spack
            "0.3.28": "f1003466ad074e9b0c8d421a204121100b0751c96fc6fcf3d1456bd12f8a00a1",  # conda, spack
            "0.3.27": "aa2d68b1564fe2b13bc292672608e9cdeeeb6dc34995512e65c3b10f4599e897",  # conda, easybuild, spack
            "0.3.26": "4e6e4f5cb14c209262e33e6816d70221a2fe49eb69eaf0a06f065598ac602c68",  # conan, conda, spack
            "0.3.24": "ceadc5065da97bd92404cac7254da66cc6eb192679cf1002098688978d4d5132",  # conan, conda, easybuild, spack
            "0.3.23": "5d9491d07168a5d00116cdc068a40022c3455bf9293c7cb86a65b1054d7e5114",  # conda, easybuild, spack
            "0.3.21": "f36ba3d7a60e7c8bcc54cd9aaa9b1223dd42eaf02c811791c37e8ca707c241ca",  # conda, easybuild, spack
        },
    )
    build_packages = Packages(both=("perl",))
    # Its own number of jobs would be that of the builder's processors, whatever -j says; affinity quarrels with whoever starts the program.
    make = ("PREFIX={prefix}", "MAKE_NB_JOBS=0", "NO_AFFINITY=1")
    exports = Exports(include="include", lib="lib", pkgconfig="lib/pkgconfig", cmake=True)
    leaves = Leaves()
    conflicts = (
        conflict(
            lambda openblas, place: openblas.target_of(place) in SVE and holds(gcc_version(place), "<10"),
            "OpenBLAS's kernels for processors with SVE need arm_sve.h, which came with GCC 10",
            name="openblas-sve-gcc",
            source="GCC 10 release notes, AArch64",
        ),
    )

    version: str = option("0.3.34", "release to build")
    prefix: str = option("/usr/local/openblas", "folder it is installed into")
    target: Optional = option(None, "processors it is for, as OpenBLAS calls them: HASWELL; by the CPU target, else all (dynamic), if not given")
    dynamic: bool = option(True, "without a target: code for each processor, chosen when it runs")
    threads: str = option("openmp", "how it runs on several processors; OpenMP's is safe within programs that use OpenMP", choices=THREADS)
    num_threads: Number = option("128", "most threads that it can ever use; by default make would count the builder's processors")
    fortran: bool = option(True, "LAPACK from its Fortran source; False: from the C that it brings, since 0.3.21")
    ilp64: bool = option(False, "integers of 64 bits in its interface")
    static: bool = option(False, "a static library too")
    check: bool = option(False, "run the source's own tests, on the builder's processor")

    def target_of(self, place: Place) -> str:
        """The processors that it is for by name, or empty: all of the architecture."""
        return self.target.upper() if self.target else nearest(place.cpu_target, TARGETS)

    def languages_needed(self, place: Place) -> Iterable[str]:
        """C, and Fortran for LAPACK."""
        return (*self.languages, *(("fortran",) if self.fortran else ()))

    def variables(self, place: Place) -> tuple[tuple[str, str], ...]:
        """Those of its kind without flags for a CPU target: its target says what each file is compiled for."""
        return super().variables(evolve(place, cpu_target="", found={}))

    def flags(self, place: Place) -> Iterator[str]:
        """The words that make is given."""
        own = tuple(self.make_words(place))
        named = {word.partition("=")[0] for word in self.make_opts}
        yield from (word for word in own if word.partition("=")[0] not in named)  # the recipe's own come instead
        yield from self.make_opts

    def make_words(self, place: Place) -> Iterator[str]:
        """The words that follow from the class, the place and the options."""
        yield from (word.format(prefix=self.prefix) for word in self.make)
        yield from self.compilers_said()
        yield from self.targets(place)
        yield from (because(word, f"threads='{self.threads}'") for word in THREADS[self.threads])
        if self.threads != "none":
            yield because(f"NUM_THREADS={self.num_threads}", f"num_threads={self.num_threads}")
        if not self.fortran:
            yield because("NOFORTRAN=1", "fortran=False, as the recipe says")
        if self.ilp64:
            yield because("INTERFACE64=1", "ilp64=True, as the recipe says")
        if not self.static:
            yield because("NO_STATIC=1", "static=False")

    def compilers_said(self) -> Iterator[str]:
        """The toolchain's compilers: make's own names for them come before variables of the environment."""
        for name in ("CC", "FC"):
            value = getattr(self.compilers, name) if self.compilers else None
            if value and (name == "CC" or self.fortran):
                yield because(f"{name}={value}", "toolchain")

    def targets(self, place: Place) -> Iterator[str]:
        """The words that say which processors it is for."""
        target = self.target_of(place)
        if target:
            why = "as the recipe says" if self.target else f"what OpenBLAS has for {place.cpu_target} (CPU target)"
            yield because(f"TARGET={target}", why)
            yield because("DYNAMIC_ARCH=0", "it is for one kind of processor")
            return
        yield because(f"TARGET={COMMON[place.target.architecture]}", "what every processor of the architecture has; else the builder's is taken")
        yield because(f"DYNAMIC_ARCH={int(self.dynamic)}", f"dynamic={self.dynamic}")

    def steps(self, place: Place, folder: str) -> Iterator[Node]:
        """Libraries, LAPACK, the shared library, and installation, each by a make of its own: they write one archive."""
        words = sh_join(self.flags(place))
        made = assignments(self.variables(place))
        targets = ("libs", "netlib", "shared", *(("tests",) if self.check else ()))
        yield self.run([*(f"{made}make {self.jobs} {words} {target}" for target in targets), f"{made}make {words} install"], cwd=folder)

    def runtime_lists(self, place: Place) -> Iterable[Packages]:
        """The libraries of the compilers that it was built with."""
        yield from super().runtime_lists(place)
        if self.threads == "openmp":
            yield Packages(apt=("libgomp1",), dnf=("libgomp",))
        if self.fortran:
            yield Packages(apt=("libgfortran5",), dnf=("libgfortran",))
