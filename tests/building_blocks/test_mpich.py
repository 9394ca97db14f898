from __future__ import annotations

import pytest
from planned import commands, configured, environment, nodes, packages, plan, refusal, upon

from hpcgen.graph.nodes import Fetch


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ("", {"--with-device=ch4:ofi", "--with-libfabric=embedded", "--without-ucx", "--with-hwloc=embedded", "--with-pm=hydra", "--disable-verbs"}),
        ("", {"--without-cuda", "--without-hip", "--without-xpmem", "--without-pmix", "--without-pmi2", "--without-nccl", "--disable-mpi-abi"}),
        ("ucx='/u'", {"--with-device=ch4:ucx", "--with-ucx=/u", "--without-libfabric"}),
        ("libfabric='/l'", {"--with-device=ch4:ofi", "--with-libfabric=/l", "--without-ucx"}),
        ("libfabric='system'", {"--with-device=ch4:ofi", "--with-libfabric"}),
        ("ucx='/u', libfabric='/l'", {"--with-device=ch4:ucx,ofi", "--with-ucx=/u", "--with-libfabric=/l"}),
        ("device='ch4:ucx'", {"--with-device=ch4:ucx", "--with-ucx=embedded", "--without-libfabric"}),
        ("device='ch4:ofi:sockets'", {"--with-device=ch4:ofi:sockets", "--with-libfabric=embedded"}),
        ("device='ch3:sock'", {"--with-device=ch3:sock", "--without-ucx", "--without-libfabric"}),
        ("with_device='ch3:nemesis'", {"--with-device=ch3:nemesis", "--without-ucx", "--without-libfabric"}),
        ("hwloc='/h'", {"--with-hwloc=/h"}),
        ("hwloc='system'", {"--with-hwloc"}),
        ("xpmem='/x'", {"--with-xpmem=/x"}),
        ("rocm='/opt/rocm'", {"--with-hip=/opt/rocm"}),
        ("version='4.0.2'", {"--without-hip"}),
        ("mpi_abi=True", {"--enable-mpi-abi"}),
        ("pmix='/p'", {"--with-pmix=/p", "--with-pmi=pmix", "--with-pm=no"}),
        ("pmix='system'", {"--with-pmix", "--with-pmi=pmix", "--with-pm=no"}),
        ("version='4.0.2', pmix='/p'", {"--with-pmix=/p", "--with-pm=no"}),
        ("version='4.3.2', pmi='/s'", {"--with-pmi2=/s", "--with-pmi2-include=/s/include/slurm", "--with-pmi=pmi2", "--with-pm=no"}),
        ("version='3.3.2'", {"--with-device=ch3:nemesis", "--with-hwloc-prefix=embedded"}),
        ("with_slurm='/usr', enable_g='dbg'", {"--with-slurm=/usr", "--enable-g=dbg"}),
    ],
)
def test_options(options: str, words: set[str]) -> None:
    """Each option, and its being left out, is said to configure in the version's own words."""
    assert words <= set(configured(plan(f"Stage0 += mpich({options})")))


@pytest.mark.parametrize(
    ("version", "never"),
    [
        (
            "3.3.2",
            (
                "--with-yaksa",
                "--without-cuda",
                "--with-hwloc=",
                "--without-hip",
                "--without-pmi2",
                "--with-pmi=",
                "--disable-doc",
                "--disable-mpi-abi",
            ),
        ),
        ("4.0.2", ("--with-hwloc-prefix", "--without-pmi2", "--with-pmi=", "--disable-mpi-abi", "--without-nccl", "--without-ucc")),
        ("4.2.1", ("--disable-mpi-abi", "--without-nccl", "--without-ucc")),
        ("5.0.2", ("--with-hwloc-prefix",)),
    ],
)
def test_words_of_the_other_series(version: str, never: tuple[str, ...]) -> None:
    """Words that a release does not know are not said to it."""
    said = configured(plan(f"Stage0 += mpich(version='{version}')"))
    assert not [word for word in said if word.startswith(never)]


