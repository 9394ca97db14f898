"""Turns a recipe's stages into the stage graph: bases and targets are settled, partners found, blocks become nodes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hpcgen.block.before import Before
from hpcgen.block.block import Block, expand
from hpcgen.block.place import Place
from hpcgen.errors import HpcgenError, RecipeError, Several, UnknownStage, Unsupported, did_you_mean, each
from hpcgen.frozen import evolve
from hpcgen.graph.nodes import AddRepository, Arg, ByArch, Comment, Copy, Fetch, Git, Install, Node, Raw, Run, WriteFile
from hpcgen.graph.stages import Base, BlockFacts, Stage, StageGraph
from hpcgen.loading.loader import read_beside
from hpcgen.loading.primitives import allow, baseimage
from hpcgen.loading.stage import RuntimeRequest, Text
from hpcgen.target import Target, architecture, architecture_of_image, architectures, named, of_image

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

    from hpcgen.block.item import Item
    from hpcgen.loading.recipe import Loaded
    from hpcgen.loading.stage import Stage as Written
    from hpcgen.planning.rules import Exemptions

    Watch = Callable[[str, Block, Sequence[tuple[Place, tuple[Node, ...]]]], None]

SHELL_LIKE = (Install, AddRepository, Fetch, Git, Run, WriteFile)
"""The nodes that may differ by architecture: each becomes shell code, which can ask for the architecture."""

HEAD = (Arg, Comment, Raw)
"""The nodes that may stand before a stage's base."""

DEFAULT_ARCHITECTURE = "x86_64"
SCRATCH = "scratch"


def expand_recipe(loaded: Loaded, exemptions: Exemptions, watch: Watch | None = None) -> StageGraph:
    """The graph of a recipe as it stands, before any pass.

    Args:
        loaded: the recipe.
        exemptions: the rules that may be broken.
        watch: is shown each block of each stage, with its nodes at its place for each architecture, before the next one is looked at.

    Raises:
        HpcgenError: one fault, or `Several` reported together.
    """
    written = loaded.stages[:1] if loaded.request.single_stage else loaded.stages
    work = _Work(loaded, _names(written), exemptions, watch)
    for index, stage in enumerate(written):
        try:
            work.add(work.stage(index, stage))
        except HpcgenError as fault:
            work.faults += each(fault)
    if work.faults:
        work.faults += exemptions.unknown()
        raise work.faults[0] if len(work.faults) == 1 else Several(work.faults)
    return StageGraph(tuple(work.stages), warnings=tuple(dict.fromkeys(work.warnings)))


def _names(written: Sequence[Written]) -> tuple[str, ...]:
    """A name for each stage: the recipe's, else its place."""
    names = []
    for index, stage in enumerate(written):
        base = stage.base
        names.append(stage.name or (base.stage_name if base else "") or f"stage{index}")
    return tuple(names)


