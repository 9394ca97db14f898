from __future__ import annotations

import pytest
from planned import commands, configured, environment, nodes, packages, plan, refusal

from hpcgen.errors import Conflict, UnknownOption, UnknownVersion, WrongValue
from hpcgen.graph.nodes import Fetch, Git, Run

CUDA_IMAGE = "nvcr.io/nvidia/cuda:12.9.1-devel-ubuntu22.04"


@pytest.mark.parametrize(
    ("option", "word"),
    [
        ("", "--without-cuda"),
        ("cuda=False", "--without-cuda"),
        ("cuda='/usr/local/cuda'", "--with-cuda=/usr/local/cuda"),
        ("cuda='/opt/cuda/'", "--with-cuda=/opt/cuda"),
        ("", "--without-gdrcopy"),
        ("cuda='/c', gdrcopy='/usr/local/gdrcopy'", "--with-gdrcopy=/usr/local/gdrcopy"),
        ("", "--without-knem"),
        ("knem='/usr/local/knem'", "--with-knem=/usr/local/knem"),
        ("", "--without-xpmem"),
        ("xpmem='/usr/local/xpmem'", "--with-xpmem=/usr/local/xpmem"),
        ("", "--without-verbs"),
        ("", "--without-rdmacm"),
        ("ofed='system'", "--with-verbs"),
        ("ofed='system'", "--with-rdmacm"),
        ("ofed='/opt/ofed'", "--with-verbs=/opt/ofed"),
        ("ofed='/opt/ofed'", "--with-rdmacm=/opt/ofed"),
        ("", "--disable-optimizations"),
        ("optimizations=True", "--enable-optimizations"),
        ("", "--enable-mt"),
        ("mt=False", "--disable-mt"),
        ("with_foo=True", "--with-foo"),
        ("enable_debug_data='yes'", "--enable-debug-data=yes"),
        ("without_rc=True", "--without-rc"),
        ("configure_opts=['--with-cache-line-size=64']", "--with-cache-line-size=64"),
    ],
)
def test_options(option: str, word: str) -> None:
    """Each option, and its being left out, is one word for configure."""
    assert word in configured(plan(f"Stage0 += ucx({option})"))


@pytest.mark.parametrize(
    ("version", "words", "never"),
    [
        ("1.21.0", {"--without-gaudi", "--without-ze", "--without-mad", "--without-gda", "--without-efa"}, {"--enable-numa"}),
        ("1.18.1", {"--without-ze", "--without-mad"}, {"--enable-numa", "--without-gaudi", "--without-efa", "--without-gda"}),
        ("1.13.1", {"--enable-numa"}, {"--without-ze", "--without-mad", "--without-efa"}),
    ],
)
def test_words_that_only_some_versions_have(version: str, words: set[str], never: set[str]) -> None:
    """The configure script is told what its version knows, and nothing else."""
    said = set(configured(plan(f"Stage0 += ucx(version='{version}')")))
    assert words <= said
    assert not never & said


def test_libnuma_until_it_was_dropped() -> None:
    """Libnuma is built and run with before 1.15, and is no longer a choice since."""
    old = plan("Stage0 += ucx(version='1.13.1')\nStage1 += baseimage(image='debian:12')\nStage1 += Stage0.runtime(kind='prefix')")
    assert "libnuma-dev" in packages(old)
    assert "libnuma1" in packages(old, 1)
    assert "libnuma-dev" not in packages(plan("Stage0 += ucx()"))
    assert isinstance(refusal("Stage0 += ucx(numa='/usr')"), Conflict)
    assert "--disable-numa" in configured(plan("Stage0 += ucx(version='1.13.1', numa=False)"))


def test_verbs_bring_providers_to_run_with() -> None:
    """The distribution's verbs come with their providers, without which no device is found (R16), by the names of each release."""
    for image, rdmacm in (
        ("debian:12", "librdmacm1"),
        ("debian:13", "librdmacm1t64"),
        ("ubuntu:24.04", "librdmacm1t64"),
        ("rockylinux:9", "librdmacm"),
    ):
        graph = plan(f"Stage0 += ucx(ofed='system')\nStage1 += baseimage(image='{image}')\nStage1 += Stage0.runtime(kind='prefix')", image)
        assert rdmacm in packages(graph, 1)
        assert ("ibverbs-providers" in packages(graph, 1)) == (image != "rockylinux:9")


