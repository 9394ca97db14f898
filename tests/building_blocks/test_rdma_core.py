from __future__ import annotations

import pytest
from planned import configured, environment, packages, plan, upon

PREFIX = "/usr/local/rdma-core"
CMAKE = "cmake -S . -B build"


@pytest.mark.parametrize(
    "word",
    [
        f"-DCMAKE_INSTALL_PREFIX={PREFIX}",
        "-DCMAKE_INSTALL_LIBDIR=lib",
        "-DNO_MAN_PAGES=1",
        "-DNO_PYVERBS=1",
        "-DCMAKE_DISABLE_FIND_PACKAGE_UDev=ON",
        "-DCMAKE_DISABLE_FIND_PACKAGE_Systemd=ON",
        f"-DCMAKE_INSTALL_RPATH={PREFIX}/lib",
        f"-DSYSUSERS_DIR={PREFIX}/lib/sysusers.d",
    ],
)
def test_words(word: str) -> None:
    """What CMake would guess is said, and nothing goes outside the prefix."""
    assert word in configured(plan("Stage0 += rdma_core()"), program=CMAKE)


def test_words_of_versions() -> None:
    """Old releases are configured by a new CMake too, and are not told of what they do not have."""
    said = configured(plan("Stage0 += rdma_core(version='31.2')"), program=CMAKE)
    assert "-DCMAKE_POLICY_VERSION_MINIMUM=3.5" in said
    assert not [word for word in said if "SYSUSERS" in word or "TRACING" in word]


def test_what_is_built_upon_it() -> None:
    """UCX, libfabric and Open MPI 4 behind it take their verbs from there, and none of the distribution's."""
    graph = plan("Stage0 += rdma_core()\nStage0 += ucx()\nStage0 += libfabric()\nStage0 += openmpi(version='4.1.8')")
    assert {f"--with-verbs={PREFIX}", f"--with-rdmacm={PREFIX}"} <= set(configured(graph, "ucx"))
    assert f"--enable-verbs={PREFIX}" in configured(graph, "libfabric")
    assert f"--with-verbs={PREFIX}" in configured(graph, "openmpi")
    assert upon(graph, "ucx") == {"rdma_core"}
    assert not {"libibverbs-dev", "ibverbs-providers"} & packages(graph)


def test_it_runs_with_its_own_providers() -> None:
    """It leaves its providers, which libibverbs opens below its own prefix, and the files that name them; netlink comes by packages."""
    graph = plan("Stage0 += rdma_core()\nStage1 += baseimage(image='debian:12')\nStage1 += Stage0.runtime(kind='prefix')")
    found = graph.stages[0].blocks[-1].leaves
    assert ("opened by name", f"{PREFIX}/lib/libibverbs/*.so") in found.take
    assert ("data", f"{PREFIX}/etc/libibverbs.d") in found.take
    assert {"libnl-3-200", "libnl-route-3-200"} <= packages(graph, 1)
    assert environment(graph, 1)["LD_LIBRARY_PATH"] == [f"{PREFIX}/lib"]
