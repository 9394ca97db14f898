"""EasyBuild: sources and checksums of easyconfig files."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Any

from checksums.literal import assigned
from checksums.seen import Seen

if TYPE_CHECKING:
    from collections.abc import Iterator

    from checksums.trees import Tree

ROOTS = ("easybuild/easyconfigs", "easybuild/easyconfigs/__archive__", "")
"""Where the folders of letters are."""

_ENDINGS = ("TAR_BZ2", "TAR_GZ", "TAR_XZ", "TAR_Z", "TAR", "TBZ", "TBZ2", "TB2", "TGZ", "TXZ", "TAZ", "TZ", "ZIP", "GZ", "XZ", "BZ2")
CONSTANTS: dict[str, Any] = {
    **{f"SOURCE_{ending}": f"%(name)s-%(version)s.{ending.lower().replace('_', '.')}" for ending in _ENDINGS},
    **{f"SOURCELOWER_{ending}": f"%(namelower)s-%(version)s.{ending.lower().replace('_', '.')}" for ending in _ENDINGS},
    "GITHUB_SOURCE": "https://github.com/%(github_account)s/%(name)s/archive",
    "GITHUB_LOWER_SOURCE": "https://github.com/%(github_account)s/%(namelower)s/archive",
    "GITHUB_RELEASE": "https://github.com/%(github_account)s/%(name)s/releases/download/v%(version)s",
    "GITHUB_LOWER_RELEASE": "https://github.com/%(github_account)s/%(namelower)s/releases/download/v%(version)s",
}
"""EasyBuild's own names for sources (easybuild-framework, templates.py), as far as they tell of which kind a file is."""


def seen(tree: Tree, name: str) -> list[Seen]:
    """The releases of all easyconfigs of a name, which is compared without its capitals."""
    files = []
    for root in ROOTS:
        letter = f"{root}/{name[:1].lower()}".strip("/")
        for folder in tree.names(letter):
            if folder.lower() == name.lower():
                files += [f"{letter}/{folder}/{file}" for file in tree.names(f"{letter}/{folder}") if file.endswith(".eb")]
    return list(dict.fromkeys(one for _, text in tree.texts(files) for one in releases(text)))


def releases(text: str) -> Iterator[Seen]:
    """The sources of an easyconfig that are of its own version."""
    try:
        facts = assigned(ast.parse(text), CONSTANTS)
    except SyntaxError:  # files of EasyBuild 2 and older, for Python 2
        return
    sources, checksums = _list(facts.get("sources")), _list(facts.get("checksums"))
    version = str(facts.get("version", ""))
    urls = " ".join(_filled(one, facts) for one in _list(facts.get("source_urls")) if isinstance(one, str))
    for at, source in enumerate(sources):
        names = [_filled(one, facts) for one in _names(source)]
        where = next((one for one in names if version in one), "") or (names[0] if names and len(sources) == 1 else "")
        if where:
            for checksum in _of(checksums, at, names):
                yield Seen(version, checksum, f"{'/archive/' if '/archive' in urls and len(sources) == 1 else ''}{where}")


def _list(found: Any) -> list[Any]:
    return found if isinstance(found, list) else [found] if found else []


def _names(source: Any) -> list[str]:
    """The names of a source, that of the download first."""
    if isinstance(source, dict):
        return [source[key] for key in ("download_filename", "filename") if isinstance(source.get(key), str)]
    if isinstance(source, list):  # a file and how it is unpacked
        source = source[0] if source else ""
    return [source] if isinstance(source, str) else []


def _filled(text: str, facts: dict[str, Any]) -> str:
    """A text with EasyBuild's templates filled in, as far as the file itself tells."""
    name, version = str(facts.get("name", "")), str(facts.get("version", ""))
    parts = [*version.split("."), "", ""]
    known = {
        "name": name,
        "namelower": name.lower(),
        "nameletter": name[:1],
        "version": version,
        "version_major": parts[0],
        "version_minor": parts[1],
        "version_major_minor": ".".join(parts[:2]),
        "versionsuffix": str(facts.get("versionsuffix", "")),
        "github_account": str(facts.get("github_account", "")),
    }
    return re.sub(r"%\((\w+)\)s", lambda found: known.get(found[1], found[0]), text)


def _of(checksums: list[Any], at: int, names: list[str]) -> Iterator[str]:
    """The checksums of one source: by its place in the list, or by its name."""
    one = checksums[at] if at < len(checksums) else None
    if isinstance(one, dict):
        one = next((checksum for name, checksum in one.items() if name in names), next(iter(one.values()), None))
    if isinstance(one, list) and len(one) == 2 and one[0] == "sha256":  # noqa: PLR2004 (a kind and a checksum)
        one = one[1]
    for checksum in _list(one):  # several: either is good
        if isinstance(checksum, str) and re.fullmatch(r"[0-9a-f]{64}", checksum):
            yield checksum
