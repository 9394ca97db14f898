"""The recipe's own words: what is not a piece of software."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any, ClassVar

from hpcgen.block.block import packages
from hpcgen.block.item import Item
from hpcgen.block.lists import around_own_name
from hpcgen.block.options import REQUIRED, Anything, Number, Optional, Variables, Words, option
from hpcgen.block.sources import GIT, fetch_needs, is_commit, is_sha256
from hpcgen.errors import UnknownVersion, WrongValue
from hpcgen.graph import nodes as graph
from hpcgen.loading.selftest import mpi_commands
from hpcgen.quoting import is_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hpcgen.block.place import Place
    from hpcgen.graph.nodes import Node


class Primitive(Item):
    """A word of the recipe."""

    what: ClassVar[str] = "primitive"


class baseimage(Primitive):
    """What a stage starts from. https://docs.docker.com/reference/dockerfile/#from"""

    positional = "image"
    image: str = option("ubuntu:24.04", "image, or the name of an earlier stage")
    name: str = option("", "name of the stage", alias="_as")
    distro: Optional = option(None, "distribution and release, where the image's name does not tell: ubuntu22.04, rocky9", alias="_distro")
    arch: Anything = option(None, "architecture, or a list of them: x86_64, aarch64", alias="_arch")
    bootstrap: str = option("docker", "definition file's agent", alias="_bootstrap")
    docker_env: bool = option(True, "read the image's own environment in %post", alias="_docker_env")
    AS: str = option("", "HPCCM's older word for name")

    def validate(self) -> None:
        """Raises for an image without a name, and for stage names that engines do not take."""
        if not self.image.strip():
            raise WrongValue("baseimage(image='')", help="name an image, such as debian:12, or scratch")
        if self.stage_name and not re.fullmatch(r"[a-z][a-z0-9_.-]*", self.stage_name):
            raise WrongValue(
                f"stage name '{self.stage_name}'", help="a stage's name has lower-case letters, digits, '_', '-' and '.', and starts with a letter"
            )

    @property
    def stage_name(self) -> str:
        """The name that it gives to its stage, or empty."""
        return self.name or self.AS

    @property
    def architectures(self) -> tuple[str, ...]:
        """The architectures that it names."""
        return () if not self.arch else (self.arch,) if isinstance(self.arch, str) else tuple(self.arch)


class allow(Primitive):
    """A rule that what follows in the stage may break, knowingly: its error becomes a warning that gives the reason, and its warning is not said."""

    positional = "rule"
    rule: str = option(REQUIRED, "its name, as hpcgen rules lists it")
    reason: str = option(REQUIRED, "why it may, on one line")

    def validate(self) -> None:
        """Raises for a reason that is none, or of several lines."""
        if not self.reason.strip() or not self.reason.isprintable():
            raise WrongValue(f"allow({self.rule!r}): reason={self.reason!r}", help="a reason is one line of text, for those who read the warning")

    def nodes(self, place: Place) -> Iterator[Node]:
        """None: it is for planning alone."""
        return iter(())


class shell(Primitive):
    """Shell commands, each of which must succeed."""

    commands: Words = option(REQUIRED, "shell code, one command a string")
    cwd: str = option("", "folder to run in")
    env: Variables = option((), "variables for these commands alone")
    mounts: Anything = option((), "list of mount(...)")
    chdir: bool = option(True, "HPCCM's: start at /; every RUN does")
    _arguments: str = option("", "further words for Docker's RUN")
    test: bool = option(False, "run in the finished image, where the engine has a place for it", alias="_test")

    def validate(self) -> None:
        """Raises for mounts that are none."""
        if not isinstance(self.mounts, list | tuple) or not all(isinstance(one, graph.Mount) for one in self.mounts):
            raise WrongValue(f"shell(mounts={self.mounts!r})", help="mounts takes a list of mount(...)")

    def nodes(self, place: Place) -> Iterator[Node]:
        """One Run, or one Test."""
        commands = tuple(command for command in self.commands if command.strip())
        if self.test:
            yield graph.Test(commands)
        elif commands:
            yield graph.Run(commands, cwd=self.cwd, env=self.env, mounts=tuple(self.mounts), options=tuple(self._arguments.split()))