def test_the_recipes_own_are_found() -> None:
    """UCX and hwloc of the recipe are built upon without being named; a device that uses no UCX is not built upon it."""
    stack = "Stage0 += ucx()\nStage0 += hwloc()\nStage0 += mpich(%s)"
    graph = plan(stack % "")
    said = configured(graph, "mpich")
    assert {"--with-device=ch4:ucx", "--with-ucx=/usr/local/ucx", "--with-hwloc=/usr/local/hwloc"} <= set(said)
    assert any("-Wl,-rpath,/usr/local/ucx/lib -Wl,-rpath,/usr/local/hwloc/lib" in word for word in said)
    assert upon(graph, "mpich") == {"ucx", "hwloc"}
    for device in ("device='ch4:ofi'", "with_device='ch3:sock'", "version='3.3.2'"):
        assert "ucx" not in upon(plan(stack % device), "mpich")


def test_python() -> None:
    """Since 4.0 its configure ends without Python, with Fortran bindings or without."""
    for fortran in (True, False):
        assert "python3" in packages(plan(f"Stage0 += gnu(fortran={fortran})\nStage0 += mpich()"))
    assert "python3" not in packages(plan("Stage0 += gnu()\nStage0 += mpich(version='3.3.2')"))


def test_fortran() -> None:
    """Fortran bindings come with a Fortran compiler; before 4.1, GCC is told to let one routine have several types."""
    stack = "Stage0 += gnu(%s)\nStage0 += mpich(%s)"
    graph = plan(stack % ("", ""))
    assert "--enable-fortran" in configured(graph, "mpich")
    assert not [word for word in configured(graph, "mpich") if "mismatch" in word]
    none = plan(stack % ("fortran=False", ""))
    assert "--disable-fortran" in configured(none, "mpich")
    assert "FFLAGS=-fallow-argument-mismatch" in configured(plan(stack % ("", "version='4.0.2'")), "mpich")
    assert not [word for word in configured(plan(stack % ("", "version='4.0.2'"), "rockylinux:8"), "mpich") if "mismatch" in word]
    assert "a compiler for fortran" in refusal(stack % ("fortran=False", "fortran=True")).sentence


def test_flags_stay_out_of_the_compilers_that_it_gives() -> None:
    """Flags of the toolchain and of a CPU target are said by the names that mpicc does not pass on; F90, which configure refuses, is not said."""
    graph = plan("c = gnu()\nc.toolchain.CFLAGS = '-O3'\nStage0 += c\nStage0 += mpich(toolchain=c.toolchain)")
    said = configured(graph, "mpich")
    assert "MPICHLIB_CFLAGS=-O3" in said
    assert not [word for word in said if word.startswith(("CFLAGS=", "F90="))]
    assert {"CC=gcc", "FC=gfortran", "F77=gfortran"} <= set(said)
    zen = configured(plan("Stage0 += mpich()", cpu_target="zen3"), "mpich")
    assert any(word.startswith("MPICHLIB_CFLAGS=") and "znver3" in word for word in zen)
    own = configured(plan("Stage0 += mpich(build_environment={'CFLAGS': '-g'})"), "mpich")
    assert "CFLAGS=-g" in own


def test_pgi() -> None:
    """PGI's C compiler gets what HPCCM gives it."""
    assert "--disable-fast" in configured(plan("Stage0 += mpich(toolchain=toolchain(CC='/opt/pgi/bin/pgcc', CXX='pgc++'))"))
    assert "--disable-fast" not in configured(plan("Stage0 += mpich(toolchain=toolchain(CC='nvc', CXX='nvc++'))"))


def test_cuda() -> None:
    """With CUDA, programs are linked where the driver's stand-in lies, and kernels are compiled for the GPUs that the recipe names."""
    said = configured(plan("Stage0 += mpich(cuda='/c')"))
    assert {"--with-cuda=/c", "--with-cuda-sm=all-major", "MPICH_MPICC_LDFLAGS=-L/c/lib64/stubs", "MPICH_MPICC_LIBS=-lcuda"} <= set(said)
    assert any(word.startswith("LDFLAGS=") and word.endswith("-L/c/lib64/stubs") for word in said)
    named = plan("Stage0 += gnu()\nStage0 += cuda(version='12.9', architectures=['80', 'sm_90'])\nStage0 += mpich()")
    assert "--with-cuda-sm=80,90" in configured(named, "mpich")
    assert not [word for word in configured(plan("Stage0 += mpich(version='4.1.2', cuda='/c')")) if "cuda-sm" in word]
    assert not [word for word in configured(plan("Stage0 += mpich()")) if "stubs" in word or "lcuda" in word]


