from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import hpcgen
from hpcgen.errors import HpcgenError, RecipeError, Several, UnknownStage, UnknownTarget, Unsupported, each
from hpcgen.graph import nodes
from hpcgen.planning.expanding import is_archive, mapped

if TYPE_CHECKING:
    from hpcgen.graph.stages import StageGraph


def plan(text: str, **options: object) -> StageGraph:
    """The graph of a recipe."""
    return hpcgen.plan("r.py", text=text, **options)  # type: ignore[arg-type]  # as the test gives them


def refused(text: str, **options: object) -> HpcgenError:
    """The error of a recipe."""
    with pytest.raises(HpcgenError) as fault:
        plan(text, **options)
    return fault.value


# --- bases ---

MAP = {"debian:12": "docker-archive:/x.tar", "docker.io": "mirror.example.org/hub", "nvcr.io/nvidia": "mirror.example.org/nv", "quay.io": "oci-archive:/q.tar"}


@pytest.mark.parametrize(
    ("image", "place"),
    [
        ("debian:12", "docker-archive:/x.tar"),
        ("ubuntu:24.04", "mirror.example.org/hub/library/ubuntu:24.04"),
        ("rockylinux/rockylinux:9", "mirror.example.org/hub/rockylinux/rockylinux:9"),
        ("nvcr.io/nvidia/cuda:12.8.0", "mirror.example.org/nv/cuda:12.8.0"),
        ("nvcr.io/nvidiax/cuda:12", "nvcr.io/nvidiax/cuda:12"),
        ("quay.io/a:1", "quay.io/a:1"),
        ("docker.io/library/debian:12", "docker-archive:/x.tar"),
        ("localhost/a:1", "localhost/a:1"),
    ],
)
def test_the_base_map(image: str, place: str) -> None:
    """An exact name first, then the longest registry or path in front of a name; an archive is of one image alone."""
    assert mapped(image, MAP) == place


def test_longer_paths_win() -> None:
    """Of two entries that fit, the longer one is meant."""
    assert mapped("a.org/b/c:1", {"a.org": "x", "a.org/b": "y"}) == "y/c:1"


@pytest.mark.parametrize(("place", "archive"), [("docker-archive:/x.tar", True), ("oci-archive:/x", True), ("oci:/x", True), ("localimage:/x.sif", True), ("registry:5000/x", False), ("debian:12", False)])
def test_what_is_an_archive(place: str, archive: bool) -> None:
    """Files that hold images are told by their agent."""
    assert is_archive(place) == archive


def test_the_distribution_is_read_before_the_map() -> None:
    """What an image is called tells its distribution, wherever it comes from."""
    stage = plan("Stage0 += baseimage(image='debian:12')", base=MAP).stages[0]
    assert (stage.base.image, stage.base.archive, stage.target.name) == ("debian:12", "docker-archive:/x.tar", "debian12")


def test_a_stage_upon_a_stage_has_its_target() -> None:
    """Inheritance: base, distribution, architectures."""
    graph = plan("Stage0 += baseimage(image='rockylinux:9', name='a', arch='aarch64')\nStage1 += baseimage(image='a')")
    assert graph.stages[1].base.stage
    assert graph.stages[1].target == graph.stages[0].target


def test_scratch_is_of_the_first_stages_distribution() -> None:
    """An empty base has no distribution of its own."""
    graph = plan("Stage0 += baseimage(image='ubuntu:24.04')\nStage1 += baseimage(image='scratch')")
    assert graph.stages[1].target.name == "ubuntu24.04"


def test_an_unknown_distribution_is_an_error_that_says_how_to_name_it() -> None:
    """An image whose name does not tell: an error at the recipe's line, not a guess."""
    fault = refused("Stage0 += baseimage(image='internal/base:7')")
    assert isinstance(fault, UnknownTarget)
    assert "_distro=" in fault.help
    assert fault.origin is not None


def test_a_stage_without_a_base() -> None:
    """A stage needs a base image."""
    fault = refused("Stage0 += shell(commands=['a'])")
    assert isinstance(fault, RecipeError)
    assert "stage 'stage0' has no base image" in fault.sentence
    assert "baseimage(image=" in fault.help


# --- architectures ---


@pytest.mark.parametrize(
    ("recipe", "asked", "found"),
    [
        ("Stage0 += baseimage(image='debian:12')", "", ("x86_64",)),
        ("Stage0 += baseimage(image='arm64v8/debian:12')", "", ("aarch64",)),
        ("Stage0 += baseimage(image='debian:12', arch='aarch64')", "", ("aarch64",)),
        ("Stage0 += baseimage(image='debian:12', arch='aarch64')", "x86_64", ("x86_64",)),
        ("Stage0 += baseimage(image='debian:12')", "amd64,arm64", ("x86_64", "aarch64")),
    ],
)
def test_the_architecture_by_request_recipe_or_image(recipe: str, asked: str, found: tuple[str, ...]) -> None:
    """The request wins, then the recipe, then the image's name; else x86_64."""
    assert plan(recipe, arch=asked).stages[0].target.architectures == found


