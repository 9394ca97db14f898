"""A picture for programs: JSON. docs/howto/graph.md says what each key means."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hpcgen.drawing.critical import StageTime, Timing
    from hpcgen.drawing.model import Box, Link, Picture
    from hpcgen.drawing.timings import Step

SCHEMA = 1
"""The version of the form: raised when a key changes its meaning or goes away."""


def as_json(picture: Picture) -> str:
    """A picture as JSON."""
    data = {
        "schema": SCHEMA,
        "recipe": picture.name,
        "stages": [_stage(box) for box in picture.boxes],
        "links": [_link(link) for link in picture.links],
        "timing": _timing(picture.timing),
    }
    return json.dumps(data, indent=2) + "\n"


def _stage(box: Box) -> dict[str, Any]:
    """One stage."""
    return {
        "name": box.name,
        "kind": box.role,
        "of": box.of or None,
        "recipe": box.origin or None,
        "image": box.image or None,
        "base": box.base or None,
        "target": box.target,
        "blocks": [{"name": block.name, "version": block.version or None} for block in box.blocks],
        "packages": list(box.packages),
        "receives": [{"kind": link.kind, "from": link.source or None, "paths": list(link.paths)} for link in box.takes],
        "time": _time(box.time),
    }


def _link(link: Link) -> dict[str, Any]:
    return {"from": link.source, "to": link.stage, "kind": link.kind, "paths": list(link.paths), "critical": link.critical}


def _time(time: StageTime | None) -> dict[str, Any] | None:
    """What one stage took."""
    if time is None:
        return None
    return {
        "state": time.state,
        "seconds": _seconds(time.seconds),
        "critical": time.critical,
        "begins_as": time.like or None,
        "steps": [_step(step) for step in time.steps],
    }


def _step(step: Step) -> dict[str, Any]:
    return {
        "number": step.number,
        "of": step.of,
        "platform": step.scope or None,
        "text": step.text,
        "block": step.block or None,
        "state": step.state,
        "seconds": step.seconds,
    }


def _timing(timing: Timing | None) -> dict[str, Any] | None:
    """What all of it took."""
    if timing is None:
        return None
    path = [{"stage": stage, "number": step.number, "seconds": step.seconds} for stage, step in timing.path]
    return {"seconds": _seconds(timing.seconds), "critical_seconds": _seconds(timing.critical), "critical_path": path}


def _seconds(sum_: float) -> float:
    """A sum of tenths, which binary fractions are not."""
    return round(sum_, 1)
