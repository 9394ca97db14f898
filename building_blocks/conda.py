"""conda, from conda-forge's Miniforge."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

from hpcgen.block import Block, Exports, MaybeWords, Optional, Packages, Tarball, Words, conflict, option
from hpcgen.block.block import packages, remove
from hpcgen.block.sources import CURL, is_sha256
from hpcgen.errors import WrongValue
from hpcgen.frozen import evolve
from hpcgen.graph.nodes import Fetch, Mount, PrependPath, Run
from hpcgen.quoting import sh_join

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from hpcgen.block.leaving import Leavings
    from hpcgen.block.place import Place
    from hpcgen.graph.nodes import Node

NEEDS = Packages(both=("bash",), why="the installer is a program of bash")
SETTINGS = "/run/secrets/condarc"  # conda takes no settings from a file without this word in its name
CONFIG = Mount("secret", SETTINGS, id="conda", options=("required=false",))
"""The site's .condarc: mirrors of channels, credentials and the like, of which nothing stays in the image."""

ANACONDA = re.compile(r"(^|/)(defaults|main|r|msys2|anaconda|free|pro)$|\b(repo|conda)\.anaconda\.com\b")
"""The channels that Anaconda Inc. itself serves; conda-forge and others on its server are no part of its terms."""

_NAME = re.compile(r"""^name:\s*["']?([\w.-]+)""", re.MULTILINE)
_LIST = r"^\s*{}:[^\S\n]*(\[[^\]]*\]|(?:\n\s*-[^\n]*|\n\s*#[^\n]*|\n[^\S\n]*(?=\n))*)"
_PIP = re.compile(r"^\s*-\s*pip:\s*$", re.MULTILINE)


def listed(text: str, key: str) -> list[str]:
    """The words of a list in an environment file."""
    match = re.search(_LIST.format(key), text, re.MULTILINE)
    rows = re.split(r"[\n,]", match[1].strip("[]")) if match else []
    words = (re.sub(r"\s#.*", "", row).strip().removeprefix("-").strip().strip("\"'") for row in rows if not row.lstrip().startswith("#"))
    return [word for word in words if word and not word.endswith(":")]


