"""An outcome as titled tables, which text, Markdown and HTML lay out each in its own way.

A cell that is `Foreign` comes from the image: each output shows it as what it is, a name that somebody else gave.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hpcgen.auditing.figures import change, percent, plural, size
from hpcgen.auditing.outcome import FAIL, PASS
from hpcgen.auditing.report import ESTIMATED, Amount
from hpcgen.auditing.tables import NOBODY, WASTE_KINDS
from hpcgen.frozen import evolve, frozen
from hpcgen.showing import shortened

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from hpcgen.auditing.growth import Change, Growth
    from hpcgen.auditing.outcome import Outcome
    from hpcgen.auditing.report import BlockBytes, Figure, Layer, Report

ALL = 1_000_000
"""As many rows as there are."""


class Foreign(str):
    """A text that comes from the image."""

    __slots__ = ()


@frozen
class Table:
    """Rows below a title.

    Attributes:
        key: what the table is of, for outputs that treat it in their own way: "findings".
        title: its title.
        heads: the columns' names; those that begin with `>` are of figures, and stand on the right.
        rows: as many cells each as there are heads.
        marks: for each row how it is to be seen: "bad", "note" or empty.
        more: how many rows there are beside.
    """

    key: str
    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    marks: tuple[str, ...] = ()
    more: int = 0

    def __bool__(self) -> bool:
        return bool(self.rows)

    def used(self) -> list[int]:
        """The columns that hold something."""
        return [at for at in range(len(self.heads)) if any(row[at] for row in self.rows)]

    def trimmed(self) -> Table:
        """The same without columns that hold nothing."""
        used = self.used()
        return evolve(self, heads=tuple(self.heads[at] for at in used), rows=tuple(tuple(row[at] for at in used) for row in self.rows))

    def without(self, at: int) -> Table:
        """The same without a column."""
        return evolve(self, heads=_without(self.heads, at), rows=tuple(_without(row, at) for row in self.rows))

    def names(self) -> list[str]:
        """The columns' names as they are shown."""
        return [head.removeprefix(">") for head in self.heads]

    def is_right(self, at: int) -> bool:
        """Whether a column stands on the right."""
        return self.heads[at].startswith(">")


def _without(row: tuple[str, ...], at: int) -> tuple[str, ...]:
    return row[:at] + row[at + 1 :]


def _table(key: str, heads: tuple[str, ...], rows: Iterable[tuple[str, ...]], most: int, *, title: str = "", marks: Sequence[str] = ()) -> Table:
    """A table of the first rows, without columns that hold nothing."""
    found = list(rows)
    return Table(key, title or key, heads, tuple(found[:most]), tuple(marks[:most]), max(0, len(found) - most)).trimmed()


def known(figure: Figure | None) -> str:
    """A figure; of an estimate that it is one, and between what."""
    if figure is None:
        return ""
    if figure.is_exact:
        return size(figure.bytes)
    return f"~{size(figure.bytes)} ({size(figure.low)} to {size(figure.high)})"


def maybe(number: int | None) -> str:
    """Bytes, nothing for what nobody knows."""
    return "" if number is None else size(number)


# --- what was audited ---


def title(report: Report) -> str:
    """What was audited, in a line."""
    image = report.image
    parts = [image.ref, image.kind, image.platform, image.created[:10]]
    return "  ".join(part for part in parts if part)


def basis(report: Report) -> Iterator[str]:
    """What one has to know of how it was done, a sentence each."""
    image, base = report.image, [layer for layer in report.layers if layer.is_base]
    if image.recipe:
        yield f"made by hpcgen from {image.recipe}"
    if base:
        yield f"base image: {image.base or 'without a name'}, {plural(len(base), 'layer')} (known by {image.base_from or 'its layers'})"
    elif len(report.layers) > 1:
        named = f" ({image.base})" if image.base else ""
        yield f"nobody knows which layers are the base image's{named}: --base names it"
    if report.coverage is not None:
        whose = "the bytes above the base" if base else "all bytes"
        yield f"{percent(report.coverage.part)} of {whose} are charged to somebody ({size(report.coverage.charged)})"
    if report.tiers:
        yield f"looked at: {', '.join(report.tiers)}{f'; {image.how}' if image.how else ''}"
    yield from report.notes


