"""What the generic blocks share: a source that the recipe names, with the environment and the files that it leaves for running."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hpcgen.block.lists import around_own_name
from hpcgen.block.options import Anything, Optional, Variables, Words, option
from hpcgen.block.paths import is_own
from hpcgen.block.source_block import SourceBlock, register_libraries
from hpcgen.block.sources import folder_of
from hpcgen.errors import Conflict, WrongValue
from hpcgen.graph.nodes import Fetch, Label, PrependPath, SetEnv

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from hpcgen.block.block import Block
    from hpcgen.block.place import Place
    from hpcgen.graph.nodes import Git, Node


class GenericBlock(SourceBlock):
    """A block for software that has none of its own.

    It may find all that stands before it in its stage, unless `upon` names what it builds upon: then it can be built in a stage of its own.
    """

    directory: Optional = option(
        None, "the source's folder, from the top of the archive, as in 'tcl8.6.9/unix'; the archive's only top folder if not given"
    )
    devel_environment: Variables = option((), "variables for what comes after it in its stage; '/opt/x/bin:$PATH' adds to a list")
    runtime_environment: Variables = option((), "variables for a stage that runs it")
    runtime: Words = option((), "files and folders that a stage takes to run it, instead of the whole prefix; * ? [ are patterns")
    libdir: str = option("lib", "folder of the libraries below the prefix, for ldconfig")
    annotations: Variables = option((), "further labels, with annotate=True")
    upon: Anything = option(None, "all that it builds upon: a list of blocks, their names, or paths")
    comment: bool = option(True, "HPCCM's: each block is named in a comment")
    export_build_environment: bool = option(False, "keep build_environment for make, too")

    def unknown(self, name: str, value: Any) -> bool:
        """Says why HPCCM's way around certificates is not taken."""
        if name == "no_check_certificate":
            if value:
                raise WrongValue(
                    f"{self.name}(no_check_certificate=True): who serves a source is always checked",
                    help="leave it out; sha256='...' says what is served",
                )
            return True
        return super().unknown(name, value)

    def validate(self) -> None:
        """Raises for partners that are none."""
        super().validate()
        if self.upon is None:
            return
        if not isinstance(self.upon, list | tuple) or not all(isinstance(one, str) or hasattr(one, "prefix") for one in self.upon):
            raise WrongValue(f"{self.name}(upon={self.upon!r})", help="upon takes a list of blocks, their names, or paths")
        self.closed = True

    @property
    def called(self) -> str:
        """By its prefix, if that is its own, else by its source: `hdf5` of /usr/local/hdf5, `tool-1.0` of tool-1.0.tar.gz."""
        own = self.prefix.rpartition("/")[2] if is_own(self.prefix) else ""
        file = self.other_source.split("?", maxsplit=1)[0].rstrip("/").rpartition("/")[2]
        return own or (folder_of(file) if file else self.repository_name) or self.name

    @property
    def open_because(self) -> str:
        """The recipe does not say what it builds upon."""
        return "the recipe does not say all that it builds upon: upon=[...]" if self.upon is None and self.alone is None else super().open_because

    @property
    def needs_named_packages(self) -> bool:
        """Always: nobody knows what its source looks for."""
        return True

    def tools(self, place: Place) -> Iterable[tuple[Block, str]]:
        """Compilers, packages, and what `upon` names."""
        yield from super().tools(place)
        for one in self.upon or ():
            yield self._found(place, one), "option upon"

    def _found(self, place: Place, one: Any) -> Block:
        """The block before that an entry of `upon` means."""
        found: Block | None
        if not isinstance(one, str):
            found = one if place.before.has(one) else None
        else:
            found = place.owner(one.rstrip("/")) if one.startswith("/") else place.provider(one)
        if found is None:
            name = one if isinstance(one, str) else one.name
            raise Conflict(
                f"{self.name}(upon=...): its stage has no {name} before it", origin=self.origin, help="add it to the stage first, or leave upon out"
            )
        return found

    def leading_folders(self, place: Place) -> int:
        """None where the recipe names the folder from the top of the archive, else one."""
        return 0 if self.directory else 1

    def folder(self, origin: Fetch | Git) -> str:
        """The folder that it is built in; a repository's own name may lead, as it does in HPCCM's scratch folder."""
        if not self.directory:
            return origin.dest
        if self.directory.startswith("/"):
            return self.directory.rstrip("/")
        inner = self.directory.strip("/")
        if not isinstance(origin, Fetch):
            first, _, rest = inner.partition("/")
            inner = rest if first == self.repository_name else inner
        return f"{origin.dest}/{inner}".rstrip("/")

    def make_environment(self, place: Place) -> tuple[tuple[str, str], ...]:
        """The variables that make is given too."""
        return self.variables(place) if self.export_build_environment else ()

    def labels(self) -> Iterator[Label]:
        """Those of each block, and the recipe's own."""
        yield from super().labels()
        for name, value in dict(self.annotations).items():
            yield Label(f"hpcgen.{self.name}.{name}", value)

    def exported(self, place: Place) -> Iterable[Node]:
        """The recipe's variables; with `ldconfig`, its libraries are registered with the loader."""
        if self.ldconfig and self.prefix:
            yield register_libraries(f"{self.prefix}/{self.libdir}")
        if self.environment:
            yield from _environment(self.devel_environment)

    def runtime_environment_nodes(self, place: Place) -> Iterable[Node]:
        """The recipe's variables for running."""
        if self.ldconfig and self.prefix:
            yield register_libraries(f"{self.prefix}/{self.libdir}")
        if self.environment:
            yield from _environment(self.runtime_environment)

    def prefixes(self) -> tuple[str, ...]:
        """The prefix, unless the recipe names single files."""
        return () if self.runtime else super().prefixes()

    def files(self) -> tuple[str, ...]:
        """The files that the recipe names."""
        return tuple(self.runtime)


def _environment(variables: Variables) -> Iterator[Node]:
    """One node a variable, more where a list is added to."""
    for name, value in dict(variables).items():
        before, own, after = around_own_name(name, value)
        if not own:
            yield SetEnv(name, value)
            continue
        for path in reversed(before):
            yield PrependPath(name, path)
        for path in after:
            yield PrependPath(name, path, last=True)
