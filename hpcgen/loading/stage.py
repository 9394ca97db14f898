"""The stage that a recipe writes to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Union

from hpcgen.block.item import Item
from hpcgen.errors import WrongValue
from hpcgen.frozen import frozen
from hpcgen.graph.nodes import Raw, RuntimeOf
from hpcgen.loading.primitives import baseimage
from hpcgen.origin import here

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Self

    from hpcgen.origin import Origin


@frozen
class RuntimeRequest:
    """What `Stage.runtime()` stands for until planning: of the whole recipe, not of the moment.

    Attributes:
        stage: the stage that it is the runtime of.
        name: the name that the recipe gives for it, or empty.
        node: how it is chosen, and what comes along.
    """

    stage: Stage
    name: str
    node: RuntimeOf

    @property
    def origin(self) -> Origin:
        """The recipe's line."""
        assert self.node.origin is not None
        return self.node.origin


@frozen
class Text:
    """Words that the recipe adds as they are."""

    node: Raw


KINDS = {"prefixes": "prefix"}
"""Other words for kinds of runtime."""


def _check_runtime(where: Origin, exclude: Any, *, kind: str, libraries: str, launch: str, shell: bool, labels: dict[str, str]) -> None:
    """Raises for values that mean nothing."""
    known = {
        "kind": (kind, ("packages", "files", "scratch", "prefix", *KINDS)),
        "libraries": (libraries, ("needed", "all", "")),
        "launch": (launch, ("ssh", "")),
    }
    for name, (value, values) in known.items():
        if value not in values:
            words = ", ".join(repr(one) for one in values if one and one not in KINDS)
            raise WrongValue(f"runtime({name}={value!r})", origin=where, help=f"{name} is {words}")
    if isinstance(exclude, str) or not all(isinstance(name, str) for name in exclude):
        raise WrongValue(f"runtime(exclude={exclude!r})", origin=where, help="exclude takes a list of blocks' names")
    if shell and kind != "scratch":
        raise WrongValue(f"runtime(kind={kind!r}, shell=True)", origin=where, help="only upon scratch there is none: kind='scratch'")
    for name, value in labels.items():
        if not isinstance(value, str):
            raise WrongValue(f"runtime({name}={value!r})", origin=where, help=f"{name} takes a string")


Base = baseimage
"""The primitive, where Stage's method of that name is in its way."""

Addable = Union[Item, RuntimeRequest, str, "Stage", "Sequence[Addable]"]


class Stage:
    """A stage of a recipe: `Stage0 += block`, a primitive, a list of them, a string, another stage.

    Attributes:
        name: how other stages refer to it; set by `baseimage(name=...)` or here.
    """

    def __init__(self, name: str = "", *, in_use: list[Stage] | None = None) -> None:
        self.name = name
        self._in_use = in_use
        self._is_used = False
        self.items: list[Item | RuntimeRequest | Text] = []
        self.origin = here()

    def __iadd__(self, thing: Addable) -> Self:
        self._note_use()
        self._add(thing, here())
        return self

    def __len__(self) -> int:
        return len(self.items)

    def __repr__(self) -> str:
        return f"<Stage {self.name or 'without a name'}: {len(self.items)} items>"

    def baseimage(self, image: str, **options: Any) -> None:
        """Sets what the stage starts from, whatever stands in it already."""
        self._note_use()
        self.items.insert(0, baseimage(image=image, **options))

    def runtime(
        self,
        _from: str | None = None,
        *,
        exclude: Sequence[str] = (),
        kind: str = "packages",
        libraries: str = "",
        launch: str = "",
        shell: bool = False,
        debug: bool = False,
        title: str = "",
        version: str = "",
        revision: str = "",
    ) -> RuntimeRequest:
        """What this stage's blocks leave for running, to be added to a later stage.

        Args:
            _from: the stage that holds them; this one if not given.
            exclude: names of blocks whose own files are left out; what others need of them stays.
            kind: `packages`: what is needed, libraries of the distribution by their packages; `files`: all of it as files; `scratch`: the same upon
                nothing, with loader and libc; `prefix`: whole installation folders and listed packages.
            libraries: `needed`, or `all` that the blocks install; by whether the result has a program that tells, if not given.
            launch: `ssh`: an ssh client too, by which mpirun within the container starts ranks on other hosts.
            shell: upon scratch: a shell too.
            debug: keep what stripping takes away in a stage of its own, STAGE-debug.
            title: what the image is called, in its labels; the recipe's name if not given.
            version: of what is in it, for its labels.
            revision: of its sources, for its labels.
        """
        where = here()
        labels = {"title": title, "version": version, "revision": revision}
        _check_runtime(where, exclude, kind=kind, libraries=libraries, launch=launch, shell=shell, labels=labels)
        given = tuple((name, value) for name, value in labels.items() if value)
        node = RuntimeOf(
            "",
            KINDS.get(kind, kind),
            tuple(exclude),
            shell=shell,
            launch=launch,
            libraries=libraries,
            debug=debug,
            labels=given,
            origin=where,
        )
        return RuntimeRequest(self, _from or "", node)

    @property
    def base(self) -> Base | None:
        """The primitive that says what it starts from, None where the recipe gave none."""
        return next((item for item in self.items if isinstance(item, baseimage)), None)

    def _note_use(self) -> None:
        """The first use of a stage gives its place in the recipe, and is where errors point to: the recipe did not make Stage0 itself."""
        if self._in_use is not None and not self._is_used:
            self._is_used = True
            self.origin = here()
            self._in_use.append(self)

    def _add(self, thing: Addable, where: Origin) -> None:
        if isinstance(thing, Item | RuntimeRequest):
            self.items.append(thing)
        elif isinstance(thing, str):
            self.items.append(Text(Raw("any", thing, origin=where)))
        elif isinstance(thing, Stage):
            self.items.extend(thing.items)
        elif isinstance(thing, list | tuple):
            for one in thing:
                self._add(one, where)
        else:
            shown = f"the class {thing.__name__}" if isinstance(thing, type) else f"a value of type {type(thing).__name__}"
            hint = f"call it: {thing.__name__}(...)" if isinstance(thing, type) else "a stage takes blocks, primitives, lists, strings and stages"
            raise WrongValue(f"{shown} cannot be added to a stage", origin=where, help=hint)
