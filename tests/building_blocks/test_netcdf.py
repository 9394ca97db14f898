"""netCDF and PnetCDF."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

import pytest
from planned import commands, configured, environment, nodes, packages, plan, refusal, upon

from hpcgen.errors import Conflict, UnknownVersion
from hpcgen.graph.nodes import Fetch, Label

if TYPE_CHECKING:
    from hpcgen.graph.stages import StageGraph

HDF5 = "Stage0 += hdf5()\n"
MPI = "Stage0 += gnu()\nStage0 += openmpi()\n"
PARALLEL = f"{MPI}Stage0 += hdf5(mpi=True)\nStage0 += pnetcdf()\n"


def parts(graph: StageGraph) -> dict[str, list[str]]:
    """The words that each library's configure is given, by the name of its source."""
    names = ("netcdf-c", "netcdf-cxx4", "netcdf-fortran")
    lines = [shlex.split(command) for command in commands(graph, "netcdf") if "./configure" in command]
    urls = [fetch.url for fetch in nodes(graph, Fetch, "netcdf")]
    assert len(lines) == len(urls)
    return {next(name for name in names if f"/{name}/" in url): words for url, words in zip(urls, lines, strict=True)}


def test_three_libraries_in_one_prefix() -> None:
    """The C library is built first, then the others upon it: three sources with their checksums, one prefix, nothing left of the sources."""
    graph = plan(f"{HDF5}Stage0 += netcdf()")
    said = parts(graph)
    assert list(said) == ["netcdf-c", "netcdf-cxx4", "netcdf-fortran"]
    assert all("--prefix=/usr/local/netcdf" in words and "--disable-static" in words for words in said.values())
    assert all(fetch.sha256 for fetch in nodes(graph, Fetch, "netcdf"))
    for name in ("netcdf-cxx4", "netcdf-fortran"):
        (flags,) = (word for word in said[name] if word.startswith("LDFLAGS="))
        assert "-L/usr/local/netcdf/lib -Wl,-rpath,/usr/local/netcdf/lib" in flags
        assert any(word.startswith("CPPFLAGS=-I/usr/local/netcdf/include -I/usr/local/hdf5/include") for word in said[name])
    assert "LIBS=-lnetcdf" in said["netcdf-cxx4"]
    removed = [command for command in commands(graph, "netcdf") if command.startswith("rm -rf /usr/local/src")]
    assert len(removed) == 3


def test_fewer_libraries() -> None:
    """What the recipe leaves out is neither fetched nor built, and needs no compiler."""
    graph = plan("Stage0 += hdf5(fortran=False)\nStage0 += netcdf(cxx=False, fortran=False)")
    assert list(parts(graph)) == ["netcdf-c"]
    assert "gfortran" not in packages(graph)


@pytest.mark.parametrize(
    ("option", "words", "never"),
    [
        (
            "",
            {"--enable-hdf5", "--disable-dap", "--disable-byterange", "--disable-libxml2", "--disable-nczarr", "--disable-filter-zstd"},
            {"--enable-dap"},
        ),
        ("dap=True", {"--enable-dap", "--enable-byterange", "--enable-libxml2"}, {"ac_cv_lib_curl_curl_easy_setopt=no"}),
        ("zstd='system'", {"--enable-filter-zstd", "--with-plugin-dir=/usr/local/netcdf/lib/plugin"}, {"--disable-filter-zstd"}),
        ("nczarr=True", {"--enable-nczarr"}, {"--disable-nczarr"}),
        ("hdf5=False", {"--disable-hdf5"}, {"--enable-hdf5"}),
        ("check=True", set(), {"--disable-testsets"}),
        ("version='4.7.4'", {"--disable-dap", "--disable-testsets"}, {"--disable-libxml2", "--disable-nczarr", "--disable-filter-zstd"}),
        ("version='4.9.2'", {"ac_cv_lib_zstd_ZSTD_compress=no", "--disable-libxml2"}, {"--disable-filter-zstd", "--disable-s3"}),
    ],
)
def test_options(option: str, words: set[str], never: set[str]) -> None:
    """Each choice is a word for configure that its version knows: what is not asked for is not looked for."""
    said = set(parts(plan(f"{HDF5}Stage0 += netcdf({option})"))["netcdf-c"])
    assert words <= said
    assert not never & said


