from __future__ import annotations

import copy
import pickle
from typing import Any

import attrs
import pytest

from hpcgen.frozen import evolve, field, frozen
from hpcgen.graph import nodes


def classes(frozen_of: Any, field_of: Any) -> tuple[type[Any], type[Any]]:
    """A base class and a class upon it, as graph nodes are."""

    @frozen_of
    class Node:
        origin: str | None = field_of(default=None, eq=False, repr=False, kw_only=True)

    @frozen_of
    class Leaf(Node):
        name: str
        words: tuple[str, ...] = ()
        pairs: dict[str, str] = field_of(factory=dict)

    return Node, Leaf


(OurNode, OurLeaf), (TheirNode, TheirLeaf) = classes(frozen, field), classes(attrs.frozen, attrs.field)

CALLS: list[tuple[tuple[Any, ...], dict[str, Any]]] = [
    (("a",), {}),
    (("a", ("b",)), {"origin": "here"}),
    ((), {"name": "a", "pairs": {"x": "y"}}),
    ((), {}),
    (("a",), {"name": "b"}),
    (("a",), {"nome": "b"}),
    (("a", (), {}, "too many"), {}),
]


def outcome(made: Any, words: tuple[Any, ...], given: dict[str, Any]) -> tuple[str, ...]:
    """What a call gives, as text: the object, its fields, and its equality to others; or the error's kind."""
    try:
        one = made(*words, **given)
    except TypeError:
        return ("TypeError",)
    return (repr(one), str(one.origin), str(one == made(*words, **given)), str(one == made("other")), str(one == evolve_of(one, origin="elsewhere")))


def evolve_of(one: Any, **changes: Any) -> Any:
    """The same object changed, by the function that belongs to its class."""
    return evolve(one, **changes) if isinstance(one, OurNode) else attrs.evolve(one, **changes)


@pytest.mark.parametrize(("words", "given"), CALLS)
def test_calls_do_what_they_do_with_attrs(words: tuple[Any, ...], given: dict[str, Any]) -> None:
    """A class made by hpcgen.frozen takes, refuses, shows and compares its fields as one made by attrs does."""
    assert outcome(OurLeaf, words, given) == outcome(TheirLeaf, words, given)


def test_defaults_made_by_a_factory_are_not_shared() -> None:
    """Two objects do not share what a factory made for them."""
    assert OurLeaf("a").pairs is not OurLeaf("a").pairs


def test_nothing_can_be_changed() -> None:
    """A field can neither be set nor deleted nor added."""
    one = OurLeaf("a")
    with pytest.raises(AttributeError, match="Leaf is frozen"):
        one.name = "b"
    with pytest.raises(AttributeError, match="Leaf is frozen"):
        del one.name
    with pytest.raises(AttributeError, match="Leaf is frozen"):
        one.other = "b"


def test_evolve_refuses_unknown_fields() -> None:
    """Changing a field that a class does not have is an error that names it."""
    with pytest.raises(TypeError, match="Leaf has no nome"):
        evolve(OurLeaf("a"), nome="b")


def test_equal_objects_have_equal_hashes() -> None:
    """Objects that differ only in what takes no part in equality are one key of a dictionary, those of two classes are two."""
    assert {nodes.Comment("a", origin=None): 1} == {nodes.Comment("a"): 1}
    assert len({nodes.Comment("a"), nodes.User("a")}) == 2


def test_objects_can_be_copied_and_pickled() -> None:
    """A copy, a deep copy and an unpickled object equal the first one."""
    one = nodes.Run(("true",), cwd="/x", mounts=(nodes.Mount("ssh"),))
    assert one == copy.copy(one) == copy.deepcopy(one) == pickle.loads(pickle.dumps(one))  # noqa: S301 (made in this line)


def test_attrs_reads_our_classes() -> None:
    """A class made by hpcgen.frozen is taken by attrs for its own: evolve, asdict and has work."""
    one = nodes.Mount("cache", "/x")
    assert attrs.evolve(one, target="/y") == nodes.Mount("cache", "/y")
    assert attrs.asdict(one)["target"] == "/x"
    assert attrs.has(type(one))


def test_fields_can_be_matched_by_place() -> None:
    """A `match` statement finds fields in the order in which they are declared."""
    match nodes.SetEnv("A", "b"):
        case nodes.SetEnv(name, value):
            assert (name, value) == ("A", "b")
