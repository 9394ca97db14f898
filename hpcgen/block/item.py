"""The machinery that blocks and primitives share: options, checked with the recipe's line at hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from hpcgen.block.options import REQUIRED, Option, kind_of
from hpcgen.errors import BrokenBlock, HpcgenError, Several, UnknownOption, WrongValue, did_you_mean
from hpcgen.frozen import evolve
from hpcgen.origin import here

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hpcgen.block.place import Place
    from hpcgen.graph.nodes import Node
    from hpcgen.origin import Origin


class Item:
    """Something that a recipe puts into a stage.

    A subclass declares its options as annotated class attributes made by `option(...)` or `partner(...)`; an instance has their values as attributes
    and is not changed after it is made. Editors get the constructor's signature from the generated stubs: see scripts/reference.
    """

    options: ClassVar[dict[str, Option]] = {}
    what: ClassVar[str] = "item"
    positional: ClassVar[str] = ""
    """The option that may be given without its name."""

    origin: Origin

    def __init_subclass__(cls, **words: Any) -> None:
        super().__init_subclass__(**words)
        own = cls.__dict__
        options: dict[str, Option] = {}
        for base in reversed(cls.__mro__[1:]):
            options.update(vars(base).get("options", {}))
        for name, annotation in cls.__annotations__.items():
            declared = own.get(name)
            if isinstance(declared, Option):
                kind = declared.kind if declared.kind != "Anything" else kind_of(annotation)
                options[name] = evolve(declared, name=name, kind=kind)
                setattr(cls, name, declared.default)
            elif name in options and not str(annotation).startswith("ClassVar"):
                raise BrokenBlock(f"{cls.__name__}.{name} is annotated, but is not made by option() or partner()")
        cls.options = options
        cls._names = {alias: name for name, one in options.items() for alias in (name, *one.aliases)}

    _names: ClassVar[dict[str, str]] = {}

    def __init__(self, *words: Any, **given: Any) -> None:
        self.origin = here()
        faults: list[HpcgenError] = []
        if words:
            given = self._with_positional(words, given)
        self.given = frozenset(self._names.get(name, name) for name in given)
        for name, value in given.items():
            try:
                self._take(name, value)
            except HpcgenError as fault:
                faults.append(fault.at(self.origin))
        if not any(isinstance(fault, UnknownOption) for fault in faults):  # which may be the misspelt name of what is missing
            faults += self._missing()
        if not faults:
            try:
                self.validate()
            except HpcgenError as fault:
                faults.append(fault.at(self.origin))
        if faults:
            raise faults[0] if len(faults) == 1 else Several(faults)

    def _missing(self) -> Iterator[WrongValue]:
        """A fault for each option that must be given and is not."""
        for name, one in self.options.items():
            if one.default is REQUIRED and name not in self.given:
                yield WrongValue(f"{self.what} '{type(self).__name__}' needs {name}", origin=self.origin, help=one.help)

    def validate(self) -> None:
        """Raises what is wrong with the options taken together."""

    def nodes(self, place: Place) -> Iterator[Node]:
        """What it means at its place in a stage."""
        raise NotImplementedError(type(self).__name__)

    def unknown(self, name: str, value: Any) -> bool:
        """Takes an option that is not declared; gives False if it is not one."""
        return False

    def _with_positional(self, words: tuple[Any, ...], given: dict[str, Any]) -> dict[str, Any]:
        only, *more = words
        if not self.positional or more:
            raise WrongValue(f"{self.what} '{type(self).__name__}' takes its options by name", origin=self.origin)
        return {self.positional: only, **given}

    def _take(self, name: str, value: Any) -> None:
        """Checks one option and keeps its value."""
        known = self._names.get(name)
        if known is not None:
            setattr(self, known, self.options[known].checked(value))
        elif not self.unknown(name, value):
            words = f"{self.what} '{type(self).__name__}' has no option '{name}'"
            raise UnknownOption(words, help=did_you_mean(name, self._names) or f"it has: {', '.join(sorted(self.options))}")
