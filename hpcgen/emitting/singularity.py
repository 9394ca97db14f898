"""Writes definition files of Apptainer and SingularityCE.

https://apptainer.org/docs/user/latest/definition_files.html
What was seen of their readers, and what follows from it, stands in docs/design/definition-files.md.
"""

from __future__ import annotations

from posixpath import join, normpath
from typing import TYPE_CHECKING, ClassVar

from hpcgen.emitting.base import Emitter, Rendered, said
from hpcgen.emitting.code import Laid, Ways, guard, is_chainable, jobs_command, joined, script, script_line
from hpcgen.emitting.groups import groups
from hpcgen.emitting.line import wanted, without_mounts
from hpcgen.emitting.lowering import SHELL_NODES, lower_all
from hpcgen.emitting.sections import HOLDING, PLACE, Reader, Sections, check_rows
from hpcgen.errors import HpcgenError, Unsupported, Unwritable, each
from hpcgen.graph import nodes as graph
from hpcgen.graph.paths import rooted
from hpcgen.graph.stages import is_gathered, line
from hpcgen.quoting import chain, comment, def_command, def_env, def_files, def_label, def_word, is_name, sh, sh_join, sh_list

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from hpcgen.graph.nodes import Mount, Node
    from hpcgen.graph.stages import Stage, StageGraph

_HOSTS = ("/tmp", "/var/tmp")  # noqa: S108 (what this module refuses)
_DOCKER = "say it to Docker alone: raw(docker='...')"
_BASE_ENVIRONMENT = "/.singularity.d/env/10-docker2singularity.sh"
_BASE_RUNSCRIPT = "/.singularity.d/runscript.base"


