"""What a building block is: facts that are declared, and the nodes that follow from them."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, ClassVar

from hpcgen.block.item import Item
from hpcgen.block.packages import Packages, install
from hpcgen.block.versions import holds
from hpcgen.errors import Conflict
from hpcgen.frozen import evolve, frozen
from hpcgen.graph.nodes import BlockRef, Install, Node, PrependPath, Run, SetEnv
from hpcgen.graph.stages import BlockFacts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from hpcgen.block.place import Partner, Place
    from hpcgen.block.toolchain import Toolchain
    from hpcgen.target import Target


@frozen
class Exports:
    """What an installed block gives to what comes after it; folders are below its prefix, empty: none.

    Attributes:
        bin: joins PATH, at run time too.
        lib: joins LIBRARY_PATH, and LD_LIBRARY_PATH at run time too.
        include: joins CPATH.
        pkgconfig: joins PKG_CONFIG_PATH.
        cmake: the prefix itself joins CMAKE_PREFIX_PATH.
        variables: further variables, with `{prefix}`, for building and running.
    """

    bin: str = ""
    lib: str = ""
    include: str = ""
    pkgconfig: str = ""
    cmake: bool = False
    variables: tuple[tuple[str, str], ...] = ()

    def nodes(self, prefix: str) -> Iterator[Node]:
        """The environment of the stage that the block is built in."""
        yield from self.runtime(prefix)
        for name, folder in (("CPATH", self.include), ("LIBRARY_PATH", self.lib), ("PKG_CONFIG_PATH", self.pkgconfig)):
            if folder:
                yield PrependPath(name, f"{prefix}/{folder}")
        if self.cmake:
            yield PrependPath("CMAKE_PREFIX_PATH", prefix)

    def runtime(self, prefix: str) -> Iterator[Node]:
        """The environment of a stage that only runs it."""
        for name, folder in (("PATH", self.bin), ("LD_LIBRARY_PATH", self.lib)):
            if folder:
                yield PrependPath(name, f"{prefix}/{folder}")
        for name, value in self.variables:
            yield SetEnv(name, value.format(prefix=prefix))


@frozen
class Rule:
    """Choices that do not work together.

    Attributes:
        when: tells, of a block and its place, whether the rule is broken.
        sentence: what the user reads.
        source: where the fact stands.
        level: `error`, or `warning`.
    """

    when: Callable[[Any, Place], bool]
    sentence: str
    source: str
    level: str = "error"


def conflict(when: Callable[[Any, Place], bool], sentence: str, *, source: str, level: str = "error") -> Rule:
    """A rule about a block: `when(block, place)` is true where it is broken."""
    return Rule(when, sentence, source, level)


class Block(Item):
    """A building block: one piece of software in a stage.

    A subclass is one file in `building_blocks/`. It declares facts; `nodes` computes what is left.
    """

    what: ClassVar[str] = "block"
    closed: bool = False
    """Whether its options name all that it may find in its stage, so that it can be built in a stage of its own."""
    homepage: ClassVar[str] = ""
    licence: ClassVar[str] = ""
    exports: ClassVar[Exports | None] = None
    runtime_packages: ClassVar[Packages | None] = None
    """The distribution's packages that it needs at run time."""
    conflicts: ClassVar[tuple[Rule, ...]] = ()
    platforms: ClassVar[dict[str, tuple[str, ...]]] = {}
    """What it can be built for, where that is not everything: `architecture` and target names or families -> their values."""
    provides: ClassVar[tuple[str, ...]] = ()
    """What it is to others beside its name: `mpi`. An option that names this as its partner finds it."""

    prefix: str = ""
    version: str = ""
    toolchain: Toolchain | None = None
    """The compilers that it gives to later blocks, for the recipe to pass on: `openmpi(toolchain=compiler.toolchain)`."""

    def __init_subclass__(cls, *, closed: bool | None = None, **words: Any) -> None:
        super().__init_subclass__(**words)
        if closed is not None:
            cls.closed = closed

    @property
    def name(self) -> str:
        """The block's name: its class."""
        return type(self).__name__

    @property
    def compiles(self) -> tuple[str, ...]:
        """The languages that it installs a compiler for: `c`, `c++`, `fortran`."""
        return ()

    def at(self, condition: str) -> bool:
        """Whether its version meets a condition: `>=5 <5.0.9`."""
        return holds(str(self.version or ""), condition)

    def has_choice(self, name: str) -> bool:
        """Whether its version has what an option chooses."""
        switch = self.options[name].switch
        return switch is None or not switch.versions or self.at(switch.versions)

    def tools(self, place: Place) -> Iterable[Block]:
        """The blocks of its stage that it uses without an option that names them: compilers, CMake."""
        return ()

    def build(self, place: Place) -> Iterator[Node]:
        """The nodes that build and install it."""
        raise NotImplementedError(self.name)

    def exported(self, place: Place) -> Iterable[Node]:
        """The environment that it leaves for what comes after it in its stage."""
        return self.exports.nodes(self.prefix) if self.exports and self.sets_environment else ()

    def runtime_environment_nodes(self, place: Place) -> Iterable[Node]:
        """The environment that a stage needs to run it."""
        return self.exports.runtime(self.prefix) if self.exports and self.sets_environment else ()

    def runtime_lists(self, place: Place) -> Iterable[Packages]:
        """The packages that a stage needs to run it."""
        if self.runtime_packages:
            yield self.runtime_packages
        for name, one in self.options.items():
            if one.partner and one.switch and one.switch.runtime and place.partner(self, name).system:
                yield one.switch.runtime

    def runtime_needs(self, place: Place) -> Iterable[Node]:
        """The nodes that bring these packages."""
        return packages(place.target, self.runtime_lists(place))

    def prefixes(self) -> tuple[str, ...]:
        """The folders that a stage takes to run it."""
        return (self.prefix,) if self.prefix else ()

    def files(self) -> tuple[str, ...]:
        """Further files, folders and patterns that a stage takes to run it."""
        return ()

    @property
    def sets_environment(self) -> bool:
        """Whether the recipe wants its environment set (HPCCM's `environment=False` says no)."""
        return getattr(self, "environment", True) is not False

    def nodes(self, place: Place) -> Iterator[Node]:
        """What it builds, then what it exports."""
        self.check_rules(place)
        yield from self.build(place)
        yield from self.exported(place)

    def check_rules(self, place: Place) -> None:
        """Raises the first rule that is broken; says those that only warn."""
        for rule in self.conflicts:
            if rule.when(self, place):
                words = f"{rule.sentence} (source: {rule.source})"
                if rule.level == "error":
                    raise Conflict(words, origin=self.origin)
                place.warn(f"{self.origin}: {words}")
        for name, one in self.options.items():
            if not self.has_choice(name) and getattr(self, name) not in (None, False, one.default):
                assert one.switch is not None
                words = f"{self.name} {self.version} has no choice of {name}, which is of versions {one.switch.versions}"
                raise Conflict(words, origin=self.origin, help=f"leave {name} out: {one.help}")

    def partners(self, place: Place) -> dict[str, Partner]:
        """What each of its partner options means here."""
        return {name: place.partner(self, name) for name, one in self.options.items() if one.partner}

    def facts(self, place: Place, ref: BlockRef, digests: dict[str, str]) -> BlockFacts:
        """What planning may know of it; `digests`: those of the blocks before it, by name."""
        upon = [partner.block for partner in self.partners(place).values() if partner.block] + list(self.tools(place))
        return BlockFacts(
            ref,
            origin=self.origin,
            prefix=self.prefix,
            closed=self.closed,
            upon=tuple(dict.fromkeys(digests[block.name] for block in upon if block.name in digests)),
            prefixes=self.prefixes(),
            files=self.files(),
            environment=marked(self.runtime_environment_nodes(place), self, ref),
            packages=marked(self.runtime_needs(place), self, ref),
        )


def expand(block: Block, place: Place) -> tuple[BlockRef, tuple[Node, ...]]:
    """A block's nodes at its place, each marked with the block; the digest is theirs."""
    nodes = tuple(block.nodes(place))
    digest = hashlib.sha256(repr(nodes).encode("utf-8", "surrogatepass")).hexdigest()
    ref = BlockRef(block.name, str(block.version), digest)
    return ref, marked(nodes, block, ref)


def marked(nodes: Iterable[Node], block: Block, ref: BlockRef) -> tuple[Node, ...]:
    """The same nodes, saying which block and line they come from."""
    return tuple(evolve(node, block=ref, origin=block.origin) for node in nodes)


def packages(target: Target, lists: Iterable[Packages], words: Iterable[str] = ()) -> Iterator[Install]:
    """An Install node, or none where there is nothing to install."""
    node = install(target, lists, words)
    if node is not None:
        yield node


def remove(*paths: str) -> Run:
    """The removal of what only the build needed."""
    from hpcgen.quoting import sh_join

    return Run((f"rm -rf {sh_join(paths)}",))
