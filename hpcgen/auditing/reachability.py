"""Which shared libraries some program of an image asks for, by the loader's own rules: man ld.so.

What opens a library by a name that it puts together cannot be seen, so that nothing here is more than a list worth a look.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from hpcgen.auditing import elf
from hpcgen.auditing.case import Pile
from hpcgen.auditing.globs import matches
from hpcgen.auditing.placing import NONE, Globs, Placing
from hpcgen.auditing.report import ESTIMATED

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from hpcgen.auditing.case import Case
    from hpcgen.auditing.path_findings import Placed
    from hpcgen.auditing.reading import Fact
    from hpcgen.auditing.report import Finding

_DEFAULTS = ("lib64", "usr/lib64", "lib", "usr/lib")
_TRIPLETS = {"x86_64": "x86_64-linux-gnu", "aarch64": "aarch64-linux-gnu", "ppc64": "powerpc64le-linux-gnu", "386": "i386-linux-gnu"}
_CONFIGURATION = "etc/ld.so.conf"
_MOST_INCLUDED = 1000


def configured(case: Case) -> dict[str, str]:
    """The folders that the image tells the loader to look in, relative to the root, by who told it."""
    found: dict[str, str] = {}
    for folder in case.environment.get("LD_LIBRARY_PATH", "").split(":"):
        if folder:
            found.setdefault(folder.strip("/"), "LD_LIBRARY_PATH")
    for file, folder in _listed(case, _CONFIGURATION, set()):
        found.setdefault(folder.strip("/"), file)
    return found


def _listed(case: Case, path: str, seen: set[str]) -> Iterator[tuple[str, str]]:
    """File and folder of each line of the loader's configuration, included files' too."""
    row = case.tree.file(path)
    if row is None or path in seen or len(seen) > _MOST_INCLUDED:
        return
    seen.add(path)
    for line in (case.contents.fact(row) or {}).get("text", "").splitlines():
        words = line.partition("#")[0].split()
        if words[:1] == ["include"]:
            for glob in words[1:]:
                whole = glob if glob.startswith("/") else f"etc/{glob}"
                for one in sorted(one for one in case.tree.rows if one.startswith("etc/") and matches(whole.strip("/"), one)):
                    yield from _listed(case, one, seen)
        elif words:
            yield path, words[0]


class _Loader:
    """Finds libraries as the loader does."""

    def __init__(self, case: Case, elves: Mapping[int, Fact]) -> None:
        self.case = case
        self.elves = elves
        self.folders = [*configured(case), *_DEFAULTS]
        self.by_name: dict[str, list[int]] = {}
        for row in elves:
            self.by_name.setdefault(case.files.paths[row].rpartition("/")[2], []).append(row)
        self._common: dict[tuple[str, str, int], int | None] = {}

    def needed(self, row: int) -> Iterator[int]:
        """The rows of what a file asks for."""
        about = self.elves[row]
        origin = self.case.files.paths[row].rpartition("/")[0]
        own = [_expanded(one, origin) for one in about.get("runpath") or about.get("rpath") or ()]
        for name in (*about.get("needed", ()), *about.get("opens", ())):
            found = self._find(name, own, about)
            yield from (found,) if found is not None else self.by_name.get(name.rpartition("/")[2], ())
        loader = self.case.tree.file(about.get("interpreter", ""))
        if loader is not None:
            yield loader

    def _find(self, name: str, own: Sequence[str], about: Fact) -> int | None:
        if "/" in name:
            return self._fitting(name, about)
        for folder in own:
            found = self._fitting(f"{folder}/{name}", about)
            if found is not None:
                return found
        key = (name, about.get("machine", ""), about.get("bits", 0))
        if key not in self._common:
            triplet = _TRIPLETS.get(key[1], "")
            more = (f"lib/{triplet}", f"usr/lib/{triplet}") if triplet else ()
            places = (self._fitting(f"{folder}/{name}", about) for folder in (*self.folders, *more))
            self._common[key] = next((one for one in places if one is not None), None)
        return self._common[key]

    def _fitting(self, path: str, about: Fact) -> int | None:
        """The file at a path, where it is for the same machine."""
        row = self.case.tree.file(path)
        if row is None or row not in self.elves:
            return None
        other = self.elves[row]
        return row if (other.get("machine"), other.get("bits")) == (about.get("machine"), about.get("bits")) else None


def _expanded(folder: str, origin: str) -> str:
    """A folder of a file's own list; `$ORIGIN` is where the file lies."""
    return re.sub(r"\$ORIGIN\b|\$\{ORIGIN\}", lambda _: f"/{origin}", folder)


def reached(case: Case, elves: Mapping[int, Fact], roots: Iterable[int]) -> set[int]:
    """The rows of all that some files ask for, directly or through others."""
    loader = _Loader(case, elves)
    found = set(roots)
    todo = list(found)
    while todo:
        row = todo.pop()
        if row in elves:
            new = set(loader.needed(row)) - found
            found |= new
            todo += new
    return found


def find(case: Case, placed: Placed) -> Iterator[Finding]:
    """Shared libraries that nothing asks for."""
    elves = {row: fact["elf"] for row, fact in case.facts.items() if "elf" in fact}
    opened = Placing([Globs(case.rules.reachable)])
    paths = case.files.paths
    preloaded = (case.tree.file(one) for one in re.split(r"[\s:]+", case.environment.get("LD_PRELOAD", "")) if one)
    roots = {row for row in preloaded if row is not None}
    for row, about in elves.items():
        is_library = about.get("kind") == elf.SHARED and not about.get("interpreter") and ".so" in paths[row]
        if not is_library or opened.place(paths[row]).rule != NONE or not _is_named_as_library(paths[row]):
            roots.add(row)
    known = reached(case, elves, roots)
    pile = Pile(case, case.rules.words["E003"], confidence=ESTIMATED)
    for row in elves.keys() - known:
        if not placed.id(row):
            pile.add(row)
    yield from pile.findings()


def _is_named_as_library(path: str) -> bool:
    """Whether a file is called as what programs are linked with is, not as a module that one of them opens."""
    return path.rpartition("/")[2].startswith(("lib", "ld-"))
