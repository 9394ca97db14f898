from __future__ import annotations

import pytest

import hpcgen
from hpcgen.block import Block, option
from hpcgen.block.terms import Terms
from hpcgen.errors import HpcgenError, NotAccepted, Several, each

VENDOR = """
from hpcgen.block import Block, option
from hpcgen.block.terms import Terms
from hpcgen.graph.nodes import Run

class vendor(Block):
    prefix = "/opt/vendor"
    terms = Terms("Vendor's EULA", "https://vendor.example.org/eula", accept="eula", withheld="its compilers may not be handed on"{more})
    eula: bool = option(False, "the licence is accepted")
    def build(self, place):
        yield Run(("sh vendor.run",))

class other(Block):
    prefix = "/opt/other"
    terms = Terms("Another's EULA", "https://other.example.org/eula", accept="agreed")
    agreed: bool = option(False, "the licence is accepted")
    def build(self, place): return iter(())

Stage0 += baseimage(image="debian:12", name="devel")
"""
RESULT = "Stage1 += baseimage(image='debian:12')\n"


def plan(lines: str, more: str = "") -> tuple[str, ...]:
    """The warnings of a recipe with a vendor's block."""
    return hpcgen.plan("recipe.py", text=VENDOR.format(more=more) + lines).warnings


def refused(lines: str) -> list[HpcgenError]:
    """The faults of a recipe that is refused."""
    with pytest.raises(HpcgenError) as caught:
        plan(lines)
    return list(each(caught.value))


def test_a_licence_is_accepted_aloud() -> None:
    """A block whose licence its user must accept is an error until the recipe says so: it names the licence, where to read it, and what to write."""
    (fault,) = refused("Stage0 += vendor()\n")
    assert isinstance(fault, NotAccepted)
    assert fault.kind == "licence"
    assert "Vendor's EULA" in fault.sentence
    assert "https://vendor.example.org/eula" in fault.help
    assert "vendor(eula=True)" in fault.help
    assert str(fault.origin) == "recipe.py:20"


def test_all_licences_are_asked_for_at_once() -> None:
    """Two blocks whose licences are not accepted are two faults of one run, each with its own option."""
    assert ["eula=True" in fault.help or "agreed=True" in fault.help for fault in refused("Stage0 += vendor()\nStage0 += other()\n")] == [True, True]
    with pytest.raises(Several):
        plan("Stage0 += vendor()\nStage0 += other()\n")


def test_no_rule_lowers_a_licence() -> None:
    """What may not be built without acceptance cannot be allowed as a rule is: such a rule does not exist."""
    kinds = {type(fault).__name__ for fault in refused('Stage0 += allow("vendor-licence", reason="no")\nStage0 += vendor()\n')}
    assert kinds == {"NotAccepted", "UnknownName"}


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        ("Stage0 += vendor(eula=True)\n", True),
        ("Stage0 += vendor(eula=True)\n" + RESULT, False),
        ("Stage0 += vendor(eula=True)\n" + RESULT + "Stage1 += Stage0.runtime()\n", False),
        ("Stage0 += vendor(eula=True)\nStage1 += baseimage(image='devel')\n", True),
        (RESULT + "Stage1 += vendor(eula=True)\n", True),
    ],
)
def test_what_may_not_be_handed_on(lines: str, says: bool) -> None:
    """A block that its licence keeps in the house is warned of where the recipe's result holds it, by whatever stages; not where it only builds."""
    found = [warning for warning in plan(lines) if "vendor-redistribution: " in warning]
    assert bool(found) == says
    assert all("its compilers may not be handed on" in warning and "https://vendor.example.org/eula" in warning for warning in found)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("copy(_from='devel', src='/opt/vendor/bin', dest='/opt/')", True),
        ("copy(_from='devel', src='/opt/vendor/lib', dest='/opt/')", False),
        ("copy(src='bin', dest='/opt/vendor/bin')", False),  # a file of the recipe's own
        ("packages(apt=['vendor-cc=1.2'])", True),
        ("packages(apt=['vendor-cc'], download=True)", False),
        ("packages(apt=['vendor-runtime'])", False),
    ],
)
def test_parts_that_may_not_be_handed_on(line: str, says: bool) -> None:
    """Where a licence keeps some files and packages alone, these are looked for, whoever puts them there."""
    more = ", packages=r'vendor-cc(=.*)?', paths=r'/opt/vendor(/bin(/.*)?)?'"
    lines = f"Stage0 += vendor(eula=True)\n{RESULT}Stage1 += Stage0.runtime(exclude=['vendor'])\nStage1 += {line}\n"
    assert any("vendor-redistribution" in warning for warning in plan(lines, more)) == says


def test_a_block_upon_another_keeps_its_terms() -> None:
    """A block that is made from another has its licence, and its rule but once."""

    class first(Block):
        """A block under a licence. https://example.org"""

        terms = Terms("EULA", "https://example.org", accept="eula", withheld="it may not be handed on")
        eula: bool = option(False, "accepted")

    class second(first):
        """Another of the same. https://example.org"""

    assert [rule.name for rule in first.stage_conflicts] == [rule.name for rule in second.stage_conflicts] == ["first-redistribution"]
    assert second.terms is first.terms
