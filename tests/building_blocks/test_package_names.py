"""The names of packages that blocks use, held against the package indexes that `scripts/packages` has read."""

from __future__ import annotations

import pytest
from named import Name, data, everybody, names, state, wanted

from hpcgen.target import known


@pytest.mark.parametrize("target", data())
def test_each_name_is_in_the_index(target: str) -> None:
    """A package that a block names on a target whose index was read is there: `scripts/packages --write` looks up new names."""
    assert target in known()
    missing = {name: sorted(blocks) for name, blocks in wanted(target).items() if state(name, target) not in ("there", "a vendor's")}
    assert missing == {}


def test_debian_s_releases_are_looked_up() -> None:
    """Debian 12 and 13, on which images are built in the tests, are among the targets whose index was read whole."""
    assert {"debian12", "debian13"} <= {target for target, facts in data().items() if facts["whole"]}


def test_name_that_no_index_has_is_seen() -> None:
    """A made-up package is missing where an index was read, for one architecture too, and unchecked elsewhere; only a vendor's own name is let off."""
    assert state(Name("libnuma-dev"), "debian12") == "there"
    assert state(Name("libnuma-devel"), "debian12") == "missing"
    assert state(Name("libnuma-devel", "x86_64", ("cuda-debian12",)), "debian12") == "missing"
    assert state(Name("cuda-nvcc-13-3", "x86_64", ("cuda-debian12",)), "debian12") == "a vendor's"
    assert state(Name("cuda-nvcc-13-3", "x86_64"), "debian12") == "missing"
    assert state(Name("numactl-devel"), "rocky9") == "unchecked"


def test_names_come_from_options_and_from_recipes() -> None:
    """What an option brings counts though no recipe chooses it, what a block works out counts because its recipe does, and each block is asked."""
    assert {"libmunge-dev", "libmunge2"} <= {name.name for name in names("pmix")["debian12"]}
    assert "munge-devel" in {name.name for name in names("pmix")["rocky9"]}
    assert ("libevent-core-2.1-7t64", "") in {name[:2] for name in names("pmix")["debian13"]}
    assert "cuda-nvcc-13-3" in {name.name for name in names("cuda")["debian12"]}
    assert {name.name for name in names(everybody()[-1])["debian12"]} >= {"gcc", "make", "curl", "xz-utils", "git", "patch"}
