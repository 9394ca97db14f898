"""What pip's requirements files say. https://pip.pypa.io/en/stable/reference/requirements-file-format"""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

_COMMENT = re.compile(r"(^|\s)#.*$")
_OTHER_FILE = re.compile(r"(-r|--requirement|-c|--constraint)[=\s]*(.+)")
_COMMIT = re.compile(r"@[0-9a-f]{40}\b")
_ONE_VERSION = re.compile(r"===?\s*[^\s,*]+$")


def lines(text: str) -> Iterator[str]:
    """The lines of a file, those that go on put together, without comments and what is empty."""
    for line in re.sub(r"\\\r?\n", " ", text).splitlines():
        found = _COMMENT.sub("", line).strip()
        if found:
            yield found


def is_pinned(requirement: str) -> bool:
    """Whether a requirement names one version, one file, or one commit."""
    words = re.split(r"\s--|;", requirement, maxsplit=1)[0].strip()
    if "://" in words or words.endswith((".whl", ".tar.gz", ".zip")):
        return not re.search(r"\b(git|hg|svn|bzr)\+", words) or bool(_COMMIT.search(words))
    return bool(_ONE_VERSION.search(words))


def name_of(requirement: str) -> str:
    """The project that a requirement is of, as indexes write it."""
    match = re.match(r"[A-Za-z0-9._-]+", requirement)
    return re.sub(r"[-_.]+", "-", match[0]).lower() if match else ""


class Requirements:
    """A requirements file, with all that it names: further ones, and constraints."""

    def __init__(self, file: str, read: Callable[[str], str]) -> None:
        self.files: dict[str, str] = {}
        """Path beside the recipe -> text, in the order in which they are named."""
        self.wanted: list[str] = []
        self.constraints: list[str] = []
        self._read = read
        if file:
            self._add(posixpath.normpath(file), self.wanted)

    def _add(self, file: str, found: list[str]) -> None:
        if file in self.files:
            return
        self.files[file] = self._read(file)
        for line in lines(self.files[file]):
            other = _OTHER_FILE.fullmatch(line)
            if other and "://" not in other[2]:
                path = posixpath.normpath(posixpath.join(posixpath.dirname(file), other[2].strip()))
                self._add(path, found if other[1] in ("-r", "--requirement") else self.constraints)
            elif not line.startswith("-"):
                found.append(line)

    @property
    def hashed(self) -> bool:
        """Whether it has checksums of files."""
        return any("--hash=" in one or "--hash " in one for one in self.wanted)

    def unpinned(self, more: Iterable[str] = ()) -> tuple[str, ...]:
        """The requirements, and further ones, that more than one version can meet."""
        pinned = {name_of(one) for one in (*self.constraints, *self.wanted) if is_pinned(one)}
        return tuple(one for one in (*self.wanted, *more) if not is_pinned(one) and name_of(one) not in pinned)
