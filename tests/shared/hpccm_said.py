"""What HPCCM writes for a block."""

from __future__ import annotations

import importlib
import warnings
from typing import Any


def hpccm_text(block: str, options: str, distribution: str = "ubuntu24") -> str:
    """The text of one of its blocks for a distribution, each command on one line; `options` as in a recipe."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        hpccm: Any = importlib.import_module("hpccm")
    hpccm.config.set_container_format("docker")
    hpccm.config.set_linux_distro(distribution)
    hpccm.config.set_cpu_architecture("x86_64")
    return str(eval(f"hpccm.building_blocks.{block}({options})", {"hpccm": hpccm})).replace("\\\n", " ")  # noqa: S307 (the tests' own cases)
