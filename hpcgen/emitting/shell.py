"""Writes shell scripts that build a recipe on a machine, without a container.

A script does the stages one after the other in one place, each step in the recipe's order, and notes which steps are finished. docs/design/scripts.md
says what a step's key is made of, and what becomes of each node.
"""

from __future__ import annotations

import hashlib
import re
from posixpath import join, normpath
from typing import TYPE_CHECKING, ClassVar

from hpcgen.emitting.base import Emitter, Rendered, said, word_of
from hpcgen.emitting.code import JOBS, Ways, is_chainable, joined, script
from hpcgen.emitting.groups import ENVIRONMENT, groups
from hpcgen.emitting.line import without_mounts
from hpcgen.emitting.lowering import SHELL_NODES, lower_all
from hpcgen.emitting.script_text import AS_SH, OPTIONS, TOOLS, USAGE
from hpcgen.emitting.script_words import CONTEXT, beginning, below, beside, copied, file_commands, unpacked
from hpcgen.errors import HpcgenError, Unsupported, Unwritable, each
from hpcgen.graph import nodes as graph
from hpcgen.graph.stages import is_gathered, line, walk
from hpcgen.quoting import comment, docker_heredoc, is_name, printf_file, sh, sh_join, sh_list

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from hpcgen.graph.nodes import Node
    from hpcgen.graph.stages import Stage, StageGraph
    from hpcgen.target import Target

_IDS = {"almalinux": "almalinux", "centos-stream": "centos", "debian": "debian", "rhel": "rhel", "rocky": "rocky", "ubi": "rhel", "ubuntu": "ubuntu"}
"""Distribution -> ID in /etc/os-release."""

_DOCKER = "say it to Docker alone: raw(docker='...')"
_PROFILE = "/etc/profile.d/hpcgen.sh"


