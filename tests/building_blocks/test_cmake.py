from __future__ import annotations

import pytest
from planned import commands, environment, nodes, packages, plan, refusal, upon

from hpcgen.errors import UnknownVersion, WrongValue
from hpcgen.graph.nodes import ByArch, Fetch


@pytest.mark.parametrize("arch", ["x86_64", "aarch64"])
def test_binary(arch: str) -> None:
    """Kitware's binary for the architecture is unpacked, without compilers."""
    graph = plan("Stage0 += cmake(version='3.31.11')", arch=arch)
    (fetch,) = nodes(graph, Fetch)
    assert fetch.url == f"https://github.com/Kitware/CMake/releases/download/v3.31.11/cmake-3.31.11-linux-{arch}.tar.gz"
    assert fetch.sha256
    assert packages(graph) == {"ca-certificates", "curl"}
    assert environment(graph) == {"PATH": ["/usr/local/cmake/bin"]}


def test_both_architectures_in_one_file() -> None:
    """One file for both architectures chooses the binary while building."""
    (choice, *_) = nodes(plan("Stage0 += cmake()", arch="x86_64,aarch64"), ByArch)
    urls = {arch: node.url for arch, inner in choice.choices for node in inner if isinstance(node, Fetch)}
    assert urls["x86_64"].endswith("linux-x86_64.tar.gz")
    assert urls["aarch64"].endswith("linux-aarch64.tar.gz")


def test_source() -> None:
    """From source it is bootstrapped, with compilers and OpenSSL."""
    graph = plan("Stage0 += cmake(source=True, bootstrap_opts=['--no-qt-gui'], prefix='/opt/cmake')")
    (fetch,) = nodes(graph, Fetch)
    assert fetch.url.endswith("cmake-4.4.2.tar.gz")
    assert {"gcc", "g++", "make", "libssl-dev"} <= packages(graph)
    assert any(command.startswith('./bootstrap --parallel="$JOBS" --prefix=/opt/cmake --no-qt-gui -- ') for command in commands(graph))


def test_source_where_the_binarys_checksum_is_not_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """A release whose binary has no known checksum for the architecture is built from source."""
    from hpcgen.building_blocks import cmake

    known = {key: value for key, value in cmake.binary.sha256.items() if key != "4.4.2-aarch64"}
    monkeypatch.setattr(cmake, "binary", type(cmake.binary)(cmake.binary.baseurl, cmake.binary.path, known))
    assert nodes(plan("Stage0 += cmake()", arch="aarch64"), Fetch)[0].url.endswith("cmake-4.4.2.tar.gz")
    assert nodes(plan("Stage0 += cmake()", arch="x86_64"), Fetch)[0].url.endswith("linux-x86_64.tar.gz")


def test_older_binaries_by_their_names() -> None:
    """Before 3.20 the file's name has a capital letter; a checksum that the recipe names is the binary's."""
    (fetch,) = nodes(plan("Stage0 += cmake(version='3.18.4', sha256='" + "0" * 64 + "')"), Fetch)
    assert fetch.url.endswith("v3.18.4/cmake-3.18.4-Linux-x86_64.tar.gz")


def test_nothing_of_it_is_run_with() -> None:
    """A stage that runs what was built has no CMake."""
    graph = plan("Stage0 += cmake()\nStage1 += baseimage(image='debian:12')\nStage1 += Stage0.runtime(kind='prefix')")
    assert graph.stages[1].nodes == ()


def test_later_blocks_build_with_it() -> None:
    """A block that CMake builds takes the recipe's CMake instead of the distribution's, and builds upon it."""
    graph = plan("Stage0 += cmake()\nStage0 += generic_cmake(url='https://example.org/x.tar.gz', sha256=None, prefix='/x')")
    assert "cmake" not in packages(graph)
    assert upon(graph, "generic_cmake") == {"cmake"}
    assert "cmake" in packages(plan("Stage0 += generic_cmake(url='https://example.org/x.tar.gz', sha256=None, prefix='/x')"))


def test_refused() -> None:
    """A version that is known in no form, and a source that is none, are errors."""
    assert isinstance(refusal("Stage0 += cmake(version='9.9.9')"), UnknownVersion)
    assert isinstance(refusal("Stage0 += cmake(source=3)"), WrongValue)
    assert plan("Stage0 += cmake(eula=True)").warnings == ()
