"""A builder of stage graphs that holds its images in dictionaries: it shows what each command of a recipe would find.

It knows two commands: `touch PATH...`, and `survey PREFIX PATH...`, which writes into PREFIX/found what it finds.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, NamedTuple

import attrs

from hpcgen.block.paths import is_within
from hpcgen.graph.nodes import (
    AddRepository,
    Arg,
    Cmd,
    Comment,
    Copy,
    Entrypoint,
    Install,
    Label,
    Node,
    PrependPath,
    Run,
    SetEnv,
    Shell,
    User,
    Workdir,
    WriteFile,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from hpcgen.graph.stages import Stage, StageGraph

USERS = "/etc/users"
"""A folder with a file for each user beside root."""


class Stops(Exception):
    """The build stops, as a real one would."""


class View(NamedTuple):
    """What a command that does not see everything sees of what is there.

    Attributes:
        folders: the files, and folders of files, that it sees.
        packages: those it knows of.
        hidden: lines of the recipe whose variables it does not know.
    """

    folders: tuple[str, ...]
    packages: frozenset[str]
    hidden: frozenset[int]


@attrs.frozen
class State:
    """An image, or a stage while it is built.

    Attributes:
        files: path -> content; a folder that a working folder made ends with a slash.
        packages: what is installed, and the repositories that are known.
        variables: the nodes that set them, in order.
        arguments: name -> default.
        folder: that commands start in.
        user: that they run as.
        shell: that reads them.
        labels: name -> value.
        entrypoint: as the node has it.
        cmd: the same.
        cmd_is_own: whether this stage has said it; if not, an entrypoint takes it away, as Docker does.
    """

    files: dict[str, str] = attrs.field(factory=dict)
    packages: frozenset[str] = frozenset()
    variables: tuple[Node, ...] = (SetEnv("PATH", "/bin"),)
    arguments: dict[str, str | None] = attrs.field(factory=dict)
    folder: str = "/"
    user: str = "root"
    shell: tuple[str, ...] = ("/bin/sh", "-c")
    labels: dict[str, str] = attrs.field(factory=dict)
    entrypoint: Node | None = None
    cmd: Node | None = None
    cmd_is_own: bool = False

    @property
    def environment(self) -> dict[str, str]:
        """Variable -> value."""
        return folded(self.variables)

    def found(self) -> dict[str, Any]:
        """All that a command could find."""
        return {
            **attrs.asdict(self, recurse=False, filter=attrs.filters.include("files", "packages", "arguments", "folder", "user", "shell")),
            "environment": self.environment,
        }

    def finished(self) -> dict[str, Any]:
        """All that the image is."""
        return {**self.found(), "labels": self.labels, "entrypoint": self.entrypoint, "cmd": self.cmd}


class Survey(NamedTuple):
    """One command that looked around.

    Attributes:
        stage: where it ran.
        line: of the recipe.
        state: what was there.
    """

    stage: str
    line: int
    state: State


class Built(NamedTuple):
    """What came out of a graph.

    Attributes:
        stages: name -> the finished stage.
        surveys: in order.
        after: (stage, line of the recipe) -> what was there behind it.
    """

    stages: dict[str, State]
    surveys: list[Survey]
    after: dict[tuple[str, int], State]


def folded(nodes: Iterable[Node]) -> dict[str, str]:
    """Variable -> value, once all nodes are done."""
    found: dict[str, str] = {}
    for node in nodes:
        if isinstance(node, SetEnv):
            found[node.name] = node.value
        elif isinstance(node, PrependPath):
            words = (found.get(node.name, ""), node.path) if node.last else (node.path, found.get(node.name, ""))
            found[node.name] = ":".join(filter(None, words))
    return found


def line_of(node: Node) -> int:
    """The line of the recipe that a node comes from."""
    return node.origin.line if node.origin else 0


def below(files: Mapping[str, str], folders: Iterable[str]) -> dict[str, str]:
    """The files at or below some paths."""
    return {path: content for path, content in files.items() if any(is_within(path, folder) for folder in folders)}


CHANGES: dict[type[Node], Callable[[State, Any], dict[str, Any]]] = {
    Install: lambda state, node: {"packages": state.packages | set(node.packages)},
    AddRepository: lambda state, node: {"packages": state.packages | {node.name}},
    WriteFile: lambda state, node: {"files": {**state.files, node.path: node.content}},
    SetEnv: lambda state, node: {"variables": (*state.variables, node)},
    PrependPath: lambda state, node: {"variables": (*state.variables, node)},
    Arg: lambda state, node: {"arguments": {**state.arguments, node.name: node.default}},
    Workdir: lambda state, node: {"folder": node.path, "files": {**state.files, f"{node.path}/": ""}},
    User: lambda _, node: {"user": node.name},
    Shell: lambda _, node: {"shell": node.words},
    Label: lambda state, node: {"labels": {**state.labels, node.name: node.value}},
    Entrypoint: lambda state, node: {"entrypoint": node, "cmd": state.cmd if state.cmd_is_own else None},
    Cmd: lambda _, node: {"cmd": node, "cmd_is_own": True},
    Comment: lambda *_: {},
}
"""Node -> what it changes."""


def simulate(graph: StageGraph, views: Mapping[int, View]) -> Built:
    """All that is built from a graph; commands of the lines in `views` see no more than these."""
    built = Built({}, [], {})
    for stage in graph.stages:
        _Builder(stage, built, views).run()
    return built


class _Builder:
    """Builds one stage."""

    def __init__(self, stage: Stage, built: Built, views: Mapping[int, View]) -> None:
        self.stage = stage
        self.built = built
        self.views = views
        self.state = attrs.evolve(built.stages[stage.base.image], cmd_is_own=False) if stage.base.stage else State()

    def run(self) -> None:
        """All nodes, in order."""
        for node in self.stage.nodes:
            if isinstance(node, Run):
                for command in node.commands:
                    self._command(command, line_of(node))
            elif isinstance(node, Copy):
                self._files(self._copied(node))
            else:
                if isinstance(node, Install | AddRepository):
                    self._needs_root(node)
                self.state = attrs.evolve(self.state, **CHANGES[type(node)](self.state, node))
            self.built.after[self.stage.name, line_of(node)] = self.state
        self.built.stages[self.stage.name] = self.state

    def _files(self, files: Mapping[str, str]) -> None:
        self.state = attrs.evolve(self.state, files={**self.state.files, **files})

    def _needs_root(self, what: object) -> None:
        if self.state.user != "root":
            raise Stops(f"{self.stage.name}: {self.state.user} may not do this: {what}")

    def _command(self, command: str, line: int) -> None:
        """One command of a RUN."""
        if self.state.user != "root" and f"{USERS}/{self.state.user}" not in self.state.files:
            raise Stops(f"{self.stage.name}: there is no user {self.state.user}")
        program, *words = command.split()
        if program == "touch":
            if any(is_within(path, "/etc") for path in words):
                self._needs_root(command)
            self._files(dict.fromkeys(words, "touched"))
            return
        assert program == "survey"
        self.built.surveys.append(Survey(self.stage.name, line, self.state))
        seen = _through(self.state, self.views[line]) if line in self.views else self.state.found()
        self._files({f"{words[0]}/found": digest(seen)})

    def _copied(self, node: Copy) -> dict[str, str]:
        """The files that a copy brings."""
        found: dict[str, str] = {}
        dest = node.dest.rstrip("/")
        for source in node.sources:
            if not node.stage:
                found[f"{dest}/{source}" if node.dest.endswith("/") else dest] = f"{source} of the context"
                continue
            for path, content in below(self.built.stages[node.stage].files, (source,)).items():
                rest = path.removeprefix(source.rstrip("/"))
                found[f"{dest}{rest}" if rest else f"{dest}/{path.rpartition('/')[2]}" if node.dest.endswith("/") else dest] = content
        if not found:
            raise Stops(f"{self.stage.name}: there is nothing to copy at {' '.join(node.sources)} of {node.stage}")
        return found


def digest(seen: Mapping[str, Any]) -> str:
    """A short word for what a command saw."""
    in_order = {
        name: sorted(value.items()) if isinstance(value, dict) else sorted(value) if isinstance(value, frozenset) else value
        for name, value in seen.items()
    }
    return hashlib.sha256(repr(in_order).encode()).hexdigest()[:16]


def _through(state: State, view: View) -> dict[str, Any]:
    """What a command sees that does not see everything."""
    return {
        **state.found(),
        "files": below(state.files, view.folders),
        "packages": state.packages & view.packages,
        "environment": folded(node for node in state.variables if line_of(node) not in view.hidden),
    }
