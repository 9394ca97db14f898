"""What a stage can do: meanings, not text.

A node is frozen and says nothing of the format it will be written in. `origin` and `block` tell where it came from; they take no part in equality and
hash.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from hpcgen.frozen import field, frozen

if TYPE_CHECKING:
    from hpcgen.origin import Origin

Phase = Literal["both", "build", "run"]
"""When an environment variable holds: while building, while running, or both."""


@frozen
class BlockRef:
    """Which building block a node comes from: its class, what it builds or empty, and the digest of its nodes: equal digests mean equal nodes."""

    name: str
    version: str
    digest: str

    def __str__(self) -> str:
        return f"{self.name} {self.version}".rstrip()


@frozen
class Node:
    """The base of all nodes."""

    origin: Origin | None = field(default=None, eq=False, repr=False, kw_only=True)
    block: BlockRef | None = field(default=None, eq=False, repr=False, kw_only=True)


@frozen
class Mount:
    """What a RUN sees beside the image.

    Attributes:
        kind: `cache`, `bind`, `secret`, `ssh` or `tmpfs`.
        target: where it is seen.
        source: the path within `stage` or the build context; a secret's file name is its `id`.
        stage: the stage or named context that a bind mount reads, empty for the build context.
        id: of a cache, secret or ssh mount.
        options: further `key=value` words as the engine takes them.
    """

    kind: Literal["cache", "bind", "secret", "ssh", "tmpfs"]
    target: str = ""
    source: str = ""
    stage: str = ""
    id: str = ""
    options: tuple[str, ...] = ()


@frozen
class Install(Node):
    """Packages of the distribution.

    Attributes:
        packages: names as the stage's package manager takes them, sorted when written.
        enable: well-known further repositories: `epel`, `crb`.
        options: words for the package manager's install command.
        modules: dnf module streams to enable first.
        download: a folder to download to instead of installing, or empty.
        extract: the folder that downloaded packages are unpacked into, or empty.
        shared: whom a merged installation serves: block and recipe line.
    """

    packages: tuple[str, ...]
    enable: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    modules: tuple[str, ...] = ()
    download: str = ""
    extract: str = ""
    shared: tuple[tuple[BlockRef | None, Origin | None], ...] = field(default=(), eq=False, repr=False)


@frozen
class AddRepository(Node):
    """A package repository, trusted by one key whose fingerprint is known.

    Attributes:
        name: of the repository's file.
        url: of the repository.
        key: URL of its signing key.
        fingerprint: of that key, 40 hexadecimal digits.
        suite: apt's suite, `/` or `./` for a flat repository; empty for dnf.
        components: apt's components.
    """

    name: str
    url: str
    key: str
    fingerprint: str
    suite: str = ""
    components: tuple[str, ...] = ()


@frozen
class Patch:
    """A change to an unpacked source.

    Attributes:
        name: the file, relative to the recipe, or its URL's last word.
        text: the patch itself.
        strip: leading folders to leave out (`patch -p`).
    """

    name: str
    text: str
    strip: int = 1


@frozen
class Fetch(Node):
    """A file from the network, checked and unpacked.

    Attributes:
        url: where it is published.
        sha256: of the file, 64 hexadecimal digits; None: unchecked, which is reported on every run.
        dest: the folder it is unpacked into, or the folder that keeps the file.
        unpack: whether it is an archive to unpack.
        strip: leading folders of the archive to leave out.
        patches: applied in order within `dest`.
        file: the file's name; the URL's last word if empty.
        local: a file beside the recipe to take instead of the URL, or empty.
    """

    url: str
    sha256: str | None
    dest: str
    unpack: bool = True
    strip: int = 1
    patches: tuple[Patch, ...] = ()
    file: str = ""
    local: str = ""

    @property
    def name(self) -> str:
        """The file's name."""
        return self.file or (self.local or self.url.split("?")[0]).rstrip("/").rpartition("/")[2]


@frozen
class Git(Node):
    """A git repository at one commit.

    Attributes:
        url: of the repository.
        commit: 40 hexadecimal digits, or empty where only `ref` is known, which is reported on every run.
        ref: the branch or tag it is looked for in, or empty.
        submodules: whether submodules are fetched too.
        dest: the folder it is checked out into.
        patches: applied in order within `dest`.
    """

    url: str
    commit: str
    ref: str
    dest: str
    submodules: bool = False
    patches: tuple[Patch, ...] = ()


@frozen
class Run(Node):
    """Shell commands, each of which must succeed.

    Attributes:
        commands: shell code; one fails, the build stops.
        cwd: the folder they run in, or empty.
        env: variables for these commands alone.
        mounts: what they see beside the image.
        options: further `--flag` words for the instruction, as the engine takes them.
    """

    commands: tuple[str, ...]
    cwd: str = ""
    env: tuple[tuple[str, str], ...] = ()
    mounts: tuple[Mount, ...] = ()
    options: tuple[str, ...] = ()


