"""aws-ofi-nccl."""

from __future__ import annotations

import pytest
from planned import commands, configured, environment, packages, plan, refusal, stand_in, upon

from hpcgen.errors import Conflict
from hpcgen.graph.nodes import RuntimeOf


def said(options: str = "", before: str = "") -> list[str]:
    """The words that configure is given."""
    return configured(plan(f"{before}Stage0 += aws_ofi_nccl(cuda='/c', {options})"), "aws_ofi_nccl")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (
            "",
            {
                "--with-cuda=/c",
                "--with-libfabric=yes",
                "--with-hwloc=yes",
                "--without-gdrcopy",
                "--without-mpi",
                "--disable-tests",
                "--disable-platform-aws",
            },
        ),
        ("libfabric='/f', hwloc='/h', gdrcopy='/g'", {"--with-libfabric=/f", "--with-hwloc=/h", "--with-gdrcopy=/g"}),
        ("aws=True, tests=True, mpi='/m'", {"--enable-platform-aws", "--enable-tests", "--with-mpi=/m"}),
        ("default_plugin=False", {"--disable-nccl-net-library"}),
        ("version='1.20.0'", {"--disable-ngc", "--without-gdrcopy"}),
    ],
)
def test_words_of_configure(options: str, words: set[str]) -> None:
    """Each choice is said aloud: configure would ask whether the builder is at AWS, and take whatever lies about."""
    assert words <= set(said(options))


def test_choices_of_newer_versions() -> None:
    """Older versions are not told what they do not know."""
    older = said("version='1.16.3'")
    assert not {"--without-gdrcopy", "--without-nvcc", "--disable-ngc", "--enable-nccl-net-library"} & set(older)


def test_nothing_is_said_of_rocm_and_nvtx() -> None:
    """Words that leave these out would turn CUDA off, or NVTX on."""
    assert not [word for word in said() if "rocm" in word or "nvtx" in word]


def test_configure_script_is_made() -> None:
    """Archives of tags have no configure script, and since 1.19 no version either."""
    assert commands(plan("Stage0 += aws_ofi_nccl(cuda='/c')"), "aws_ofi_nccl")[:2] == ["echo 1.21.1 > .release_version", "./autogen.sh"]
    assert commands(plan("Stage0 += aws_ofi_nccl(cuda='/c', version='1.18.0')"), "aws_ofi_nccl")[0] == "./autogen.sh"
    assert {"autoconf", "automake", "libtool"} <= packages(plan("Stage0 += aws_ofi_nccl(cuda='/c')"))


def test_partners_of_the_recipe() -> None:
    """What stands before it is built with."""
    before = "Stage0 += hwloc()\n" + stand_in("libfabric", "2.6.0")
    graph = plan(f"{before}Stage0 += aws_ofi_nccl(cuda='/c')")
    assert upon(graph, "aws_ofi_nccl") == {"hwloc", "libfabric"}
    assert {"--with-libfabric=/usr/local/libfabric", "--with-hwloc=/usr/local/hwloc"} <= set(configured(graph, "aws_ofi_nccl"))
    assert not {"libfabric-dev", "libhwloc-dev"} & packages(graph)
    assert isinstance(refusal("Stage0 += aws_ofi_nccl()"), Conflict)


def test_nccl_finds_it() -> None:
    """A derived runtime takes the plug-in, which nothing is linked with, and the loader finds it where NCCL asks for it by name."""
    graph = plan("Stage0 += aws_ofi_nccl(cuda='/c')\nStage1 += baseimage(image='debian:12')\nStage1 += Stage0.runtime()")
    (found,) = (node for node in graph.stages[1].nodes if isinstance(node, RuntimeOf))
    assert ("take", "aws_ofi_nccl", "opened by name", "/usr/local/aws-ofi-nccl/lib/libnccl-*.so*") in found.records
    assert environment(graph, 1)["LD_LIBRARY_PATH"] == ["/usr/local/aws-ofi-nccl/lib"]
