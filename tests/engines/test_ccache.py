from __future__ import annotations

import io
import re
import secrets
import tarfile
from typing import TYPE_CHECKING

import pytest
import support

import hpcgen

if TYPE_CHECKING:
    from pathlib import Path

RECIPE = """
Stage0 += baseimage(image="debian:12", name="devel")
Stage0 += generic_build(
    package="tool.tar.gz", prefix="/opt/tool", upon=[], ospackages=["gcc", "libc6-dev", "tar"], build_environment={{"SALT": "{salt}"}},
    build=["ccache --zero-stats", "gcc -O2 -c one.c", "gcc -O2 -DSALT=$SALT -c two.c", "ccache --print-stats | grep _hit"],
    install=["cp one.o two.o /opt/tool"],
)
"""


def archive(file: Path) -> None:
    """A source of two files, of which one sees the option."""
    with tarfile.open(file, "w:gz") as packed:
        for name, text in (("one.c", "int one(void) { return 1; }\n"), ("two.c", "int two(void) { return SALT; }\n")):
            entry = tarfile.TarInfo(f"tool/{name}")
            entry.size = len(text)
            packed.addfile(entry, io.BytesIO(text.encode()))


@pytest.mark.engines
def test_a_changed_block_compiles_only_what_changed(engines: None, tmp_path: Path) -> None:
    """With ccache, a block that is built again with another option takes from the cache what the option does not touch."""
    docker = support.Docker("docker", "docker")
    archive(tmp_path / "tool.tar.gz")
    hits = []
    first = secrets.randbelow(10**9)  # neither is in the cache of an earlier run
    for salt in (first, first + 1):
        graph = hpcgen.plan(str(tmp_path / "recipe.py"), text=RECIPE.format(salt=salt))
        log = docker.build(hpcgen.emit(graph, ccache=True).text, "hpcgen-ccache", tmp_path)
        hits.append(sum(int(count) for count in re.findall(r"(?:direct|preprocessed)_cache_hit\s+(\d+)", log)))
    assert hits[1] == 1
