"""Writes Dockerfiles, in the dialect of their reader.

https://docs.docker.com/reference/dockerfile/
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from hpcgen.emitting.base import Emitter, Rendered, said
from hpcgen.emitting.code import Code, Laid, Ways, guard, is_chainable, jobs_command, joined, script, without_optional
from hpcgen.emitting.dialects import Dialect, dialect
from hpcgen.emitting.groups import ENVIRONMENT, groups
from hpcgen.emitting.instructions import Instructions
from hpcgen.emitting.lowering import SHELL_NODES, lower_all
from hpcgen.errors import Unsupported, Unwritable
from hpcgen.frozen import evolve
from hpcgen.graph import nodes as graph
from hpcgen.quoting import (
    comment,
    docker_flag,
    docker_heredoc,
    docker_list,
    docker_name,
    docker_paths,
    docker_plain,
    docker_run_script,
    docker_run_words,
    docker_value,
    sh,
)
from hpcgen.target import ARCHITECTURES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from hpcgen.graph.nodes import Mount, Node
    from hpcgen.graph.stages import Stage, StageGraph

LINE_LIMIT = 65_535
"""Bytes of one line that BuildKit's reader takes (bufio.MaxScanTokenSize)."""

_NOT_LINKED = ("cuda", "lib", "bin", "share", "include", "etc", "man", "sbin", "src")
"""Folders below /usr/local that a base image may have, or have as a symbolic link: `COPY --link` would replace them (docs/design/dialects.md)."""

_MIRROR = graph.Mount("secret", id="mirror")
_JOBS = graph.Mount("secret", id="jobs")