class _Work:
    """What is known while stages are expanded one after the other."""

    def __init__(self, loaded: Loaded, names: tuple[str, ...], exemptions: Exemptions, watch: Watch | None) -> None:
        self.loaded = loaded
        self.names = names
        self.exemptions = exemptions
        self.watch = watch
        self.stages: list[Stage] = []
        self.by_name: dict[str, Stage] = {}
        self.faults: list[HpcgenError] = []
        self.warnings: list[str] = []
        self.blocks: dict[str, Before] = {}
        """Stage -> the blocks in it, those of its base stage too."""
        self.digests: dict[str, list[str]] = {}
        self.images: dict[str, str] = {}
        """Stage -> the image that it starts from, by whatever stages."""

    def add(self, stage: Stage) -> None:
        """Makes a stage known to those after it; of two of one name the first counts, until the graph refuses them."""
        self.stages.append(stage)
        self.by_name.setdefault(stage.name, stage)

    def stage(self, index: int, written: Written) -> Stage:
        """One stage of the graph."""
        base = written.base
        if base is None:
            how = "add baseimage(image='debian:12') at its top"
            raise RecipeError(f"stage '{self.names[index]}' has no base image", origin=written.origin, help=how)
        name = self.names[index]
        inherited = self.by_name.get(base.image)
        target = self._target(base, inherited)
        self._check_cpu(base, target)
        self.blocks[name] = Before(self.blocks[inherited.name].blocks if inherited else ())
        self.digests[name] = list(self.digests[inherited.name]) if inherited else []
        self.exemptions.begin(name, inherited.name if inherited else "")
        self.images[name] = self.images[inherited.name] if inherited else base.image
        first = written.items.index(base)
        nodes, facts, early = self._items(name, written.items, first, target)
        return Stage(
            name,
            self._base(base, inherited),
            target,
            nodes,
            (inherited.blocks if inherited else ()) + facts,
            named=bool(written.name or base.stage_name),
            head=early,
            origin=base.origin,
        )

    def _check_cpu(self, base: baseimage, target: Target) -> None:
        """Raises for a CPU target that is none of the stage's, also where nothing is compiled in it."""
        if self.loaded.request.cpu_target:
            from hpcgen.block.cpu import target as checked

            for one in target.architectures:
                try:
                    checked(self.loaded.request.cpu_target, one)
                except HpcgenError as fault:
                    raise fault.at(base.origin) from None

    def _base(self, base: baseimage, inherited: Stage | None) -> Base:
        """What a stage starts from, by the base map."""
        if inherited is not None:
            return Base(base.image, stage=True, environment=base.docker_env)
        place = mapped(base.image, self.loaded.request.bases)
        if is_archive(place):
            return Base(base.image, bootstrap=base.bootstrap, environment=base.docker_env, archive=place)
        return Base(place, bootstrap=base.bootstrap, environment=base.docker_env)

    def _target(self, base: baseimage, inherited: Stage | None) -> Target:
        """Distribution by name, by the stage it stands on, or by the image's name; architectures by request, recipe, or image."""
        try:
            if base.distro:
                distribution, release = named(base.distro)
            elif inherited is not None:
                distribution, release = inherited.target.distribution, inherited.target.release
            elif base.image == SCRATCH and self.stages:
                distribution, release = self.stages[0].target.distribution, self.stages[0].target.release
            else:
                distribution, release = of_image(base.image)
            return Target(distribution, release, self._architectures(base, inherited))
        except HpcgenError as fault:
            raise fault.at(base.origin) from None

    def _architectures(self, base: baseimage, inherited: Stage | None) -> tuple[str, ...]:
        asked = architectures(self.loaded.request.architectures)
        if asked:
            return asked
        if base.architectures:
            return architectures(base.architectures)
        if inherited is not None:
            return inherited.target.architectures
        told = architecture_of_image(base.image)
        return (architecture(told) if told else self.stages[0].target.architectures[0] if self.stages else DEFAULT_ARCHITECTURE,)

    def _items(
        self, name: str, items: Sequence[Any], first: int, target: Target
    ) -> tuple[tuple[Node, ...], tuple[BlockFacts, ...], tuple[Node, ...]]:
        """The nodes of a stage's items, the facts of its blocks, and what stands before its base; faults of single items are collected."""
        nodes: list[Node] = []
        facts: list[BlockFacts] = []
        head: list[Node] = []
        for at, item in enumerate(items):
            try:
                if isinstance(item, Block):
                    made, known = self._block(name, item, target)
                    facts.append(evolve(known, span=(len(nodes), len(nodes) + len(made))))
                    nodes += made
                elif isinstance(item, allow):
                    self.exemptions.add(name, item)
                elif not isinstance(item, baseimage):
                    for node in self._item(item, target):
                        (head if at < first and isinstance(node, HEAD) else nodes).append(node)
            except HpcgenError as fault:
                where = getattr(item, "origin", None)
                self.faults += [one.at(where) for one in each(fault)]
        return tuple(nodes), tuple(facts), tuple(head)

    def _item(self, item: Any, target: Target) -> tuple[Node, ...]:
        """The nodes of an item that is no block."""
        if isinstance(item, Text):
            return (item.node,)
        return (self._runtime(item),) if isinstance(item, RuntimeRequest) else self._primitive(item, target)

    def _place(self, target: Target, name: str = "") -> Place:
        return Place(
            target,
            before=self.blocks.get(name) or Before(),
            cpu_target=self.loaded.request.cpu_target,
            read=lambda file: read_beside(self.loaded.folder, file),
            warn=self.warnings.append,
            allowed=self.exemptions.of(name),
            image=self.images.get(name, ""),
        )

    def _block(self, stage: str, block: Block, target: Target) -> tuple[tuple[Node, ...], BlockFacts]:
        """A block's nodes, once an architecture, put together; and what planning may know of it."""
        places = [self._place(target.on(one), stage) for one in target.architectures]
        expanded = [expand(block, place) for place in places]
        first = expanded[0][0]
        nodes = together(target.architectures, [nodes for _, nodes in expanded], block)
        facts = block.facts(places[0], first, nodes, self.digests[stage])
        if self.watch is not None:
            self.watch(stage, block, tuple((place, nodes) for place, (_, nodes) in zip(places, expanded, strict=True)))
        self.blocks[stage].add(block)
        self.digests[stage].append(first.digest)
        return nodes, facts

    def _primitive(self, item: Item, target: Target) -> tuple[Node, ...]:
        place = self._place(target.on(target.architectures[0]))
        return tuple(self._with_stage(evolve(node, origin=item.origin)) for node in item.nodes(place))

    def _with_stage(self, node: Node) -> Node:
        """Stages named by their place, as `_from='0'`, by their name."""
        if isinstance(node, Copy) and node.stage:
            return evolve(node, stage=self._resolved(node.stage))
        if isinstance(node, Run) and any(mount.stage for mount in node.mounts):
            return evolve(node, mounts=tuple(evolve(mount, stage=self._resolved(mount.stage)) for mount in node.mounts))
        return node

    def _resolved(self, name: str) -> str:
        return self.names[int(name)] if name.isdigit() and int(name) < len(self.names) else name

    def _runtime(self, request: RuntimeRequest) -> Node:
        """A RuntimeOf that names its stage."""
        named_stage = self._resolved(request.name) if request.name else self._name_of(request)
        if named_stage not in self.names:
            near = did_you_mean(named_stage, self.names)
            raise UnknownStage(f"runtime of stage '{named_stage}', which is not there", origin=request.origin, help=near)
        return evolve(request.node, stage=named_stage)

    def _name_of(self, request: RuntimeRequest) -> str:
        for name, written in zip(self.names, self.loaded.stages, strict=False):
            if written is request.stage:
                return name
        raise UnknownStage("runtime of a stage that is empty", origin=request.origin)


