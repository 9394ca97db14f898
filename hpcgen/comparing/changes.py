"""Facts before and after -> what is another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hpcgen.comparing.difference import Change
from hpcgen.comparing.facts import COMMAND, LINE, OF_SOURCES, PREFIX, UNPACKED, Fact
from hpcgen.comparing.matching import ALWAYS, LIKENESS, Thing, match
from hpcgen.comparing.words import option, setting, words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from hpcgen.comparing.renames import Renames

MOVED = "in another place"
REWRITTEN = "the same words, written in another way"

_MUST_SHARE = 0.4
"""The part of its words that a command must keep to be the same command with other words."""


def compare(before: Sequence[Fact], after: Sequence[Fact], renames: Renames) -> Iterator[Change]:
    """What differs, in the order of the later facts; what reads the same once folders have their new names does not."""
    for old, new, moved in _rows(before, after, renames, _thing):
        if old is not None and new is not None and new.topic == COMMAND:
            yield from _command(old, new, renames, moved=moved)
        else:
            yield from _single(old, new, renames, moved=moved)


def _rows(
    before: Sequence[Fact], after: Sequence[Fact], renames: Renames, thing: Callable[[Fact, str], Thing]
) -> Iterator[tuple[Fact | None, Fact | None, bool]]:
    """Facts before and after that are about one thing, and whether they are in another place."""
    now = renames.among(fact.value for fact in after)
    matching = match([thing(fact, _seen(fact, now)) for fact in before], [thing(fact, fact.value) for fact in after])
    for one, other in matching.rows():
        yield None if one is None else before[one], None if other is None else after[other], one in matching.moved


def _seen(fact: Fact, renames: Renames) -> str:
    """What a fact would say now; where a folder's new name comes from, it is said."""
    return fact.value if fact.topic in (PREFIX, UNPACKED) else renames.of(fact.value)


def _single(old: Fact | None, new: Fact | None, renames: Renames, *, moved: bool) -> Iterator[Change]:
    """What differs between two facts about one thing; either may not be there."""
    one = new or old
    assert one is not None
    values = (old.value if old else None, new.value if new else None)
    if old is None or new is None or new.value not in (old.value, _seen(old, renames)):
        yield Change(one.topic, one.name, *values)
    if moved:
        yield Change(one.topic, one.name, *values, MOVED)


def _command(old: Fact, new: Fact, renames: Renames, *, moved: bool) -> Iterator[Change]:
    """The same for a command: word by word, or line by line; the one in place of the other where they have little in common."""
    if new.value not in (old.value, renames.of(old.value)):
        earlier, later = _said(old.value), _said(new.value)
        if _is_another(earlier, later, renames):
            yield from (Change(COMMAND, before=old.value), Change(COMMAND, after=new.value))
        elif "\n" in old.value or "\n" in new.value:
            yield from _plainly(_lines(old.value), _lines(new.value), renames, _line)
        else:
            yield from _plainly(earlier, later, renames, _word) or [Change(COMMAND, "", old.value, new.value, REWRITTEN)]
    if moved:
        yield Change(COMMAND, "", old.value, new.value, MOVED)


def _plainly(before: Sequence[Fact], after: Sequence[Fact], renames: Renames, thing: Callable[[Fact, str], Thing]) -> list[Change]:
    """What differs between facts that hold no commands."""
    return [change for old, new, moved in _rows(before, after, renames, thing) for change in _single(old, new, renames, moved=moved)]


def _thing(fact: Fact, seen: str) -> Thing:
    """A fact as it is matched; `seen`: its value with the folders' new names."""
    if fact.topic == LINE:
        return _line(fact, seen)
    if fact.topic == COMMAND:
        said = words(seen)
        return Thing(f"{COMMAND} {said[0][0] if said else seen}", (COMMAND, seen), tuple(word for _, word in said), ALWAYS)
    if fact.topic in OF_SOURCES:
        return Thing(fact.topic, (fact.topic, seen), (fact.name,), ALWAYS)
    return Thing(f"{fact.topic} {fact.name}", (fact.topic, fact.name, seen), pairs=ALWAYS)


def _word(fact: Fact, seen: str) -> Thing:
    return Thing(f"{fact.topic} {setting(seen)}", (fact.topic, seen), pairs=ALWAYS)


def _line(fact: Fact, seen: str) -> Thing:
    return Thing(f"{LINE} {fact.name} {seen}", (LINE, fact.name, seen), pairs=LIKENESS)


def _said(command: str) -> list[Fact]:
    """A command's words as facts: the program is the topic, an option the name."""
    return [Fact(program, option(word), word) for program, word in words(command)]


def _lines(command: str) -> list[Fact]:
    return [Fact(LINE, "", line) for line in command.split("\n")]


def _is_another(before: Sequence[Fact], after: Sequence[Fact], renames: Renames) -> bool:
    """Whether two commands have less in common than one that only got other words."""
    now = renames.among(fact.value for fact in after)
    shared = {(fact.topic, setting(now.of(fact.value))) for fact in before} & {(fact.topic, setting(fact.value)) for fact in after}
    return len(shared) < _MUST_SHARE * max(len(before), len(after), 1)
