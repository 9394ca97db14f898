from __future__ import annotations

from planned import commands, configured, environment, nodes, packages, plan

from hpcgen.graph.nodes import Fetch, Git


def test_header_alone() -> None:
    """The header that programs share with the host's kernel module is installed; no compiler is needed, and nothing is left for running."""
    graph = plan("Stage0 += knem()\nStage1 += baseimage(image='debian:12')\nStage1 += Stage0.runtime(kind='prefix')")
    (fetch,) = nodes(graph, Fetch)
    assert fetch.url == "https://gitlab.inria.fr/knem/knem/uploads/4a43e3eb860cda2bbd5bf5c7c04a24b6/knem-1.1.4.tar.gz"
    assert commands(graph, "knem") == [
        "mkdir -p /usr/local/knem/include",
        "cp common/*.h /usr/local/knem/include",
        "rm -rf /usr/local/src/knem-1.1.4",
    ]
    assert "gcc" not in packages(graph)
    assert environment(graph) == {"CPATH": ["/usr/local/knem/include"]}
    assert environment(graph, 1) == {}


def test_ucx_and_open_mpi_use_it() -> None:
    """UCX and Open MPI behind it copy by KNEM."""
    graph = plan("Stage0 += knem()\nStage0 += ucx()\nStage0 += openmpi()")
    assert "--with-knem=/usr/local/knem" in configured(graph, "ucx")
    assert "--with-knem=/usr/local/knem" in configured(graph, "openmpi")


def test_repository() -> None:
    """The project's own repository is a source too, as HPCCM has it."""
    (git,) = nodes(plan("Stage0 += knem(repository=True, branch='knem-1.1.4')"), Git)
    assert (git.url, git.ref) == ("https://gitlab.inria.fr/knem/knem.git", "knem-1.1.4")


def test_an_older_release_lies_elsewhere() -> None:
    """Each release has a folder of its own."""
    (fetch,) = nodes(plan("Stage0 += knem(version='1.1.3')"), Fetch)
    assert "/59375c38537e6ff2d94209f190c54aa6/knem-1.1.3.tar.gz" in fetch.url
