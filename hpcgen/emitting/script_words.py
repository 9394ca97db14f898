"""What a shell script's steps are made of: words for files beside it, in stages, and below the folder that a stage goes to."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from hpcgen.errors import Unwritable
from hpcgen.graph.nodes import Copy, Fetch, Git, WriteFile
from hpcgen.graph.paths import rooted
from hpcgen.graph.stages import walk
from hpcgen.quoting import def_word, printf_file, sh

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from hpcgen.graph.nodes import Mount, Node

CONTEXT = '"$context"/'
"""What a word for a file beside the recipe begins with."""


def beside(name: str) -> tuple[str, tuple[Mount, ...]]:
    """A file beside the recipe, never above its folder; it needs no mount."""
    return f"{CONTEXT}{sh(rooted(name)[1:] or '.')}", ()


def copied(node: Copy, source: str) -> str:
    """A copy's source; patterns stay patterns."""
    path = rooted(source) if node.stage else rooted(source)[1:] or "."
    word = sh(path) if node.literal else "".join(map(_part, filter(None, re.split(r"(\\.|[*?]|\[[^]/]+\])", path))))
    return word if node.stage else f"{CONTEXT}{word}"


def _part(text: str) -> str:
    """A piece of a pattern: a character that a backslash makes literal, a wildcard, or plain text."""
    if text.startswith("[") and not re.fullmatch(r"[\[\]\w.^-]+", text):
        raise Unwritable(f"a pattern of a copy cannot be written for a shell: {text!a:.80}")
    return sh(text[1]) if text.startswith("\\") and len(text) > 1 else text if text in "*?" or text.startswith("[") else sh(text)


def unpacked(group: Iterable[Node]) -> tuple[str, ...]:
    """The folders that sources are unpacked into."""
    return tuple(dict.fromkeys(node.dest for node in walk(group) if isinstance(node, Git) or (isinstance(node, Fetch) and node.unpack)))


def file_commands(node: WriteFile) -> Iterator[str]:
    """The commands that write a file below the folder that the stage goes to."""
    yield f'mkdir -p "$root"{sh(node.path.rpartition("/")[0] or "/")}'
    yield from (below(command, node.path) for command in printf_file(node.content, node.path))
    if node.mode:
        yield f'chmod {node.mode} "$root"{sh(node.path)}'


def below(command: str, path: str) -> str:
    """A command of `printf_file`, writing below the folder that the stage goes to."""
    return f'{command.removesuffix(def_word(path))}"$root"{def_word(path)}'


def beginning(lists: Iterable[str], *, several: bool) -> Iterator[str]:
    """The environment that an image starts with."""
    yield "export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    if several:
        yield "path_of_machine=$PATH"
    names = [name for name in lists if name != "PATH"]
    if names:
        yield f"unset {' '.join(names)}"