class Definition(Emitter):
    """A definition file: the recipe's line, inheritance of stages flattened."""

    format: ClassVar[str] = "singularity"
    unsupported: ClassVar[dict[type[graph.Node], str]] = {
        graph.RuntimeOf: "it is replaced in planning",
        graph.User: f"a container runs as whoever starts it, and %post as root; {_DOCKER}",
        graph.Expose: f"containers are in the host's network, where no port needs to be published; {_DOCKER}",
        graph.Volume: f"folders are kept outside an image by whoever starts it (--bind); {_DOCKER}",
        graph.Healthcheck: f"nothing asks a container for its health; {_DOCKER}",
        graph.StopSignal: f"a container ends as its program does; {_DOCKER}",
    }

    def __init__(self, singularity_version: str = "", mirror: str = "") -> None:
        super().__init__()
        self.reader = Reader(singularity_version)
        self.mirror = mirror
        self.sections = Sections()
        self.images: dict[str, str] = {}

    def emit(self, graph: StageGraph) -> Rendered:
        """The whole file, the recipe's final stage last."""
        stages = wanted(graph)
        parts = [self._stage(graph, stage) for stage in stages]
        images = [[f"Bootstrap: docker\nFrom: {image}\nStage: {name}"] for image, name in self.images.items()]
        if len(parts) + len(images) > 1:
            self._note_fault(self.reader.refusal("stages"), stages[-1])
        self.finish()
        paragraphs = [self._heading(graph, stages), *images, *parts]
        text = "\n\n".join("\n\n".join(part) for part in paragraphs)
        return Rendered(f"{text}\n", tuple(dict.fromkeys((*graph.warnings, *self.warnings))), format=self.format, file="Singularity.def")

    # --- the file ---

    def _heading(self, graph_: StageGraph, stages: Sequence[Stage]) -> list[str]:
        origin = next((stage.origin for stage in graph_.stages if stage.origin), None)
        lines = list(comment(f"Made by hpcgen{f' from {origin.file}' if origin else ''} for {self.reader}."))
        lines += comment("apptainer build image.sif Singularity.def")
        ground = {name for stage in stages for name in (one.name for one in line(graph_, stage))}
        left = [stage.name for stage in graph_.stages if stage.name not in ground]
        if left:
            lines += comment(f"Not here, because the result takes nothing from it, and every stage of a definition file is built: {', '.join(left)}")
        return ["\n".join(lines)]

    def _stage(self, graph_: StageGraph, stage: Stage) -> list[str]:
        """A stage's paragraphs: its header, then its sections, one of each kind."""
        self.sections = Sections()
        self.shell: tuple[str, ...] = ()
        self.folder = ""
        self.variables: set[str] = set()
        self.copies = self.locals = 0
        self.asks_mirror = False
        parts = line(graph_, stage)
        self.bare = parts[0].base.image == "scratch"
        self.defaults = {node.name: node.default for part in parts for node in part.head if isinstance(node, graph.Arg)}
        for part in parts:
            for node in part.head:
                if not isinstance(node, graph.Arg):
                    self.write(node)
            for group in groups(node for node in part.nodes if part is stage or not isinstance(node, graph.Test)):
                self._group(part, group)
        self._start(parts)
        if self.copies or self.locals or self.asks_mirror:
            self.sections.post += [] if self.bare else ["", f"    rm -rf {HOLDING}"]
        self._prelude(stage)
        try:
            return [self._header(stage, parts[0]), *self.sections.paragraphs()]
        except HpcgenError as fault:
            self.faults += [one.at(stage.origin) for one in each(fault)]
            return []

    def _header(self, stage: Stage, root: Stage) -> str:
        agent, _, place = root.base.archive.partition(":") if root.base.archive else (root.base.bootstrap, "", root.base.image)
        self._note_fault(self.reader.refusal(agent), stage)
        if any(mark in place for mark in "#\n\r{\\") or place != place.strip():
            raise Unwritable(f"a definition file's header cannot hold {place!a}")
        rows = ["Bootstrap: scratch"] if self.bare else [f"Bootstrap: {agent}", f"From: {place}"]
        return "\n".join((*rows, f"Stage: {stage.name}", *comment(f"stage {stage.name} ({stage.origin})")))

    def _prelude(self, stage: Stage) -> None:
        """What stands first in %post: nothing where there is no shell to read it."""
        if self.bare and all(row.lstrip()[:1] in ("", "#") for row in self.sections.post):
            self.sections.post.clear()
            return
        rows = ["    umask 022", f"    {guard(stage.target)}"]
        if self.asks_mirror:
            place = self.mirror if "://" in self.mirror else f"file://{HOLDING}/mirror"
            rows.append(f"    export MIRROR={def_word(place)}")
        if stage.base.environment and not self.bare:
            rows.append(f"    if [ -e {_BASE_ENVIRONMENT} ]; then . {_BASE_ENVIRONMENT}; fi")
        if self.copies and not self.bare:
            rows += ["", *PLACE]
        self.sections.post[:0] = rows

    def _start(self, parts: Sequence[Stage]) -> None:
        """The runscript: what the base image starts stays where the recipe gives it arguments alone."""
        from hpcgen.emitting.starting import start_lines, started

        entrypoint, cmd = started(parts)
        first = entrypoint or cmd
        if first is None:
            return
        otherwise = 'exec "$@"'
        if entrypoint is None and not self.bare:
            otherwise = f'exec env SINGULARITY_NO_EVAL=1 {_BASE_RUNSCRIPT} "$@"'
            self.sections.post += ["", *_said([first]), f"    cp /.singularity.d/runscript {_BASE_RUNSCRIPT}"]
        try:
            rows = [row if "\n" in row else f"    {row}" for row in map(def_command, start_lines(entrypoint, cmd, otherwise=otherwise))]
            check_rows(rows)
            self.sections.runscript += [*_said([first]), *"\n".join(rows).split("\n")]
        except HpcgenError as fault:
            self.faults.append(fault.at(first.origin))

    def _note_fault(self, fault: HpcgenError | None, stage: Stage) -> None:
        if fault is not None:
            self.faults.append(fault.at(stage.origin))

    # --- groups of nodes ---

    def _group(self, stage: Stage, group: tuple[Node, ...]) -> None:
        """Writes nodes that belong together: %post has their lines under a comment, other sections what the handlers gave them."""
        marks = self.sections.marks()
        is_code = isinstance(group[0], SHELL_NODES)
        post = self._commands(stage, group) if is_code else [row for node in group for row in self.write(node)]
        try:
            check_rows((*post, *self.sections.since(marks)))
        except Unwritable as fault:
            self.faults.append(fault.at(group[0].origin))
        note = [] if isinstance(group[0], graph.Comment | graph.Raw) else _said(group)
        self.sections.note(marks, note)
        self.sections.add(note, post)

    def _commands(self, stage: Stage, group: tuple[Node, ...]) -> list[str]:
        """Shell code in a shell of its own, which ends the build as a failing RUN would."""
        try:
            for node in group:
                self._check_place(node)
            code = without_mounts(lower_all(group, stage.target, self.ways), self.format)
            commands = (*jobs_command(code.commands, self.ways), *code.commands)
            return list(self._enclosed(commands))
        except HpcgenError as fault:
            self.faults += [one.at(group[0].origin) for one in each(fault)]
            return []

    def _enclosed(self, commands: Sequence[str]) -> Iterator[str]:
        """Commands in a shell of their own: a chain, or lines under `set -e`."""
        chained = is_chainable(commands)
        if self.shell:
            text = joined(commands) if chained else f"set -e\n{script(commands)}"
            yield from f"    {sh_join(self.shell)} {def_word(text)} || exit".split("\n")
        elif chained:
            elements = [def_command(command if isinstance(command, Laid) else chain(command)) for command in commands]
            text = " && \\\n".join(elements).replace("\n", f"\n{' ' * 8}")
            yield from ("    (", *f"{' ' * 8}{text}".split("\n"), "    ) || exit")
        else:
            lines = "\n".join(def_command(script_line(command)) for command in commands).split("\n")
            yield from ("    ( set -e", *lines, "    )")

    def _check_place(self, node: Node) -> None:
        """%post sees the host's own /tmp and /var/tmp: what is put there is not in the image."""
        place = node.path if isinstance(node, graph.WriteFile) else node.dest if isinstance(node, graph.Fetch | graph.Git) else ""
        if not _is_hosts(place):
            return
        if isinstance(node, graph.WriteFile):
            raise _lost(place)
        self.warnings.append(f"{node.origin}: {place} is the host's own while Apptainer builds, and not part of the image")

    @property
    def ways(self) -> Ways:
        """How sources come."""
        return Ways(mirrored=bool(self.mirror), mirror_mounts=self._bring_source, from_stage=self._bring_folder, local=self._bring_local)

    def _bring_source(self, place: str) -> tuple[Mount, ...]:
        """A source in a mirror's folder comes by %files; one that has a URL needs nothing."""
        self.asks_mirror = True
        if "://" not in self.mirror:
            self.sections.files.setdefault("", []).append(def_files(join(self.mirror, place), f"{HOLDING}/mirror/{place.rpartition('/')[0]}/"))
        return ()

    def _bring_folder(self, stage: str, folder: str) -> tuple[str, tuple[Mount, ...]]:
        """A folder of an earlier stage comes by %files."""
        place = f"{HOLDING}/from/{self.locals}"
        self.locals += 1
        self.sections.files.setdefault(stage, []).append(def_files(folder, f"{place}/"))
        return def_word(f"{place}/{folder.rpartition('/')[2]}"), ()

    def _bring_local(self, name: str) -> tuple[str, tuple[Mount, ...]]:
        """A file beside the recipe comes by %files."""
        folder = f"{HOLDING}/local/{self.locals}"
        self.locals += 1
        self.sections.files.setdefault("", []).append(def_files(_beside(name), f"{folder}/"))
        return def_word(f"{folder}/{name.rpartition('/')[2]}"), ()

    # --- single nodes ---

    def on_copy(self, node: graph.Copy) -> Iterator[str]:
        """Rows of %files that bring files into a folder of their own, and the command that puts them in place when it is their turn."""
        if node.exclude:
            raise Unsupported("singularity: Copy: files cannot be left out", help="copy folders and files one by one")
        dest = self._destination(node)
        stage = self._source_stage(node.stage)
        if self.bare:
            tree = is_gathered(node)
            row = def_files(f"{node.sources[0]}/*" if tree else self._only_source(node), dest, literal=not tree)
            self.sections.files.setdefault(stage, []).append(row)
            return
        names: set[str] = set()
        folder = ""
        for source in node.sources:
            path, pattern = rooted(source) if node.stage else _beside(source), _is_pattern(node, source)
            name = path.rpartition("/")[2]
            shared = name != "." and not pattern
            if not names or name in names or not shared:
                names, folder = set(), f"{HOLDING}/copy/{self.copies}"
                self.copies += 1
                further = (node.owner, node.mode) if node.mode else (node.owner,) if node.owner else ()
                yield f"    hpcgen_place {' '.join(map(def_word, (folder, dest, *further)))}"
            names |= {name} if shared else set()
            inner = f"{folder}/all/" if name == "." else f"{folder}/"
            self.sections.files.setdefault(stage, []).append(def_files(path, inner, literal=not pattern))

    def _destination(self, node: graph.Copy) -> str:
        """Where a copy goes, in full."""
        dest = node.dest
        if not dest.startswith("/"):
            if not self.folder:
                sentence = f"singularity: Copy: '{dest}' is relative, and the base image's own folder is not known"
                raise Unsupported(sentence, help="name a full path, or use workdir(...) before")
            dest = normpath(join(self.folder, dest)) + ("/" if dest.endswith(("/", ".")) else "")
        if _is_hosts(dest):
            raise _lost(dest)
        return dest

    def _only_source(self, node: graph.Copy) -> str:
        """The source of a copy to an image that has no shell."""
        if len(node.sources) != 1 or node.owner or node.mode or node.dest.endswith("/") or _is_pattern(node, node.sources[0]):
            how = "copy one file or folder to a full path, without owner and mode"
            raise Unsupported("singularity: Copy: upon scratch there is no shell that could put files in place", help=how)
        return rooted(node.sources[0]) if node.stage else _beside(node.sources[0])

    def _source_stage(self, name: str) -> str:
        """The stage that a copy takes from; an image becomes a stage of its own."""
        if any(mark in name for mark in ":/@"):
            return self.images.setdefault(name, f"image-{len(self.images)}")
        return name

    def on_setenv(self, node: graph.SetEnv) -> Iterator[str]:
        """An export in %environment, and in %post."""
        yield from self._exported(node, def_env(node.name, node.value))

    def on_prependpath(self, node: graph.PrependPath) -> Iterator[str]:
        """The same for a list, without an empty element."""
        if not is_name(node.name):
            raise Unwritable(f"environment variable: not a name: {node.name!a:.80}")
        yield from self._exported(node, def_command(f"export {node.name}={sh_list(node.name, node.path, last=node.last)}"))

    def _exported(self, node: graph.SetEnv | graph.PrependPath, export: str) -> Iterator[str]:
        rows = f"    {export}".split("\n")
        if node.phase != "build":
            self.sections.environment += rows
        if node.phase != "run" and not self.bare:
            self.variables.add(node.name)
            yield from rows

    def on_arg(self, node: graph.Arg) -> Iterator[str]:
        """A variable of the build: its value stands in a heredoc, where it can be any text. The environment's own of that name wins."""
        refusal = self.reader.refusal("arguments")
        if refusal is not None:
            raise refusal
        if node.name in self.variables:
            return
        default = node.default if node.default is not None else self.defaults.get(node.name)
        value = default or ""
        def_word(value)  # what no file can hold is refused there
        if "\n" in value or "\r" in value or "{{" in value or value != value.strip():
            raise Unwritable(f"argument {node.name}: a definition file has no words for this default: {value!a:.80}")
        self.sections.arguments.append(f"    {node.name}={value}")
        name = node.name
        yield from (f"    {name}=\"$(cat <<'HPCGEN_VALUE'", f"={{{{ {name} }}}}=", "HPCGEN_VALUE", '    )"', f'    {name}="${{{name}#=}}"')
        yield f'    export {name}="${{{name}%=}}"'
        if default is None:
            yield f'    [ -n "${name}" ] || unset {name}'

    def on_workdir(self, node: graph.Workdir) -> Iterator[str]:
        """The folder that %post's later commands start in; a container starts in the folder that its user is in."""
        self.folder = normpath(join(self.folder or "/", node.path))
        if _is_hosts(self.folder):
            self.warnings.append(f"{node.origin}: {self.folder} is the host's own while Apptainer builds, and not part of the image")
        yield f"    mkdir -p {def_word(self.folder)}"
        yield f"    cd {def_word(self.folder)}"

    def on_shell(self, node: graph.Shell) -> Iterator[str]:
        """The shell that later commands are given to."""
        self.shell = node.words
        yield from ()

    def on_label(self, node: graph.Label) -> Iterator[str]:
        """A row of %labels."""
        self.sections.labels.append(def_label(node.name, node.value))
        yield from ()

    def on_entrypoint(self, node: Node) -> Iterator[str]:
        """It is written with what it is given, when all is known."""
        yield from ()

    on_cmd = on_entrypoint

    def on_comment(self, node: graph.Comment) -> Iterator[str]:
        """Words that mean nothing to any reader."""
        yield from (f"    {row}" for row in comment(node.text))

    def on_raw(self, node: graph.Raw) -> Iterator[str]:
        """The recipe's own text, if it is for this format: lines behind a section's name go there, others into %post."""
        if node.format not in ("singularity", "any"):
            return
        section = None
        for row in node.text.rstrip("\n").split("\n"):
            if row.lstrip().startswith("%"):
                section = self.sections.named(row.strip())
            elif section is not None:
                section.append(row)
            else:
                yield row

    def on_test(self, node: graph.Test) -> Iterator[str]:
        """Commands of %test, run at the end of the build, and by `apptainer test`."""
        folder = (f"cd {sh(self.folder)}",) if self.folder else ()
        self.sections.test += [*(() if self.sections.test else ("    set -e",)), *self._enclosed((*folder, *node.commands))]
        yield from ()

    def _shell_node(self, node: Node) -> Iterator[str]:
        """Shell code is written in groups; nothing comes here."""
        raise NotImplementedError(type(node).__name__)

    on_install = on_addrepository = on_fetch = on_git = on_run = on_runfrom = on_writefile = on_byarch = _shell_node


def _said(group: Sequence[Node]) -> list[str]:
    return [f"    {row}" for row in comment(said(group))]


def _is_hosts(path: str) -> bool:
    return any(f"{normpath(path)}/".startswith(f"{folder}/") for folder in _HOSTS) if path else False


def _lost(path: str) -> Unsupported:
    sentence = f"singularity: {path} is the host's own while Apptainer builds: what is put there is not in the image"
    return Unsupported(sentence, help="choose another folder")


def _beside(source: str) -> str:
    """A path in the folder that the image is built in, as Docker reads it: never above that folder."""
    return rooted(source).lstrip("/") or "."


def _is_pattern(node: graph.Copy, source: str) -> bool:
    """Whether a source is a pattern; one that means all of a folder is refused, because readers differ on names that begin with a dot."""
    if node.literal or not any(mark in source for mark in "*?["):
        return False
    if "*" in source.split("/"):
        sentence = f"singularity: Copy: '{source}': readers differ on files whose names begin with a dot"
        raise Unsupported(sentence, help="name the folder itself: its content is copied")
    return True

