from __future__ import annotations

import pytest

import hpcgen
from hpcgen.errors import UsageError
from hpcgen.graph.nodes import Install, Mount, Run

RECIPE = """
Stage0 += baseimage(image={image!r}, name="devel")
Stage0 += gnu()
Stage0 += packages(ospackages=["git"])
Stage0 += libevent()
Stage0 += generic_build(url="https://example.org/x.tar.gz", sha256=None, prefix="/opt/x", build=["make"], upon=["libevent"])
Stage0 += shell(commands=["make -C /opt/app"])
"""


def written(image: str = "debian:12", **words: object) -> str:
    """The Dockerfile of the recipe."""
    graph = hpcgen.plan("recipe.py", text=RECIPE.format(image=image))
    return hpcgen.emit(graph, **words).text  # type: ignore[arg-type]  # as the test gives them


@pytest.mark.parametrize(("image", "folder"), [("debian:12", "/usr/lib/ccache"), ("rockylinux:9", "/usr/lib64/ccache")])
def test_each_source_is_compiled_behind_ccache(image: str, folder: str) -> None:
    """What is built from a source finds ccache before the compilers, with its cache in a mount; what installs packages or is the recipe's own does not."""
    text = written(image, ccache=True)
    runs = [run for run in text.split("\nRUN ") if folder in run]
    assert len(runs) == 2
    assert all("--mount=type=cache,target=/run/ccache,id=hpcgen-" in run for run in runs)
    assert [("libevent-2." in run, "https://example.org/x.tar.gz" in run) for run in runs] == [(True, False), (False, True)]
    assert "ccache" not in text.partition("make -C /opt/app")[2]


def test_ccache_is_one_more_package_of_the_block() -> None:
    """It comes with the block's other packages, in one transaction."""
    plain, cached = written(), written(ccache=True)
    assert cached.count("apt-get update") == plain.count("apt-get update")
    assert "        ccache \\\n" in cached
    assert "ccache" not in plain


def test_a_block_without_packages_gets_ccache_too() -> None:
    """Where a block installs nothing, ccache is installed before its source is fetched."""
    from hpcgen.graph.nodes import BlockRef, Fetch
    from hpcgen.graph.stages import Base, Stage, StageGraph
    from hpcgen.planning.caching import with_ccache
    from hpcgen.target import Target

    block = BlockRef("tool", "1", "d")
    nodes = (Fetch("https://example.org/t.tar.gz", None, "/src", block=block), Run(("make",), block=block), Run(("rm -rf /src",), block=block))
    made = with_ccache(StageGraph((Stage("one", Base("debian:12"), Target("debian", "12"), nodes),))).stages[0].nodes
    assert [type(node).__name__ for node in made] == ["Install", "Fetch", "Run", "Run"]
    assert made[0] == Install(("ccache",))
    assert isinstance(made[2], Run)
    assert made[2].mounts == (Mount("cache", "/run/ccache", id="hpcgen-debian12-ccache"),)
    assert made[3] == nodes[2]


@pytest.mark.parametrize("words", [{"format": "singularity"}, {"format": "bash"}, {"dialect": "portable"}])
def test_ccache_where_nothing_is_kept_is_refused(words: dict[str, str]) -> None:
    """A format or dialect without cache mounts is an error, and not a file without the cache."""
    with pytest.raises(UsageError, match="has no cache mounts"):
        written(ccache=True, **words)