def test_mlx5_by_its_name_in_each_version() -> None:
    """With verbs, Mellanox's own commands are asked for by the word that the version knows."""
    assert "--with-mlx5" in configured(plan("Stage0 += ucx(ofed='system')"))
    assert "--with-mlx5-dv" in configured(plan("Stage0 += ucx(ofed='system', version='1.17.0')"))
    assert not [word for word in configured(plan("Stage0 += ucx()")) if "mlx5" in word]


def test_cuda_of_the_recipe_the_toolchain_and_the_image() -> None:
    """CUDA comes from the recipe's block, else from the toolchain's CUDA_HOME, else from an image that is known to bring it."""
    assert "--with-cuda=/usr/local/cuda" in configured(plan("Stage0 += cuda(version='12.9')\nStage0 += ucx()"))
    assert "--with-cuda=/usr/local/cuda" in configured(plan("Stage0 += cuda(version='12.9')\nStage0 += ucx(cuda=True)"))
    assert "--with-cuda=/opt/c" in configured(plan("Stage0 += ucx(toolchain=toolchain(CUDA_HOME='/opt/c'))"))
    assert "--with-cuda=/usr/local/cuda" in configured(plan("Stage0 += ucx()", CUDA_IMAGE))
    assert "--with-cuda=/usr/local/cuda" in configured(plan("Stage0 += ucx(cuda=True)", CUDA_IMAGE))
    assert "--without-cuda" in configured(plan("Stage0 += ucx(cuda=False)", CUDA_IMAGE))
    assert "--without-cuda" in configured(plan("Stage0 += ucx()", CUDA_IMAGE.replace("devel", "runtime")))


def test_libraries_of_partners_are_found_without_the_environment() -> None:
    """Libraries of partners are linked with a RUNPATH, by the partner's own folder where it is a block."""
    (flags,) = (word for word in configured(plan("Stage0 += cuda(version='12.9')\nStage0 += ucx()"), "ucx") if word.startswith("LDFLAGS="))
    assert flags == "LDFLAGS=-Wl,-rpath,/usr/local/cuda/lib64 -Wl,--enable-new-dtags"


@pytest.mark.parametrize(
    ("recipe", "sentence"),
    [
        ("ucx(gdrcopy='/usr/local/gdrcopy')", "gdrcopy for CUDA memory alone"),
        ("ucx(cuda=True)", "no cuda before it"),
        ("ucx(cuda='system')", "cannot use the distribution's cuda"),
        ("ucx(numa='/opt/numa', version='1.13.1')", "from the distribution alone"),
        ("ucx(gda=True, version='1.20.1')", "no choice of gda"),
    ],
)
def test_refused_together(recipe: str, sentence: str) -> None:
    """What does not work together is an error with the sentence that says why."""
    fault = refusal(f"Stage0 += {recipe}")
    assert isinstance(fault, Conflict)
    assert sentence in fault.sentence


@pytest.mark.parametrize(
    ("recipe", "image", "words"),
    [
        ("Stage0 += cuda(version='13.0', parts=['libraries'])\nStage0 += ucx(version='1.18.1')", "ubuntu:24.04", "CUDA 13"),
        ("Stage0 += cuda(version='12.9', parts=['libraries'])\nStage0 += ucx(version='1.13.1')", "ubuntu:24.04", "CUDA 12"),
        ("Stage0 += ucx(version='1.18.1')", "ubuntu:26.04", "GCC 15"),
        ("Stage0 += gnu(version='15')\nStage0 += ucx(version='1.18.1')", "rockylinux:9", "GCC 15"),
    ],
)
def test_warned_of(recipe: str, image: str, words: str) -> None:
    """What is known to fail, though not always, is a warning with its source."""
    (warning,) = plan(recipe, image).warnings
    assert words in warning
    assert "(source: " in warning


def test_no_warning_where_all_is_well() -> None:
    """The defaults warn of nothing on any compiler of a distribution."""
    for image in ("debian:11", "debian:13", "ubuntu:26.04", "rockylinux:10"):
        assert plan("Stage0 += ucx()\nStage0 += openmpi()", image).warnings == ()


