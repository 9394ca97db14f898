"""Reports as JSON, read back, and compared."""

from __future__ import annotations

import json
from typing import Any

import attrs
import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reports import TEXTS, files, grown, poisoned, reports, sample, whole

from hpcgen.auditing import data, pruning
from hpcgen.auditing.baseline import from_json, looks_like_report
from hpcgen.auditing.budgets import parse
from hpcgen.auditing.growth import Change, compare
from hpcgen.auditing.judging import judge
from hpcgen.auditing.outcome import Outcome
from hpcgen.auditing.report import SCHEMA, Dive, Report
from hpcgen.auditing.tables import FOLDER
from hpcgen.errors import Unreachable

BUDGET = parse("audit.toml", "[budget]\npull = '8 MB'\nsif = '1 MB'\ndeny = ['R001']\nwarn = ['D001']\ndelta_pull = '+1 %'\n")


def full(report: Report) -> Outcome:
    """A report with a budget and a baseline."""
    growth = compare(sample(), report, name="before.json")
    return Outcome(report, judge(report, BUDGET, growth), growth)


def closed(schema: Any) -> Any:
    """A schema that takes no key that it does not describe."""
    if isinstance(schema, list):
        return [closed(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    made = {key: closed(value) for key, value in schema.items()}
    if "properties" in made:
        made.setdefault("additionalProperties", False)
    return made


def errors(text: str) -> list[str]:
    """What the published schema, closed, has against a report."""
    checker = jsonschema.Draft202012Validator(closed(json.loads(data.schema())))
    return [f"{error.json_path}: {error.message}" for error in checker.iter_errors(json.loads(text))]


def test_the_schema_is_one() -> None:
    """The published schema is itself a schema of its draft, and names the id that reports have."""
    schema = json.loads(data.schema())
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["properties"]["schema"] == {"const": SCHEMA}


@pytest.mark.parametrize(
    "report",
    [sample(), grown(), poisoned(), attrs.evolve(sample(), coverage=None, findings=(), layers=(), blocks=())],
    ids=["sample", "grown", "poisoned", "bare"],
)
def test_every_report_keeps_the_schema(report: Report) -> None:
    """A report's JSON has the keys of the schema and no other, with and without budget and baseline."""
    assert errors(data.to_json(Outcome(report))) == []
    assert errors(data.to_json(full(report))) == []


@given(reports())
@settings(deadline=None)
def test_reports_out_of_chance_keep_the_schema_and_add_up(report: Report) -> None:
    """In any report's JSON files and folders make up what is shown, and the kinds of waste and its layers what is not."""
    whole(report)
    text = data.to_json(Outcome(report))
    assert errors(text) == []
    found = json.loads(text)
    assert sum(row["bytes"] for key in ("files", "folders") for row in found[key]) == found["totals"]["live"]
    assert sum(found["waste"]["kinds"].values()) == sum(row["bytes"] for row in found["waste"]["layers"]) == found["totals"]["waste"]
    assert found["totals"]["stored"] == found["totals"]["live"] + found["totals"]["waste"]


@given(reports())
@settings(deadline=None)
def test_a_report_that_is_read_is_the_one_that_was_written(report: Report) -> None:
    """Reading a report's JSON and writing it again gives the same JSON, but for the pairs of layers' copies, which are put together."""
    first = json.loads(data.to_json(Outcome(report)))
    again = from_json(json.dumps(first))
    whole(again)
    second = json.loads(data.to_json(Outcome(again)))
    for found in (first, second):
        found["waste"]["layers"] = [row | {"copies": None} for row in found["waste"]["layers"] if row["bytes"]]
        found["waste"]["kinds"] = {kind: size for kind, size in sorted(found["waste"]["kinds"].items()) if size}
        found["folders"].sort(key=lambda row: row["path"])
        found["waste"]["largest"].sort(key=str)
    assert second == first


def test_json_is_ascii_and_read_by_strict_readers() -> None:
    """A report's JSON has no half pairs of surrogates, no infinity, and no character that a terminal would act on."""
    text = data.to_json(Outcome(attrs.evolve(poisoned(), dive=Dive(0.5, 5, 0, 5))))
    assert text.isascii()
    assert not set(map(chr, [*range(10), *range(11, 32), 127])) & set(text)
    json.loads(text, parse_constant=pytest.fail).copy()
    json.dumps(json.loads(text), ensure_ascii=False).encode("utf-8")
    assert json.loads(text)["dive_compat"]["user_wasted_percent"] is None


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "not JSON"),
        ("{", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("[]", "no report of an audit"),
        ('{"schema": "hpcgen/audit/v9"}', "hpcgen/audit/v9"),
        ('{"schema": "hpcgen/audit/v1"}', "not as its schema says: KeyError"),
    ],
)
def test_what_is_no_report_is_said(text: str, says: str) -> None:
    """A file that is no report of this schema cannot be read, and says why."""
    with pytest.raises(Unreachable, match=r"^cannot be reached: old\.json: ") as raised:
        from_json(text, "old.json")
    assert says in raised.value.sentence


