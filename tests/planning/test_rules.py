"""Rules while a recipe is planned: lowering them, by the run or by the recipe, and rules about whole stages."""

from __future__ import annotations

import pytest

import hpcgen
from hpcgen.block.rules import Finished, stage_conflict
from hpcgen.errors import BrokenBlock, Conflict, HpcgenError, Several, UnknownName, UsageError, each
from hpcgen.graph.nodes import PrependPath, Run, SetEnv, WriteFile

BASE = "Stage0 += baseimage(image='debian:12', name='devel')\n"
BROKEN = "Stage0 += ucx(gdrcopy='/g')\n"
RULE = "ucx-gdrcopy-without-cuda"
CUDA = "Stage0 += baseimage(image='nvcr.io/nvidia/cuda:12.9.1-devel-ubuntu24.04', name='devel')\n"


def warnings(recipe: str, *allow: str) -> tuple[str, ...]:
    """What planning a recipe warns of."""
    return hpcgen.plan("recipe.py", text=recipe, allow=allow).warnings


def fault(recipe: str, *allow: str) -> HpcgenError:
    """The error that planning a recipe ends with."""
    with pytest.raises(HpcgenError) as caught:
        hpcgen.plan("recipe.py", text=recipe, allow=allow)
    return caught.value


def listed(folder: str, stage: str = "Stage0") -> str:
    """A line of a recipe that puts a folder into LD_LIBRARY_PATH."""
    return f"{stage} += environment(variables={{'LD_LIBRARY_PATH': '{folder}:$LD_LIBRARY_PATH'}})\n"


def test_error_says_how_to_lower_it() -> None:
    """A broken rule's error has its name, sentence, source, the recipe's line, and how to lower it."""
    found = fault(BASE + BROKEN)
    assert isinstance(found, Conflict)
    assert found.sentence == f"{RULE}: UCX uses gdrcopy for CUDA memory alone: name cuda too (source: spack-packages, ucx)"
    assert str(found.origin) == "recipe.py:2"
    assert f'--allow {RULE}, or allow("{RULE}", reason="...")' in found.help


def test_all_broken_rules_of_a_block_are_reported_together() -> None:
    """A block that breaks three rules is told of the three."""
    found = fault(f"{BASE}Stage0 += openmpi(pmix='/p', pmi='/s')\nStage0 += ucx(gdrcopy='/g')\n")
    assert isinstance(found, Several)
    assert [one.sentence.partition(":")[0] for one in each(found)] == ["R1", "R12", RULE]


def test_run_lowers_a_rule() -> None:
    """With --allow, a rule's error is a warning that says so, and the graph is the same as without the rule."""
    (warning,) = warnings(BASE + BROKEN, RULE)
    assert warning == f"recipe.py:2: {RULE}: UCX uses gdrcopy for CUDA memory alone: name cuda too (source: spack-packages, ucx); allowed by --allow"


def test_recipe_lowers_a_rule() -> None:
    """With allow(), what comes after in its stage may break a rule, and the warning gives line and reason."""
    (warning,) = warnings(f"{BASE}Stage0 += allow('{RULE}', reason='tried on our nodes')\n{BROKEN}")
    assert warning.endswith("; allowed at recipe.py:2: tried on our nodes")


def test_exemption_holds_after_its_line_and_in_its_stage() -> None:
    """What stands before allow(), or in another stage, keeps its error; a stage that stands on this one inherits the exemption."""
    exemption = f"Stage0 += allow('{RULE}', reason='tried')\n"
    assert isinstance(fault(BASE + BROKEN + exemption), Conflict)
    other = "Stage1 += baseimage(image='debian:12', name='other')\nStage1 += ucx(gdrcopy='/g')\n"
    assert isinstance(fault(BASE + exemption + other), Conflict)
    assert "tried" in warnings(BASE + exemption + other.replace("debian:12", "devel"))[0]


def test_exemption_within_an_included_list() -> None:
    """An exemption is an item of the stage like any other: it may come in a list."""
    assert "allowed at" in warnings(f"{BASE}Stage0 += [allow('{RULE}', reason='tried'), ucx(gdrcopy='/g')]\n")[0]