def totals(report: Report) -> Table:
    """What is stored, shown, sent."""
    found = report.totals
    rows: list[tuple[str, ...]] = [
        ("image", size(found.stored), size(found.live), size(found.waste), percent(found.efficiency), known(found.pull), known(found.sif))
    ]
    if found.own_stored is not None and found.own_live is not None:
        own = found.own_efficiency if found.own_efficiency is not None else 1.0
        rows.append(("above the base", size(found.own_stored), size(found.own_live), size(found.own_waste or 0), percent(own), _own_pull(report), ""))
    return Table("totals", "", ("", ">stored", ">shown", ">waste", ">efficiency", ">pull", ">SIF"), tuple(rows)).trimmed()


def _own_pull(report: Report) -> str:
    """What a registry sends of the layers above the base."""
    pulls = [layer.pull for layer in report.layers if layer.is_base is False]
    known_pulls = [pull for pull in pulls if pull is not None]
    return size(sum(known_pulls)) if pulls and len(pulls) == len(known_pulls) else ""


def dive(report: Report) -> str:
    """Dive's figures in a line."""
    found = report.dive
    part = f", {percent(found.user_wasted_percent)} of what is above the first layer" if found.user_bytes else ""
    return f"dive says: efficiency {found.efficiency:.4f}, {size(found.wasted_bytes)} wasted{part}"


# --- who is charged ---


def blocks(report: Report, most: int) -> Table:
    """Who is charged for what is shown and for what is not."""
    found = sorted((block for block in report.blocks if block.live.rootfs or block.waste), key=lambda block: -block.live.rootfs - block.waste)
    rows = (_block(block) for block in found)
    heads = ("charged to", ">shown", ">pull", ">SIF", ">waste", ">files", "stage", "recipe", "by")
    return _table("blocks", heads, rows, most)


def _block(block: BlockBytes) -> tuple[str, ...]:
    name = Foreign(f"{block.name} {block.version}".rstrip())
    return (name, *_amount(block.live), _zero(block.waste), str(block.files or ""), Foreign(block.stage), Foreign(block.recipe), Foreign(block.why))


def _amount(amount: Amount) -> tuple[str, str, str]:
    return size(amount.rootfs), maybe(amount.pull), maybe(amount.sif)


def _zero(number: int) -> str:
    return size(number) if number else ""


def categories(report: Report, most: int) -> Table:
    """What kinds of files there are."""
    found = sorted((one for one in report.categories if one.live.rootfs), key=lambda one: -one.live.rootfs)
    return _table("categories", ("category", ">shown", ">pull", ">SIF", ">files"), (_category(one) for one in found), most)


def _category(one: object) -> tuple[str, ...]:
    return (one.name, *_amount(one.live), str(one.files or ""))  # type: ignore[attr-defined]


def layers(report: Report, most: int) -> Table:
    """The layers, lowest first; of many those that store most."""
    chosen = sorted(sorted(report.layers, key=lambda layer: -layer.stored)[:most], key=lambda layer: layer.index)
    heads = (">layer", ">stored", ">shown", ">waste", ">hides", ">pull", "charged to", "instruction")
    table = _table("layers", heads, (_layer(layer, report) for layer in chosen), ALL, marks=["note" if layer.is_base else "" for layer in chosen])
    return evolve(table, more=len(report.layers) - len(chosen))


def _layer(layer: Layer, report: Report) -> tuple[str, ...]:
    whose = report.blocks[layer.block].name if layer.block != NOBODY else "base image" if layer.is_base else ""
    figures = (size(layer.stored), size(layer.live), _zero(layer.waste), _zero(layer.hides), maybe(layer.pull))
    return (str(layer.index), *figures, Foreign(whose), Foreign(shortened(" ".join(layer.instruction.split()), 200)))


# --- what is wasted ---