@frozen
class Copy(Node):
    """Files from the build context or from an earlier stage.

    Attributes:
        sources: paths; relative to the recipe, or absolute within `stage`.
        dest: ends with a slash where it is a folder to copy into.
        stage: the stage they come from, empty for the build context.
        owner: `user:group` or empty.
        mode: octal digits or empty.
        literal: whether `*?[` in `sources` are plain characters.
        exclude: patterns that are left out.
        tree: whether one source folder becomes `dest`: a whole prefix.
    """

    sources: tuple[str, ...]
    dest: str
    stage: str = ""
    owner: str = ""
    mode: str = ""
    literal: bool = False
    exclude: tuple[str, ...] = ()
    tree: bool = False


@frozen
class WriteFile(Node):
    """A text file with exactly this content."""

    path: str
    content: str
    mode: str = ""


@frozen
class SetEnv(Node):
    """An environment variable with exactly this value."""

    name: str
    value: str
    phase: Phase = "both"


@frozen
class PrependPath(Node):
    """A folder put first, or last, in a list such as PATH, without leaving an empty element where the list is empty."""

    name: str
    path: str
    phase: Phase = "both"
    last: bool = False


@frozen
class Workdir(Node):
    """The folder that commands start in, made if it is not there."""

    path: str


@frozen
class User(Node):
    """The user that commands run as."""

    name: str


@frozen
class Shell(Node):
    """The shell that reads commands, with its options: `("/bin/bash", "-c")`."""

    words: tuple[str, ...]


@frozen
class Label(Node):
    """A label of the image."""

    name: str
    value: str


@frozen
class Entrypoint(Node):
    """What a container runs. `commands`: shell lines before it, in formats that have a runscript."""

    words: tuple[str, ...]
    commands: tuple[str, ...] = ()
    arguments: bool = True


@frozen
class Cmd(Node):
    """The arguments that a container gets if its user names none."""

    words: tuple[str, ...]


@frozen
class Expose(Node):
    """A network port that the image's program listens on: `8888` or `53/udp`."""

    port: str


@frozen
class Volume(Node):
    """A folder that is kept outside the image."""

    path: str


@frozen
class Healthcheck(Node):
    """A command that tells whether the container works; times in seconds, 0 for the engine's own; no words: none is run."""

    words: tuple[str, ...]
    interval: int = 0
    timeout: int = 0
    start_period: int = 0
    retries: int = 0


@frozen
class StopSignal(Node):
    """The signal that stops the container."""

    signal: str


@frozen
class Arg(Node):
    """A variable that the builder may set; with a default or None."""

    name: str
    default: str | None = None


@frozen
class Comment(Node):
    """Words for the reader of the file."""

    text: str


@frozen
class Raw(Node):
    """Text for one format, written as it is."""

    format: str
    text: str


@frozen
class RuntimeOf(Node):
    """What an earlier stage leaves for running; replaced before it is written.

    Attributes:
        stage: the stage that built it.
        kind: how it is chosen: `packages`, `files`, `scratch`, or `prefix`, whole installation folders.
        exclude: names of blocks whose own files are left out.
        shell: whether a shell comes along, upon scratch.
        launch: how ranks on other hosts are started from within: `ssh`, or empty: from outside.
        libraries: the blocks' `needed` ones or `all`; empty: by whether the result has a program that needs some.
        debug: whether what stripping takes away is kept, in a stage of its own.
        labels: title, version and revision of the image, where the recipe gives them.
        records: what the closure program is told, settled in planning.
        about: the same of blocks and image, which only go into the manifest.
        digest: of what the recipe says of the result.
    """

    stage: str
    kind: str = "packages"
    exclude: tuple[str, ...] = ()
    shell: bool = False
    launch: str = ""
    libraries: str = ""
    debug: bool = False
    labels: tuple[tuple[str, str], ...] = ()
    records: tuple[tuple[str, ...], ...] = ()
    about: tuple[tuple[str, ...], ...] = field(default=(), eq=False, repr=False)
    digest: str = field(default="", eq=False, repr=False)


@frozen
class RunFrom(Node):
    """A shell program of an earlier stage, run here in sight of its folder, of which nothing stays; `installs`: it installs packages."""

    stage: str
    folder: str
    program: str
    installs: bool = False


@frozen
class Test(Node):
    """Commands that must succeed in the finished image; run where engines have a place for tests."""

    commands: tuple[str, ...]


@frozen
class ByArch(Node):
    """What differs by architecture, in a graph for several.

    Attributes:
        choices: architecture -> its nodes.
    """

    choices: tuple[tuple[str, tuple[Node, ...]], ...]
