"""Lays each derived runtime out as stages: one that gathers what is needed, out of the stage that built everything, and the result that takes it.

docs/design/runtime.md says what stands in them, and why.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from hpcgen.errors import Unsupported
from hpcgen.frozen import evolve
from hpcgen.graph.nodes import Cmd, Copy, Entrypoint, Install, Label, Run, RunFrom, RuntimeOf, Test, User, WriteFile
from hpcgen.graph.stages import Base, Stage, StageGraph, line, needs, walk
from hpcgen.planning.lines import SAID
from hpcgen.planning.runtime import LAUNCHERS, SCRATCH
from hpcgen.quoting import sh

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from hpcgen.graph.nodes import Node

COLLECTED = "/var/lib/hpcgen/runtime"
"""Where what is needed is gathered, below it a folder for each result."""

KNOWN = "/var/lib/hpcgen/packages"
"""Where a runtime's base says which packages it has."""

_LITERAL = re.compile(r"\[[*?[]\]")
"""What stands for itself in a pattern."""

_LIST = (
    "mkdir -p /var/lib/hpcgen",
    f"if command -v dpkg-query > /dev/null; then dpkg-query -W -f '${{Package}}\\n'; else rpm -qa --qf '%{{NAME}}\\n'; fi > {KNOWN}",
)


def collect(graph: StageGraph, format: str) -> StageGraph:  # noqa: A002 (as everywhere)
    """The graph with all that its runtime stages need; formats that are built line by line gather at the end of the stage that built everything."""
    work = _Work(graph, format)
    for stage in graph.stages:
        work.add(stage)
    found = evolve(graph, stages=tuple(work.stages))
    return found if format == "docker" else _folded(found)


class _Work:
    """The stages so far."""

    def __init__(self, graph: StageGraph, format: str) -> None:  # noqa: A002 (as everywhere)
        self.graph = graph
        self.format = format
        self.stages: list[Stage] = []
        self.names = {stage.name for stage in graph.stages}

    def name(self, wanted: str) -> str:
        """A name that no other stage has."""
        found, number = wanted, 1
        while found in self.names:
            number += 1
            found = f"{wanted}-{number}"
        self.names.add(found)
        return found

    def add(self, stage: Stage) -> None:
        """A stage, behind those that gather for it."""
        found = [node for node in stage.nodes if isinstance(node, RuntimeOf)]
        if not found:
            self.stages.append(stage)
            return
        base = self.base(stage) if self.format != "bash" and any(node.kind != SCRATCH for node in found) else ""
        places = [_Place(self, stage, node, number, base) for number, node in enumerate(found, 1)]
        for place in places:
            self.stages += place.stages()
        self.stages.append(evolve(stage, nodes=_finished(stage, places)))

    def base(self, stage: Stage) -> str:
        """The stage that tells which packages a result's base has."""
        name = self.name(f"{stage.name}-base")
        tell = Run(_LIST, origin=stage.origin)
        self.stages.append(evolve(stage, name=name, nodes=(tell,), blocks=(), named=True, head=(), of=stage.name))
        return name


