"""Budgets, dive's rules, and what a report makes of them."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reports import grown, sample

from hpcgen.auditing import budgets, figures
from hpcgen.auditing.budgets import BadBudget, Growing
from hpcgen.auditing.growth import compare
from hpcgen.auditing.judging import judge
from hpcgen.auditing.outcome import Outcome
from hpcgen.auditing.report import Figure, Ignore
from hpcgen.errors import Unreachable

if TYPE_CHECKING:
    from pathlib import Path

    from hpcgen.auditing.outcome import Check
    from hpcgen.auditing.report import Report

WHOLE = """
[budget]
pull = "4 GB"
rootfs = 9_000_000_000
sif = "3.5 GiB"
waste_own = "50 MB"
efficiency_own = "98 %"
layer_max = "2,000 MB"
delta_pull = "+2 %"
delta_rootfs = "50 MB"
block.openmpi = "120 MB"
category."static libraries" = 0
deny = ["R003", "S*"]
warn = ["E001"]

[dive]
lowestEfficiency = 0.9

[[ignore]]
id = "R002"
path = "/opt/app/include/**"
reason = "JIT headers"
until = 2027-06-30
"""


def test_a_budget_says_limits_findings_and_what_is_ignored() -> None:
    """A TOML file's sizes, parts, growths, lists and exceptions are read as a person means them."""
    found = budgets.parse("audit.toml", WHOLE)
    assert found.most == {
        "pull": 4_000_000_000,
        "rootfs": 9_000_000_000,
        "sif": round(3.5 * 1024**3),
        "waste_own": 50_000_000,
        "layer_max": 2_000_000_000,
        "block.openmpi": 120_000_000,
        "category.static libraries": 0,
    }
    assert found.least == {"efficiency_own": 0.98, "dive.efficiency": 0.9}
    assert found.growing == {"delta_pull": Growing(part=0.02), "delta_rootfs": Growing(bytes=50_000_000)}
    assert (found.deny, found.warn) == (("R003", "S*"), ("E001",))
    assert found.ignore == (Ignore("R002", "JIT headers", "opt/app/include/**", "2027-06-30"),)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[budget]\npul = '4 GB'", "there is no key 'pul'"),
        ("[budgets]", "there is no key 'budgets'"),
        ("budget = 3", "budget = 3"),
        ("[budget]\npull = 'much'", "pull = 'much' is no size"),
        ("[budget]\npull = -1", "pull = -1 is no size"),
        ("[budget]\npull = true", "pull = True is no size"),
        ("[budget]\nefficiency = 98", "efficiency = 98 is no part of 1"),
        ("[budget]\nefficiency = 'nan'", "efficiency = 'nan' is no part of 1"),
        ("[budget]\ndelta_pull = 5", "delta_pull = 5 is no growth"),
        ("[budget]\ndelta_pull = '-5 %'", "is no growth"),
        ("[budget]\ndeny = 'R001'", "deny = 'R001'"),
        ("[budget]\ndeny = ['X999']", "no finding is called 'X999'"),
        ("[budget]\nblock = '5 MB'", "budget.block = '5 MB'"),
        ("[dive]\nlowestEfficency = 1", "there is no key 'lowestEfficency'"),
        ("[[ignore]]\nid = 'R001'", "an ignore without reason"),
        ("[[ignore]]\nid = 'R001'\nreason = 'x'\nuntil = 'soon'", "until = 'soon' is no day"),
        ("[[ignore]]\nid = 'R001'\nreason = 'x'\npath = 3", "path = 3"),
        ("ignore = 3", "ignore = 3"),
        ("[budget", "not TOML"),
    ],
)
def test_what_cannot_be_a_budget_is_said(text: str, says: str) -> None:
    """A budget with a key or a value that is none is refused with the file's name and what would do."""
    with pytest.raises(BadBudget) as raised:
        budgets.parse("audit.toml", text)
    assert raised.value.sentence.startswith("audit.toml: ")
    assert says in raised.value.sentence
    assert raised.value.help or "not TOML" in raised.value.sentence


