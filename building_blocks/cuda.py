"""NVIDIA's CUDA toolkit."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from hpcgen.block import Block, Exports, Optional, Words, conflict, option, stage_conflict
from hpcgen.block.block import packages
from hpcgen.block.compilers import compilers_needed, gcc_version
from hpcgen.block.versions import holds
from hpcgen.building_blocks._companions import CUDA_PARTS
from hpcgen.errors import Conflict, UnknownVersion, WrongValue, did_you_mean
from hpcgen.frozen import evolve, frozen
from hpcgen.graph.nodes import AddRepository, Install, PrependPath, SetEnv
from hpcgen.version import Version

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from hpcgen.block.leaving import Leavings
    from hpcgen.block.place import Place
    from hpcgen.block.rules import Finished
    from hpcgen.graph.nodes import Node
    from hpcgen.target import Target


@frozen
class Repository:
    """One of NVIDIA's package repositories.

    Attributes:
        label: its folder.
        versions: the toolkits that it has, as a condition.
        key: its signing key: file name and fingerprint; no fingerprint: not known.
        architectures: what it has packages for.
    """

    label: str
    versions: str
    key: tuple[str, str]
    architectures: tuple[str, ...] = ("x86_64", "aarch64")


_DEB = ("3bf863cc.pub", "EB693B3035CD5710E231E123A4B469963BF863CC")
_RPM = ("D42D0685.pub", "610C7B14E068A878070DA4E99CD0A493D42D0685")

# Labels and keys: NVIDIA's own image files, and at least two unrelated public files for each fingerprint. Lower bounds of debian11 and rhel9 are
# the block's own: what is not there, the package manager names.
REPOSITORIES = {
    "debian11": Repository("debian11", ">=11.8 <13", _DEB, ("x86_64",)),
    "debian12": Repository("debian12", ">=12", _DEB),
    "debian13": Repository("debian13", ">=13.1", ("8793F200.pub", "02182E60104FCDC26EAE1B8597A5D4CB8793F200")),
    "ubuntu20.04": Repository("ubuntu2004", ">=11.8 <13", _DEB),
    "ubuntu22.04": Repository("ubuntu2204", ">=11.8", _DEB),
    "ubuntu24.04": Repository("ubuntu2404", ">=12.5", _DEB),
    "ubuntu26.04": Repository("ubuntu2604", ">=13.3", ("60DF8A40.pub", "14BAFBC7562AD710CA04E69905FBB6DA60DF8A40")),
    "rhel8": Repository("rhel8", ">=11.8", _RPM),
    "rhel9": Repository("rhel9", ">=11.8", _RPM),
    "rhel10": Repository("rhel10", ">=13", ("CDF6BA43.pub", "")),  # the key's short name alone is published where we could read it
}
"""Target, or family and release -> NVIDIA's repository for it."""

ARCHITECTURES = {"x86_64": "x86_64", "aarch64": "sbsa"}
"""Architecture -> NVIDIA's folder for it."""

