"""Packages from the Python package index."""

from __future__ import annotations

import hashlib
import posixpath
from typing import TYPE_CHECKING

from hpcgen.block import Block, Exports, MaybeWords, Optional, Packages, Upon, Words, conflict, option, partner
from hpcgen.block.block import packages, remove
from hpcgen.block.compilers import given_by, told
from hpcgen.block.leaving import Leavings
from hpcgen.building_blocks._pythons import leavings, python3
from hpcgen.building_blocks._requirements import Requirements
from hpcgen.errors import Conflict, WrongValue
from hpcgen.frozen import evolve
from hpcgen.graph.nodes import Fetch, Mount, Run
from hpcgen.quoting import sh_join

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from hpcgen.block.place import Place
    from hpcgen.building_blocks._pythons import Python
    from hpcgen.graph.nodes import Node

CERTIFICATES = Packages(both=("ca-certificates",), why="pip from the distribution looks for certificates there")
CONFIG = Mount("secret", id="pip", options=("required=false",))
"""The site's pip.conf: index, credentials and the like, of which nothing stays in the image, nor decides whether a layer is built anew."""
ENVIRONMENT = (("PIP_CONFIG_FILE", "/run/secrets/pip"), ("PIP_DISABLE_PIP_VERSION_CHECK", "1"))


