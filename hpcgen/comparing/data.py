"""A difference for programs; docs/howto/diff.md says what each key means."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import attrs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hpcgen.comparing.difference import Change, Difference, ItemDifference, Moved, Rebuild, StageDifference

SCHEMA = 1
"""The version of the JSON form: raised when a key changes its meaning or goes away."""


def as_json(difference: Difference, stages: Sequence[Rebuild], before: str, after: str) -> str:
    """A difference as JSON; `before` and `after` are what the two are called."""
    data = {
        "schema": SCHEMA,
        "before": before,
        "after": after,
        "different": bool(difference),
        "result": _change(difference.result) if difference.result else None,
        "stages": [_stage(stage) for stage in difference.stages],
        "rebuild": [attrs.asdict(one) | {"of": one.of or None, "since": one.since or None} for one in stages],
    }
    return json.dumps(data, indent=2) + "\n"


def _stage(stage: StageDifference) -> dict[str, Any]:
    return {
        "stage": stage.name,
        "before": stage.before,
        "after": stage.after,
        "moved": _moved(stage.moved),
        "changes": [_change(change) for change in stage.changes],
        "items": [_item(item) for item in stage.items],
    }


def _item(item: ItemDifference) -> dict[str, Any]:
    return {
        "kind": item.kind,
        "name": item.name or None,
        "version": item.version or None,
        "prefix": item.prefix or None,
        "change": "changed" if item.before and item.after else "added" if item.after else "removed",
        "for": list(item.for_whom),
        "recipe": str(item.origin) if item.origin and item.after else None,
        "recipe_before": str(item.was_at) if item.was_at and item.before else None,
        "moved": _moved(item.moved),
        "changes": [_change(change) for change in item.changes],
    }


def _change(change: Change) -> dict[str, Any]:
    return {"topic": change.topic, "name": change.name or None, "before": change.before, "after": change.after, "note": change.note or None}


def _moved(moved: Moved | None) -> dict[str, Any] | None:
    return {"before": moved.before or None, "after": moved.after or None} if moved else None
