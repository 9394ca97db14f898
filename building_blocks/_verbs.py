"""Which builds of verbs go together in one stage: for the blocks that bring them, and those that use them."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeGuard

from hpcgen.block import Block, conflict
from hpcgen.block.versions import holds
from hpcgen.building_blocks._distributions import RDMA_CORE, of_target

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hpcgen.block.place import Place
    from hpcgen.block.rules import BlockRule
    from hpcgen.building_blocks._verbs_blocks import VerbsBlock

PRIVATE = {"<22": "15", ">=22 <28": "22", ">=28 <34": "25", ">=34 <57": "34", ">=57 <59": "57", ">=59 <64": "59", ">=64": "64"}
"""Releases of rdma-core -> the private interface by which its libibverbs knows its providers (IBVERBS_PABI_VERSION of the tags)."""


def private_interface(release: str) -> str:
    """The private interface of a release of rdma-core, or empty."""
    return next((name for condition, name in PRIVATE.items() if release and holds(release, condition)), "")


def verbs_before(block: Block, place: Place) -> Iterator[Block]:
    """The blocks before one that bring verbs too."""
    yield from (other for other in place.before.blocks if "rdma" in other.provides and other is not block)


def _is_packages(block: Block) -> TypeGuard[VerbsBlock]:
    """Whether it brings verbs as packages: one of `_verbs_blocks`, which only those blocks load."""
    return hasattr(block, "release_of_verbs")


def _extracted(block: Block) -> bool:
    return _is_packages(block) and bool(block.prefix)


def one_release(name: str) -> BlockRule:
    """R15 for one block: a stage has verbs of one release, but for those that are unpacked below a prefix of their own."""
    return conflict(
        lambda block, place: not _extracted(block) and any(not _extracted(other) for other in verbs_before(block, place)),
        "verbs of two builds of rdma-core in one stage: libibverbs opens providers of its own release alone, and a process loads one libibverbs",
        name=name,
        source="rdma-core, Documentation/versioning.md",
    )


def distributions_beside(option: str, name: str) -> BlockRule:
    """R15 for a block that uses verbs: it does not install the distribution's beside another build that the stage has."""
    return conflict(
        lambda block, place: (
            place.partner(block, option).of_distribution
            and any(not _extracted(other) and other.name != "ofed" for other in verbs_before(block, place))
        ),
        f"{option}='system' installs the distribution's verbs beside another build of rdma-core that the stage has: say {option}=True",
        name=name,
        source="rdma-core, Documentation/versioning.md",
    )


_SHADOW = (
    "providers in the distribution's folder are opened before those of a tree below a prefix, where both have one private interface: "
    "name the tree's by absolute paths in IBV_DRIVERS"
)
_SHADOW_SOURCE = "rdma-core, libibverbs/dynamic_driver.c"


def shadowed(name: str) -> BlockRule:
    """R14 for one block: of a tree below a prefix, bare names of providers are looked for in the distribution's folder first."""
    return conflict(_is_shadowed, _SHADOW, name=name, source=_SHADOW_SOURCE, level="warning")


def shadowing(option: str, name: str) -> BlockRule:
    """R14 for a block that uses verbs: it installs the distribution's providers beside such a tree."""
    return conflict(
        lambda block, place: (
            place.partner(block, option).of_distribution and _shadows(of_target(RDMA_CORE, place.target) or "", block, place, tree=True)
        ),
        _SHADOW,
        name=name,
        source=_SHADOW_SOURCE,
        level="warning",
    )


def _is_shadowed(block: VerbsBlock, place: Place) -> bool:
    return _shadows(block.release_of_verbs(place.target), block, place, tree=not _extracted(block))


def _shadows(release: str, block: Block, place: Place, *, tree: bool) -> bool:
    """Whether verbs of a release meet others before the block, in trees or in the distribution's folder, whose private interface may be the same."""
    own = private_interface(release)
    others = (other for other in verbs_before(block, place) if _is_packages(other) and _extracted(other) == tree)
    return any(private_interface(other.release_of_verbs(place.target)) in (own, "") or not own for other in others)


def without_providers(name: str) -> BlockRule:
    """R16 for one block: packages with the library and without the providers, which Debian and Ubuntu keep in a package of their own."""
    return conflict(
        lambda block, place: (
            place.target.manager == "apt" and "libibverbs1" in block.wanted(place.target) and "ibverbs-providers" not in block.wanted(place.target)
        ),
        "libibverbs1 without ibverbs-providers finds no device: name it too",
        name=name,
        source="infra-controller issue 5251",
    )
