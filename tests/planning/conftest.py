from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from shown import Shown, shown
from stand_ins import lay_down

import hpcgen

if TYPE_CHECKING:
    from collections.abc import Callable

    from hpcgen.graph.stages import StageGraph


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The stand-ins' own folder."""
    return lay_down(tmp_path_factory.mktemp("blocks"))


@pytest.fixture
def planned(folder: str) -> Callable[..., StageGraph]:
    """Plans recipes of stand-ins; the first stage starts from Debian and is called devel."""

    def plan(*lines: str, base: str = "baseimage(image='debian:12', name='devel')", **words: Any) -> StageGraph:
        return hpcgen.plan("recipe.py", text="\n".join((f"Stage0 += {base}", *lines)), block_folders=[folder], **words)

    return plan


@pytest.fixture
def splits(planned: Callable[..., StageGraph]) -> Callable[..., Shown]:
    """Shows how recipes of stand-ins are split."""
    return lambda *lines, **words: shown(hpcgen.split(planned(*lines, **words)))