def test_allowed_warning_is_not_said() -> None:
    """A rule that only warns says nothing where it is allowed."""
    recipe = f"{BASE}%sStage0 += hwloc(version='2.7.0', sha256=None)\n"
    assert [warning for warning in warnings(recipe % "") if "R11" in warning]
    assert not [warning for warning in warnings(recipe % "Stage0 += allow('R11', reason='no Slurm here')\n") if "R11" in warning]
    assert not [warning for warning in warnings(recipe % "", "R11") if "R11" in warning]


def test_exemption_that_nothing_needs() -> None:
    """An exemption from a rule that is not broken is a warning, so that it goes when its reason has gone."""
    assert warnings(f"{BASE}Stage0 += allow('{RULE}', reason='tried')\n") == (f'recipe.py:2: allow("{RULE}"): nothing here needs it; leave it out',)
    assert warnings(BASE, RULE) == (f"--allow {RULE}: nothing here needs it; leave it out",)


def test_exemption_from_no_rule() -> None:
    """A rule that is none is an error that names the nearest, beside the recipe's other faults."""
    found = fault(f"{BASE}Stage0 += allow('ucx-gcc15', reason='tried')\n")
    assert isinstance(found, UnknownName)
    assert (str(found.origin), found.help) == ("recipe.py:2", "did you mean 'ucx-gcc-15'?")
    asked = fault(BASE, "r2")
    assert isinstance(asked, UsageError)
    assert asked.help == "did you mean 'R2'?"
    assert [type(one) for one in each(fault(BASE + BROKEN, "R99"))] == [Conflict, UsageError]


def test_rules_of_blocks_that_the_recipe_defines() -> None:
    """A block that a recipe defines has rules like any other, which are allowed by their names."""
    recipe = (
        "from hpcgen.block import Block, conflict\n"
        "class tool(Block):\n    conflicts = (conflict(lambda tool, place: False, 'never', name='tool-never', source='here'),)\n"
        "    def build(self, place): return iter(())\n"
        f"{BASE}Stage0 += tool()\n"
    )
    assert warnings(recipe, "tool-never") == ("--allow tool-never: nothing here needs it; leave it out",)


@pytest.mark.parametrize("reason", ["", " ", "two\\nlines", "\\x1b[31m"])
def test_reason_is_one_line(reason: str) -> None:
    """A reason is text on one line, which no terminal is driven by."""
    assert "a reason is one line" in fault(f"{BASE}Stage0 += allow('R2', reason='{reason}')\n").help


@pytest.mark.parametrize(
    ("stages", "rules"),
    [
        (listed("/usr/local/cuda/lib64/stubs"), {"R23"}),
        (listed("/usr/local/cuda/lib64/stubs") + "Stage1 += baseimage(image='debian:12')\n", set()),
        (listed("/usr/local/cuda/lib64/stubs") + "Stage1 += baseimage(image='devel')\n", {"R23"}),
        (
            listed("/usr/local/cuda/lib64/stubs")
            + "Stage1 += baseimage(image='devel')\nStage1 += environment(variables={'LD_LIBRARY_PATH': '/usr/local/lib'})\n",
            set(),
        ),
        (listed("/usr/local/cuda-12.9/compat"), {"R22"}),
        (listed("/usr/local/cuda-12.9/compat") + "Stage1 += baseimage(image='debian:12')\n", {"R22"}),
        ("Stage1 += baseimage(image='debian:12')\n" + listed("/usr/local/cuda/compat", "Stage1"), {"R22"}),
        (listed("/usr/local/cuda/compat") + "Stage1 += baseimage(image='devel')\n", {"R22"}),
        ("Stage0 += shell(commands=['export LD_LIBRARY_PATH=/usr/local/cuda/lib64/stubs && make'])\n", set()),
        ("Stage0 += write_file(path='/etc/ld.so.conf.d/cuda.conf', content='/usr/local/cuda/compat\\n')\n", {"R22"}),
        (listed("/opt/compat") + listed("/opt/stubs"), set()),
    ],
)
def test_rules_about_stages(stages: str, rules: set[str]) -> None:
    """A rule about a stage is asked of what its image holds in the end, one about the result of the recipe's last stage alone."""
    recipe = CUDA + "Stage0 += shell(commands=['true'])\n" + stages
    if rules:
        assert {one.sentence.partition(":")[0] for one in each(fault(recipe))} == rules
        assert {warning.split(": ")[1] for warning in warnings(recipe, *rules)} == rules
    else:
        assert warnings(recipe) == ()


