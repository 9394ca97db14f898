"""Blocks that are built from source: fetch, build, install, tidy up."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from hpcgen.block.block import Block, packages, remove
from hpcgen.block.compilers import compiler_used, compilers_needed, given_by, told
from hpcgen.block.options import Anything, MaybeBool, MaybeWords, Number, Optional, Repository, Variables, Words, option
from hpcgen.block.packages import Packages
from hpcgen.block.sources import GIT, Tarball, fetch_needs, folder_of, is_archive, is_commit, is_sha256
from hpcgen.block.toolchain import Toolchain
from hpcgen.errors import UnknownVersion, WrongValue
from hpcgen.graph.nodes import Fetch, Git, Label, Node, Patch, Run
from hpcgen.quoting import sh

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from hpcgen.block.place import Place

FROM_TABLE = ""
"""The default of `sha256`: the block's own table has it."""

FLAGS = {"c": ("CFLAGS", "CXXFLAGS"), "fortran": ("FCFLAGS", "FFLAGS")}
"""Language -> the variables with its compiler's flags, which configure scripts, CMake and most makefiles read."""


class SourceBlock(Block):
    """A block that is built from a release, another archive, or a git repository."""

    release: ClassVar[Tarball | None] = None
    build_packages: ClassVar[Packages] = Packages()
    """The distribution's packages that it needs for building; compilers and those for downloading and unpacking come by themselves."""
    languages: ClassVar[tuple[str, ...]] = ("c",)
    """What it is written in, of `c`, `c++` and `fortran`: the compilers that it needs."""
    optimization: ClassVar[str] = "-O2"
    """The flags that stand before those for a CPU target, where the toolchain names none."""
    for_cpu_target: ClassVar[bool] = True
    """Whether it gets the flags for a CPU target: not what only builds, since the compiler that builds it may be too old for them."""
    git: ClassVar[str] = ""
    """The project's own git repository: what `repository=True` stands for."""

    version: str = option("", "release to build")
    prefix: str = option("/usr/local", "folder it is installed into")
    source: Optional = option(None, "another archive instead of the release: a URL, or a file beside the recipe; give its version and sha256 too")
    sha256: Optional = option(FROM_TABLE, "checksum of the source; None: unchecked, which every run reports")
    patches: Words = option((), "patch files beside the recipe, applied in order")
    autogen: bool = option(False, "make the configure script first, for archives that lack it")
    baseurl: Optional = option(None, "where releases lie, instead of upstream")
    url: Optional = option(None, "HPCCM's name for source with a URL")
    package: Optional = option(None, "HPCCM's name for source with a file")
    repository: Repository = option(None, "git repository to build instead of a release; True: the project's own")
    branch: Optional = option(None, "branch or tag of the repository")
    commit: Optional = option(None, "commit of the repository, 40 hexadecimal digits")
    recursive: bool = option(False, "fetch the repository's submodules too")
    directory: Optional = option(None, "folder within the source to build in")
    ospackages: MaybeWords = option(None, "the distribution's packages for building, instead of the block's own list")
    compilers: Anything = option(
        None, "compilers and flags to build with: another block's toolchain, or toolchain(CC=..., CFLAGS=...)", alias="toolchain"
    )
    build_environment: Variables = option((), "variables for the build alone")
    environment: bool = option(True, "set PATH and the like for what comes after")
    ldconfig: bool = option(False, "register the libraries with the loader instead of LD_LIBRARY_PATH")
    parallel: Number = option("", "jobs of make; from the builder's processors and memory if not given")
    alone: MaybeBool = option(None, "build it in a stage of its own, in Dockerfiles; if its options say all that it builds upon, if not given")
    wd: str = option("/usr/local/src", "scratch folder in the container; not below /tmp or /var/tmp, which are the host's while Apptainer builds")
    annotate: bool = option(False, "label the image with what was built")
    _run_arguments: str = option("", "further words for Docker's RUN")

    def validate(self) -> None:
        """Raises for two sources at once, a checksum that is none, or a release that is not known."""
        if self.prefix and not self.prefix.startswith("/"):
            raise WrongValue(f"{self.name}: prefix={self.prefix!r}", help="a prefix is an absolute path")
        self.prefix = (self.prefix or "").rstrip("/")
        chosen = [
            name
            for name in ("source", "url", "package", "repository")
            if getattr(self, name) and (name == "repository" or getattr(self, name) is not True)
        ]
        if len(chosen) > 1:
            raise WrongValue(f"{self.name} has more than one source: {', '.join(chosen)}", help="give one of them")
        if self.sha256 and not is_sha256(self.sha256):
            raise WrongValue(f"{self.name}: sha256={self.sha256!r}", help="a sha256 has 64 lower-case hexadecimal digits")
        self._check_repository()
        if self.compilers is not None and not isinstance(self.compilers, Toolchain):
            raise WrongValue(
                f"{self.name}: toolchain={self.compilers!r}", help="it takes another block's .toolchain, or toolchain(CC='...', CFLAGS='...')"
            )
        release = self.archive()
        if not chosen and release is None:
            raise WrongValue(
                f"{self.name} has no source", help="give source='https://...' or a file beside the recipe, or repository= with branch= or commit="
            )
        if not chosen and release is not None and self.sha256 == FROM_TABLE and "{arch}" not in release.path:
            release.checksum(self.name, self.version)

    def _check_repository(self) -> None:
        if self.repository is True and not self.git:
            raise WrongValue(f"{self.name}(repository=True): the block knows no repository", help="give its URL")
        if self.commit and not is_commit(self.commit):
            raise WrongValue(f"{self.name}: commit={self.commit!r}", help="a commit is named by all of its 40 hexadecimal digits")
        if (self.branch or self.commit) and not self.repository:
            raise WrongValue(f"{self.name} has a branch or commit, but no repository")
        if self.repository and not self.branch and not self.commit:
            raise WrongValue(
                f"{self.name} has a repository, but neither commit nor branch", help="add commit='...', or branch='...', which every run reports"
            )

    @property
    def open_because(self) -> str:
        """As the recipe says, else as its class promises."""
        return super().open_because if self.alone is None else "" if self.alone else "the recipe says alone=False"

    @property
    def scratch_folder(self) -> str:
        """The folder that its source is unpacked and built in."""
        return self.wd

    def archive(self, arch: str = "") -> Tarball | None:
        """The released archive that it is built from, unless the recipe names another source; `arch` is empty while the recipe is read."""
        return self.release

    @property
    def other_source(self) -> str:
        """The archive that the recipe names instead of the release, or empty."""
        return next((one for one in (self.source, self.url, self.package) if one and isinstance(one, str)), "")

    @property
    def repository_url(self) -> str:
        """The git repository that it is built from, or empty."""
        return self.git if self.repository is True else self.repository or ""

    def origin_node(self, place: Place) -> Fetch | Git:
        """The node that brings the source, unpacked into its folder."""
        if self.repository_url:
            dest = f"{self.wd}/{self.repository_name}"
            return Git(self.repository_url, self.commit or "", self.branch or "", dest, submodules=self.recursive, patches=self.patch_nodes(place))
        if self.other_source:
            return self._fetch(place, self.other_source, self._given_checksum())
        arch = place.target.architecture
        release = self.archive(arch)
        assert release is not None
        checksum = release.checksum(self.name, self.version, arch=arch) if self.sha256 == FROM_TABLE else self.sha256
        return self._fetch(place, release.url(self.version, baseurl=self.baseurl or "", arch=arch), checksum)

    @property
    def repository_name(self) -> str:
        """The folder that a clone of its git repository has by default."""
        return folder_of(self.repository_url.rstrip("/").rpartition("/")[2].removesuffix(".git"))

    def _given_checksum(self) -> str | None:
        if self.sha256 == FROM_TABLE and self.is_local(self.other_source):
            return None  # a file of the user's own, beside the recipe
        if self.sha256 == FROM_TABLE:
            raise UnknownVersion(
                f"{self.name}: the sha256 of {self.other_source} is not known",
                origin=self.origin,
                help='add sha256="...", or sha256=None to go without a check',
            )
        return self.sha256

    def _fetch(self, place: Place, where: str, checksum: str | None) -> Fetch:
        local = where if self.is_local(where) else ""
        name = where.split("?", maxsplit=1)[0].rstrip("/").rpartition("/")[2]
        unpack = self.unpacks(name)
        strip = self.leading_folders(place)
        dest = f"{self.wd}/{self.unpack_folder(name)}" if unpack else self.wd
        return Fetch("" if local else where, checksum, dest, unpack=unpack, strip=strip, patches=self.patch_nodes(place), local=local)

    def unpacks(self, name: str) -> bool:
        """Whether a file is unpacked: its name says that it is an archive."""
        return is_archive(name)

    def leading_folders(self, place: Place) -> int:
        """How many leading folders of its archive are left out when it is unpacked."""
        release = self.archive(place.target.architecture)
        return release.strip if release is not None and not self.other_source else 1

    @staticmethod
    def is_local(where: str) -> bool:
        """Whether a source is a file beside the recipe."""
        return "://" not in where

    def unpack_folder(self, file: str) -> str:
        """The folder, below the scratch folder, that an archive is unpacked into."""
        return folder_of(file) if self.release is None or not self.version else f"{self.name}-{self.version}"

    def patch_nodes(self, place: Place) -> tuple[Patch, ...]:
        """The patches, read from beside the recipe."""
        return tuple(Patch(name, place.read(name)) for name in self.patches)

    def needs(self, place: Place) -> tuple[Packages, ...]:
        """The packages that its own build needs on its place's target."""
        return (*compilers_needed(self, self.languages_needed(place), place, self.compilers), self.build_packages)

    def languages_needed(self, place: Place) -> Iterable[str]:
        """The languages that it needs compilers for, as its options stand."""
        return self.languages

    def tools(self, place: Place) -> Iterable[tuple[Block, str]]:
        """The compilers that it uses, of its toolchain and all that stand before it; and packages that the recipe names itself."""
        yield from given_by(self.compilers, place)
        if self.needs_named_packages:
            yield from ((block, "packages before it") for block in place.before.packages)

    @property
    def needs_named_packages(self) -> bool:
        """Whether packages that the recipe names before it may be what it needs: not if its own list has all."""
        return self.ospackages is not None

    def install_needs(self, place: Place, origin: Fetch | Git) -> Iterator[Node]:
        """The packages that its lists name, and the recipe's own instead of the build's."""
        yield from packages(place.target, self.lists(place, origin), self.ospackages or ())

    def lists(self, place: Place, origin: Fetch | Git) -> Iterator[Packages]:
        """The packages that the build, its partners from the distribution, the download and the program itself need."""
        yield from self.needs(place) if self.ospackages is None else ()
        for name, one in self.options.items():
            switch = one.switch
            if switch is not None and switch.packages is not None and self.wants_packages(place, name):
                yield switch.packages
        yield from self.runtime_lists(place)  # what it needs to run, it needs in its own stage too
        yield from (GIT,) if isinstance(origin, Git) else fetch_needs(origin)

    def wants_packages(self, place: Place, name: str) -> bool:
        """Whether a switched option's packages are needed: it is True, or its partner is the distribution's and no block brings it."""
        return place.partner(self, name).of_distribution if self.options[name].partner else getattr(self, name) is True and self.has_choice(name)

    @property
    def jobs(self) -> str:
        """The argument of make's -j: `$JOBS` is set by every format, from the builder's processors and memory."""
        return f"-j{self.parallel}" if self.parallel else '-j"$JOBS"'

    def variables(self, place: Place) -> tuple[tuple[str, str], ...]:
        """The variables that the configure step is given: build_environment over the toolchain, flags for the CPU target added."""
        values: dict[str, str] = dict(self.compilers.items()) if self.compilers else told(place)
        if place.cpu_target and self.for_cpu_target:
            from hpcgen.block.cpu import flags

            for language, names in FLAGS.items():
                words = flags(place.cpu_target, place.target.architecture, *self.compiler(language, place))
                values.update({name: f"{values.get(name, self.optimization)} {words}" for name in names})
        values["LDFLAGS"] = " ".join(word for word in (values.get("LDFLAGS", ""), *self.link_flags(place)) if word)
        values.update(self.build_environment)
        return tuple(values.items())

    def compiler(self, language: str, place: Place) -> tuple[str, str]:
        """The compiler that it is built with, and its version; that for C stands for a language that it does not say it is written in."""
        named = self.compilers is not None and language == "fortran" and bool(self.compilers.FC)
        return compiler_used(self.compilers, place, language if named or language in self.languages_needed(place) else "c")

    def link_flags(self, place: Place) -> Iterator[str]:
        """What makes its libraries find those of its partners without LD_LIBRARY_PATH."""
        for folder in dict.fromkeys(folder for partner in self.partners(place).values() for folder in partner.libraries):
            yield f"-Wl,-rpath,{folder}"
        yield "-Wl,--enable-new-dtags"

    def run(self, commands: Iterable[str], cwd: str = "", env: tuple[tuple[str, str], ...] = ()) -> Run:
        """A Run with the recipe's further words for it."""
        return Run(tuple(commands), cwd=cwd, env=env, options=tuple(self._run_arguments.split()))

    def build(self, place: Place) -> Iterator[Node]:
        """Packages, source, the kind's own steps, and nothing left behind."""
        origin = self.origin_node(place)
        yield from self.install_needs(place, origin)
        yield origin
        folder = self.folder(origin)
        yield from self.steps(place, folder)
        leftovers = (origin.dest,) if isinstance(origin, Git) or origin.unpack else (f"{origin.dest}/{origin.name}",)
        yield remove(*leftovers, *self.scratch(folder))
        if self.annotate:
            yield from self.labels()

    def labels(self) -> Iterator[Label]:
        """What an annotated image says of it."""
        yield Label(f"hpcgen.{self.name}.version", self.other_source or self.repository_url or self.version)

    def folder(self, origin: Fetch | Git) -> str:
        """The folder that it is built in."""
        return f"{origin.dest}/{self.directory}" if self.directory else origin.dest

    def scratch(self, folder: str) -> Iterable[str]:
        """Further folders that only the build needed."""
        return ()

    def steps(self, place: Place, folder: str) -> Iterator[Node]:
        """What builds and installs it, starting in the source's folder."""
        raise NotImplementedError(self.name)

    def exported(self, place: Place) -> Iterable[Node]:
        """Its environment; with `ldconfig`, its libraries are registered with the loader."""
        if self.ldconfig and self.exports and self.exports.lib:
            yield register_libraries(f"{self.prefix}/{self.exports.lib}")
        for node in super().exported(place):
            if not (self.ldconfig and getattr(node, "name", "") == "LD_LIBRARY_PATH"):
                yield node


def register_libraries(folder: str) -> Run:
    """The loader finds libraries in this folder without LD_LIBRARY_PATH."""
    return Run((f"echo {sh(folder)} >> /etc/ld.so.conf.d/hpcgen.conf", "ldconfig"))


def assignments(variables: Iterable[tuple[str, str]]) -> str:
    """`NAME=value ` words to stand before a command."""
    return "".join(f"{name}={sh(value)} " for name, value in variables)
