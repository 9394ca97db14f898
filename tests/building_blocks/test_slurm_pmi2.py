from __future__ import annotations

from planned import commands, configured, environment, nodes, packages, plan, upon

from hpcgen.graph.nodes import Fetch


def test_the_library_alone() -> None:
    """Slurm's whole source is configured, and its PMI-2 library alone is built and installed."""
    graph = plan("Stage0 += slurm_pmi2()")
    assert [word.split()[0] for word in commands(graph) if "contribs/pmi2" in word] == ["make", "make"]
    assert not [command for command in commands(graph) if command.startswith("make") and "contribs/pmi2" not in command]
    assert "find /usr/local/slurm-pmi2 -name '*.la' -delete" in commands(graph)
    assert "--disable-static" in configured(graph)


def test_what_it_needs() -> None:
    """Its configure calls Perl, which small images lack; nothing of what the daemons need is installed."""
    for image in ("debian:12", "rockylinux:9"):
        installed = packages(plan("Stage0 += slurm_pmi2()", image))
        assert {"perl", "make", "bzip2", "gcc"} <= installed
        assert not [name for name in installed if "munge" in name or "g++" in name or "gcc-c++" in name]


def test_environment_as_hpccm() -> None:
    """It sets nothing unless it is asked for; then its header and its library are found."""
    assert environment(plan("Stage0 += slurm_pmi2()")) == {}
    found = environment(plan("Stage0 += slurm_pmi2(environment=True)"))
    assert found["CPATH"] == ["/usr/local/slurm-pmi2/include/slurm"]
    assert found["LD_LIBRARY_PATH"] == ["/usr/local/slurm-pmi2/lib"]


def test_mpi_takes_it_where_it_is_told_to() -> None:
    """Open MPI 4 and MPICH are told where it lies, and find it at run time; without being told they leave it out."""
    stack = "Stage0 += slurm_pmi2()\nStage0 += %s"
    for mpi, name, word in (
        ("openmpi(version='4.1.8', pmi=True)", "openmpi", "--with-pmi=/usr/local/slurm-pmi2"),
        ("mpich(version='4.3.2', pmi=True)", "mpich", "--with-pmi2=/usr/local/slurm-pmi2"),
    ):
        graph = plan(stack % mpi)
        said = configured(graph, name)
        assert word in said
        assert any("-Wl,-rpath,/usr/local/slurm-pmi2/lib" in one for one in said)
        assert "slurm_pmi2" in upon(graph, name)
    assert "--without-pmi" in configured(plan(stack % "openmpi(version='4.1.8')"), "openmpi")
    assert "--without-pmi2" in configured(plan(stack % "mpich()"), "mpich")


def test_a_distributions_archive() -> None:
    """Debian's archive of Slurm, of another name and packing, can stand for the release."""
    sha = "8c8f6a26a5d51e6c63773f2e02653eb724540ee8b360125c8d7732314ce737d6"  # bookworm's, and Spack's of the tag
    graph = plan(f"Stage0 += slurm_pmi2(version='22.05.8', source='https://example.org/slurm-wlm_22.05.8.orig.tar.gz', sha256='{sha}')")
    (fetch,) = nodes(graph, Fetch)
    assert fetch.sha256 == sha
    assert fetch.strip == 1
