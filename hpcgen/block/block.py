"""What a building block is: facts that are declared, and the nodes that follow from them."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, ClassVar

from hpcgen.block.item import Item
from hpcgen.block.leaving import HOST, of_prefixes
from hpcgen.block.packages import Packages, install
from hpcgen.block.paths import is_systems, is_within, mpi_named_in, named_in
from hpcgen.block.rules import checked
from hpcgen.block.versions import holds
from hpcgen.errors import Conflict, Several
from hpcgen.frozen import evolve, frozen
from hpcgen.graph.nodes import BlockRef, Install, Node, PrependPath, Run, SetEnv
from hpcgen.graph.stages import BlockFacts, Edge

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from hpcgen.block.leaving import Leaves
    from hpcgen.block.place import Partner, Place
    from hpcgen.block.rules import BlockRule, StageRule
    from hpcgen.block.terms import Terms
    from hpcgen.block.toolchain import Toolchain
    from hpcgen.graph.stages import Leavings
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


class Block(Item):
    """A building block: one piece of software in a stage.

    A subclass is one file in `building_blocks/`. It declares facts; `nodes` computes what is left.
    """

    what: ClassVar[str] = "block"
    closed: bool = False
    """Whether its options name all that it may find in its stage, so that it can be built in a stage of its own."""
    homepage: ClassVar[str] = ""
    licence: ClassVar[str] = ""
    terms: ClassVar[Terms | None] = None
    """What its licence asks of whoever builds with it, and of whoever hands an image on; None: nothing that hpcgen looks after."""
    exports: ClassVar[Exports | None] = None
    leaves: ClassVar[Leaves | None] = None
    """What it leaves for running, below its prefix; None: all but what only building needs."""
    companions: ClassVar[tuple[tuple[str, str], ...]] = ()
    """Pairs (library, pattern): what libraries, its own or those that it builds upon, open by name; `@/` is the library's folder."""
    runtime_packages: ClassVar[Packages | None] = None
    """The distribution's packages that it needs at run time."""
    conflicts: ClassVar[tuple[BlockRule, ...]] = ()
    """What does not work together, of its own options and its partners."""
    stage_conflicts: ClassVar[tuple[StageRule, ...]] = ()
    """What does not work in a stage of a recipe that uses it."""
    platforms: ClassVar[dict[str, tuple[str, ...]]] = {}
    """What it can be built for, where that is not everything: `architecture` and target names or families -> their values."""
    provides: ClassVar[tuple[str, ...]] = ()
    """What it is to others beside its name: `mpi`. An option that names this as its partner finds it."""

    installs_named: ClassVar[bool] = False
    """Whether it installs packages that the recipe names: any block behind it may need them."""

    tells_compilers: ClassVar[bool] = False
    """Whether builds behind it are told its compilers by CC and the like, because by themselves they look for GCC first."""

    prefix: str = ""
    version: str = ""
    toolchain: Toolchain | None = None
    """The compilers that it gives to later blocks, for the recipe to pass on: `openmpi(toolchain=compiler.toolchain)`."""

    def __init_subclass__(cls, *, closed: bool | None = None, **words: Any) -> None:
        super().__init_subclass__(**words)
        if closed is not None:
            cls.closed = closed
        terms = cls.__dict__.get("terms")
        if terms is not None:
            cls.stage_conflicts = (*cls.stage_conflicts, *terms.rules(cls.__name__))

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

    def tools(self, place: Place) -> Iterable[tuple[Block, str]]:
        """The blocks of its stage that it uses without an option that names them, with why: compilers, CMake."""
        return ()

    def flags(self, place: Place) -> Iterable[str]:
        """The words that its configure, cmake or make is given."""
        return ()

    def further_flags(self, place: Place) -> Iterable[str]:
        """The words of what it configures beside its first build."""
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
            if one.partner and one.switch and one.switch.runtime and place.partner(self, name).of_distribution:
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

    def leavings(self) -> Leavings:
        """What a runtime stage that is derived from it takes."""
        own = self.leaves.of(self.prefix) if self.leaves is not None and self.prefixes() else of_prefixes(self.prefixes(), self.files())
        return evolve(own, companions=self.companions, host=HOST)

    def leavings_at(self, place: Place) -> Leavings:
        """The same at its place, where it differs by the target, or by files beside the recipe."""
        return self.leavings()

    def prefixes_at(self, place: Place) -> tuple[str, ...]:
        """The folders that a stage takes to run it, where they differ by files beside the recipe."""
        return self.prefixes()

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
        """Raises all rules that are broken, a licence that was not accepted before them; says those that only warn."""
        if self.terms is not None:
            self.terms.check(self)
        faults = list(checked(self, place)) or list(self._choices_of_others())
        if faults:
            raise faults[0] if len(faults) == 1 else Several(faults)

    def _choices_of_others(self) -> Iterator[Conflict]:
        """An error for each option that chooses what only other versions have."""
        for name, one in self.options.items():
            if not self.has_choice(name) and getattr(self, name) not in (None, False, one.default):
                assert one.switch is not None
                words = f"{self.name} {self.version} has no choice of {name}, which is of versions {one.switch.versions}"
                yield Conflict(words, origin=self.origin, help=f"leave {name} out: {one.help}")

    def partners(self, place: Place) -> dict[str, Partner]:
        """What each of its partner options means here."""
        return {name: place.partner(self, name) for name, one in self.options.items() if one.partner}

    @property
    def called(self) -> str:
        """What a stage that builds it alone is called."""
        return self.name

    @property
    def open_because(self) -> str:
        """Why this one, as its options stand, may find anything in its stage; empty: it is closed."""
        return "" if self.closed else "its class does not promise that its options name all that it may find"

    def open_at(self, place: Place) -> str:
        """The same at its place, where files beside the recipe may say so too."""
        return self.open_because

    @property
    def scratch_folder(self) -> str:
        """The folder that it builds in, or empty."""
        return ""

    def upon_paths(self, place: Place, nodes: Iterable[Node]) -> tuple[list[tuple[Block, str]], tuple[str, ...]]:
        """The blocks whose folders or programs its commands name, with why; and the paths that are nobody's, the base image's left out."""
        own = (self.prefix, self.scratch_folder, *(partner.path for partner in self.partners(place).values() if partner.of_image))
        found: list[tuple[Block, str]] = []
        foreign: list[str] = []
        for path in named_in(nodes):
            if is_systems(path):
                continue
            inside = max((len(folder) for folder in own if is_within(path, folder)), default=0)
            owner = place.owner(path)
            if owner is not None and len(owner.prefix) > inside:  # of folders within each other the innermost counts
                found.append((owner, f"it names {path}"))
            elif not inside:
                foreign.append(path)
                found += ((other, f"it names {path}") for other in place.before.below(path))
        called = mpi_named_in(nodes)
        mpi = place.provider("mpi") if called else None
        foreign += [called] if called and mpi is None else []
        return found + ([(mpi, f"it calls {called}")] if mpi is not None else []), tuple(foreign)

    def chosen(self, place: Place) -> list[tuple[Block, str]]:
        """The blocks that it builds upon by its options, and as tools, with why; one may have several reasons."""
        return [*((partner.block, f"option {name}") for name, partner in self.partners(place).items() if partner.block), *self.tools(place)]

    def facts(self, place: Place, ref: BlockRef, nodes: tuple[Node, ...], digests: Sequence[str]) -> BlockFacts:
        """What planning may know of it; `digests`: those of the blocks before it, in order."""
        paths, foreign = self.upon_paths(place, nodes)
        edges: dict[int, Edge] = {}
        for other, why in (*self.chosen(place), *paths):
            at = place.before.at(other)
            edges.setdefault(at, Edge(at, digests[at], why))
        return BlockFacts(
            ref,
            origin=self.origin,
            called=self.called,
            prefix=self.prefix,
            closed=not self.open_at(place),
            upon=tuple(edges.values()),
            foreign=foreign,
            exports=_exported(tuple(self.exported(place)), nodes),
            prefixes=self.prefixes_at(place),
            files=self.files(),
            environment=marked(self.runtime_environment_nodes(place), self, ref),
            packages=marked(self.runtime_needs(place), self, ref),
            leaves=self.leavings_at(place),
        )


def expand(block: Block, place: Place) -> tuple[BlockRef, tuple[Node, ...]]:
    """A block's nodes at its place, each marked with the block; the digest is theirs."""
    nodes = tuple(block.nodes(place))
    digest = hashlib.sha256(repr(nodes).encode("utf-8", "surrogatepass")).hexdigest()
    ref = BlockRef(block.name, str(block.version), digest)
    return ref, marked(nodes, block, ref)


def _exported(exports: tuple[Node, ...], nodes: tuple[Node, ...]) -> int:
    """How many nodes at the end are these."""
    return len(exports) if exports and nodes[-len(exports) :] == exports else 0


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
