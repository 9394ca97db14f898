"""netCDF, OpenBLAS and Boost by HPCCM and by hpcgen."""

from __future__ import annotations

import re
import shlex

import pytest
from hpccm_said import hpccm_text
from planned import commands, environment, nodes, plan

from hpcgen.graph.nodes import Fetch

pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.mark.parametrize(
    "options", ["", "cxx=False", "fortran=False, prefix='/opt/netcdf'", "version='4.9.2', version_fortran='4.6.1', disable_logging=True"]
)
def test_netcdfs_libraries(options: str) -> None:
    """The libraries of netCDF that HPCCM builds are built from the same archives, in the same order, with the same prefix and words."""
    known = options if "version" in options else f"version='4.7.4', version_fortran='4.5.3', {options}"  # HPCCM's own
    text = hpccm_text("netcdf", known)
    graph = plan(f"Stage0 += hdf5(version='1.10.11')\nStage0 += netcdf({known})", "ubuntu:24.04")
    assert [fetch.url for fetch in nodes(graph, Fetch, "netcdf")] == re.findall(r"wget [^&]*?(https://\S+)", text)
    said = [shlex.split(command) for command in commands(graph, "netcdf") if "./configure" in command]
    their_words = [shlex.split(line) for line in re.findall(r"\./configure (.*?) &&", text)]
    assert len(said) == len(their_words)
    assert all(set(theirs_of_one) <= set(ours_of_one) for theirs_of_one, ours_of_one in zip(their_words, said, strict=True))
    assert set(re.findall(r"(\w+)=\S+:\$\1", text)) <= set(environment(graph))


@pytest.mark.parametrize("options", ["version='0.3.21'", "version='0.3.27', prefix='/opt/blas', make_opts=['USE_OPENMP=0', 'NUM_THREADS=8']"])
def test_openblas_words(options: str) -> None:
    """OpenBLAS is made from the same archive, with HPCCM's words and prefix, and found by the same variables."""
    text = hpccm_text("openblas", options)
    graph = plan(f"Stage0 += openblas({options})", "ubuntu:24.04")
    (fetch,) = nodes(graph, Fetch)
    (url,) = re.findall(r"wget [^&]*?(https://\S+)", text)
    assert fetch.url == url.replace("https://github.com/xianyi/", "https://github.com/OpenMathLib/")  # where the project lies by now
    calls = [set(shlex.split(command)) for command in commands(graph, "openblas") if "make " in command]
    their_calls = [set(shlex.split(line)) for line in re.findall(r"&&\s+make ([^&]*?) (?:&&|$)", text)]
    assert set.union(*their_calls) <= set.intersection(*calls) | {"install"}
    assert set(re.findall(r"(\w+)=\S+:\$\1", text)) <= set(environment(graph))


@pytest.mark.parametrize(
    "options",
    [
        "version='1.87.0'",
        "version='1.74.0', prefix='/opt/boost', b2_opts=['cxxstd=14']",
        "version='1.86.0', bootstrap_opts=['--with-libraries=regex']",
    ],
)
def test_boost_words(options: str) -> None:
    """Boost is built from the same archive, with HPCCM's words; Python is left out with what is built upon MPI, which HPCCM's b2 finds or passes over."""
    text = hpccm_text("boost", options)
    graph = plan(f"Stage0 += boost({options})", "ubuntu:24.04")
    (fetch,) = nodes(graph, Fetch)
    assert [fetch.url] == re.findall(r"wget [^&]*?(https://\S+)", text)
    words = {word for command in commands(graph, "boost") if "./b" in command for word in shlex.split(command)}
    their_words = {word for line in re.findall(r"\./(?:bootstrap\.sh|b2) (.*?) &&", text) for word in shlex.split(line)}
    assert their_words - words <= {"--without-libraries=python", "-j$(nproc)"}
    assert "python" in next((word for word in words if word.startswith("--without-libraries")), "python")
    assert set(re.findall(r"(\w+)=\S+:\$\1", text)) <= set(environment(graph))
