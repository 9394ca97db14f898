"""The same block by HPCCM and by hpcgen: what differs stands in one table, with the reason."""

from __future__ import annotations

import importlib
import re
import shlex
import warnings
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

import pytest
from hpccm_said import hpccm_text
from planned import configured, environment, nodes, packages, plan

from hpcgen.block import CMakeBlock
from hpcgen.block.finder import find
from hpcgen.graph.nodes import AddRepository, Fetch, Git, Run

if TYPE_CHECKING:
    from hpcgen.graph.stages import StageGraph

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

SERVERS = {
    "fftw": ("ftp://ftp.fftw.org/pub/fftw/", "https://www.fftw.org/", "the same file, by a server that proves who it is"),
    "hdf5": ("https://support.hdfgroup.org/ftp/", "https://support.hdfgroup.org/archive/support/ftp/", "where releases before 1.14 lie by now"),
}
"""Block -> what HPCCM's address begins with, what ours does, and the reason."""

PACKED = {"hdf5": (".tar.bz2", ".tar.gz", "the one of which more collections have the checksum, before 1.14")}
"""Block -> how the archive is packed that HPCCM takes, and the one here, and the reason."""


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
    ("rdma_core", "version='31.2'"),
    ("rdma_core", "version='50.0', prefix='/opt/rdma'"),
    ("hdf5", "version='1.14.5'"),
    ("hdf5", "version='1.10.8', prefix='/opt/hdf5', check=True"),
    ("hdf5", "version='1.14.0', with_pthread='/p', disable_embedded_libinfo=True, configure_opts=['--enable-cxx', '--enable-fortran']"),
    ("pnetcdf", "version='1.12.1', mpi='/m'"),
    ("pnetcdf", "version='1.12.3', mpi='/m', prefix='/opt/pnetcdf', enable_burst_buffering=True"),
]


def ours(block: str, url: str) -> str:
    """HPCCM's address, by the server and the packing that are taken here."""
    for table in (SERVERS, PACKED):
        theirs_of_it, ours_of_it, _reason = table.get(block, ("", "", ""))
        url = url.replace(theirs_of_it, ours_of_it)
    return url


def theirs(block: str, options: str) -> Theirs:
    """What HPCCM writes for Ubuntu 24.04."""
    text = hpccm_text(block, options)
    (url,) = re.findall(r"wget [^&]*?((?:https|ftp)://\S+)", text)
    (line,) = re.findall(r"&&\s+(?:\S+=\S+ )*(?:\./configure|cmake(?! --)) (-.*?) &&", text)
    words = [word for word in shlex.split(line) if not word.startswith("/")]  # but the source's folder
    return Theirs(url, words, set(re.findall(r"(\w+)=\S+:\$\1", text)))


PREFIX = re.compile(r"--prefix=|-DCMAKE_INSTALL_PREFIX=")


def said_of(graph: StageGraph, block: str) -> list[str]:
    """What we say to configure, or to CMake."""
    found = find(block)
    return configured(graph, block, "cmake -S . -B build" if found is not None and issubclass(found, CMakeBlock) else "configure")


@pytest.mark.parametrize(("block", "options"), CASES)
def test_same_or_argued(block: str, options: str) -> None:
    """Address, prefix, words for configure and environment are HPCCM's, or the difference is argued for."""
    hpccm = theirs(block, options)
    graph = plan(f"Stage0 += {block}({options})", "ubuntu:24.04")
    said = said_of(graph, block)
    (fetch,) = nodes(graph, Fetch)
    assert fetch.url == ours(block, hpccm.url)
    assert urlsplit(fetch.url).scheme == "https"
    assert {word for word in hpccm.words if word not in said} <= set(ARGUED)
    assert [word for word in said if PREFIX.match(word)] == [word for word in hpccm.words if PREFIX.match(word)]
    assert hpccm.variables <= set(environment(graph))


def test_each_argument_is_needed() -> None:
    """No difference is argued for that is not there."""
    seen = set()
    for block, options in CASES:
        hpccm = theirs(block, options)
        seen |= set(hpccm.words) - set(said_of(plan(f"Stage0 += {block}({options})", "ubuntu:24.04"), block))
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
        "rdma_core",
        "ofed",
        "mlnx_ofed",
        "doca_ofed",
        "knem",
        "xpmem",
        "llvm",
        "python",
        "pip",
        "conda",
        "hdf5",
        "netcdf",
        "pnetcdf",
        "openblas",
        "boost",
    ],
)
def test_their_options_are_known(block: str) -> None:
    """Each option that HPCCM's block reads is an option here, or is refused with a way to go."""
    import inspect

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        source = inspect.getsource(importlib.import_module(f"hpccm.building_blocks.{block}"))
    ours = find(block)
    assert ours is not None
    names = set(re.findall(r"""kwargs\.(?:get|pop)\(\s*['"](\w+)['"]""", source))
    refused = set(getattr(ours, "refused", {})) | {"yum4", "src_directory"}
    assert names <= set(ours._names) | refused


@pytest.mark.parametrize(("block", "options"), [("mlnx_ofed", "version='24.10-4.1.4.0'"), ("doca_ofed", "version='3.3.0'")])
def test_the_same_packages_of_nvidias(block: str, options: str) -> None:
    """NVIDIA's builds of verbs are the packages that HPCCM takes, from the same server, but by https and with the key that the recipe knows."""
    text = hpccm_text(block, options, "ubuntu22")
    graph = plan(f"Stage0 += {block}({options})", "ubuntu:22.04")
    names = set(re.findall(r"^\s+((?:lib|ibverbs)[\w-]+)", re.sub(r" {8}", "\n        ", text), re.MULTILINE))
    assert names
    assert names == packages(graph)
    (ours,) = nodes(graph, AddRepository)
    (theirs_of,) = set(re.findall(r"https://linux\.mellanox\.com/public/repo/\w+/[^/\s]+/[^/\s]+", text))
    assert ours.url.startswith(f"{theirs_of}/")
    assert len(ours.fingerprint) == 40


def test_the_same_library_of_xpmem() -> None:
    """XPMEM is configured as HPCCM has it, from a release instead of another repository's branch."""
    text = hpccm_text("xpmem", "")
    (line,) = re.findall(r"\./configure (.*?) &&", text)
    graph = plan("Stage0 += xpmem()", "ubuntu:24.04")
    assert set(shlex.split(line)) <= set(configured(graph, "xpmem"))
    assert set(re.findall(r"(\w+)=\S+:\$\1", text)) <= set(environment(graph))
    (git,) = nodes(plan("Stage0 += xpmem(branch='master')", "ubuntu:24.04"), Git)
    assert f"git clone --depth=1 --branch {git.ref} " in text


def test_the_same_header_of_knem() -> None:
    """KNEM's header is copied as HPCCM does, from a checked release instead of a branch."""
    text = hpccm_text("knem", "")
    said = [command for node in nodes(plan("Stage0 += knem()", "ubuntu:24.04"), Run, "knem") for command in node.commands]
    assert said[:2] == ["mkdir -p /usr/local/knem/include", "cp common/*.h /usr/local/knem/include"]
    assert all(command in text for command in said[:2])
