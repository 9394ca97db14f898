from __future__ import annotations

import tarfile
from typing import TYPE_CHECKING

import pytest
from archives import Entry
from stacks import extracted, random_stack
from vectors import VECTORS, M, audited

from hpcgen.auditing.tables import FILE, FOLDER, HARD_LINK

if TYPE_CHECKING:
    from pathlib import Path

@pytest.mark.parametrize("name", VECTORS)
def test_waste_is_what_is_stored_and_not_shown(name: str, tmp_path: Path) -> None:
    """Each way in which a layer hides bytes of another is counted once, by its kind."""
    layers, waste = VECTORS[name]
    report = audited(tmp_path, layers)
    assert report.wastes.by_kind() == waste
    assert report.totals.waste == sum(waste.values())
    assert report.totals.stored == report.totals.live + report.totals.waste


def test_waste_names_who_stored_and_who_hid_it(tmp_path: Path) -> None:
    """Each copy that is not shown is told with the layer that stored it and the one that hid it."""
    wastes = audited(tmp_path, [[Entry("a", M), Entry("d/b", M)], [Entry("c")], [Entry(".wh.d"), Entry("a", M[:5])]]).wastes
    assert sorted(zip(wastes.paths, wastes.stored, wastes.hidden, wastes.sizes, strict=True)) == [("a", 0, 2, 1_000_000), ("d/b", 0, 2, 1_000_000)]


@pytest.mark.parametrize("seed", range(200))
def test_a_stack_is_what_unpacking_makes(seed: int, tmp_path: Path) -> None:
    """Random layers give the files, their sizes and their layers that unpacking them one after the other gives."""
    layers = random_stack(seed)
    report = audited(tmp_path, layers)
    shown = extracted(layers)
    files = report.files
    found = {path for path, kind in zip(files.paths, files.kinds, strict=True) if kind != FOLDER}
    assert found == shown.files.keys()
    assert (report.totals.stored, report.totals.live) == (shown.stored, shown.live)
    for path, kind, size, stored in zip(files.paths, files.kinds, files.sizes, files.layers, strict=True):
        if kind == FILE:
            assert shown.files[path] == (tarfile.REGTYPE, size, stored)
        elif kind == HARD_LINK:
            assert size == 0
    assert report.totals.stored == report.totals.live + sum(report.wastes.sizes)
    assert sum(one.stored for one in report.layers) == report.totals.stored
    assert sum(one.live for one in report.layers) == report.totals.live


def test_rows_are_in_the_same_order_every_time(tmp_path: Path) -> None:
    """Two audits of one image give the same rows in the same order."""
    for seed in range(10):
        one, other = audited(tmp_path, random_stack(seed)), audited(tmp_path, random_stack(seed))
        assert (one.files.paths, one.wastes.paths, one.notes) == (other.files.paths, other.wastes.paths, other.notes)
