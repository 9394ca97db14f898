from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from hpcgen.auditing import ar
from hpcgen.auditing.reading import BytesReader

if TYPE_CHECKING:
    from pathlib import Path

CONTENT = {"one.o": b"odd", "a-name-that-does-not-fit-into-sixteen.o": b"even", "two.o": b""}


def listed(content: bytes) -> dict[str, bytes]:
    """Members and what they hold."""
    return {one.name: content[one.offset : one.offset + one.size] for one in ar.members(BytesReader(content))}


def header(name: str, size: int) -> bytes:
    """What stands before a member."""
    return f"{name:<16}{0:<12}{0:<6}{0:<6}{644:<8}{size:<10}`\n".encode()


@pytest.mark.skipif(not shutil.which("ar"), reason="binutils are not here")
@pytest.mark.parametrize("options", ["rcD", "rcSD", "rcsD"])
def test_what_ar_writes_is_read(tmp_path: Path, options: str) -> None:
    """Members of an archive that binutils' `ar` made are read with their long names and their bytes, its table of symbols is none."""
    for name, content in CONTENT.items():
        (tmp_path / name).write_bytes(content)
    subprocess.run(["ar", options, "all.a", *CONTENT], cwd=tmp_path, check=True)
    assert listed((tmp_path / "all.a").read_bytes()) == CONTENT


def test_names_as_bsd_writes_them_are_read() -> None:
    """A name that stands before its member's bytes is read, and its bytes are not the member's."""
    long = b"a-name-that-does-not-fit.o\0\0"
    content = ar.MAGIC + header(f"#1/{len(long)}", len(long) + 4) + long + b"data" + header("__.SYMDEF", 4) + b"0000"
    assert listed(content) == {"a-name-that-does-not-fit.o": b"data"}


def test_an_archive_that_names_others_has_no_members() -> None:
    """A thin archive, whose members are files beside it, holds nothing."""
    assert listed(ar.THIN + header("one.o/", 100)) == {}


@pytest.mark.parametrize(
    "rest",
    [
        b"x",
        header("one.o/", 100),
        header("one.o/", 0).replace(b"`", b"'"),
        header("#1/9", 4) + b"1234",
        header("x", 0).replace(b"0         `", b"many      `"),
    ],
)
def test_a_damaged_archive_says_so(rest: bytes) -> None:
    """What ends early or contradicts itself is an error, behind the members that could be read."""
    found: list[str] = []
    with pytest.raises(ar.BadArchive):
        found.extend(one.name for one in ar.members(BytesReader(ar.MAGIC + header("good.o/", 2) + b"ok" + rest)))
    assert found == ["good.o"]