def test_repacked_archive() -> None:
    """An archive packed anew, without configure and without the files that configure.ac names, is built after making both."""
    sha256 = "1a88e09ca1b406c046a469c2ae271d2c330050b5664c0bcd9890e26c6ef09f3c"
    graph = plan(f"Stage0 += ucx(version='1.13.1', source='http://localhost/ucx_1.13.1.orig.tar.xz', sha256='{sha256}', autogen=True)")
    (fetch,) = nodes(graph, Fetch)
    assert (fetch.url, fetch.sha256) == ("http://localhost/ucx_1.13.1.orig.tar.xz", sha256)
    assert {"autoconf", "automake", "libtool", "xz-utils"} <= packages(graph)
    said = commands(graph, "ucx")
    assert said[:3] == [
        "mkdir -p debian",
        "for file in rules.in control.in changelog.in compat copyright ucx.prerm; do [ -e debian/$file ] || touch debian/$file; done",
        "./autogen.sh",
    ]
    assert "./configure" in said[3]


def test_repository() -> None:
    """repository=True is the project's own, at a commit, with the tools that make its configure script."""
    commit = "4d2d8aa52a9c2b8d5bdf8d4c1a4dfb1a9f7c1c05"
    graph = plan(f"Stage0 += ucx(repository=True, commit='{commit}')")
    (git,) = nodes(graph, Git)
    assert (git.url, git.commit) == ("https://github.com/openucx/ucx.git", commit)
    assert {"git", "autoconf", "automake", "libtool"} <= packages(graph)
    assert any(command.startswith("[ -x configure ] || {") for command in commands(graph))


def test_mirror_by_baseurl() -> None:
    """HPCCM's baseurl puts another server in front of the same path."""
    (fetch,) = nodes(plan("Stage0 += ucx(version='1.18.1', baseurl='http://localhost:8900/')"), Fetch)
    assert fetch.url == "http://localhost:8900/v1.18.1/ucx-1.18.1.tar.gz"
    assert fetch.sha256 == "8018dd75f11b5e8d6e57dcdb5b798d2c1f000982c353efde1f3170025c6c3b4c"


@pytest.mark.parametrize(
    ("recipe", "kind", "help"),
    [
        ("ucx(version='1.99.0')", UnknownVersion, 'sha256="..."'),
        ("ucx(source='https://example.org/ucx.tar.gz')", UnknownVersion, 'add sha256="..."'),
        ("ucx(gdrcpoy=True)", UnknownOption, "did you mean 'gdrcopy'?"),
        ("ucx(prefix='ucx')", WrongValue, "absolute"),
        ("ucx(repository=True)", WrongValue, "commit='...'"),
        ("ucx(repository=True, commit='abc')", WrongValue, "40 hexadecimal digits"),
        ("ucx(toolchain='gcc')", WrongValue, ".toolchain"),
        ("ucx(version=1.18)", WrongValue, "a string"),
        ("ucx(ospackages='gcc')", WrongValue, "a list of strings"),
    ],
)
def test_wrong_options(recipe: str, kind: type[Exception], help: str) -> None:  # noqa: A002 (the error's own word)
    """A wrong option dies at its line, with what to write instead."""
    fault = refusal(f"Stage0 += {recipe}")
    assert type(fault) is kind
    assert help in fault.help
    assert fault.origin is not None
    assert fault.origin.line == 2


def test_environment() -> None:
    """What comes after finds programs, headers and libraries; a stage that runs it only programs and libraries."""
    graph = plan("Stage0 += ucx()\nStage1 += baseimage(image='debian:12')\nStage1 += Stage0.runtime(kind='prefix')")
    assert set(environment(graph)) == {"PATH", "LD_LIBRARY_PATH", "CPATH", "LIBRARY_PATH", "PKG_CONFIG_PATH", "CMAKE_PREFIX_PATH"}
    assert set(environment(graph, 1)) == {"PATH", "LD_LIBRARY_PATH"}
    assert environment(plan("Stage0 += ucx(environment=False)")) == {}
    linked = plan("Stage0 += ucx(ldconfig=True)")
    assert "LD_LIBRARY_PATH" not in environment(linked)
    assert any("ldconfig" in run.commands for run in nodes(linked, Run))


def test_nothing_is_left_behind() -> None:
    """The source's folder is removed in the end, and so is what nobody needs in an image."""
    said = commands(plan("Stage0 += ucx(version='1.18.1')"))
    assert said[-1] == "rm -rf /usr/local/src/ucx-1.18.1"
    assert "rm -rf /usr/local/ucx/share/ucx/examples" in said
