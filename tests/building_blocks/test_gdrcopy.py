"""gdrcopy."""

from __future__ import annotations

import shlex

import pytest
from planned import commands, configured, environment, nodes, packages, plan

from hpcgen.graph.nodes import Fetch


def made(recipe: str, image: str = "debian:12") -> list[str]:
    """The words that make is given."""
    (line,) = (command for command in commands(plan(f"Stage0 += {recipe}", image), "gdrcopy") if " make -j" in command)
    return shlex.split(line)[3:]


@pytest.mark.parametrize(
    ("recipe", "words"),
    [
        ("gdrcopy()", ["prefix=/usr/local/gdrcopy", "lib", "lib_install"]),
        ("gdrcopy(prefix='/opt/g', make_opts=['V=1'])", ["prefix=/opt/g", "V=1", "lib", "lib_install"]),
        ("gdrcopy(cuda='/opt/cuda')", ["prefix=/usr/local/gdrcopy", "CUDA=/opt/cuda", "lib", "lib_install"]),
        ("gdrcopy(cuda='/c', targets=['install'])", ["prefix=/usr/local/gdrcopy", "CUDA=/c", "install"]),
    ],
)
def test_words_of_make(recipe: str, words: list[str]) -> None:
    """Make is told where to install, where CUDA lies if it is there, and what to do."""
    assert made(recipe) == words


def test_cuda_of_the_image() -> None:
    """CUDA of a base image that is known to bring it is found."""
    assert "CUDA=/usr/local/cuda" in made("gdrcopy()", "nvcr.io/nvidia/cuda:12.9.1-devel-ubuntu22.04")


def test_library_needs_no_cuda() -> None:
    """The library is built with a C compiler alone; its programs need C++ as well."""
    assert "g++" not in packages(plan("Stage0 += gdrcopy()"))
    assert "g++" in packages(plan("Stage0 += gdrcopy(cuda='/c', targets=['exes', 'exes_install'])"))


def test_ucx_finds_it() -> None:
    """UCX behind it is built with it, and finds its library without the environment."""
    graph = plan("Stage0 += cuda()\nStage0 += gdrcopy()\nStage0 += ucx()")
    said = configured(graph, "ucx")
    assert "--with-gdrcopy=/usr/local/gdrcopy" in said
    assert "-Wl,-rpath,/usr/local/gdrcopy/lib" in said[0]
    assert environment(graph)["CPATH"] == ["/usr/local/cuda/include", "/usr/local/gdrcopy/include", "/usr/local/ucx/include"]


def test_archive_of_a_tag() -> None:
    """Its archives are those of its tags, below HPCCM's address."""
    (fetch,) = nodes(plan("Stage0 += gdrcopy(version='2.4.4')"), Fetch)
    assert fetch.url == "https://github.com/NVIDIA/gdrcopy/archive/v2.4.4.tar.gz"
