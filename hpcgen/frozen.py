"""Frozen classes as attrs makes them, without what attrs costs at every start.

`hpcgen RECIPE` is over in the time that Python needs for its imports. attrs alone is half of HPCCM's whole run, and each class that it makes, by
compiling methods that it has written as text, another half a millisecond; docs/design/speed.md has the figures. So what that command imports says
`from hpcgen.frozen import frozen`: type checkers read attrs' own names here, and what runs does the same with closures. All else uses attrs itself.

The fields stand where attrs looks for them: `attrs.evolve`, `attrs.asdict`, rich and others take these classes for attrs' own.
"""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import NoReturn

__all__ = ("evolve", "field", "frozen")

_REQUIRED: Any = object()
_put = object.__setattr__


class Field:
    """One field of a class, under attrs' names for what is known of it."""

    __slots__ = ("alias", "default", "eq", "factory", "init", "kw_only", "name", "repr")

    def __init__(self, default: Any = _REQUIRED, *, factory: Any = None, eq: bool = True, repr: bool = True, kw_only: bool = False) -> None:  # noqa: A002 (attrs' word)
        self.default = default
        self.factory = factory
        self.eq = eq
        self.repr = repr
        self.kw_only = kw_only
        self.init = True

    def named(self, name: str) -> Field:
        """The same field, which now knows its name."""
        self.name = self.alias = name
        return self


def _field(*, default: Any = _REQUIRED, factory: Any = None, eq: bool = True, repr: bool = True, kw_only: bool = False) -> Any:  # noqa: A002 (attrs' word)
    """What attrs.field does, as far as it is used here."""
    return Field(default, factory=factory, eq=eq, repr=repr, kw_only=kw_only)


def _frozen(cls: type[Any]) -> type[Any]:
    """What attrs.frozen does: fields out of annotations, those of a base class first."""
    own = {name: _declared(cls, name) for name, annotation in cls.__annotations__.items() if not str(annotation).startswith("ClassVar")}
    fields = (*(one for one in getattr(cls, "__attrs_attrs__", ()) if one.name not in own), *own.values())
    shown = tuple(one.name for one in fields if one.repr)
    methods: dict[str, Any] = {
        "__attrs_attrs__": fields,
        "__match_args__": tuple(one.name for one in fields if not one.kw_only),
        "__init__": _initializer(cls, fields),
        "__repr__": _shower(cls, shown, _values(shown)),
        "__setattr__": _refuse,
        "__delattr__": _refuse,
    }
    methods["__eq__"], methods["__hash__"] = _comparer(cls, _values(one.name for one in fields if one.eq))
    for name, method in methods.items():
        setattr(cls, name, method)
    return cls


def _declared(cls: type[Any], name: str) -> Field:
    """The field that a class declares; values are of instances alone, so the class keeps none."""
    given = cls.__dict__.get(name, _REQUIRED)
    if given is not _REQUIRED:
        delattr(cls, name)
    return (given if isinstance(given, Field) else Field(given)).named(name)


def _initializer(cls: type[Any], fields: tuple[Field, ...]) -> Callable[..., None]:
    names = frozenset(one.name for one in fields)
    positional = tuple(one.name for one in fields if not one.kw_only)
    defaults = {one.name: one.default for one in fields if one.default is not _REQUIRED}
    factories = tuple((one.name, one.factory) for one in fields if one.factory is not None)
    checks = hasattr(cls, "__attrs_post_init__")

    def __init__(self: Any, *words: Any, **given: Any) -> None:  # noqa: N807 (it becomes one)
        values = {**defaults, **given}
        values.update(zip(positional, words, strict=False))
        for name, factory in factories:
            if name not in values:
                values[name] = factory()
        if values.keys() != names or len(words) > len(positional) or (words and given and not given.keys().isdisjoint(positional[: len(words)])):
            raise _wrong_call(cls, positional[: len(words)], words, given)
        _put(self, "__dict__", values)
        if checks:
            self.__attrs_post_init__()

    return __init__


def _wrong_call(cls: type[Any], taken: tuple[str, ...], words: tuple[Any, ...], given: dict[str, Any]) -> TypeError:
    """The error for arguments that do not fit the fields."""
    known = {one.name for one in cls.__attrs_attrs__}
    needed = {one.name for one in cls.__attrs_attrs__ if one.default is _REQUIRED and one.factory is None}
    wrong = {
        "has no": given.keys() - known,
        "needs": needed - given.keys() - set(taken),
        "is given twice:": given.keys() & set(taken),
        f"is given {len(words)} values": {""},
    }
    what, whom = next((what, whom) for what, whom in wrong.items() if whom)
    return TypeError(f"{cls.__name__} {what} {', '.join(sorted(whom))}".rstrip())


def _values(names: Iterable[str]) -> Callable[[Any], tuple[Any, ...]]:
    """A function that gives the values of some fields."""
    some = tuple(names)
    if len(some) > 1:
        return attrgetter(*some)
    return lambda one: tuple(getattr(one, name) for name in some)


def _comparer(cls: type[Any], values: Callable[[Any], tuple[Any, ...]]) -> tuple[Callable[[Any, object], bool], Callable[[Any], int]]:
    """Equality and hash by the same fields."""

    def __eq__(self: Any, other: object) -> bool:  # noqa: N807
        return values(self) == values(other) if other.__class__ is self.__class__ else NotImplemented

    def __hash__(self: Any) -> int:  # noqa: N807
        return hash((cls, values(self)))

    return __eq__, __hash__


def _shower(cls: type[Any], names: tuple[str, ...], values: Callable[[Any], tuple[Any, ...]]) -> Callable[[Any], str]:
    def __repr__(self: Any) -> str:  # noqa: N807
        return f"{cls.__name__}({', '.join([f'{name}={value!r}' for name, value in zip(names, values(self), strict=True)])})"

    return __repr__


def _refuse(self: Any, name: str, *_: Any) -> NoReturn:
    raise AttributeError(f"{type(self).__name__} is frozen: {name} cannot be changed")


def _evolve(one: Any, **changes: Any) -> Any:
    """What attrs.evolve does: the same with some fields changed."""
    cls = one.__class__
    fields = {field.name: one.__dict__[field.name] for field in cls.__attrs_attrs__}
    if not changes.keys() <= fields.keys():
        raise TypeError(f"{cls.__name__} has no {', '.join(sorted(changes.keys() - fields.keys()))}")
    made = object.__new__(cls)
    fields.update(changes)
    _put(made, "__dict__", fields)
    if hasattr(cls, "__attrs_post_init__"):
        made.__attrs_post_init__()
    return made


if TYPE_CHECKING:
    from attrs import evolve, field, frozen
else:
    evolve, field, frozen = _evolve, _field, _frozen
