"""What every block's facts must be."""

from __future__ import annotations

import importlib
import inspect
import re
from itertools import pairwise

import pytest

from hpcgen.block import Block, SourceBlock, Tarball
from hpcgen.block.finder import find, own
from hpcgen.block.sources import is_sha256
from hpcgen.planning.rules import rules_of
from hpcgen.version import Version

PACKAGES_OWN = ("gnu", "nccl")
"""The blocks that take the newest packages, the distribution's or NVIDIA's, if no version is named."""


WITHOUT_A_WORD = {("hwloc", "pci"), ("nvshmem", "cuda")}
"""Partners that no word leaves out: hwloc reads /sys without the library, and there is no NVSHMEM without CUDA, which is a rule."""

OLDER = {"pmix": "5.0.10", "prrte": "3.0.11", "hdf5": "1.14.6"}
"""Blocks whose default is not their newest release: what goes with the mpirun that Open MPI brings, and with Slurm before 25.05; what is built by configure."""

BY_VARIABLES = {("fftw", "mpi"), ("netcdf", "hdf5"), ("netcdf", "pnetcdf")}
"""Partners whose paths configure gets by variables for compilers and flags."""


FEWER = {"knem": 2}
"""Blocks with fewer than three releases: of what upstream published before, no address is left."""


def tables(block: type[Block]) -> list[Tarball]:
    """A block's tables of releases."""
    return [one for one in vars(block).values() if isinstance(one, Tarball)]


def block_of(name: str) -> type[Block]:
    """The block of a name."""
    found = find(name)
    assert found is not None
    return found


@pytest.mark.parametrize("name", own())
def test_described(name: str) -> None:
    """A block says what it is and where it is from, and each option what it does, on one line."""
    block = block_of(name)
    assert re.fullmatch(r"\S.*[^.] ?https://\S+", inspect.getdoc(block) or ""), inspect.getdoc(block)
    for option in block.options.values():
        assert option.help, option.name
        assert "\n" not in option.help, option.name
        assert not option.help.endswith("."), option.name


@pytest.mark.parametrize("name", own())
def test_releases(name: str) -> None:
    """Each known release has a checksum, newest first, and the default is the newest of at least three, or one that is argued for."""
    block = block_of(name)
    for name_of_table, table in vars(block).items():
        if not isinstance(table, Tarball):
            continue
        assert all(is_sha256(checksum) for checksum in table.sha256.values())
        assert len(set(table.sha256.values())) == len(table.sha256), "two releases with one checksum"
        versions = [Version(re.sub(r"-(x86_64|aarch64)$", "", key)) for key in table.sha256]
        assert all(newer >= older for newer, older in pairwise(versions)), "newest first"
        assert len(table.versions()) >= FEWER.get(name, 3)
        if issubclass(block, SourceBlock) and name not in PACKAGES_OWN:
            part = name_of_table.removeprefix("release") if name_of_table.startswith("release_") else ""  # release_cxx is of version_cxx
            assert block.options[f"version{part}"].default == (OLDER.get(name) or table.versions()[0])


@pytest.mark.parametrize("name", own())
def test_checksums_say_where_they_were_seen(name: str) -> None:
    """A checksum's line names the collections that have it, or says that it is a single one's."""
    source = inspect.getsource(importlib.import_module(f"hpcgen.building_blocks.{name}"))
    lines = [line for line in source.splitlines() if re.search(r'"[0-9a-f]{64}"', line)]
    for line in lines:
        assert re.search(r"# (single: )?[a-z]", line), line
        assert "single" in line or "," in line.partition("#")[2], line
    assert len(lines) == sum(len(table.sha256) for table in tables(block_of(name)))


@pytest.mark.parametrize("name", own())
def test_rules_have_a_source(name: str) -> None:
    """Each rule about choices that do not work together says where that stands."""
    for rule in rules_of(block_of(name)):
        assert rule.source
        assert rule.sentence
        assert not rule.sentence.endswith(".")


@pytest.mark.parametrize("name", own())
def test_each_choice_is_said_aloud(name: str) -> None:
    """A partner that can be built with can be left out by a word too: no configure is left to guess."""
    for option in block_of(name).options.values():
        if option.partner and option.switch and (option.switch.with_ or option.switch.system):
            assert option.switch.without or option.switch.needed or (name, option.name) in WITHOUT_A_WORD, f"{name}.{option.name}"


@pytest.mark.parametrize("name", own())
def test_closed_blocks_are_told_where_partners_are(name: str) -> None:
    """A closed block's options name paths, or the distribution: with_ holds {path} wherever a block can be a partner."""
    block = block_of(name)
    for option in block.options.values():
        if block.closed and option.partner and option.switch and option.switch.with_:
            assert "{path}" in option.switch.with_ or (name, option.name) in BY_VARIABLES, f"{name}.{option.name}"
