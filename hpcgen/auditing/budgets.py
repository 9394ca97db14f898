"""Budgets: what an image may cost and what must not be in it, read from a TOML file or from dive's .dive-ci."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from hpcgen.auditing.figures import read_part, read_size
from hpcgen.auditing.report import Ignore
from hpcgen.errors import Unreachable, UsageError, did_you_mean
from hpcgen.frozen import evolve, field, frozen

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SIZES = ("pull", "rootfs", "sif", "stored", "waste", "waste_own", "layer_max")
PARTS = ("efficiency", "efficiency_own")
GROWTHS = ("delta_pull", "delta_rootfs", "delta_sif", "delta_stored", "delta_waste")
TABLES = ("block", "category")
LISTS = ("deny", "warn", "deny_in_base")
DIVE = {"lowestEfficiency": "dive.efficiency", "highestWastedBytes": "dive.wasted_bytes", "highestUserWastedPercent": "dive.user_wasted_percent"}
"""dive's rules -> our names for them."""
DIVE_DEFAULTS = {"lowestEfficiency": "0.9", "highestWastedBytes": "disabled", "highestUserWastedPercent": "0.1"}
"""What dive takes for a rule that its file does not name."""
DIVE_OFF = ("", "disabled", "off", "false")


class BadBudget(UsageError):
    """A budget says something that cannot be."""

    kind = "budget"


@frozen
class Growing:
    """How much more there may be than in the baseline: bytes, or a part of what was there."""

    bytes: int | None = None
    part: float | None = None


@frozen
class Budget:
    """What an image may cost.

    Attributes:
        file: where it was read.
        most: name -> bytes that there may be at most: `SIZES`, "block.NAME", "category.NAME", "dive.wasted_bytes".
        least: name -> part of 1 that there must be at the least: `PARTS`, "dive.efficiency".
        most_part: name -> part that there may be at most: "dive.user_wasted_percent".
        growing: name -> how much more there may be: `GROWTHS`.
        deny: findings that must not be: their ids or names, `*` for any letters.
        warn: findings that are told as warnings.
        deny_in_base: as `deny`, for what is in the base image alone.
        ignore: what is not to be told.
    """

    file: str = ""
    most: Mapping[str, int] = field(factory=dict)
    least: Mapping[str, float] = field(factory=dict)
    most_part: Mapping[str, float] = field(factory=dict)
    growing: Mapping[str, Growing] = field(factory=dict)
    deny: tuple[str, ...] = ()
    warn: tuple[str, ...] = ()
    deny_in_base: tuple[str, ...] = ()
    ignore: tuple[Ignore, ...] = ()


def read(file: str) -> Budget:
    """The budget in a file: TOML, or dive's YAML where the file is called .dive-ci or ends so.

    Raises:
        Unreachable: it cannot be read.
        BadBudget: it says something that cannot be.
    """
    try:
        with open(file, "rb") as stream:
            data = stream.read()
    except OSError as fault:
        raise Unreachable(f"budget '{file}': {fault.strerror or fault}") from fault
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as fault:
        raise BadBudget(f"{file}: not UTF-8: {fault}") from fault
    name = os.path.basename(file)
    if name.endswith(("dive-ci", ".yml", ".yaml")) or "dive-ci" in name:
        from hpcgen.auditing.dive_rules import parse as parse_dive

        return parse_dive(file, text)
    return parse(file, text)


def parse(file: str, text: str) -> Budget:
    """A budget's content, TOML."""
    import tomllib

    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as fault:
        raise BadBudget(f"{file}: not TOML: {fault}") from fault
    _known(file, "", values, ("budget", "dive", "ignore"))
    reader = _Reader(file)
    reader.budget(_table(file, "budget", values.get("budget", {})))
    reader.dive(_table(file, "dive", values.get("dive", {})))
    return evolve(reader.made(), ignore=tuple(_ignores(file, values.get("ignore", []))))


def _known(file: str, where: str, values: Mapping[str, Any], keys: tuple[str, ...]) -> None:
    for key in values:
        if key not in keys:
            raise BadBudget(f"{file}: {where}there is no key '{key}'", help=did_you_mean(key, keys) or f"keys: {', '.join(keys)}")


