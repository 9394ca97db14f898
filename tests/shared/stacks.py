"""Random stacks of layers, and what a file system is that somebody makes of them step by step."""

from __future__ import annotations

import random
import tarfile
from typing import NamedTuple

import attrs
from archives import Entry, folder, hard, link

NAMES = ("a", "b", "c.so", "lib", "usr", "-x", "ä", "z z")


def random_stack(seed: int, *, dangling: bool = True, doubles: bool = True) -> list[list[Entry]]:
    """Some layers: files that come, grow, are linked, deleted, hidden by opaque folders, replaced by folders and the reverse."""
    chance = random.Random(seed)  # noqa: S311 (the same every time)
    there: set[str] = set()
    return [_layer(chance, there, bottom=at == 0, dangling=dangling, doubles=doubles) for at in range(chance.randint(1, 5))]


def _path(chance: random.Random) -> str:
    return "/".join(chance.choice(NAMES) for _ in range(chance.randint(1, 4)))


def _content(chance: random.Random) -> bytes:
    return bytes([chance.randrange(3)]) * chance.choice((0, 1, 7, 511, 512, 513, 4000, 4000, 20_000))


def _layer(chance: random.Random, there: set[str], *, bottom: bool, dangling: bool, doubles: bool) -> list[Entry]:
    made: dict[str, Entry] = {}
    extra: list[Entry] = []
    for _ in range(chance.randint(1, 25)):
        path = chance.choice(sorted(there)) if there and chance.random() < 0.4 else _path(chance)
        kind = chance.random()
        if path in made or any(path.startswith(f"{name}/") for name, one in made.items() if one.kind != tarfile.DIRTYPE):
            continue
        if any(name.startswith(f"{path}/") for name in made) and kind >= 0.2:
            continue
        if kind < 0.2:
            made[path] = folder(path)
        elif kind < 0.27:
            made[path] = link(path, chance.choice(("a", "/usr", "../b")))
        elif kind < 0.35 and (files := [name for name, one in made.items() if one.kind == tarfile.REGTYPE and name != path]):
            made[path] = hard(path, chance.choice(files))
        else:
            made[path] = Entry(path, _content(chance), mode=chance.choice((0o644, 0o755)))
            if doubles and chance.random() < 0.1:
                extra.append(Entry(path, _content(chance)))
    entries = extra + list(made.values())
    if not bottom or chance.random() < 0.2:
        entries += _hiding(chance, there, dangling=dangling)
    there.update(made)
    if chance.random() < 0.3:
        entries = [one._replace(name=f"./{one.name}") for one in entries]
    return entries


def _hiding(chance: random.Random, there: set[str], *, dangling: bool) -> list[Entry]:
    found: dict[str, Entry] = {}
    for _ in range(chance.randint(0, 4)):
        path = chance.choice(sorted(there)) if there and (not dangling or chance.random() < 0.85) else _path(chance)
        if path not in there and not dangling:
            continue
        above, slash, name = path.rpartition("/")
        whiteout = f"{path}/.wh..wh..opq" if chance.random() < 0.25 else f"{above}{slash}.wh.{name}"
        found[whiteout] = Entry(whiteout)
    return list(found.values())


# --- step by step ----------------------------------------------------------------------------------------------------------


@attrs.define(eq=False)
class Inode:
    """A file: one object, whatever names it has."""

    size: int
    layer: int
    kind: bytes


Folder = dict[str, "Inode | Folder"]


class Shown(NamedTuple):
    """What a file system shows."""

    files: dict[str, tuple[bytes, int, int]]
    live: int
    stored: int


def extracted(layers: list[list[Entry]]) -> Shown:
    """What is there after all layers were unpacked upon each other, one entry after the other."""
    root: Folder = {}
    for number, entries in enumerate(layers):
        names = [one.name.removeprefix("./").strip("/") for one in entries]
        for name in names:
            _hide(root, name)
        for one, name in zip(entries, names, strict=True):
            if not name.rpartition("/")[2].startswith(".wh."):
                _put(root, name, one, number)
    files: dict[str, Inode] = {}
    _walk(root, "", files)
    live = sum(one.size for one in {id(one): one for one in files.values()}.values())
    stored = sum(len(one.content) for entries in layers for one in entries)
    return Shown({name: (one.kind, one.size, one.layer) for name, one in files.items()}, live, stored)


def _hide(root: Folder, name: str) -> None:
    above, _, last = name.rpartition("/")
    where = _folder(root, above)
    if where is None or not last.startswith(".wh."):
        return
    if last == ".wh..wh..opq":
        where.clear()
    elif not last.startswith(".wh..wh."):
        where.pop(last.removeprefix(".wh."), None)


def _folder(root: Folder, path: str) -> Folder | None:
    here = root
    for part in path.split("/") if path else ():
        below = here.get(part)
        if not isinstance(below, dict):
            return None
        here = below
    return here


def _put(root: Folder, name: str, one: Entry, layer: int) -> None:
    *above, last = name.split("/")
    here = root
    for part in above:
        below = here.get(part)
        if not isinstance(below, dict):
            below = here[part] = {}
        here = below
    if one.kind == tarfile.DIRTYPE:
        if not isinstance(here.get(last), dict):
            here[last] = {}
    elif one.kind == tarfile.LNKTYPE:
        folder_, _, target = one.target.rpartition("/")
        there = _folder(root, folder_)
        assert there is not None
        here[last] = there[target]
    else:
        here[last] = Inode(len(one.content), layer, one.kind)


def _walk(here: Folder, prefix: str, found: dict[str, Inode]) -> None:
    for name, one in here.items():
        if isinstance(one, dict):
            _walk(one, f"{prefix}{name}/", found)
        else:
            found[f"{prefix}{name}"] = one
