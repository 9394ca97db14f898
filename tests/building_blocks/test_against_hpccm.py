"""The same block by HPCCM and by hpcgen: what differs stands in one table, with the reason."""

from __future__ import annotations

import importlib
import re
import shlex
import warnings
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import pytest
from planned import configured, environment, nodes, plan

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
    ["ucx", "openmpi", "pmix", "gdrcopy", "fftw", "cmake", "gnu", "packages", "apt_get", "yum", "generic_autotools", "generic_cmake", "generic_build", "llvm", "python", "pip", "conda"],
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
