from __future__ import annotations

import pytest
from planned import nodes, plan, refusal

import hpcgen
from hpcgen.building_blocks.doca_ofed import HOST, RPM
from hpcgen.building_blocks.mlnx_ofed import MELLANOX
from hpcgen.errors import Conflict, UnknownVersion, WrongValue
from hpcgen.graph.nodes import AddRepository, ByArch

BASE = "https://linux.mellanox.com/public/repo/doca"


@pytest.mark.parametrize(
    ("target", "version", "arch", "folder"),
    [
        ("ubuntu24.04", "3.5.0", "x86_64", "ubuntu24.04/x86_64"),
        ("ubuntu24.04", "3.5.0", "aarch64", "ubuntu24.04/arm64-sbsa"),
        ("ubuntu24.04", "2.9.4", "aarch64", "ubuntu24.04/sbsa-arm64"),
        ("ubuntu22.04", "3.2.1", "x86_64", "ubuntu22.04/x86_64"),
        ("ubuntu26.04", "3.4.0", "x86_64", "ubuntu26.04/x86_64"),
        ("debian12", "3.2.2", "x86_64", "debian12/x86_64"),
        ("debian12", "2.9.4", "x86_64", "debian12.5/x86_64"),
        ("debian13", "3.2.0", "x86_64", "debian13/x86_64"),
    ],
)
def test_repository_of_each_target(target: str, version: str, arch: str, folder: str) -> None:
    """Each of apt's targets has NVIDIA's repository for exactly it, with the key that signs all of them since 2026."""
    (found,) = nodes(plan(f"Stage0 += doca_ofed(version='{version}')", "x", distro=target, arch=arch), AddRepository)
    assert found.url == f"{BASE}/{version}/{folder}/"
    assert (found.key, found.fingerprint, found.suite) == (f"{BASE}/{version}/{folder}/doca_keyring.gpg", HOST, "./")


def test_a_binary_key_is_called_as_apt_knows_one() -> None:
    """A key that comes as a keyring, not armored, has the ending by which apt knows it."""
    text = hpcgen.emit(plan("Stage0 += doca_ofed()")).text
    assert "[signed-by=/etc/apt/keyrings/doca.gpg]" in text
    assert "doca.asc" not in text


def test_both_architectures_in_one_file() -> None:
    """One file chooses NVIDIA's folder while building."""
    (choice,) = nodes(plan("Stage0 += doca_ofed()", "ubuntu:24.04", arch="x86_64,aarch64"), ByArch)
    assert [inner[0].url.split("/")[-2] for _, inner in choice.choices] == ["x86_64", "arm64-sbsa"]


def test_keys_of_el() -> None:
    """EL 9 before 3.2.2 has Mellanox's third key; which one signs newer ones is not known, and the recipe must say it."""
    (found,) = nodes(plan("Stage0 += doca_ofed(version='3.2.1')", "rockylinux:9"), AddRepository)
    assert (found.url, found.fingerprint, found.suite) == (f"{BASE}/3.2.1/rhel9/x86_64/", MELLANOX, "")
    for image, version in (("rockylinux:9", "3.5.0"), ("rockylinux:10", "3.2.2"), ("rockylinux:8", "3.2.1")):
        with pytest.raises(Conflict) as caught:
            plan(f"Stage0 += doca_ofed(version='{version}')", image)
        assert "fingerprint" in caught.value.help
    (named,) = nodes(plan(f"Stage0 += doca_ofed(fingerprint='{'B' * 40}')", "rockylinux:9"), AddRepository)
    assert (named.key, named.fingerprint) == (RPM, "B" * 40)


def test_el_10_is_warned_of() -> None:
    """EL 10's policy was seen to reject the key, whatever the release."""
    (warning,) = plan("Stage0 += doca_ofed(version='3.2.0')", "rockylinux:10").warnings
    assert "R36" in warning


@pytest.mark.parametrize(
    ("target", "version", "arch"),
    [("debian11", "3.5.0", "x86_64"), ("ubuntu20.04", "3.5.0", "x86_64"), ("ubuntu26.04", "3.3.0", "x86_64"), ("debian12", "3.5.0", "aarch64")],
)
def test_never_the_nearest_label(target: str, version: str, arch: str) -> None:
    """A target without the release is an error that lists those that have it."""
    with pytest.raises(Conflict) as caught:
        plan(f"Stage0 += doca_ofed(version='{version}')", "x", distro=target, arch=arch)
    assert target in caught.value.sentence
    assert "ubuntu24.04" in caught.value.help


@pytest.mark.parametrize(
    ("options", "kind", "help"),
    [
        ("version='9.9.9'", UnknownVersion, "3.5.0"),
        ("_nogpgcheck=True", WrongValue, "fingerprint"),
        ("devices='ConnectX-7'", WrongValue, "a list of strings"),
    ],
)
def test_wrong_options(options: str, kind: type[Exception], help: str) -> None:  # noqa: A002 (the error's own word)
    """A wrong option is an error that says what to write instead; no signature goes unchecked."""
    fault = refusal(f"Stage0 += doca_ofed({options})")
    assert type(fault) is kind
    assert help in fault.help


def test_architecture_by_the_recipes_own_word() -> None:
    """HPCCM's archlabel names NVIDIA's folder for an architecture."""
    (found,) = nodes(plan("Stage0 += doca_ofed(archlabel='arm64-dpu', oslabel='ubuntu22.04')", "ubuntu:22.04"), AddRepository)
    assert found.url == f"{BASE}/3.5.0/ubuntu22.04/arm64-dpu/"