class Script(Emitter):
    """A bash script.

    A label says something of an image: here it is a comment. Entrypoint and command are what `--run` starts.
    """

    format: ClassVar[str] = "bash"
    unsupported: ClassVar[dict[type[graph.Node], str]] = {
        graph.RuntimeOf: "it is replaced in planning",
        graph.User: f"the script's steps are root's, and its programs run as whoever starts them; {_DOCKER}",
        graph.Expose: f"on a machine without containers there is no port to publish; {_DOCKER}",
        graph.Volume: f"on a machine without containers all folders are kept; {_DOCKER}",
        graph.Healthcheck: f"nothing asks a machine for a container's health; {_DOCKER}",
        graph.StopSignal: f"there is no container to stop; {_DOCKER}",
    }

    def __init__(self, mirror: str = "") -> None:
        super().__init__()
        self.mirror = mirror
        self.names = {"step_profile": 1}
        self.arguments: list[str] = []
        self.touched: dict[str, None] = {}
        self.final = False

    def emit(self, graph: StageGraph) -> Rendered:
        """The whole script."""
        machine = self._machine(graph)
        self.defaults = {name: default for stage in graph.stages for name, default in _arguments(stage.head)}
        lists = dict.fromkeys(node.name for stage in graph.stages for node in _lists(stage))
        stages = [list(self._stage(graph, stage)) for stage in graph.stages]
        end = list(self._end(graph))
        self.finish()
        start = (*self._heading(graph, machine), *beginning(lists, several=len(stages) > 1), *self._destdir(graph, machine))
        text = "\n".join((*start, *(row for rows in stages for row in rows), *end))
        return Rendered(f"{text}\n", tuple(dict.fromkeys((*graph.warnings, *self.warnings))), format=self.format, file="build.sh")

    # --- the script ---

    def _machine(self, graph_: StageGraph) -> Target:
        """What machine the script is for: that of all stages but the last, which may be of another distribution if its files go elsewhere."""
        first = graph_.stages[0]
        for stage in graph_.stages[:-1]:
            if stage.target != first.target:
                both = f"stage '{first.name}' is {first.target.name}, stage '{stage.name}' is {stage.target.name}"
                raise Unsupported(f"bash: {both}: one machine cannot be both", origin=stage.origin)
        return first.target

    def _heading(self, graph_: StageGraph, machine: Target) -> Iterator[str]:
        origin = next((stage.origin for stage in graph_.stages if stage.origin), None)
        where = f"{_IDS[machine.distribution]} {machine.release} on {' or '.join(machine.architectures)}"
        yield "#!/usr/bin/env bash"
        yield from comment(f"Made by hpcgen{f' from {origin.file}' if origin else ''} for {where}.")
        yield "# It builds on this machine, without a container: bash build.sh --help"
        yield "# shellcheck disable=SC2016,SC2034,SC2129,SC2164,SC2317,SC2329 # literal values; long files; not all is used; set -e; called by name"
        yield from ("set -euo pipefail", "umask 022", "", "usage() {", "    cat <<'END'", USAGE, "END", "}", "", TOOLS, "", AS_SH[machine.family], "")
        yield f"mirror={sh(self.mirror)} arguments={sh(' '.join(dict.fromkeys(self.arguments)))}"
        yield OPTIONS.replace("@JOBS@", JOBS.format(read=""))
        yield ""
        yield f"check_machine {_IDS[machine.distribution]} {machine.release} {' '.join(machine.architectures)}"

    def _destdir(self, graph_: StageGraph, machine: Target) -> Iterator[str]:
        """What must be known before hours of building: whether the last stage can be put where it is asked for."""
        last = graph_.stages[-1]
        refusal = ""
        if len(graph_.stages) == 1 or last.base.stage:
            refusal = "the last stage does more than to take files: its blocks have prefix= for another folder"
        else:
            other = next((node for node in last.nodes if _is_command(node)), None)
            refusal = f"the last stage runs commands, which cannot be done below a folder ({other.origin})" if other else ""
        if refusal:
            yield f"[[ ! $destdir ]] || fail {sh(f'--destdir: {refusal}')}"
        if last.target.name != machine.name:
            yield f"[[ $destdir || $list ]] || fail {sh(f'the last stage is of {last.target.name}: say --destdir DIR, which its files are put into')}"
        yield from ("[[ ! $destdir || ! $test ]] || fail '--test and --destdir do not go together'", "")

    def _stage(self, graph_: StageGraph, stage: Stage) -> Iterator[str]:
        """A stage's steps, in the environment that it starts with."""
        self.final = stage is graph_.stages[-1] and len(graph_.stages) > 1
        self.pending: list[str] = []
        self.shell: tuple[str, ...] = ()
        self.folder = "/"
        self.tests: list[str] = []
        self.late: list[str] = []
        self.variables: set[str] = set()
        yield from (*comment(f"--- stage {stage.name}: {stage.base.image} ({stage.origin}) ---"), "")
        yield from self._begin(graph_, stage)
        for node in stage.head:
            if not isinstance(node, graph.Arg):  # a default for stages that name it again
                yield from self.write(node)
        for group in _blocks(groups(stage.nodes)):
            yield from self._group(graph_, stage, group)
        yield from (*self.late, "") if self.late else ()
        yield from self.tests

    def _begin(self, graph_: StageGraph, stage: Stage) -> Iterator[str]:
        """Environment and folder as the stage's base has them."""
        other = [name for name in self.touched if name != "PATH"]
        if other:
            yield f"unset {' '.join(other)}"
        if self.touched:
            yield "export PATH=$path_of_machine"
        yield "cd /"
        if self.final:
            yield 'root=$destdir key="$key $destdir"'
        for one in line(graph_, stage)[:-1]:
            for node in one.nodes:
                if isinstance(node, (*ENVIRONMENT, graph.Arg, graph.Workdir, graph.Shell)):
                    yield from self.write(node)
        yield ""

    def _end(self, graph_: StageGraph) -> Iterator[str]:
        """The environment for later shells, and the program."""
        from hpcgen.emitting.starting import start_lines, started

        parts = line(graph_, graph_.stages[-1])
        yield from ("# --- for later shells ---", "")
        yield from self._profile(parts, graph_.stages[0].origin)
        entrypoint, cmd = started(parts)
        first = entrypoint or cmd
        if first is None:
            yield "[[ ! $start ]] || fail 'the recipe has nothing to start'"
            return
        try:
            rows = [row if "\n" in row else f"    {row}" for row in start_lines(entrypoint, cmd)]
            yield from ("", *comment(said([first])), "start() {", *rows, "}", '[[ ! $start ]] || start "$@"')
        except HpcgenError as fault:
            self.faults.append(fault.at(first.origin))

    def _profile(self, parts: Sequence[Stage], origin: object) -> Iterator[str]:
        """A file that shells read when they start; it may be read twice."""
        variables = [node for part in parts for node in part.nodes if isinstance(node, ENVIRONMENT) and node.phase != "build"]
        rows = [row for node in variables for row in self._for_later(node)]
        text = "\n".join((*comment(f"Made by hpcgen: the environment of {getattr(origin, 'file', 'a recipe')}."), *rows, ""))
        heredoc = docker_heredoc(text)
        if heredoc is None:
            body = [f"    {below(command, _PROFILE)}" for command in printf_file(text, _PROFILE)]
        else:
            body = [f"    cat >\"$root\"{_PROFILE} <<'{heredoc[0]}'", *heredoc[1].rstrip("\n").split("\n"), heredoc[0]]
        yield from ("step_profile() {", '    mkdir -p "$root"/etc/profile.d', *body, "}", self._step(_PROFILE, "step_profile", body, ()))

    def _for_later(self, node: graph.SetEnv | graph.PrependPath) -> Iterator[str]:
        if isinstance(node, graph.SetEnv):
            yield f"export {node.name}={sh(node.value)}"
        else:
            export = f"export {node.name}={sh_list(node.name, node.path, last=node.last)}"
            yield f'case ":${{{node.name}:-}}:" in *:{sh(node.path)}:*) ;; *) {export} ;; esac'

    # --- groups of nodes ---

    def _group(self, graph_: StageGraph, stage: Stage, group: tuple[Node, ...]) -> Iterator[str]:
        """A step, or lines that are done on every run."""
        first = group[0]
        note = () if isinstance(first, graph.Comment | graph.Raw) else comment(said(group))
        try:
            if isinstance(first, graph.RunFrom) or (isinstance(first, graph.Copy) and is_gathered(first)):
                yield from (*note, *self._gathered(graph_, first), "")
            elif isinstance(first, graph.Copy):
                yield from (*note, *self._copy(graph_, first), "")
            elif isinstance(first, SHELL_NODES):
                yield from (*note, *self._commands(stage, group), "")
            else:
                rows = [row for node in group for row in self.write(node)]
                self.pending += rows
                yield from (*note, *rows, "") if rows else ()
        except HpcgenError as fault:
            self.faults += [one.at(first.origin) for one in each(fault)]

    def _gathered(self, graph_: StageGraph, node: graph.RunFrom | graph.Copy) -> Iterator[str]:
        """What is needed for running is where it should be on the machine that built it: only a tree elsewhere gets it."""
        if isinstance(node, graph.Copy):
            *rows, call = self._copy(graph_, node)
        elif node.installs:
            names = sh(f"{node.folder}/names")
            yield f'[[ ! $destdir || $list ]] || say "below that folder, these packages are needed: $(tr \'\\n\' " " < {names})"'
            return
        else:
            *rows, call = self._defined((node,), [f'    sh {sh(f"{node.folder}/{node.program}")} "$root"'])
        yield from (*rows, f"[[ ! $destdir ]] || {call}")

    def _commands(self, stage: Stage, group: tuple[Node, ...]) -> Iterator[str]:
        """The step of nodes that are shell code."""
        written = [node for node in group if isinstance(node, graph.WriteFile) and node.path.startswith("/")]
        if len(written) == len(group):
            body = [f"    {row}" for node in written for row in file_commands(node)]
            yield from self._defined(group, body)
            return
        locals_ = [node.local for node in walk(group) if isinstance(node, graph.Fetch) and node.local]
        code = without_mounts(lower_all(group, stage.target, Ways(mirrored=True, tidies=False, local=beside)), self.format, keeps_caches=True)
        yield from self._defined(group, list(self._body(code.commands)), folders=unpacked(group), own=[beside(name)[0] for name in locals_])

    def _body(self, commands: Sequence[str]) -> Iterator[str]:
        """Commands as the body of a function: a chain, or lines under `set -e`."""
        chained = is_chainable(commands)
        if self.shell:
            text = joined(commands) if chained else f"set -e\n{script(commands)}"
            yield f"    {sh_join(self.shell)} {sh(text)}"
        elif chained:
            yield "    as_sh"
            yield from f"    {joined(commands, '    ')}".split("\n")
        else:
            yield "    as_sh; set -e"
            yield from script(commands).split("\n")

    def _copy(self, graph_: StageGraph, node: graph.Copy) -> Iterator[str]:
        """The step of a copy; one onto itself does nothing."""
        if node.exclude:
            raise Unsupported("bash: Copy: files cannot be left out", help="copy folders and files one by one")
        if node.stage and node.stage not in {stage.name for stage in graph_.stages}:
            raise Unsupported(f"bash: Copy: a script cannot take files from the image {node.stage}")
        folder = "/" if node.dest.endswith(("/", "/.")) or node.dest == "." else ""
        dest = f"{normpath(join(self.folder, node.dest))}{folder}"
        where = "stage" if node.stage else "context"
        sources = [copied(node, source) for source in node.sources]
        words = " ".join((where, sh(node.owner), sh(node.mode), sh(dest), *sources))
        patterns = not node.literal and any(mark in source for source in node.sources for mark in "*?[")
        glob = ["    shopt -s dotglob # as COPY's patterns"] if patterns else []
        yield from self._defined((node,), [*glob, f"    place {words}"], own=sources if not node.stage else ())

    def _defined(self, group: Sequence[Node], body: list[str], *, folders: Iterable[str] = (), own: Iterable[str] = ()) -> Iterator[str]:
        """A function and the step that calls it; what the recipe's own files hold is part of its key."""
        first = group[0]
        name = self._name(first)
        yield from (f"{name}() {{", *body, "}")
        files = [f"./{word.removeprefix(CONTEXT)}" for word in own]
        if files:
            dots = "shopt -s dotglob && " if body[0].lstrip().startswith("shopt") else ""
            yield f'content=$(cd "$context" && {dots}sums {" ".join(files)})'
        call = self._step(said(group), name, body, folders)
        if self.final and isinstance(first, graph.Install | graph.AddRepository):
            yield f"[[ $destdir ]] || {call}"
            needs = " ".join(sorted({package for node in group if isinstance(node, graph.Install) for package in node.packages}))
            yield f"[[ ! $destdir ]] || say {sh(f'below that folder, these packages are needed: {needs}')}"
        else:
            yield call

    def _step(self, title: str, name: str, body: Sequence[str], folders: Iterable[str]) -> str:
        digest = hashlib.sha256("\n".join((*self.pending, *body)).encode("utf-8", "surrogatepass")).hexdigest()[:16]
        self.pending = []
        return " ".join(("step", sh(title), name, digest, *map(sh, folders)))

    def _name(self, node: Node) -> str:
        """A function's name that no other step has, and no program."""
        what = node.block.name if node.block else word_of(node)
        base = f"step_{re.sub(r'[^a-z0-9]+', '_', what.lower())}"
        self.names[base] = self.names.get(base, 0) + 1
        return base if self.names[base] == 1 else f"{base}_{self.names[base]}"

    # --- single nodes ---

    def on_setenv(self, node: graph.SetEnv) -> Iterator[str]:
        """An export; what holds only while running is set before tests and program."""
        yield from self._exported(node, sh(node.value))

    def on_prependpath(self, node: graph.PrependPath) -> Iterator[str]:
        """The same for a list, without an empty element."""
        yield from self._exported(node, sh_list(node.name, node.path, last=node.last))

    def _exported(self, node: graph.SetEnv | graph.PrependPath, word: str) -> Iterator[str]:
        if not is_name(node.name):
            raise Unwritable(f"environment variable: not a name: {node.name!a:.80}")
        self.touched[node.name] = None
        export = f"export {node.name}={word}".split("\n")
        if node.phase == "run":
            self.late += export
            return
        self.variables.add(node.name)
        if node.phase == "build" and isinstance(node, graph.SetEnv):
            self.late.append(f"unset {node.name}")
        yield from export

    def on_arg(self, node: graph.Arg) -> Iterator[str]:
        """A value that --arg gives. The environment's own of that name wins, as in a Dockerfile."""
        if node.name in self.variables:
            return
        self.touched[node.name] = None
        self.arguments.append(node.name)
        default = node.default if node.default is not None else self.defaults.get(node.name)
        yield f"argument {node.name}" if default is None else f"argument {node.name} {sh(default)}"

    def on_workdir(self, node: graph.Workdir) -> Iterator[str]:
        """The folder that later steps start in."""
        self.folder = normpath(join(self.folder, node.path))
        yield f"workdir {sh(self.folder)}"

    def on_shell(self, node: graph.Shell) -> Iterator[str]:
        """The shell that later commands are given to."""
        self.shell = node.words
        yield from ()

    def on_label(self, node: graph.Label) -> Iterator[str]:
        """A comment: there is no image that it could be a label of."""
        yield from comment(f"{node.name}={node.value}")

    def on_entrypoint(self, node: Node) -> Iterator[str]:
        """It is written at the end, as what --run starts."""
        yield from ()

    on_cmd = on_entrypoint

    def on_comment(self, node: graph.Comment) -> Iterator[str]:
        """Words that mean nothing to any reader."""
        yield from comment(node.text)

    def on_raw(self, node: graph.Raw) -> Iterator[str]:
        """The recipe's own text, if it is for this format; it is done on every run."""
        if node.format in ("bash", "any"):
            yield from node.text.rstrip("\n").split("\n")

    def on_test(self, node: graph.Test) -> Iterator[str]:
        """A function that --test calls when its stage is done."""
        name = self._name(node)
        self.tests += [*comment(said([node])), f"{name}() {{", *self._body(node.commands), "}", f"check {sh(said([node]))} {name}", ""]
        yield from ()

    def on_copy(self, node: Node) -> Iterator[str]:
        """Written in groups; nothing comes here."""
        raise NotImplementedError(type(node).__name__)

    on_install = on_addrepository = on_fetch = on_git = on_run = on_runfrom = on_writefile = on_byarch = on_copy


