"""A report read back from its JSON, as the baseline of another. What it holds was written by whoever made the file: each value is looked at."""

from __future__ import annotations

import json
from array import array
from typing import TYPE_CHECKING, Any, TypeVar

from hpcgen.auditing.report import (
    SCHEMA,
    Amount,
    BlockBytes,
    CategoryBytes,
    Coverage,
    Dive,
    Evidence,
    Figure,
    Finding,
    GpuBytes,
    Image,
    Layer,
    Report,
    Totals,
)
from hpcgen.auditing.tables import FILE, FOLDER, NOBODY, WASTE_KINDS, Files, Wastes
from hpcgen.errors import Unreachable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Data = dict[str, Any]
Made = TypeVar("Made")


def looks_like_report(start: bytes) -> bool:
    """Whether a file that begins so is JSON, which no image is."""
    return start.lstrip()[:1] == b"{"


def from_json(text: str, name: str = "report") -> Report:
    """The report that `to_json` wrote; `name` is the file's.

    Raises:
        Unreachable: it is no such report.
    """
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as fault:
        raise Unreachable(f"{name}: not JSON: {fault}") from fault
    if not isinstance(data, dict) or data.get("schema") != SCHEMA:
        found = data.get("schema") if isinstance(data, dict) else None
        hint = f"what is read is {SCHEMA}, as hpcgen audit REF -o FILE.json writes it"
        raise Unreachable(f"{name}: no report of an audit: its schema is {found!a:.40}", help=hint)
    try:
        return _report(data)
    except (KeyError, TypeError, ValueError, IndexError, AttributeError, OverflowError) as fault:
        raise Unreachable(f"{name}: a report that is not as its schema says: {type(fault).__name__}: {fault!s:.80}") from fault


def _report(data: Data) -> Report:
    categories = tuple(_made(CategoryBytes, row) for row in data["categories"])
    coverage = data["coverage"]
    return Report(
        _made(Image, data["image"]),
        _totals(data["totals"]),
        _dive(data["dive_compat"]),
        layers=tuple(_made(Layer, {**row, "block": _place(row["block"])}) for row in data["layers"]),
        blocks=tuple(_made(BlockBytes, row) for row in data["blocks"]),
        categories=categories,
        findings=tuple(map(_finding, data["findings"])),
        gpu=tuple(_made(GpuBytes, row) for row in data["gpu"]["found"]),
        gpu_arch=tuple(map(_text, data["gpu"]["asked"])),
        coverage=_made(Coverage, coverage) if coverage else None,
        files=_files(data, categories),
        wastes=_wastes(data["waste"]),
        tiers=tuple(map(_text, data["tiers"])),
        faults=tuple(map(_text, data["faults"])),
        notes=tuple(map(_text, data["notes"])),
        seconds={_text(step): float(seconds) for step, seconds in data["seconds"].items()},
    )


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!a:.40} is no text")
    return value


def _count(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"{value!a:.40} is no whole number")
    return value


def _maybe(value: Any) -> int | None:
    return None if value is None else _count(value)


def _place(value: Any) -> int:
    return NOBODY if value is None else _count(value)


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError(f"{value!a:.40} is neither true nor false")
    return value


def _amount(row: Data) -> Amount:
    return Amount(_count(row["rootfs"]), _maybe(row["pull"]), _maybe(row["sif"]))


_READERS: dict[object, Callable[[Any], Any]] = {
    "str": _text,
    "int": _count,
    "int | None": _maybe,
    "bool": _flag,
    "bool | None": lambda value: None if value is None else _flag(value),
    "Amount": _amount,
}
"""A field's type, as it is written -> what reads its value."""


def _made(kind: type[Made], row: Data) -> Made:
    """An object whose keys are its class's fields; a later version of the schema may have added others."""
    return kind(**{name: _READERS[type_](row[name]) for name, type_ in kind.__annotations__.items()})


def _totals(row: Data) -> Totals:
    own = row["own"] or {}
    return Totals(
        _count(row["stored"]),
        _count(row["live"]),
        _count(row["waste"]),
        _count(row["entries"]),
        _count(row["files"]),
        _figure(row["pull"], row["pull_between"]),
        _figure(row["sif"], row["sif_between"]),
        _maybe(own.get("stored")),
        _maybe(own.get("live")),
    )


def _figure(number: Any, between: Sequence[Any] | None) -> Figure | None:
    if number is None:
        return None
    low, high = between or (number, number)
    return Figure(_count(number), _count(low), _count(high))


def _dive(row: Data) -> Dive:
    return Dive(
        float(row["efficiency"]),
        _count(row["wasted_bytes"]),
        _count(row["user_bytes"]),
        _count(row["size_bytes"]),
        tuple(map(_text, row["difference"])),
        tuple(map(_count, row["stopped"])),
    )


def _finding(row: Data) -> Finding:
    return Finding(
        _text(row["id"]),
        _text(row["name"]),
        _text(row["title"]),
        _text(row["severity"]),
        _amount(row["bytes"]),
        _text(row["confidence"]),
        tuple(Evidence(_text(one["path"]), _count(one["bytes"]), _place(one["layer"]), _text(one["note"])) for one in row["evidence"]),
        _count(row["count"]),
        _place(row["block"]),
        _flag(row["in_base"]),
        _text(row["fix"]),
        _text(row["ignored"] or ""),
    )


def _files(data: Data, categories: Sequence[CategoryBytes]) -> Files:
    """The large files, and a row for each folder with small ones."""
    files, rows = Files(), data["files"]
    places = {category.name: at for at, category in enumerate(categories)}
    for row in rows:
        files.add(_text(row["path"]), _count(row["bytes"]), kind=FILE, layer=_place(row["layer"]))
    if categories:
        files.categories.extend(places[row["category"]] for row in rows)
    if any(row["block"] is not None for row in rows):
        files.blocks.extend(_place(row["block"]) for row in rows)
    files.pulls, files.sifs = _column(rows, "pull"), _column(rows, "sif")
    for row in data["folders"]:
        files.counts[len(files)] = _count(row["files"])
        files.add(_text(row["path"]), _count(row["bytes"]), kind=FOLDER, layer=NOBODY)
    for column, filler in ((files.categories, NOBODY), (files.blocks, NOBODY), (files.pulls, 0), (files.sifs, 0)):
        if column:
            column.extend([filler] * (len(files) - len(column)))
    return files


def _column(rows: Sequence[Data], key: str) -> array[int] | None:
    """A column that is there if all rows have it."""
    known = bool(rows) and all(row[key] is not None for row in rows)
    return array("q", (_count(row[key]) for row in rows)) if known else None


def _wastes(data: Data) -> Wastes:
    """The largest copies, and a row for what else each pair of layers has."""
    wastes = Wastes()
    rest = {(_text(row["kind"]), _count(row["stored"]), _count(row["hidden"])): _count(row["bytes"]) for row in data["layers"]}
    for row in data["largest"]:
        wastes.add(row["kind"], _text(row["path"]), _count(row["bytes"]), _count(row["stored"]), _count(row["hidden"]))
        rest[row["kind"], row["stored"], row["hidden"]] -= row["bytes"]
    for (kind, stored, hidden), size in rest.items():
        if size:
            wastes.add(WASTE_KINDS[WASTE_KINDS.index(kind)], "/", size, stored, hidden)
    return wastes
