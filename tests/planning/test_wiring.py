"""What a block builds upon: partners by option, compilers, tools, and paths."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from planned import configured, plan, refusal, upon

from hpcgen.block import Block, Place, SourceBlock
from hpcgen.block.before import Before
from hpcgen.block.finder import find, own
from hpcgen.block.kinds import ConfiguredBlock
from hpcgen.errors import Conflict
from hpcgen.target import Target

if TYPE_CHECKING:
    from hpcgen.graph.stages import BlockFacts, StageGraph

BOOKWORM = Target("debian", "12")


def source(name: str, more: str = "", kind: str = "generic_autotools") -> str:
    """A generic block with a prefix of its own, and a variable of the recipe that names it."""
    return f"{name} = {kind}(url='https://example.org/{name}-1.0.tar.gz', sha256=None, prefix='/usr/local/{name}', {more})\nStage0 += {name}\n"


def facts(graph: StageGraph, called: str, stage: int = 0) -> BlockFacts:
    """What planning knows of a block, by what it is called."""
    (found,) = (one for one in graph.stages[stage].blocks if one.called == called)
    return found


def edges(graph: StageGraph, called: str, stage: int = 0) -> dict[str, str]:
    """What a block builds upon -> what says so."""
    blocks = graph.stages[stage].blocks
    return {blocks[edge.at].called: edge.why for edge in facts(graph, called, stage).upon}


# --- partners by option ---


def partnered(*, elsewhere: bool = False) -> list[tuple[str, str]]:
    """Each block's options that name a partner; `elsewhere`: those that take another than the distribution's."""
    found = ((name, option, one.switch) for name in own() if (block := find(name)) for option, one in block.options.items() if one.partner)
    return [(name, option) for name, option, switch in found if not elsewhere or not switch or switch.with_ or not switch.system]


def standing(what: str, prefix: str = "/opt/partner") -> Block:
    """A block that is the partner of this name."""
    block: Block = type("stand_in", (Block,), {"provides": (what,), "__doc__": "A stand-in."})()
    block.prefix = prefix
    return block


def needed_by(name: str) -> list[str]:
    """The partners that a block cannot do without, and the distribution does not bring."""
    block = find(name)
    assert block is not None
    options = [(one, one.switch) for one in block.options.values() if one.partner and one.switch]
    return [one.partner for one, switch in options if one.default is True or (switch.needed and not switch.system)]


def made(name: str, **given: Any) -> Block:
    """A block of the project's own, of the newest version that has a choice of these options."""
    kind = find(name)
    assert kind is not None
    conditions = [one.switch.versions for option, one in kind.options.items() if option in given and one.switch]
    block = kind(**given)
    if isinstance(block, SourceBlock) and block.release is not None:
        fitting = [version for version in block.release.versions() if all(_with(block, version).at(condition) for condition in conditions)]
        block.version = fitting[0] if fitting and block.version not in fitting else block.version
    return block


def _with(block: Block, version: str) -> Block:
    block.version = version
    return block


def words(block: Block, place: Place, option: str) -> list[str]:
    """What configure is told of an option."""
    switch = block.options[option].switch
    assert switch is not None
    return block.choice(place, option, switch) if isinstance(block, ConfiguredBlock) else []


@pytest.mark.parametrize(("name", "option"), partnered(elsewhere=True))
def test_a_partner_that_the_recipe_has(name: str, option: str) -> None:
    """Not given and True take the partner before the block, a block object takes that one, a path takes whose folder it is, and configure is told where it lies."""
    one = made(name).options[option]
    partner = standing(one.partner)
    beside = [standing(other, f"/opt/{other}") for other in needed_by(name) if other != one.partner]
    for value in (None, True, partner, "/opt/partner", "/opt/partner/"):
        block, place = made(name, **{option: value}), Place(BOOKWORM, Before([*beside, partner]))
        found = place.partner(block, option)
        assert (found.block, found.path, found.system) == (partner, "/opt/partner", False)
        assert (partner, f"option {option}") in block.chosen(place)
        assert one.switch is not None
        if isinstance(block, ConfiguredBlock):
            assert words(block, place, option) == one.switch.with_.replace("{path}", "/opt/partner").split()


@pytest.mark.parametrize(("name", "option"), partnered())
def test_a_partner_that_the_recipe_lacks(name: str, option: str) -> None:
    """Without the partner before it, not given is without, or the distribution's where there is no doing without; True and another stage's block are errors."""
    one = made(name).options[option]
    switch = one.switch
    needed = switch is not None and switch.needed
    if switch is not None and needed and not switch.system:
        with pytest.raises(Conflict, match=f"no {one.partner} before it|distribution's {one.partner}"):
            Place(BOOKWORM).partner(made(name, **{option: None}), option)
    else:
        assert bool(Place(BOOKWORM).partner(made(name, **{option: None}), option)) is needed
    for value in (True, standing(one.partner)):
        with pytest.raises(Conflict, match="before it"):
            Place(BOOKWORM).partner(made(name, **{option: value}), option)
    beside = [standing(other, f"/opt/{other}") for other in needed_by(name) if other != one.partner]
    without, place = made(name, **{option: False}), Place(BOOKWORM, Before(beside))
    if needed:
        with pytest.raises(Conflict, match="without"):
            place.partner(without, option)
    else:
        assert not place.partner(without, option)
        said = "--with-libfabric=embedded" if (name, option) == ("mpich", "libfabric") else one.switch.without if one.switch else ""  # MPICH's own
        assert not one.switch or words(without, place, option) == (said.split() if isinstance(without, ConfiguredBlock) else [])


