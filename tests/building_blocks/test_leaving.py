from __future__ import annotations

import pytest
from planned import plan

from hpcgen.block.leaving import HOST, Leaves, literal, of_prefixes
from hpcgen.graph.stages import Leavings


def leavings(recipe: str, image: str = "debian:12") -> Leavings:
    """What the last block of a stage leaves for running."""
    return plan(recipe, image).stages[0].blocks[-1].leaves


def test_patterns_are_below_the_prefix() -> None:
    """A class names what it leaves below its prefix; wildcards in a prefix stand for themselves."""
    found = Leaves(programs=("bin/x",), opens=("lib/x/*.so",), data=("etc*",), left=("etc/doc",)).of("/opt/a[1]")
    assert found.take == (("program", "/opt/a[[]1]/bin/x"), ("opened by name", "/opt/a[[]1]/lib/x/*.so"), ("data", "/opt/a[[]1]/etc*"))
    assert found.libraries == ("/opt/a[[]1]/lib/*.so*", "/opt/a[[]1]/lib64/*.so*")
    assert found.left == ("/opt/a[[]1]/etc/doc",)


@pytest.mark.parametrize(("path", "pattern"), [("/a b", "/a b"), ("/a*?", "/a[*][?]"), ("/[x]", "/[[]x]")])
def test_a_path_as_a_pattern_means_itself(path: str, pattern: str) -> None:
    """A shell that expands the pattern of a path finds that path alone."""
    assert literal(path) == pattern


def test_a_block_that_says_nothing_leaves_its_folders() -> None:
    """All below a prefix is taken, libraries where they are needed; files that the recipe names are taken as they are."""
    found = of_prefixes(("/opt/x",), ("/etc/x.conf",))
    assert found.take == (("installed", "/opt/x"),)
    assert found.libraries == found.left == ("/opt/x/lib/*.so*", "/opt/x/lib64/*.so*")
    assert found.whole == ("/etc/x.conf",)


def test_mpi_leaves_what_it_opens_by_name() -> None:
    """Open MPI leaves mpirun, its modules and those of PMIx and PRRTE that it brings, and texts; wrapper compilers' data are left behind."""
    found = leavings("Stage0 += openmpi(version='5.0.7', fortran=False)")
    prefix = "/usr/local/openmpi"
    assert ("program", f"{prefix}/bin/mpirun") in found.take
    assert {path for why, path in found.take if why == "opened by name"} == {f"{prefix}/lib/{name}/*.so" for name in ("openmpi", "pmix", "prte")}
    assert f"{prefix}/share/openmpi/*-wrapper-data.txt" in found.left
    assert ("libibverbs.so.*", "@/libibverbs/*.so") in found.companions
    assert found.host == HOST


def test_a_library_leaves_libraries() -> None:
    """FFTW leaves nothing but libraries, where they are needed."""
    found = leavings("Stage0 += fftw()")
    assert (found.take, found.libraries) == ((), ("/usr/local/fftw/lib/*.so*", "/usr/local/fftw/lib64/*.so*"))


def test_compilers_leave_their_libraries() -> None:
    """GCC from source leaves the libraries of compiled programs; the distribution's comes by packages."""
    assert leavings("Stage0 += gnu(source=True)").libraries == ("/usr/local/gnu/lib64/*.so*",)
    assert leavings("Stage0 += gnu()").take == ()


def test_a_tool_of_the_build_leaves_nothing() -> None:
    """CMake is for building alone."""
    assert leavings("Stage0 += cmake()") == Leavings(host=HOST)


def test_a_generic_block_opens_what_is_known() -> None:
    """Nobody knows what the recipe's own software links with: all that is known of libraries that open others counts."""
    found = leavings("Stage0 += generic_autotools(url='https://e.org/x-1.tar.gz', sha256=None, prefix='/opt/x', runtime=['/opt/x/bin'])")
    assert found.whole == ("/opt/x/bin",)
    assert found.take == ()
    assert ("libnvrtc.so.*", "@/libnvrtc-builtins.so*") in found.companions


def test_compatibility_libraries_of_cuda_come_by_name() -> None:
    """Nothing is linked with the libraries that let CUDA run on older drivers: their package is named."""
    assert leavings("Stage0 += cuda(version='12.9', compat=True)", "ubuntu:24.04").packages == ("cuda-compat-12-9",)
    assert leavings("Stage0 += cuda(version='12.9')", "ubuntu:24.04").packages == ()