def test_check() -> None:
    """Its own tests run before it is installed, its test suite after."""
    said = commands(plan("Stage0 += mpich(check=True)"), "mpich")
    suite = "PATH=/usr/local/mpich/bin:$PATH RUNTESTS_SHOWPROGRESS=1 make testing"
    assert said.index('make -j"$JOBS" check') < said.index("make install") < said.index(suite)
    assert suite not in commands(plan("Stage0 += mpich()"), "mpich")


def test_toolchain_for_what_comes_after() -> None:
    """Its toolchain is its compiler wrappers, and a block that asks for an MPI builds upon it."""
    graph = plan("mpi = mpich()\nStage0 += mpi\nStage0 += fftw(mpi=True, toolchain=mpi.toolchain)")
    said = configured(graph, "fftw")
    assert {"CC=mpicc", "FC=mpifort", "MPICC=/usr/local/mpich/bin/mpicc", "--enable-mpi"} <= set(said)
    assert "mpich" in upon(graph, "fftw")


def test_runtime() -> None:
    """A stage that runs it has mpiexec, what starts ranks on other hosts, and the environment; compilers stay behind."""
    graph = plan("Stage0 += mpich()\nStage1 += baseimage(image='debian:12')\nStage1 += Stage0.runtime(kind='prefix')")
    assert "openssh-client" in packages(graph, 1)
    assert set(environment(graph, 1)) == {"PATH", "LD_LIBRARY_PATH"}
    taken = {path for _, path in plan("Stage0 += mpich()").stages[0].blocks[-1].leaves.take}
    assert {"/usr/local/mpich/bin/mpiexec*", "/usr/local/mpich/bin/hydra_*"} <= taken
    assert not [path for path in taken if "mpicc" in path]


def test_distributions_own_libraries() -> None:
    """libfabric, hwloc and PMIx of the distribution come with what is needed to run, by the release's own names."""
    for image, names in (
        ("debian:12", {"libfabric1", "libhwloc15", "libpmix2"}),
        ("ubuntu:24.04", {"libfabric1", "libhwloc15", "libpmix2t64"}),
        ("rockylinux:9", {"libfabric", "hwloc-libs", "pmix"}),
    ):
        recipe = "Stage0 += mpich(libfabric='system', hwloc='system', pmix='system')"
        graph = plan(f"{recipe}\nStage1 += baseimage(image='{image}')\nStage1 += Stage0.runtime(kind='prefix')", image)
        assert names <= packages(graph, 1)


@pytest.mark.parametrize(
    ("version", "file", "sha256"),
    [("4.0.2", "mpich_4.0.2.orig.tar.xz", "b27039f964afeb6b8a3e009c56b441cbe368c26d6d6476ad3bb7190996875860")],  # bookworm's, packed anew
)
def test_a_distributions_archive(version: str, file: str, sha256: str) -> None:
    """Debian's archive of a release can stand for upstream's, with the words of that release."""
    graph = plan(f"Stage0 += mpich(version='{version}', source='https://example.org/{file}', sha256='{sha256}')")
    (fetch,) = nodes(graph, Fetch)
    assert (fetch.sha256, fetch.name) == (sha256, file)
    assert "--without-hip" in configured(graph)


def test_repository() -> None:
    """A build from the repository fetches what it brings with it, and has what makes the configure scripts."""
    graph = plan("Stage0 += mpich(repository=True, branch='v5.0.1')")
    assert {"python3", "autoconf", "automake", "libtool"} <= packages(graph)
    assert any("./autogen.sh" in command for command in commands(graph))