def test_what_differs_by_architecture_is_a_choice_and_the_rest_is_said_once() -> None:
    """A graph for two architectures holds equal nodes once."""
    text = "Stage0 += baseimage(image='debian:12')\nStage0 += fftw(version='3.3.10', configure_opts=['--enable-threads'])"
    one = plan(text).stages[0].nodes
    both = plan(text, arch="x86_64,aarch64").stages[0].nodes
    assert len([node for node in both if isinstance(node, nodes.ByArch)]) <= 1
    same = [node for node in both if not isinstance(node, nodes.ByArch)]
    assert all(node in one for node in same)


def test_an_unknown_architecture() -> None:
    """A misspelt architecture is an error that names those that are known."""
    assert "known: x86_64, aarch64" in refused("Stage0 += baseimage(image='debian:12')", arch="riscv64").help


# --- stages ---


def test_stages_are_named_by_the_recipe_else_by_their_place() -> None:
    """A stage's name is that of baseimage, of Stage(...), or its number."""
    text = "Stage0 += baseimage(image='debian:12', name='devel')\nStage1 += baseimage(image='debian:12')\nx = Stage('extra')\nx += baseimage(image='debian:12')"
    graph = plan(text)
    assert [stage.name for stage in graph.stages] == ["devel", "stage1", "extra"]
    assert [stage.named for stage in graph.stages] == [True, False, True]


def test_stages_by_their_number() -> None:
    """HPCCM's `_from='0'` is the first stage, in copies and mounts."""
    text = "Stage0 += baseimage(image='debian:12', name='devel')\nStage1 += baseimage(image='debian:12')\nStage1 += copy(_from='0', src='/a', dest='/a')\nStage1 += shell(commands=['a'], mounts=[mount('bind', '/x', stage='0')])"
    copy, run = plan(text).stages[1].nodes
    assert isinstance(copy, nodes.Copy)
    assert isinstance(run, nodes.Run)
    assert copy.stage == run.mounts[0].stage == "devel"


def test_a_stage_that_stands_later_is_an_error_at_its_line() -> None:
    """A copy from a later stage."""
    fault = refused("Stage0 += baseimage(image='debian:12')\nStage0 += copy(src='/a', dest='/a', stage='late')\nStage1 += baseimage(image='debian:12', name='late')")
    assert isinstance(fault, UnknownStage)
    assert "which stands later" in fault.sentence
    assert fault.origin is not None
    assert fault.origin.line == 2


def test_a_single_stage_on_request() -> None:
    """single_stage gives the first stage alone."""
    text = "Stage0 += baseimage(image='debian:12')\nStage1 += baseimage(image='debian:12')"
    assert len(plan(text, single_stage=True).stages) == 1


def test_what_stands_before_a_base_is_its_head() -> None:
    """Text, comments and arguments before the base stay before it; all else is part of the stage."""
    text = "Stage0 += comment('x')\nStage0 += arg('A')\nStage0 += raw(docker='y')\nStage0 += environment(variables={'B': '1'})\nStage0 += baseimage(image='debian:12')"
    stage = plan(text).stages[0]
    assert [type(node).__name__ for node in stage.head] == ["Comment", "Arg", "Raw"]
    assert [type(node).__name__ for node in stage.nodes] == ["SetEnv"]


def test_faults_of_all_stages_come_together_each_at_its_line() -> None:
    """Planning reports what is wrong with each stage and item at once."""
    text = "Stage0 += baseimage(image='nowhere')\nStage1 += baseimage(image='debian:12')\nStage1 += write_file(path='/a', src='missing')\nStage1 += write_file(path='/b', src='missing2')"
    fault = refused(text)
    assert isinstance(fault, Several)
    assert [one.origin.line for one in each(fault) if one.origin] == [1, 3, 4]


# --- blocks ---


def test_equal_blocks_have_equal_digests_wherever_they_stand() -> None:
    """A block's digest is of its nodes."""
    text = "Stage0 += baseimage(image='debian:12', name='a')\nStage0 += fftw(version='3.3.10')\nStage1 += baseimage(image='debian:12')\nStage1 += shell(commands=['x'])\nStage1 += fftw(version='3.3.10')\nx = Stage('x')\nx += baseimage(image='debian:12')\nx += fftw(version='3.3.10', prefix='/opt/fftw')"
    one, same, other = (stage.blocks[0].ref.digest for stage in plan(text).stages)
    assert one == same != other


def test_a_stage_knows_the_blocks_of_its_base() -> None:
    """Facts of blocks go with inheritance."""
    text = "Stage0 += baseimage(image='debian:12', name='a')\nStage0 += fftw(version='3.3.10')\nStage1 += baseimage(image='a')\nStage1 += libevent(version='2.1.12')"
    assert [facts.ref.name for facts in plan(text)["stage1"].blocks] == ["fftw", "libevent"]


def test_what_cannot_differ_by_architecture_is_refused() -> None:
    """A label that differs between architectures has no place in one file."""
    from hpcgen.block.block import Block
    from hpcgen.planning.expanding import together

    choices = [(nodes.Label("a", arch),) for arch in ("x86_64", "aarch64")]

    class odd(Block):
        """A block."""

    with pytest.raises(Unsupported, match="odd: Label differs between x86_64 and aarch64"):
        together(("x86_64", "aarch64"), choices, odd())