def test_rules_about_stages_name_the_line() -> None:
    """The error stands at the line that breaks the rule, once, however many stages stand upon it; allow() lowers it as any other."""
    recipe = CUDA + listed("/usr/local/cuda/compat") + "Stage1 += baseimage(image='devel')\n"
    found = fault(recipe)
    assert not isinstance(found, Several)
    assert str(found.origin) == "recipe.py:2"
    (warning,) = warnings(CUDA + "Stage0 += allow('R22', reason='one cluster, old drivers')\n" + listed("/usr/local/cuda/compat"))
    assert warning.startswith("recipe.py:3: R22: ")
    assert warning.endswith("; allowed at recipe.py:2: one cluster, old drivers")


@pytest.mark.parametrize(
    ("recipe", "is_asked"),
    [
        ("Stage0 += baseimage(image='nvidia/cuda:12.9.1-base-ubuntu24.04')\n", True),
        ("Stage0 += baseimage(image='nvcr.io/nvidia/pytorch:25.06-py3', distro='ubuntu24.04')\n", True),
        ("Stage0 += baseimage(image='debian:12', name='devel')\nStage0 += cuda()\nStage0 += shell(commands=['true'])\n", True),
        ("Stage0 += baseimage(image='debian:12', name='devel')\n", False),
    ],
)
def test_whom_rules_about_stages_are_asked_of(recipe: str, is_asked: bool) -> None:
    """Rules about stages hold in recipes that use their block, and upon images that are known to bring it."""
    recipe += listed("/usr/local/cuda/compat")
    assert (not is_asked and warnings(recipe) == ()) or "R22" in fault(recipe).sentence


@pytest.mark.parametrize(
    ("command", "folders"),
    [
        ("echo /a > /etc/ld.so.conf.d/a.conf", ["/a"]),
        ('echo "/a" >> /etc/ld.so.conf', ["/a"]),
        ("echo '/a' | tee -a /etc/ld.so.conf.d/a.conf", ["/a"]),
        ("printf '%s\\n' /a /b > '/etc/ld.so.conf.d/a.conf' && ldconfig", ["%s", "/a", "/b"]),
        ("echo -e '/a\\n/b' > /etc/ld.so.conf.d/a.conf", ["-e", "/a", "/b"]),
        ("cat > /etc/ld.so.conf.d/a.conf <<'EOF'\n/a\n/b\nEOF\nldconfig", ["/a", "/b"]),
        ("cat <<EOF >> /etc/ld.so.conf.d/a.conf\n/a\nEOF", ["/a"]),
        ("rm -f /etc/ld.so.conf.d/a.conf", []),
        ("echo /a > /tmp/x && cp /b /etc/ld.so.conf.d/", []),
        ("ls /a; echo done; ls /etc/ld.so.conf.d", []),
        ("grep -v /a /etc/ld.so.conf", []),
    ],
)
def test_folders_that_commands_register(command: str, folders: list[str]) -> None:
    """What a command writes into ld.so.conf is read where its text says it plainly, and nothing is read into other commands."""
    assert [folder for folder, _ in Finished((Run((command,)),)).registered()] == folders


def test_environment_at_the_end() -> None:
    """A list is read as the image has it: a value replaces all before, folders join it, and what is for building alone does not count."""
    first, lost, last = PrependPath("L", "/a"), PrependPath("L", "/b", "build"), PrependPath("L", "/c", last=True)
    value = SetEnv("L", "/x:/y")
    assert Finished((first, lost, SetEnv("M", "/z"), last)).listed("L") == [("/a", first), ("/c", last)]
    assert Finished((first, value, last)).listed("L") == [("/x", value), ("/y", value), ("/c", last)]
    file = WriteFile("/etc/ld.so.conf.d/x.conf", "/a\n# words\n")
    assert list(Finished((file,)).registered()) == [("/a", file), ("# words", file)]


@pytest.mark.parametrize(("name", "level"), [("Rule 2", "error"), ("", "error"), ("ucx", "error"), ("R2", "fatal")])
def test_rule_that_is_none(name: str, level: str) -> None:
    """A rule without a name to lower it by, or with a level that there is not, is an error of its block."""
    with pytest.raises(BrokenBlock):
        stage_conflict(lambda stage: (), "sentence", name=name, source="source", level=level)
