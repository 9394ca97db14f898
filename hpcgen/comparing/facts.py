"""What a node says, as facts that can be compared: topic, name, value."""

from __future__ import annotations

import hashlib
import re
import shlex
from typing import TYPE_CHECKING, Any

import attrs

from hpcgen.comparing.matching import ALWAYS, PLACE
from hpcgen.graph import nodes as graph

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from hpcgen.graph.nodes import Mount, Node, Patch

COMMAND = "command"
COMMIT = "commit"
LINE = "line"
PACKAGES = "packages"
PREFIX = "prefix"
SOURCE = "source"
SHA256 = "sha256"
UNCHECKED = "unchecked"
UNPACKED = "unpacked in"
VERSION = "version"

OF_SOURCES = (SOURCE, SHA256, COMMIT, UNPACKED)
"""Topics of which a block has one for each source: a source may have another name and be the same."""

_VERSION = re.compile(r"(^|[-_.])v?\d.*$|(\.tar)?\.\w+$")


@attrs.frozen
class Fact:
    """One thing that a node says.

    Attributes:
        topic: what it is about.
        name: which of them, or empty.
        value: what it is.
    """

    topic: str
    name: str
    value: str


@attrs.frozen
class Kind:
    """How nodes of one kind are compared.

    Attributes:
        word: what a recipe calls it.
        facts: what one says.
        name: what tells one from others, or empty.
        key: whether that name says which one is meant, so that two of one name are one.
        anchors: what makes one like another; its facts' values if not given.
        pairs: what it takes to be one thing beside that.
    """

    word: str
    facts: Callable[[Any], Iterator[Fact]]
    name: Callable[[Any], str] = lambda node: ""
    key: bool = False
    anchors: Callable[[Any], Sequence[str]] | None = None
    pairs: str = PLACE


def shown(value: Any) -> str:
    """A field's value as words."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return shlex.join(map(shown, value))
    return str(value)


def stem(name: str) -> str:
    """A file's name up to its version or ending: `fftw` of `fftw-3.3.11.tar.gz`."""
    return _VERSION.sub("", name.rpartition("/")[2])


def fields(node: Any, *left_out: str, name: str = "") -> Iterator[Fact]:
    """What fields say that are not as they are by default."""
    for field in type(node).__attrs_attrs__:
        value = getattr(node, field.name)
        if field.eq and field.name not in left_out and value != field.default:
            yield Fact(field.name.replace("_", " "), name, shown(value))


def by_fields(word: str, main: str, *, named: str = "", pairs: str = PLACE) -> Kind:
    """A kind whose main field is said under its own word, and all others under their names."""

    def facts(node: Any) -> Iterator[Fact]:
        name = getattr(node, named) if named else ""
        yield Fact(word, name, shown(getattr(node, main)))
        yield from fields(node, main, named, name=name)

    return Kind(word, facts, (lambda node: str(getattr(node, named))) if named else (lambda node: ""), key=bool(named), pairs=pairs)


def _several(topic: str, values: Sequence[str]) -> Iterator[Fact]:
    return (Fact(topic, value, value) for value in values)


def _install(node: graph.Install) -> Iterator[Fact]:
    yield from _several(PACKAGES, sorted(set(node.packages)))
    yield from _several("repositories", node.enable)
    yield from _several("modules", node.modules)
    yield from _several("options", node.options)
    yield from fields(node, "packages", "enable", "modules", "options")


def _fetch(node: graph.Fetch) -> Iterator[Fact]:
    name = stem(node.name)
    yield Fact(SOURCE, name, node.local or node.url)
    yield Fact(SHA256, name, node.sha256 or UNCHECKED)
    yield from _unpacked(node.dest, node.name, name)
    yield from _patches(node.patches)
    yield from fields(node, "url", "sha256", "dest", "patches", "local", *(() if node.local else ("local",)), name=name)


def _git(node: graph.Git) -> Iterator[Fact]:
    name = stem(node.url)
    yield Fact(SOURCE, name, node.url)
    yield Fact(COMMIT, name, node.commit or "as it stands")
    yield from _unpacked(node.dest, node.url, name)
    yield from _patches(node.patches)
    yield from fields(node, "url", "commit", "dest", "patches", name=name)


def _unpacked(folder: str, file: str, name: str) -> Iterator[Fact]:
    """Where a source is unpacked: the folder above, if its own is called as the file is."""
    above, _, own = folder.rpartition("/")
    yield Fact(UNPACKED, name, above if own and file.rpartition("/")[2].startswith(own) else folder)


def _patches(patches: Sequence[Patch]) -> Iterator[Fact]:
    for one in patches:
        digest = hashlib.sha256(one.text.encode("utf-8", "surrogatepass")).hexdigest()
        yield Fact("patch", one.name, f"{one.name} (sha256 {digest}, -p{one.strip})")


