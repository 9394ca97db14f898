"""Whether the split and the line build the same: what each configure found, what the libraries say of themselves, the files of each prefix."""

from __future__ import annotations

import argparse
import difflib
import hashlib
import re
import tarfile
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from builds import written
from builds.machine import ENGINES, HERE, MIRROR, PORT, ROOT, SOURCES, WORK, FailedError, build, docker, output, ready, run, say, served

import hpcgen

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from contextlib import AbstractContextManager
    from pathlib import Path

    from hpcgen.graph.stages import StageGraph

STAGE = "devel"
"""The stage of each recipe in which all blocks stand."""

ASKED = ("ucx_info -b", "ompi_info --all --parsable", "fftw-wisdom-to-conf --version", "cmake --version")
"""What is asked of the image, where it has the program."""

TIMES = 4
"""How often each is asked."""

SHOWN = 40
"""How many lines of a difference are printed."""

_MOMENTS = re.compile(r"timestamp|CONFIGURE_DATE|BUILD_DATE|_date\b", re.IGNORECASE)
"""Lines that say when something was built."""

_UNSTEADY = re.compile(r":value:.*")
"""What a program says otherwise the next time."""

_SECTIONS = ("Cache variables.", "Output variables.", "confdefs.h.")
"""Those of a config.log that say what was found."""


@dataclass(frozen=True)
class Recipe:
    """A recipe to build both ways."""

    file: Path
    folder: Path
    """Its build context."""
    userarg: Mapping[str, str] = field(default_factory=dict)
    blocks: tuple[Path, ...] = ()
    mirror: bool = True
    """Whether its sources come from the mirror of Debian's tarballs, not from the stack's."""

    def graph(self) -> StageGraph:
        """What it means, with the logs of configure kept."""
        return written.kept(hpcgen.plan(str(self.file), userarg=self.userarg, block_folders=[str(folder) for folder in self.blocks]))


DEBIANS = (HERE / "blocks", ROOT / "tests" / "acceptance" / "blocks")
RECIPES = {
    "stack": Recipe(written.STACK, HERE, mirror=False),
    "mpi_hello": Recipe(ROOT / "recipes" / "mpi_hello.py", ROOT / "recipes", blocks=DEBIANS),
    "devel": Recipe(ROOT / "recipes" / "devel.py", ROOT / "recipes", {"image": "debian:12"}, DEBIANS),
}
WAYS = {"hpcgen": False, "hpcgen-linear": True}
"""What stands in an image's name -> whether it is the line."""


def main() -> int:
    """Builds what is asked for both ways, or takes what is there, and says what differs."""
    parser = argparse.ArgumentParser(description=__doc__, epilog="exit status: 0 nothing differs, 1 something does")
    parser.add_argument("recipes", nargs="*", metavar="RECIPE", help=f"what to compare (default: all): {' '.join(RECIPES)}")
    parser.add_argument("--built", action="store_true", help="take the images of the last run, or of `compare`, instead of building them")
    options = parser.parse_args()
    asked = options.recipes or list(RECIPES)
    unknown = [name for name in asked if name not in RECIPES]
    if unknown:
        parser.error(f"no recipe is called {unknown[0]}: {', '.join(RECIPES)}")
    try:
        ready()
        return max([same(name, RECIPES[name], built=options.built) for name in asked])
    except FailedError as fault:
        say(f"failed: {fault}")
        return 1


def same(name: str, recipe: Recipe, *, built: bool) -> int:
    """1 if the two ways differ."""
    graph = recipe.graph()
    prefixes = tuple(facts.prefix for facts in graph[STAGE].blocks if facts.prefix)
    if not built:
        build_both(name, recipe, graph)
    one, other = (Found.of(_image(name, way), prefixes) for way in WAYS)
    for way, found in zip(WAYS, (one, other), strict=True):
        say(f"{name}, {way}: {len(found.files)} files and folders, {len(found.configured)} logs of configure, answers of {', '.join(found.answers)}")
    differing = list(one.differences(other))
    for line in differing:
        print(line)
    bytes_ = [path for path in sorted(one.bytes) if one.bytes[path] != other.bytes.get(path) and written.LOGS not in path]
    say(f"{name}: of {len(one.bytes)} files, {len(bytes_)} differ in their bytes{': ' if bytes_ else ''}{' '.join(bytes_[:SHOWN])}")
    say(f"{name}: {'the split and the line DIFFER' if differing else 'the split and the line are the same'}")
    return int(bool(differing))


