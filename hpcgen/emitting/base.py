"""What all emitters share: each node kind is handled or refused, never passed over."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from hpcgen.errors import HpcgenError, InternalError, Several, Unsupported, each
from hpcgen.frozen import frozen
from hpcgen.graph import nodes as graph
from hpcgen.graph.stages import is_gathered

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from hpcgen.graph.nodes import Node
    from hpcgen.graph.stages import StageGraph

KINDS: tuple[type[Node], ...] = tuple(
    kind for kind in vars(graph).values() if isinstance(kind, type) and issubclass(kind, graph.Node) and kind is not graph.Node
)
"""All kinds of node."""


@frozen
class Rendered:
    """A graph as text.

    Attributes:
        text: the file, ends with a newline.
        warnings: sentences for the user, each once.
        format: `docker`, `singularity` or `bash`.
        file: the file's usual name.
    """

    text: str
    warnings: tuple[str, ...] = ()
    format: str = "docker"
    file: str = "Dockerfile"


class Emitter:
    """A writer of one format.

    A subclass has a method `on_<kind in lower case>` for a node kind, or names the kind in `unsupported` with the reason; one that does neither for
    some kind cannot be created.
    """

    format: ClassVar[str] = ""
    unsupported: ClassVar[dict[type[Node], str]] = {}

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        missing = [kind.__name__ for kind in KINDS if not hasattr(cls, method(kind)) and kind not in cls.unsupported]
        if missing:
            raise InternalError(f"{cls.__name__} neither handles nor refuses {', '.join(missing)}")

    def __init__(self) -> None:
        self.warnings: list[str] = []
        self.faults: list[HpcgenError] = []

    def emit(self, graph: StageGraph) -> Rendered:
        """The graph as text."""
        raise NotImplementedError

    def write(self, node: Node) -> Iterable[str]:
        """The lines of one node; a refusal is noted with the recipe's line, so that several are reported together."""
        refusal = self.unsupported.get(type(node))
        try:
            if refusal is not None:
                raise Unsupported(f"{self.format}: {type(node).__name__}: {refusal}")
            handle: Callable[[Node], Iterator[str]] = getattr(self, method(type(node)))
            return list(handle(node))
        except HpcgenError as fault:
            self.faults += [one.at(node.origin) for one in each(fault)]
            return ()

    def finish(self) -> None:
        """Raises the faults that were noted."""
        if self.faults:
            raise self.faults[0] if len(self.faults) == 1 else Several(self.faults)


def method(kind: type[Node]) -> str:
    """The name of the method that writes a kind of node."""
    return f"on_{kind.__name__.lower()}"


_WORDS: dict[type[Node], str] = {
    graph.Run: "shell",
    graph.RunFrom: "runtime",
    graph.WriteFile: "write_file",
    graph.SetEnv: "environment",
    graph.PrependPath: "environment",
    graph.AddRepository: "repository",
    graph.Install: "packages",
}


def word_of(node: Node) -> str:
    """The recipe's word for a node."""
    return "runtime" if is_gathered(node) else _WORDS.get(type(node), type(node).__name__.lower())


def said(group: Sequence[Node]) -> str:
    """What nodes that are written together are: which block, where in the recipe."""
    first = group[0]
    if isinstance(first, graph.Install) and first.shared:
        whom = dict.fromkeys(f"{block or 'recipe'} ({origin})" for block, origin in first.shared)
        return f"packages for {', '.join(whom)}"
    what = str(first.block) if first.block else word_of(first)
    return f"{what} ({first.origin})" if first.origin else what
