"""Plain layers read by a second process."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import tarfile
from typing import TYPE_CHECKING

import pytest

from hpcgen.auditing import beside
from hpcgen.auditing.flowing import Lying
from hpcgen.auditing.scanning import scan
from hpcgen.auditing.storing import open_part

if TYPE_CHECKING:
    from pathlib import Path

    from hpcgen.auditing.index import Index
    from hpcgen.auditing.layering import Part

LAYERS = 6


@pytest.fixture
def parts(tmp_path: Path) -> dict[int, Part]:
    """Archives within one file, one behind the other; names are of any bytes, and the last one is cut off."""
    starts = [0]
    with (tmp_path / "all").open("wb") as file:
        for layer in range(LAYERS):
            data = io.BytesIO()
            with tarfile.open(fileobj=data, mode="w", format=tarfile.GNU_FORMAT) as tar:
                for at in range(40):
                    one = tarfile.TarInfo(f"usr/{layer}/\udcff{at}" + "n" * at * 4)
                    one.size = at
                    tar.addfile(one, io.BytesIO(bytes(at)))
            file.write(data.getvalue() if layer < LAYERS - 1 else data.getvalue()[:3000])
            starts.append(file.tell())
    whole = open_part(os.open(tmp_path / "all", os.O_RDONLY | os.O_CLOEXEC))
    return {at: whole.within(start, starts[at + 1] - start) for at, start in enumerate(starts[:-1])}


@pytest.fixture(autouse=True)
def _always(monkeypatch: pytest.MonkeyPatch) -> None:
    """However small."""
    monkeypatch.setattr(beside, "_WORTH", 0)


def columns(index: Index) -> dict[str, object]:
    """All that an index holds."""
    return dict(vars(index))


def same(found: dict[int, Index], parts: dict[int, Part]) -> bool:
    """Whether indexes are those that reading alone gives."""
    return all(columns(index) == columns(scan(Lying(parts[at].pread, parts[at].start, parts[at].size))) for at, index in found.items())


@pytest.mark.parametrize("jobs", [2, 3, 20])
def test_the_same_as_alone(parts: dict[int, Part], jobs: int) -> None:
    """Each layer's index is what one process makes of it, faults too, and each is told of once."""
    told: list[int] = []
    found = beside.indexes(parts, jobs, told.append)
    assert sorted(found) == sorted(told) == sorted(parts)
    assert same(found, parts)
    assert found[LAYERS - 1].faults


def test_a_helper_reads(parts: dict[int, Part]) -> None:
    """The helper gives whole indexes, by its own process."""
    descriptor = parts[0].descriptor
    with subprocess.Popen(beside.program(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, pass_fds=(descriptor,)) as helper:
        assert helper.stdin is not None
        assert helper.stdout is not None
        found = {at: beside._asked(helper.stdin, helper.stdout, part) for at, part in parts.items()}
        helper.stdin.close()
    assert helper.returncode == 0
    assert same({at: index for at, index in found.items() if index is not None}, parts)
    assert None not in found.values()


@pytest.mark.parametrize(
    "program",
    ["raise SystemExit", "import sys; sys.stdout.write('x' * 4); sys.stdout.flush(); sys.stdin.read(1)", "import os; os.kill(os.getpid(), 9)"],
)
def test_a_helper_that_ends_is_missed_by_nobody(parts: dict[int, Part], program: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a helper did not give is read by whoever looks for it: what is given is right, and never waits for ever."""
    monkeypatch.setattr(beside, "_PROGRAM", program)
    found = beside.indexes(parts, 3, lambda at: None)
    assert same(found, parts)
    assert len(parts) - 2 <= len(found) <= len(parts)


def test_not_worth_it(parts: dict[int, Part], monkeypatch: pytest.MonkeyPatch) -> None:
    """Alone, with little to read, or without a Python to start, there is no helper."""
    assert beside.indexes(parts, 1, lambda at: None) == {}
    assert beside.indexes({0: parts[0]}, 4, lambda at: None) == {}
    monkeypatch.setattr(sys, "executable", "")
    assert beside.indexes(parts, 4, lambda at: None) == {}
    monkeypatch.undo()
    assert beside.indexes(parts, 4, lambda at: None) == {}