def _blocks(found: Iterable[tuple[Node, ...]]) -> Iterator[tuple[Node, ...]]:
    """Groups, those of one block that stand behind each other put together: packages and build are one step."""
    before: tuple[Node, ...] = ()
    for group in found:
        if before and _are_one(before[0], group[0]):
            before = (*before, *group)
            continue
        if before:
            yield before
        before = group
    if before:
        yield before


def _are_one(one: Node, other: Node) -> bool:
    if not isinstance(one, SHELL_NODES) or not isinstance(other, SHELL_NODES) or one.block is None or other.block is None:
        return False
    shared = isinstance(one, graph.Install) and len(one.shared) > 1
    return one.block.digest == other.block.digest and str(one.origin) == str(other.origin) and not shared


def _lists(stage: Stage) -> Iterator[graph.PrependPath]:
    return (node for node in stage.nodes if isinstance(node, graph.PrependPath))


def _arguments(head: Iterable[Node]) -> Iterator[tuple[str, str | None]]:
    return ((node.name, node.default) for node in head if isinstance(node, graph.Arg))


def _is_command(node: Node) -> bool:
    """Whether a node is done where it stands, and cannot be done below another folder."""
    if isinstance(node, graph.Raw):
        return node.format in ("bash", "any")
    if isinstance(node, graph.WriteFile):
        return not node.path.startswith("/")
    return isinstance(node, SHELL_NODES) and not isinstance(node, graph.Install | graph.AddRepository | graph.RunFrom)
