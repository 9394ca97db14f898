"""The page of where blocks are to be had."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pages import supported
from pages.supported import COLUMNS, rows

from hpcgen.block.finder import own
from hpcgen.errors import Conflict
from hpcgen.target import known

if TYPE_CHECKING:
    import pytest


def test_every_block_and_target_has_a_cell() -> None:
    """A row a block, a column a release, and no distribution is left out."""
    assert sorted(target for targets in COLUMNS.values() for target in targets) == sorted(known())
    found, _ = rows()
    assert [row[0] for row in found] == list(own())
    assert {len(row) for row in found} == {len(COLUMNS) + 2}


def test_every_block_is_built_or_not() -> None:
    """Each block stands in one of the two lists, and none that is not there in either."""
    assert set(supported.BUILT) <= set(own())
    done, others = supported.built()
    names = [one.split()[0] for one in (*done.split(", "), *others.split(", "))]
    assert sorted(names) == sorted(own())


def test_refusals_have_their_reason() -> None:
    """A block that a release cannot have is `no` with a number, and the number's line has the block's own sentence."""
    found, notes = rows()
    cells = {row[0]: dict(zip(COLUMNS, row[1:], strict=False)) for row in found}
    assert cells["ucx"]["Debian 12"] == "yes"
    number = cells["yum"]["Debian 12"].removeprefix("no [").rstrip("]")
    (line,) = (note for note in notes if note.startswith(f"{number}. "))
    assert line.startswith(f"{number}. `yum`: yum is for dnf, the stage is Debian 11, Debian 12,")
    assert len(notes) == len({note.partition(". ")[2] for note in notes})


def test_part_of_a_column_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where one architecture or one distribution of a column is refused, the cell says which."""

    def refused(block: str, target: str, arch: str) -> object:
        if arch == "aarch64" and target == "debian12":
            return Conflict(f"no binary for {arch}")
        return Conflict("it has no such repository") if target in ("ubi9", "rhel9") else None

    monkeypatch.setattr(supported, "blocks", lambda: ("one",))
    monkeypatch.setattr(supported, "_checked", lambda block: "yes")
    monkeypatch.setattr(supported, "_refusal", lambda *words: getattr(refused(*words), "sentence", ""))
    ((_, *cells),), notes = rows()
    assert dict(zip(COLUMNS, cells, strict=False)) | {"Debian 12": "not on aarch64 [1]", "EL 9": "not ubi9, rhel9 [2]"} == dict(
        zip(COLUMNS, cells, strict=False)
    )
    assert notes == ["1. `one`: no binary for aarch64", "2. `one`: it has no such repository"]
