from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

import pytest
from support import BASE, ENGINES, run

from hpcgen.auditing import sif, squashed, tables
from hpcgen.auditing.assembling import audit
from hpcgen.auditing.reading import PartReader
from hpcgen.auditing.squashfs import Squashfs

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from hpcgen.auditing.sif import Sif


@pytest.fixture(scope="module")
def image(engines: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SIF of Debian, made by Apptainer out of what `docker save` gave."""
    folder = tmp_path_factory.mktemp("sif")
    folder.chmod(0o777)
    archive = run(ENGINES, "archive", BASE).strip()
    run(ENGINES, "user", "apptainer", "build", "debian.sif", f"docker-archive:{archive}", cwd=folder)
    return folder / "debian.sif"


@pytest.fixture(scope="module")
def parsed(image: Path) -> Iterator[Sif]:
    """The same, read."""
    descriptor = os.open(image, os.O_RDONLY)
    try:
        yield sif.parse(PartReader(lambda offset, size: os.pread(descriptor, size, offset), 0, image.stat().st_size))
    finally:
        os.close(descriptor)


def test_parts_are_those_that_apptainer_lists(image: Path, parsed: Sif) -> None:
    """Number, beginning and end of each part of a SIF are those that `apptainer sif list` tells."""
    listed = run(ENGINES, "user", "apptainer", "sif", "list", image.name, cwd=image.parent)
    theirs = re.findall(r"^(\d+) *\|.*\|(\d+)-(\d+) +\|", listed, re.MULTILINE)
    assert [(str(one.number), str(one.offset), str(one.offset + one.size)) for one in parsed.parts] == theirs
    assert "docker-archive" in parsed.text(sif.DEFINITION)


def test_files_take_up_what_the_image_holds(image: Path, parsed: Sif) -> None:
    """The bytes of all files of a SIF add up to all of its file system that is no table, within one per cent, and each is what unsquashfs unpacks."""
    root = parsed.root()
    found = Squashfs(PartReader(parsed.reader.read, root.offset, root.size))
    names = list(found.names())
    stored = squashed.stored(found, [name.inode for name in names])
    assert sum(stored) == pytest.approx(found.content, rel=0.01)
    listed = run(ENGINES, "run", "unsquashfs", "-lln", "-offset", str(root.offset), image.name, cwd=image.parent)
    theirs = {
        line.split(" squashfs-root/", 1)[1]: int(line.split()[2])
        for line in listed.splitlines()
        if line.startswith("-") and " squashfs-root/" in line
    }
    assert {name.path: name.inode.size for name in names if name.inode.kind == tables.FILE} == theirs
    largest = next(name for name in names if name.inode.size == max(theirs.values()))
    run(ENGINES, "run", "unsquashfs", "-no-progress", "-dest", "out", "-offset", str(root.offset), image.name, largest.path, cwd=image.parent)
    assert squashed.SquashedReader(found, largest.inode).read(0, largest.inode.size) == (image.parent / "out" / largest.path).read_bytes()


def test_an_images_projected_size_is_that_of_its_sif(image: Path) -> None:
    """The size that a SIF of an image is said to have holds the size that Apptainer's has in its interval, which is not wide."""
    report = audit(run(ENGINES, "archive", BASE).strip())
    projected = report.totals.sif
    assert projected is not None
    assert projected.low <= image.stat().st_size <= projected.high
    assert projected.high - projected.low < 0.4 * projected.bytes  # a small image has a small sample


def test_a_sifs_own_size_is_exact(image: Path) -> None:
    """An audit of a SIF tells its size to the byte, and its files' bytes add up to nearly all of it."""
    report = audit(str(image))
    assert report.totals.sif is not None
    assert (report.totals.sif.bytes, report.totals.sif.is_exact) == (image.stat().st_size, True)
    assert report.files.sifs is not None
    assert sum(report.files.sifs) == pytest.approx(image.stat().st_size, rel=0.02)
