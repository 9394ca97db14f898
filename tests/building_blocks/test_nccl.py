"""NCCL."""

from __future__ import annotations

import shlex

import pytest
from planned import commands, configured, environment, nodes, packages, plan, refusal, upon

from hpcgen.building_blocks.nccl import PACKAGES
from hpcgen.errors import Conflict, UnknownVersion, WrongValue
from hpcgen.graph.nodes import AddRepository, RuntimeOf
from hpcgen.version import Version

RUNTIME = "\nStage1 += baseimage(image={image!r})\nStage1 += Stage0.runtime({kind})"


def made(recipe: str, image: str = "debian:12") -> list[str]:
    """The words that make is given."""
    (line,) = (command for command in commands(plan(recipe, image), "nccl") if " make -j" in command)
    return shlex.split(line)[3:]


@pytest.mark.parametrize(
    ("recipe", "image", "names"),
    [
        ("nccl()", "ubuntu:24.04", {"libnccl2=2.32.3-1+cuda13.4", "libnccl-dev=2.32.3-1+cuda13.4"}),
        ("nccl()", "nvcr.io/nvidia/cuda:12.9.1-devel-ubuntu24.04", {"libnccl2=2.32.3-1+cuda12.9", "libnccl-dev=2.32.3-1+cuda12.9"}),
        ("nccl(cuda='13.2')", "rockylinux:9", {"libnccl-2.30.4-1+cuda13.2", "libnccl-devel-2.30.4-1+cuda13.2"}),
        ("nccl(cuda='12.1', version='2.17.1-1')", "ubuntu:22.04", {"libnccl2=2.17.1-1+cuda12.1", "libnccl-dev=2.17.1-1+cuda12.1"}),
        (
            "nccl(version='2.28.9-1', cuda='/usr/local/cuda', infiniband=True)",
            "rockylinux:8",
            {"libnccl-2.28.9-1+cuda13.0", "libnccl-devel-2.28.9-1+cuda13.0", "libibverbs"},
        ),
    ],
)
def test_packages_of_one_version(recipe: str, image: str, names: set[str]) -> None:
    """NVIDIA's packages come by version and by the toolkit that they were made with, never as whatever is newest on the day."""
    assert packages(plan(f"Stage0 += {recipe}", image)) == names


def test_packages_of_the_recipes_toolkit() -> None:
    """Packages are of the major version of the recipe's CUDA, and come from the repository that this has added."""
    graph = plan("Stage0 += cuda(version='12.8')\nStage0 += nccl()", "ubuntu:24.04")
    assert "libnccl2=2.32.3-1+cuda12.9" in packages(graph)
    assert len(nodes(graph, AddRepository)) == 1
    assert upon(graph, "nccl") == {"cuda"}
    elsewhere = plan("Stage0 += cuda(version='12.8')\nStage0 += nccl(repositories='https://mirror.example.org/nvidia')", "ubuntu:24.04")
    assert [node.url for node in nodes(elsewhere, AddRepository, "nccl")] == ["https://mirror.example.org/nvidia/ubuntu2404/x86_64/"]


def test_the_result_gets_the_same_version() -> None:
    """A result's package manager is told which version the builder has: the newest would be for another toolkit, and for newer drivers."""
    recipe = "Stage0 += cuda(version='12.9')\nStage0 += nccl(version='2.28.9-1')"
    (found,) = nodes(plan(recipe + RUNTIME.format(image="ubuntu:24.04", kind=""), "ubuntu:24.04"), RuntimeOf, stage=1)
    assert ("pin", "libnccl2", "libnccl2=2.28.9-1+cuda12.9") in found.records
    assert ("package", "nccl", "libnccl2") in found.records  # an image of libraries alone takes all
    whole = plan(recipe + RUNTIME.format(image="ubuntu:24.04", kind="kind='prefix'"), "ubuntu:24.04")
    assert packages(whole, 1) == {"cuda-cudart-12-9", "libnccl2=2.28.9-1+cuda12.9"}
    assert len(nodes(whole, AddRepository, stage=1)) == 1


