from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from formats import FORMATS, PATH, written

import hpcgen
from hpcgen.engines import linters
from hpcgen.errors import HpcgenError, show

if TYPE_CHECKING:
    from collections.abc import Callable

CASES = sorted(path.parent for path in (Path(__file__).parent / "golden").glob("*/recipe.py"))


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_primitives_are_written_as_their_goldens_and_linters_find_nothing(golden: Callable[[str, Path], None], case: Path, name: str) -> None:
    """Each primitive is written in each format as its golden has it, or refused in these words, and the format's linters have nothing against it."""
    graph = hpcgen.plan("recipe.py", text=(case / "recipe.py").read_text(encoding="utf-8"))
    try:
        rendered = written(graph, name)
    except HpcgenError as fault:
        golden(f"{show(fault)}\n", case / name)
        return
    golden(rendered.text + "".join(f"# warning: {warning}\n" for warning in rendered.warnings), case / name)
    report = linters.check(rendered, PATH)
    assert {"docker": "hadolint", "singularity": "the definition file's rules", "bash": "shellcheck"}[rendered.format] in report.ran, report.missing
    assert not report.findings, "\n".join(map(str, report.findings))


def test_there_are_no_goldens_without_a_recipe() -> None:
    """A folder of goldens holds a recipe and one file a format, no more."""
    for folder in (Path(__file__).parent / "golden").iterdir():
        assert {file.name for file in folder.iterdir()} == {"recipe.py", *FORMATS}, folder.name
