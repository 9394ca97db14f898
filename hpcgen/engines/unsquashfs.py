"""Reads files out of squashfs by the program `unsquashfs`, where hpcgen itself does not know how it is compressed."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from typing import TYPE_CHECKING

from hpcgen.engines.collecting import JSON_LIMIT, PIECE, Budget, is_manifest
from hpcgen.errors import Unreachable

if TYPE_CHECKING:
    from collections.abc import Iterator

_OLD = "unsquashfs -cat needs squashfs-tools 4.5 or newer"


class Program:
    """The program, and the file system that it shall read."""

    def __init__(self, compressor: str, file: str, offset: int, path: str) -> None:
        """Args: compressor: what the system is compressed by; file: where it is; offset: where it begins there; path: as PATH.

        Raises:
            Unreachable: the program is not there.
        """
        program = shutil.which("unsquashfs", path=path)
        if program is None:
            sentence = f"its squashfs is compressed by {compressor}, which only the program unsquashfs reads, and that is not here"
            raise Unreachable(sentence, help="install squashfs-tools 4.5 or newer")
        self._program = program
        self._file = file
        self._offset = str(offset)

    def manifests(self, folder: str) -> Iterator[tuple[str, bytes | None]]:
        """Name and content of the manifests in a folder; None for what is no regular file."""
        budget = Budget()
        for line in self._run("-d", "", "-lln", "-o", self._offset, self._file, folder, most=JSON_LIMIT).decode("utf-8", "replace").splitlines():
            path, _, name = (line.partition(" -> ")[0] if line.startswith("l") else line).rpartition("/")
            if path.endswith(f" /{folder}") and is_manifest(name):
                yield name, self.content(f"{folder}/{name}", budget) if line.startswith("-") else None

    def content(self, name: str, budget: Budget) -> bytes:
        """A file's content."""
        return self._run("-cat", "-o", self._offset, self._file, name, budget=budget)

    def _run(self, *words: str, most: int = 0, budget: Budget | None = None) -> bytes:
        with tempfile.TemporaryFile() as complaints:
            with subprocess.Popen((self._program, *words), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=complaints) as process:
                assert process.stdout is not None
                try:
                    data = budget.read(process.stdout) if budget else process.stdout.read(most)
                finally:
                    process.stdout.close()  # a program that has more to say ends by that
            complaints.seek(0)
            complaint = complaints.read(PIECE).decode("utf-8", "replace").strip()
        if process.returncode:
            raise Unreachable(f"unsquashfs says: {complaint.splitlines()[-1] if complaint else f'exit status {process.returncode}'}", help=_OLD)
        return data