@st.composite
def broken(draw: st.DrawFn) -> str:
    """A report's JSON with one value, somewhere in it, that is another."""
    found = json.loads(data.to_json(full(grown())))
    at: Any = found
    while True:
        keys = list(at) if isinstance(at, dict) else list(range(len(at)))
        key = draw(st.sampled_from(keys))
        if isinstance(at[key], dict | list) and at[key] and draw(st.integers(0, 4)):
            at = at[key]
            continue
        at[key] = draw(st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3) | st.just([]) | st.just({}) | st.just([None]))
        return json.dumps(found)


@given(broken())
@settings(deadline=None)
def test_a_damaged_report_is_refused_or_compared(text: str) -> None:
    """A report in which a value is another can be compared with, or is refused as no report: it is never a bug."""
    try:
        before = from_json(text)
    except Unreachable:
        return
    assert compare(before, sample(), name="old").baseline == "old"


def test_a_report_is_told_from_an_image() -> None:
    """JSON is told from archives and images by its first character."""
    assert looks_like_report(b' \n{"schema"')
    assert not looks_like_report(b"usr/\0\0")
    assert not looks_like_report(b"")


# --- what grew ---


def test_growth_is_by_block_category_finding_and_file() -> None:
    """What changed between two reports is said by total, block, category, finding and file, what changed most first."""
    found = compare(sample(), grown(), name="old")
    assert found.total("rootfs") == Change("rootfs", 17_320_000, 19_020_000)
    assert found.total("sif") == Change("sif", 8_000_000, None)
    assert found.blocks == (Change("ucx", 14_000_000, 15_000_000, "1.18.1", "1.19.0"),)
    assert found.files == (
        Change("usr/local/ucx/lib/libucp.so.0.1.0", 5_000_000, 6_000_000, "usr/local/ucx/lib/libucp.so.0.0.0"),
        Change("opt/new", None, 700_000),
    )
    assert found.findings == (Change("C001", None, 12_000_000), Change("D001", 70_000, None))
    assert found.new_findings == ("C001",)


def test_nothing_grew() -> None:
    """A report against itself, or against its own JSON, has no change but that of nothing."""
    for before in (sample(), from_json(data.to_json(Outcome(sample())))):
        found = compare(before, sample(), name="old")
        assert [one.delta for one in found.totals] == [0] * 5
        assert [*found.blocks, *found.categories, *found.findings, *found.files] == []


@given(reports(), reports())
@settings(deadline=None)
def test_growth_adds_up(before: Report, after: Report) -> None:
    """What files grew by is what the root file system grew by, whether the baseline is a report or its JSON."""
    for first in (before, from_json(data.to_json(Outcome(before)))):
        found = compare(first, after, name="old", most_files=10**6)
        total = found.total("rootfs")
        assert total is not None
        assert sum(change.delta for change in found.files) == total.delta == after.totals.live - before.totals.live


def test_two_versions_of_a_library_are_one_change() -> None:
    """A file that went and one that came are one change where they differ in digits alone, and two where that is not clear."""
    old = attrs.evolve(sample(), files=files(("cuda-12.6/lib/libcublas.so.12.6.1", 10**8, 0, 0, 0), ("a1", 10**6, 0, 0, 0), ("a2", 10**6, 0, 0, 0)))
    new = attrs.evolve(sample(), files=files(("cuda-12.9/lib/libcublas.so.12.9.0", 5 * 10**8, 0, 0, 0), ("a3", 10**6, 0, 0, 0)))
    assert compare(old, new, name="old").files == (
        Change("cuda-12.9/lib/libcublas.so.12.9.0", 10**8, 5 * 10**8, "cuda-12.6/lib/libcublas.so.12.6.1"),
        Change("a1", 10**6, None),
        Change("a2", 10**6, None),
        Change("a3", None, 10**6),
    )


def test_many_changes_are_cut_and_counted() -> None:
    """Of many changed files the largest are told, and how many more there are."""
    new = attrs.evolve(sample(), files=files(*((f"f{'x' * at}", 10**6 + at, 0, 0, 0) for at in range(50))))
    found = compare(attrs.evolve(sample(), files=files()), new, name="old", most_files=10)
    assert (len(found.files), found.more_files, found.files[0].after) == (10, 40, 10**6 + 49)


@given(TEXTS)
@settings(deadline=None)
def test_names_out_of_chance_are_compared(texts: list[str]) -> None:
    """Whatever files are called, reports of them are written, read and compared."""
    report = poisoned(tuple(texts))
    again = from_json(data.to_json(Outcome(report)))
    assert compare(again, report, name="old").total("rootfs") is not None


def test_small_files_are_one_row_a_folder() -> None:
    """A folder's row has the bytes and the number of the small files in it, those of folders below left out."""
    table = files(
        ("a/b/one", 10, 0, 0, 0), ("a/b/two", 20, 0, 0, 0), ("a/three", 5, 0, 0, 0), ("a/b/large", pruning.LARGE, 0, 0, 0), ("top", 1, 0, 0, 0)
    )
    assert pruning.folders(table) == {"": (1, 1), "a": (5, 1), "a/b": (30, 2)}
    assert list(pruning.large(table)) == [("a/b/large", pruning.LARGE)]
    assert [table.paths[at] for at in range(len(table)) if table.kinds[at] == FOLDER] == ["a", "a/b"]
