"""What a comparison gives, as plain data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import attrs

if TYPE_CHECKING:
    from hpcgen.origin import Origin

State = Literal["rebuilt", "new", "kept", "gone"]
"""What becomes of a stage: built again, built for the first time, as it was, not there any more."""


@attrs.frozen
class Change:
    """One thing that is another.

    Attributes:
        topic: what it is about: `version`, `packages`, a program such as `configure`, a field of a primitive.
        name: which of them: an option, a variable, a package; empty where there is but one.
        before: as it was, None: it was not there.
        after: as it is, None: it is not there any more.
        note: what else is to be said of it, or empty.
    """

    topic: str
    name: str = ""
    before: str | None = None
    after: str | None = None
    note: str = ""


@attrs.frozen
class Moved:
    """Another place in an order.

    Attributes:
        before: what it stood behind, empty: nothing.
        after: what it stands behind now.
    """

    before: str
    after: str


@attrs.frozen
class ItemDifference:
    """A block, or another word of the recipe, that is new, gone, changed or moved.

    Attributes:
        kind: `block`, or the primitive's word.
        name: the block's, or what tells a primitive from others: a variable, a path; may be empty.
        before: whether it was there.
        after: whether it is there.
        version: of the block, the later one.
        prefix: where the block installs, the later one, or empty.
        for_whom: the blocks that a merged installation of packages serves.
        origin: the recipe's line, the later one.
        was_at: the line where it was, where it is there no more or stood in another file or line.
        moved: its place in the stage, where it changed.
        changes: all that is said of it.
    """

    kind: str
    name: str
    before: bool
    after: bool
    version: str = ""
    prefix: str = ""
    for_whom: tuple[str, ...] = ()
    origin: Origin | None = None
    was_at: Origin | None = None
    moved: Moved | None = None
    changes: tuple[Change, ...] = ()


@attrs.frozen
class StageDifference:
    """A stage that is new, gone or another.

    Attributes:
        name: the stage's, the later one.
        before: its name before, None: it was not there.
        after: its name now, None: it is not there any more.
        moved: its place among the stages, where it changed.
        changes: of its base, distribution and architectures.
        items: what differs in it, in the order of the later graph; what is gone, where it was.
    """

    name: str
    before: str | None
    after: str | None
    moved: Moved | None = None
    changes: tuple[Change, ...] = ()
    items: tuple[ItemDifference, ...] = ()


@attrs.frozen
class Difference:
    """How two graphs differ in meaning; it is false where they do not.

    Attributes:
        stages: what is new, gone or another, in the order of the later graph.
        result: the stage that is the recipe's result, where that is another.
    """

    stages: tuple[StageDifference, ...] = ()
    result: Change | None = None

    def __bool__(self) -> bool:
        return bool(self.stages) or self.result is not None


@attrs.frozen
class Rebuild:
    """What becomes of one stage when the later graph is built after the earlier one.

    Attributes:
        stage: its name.
        of: the recipe's stage that it was split from, empty for the recipe's own.
        state: whether it is built.
        changed: whether it is another itself.
        takes_from: the stages that are built again, or for the first time, and that it takes from.
        since: the first of its items that is built again; empty: all of it is.
    """

    stage: str
    of: str
    state: State
    changed: bool = False
    takes_from: tuple[str, ...] = ()
    since: str = ""
