from __future__ import annotations

import pytest
from planned import commands, configured, nodes, packages, plan, refusal, upon

from hpcgen.building_blocks._distributions import RDMA_CORE
from hpcgen.building_blocks._verbs import private_interface
from hpcgen.errors import WrongValue
from hpcgen.graph.nodes import Install

RUNTIME = "\nStage1 += baseimage(image={image!r})\nStage1 += Stage0.runtime(kind='prefix')"


@pytest.mark.parametrize(
    ("image", "building", "running"),
    [
        ("debian:12", {"libibverbs-dev", "librdmacm-dev", "librdmacm1", "ibverbs-providers"}, {"ibverbs-providers", "libibverbs1", "librdmacm1"}),
        ("debian:13", {"libibverbs-dev", "librdmacm1t64"}, {"ibverbs-providers", "libibverbs1", "librdmacm1t64"}),
        ("ubuntu:24.04", {"libibverbs-dev", "librdmacm1t64"}, {"ibverbs-providers", "libibverbs1", "librdmacm1t64"}),
        ("rockylinux:9", {"rdma-core-devel", "libibverbs-utils"}, {"libibverbs", "librdmacm"}),
    ],
)
def test_packages_of_each_release(image: str, building: set[str], running: set[str]) -> None:
    """The distribution's packages go by its own names, and a stage that runs them gets no headers."""
    graph = plan("Stage0 += ofed()" + RUNTIME.format(image=image), image)
    assert building <= packages(graph)
    assert packages(graph, 1) == running


def test_blocks_behind_it_are_built_with_it() -> None:
    """UCX behind it has verbs, builds upon it, and installs none of its packages again."""
    graph = plan("Stage0 += ofed()\nStage0 += ucx()")
    assert {"--with-verbs", "--with-rdmacm", "--with-mlx5"} <= set(configured(graph, "ucx"))
    assert upon(graph, "ucx") == {"ofed"}
    assert not [node for node in nodes(graph, Install, "ucx") if "libibverbs-dev" in node.packages]
    assert "--without-verbs" in configured(plan("Stage0 += ofed()\nStage0 += ucx(ofed=False)"), "ucx")


def test_unpacked_below_a_prefix() -> None:
    """With a prefix, packages are unpacked there past the package manager, and links make it a place to build upon; nothing chooses it."""
    graph = plan("Stage0 += ofed(prefix='/opt/ofed')\nStage0 += ucx()" + RUNTIME.format(image="debian:12"))
    (node,) = (node for node in nodes(graph, Install) if node.extract)
    assert (node.extract, node.download) == ("/opt/ofed", "/usr/local/src/ofed")
    assert "librdmacm1" in node.packages
    assert commands(graph, "ofed") == [
        "mkdir -p /etc/libibverbs.d",
        "cd /opt/ofed",
        "mkdir -p lib",
        "find usr -name 'lib*.so*' ! -path '*valgrind*' -exec ln -s ../{} lib/ ';'",
        "ln -s usr/bin bin",
        "ln -s usr/include include",
    ]
    assert "--with-verbs=/opt/ofed" in configured(graph, "ucx")
    assert "libnl-3-200" in packages(graph, 1)
    assert "ibverbs-providers" not in packages(graph, 1)
    found = graph.stages[0].blocks[0]
    assert ("opened by name", "/opt/ofed/usr/lib*") in found.leaves.take
    assert found.leaves.whole == ("/etc/libibverbs.d",)
    assert commands(plan("Stage0 += ofed(prefix='/opt/ofed', symlink=False)"), "ofed") == ["mkdir -p /etc/libibverbs.d"]


def test_private_interface_of_each_release() -> None:
    """Releases that share a private interface of libibverbs and its providers are known to."""
    assert [private_interface(release) for release in ("28.0", "44.0", "56.1", "57.0", "62.0", "64.0", "")] == [
        "25",
        "34",
        "34",
        "57",
        "59",
        "64",
        "",
    ]
    assert all(private_interface(release) for release in RDMA_CORE.values())


def test_providers_of_another_interface_are_not_mixed_up() -> None:
    """Ubuntu 20.04's providers are of another private interface than a newer tree's: libibverbs does not open them, and nothing is said."""
    assert plan("Stage0 += ofed()\nStage0 += mlnx_ofed(prefix='/opt/ofed')", "ubuntu:20.04").warnings == ()
    (warning,) = plan("Stage0 += ofed()\nStage0 += mlnx_ofed(prefix='/opt/ofed')", "ubuntu:22.04").warnings
    assert "IBV_DRIVERS" in warning


def test_prefix_is_absolute() -> None:
    """A prefix that is none is an error."""
    assert isinstance(refusal("Stage0 += ofed(prefix='ofed')"), WrongValue)