class conda(Block, closed=True):
    """conda: environments of packages from conda-forge, by Miniforge. https://github.com/conda-forge/miniforge"""

    licence = "BSD-3-Clause"
    installer = Tarball(
        "https://github.com/conda-forge/miniforge/releases/download",
        "{version}/Miniforge3-{version}-Linux-{arch}.sh",
        # Of public pins at least five unrelated files have each.
        sha256={
            "26.7.2-0-x86_64": "281b0ac7d550802efc81af633225a5e6116d29ae72f3ab4eae7168c3931a4c05",  # public pins, dotfiles
            "26.7.2-0-aarch64": "89b786c8d2c8b0fda7553914c1314ae4ddaa094503802f279377b19ac4463cb2",  # public pins, image files
            "26.3.2-3-x86_64": "848194851a98903134187fbb4ab50efe87b003e0c0f808f97644b7524a62bf2c",  # homebrew, spack, public pins
            "26.3.2-3-aarch64": "2c113a69297e612b01ca0f320c22a3107a11f2ab9b573d79ac868a175945ce29",  # homebrew, spack, public pins
            "26.1.1-3-x86_64": "b25b828b702df4dd2a6d24d4eb56cfa912471dd8e3342cde2c3d86fe3dc2d870",  # spack, public pins
            "26.1.1-3-aarch64": "83280e4ee71a5bd547d6b318f96e9ababe1054911ff6cc2b8801ce5493fe67e5",  # single: spack
            "25.3.1-0-x86_64": "376b160ed8130820db0ab0f3826ac1fc85923647f75c1b8231166e3d559ab768",  # aur, public pins
            "25.3.1-0-aarch64": "a57c9e3d6c0c449c0283fd07e0bfa30d95eb8d547a14e8dc06c606405d01a7f0",  # aur, public pins
            "25.3.0-3-x86_64": "1b57f8cb991982063f79b56176881093abb1dc76d73fda32102afde60585b5a1",  # easybuild, spack
            "25.3.0-3-aarch64": "ac89f17b0eec4e98d38a53d1ae688e0f22c77d8ea5b5f008c2455e90ef095339",  # easybuild, spack
            "24.11.3-0-x86_64": "2e1ad2188fe69fcdd522c2b20c08c800a5c7411b775eca768318b1540ed32e53",  # aur, easybuild
            "24.11.3-0-aarch64": "d3f2b771857009ec804faeeef191352186194cb5737a831e55c6347a5f47cb8f",  # aur, easybuild
            "24.1.2-0-x86_64": "dbadb808edf4da00af35d888d3eeebbfdce71972b60bf4b16dbacaee2ab57f28",  # easybuild, spack
            "24.1.2-0-aarch64": "f881e2fa24aa898c25fac3250ccb213e8b892fdd95851f000dce93c419e8f89a",  # single: easybuild
        },
    )
    exports = Exports(bin="bin")
    conflicts = (
        conflict(
            lambda conda, place: any(map(ANACONDA.search, conda.all_channels(place))),
            "the channels of Anaconda Inc. (defaults, main, r) may be used without payment by individuals, and by organisations of fewer than 200: "
            "conda-forge has nearly all that they have",
            name="conda-anaconda-channels",
            source="Anaconda, terms of service",
            level="warning",
        ),
        conflict(
            lambda conda, place: conda.unpinned(place),
            "a package without a version (name=1.2) is another one each time that the image is built anew; an explicit list pins all "
            "(conda list --explicit --sha256)",
            name="conda-unpinned",
            source="conda, managing environments",
            level="warning",
        ),
    )

    version: str = option("26.7.2-0", "release of Miniforge")
    prefix: str = option("/usr/local/conda", "folder that it is installed into")
    env: str = option("", "name of an environment of its own, which alone is run with; base, conda's own, if neither this nor the file names one")
    packages: Words = option((), "what to install, as numpy=2.4")
    environment: Optional = option(None, "file beside the recipe: an environment.yml, or an explicit list of packages, which pins all")
    channels: Words = option((), "channels to look in before conda-forge, the first one first")
    cuda: Optional = option(None, "CUDA that packages may count on, as 12.9: the builder has no driver that conda could ask")
    absent: Words = option((), "libraries that parts of the packages want and nobody will have, as libpq.so.*: the runtime stage goes without")
    paths: bool = option(True, "put the environment's programs first in PATH for what comes after; what is compiled there may find its libraries")
    sha256: Optional = option("", "checksum of the installer; None: unchecked, which every run reports")
    baseurl: Optional = option(None, "where releases of Miniforge lie, instead of upstream")
    ospackages: MaybeWords = option(None, "packages of the distribution to install first")
    eula: bool = option(True, "HPCCM's, for Anaconda's terms: Miniforge asks for none")
    python2: bool = option(False, "HPCCM's: refused, since Miniforge is of Python 3; packages=['python=2.7'] makes an environment of Python 2")
    python_subversion: Optional = option(None, "HPCCM's: refused; packages=['python=3.12'] names the environment's Python")
    wd: str = option("/usr/local/src", "scratch folder in the container")

    def validate(self) -> None:
        """Settles the prefix; raises for HPCCM's choice of a Miniconda, and for names that are none."""
        self.prefix = self.prefix.rstrip("/")
        if not self.prefix.startswith("/"):
            raise WrongValue(f"conda(prefix={self.prefix!r})", help="a prefix is an absolute path")
        if self.python2 or self.python_subversion:
            said = "python2=True" if self.python2 else f"python_subversion={self.python_subversion!r}"
            wanted = "2.7" if self.python2 else re.sub(r"py(\d)", r"\1.", self.python_subversion or "")
            raise WrongValue(
                f"conda({said}) chooses a Miniconda; this is Miniforge",
                help=f"name the environment's Python: conda(env='own', packages=['python={wanted}'])",
            )
        if self.env and not re.fullmatch(r"[\w.-]+", self.env):
            raise WrongValue(f"conda(env={self.env!r})", help="an environment's name has letters, digits, '.', '_' and '-'")
        for one in (*self.packages, *self.channels):
            if not one or one.startswith("-"):
                raise WrongValue(f"conda: {one!r} is no package or channel", help="each is a string of its own")
        if self.cuda and not re.fullmatch(r"\d+(\.\d+)?", self.cuda):
            raise WrongValue(f"conda(cuda={self.cuda!r})", help="cuda is a version, as 12.9")
        if self.sha256 and not is_sha256(self.sha256):
            raise WrongValue(f"conda: sha256={self.sha256!r}", help="a sha256 has 64 lower-case hexadecimal digits")
        if self.sha256 == "" and self.version not in self.installer.versions():
            self.installer.checksum(self.name, self.version, arch="x86_64")

    # --- what the file says ---

    def text(self, place: Place) -> str:
        """The environment file's text, or empty."""
        return place.read(self.environment) if self.environment else ""

    def is_explicit(self, place: Place) -> bool:
        """Whether the file lists addresses of packages."""
        return re.search(r"^@EXPLICIT\s*$", self.text(place), re.MULTILINE) is not None

    def is_yaml(self, place: Place) -> bool:
        """Whether the file is an environment.yml."""
        return bool(self.environment) and not self.is_explicit(place)

    def called_environment(self, place: Place) -> str:
        """The environment's name; empty for base."""
        found = _NAME.search(self.text(place)) if self.is_yaml(place) and not self.env else None
        name = self.env or (found[1] if found else "")
        return "" if name == "base" else name

    def folder(self, place: Place) -> str:
        """The environment's folder."""
        name = self.called_environment(place)
        return f"{self.prefix}/envs/{name}" if name else self.prefix

    def all_channels(self, place: Place) -> tuple[str, ...]:
        """The channels of the recipe, of packages (main::numpy), and of the file."""
        text = self.text(place)
        of_packages = [one.partition("::")[0] for one in (*self.packages, *listed(text, "dependencies")) if "::" in one]
        addresses = re.findall(r"^https?://\S+", text, re.MULTILINE) if self.is_explicit(place) else []
        return (*self.channels, *of_packages, *(listed(text, "channels") if self.is_yaml(place) else addresses))

    def unpinned(self, place: Place) -> list[str]:
        """The packages that more than one version can be taken of."""
        named = (*self.packages, *(listed(self.text(place).partition("pip:")[0], "dependencies") if self.is_yaml(place) else ()))
        return [one for one in named if one != "pip" and not re.search(r"[^<>!~=]={1,2}\s*\d", one)]

    # --- what is done ---

    def build(self, place: Place) -> Iterator[Node]:
        """Miniforge, the environment, and nothing left behind."""
        yield from packages(place.target, (CURL, NEEDS), self.ospackages or ())
        arch = place.target.architecture
        checksum = self.installer.checksum(self.name, self.version, arch=arch) if self.sha256 == "" else self.sha256
        folder = f"{self.wd}/conda"
        fetch = Fetch(self.installer.url(self.version, baseurl=self.baseurl or "", arch=arch), checksum, folder, unpack=False)
        yield fetch
        if self.environment:
            given = hashlib.sha256(self.text(place).encode()).hexdigest()
            yield Fetch("", given, folder, unpack=False, local=self.environment)
        home = sh_join(("mkdir", "-p", f"{folder}/home"))
        commands = (home, sh_join(("bash", f"{folder}/{fetch.name}", "-b", "-p", self.prefix)), *self.commands(place, folder))
        yield Run(commands, env=tuple(self.variables(place, folder)), mounts=(CONFIG,))
        yield remove(folder)

    def variables(self, place: Place, folder: str) -> Iterator[tuple[str, str]]:
        """Where conda finds the site's settings and its home; and what packages may count on, whatever the builder has."""
        yield "CONDARC", SETTINGS
        yield "HOME", f"{folder}/home"  # it notes environments there, and pip keeps what it downloads
        yield "CONDA_OVERRIDE_ARCHSPEC", place.cpu_target or place.target.architecture
        yield "CONDA_OVERRIDE_CUDA", self.cuda or ""

    def commands(self, place: Place, folder: str) -> Iterator[str]:
        """The channels, the environment, and tidying up."""
        tool = f"{self.prefix}/bin/conda"
        for channel in reversed(self.channels):
            yield sh_join((tool, "config", "--system", "--prepend", "channels", channel))
        where = ("-p", self.folder(place))
        create = "create" if self.called_environment(place) else "install"
        if self.environment:
            file = f"{folder}/{self.environment.rpartition('/')[2]}"
            if self.is_explicit(place):
                yield sh_join((tool, create, "-y", "-q", *where, "--file", file))
            else:
                yield sh_join((tool, "env", "create" if create == "create" else "update", "-q", *where, "--file", file))
        if self.packages or (create == "create" and not self.environment):
            yield sh_join((tool, "install" if self.environment else create, "-y", "-q", *where, *self.packages))
        yield sh_join((tool, "clean", "-a", "-f", "-y"))

    def exported(self, place: Place) -> Iterable[Node]:
        """The folder of the environment's programs, and that of the command conda."""
        if not self.paths:
            return ()
        folder = self.folder(place)
        own = () if folder == self.prefix else (PrependPath("PATH", f"{self.prefix}/condabin"),)
        return (*own, PrependPath("PATH", f"{folder}/bin"))

    def runtime_environment_nodes(self, place: Place) -> Iterable[Node]:
        """The folder of the environment's programs."""
        return (PrependPath("PATH", f"{self.folder(place)}/bin"),) if self.paths else ()

    def prefixes_at(self, place: Place) -> tuple[str, ...]:
        """The environment alone."""
        return (self.folder(place),)

    def leavings_at(self, place: Place) -> Leavings:
        """The environment as it is: whatever packages read of it, and libraries as they were built."""
        found = super().leavings_at(place)
        return evolve(found, take=(), libraries=(), left=(), whole=self.prefixes_at(place), host=(*found.host, *self.absent))

    def open_at(self, place: Place) -> str:
        """Packages of pip's in its file may be compiled with what stands before."""
        compiled = _PIP.search(self.text(place))
        return "its file has packages for pip, which may compile them with all that it finds" if compiled else super().open_at(place)