def _run(node: graph.Run) -> Iterator[Fact]:
    yield from (Fact(COMMAND, "", command) for command in node.commands)
    if node.cwd:
        yield Fact("folder", "", node.cwd)
    yield from (Fact("variable", name, f"{name}={value}") for name, value in node.env)
    yield from (Fact("mount", one.target or one.id, _mount(one)) for one in node.mounts)
    yield from _several("options", node.options)


def _mount(mount: Mount) -> str:
    return " ".join((mount.kind, *(f"{fact.topic}={fact.value}" for fact in fields(mount, "kind"))))


def _copy(node: graph.Copy) -> Iterator[Fact]:
    yield from (Fact("files", "", source) for source in node.sources)
    yield Fact("to", "", node.dest)
    yield from (Fact("left out", "", pattern) for pattern in node.exclude)
    yield from fields(node, "sources", "dest", "exclude")


def _text(name: str, text: str) -> Iterator[Fact]:
    """A text's lines."""
    lines = text.split("\n")
    yield from (Fact(LINE, name, line) for line in (lines if lines[-1] else lines[:-1]))
    if lines[-1]:
        yield Fact("end", name, "without a newline")


def _write_file(node: graph.WriteFile) -> Iterator[Fact]:
    yield from _text(node.path, node.content)
    yield from fields(node, "path", "content", name=node.path)


def _listed(node: graph.PrependPath) -> Iterator[Fact]:
    when = "" if node.phase == "both" else ", while building" if node.phase == "build" else ", when run"
    yield Fact("environment", node.name, f"{node.path} ({'last' if node.last else 'first'}{when})")


def _entrypoint(node: graph.Entrypoint) -> Iterator[Fact]:
    yield from (Fact("entrypoint", "", shlex.join(node.words)),) if node.words else ()
    yield from (Fact(COMMAND, "", command) for command in node.commands)
    yield from fields(node, "words", "commands")


def _runtime(node: graph.RuntimeOf) -> Iterator[Fact]:
    """How it is chosen, and what of; what differs in the blocks themselves is said elsewhere."""
    yield Fact("runtime", "", node.stage)
    yield from fields(node, "stage", "records", "labels")
    yield from (Fact("label", name, value) for name, value in node.labels)
    yield from (Fact("takes", "\t".join(record), " ".join(record)) for record in node.records)


def _chosen(node: graph.ByArch) -> Iterator[Fact]:
    """What a choice that nobody chose from says: planning leaves none outside of blocks."""
    yield from (Fact("architecture", name, f"{name}: {len(nodes)}") for name, nodes in node.choices)


KINDS: dict[type[Node], Kind | None] = {
    graph.Install: Kind("packages", _install, anchors=lambda node: node.packages),
    graph.AddRepository: by_fields("repository", "url", named="name", pairs=ALWAYS),
    graph.Fetch: Kind("fetch", _fetch, anchors=lambda node: (stem(node.name), node.url, node.dest)),
    graph.Git: Kind("git", _git, anchors=lambda node: (node.url, node.dest)),
    graph.Run: Kind("shell", _run, anchors=lambda node: node.commands),
    graph.Copy: Kind("copy", _copy, name=lambda node: str(node.dest), anchors=lambda node: (node.dest, *node.sources)),
    graph.WriteFile: Kind("write_file", _write_file, name=lambda node: str(node.path), key=True, pairs=ALWAYS),
    graph.SetEnv: by_fields("environment", "value", named="name", pairs=ALWAYS),
    graph.PrependPath: Kind("environment", _listed, name=lambda node: str(node.name), key=True),
    graph.Workdir: by_fields("workdir", "path"),
    graph.User: by_fields("user", "name"),
    graph.Shell: by_fields("use_shell", "words"),
    graph.Label: by_fields("label", "value", named="name", pairs=ALWAYS),
    graph.Entrypoint: Kind("entrypoint", _entrypoint, pairs=ALWAYS),
    graph.Cmd: by_fields("cmd", "words", pairs=ALWAYS),
    graph.Expose: by_fields("expose", "port"),
    graph.Volume: by_fields("volume", "path"),
    graph.Healthcheck: by_fields("healthcheck", "words", pairs=ALWAYS),
    graph.StopSignal: by_fields("stopsignal", "signal", pairs=ALWAYS),
    graph.Arg: by_fields("arg", "default", named="name", pairs=ALWAYS),
    graph.Raw: Kind("raw", lambda node: _text(node.format, node.text), name=lambda node: str(node.format), key=True),
    graph.RuntimeOf: Kind("runtime", _runtime, pairs=ALWAYS),
    graph.RunFrom: by_fields("run", "program"),
    graph.Test: Kind("test", lambda node: (Fact(COMMAND, "", command) for command in node.commands)),
    graph.ByArch: Kind("by architecture", _chosen),
    graph.Comment: None,
}
"""How each kind of node is compared; None: it means nothing."""