@given(st.text() | st.text(alphabet="[]=\"'\n.#budgetdivkpulsfwa019 %").map(lambda text: f"[budget]\n{text}"))
@settings(deadline=None)
def test_no_text_is_a_bug(text: str) -> None:
    """Whatever stands in a budget, it is read or refused."""
    for name in ("audit.toml", ".dive-ci"):
        with contextlib.suppress(BadBudget):
            assert (budgets.parse if name == "audit.toml" else parse_dive)(name, text).file == name


def parse_dive(name: str, text: str) -> budgets.Budget:
    """The budget of a file of dive's."""
    from hpcgen.auditing.dive_rules import parse

    return parse(name, text)


def test_a_budget_that_is_not_there_cannot_be_reached(tmp_path: Path) -> None:
    """A file that is missing or not UTF-8 is said as such."""
    with pytest.raises(Unreachable, match="No such file"):
        budgets.read(str(tmp_path / "none.toml"))
    (tmp_path / "latin.toml").write_bytes(b"\xff")
    with pytest.raises(BadBudget, match="not UTF-8"):
        budgets.read(str(tmp_path / "latin.toml"))


# --- dive's file ---

DIVE_CI = """\
# limits
rules:
  # If the efficiency is measured below X%, mark as failed.
  lowestEfficiency: 0.95   # part of 1
  'highestWastedBytes': "20MB"

  highestUserWastedPercent: disabled
"""


def test_dives_rules_are_read(tmp_path: Path) -> None:
    """A .dive-ci with comments and quotes is read, and what it turns off has no limit."""
    (tmp_path / ".dive-ci").write_text(DIVE_CI, encoding="utf-8")
    found = budgets.read(str(tmp_path / ".dive-ci"))
    assert (found.least, found.most, found.most_part) == ({"dive.efficiency": 0.95}, {"dive.wasted_bytes": 20_000_000}, {})


def test_rules_that_are_not_named_have_dives_own_limits() -> None:
    """The limits that dive has by default hold for what its file leaves out: 0.9 efficiency, no limit of bytes, a tenth of the user's."""
    found = parse_dive(".dive-ci", "rules:\n")
    assert (found.least, found.most, found.most_part) == ({"dive.efficiency": 0.9}, {}, {"dive.user_wasted_percent": 0.1})


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("rules:\n  lowestEficiency: 0.9\n", "there is no key 'lowestEficiency'"),
        ("rule:\n  lowestEfficiency: 0.9\n", ":1: there is no key 'rule'"),
        ("lowestEfficiency: 0.9\n", ":1: there is no key 'lowestEfficiency'"),
        ("  lowestEfficiency: 0.9\n", ":1: 'lowestEfficiency' stands below nothing"),
        ("rules: {lowestEfficiency: 0.9}\n", ":1: cannot be read"),
        ("rules:\n  lowestEfficiency: [0.9]\n", ":2: cannot be read"),
        ("rules:\n  - lowestEfficiency\n", ":2: cannot be read"),
        ("rules:\n  lowestEfficiency: 90\n", "is no part of 1"),
        ("rules:\n  highestWastedBytes: lots\n", "is no size"),
    ],
)
def test_what_dives_file_cannot_say_is_refused(text: str, says: str) -> None:
    """A .dive-ci that is no mapping of dive's rules is refused, with the line where there is one."""
    with pytest.raises(BadBudget) as raised:
        parse_dive(".dive-ci", text)
    assert says in raised.value.sentence


# --- the gate ---


def checked(text: str, report: Report | None = None, before: Report | None = None) -> list[Check]:
    """The checks of a budget against a report."""
    report = report or sample()
    growth = compare(before, report, name="before") if before else None
    return list(judge(report, budgets.parse("audit.toml", text), growth))


