"""What a runtime stage takes of the stage that built everything.

Of `prefix`, HPCCM's way, whole folders and listed packages. Of the other kinds, what is needed is found when the image is built: here is settled what
the program that finds it is told. docs/design/runtime.md says how and why.
"""

from __future__ import annotations

from posixpath import join, normpath
from typing import TYPE_CHECKING

from hpcgen.block.leaving import INSTALLED, literal
from hpcgen.block.packages import Packages
from hpcgen.errors import Conflict, Unwritable, WrongValue, did_you_mean
from hpcgen.frozen import evolve, frozen
from hpcgen.graph.nodes import AddRepository, Copy, Install, PrependPath, RuntimeOf, SetEnv, User, Workdir
from hpcgen.graph.paths import rooted
from hpcgen.graph.stages import walk

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from hpcgen.graph.nodes import Node
    from hpcgen.graph.stages import BlockFacts, Stage, StageGraph

PREFIX = "prefix"
SCRATCH = "scratch"

Record = tuple[str, ...]
"""One row of what the closure program is told."""


@frozen
class Launcher:
    """A client by which ranks on other hosts are started.

    Attributes:
        take: pairs (why, pattern): its program and what that reads.
        packages: the distribution's that hold it.
    """

    take: tuple[tuple[str, str], ...]
    packages: Packages


LAUNCHERS = {
    "ssh": Launcher(
        (("starts ranks on other hosts", "/usr/bin/ssh"), ("settings of ssh", "/etc/ssh/ssh_config"), ("settings of ssh", "/etc/ssh/ssh_config.d/*")),
        Packages(apt=("openssh-client",), dnf=("openssh-clients",)),
    )
}


def take_runtime(graph: StageGraph) -> StageGraph:
    """Settles each RuntimeOf: whole prefixes become copies, the others learn what there is to find; the environment stands behind it."""
    if not any(isinstance(node, RuntimeOf) for stage in graph.stages for node in stage.nodes):
        return graph
    digests = graph.digests()
    return evolve(graph, stages=tuple(_with_runtime(graph, stage, digests) for stage in graph.stages))


def _with_runtime(graph: StageGraph, stage: Stage, digests: Mapping[str, str]) -> Stage:
    """A stage whose blocks still know which nodes are theirs."""
    if not any(isinstance(node, RuntimeOf) for node in stage.nodes):
        return stage
    nodes: list[Node] = []
    now: list[int] = []
    for at, node in enumerate(stage.nodes):
        now.append(len(nodes))
        nodes += _runtime(graph, stage, at, node, digests) if isinstance(node, RuntimeOf) else (node,)
    now.append(len(nodes))
    inherited = len(graph[stage.base.image].blocks) if stage.base.stage else 0
    own = tuple(evolve(facts, span=(now[facts.span[0]], now[facts.span[1]])) for facts in stage.blocks[inherited:])
    return evolve(stage, nodes=tuple(nodes), blocks=stage.blocks[:inherited] + own)


def _runtime(graph: StageGraph, stage: Stage, at: int, node: RuntimeOf, digests: Mapping[str, str]) -> Iterator[Node]:
    """What stands for one RuntimeOf."""
    source = graph[node.stage]
    _check(stage, source, node)
    chosen = [facts for facts in source.blocks if not {facts.ref.name, facts.called}.intersection(node.exclude)]
    if node.kind == PREFIX:
        yield from _packages(chosen)
        for facts in chosen:
            yield from _folders(source.name, facts)
            yield from facts.environment
    else:
        roots = tuple(_of_result(graph, stage, at, node))
        known = evolve(node, libraries=node.libraries or _libraries(chosen, roots), digest=digests[stage.name])
        about = (_image(stage, known, digests), *_blocks(source))
        records = (*_of_blocks(source, chosen, known), *roots, *_search(stage, chosen))
        _check_words(node, (*about, *records))
        yield evolve(known, records=records, about=about)
        for facts in chosen:
            yield from facts.environment
            if not node.launch:
                yield from (SetEnv(name, value, origin=facts.origin, block=facts.ref) for name, value in facts.leaves.unlaunched)


def _check(stage: Stage, source: Stage, node: RuntimeOf) -> None:
    """Raises for a runtime stage that cannot run what was built."""
    if (source.target.distribution, source.target.release) != (stage.target.distribution, stage.target.release):
        raise Conflict(
            f"stage '{source.name}' is {source.target.name}, its runtime stage '{stage.name}' is {stage.target.name}",
            origin=node.origin,
            help="what is built on one release does not run on another: give both stages one distribution and release",
        )
    names = {name for facts in source.blocks for name in (facts.ref.name, facts.called)}
    for name in node.exclude:
        if name not in names:
            sentence = f"runtime(exclude=['{name}']): stage '{source.name}' has no such block"
            raise WrongValue(sentence, origin=node.origin, help=did_you_mean(name, names))
    if node.kind != PREFIX and (node.kind == SCRATCH) != (stage.base.image == SCRATCH and not stage.base.stage):
        if node.kind == SCRATCH:
            raise WrongValue(
                f"runtime(kind='scratch') stands on nothing, stage '{stage.name}' on {stage.base.image}",
                origin=node.origin,
                help="baseimage(image='scratch')",
            )
        raise WrongValue(
            f"runtime(kind='{node.kind}') in stage '{stage.name}', which stands on nothing", origin=node.origin, help="runtime(kind='scratch')"
        )


def _check_words(node: RuntimeOf, records: Iterable[Record]) -> None:
    for record in records:
        for word in record:
            if any(mark in word for mark in "\t\n\r\0"):
                raise Unwritable(f"runtime: a name holds a tab or a newline: {word!a:.80}", origin=node.origin)


