from __future__ import annotations

import pytest
from planned import commands, packages, plan, refusal

from hpcgen.building_blocks._pythons import PYTHON2, PYTHON3
from hpcgen.errors import Conflict, WrongValue
from hpcgen.target import known, named

RUNTIME = "\nStage1 += baseimage(image={image!r})\nStage1 += Stage0.runtime(kind={kind!r})"


@pytest.mark.parametrize(
    ("options", "image", "names"),
    [
        ("", "debian:12", {"python3"}),
        ("devel=True", "debian:12", {"python3", "python3-dev"}),
        ("devel=True", "rockylinux:9", {"python3", "python3-devel"}),
        ("devel=True", "rockylinux:8", {"python36", "python36-devel"}),
        ("version='3.9'", "rockylinux:8", {"python39"}),
        ("version='3.12', devel=True", "rockylinux:8", {"python3.12", "python3.12-devel"}),
        ("version='3.12'", "rockylinux:10", {"python3"}),
        ("version='3.11'", "ubuntu:22.04", {"python3.11"}),
        ("python2=True", "ubuntu:22.04", {"python3", "python2"}),
        ("python3=False", "rockylinux:8", {"python2"}),
        ("python3=False, devel=True", "debian:11", {"python2", "python2-dev"}),
    ],
)
def test_packages(options: str, image: str, names: set[str]) -> None:
    """The wanted Pythons are installed by the names that the release has for them."""
    assert packages(plan(f"Stage0 += python({options})", image)) == names


@pytest.mark.parametrize("target", known())
def test_what_each_release_has(target: str) -> None:
    """Each version that a release has is taken; another one, and Python 2 where it is gone, are errors that say where it is."""
    key = target if target in PYTHON3 else f"rhel{named(target)[1]}"
    for version in PYTHON3[key]:
        assert packages(plan(f"Stage0 += python(version='{version}')", "site/base", distro=target))
    with pytest.raises(Conflict) as caught:
        plan("Stage0 += python(version='3.7')", "site/base", distro=target)
    assert ", ".join(PYTHON3[key]) in caught.value.sentence
    if key in PYTHON2:
        assert "python2" in packages(plan("Stage0 += python(python2=True)", "site/base", distro=target))
        return
    with pytest.raises(Conflict) as caught:
        plan("Stage0 += python(python2=True)", "site/base", distro=target)
    assert "has no Python 2" in caught.value.sentence
    assert "ubuntu22.04" in caught.value.help


def test_without_a_version_in_its_name() -> None:
    """alternatives=True calls it python, below /usr/local, where no package of the distribution puts anything; a runtime stage has it too."""
    graph = plan("Stage0 += python(alternatives=True, devel=True)" + RUNTIME.format(image="debian:12", kind="packages"))
    assert commands(graph) == ["ln -sf /usr/bin/python3 /usr/local/bin/python", "ln -sf /usr/bin/python3-config /usr/local/bin/python-config"]
    assert ("program", "/usr/local/bin/python") in graph["devel"].blocks[0].leaves.take
    graph = plan("Stage0 += python(alternatives=True)" + RUNTIME.format(image="debian:12", kind="prefix"))
    assert commands(graph, stage=1) == ["ln -sf /usr/bin/python3 /usr/local/bin/python"]
    assert commands(plan("Stage0 += python(version='3.12', alternatives=True)", "rockylinux:9")) == [
        "ln -sf /usr/bin/python3.12 /usr/local/bin/python"
    ]
    assert commands(plan("Stage0 += python(python3=False, alternatives=True)", "ubuntu:22.04")) == ["ln -sf /usr/bin/python2 /usr/local/bin/python"]


def test_runtime() -> None:
    """A runtime stage gets the interpreter's package, or its files with Python's own modules; not the headers."""
    graph = plan("Stage0 += python(devel=True)" + RUNTIME.format(image="debian:12", kind="prefix"))
    assert packages(graph, 1) == {"python3"}
    leaves = plan("Stage0 += python(version='3.11')", "rockylinux:9").stages[0].blocks[0].leaves
    assert leaves.packages == ("python3.11",)
    assert {"/usr/bin/python3.11", "/usr/lib*/python3.[0-9]*"} == {path for _, path in leaves.take}
    assert any(path.endswith("/ensurepip") for path in leaves.left)
    both = plan("Stage0 += python(python2=True)", "rockylinux:8").stages[0].blocks[0].leaves
    assert both.packages == ("python36", "python2")
    assert "/usr/bin/python2" in {path for _, path in both.take}


@pytest.mark.parametrize("options", ["python3=False, python2=False", "python3=False, version='3.11'"])
def test_refused(options: str) -> None:
    """Nothing to install, and a version of what is not wanted, are errors."""
    fault = refusal(f"Stage0 += python({options})")
    assert isinstance(fault, WrongValue)
    assert fault.help
