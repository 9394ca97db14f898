"""Instructions of a Dockerfile that a node makes by itself, whatever stands around it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hpcgen.errors import Unsupported
from hpcgen.quoting import comment, docker_name, docker_plain, docker_value, docker_words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hpcgen.emitting.dialects import Dialect
    from hpcgen.graph import nodes as graph


class Instructions:
    """The handlers of such nodes, for the class that writes Dockerfiles."""

    dialect: Dialect
    shell: tuple[str, ...]
    warnings: list[str]

    def on_workdir(self, node: graph.Workdir) -> Iterator[str]:
        """WORKDIR."""
        yield f"WORKDIR {docker_plain(node.path, 'working folder')}"

    def on_user(self, node: graph.User) -> Iterator[str]:
        """USER."""
        self._ignored("USER")
        yield f"USER {docker_plain(node.name, 'user')}"

    def on_shell(self, node: graph.Shell) -> Iterator[str]:
        """SHELL."""
        self._dropped("SHELL", "say it in the command: bash -c '...'")
        self.shell = node.words
        yield f"SHELL {docker_words(node.words)}"

    def on_label(self, node: graph.Label) -> Iterator[str]:
        """LABEL."""
        yield f"LABEL {docker_name(node.name, 'label')}={docker_value(node.value, f'label {node.name}')}"

    def on_entrypoint(self, node: graph.Entrypoint) -> Iterator[str]:
        """ENTRYPOINT in its exec form; lines of shell code are read by a shell that passes the arguments on."""
        words = node.words
        if node.commands:
            from hpcgen.emitting.starting import entry_lines

            words = ("/bin/sh", "-e", "-c", "\n".join(entry_lines(node)), "runscript")
        yield f"ENTRYPOINT {docker_words(words)}"

    def on_cmd(self, node: graph.Cmd) -> Iterator[str]:
        """CMD in its exec form."""
        yield f"CMD {docker_words(node.words)}"

    def on_expose(self, node: graph.Expose) -> Iterator[str]:
        """EXPOSE."""
        self._ignored("EXPOSE")
        yield f"EXPOSE {docker_plain(node.port, 'port')}"

    def on_volume(self, node: graph.Volume) -> Iterator[str]:
        """VOLUME."""
        self._ignored("VOLUME")
        yield f"VOLUME {docker_words((node.path,))}"

    def on_healthcheck(self, node: graph.Healthcheck) -> Iterator[str]:
        """HEALTHCHECK."""
        if not node.words:
            yield "HEALTHCHECK NONE"
            return
        self._dropped("HEALTHCHECK", "build with Docker, or leave it out")
        self._ignored("HEALTHCHECK")
        times = (("interval", node.interval), ("timeout", node.timeout), ("start-period", node.start_period))
        flags = [f"--{name}={value}s" for name, value in times if value] + ([f"--retries={node.retries}"] if node.retries else [])
        yield " ".join(("HEALTHCHECK", *flags, "CMD", docker_words(node.words)))

    def on_stopsignal(self, node: graph.StopSignal) -> Iterator[str]:
        """STOPSIGNAL."""
        self._ignored("STOPSIGNAL")
        yield f"STOPSIGNAL {docker_plain(node.signal, 'signal')}"

    def on_arg(self, node: graph.Arg) -> Iterator[str]:
        """ARG."""
        default = "" if node.default is None else f"={docker_value(node.default, f'argument {node.name}')}"
        yield f"ARG {docker_name(node.name, 'argument')}{default}"

    def on_comment(self, node: graph.Comment) -> Iterator[str]:
        """A comment that no reader takes for a directive."""
        yield from comment(node.text)

    def on_raw(self, node: graph.Raw) -> Iterator[str]:
        """The recipe's own text, if it is for this format."""
        if node.format in ("docker", "any"):
            yield from node.text.rstrip("\n").split("\n")

    def _dropped(self, instruction: str, instead: str) -> None:
        if instruction in self.dialect.dropped:
            sentence = f"dialect {self.dialect.name}: Podman's image format drops {instruction} with no more than a warning"
            raise Unsupported(sentence, help=instead)

    def _ignored(self, instruction: str) -> None:
        if instruction in self.dialect.ignored:
            self.warnings.append(f"dialect {self.dialect.name}: ch-image passes over {instruction}")