@pytest.mark.parametrize(
    ("limit", "state", "actual"),
    [
        ("pull = '9 MB'", "pass", "9.00 MB"),
        ("pull = 8_999_999", "fail", "9.00 MB"),
        ("rootfs = '17.32 MB'", "pass", "17.3 MB"),
        ("rootfs = '17.3 MB'", "fail", "17.3 MB"),
        ("stored = '25 MB'", "fail", "25.3 MB"),
        ("waste = '8 MB'", "fail", "8.00 MB"),
        ("waste = '8_001_000'", None, ""),
        ("waste_own = '5 MB'", "fail", "5.00 MB"),
        ("waste_own = '5.001 MB'", "pass", "5.00 MB"),
        ("sif = '7.9 MB'", "fail", "8.00 MB"),
        ("efficiency = 0.68", "pass", "68.4 %"),
        ("efficiency = '69 %'", "fail", "68.4 %"),
        ("efficiency_own = 0.75", "fail", "73.7 %"),
        ("layer_max = '19 MB'", "fail", "19.0 MB"),
        ("block.ucx = '14 MB'", "pass", "14.0 MB"),
        ("block.ucx = '13 MB'", "fail", "14.0 MB"),
        ("block.openmpi = '1 MB'", "pass", "0 B"),
        ("category.'static libraries' = 0", "fail", "9.00 MB"),
    ],
)
def test_limits_are_held_to_the_byte(limit: str, state: str | None, actual: str) -> None:
    """A limit passes at its very figure and fails beyond it."""
    if state is None:
        with pytest.raises(BadBudget):
            checked(f"[budget]\n{limit}")
        return
    (check,) = checked(f"[budget]\n{limit}")
    assert (check.state, check.actual) == (state, actual)


def test_an_estimate_says_so() -> None:
    """A figure that is estimated is held against the limit with its bounds named."""
    (check,) = checked("[budget]\nsif = '9 MB'")
    assert (check.state, check.why) == ("pass", "estimated: between 7.50 MB and 8.60 MB")


def test_what_nobody_can_tell_is_not_within_a_limit() -> None:
    """A limit of what is not known fails, and says what would make it known."""
    report = sample()
    unknown = attrs.evolve(report, totals=attrs.evolve(report.totals, pull=None, sif=None, own_stored=None, own_live=None))
    found = checked("[budget]\npull = '1 TB'\nsif = '1 TB'\nwaste_own = '1 TB'\nefficiency_own = 0\ndelta_pull = '+9 %'", unknown)
    assert [check.state for check in found] == ["fail"] * 5
    assert [check.actual for check in found] == [""] * 5
    assert "--base" in found[2].why
    assert "--against" in found[4].why


def test_growth_has_limits_in_bytes_and_parts() -> None:
    """How much more there may be is held in bytes or in per cent of what there was."""
    found = checked("[budget]\ndelta_pull = '+5 %'\ndelta_rootfs = '+1.7 MB'\ndelta_waste = '+0 B'\ndelta_stored = '+10 %'", grown(), sample())
    assert [(check.name, check.state, check.actual) for check in found] == [
        ("delta_pull", "fail", "+500 kB"),
        ("delta_rootfs", "pass", "+1.70 MB"),
        ("delta_waste", "pass", "0 B"),
        ("delta_stored", "pass", "+1.70 MB"),
    ]
    assert found[0].why == "+5.6 % of 9.00 MB"
    (check,) = checked("[budget]\ndelta_sif = '+5 %'", grown(), sample())
    assert (check.state, check.why) == ("fail", "nobody can tell of one of the two")


