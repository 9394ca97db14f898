"""dive's file of rules, `.dive-ci`: the part of YAML that it is written in."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from hpcgen.auditing.budgets import BadBudget, Budget, dive_budget

if TYPE_CHECKING:
    from collections.abc import Iterator

_ENTRY = re.compile(r"(?P<indent> *)(?P<key>[\w-]+|\"[\w-]+\"|'[\w-]+') *:(?:[ \t]+(?P<value>.*))?")
_QUOTED = re.compile(r"(?P<quote>[\"'])(?P<text>[^\"'\\]*)(?P=quote)[ \t]*(?:#.*)?")


def parse(file: str, text: str) -> Budget:
    """The budget that a `.dive-ci` means; what it does not name has dive's own limits.

    Raises:
        BadBudget: it holds more than the mapping `rules` of names and plain values.
    """
    rules: dict[str, str] = {}
    inside = False
    for number, indent, key, value in _entries(file, text):
        if not indent:
            if key != "rules" or value:
                raise BadBudget(f"{file}:{number}: there is no key '{key}'" if key != "rules" else f"{file}:{number}: rules is a mapping", help=_HELP)
            inside = True
        elif not inside:
            raise BadBudget(f"{file}:{number}: '{key}' stands below nothing", help=_HELP)
        else:
            rules[key] = value
    return dive_budget(file, rules)


_HELP = "a .dive-ci has `rules:` and, indented below it, lowestEfficiency, highestWastedBytes, highestUserWastedPercent"


def _entries(file: str, text: str) -> Iterator[tuple[int, int, str, str]]:
    """Line number, indent, key and value of each entry."""
    for number, line in enumerate(text.removeprefix("\ufeff").splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#") or line.rstrip() == "---":
            continue
        found = _ENTRY.fullmatch(line.rstrip())
        if found is None:
            raise BadBudget(f"{file}:{number}: cannot be read: {line!a:.80}", help=_HELP)
        yield number, len(found["indent"]), found["key"].strip("\"'"), _value(file, number, found["value"] or "")


def _value(file: str, number: int, text: str) -> str:
    """A plain value without quotes and comment."""
    quoted = _QUOTED.fullmatch(text)
    if quoted:
        return quoted["text"]
    plain = re.sub(r"(^|[ \t])#.*", "", text).strip()
    if plain[:1] in tuple("\"'[{&*!|>%@`"):
        raise BadBudget(f"{file}:{number}: cannot be read: {plain!a:.80}", help=_HELP)
    return plain
