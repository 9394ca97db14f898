"""What one run of the audit has to say: the report, what a budget makes of it, how it compares with a former one. Every output shows this."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hpcgen.frozen import frozen

if TYPE_CHECKING:
    from hpcgen.auditing.growth import Growth
    from hpcgen.auditing.report import Finding, Report

PASS, FAIL, WARN = "pass", "fail", "warn"

FINE, BROKEN, PARTIAL = 0, 1, 4
"""Exit statuses: nothing to object to, a limit is broken, something could not be read."""


def version() -> str:
    """The version of hpcgen, which reports name."""
    from hpcgen import __version__

    return __version__


@frozen
class Check:
    """One limit of a budget and how the image stands to it.

    Attributes:
        name: the key in the budget, "pull" or "block.openmpi".
        limit: what it allows, as a person reads it.
        actual: what there is, as a person reads it; empty where nobody can tell.
        state: "pass", "fail" or "warn".
        why: what else there is to say, such as that a figure is estimated.
    """

    name: str
    limit: str
    actual: str
    state: str
    why: str = ""


@frozen
class Outcome:
    """A report with its checks and its growth.

    Attributes:
        checks: of the budget, empty without one.
        growth: against a baseline, None without one.
    """

    report: Report
    checks: tuple[Check, ...] = ()
    growth: Growth | None = None

    @property
    def is_within(self) -> bool:
        """Whether no limit is broken."""
        return all(check.state != FAIL for check in self.checks)

    @property
    def status(self) -> int:
        """The exit status that this asks for: a broken limit counts more than what could not be read."""
        if not self.is_within:
            return BROKEN
        return PARTIAL if self.report.is_partial else FINE

    def findings(self) -> tuple[Finding, ...]:
        """What is to be told, what weighs most first; what is of the base image alone behind all else."""
        weights = {"error": 0, "warning": 1, "info": 2}
        found = list(self.report.told())
        return tuple(sorted(found, key=lambda one: (one.in_base, weights.get(one.severity, 3), -one.saving.rootfs, one.id)))
