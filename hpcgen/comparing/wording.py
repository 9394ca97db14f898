"""A difference as a page: entries with rows, whatever it is written as."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from hpcgen.comparing.changes import MOVED
from hpcgen.comparing.facts import COMMAND, PACKAGES, SHA256, SOURCE, UNCHECKED, VERSION
from hpcgen.comparing.items import BLOCK

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from hpcgen.comparing.difference import Change, Difference, ItemDifference, Moved, Rebuild, StageDifference

NONE = "no difference in meaning"
NEW, GONE, OTHER = "+", "-", " "


_NAMED = ("environment", "label", "arg")
"""Topics whose values say nothing without their names."""
_BESIDE = 90
"""Characters that a value before and the one after may have together to stand on one line."""
_NAMES = 12
"""Stages that are named one after the other."""
_SHOWN = 40
"""Rows of one entry that are shown; JSON has all."""


@attrs.frozen
class Words:
    """Something that is said: what it is, how it was, how it is."""

    before: str | None = None
    after: str | None = None
    label: str = ""
    note: str = ""


@attrs.frozen
class Row:
    """Words about one topic; several stand side by side."""

    topic: str
    words: tuple[Words, ...]


@attrs.frozen
class Entry:
    """What is said of a block, a primitive or a stage itself.

    Attributes:
        sign: NEW, GONE or OTHER.
        title: what it is.
        version: of a block: what it was and is, where that differs; else the one that it has.
        place: the recipe's line.
        rows: what is said of it.
    """

    sign: str
    title: str
    version: Words | None = None
    place: str = ""
    rows: tuple[Row, ...] = ()

    @property
    def is_short(self) -> bool:
        """Whether what is said of it may stand beside its title: it is one thing, and the title says what."""
        if len(self.rows) != 1 or self.rows[0].topic not in ("", COMMAND, *self.title.split(" ")):
            return False
        return not any("\n" in f"{words.before}{words.after}" for words in self.rows[0].words)


@attrs.frozen
class Fate:
    """What becomes of a stage.

    Attributes:
        state: `rebuilt`, `new`, `gone`.
        stage: its name.
        why: what is said of it, and the stages that it is said of.
    """

    state: str
    stage: str
    why: tuple[tuple[str, tuple[str, ...]], ...] = ()


def stage_entries(stage: StageDifference) -> Iterator[Entry]:
    """A stage's own entry, then one for each item; of those that say the same of a new or gone block, one."""
    sign = NEW if stage.before is None else GONE if stage.after is None else OTHER
    was = f", which was called {stage.before}" if sign == OTHER and stage.before != stage.after else ""
    yield Entry(sign, f"stage {stage.name}{was}", rows=(*_rows(stage.changes), *_moved(stage.moved)))
    said: set[tuple[str, str, str]] = set()
    for item in stage.items:
        entry = _entry(item)
        what = (entry.sign, str(item.version), entry.title)
        if entry.rows or what not in said or item.kind != BLOCK:
            yield entry if sign == OTHER else attrs.evolve(entry, place="")
        said.add(what)


def _entry(item: ItemDifference) -> Entry:
    """One item."""
    sign = NEW if not item.before else GONE if not item.after else OTHER
    rows = (*_rows([_without_name(change, item) for change in item.changes if _is_said(change, item, sign)]), *_moved(item.moved))
    if len(rows) > _SHOWN:
        rows = (*rows[:_SHOWN], Row("", (Words(note=f"and {len(rows) - _SHOWN} more, which --format json has"),)))
    where = item.prefix if not item.version else ""
    title = f"{item.name} {where}".rstrip() if item.kind == BLOCK else f"{item.kind} {item.name}".rstrip()
    whom = f" for {', '.join(item.for_whom)}" if item.for_whom else ""
    return Entry(sign, f"{title}{whom}", _version(item, sign), str((item.origin if item.after else item.was_at) or ""), rows)


def _version(item: ItemDifference, sign: str) -> Words | None:
    """The version of a block: of one that is there still, with the one before if that is another."""
    change = next((change for change in item.changes if change.topic == VERSION), None)
    if change and sign == OTHER:
        return Words(change.before or "no version", change.after or "no version")
    return Words(note=item.version) if item.version else None


def _is_said(change: Change, item: ItemDifference, sign: str) -> bool:
    """Whether a page has room for it: not for what follows from another change, nor for all of a block that is new or gone."""
    if change.topic == VERSION:
        return False
    if sign != OTHER and item.kind == BLOCK:
        return (change.topic == PACKAGES and not change.note) or (change.topic == SOURCE and not item.version)
    if change.topic == SHA256 and UNCHECKED not in (change.before, change.after):
        return not any(other.topic == SOURCE and other.name == change.name for other in item.changes)
    return True


