"""`hpcgen inspect IMAGE`: what an image says of itself: its labels, and what is in it, for whom and why."""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING, Any, NamedTuple

from hpcgen.cli.ending import has_colour
from hpcgen.cli.output import write
from hpcgen.cli.parsing import Parser, complete, one_of
from hpcgen.errors import HpcgenError, UsageError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Sequence

    from hpcgen.engines.collecting import Found
    from hpcgen.manifest import Entry, Manifest

SCHEMA = 1
"""The version of the JSON form: raised when a key changes its meaning or goes away."""
ENGINES = ("docker", "podman")

_MORE = """A file of the name comes first: a SIF or squashfs file, what `docker save` writes, an OCI archive or layout, a folder with an
image's root. Else Docker is asked (DOCKER_HOST, or its socket), then podman. Nothing of the image runs. Exit status: 1 if
it has no manifest, or one that is none.

"""
LONG = 1000
"""Rows from which on a table is plain text on a terminal too: laying out 20,000 took 7 s."""
_UNITS = ("B", "kB", "MB", "GB", "TB")
_DEEPEST = 4


Rows = list[tuple[str, ...]]


class NoManifest(HpcgenError):
    """An image has no manifest."""

    kind = "no manifest"


class NotInManifest(HpcgenError):
    """A manifest has nothing of a name."""

    kind = "not in the manifest"


class Part(NamedTuple):
    """Rows of a page.

    Attributes:
        title: what they are, or empty.
        heads: their columns' names, in capitals where they hold figures; none for pairs of a name and a value.
        rows: as many cells each.
    """

    title: str
    heads: tuple[str, ...]
    rows: Rows


def parser() -> Parser:
    """The parser of `hpcgen inspect`."""
    made = Parser(
        "inspect",
        "Says what an image made by hpcgen holds, for which block and why, and its labels.",
        usage="[options] IMAGE|FILE|FOLDER",
        more=_MORE,
        examples=(
            ("hpcgen inspect osu:1", "an image in Docker or Podman"),
            ("hpcgen inspect osu.sif", "a file: SIF, docker save, OCI"),
            ("hpcgen inspect osu.sif --files", "every file, with block, why and size"),
            ("hpcgen inspect osu:1 --why libnuma1", "why a package, file or folder is there"),
            ("hpcgen inspect osu:1 --json", "for programs: docs/howto/inspect.md says what each key means"),
        ),
    )
    complete(made.add_argument("name", metavar="IMAGE", help="an image's name, or a file or folder with one"), "file")
    words = made.add_argument_group("output").add_mutually_exclusive_group()
    words.add_argument("--files", action="store_true", help="list every file, with its block, why it is there and its size")
    words.add_argument("--why", default="", metavar="NAME", help="say why a package, file or folder is there")
    words.add_argument("--json", action="store_true", help="the manifests and labels as JSON")
    which = made.add_argument_group("image")
    which.add_argument(
        "--engine", type=one_of("engine", ENGINES), choices=ENGINES, help="ask this one, whatever files there are (default: whichever has it)"
    )
    which.add_argument("--image", default="", metavar="NAME", help="the one that is meant where a file has several: name, digest or platform")
    return made


def run(options: argparse.Namespace) -> int:
    """Reads, and says what it says."""
    from hpcgen.engines.inspecting import inspect

    if not options.name:
        raise UsageError("no image is named", help=f"see {options.parser.prog} --help")
    found = inspect(options.name, environ=os.environ, machine=os.uname().machine, engine=options.engine or "", which=options.image)
    manifests = _manifests(options.name, found)
    if options.json:
        write(_as_json(options.name, found))
    elif not options.files and not options.why:
        _show([_about(options.name, found), *(part for at in range(len(manifests)) for part in _parts(manifests, at))])
    if not manifests:
        raise NoManifest(f"'{options.name}' has none", help="images get one from a runtime stage: Stage1 += Stage0.runtime()")
    if options.files:
        _show([Part("", _HEADS, [_row(one) for one in manifest.files]) for _, manifest in manifests])
    elif options.why:
        _show([Part("", _HEADS, _because(options.why, options.name, manifests))])
    return 0


def _manifests(name: str, found: Found) -> list[tuple[str, Manifest]]:
    """The manifests of an image, each with its path."""
    from hpcgen.manifest import BadManifest, read

    manifests = []
    for path, text in found.manifests:
        try:
            manifests.append((path, read(text)))
        except BadManifest as fault:
            raise BadManifest(f"{path} of '{name}': {fault.sentence}", help=fault.help) from fault
    return manifests


def _as_json(name: str, found: Found) -> str:
    """All of it for programs; a manifest with all that it says, more than this hpcgen knows too."""
    from hpcgen.manifest import loaded

    data = {
        "schema": SCHEMA,
        "image": name,
        "kind": found.kind,
        "facts": dict(found.facts),
        "labels": dict(found.labels),
        "manifests": [{"path": path, "manifest": loaded(text)} for path, text in found.manifests],
    }
    return _dumped(data, indent=2) + "\n"


def _dumped(data: Any, indent: int | None = None) -> str:
    """JSON; what was read may be nested more deeply than can be written."""
    try:
        return json.dumps(data, indent=indent)
    except RecursionError as fault:
        raise NoManifest("it holds objects within objects without an end") from fault


