"""An audit as JSON and back. `report.schema.json` beside this file is its published form, with what each key means.

Of files the large ones are listed, of each folder the small ones are one row; of waste the same. So a report of 230,000 files stays small
enough to be kept beside a recipe, as the baseline of the next one.
"""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

import attrs

from hpcgen.auditing import pruning
from hpcgen.auditing.outcome import version
from hpcgen.auditing.report import SCHEMA, Figure
from hpcgen.auditing.tables import NOBODY, WASTE_KINDS
from hpcgen.showing import portable

if TYPE_CHECKING:
    from hpcgen.auditing.growth import Growth
    from hpcgen.auditing.outcome import Outcome
    from hpcgen.auditing.report import Dive, Finding, Report, Totals

Data = dict[str, Any]


def to_json(outcome: Outcome) -> str:
    """An outcome as JSON; pure ASCII, keys in one order."""
    return json.dumps(_portable(as_data(outcome)), indent=1, allow_nan=False) + "\n"


def schema() -> str:
    """The published JSON Schema of reports."""
    import os

    with open(os.path.join(os.path.dirname(__file__), "report.schema.json"), encoding="utf-8") as stream:
        return stream.read()


def _portable(data: Any) -> Any:
    """Data whose texts every reader takes."""
    if isinstance(data, str):
        return portable(data)
    if isinstance(data, dict):
        return {portable(key): _portable(value) for key, value in data.items()}
    return [_portable(one) for one in data] if isinstance(data, list | tuple) else data


def as_data(outcome: Outcome) -> Data:
    """An outcome as what JSON is made of."""
    report = outcome.report
    return {
        "schema": SCHEMA,
        "hpcgen": version(),
        "image": attrs.asdict(report.image),
        "totals": totals(report.totals),
        "dive_compat": dive(report.dive),
        "layers": [_layer(layer) for layer in report.layers],
        "blocks": [attrs.asdict(block) for block in report.blocks],
        "coverage": attrs.asdict(report.coverage) | {"part": report.coverage.part} if report.coverage else None,
        "categories": [attrs.asdict(category) for category in report.categories],
        "findings": [finding(one) for one in report.findings],
        "gpu": {"asked": list(report.gpu_arch), "found": [attrs.asdict(one) for one in report.gpu]},
        "waste": _waste(report),
        "files": _files(report),
        "folders": [{"path": path, "bytes": size, "files": count} for path, (size, count) in pruning.folders(report.files).items()],
        "budget": {"within": outcome.is_within, "checks": [attrs.asdict(check) for check in outcome.checks]} if outcome.checks else None,
        "against": _growth(outcome.growth) if outcome.growth else None,
        "tiers": list(report.tiers),
        "faults": list(report.faults),
        "notes": list(report.notes),
        "seconds": {step: round(seconds, 3) for step, seconds in report.seconds.items()},
    }


def totals(found: Totals) -> Data:
    """The totals: bytes, and the bounds of what is estimated."""
    own = None
    if found.own_stored is not None:
        own = {"stored": found.own_stored, "live": found.own_live, "waste": found.own_waste, "efficiency": found.own_efficiency}
    return {
        "stored": found.stored,
        "live": found.live,
        "waste": found.waste,
        "pull": found.pull.bytes if found.pull else None,
        "pull_between": _between(found.pull),
        "sif": found.sif.bytes if found.sif else None,
        "sif_between": _between(found.sif),
        "efficiency": found.efficiency,
        "entries": found.entries,
        "files": found.files,
        "own": own,
    }


def _between(figure: Figure | None) -> list[int] | None:
    return None if figure is None or figure.is_exact else [figure.low, figure.high]


def dive(found: Dive) -> Data:
    """Dive's figures; null where dive divides by nothing."""
    part = found.user_wasted_percent
    return {
        "efficiency": found.efficiency,
        "wasted_bytes": found.wasted_bytes,
        "user_wasted_percent": part if math.isfinite(part) else None,
        "user_bytes": found.user_bytes,
        "size_bytes": found.size_bytes,
        "difference": list(found.difference),
        "stopped": list(found.stopped),
    }


def _layer(layer: Any) -> Data:
    row = attrs.asdict(layer)
    return {key: _place(value) if key == "block" else value for key, value in row.items()} | {"waste": layer.waste}


def _place(at: int) -> int | None:
    return None if at == NOBODY else at


def finding(one: Finding) -> Data:
    """A finding."""
    return {
        "id": one.id,
        "name": one.name,
        "title": one.title,
        "severity": one.severity,
        "bytes": attrs.asdict(one.saving),
        "confidence": one.confidence,
        "count": one.count,
        "block": _place(one.block),
        "in_base": one.in_base,
        "fix": one.fix,
        "ignored": one.ignored or None,
        "evidence": [attrs.asdict(row) | {"layer": _place(row.layer)} for row in one.evidence],
    }


def _files(report: Report) -> list[Data]:
    """The large files."""
    files = report.files
    rows = []
    for at in pruning.large_rows(files):
        row: Data = {"path": files.paths[at], "bytes": files.sizes[at], "layer": _place(files.layers[at])}
        row["category"] = report.categories[files.categories[at]].name if files.categories and report.categories else None
        row["block"] = _place(files.blocks[at]) if files.blocks else None
        row["pull"] = files.pulls[at] if files.pulls is not None else None
        row["sif"] = files.sifs[at] if files.sifs is not None else None
        rows.append(row)
    return rows


def _waste(report: Report) -> Data:
    """The waste by kind, by both layers, and the largest copies one by one."""
    wastes = report.wastes
    pairs: dict[tuple[int, int, int], list[int]] = {}
    for kind, stored, hidden, size in zip(wastes.kinds, wastes.stored, wastes.hidden, wastes.sizes, strict=True):
        sums = pairs.setdefault((kind, stored, hidden), [0, 0])
        sums[0] += size
        sums[1] += 1
    return {
        "kinds": wastes.by_kind(),
        "layers": [
            {"kind": WASTE_KINDS[kind], "stored": stored, "hidden": hidden, "bytes": size, "copies": copies}
            for (kind, stored, hidden), (size, copies) in sorted(pairs.items())
        ],
        "largest": [
            {
                "kind": WASTE_KINDS[wastes.kinds[at]],
                "path": wastes.paths[at],
                "bytes": wastes.sizes[at],
                "stored": wastes.stored[at],
                "hidden": wastes.hidden[at],
            }
            for at in range(len(wastes))
            if wastes.sizes[at] >= pruning.LARGE and not wastes.paths[at].endswith("/")
        ],
    }


def _growth(growth: Growth) -> Data:
    """What grew."""
    named = ("totals", "blocks", "categories", "findings", "files")
    rows = {name: [_change(row) for row in getattr(growth, name)] for name in named}
    return {"baseline": growth.baseline, **rows, "more_files": growth.more_files}


def _change(change: Any) -> Data:
    return {
        "name": change.name,
        "before": change.before,
        "after": change.after,
        "change": change.delta,
        "was": change.was or None,
        "now": change.now or None,
    }
