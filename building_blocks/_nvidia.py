"""NVIDIA's package repositories, and what its GPUs and toolkits mean for what is compiled with CUDA."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from hpcgen.block.versions import holds
from hpcgen.errors import Conflict, WrongValue
from hpcgen.frozen import frozen
from hpcgen.graph.nodes import AddRepository

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hpcgen.block import Block, Place
    from hpcgen.target import Target

BASEURL = "https://developer.download.nvidia.com/compute/cuda/repos"
"""Where NVIDIA's repositories lie."""


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


def repository_of(target: Target) -> Repository | None:
    """NVIDIA's repository for a target, if there is one."""
    return REPOSITORIES.get(target.name) or REPOSITORIES.get(f"{target.family}{target.release}")


def add_repository(block: Block, target: Target, toolkit: str, baseurl: str, fingerprint: str | None) -> AddRepository:
    """The node that adds NVIDIA's repository for a target; an error where it has nothing for this toolkit."""
    found = repository_of(target)
    if found is None or target.architecture not in found.architectures or not holds(toolkit, found.versions):
        what = f"no repository for {target.name}" if found is None else f"no CUDA {toolkit} for {target.name} on {target.architecture}"
        fitting = [name for name, one in REPOSITORIES.items() if target.architecture in one.architectures and holds(toolkit, one.versions)]
        has = f"; {target.name} has {found.versions} for {', '.join(found.architectures)}" if found else ""
        raise Conflict(f"NVIDIA has {what}", origin=block.origin, help=f"CUDA {toolkit} is there for {', '.join(fitting)}{has}")
    file, known = found.key
    chosen = known or fingerprint or ""
    if not chosen:
        raise unknown_key(block, f"NVIDIA's key {file} for {target.name}")
    base = f"{baseurl.rstrip('/')}/{found.label}/{ARCHITECTURES[target.architecture]}"
    return AddRepository(f"cuda-{found.label}", f"{base}/", f"{base}/{file}", chosen, suite="/" if target.manager == "apt" else "")


def unknown_key(block: Block, what: str) -> Conflict:
    """The error of a key that nobody has proven a fingerprint of."""
    return Conflict(
        f"the fingerprint of {what} is not known",
        origin=block.origin,
        help=f"add {block.name}(fingerprint='...'): 40 digits, from NVIDIA by a way that you trust; gpg --show-keys prints them",
    )


def check_fingerprint(name: str, fingerprint: str | None) -> None:
    """Raises for a fingerprint that is none."""
    if fingerprint and not re.fullmatch(r"[0-9A-F]{40}", fingerprint):
        raise WrongValue(f"{name}: fingerprint={fingerprint!r}", help="a fingerprint has 40 upper-case hexadecimal digits")


# --- GPUs ---

TURING, HOPPER, BLACKWELL = 75, 90, 100
"""Compute capabilities, times ten."""

R17 = ("CUDA 13 compiles for sm_75 and newer alone; 12.9 was the last for Pascal and Volta", "UCX, config/m4/cuda.m4; NCCL, makefiles/common.mk")
R18 = ("sm_90 needs CUDA 11.8, sm_100 and sm_120 need 12.8", "UCX, config/m4/cuda.m4; NCCL, makefiles/common.mk")
"""Sentences of rules about GPUs that a toolkit does not compile for, with their sources."""


def check_architectures(name: str, architectures: Sequence[str]) -> None:
    """Raises for GPUs that are none."""
    for one in architectures:
        if not re.fullmatch(r"(sm_)?\d{2,3}[af]?", one):
            raise WrongValue(f"{name}: architecture '{one}'", help="an architecture is 80, 90a or sm_90")


def compute_capabilities(architectures: Sequence[str]) -> tuple[int, ...]:
    """The compute capabilities of GPUs, times ten."""
    return tuple(int(re.sub(r"\D", "", name)) for name in architectures)


def too_old(toolkit: str, architectures: Sequence[str]) -> bool:
    """Whether some of these GPUs are too old for a toolkit (R17)."""
    return holds(toolkit, ">=13") and min(compute_capabilities(architectures), default=TURING) < TURING


def too_new(toolkit: str, architectures: Sequence[str]) -> bool:
    """Whether some of these GPUs are too new for a toolkit (R18)."""
    newest = max(compute_capabilities(architectures), default=0)
    return (holds(toolkit, "<11.8") and newest >= HOPPER) or (holds(toolkit, "<12.8") and newest >= BLACKWELL)


def gencode(architectures: Sequence[str]) -> str:
    """What nvcc is told to compile for several GPUs: code for each, and PTX of the newest for those to come.

    Code for 90a or 100f serves these GPUs alone: it has no successors that PTX could be for.
    """
    names = [name.removeprefix("sm_") for name in architectures]
    words = [f"-gencode=arch=compute_{name},code=sm_{name}" for name in names]
    plain = [name for name in names if name.isdigit()]
    if plain:
        newest = max(plain, key=int)
        words.append(f"-gencode=arch=compute_{newest},code=compute_{newest}")
    return " ".join(words)


_TAG = re.compile(r"(?:^|/)cuda:(\d+\.\d+)")


def toolkit_of(block: Block, place: Place, name: str = "cuda") -> str:
    """The version of the toolkit that a block is built with: the recipe's, or what the base image's tag says; empty: not known."""
    found = place.partner(block, name)
    if found.block is not None:
        return str(found.block.version)
    tag = _TAG.search(place.image)
    return tag[1] if tag else ""


def gpus_of(block: Block, place: Place, own: Sequence[str], name: str = "cuda") -> tuple[str, ...]:
    """The GPUs that a block compiles for: those that it names itself, else those of the recipe's toolkit; none: its own build's default."""
    return tuple(own or getattr(place.partner(block, name).block, "architectures", ()))
