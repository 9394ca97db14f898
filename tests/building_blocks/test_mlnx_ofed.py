from __future__ import annotations

import pytest
from planned import configured, nodes, packages, plan, refusal

from hpcgen.building_blocks.mlnx_ofed import MELLANOX, VERBS, mlnx_ofed
from hpcgen.errors import Conflict, UnknownVersion, WrongValue
from hpcgen.graph.nodes import AddRepository, Install

BASE = "https://linux.mellanox.com/public/repo/mlnx_ofed"


@pytest.mark.parametrize(
    ("target", "version", "arch", "folder"),
    [
        ("debian12", "24.10-4.1.4.0", "x86_64", "debian12.5/amd64"),
        ("debian12", "24.04-0.7.0.0", "x86_64", "debian12.1/amd64"),
        ("ubuntu20.04", "24.10-2.1.8.0", "x86_64", "ubuntu20.04/amd64"),
        ("ubuntu22.04", "24.07-0.6.1.0", "aarch64", "ubuntu22.04/arm64"),
        ("ubuntu24.04", "24.10-4.1.4.0", "x86_64", "ubuntu24.04/amd64"),
        ("rocky9", "24.10-4.1.4.0", "x86_64", "rhel9.5/x86_64"),
        ("almalinux9", "24.10-0.7.0.0", "aarch64", "rhel9.5/aarch64"),
    ],
)
def test_repository_of_each_target(target: str, version: str, arch: str, folder: str) -> None:
    """Each target has NVIDIA's repository for exactly it, trusted by one key."""
    (found,) = nodes(plan(f"Stage0 += mlnx_ofed(version='{version}')", "x", distro=target, arch=arch), AddRepository)
    assert found.url == f"{BASE}/{version}/{folder}/"
    assert found.fingerprint == MELLANOX
    assert found.key.startswith("https://")
    assert found.key.endswith(MELLANOX)


@pytest.mark.parametrize(
    ("target", "version", "arch"),
    [
        ("debian13", "24.10-4.1.4.0", "x86_64"),
        ("debian12", "24.10-4.1.4.0", "aarch64"),
        ("ubuntu26.04", "24.10-4.1.4.0", "x86_64"),
        ("ubuntu20.04", "24.04-0.7.0.0", "x86_64"),
        ("rocky10", "24.10-4.1.4.0", "x86_64"),
    ],
)
def test_never_the_nearest_label(target: str, version: str, arch: str) -> None:
    """A target without the release is an error that lists those that have it: no other release's packages are taken."""
    with pytest.raises(Conflict) as caught:
        plan(f"Stage0 += mlnx_ofed(version='{version}')", "x", distro=target, arch=arch)
    assert target in caught.value.sentence
    assert "ubuntu24.04" in caught.value.help


def test_key_that_is_not_known_must_be_named() -> None:
    """Which of three keys signs EL 8's packages is not known: the recipe's own word is taken."""
    with pytest.raises(Conflict) as caught:
        plan("Stage0 += mlnx_ofed()", "rockylinux:8")
    assert "fingerprint" in caught.value.help
    (found,) = nodes(plan(f"Stage0 += mlnx_ofed(fingerprint='{'A' * 40}')", "rockylinux:8"), AddRepository)
    assert (found.fingerprint, found.key[-40:]) == ("A" * 40, "A" * 40)


def test_ucx_is_built_with_its_packages_alone() -> None:
    """UCX behind it finds verbs where the distribution's would be, and neither it nor its runtime stage takes the distribution's own."""
    graph = plan(
        "Stage0 += mlnx_ofed()\nStage0 += ucx()\nStage1 += baseimage(image='ubuntu:24.04')\nStage1 += Stage0.runtime(kind='prefix')", "ubuntu:24.04"
    )
    assert {"--with-verbs", "--with-rdmacm"} <= set(configured(graph, "ucx"))
    assert "librdmacm1" in packages(graph)
    assert "librdmacm1t64" not in packages(graph) | packages(graph, 1)
    assert {"ibverbs-providers", "libibverbs1", "librdmacm1"} <= packages(graph, 1)
    assert [node.name for node in nodes(graph, AddRepository, stage=1)] == ["mlnx-ofed"]


def test_list_of_the_recipes_own() -> None:
    """Packages that the recipe names are those that are installed; what is for building does not go into a stage that runs them."""
    options = "packages=['ibverbs-providers', 'libibverbs1', 'libibverbs-dev'], ospackages=['numactl']"
    graph = plan(f"Stage0 += mlnx_ofed({options})\nStage1 += baseimage(image='debian:12')\nStage1 += Stage0.runtime(kind='prefix')")
    assert packages(graph) == {"ibverbs-providers", "libibverbs1", "libibverbs-dev", "numactl"}
    assert packages(graph, 1) == {"ibverbs-providers", "libibverbs1"}


def test_unpacked_below_a_prefix() -> None:
    """Several releases lie side by side, each below a prefix of its own."""
    graph = plan(
        "Stage0 += mlnx_ofed(version='24.04-0.7.0.0', prefix='/opt/ofed/24.04')\nStage0 += mlnx_ofed(prefix='/opt/ofed/24.10')", "ubuntu:22.04"
    )
    assert [node.extract for node in nodes(graph, Install) if node.extract] == ["/opt/ofed/24.04", "/opt/ofed/24.10"]
    assert graph.warnings == ()


@pytest.mark.parametrize(
    ("options", "kind", "help"),
    [
        ("version='23.99-1'", UnknownVersion, "24.10-4.1.4.0"),
        ("fingerprint='abc'", WrongValue, "40"),
        ("prefix='ofed'", WrongValue, "absolute"),
    ],
)
def test_wrong_options(options: str, kind: type[Exception], help: str) -> None:  # noqa: A002 (the error's own word)
    """A wrong option is an error that says what to write instead."""
    fault = refusal(f"Stage0 += mlnx_ofed({options})")
    assert type(fault) is kind
    assert help in fault.help


def test_folder_by_the_recipes_own_word() -> None:
    """A release or distribution that hpcgen does not know is taken if the recipe names NVIDIA's folder for it."""
    (found,) = nodes(plan("Stage0 += mlnx_ofed(version='23.10-6.1.6.1', oslabel='debian11.3')", "debian:11"), AddRepository)
    assert found.url == f"{BASE}/23.10-6.1.6.1/debian11.3/amd64/"


def test_tables_are_whole() -> None:
    """Each series is a build of a release of rdma-core, and some target has each release."""
    assert {version.partition("-")[0] for version in mlnx_ofed.versions} == set(VERBS)
    for version in mlnx_ofed.versions:
        assert any(mlnx_ofed(version=version).at(condition) for table in mlnx_ofed.labels.values() for condition in table)
