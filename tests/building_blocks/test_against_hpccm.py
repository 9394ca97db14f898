"""The same block by HPCCM and by hpcgen: what differs stands in one table, with the reason."""

from __future__ import annotations

import importlib
import re
import shlex
import warnings
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import pytest
from planned import commands, configured, environment, nodes, plan

from hpcgen.graph.nodes import Fetch

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
    "openblas": ("https://github.com/xianyi/", "https://github.com/OpenMathLib/", "where the project lies by now"),
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
    ("fftw", "version='3.3.10'"),
    ("fftw", "version='3.3.10', enable_float=True, prefix='/opt/fftw'"),
    ("fftw", "version='3.3.8', configure_opts=['--enable-shared', '--enable-threads'], check=True"),
    ("hdf5", "version='1.14.5'"),
    ("hdf5", "version='1.10.8', prefix='/opt/hdf5', check=True"),
    ("hdf5", "version='1.14.0', with_pthread='/p', disable_embedded_libinfo=True, configure_opts=['--enable-cxx', '--enable-fortran']"),
    ("pnetcdf", "version='1.12.1', mpi='/m'"),
    ("pnetcdf", "version='1.12.3', mpi='/m', prefix='/opt/pnetcdf', enable_burst_buffering=True"),
]


def ours(block: str, url: str) -> str:
    """HPCCM's address, by the server and the packing that are taken here."""
    their_server, our_server, _reason = SERVERS.get(block, ("", "", ""))
    their_packing, our_packing, _reason = PACKED.get(block, ("", "", ""))
    return url.replace(their_server, our_server).replace(their_packing, our_packing)


def written(block: str, options: str) -> str:
    """HPCCM's text for Ubuntu 24.04, each command on one line."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        hpccm: Any = importlib.import_module("hpccm")
    hpccm.config.set_container_format("docker")
    hpccm.config.set_linux_distro("ubuntu24")
    hpccm.config.set_cpu_architecture("x86_64")
    return str(eval(f"hpccm.building_blocks.{block}({options})", {"hpccm": hpccm})).replace("\\\n", " ")  # noqa: S307 (the cases above)


def theirs(block: str, options: str) -> Theirs:
    """What HPCCM says of a block that configure builds."""
    text = written(block, options)
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
    assert fetch.url == ours(block, hpccm.url)
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
        *("ucx", "openmpi", "pmix", "gdrcopy", "fftw", "cmake", "gnu", "packages", "apt_get", "yum", "generic_autotools", "generic_cmake"),
        *("generic_build", "hdf5", "netcdf", "pnetcdf", "openblas", "boost"),
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
    names = set(re.findall(r"kwargs\.(?:get|pop)\(\s*'(\w+)'", source))
    refused = set(getattr(ours, "refused", {})) | {"yum4"}
    assert names <= set(ours._names) | refused


@pytest.mark.parametrize(
    "options", ["", "cxx=False", "fortran=False, prefix='/opt/netcdf'", "version='4.9.2', version_fortran='4.6.1', disable_logging=True"]
)
def test_netcdfs_libraries(options: str) -> None:
    """The libraries of netCDF that HPCCM builds are built from the same archives, in the same order, with the same prefix and words."""
    known = options if "version" in options else f"version='4.7.4', version_fortran='4.5.3', {options}"  # HPCCM's own
    text = written("netcdf", known)
    graph = plan(f"Stage0 += hdf5(version='1.10.11')\nStage0 += netcdf({known})", "ubuntu:24.04")
    assert [fetch.url for fetch in nodes(graph, Fetch, "netcdf")] == re.findall(r"wget [^&]*?(https://\S+)", text)
    said = [shlex.split(command) for command in commands(graph, "netcdf") if "./configure" in command]
    their_words = [shlex.split(line) for line in re.findall(r"\./configure (.*?) &&", text)]
    assert len(said) == len(their_words)
    assert all(set(theirs_of_one) <= set(ours_of_one) for theirs_of_one, ours_of_one in zip(their_words, said, strict=True))
    assert set(re.findall(r"(\w+)=\S+:\$\1", text)) <= set(environment(graph))


@pytest.mark.parametrize("options", ["version='0.3.21'", "version='0.3.27', prefix='/opt/blas', make_opts=['USE_OPENMP=0', 'NUM_THREADS=8']"])
def test_openblas_words(options: str) -> None:
    """OpenBLAS is made from the same archive, with HPCCM's words and prefix, and found by the same variables."""
    text = written("openblas", options)
    graph = plan(f"Stage0 += openblas({options})", "ubuntu:24.04")
    (fetch,) = nodes(graph, Fetch)
    (url,) = re.findall(r"wget [^&]*?(https://\S+)", text)
    assert fetch.url == ours("openblas", url)
    calls = [set(shlex.split(command)) for command in commands(graph, "openblas") if "make " in command]
    their_calls = [set(shlex.split(line)) for line in re.findall(r"&&\s+make ([^&]*?) (?:&&|$)", text)]
    assert set.union(*their_calls) <= set.intersection(*calls) | {"install"}
    assert set(re.findall(r"(\w+)=\S+:\$\1", text)) <= set(environment(graph))


@pytest.mark.parametrize(
    "options",
    [
        "version='1.87.0'",
        "version='1.74.0', prefix='/opt/boost', b2_opts=['cxxstd=14']",
        "version='1.86.0', bootstrap_opts=['--with-libraries=regex']",
    ],
)
def test_boost_words(options: str) -> None:
    """Boost is built from the same archive, with HPCCM's words; Python is left out with what is built upon MPI, which HPCCM's b2 finds or passes over."""
    text = written("boost", options)
    graph = plan(f"Stage0 += boost({options})", "ubuntu:24.04")
    (fetch,) = nodes(graph, Fetch)
    assert [fetch.url] == re.findall(r"wget [^&]*?(https://\S+)", text)
    words = {word for command in commands(graph, "boost") if "./b" in command for word in shlex.split(command)}
    their_words = {word for line in re.findall(r"\./(?:bootstrap\.sh|b2) (.*?) &&", text) for word in shlex.split(line)}
    assert their_words - words <= {"--without-libraries=python", "-j$(nproc)"}
    assert "python" in next((word for word in words if word.startswith("--without-libraries")), "python")
    assert set(re.findall(r"(\w+)=\S+:\$\1", text)) <= set(environment(graph))