class _Place:
    """What gathers for one RuntimeOf of a stage."""

    def __init__(self, work: _Work, stage: Stage, node: RuntimeOf, number: int, base: str) -> None:
        self.work = work
        self.stage = stage
        self.node = node
        self.number = number
        self.base = base
        self.source = work.graph[node.stage]
        self.name = work.name(f"{stage.name}-runtime")
        self.out = f"{COLLECTED}/{stage.name}" if number == 1 else f"{COLLECTED}/{stage.name}-{number}"
        self._check()

    def _check(self) -> None:
        """Raises for what an image without a shell, or this format, cannot do."""
        if self.node.debug and self.work.format != "docker":
            sentence = f"{self.work.format}: runtime(debug=True): debug sections are kept in a stage of their own, which only Dockerfiles can give"
            raise Unsupported(sentence, origin=self.node.origin, help="leave it out, or let a user argument say it: debug='debug' in USERARG")
        if self.node.kind != SCRATCH or self.node.shell or self.work.format == "bash":
            return
        refused = (Test,) if self.work.format == "docker" else (Test, Entrypoint, Cmd)
        for node in self.stage.nodes:
            if isinstance(node, refused):
                what = "tests" if isinstance(node, Test) else "a runscript"
                sentence = f"{self.work.format}: {what}: upon scratch there is no shell that could read them"
                raise Unsupported(sentence, origin=node.origin, help="runtime(kind='scratch', shell=True)")

    def stages(self) -> Iterator[Stage]:
        """The stage that gathers, and the one that keeps debug sections."""
        target, origin = self.source.target, self.node.origin
        nodes = tuple(evolve(node, origin=origin) for node in self._nodes())
        yield Stage(self.name, Base(self.source.name, stage=True), target, nodes, of=self.stage.name, collects=self.source.name, origin=origin)
        if self.node.debug:
            copy = Copy((f"{self.out}/debug",), "/", stage=self.name, literal=True, tree=True, origin=origin)
            yield Stage(self.work.name(f"{self.stage.name}-debug"), Base(SCRATCH), target, (copy,), of=self.stage.name, origin=origin)

    def _nodes(self) -> Iterator[Node]:
        if not _ends_as_root(self.work.graph, self.source):
            yield User("root")
        yield from self._launcher()
        for node in self._others():
            for path in node.sources:
                dest = path if node.literal or not any(mark in path for mark in "*?[") else f"{path.rpartition('/')[0]}/"
                yield Copy((path,), dest, stage=node.stage, literal=node.literal)
        if self.base and self.node.kind != SCRATCH:
            yield Copy((KNOWN,), f"{self.out}/base", stage=self.base, literal=True)
        yield from self._programs()
        yield Run(tuple(self._commands()))

    def _launcher(self) -> Iterator[Node]:
        """The packages of what starts ranks, unless the builder has them."""
        if not self.node.launch:
            return
        wanted = LAUNCHERS[self.node.launch].packages.names(self.source.target)
        before = (node for stage in line(self.work.graph, self.source) for node in walk(stage.nodes))
        installed = {name for node in before if isinstance(node, Install) for name in node.packages}
        missing = tuple(name for name in wanted if name not in installed)
        if missing:
            yield Install(missing)

    def _others(self) -> Iterator[Copy]:
        """The copies into the result whose programs lie in stages that the gathering one does not stand upon."""
        ground = {stage.name for stage in line(self.work.graph, self.source)}
        known = {stage.name: stage for stage in self.work.graph.stages}
        for node in self.stage.nodes:
            if isinstance(node, Copy) and node.stage in known and node.stage not in ground and not node.tree:
                other = known[node.stage]
                if other.target.name == self.source.target.name and other.base.image != SCRATCH:
                    yield node

    def _programs(self) -> Iterator[Node]:
        """The closure program with what it is told, and those that the result runs."""
        from hpcgen.shipped import compact

        whole = self.work.format == "bash" and self.node.kind == "files"  # a tree below a folder has nothing under it, as upon scratch
        rows = [("out", self.out), ("kind", SCRATCH if whole else self.node.kind), ("strip", "debug" if self.node.debug else "yes")]
        rows += [("base", f"{self.out}/base")] if self.base and self.node.kind != SCRATCH else []
        rows += [("manifest", f"manifest.{self.number}.json")] if self.number > 1 else []
        yield WriteFile(f"{self.out}/closure", compact("closure"))
        if self.node.kind == "packages":
            yield WriteFile(f"{self.out}/packages/install", compact("install"))
        yield WriteFile(f"{self.out}/check/check", compact("check"))
        yield WriteFile(f"{self.out}/spec", "".join("\t".join(row) + "\n" for row in (*rows, *self.node.about, *self.node.records)))

    def _commands(self) -> Iterator[str]:
        yield f"sh {sh(f'{self.out}/closure')} {sh(f'{self.out}/spec')}"
        if self.node.kind == SCRATCH:  # nothing can be run there: what the recipe copies is put beside what was found, for a trial
            yield f"cp -a {sh(f'{self.out}/root')} {sh(f'{self.out}/trial')}"
            yield from self._copied(f"{self.out}/trial")
            yield f"sh {sh(f'{self.out}/check/check')} {sh(f'{self.out}/trial')}"
            yield f"rm -rf {sh(f'{self.out}/trial')}"
            if self.work.format == "singularity":
                yield from _without_links(f"{self.out}/root")

    def _copied(self, trial: str) -> Iterator[str]:
        """What puts the recipe's own copies below a folder, as COPY does it."""
        for kind, *words in self.node.records:
            if kind != "root":
                continue
            pattern, dest, *_ = words
            into = sh(f"{trial}{dest}")
            above = into if dest.endswith("/") else sh(f"{trial}{dest}".rpartition("/")[0])
            folder, file = f'mkdir -p {into} && cp -a "$one"/. {into}', f'mkdir -p {above} && cp -aL "$one" {into}'
            one = f'if [ -d "$one" ]; then {folder}; else {file}; fi'
            word, several = _globbed(pattern), any(mark in _LITERAL.sub("", pattern) for mark in "*?[")
            yield f"for one in {word}; do {one} || exit 1; done" if several else f"one={word} && {one}"

    def taken(self) -> Iterator[Node]:
        """What the result does in the RuntimeOf's place."""
        if self.node.kind == "packages":
            yield RunFrom(self.name, f"{self.out}/packages", "install", installs=True)
        yield Copy((f"{self.out}/root",), "/", stage=self.name, literal=True, tree=True)

    def labels(self) -> Iterator[Label]:
        """What the image says of itself, but for what the recipe says."""
        given = {node.name for node in self.stage.nodes if isinstance(node, Label)}
        said = dict(self.node.labels)
        recipe = self.node.origin.file.rpartition("/")[2].removesuffix(".py") if self.node.origin else ""
        values = {
            "org.opencontainers.image.title": said.get("title", recipe),
            "org.opencontainers.image.version": said.get("version", ""),
            "org.opencontainers.image.revision": said.get("revision", ""),
            "org.opencontainers.image.base.name": "" if self.stage.base.stage or self.node.kind == SCRATCH else self.stage.base.image,
            "hpcgen.recipe.digest": self.node.digest,
        }
        yield from (Label(name, value) for name, value in values.items() if value and name not in given)

    def check(self) -> Iterator[Node]:
        """What makes sure in the result that all of it is there."""
        if self.node.kind == "files" or (self.node.kind == "packages" and self.work.format != "bash"):
            yield RunFrom(self.name, f"{self.out}/check", "check")


