"""The sections of a definition file, and what its readers can do."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from hpcgen.errors import Unsupported, Unwritable
from hpcgen.version import Version

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

HOLDING = "/.hpcgen"
"""What %files brings waits here for its turn in %post; it is gone from the image."""

PLACE = r"""
    # %files is done before %post, and its readers differ where a destination is there already: what it brings waits until its
    # turn, and is put in place as a Dockerfile's COPY does it: a folder's content, or a file, over what is there.
    hpcgen_place() { # FOLDER DESTINATION [OWNER [MODE]]
        for one in "$1"/* "$1"/.[!.]* "$1"/..?*; do
            [ -e "$one" ] || [ -L "$one" ] || continue
            [ -z "${3:-}" ] || chown -hR "$3" "$one"
            [ -z "${4:-}" ] || chmod -R "$4" "$one"
            if [ ! -d "$one" ]; then
                case $2 in */) mkdir -p "$2" ;; *) mkdir -p "$(dirname "$2")" ;; esac
                cp -a "$one" "$2"
            elif [ -e "$2" ]; then
                for inner in "$one"/* "$one"/.[!.]* "$one"/..?*; do
                    if [ -e "$inner" ] || [ -L "$inner" ]; then cp -a "$inner" "${2%/}/"; fi
                done
            else
                [ -n "${4:-}" ] || chmod 755 "$one"
                mkdir -p "$(dirname "$2")"
                mv "$one" "${2%/}"
            fi
        done
        rm -rf "$1"
    }""".strip("\n").split("\n")
"""The lines of %post that define how a copy is put in place."""

_LONGEST = 60_000
"""Bytes of a section in one piece: their reader's buffer ends at 64 KiB; sections of one name are joined."""

_SINCE = {
    "stages": ("several stages", "1.0", "3.2"),
    "arguments": ("values that the builder gives (%arguments)", "1.2", "4.0"),
    "docker-archive": ("a base image from an archive", "1.0", "3.0"),
    "oci-archive": ("a base image from an archive", "1.0", "3.0"),
    "library": ("a base image from a library", "1.0", "3.0"),
    "oras": ("a base image from an ORAS registry", "1.0", "3.3"),
}
"""What not every reader can do, in words, and since which Apptainer and which Singularity or SingularityCE."""

_NEEDS_MORE = ("yum", "dnf", "debootstrap", "zypper", "arch", "busybox")
"""Agents whose header has lines that a recipe has no words for."""


class Reader:
    """Who reads a definition file, by its version: 1.x is Apptainer, 2.x to 4.x are Singularity and SingularityCE; empty: all that are kept up."""

    def __init__(self, version: str = "") -> None:
        self.text = version
        self.version = Version(version) if version else None

    def __str__(self) -> str:
        if self.version is None:
            return "Apptainer, and SingularityCE since 3.11"
        return f"{'Apptainer' if self.version.major == 1 else 'Singularity'} {self.text}"

    def refusal(self, word: str) -> Unsupported | None:
        """The error for what this reader cannot do, None where it can."""
        if word in _NEEDS_MORE:
            sentence = f"singularity: Bootstrap: {word} needs more header lines than a recipe can give"
            return Unsupported(sentence, help="start from an image: docker, library, localimage, oras")
        if word not in _SINCE or self.version is None:
            return None
        what, apptainer, singularity = _SINCE[word]
        if self.version >= Version(apptainer if self.version.major == 1 else singularity):
            return None
        return Unsupported(f"{self} cannot read {what}", help=f"that takes Apptainer {apptainer} or Singularity {singularity}: --singularity-version")


class Sections:
    """The lines of one stage's sections."""

    def __init__(self) -> None:
        self.arguments: list[str] = []
        self.labels: list[str] = []
        self.files: dict[str, list[str]] = {}
        self.post: list[str] = []
        self.environment: list[str] = []
        self.runscript: list[str] = []
        self.test: list[str] = []
        self.own: dict[str, list[str]] = {}
        self.said: dict[str, list[str]] = {}

    def named(self, row: str) -> list[str]:
        """The lines of the section that a row such as `%files from devel` begins; one of the recipe's own where there is none such."""
        words = row.partition("#")[0].lstrip("%").split()
        name, further = words[0].lower() if words else "", words[1:]
        if name == "files" and (not further or further[0] == "from"):
            return self.files.setdefault(" ".join(further[1:]), [])
        if name in ("arguments", "labels", "post", "environment", "runscript", "test") and not further:
            found: list[str] = getattr(self, name)
            return found
        return self.own.setdefault(row, [])

    def _lists(self) -> Iterator[tuple[str, list[str]]]:
        yield "%arguments", self.arguments
        yield "%labels", self.labels
        for stage in sorted(self.files, key=lambda name: name == ""):
            yield f"%files from {stage}" if stage else "%files", self.files[stage]
        yield "%post", self.post
        yield "%environment", self.environment
        yield "%runscript", self.runscript
        yield "%test", self.test
        yield from self.own.items()

    def marks(self) -> dict[str, int]:
        """How long each section is now."""
        return {name: len(rows) for name, rows in self._lists()}

    def since(self, marks: dict[str, int]) -> Iterator[str]:
        """The lines that sections have got since their marks were taken."""
        for name, rows in self._lists():
            yield from rows[marks.get(name, 0) :]

    def note(self, marks: dict[str, int], note: list[str]) -> None:
        """Puts a comment above what sections other than %post have got since their marks were taken."""
        for name, rows in self._lists():
            at = marks.get(name, 0)
            if name != "%post" and len(rows) > at:
                rows[at:at] = self._new(name, note)

    def add(self, note: list[str], rows: list[str]) -> None:
        """Adds lines to %post, under a comment."""
        if rows:
            self.post += ["", *self._new("%post", note), *rows]

    def _new(self, name: str, note: list[str]) -> list[str]:
        """A comment, unless the section's last one said the same."""
        before, self.said[name] = self.said.get(name), note
        return [] if note == before else note

    def paragraphs(self) -> Iterator[str]:
        """The sections that hold something, each in pieces that its readers can take."""
        for name, rows in self._lists():
            if rows:
                yield from _pieces(name, rows)


def check_rows(rows: Iterable[str]) -> None:
    """Raises for a line that no piece of a section can hold."""
    for row in rows:
        if _length(row) > _LONGEST:
            sentence = f"a line of {_length(row)} bytes: the readers of definition files take less than 65,536"
            raise Unwritable(sentence, help="write it as several lines")


def _length(row: str) -> int:
    return len(row) + 1 if row.isascii() else len(row.encode()) + 1


def _pieces(name: str, rows: list[str]) -> Iterator[str]:
    """A section in pieces; lines that belong together, up to an empty one, stay in one piece if one can hold them."""
    starts = [0, *(at for at, row in enumerate(rows) if at and not row), len(rows)]
    piece, size = [name], 0
    for start, end in pairwise(starts):
        total = sum(map(_length, rows[start:end]))
        if size + total > _LONGEST >= total:
            yield "\n".join(piece)
            piece, size = [name], 0
        for row in rows[start:end]:
            length = _length(row)
            if size + length > _LONGEST:
                yield "\n".join(piece)
                piece, size = [name], 0
            piece.append(row)
            size += length
    yield "\n".join(piece)