def waste(report: Report, most: int) -> Table:
    """What is stored and not shown: the copies of one kind that one layer stored and another hid, under their largest file's name."""
    wastes = report.wastes
    found: dict[tuple[int, int, int], list[int]] = {}
    for at, key in enumerate(zip(wastes.kinds, wastes.stored, wastes.hidden, strict=True)):
        sums = found.setdefault(key, [0, 0, at])
        sums[0] += wastes.sizes[at]
        sums[1] += 1
        if wastes.sizes[at] > wastes.sizes[sums[2]] or not wastes.paths[sums[2]].strip("/"):
            sums[2] = at
    ordered = sorted(((key, sums) for key, sums in found.items() if sums[0]), key=lambda row: (-row[1][0], row[0]))
    rows = (
        (WASTE_KINDS[kind], size(total), str(copies), _named(stored, report), _named(hidden, report), _path(wastes.paths[largest]))
        for (kind, stored, hidden), (total, copies, largest) in ordered
    )
    return _table("waste", ("waste", ">bytes", ">copies", "stored by", "hidden by", "largest"), rows, most)


def _named(at: int, report: Report) -> str:
    """A layer by its number and whose it is."""
    if not 0 <= at < len(report.layers):
        return ""
    layer = report.layers[at]
    whose = report.blocks[layer.block].name if layer.block != NOBODY else "base image" if layer.is_base else ""
    return Foreign(f"layer {at} ({whose})" if whose else f"layer {at}")


def _path(path: str) -> str:
    """A path as it is in the image."""
    return Foreign(shortened(f"/{path.lstrip('/')}", 120))


def findings(outcome: Outcome, most: int) -> Table:
    """What is there and need not be, with the mend."""
    found = outcome.findings()
    rows = (
        (
            one.id,
            _estimated(_zero(one.saving.rootfs), one.confidence),
            str(one.count or len(one.evidence) or ""),
            one.title + (" (base image)" if one.in_base else ""),
            _path(one.evidence[0].path) if one.evidence else "",
            one.fix,
        )
        for one in found
    )
    marks = ["bad" if one.severity == "error" else "note" if one.in_base or one.severity == "info" else "" for one in found]
    return _table("findings", ("finding", ">bytes", ">files", "what", "largest", "mend"), rows, most, marks=marks)


def _estimated(shown: str, confidence: str) -> str:
    return f"~{shown}" if shown and confidence == ESTIMATED else shown


def gpu(report: Report, most: int) -> Table:
    """GPU code by architecture."""
    found = sorted(report.gpu, key=lambda one: -one.bytes)
    rows = ((one.architecture, one.code, size(one.bytes), str(one.files)) for one in found)
    marks = ["" if not report.gpu_arch or one.architecture.rstrip("af") in report.gpu_arch else "note" for one in found]
    return _table("gpu", ("architecture", "code", ">bytes", ">files"), rows, most, title="GPU code", marks=marks)


# --- budget and baseline ---


def checks(outcome: Outcome, most: int) -> Table:
    """The limits, the broken ones first."""
    order = {FAIL: 0, "warn": 1, PASS: 2}
    found = sorted(outcome.checks, key=lambda check: order[check.state])
    rows = ((check.state, Foreign(check.name), check.limit, check.actual or "unknown", check.why) for check in found)
    marks = ["bad" if check.state == FAIL else "" for check in found]
    return _table("budget", ("", "limit", "allowed", ">found", "note"), rows, most, marks=marks)


def growth(found: Growth, most: int) -> Iterator[Table]:
    """What grew: totals, then blocks, categories, findings and files."""
    yield _changes("growth", f"against {found.baseline}", "total", found.totals, most)
    for key, what, rows in (
        ("growth of blocks", "block", found.blocks),
        ("growth of categories", "category", found.categories),
        ("growth of findings", "finding", found.findings),
        ("growth of files", "file", found.files),
    ):
        table = _changes(key, key, what, rows, most)
        yield evolve(table, more=table.more + (found.more_files if what == "file" else 0))


def _changes(key: str, title: str, what: str, changes: Sequence[Change], most: int) -> Table:
    rows = ((_change_name(one, what), _change(one, what), maybe(one.before), maybe(one.after)) for one in changes)
    return _table(key, (what, ">change", ">before", ">now"), rows, most, title=title)


def _change(one: Change, what: str) -> str:
    """A difference; of totals that one of the two does not know there is none."""
    return "unknown" if what == "total" and (one.before is None or one.after is None) else change(one.delta)


def _change_name(one: Change, what: str) -> str:
    if what == "total":
        return one.name
    if what == "file":
        return Foreign(f"{_path(one.name)}{f' (was {_path(one.was)})' if one.was else ''}")
    return Foreign(f"{one.name} {one.was} -> {one.now}" if one.was else one.name)
