"""What a picture shows: a stage graph as boxes and links, whatever it is drawn as."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import attrs

from hpcgen.graph.nodes import Copy, Install, Run, RunFrom, RuntimeOf
from hpcgen.graph.stages import is_gathered, walk

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from hpcgen.drawing.critical import StageTime, Timing
    from hpcgen.graph.nodes import BlockRef
    from hpcgen.graph.stages import Stage, StageGraph

Kind = Literal["base", "copy", "mount"]
Role = Literal["builder", "stage", "result"]


@attrs.frozen
class Link:
    """What a stage has from elsewhere.

    Attributes:
        source: a stage; where it is none, an image or a named build context; empty for the build context itself.
        stage: the stage that gets it.
        kind: `base`, what it stands upon; `copy`; `mount`, what it only sees while building.
        paths: which files, all of them for a base.
        critical: whether the critical path goes along it.
    """

    source: str
    stage: str
    kind: Kind
    paths: tuple[str, ...] = ()
    critical: bool = False


@attrs.frozen
class Box:
    """One stage.

    Attributes:
        name: of the stage.
        role: `builder` was split from a stage of the recipe, `stage` is the recipe's own, `result` its last one.
        image: the image that it starts from, or empty.
        base: the stage that it stands upon, or empty.
        target: distribution and release.
        of: the recipe's stage that a builder was split from, or empty.
        origin: the recipe's line, or empty.
        blocks: those that it builds or installs itself.
        packages: the distribution's packages that it installs itself.
        takes: what it gets from elsewhere, its base left out, in order.
        time: what it took, where that is known.
    """

    name: str
    role: Role
    image: str = ""
    base: str = ""
    target: str = ""
    of: str = ""
    origin: str = ""
    blocks: tuple[BlockRef, ...] = ()
    packages: tuple[str, ...] = ()
    takes: tuple[Link, ...] = ()
    time: StageTime | None = None


@attrs.frozen
class Picture:
    """A whole graph.

    Attributes:
        name: of the recipe.
        boxes: in build order; the last one is the result.
        links: between boxes, in order.
        timing: what the build took, where that is known.
    """

    name: str
    boxes: tuple[Box, ...]
    links: tuple[Link, ...]
    timing: Timing | None = None


def picture(graph: StageGraph, name: str = "", timing: Timing | None = None) -> Picture:
    """The picture of a graph."""
    names = {stage.name for stage in graph.stages}
    stages = {stage.name: stage for stage in graph.stages}
    hops = timing.hops if timing else frozenset()
    boxes, links = [], []
    for stage in graph.stages:
        found = [attrs.evolve(one, critical=(one.source, stage.name) in hops) for one in _links(stage)]
        role: Role = "result" if stage is graph.stages[-1] else "builder" if stage.of else "stage"
        boxes.append(
            Box(
                stage.name,
                role,
                image="" if stage.base.stage else stage.base.image,
                base=stage.base.image if stage.base.stage else "",
                target=stage.target.name,
                of=stage.of,
                origin=str(stage.origin or ""),
                blocks=_blocks(stage, stages),
                packages=_packages(stage),
                takes=tuple(one for one in found if one.kind != "base"),
                time=timing.stages[stage.name] if timing else None,
            )
        )
        links += [one for one in found if one.source in names]
    return Picture(name, tuple(boxes), tuple(links), timing)


def _blocks(stage: Stage, stages: Mapping[str, Stage]) -> tuple[BlockRef, ...]:
    """The blocks of a stage, without those of the stage that it stands upon, which it lists first."""
    inherited = stages[stage.base.image].blocks if stage.base.stage else ()
    own = stage.blocks[len(inherited) :] if stage.blocks[: len(inherited)] == inherited else stage.blocks
    return tuple(dict.fromkeys(facts.ref for facts in own))


def _packages(stage: Stage) -> tuple[str, ...]:
    installed = (node for node in walk(stage.nodes) if isinstance(node, Install) and not node.download)
    return tuple(sorted({name for node in installed for name in node.packages}))


def _links(stage: Stage) -> Iterator[Link]:
    """What a stage has from elsewhere; what comes from one place in one way stands together."""
    found: dict[tuple[Kind, str], dict[str, None]] = {}
    for kind, source, paths in _taken(stage):
        found.setdefault((kind, source), {}).update(dict.fromkeys(paths))
    return (Link(source, stage.name, kind, tuple(paths)) for (kind, source), paths in found.items())


def _taken(stage: Stage) -> Iterator[tuple[Kind, str, tuple[str, ...]]]:
    if stage.base.stage:
        yield "base", stage.base.image, ()
    for node in walk(stage.nodes):
        if is_gathered(node) or isinstance(node, RunFrom):
            yield "copy", getattr(node, "stage", ""), ("what is needed to run",)
        elif isinstance(node, Copy):
            yield "copy", node.stage, node.sources
        elif isinstance(node, RuntimeOf):
            yield "copy", node.stage, ()
        elif isinstance(node, Run):
            for mount in node.mounts:
                if mount.kind == "bind":
                    yield "mount", mount.stage, (mount.source or "/",)