def _without_name(change: Change, item: ItemDifference) -> Change:
    return attrs.evolve(change, name="") if change.name == item.name and change.topic != PACKAGES else change


def _rows(changes: Sequence[Change]) -> Iterator[Row]:
    """Changes as rows, those of a topic together; packages, whose names are short, in one row."""
    topics: dict[str, list[Change]] = {}
    for change in changes:
        topics.setdefault(change.topic, []).append(change)
    for topic, some in topics.items():
        if topic == PACKAGES:
            yield Row(topic, tuple(_packages(some)))
        else:
            yield from (Row(topic, (words,)) for change in some for words in _apart(_words(change)))


def _packages(changes: Sequence[Change]) -> Iterator[Words]:
    """Packages that are gone, and that are new, each with those of which the same is to be said."""
    gone: dict[str, list[str]] = {}
    new: dict[str, list[str]] = {}
    for change in changes:
        (gone if change.after is None else new).setdefault(change.note, []).append(change.name)
    yield from (Words(before=", ".join(names), note=note) for note, names in gone.items())
    yield from (Words(after=", ".join(names), note=note) for note, names in new.items())


def _words(change: Change) -> Words:
    """What a change says; what both values have in common is said once."""
    before, after, name = change.before, change.after, change.name
    if change.note == MOVED:
        return Words(note=f"{after}: {MOVED}")
    if before is None or after is None:
        return Words(before, after, name if change.topic in _NAMED else "", change.note)
    if change.topic == SOURCE:
        start = _common(before, after)
        return Words(f"{start and '...'}{before[len(start) :]}", f"{start and '...'}{after[len(start) :]}", note=change.note)
    start = f"{name}="
    if name and before.startswith(start) and after.startswith(start):
        return Words(*_narrowed(before.removeprefix(start), after.removeprefix(start)), name, change.note)
    return Words(before, after, name if change.topic in _NAMED else "", change.note)


def _common(before: str, after: str) -> str:
    """The part of a URL, a host at least, that another begins with too."""
    end = before.rfind("/", 0, _alike(before, after))
    return before[:end] if end > before.find("://") + 2 else ""


def _alike(one: Sequence[str], other: Sequence[str]) -> int:
    """How many characters, or words, two begin with alike."""
    return next((at for at, (first, second) in enumerate(zip(one, other, strict=False)) if first != second), min(len(one), len(other)))


def _narrowed(before: str, after: str) -> tuple[str | None, str | None]:
    """Of two values of many words those words that differ."""
    old, new = before.split(), after.split()
    if old == new:
        return before or "(empty)", after or "(empty)"
    start = _alike(old, new)
    old, new = old[start:], new[start:]
    end = _alike(old[::-1], new[::-1])
    return " ".join(old[: len(old) - end]) or None, " ".join(new[: len(new) - end]) or None


def _apart(words: Words) -> Iterator[Words]:
    """Words that are too long to stand side by side one below the other."""
    before, after = words.before, words.after
    if before is None or after is None or ("\n" not in before + after and len(before) + len(after) <= _BESIDE):
        yield words
    else:
        yield attrs.evolve(words, after=None, note="")
        yield attrs.evolve(words, before=None)


def _moved(moved: Moved | None) -> Iterator[Row]:
    if moved:
        now, before = (f"behind {where}" if where else "to the front" for where in (moved.after, moved.before))
        yield Row("", (Words(note=f"moved {now}; it was {before.replace('to the', 'in')}"),))


def result(difference: Difference) -> Words | None:
    """The recipe's result, where it is another stage."""
    return Words(difference.result.before or "none", difference.result.after or "none") if difference.result else None


def fates(stages: Iterable[Rebuild]) -> list[Fate]:
    """What becomes of the stages that are not kept, those that are built again first."""
    some = list(stages)
    return [Fate(one.state, one.stage, tuple(_why(one))) for state in ("rebuilt", "new", "gone") for one in some if one.state == state]


def _why(one: Rebuild) -> Iterator[tuple[str, tuple[str, ...]]]:
    if one.changed and one.state == "rebuilt":
        yield "changed", ()
    if one.takes_from:
        yield "takes from", one.takes_from
    if one.since and not one.of:
        yield f"from {one.since} on", ()


def kept(stages: Iterable[Rebuild]) -> list[str]:
    """The stages that are as they were."""
    return [one.stage for one in stages if one.state == "kept"]


def listed(names: Sequence[str]) -> str:
    """Some names, and how many more there are."""
    return ", ".join(names[:_NAMES]) + (f" and {len(names) - _NAMES} more" if len(names) > _NAMES else "")