def test_parallel() -> None:
    """Upon parallel HDF5 and PnetCDF all three libraries are compiled by MPI's compilers."""
    graph = plan(f"{PARALLEL}Stage0 += netcdf(mpi=True, pnetcdf=True)")
    said = parts(graph)
    assert {"CC=/usr/local/openmpi/bin/mpicc", "--enable-parallel4", "--enable-pnetcdf"} <= set(said["netcdf-c"])
    assert {"CC=/usr/local/openmpi/bin/mpicc", "CXX=/usr/local/openmpi/bin/mpicxx"} <= set(said["netcdf-cxx4"])
    assert {"CC=/usr/local/openmpi/bin/mpicc", "FC=/usr/local/openmpi/bin/mpifort"} <= set(said["netcdf-fortran"])
    assert upon(graph, "netcdf") >= {"openmpi", "hdf5", "pnetcdf"}
    assert "--disable-parallel4" in parts(plan(f"{HDF5}Stage0 += netcdf()"))["netcdf-c"]


def test_pnetcdf_without_parallel_hdf5() -> None:
    """PnetCDF alone gives parallel classic files: netCDF-4 files stay serial, and are said to."""
    said = parts(plan(f"{MPI}{HDF5}Stage0 += pnetcdf()\nStage0 += netcdf(mpi=True, pnetcdf=True)"))["netcdf-c"]
    assert "--disable-parallel4" in said
    assert "--enable-pnetcdf" in said


def test_an_mpi_without_fortran() -> None:
    """Upon an MPI without Fortran the Fortran library is compiled by the recipe's own compiler."""
    said = parts(plan("Stage0 += openmpi()\nStage0 += hdf5(mpi=True, fortran=False)\nStage0 += gnu()\nStage0 += netcdf(mpi=True)"))["netcdf-fortran"]
    assert "CC=/usr/local/openmpi/bin/mpicc" in said
    assert not [word for word in said if word.startswith("FC=")]


def test_hdf5_is_needed_aloud() -> None:
    """A stage without HDF5 is an error that says what to add; classic files alone are a choice."""
    fault = refusal("Stage0 += netcdf()")
    assert isinstance(fault, Conflict)
    assert "add hdf5() before it" in fault.help
    fault = refusal(f"{HDF5}Stage0 += netcdf(version_fortran='4.4.9')")
    assert isinstance(fault, UnknownVersion)
    assert "4.6.4" in fault.sentence


def test_other_archives_of_its_libraries() -> None:
    """Each library can be built from another archive, with its checksum, or from a file beside the recipe."""
    sha256 = "f" * 64
    options = f"source_cxx='http://localhost/netcdf-cxx_4.3.1.orig.tar.xz', sha256_cxx='{sha256}', source_fortran='netcdf-fortran.tar.gz'"
    graph = plan(f"{HDF5}Stage0 += netcdf({options})")
    _, cxx, fortran = nodes(graph, Fetch, "netcdf")
    assert (cxx.url, cxx.sha256, cxx.dest) == ("http://localhost/netcdf-cxx_4.3.1.orig.tar.xz", sha256, "/usr/local/src/netcdf-cxx4-4.3.1")
    assert (fortran.url, fortran.local, fortran.sha256) == ("", "netcdf-fortran.tar.gz", None)
    assert "xz-utils" in packages(graph)
    fault = refusal(f"{HDF5}Stage0 += netcdf(source_fortran='http://localhost/x.tar.gz')")
    assert isinstance(fault, UnknownVersion)
    assert "sha256_fortran" in fault.help