def _globbed(pattern: str) -> str:
    """A pattern as a word of a shell: wildcards stay, all else stands for itself."""
    return "".join(part if index % 2 else sh(part) for index, part in enumerate(re.split(r"(\[[^]]*\]|[*?])", pattern)) if part)


def _without_links(root: str) -> Iterator[str]:
    """Real folders for the links at the top of a tree, with what is named through them: %files of definition files copies what a link points to."""
    yield f"cd {sh(root)}"
    yield "for link in bin lib lib64 sbin; do if [ -L $link ]; then rm $link; mkdir $link; fi; done"
    yield "for file in usr/bin/sh usr/lib/ld-linux* usr/lib64/ld*; do if [ -e $file ]; then cp $file ${file#usr/}; fi; done"
    yield "rmdir bin lib lib64 sbin 2> /dev/null || :"


def _finished(stage: Stage, places: list[_Place]) -> tuple[Node, ...]:
    """The nodes of a result: what was gathered in the RuntimeOf's place, the check before a later user, else behind all that changes files."""
    nodes: list[Node] = []
    waiting: list[Node] = []
    left = iter(places)
    for node in stage.nodes:
        if isinstance(node, RuntimeOf):
            place = next(left)
            nodes += (evolve(one, origin=node.origin) for one in place.taken())
            waiting += (evolve(one, origin=node.origin) for one in (*place.check(), *(place.labels() if place.number == 1 else ())))
            continue
        if isinstance(node, User) and waiting:
            nodes, waiting = [*nodes, *waiting], []
        nodes.append(node)
    end = len(nodes)
    while end and isinstance(nodes[end - 1], SAID):
        end -= 1
    return (*nodes[:end], *waiting, *nodes[end:])


def _ends_as_root(graph: StageGraph, stage: Stage) -> bool:
    """Whether root runs what comes behind a stage."""
    for one in reversed(line(graph, stage)):
        users = [node.name for node in one.nodes if isinstance(node, User)]
        if users:
            return users[-1].partition(":")[0] in ("root", "0")
    return True


# --- formats that are built line by line ---


def _folded(graph: StageGraph) -> StageGraph:
    """The graph without stages that gather: what they do is done at the end of the stage that they stand upon, which nothing builds twice."""
    gathering = {stage.name: stage for stage in graph.stages if stage.collects}
    more: dict[str, list[Node]] = {}
    for stage in gathering.values():
        more.setdefault(stage.collects, []).extend(stage.nodes)
    stages = {stage.name: stage for stage in graph.stages if not stage.collects}
    for name, nodes in more.items():
        _check_order(graph, name, nodes)
        stages[name] = evolve(stages[name], nodes=(*stages[name].nodes, *nodes), named=True)
    made = [evolve(stage, nodes=tuple(_renamed(stage.nodes, gathering))) for stage in stages.values()]
    return evolve(graph, stages=tuple(_ordered(made, {node.stage for nodes in more.values() for node in nodes if isinstance(node, Copy)})))


def _check_order(graph: StageGraph, name: str, nodes: list[Node]) -> None:
    """Raises where what is gathered in a stage comes from one that needs this stage itself."""
    later: set[str] = {name}
    for stage in graph.stages:
        if not stage.collects and any(need in later for need, _ in needs(stage)):
            later.add(stage.name)
    for node in nodes:
        if isinstance(node, Copy) and node.stage in later:
            raise Unsupported(
                f"the runtime of stage '{name}' has programs of stage '{node.stage}', which is built upon it",
                origin=node.origin,
                help=f"only Dockerfiles can look at both: take the runtime of '{node.stage}', or build both in one stage",
            )


def _renamed(nodes: Iterable[Node], gathering: dict[str, Stage]) -> Iterator[Node]:
    for node in nodes:
        if isinstance(node, Copy | RunFrom) and node.stage in gathering:
            yield evolve(node, stage=gathering[node.stage].collects)
        else:
            yield node


def _ordered(stages: list[Stage], first: set[str]) -> list[Stage]:
    """Stages that others now take from stand before these."""
    early = [stage for stage in stages if stage.name in first and stage.of]
    return [*early, *(stage for stage in stages if stage not in early)]
