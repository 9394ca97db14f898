from __future__ import annotations

from planned import commands, configured, nodes, packages, plan

from hpcgen.graph.nodes import Git


def test_library_alone() -> None:
    """The library is built, not the host's kernel module; the script that configures it is made first."""
    graph = plan("Stage0 += xpmem()")
    assert {"--disable-kernel-module", "--disable-static", "--disable-gtest"} <= set(configured(graph))
    assert {"autoconf", "automake", "libtool"} <= packages(graph)
    said = commands(graph, "xpmem")
    assert said[0].startswith("if [ -x autogen.sh ]; then ./autogen.sh;")
    assert "rm -rf /usr/local/xpmem/etc" in said


def test_partners() -> None:
    """UCX, Open MPI and libfabric behind it share memory by XPMEM."""
    graph = plan("Stage0 += xpmem()\nStage0 += ucx()\nStage0 += openmpi()\nStage0 += libfabric()")
    assert "--with-xpmem=/usr/local/xpmem" in configured(graph, "ucx")
    assert "--with-xpmem=/usr/local/xpmem" in configured(graph, "openmpi")
    assert "--enable-xpmem=/usr/local/xpmem" in configured(graph, "libfabric")


def test_branch_as_hpccm_has_it() -> None:
    """A branch alone is of the project's own repository."""
    (git,) = nodes(plan("Stage0 += xpmem(branch='master')"), Git)
    assert (git.url, git.ref) == ("https://github.com/openucx/xpmem.git", "master")
