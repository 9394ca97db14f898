"""hpcgen: HPC container recipes in Python, as Dockerfiles, Singularity definition files and shell scripts."""

from __future__ import annotations

from typing import Any

__version__ = "0.1.0"

_WHERE = {
    "Stage": "hpcgen.loading.stage",
    "audit": "hpcgen.auditing.assembling",
    "blocks": "hpcgen.library",
    "emit": "hpcgen.library",
    "explain": "hpcgen.library",
    "plan": "hpcgen.library",
    "recipe": "hpcgen.library",
    "split": "hpcgen.library",
}
_MODULES = {"errors": "hpcgen.errors", "primitives": "hpcgen.loading.primitives"}

__all__ = ("Stage", "__version__", "audit", "blocks", "emit", "errors", "explain", "plan", "primitives", "recipe", "split")


def __getattr__(name: str) -> Any:
    """Public names, imported when they are first used: `hpcgen RECIPE` needs few of them."""
    from importlib import import_module

    if name in _WHERE:
        return getattr(import_module(_WHERE[name]), name)
    if name in _MODULES:
        return import_module(_MODULES[name])
    raise AttributeError(f"module 'hpcgen' has no attribute '{name}'")


def __dir__() -> list[str]:
    return sorted(__all__)
