from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from planned import commands, environment, nodes, packages, plan, refusal

import hpcgen
from hpcgen.building_blocks.conda import ANACONDA, listed
from hpcgen.errors import UnknownVersion, WrongValue
from hpcgen.graph.nodes import Fetch, Run

FILES = Path(__file__).parent / "files"
RUNTIME = "\nStage1 += baseimage(image='debian:12')\nStage1 += Stage0.runtime(kind={kind!r})"
CONDA = "/usr/local/conda/bin/conda"


@pytest.fixture(autouse=True)
def _beside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(FILES)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ("packages=['numpy=2.4']", [f"{CONDA} install -y -q -p /usr/local/conda numpy=2.4"]),
        ("packages=['numpy=2.4'], env='app'", [f"{CONDA} create -y -q -p /usr/local/conda/envs/app numpy=2.4"]),
        (
            "packages=['numpy=2.4'], channels=['nvidia', 'bioconda']",
            [
                f"{CONDA} config --system --prepend channels bioconda",
                f"{CONDA} config --system --prepend channels nvidia",
                f"{CONDA} install -y -q -p /usr/local/conda numpy=2.4",
            ],
        ),
        (
            "environment='environment.yml'",
            [f"{CONDA} env create -q -p /usr/local/conda/envs/science --file /usr/local/src/conda/environment.yml"],
        ),
        (
            "environment='environment.yml', env='mine', packages=['six=1.17']",
            [
                f"{CONDA} env create -q -p /usr/local/conda/envs/mine --file /usr/local/src/conda/environment.yml",
                f"{CONDA} install -y -q -p /usr/local/conda/envs/mine six=1.17",
            ],
        ),
        ("environment='mixed.yml'", [f"{CONDA} env update -q -p /usr/local/conda --file /usr/local/src/conda/mixed.yml"]),
        ("environment='explicit.txt'", [f"{CONDA} install -y -q -p /usr/local/conda --file /usr/local/src/conda/explicit.txt"]),
        ("environment='explicit.txt', env='app'", [f"{CONDA} create -y -q -p /usr/local/conda/envs/app --file /usr/local/src/conda/explicit.txt"]),
        ("", []),
        ("env='empty'", [f"{CONDA} create -y -q -p /usr/local/conda/envs/empty"]),
    ],
)
def test_options(options: str, said: list[str]) -> None:
    """Miniforge is installed without a question, then come channels, the environment, and tidying up, all in one layer."""
    graph = plan(f"Stage0 += conda({options})")
    found = commands(graph)
    assert found == [
        "mkdir -p /usr/local/src/conda/home",
        "bash /usr/local/src/conda/Miniforge3-26.7.2-0-Linux-x86_64.sh -b -p /usr/local/conda",
        *said,
        f"{CONDA} clean -a -f -y",
        "rm -rf /usr/local/src/conda",
    ]
    for command in found:
        subprocess.run(("sh", "-n", "-c", command), check=True)
    assert hpcgen.emit(graph).text.count(": hpcgen 'conda") == 1


def test_installer() -> None:
    """Each architecture has its own installer, by its checksum; a release that is not known is an error with the way to go."""
    for arch, digest in (("x86_64", "281b0ac7"), ("aarch64", "89b786c8")):
        (fetch,) = nodes(plan("Stage0 += conda()", arch=arch), Fetch)
        assert fetch.url == f"https://github.com/conda-forge/miniforge/releases/download/26.7.2-0/Miniforge3-26.7.2-0-Linux-{arch}.sh"
        assert fetch.sha256.startswith(digest)
        assert not fetch.unpack
    (fetch,) = nodes(plan("Stage0 += conda(baseurl='https://mirror.example.org/miniforge')"), Fetch)
    assert fetch.url.startswith("https://mirror.example.org/miniforge/26.7.2-0/")
    fault = refusal("Stage0 += conda(version='23.1.0-0')")
    assert isinstance(fault, UnknownVersion)
    assert "sha256=" in fault.help
    assert nodes(plan("Stage0 += conda(version='23.1.0-0', sha256=None)"), Fetch)[0].sha256 is None
    assert {"bash", "curl", "ca-certificates"} == packages(plan("Stage0 += conda()"))


def test_what_packages_may_count_on() -> None:
    """What conda would ask of the builder, its processor and its driver, is told it instead: one recipe, one environment."""
    (run,) = (one for one in nodes(plan("Stage0 += conda()"), Run) if one.mounts)
    said = dict(run.env)
    assert (said["CONDA_OVERRIDE_ARCHSPEC"], said["CONDA_OVERRIDE_CUDA"]) == ("x86_64", "")
    assert said["HOME"] == "/usr/local/src/conda/home"
    (run,) = (one for one in nodes(plan("Stage0 += conda(cuda='12.9')", cpu_target="x86_64_v3"), Run) if one.mounts)
    assert (dict(run.env)["CONDA_OVERRIDE_ARCHSPEC"], dict(run.env)["CONDA_OVERRIDE_CUDA"]) == ("x86_64_v3", "12.9")


