from __future__ import annotations

import pytest
from planned import commands, configured, packages, plan, refusal, upon

from hpcgen.building_blocks.libfabric import OLDER, PARTNERED, PROVIDERS
from hpcgen.errors import WrongValue


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ("", "--enable-tcp"),
        ("", "--enable-lnx"),
        ("", "--disable-verbs"),
        ("", "--disable-efa"),
        ("", "--disable-psm3"),
        ("", "--disable-opx"),
        ("", "--disable-cxi"),
        ("", "--disable-sockets"),
        ("", "--disable-ucx"),
        ("rdma='system'", "--enable-verbs"),
        ("rdma='/opt/verbs'", "--enable-verbs=/opt/verbs"),
        ("rdma='/opt/verbs', plugins=['verbs']", "--enable-verbs=dl:/opt/verbs"),
        ("rdma='system', plugins=['verbs']", "--enable-verbs=dl"),
        ("providers=['tcp', 'shm'], plugins=['shm']", "--enable-shm=dl"),
        ("providers=['tcp']", "--disable-shm"),
        ("rdma='system', providers=['efa']", "--enable-efa"),
        ("rdma='/opt/verbs', providers=['efa', 'psm3'], plugins=['psm3']", "--enable-efa=/opt/verbs"),
        ("rdma='/opt/verbs', providers=['efa', 'psm3'], plugins=['psm3']", "--enable-psm3=dl:/opt/verbs"),
        ("cuda='/c'", "--with-cuda=/c"),
        ("cuda='/c'", "--enable-cuda-dlopen"),
        ("cuda='/c', gdrcopy='/g'", "--enable-gdrcopy-dlopen"),
        ("", "--without-cuda"),
        ("xpmem='/x'", "--enable-xpmem=/x"),
        ("", "--disable-xpmem"),
        ("", "--without-uring"),
        ("uring='system'", "--with-uring"),
        ("providers=['cxi'], with_cassini_headers='/h'", "--with-cassini-headers=/h"),
    ],
)
def test_options(options: str, word: str) -> None:
    """Each provider and each partner is said aloud, whether it is built in, a plug-in, or left out."""
    assert word in configured(plan(f"Stage0 += libfabric({options})"))


@pytest.mark.parametrize("version", ["2.6.0", "1.22.0", "1.18.0", "1.15.1"])
def test_each_provider_that_a_version_has_is_named_once(version: str) -> None:
    """No provider is left for configure to find, and none is named twice; the defaults that a version lacks are left out."""
    said = [word for word in configured(plan(f"Stage0 += libfabric(version='{version}')")) if word.startswith(("--enable-", "--disable-"))]
    names = [word.split("-", 3)[3] for word in said]
    assert len(set(names)) == len(names)
    known = {*PROVIDERS, *OLDER, *PARTNERED}
    assert ("lnx" in names) == (version == "2.6.0")
    assert ("gni" in names) == (version in ("1.18.0", "1.15.1"))
    assert {"tcp", "verbs", "efa", "opx"} <= set(names) & known


def test_providers_bring_their_packages() -> None:
    """Omni-Path's providers bring what they are built and run with; verbs come with their providers."""
    graph = plan(
        "Stage0 += libfabric(rdma='system', providers=['psm3'])\nStage1 += baseimage(image='debian:12')\nStage1 += Stage0.runtime(kind='prefix')"
    )
    assert {"libnuma-dev", "uuid-dev", "libibverbs-dev"} <= packages(graph)
    assert {"libnuma1", "libuuid1", "ibverbs-providers"} <= packages(graph, 1)
    assert "libnuma-dev" not in packages(plan("Stage0 += libfabric()"))


def test_cuda_is_opened_by_a_name_that_an_image_for_running_has() -> None:
    """With CUDA, libfabric opens libcudart.so, which packages for running lack: a link to the library that they have lies beside its own."""
    said = commands(plan("Stage0 += cuda(version='12.9')\nStage0 += libfabric()"), "libfabric")
    (link,) = (command for command in said if command.startswith("ln "))
    assert link == (
        'ln -s "$(dirname /usr/local/cuda/lib64/libcudart.so)/$(readlink /usr/local/cuda/lib64/libcudart.so)" /usr/local/libfabric/lib/libcudart.so'
    )
    (flags,) = (word for word in configured(plan("Stage0 += cuda(version='12.9')\nStage0 += libfabric()"), "libfabric") if "LDFLAGS" in word)
    assert "-Wl,-rpath,/usr/local/libfabric/lib" in flags
    graph = plan("Stage0 += libfabric()")
    assert not [command for command in commands(graph) if command.startswith("ln ")]
    assert ("libfabric.so.*", "@/libfabric/*.so") in graph.stages[0].blocks[-1].leaves.companions


def test_open_mpi_is_built_upon_it() -> None:
    """Open MPI behind it communicates by libfabric."""
    graph = plan("Stage0 += libfabric()\nStage0 += openmpi()")
    assert "--with-ofi=/usr/local/libfabric" in configured(graph, "openmpi")
    assert "libfabric" in upon(graph, "openmpi")


@pytest.mark.parametrize(
    ("options", "help"),
    [
        ("providers=['verbs']", "rdma=True"),
        ("providers=['ucx']", "ucx=True"),
        ("providers=['tpc']", "did you mean 'tcp'?"),
        ("version='1.22.0', providers=['lnx']", "leave it out"),
        ("plugins=['opx']", "name it in providers too"),
    ],
)
def test_wrong_providers(options: str, help: str) -> None:  # noqa: A002 (the error's own word)
    """A provider that cannot be built so is an error that says what to write instead."""
    fault = refusal(f"Stage0 += libfabric({options})")
    assert type(fault) is WrongValue
    assert help in fault.help
