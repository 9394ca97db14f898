"""The tarballs of Debian's that the tests build, beside what blocks know of the same releases."""

from __future__ import annotations

import sys
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import hpcgen
from hpcgen.block import Tarball
from hpcgen.block.finder import find, own
from hpcgen.graph.nodes import Fetch
from hpcgen.version import Version

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]


def tarballs() -> tuple[Any, ...]:
    """The table of scripts/upstream."""
    loader = SourceFileLoader("upstream", str(ROOT / "scripts" / "upstream"))
    module = module_from_spec(spec_from_loader("upstream", loader))  # type: ignore[arg-type]  # there is one, for there is a loader
    sys.modules["upstream"] = module  # dataclasses look it up
    try:
        loader.exec_module(module)
    finally:
        del sys.modules["upstream"]
    found: tuple[Any, ...] = module.TARBALLS
    return found


def known(sha256: str) -> Iterator[tuple[str, str]]:
    """The versions that blocks know by a checksum, with their file's name."""
    for name in own():
        block = find(name)
        assert block is not None
        for table in vars(block).values():
            for version, checksum in table.sha256.items() if isinstance(table, Tarball) else ():
                if checksum == sha256:
                    yield version, table.url(version).rpartition("/")[2]


UNCHANGED = [one for one in tarballs() if one.identical_to_upstream]
REPACKED = [one for one in tarballs() if one.identical_to_upstream is False]


@pytest.mark.parametrize("tarball", UNCHANGED, ids=lambda one: one.published_as)
def test_what_debian_ships_unchanged_is_what_a_block_fetches(tarball: Any) -> None:
    """A tarball that Debian did not repack has the checksum, the version and the file name that a block knows."""
    ((version, file),) = known(tarball.sha256)
    assert Version(version) == Version(tarball.version)
    assert file == tarball.published_as


@pytest.mark.parametrize("tarball", REPACKED, ids=lambda one: one.file)
def test_what_debian_repacked_is_taken_for_no_release(tarball: Any) -> None:
    """A tarball that Debian packed anew has a checksum that no block knows."""
    assert list(known(tarball.sha256)) == []


def test_there_are_both() -> None:
    """Several blocks can be held against Debian's bytes, and several tarballs are known to be others."""
    assert len(UNCHANGED) >= 3
    assert len(REPACKED) >= 3


@pytest.mark.parametrize("recipe", sorted((ROOT / "tests" / "acceptance" / "recipes").glob("*.py")), ids=lambda one: one.stem)
def test_what_the_acceptance_builds_is_there(recipe: Path) -> None:
    """Each archive that the acceptance's recipes fetch lies in the mirror, under its checksum and the name that is asked for; one fetches none."""
    graph = hpcgen.plan(str(recipe), block_folders=[str(ROOT / "tests" / "acceptance" / "blocks")])
    wanted = {(node.sha256, node.name) for stage in graph.stages for node in stage.nodes if isinstance(node, Fetch)}
    assert bool(wanted) == (recipe.stem != "gpu")
    assert wanted <= {(one.sha256, one.published_as or one.file) for one in tarballs()}