class pip(Block, closed=True):
    """pip: Python packages in a virtual environment of their own. https://pip.pypa.io"""

    licence = "MIT"
    exports = Exports(bin="bin", variables=(("VIRTUAL_ENV", "{prefix}"),))
    conflicts = (
        conflict(
            lambda pip, place: pip.asked(place).unpinned(pip.packages),
            "a package without one version (name==1.2) is another one each time that the image is built anew",
            name="pip-unpinned",
            source="pip, repeatable installs",
            level="warning",
        ),
        conflict(
            lambda pip, place: pip.interpreter(place) is not None and pip.interpreter(place).version == "3.6",
            "Python 3.6 ended in 2021: pip 9 knows no wheels for it but old ones; put python(version='3.12') before it",
            name="pip-python-3.6",
            source="PEP 494; PEP 599",
            level="warning",
        ),
        conflict(
            lambda pip, place: pip.asked(place).hashed and pip.packages,
            "the requirements have checksums, packages=[...] cannot have any: name all of them in the file",
            name="pip-hashes",
            source="pip, secure installs",
        ),
    )

    packages: Words = option((), "what to install, as numpy==2.4.1")
    requirements: Optional = option(None, "requirements file beside the recipe; with checksums in it (--hash) each file is checked")
    prefix: str = option("/usr/local/venv", "folder of the virtual environment; several pip() can share one")
    python: Upon = partner(
        "python",
        "the Python that it is made with: the recipe's python(), else the distribution's own; or the path of another one",
        needed=True,
        with_="{path}/bin/python3",
        system="/usr/bin/python3",
    )
    wheels: bool = option(False, "take wheels alone, and compile nothing; then it is built in a stage of its own")
    system_packages: bool = option(False, "let it see the Python packages of the distribution, too")
    upgrade: bool = option(False, "take the newest pip first")
    index: Optional = option(None, "index instead of PyPI, which stands in the file; a build secret named pip keeps one out")
    pip: str = option("pip3", "HPCCM's name of the tool: pip3, or pip, which is Python 3's too")
    args: Words = option(("--no-cache-dir",), "words for pip, before its command")
    install_args: Words = option((), "words for pip install, with packages=[...]")
    ospackages: MaybeWords = option(None, "packages of the distribution to install first, as compilers for what has no wheel")
    absent: Words = option((), "libraries that parts of the packages want and nobody will have, as libpq.so.*: the runtime stage goes without")
    alternatives: bool = option(False, "HPCCM's: a virtual environment has python and pip by these names anyway")
    environment: bool = option(True, "set PATH and VIRTUAL_ENV for what comes after")
    wd: str = option("/usr/local/src", "scratch folder in the container")

    def validate(self) -> None:
        """Raises for nothing to install, and for a prefix that is none."""
        self.prefix = self.prefix.rstrip("/")
        if not self.prefix.startswith("/"):
            raise WrongValue(f"pip(prefix={self.prefix!r})", help="a prefix is an absolute path")
        if self.pip not in ("pip", "pip3"):
            raise WrongValue(f"pip(pip={self.pip!r})", help="pip is that of Python 3; another one comes by python(version='3.12') before it")
        if any(not one or one.startswith("-") for one in self.packages):
            raise WrongValue(f"pip(packages={list(self.packages)!r})", help="each package is a string of its own; words for pip are install_args")
        if self.requirements and self.requirements.startswith(("/", "..")):
            raise WrongValue(f"pip(requirements={self.requirements!r})", help="the file stands beside the recipe, or in a folder there")

    @property
    def open_because(self) -> str:
        """Packages without a wheel are compiled with what they find."""
        return "" if self.wheels else "what has no wheel is compiled with all that it finds: wheels=True takes wheels alone"

    def asked(self, place: Place) -> Requirements:
        """The requirements file, with those that it names."""
        return Requirements(self.requirements or "", place.read)

    def interpreter(self, place: Place) -> Python | None:
        """The Python that it is made with, None for one that the distribution does not have."""
        found = place.partner(self, "python")
        if found.path:
            return None
        if found.block is not None and not getattr(found.block, "python3", True):
            raise Conflict("pip needs Python 3, and the recipe's python() brings none", origin=self.origin, help="leave python3=False out")
        return python3(place.target, getattr(found.block, "version", ""), self.origin)

    def tools(self, place: Place) -> Iterable[tuple[Block, str]]:
        """The compilers, unless it takes wheels alone."""
        return () if self.wheels else given_by(None, place)

    def build(self, place: Place) -> Iterator[Node]:
        """The Python, the environment, and what is installed into it."""
        one = self.interpreter(place)
        own = (Packages(both=(one.package, *((one.venv,) if one.venv else ()))),) if one else ()
        yield from packages(place.target, (*own, CERTIFICATES), self.ospackages or ())
        folder = f"{self.wd}/pip"
        asked = self.asked(place)
        for file, text in asked.files.items():
            checksum = hashlib.sha256(text.encode()).hexdigest()
            yield Fetch("", checksum, posixpath.join(folder, posixpath.dirname(file)).rstrip("/"), unpack=False, local=file)
        compilers = () if self.wheels else tuple(told(place).items())
        program = one.program if one else f"{place.partner(self, 'python').path}/bin/python3"
        yield Run(tuple(self.commands(program, folder, asked)), env=(*ENVIRONMENT, *compilers), mounts=(CONFIG,))
        if asked.files:
            yield remove(folder)

    def commands(self, program: str, folder: str, asked: Requirements) -> Iterator[str]:
        """The environment, and pip's calls."""
        yield sh_join((program, "-m", "venv", *(("--system-site-packages",) if self.system_packages else ()), self.prefix))
        tool = (f"{self.prefix}/bin/python3", "-m", "pip", *self.args, "install")
        how = (*(("--index-url", self.index) if self.index else ()), *(("--only-binary=:all:",) if self.wheels else ()))
        if self.upgrade:
            yield sh_join((*tool, *how, "--upgrade", "pip"))
        if asked.files:
            checked = ("--require-hashes",) if asked.hashed else ()
            yield sh_join((*tool, *how, *checked, "-r", f"{folder}/{next(iter(asked.files))}"))
        if self.packages:
            yield sh_join((*tool, *how, *self.install_args, *self.packages))

    def runtime_lists(self, place: Place) -> Iterable[Packages]:
        """The interpreter, where no block of the recipe's brings it."""
        one = self.interpreter(place)
        return (Packages(both=(one.package,)),) if one and place.partner(self, "python").block is None else ()

    def leavings_at(self, place: Place) -> Leavings:
        """The environment as it is, since strip spoils wheels' libraries, and the interpreter where no block of the recipe's brings it."""
        one = self.interpreter(place)
        own = leavings((one.program,), (one.package,)) if one and place.partner(self, "python").block is None else Leavings()
        found = super().leavings_at(place)
        host = (*found.host, *self.absent)
        return evolve(found, take=own.take, libraries=(), left=own.left, whole=(self.prefix,), packages=own.packages, host=host)
