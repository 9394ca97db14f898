"""The parts of a report that are sums of what was read: layers, totals, the image's own words, and what is unusual."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

from hpcgen.auditing.describing import worded
from hpcgen.auditing.report import Figure, Image, Layer, Totals
from hpcgen.auditing.tables import FOLDER
from hpcgen.frozen import evolve

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from hpcgen.auditing.basing import Base
    from hpcgen.auditing.charging import Charged
    from hpcgen.auditing.marking import Manifest
    from hpcgen.auditing.opening import Opened
    from hpcgen.auditing.report import Dive, Finding, Ignore
    from hpcgen.auditing.stack import Stack
    from hpcgen.auditing.tables import Files

_MANY = 3
"""So many of what is unusual are named; the rest is counted."""


def squeeze(found: Opened, stack: Stack, files: Files, holders: Sequence[int]) -> None:
    """Fills the columns of compressed bytes, where those are known."""
    if found.tree is not None and found.tree.sifs is not None:
        files.sifs = _charged(found.tree.sifs, files, holders)
    if found.layers and all(layer.index.pulls is not None for layer in found.layers):
        pulls = array("q")
        for index in stack.indexes:
            pulls.extend(index.pulls or ())
        files.pulls = _charged(pulls, files, holders)


def _charged(column: Sequence[int], files: Files, holders: Sequence[int]) -> array[int]:
    """What is known of entries for the rows that are charged; folders and links have headers, which compress to something too."""
    is_further = [not size and kind == ord("h") for size, kind in zip(files.sizes, files.kinds, strict=True)]
    return array("q", (0 if further else column[number] for number, further in zip(holders, is_further, strict=True)))


def instructions(found: Opened) -> tuple[str, ...]:
    """What made each layer, as the history says it."""
    history = found.description.history if found.description is not None else ()
    return tuple(worded(one.get("created_by")) for one in history) or ("",) * len(found.layers)


def layers(found: Opened, stack: Stack, files: Files, charged: Charged, *, base: Base, manifest: Manifest | None) -> tuple[Layer, ...]:
    """The layers of the report."""
    count = len(found.layers)
    live, hides = [0] * count, [0] * count
    for stored, size in zip(files.layers, files.sizes, strict=True):
        live[stored] += size
    for stored, hidden, size in zip(stack.wastes.stored, stack.wastes.hidden, stack.wastes.sizes, strict=True):
        hides[hidden] += size if stored != hidden else 0
    history = found.description.history if found.description is not None else ()
    stage = manifest.stage if manifest is not None else ""
    made = []
    for at, layer in enumerate(found.layers):
        told = history[at] if history else {}
        is_base = None if base.layers is None else at < base.layers
        made.append(
            Layer(
                at,
                digest=layer.named.digest,
                blob=layer.named.blob,
                stored=layer.index.stored(),
                live=live[at],
                hides=hides[at],
                entries=len(layer.index),
                archive=layer.index.archive or None,
                pull=layer.size if layer.compression in ("gzip", "zstd") else None,
                compression=layer.compression,
                instruction=worded(told.get("created_by")),
                comment=worded(told.get("comment")),
                created=worded(told.get("created")),
                stage="" if is_base else stage,
                block=charged.layers[at],
                is_base=is_base,
                from_cache=layer.from_cache,
            )
        )
    return tuple(made)


def totals(found: Opened, stack: Stack, files: Files, rows: Sequence[Layer]) -> Totals:
    """The totals of the report."""
    pulls = [one.pull for one in rows]
    is_known = bool(rows) and all(one.is_base is not None for one in rows)
    own = [one for one in rows if one.is_base is False]
    return Totals(
        stack.stored(),
        sum(files.sizes),
        sum(stack.wastes.sizes),
        entries=sum(len(index) for index in stack.indexes),
        files=len(files) - files.kinds.count(FOLDER),
        pull=Figure.exact(sum(size or 0 for size in pulls)) if pulls and None not in pulls else None,
        sif=Figure.exact(found.size) if found.kind == "sif" and found.size is not None else None,
        own_stored=sum(one.stored for one in own) if is_known else None,
        own_live=sum(one.live for one in own) if is_known else None,
    )


def image(ref: str, found: Opened, manifest: Manifest | None, base: Base) -> Image:
    """What was audited."""
    config = found.description.config if found.description is not None else {}
    return Image(
        ref,
        found.kind,
        digest=found.digest,
        platform=found.platform,
        created=worded(config.get("created")),
        recipe=manifest.recipe if manifest is not None else "",
        base=base.name,
        base_from=base.how,
        how=found.how,
    )


def valid(ignore: Sequence[Ignore], today: str) -> Iterator[Ignore]:
    """What is not to be told on a day."""
    day = today
    if not day and any(one.until for one in ignore):
        import datetime as dt

        day = dt.datetime.now(tz=dt.UTC).date().isoformat()
    return (one for one in ignore if not one.until or one.until >= day)


def without(findings: Sequence[Finding], ignore: Sequence[Ignore]) -> Iterator[Finding]:
    """Findings, with the reason of those that are ignored whatever they are about."""
    from fnmatch import fnmatchcase

    for one in findings:
        reasons = [two.reason for two in ignore if two.path == "**" and (fnmatchcase(one.id, two.id) or fnmatchcase(one.name, two.id))]
        yield evolve(one, ignored=reasons[0]) if reasons and not one.ignored else one


def tiers(*, content: bool, sampling: bool) -> tuple[str, ...]:
    """Which steps ran: headers and merge always."""
    return ("headers", *(("paths", "content") if content else ()), *(("sampling",) if sampling else ()))


def difference(figures: Dive, stack: Stack) -> Iterator[str]:
    """Why dive's wasted bytes are other than ours."""
    kinds = stack.wastes.by_kind()
    waste = sum(kinds.values())
    if figures.wasted_bytes == waste:
        return
    if figures.wasted_bytes > waste:
        yield "dive counts every copy of a path that it met twice, the one that is shown too"
    if kinds.get("deleted"):
        yield "dive counts nothing for a folder that a later layer deletes as a whole"
    if kinds.get("opaque") or kinds.get("replaced"):
        yield "dive does not see opaque folders, nor a file in the place of a folder"
    if kinds.get("duplicate-in-layer"):
        yield "dive does not see what a layer holds twice"
    for layer in figures.stopped:
        yield f"dive leaves out the rest of layer {layer}: a whiteout in it hides nothing"


def faults(found: Opened) -> Iterator[str]:
    """What could not be read."""
    yield from found.faults
    for at, layer in enumerate(found.layers):
        place = f"layer {at}: " if len(found.layers) > 1 else ""
        yield from (f"{place}{fault}" for fault in layer.index.faults)


def notes(found: Opened, stack: Stack) -> Iterator[str]:
    """What is unusual."""
    for at, layer in enumerate(found.layers):
        place = f"layer {at}: " if len(found.layers) > 1 else ""
        yield from (f"{place}{note}" for note in dict.fromkeys(layer.index.notes))
        if layer.index.refused:
            yield f"{place}not looked into, because of their length: {_several([layer.index.names[entry] for entry in layer.index.refused])}"
        if at in stack.dangling:
            yield f"{place}whiteouts that hide nothing: {_several(stack.dangling[at])}"
        if at in stack.lost:
            yield f"{place}hard links that lead to nothing: {_several(stack.lost[at])}"


def _several(names: Sequence[str]) -> str:
    rest = len(names) - _MANY
    return ", ".join(names[:_MANY]) + (f" and {rest} more" if rest > 0 else "")
