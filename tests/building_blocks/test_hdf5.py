from __future__ import annotations

import pytest
from planned import commands, configured, environment, nodes, packages, plan, refusal, upon

from hpcgen.errors import Conflict, HpcgenError, WrongValue
from hpcgen.graph.nodes import Fetch

MPI = "Stage0 += gnu()\nStage0 += openmpi()\n"


def cmake_words(recipe: str) -> list[str]:
    """The words that HDF5's cmake is given."""
    return configured(plan(recipe), "hdf5", "cmake -S . -B build")


@pytest.mark.parametrize(
    ("option", "words", "never"),
    [
        ("", {"--enable-cxx", "--enable-fortran", "--enable-hl", "--disable-parallel", "--disable-threadsafe", "--with-zlib"}, {"--enable-parallel"}),
        ("cxx=False, fortran=False", {"--disable-cxx", "--disable-fortran", "--enable-hl"}, {"--enable-cxx", "--enable-fortran"}),
        ("threadsafe=True", {"--enable-threadsafe", "--disable-cxx", "--disable-fortran", "--disable-hl"}, {"--enable-hl"}),
        ("threadsafe=True, fortran=True, unsupported=True", {"--enable-threadsafe", "--enable-fortran", "--enable-unsupported"}, set()),
        ("mpi='/m'", {"--enable-parallel", "CC=/m/bin/mpicc", "FC=/m/bin/mpifort", "--disable-cxx"}, {"--enable-cxx", "CXX=/m/bin/mpicxx"}),
        ("mpi='/m', cxx=True, unsupported=True", {"--enable-cxx", "CXX=/m/bin/mpicxx"}, set()),
        ("mpi='/m', subfiling=True", {"--enable-subfiling-vfd"}, {"--disable-subfiling-vfd"}),
        ("zlib='/z', szip='/s'", {"--with-zlib=/z", "--with-szlib=/s"}, {"--with-zlib"}),
        ("zlib=False, szip='system'", {"--without-zlib", "--with-szlib"}, set()),
        ("check=True", {"--enable-tests"}, {"--disable-tests"}),
        ("prefix='/opt/hdf5'", {"--prefix=/opt/hdf5", "--with-default-plugindir=/opt/hdf5/lib/plugin"}, set()),
        ("version='1.10.8'", {"--enable-tools"}, {"--disable-subfiling-vfd", "--disable-map-api", "--disable-doxygen"}),
    ],
)
def test_options(option: str, words: set[str], never: set[str]) -> None:
    """Each choice is a word for configure, and what does not go with it is left out unless the recipe asks for it."""
    said = set(configured(plan(f"Stage0 += hdf5({option})")))
    assert words <= said
    assert not never & said


def test_parallel_as_hpccms_recipes_have_it() -> None:
    """Configure's own word for parallel files, with MPI's compilers as toolchain, means the same as the option: no C++, and no word against it."""
    said = configured(plan(f"{MPI}m = openmpi(prefix='/opt/m')\nStage0 += m\nStage0 += hdf5(toolchain=m.toolchain, enable_parallel=True)"), "hdf5")
    assert {"--enable-parallel", "--disable-cxx", "--enable-fortran", "CC=mpicc"} <= set(said)
    assert "--disable-parallel" not in said


def test_mpi_only_if_asked_for() -> None:
    """An MPI in the stage does not make HDF5 parallel; mpi=True takes the recipe's."""
    assert "--disable-parallel" in configured(plan(f"{MPI}Stage0 += hdf5()"), "hdf5")
    graph = plan(f"{MPI}Stage0 += hdf5(mpi=True)")
    assert "CC=/usr/local/openmpi/bin/mpicc" in configured(graph, "hdf5")
    assert upon(graph, "hdf5") == {"gnu", "openmpi"}
    assert isinstance(refusal("Stage0 += hdf5(mpi=True)"), Conflict)