def test_filters_are_found() -> None:
    """Its filters are where HDF5 looks when it runs, in a derived runtime too."""
    graph = plan(f"{HDF5}Stage0 += netcdf()\nStage1 += baseimage(image='debian:12')\nStage1 += Stage0.runtime(kind='prefix')")
    assert environment(graph, 1)["HDF5_PLUGIN_PATH"] == environment(graph)["HDF5_PLUGIN_PATH"] == ["/usr/local/netcdf/lib/plugin"]
    leaves = graph.stages[0].blocks[-1].leaves
    assert leaves.take == (("opened by name", "/usr/local/netcdf/lib/plugin/*.so"),)
    assert "HDF5_PLUGIN_PATH" not in environment(plan(f"{HDF5}Stage0 += netcdf(version='4.7.4')"))
    assert "HDF5_PLUGIN_PATH" not in environment(plan(f"{HDF5}Stage0 += netcdf(environment=False)"))


@pytest.mark.parametrize(
    ("image", "curl", "xml"), [("debian:12", "libcurl4", "libxml2"), ("debian:13", "libcurl4t64", "libxml2"), ("rockylinux:9", "libcurl", "libxml2")]
)
def test_runtime_names_with_dap(image: str, curl: str, xml: str) -> None:
    """What remote data needs to run has the name that the release has for it."""
    graph = plan(f"{HDF5}Stage0 += netcdf(dap=True)\nStage1 += baseimage(image='{image}')\nStage1 += Stage0.runtime(kind='prefix')", image)
    assert {curl, xml} <= packages(graph, 1)


def test_labels_and_programs() -> None:
    """An annotated image names the version of each library; programs are left for running if the recipe wants them."""
    graph = plan(f"{HDF5}Stage0 += netcdf(annotate=True, programs=True)")
    assert {label.name: label.value for label in nodes(graph, Label)} == {
        "hpcgen.netcdf.version": "4.10.1",
        "hpcgen.netcdf-cxx4.version": "4.3.1",
        "hpcgen.netcdf-fortran.version": "4.6.4",
    }
    leaves = graph.stages[0].blocks[-1].leaves
    assert ("program", "/usr/local/netcdf/bin/nc*") in leaves.take
    assert "/usr/local/netcdf/bin/nc-config" in leaves.left


@pytest.mark.parametrize(
    ("recipe", "words", "never"),
    [
        (
            f"{MPI}Stage0 += pnetcdf()",
            {"--with-mpi=/usr/local/openmpi", "MPICC=/usr/local/openmpi/bin/mpicc", "--enable-fortran", "--enable-gio"},
            set(),
        ),
        ("Stage0 += openmpi()\nStage0 += pnetcdf()", {"--disable-fortran", "--enable-cxx"}, {"MPIF90=/usr/local/openmpi/bin/mpifort"}),
        ("Stage0 += gnu()\nStage0 += pnetcdf(mpi='/m', cxx=False)", {"--disable-cxx", "MPIF90=/m/bin/mpifort"}, {"MPICXX=/m/bin/mpicxx"}),
        ("Stage0 += pnetcdf(mpi='/m', version='1.12.3')", {"--enable-relax-coord-bound"}, {"--enable-gio", "--disable-install-examples"}),
        ("Stage0 += pnetcdf(mpi='/m', burst_buffering=True, gio=False)", {"--enable-burst-buffering", "--disable-gio"}, set()),
    ],
)
def test_pnetcdf(recipe: str, words: set[str], never: set[str]) -> None:
    """PnetCDF is told its MPI and each choice; it gets Fortran where its MPI has it, unless the recipe says otherwise."""
    said = set(configured(plan(recipe), "pnetcdf"))
    assert words <= said
    assert not never & said


def test_pnetcdf_needs_mpi() -> None:
    """Without an MPI before it PnetCDF is an error that says what to add."""
    fault = refusal("Stage0 += pnetcdf()")
    assert isinstance(fault, Conflict)
    assert "mpi" in fault.help
