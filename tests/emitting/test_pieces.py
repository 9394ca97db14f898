from __future__ import annotations

import re
import subprocess

from formats import written

from hpcgen.engines import definition_check


def test_no_command_is_cut_in_two() -> None:
    """A step stays in one of a long section's pieces if one can hold it: each is shell code by itself, and the check of definition files takes them."""
    recipe = "".join(f"Stage0 += shell(commands=['echo {number} ' + 'x' * 1000 + str(n) for n in range(25)])\n" for number in range(8))
    text = written(recipe, "singularity").text
    pieces = re.findall(r"^%post\n(.*?)(?=^%|\Z)", text, re.DOTALL | re.MULTILINE)
    assert len(pieces) == 4
    for piece in pieces:
        subprocess.run(("bash", "-n"), input=piece, text=True, check=True)
    assert definition_check.check(text) == []