def mount(
    kind: str,
    target: str = "",
    *,
    source: str = "",
    stage: str = "",
    id: str = "",  # noqa: A002 (the engines' word)
    options: tuple[str, ...] | list[str] = (),
) -> graph.Mount:
    """What a shell primitive sees beside the image: `cache`, `bind`, `secret`, `ssh` or `tmpfs`."""
    if kind not in ("cache", "bind", "secret", "ssh", "tmpfs"):
        raise WrongValue(f"mount kind '{kind}'", help="it is one of cache, bind, secret, ssh, tmpfs")
    return graph.Mount(kind, target, source, stage, id, tuple(options))  # type: ignore[arg-type]  # checked in the line above


class test(Primitive):
    """Commands that must succeed in the finished image."""

    commands: Words = option((), "shell code, one command a string")
    mpi: Optional = option(None, "an MPI program with its arguments, as for a shell: it is started by the image's mpirun, and its ranks are counted")
    ranks: Number = option(2, "how many of them")
    over: Optional = option(None, "ucx: they must talk over it and nothing else, and what it uses is named")

    def validate(self) -> None:
        """Raises for a test of nothing."""
        if not self.commands and not self.mpi:
            raise WrongValue("test() without anything to test", help="give commands=[...], or mpi='program'")
        if not self.mpi and self.given & {"ranks", "over"}:
            raise WrongValue("test(ranks=, over=) is about an MPI program", help="name it: mpi='program'")
        if not str(self.ranks).isdigit() or int(self.ranks) < 1:
            raise WrongValue(f"test(ranks={self.ranks!r})", help="ranks is a number from 1 on")
        if self.over and not self.over.isalnum():
            raise WrongValue(f"test(over={self.over!r})", help="over is the name of one of Open MPI's pml components")

    def nodes(self, place: Place) -> Iterator[Node]:
        """One Test."""
        started = tuple(mpi_commands(self.mpi, int(self.ranks), over=self.over or "")) if self.mpi else ()
        yield graph.Test((*self.commands, *started))


_OTHER = re.compile(r"(?<!\\)\$(\w+|\{\w+\})")


class environment(Primitive):
    """Environment variables, written exactly; only a list's own name, as in '/opt/bin:$PATH', stands for what it had."""

    variables: Variables = option(REQUIRED, "names with their values")
    _export: bool = option(True, "hold while building too")

    def validate(self) -> None:
        """Raises for names that are none."""
        for name, _ in self.variables:
            if not is_name(name):
                raise WrongValue(f"environment variable '{name}'", help="a name has letters, digits and '_', and does not start with a digit")

    def nodes(self, place: Place) -> Iterator[Node]:
        """One node a variable, two or more where a list is added to on both sides."""
        phase: graph.Phase = "both" if self._export else "run"
        for name, value in self.variables:
            before, own, after = around_own_name(name, value)
            if not own:
                if _OTHER.search(value):
                    place.warn(f"{self.origin}: {name}={value!r} is written exactly, its $ is not replaced; only ${name} between colons is")
                yield graph.SetEnv(name, value, phase)
                continue
            for path in reversed(before):
                yield graph.PrependPath(name, path, phase)
            for path in after:
                yield graph.PrependPath(name, path, phase, last=True)


class path(Primitive):
    """A folder put first in PATH or another list, without an empty element."""

    positional = "folder"
    folder: str = option(REQUIRED, "the folder")
    name: str = option("PATH", "the list")
    last: bool = option(False, "put it last instead")

    def nodes(self, place: Place) -> Iterator[Node]:
        """One PrependPath."""
        yield graph.PrependPath(self.name, self.folder, last=self.last)


