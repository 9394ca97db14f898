"""hwloc and libevent."""

from __future__ import annotations

import pytest
from planned import commands, configured, nodes, packages, plan, refusal

from hpcgen.errors import Conflict
from hpcgen.graph.nodes import Fetch


@pytest.mark.parametrize(
    ("recipe", "words"),
    [
        ("hwloc()", {"--disable-cuda", "--disable-nvml", "--disable-libxml2", "--disable-gl", "--disable-opencl", "--disable-libudev"}),
        ("hwloc(cuda='/usr/local/cuda')", {"--with-cuda=/usr/local/cuda", "--enable-cuda", "--enable-nvml", "--enable-plugins=cuda,nvml"}),
        ("hwloc(pci='system', libxml2='system')", {"--enable-pci", "--enable-libxml2"}),
        ("libevent()", {"--disable-openssl", "--disable-static", "--disable-samples"}),
        ("libevent(openssl='system')", {"--enable-openssl"}),
    ],
)
def test_options(recipe: str, words: set[str]) -> None:
    """Each choice is said to configure."""
    assert words <= set(configured(plan(f"Stage0 += {recipe}")))


@pytest.mark.parametrize(
    ("image", "ssl", "xml"),
    [
        ("debian:11", "libssl1.1", "libxml2"),
        ("debian:12", "libssl3", "libxml2"),
        ("debian:13", "libssl3t64", "libxml2"),
        ("ubuntu:22.04", "libssl3", "libxml2"),
        ("ubuntu:26.04", "libssl3t64", "libxml2-16"),
        ("rockylinux:9", "openssl-libs", "libxml2"),
    ],
)
def test_runtime_names_of_each_release(image: str, ssl: str, xml: str) -> None:
    """What is needed to run has the name that the release has for it."""
    recipe = "Stage0 += libevent(openssl='system')\nStage0 += hwloc(libxml2='system')"
    graph = plan(f"{recipe}\nStage1 += baseimage(image='{image}')\nStage1 += Stage0.runtime(kind='prefix')", image)
    assert packages(graph, 1) == {ssl, xml}


def test_archives_that_lie_elsewhere() -> None:
    """Archives of hwloc are those that collections agree on: bzip2 since 2.14, gzip before."""
    urls = [nodes(plan(f"Stage0 += hwloc(version='{version}')"), Fetch)[0].url for version in ("2.15.0", "2.14.0", "2.13.0")]
    assert [url.rpartition("/v2")[2] for url in urls] == [".15/hwloc-2.15.0.tar.bz2", ".14/hwloc-2.14.0.tar.bz2", ".13/hwloc-2.13.0.tar.gz"]
    (fetch,) = nodes(plan("Stage0 += libevent(version='2.1.12')"), Fetch)
    assert fetch.url == "https://github.com/libevent/libevent/releases/download/release-2.1.12-stable/libevent-2.1.12-stable.tar.gz"


def test_warned_and_refused() -> None:
    """Trouble of hwloc with Slurm is a warning (R11); a library that only the distribution can bring is refused as a path."""
    assert "Slurm" in plan("Stage0 += hwloc(version='2.7.0', sha256=None)").warnings[0]
    assert plan("Stage0 += hwloc(version='2.7.1')").warnings == ()
    assert isinstance(refusal("Stage0 += libevent(openssl='/opt/openssl')"), Conflict)


def test_libtools_files_go() -> None:
    """No .la file is left, which would make later links pull in what is not needed."""
    for block in ("hwloc", "libevent", "fftw", "ucx", "openmpi"):
        assert f"find /usr/local/{block} -name '*.la' -delete" in commands(plan(f"Stage0 += {block}()"))


def test_what_small_images_lack() -> None:
    """On the RHEL family, whose small images lack them, the tools that configure scripts call come too."""
    assert {"diffutils", "findutils", "make", "tar", "gzip", "bzip2"} <= packages(plan("Stage0 += hwloc()", "rockylinux:9"))
