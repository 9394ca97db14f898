"""Each folder of golden/errors is a command line that fails: its words, its files, and what the user reads."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from running import Result

CASES = Path(__file__).parent / "golden" / "errors"


@pytest.mark.parametrize("case", sorted(path.name for path in CASES.iterdir()))
def test_bad_input_is_said_as_its_golden_says(
    case: str, run: Callable[..., Result], golden: Callable[[str, Path], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bad input gives one exit status, the words of its golden file on standard error, and nothing on standard output."""
    folder = CASES / case
    words = (folder / "args").read_text(encoding="utf-8").split("\n")[:-1] if (folder / "args").exists() else ["recipe.py"]
    monkeypatch.chdir(folder)
    result = run(*words)
    golden(f"{result.status}\n", folder / "status")
    golden(result.err, folder / "expected.txt")
    assert result.out == ""
    assert "Traceback" not in result.err
