"""The same block by HPCCM and by hpcgen: what differs stands in one table, with the reason."""

from __future__ import annotations

import importlib
import re
import shlex
import warnings
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import pytest
from planned import commands, configured, environment, nodes, packages, plan

from hpcgen.graph.nodes import AddRepository, Fetch

pytestmark = pytest.mark.filterwarnings("ignore")

ARGUED = {
    "--enable-optimizations": "uses what the builder's processor has: the image may not run elsewhere; optimizations=True says it",
    "--with-cuda=/usr/local/cuda": "HPCCM assumes a toolkit there; cuda is a block, a path, or what the base image is known to bring",
    "--with-cuda": "the same",
    "--with-verbs": "HPCCM assumes verbs where no ofed block stands; infiniband='system' takes the distribution's",
    "--without-verbs": "Open MPI 5 has no such word: InfiniBand comes by UCX",
    "--enable-orterun-prefix-by-default": "the name of Open MPI 4; 5 calls it --enable-prte-prefix-by-default",
}
"""Words that HPCCM says to configure and hpcgen does not, with the reason."""

SERVERS = {"fftw": ("ftp://ftp.fftw.org/pub/fftw/", "https://www.fftw.org/", "the same file, by a server that proves who it is")}
"""Block -> what HPCCM's address begins with, what ours does, and the reason."""


class Theirs(NamedTuple):
    """What HPCCM says of a block."""

    url: str
    words: list[str]
    variables: set[str]


CASES = [
    ("ucx", "version='1.18.1'"),
    ("ucx", "version='1.13.1', cuda=False, gdrcopy=False, knem=False, xpmem=False, ofed=False"),
    ("ucx", "version='1.18.1', cuda='/c', gdrcopy='/g', knem='/k', xpmem='/x', ofed='/o', prefix='/opt/ucx'"),
    ("ucx", "version='1.18.1', cuda=False, enable_mt=True, with_foo='/foo', disable_numa=True"),
    ("openmpi", "version='4.1.8', cuda=False, infiniband=False"),
    ("openmpi", "version='4.1.8'"),
    ("openmpi", "version='4.1.8', cuda='/c', ucx='/u', pmi='/p', infiniband=False, prefix='/opt/openmpi'"),
    ("openmpi", "version='4.1.4', cuda=False, infiniband=False, pmix='internal', enable_mpi1_compatibility=True"),
    ("openmpi", "version='5.0.7', cuda=False, infiniband=False, ucx='/usr/local/ucx'"),
    ("mpich", "version='3.3.2'"),
    ("mpich", "version='4.3.2', prefix='/opt/mpich', with_device='ch4:ucx', with_ucx='/u', disable_fortran=True"),
    ("mpich", "version='5.0.1', configure_opts=['--with-pm=hydra:gforker'], check=True, with_pmix='/p', environment=False"),
    ("slurm_pmi2", "version='21.08.8'"),
    ("slurm_pmi2", "version='20.11.9', prefix='/opt/pmi', environment=True"),
    ("slurm_pmi2", "version='25.11.8', without_munge=True"),
    ("fftw", "version='3.3.10'"),
    ("fftw", "version='3.3.10', enable_float=True, prefix='/opt/fftw'"),
    ("fftw", "version='3.3.8', configure_opts=['--enable-shared', '--enable-threads'], check=True"),
]


def theirs(block: str, options: str) -> Theirs:
    """What HPCCM writes for Ubuntu 24.04."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        hpccm: Any = importlib.import_module("hpccm")
    hpccm.config.set_container_format("docker")
    hpccm.config.set_linux_distro("ubuntu24")
    hpccm.config.set_cpu_architecture("x86_64")
    text = str(eval(f"hpccm.building_blocks.{block}({options})", {"hpccm": hpccm})).replace("\\\n", " ")  # noqa: S307 (the cases above)
    (url,) = re.findall(r"wget [^&]*?((?:https|ftp)://\S+)", text)
    (line,) = re.findall(r"&&\s+(?:\S+=\S+ )*\./configure (.*?) &&", text)
    return Theirs(url, shlex.split(line), set(re.findall(r"(\w+)=\S+:\$\1", text)))


@pytest.mark.parametrize(("block", "options"), CASES)
def test_same_or_argued(block: str, options: str) -> None:
    """Address, prefix, words for configure and environment are HPCCM's, or the difference is argued for."""
    hpccm = theirs(block, options)
    graph = plan(f"Stage0 += {block}({options})", "ubuntu:24.04")
    said = configured(graph, block)
    (fetch,) = nodes(graph, Fetch)
    their_server, our_server, _reason = SERVERS.get(block, ("", "", ""))
    assert fetch.url == hpccm.url.replace(their_server, our_server)
    assert urlsplit(fetch.url).scheme == "https"
    assert {word for word in hpccm.words if word not in said} <= set(ARGUED)
    assert [word for word in said if word.startswith("--prefix=")] == [word for word in hpccm.words if word.startswith("--prefix=")]
    assert hpccm.variables <= set(environment(graph))


def test_each_argument_is_needed() -> None:
    """No difference is argued for that is not there."""
    seen = set()
    for block, options in CASES:
        hpccm = theirs(block, options)
        seen |= set(hpccm.words) - set(configured(plan(f"Stage0 += {block}({options})", "ubuntu:24.04"), block))
    assert seen == set(ARGUED)


@pytest.mark.parametrize(
    "block",
    [
        "ucx",
        "openmpi",
        "mpich",
        "slurm_pmi2",
        "pmix",
        "gdrcopy",
        "fftw",
        "cmake",
        "gnu",
        "packages",
        "apt_get",
        "yum",
        "generic_autotools",
        "generic_cmake",
        "generic_build",
        "nccl",
        "nvshmem",
    ],
)
def test_their_options_are_known(block: str) -> None:
    """Each option that HPCCM's block reads is an option here, or is refused with a way to go."""
    import inspect

    from hpcgen.block.finder import find

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        source = inspect.getsource(importlib.import_module(f"hpccm.building_blocks.{block}"))
    ours = find(block)
    assert ours is not None
    names = set(re.findall(r"""kwargs\.(?:get|pop)\(\s*['"](\w+)['"]""", source))
    refused = set(getattr(ours, "refused", {})) | {"yum4", "src_directory"}
    assert names <= set(ours._names) | refused


# --- blocks of NVIDIA's ---


def written(block: str, options: str, distribution: str = "ubuntu24") -> str:
    """What HPCCM writes, a command a line."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        hpccm: Any = importlib.import_module("hpccm")
    hpccm.config.set_container_format("docker")
    hpccm.config.set_linux_distro(distribution)
    hpccm.config.set_cpu_architecture("x86_64")
    return str(eval(f"hpccm.building_blocks.{block}({options})", {"hpccm": hpccm})).replace("\\\n", " ").replace(" && ", "\n")  # noqa: S307 (the cases below)


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