@pytest.mark.parametrize(("name", "option"), partnered())
def test_partners_of_the_distribution(name: str, option: str) -> None:
    """'system' is the distribution's, with its packages, where the block has words for it, else an error; a path where it has none but for the distribution's is one too."""
    block, place = made(name, **{option: "system"}), Place(BOOKWORM)
    one = block.options[option]
    if not (one.switch and one.switch.system):
        with pytest.raises(Conflict, match="distribution"):
            place.partner(block, option)
        return
    found = place.partner(block, option)
    assert (found.system, found.path, found.block) == (True, "", None)
    assert not isinstance(block, ConfiguredBlock) or words(block, place, option) == one.switch.system.split()
    if isinstance(block, SourceBlock) and one.switch.packages:
        assert block.wants_packages(place, option)
    if not one.switch.with_:
        with pytest.raises(Conflict, match="alone"):
            Place(BOOKWORM).partner(made(name, **{option: "/opt/x"}), option)


@pytest.mark.parametrize(
    ("ucx", "said", "edge"),
    [
        ("", "--with-ucx=/usr/local/ucx", {"ucx"}),
        ("ucx=True", "--with-ucx=/usr/local/ucx", {"ucx"}),
        ("ucx=one", "--with-ucx=/usr/local/ucx", {"ucx"}),
        ("ucx='/usr/local/ucx'", "--with-ucx=/usr/local/ucx", {"ucx"}),
        ("ucx='/usr/local/ucx/'", "--with-ucx=/usr/local/ucx", {"ucx"}),
        ("ucx='/usr/local/ucx2'", "--with-ucx=/usr/local/ucx2", set()),
        ("ucx=False", "--without-ucx", set()),
    ],
)
def test_partner_in_a_recipe(ucx: str, said: str, edge: set[str]) -> None:
    """What an option means is what configure is told and what the block builds upon; a path that only begins like a prefix is nobody's."""
    graph = plan(f"one = ucx()\nStage0 += one\nStage0 += openmpi({ucx})")
    assert said in configured(graph, "openmpi")
    assert upon(graph, "openmpi") == edge


def test_partner_of_another_stage() -> None:
    """A block of another stage is no partner, unless this stage stands on that one."""
    other = "one = ucx()\nStage0 += one\nStage1 += baseimage(image='{}')\nStage1 += openmpi(ucx=one)"
    assert isinstance(refusal(other.format("debian:12")), Conflict)
    assert "ucx" in edges(plan(other.format("devel")), "openmpi", stage=1)


# --- compilers ---


def test_compilers_before_it_and_by_toolchain() -> None:
    """A block builds upon the compilers before it, and upon the block whose toolchain it is given, which is found though others stand between."""
    graph = plan(
        "compiler = gnu(source=True)\nStage0 += compiler\nmpi = openmpi(ucx=False)\nStage0 += mpi\nStage0 += fftw(toolchain=mpi.toolchain)\nStage0 += hwloc()"
    )
    assert edges(graph, "fftw") == {"gnu": "compilers before it", "openmpi": "its toolchain"}
    assert edges(graph, "hwloc") == {"gnu": "compilers before it"}


@pytest.mark.parametrize(
    "more",
    [
        "toolchain=toolchain(CC='mpicc')",
        "toolchain=toolchain(CC='/usr/local/openmpi/bin/mpicc')",
        "build_environment={'CC': 'ccache mpicc'}",
        "configure_opts=['MPICC=mpicc']",
    ],
)
def test_mpi_by_name_or_path(more: str) -> None:
    """A compiler of MPI that a block is told of, however, makes it build upon the recipe's MPI; without one there is nothing to build upon."""
    before = "Stage0 += openmpi(ucx=False)\n"
    assert "openmpi" in edges(plan(f"{before}Stage0 += fftw({more})"), "fftw")
    assert edges(plan(f"{before}Stage0 += fftw()"), "fftw") == {}
    assert edges(plan(f"Stage0 += fftw({more})"), "fftw") == {}


def test_flags_of_a_toolchain_are_paths_too() -> None:
    """A folder in a toolchain's flags is built upon."""
    graph = plan(source("a") + "Stage0 += fftw(toolchain=toolchain(CFLAGS='-O2 -isystem/usr/local/a/include', LDFLAGS='-L/usr/local/a/lib'))")
    assert edges(graph, "fftw") == {"a": "it names /usr/local/a/include"}