DRIVERS = {
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
"""Toolkit -> the older drivers that its forward-compatibility libraries work with: NVIDIA_REQUIRE_CUDA of NVIDIA's images, newest first."""

GCC = {"<12": 11, ">=12 <12.4": 12, ">=12.4 <12.8": 13, ">=12.8 <13": 14, ">=13": 15}
"""Toolkits -> the newest GCC whose headers nvcc takes (CUDA installation guide, host compilers)."""

PARTS = {
    "nvcc": ("cuda-nvcc", "cuda-nvcc", ""),
    "cudart": ("cuda-cudart-dev", "cuda-cudart-devel", "cuda-cudart"),
    "nvml": ("cuda-nvml-dev", "cuda-nvml-devel", ""),
    "driver": ("cuda-driver-dev", "cuda-driver-devel", ""),
    "nvrtc": ("cuda-nvrtc-dev", "cuda-nvrtc-devel", "cuda-nvrtc"),
    "nvtx": ("cuda-nvtx", "cuda-nvtx", "cuda-nvtx"),
    "cupti": ("cuda-cupti-dev", "cuda-cupti-devel", "cuda-cupti"),
    "cccl": ("cuda-cccl", "cuda-cccl", ""),
    "gdb": ("cuda-gdb", "cuda-gdb", ""),
    "sanitizer": ("cuda-sanitizer", "cuda-sanitizer", ""),
    "command-line-tools": ("cuda-command-line-tools", "cuda-command-line-tools", ""),
    **{f"cu{name}": (f"libcu{name}-dev", f"libcu{name}-devel", f"libcu{name}") for name in ("blas", "fft", "file", "solver", "sparse")},
    **{name: (f"lib{name}-dev", f"lib{name}-devel", f"lib{name}") for name in ("curand", "npp", "nvjpeg", "nvjitlink")},
    "libraries": ("cuda-libraries-dev", "cuda-libraries-devel", "cuda-libraries"),
    "runtime": ("cuda-libraries", "cuda-libraries", "cuda-libraries"),
    "toolkit": ("cuda-toolkit", "cuda-toolkit", "cuda-libraries"),
}
"""Part -> its packages for building with apt and with dnf, and for running; each is called NAME-12-9."""


def _listing(pattern: str) -> Callable[[Finished], Iterator[Node]]:
    """What gives the nodes by which programs find libraries in folders of a pattern."""
    folders = re.compile(pattern)

    def breaking(stage: Finished) -> Iterator[Node]:
        yield from (node for folder, node in (*stage.listed("LD_LIBRARY_PATH"), *stage.registered()) if folders.search(folder))

    return breaking


def _lacks_gcc(place: Place) -> bool:
    """Whether the recipe brings compilers before a place, but no g++."""
    before = place.before.compilers
    return bool(before) and not any(one.name == "gnu" and "c++" in one.compiles for one in before)


TURING, BLACKWELL = 75, 100
"""Compute capabilities, times ten."""

COMPILING = ("nvcc", "toolkit")
"""The parts that need a host compiler."""


class cuda(Block):
    """CUDA: NVIDIA's toolkit for its GPUs, from NVIDIA's package repositories. https://developer.nvidia.com/cuda-toolkit"""

    licence = "LicenseRef-NVIDIA-CUDA-EULA"
    exports = Exports(bin="bin", include="include", lib="lib64")
    companions = CUDA_PARTS
    conflicts = (
        conflict(
            lambda cuda, place: cuda.at(">=13") and cuda.lowest < TURING,
            "CUDA 13 compiles for sm_75 and newer alone; 12.9 was the last for Pascal and Volta",
            name="R17",
            source="UCX, config/m4/cuda.m4; NCCL, makefiles/common.mk",
        ),
        conflict(
            lambda cuda, place: cuda.at("<12.8") and cuda.highest >= BLACKWELL,
            "sm_100 and sm_120 need CUDA 12.8",
            name="R18",
            source="UCX, config/m4/cuda.m4; NCCL, makefiles/common.mk",
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
    )

    version: str = option("13.3", "toolkit, as 12.9: the newest patch that the repository has")
    parts: Words = option(("nvcc", "cudart", "nvml"), f"what of it: {', '.join(PARTS)}")
    architectures: Words = option((), "GPUs that later blocks compile for, as 80, 90a or sm_90: checked, and CMake's default (CUDAARCHS)")
    compat: bool = option(False, "libraries that let it run on older drivers of data-centre GPUs; whoever starts the container must choose them")
    require: Optional = option(None, "drivers that it may run on (NVIDIA_REQUIRE_CUDA), instead of what follows from version and compat")
    capabilities: str = option("compute,utility", "what of the driver a container gets (NVIDIA_DRIVER_CAPABILITIES)")
    baseurl: str = option("https://developer.download.nvidia.com/compute/cuda/repos", "where NVIDIA's repositories lie")
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
        for name in self.architectures:
            if not re.fullmatch(r"(sm_)?\d{2,3}[af]?", name):
                raise WrongValue(f"cuda: architecture '{name}'", help="an architecture is 80, 90a or sm_90")
        if self.fingerprint and not re.fullmatch(r"[0-9A-F]{40}", self.fingerprint):
            raise WrongValue(f"cuda: fingerprint={self.fingerprint!r}", help="a fingerprint has 40 upper-case hexadecimal digits")

    @property
    def _numbers(self) -> tuple[int, ...]:
        return tuple(int(re.sub(r"\D", "", name)) for name in self.architectures)

    @property
    def lowest(self) -> int:
        """The oldest GPU that is compiled for."""
        return min(self._numbers, default=999)

    @property
    def highest(self) -> int:
        """The newest GPU that is compiled for."""
        return max(self._numbers, default=0)

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
        found = REPOSITORIES.get(target.name) or REPOSITORIES.get(f"{target.family}{target.release}")
        if found is None or target.architecture not in found.architectures or not self.at(found.versions):
            what = f"no repository for {target.name}" if found is None else f"no CUDA {self.version} for {target.name} on {target.architecture}"
            fitting = [name for name, one in REPOSITORIES.items() if target.architecture in one.architectures and self.at(one.versions)]
            has = f"; {target.name} has {found.versions} for {', '.join(found.architectures)}" if found else ""
            raise Conflict(f"NVIDIA has {what}", origin=self.origin, help=f"CUDA {self.version} is there for {', '.join(fitting)}{has}")
        file, known = found.key
        fingerprint = known or self.fingerprint or ""
        if not fingerprint:
            raise Conflict(
                f"the fingerprint of NVIDIA's key {file} for {target.name} is not known",
                origin=self.origin,
                help="add cuda(fingerprint='...'): 40 digits, from NVIDIA by a way that you trust; gpg --show-keys prints them",
            )
        base = f"{self.baseurl.rstrip('/')}/{found.label}/{ARCHITECTURES[target.architecture]}"
        return AddRepository(f"cuda-{found.label}", f"{base}/", f"{base}/{file}", fingerprint, suite="/" if target.manager == "apt" else "")

    def named(self, names: Iterable[str]) -> tuple[str, ...]:
        """The packages of this version."""
        return tuple(f"{name}-{self.version.replace('.', '-')}" for name in dict.fromkeys(names) if name)

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
