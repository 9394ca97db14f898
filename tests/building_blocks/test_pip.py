from __future__ import annotations

import hashlib
import subprocess
from pathlib import Path

import pytest
from planned import commands, environment, nodes, packages, plan, refusal, stand_in, upon

import hpcgen
from hpcgen.building_blocks._requirements import Requirements, is_pinned, lines, name_of
from hpcgen.errors import Conflict, WrongValue
from hpcgen.graph.nodes import Fetch, Run

FILES = Path(__file__).parent / "files"
RUNTIME = "\nStage1 += baseimage(image={image!r})\nStage1 += Stage0.runtime(kind={kind!r})"
PIP = "/usr/local/venv/bin/python3 -m pip --no-cache-dir install"


@pytest.fixture(autouse=True)
def _beside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(FILES)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ("packages=['six==1.17.0']", [f"{PIP} six==1.17.0"]),
        ("packages=['six==1.17.0', 'numpy>=2,<3']", [f"{PIP} six==1.17.0 'numpy>=2,<3'"]),
        ("packages=['six==1.17.0'], wheels=True", [f"{PIP} --only-binary=:all: six==1.17.0"]),
        ("packages=['six==1.17.0'], index='https://pypi.example.org/simple'", [f"{PIP} --index-url https://pypi.example.org/simple six==1.17.0"]),
        ("packages=['six==1.17.0'], upgrade=True", [f"{PIP} --upgrade pip", f"{PIP} six==1.17.0"]),
        ("packages=['six==1.17.0'], install_args=['--no-deps']", [f"{PIP} --no-deps six==1.17.0"]),
        ("packages=['six==1.17.0'], args=['--verbose']", ["/usr/local/venv/bin/python3 -m pip --verbose install six==1.17.0"]),
        ("requirements='pinned.txt'", [f"{PIP} -r /usr/local/src/pip/pinned.txt", "rm -rf /usr/local/src/pip"]),
        ("requirements='hashed.txt'", [f"{PIP} --require-hashes -r /usr/local/src/pip/hashed.txt", "rm -rf /usr/local/src/pip"]),
    ],
)
def test_options(options: str, said: list[str]) -> None:
    """Each option is said to pip, behind a virtual environment made with the distribution's Python."""
    found = commands(plan(f"Stage0 += pip({options})"))
    assert found == ["/usr/bin/python3 -m venv /usr/local/venv", *said]
    for command in found:
        subprocess.run(("sh", "-n", "-c", command), check=True)


def test_environment_is_its_own() -> None:
    """What the distribution manages is left alone: no option of pip's gets around that, and the environment's programs come first."""
    graph = plan("Stage0 += pip(packages=['six==1.17.0'], system_packages=True)")
    assert "--system-site-packages" in commands(graph)[0]
    assert "--break-system-packages" not in " ".join(commands(graph))
    assert environment(graph) == {"PATH": ["/usr/local/venv/bin"], "VIRTUAL_ENV": ["/usr/local/venv"]}
    assert environment(plan("Stage0 += pip(packages=['six==1.17.0'], environment=False)")) == {}


@pytest.mark.parametrize(
    ("before", "image", "names", "program"),
    [
        ("", "debian:12", {"python3", "python3-venv", "ca-certificates"}, "/usr/bin/python3"),
        ("", "rockylinux:9", {"python3", "ca-certificates"}, "/usr/bin/python3"),
        ("", "rockylinux:8", {"python36", "ca-certificates"}, "/usr/bin/python3"),
        ("python(version='3.11')", "ubuntu:22.04", {"python3.11", "python3.11-venv", "ca-certificates"}, "/usr/bin/python3.11"),
        ("python(version='3.12')", "rockylinux:9", {"python3.12", "ca-certificates"}, "/usr/bin/python3.12"),
    ],
)
def test_which_python(before: str, image: str, names: set[str], program: str) -> None:
    """The recipe's python() is what the environment is made with, else the distribution's own, with what such environments need."""
    graph = plan(f"{f'Stage0 += {before}' if before else ''}\nStage0 += pip(packages=['six==1.17.0'])", image)
    assert packages(graph) == names
    assert commands(graph)[0] == f"{program} -m venv /usr/local/venv"
    assert not before or upon(graph, "pip") == {"python"}


def test_a_python_from_elsewhere() -> None:
    """A Python at a path, a block's or any other, is taken as it is, and nothing of the distribution's comes along."""
    graph = plan("Stage0 += pip(packages=['six==1.17.0'], python='/opt/python')")
    assert commands(graph)[0] == "/opt/python/bin/python3 -m venv /usr/local/venv"
    assert packages(graph) == {"ca-certificates"}
    assert graph.stages[0].blocks[0].leaves.packages == ()
    fault = refusal("Stage0 += python(python3=False)\nStage0 += pip(packages=['six==1.17.0'])", "debian:11")
    assert isinstance(fault, Conflict)
    assert "brings none" in fault.sentence


def test_files_beside_the_recipe() -> None:
    """A requirements file, and those that it names, are seen while building; their checksums are part of what decides whether a layer is built anew."""
    graph = plan("Stage0 += pip(requirements='sets/all.txt', packages=['wheel'])")
    found = nodes(graph, Fetch)
    assert [(one.local, one.dest) for one in found] == [
        ("sets/all.txt", "/usr/local/src/pip/sets"),
        ("pinned.txt", "/usr/local/src/pip"),
        ("sets/limits.txt", "/usr/local/src/pip/sets"),
    ]
    assert all(one.sha256 == hashlib.sha256(Path(one.local).read_bytes()).hexdigest() for one in found)
    assert not any("pip-unpinned" in warning for warning in graph.warnings)
    assert "source=sets/all.txt" in hpcgen.emit(graph).text
    assert "sets/all.txt" in hpcgen.emit(graph, format="singularity").text


