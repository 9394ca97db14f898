"""What all tests share: goldens that can be written anew, and a world without the user's own settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def pytest_addoption(parser: pytest.Parser) -> None:
    """--update-goldens writes what tests would compare with; read the difference before committing it."""
    parser.addoption("--update-goldens", action="store_true", help="write expected files instead of comparing with them")


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, Path], None]:
    """Compares a text with its file."""
    update = request.config.getoption("--update-goldens")

    def compare(text: str, file: Path) -> None:
        if update:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        assert file.is_file(), f"{file} is not there: write it with --update-goldens, and read it"
        assert text == file.read_text(encoding="utf-8")

    return compare


@pytest.fixture(autouse=True)
def own_settings(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """No test reads the site file, or the wishes about colours, of whoever runs it."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path_factory.getbasetemp() / "no-settings"))
    for name in ("NO_COLOR", "HPCGEN_DEBUG"):
        monkeypatch.delenv(name, raising=False)
