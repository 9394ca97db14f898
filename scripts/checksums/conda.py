"""conda-forge: the source of a recipe, meta.yaml or recipe.yaml; of a git repository, of all its former versions too."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from checksums.seen import Seen

if TYPE_CHECKING:
    from collections.abc import Iterator

    from checksums.trees import Tree

FOLDERS = ("{name}-feedstock/recipe", "recipes/{name}", "{name}/recipe", "{name}")
"""Where recipes are, in a folder of feedstocks."""
FILES = ("meta.yaml", "recipe.yaml")

_SET = re.compile(r"""\{%-?\s*set\s+(\w+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([\w.]+))""")
_CONTEXT = re.compile(r"""^\s+(\w+):\s*["']?([^"'#\s]+)""")
_LISTED = re.compile(r"""^\s+-\s+["']?(\w+://\S+?)["']?\s*(?:#.*)?$""")
_FIELD = re.compile(r"""^\s*(?:-\s+)?(url|fn|sha256):\s*(.*?)\s*(?:#.*)?$""")


def seen(tree: Tree, name: str) -> list[Seen]:
    """The sources of a package's recipe; a tree that is one feedstock alone has its recipe in `recipe/`."""
    found: list[Seen] = []
    for folder in _folders(tree, name):
        for path, text in tree.texts(f"{folder}/{file}" for file in FILES):
            for one in (text, *tree.former(path)):
                found += sources(one)
    return list(dict.fromkeys(found))


def _folders(tree: Tree, name: str) -> Iterator[str]:
    yield from (folder.format(name=name) for folder in FOLDERS)
    for path, text in tree.texts(f"recipe/{file}" for file in FILES):
        if re.search(
            rf"^\s*-?\s*name:\s*[\"']?{re.escape(name)}(-split|-suite)?[\"']?\s*$", _filled(text, _names(text)), re.MULTILINE | re.IGNORECASE
        ):
            yield path.rpartition("/")[0]


def _names(text: str) -> dict[str, str]:
    """What a recipe sets: Jinja's `set`, or the part `context`."""
    names = {found[1]: found[2] or found[3] or found[4] or "" for found in _SET.finditer(text)}
    inside = False
    for line in text.splitlines():
        if re.match(r"\S", line):
            inside = line.startswith("context:")
        elif inside and (found := _CONTEXT.match(line)):
            names[found[1]] = found[2]
    return names


def _filled(text: str, names: dict[str, str]) -> str:
    """A text with `{{ name }}`, `{{ name|lower }}` and `${{ name }}` filled in."""

    def word(found: re.Match[str]) -> str:
        known = names.get(found[1], found[0])
        return known.lower() if "lower" in found[2] else known

    return re.sub(r"\$?\{\{\s*(\w+)([^}]*)\}\}", word, text)


def sources(text: str) -> Iterator[Seen]:
    """The archives of a recipe's part `source`, of several sources each."""
    names = _names(text)
    version = names.get("version", "") or next(iter(re.findall(r"^\s+version:\s*[\"']?([\w.+-]+)", text, re.MULTILINE)), "")
    url, checksum = "", ""
    for line in _part(text, "source", names) if version else ():
        if re.match(r"\s*-\s+(url|fn|sha256|git_url|path):", line):  # the next one of several
            url, checksum = "", ""
        if (found := _FIELD.match(line)) and found[2]:
            word = found[2].strip("\"'")
            checksum = word if found[1] == "sha256" else checksum
            url = word if found[1] == "url" else url
        elif listed := _LISTED.match(line):
            url = url or listed[1]
        if url and re.fullmatch(r"[0-9a-f]{64}", checksum):
            yield Seen(version, checksum, url)
            url, checksum = "", ""


def _part(text: str, name: str, names: dict[str, str]) -> Iterator[str]:
    """The lines of one part of a recipe, names filled in."""
    inside = False
    for line in text.splitlines():
        if re.match(r"[^\s#-]", line):
            inside = line.startswith(f"{name}:")
        elif inside:
            yield _filled(line, names)