def test_settings_of_the_site() -> None:
    """Every Dockerfile looks for a secret named pip, which need not be there; what knows no secrets goes without."""
    graph = plan("Stage0 += pip(packages=['six==1.17.0'])")
    (run,) = (one for one in nodes(graph, Run) if one.mounts)
    assert ("PIP_CONFIG_FILE", "/run/secrets/pip") in run.env
    assert "--mount=type=secret,id=pip,required=false" in hpcgen.emit(graph).text
    for written in (hpcgen.emit(graph, format="singularity"), hpcgen.emit(graph, format="bash"), hpcgen.emit(graph, dialect="portable")):
        assert "type=secret" not in written.text


def test_closed_if_nothing_is_compiled() -> None:
    """Wheels alone are installed in a stage of their own; what is compiled may find all before it, and is told clang."""
    assert plan("Stage0 += pip(packages=['six==1.17.0'], wheels=True)").stages[0].blocks[0].closed
    graph = plan("Stage0 += llvm()\nStage0 += pip(packages=['six==1.17.0'])")
    assert not graph.stages[0].blocks[1].closed
    (run,) = (one for one in nodes(graph, Run, "pip") if one.mounts)
    assert ("CC", "clang") in run.env


def test_runtime() -> None:
    """A runtime stage takes the environment whole, with the interpreter's package; parts that want what nobody has can be excused."""
    recipe = "Stage0 += pip(packages=['six==1.17.0'], absent=['libpq.so.*'])"
    leaves = plan(recipe).stages[0].blocks[0].leaves
    assert leaves.whole == ("/usr/local/venv",)
    assert leaves.packages == ("python3",)
    assert ("program", "/usr/bin/python3") in leaves.take
    assert "libpq.so.*" in leaves.host
    graph = plan(recipe + RUNTIME.format(image="debian:12", kind="prefix"))
    assert packages(graph, 1) == {"python3"}
    assert environment(graph, 1) == {"PATH": ["/usr/local/venv/bin"], "VIRTUAL_ENV": ["/usr/local/venv"]}
    own = plan(f"Stage0 += python()\n{recipe}").stages[0].blocks
    assert (own[0].leaves.packages, own[1].leaves.packages) == (("python3",), ())


def test_several_share_an_environment() -> None:
    """Two of them with one prefix stay in the recipe's order in one stage."""
    graph = plan("Stage0 += pip(packages=['six==1.17.0'], wheels=True)\nStage0 += pip(packages=['attrs==25.4.0'], wheels=True)")
    assert [stage.name for stage in graph.stages] == ["devel"]


@pytest.mark.parametrize(
    ("requirement", "pinned"),
    [
        ("numpy==2.4.1", True),
        ("numpy[all] == 2.4.1 ; python_version > '3'", True),
        ("numpy===2.4.1", True),
        ("numpy==2.*", False),
        ("numpy>=2", False),
        ("numpy", False),
        ("numpy>=2,==2.4.1", True),
        ("six==1.17.0 --hash=sha256:00", True),
        ("x @ https://example.org/x-1.tar.gz", True),
        ("x @ git+https://example.org/x.git@main", False),
        ("x @ git+https://example.org/x.git@0123456789abcdef0123456789abcdef01234567", True),
        ("./x-1-py3-none-any.whl", True),
    ],
)
def test_what_is_pinned(requirement: str, pinned: bool) -> None:
    """A requirement is pinned if it names one version, one file or one commit."""
    assert is_pinned(requirement) is pinned


def test_requirements_as_pip_reads_them() -> None:
    """Comments, lines that go on, further files and constraints are read as pip reads them; a file that names itself is read once."""
    assert list(lines("a==1  # why\n\n# no\nb \\\n  ==2\nc#d\n")) == ["a==1", "b    ==2", "c#d"]
    assert name_of("Foo_Bar.baz[x]>=1") == "foo-bar-baz"
    texts = {"a.txt": "-r b.txt\nx\n--index-url https://e.org\n", "b.txt": "-r a.txt\n-c c.txt\ny>=1\n", "c.txt": "Y==2\n"}
    found = Requirements("a.txt", texts.__getitem__)
    assert list(found.files) == ["a.txt", "b.txt", "c.txt"]
    assert found.wanted == ["y>=1", "x"]
    assert found.unpinned(["z"]) == ("x", "z")
    assert not found.hashed


@pytest.mark.parametrize(
    "options",
    ["prefix='venv'", "packages=['-e', '.']", "packages=['']", "requirements='../r.txt'", "requirements='/r.txt'", "pip='pip2'", "pip='pip3.11'"],
)
def test_refused(options: str) -> None:
    """What cannot be is an error with a way out."""
    fault = refusal(f"Stage0 += pip({options})")
    assert isinstance(fault, WrongValue)
    assert fault.help


def test_hpccm_s_recipe() -> None:
    """A recipe of HPCCM's is taken as it is."""
    graph = plan("Stage0 += pip(packages=['hpccm==26.5.0'], pip='pip3', alternatives=True, wd='/tmp/x', ospackages=['python3-pip', 'git'])")
    assert {"python3-pip", "git", "python3-venv"} <= packages(graph)


def test_no_part_of_a_block_named_python() -> None:
    """Another block of the name python, with a prefix, is taken by that."""
    graph = plan(stand_in("python", "3.14.0") + "Stage0 += pip(packages=['six==1.17.0'])")
    assert commands(graph)[0] == "/usr/local/python/bin/python3 -m venv /usr/local/venv"
