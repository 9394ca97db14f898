"""Each block's typical recipe, on each target and architecture: planned, or refused for a reason that stands in one table."""

from __future__ import annotations

import pytest
from everywhere import GOLDEN, planned

import hpcgen
from hpcgen.block.finder import own
from hpcgen.errors import Conflict
from hpcgen.graph.nodes import Fetch, Install
from hpcgen.graph.stages import StageGraph, walk
from hpcgen.target import ARCHITECTURES, FAMILIES, known

APT = {f"{name}{release}" for name, (family, releases) in FAMILIES.items() if family == "debian" for release in releases}
DNF = set(known()) - APT
EL8 = {name for name in DNF if name.endswith("8")}
EL10 = {name for name in DNF if name.endswith("10")}

REFUSED = {
    "apt_get": {(target, arch) for target in DNF for arch in ARCHITECTURES},
    "yum": {(target, arch) for target in APT for arch in ARCHITECTURES},
    # CUDA 13 is not there for old releases; of EL 10's key only the short name is known.
    # NVIDIA's packages of NCCL are for Ubuntu and EL; the key as above.
    "nccl": {(target, arch) for target in {"debian11", "debian12", "debian13", "ubuntu20.04", *EL10} for arch in ARCHITECTURES},
    # Written in C++20, for GCC 11.
    "aws_ofi_nccl": {(target, arch) for target in {"debian11", "ubuntu20.04", *EL8} for arch in ARCHITECTURES},
    "cuda": {(target, arch) for target in {"debian11", "ubuntu20.04", *EL10} for arch in ARCHITECTURES},
    # Their GCC is older than 11.
    "gromacs": {(target, arch) for target in {"debian11", "ubuntu20.04", *EL8} for arch in ARCHITECTURES},
    # MLNX_OFED 24.10 is not there for newer releases; which of Mellanox's keys signs EL 8's packages is not known.
    "mlnx_ofed": {
        *((target, arch) for target in {"debian11", "debian13", "ubuntu26.04", *EL8, *EL10} for arch in ARCHITECTURES),
        ("debian12", "aarch64"),
    },
    # The key of DOCA's packages for dnf is not known; nor whether Debian and Ubuntu 26.04 have it for aarch64.
    "doca_ofed": {
        *((target, arch) for target in {"debian11", "ubuntu20.04", *DNF} for arch in ARCHITECTURES),
        *((target, "aarch64") for target in ("debian12", "debian13", "ubuntu26.04")),
    },
}
"""Block -> the targets and architectures that its typical recipe is refused on."""


@pytest.mark.parametrize("arch", ARCHITECTURES)
@pytest.mark.parametrize("target", known())
@pytest.mark.parametrize("block", own())
def test_planned_or_refused(block: str, target: str, arch: str) -> None:
    """A block's typical recipe is planned on a target, or refused with a sentence and a way out."""
    graph = planned(block, target, arch)
    if (target, arch) in REFUSED.get(block, ()):
        assert isinstance(graph, Conflict)
        assert graph.origin is not None
        assert graph.help
        return
    assert isinstance(graph, StageGraph), graph
    assert not [node for stage in graph.stages for node in walk(stage.nodes) if isinstance(node, Install) and not node.packages]
    assert all(node.sha256 for stage in graph.stages for node in walk(stage.nodes) if isinstance(node, Fetch))


@pytest.mark.parametrize("block", own())
def test_two_architectures_in_one_file(block: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A block's typical recipe can be written once for both architectures, where one of them can have it at all."""
    monkeypatch.chdir(GOLDEN / block)
    graph = hpcgen.plan("recipe.py", arch="x86_64,aarch64")
    assert graph.stages[0].target.architectures == ("x86_64", "aarch64")
    assert hpcgen.emit(graph).text
