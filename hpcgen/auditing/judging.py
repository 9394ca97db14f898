"""A report held against a budget: a check for each limit. What nobody can tell is not within a limit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hpcgen.auditing.budgets import matches
from hpcgen.auditing.figures import change, percent, size
from hpcgen.auditing.outcome import FAIL, PASS, WARN, Check
from hpcgen.auditing.report import Figure

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hpcgen.auditing.budgets import Budget, Growing
    from hpcgen.auditing.growth import Change, Growth
    from hpcgen.auditing.report import Report

_NO_BASE = "nobody knows which layers are the base image's: name it by --base"
_UNKNOWN = "nobody can tell of this image"
_NO_BASELINE = "there is nothing to compare with: name it by --against"


def judge(report: Report, budget: Budget, growth: Growth | None = None) -> tuple[Check, ...]:
    """The checks of a budget, in its own order."""
    return (
        *(_most(name, limit, report) for name, limit in budget.most.items()),
        *(_least(name, limit, report) for name, limit in budget.least.items()),
        *(_most_part(name, limit, report) for name, limit in budget.most_part.items()),
        *(_growing(name, limit, growth) for name, limit in budget.growing.items()),
        *_denied(report, budget),
    )


def _check(name: str, limit: str, actual: str, *, good: bool, why: str = "") -> Check:
    return Check(name, limit, actual, PASS if good else FAIL, why)


def _most(name: str, limit: int, report: Report) -> Check:
    """A limit of bytes."""
    found, why = _figure(name, report)
    shown = f"at most {size(limit)}"
    if found is None:
        return Check(name, shown, "", FAIL, why)
    if not found.is_exact:
        why = f"estimated: between {size(found.low)} and {size(found.high)}"
    return _check(name, shown, size(found.bytes), good=found.bytes <= limit, why=why)


def _figure(name: str, report: Report) -> tuple[Figure | None, str]:
    """The bytes that a limit's name means, and why nobody knows them or what else there is to say."""
    totals = report.totals
    kind, _, one = name.partition(".")
    if kind in ("block", "category"):
        return _of(kind, one, report)
    if name == "waste_own":
        return (None, _NO_BASE) if totals.own_waste is None else (Figure.exact(totals.own_waste), "")
    if name == "layer_max":
        worst = max(report.layers, key=lambda layer: layer.stored, default=None)
        return (Figure.exact(worst.stored), f"layer {worst.index}") if worst else (Figure.exact(0), "")
    if name in ("pull", "sif"):
        return (totals.pull if name == "pull" else totals.sif), _UNKNOWN if getattr(totals, name) is None else ""
    exact = {"rootfs": totals.live, "stored": totals.stored, "waste": totals.waste, "dive.wasted_bytes": report.dive.wasted_bytes}
    return Figure.exact(exact[name]), ""


def _of(kind: str, name: str, report: Report) -> tuple[Figure, str]:
    """The bytes of all blocks, or of the category, of a name; none where there is none."""
    rows = [row for row in (report.blocks if kind == "block" else report.categories) if row.name == name]
    return Figure.exact(sum(row.live.rootfs for row in rows)), "" if rows else f"there is no {kind} of this name"


def _least(name: str, limit: float, report: Report) -> Check:
    """A part of 1 that there must be at the least."""
    found = {"efficiency": report.totals.efficiency, "efficiency_own": report.totals.own_efficiency, "dive.efficiency": report.dive.efficiency}[name]
    shown = f"at least {percent(limit)}"
    if found is None:
        return Check(name, shown, "", FAIL, _NO_BASE)
    return _check(name, shown, percent(found), good=found >= limit)


def _most_part(name: str, limit: float, report: Report) -> Check:
    """Dive's part of wasted bytes; what it cannot divide it lets pass."""
    found = report.dive.user_wasted_percent
    return _check(name, f"at most {percent(limit)}", percent(found), good=not found > limit)


def _growing(name: str, limit: Growing, growth: Growth | None) -> Check:
    """How much more there may be than in the baseline."""
    shown = f"at most +{size(limit.bytes)}" if limit.bytes is not None else f"at most +{percent(limit.part or 0)}"
    if growth is None:
        return Check(name, shown, "", FAIL, _NO_BASELINE)
    found = growth.total(name.removeprefix("delta_"))
    if found is None or found.before is None or found.after is None:
        return Check(name, shown, "", FAIL, "nobody can tell of one of the two")
    most = limit.bytes if limit.bytes is not None else (limit.part or 0) * found.before
    return _check(name, shown, change(found.delta), good=found.delta <= most, why=_in_parts(found))


def _in_parts(found: Change) -> str:
    """A growth in per cent of what there was."""
    return f"{'+' if found.delta > 0 else ''}{percent(found.delta / found.before)} of {size(found.before)}" if found.before else ""


def _denied(report: Report, budget: Budget) -> Iterator[Check]:
    """Findings that are denied, or told as warnings, one check each; a pattern that meets none is a check that passes."""
    for state, patterns in ((FAIL, budget.deny), (WARN, budget.warn), (FAIL, budget.deny_in_base)):
        for pattern in patterns:
            in_base = patterns is budget.deny_in_base
            found = [one for one in report.told() if matches(pattern, one.id, one.name) and (one.in_base == in_base or state == WARN)]
            limit = f"no {pattern}{' in the base image' if in_base else ''}"
            key = "warn" if state == WARN else "deny_in_base" if in_base else "deny"
            for one in found:
                yield Check(f"{key}.{one.id}", limit, size(one.saving.rootfs), state, one.title)
            if not found:
                yield Check(f"{key}.{pattern}", limit, "none", PASS)
