"""Databases of installed packages: which of an image's files are one, and what each says, as a fact.

A fact is `{"packages": [[manager, name, version, folder, paths], ...]}`, the paths relative to the folder; with `"prefix": true` a package has all
that lies in its folder. RPM's is `{"rpm": [[name, version, folders, indexes, names], ...]}`, as its database has it.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from hpcgen.auditing import rpm

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from hpcgen.auditing.reading import Fact, Reader

Claim = list[Any]
"""Manager, name, version, folder, paths."""

DPKG, RPM, APK, CONDA, PIP, SPACK, EASYBUILD = "dpkg", "rpm", "apk", "conda", "pip", "spack", "easybuild"
_MOST = 64 << 20
"""Bytes of one record that is read; a longer one is a fault."""


def kind_of(path: str) -> str:
    """Which package manager's record a path is, by where it lies; empty for none."""
    folder, _, name = path.rpartition("/")
    if name == "RECORD":
        return PIP if folder.endswith(".dist-info") else ""
    if name.endswith(".list"):
        return DPKG if folder == "var/lib/dpkg/info" else ""
    if name.endswith(".json"):
        return CONDA if folder.endswith("conda-meta") else SPACK if path.endswith(".spack/spec.json") else ""
    if name.endswith(".eb"):
        return EASYBUILD if folder.endswith("/easybuild") else ""
    if name in rpm.FILES:
        return RPM if folder in ("var/lib/rpm", "usr/lib/sysimage/rpm") else ""
    if folder in ("var/lib/dpkg", "var/lib/dpkg/status.d"):
        return DPKG if name == "status" or folder.endswith(".d") else ""
    return APK if path in ("lib/apk/db/installed", "usr/lib/apk/db/installed") else ""


def fact(path: str, reader: Reader) -> Fact | None:
    """What a record says; `{"fault": ...}` where it cannot be read."""
    kind = kind_of(path)
    if not kind:
        return None
    if kind == RPM:
        return _rpm(reader)
    if reader.size > _MOST:
        return {"fault": f"a record of {kind} has more than {_MOST} bytes"}
    text = reader.read(0, reader.size).decode("utf-8", "surrogateescape")
    try:
        return _READ[kind](path, text)
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError) as fault:
        return {"fault": f"a record of {kind} is none: {fault!r:.80}"}


def _rpm(reader: Reader) -> Fact:
    found: list[Any] = []
    try:
        found.extend(map(list, rpm.packages(reader)))
    except rpm.BadDatabase as fault:
        return {"rpm": found, "fault": f"the database of rpm: {fault}"}
    return {"rpm": found}


def claims(fact: Fact) -> Iterator[Claim]:
    """What a fact says, package by package."""
    yield from fact.get("packages", ())
    for name, version, folders, indexes, names in fact.get("rpm", ()):
        paths = [f"{folders[index]}{one}" for index, one in zip(indexes, names, strict=False) if index < len(folders)]
        yield [RPM, name, version, "", paths]


# --- one of each ---


def _dpkg(path: str, text: str) -> Fact:
    """A list of files, or the versions: the list does not say them."""
    name = path.rpartition("/")[2]
    if name.endswith(".list"):
        paths = [line for line in text.splitlines() if line not in ("", "/.")]
        return {"packages": [[DPKG, name.removesuffix(".list").partition(":")[0], "", "", paths]]}
    if name.endswith(".md5sums"):
        paths = [line.split(None, 1)[1] for line in text.splitlines() if line.strip()]
        return {"packages": [[DPKG, name.removesuffix(".md5sums"), "", "", paths]]}
    return {"versions": dict(_versions(text))}


def _versions(text: str) -> Iterator[tuple[str, str]]:
    """Name and version of packages in a control file's form."""
    for paragraph in text.split("\n\n"):
        fields = dict(line.split(": ", 1) for line in paragraph.splitlines() if ": " in line and not line.startswith(" "))
        if "Package" in fields and "Version" in fields:
            yield fields["Package"], fields["Version"]


def _apk(_: str, text: str) -> Fact:
    """Alpine's one file: a paragraph for each package, a line for each folder (F) and file (R)."""
    found: list[Claim] = []
    folder = ""
    for line in text.splitlines():
        key, _, value = line.partition(":")
        if key == "P":
            found.append([APK, value, "", "", []])
        elif key == "V" and found:
            found[-1][2] = value
        elif key == "F":
            folder = value
        elif key == "R" and found:
            found[-1][4].append(f"{folder}/{value}" if folder else value)
    return {"packages": found}


def _conda(path: str, text: str) -> Fact:
    said = json.loads(text)
    folder = path.rpartition("/")[0].rpartition("/")[0]
    return {"packages": [[CONDA, str(said["name"]), str(said["version"]), folder, [str(one) for one in said["files"]]]]}


def _pip(path: str, text: str) -> Fact:
    import csv

    info, _, _ = path.rpartition("/")
    folder, _, name = info.rpartition("/")
    project, _, version = name.removesuffix(".dist-info").partition("-")
    try:
        paths = [row[0] for row in csv.reader(text.splitlines()) if row and row[0]]
    except csv.Error as fault:
        raise ValueError(fault) from fault
    return {"packages": [[PIP, project, version, folder, paths]]}


def _spack(path: str, text: str) -> Fact:
    """A package's own description: the first of its nodes is itself."""
    said = json.loads(text)["spec"]
    node = said["nodes"][0] if isinstance(said, dict) else said[0]
    if "name" not in node:  # before Spack 0.17 the name was the key
        name, node = next(iter(node.items()))
        node = {"name": name, **node}
    return {"packages": [[SPACK, str(node["name"]), str(node["version"]), path.removesuffix("/.spack/spec.json"), []]], "prefix": True}


def _easybuild(path: str, _: str) -> Fact:
    """A package's recipe lies in its prefix, `software/NAME/VERSION/easybuild`."""
    prefix = path.rpartition("/easybuild/")[0]
    above, _, version = prefix.rpartition("/")
    return {"packages": [[EASYBUILD, above.rpartition("/")[2], version, prefix, []]], "prefix": True}


_READ: dict[str, Callable[[str, str], Fact]] = {
    DPKG: _dpkg,
    APK: _apk,
    CONDA: _conda,
    PIP: _pip,
    SPACK: _spack,
    EASYBUILD: _easybuild,
}