def test_settings_of_the_site() -> None:
    """Every Dockerfile looks for a secret named conda, which need not be there, by a name that conda reads settings from."""
    graph = plan("Stage0 += conda()")
    assert "--mount=type=secret,target=/run/secrets/condarc,id=conda,required=false" in hpcgen.emit(graph).text
    assert "type=secret" not in hpcgen.emit(graph, format="singularity").text


def test_no_login_shell_is_changed() -> None:
    """Nothing is written outside the prefix: no shell activates anything; programs are found by PATH."""
    graph = plan("Stage0 += conda(env='app', packages=['numpy=2.4'])")
    assert "conda init" not in " ".join(commands(graph))
    assert environment(graph) == {"PATH": ["/usr/local/conda/condabin", "/usr/local/conda/envs/app/bin"]}
    assert environment(plan("Stage0 += conda()")) == {"PATH": ["/usr/local/conda/bin"]}
    assert environment(plan("Stage0 += conda(paths=False)")) == {}


def test_runtime() -> None:
    """A runtime stage takes the environment as it is, without conda; of base, conda is a part."""
    graph = plan("Stage0 += conda(environment='environment.yml', absent=['libGL.so.*'])" + RUNTIME.format(kind="prefix"))
    facts = graph["devel"].blocks[0]
    assert (facts.prefix, facts.prefixes, facts.leaves.whole) == ("/usr/local/conda", *[("/usr/local/conda/envs/science",)] * 2)
    assert "libGL.so.*" in facts.leaves.host
    assert environment(graph, len(graph.stages) - 1) == {"PATH": ["/usr/local/conda/envs/science/bin"]}
    assert plan("Stage0 += conda()").stages[0].blocks[0].leaves.whole == ("/usr/local/conda",)


def test_a_stage_of_its_own() -> None:
    """It is built apart, unless pip may compile something for it with what stands before."""
    assert plan("Stage0 += conda(environment='environment.yml')").stages[0].blocks[0].closed
    assert not plan("Stage0 += conda(environment='mixed.yml')").stages[0].blocks[0].closed


@pytest.mark.parametrize(
    ("recipe", "names"),
    [
        ("packages=['numpy=2.4']", set()),
        ("packages=['numpy==2.4.1']", set()),
        ("packages=['numpy']", {"conda-unpinned"}),
        ("packages=['numpy>=2']", {"conda-unpinned"}),
        ("environment='environment.yml'", {"conda-unpinned"}),
        ("environment='mixed.yml'", {"conda-anaconda-channels"}),
        ("environment='explicit.txt'", set()),
        ("packages=['main::numpy=2.4']", {"conda-anaconda-channels"}),
    ],
)
def test_warned(recipe: str, names: set[str]) -> None:
    """Packages without a version, and channels with terms, are warned of, in the recipe and in its files."""
    warnings = plan(f"Stage0 += conda({recipe})").warnings
    assert {name for name in ("conda-unpinned", "conda-anaconda-channels") if any(name in one for one in warnings)} == names


@pytest.mark.parametrize(
    ("channel", "theirs"),
    [
        ("defaults", True),
        ("main", True),
        ("https://repo.anaconda.com/pkgs/main", True),
        ("https://repo.anaconda.com/pkgs/r/linux-64/x.conda", True),
        ("conda-forge", False),
        ("https://conda.anaconda.org/conda-forge", False),
        ("mainline", False),
        ("nvidia", False),
    ],
)
def test_whose_channels(channel: str, theirs: bool) -> None:
    """The channels that Anaconda's terms are about are known by name and address; others on its server are not."""
    assert bool(ANACONDA.search(channel)) is theirs


def test_lists_of_environment_files() -> None:
    """Lists over several lines and in brackets are read, without comments."""
    text = (FILES / "environment.yml").read_text()
    assert listed(text, "channels") == ["conda-forge", "bioconda"]
    assert listed(text, "dependencies") == ["python=3.13", "conda-forge::numpy=2.4", "scipy>=1.16"]
    assert listed("channels: [a, 'b']\ndependencies: []\n", "channels") == ["a", "b"]
    assert listed("name: x\n", "channels") == []


@pytest.mark.parametrize(
    ("options", "help"),
    [
        ("python2=True", "python=2.7"),
        ("python_subversion='py310'", "python=3.10"),
        ("prefix='conda'", "absolute"),
        ("env='a/b'", "letters"),
        ("packages=['--no-deps']", "string of its own"),
        ("cuda='new'", "12.9"),
        ("sha256='1'", "64"),
    ],
)
def test_refused(options: str, help: str) -> None:  # noqa: A002 (the error's own word)
    """What cannot be is an error with a way out; HPCCM's choice of a Miniconda is one."""
    fault = refusal(f"Stage0 += conda({options})")
    assert isinstance(fault, WrongValue)
    assert help in fault.help


def test_hpccm_s_recipe() -> None:
    """A recipe of HPCCM's is taken as it is: terms need not be agreed to."""
    graph = plan("Stage0 += conda(eula=True, packages=['numpy=2.4'], channels=['conda-forge'], prefix='/opt/conda', ospackages=['wget'])")
    assert "wget" in packages(graph)
    assert "/opt/conda/bin/conda install -y -q -p /opt/conda numpy=2.4" in commands(graph)