# --- paths ---


def test_generic_blocks_do_not_hide_each_other() -> None:
    """Of several blocks of one class in a stage, each is found by its path and as an object."""
    before = source("a") + source("b") + source("c")
    for one in "abc":
        for more in (f"upon=[{one}]", f"upon=['/usr/local/{one}/lib']", f"upon=[], with_x='/usr/local/{one}'"):
            assert list(edges(plan(before + source("d", more)), "d")) == [one]


@pytest.mark.parametrize(
    ("more", "found"),
    [
        ("configure_opts=['CPPFLAGS=-I/usr/local/a/include']", {"a"}),
        ("configure_opts=['--with-a=/usr/local/a']", {"a"}),
        ("configure_opts=['--with-a=/usr/local//a/']", {"a"}),
        ("configure_opts=['--with-a=/usr/local/b/../a']", {"a"}),
        ("enable_a='/usr/local/a'", {"a"}),
        ("build_environment={'CPATH': '/usr/local/a/include:/usr/local/b/include'}", {"a", "b"}),
        ("build_environment={'A_DIR': '/usr/local/a'}", {"a"}),
        ("preconfigure=['export PATH=/usr/local/b/bin:$PATH']", {"b"}),
        ("configure_opts=['--with-a=/usr/local/a2']", set()),
        ("configure_opts=['--with-a=/usr/local']", {"a", "b"}),
        ("configure_opts=['--with-a=/usr']", set()),
        ("configure_opts=['--with-a=../../a']", set()),
    ],
)
def test_paths_are_edges(more: str, found: set[str]) -> None:
    """A path at, below or above another block's prefix, wherever the block is told of it, is something that it builds upon; /usr is the distribution's."""
    graph = plan(source("a") + source("b") + source("d", f"upon=[], {more}"))
    assert set(edges(graph, "d")) == found
    assert all(why.startswith("it names /usr/local") for why in edges(graph, "d").values())


def test_packages_that_the_recipe_names() -> None:
    """A generic block, whose source may look for anything, builds upon the packages that the recipe names before it; so does one whose own list is replaced."""
    before = "Stage0 += packages(apt=['libx-dev'])\nStage0 += packages(apt=['liby-dev'])\n"
    graph = plan(before + source("a", "upon=[]") + "Stage0 += fftw(ospackages=[])\nStage0 += hwloc()")
    blocks = graph.stages[0].blocks
    found = {one.called: [edge.at for edge in one.upon if edge.why == "packages before it"] for one in blocks}
    assert (found["a"], found["fftw"], found["hwloc"]) == ([0, 1], [0, 1], [])


@pytest.mark.parametrize("kind", ["generic_cmake", "generic_build", "generic_autotools"])
def test_paths_in_every_kind_of_build(kind: str) -> None:
    """Whatever builds it, a path in its words or commands is an edge, and its own prefix and scratch folder are none."""
    option = {
        "generic_cmake": "cmake_opts=['-D A_ROOT=/usr/local/a']",
        "generic_build": "build=['make A=/usr/local/a']",
        "generic_autotools": "with_a='/usr/local/a'",
    }[kind]
    graph = plan(source("a") + source("d", f"upon=[], {option}", kind))
    assert edges(graph, "d") == {"a": "it names /usr/local/a"}
    assert facts(graph, "d").foreign == ()


def test_innermost_prefix_counts() -> None:
    """A path below two prefixes is the inner one's, the block's own prefix being one of them."""
    outer = "Stage0 += generic_autotools(url='https://example.org/o-1.0.tar.gz', sha256=None, prefix='/usr/local')\n"
    graph = plan(outer + source("a") + source("d", "upon=[], with_a='/usr/local/a/lib', with_o='/usr/local/include'"))
    assert edges(graph, "d") == {"a": "it names /usr/local/a/lib"} | {"o-1.0": "it names /usr/local/include"}
    graph = plan(source("a") + outer.replace("prefix='/usr/local'", "prefix='/usr/local', upon=[], with_a='/usr/local/a', with_z='/usr/local/z'"))
    assert edges(graph, "o-1.0") == {"a": "it names /usr/local/a"}


def test_paths_of_nobody() -> None:
    """A path that no block before it owns, and neither the distribution nor the base image is known to bring, is noted; one of a block behind it is such a path."""
    graph = plan(source("d", "upon=[], with_x='/opt/x', with_y='/usr/include/y', with_e='/usr/local/e'") + source("e"))
    assert facts(graph, "d").foreign == ("/opt/x", "/usr/local/e")
    brought = plan("Stage0 += ucx()", "docker.io/nvidia/cuda:12.9.1-devel-ubuntu24.04")
    assert "--with-cuda=/usr/local/cuda" in configured(brought, "ucx")
    assert facts(brought, "ucx").foreign == ()
