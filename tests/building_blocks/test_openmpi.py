from __future__ import annotations

import pytest
from planned import commands, configured, environment, nodes, packages, plan, refusal, stand_in, upon

from hpcgen.errors import Conflict
from hpcgen.graph.nodes import Fetch

STACK = "Stage0 += hwloc()\nStage0 += libevent()\n"


@pytest.mark.parametrize(
    ("option", "words"),
    [
        (
            "",
            {"--with-pmix=internal", "--with-prrte=internal", "--with-hwloc=internal", "--with-libevent=internal", "--with-zlib", "--without-munge"},
        ),
        ("version='4.1.8'", {"--with-pmix=internal", "--with-hwloc=internal", "--with-libevent=internal", "--without-verbs", "--without-pmi"}),
        ("hwloc='system'", {"--with-hwloc=external"}),
        ("hwloc='external'", {"--with-hwloc=external"}),
        ("hwloc='/opt/hwloc'", {"--with-hwloc=/opt/hwloc"}),
        ("pmix='internal'", {"--with-pmix=internal"}),
        ("pmix='/p', hwloc='/h', libevent='/e'", {"--with-pmix=/p", "--with-hwloc=/h", "--with-libevent=/e"}),
        ("version='4.1.8', pmix='system', hwloc='system', libevent='system'", {"--with-pmix=external"}),
        ("ucx='/usr/local/ucx'", {"--with-ucx=/usr/local/ucx"}),
        ("", {"--without-ucx", "--without-cuda", "--without-ofi", "--without-ucc", "--without-knem", "--without-xpmem", "--disable-oshmem"}),
        ("libfabric='system'", {"--with-ofi"}),
        ("libfabric='/opt/ofi'", {"--with-ofi=/opt/ofi"}),
        ("version='4.1.8', infiniband='system'", {"--with-verbs"}),
        ("version='4.1.8', infiniband='/opt/ofed'", {"--with-verbs=/opt/ofed"}),
        ("version='4.1.8', pmi='/usr/local/slurm-pmi2'", {"--with-pmi=/usr/local/slurm-pmi2"}),
        ("munge='system'", {"--with-munge"}),
        ("zlib=False", {"--without-zlib"}),
        ("oshmem=True", {"--enable-oshmem"}),
        ("cuda='/usr/local/cuda'", {"--with-cuda=/usr/local/cuda", "--with-cuda-libdir=/usr/local/cuda/lib64/stubs"}),
        ("version='4.1.8', cuda='/usr/local/cuda'", {"--with-cuda=/usr/local/cuda"}),
        ("enable_mpi1_compatibility=True, with_slurm='/usr'", {"--enable-mpi1-compatibility", "--with-slurm=/usr"}),
        ("", {"--enable-prte-prefix-by-default"}),
        ("version='4.1.8'", {"--enable-orterun-prefix-by-default"}),
    ],
)
def test_options(option: str, words: set[str]) -> None:
    """Each option, and its being left out, is said to configure in the version's own words."""
    assert words <= set(configured(plan(f"Stage0 += openmpi({option})")))


@pytest.mark.parametrize(
    ("version", "never"),
    [("5.0.11", ("verbs", "pmi", "orterun", "psm=", "mxm", "fca")), ("4.1.8", ("prrte", "munge", "prte", "cuda-libdir", "sphinx"))],
)
def test_words_of_the_other_series(version: str, never: tuple[str, ...]) -> None:
    """Words of 4.1 are not said to 5.0, nor the other way round."""
    names = {
        word.lstrip("-").split("-", 1)[-1] for word in configured(plan(f"Stage0 += openmpi(version='{version}', cuda='/c')")) if word.startswith("--")
    }
    assert not [name for name in names for other in never if name.split("=")[0] == other or name.startswith(f"{other}-")]


def test_the_recipes_own_are_found() -> None:
    """UCX, hwloc and libevent of the recipe are built upon without being named, and linked so that they are found at run time."""
    said = configured(plan(f"Stage0 += ucx()\n{STACK}Stage0 += openmpi()"), "openmpi")
    assert {"--with-ucx=/usr/local/ucx", "--with-hwloc=/usr/local/hwloc", "--with-libevent=/usr/local/libevent", "--with-pmix=internal"} <= set(said)
    assert "-Wl,-rpath,/usr/local/ucx/lib -Wl,-rpath,/usr/local/hwloc/lib -Wl,-rpath,/usr/local/libevent/lib" in said[0]