# --- what a person reads ---


def _about(name: str, found: Found) -> Part:
    """The image as a whole."""
    return Part(name, (), [("read from", found.kind), *found.facts.items(), *((f"label {label}", value) for label, value in found.labels.items())])


def _parts(manifests: Sequence[tuple[str, Manifest]], at: int) -> Iterator[Part]:
    """One of the manifests: of the image, its blocks, its packages."""
    path, manifest = manifests[at]
    rows: Rows = [(total.block, total.version, str(total.files), str(total.packages), size(total.bytes)) for total in manifest.totals()]
    whole = (str(len(manifest.files)), str(len(manifest.packages)), size(sum(one.bytes for one in manifest.entries)))
    yield Part(path if len(manifests) > 1 else "", (), list(_flat("", manifest.image, 0)))
    yield Part("", ("block", "version", "FILES", "PACKAGES", "BYTES"), [*rows, ("all", "", *whole)])
    packages: Rows = [(one.package, one.version, one.block, size(one.bytes), one.why) for one in manifest.packages]
    yield Part("", ("package", "version", "block", "BYTES", "why"), packages)


def _flat(name: str, value: Any, depth: int) -> Iterator[tuple[str, str]]:
    """What was said of the image, a line each: objects within objects by both their names."""
    if isinstance(value, dict) and depth < _DEEPEST:
        for key, inner in value.items():
            yield from _flat(f"{name} {key}".strip(), inner, depth + 1)
    elif isinstance(value, list) and all(isinstance(one, str) for one in value):
        yield name, ", ".join(value)
    elif isinstance(value, str):
        yield name, value
    else:
        yield name, _dumped(value)


_HEADS = ("name", "block", "BYTES", "why")


def _row(entry: Entry, depth: int = 0) -> tuple[str, ...]:
    return (f"{'  ' * depth}{entry.name}", entry.block, size(entry.bytes), entry.why)


def _because(name: str, image: str, manifests: Sequence[tuple[str, Manifest]]) -> Rows:
    """Why something is there, and why that, and so on."""
    from hpcgen.errors import did_you_mean

    rows = []
    for _, manifest in manifests:
        for chain in manifest.chains(manifest.named(name)):
            rows += [_row(entry, depth) for depth, entry in enumerate(chain)]
    if not rows:
        near = did_you_mean(name, _near(name, manifests))
        raise NotInManifest(f"'{image}' has nothing that is called '{name}'", help=near or "what a base image brings is in no manifest")
    return rows


def _near(name: str, manifests: Sequence[tuple[str, Manifest]]) -> set[str]:
    """Names that may have been meant: packages, and files of the same folder."""
    folder = name.rpartition("/")[0]
    packages = {one.package for _, manifest in manifests for one in manifest.packages if not folder}
    return packages | {one.path for _, manifest in manifests for one in manifest.files if folder and one.path.rpartition("/")[0] == folder}


def size(count: int) -> str:
    """A number of bytes as people say it."""
    value, unit = float(count), 0
    while value >= 999.95 and unit < len(_UNITS) - 1:  # noqa: PLR2004 (what would be shown as 1000.0)
        value, unit = value / 1000, unit + 1
    return f"{value:.1f} {_UNITS[unit]}" if unit else f"{count} B"


def _show(parts: Sequence[Part]) -> None:
    """A page: tables on a terminal, aligned text elsewhere; nothing in a name drives the terminal."""
    from hpcgen.showing import visible

    shown = [Part(visible(part.title), part.heads, [tuple(map(visible, row)) for row in part.rows]) for part in parts if part.rows]
    if has_colour(terminal=sys.stdout.isatty()):
        _print_tables(shown)
    else:
        write("\n".join("".join(f"{line}\n" for line in _lines(part)) for part in shown))


def _lines(part: Part) -> Iterator[str]:
    """Rows as aligned text, figures to the right."""
    if part.title:
        yield part.title
    rows = [*([tuple(head.upper() for head in part.heads)] if part.heads else []), *part.rows]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    right = [head.isupper() for head in part.heads] or [False] * len(widths)
    for row in rows:
        cells = (cell.rjust(width) if is_right else cell.ljust(width) for cell, width, is_right in zip(row, widths, right, strict=True))
        yield "  ".join(cells).rstrip()


def _print_tables(parts: Sequence[Part]) -> None:
    """The same on a terminal: cells are wrapped to its width."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console()
    for number, part in enumerate(parts):
        if number:
            console.print()
        if len(part.rows) > LONG:
            write("".join(f"{line}\n" for line in _lines(part)))
            continue
        if part.title:
            console.print(Text(part.title, style="bold"))
        table = Table(box=None, padding=(0, 2, 0, 0), show_header=bool(part.heads), header_style="cyan")
        for at in range(len(part.rows[0])):
            head = part.heads[at] if part.heads else ""
            is_figure = head.isupper()
            style = None if at else "bold"
            table.add_column(head.lower(), overflow="fold", justify="right" if is_figure else "left", no_wrap=is_figure, style=style)
        for row in part.rows:
            table.add_row(*map(Text, row), style="bold" if row[0] == "all" and part.heads[-1:] == ("BYTES",) else None)
        console.print(table)
