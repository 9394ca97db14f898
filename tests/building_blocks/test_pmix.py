"""PMIx and PRRTE."""

from __future__ import annotations

import pytest
from planned import configured, packages, plan, refusal, upon

from hpcgen.errors import Conflict

STACK = "Stage0 += hwloc()\nStage0 += libevent()\n"


@pytest.mark.parametrize(
    ("recipe", "words"),
    [
        ("pmix()", {"--with-hwloc", "--with-libevent", "--with-zlib", "--without-munge", "--disable-static", "--disable-sphinx"}),
        ("pmix(hwloc='/h', libevent='/e')", {"--with-hwloc=/h", "--with-libevent=/e"}),
        ("pmix(zlib=False, munge='system')", {"--without-zlib", "--with-munge"}),
        ("prrte(pmix='/p', hwloc='/h')", {"--with-pmix=/p", "--with-hwloc=/h", "--with-libevent"}),
        ("prrte(pmix='/p')", {"--enable-prte-prefix-by-default", "--with-slurm", "--without-tm", "--without-lsf", "--without-sge"}),
    ],
)
def test_options(recipe: str, words: set[str]) -> None:
    """Each choice is said to configure."""
    assert words <= set(configured(plan(f"Stage0 += {recipe}")))


@pytest.mark.parametrize(
    ("recipe", "words", "never"),
    [
        (
            "pmix(version='4.2.2')",
            {"--without-libev", "--without-lustre", "--without-tm", "--without-curl"},
            {"--disable-sphinx", "--without-zlibng"},
        ),
        ("pmix(version='5.0.2')", {"--without-libev", "--without-lustre", "--disable-sphinx"}, {"--without-tm", "--without-zlibng"}),
        ("pmix(version='5.0.10')", {"--without-libev", "--without-zlibng"}, {"--without-lustre", "--without-curl", "--without-smtp"}),
        ("pmix(version='6.1.0')", {"--without-zlibng", "--without-curl", "--without-smtp"}, {"--without-libev", "--without-lustre"}),
        ("prrte(version='3.0.9', pmix='/p')", {"--without-alps"}, {"--without-pals"}),
        ("prrte(version='4.0.0', pmix='/p')", {"--without-pals"}, {"--without-alps"}),
    ],
)
def test_words_that_only_some_versions_have(recipe: str, words: set[str], never: set[str]) -> None:
    """The configure script is told what its version would guess, and nothing that it does not know."""
    said = set(configured(plan(f"Stage0 += {recipe}")))
    assert words <= said
    assert not never & said


def test_the_recipes_own_are_found() -> None:
    """hwloc, libevent and PMIx of the recipe are built upon, and linked so that they are found at run time."""
    graph = plan(f"{STACK}Stage0 += pmix()\nStage0 += prrte()")
    assert {"--with-hwloc=/usr/local/hwloc", "--with-libevent=/usr/local/libevent"} <= set(configured(graph, "pmix"))
    assert "--with-pmix=/usr/local/pmix" in configured(graph, "prrte")
    assert {"hwloc", "libevent", "pmix"} <= upon(graph, "prrte")
    assert not {"libhwloc-dev", "libevent-dev", "libpmix-dev"} & packages(graph)


def test_else_the_distributions() -> None:
    """What they cannot be built without comes from the distribution where the recipe has none, for building and for running."""
    graph = plan("Stage0 += prrte()\nStage1 += baseimage(image='ubuntu:24.04')\nStage1 += Stage0.runtime(kind='prefix')", "ubuntu:24.04")
    assert {"libhwloc-dev", "libevent-dev", "libpmix-dev"} <= packages(graph)
    assert packages(graph, 1) == {"openssh-client", "libpmix2t64", "libhwloc15", "libevent-core-2.1-7t64", "libevent-pthreads-2.1-7t64"}


@pytest.mark.parametrize("recipe", ["pmix(hwloc=False)", "pmix(libevent=False)", "prrte(pmix=False)"])
def test_what_they_cannot_do_without(recipe: str) -> None:
    """What has no way around it is not left out."""
    fault = refusal(f"Stage0 += {recipe}")
    assert isinstance(fault, Conflict)
    assert "cannot be built without" in fault.sentence
    assert fault.help


@pytest.mark.parametrize("name", ["pmix(", "prrte(pmix='/p', "])
@pytest.mark.parametrize("options", ["autogen=True", "repository=True, branch='master'"])
def test_what_a_source_without_generated_files_needs(name: str, options: str) -> None:
    """Neither a repository nor an archive of one holds the scanners that flex makes, nor a configure script; a release holds both."""
    assert {"flex", "perl", "autoconf"} <= packages(plan(f"Stage0 += {name}{options})"))
    assert "flex" not in packages(plan(f"Stage0 += {name})"))


@pytest.mark.parametrize("name", ["pmix(", "openmpi(repository=True, branch='main', "])
def test_python_makes_the_dictionary(name: str) -> None:
    """Where PMIx comes as its repository holds it, by itself or within Open MPI's, configure ends without Python; a release needs none."""
    options = "autogen=True" if name == "pmix(" else ""
    assert "python3" in packages(plan(f"Stage0 += {name}{options})"))
    assert "python3" not in packages(plan("Stage0 += pmix()"))


def test_what_configure_scripts_call() -> None:
    """Small images of the RHEL family lack Perl, which both configure scripts call."""
    assert "perl" in packages(plan("Stage0 += pmix()", "rockylinux:9"))
    assert "perl" in packages(plan("Stage0 += prrte(pmix='/p')", "rockylinux:9"))