def _packages(chosen: Iterable[BlockFacts]) -> Iterator[Node]:
    """The packages that blocks need at run time; a repository that several need is added once."""
    added: list[Node] = []
    for node in (node for facts in chosen for node in facts.packages):
        if node not in added:
            yield node
        added += [node] if isinstance(node, AddRepository) else []


def _folders(stage: str, facts: BlockFacts) -> Iterator[Node]:
    """The folders and files that one block leaves for running."""
    for prefix in facts.prefixes:
        yield Copy((prefix,), prefix, stage=stage, literal=True, tree=True, origin=facts.origin, block=facts.ref)
    for path in facts.files:
        pattern = any(mark in path for mark in "*?[")
        dest = f"{path.rpartition('/')[0]}/" if pattern else path
        yield Copy((path,), dest, stage=stage, literal=not pattern, origin=facts.origin, block=facts.ref)


# --- what the closure program is told ---


def _image(stage: Stage, node: RuntimeOf, digests: Mapping[str, str]) -> Record:
    """What the manifest says of the image as a whole; of what only the last stage says nothing, so that a label there finds nothing anew."""
    import json  # not on the way of a recipe without a runtime

    said = {
        "recipe": node.origin.file.rpartition("/")[2] if node.origin else "",
        "digest": digests[node.stage],
        "stage": stage.name,
        "from": node.stage,
        "kind": node.kind,
        "base": stage.base.image,
    }
    return ("image", json.dumps(said, ensure_ascii=True))


def _libraries(chosen: Iterable[BlockFacts], roots: tuple[Record, ...]) -> str:
    """Which of the blocks' libraries are taken: all, for programs to come, if the result has none that says which are needed."""
    programs = roots or any(facts.leaves.tells or why == INSTALLED for facts in chosen for why, _ in facts.leaves.take)
    return "needed" if programs else "all"


def _blocks(source: Stage) -> Iterator[Record]:
    """Which blocks there are."""
    for facts in source.blocks:
        yield ("block", facts.ref.name, facts.ref.version, facts.ref.digest[:12], facts.prefix)


def _of_blocks(source: Stage, chosen: list[BlockFacts], node: RuntimeOf) -> Iterator[Record]:
    """What the blocks that are not left out leave, and what the libraries of all open."""
    for facts in chosen:
        leaves, name = facts.leaves, facts.ref.name
        yield from (("take", name, why, one) for why, one in leaves.take)
        yield from (("whole", name, "named by the recipe", one) for one in leaves.whole)
        yield from (("leave", one) for one in leaves.left)
        yield from (("package", name, one) for one in leaves.packages)
    if node.libraries == "all":
        yield from _all_libraries(chosen)
    if node.launch:
        yield from (("take", "system", why, one) for why, one in LAUNCHERS[node.launch].take)
    yield from dict.fromkeys(("companion", *pair) for facts in source.blocks for pair in facts.leaves.companions)
    yield from dict.fromkeys(("host", one) for facts in source.blocks for one in facts.leaves.host)
    yield from dict.fromkeys(("pin", *pair) for facts in source.blocks for pair in facts.leaves.pinned)
    if node.shell:
        yield ("shell", "yes")


def _all_libraries(chosen: list[BlockFacts]) -> Iterator[Record]:
    """The libraries that programs to come may be linked with: the blocks' own, and of packages those that the blocks name for running."""
    for facts in chosen:
        yield from (("take", facts.ref.name, "library", one) for one in facts.leaves.libraries)
        if not facts.prefixes:
            installed = (one for one in walk(facts.packages) if isinstance(one, Install))
            names = {word: name for name, word in facts.leaves.pinned}
            words = (word for one in installed for word in one.packages if word not in facts.leaves.packages)
            yield from (("package", facts.ref.name, names.get(word, word)) for word in words)


def _of_result(graph: StageGraph, stage: Stage, at: int, node: RuntimeOf) -> Iterator[Record]:
    """What the recipe itself copies into the result; what a later user may not write is not looked at again there."""
    folder = ""
    privileged = True
    for place, one in enumerate(stage.nodes):
        if isinstance(one, Workdir):
            folder = normpath(join(folder or "/", one.path))
        elif isinstance(one, User):
            privileged = privileged and (place < at or one.name.partition(":")[0] in ("root", "0"))
        elif isinstance(one, Copy) and one.stage and _has_programs(graph, one, node):
            for path in one.sources:
                where = literal(rooted(path)) if one.literal else rooted(path)
                yield ("root", where, _destination(one.dest, folder), *(() if privileged else ("later",)))


def _destination(dest: str, folder: str) -> str:
    """Where a copy goes, in full: images start in their root unless they say otherwise."""
    return dest if dest.startswith("/") else normpath(join(folder or "/", dest)) + ("/" if dest.endswith(("/", ".")) else "")


def _has_programs(graph: StageGraph, copy: Copy, node: RuntimeOf) -> bool:
    """Whether what is copied may be programs of the builder's own distribution."""
    found = next((one for one in graph.stages if one.name == copy.stage), None)
    return found is not None and found.target.name == graph[node.stage].target.name and found.base.image != SCRATCH


def _search(stage: Stage, chosen: list[BlockFacts]) -> Iterator[Record]:
    """The folders of LD_LIBRARY_PATH as the result has it, for what nothing else finds."""
    folders: list[str] = []
    for one in (*(node for facts in chosen for node in facts.environment), *stage.nodes):
        if isinstance(one, PrependPath) and one.name == "LD_LIBRARY_PATH":
            folders = [*folders, one.path] if one.last else [one.path, *folders]
        elif isinstance(one, SetEnv) and one.name == "LD_LIBRARY_PATH":
            folders = one.value.split(":")
    yield from (("search", folder) for folder in dict.fromkeys(folders) if folder.startswith("/"))