def test_fortran_is_said_aloud() -> None:
    """Fortran bindings are built if the recipe has a Fortran compiler, by a block or a toolchain; the option decides otherwise."""
    assert "--enable-mpi-fortran=yes" in configured(plan("Stage0 += gnu()\nStage0 += openmpi()"))
    assert "--enable-mpi-fortran=no" in configured(plan("Stage0 += gnu(fortran=False)\nStage0 += openmpi()"))
    assert "--enable-mpi-fortran=no" in configured(plan("Stage0 += openmpi()"))
    assert "--enable-mpi-fortran=no" in configured(plan("Stage0 += gnu()\nStage0 += openmpi(fortran=False)"))
    assert "--enable-mpi-fortran=yes" in configured(plan("Stage0 += openmpi(toolchain=toolchain(CC='nvc', CXX='nvc++', FC='nvfortran'))"))
    asked = plan("Stage0 += openmpi(fortran=True)")
    assert "--enable-mpi-fortran=yes" in configured(asked)
    assert "gfortran" in packages(asked)
    assert "a compiler for fortran" in refusal("Stage0 += gnu(fortran=False)\nStage0 += openmpi(fortran=True)").sentence


@pytest.mark.parametrize(
    ("recipe", "sentence"),
    [
        ("openmpi(pmi='/usr/local/slurm-pmi2')", "no PMI-1 and no PMI-2"),  # R1
        ("openmpi(pmix='/usr/local/pmix')", "a second hwloc and libevent"),  # R12
        ("openmpi(pmix='/p', hwloc='/h')", "a second hwloc and libevent"),
        ("openmpi(prrte='/usr/local/prrte')", "a second PMIx"),
        ("openmpi(infiniband='system')", "no choice of infiniband"),
        ("openmpi(version='4.1.8', munge='system')", "no choice of munge"),
        ("openmpi(version='4.1.7', cuda='/usr/local/cuda')", "does not build with CUDA"),  # R6
        ("openmpi(ucx=True)", "no ucx before it"),
        ("openmpi(ucx='system')", "cannot use the distribution's ucx"),
    ],
)
def test_refused_together(recipe: str, sentence: str) -> None:
    """What does not work together is an error with the sentence that says why."""
    fault = refusal(f"Stage0 += {recipe}")
    assert isinstance(fault, Conflict)
    assert sentence in fault.sentence


@pytest.mark.parametrize(
    ("partner", "version", "mpi", "sentence"),
    [
        ("pmix", "4.2.3", "version='4.1.5'", "before 4.1.6"),  # R38b
        ("pmix", "4.1.2", "", "PMIx 4.2.4 or newer"),  # R2
        ("pmix", "4.2.3", "", "PMIx 4.2.4 or newer"),
        ("pmix", "6.0.0", "", "does not take PMIx 6"),  # R3
        ("pmix", "6.0.0", "version='5.0.8'", ""),
        ("pmix", "5.0.8", "", ""),
        ("pmix", "3.2.5", "version='4.1.5'", ""),
        ("ucx", "1.8.1", "version='4.1.8'", "UCX 1.8"),  # R5
        ("ucx", "1.7.0", "", "before 1.9"),
        ("ucx", "1.7.0", "version='4.1.8'", ""),
    ],
)
def test_versions_of_partners(partner: str, version: str, mpi: str, sentence: str) -> None:
    """Partners of versions that do not fit are refused; those that do are taken."""
    recipe = f"{STACK}{stand_in(partner, version)}Stage0 += openmpi({mpi})"
    if sentence:
        assert sentence in refusal(recipe).sentence
    else:
        assert f"--with-{partner}=/usr/local/{partner}" in configured(plan(recipe), "openmpi")


def test_hwloc_3_is_refused() -> None:
    """Open MPI 5 does not build with an hwloc 3 (R10)."""
    assert "refuses hwloc 3" in refusal(f"{stand_in('hwloc', '3.0.0')}Stage0 += openmpi()").sentence


def test_pmix_and_prrte_of_the_recipe() -> None:
    """PMIx and PRRTE of the recipe are built upon without being named: those of the defaults, and the newest."""
    for options in ("()", "(version='6.1.0')"):
        stack = f"{STACK}Stage0 += pmix{options}\nStage0 += prrte{options.replace('6', '4')}\nStage0 += openmpi()"
        graph = plan(stack)
        assert {"--with-pmix=/usr/local/pmix", "--with-prrte=/usr/local/prrte"} <= set(configured(graph, "openmpi"))
        assert graph.warnings == ()