def build_both(name: str, recipe: Recipe, graph: StageGraph) -> None:
    """The stage of all blocks, both ways; what a recipe takes from the mirror, it takes as on a site without a way out."""
    source: AbstractContextManager[str] = served(MIRROR) if recipe.mirror else served(SOURCES, PORT)
    if recipe.mirror:
        run(ROOT / "scripts" / "upstream", MIRROR)
    with source as url:
        (WORK / "mirror").write_text(url)
        for way, linear in WAYS.items():
            file = WORK / f"{name}-{way}.Dockerfile"
            file.write_text(hpcgen.emit(graph, linear=linear).text)
            say(f"{name}, {way}: begins")
            secrets = ("--secret", f"id=mirror,src={WORK / 'mirror'}") if recipe.mirror else ()
            seconds = build(f"{name}-{way}", *secrets, "--target", STAGE, "-t", _image(name, way), "-f", file, recipe.folder)
            say(f"{name}, {way}: {seconds:.1f} s")


def _image(name: str, way: str) -> str:
    """`compare` leaves those of the stack."""
    return f"bench-{way}-{STAGE}" if name == "stack" else f"bench-{name}-{way}-{STAGE}"


# --- what an image holds -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Found:
    """What is compared of one image."""

    files: Mapping[str, str]
    """Path -> type, mode, owner, target of a link, and size."""
    bytes: Mapping[str, str]
    """Path -> digest."""
    configured: Mapping[str, list[str]]
    """Log of a configure -> what it found, without what says when."""
    answers: Mapping[str, list[str]]
    """Command -> what it says."""

    @classmethod
    def of(cls, image: str, prefixes: tuple[str, ...]) -> Found:
        """What an image holds below some prefixes."""
        archive = WORK / f"{image}.tar"
        paths = [prefix.lstrip("/") for prefix in prefixes]
        archive.write_bytes(output(ENGINES, "docker", "docker", "run", "--rm", "--network", "none", image, "tar", "-c", "-C", "/", *paths))
        files: dict[str, str] = {}
        digests: dict[str, str] = {}
        configured: dict[str, list[str]] = {}
        with tarfile.open(archive) as packed:
            for member in packed:
                files[member.name] = _described(member)
                stream = packed.extractfile(member) if member.isreg() else None
                if stream is None:
                    continue
                data = stream.read()
                digests[member.name] = hashlib.sha256(data).hexdigest()
                if written.LOGS in member.name:
                    configured[member.name] = outcome(data.decode(errors="replace"))
        archive.unlink()
        return cls(files, digests, configured, dict(_answers(image)))

    def differences(self, other: Found) -> Iterator[str]:
        """What is not the same, line by line."""
        mine, theirs = ([f"{path}  {what}" for path, what in sorted(found.files.items())] for found in (self, other))
        yield from _difference("files", mine, theirs)
        for kind, one, two in (("configure", self.configured, other.configured), ("answer", self.answers, other.answers)):
            for name in sorted({*one, *two}):
                yield from _difference(f"{kind} {name}", one.get(name, []), two.get(name, []))


def _described(member: tarfile.TarInfo) -> str:
    """A file's type, mode, owner, target and size; the size of a log tells how long its lines are."""
    kind = {tarfile.DIRTYPE: "d", tarfile.SYMTYPE: "l", tarfile.LNKTYPE: "h"}.get(member.type, "f")
    size = member.size if written.LOGS not in member.name else 0
    return f"{kind} {member.mode:o} {member.uid}:{member.gid} {member.linkname} {size}"


def outcome(log: str) -> list[str]:
    """What a config.log says was found: variables and definitions, without the environment that it started with."""
    found: list[str] = []
    section = ""
    for line in log.splitlines():
        title = re.fullmatch(r"## (.*) ##", line)
        if title:
            section = title[1]
        elif section in _SECTIONS and line.strip() and not line.startswith(("## -", "ac_cv_env_")) and not _MOMENTS.search(line):
            found.append(f"{section} {line}")
    return found


def _answers(image: str) -> Iterator[tuple[str, list[str]]]:
    """What the image's programs say of how they were built, as far as they say the same each time.

    Open MPI 5.0.7 prints two variables that it has not set: whatever lies in memory (mpi_ft_verbose, coll_ftagree_agreement).
    """
    for command in ASKED:
        question = f"if command -v {command.split()[0]} >/dev/null; then {command}; fi"
        first, *others = (docker("run", "--rm", "--network", "none", image, "sh", "-c", question).splitlines() for _ in range(TIMES))
        steady = set(first).intersection(*others)
        if first:
            said = [line for line in first if not _MOMENTS.search(line)]
            yield command, [line if line in steady else _UNSTEADY.sub(":value:(not the same twice)", line) for line in said]


def _difference(title: str, mine: list[str], theirs: list[str]) -> Iterator[str]:
    lines = [line for line in difflib.unified_diff(mine, theirs, "split", "line", lineterm="", n=0) if not line.startswith(("---", "+++", "@@"))]
    if lines:
        yield f"{title}: {len(lines)} lines differ (- split, + line)"
        yield from (f"  {line}" for line in lines[:SHOWN])
        if len(lines) > SHOWN:
            yield f"  and {len(lines) - SHOWN} more"
