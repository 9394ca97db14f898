"""What scripts/reference writes is fresh."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent


def test_stubs_and_reference_pages_are_fresh() -> None:
    """The type stubs and the pages of docs/reference say what the code says now: `scripts/reference` writes them anew."""
    done = subprocess.run((sys.executable, ROOT / "scripts" / "reference", "--check"), capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
