"""Stages, the graph that they form, and what must always hold of it."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from hpcgen.errors import Several, UnknownStage, WrongValue, did_you_mean
from hpcgen.frozen import field, frozen
from hpcgen.graph.nodes import BlockRef, ByArch, Copy, Node, Run, RunFrom, RuntimeOf

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from hpcgen.origin import Origin
    from hpcgen.target import Target


@frozen
class Base:
    """What a stage starts from.

    Attributes:
        image: an image, or the name of an earlier stage.
        stage: whether `image` names an earlier stage.
        bootstrap: the definition file's agent for it: `docker`, `docker-archive`, `localimage`, ...
        environment: whether the image's own environment is read in `%post`.
        archive: a file that holds the image, as `docker-archive:/debian-12.tar`, or empty.
    """

    image: str
    stage: bool = False
    bootstrap: str = "docker"
    environment: bool = True
    archive: str = ""


@frozen
class Edge:
    """One thing that a block builds upon.

    Attributes:
        at: which block: its place in its stage's `blocks`.
        block: its digest.
        why: what says so: an option, its compilers, a path in its commands.
    """

    at: int
    block: str
    why: str


@frozen
class Leavings:
    """What a block leaves for running: paths and shell patterns, in full.

    Attributes:
        take: pairs (why, pattern): programs, plug-ins that are opened by name, data. What they need is found when they are built.
        libraries: patterns of its libraries, for programs that nobody knows yet.
        left: patterns that are not taken as part of a folder.
        whole: what is taken as it is, headers and all.
        companions: pairs (library, pattern): what a library opens by name; `@/` begins a path in the library's own folder.
        host: patterns of libraries that the host brings: never taken.
        packages: the distribution's, that nothing is linked with.
        pinned: pairs (package, word): packages of which another version would not do, and the word that installs this one.
        unlaunched: variables that it needs where no client comes along by which it would start ranks on other hosts.
        tells: whether its programs are what an image is for: what they need, and no more, is then taken of libraries.
    """

    take: tuple[tuple[str, str], ...] = ()
    libraries: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    whole: tuple[str, ...] = ()
    companions: tuple[tuple[str, str], ...] = ()
    host: tuple[str, ...] = ()
    packages: tuple[str, ...] = ()
    pinned: tuple[tuple[str, str], ...] = ()
    unlaunched: tuple[tuple[str, str], ...] = ()
    tells: bool = False


@frozen
class BlockFacts:
    """What planning may know of a block that stands in a stage.

    Attributes:
        ref: which block.
        origin: where the recipe names it.
        called: what a stage that builds it alone is called.
        prefix: where it installs, or empty.
        closed: whether `upon` names all that it may find in its stage.
        upon: what it builds upon.
        foreign: paths that it names and that no block before it owns: of the base image, or of what the recipe did before.
        span: which of its stage's nodes are its own: from, and up to; as planning leaves them, before neighbours are merged.
        exports: how many of these, at their end, are what it leaves for those after it in its stage.
        prefixes: the folders that a runtime stage takes.
        files: further files, folders and patterns that it takes.
        environment: the variables that a runtime stage sets.
        packages: the distribution's packages that it needs at run time.
        leaves: what a runtime stage that is derived from it takes.
    """

    ref: BlockRef
    origin: Origin | None = field(default=None, eq=False, repr=False)
    called: str = ""
    prefix: str = ""
    closed: bool = False
    upon: tuple[Edge, ...] = ()
    foreign: tuple[str, ...] = ()
    span: tuple[int, int] = (0, 0)
    exports: int = 0
    prefixes: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    environment: tuple[Node, ...] = ()
    packages: tuple[Node, ...] = ()
    leaves: Leavings = Leavings()


@frozen
class Stage:
    """One stage: a base and what happens upon it, in order.

    Attributes:
        name: unique in its graph; lower case.
        base: what it starts from.
        target: distribution, release and architectures.
        nodes: in the recipe's order.
        blocks: facts of the blocks that `nodes` come from, in order.
        named: whether the recipe named it, so that others may refer to it.
        head: what the recipe says before the base: raw text, comments and arguments.
        of: the recipe's stage that it was split from, empty for the recipe's own.
        collects: the stage upon which it stands and out of which it gathers what is needed for running; empty for all others.
        origin: where the recipe gives its base.
    """

    name: str
    base: Base
    target: Target
    nodes: tuple[Node, ...] = ()
    blocks: tuple[BlockFacts, ...] = ()
    named: bool = True
    head: tuple[Node, ...] = ()
    of: str = field(default="", eq=False)
    collects: str = field(default="", eq=False)
    origin: Origin | None = field(default=None, eq=False, repr=False)


@frozen
class StageGraph:
    """Stages in the order in which they are built; the last one is the recipe's result.

    Raises:
        Several: a stage that is named twice, or one that needs a stage that is not there or stands later.
    """

    stages: tuple[Stage, ...]
    warnings: tuple[str, ...] = field(default=(), eq=False)

    def __attrs_post_init__(self) -> None:
        faults = list(_faults(self.stages))
        if len(faults) == 1:
            raise faults[0]
        if faults:
            raise Several(faults)

    def __getitem__(self, name: str) -> Stage:
        for stage in self.stages:
            if stage.name == name:
                return stage
        raise UnknownStage(f"stage '{name}'", help=did_you_mean(name, (stage.name for stage in self.stages)))

    def digests(self) -> dict[str, str]:
        """Stage -> digest of all that decides what it holds, the stages that it needs among it. 64 hexadecimal digits."""
        found: dict[str, str] = {}
        for stage in self.stages:
            taken = [(need, found[need]) for need, _ in needs(stage) if need in found]
            found[stage.name] = hashlib.sha256(repr((stage.base, stage.target, stage.nodes, taken)).encode("utf-8", "surrogatepass")).hexdigest()
        return found

    def edges(self) -> tuple[tuple[str, str], ...]:
        """Pairs (stage, the stage it needs), each once, in order."""
        names = {stage.name for stage in self.stages}
        pairs = ((stage.name, need) for stage in self.stages for need, _ in needs(stage) if need in names)
        return tuple(dict.fromkeys(pairs))


def line(graph: StageGraph, stage: Stage) -> tuple[Stage, ...]:
    """The stages that a stage stands on, the first one first, and itself."""
    parts = [stage]
    while parts[-1].base.stage:
        parts.append(graph[parts[-1].base.image])
    return tuple(reversed(parts))


def walk(nodes: Iterable[Node]) -> Iterator[Node]:
    """All nodes, those within a choice by architecture too."""
    for node in nodes:
        yield node
        if isinstance(node, ByArch):
            for _, inner in node.choices:
                yield from walk(inner)


def is_gathered(node: Node) -> bool:
    """Whether a node puts in place what a stage has gathered for running: a whole tree, over the root."""
    return isinstance(node, Copy) and node.tree and node.dest == "/"


def needs(stage: Stage) -> Iterator[tuple[str, Origin | None]]:
    """The stages, and named build contexts, that a stage takes from, with the recipe's line."""
    if stage.base.stage:
        yield stage.base.image, stage.origin
    for node in walk(stage.nodes):
        if isinstance(node, Copy | RuntimeOf | RunFrom) and node.stage:
            yield node.stage, node.origin
        elif isinstance(node, Run):
            yield from ((mount.stage, node.origin) for mount in node.mounts if mount.stage)


def _faults(stages: tuple[Stage, ...]) -> Iterator[UnknownStage | WrongValue]:
    """What is wrong with the order and names of stages."""
    names = [stage.name for stage in stages]
    seen: set[str] = set()
    for stage in stages:
        if stage.name in seen:
            yield WrongValue(f"two stages are named '{stage.name}'", origin=stage.origin)
        for need, origin in needs(stage):
            if need in seen or _is_image(need):
                continue
            where = "which is not there" if need not in names else "which is itself" if need == stage.name else "which stands later"
            how = "a stage can take from earlier stages alone" if need in names else did_you_mean(need, names) or _known(names)
            yield UnknownStage(f"stage '{stage.name}' takes from '{need}', {where}", origin=origin, help=how)
        seen.add(stage.name)


def _is_image(name: str) -> bool:
    """Whether a COPY source is an image and not a stage's name: it has a registry, a tag or a digest."""
    return any(mark in name for mark in ":/@")


def _known(names: list[str]) -> str:
    return f"stages: {', '.join(names)}"