class copy(Primitive):
    """Files from beside the recipe, or from another stage."""

    src: Anything = option((), "a path, or a list of them; * ? [ are patterns, unless it is a pathlib.Path")
    dest: str = option("", "where to; with a slash at its end: a folder to copy into")
    files: Variables = option((), "pairs of source and destination")
    stage: Optional = option(None, "stage to copy from", alias="_from")
    owner: Optional = option(None, "user:group", alias="_chown")
    mode: Optional = option(None, "octal digits", alias="_chmod")
    exclude: Words = option((), "patterns to leave out", alias="_exclude_from")
    _mkdir: bool = option(False, "HPCCM's: folders are always made")
    _post: bool = option(False, "HPCCM's: the order of the recipe is always kept")

    def validate(self) -> None:
        """Raises where source or destination is missing, or the mode is none."""
        pairs = self._pairs()
        if not pairs or any(not sources or not dest for sources, dest, _ in pairs):
            raise WrongValue("copy without source or destination", help="copy(src='...', dest='...') or copy(files={'source': 'destination'})")
        if self.mode and not re.fullmatch(r"[0-7]{3,4}", self.mode):
            raise WrongValue(f"copy(mode={self.mode!r})", help="a mode has three or four octal digits: '0755'")

    def nodes(self, place: Place) -> Iterator[Node]:
        """One Copy a pair."""
        for sources, dest, literal in self._pairs():
            yield graph.Copy(
                sources, dest, stage=self.stage or "", owner=self.owner or "", mode=self.mode or "", literal=literal, exclude=self.exclude
            )

    def _pairs(self) -> list[tuple[tuple[str, ...], str, bool]]:
        """Sources, destination, and whether the sources are literal names."""
        pairs = [((source,), dest, False) for source, dest in self.files]
        given = list(self.src) if isinstance(self.src, list | tuple) else [self.src]
        for one in given:
            if not isinstance(one, str | os.PathLike):
                raise WrongValue(f"copy(src={self.src!r}) is a {type(self.src).__name__}", help="src takes a path or a list of paths")
        names = tuple(os.fspath(one) for one in given)
        literal = any(not isinstance(one, str) for one in given)
        if literal and not all(not isinstance(one, str) for one in given):
            raise WrongValue(f"copy(src={self.src!r}) mixes patterns and pathlib.Path", help="copy them by two primitives")
        return pairs + ([(names, self.dest, literal)] if names or self.dest else [])


class write_file(Primitive):
    """A text file with exactly this content."""

    path: str = option(REQUIRED, "where")
    content: Optional = option(None, "its text")
    src: Optional = option(None, "a file beside the recipe that has the text")
    mode: Optional = option(None, "octal digits")

    def validate(self) -> None:
        """Raises where there is no text, or two."""
        if (self.content is None) == (self.src is None):
            raise WrongValue("write_file needs either content or src")

    def nodes(self, place: Place) -> Iterator[Node]:
        """One WriteFile."""
        yield graph.WriteFile(self.path, self.content if self.content is not None else place.read(self.src or ""), self.mode or "")


class fetch(Primitive):
    """A file from the network, checked, and unpacked if `unpack` says so."""

    url: str = option(REQUIRED, "where it is published")
    sha256: Optional = option("", "its checksum; None: unchecked, which every run reports")
    dest: str = option(REQUIRED, "the folder it goes to")
    unpack: bool = option(False, "unpack it there")
    strip: Number = option(0, "leading folders of the archive to leave out")

    def validate(self) -> None:
        """Raises without a checksum."""
        if self.sha256 == "":
            raise UnknownVersion(f"the sha256 of {self.url} is not known", help='add sha256="...", or sha256=None to go without a check')
        if self.sha256 and not is_sha256(self.sha256):
            raise WrongValue(f"fetch: sha256={self.sha256!r}", help="a sha256 has 64 lower-case hexadecimal digits")

    def nodes(self, place: Place) -> Iterator[Node]:
        """What downloading needs, and one Fetch."""
        node = graph.Fetch(self.url, self.sha256, self.dest, unpack=self.unpack, strip=int(self.strip))
        yield from packages(place.target, fetch_needs(node))
        yield node


