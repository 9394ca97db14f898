from __future__ import annotations

from pathlib import Path

import hpcgen
from hpcgen.graph.nodes import Fetch, RuntimeOf

ROOT = Path(__file__).resolve().parents[2]
VERSIONS = {"ucx": "1.13.1", "openmpi": "5.0.7", "kind": "files"}


def planned(blocks: str, **userarg: str) -> tuple[int, list[tuple[str, ...]]]:
    """How much mpi_hello fetches with blocks of the acceptance's, and what its runtime stage is told of the rest: without digests."""
    graph = hpcgen.plan(
        str(ROOT / "recipes" / "mpi_hello.py"), userarg=VERSIONS | userarg, block_folders=[str(ROOT / "tests" / "acceptance" / blocks)]
    )
    nodes = [node for stage in graph.stages for node in stage.nodes]
    (runtime,) = (node for node in nodes if isinstance(node, RuntimeOf))
    records = [record[:3] if record[0] == "block" else record for record in runtime.records if record[0] != "image"]
    return sum(isinstance(node, Fetch) for node in nodes), records


def test_what_was_built_before_leaves_the_same() -> None:
    """Blocks that build nothing, by which Apptainer's acceptance starts from a built stage, leave for running what those leave that build."""
    built, told = planned("built", builder="mpi_hello-devel/debian:12")
    full, told_in_full = planned("blocks")
    assert (built, full) == (0, 2)
    assert told == told_in_full


def test_lammps_is_built_from_debians_archive() -> None:
    """What the acceptance builds of LAMMPS is the archive that Debian 12 ships, by the project's own block."""
    userarg = VERSIONS | {"kind": "scratch", "fftw": "3.3.10", "lammps": "20220106"}
    graph = hpcgen.plan(str(ROOT / "recipes" / "lammps.py"), userarg=userarg, block_folders=[str(ROOT / "tests" / "acceptance" / "blocks")])
    (fetch,) = (node for node in graph["devel"].nodes if isinstance(node, Fetch) and node.block is not None and node.block.name == "lammps")
    assert fetch.url == "http://sources.invalid/lammps_20220106.git7586adbb6a+ds1.orig.tar.xz"
    (runtime,) = (node for stage in graph.stages for node in stage.nodes if isinstance(node, RuntimeOf))
    assert runtime.libraries == "needed"
