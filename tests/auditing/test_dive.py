from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from archives import dive_program, dive_says, docker_archive, layer, oci_archive
from stacks import random_stack
from vectors import VECTORS, audited

from hpcgen.auditing import audit

if TYPE_CHECKING:
    from pathlib import Path

    from hpcgen.auditing.report import Dive

pytestmark = pytest.mark.skipif(dive_program() is None, reason="dive has no wheel for this machine")


def figures(found: Dive) -> tuple[float, int, int, int]:
    """What dive prints."""
    return (found.efficiency, found.wasted_bytes, found.size_bytes, found.user_bytes)


@pytest.mark.parametrize("name", VECTORS)
def test_figures_of_small_images(name: str, tmp_path: Path) -> None:
    """The efficiency and wasted bytes of dive are found to the byte where layers hide bytes in any one way."""
    report = audited(tmp_path, VECTORS[name][0])
    assert figures(report.dive) == dive_says(report.image.ref, tmp_path)


@pytest.mark.parametrize("seed", range(40))
def test_figures_of_random_stacks(seed: int, tmp_path: Path) -> None:
    """The figures of dive are found to the byte for random layers, with whiteouts that hide nothing too."""
    report = audited(tmp_path, random_stack(seed))
    assert figures(report.dive) == dive_says(report.image.ref, tmp_path)


@pytest.mark.parametrize("how", ["none", "gzip"])
def test_figures_of_compressed_layers(how: str, tmp_path: Path) -> None:
    """The figures of dive do not depend on how layers are compressed."""
    layers = [layer(entries) for entries in random_stack(3)]
    plain = audit(docker_archive(tmp_path / "plain.tar", layers))
    other = audit(oci_archive(tmp_path / f"{how}.tar", layers, how))
    assert figures(plain.dive) == figures(other.dive) == dive_says(plain.image.ref, tmp_path)


def test_what_dive_leaves_out_is_told(tmp_path: Path) -> None:
    """Where a whiteout that hides nothing makes dive leave out the rest of a layer, the report says so and names the layer."""
    report = audited(tmp_path, VECTORS["a dangling whiteout"][0])
    assert report.dive.stopped == (1,)
    assert any("leaves out the rest of layer 1" in why for why in report.dive.difference)
    assert any(".wh.nothing" in note for note in report.notes)
