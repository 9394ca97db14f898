"""The findings as SARIF 2.1.0, which GitHub, GitLab and editors show beside the recipe's lines.

A result stands at the recipe's line where one is known, because that is where it is mended, and names the path in the image as a logical location;
otherwise at the path itself, below the base IMAGE.
"""

from __future__ import annotations

import json
import re
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import attrs

from hpcgen.auditing.figures import size
from hpcgen.auditing.outcome import FAIL, version
from hpcgen.auditing.tables import NOBODY
from hpcgen.showing import address, sarif, visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from hpcgen.auditing.outcome import Check, Outcome
    from hpcgen.auditing.report import Finding, Report

Data = dict[str, Any]
SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS = {"error": "error", "warning": "warning", "info": "note"}
_PLACE = re.compile(r"(?P<file>.+):(?P<line>[1-9][0-9]*)")
_MOST_EVIDENCE = 10


def as_sarif(outcome: Outcome) -> str:
    """The findings that are told, and the limits that are broken, as SARIF."""
    report = outcome.report
    findings = outcome.findings()
    rules = _rules(findings)
    if not outcome.is_within:
        rules["budget"] = {"id": "budget", "name": "Budget", "shortDescription": {"text": "a limit of the budget is broken"}}
    places = {name: at for at, name in enumerate(rules)}
    denied = {check.name.partition(".")[2] for check in outcome.checks if check.state == FAIL}
    results = [_result(one, report, places, denied) for one in findings]
    results += [_broken(check, report, places) for check in outcome.checks if check.state == FAIL and not check.name.startswith("deny")]
    run: Data = {
        "tool": {"driver": {"name": "hpcgen audit", "semanticVersion": version(), "rules": list(rules.values())}},
        "originalUriBaseIds": {"IMAGE": {"description": {"text": sarif(f"the root of {report.image.ref}")}}},
        "columnKind": "unicodeCodePoints",
        "invocations": [{"executionSuccessful": not report.is_partial, "toolExecutionNotifications": [_fault(text) for text in report.faults]}],
        "results": results,
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=1) + "\n"


def _fault(text: str) -> Data:
    return {"level": "error", "message": {"text": sarif(text)}}


def _rules(findings: Sequence[Finding]) -> dict[str, Data]:
    """The rules of the findings that there are."""
    found: dict[str, Data] = {}
    for one in findings:
        rule: Data = {"id": one.id, "name": _pascal(one.name), "shortDescription": {"text": sarif(one.title)}}
        if one.fix:
            rule["help"] = {"text": sarif(one.fix)}
        rule["defaultConfiguration"] = {"level": _LEVELS.get(one.severity, "note")}
        found.setdefault(one.id, rule)
    return found


def _pascal(name: str) -> str:
    return "".join(word[:1].upper() + word[1:] for word in re.split(r"[^A-Za-z0-9]+", name)) or "Finding"


def _result(one: Finding, report: Report, places: Mapping[str, int], denied: set[str]) -> Data:
    """One finding; a denied one is an error, whatever it is otherwise."""
    saving = f" {size(one.saving.rootfs)} in {one.count or len(one.evidence)} files." if one.saving.rootfs else ""
    mend = f" Mend: {one.fix}" if one.fix else ""
    block = report.blocks[one.block] if one.block != NOBODY else None
    return {
        "ruleId": one.id,
        "ruleIndex": places[one.id],
        "level": "error" if one.id in denied else _LEVELS.get(one.severity, "note"),
        "message": {"text": sarif(f"{one.title.rstrip('.')}.{saving}{mend}")},
        "locations": list(_locations(one, block.recipe if block else "")) or _anywhere(report),
        "partialFingerprints": {"finding/v1": _fingerprint(one, block.name if block else "")},
        "properties": {**attrs.asdict(one.saving), "confidence": one.confidence, "inBase": one.in_base},
    }


def _fingerprint(one: Finding, block: str) -> str:
    """What stays the same while the finding does, though figures and evidence may change."""
    return sha256(f"{one.id}\0{block}\0{one.in_base}".encode("utf-8", "backslashreplace")).hexdigest()[:32]


def _locations(one: Finding, recipe: str) -> Iterator[Data]:
    """The recipe's line with the paths as logical locations, else the paths."""
    place = _PLACE.fullmatch(recipe)
    paths = [row.path for row in one.evidence[:_MOST_EVIDENCE]]
    if place:
        region = {"startLine": int(place["line"])}
        location: Data = {"physicalLocation": {"artifactLocation": {"uri": address(place["file"])}, "region": region}}
        if paths:
            location["logicalLocations"] = [{"fullyQualifiedName": visible(f"/{path}"), "kind": "resource"} for path in paths]
        yield location
        return
    for path in paths:
        yield {"physicalLocation": {"artifactLocation": {"uri": address(path), "uriBaseId": "IMAGE"}}}


def _broken(check: Check, report: Report, places: Mapping[str, int]) -> Data:
    """A broken limit."""
    text = f"{check.name}: {check.actual or 'unknown'}, allowed is {check.limit}{f' ({check.why})' if check.why else ''}"
    message = {"text": sarif(text)}
    return {"ruleId": "budget", "ruleIndex": places["budget"], "level": "error", "message": message, "locations": _anywhere(report)}


def _anywhere(report: Report) -> list[Data]:
    """The recipe, or the image: GitHub shows nothing that stands nowhere."""
    return [{"physicalLocation": {"artifactLocation": {"uri": address(report.image.recipe or report.image.ref)}, "region": {"startLine": 1}}}]
