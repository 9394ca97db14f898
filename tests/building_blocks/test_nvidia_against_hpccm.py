"""NCCL and NVSHMEM by HPCCM and by hpcgen."""

from __future__ import annotations

import re
import shlex

import pytest
from hpccm_said import hpccm_text
from planned import commands, configured, environment, nodes, packages, plan

from hpcgen.graph.nodes import AddRepository, Fetch

pytestmark = pytest.mark.filterwarnings("ignore")


def written(block: str, options: str, distribution: str = "ubuntu24") -> str:
    """What HPCCM writes, a command a line."""
    return hpccm_text(block, options, distribution).replace(" && ", "\n")


@pytest.mark.parametrize(
    ("options", "distribution", "image"),
    [
        ("version='2.30.4-1', cuda='13.2'", "ubuntu24", "ubuntu:24.04"),
        ("version='2.28.9-1', cuda='12.9'", "ubuntu22", "ubuntu:22.04"),
        ("version='2.28.9-1', cuda='13.0'", "rockylinux9", "rockylinux:9"),
        ("version='2.15.5-1', cuda='11.8'", "rockylinux8", "rockylinux:8"),
    ],
)
def test_packages_of_nccl(options: str, distribution: str, image: str) -> None:
    """NCCL's packages and their repository are HPCCM's; ours is trusted by the fingerprint of its key."""
    text = written("nccl", options, distribution)
    graph = plan(f"Stage0 += nccl({options})", image)
    (repository,) = nodes(graph, AddRepository)
    assert packages(graph) == set(re.findall(r"\blibnccl\S+", text))
    assert {url.rstrip("/") for url in re.findall(r"https://developer\.\S+", text)} == {repository.url.rstrip("/"), repository.key}


def test_build_of_nccl() -> None:
    """NCCL is built from HPCCM's address with its prefix and variables, which make is given as words."""
    text = written("nccl", "build=True, version='2.29.7-1', prefix='/opt/nccl', make_variables={'TRACE': '1'}")
    graph = plan("Stage0 += nccl(build=True, version='2.29.7-1', prefix='/opt/nccl', make_variables={'TRACE': '1'})", "ubuntu:24.04")
    (line,) = re.findall(r"(PREFIX=\S+ .*)make -j\S+ (\w+)", text)
    (ours,) = (command for command in commands(graph, "nccl") if "make -j" in command)
    assert {*line[0].split(), line[1]} <= set(shlex.split(ours))
    assert [fetch.url for fetch in nodes(graph, Fetch)] == re.findall(r"https://github\S+gz", text)[:1]
    assert set(re.findall(r"(\w+)=\S+:\$\1", text)) <= set(environment(graph))


NVSHMEM_ARGUED = {
    "-DNVSHMEM_BUILD_DEB_PACKAGES=OFF": "NVSHMEM calls it NVSHMEM_BUILD_DEB_PACKAGE, and so do we",
    "-DNVSHMEM_BUILD_RPM_PACKAGES=OFF": "the same of RPM",
    "-DNVSHMEM_SHMEM_SUPPORT=1": "ON, which means the same",
    "-DNVSHMEM_MPI_SUPPORT=ON": "HPCCM assumes that there is an MPI; here it is a block or a path",
    "-DCUDA_HOME=/usr/local/cuda": "HPCCM assumes a toolkit there; here it is a block, a path, or what the base image is known to bring",
}
"""Words that HPCCM says to cmake and hpcgen does not, with the reason."""

NVSHMEM_CASES = [
    ("version='3.4.5-0', cuda='/c', mpi=False", "version='3.4.5-0', cuda='/c', mpi=False"),
    (
        "version='3.4.5-0', mpi='/m', gdrcopy='/g', shmem='/s', prefix='/opt/n'",
        "version='3.4.5-0', cuda='/c', mpi='/m', gdrcopy='/g', shmem='/s', prefix='/opt/n'",
    ),
    ("version='3.2.5-1', cuda='/c', cmake_opts=['-DX=1']", "version='3.2.5-1', cuda='/c', cmake_opts=['-DX=1']"),
]
"""Options for HPCCM, and the same for hpcgen, which is told where CUDA lies."""


def said_of_nvshmem(theirs: str, ours: str) -> tuple[set[str], set[str]]:
    """The words that cmake is given by HPCCM and not by hpcgen, and those that it is given; addresses and environment are compared."""
    text = written("nvshmem", theirs)
    graph = plan(f"Stage0 += nvshmem({ours})", "ubuntu:24.04")
    said = set(configured(graph, "nvshmem", "cmake -S . -B build"))
    words = {word for line in re.findall(r"cmake (-D.*)", text) for word in shlex.split(line) if word.startswith("-D")}
    assert [fetch.url for fetch in nodes(graph, Fetch)] == re.findall(r"https://\S+", text)[:1]
    assert set(re.findall(r"(\w+)=\S+:\$\1", text)) <= set(environment(graph))
    return words - said, words


@pytest.mark.parametrize(("theirs", "ours"), NVSHMEM_CASES)
def test_nvshmem_is_the_same_or_argued(theirs: str, ours: str) -> None:
    """What HPCCM says to NVSHMEM's cmake is said here too, or the difference is argued for."""
    missing, words = said_of_nvshmem(theirs, ours)
    assert words
    assert missing <= set(NVSHMEM_ARGUED)


def test_each_argument_about_nvshmem_is_needed() -> None:
    """No difference is argued for that is not there."""
    assert {word for case in NVSHMEM_CASES for word in said_of_nvshmem(*case)[0]} == set(NVSHMEM_ARGUED)
