"""NVIDIA's CUDA toolkit."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from hpcgen.block import Block, Exports, Optional, Words, conflict, option, stage_conflict
from hpcgen.block.block import packages
from hpcgen.block.compilers import compilers_needed, gcc_version
from hpcgen.block.terms import Terms
from hpcgen.block.versions import holds
from hpcgen.building_blocks._companions import CUDA_PARTS
from hpcgen.building_blocks._nvidia import (
    BASEURL,
    R17,
    R18,
    add_repository,
    check_architectures,
    check_fingerprint,
    compute_capabilities,
    too_new,
    too_old,
)
from hpcgen.errors import UnknownVersion, WrongValue, did_you_mean
from hpcgen.frozen import evolve
from hpcgen.graph.nodes import Copy, Install, PrependPath, RuntimeOf, SetEnv
from hpcgen.version import Version

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from hpcgen.block.leaving import Leavings
    from hpcgen.block.place import Place
    from hpcgen.block.rules import Finished, Placed
    from hpcgen.graph.nodes import AddRepository, Node
    from hpcgen.target import Target


DRIVERS = {
    "13.4": "",  # its packages and images are there; which drivers its images name, no public file says that we could read
    "13.3": "535 570 580 590 595",
    "13.2": "535 570 580 590",
    "13.1": "535 550 570 575 580",
    "13.0": "535 550 565 570 575",
    "12.9": "535 550 560 565 570 580",
    "12.8": "470 535 550 560 565",
    "12.6": "470 535 550",
    "12.5": "470 535 550",
    "12.4": "470 525 535",
    "12.3": "470 525 535",
    "12.2": "470 525",
    "12.1": "470 525",
    "12.0": "470",
    "11.8": "470",
}
"""Toolkit -> the older drivers that its forward-compatibility libraries work with: NVIDIA_REQUIRE_CUDA of its images; empty: not known."""

GCC = {"<12": 11, ">=12 <12.4": 12, ">=12.4 <12.8": 13, ">=12.8 <13": 14, ">=13": 15}
"""Toolkits -> the newest GCC whose headers nvcc takes (CUDA installation guide, host compilers)."""

PARTS = {
    "nvcc": ("cuda-nvcc", "cuda-nvcc", ""),
    "cudart": ("cuda-cudart-dev", "cuda-cudart-devel", "cuda-cudart"),
    "nvml": ("cuda-nvml-dev", "cuda-nvml-devel", ""),
    "driver": ("cuda-driver-dev", "cuda-driver-devel", ""),
    "nvrtc": ("cuda-nvrtc-dev", "cuda-nvrtc-devel", "cuda-nvrtc"),
    "nvtx": ("cuda-nvtx", "cuda-nvtx", "cuda-nvtx"),
    "cupti": ("cuda-cupti-dev", "cuda-cupti", "cuda-cupti"),
    **{name: (f"cuda-{name}", f"cuda-{name}", "") for name in ("cccl", "compiler", "cuobjdump", "nvdisasm", "nvprune", "profiler-api")},
    **{name: (f"cuda-{name}", f"cuda-{name}", "") for name in ("gdb", "sanitizer", "command-line-tools")},
    **{f"cu{name}": (f"libcu{name}-dev", f"libcu{name}-devel", f"libcu{name}") for name in ("blas", "fft", "file", "solver", "sparse")},
    **{name: (f"lib{name}-dev", f"lib{name}-devel", f"lib{name}") for name in ("curand", "npp", "nvjpeg", "nvjitlink")},
    "libraries": ("cuda-libraries-dev", "cuda-libraries-devel", "cuda-libraries"),
    "runtime": ("cuda-libraries", "cuda-libraries", "cuda-libraries"),
    "toolkit": ("cuda-toolkit", "cuda-toolkit", "cuda-libraries"),
}
"""Part -> its packages for building with apt and with dnf, and for running; each is called NAME-12-9."""

SINCE = {"nvjitlink": ">=12"}
"""Part -> the toolkits that have it, where not all do."""
RENAMED = {"cuda-cccl": (">=13.3", "cccl")}
"""Package -> the toolkits that call it otherwise, and how."""


def _listing(pattern: str) -> Callable[[Finished], Iterator[Node]]:
    """What gives the nodes by which programs find libraries in folders of a pattern."""
    folders = re.compile(pattern)

    def breaking(stage: Finished) -> Iterator[Node]:
        yield from (node for folder, node in (*stage.listed("LD_LIBRARY_PATH"), *stage.registered()) if folders.search(folder))

    return breaking


def _untold(stage: Finished) -> Iterator[Placed]:
    """A toolkit's version without the drivers that it runs on; NVIDIA's own images name both."""
    version = stage.variable("CUDA_VERSION")
    if version is not None and "cuda" not in stage.brings and stage.variable("NVIDIA_REQUIRE_CUDA") is None:
        yield version


def _lacks_gcc(place: Place) -> bool:
    """Whether the recipe brings compilers before a place, but no g++."""
    before = place.before.compilers
    return bool(before) and not any(one.name == "gnu" and "c++" in one.compiles for one in before)


def _without_capabilities(stage: Finished) -> Iterator[Placed]:
    """A result with something of the toolkit, or of a stage that may have it, which does not say what of the driver it wants."""
    if "cuda" in stage.brings or stage.variable("NVIDIA_DRIVER_CAPABILITIES") is not None:
        return
    if any(facts.ref.name == "cuda" for facts in stage.blocks) or any(isinstance(node, Copy | RuntimeOf) and node.stage for node in stage.nodes):
        yield stage


COMPILING = ("nvcc", "compiler", "toolkit")
"""The parts that need a host compiler."""

EULA = Terms(
    "CUDA Toolkit EULA",
    "https://docs.nvidia.com/cuda/eula",
    withheld="its compiler and tools may not be handed on: attachment A of its licence lists the libraries that may",
    packages=(
        r"cuda-(nvcc|crt|compiler|minimal-build|toolkit|tools|command-line-tools|visual-tools|gdb|sanitizer|cuobjdump|nvdisasm|nvprune|nvprof|nvvp"
        r"|nsight[\w-]*|cuxxfilt|demo-suite|documentation)-\d+-\d+([=-].*)?"
    ),
    paths=r"/usr/local/cuda(-[\d.]+)?(/(bin|nvvm|extras|compute-sanitizer|nsight[^/]*|libnvvp|gds|tools)(/.*)?)?",
)


class cuda(Block):
    """CUDA: NVIDIA's toolkit for its GPUs, from NVIDIA's package repositories. https://developer.nvidia.com/cuda-toolkit"""

    licence = "LicenseRef-NVIDIA-CUDA-EULA"
    terms = EULA
    exports = Exports(bin="bin", include="include", lib="lib64")
    companions = CUDA_PARTS
    conflicts = (
        conflict(
            lambda cuda, place: too_old(cuda.version, cuda.architectures),
            R17[0],
            name="R17",
            source=R17[1],
        ),
        conflict(
            lambda cuda, place: too_new(cuda.version, cuda.architectures),
            R18[0],
            name="R18",
            source=R18[1],
        ),
        conflict(
            lambda cuda, place: cuda.compiles_code and Version(gcc_version(place) or "0").major > cuda.newest_gcc,
            "nvcc refuses newer compilers: CUDA 13 takes GCC up to 15, 12.8 up to 14, 12.4 up to 13, 12.0 up to 12, 11.8 up to 11",
            name="cuda-host-compiler",
            source="CUDA installation guide, host compilers",
        ),
        conflict(
            lambda cuda, place: cuda.compiles_code and _lacks_gcc(place),
            "nvcc calls g++ unless it is told otherwise, and the compilers before it bring none: put gnu() before them",
            name="cuda-without-gcc",
            source="NVIDIA CUDA compiler driver nvcc, supported host compilers",
        ),
    )
    stage_conflicts = (
        stage_conflict(
            _listing(r"/cuda[^/]*/compat/?$"),
            "compatibility libraries of CUDA in LD_LIBRARY_PATH or ld.so.conf hide a newer driver's own, and serve data-centre GPUs alone: "
            "whoever starts the container must choose them",
            name="R22",
            source="NVIDIA, CUDA forward compatibility; Apptainer 1.5, CHANGELOG",
        ),
        stage_conflict(
            _listing(r"/lib(64)?/stubs/?$"),
            "the stand-in for the driver's library in LD_LIBRARY_PATH or ld.so.conf is loaded instead of the driver's own, and finds no GPU: "
            "it is for linking alone, by LIBRARY_PATH",
            name="R23",
            source="CUDA driver API, error 34: the driver is a stub",
            last=True,
        ),
        stage_conflict(
            _untold,
            "CUDA_VERSION without NVIDIA_REQUIRE_CUDA: container tools then refuse each driver that is older than the toolkit, "
            "though those of its major version would do",
            name="R21",
            source="NVIDIA Container Toolkit, internal/config/image/cuda_image.go, IsLegacy",
            level="warning",
            last=True,
        ),
        stage_conflict(
            _without_capabilities,
            "the result does not set NVIDIA_DRIVER_CAPABILITIES: enroot then gives it nvidia-smi and no CUDA driver",
            name="R24",
            source="enroot, conf/hooks/98-nvidia.sh",
            level="warning",
            last=True,
        ),
    )

    # The newest whose compatibility libraries we know the drivers of.
    version: str = option("13.3", "toolkit, as 12.9: the newest patch that the repository has")
    parts: Words = option(("nvcc", "cudart", "nvml"), f"what of it: {', '.join(PARTS)}")
    architectures: Words = option((), "GPUs that later blocks compile for, as 80, 90a or sm_90: checked, and CMake's default (CUDAARCHS)")
    compat: bool = option(False, "libraries that let it run on older drivers of data-centre GPUs; whoever starts the container must choose them")
    require: Optional = option(None, "drivers that it may run on (NVIDIA_REQUIRE_CUDA), instead of what follows from version and compat")
    capabilities: str = option("compute,utility", "what of the driver a container gets (NVIDIA_DRIVER_CAPABILITIES)")
    baseurl: str = option(BASEURL, "where NVIDIA's repositories lie")
    fingerprint: Optional = option(None, "of the repository's key, for a target whose key hpcgen does not know")
    environment: bool = option(True, "set PATH and the like for what comes after")

    prefix = "/usr/local/cuda"

    def validate(self) -> None:
        """Raises for versions and parts that are none."""
        if self.version not in DRIVERS and not (self.require and re.fullmatch(r"\d+\.\d+", self.version)):
            patch = re.fullmatch(r"(\d+\.\d+)\.\d+", self.version)
            hint = (
                f"the repository's newest patch is taken: version='{patch[1]}'"
                if patch
                else f"known versions: {', '.join(DRIVERS)}; for a newer one name require= too"
            )
            raise UnknownVersion(f"cuda {self.version}", help=hint)
        for part in self.parts:
            if part not in PARTS:
                raise WrongValue(f"cuda has no part '{part}'", help=did_you_mean(part, PARTS) or f"parts: {', '.join(PARTS)}")
            if not self.at(SINCE.get(part, "")):
                raise WrongValue(f"cuda {self.version} has no part '{part}'", help=f"it is of versions {SINCE[part]}")
        if self.compat and not self.require and not DRIVERS[self.version]:
            sentence = f"cuda(version='{self.version}', compat=True): which older drivers its compatibility libraries work with is not known"
            raise WrongValue(sentence, help="name them: require='cuda>=... brand=tesla,driver>=535,driver<536'")
        check_architectures("cuda", self.architectures)
        check_fingerprint("cuda", self.fingerprint)

    @property
    def highest(self) -> int:
        """The newest GPU that is compiled for."""
        return max(compute_capabilities(self.architectures), default=0)

    @property
    def compiles_code(self) -> bool:
        """Whether its parts hold a compiler."""
        return any(part in COMPILING for part in self.parts)

    @property
    def newest_gcc(self) -> int:
        """The newest GCC that its compiler works with."""
        return next(gcc for condition, gcc in GCC.items() if self.at(condition))

    def repository(self, target: Target) -> AddRepository:
        """NVIDIA's repository for a target; an error where there is none."""
        return add_repository(self, target, self.version, self.baseurl, self.fingerprint)

    def named(self, names: Iterable[str]) -> tuple[str, ...]:
        """The packages of this version."""
        called = (RENAMED[name][1] if name in RENAMED and self.at(RENAMED[name][0]) else name for name in dict.fromkeys(names) if name)
        return tuple(f"{name}-{self.version.replace('.', '-')}" for name in called)

    def check_rules(self, place: Place) -> None:
        """A target that NVIDIA has no repository for is said first."""
        self.repository(place.target)
        super().check_rules(place)

    def build(self, place: Place) -> Iterator[Node]:
        """The repository, and the parts for building."""
        yield self.repository(place.target)
        if self.compiles_code:
            yield from packages(place.target, compilers_needed(self, ("c", "c++"), place))
        index = 0 if place.target.manager == "apt" else 1
        yield Install(self.named((*(PARTS[part][index] for part in self.parts), *self._compat())))

    def _compat(self) -> tuple[str, ...]:
        return ("cuda-compat",) if self.compat else ()

    def driver_environment(self) -> Iterator[Node]:
        """What the container tools read: which GPUs, what of the driver, and which drivers will do."""
        yield SetEnv("CUDA_VERSION", self.version)
        yield SetEnv("NVIDIA_REQUIRE_CUDA", self.require or self.required())
        yield SetEnv("NVIDIA_VISIBLE_DEVICES", "all")
        yield SetEnv("NVIDIA_DRIVER_CAPABILITIES", self.capabilities)

    def required(self) -> str:
        """The drivers that it runs on: those of its major version, by minor-version compatibility; with compat, those that NVIDIA's images name."""
        if not self.compat:
            return f"cuda>={Version(self.version).major}.0"
        new = "unknown grid tesla nvidia quadro quadrortx nvidiartx vapps vpc vcs vws cloudgaming"
        old = "tesla unknown nvidia nvidiartx geforce geforcertx quadro quadrortx titan titanrtx"
        brands = (old if holds(self.version, "<12.5") else new).split()
        branches = [int(driver) for driver in DRIVERS[self.version].split()]
        return " ".join(
            (f"cuda>={self.version}", *(f"brand={brand},driver>={driver},driver<{driver + 1}" for driver in branches for brand in brands))
        )

    def exported(self, place: Place) -> Iterable[Node]:
        """Its folders, the driver's stand-in for linking alone, and what the container tools read."""
        if not self.environment:
            return
        yield from super().exported(place)
        yield PrependPath("LIBRARY_PATH", f"{self.prefix}/lib64/stubs", last=True)
        yield SetEnv("CUDA_HOME", self.prefix)
        if self.architectures:
            yield SetEnv("CUDAARCHS", ";".join(name.removeprefix("sm_") for name in self.architectures))
        yield from self.driver_environment()

    def runtime_environment_nodes(self, place: Place) -> Iterable[Node]:
        """The folders, and what the container tools read."""
        if self.environment:
            yield from super().runtime_environment_nodes(place)
            yield from self.driver_environment()

    def runtime_needs(self, place: Place) -> Iterable[Node]:
        """The repository, and the parts for running."""
        names = self.named((*(PARTS[part][2] for part in self.parts), *self._compat()))
        return (self.repository(place.target), Install(names)) if names else ()

    def prefixes(self) -> tuple[str, ...]:
        """Nothing: its files come by packages."""
        return ()

    def leavings(self) -> Leavings:
        """What programs are linked with is found by itself; the compatibility libraries are not linked with."""
        return evolve(super().leavings(), packages=self.named(self._compat()))