def _table(file: str, key: str, value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise BadBudget(f"{file}: {key} = {value!r}", help=f"{key} is a table: [{key}]")
    return value


def bytes_of(file: str, key: str, value: Any) -> int:
    """A size: a string such as "4 GB", or a number of bytes."""
    found = read_size(value) if isinstance(value, str) else value if isinstance(value, int) and not isinstance(value, bool) else None
    if found is None or found < 0:
        raise BadBudget(f"{file}: {key} = {value!r} is no size", help=f'write {key} = "4 GB", "500 MiB" or a number of bytes')
    return found


def part_of(file: str, key: str, value: Any) -> float:
    """A part of 1: 0.98, or "98 %"."""
    found = read_part(value) if isinstance(value, str) else float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
    if found is None or not 0 <= found <= 1:
        raise BadBudget(f"{file}: {key} = {value!r} is no part of 1", help=f'write {key} = 0.98 or "98 %"')
    return found


def _growing(file: str, key: str, value: Any) -> Growing:
    """How much more there may be: "+2 %", "+50 MB"."""
    if isinstance(value, str):
        text = value.strip().removeprefix("+")
        if "%" in text and (part := read_part(text)) is not None:
            return Growing(part=part)
        if (found := read_size(text)) is not None:
            return Growing(bytes=found)
    raise BadBudget(f"{file}: {key} = {value!r} is no growth", help=f'write {key} = "+2 %" or "+50 MB"')


def _words(file: str, key: str, value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(one, str) and one for one in value):
        raise BadBudget(f"{file}: {key} = {value!r}", help=f'{key} takes a list of findings: {key} = ["R003", "S*"]')
    for one in value:
        _is_finding(file, key, one)
    return tuple(value)


def _is_finding(file: str, key: str, pattern: str) -> None:
    """Raises for a pattern that no finding is called: it would deny nothing, silently."""
    from hpcgen.auditing.rules import rules

    known = [name for one in rules().words.values() for name in (one.id, one.name)]
    if not any(matches(pattern, name) for name in known):
        raise BadBudget(
            f"{file}: {key}: no finding is called '{pattern}'", help=did_you_mean(pattern, known) or "docs/reference/findings.md has the list"
        )


def _ignores(file: str, values: Any) -> Iterator[Ignore]:
    """The entries of [[ignore]]; each says why."""
    if not isinstance(values, list):
        raise BadBudget(f"{file}: ignore = {values!r}", help="ignore is a list of tables: [[ignore]]")
    for value in values:
        _known(file, "ignore: ", _table(file, "ignore", value), ("id", "path", "reason", "until"))
        words = {key: one.isoformat() if hasattr(one, "isoformat") else one for key, one in value.items()}
        for key in ("id", "reason"):
            if not words.get(key):
                raise BadBudget(f"{file}: an ignore without {key}", help="[[ignore]] takes id, reason, and may take path and until")
        for key, one in words.items():
            if not isinstance(one, str):
                raise BadBudget(f"{file}: ignore: {key} = {one!r}", help=f"{key} takes a string")
        _is_finding(file, "ignore", words["id"])
        _is_day(file, words.get("until", ""))
        yield Ignore(words["id"], words["reason"], words.get("path", "**").lstrip("/"), words.get("until", ""))


def _is_day(file: str, day: str) -> None:
    from datetime import date

    try:
        date.fromisoformat(day or "2000-01-01")
    except ValueError as fault:
        raise BadBudget(f"{file}: ignore: until = '{day}' is no day", help='write until = "2027-06-30"') from fault


class _Reader:
    """Puts the limits of the tables where they belong."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.most: dict[str, int] = {}
        self.least: dict[str, float] = {}
        self.most_part: dict[str, float] = {}
        self.growing: dict[str, Growing] = {}
        self.lists: dict[str, tuple[str, ...]] = {}

    def made(self) -> Budget:
        """The budget."""
        deny, warn, deny_in_base = (self.lists.get(key, ()) for key in LISTS)
        return Budget(self.file, self.most, self.least, self.most_part, self.growing, deny, warn, deny_in_base)

    def budget(self, values: Mapping[str, Any]) -> None:
        """Reads [budget]."""
        _known(self.file, "budget: ", values, (*SIZES, *PARTS, *GROWTHS, *TABLES, *LISTS))
        for key, value in values.items():
            self._one(key, value)

    def _one(self, key: str, value: Any) -> None:
        if key in SIZES:
            self.most[key] = bytes_of(self.file, key, value)
        elif key in PARTS:
            self.least[key] = part_of(self.file, key, value)
        elif key in GROWTHS:
            self.growing[key] = _growing(self.file, key, value)
        elif key in LISTS:
            self.lists[key] = _words(self.file, key, value)
        else:
            for name, most in _table(self.file, f"budget.{key}", value).items():
                self.most[f"{key}.{name}"] = bytes_of(self.file, f"{key}.{name}", most)

    def dive(self, values: Mapping[str, Any]) -> None:
        """Reads [dive], whose keys are dive's own; what is not named has no limit here."""
        _known(self.file, "dive: ", values, tuple(DIVE))
        for key, value in values.items():
            self.dive_rule(key, value)

    def dive_rule(self, key: str, value: Any) -> None:
        """One of dive's rules."""
        if value is False or (isinstance(value, str) and value.strip().lower() in DIVE_OFF):
            return
        if key == "highestWastedBytes":
            self.most[DIVE[key]] = bytes_of(self.file, key, value)
        elif key == "lowestEfficiency":
            self.least[DIVE[key]] = part_of(self.file, key, value)
        else:
            self.most_part[DIVE[key]] = part_of(self.file, key, value)


def dive_budget(file: str, rules: Mapping[str, str]) -> Budget:
    """The budget of dive's rules, with dive's own limits for those that are not named."""
    _known(file, "rules: ", rules, tuple(DIVE))
    reader = _Reader(file)
    for key, value in {**DIVE_DEFAULTS, **rules}.items():
        reader.dive_rule(key, value)
    return reader.made()


def matches(pattern: str, *names: str) -> bool:
    """Whether one of a finding's names is meant: "R003", "static-*"."""
    from fnmatch import fnmatchcase

    return any(fnmatchcase(name, pattern) for name in names)