class Dockerfile(Instructions, Emitter):
    """A Dockerfile in one dialect."""

    format: ClassVar[str] = "docker"
    unsupported: ClassVar[dict[type[graph.Node], str]] = {graph.RuntimeOf: "it is replaced in planning"}

    def __init__(self, name: str = "", mirror: str = "") -> None:
        super().__init__()
        self.dialect: Dialect = dialect(name)
        self.mirror = mirror
        self.shell: tuple[str, ...] = ("/bin/sh", "-c")
        self.shells: dict[str, tuple[str, ...]] = {}
        self.mounted = False
        self.guarded: set[str] = set()
        self.known: dict[str, set[str]] = {}
        self.guesses_lists = False
        self.pending_guard = ""
        self.brought: dict[str, str] = {}
        self.tests: dict[str, str] = {}

    def emit(self, graph: StageGraph) -> Rendered:
        """The whole file: a heading, then the stages, the recipe's final one last."""
        self._check_mirror()
        parts = [self._heading(graph)]
        self.tests = _test_names(graph)
        for number, stage in enumerate(graph.stages):
            parts += self._stage(stage, final=number == len(graph.stages) - 1)
        self.finish()
        directives = "".join(f"{line}\n" for line in self._directives(graph))
        if not directives and self.guesses_lists and self.dialect.heredocs:
            # Docker's own check takes ${LIST:+:$LIST} for a mistake; it is how a list gets no empty element
            directives = "# check=skip=UndefinedVar\n"
        text = "\n\n".join("\n".join(part) for part in parts if part)
        return Rendered(f"{directives}{text}\n", tuple(dict.fromkeys((*graph.warnings, *self.warnings))))

    # --- the file ---

    def _directives(self, graph_: StageGraph) -> Iterator[str]:
        """What the recipe says before the first base, parser directives among it: they hold only at the top."""
        for node in graph_.stages[0].head if graph_.stages else ():
            if isinstance(node, graph.Raw) and node.format in ("docker", "any"):
                yield node.text.rstrip("\n")

    def _heading(self, graph_: StageGraph) -> list[str]:
        origin = next((stage.origin for stage in graph_.stages if stage.origin), None)
        lines = list(comment(f"Made by hpcgen{f' from {origin.file}' if origin else ''} for {self.dialect.readers}."))
        if self.mirror and self.dialect.mounts:
            if "://" in self.mirror:
                lines += comment("Sources come from a mirror first: docker build --secret id=mirror,src=FILE . with the mirror's URL in FILE.")
            else:
                lines += comment("Sources come from a mirror first: docker build --build-context mirror=FOLDER .")
        for stage in graph_.stages:
            if stage.base.archive:
                lines += comment(f"{stage.base.image}: load it from {stage.base.archive} first")
        return lines

    def _stage(self, stage: Stage, *, final: bool) -> Iterator[list[str]]:
        """A stage's paragraphs; tests make a stage of their own beside it."""
        tests = [node for node in stage.nodes if isinstance(node, graph.Test)]
        self.shell = self.shells.get(stage.base.image, ("/bin/sh", "-c"))
        self.pending_guard = "" if stage.base.stage or stage.base.image == "scratch" else guard(stage.target)
        yield from self._head(stage, first=not self.shells)
        named = stage.named or not final or bool(tests)
        yield self._from(stage, named=named)
        if len(stage.target.architectures) > 1 and self.dialect.mounts and any(isinstance(node, graph.ByArch) for node in stage.nodes):
            yield ["ARG TARGETARCH"]
        yield from self._paragraphs(stage)
        self.shells[stage.name] = self.shell
        yield from self._guard_of_its_own(stage)
        if tests:
            yield self._tests(stage, tests)
            if final:
                yield [f"FROM {stage.name}"]

    def _paragraphs(self, stage: Stage) -> Iterator[list[str]]:
        """The instructions of a stage; those of one block stand together under one comment."""
        paragraph: list[str] = []
        owner = None
        for group in groups(node for node in stage.nodes if not isinstance(node, graph.Test)):
            lines = self._group(stage, group)
            shared = isinstance(group[0], graph.Install) and len(group[0].shared) > 1
            mine = (group[0].block.digest, str(group[0].origin)) if group[0].block and not shared else None
            if not lines:
                continue
            if paragraph and (mine is None or mine != owner):
                yield paragraph
                paragraph = []
            paragraph += lines if paragraph else [*self._said(group), *lines]
            owner = mine
        if paragraph:
            yield paragraph

    def _head(self, stage: Stage, *, first: bool) -> Iterator[list[str]]:
        """What the recipe says before a stage's base; raw text before the first one stands above all as directives."""
        for node in stage.head:
            if not (first and isinstance(node, graph.Raw)):
                yield list(self.write(node))

    def _from(self, stage: Stage, *, named: bool) -> list[str]:
        line = f"FROM {docker_plain(stage.base.image, 'base image')}{f' AS {stage.name}' if named else ''}"
        return [*comment(f"stage {stage.name} ({stage.origin})"), line]

    def _guard_of_its_own(self, stage: Stage) -> Iterator[list[str]]:
        """A stage that runs nothing and takes nothing from a stage that does must still stop on another architecture."""
        takes = any(isinstance(node, graph.Copy) and node.stage in self.guarded for node in stage.nodes)
        if self.pending_guard and stage.nodes and not takes:
            yield [f"RUN {self.pending_guard}"]
            self.pending_guard = ""
        if not self.pending_guard or takes:
            self.guarded.add(stage.name)

    def _tests(self, stage: Stage, tests: list[graph.Test]) -> list[str]:
        name = self.tests[stage.name]
        lines = [*comment(f"docker build --target {name} . runs the recipe's tests"), f"FROM {stage.name} AS {name}"]
        for node in tests:
            lines += self.write(node)
        return lines

    # --- groups of nodes ---

    def _group(self, stage: Stage, group: tuple[Node, ...]) -> list[str]:
        """The instruction that a group of nodes makes."""
        first = group[0]
        if isinstance(first, ENVIRONMENT):
            body = self._environment(stage, group)
        elif isinstance(first, graph.WriteFile) and len(group) == 1:
            body = self._write_file(stage, first)
        elif isinstance(first, SHELL_NODES):
            body = self._run_nodes(stage, group)
        else:
            body = list(self.write(first))
        self._check_lines(body, first)
        return body

    def _said(self, group: tuple[Node, ...]) -> Iterable[str]:
        """The comment above an instruction: which block, where in the recipe."""
        return () if isinstance(group[0], graph.Comment | graph.Raw) else comment(said(group))

    def _environment(self, stage: Stage, group: tuple[Node, ...]) -> list[str]:
        known = self.known.setdefault(stage.name, set(self.known.get(stage.base.image, {"PATH"})))
        words: list[str] = []
        for node in group:
            try:
                words.append(self._variable(node, known))
            except Unwritable as fault:
                self.faults.append(fault.at(node.origin))
        known |= {node.name for node in group if isinstance(node, graph.PrependPath) or (isinstance(node, graph.SetEnv) and node.value)}
        if not words:
            return []
        text = " \\\n    ".join(("ENV " + words[0], *words[1:]))
        return text.split("\n")

    def _variable(self, node: Node, known: set[str]) -> str:
        """NAME=value; what a list held before is added without an empty element where it may have held nothing."""
        assert isinstance(node, ENVIRONMENT)
        name = docker_name(node.name, "environment variable")
        if isinstance(node, graph.SetEnv):
            if "$" in node.value and not self.dialect.expands:
                raise Unwritable(f"environment variable {name}: dialect {self.dialect.name} has no way to write a $: ch-image does not read \\$")
            return f"{name}={docker_value(node.value, f'environment variable {name}')}"
        if name not in known and not self.dialect.expands:
            what = f"what the base image has in {name}, if anything, is replaced: ch-image cannot add to it"
            self.warnings.append(f"dialect {self.dialect.name}: {what}")
            return f"{name}={docker_value(node.path, f'environment variable {name}')}"
        self.guesses_lists = self.guesses_lists or name not in known
        return f"{name}={docker_list(name, node.path, last=node.last, known=name in known)}"

    def _write_file(self, stage: Stage, node: graph.WriteFile) -> list[str]:
        """A heredoc where the reader takes one and would have stopped before if it did not; else printf."""
        heredoc = docker_heredoc(node.content) if self.dialect.heredocs and self.mounted else None
        path = docker_paths((), node.path, literal=True)
        if heredoc is None or path.startswith("["):  # the JSON form knows no heredocs
            return self._run_nodes(stage, (node,))
        delimiter, body = heredoc
        mode = f" --chmod={node.mode}" if node.mode else ""
        return [f"COPY{mode} <<'{delimiter}' {path}", *body.split("\n")[:-1], delimiter]

    def _run_nodes(self, stage: Stage, group: tuple[Node, ...]) -> list[str]:
        """One RUN for nodes that are shell code."""
        try:
            lines = self._run(self._code(stage, group))
            brought, self.brought = self.brought, {}
            return [*brought.values(), *lines]
        except (Unsupported, Unwritable) as fault:
            self.faults.append(fault.at(group[0].origin))
            return []

    def _code(self, stage: Stage, group: tuple[Node, ...]) -> Code:
        code = lower_all(group, stage.target, self.ways)
        jobs = jobs_command(code.commands, self.ways)
        head = [self.pending_guard] if self.pending_guard else []
        self.pending_guard = ""
        mark = self._marker(group)
        extra = (_JOBS,) if jobs and self.dialect.mounts else ()
        tidy = tuple(f"rm -rf {sh(folder)}" for folder in self.brought)
        return Code((*mark, *head, *jobs), extra) + code + Code(tidy)

    @staticmethod
    def _marker(group: tuple[Node, ...]) -> tuple[str, ...]:
        """A command that does nothing and says, in the image's history, which block a layer is of.

        Packages carry neither names nor digests: the same packages for another block are not installed again.
        """
        first = group[0]
        if isinstance(first, graph.Install | graph.AddRepository) or (isinstance(first, graph.RunFrom) and first.installs):
            return (": hpcgen packages",)
        return (f": hpcgen {sh(str(first.block))} {first.block.digest[:12]}",) if first.block else ()

    def _bring(self, stage: str, folder: str) -> tuple[str, tuple[Mount, ...]]:
        """A folder of an earlier stage, where there are no mounts: copied, and removed by the command that uses it."""
        self.brought[folder] = f"COPY --from={docker_flag(stage, 'stage')} {docker_paths((folder,), folder, literal=True)}"
        return sh(folder), ()

    @property
    def ways(self) -> Ways:
        """How this dialect brings what must not stand in the text."""
        names = dict(ARCHITECTURES) if self.dialect.mounts else {}
        arch = '"$TARGETARCH"' if self.dialect.mounts else '"$(uname -m)"'
        if not self.dialect.mounts:
            return Ways(mirrored=bool(self.mirror), mirror=f"MIRROR={sh(self.mirror)}", arch=arch, arch_names=names, from_stage=self._bring)
        folder = bool(self.mirror) and "://" not in self.mirror
        return Ways(
            jobs="cat /run/secrets/jobs 2>/dev/null || ",
            mirrored=True,
            mirror=Laid("MIRROR=file:///run/mirror" if folder else 'MIRROR="$(cat /run/secrets/mirror 2>/dev/null || :)"'),
            mirror_mounts=_folder_mounts if folder else lambda place: (_MIRROR,),
            cached=True,
            arch=arch,
            arch_names=names,
            from_stage=_mounted,
            local=_local,
        )

    def _run(self, code: Code) -> list[str]:
        """A RUN: one chain, or, where a command has many lines, a heredoc or the exec form."""
        if not self.dialect.mounts:
            code = evolve(code, mounts=without_optional(code.mounts))
        flags = [self._mount(mount) for mount in code.mounts]
        if flags and not self.dialect.mounts:
            raise Unsupported(f"dialect {self.dialect.name} has no RUN --mount", help="choose another dialect, or leave the mounts out")
        flags += list(code.options)
        if is_chainable(code.commands):
            self.mounted = self.mounted or bool(code.mounts)
            head = [f"RUN {flags[0]}", *flags[1:], ""] if flags else ["RUN "]
            return (" \\\n    ".join(head) + joined(code.commands)).split("\n")
        text = script(code.commands)
        heredoc = docker_run_script(text) if self.dialect.heredocs else None
        if heredoc is None:
            return [" ".join(("RUN", *flags, docker_run_words(text, self.shell)))]
        if not code.mounts:
            flags.insert(0, "--mount=type=tmpfs,target=/run/hpcgen")  # makes the legacy builder, which drops heredocs silently, stop aloud
        self.mounted = True
        delimiter, body = heredoc
        return [" ".join(("RUN", *flags, f"<<'{delimiter}'")), *body.rstrip("\n").split("\n"), delimiter]

    @staticmethod
    def _mount(mount: Mount) -> str:
        words = [f"type={mount.kind}"]
        pairs = (("from", mount.stage), ("source", mount.source), ("target", mount.target), ("id", mount.id))
        words += [f"{name}={value}" for name, value in pairs if value]
        return "--mount=" + ",".join(docker_flag(word, "a mount") for word in (*words, *mount.options))

    def _check_lines(self, lines: Iterable[str], node: Node) -> None:
        if any(len(line) > LINE_LIMIT // 4 and len(line.encode()) >= LINE_LIMIT for line in lines):
            self.faults.append(Unwritable("a line of a Dockerfile has at most 65,535 bytes", origin=node.origin))

    def _check_mirror(self) -> None:
        if self.mirror and "://" not in self.mirror and not self.dialect.contexts:
            raise Unsupported(f"dialect {self.dialect.name} cannot take sources from a folder", help="give the mirror's URL: --mirror http://...")

    # --- single nodes ---

    def on_copy(self, node: graph.Copy) -> Iterator[str]:
        """COPY; what single dialects lack is done by a RUN behind it."""
        if node.exclude:
            how = "name them in a .dockerignore file, or copy folders one by one"
            raise Unsupported("docker: Copy: files cannot be left out before Docker 29", help=how)
        flags = [f"--from={docker_flag(node.stage, 'stage')}"] if node.stage else []
        if self._may_link(node):
            flags.append("--link")
        flags += [f"--chown={docker_flag(node.owner, 'owner')}"] if node.owner and self.dialect.chmod else []
        flags += [f"--chmod={node.mode}"] if node.mode and self.dialect.chmod else []
        yield " ".join(("COPY", *flags, docker_paths(node.sources, node.dest, literal=node.literal)))
        if not self.dialect.chmod and (node.owner or node.mode):
            if len(node.sources) != 1 or node.dest.endswith("/"):
                raise Unsupported(f"dialect {self.dialect.name} has no COPY --chown and --chmod", help="copy files one by one to full paths")
            commands = [f"chown -R {sh(node.owner)} {sh(node.dest)}"] if node.owner else []
            commands += [f"chmod -R {node.mode} {sh(node.dest)}"] if node.mode else []
            yield from self._run(Code(tuple(commands)))

    def _may_link(self, node: graph.Copy) -> bool:
        """Whether a layer of its own, laid over whatever the base holds, gives the same: a whole prefix, no symbolic link on its way."""
        folder, _, name = node.dest.rstrip("/").rpartition("/")
        own = f"{folder}/".startswith(("/usr/local/", "/opt/")) and name not in _NOT_LINKED
        return self.dialect.link and node.tree and bool(node.stage) and own and not node.owner

    def on_test(self, node: graph.Test) -> Iterator[str]:
        """A RUN in the test stage."""
        yield from self._run(Code(node.commands))

    def _shell_node(self, node: Node) -> Iterator[str]:
        """Shell code is written in groups; nothing comes here."""
        raise NotImplementedError(type(node).__name__)

    on_install = on_addrepository = on_fetch = on_git = on_run = on_runfrom = on_writefile = on_byarch = on_setenv = on_prependpath = _shell_node


def _test_names(graph_: StageGraph) -> dict[str, str]:
    """What the stages that run tests are called: `test` where there is one."""
    tested = [stage.name for stage in graph_.stages if any(isinstance(node, graph.Test) for node in stage.nodes)]
    taken = {stage.name for stage in graph_.stages}
    return {name: "test" if len(tested) == 1 and "test" not in taken else f"{name}-test" for name in tested}


def _folder_mounts(place: str) -> tuple[Mount, ...]:
    """The bind mount of one source in a mirror's folder, so that other sources do not change its cache key."""
    folder = place.rpartition("/")[0]
    return (graph.Mount("bind", f"/run/mirror/{folder}", source=folder, stage="mirror"),)


def _mounted(stage: str, folder: str) -> tuple[str, tuple[Mount, ...]]:
    """A folder of an earlier stage, seen while building."""
    target = f"/run/hpcgen/{folder.rpartition('/')[2]}"
    return sh(target), (graph.Mount("bind", target, source=folder, stage=stage),)


def _local(name: str) -> tuple[str, tuple[Mount, ...]]:
    """A file beside the recipe, seen while building."""
    target = f"/run/context/{name.rpartition('/')[2]}"
    return sh(target), (graph.Mount("bind", target, source=name),)