def is_archive(place: str) -> bool:
    """Whether a base map's entry is a file: `docker-archive:/x.tar`, `oci-archive:`, `localimage:`."""
    return place.partition(":")[0] in ("docker-archive", "oci-archive", "oci", "localimage")


def mapped(image: str, pairs: Mapping[str, str]) -> str:
    """An image by the base map: an exact name first, then the longest registry or path in front of a name."""
    full = _in_full(image)
    for name, other in pairs.items():
        if name == image or _in_full(name) == full:
            return other
    for prefix, other in sorted(pairs.items(), key=lambda pair: -len(pair[0])):
        folder = f"{prefix.rstrip('/')}/"
        for name in (image, full):
            if name.startswith(folder) and not is_archive(other):
                return f"{other.rstrip('/')}/{name[len(folder) :]}"
    return image


def _in_full(image: str) -> str:
    """An image's name with its registry, Docker's own where it names none."""
    first, slash, _ = image.partition("/")
    if not slash:
        return f"docker.io/library/{image}"
    return image if "." in first or ":" in first or first == "localhost" else f"docker.io/{image}"


def together(names: tuple[str, ...], choices: Sequence[tuple[Node, ...]], block: Block) -> tuple[Node, ...]:
    """The nodes of several architectures as one list: what is equal once, what differs as a choice."""
    first = choices[0]
    if all(nodes == first for nodes in choices[1:]):
        return first
    start = _common(choices, lambda nodes, at: nodes[at])
    rest = [nodes[start:] for nodes in choices]
    end = _common(rest, lambda nodes, at: nodes[-1 - at])
    middle = [nodes[: len(nodes) - end] for nodes in rest]
    if len({len(nodes) for nodes in middle}) == 1:
        mixed = tuple(_choice(names, column, block) for column in zip(*middle, strict=True))
    else:
        mixed = (_by_arch(names, middle, block),)
    return (*first[:start], *mixed, *first[len(first) - end :])


def _common(choices: Sequence[tuple[Node, ...]], pick: Callable[[tuple[Node, ...], int], Node]) -> int:
    """How many nodes all choices share at one end."""
    at = 0
    while all(at < len(nodes) for nodes in choices) and all(pick(nodes, at) == pick(choices[0], at) for nodes in choices):
        at += 1
    return at


def _choice(names: tuple[str, ...], column: tuple[Node, ...], block: Block) -> Node:
    if all(node == column[0] for node in column):
        return column[0]
    return _by_arch(names, [(node,) for node in column], block)


def _by_arch(names: tuple[str, ...], choices: Sequence[tuple[Node, ...]], block: Block) -> ByArch:
    """A choice by architecture; what is not shell code cannot be one."""
    for nodes in choices:
        for node in nodes:
            if not isinstance(node, (*SHELL_LIKE, Comment)):
                raise Unsupported(
                    f"{block.name}: {type(node).__name__} differs between {' and '.join(names)}",
                    origin=block.origin,
                    help="write one file for each architecture: --arch x86_64, --arch aarch64",
                )
    marks = next(node for nodes in choices for node in nodes)
    return ByArch(tuple(zip(names, choices, strict=True)), origin=marks.origin, block=marks.block)