class git(Primitive):
    """A git repository at one commit."""

    repository: str = option(REQUIRED, "its URL")
    commit: Optional = option(None, "40 hexadecimal digits")
    branch: str = option("", "branch or tag")
    dest: str = option(REQUIRED, "the folder it goes to")
    recursive: bool = option(False, "fetch submodules too")

    def validate(self) -> None:
        """Raises without a commit or branch."""
        if self.commit and not is_commit(self.commit):
            raise WrongValue(f"git: commit={self.commit!r}", help="a commit is named by all of its 40 hexadecimal digits")
        if not self.commit and not self.branch:
            raise WrongValue("git needs a commit or a branch")

    def nodes(self, place: Place) -> Iterator[Node]:
        """What git needs, and one Git."""
        yield from packages(place.target, (GIT,))
        yield graph.Git(self.repository, self.commit or "", self.branch, self.dest, submodules=self.recursive)


class label(Primitive):
    """Labels of the image."""

    metadata: Variables = option(REQUIRED, "names with their values")

    def nodes(self, place: Place) -> Iterator[Node]:
        """One Label a pair."""
        for name, value in self.metadata:
            yield graph.Label(name, value)


class comment(Primitive):
    """Words for the reader of the file."""

    positional = "text"
    text: str = option(REQUIRED, "the words")
    reformat: bool = option(True, "HPCCM's: lines are wrapped")

    def nodes(self, place: Place) -> Iterator[Node]:
        """One Comment."""
        yield graph.Comment(self.text)


class workdir(Primitive):
    """The folder that commands start in."""

    positional = "directory"
    directory: str = option(REQUIRED, "the folder")

    def nodes(self, place: Place) -> Iterator[Node]:
        """One Workdir."""
        yield graph.Workdir(self.directory)


class user(Primitive):
    """The user that commands run as."""

    positional = "user"
    user: str = option(REQUIRED, "name or number, with :group if wanted")

    def nodes(self, place: Place) -> Iterator[Node]:
        """One User."""
        yield graph.User(self.user)


class runscript(Primitive):
    """What a container runs: lines of shell code, the last one given the container's arguments."""

    commands: Words = option(REQUIRED, "shell code, one command a string")
    args: bool = option(True, "pass the container's arguments on", alias="_args")
    _exec: bool = option(True, "HPCCM's: the last command takes the place of the shell")

    def validate(self) -> None:
        """Raises for no commands."""
        if not self.commands:
            raise WrongValue("runscript without commands")

    def nodes(self, place: Place) -> Iterator[Node]:
        """One Entrypoint that a shell reads."""
        yield graph.Entrypoint((), commands=tuple(self.commands), arguments=self.args)


class entrypoint(Primitive):
    """The program that a container runs, as words; the container's arguments follow them."""

    positional = "words"
    words: Words = option(REQUIRED, "program and arguments")

    def nodes(self, place: Place) -> Iterator[Node]:
        """One Entrypoint."""
        yield graph.Entrypoint(tuple(self.words))


class cmd(Primitive):
    """The arguments that a container gets if its user names none."""

    positional = "words"
    words: Words = option(REQUIRED, "the words")

    def nodes(self, place: Place) -> Iterator[Node]:
        """One Cmd."""
        yield graph.Cmd(tuple(self.words))


class use_shell(Primitive):
    """The shell that reads commands from here on."""

    positional = "words"
    words: Words = option(REQUIRED, "the shell with its options: ['/bin/bash', '-c']")

    def nodes(self, place: Place) -> Iterator[Node]:
        """One Shell."""
        yield graph.Shell(tuple(self.words))


class arg(Primitive):
    """A variable that the builder may set."""

    positional = "name"
    name: str = option(REQUIRED, "its name")
    default: Optional = option(None, "its value if the builder sets none")

    def validate(self) -> None:
        """Raises for a name that is none."""
        if not is_name(self.name):
            raise WrongValue(f"arg name '{self.name}'", help="a name has letters, digits and '_', and does not start with a digit")

    def nodes(self, place: Place) -> Iterator[Node]:
        """One Arg."""
        yield graph.Arg(self.name, self.default)


