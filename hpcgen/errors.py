"""What can go wrong, said as kind, sentence, recipe line and help.

Each error knows its exit status: 1 the recipe fails a check, 2 usage, 3 an input or engine cannot be reached, 5 our bug.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from hpcgen.origin import Origin


class HpcgenError(Exception):
    """The base of all errors that hpcgen raises on purpose.

    Attributes:
        sentence: what is wrong, without the kind.
        origin: the recipe's line, or None while nobody knows it yet.
        help: what to do about it, or empty.
    """

    kind: ClassVar[str] = "error"
    status: ClassVar[int] = 1

    def __init__(self, sentence: str, *, origin: Origin | None = None, help: str = "") -> None:  # noqa: A002 (the word shown)
        super().__init__(sentence)
        self.sentence = sentence
        self.origin = origin
        self.help = help

    def at(self, origin: Origin | None) -> HpcgenError:
        """The same error, placed at `origin` unless it already has a place."""
        if self.origin is None:
            self.origin = origin
        return self

    def __str__(self) -> str:
        place = f"{self.origin}: " if self.origin else ""
        return f"{place}{self.kind}: {self.sentence}"


class UsageError(HpcgenError):
    """The command line or a library call is off."""

    kind = "usage"
    status = 2


class Unreachable(HpcgenError):
    """A file, an engine or a server cannot be reached."""

    kind = "cannot be reached"
    status = 3


class InternalError(HpcgenError):
    """A bug of hpcgen."""

    kind = "bug in hpcgen"
    status = 5


class RecipeError(HpcgenError):
    """A recipe says something that cannot be."""

    kind = "recipe"


class RecipeRaised(RecipeError):
    """The recipe's own code raised."""

    kind = "recipe raised"


class UnknownName(RecipeError):
    """A recipe uses a name that is neither Python's, nor a primitive's, nor a block's."""

    kind = "unknown name"


class UnknownOption(RecipeError):
    """A block or primitive has no such option."""

    kind = "unknown option"


class WrongValue(RecipeError):
    """An option has a value of the wrong type or outside what it takes."""

    kind = "wrong value"


class UnknownVersion(RecipeError):
    """A version whose sha256 the block does not know."""

    kind = "unknown version"


class UnknownTarget(RecipeError):
    """A distribution, release or architecture that hpcgen does not know."""

    kind = "unknown target"


class UnknownStage(RecipeError):
    """A stage that is not there, or stands later."""

    kind = "unknown stage"


class Conflict(RecipeError):
    """Choices that cannot work together."""

    kind = "conflict"


class NotAccepted(RecipeError):
    """A licence that must be accepted, and was not."""

    kind = "licence"


class Cycle(RecipeError):
    """Recipes that include each other."""

    kind = "cycle"


class Unwritable(RecipeError):
    """A value that a format cannot carry."""

    kind = "cannot be written"


class Unsupported(RecipeError):
    """A node that a format or dialect has no word for."""

    kind = "not supported"


class BrokenBlock(HpcgenError):
    """A block's own file is wrong, or a third party's cannot be imported."""

    kind = "broken block"


class Several(HpcgenError):
    """Faults of one recipe, reported together.

    Attributes:
        errors: the faults in the order in which they were met, at least one.
    """

    kind = "errors"

    def __init__(self, errors: Iterable[HpcgenError]) -> None:
        self.errors: Sequence[HpcgenError] = tuple(errors)
        super().__init__(f"{len(self.errors)} errors")

    def __str__(self) -> str:
        return "\n".join(str(error) for error in self.errors)


def each(error: HpcgenError) -> Sequence[HpcgenError]:
    """The single faults of an error."""
    return error.errors if isinstance(error, Several) else (error,)


def show(error: HpcgenError) -> str:
    """An error as a person reads it: kind and sentence, place, excerpt, help. Ends without a newline."""
    return "\n\n".join(_show_one(one) for one in each(error))


def _show_one(error: HpcgenError) -> str:
    lines = [f"{error.kind}: {error.sentence}"]
    if error.origin is not None:
        lines.append(f"  {error.origin}")
        excerpt = error.origin.excerpt()
        if excerpt:
            lines.append(f"  {error.origin.line:>5} | {excerpt}")
    lines += [f"  {line}" for line in error.help.splitlines()]
    return "\n".join(lines)


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A help line naming the nearest known word, empty where none is near."""
    from difflib import get_close_matches

    near = get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f"did you mean '{near[0]}'?" if near else ""