@pytest.mark.parametrize(
    ("recipe", "image", "kind", "help"),
    [
        ("nccl()", "debian:12", Conflict, "nccl(build=True)"),
        ("nccl()", "rockylinux:10", Conflict, "fingerprint='...'"),
        ("nccl(cuda='13.2')", "ubuntu:20.04", Conflict, "ubuntu20.04 has >=11.8 <13"),
        ("nccl(cuda='12.4', version='2.21.5-1')", "ubuntu:24.04", Conflict, "ubuntu24.04 has >=12.5"),
        ("nccl()", "nvcr.io/nvidia/cuda:11.8.0-devel-ubuntu22.04", Conflict, "there are 2.15.5-1"),
        ("nccl(version='2.19.3-1')", "ubuntu:22.04", UnknownVersion, 'cuda="13.2"'),
        ("nccl(version='2.19.3')", "ubuntu:22.04", WrongValue, "2.30.7-1"),
        ("nccl(version=2)", "ubuntu:22.04", WrongValue, "string"),
        ("nccl(cuda='10.2')", "ubuntu:22.04", UnknownVersion, "13.4"),
        ("nccl(prefix='/opt/nccl')", "ubuntu:22.04", WrongValue, "as they are"),
        ("nccl(src_directory='src')", "ubuntu:22.04", WrongValue, "directory="),
        ("nccl(build=True, architectures=['hopper'])", "ubuntu:22.04", WrongValue, "sm_90"),
    ],
)
def test_refusals(recipe: str, image: str, kind: type[Exception], help: str) -> None:  # noqa: A002 (the error's own word)
    """What NVIDIA has no packages for is an error before anything is built, with what there is."""
    fault = refusal(f"Stage0 += {recipe}", image)
    assert type(fault) is kind
    assert help in fault.help


@pytest.mark.parametrize(
    ("recipe", "words"),
    [
        ("Stage0 += nccl(build=True)", ["PREFIX=/usr/local/nccl", "install"]),
        ("Stage0 += nccl(build=True, cuda='/c', prefix='/opt/n')", ["PREFIX=/opt/n", "CUDA_HOME=/c", "install"]),
        (
            "Stage0 += nccl(build=True, make_variables={'TRACE': '1', 'CXXSTD': '-std=c++17'}, make_opts=['V=1'])",
            ["PREFIX=/usr/local/nccl", "TRACE=1", "CXXSTD=-std=c++17", "V=1", "install"],
        ),
        (
            "Stage0 += cuda(version='12.9', architectures=['80', '90'])\nStage0 += nccl(build=True)",
            [
                "PREFIX=/usr/local/nccl",
                "CUDA_HOME=/usr/local/cuda",
                "NVCC_GENCODE=-gencode=arch=compute_80,code=sm_80 -gencode=arch=compute_90,code=sm_90 -gencode=arch=compute_90,code=compute_90",
                "install",
            ],
        ),
        (
            "Stage0 += cuda(version='12.9', architectures=['80', '90'])\nStage0 += nccl(build=True, architectures=['sm_80'])",
            [
                "PREFIX=/usr/local/nccl",
                "CUDA_HOME=/usr/local/cuda",
                "NVCC_GENCODE=-gencode=arch=compute_80,code=sm_80 -gencode=arch=compute_80,code=compute_80",
                "install",
            ],
        ),
    ],
)
def test_words_of_make(recipe: str, words: list[str]) -> None:
    """Make is told where to install, where CUDA lies, and which of the recipe's GPUs to compile for."""
    assert made(recipe) == words


def test_from_source() -> None:
    """A build has a folder of its own, which later blocks find; a git repository is a source too."""
    graph = plan("Stage0 += nccl(build=True, cuda='/c')")
    assert environment(graph)["LD_LIBRARY_PATH"] == ["/usr/local/nccl/lib"]
    assert {"g++", "make", "python3"} <= packages(graph)
    commit = "0" * 40
    assert configured(plan(f"Stage0 += nccl(repository=True, commit='{commit}')"), "nccl", "make")[-1] == "install"
    assert environment(plan("Stage0 += nccl()", "ubuntu:24.04")) == {}


def test_table_is_whole() -> None:
    """Packages are known newest first, each with a toolkit."""
    assert list(PACKAGES) == sorted(PACKAGES, key=Version, reverse=True)
    assert all(PACKAGES.values())