def test_warned_of() -> None:
    """What is known to fail, though not always, is a warning."""
    assert "GCC 14" in plan("Stage0 += openmpi(version='5.0.6', cuda='/c')", "debian:13").warnings[0]  # R7
    assert plan("Stage0 += openmpi(version='5.0.6', cuda='/c')", "debian:12").warnings == ()
    assert "OpenSHMEM" in plan("Stage0 += openmpi(version='4.1.7', oshmem=True)").warnings[0]  # R9


def test_first_releases_of_5_0_run_without_a_driver() -> None:
    """5.0.0 and 5.0.1 with CUDA keep its components out of the libraries, or nothing would start without a driver (R8)."""
    dso = "--enable-mca-dso=btl-smcuda,rcache-rgpusm,rcache-gpusm,accelerator-cuda"
    assert dso in configured(plan("Stage0 += openmpi(version='5.0.1', cuda='/c')"))
    assert dso not in configured(plan("Stage0 += openmpi(version='5.0.2', cuda='/c')"))
    assert dso not in configured(plan("Stage0 += openmpi(version='5.0.1')"))


def test_runtime() -> None:
    """A stage that runs it has an ssh client, zlib, and the environment, but not 64 MB of HTML."""
    graph = plan("Stage0 += openmpi()\nStage1 += baseimage(image='debian:12')\nStage1 += Stage0.runtime(kind='prefix')")
    assert {"openssh-client", "zlib1g"} <= packages(graph, 1)
    assert "openssh-client" in packages(graph), "mpirun of 4.1 starts nothing at all without an ssh client, in its own stage neither"
    assert set(environment(graph, 1)) == {"PATH", "LD_LIBRARY_PATH"}
    assert "rm -rf /usr/local/openmpi/share/doc/openmpi" in commands(graph)
    el = plan("Stage0 += openmpi()\nStage1 += baseimage(image='rockylinux:9')\nStage1 += Stage0.runtime(kind='prefix')", "rockylinux:9")
    assert {"openssh-clients", "zlib"} <= packages(el, 1)


def test_distributions_own_libraries() -> None:
    """The distribution's hwloc, libevent and PMIx come with what is needed to run, by the release's own names."""
    for image, names in (
        ("debian:12", {"libhwloc15", "libevent-core-2.1-7", "libevent-pthreads-2.1-7", "libpmix2"}),
        ("ubuntu:24.04", {"libhwloc15", "libevent-core-2.1-7t64", "libevent-pthreads-2.1-7t64", "libpmix2t64"}),
        ("rockylinux:9", {"hwloc-libs", "libevent", "pmix"}),
    ):
        recipe = "Stage0 += openmpi(version='4.1.8', hwloc='system', libevent='system', pmix='system')"
        graph = plan(f"{recipe}\nStage1 += baseimage(image='{image}')\nStage1 += Stage0.runtime(kind='prefix')", image)
        assert names <= packages(graph, 1)


def test_toolchain_for_what_comes_after() -> None:
    """Its toolchain is its compiler wrappers, and a block that is given it builds upon Open MPI."""
    graph = plan(
        "mpi = openmpi()\nStage0 += mpi\nStage0 += generic_autotools(url='https://example.org/x.tar.gz', sha256=None, prefix='/x', toolchain=mpi.toolchain)"
    )
    said = configured(graph, "generic_autotools")
    assert said[:5] == ["CC=mpicc", "CXX=mpicxx", "F77=mpif77", "F90=mpif90", "FC=mpifort"]
    assert upon(graph, "generic_autotools") == {"openmpi"}


def test_hpccms_address() -> None:
    """The address has HPCCM's layout, so that its baseurl serves a site's mirror unchanged."""
    (fetch,) = nodes(plan("Stage0 += openmpi(version='4.1.4', baseurl='http://localhost:8900')"), Fetch)
    assert fetch.url == "http://localhost:8900/v4.1/downloads/openmpi-4.1.4.tar.bz2"


def test_repository_has_its_submodules() -> None:
    """A build from the repository fetches PRRTE and PMIx with it, and has what makes the configure scripts."""
    graph = plan("Stage0 += openmpi(repository=True, branch='v5.0.x')")
    assert {"flex", "perl", "autoconf"} <= packages(graph)
    assert any("./autogen.pl" in command for command in commands(graph))
