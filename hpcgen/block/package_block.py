"""Blocks that are nothing but packages of the distribution."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, ClassVar

from hpcgen.block.block import Block
from hpcgen.block.options import Words, option
from hpcgen.errors import Conflict, WrongValue
from hpcgen.graph.nodes import Install

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from hpcgen.block.place import Place
    from hpcgen.graph.nodes import Node

_REPOSITORY = "add repository(name='...', url='https://...', key='https://...', fingerprint='...') to the stage before it"

KEYS = ("a repository is trusted by one key whose fingerprint the recipe names", _REPOSITORY)
PPAS = (
    "a PPA is trusted by one key whose fingerprint the recipe names",
    "add repository(name='...', url='https://ppa.launchpadcontent.net/OWNER/NAME/ubuntu', suite='noble', components=['main'], key=...)",
)
APT_WAYS = {
    "aptitude": ("apt-get alone installs packages", "leave it out: apt-get finds a solution too, or says why there is none"),
    "_apt_key": ("apt-key is gone from Debian 13 and Ubuntu 26.04", _REPOSITORY),
}
DNF_WAYS = {
    "force_add_repo": ("a repository that cannot be added is an error", _REPOSITORY),
    "release_stream": ("the packages of CentOS Stream 8, which has ended, do not belong on another release", "leave it out"),
    "scl": ("Software Collections were of EL 7", "leave it out; other compilers are gnu(version='13')"),
    "download_args": ("downloads are whole packages for the stage's architecture", "leave it out"),
}


class PackageBlock(Block):
    """A block that installs packages which the recipe names."""

    positional = "ospackages"
    installs_named = True
    refused: ClassVar[Mapping[str, tuple[str, str]]] = {}
    """HPCCM's options that are not taken -> why, and what to do."""

    ospackages: Words = option((), "names of packages")
    extra_opts: Words = option((), "further words for the package manager's install command")
    download: bool = option(False, "download the packages instead of installing them")
    download_directory: str = option("/usr/local/src/packages", "folder that they are downloaded to")
    extract: str = option("", "with download: folder that they are unpacked into, past the package manager; the downloads are removed")

    def unknown(self, name: str, value: Any) -> bool:
        """Says why an option of HPCCM's is not taken, unless it is off anyway."""
        if name == "yum4":
            return True  # every dnf is yum 4
        if name not in self.refused:
            return False
        if value:
            why, instead = self.refused[name]
            raise WrongValue(f"{self.name}({name}=...): {why}", help=instead)
        return True

    def validate(self) -> None:
        """Raises for names that are none."""
        for name in self.named():
            if not name or name.startswith("-") or re.search(r"\s", name):
                raise WrongValue(f"{self.name}: package name {name!r}", help="each package is a string of its own")
        if self.extract and not self.download:
            raise WrongValue(f"{self.name}: extract='{self.extract}' without download=True")
        if self.download and self.extra_opts:
            raise WrongValue(f"{self.name}: extra_opts are for installing, not for download=True")

    def named(self) -> Sequence[str]:
        """All names of packages that the recipe gives."""
        return self.ospackages

    def manager_check(self, place: Place, manager: str) -> None:
        """Raises where the stage's package manager is another one."""
        if place.target.manager != manager:
            words = f"{self.name} is for {manager}, the stage is {place.target.name}, whose package manager is {place.target.manager}"
            raise Conflict(words, origin=self.origin, help="packages(apt=[...], yum=[...]) names packages for both")

    def install(self, names: Sequence[str], enable: tuple[str, ...] = (), modules: tuple[str, ...] = ()) -> Iterator[Node]:
        """One Install, or none where there is nothing to install."""
        folder = self.download_directory if self.download else ""
        if names:
            unique = tuple(dict.fromkeys(names))
            yield Install(unique, enable=enable, options=tuple(self.extra_opts), modules=modules, download=folder, extract=self.extract)
        elif enable:
            raise WrongValue(
                f"{self.name} enables {' and '.join(enable)}, but names no packages from there",
                origin=self.origin,
                help="name the packages that need it",
            )