class expose(Primitive):
    """A network port that the image's program listens on."""

    positional = "port"
    port: Anything = option(REQUIRED, "8888, or '53/udp'")

    def validate(self) -> None:
        """Raises for what is not a port."""
        if not re.fullmatch(r"\d{1,5}(-\d{1,5})?(/(tcp|udp|sctp))?", str(self.port)):
            raise WrongValue(f"expose({self.port!r})", help="a port is 8888 or '53/udp'")

    def nodes(self, place: Place) -> Iterator[Node]:
        """One Expose."""
        yield graph.Expose(str(self.port))


class volume(Primitive):
    """A folder that is kept outside the image."""

    positional = "path"
    path: str = option(REQUIRED, "the folder")

    def nodes(self, place: Place) -> Iterator[Node]:
        """One Volume."""
        yield graph.Volume(self.path)


class healthcheck(Primitive):
    """A command that tells whether the container works; times in seconds."""

    words: Words = option((), "program and arguments; none: no check, even if the base image has one")
    interval: int = option(0, "between two checks")
    timeout: int = option(0, "for one check")
    start_period: int = option(0, "in which failures do not count")
    retries: int = option(0, "failures in a row that count")

    def nodes(self, place: Place) -> Iterator[Node]:
        """One Healthcheck."""
        yield graph.Healthcheck(tuple(self.words), self.interval, self.timeout, self.start_period, self.retries)


class stopsignal(Primitive):
    """The signal that stops the container."""

    positional = "signal"
    signal: str = option(REQUIRED, "SIGTERM, or a number")

    def nodes(self, place: Place) -> Iterator[Node]:
        """One StopSignal."""
        yield graph.StopSignal(self.signal)


class raw(Primitive):
    """Text for single formats, written as it is."""

    docker: str = option("", "for Dockerfiles")
    singularity: str = option("", "for definition files")
    bash: str = option("", "for shell scripts")

    def nodes(self, place: Place) -> Iterator[Node]:
        """One Raw a format that has text."""
        for format in ("docker", "singularity", "bash"):
            if getattr(self, format):
                yield graph.Raw(format, getattr(self, format))


class blob(Primitive):
    """Files beside the recipe whose text is written as it is."""

    docker: str = option("", "file for Dockerfiles")
    singularity: str = option("", "file for definition files")
    bash: str = option("", "file for shell scripts")

    def nodes(self, place: Place) -> Iterator[Node]:
        """One Raw a format that has a file."""
        for format in ("docker", "singularity", "bash"):
            name: Any = getattr(self, format)
            if name:
                yield graph.Raw(format, place.read(name))


class repository(Primitive):
    """A package repository, trusted by one key whose fingerprint is known."""

    name: str = option(REQUIRED, "name of its file")
    url: str = option(REQUIRED, "its URL, https")
    key: str = option(REQUIRED, "URL of its signing key, https")
    fingerprint: str = option(REQUIRED, "of that key: 40 hexadecimal digits")
    suite: str = option("", "apt's suite, '/' for a flat repository")
    components: Words = option((), "apt's components")

    def validate(self) -> None:
        """Raises for plain http and for a fingerprint that is none."""
        self.fingerprint = re.sub(r"\s", "", self.fingerprint).upper()
        if not re.fullmatch(r"[0-9A-F]{40}", self.fingerprint):
            raise WrongValue(
                f"repository: fingerprint={self.fingerprint!r}", help="a fingerprint has 40 hexadecimal digits; gpg --show-keys prints it"
            )
        if not re.fullmatch(r"[a-zA-Z0-9_.-]+", self.name):
            raise WrongValue(f"repository name '{self.name}'", help="it becomes a file's name: letters, digits, '.', '_' and '-'")

    def nodes(self, place: Place) -> Iterator[Node]:
        """One AddRepository."""
        yield graph.AddRepository(self.name, self.url, self.key, self.fingerprint, suite=self.suite, components=tuple(self.components))


PRIMITIVES: tuple[type[Primitive], ...] = (
    allow, arg, baseimage, blob, cmd, comment, copy, entrypoint, environment, expose, fetch, git, healthcheck, label, path, raw, repository,
    runscript, shell, stopsignal, test, use_shell, user, volume, workdir, write_file,
)  # fmt: skip