def test_findings_are_denied_by_id_name_and_pattern() -> None:
    """A denied finding fails by its id, its name or a pattern, one that only warns does not, and one that is not there passes."""
    found = checked("[budget]\ndeny = ['R001', 'missing-gpu-*', 'S*', 'D001']\nwarn = ['D*']\ndeny_in_base = ['D001']")
    assert [(check.name, check.state) for check in found] == [
        ("deny.R001", "fail"),
        ("deny.G005", "fail"),
        ("deny.S*", "pass"),
        ("deny.D001", "pass"),  # it is the base image's
        ("warn.D001", "warn"),
        ("deny_in_base.D001", "fail"),
    ]


def test_what_is_ignored_is_not_denied() -> None:
    """A finding that is ignored breaks no limit."""
    assert [check.state for check in checked("[budget]\ndeny = ['E001']")] == ["pass"]


@pytest.mark.parametrize(("wasted", "user", "state"), [(0, 0, "pass"), (1, 0, "fail"), (1, 10, "pass"), (2, 10, "fail")])
def test_dives_percent_divides_as_dive_does(wasted: int, user: int, state: str) -> None:
    """The part of wasted bytes that dive has lets nothing by nothing pass, fails for anything by nothing, and fails only above its limit."""
    report = sample()
    report = attrs.evolve(report, dive=attrs.evolve(report.dive, wasted_bytes=wasted, user_bytes=user))
    (check,) = checked("[dive]\nhighestUserWastedPercent = 0.1", report)
    assert check.state == state


def test_exit_status_of_an_outcome() -> None:
    """A broken limit asks for 1, what could not be read for 4, both for 1, neither for 0."""
    bad = tuple(checked("[budget]\npull = 0"))
    good = tuple(checked("[budget]\npull = '1 TB'"))
    partial = attrs.evolve(sample(), faults=("layer 3 breaks off",))
    assert [Outcome(sample(), good).status, Outcome(sample(), bad).status, Outcome(partial, good).status, Outcome(partial, bad).status] == [
        0,
        1,
        4,
        1,
    ]


# --- figures ---


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.00 kB"),
        (9_994, "9.99 kB"),
        (9_995, "10.0 kB"),
        (99_949, "99.9 kB"),
        (99_950, "100 kB"),
        (999_499, "999 kB"),
        (999_500, "1.00 MB"),
        (11_884_230_144, "11.9 GB"),
        (-5_000, "-5.00 kB"),
        (10**19, "10000 PB"),
    ],
)
def test_sizes_have_three_digits(number: int, shown: str) -> None:
    """Bytes are shown with three digits in powers of a thousand."""
    assert figures.size(number) == shown


@given(st.integers(0, 10**17))
@settings(deadline=None)
def test_a_shown_size_can_be_read(number: int) -> None:
    """What is shown is read as the same bytes, but for what three digits leave out."""
    found = figures.read_size(figures.size(number))
    assert found is not None
    assert abs(found - number) <= number * 0.006


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("4 GB", 4 * 10**9),
        ("4gib", 4 * 1024**3),
        ("4G", 4 * 10**9),
        ("4Gi", 4 * 1024**3),
        ("1,500 kb", 1_500_000),
        (".5MB", 500_000),
        ("12", 12),
        ("12b", 12),
        ("ib", None),
        ("1 XB", None),
        ("", None),
        ("4 GB!", None),
        ("1ib", None),
    ],
)
def test_sizes_are_read_as_people_write_them(text: str, number: int | None) -> None:
    """Units of thousands and of 1024, with and without B, in any case, are understood; all else is no size."""
    assert figures.read_size(text) == number


def test_a_part_is_never_rounded_up_to_all() -> None:
    """What is not quite all is not shown as 100 %."""
    assert [figures.percent(part) for part in (1.0, 0.99999, 0.5, float("nan"), float("inf"))] == [
        "100.0 %",
        "99.9 %",
        "50.0 %",
        "no figure",
        "without bound",
    ]


def test_estimates_know_their_bounds() -> None:
    """A figure is exact where its bounds meet."""
    assert Figure.exact(5).is_exact
    assert not Figure(5, 4, 6).is_exact
