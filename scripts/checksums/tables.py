"""The tables of releases in a block's file: read, and written anew in place."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from hpcgen.version import Version

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_ENTRY = re.compile(r"""^(\s*)"([^"]+)": "([0-9a-f]{64})",(?:\s*#\s*(.*?))?\s*$""")
SINGLE = "single: "
_ARCHITECTURE = re.compile(r"-(x86_64|aarch64)$")


@dataclass(frozen=True)
class Entry:
    """A line of a table.

    Attributes:
        key: the version, with its architecture where binaries have one.
        sha256: of the archive.
        collections: where it was seen, in the order of the comment.
        above: the lines of comment before it.
        note: what else its comment says.
    """

    key: str
    sha256: str
    collections: tuple[str, ...] = ()
    above: tuple[str, ...] = ()
    note: str = ""

    @property
    def version(self) -> str:
        """Its version alone."""
        return _ARCHITECTURE.sub("", self.key)

    def line(self, indent: str) -> str:
        """The line as it is written."""
        where = ", ".join(self.collections)
        return f'{indent}"{self.key}": "{self.sha256}",  # {SINGLE if len(self.collections) == 1 else ""}{where}{self.note}'.rstrip(" #")


@dataclass(frozen=True)
class Table:
    """A table of a block's file.

    Attributes:
        name: the attribute or variable that it stands in.
        first: the line after its opening brace, counted from 0.
        end: the line of its closing brace.
        entries: newest first, as written.
        indent: what stands before an entry.
        below: comments after the last entry.
    """

    name: str
    first: int
    end: int
    entries: tuple[Entry, ...]
    indent: str
    below: tuple[str, ...] = ()

    @property
    def by_architecture(self) -> bool:
        """Whether its releases are binaries, one for each architecture."""
        return any(_ARCHITECTURE.search(entry.key) for entry in self.entries)


def tables(text: str) -> list[Table]:
    """The tables of a block's file that have an entry, in its order.

    Raises:
        ValueError: one has a line that is neither an entry nor a comment.
    """
    lines = text.splitlines()
    found = [_table(name, node, lines) for name, node in _dictionaries(ast.parse(text))]
    return [table for table in found if table.entries]


def _dictionaries(tree: ast.Module) -> Iterator[tuple[str, ast.Dict]]:
    """What is given as `sha256=` to each Tarball, with the name that the Tarball or the dictionary has."""
    known = {node.targets[0].id: node.value for node in ast.walk(tree) if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)}
    for name, made in known.items():
        for call in ast.walk(made):
            if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "Tarball":
                for word in call.keywords:
                    given = known.get(word.value.id) if isinstance(word.value, ast.Name) else word.value
                    if word.arg == "sha256" and isinstance(given, ast.Dict):
                        yield name, given


def _table(name: str, node: ast.Dict, lines: Sequence[str]) -> Table:
    assert node.end_lineno is not None
    first, end = node.lineno, node.end_lineno - 1
    entries: list[Entry] = []
    above: list[str] = []
    indent = ""
    for number in range(first, end):
        found = _ENTRY.match(lines[number])
        if found:
            indent = found[1]
            entries.append(_entry(found, tuple(above)))
            above = []
        elif lines[number].strip().startswith("#"):
            above.append(lines[number])
        else:
            raise ValueError(f"line {number + 1} is no entry of a table: {lines[number].strip()}")
    return Table(name, first, end, tuple(entries), indent, tuple(above))


def _entry(found: re.Match[str], above: tuple[str, ...]) -> Entry:
    comment = (found[4] or "").removeprefix(SINGLE)
    where, mark, note = comment.partition(";")
    return Entry(found[2], found[3], tuple(word.strip() for word in where.split(",") if word.strip()), above, mark + note)


def seen_in(entry: Entry, agree: Sequence[str]) -> Entry:
    """An entry whose comment names further collections. Those that it names stay: collections drop old releases, and did have them."""
    new = [name for name in agree if name not in entry.collections]
    return replace(entry, collections=(*entry.collections, *new)) if new else entry


def with_entries(table: Table, entries: Sequence[Entry]) -> Table:
    """A table with other and further entries, newest first; of equals the order stays."""
    known = {entry.key: entry for entry in table.entries}
    changed = [next((one for one in entries if one.key == entry.key), entry) for entry in table.entries]
    for new in sorted((one for one in entries if one.key not in known), key=lambda one: Version(one.version)):
        at = next((index for index, entry in enumerate(changed) if Version(entry.version) < Version(new.version)), len(changed))
        changed.insert(at, new)
    return replace(table, entries=tuple(changed))


def rewritten(text: str, changed: Sequence[Table]) -> str:
    """A block's file with its tables as they should be; all else as it was."""
    lines = text.splitlines(keepends=True)
    for table in sorted(changed, key=lambda one: one.first, reverse=True):
        block = [line for entry in table.entries for line in (*entry.above, entry.line(table.indent))]
        lines[table.first : table.end] = [f"{line}\n" for line in (*block, *table.below)]
    return "".join(lines)


def with_default(text: str, old: str, new: str) -> str:
    """A block's file whose option `version` has another default, if it was the old one."""
    return re.sub(rf'^(    version: \w+ = option\("){re.escape(old)}"', rf'\g<1>{new}"', text, count=1, flags=re.MULTILINE)
