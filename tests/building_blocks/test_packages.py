from __future__ import annotations

import pytest
from planned import nodes, packages, plan, refusal

from hpcgen.errors import Conflict, UnknownOption, WrongValue
from hpcgen.graph.nodes import Install


def test_names_for_both_managers() -> None:
    """Names in ospackages are for both, apt and yum take its place on their own."""
    recipe = "Stage0 += packages(ospackages=['git'], apt=['libnuma-dev'], dnf=['numactl-devel'])"
    assert packages(plan(recipe)) == {"libnuma-dev"}
    assert packages(plan(recipe, "rockylinux:9")) == {"numactl-devel"}
    assert packages(plan("Stage0 += packages(ospackages=['git'], apt=['x'])", "rockylinux:9")) == {"git"}
    assert packages(plan("Stage0 += packages(['git'])")) == {"git"}
    assert nodes(plan("Stage0 += packages(apt=['git'])", "rockylinux:9"), Install) == []


def test_further_repositories() -> None:
    """EPEL and CRB are enabled with dnf alone, by HPCCM's names and the distribution's."""
    (node,) = nodes(plan("Stage0 += packages(yum=['ninja-build'], epel=True, powertools=True)", "rockylinux:9"), Install)
    assert node.enable == ("epel", "crb")
    (node,) = nodes(plan("Stage0 += yum(ospackages=['x'], crb=True, modules=['nodejs:20'])", "rockylinux:9"), Install)
    assert (node.enable, node.modules) == (("crb",), ("nodejs:20",))
    (node,) = nodes(plan("Stage0 += packages(ospackages=['git'], epel=True)"), Install)
    assert node.enable == ()


def test_download() -> None:
    """Packages can be downloaded, and unpacked past the package manager."""
    (node,) = nodes(plan("Stage0 += apt_get(ospackages=['x'], download=True, download_directory='/d', extract='/e')"), Install)
    assert (node.download, node.extract) == ("/d", "/e")
    (node,) = nodes(plan("Stage0 += apt_get(ospackages=['x'], extra_opts=['--allow-downgrades'])"), Install)
    assert (node.download, node.options) == ("", ("--allow-downgrades",))


@pytest.mark.parametrize(("block", "image"), [("yum", "debian:12"), ("apt_get", "rockylinux:9")])
def test_the_other_manager(block: str, image: str) -> None:
    """apt_get on a dnf target, and yum on an apt target, are errors."""
    fault = refusal(f"Stage0 += {block}(ospackages=['x'])", image)
    assert isinstance(fault, Conflict)
    assert "packages(apt=" in fault.help


@pytest.mark.parametrize(
    ("recipe", "help"),
    [
        ("packages(apt_keys=['https://x'])", "repository(name="),
        ("packages(apt_repositories=['deb x'])", "repository(name="),
        ("packages(yum_keys=['https://x'])", "repository(name="),
        ("packages(yum_repositories=['x'])", "repository(name="),
        ("apt_get(keys=['https://x'])", "repository(name="),
        ("apt_get(repositories=['deb x'])", "repository(name="),
        ("yum(keys=['https://x'])", "repository(name="),
        ("packages(apt_ppas=['ppa:x/y'])", "ppa.launchpadcontent.net"),
        ("apt_get(ppas=['ppa:x/y'])", "ppa.launchpadcontent.net"),
        ("packages(aptitude=True)", "apt-get"),
        ("packages(_apt_key=True)", "repository("),
        ("yum(scl=True)", "gnu(version="),
        ("packages(release_stream=True)", "leave it out"),
        ("packages(force_add_repo=True)", "repository("),
    ],
)
def test_ways_that_are_not_taken(recipe: str, help: str) -> None:  # noqa: A002 (the error's own word)
    """HPCCM's ways to trust a repository without a fingerprint, and those of systems that are gone, are refused with the way to go."""
    fault = refusal(f"Stage0 += {recipe}")
    assert isinstance(fault, WrongValue)
    assert help in fault.help


def test_ways_that_are_off_are_taken() -> None:
    """HPCCM's options that are not taken may be given as off, and yum4 as on."""
    assert packages(plan("Stage0 += packages(['git'], scl=False, apt_ppas=[], yum4=True, aptitude=False)")) == {"git"}


@pytest.mark.parametrize(
    ("recipe", "kind"),
    [
        ("packages(['gcc g++'])", WrongValue),
        ("packages([''])", WrongValue),
        ("packages(['-y'])", WrongValue),
        ("packages('git')", WrongValue),
        ("packages(ospackage=['x'])", UnknownOption),
        ("packages(['x'], extract='/e')", WrongValue),
        ("packages(['x'], download=True, extra_opts=['-q'])", WrongValue),
    ],
)
def test_wrong_names(recipe: str, kind: type[Exception]) -> None:
    """Names that are none, and options that mean nothing together, are errors."""
    assert type(refusal(f"Stage0 += {recipe}")) is kind


def test_a_repository_that_nothing_is_taken_from() -> None:
    """Enabling a repository without naming packages from there is an error, not a repository that stays enabled."""
    assert isinstance(refusal("Stage0 += packages(epel=True)", "rockylinux:9"), WrongValue)