@pytest.mark.parametrize(
    ("recipe", "words"),
    [
        (
            "Stage0 += hdf5(version='2.2.0')",
            {"-DHDF5_BUILD_CPP_LIB=ON", "-DHDF5_BUILD_FORTRAN=ON", "-DHDF5_ENABLE_PARALLEL=OFF", "-DBUILD_TESTING=OFF"},
        ),
        (
            "Stage0 += hdf5(version='2.2.0', mpi='/m', zlib='/z', cmake_opts=['-D HDF5_USE_FILE_LOCKING=OFF'])",
            {"-DHDF5_ENABLE_PARALLEL=ON", "-DMPI_C_COMPILER=/m/bin/mpicc", "-DMPI_Fortran_COMPILER=/m/bin/mpifort", "-DZLIB_ROOT=/z"}
            | {"-DHDF5_BUILD_CPP_LIB=OFF", "-DHDF5_USE_FILE_LOCKING=OFF", "-DHDF5_ENABLE_ZLIB_SUPPORT=ON", "-DHDF5_ENABLE_SZIP_SUPPORT=OFF"},
        ),
        ("Stage0 += hdf5(version='2.1.1', threadsafe=True, zlib=False)", {"-DHDF5_ENABLE_THREADSAFE=ON", "-DHDF5_BUILD_HL_LIB=OFF"}),
    ],
)
def test_two_is_built_by_cmake(recipe: str, words: set[str]) -> None:
    """From 2.0 on CMake builds it, which is told the same choices by its own names, and nothing in configure's."""
    said = cmake_words(f"Stage0 += cmake()\n{recipe}")
    assert words <= set(said)
    assert not [word for word in said if word.startswith("--")]


def test_cmake_of_the_recipe_or_the_distribution() -> None:
    """The recipe's CMake is used where there is one; else the distribution's, where it is new enough."""
    own = plan("Stage0 += cmake()\nStage0 += hdf5(version='2.2.0')")
    assert "cmake" in upon(own, "hdf5")
    assert "cmake" not in packages(own)
    assert "cmake" in packages(plan("Stage0 += hdf5(version='2.2.0')", "debian:13"))
    assert "3.26" in refusal("Stage0 += hdf5(version='2.2.0')").sentence
    assert "cmake" not in packages(plan("Stage0 += hdf5()"))


@pytest.mark.parametrize(
    ("recipe", "kind", "help"),
    [
        ("hdf5(version='2.2.0', enable_foo=True)", WrongValue, "cmake_opts="),
        ("hdf5(version='2.2.0', configure_opts=['--enable-foo'])", Conflict, "leave configure_opts out"),
        ("hdf5(cmake_opts=['-DX=1'])", Conflict, "leave cmake_opts out"),
        ("hdf5(version='1.10.8', subfiling=True, mpi='/m')", Conflict, "leave subfiling out"),
    ],
)
def test_words_of_the_other_build(recipe: str, kind: type[HpcgenError], help: str) -> None:  # noqa: A002 (the error's own word)
    """Words for the build that a version does not have are refused."""
    fault = refusal(f"Stage0 += cmake()\nStage0 += {recipe}")
    assert type(fault) is kind
    assert help in fault.help


@pytest.mark.parametrize(
    ("version", "url"),
    [
        ("2.2.0", "https://github.com/HDFGroup/hdf5/releases/download/2.2.0/hdf5-2.2.0.tar.gz"),
        ("1.14.6", "https://support.hdfgroup.org/releases/hdf5/v1_14/v1_14_6/downloads/hdf5-1.14.6.tar.gz"),
        ("1.10.8", "https://support.hdfgroup.org/archive/support/ftp/HDF5/releases/hdf5-1.10/hdf5-1.10.8/src/hdf5-1.10.8.tar.gz"),
    ],
)
def test_where_releases_lie(version: str, url: str) -> None:
    """Archives lie where each series has them."""
    (fetch,) = nodes(plan(f"Stage0 += cmake()\nStage0 += hdf5(version='{version}')"), Fetch, "hdf5")
    assert fetch.url == url


def test_what_it_leaves() -> None:
    """A runtime takes libraries alone, and its programs if the recipe wants them, without wrapper compilers."""
    plain, with_programs = (plan(f"Stage0 += hdf5({options})").stages[0].blocks[0].leaves for options in ("", "programs=True"))
    assert [path for why, path in plain.take if why == "program"] == []
    assert ("program", "/usr/local/hdf5/bin/h5*") in with_programs.take
    assert {"/usr/local/hdf5/bin/h5cc", "/usr/local/hdf5/bin/h5pcc"} <= set(with_programs.left)
    assert plain.libraries == with_programs.libraries


def test_environment_and_packages() -> None:
    """Later blocks find it by HPCCM's HDF5_DIR too; compilers for the libraries that are built, and no others, are installed."""
    graph = plan("Stage0 += hdf5()")
    assert environment(graph)["HDF5_DIR"] == ["/usr/local/hdf5"]
    assert {"g++", "gfortran", "zlib1g-dev"} <= packages(graph)
    assert not {"g++", "gfortran"} & packages(plan("Stage0 += hdf5(cxx=False, fortran=False)"))
    assert {"libaec-dev", "libsz2"} <= packages(plan("Stage0 += hdf5(szip='system')"))
    assert "rm -rf /usr/local/hdf5/share/hdf5_examples /usr/local/hdf5/share/HDF5Examples" in commands(graph)
