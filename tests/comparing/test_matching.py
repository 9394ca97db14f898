from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from hpcgen.comparing.matching import ALWAYS, LIKENESS, PLACE, Matching, Thing, match

LETTERS = st.text("abc", max_size=9)
THINGS = st.lists(
    st.builds(Thing, st.sampled_from("kl"), st.text("abc", max_size=1), st.lists(st.sampled_from("xyz"), max_size=2).map(tuple), st.sampled_from((ALWAYS, PLACE, LIKENESS))),
    max_size=9,
)


def things(text: str) -> list[Thing]:
    """A thing for each letter; equal letters are equal things."""
    return [Thing(letter, letter) for letter in text]


def in_order(matching: Matching) -> list[int]:
    """The places after of what did not move, by their places before."""
    return [after for before, after in sorted(matching.pairs.items()) if before not in matching.moved]


@given(before=THINGS, after=THINGS)
def test_each_thing_is_matched_once_at_most(before: list[Thing], after: list[Thing]) -> None:
    """A thing is one other or none, and all of both lists are met once."""
    matching = match(before, after)
    assert len(set(matching.pairs.values())) == len(matching.pairs)
    rows = list(matching.rows())
    assert sorted(row[0] for row in rows if row[0] is not None) == list(range(len(before)))
    assert [row[1] for row in rows if row[1] is not None] == list(range(len(after)))
    assert {one: other for one, other in rows if one is not None and other is not None} == matching.pairs


@given(before=THINGS, after=THINGS)
def test_only_things_of_one_key_or_content_are_matched(before: list[Thing], after: list[Thing]) -> None:
    """What has another key and another content is another thing."""
    for one, other in match(before, after).pairs.items():
        assert before[one].key == after[other].key or before[one].content == after[other].content


@given(before=THINGS, after=THINGS)
def test_without_what_moved_the_order_is_the_same(before: list[Thing], after: list[Thing]) -> None:
    """Things that are not said to have moved stand in one order before and after."""
    assert all(first < second for first, second in pairwise(in_order(match(before, after))))


@given(some=THINGS)
def test_a_list_is_itself(some: list[Thing]) -> None:
    """In the same list nothing is new, gone or moved."""
    matching = match(some, some)
    assert matching.pairs == {at: at for at in range(len(some))}
    assert not matching.moved


@given(before=LETTERS, after=LETTERS)
def test_equal_things_are_found(before: str, after: str) -> None:
    """As many equal things are matched as there are on both sides."""
    assert len(match(things(before), things(after)).pairs) == sum(min(before.count(one), after.count(one)) for one in "abc")


@given(before=THINGS, after=THINGS)
def test_what_moved_stood_behind_another(before: list[Thing], after: list[Thing]) -> None:
    """A thing that moved has another neighbour before it, of those that did not move: to say both is never to say the same."""
    matching = match(before, after)
    for stood, stands in matching.moves().values():
        assert stood is None or matching.pairs[stood] != stands
        assert (stood, stands) != (None, None)


def test_one_that_is_new_shifts_no_others() -> None:
    """What is put in between leaves all others as they were."""
    matching = match(things("acac"), things("abcac"))
    assert list(matching.rows()) == [(0, 0), (None, 1), (1, 2), (2, 3), (3, 4)]
    assert not matching.moved


def test_of_equal_things_the_one_with_equal_neighbours_is_meant() -> None:
    """The first of two is gone, not the second, if what stands beside says so."""
    matching = match(things("xpx"), things("px"))
    assert matching.pairs == {1: 0, 2: 1}
    assert not matching.moved


def test_as_few_as_possible_have_moved() -> None:
    """One that went from the front to the end is said to have moved, not all others."""
    matching = match(things("xabcd"), things("abcdx"))
    assert matching.moved == {0}
    assert matching.moves() == {0: (None, 3)}


def test_likeness_goes_before_place() -> None:
    """Of things of one key those that share what is rare are one, wherever they stand."""
    before = [Thing("k", 1, ("one",)), Thing("k", 2, ("two",))]
    after = [Thing("k", 3, ("two",)), Thing("k", 4, ("one",))]
    assert match(before, after).pairs == {0: 1, 1: 0}


def test_place_counts_between_what_is_the_same() -> None:
    """A thing in the place of another of its key is that, changed; at another place it is new."""
    same = Thing("s", "s")
    assert match([Thing("k", 1), same], [Thing("k", 2), same]).pairs == {0: 0, 1: 1}
    assert match([Thing("k", 1), same], [same, Thing("k", 2)]).pairs == {1: 0}
    assert match([Thing("k", 1, pairs=LIKENESS), same], [Thing("k", 2, pairs=LIKENESS), same]).pairs == {1: 1}
    assert match([Thing("k", 1, pairs=ALWAYS), same], [same, Thing("k", 2, pairs=ALWAYS)]).pairs == {0: 1, 1: 0}
