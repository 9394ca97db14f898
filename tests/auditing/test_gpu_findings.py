from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING, Any

import pytest
from inspected import FIXTURES, case

from hpcgen.auditing import findings, gpu_findings

if TYPE_CHECKING:
    from pathlib import Path

    from hpcgen.auditing.report import Finding


def told(tree: dict[str, Any], **more: Any) -> dict[str, Finding]:
    """The findings of a made-up image by their id."""
    return {one.id: one for one in findings.find(case(tree, **more)).findings}


GPU = {name: (FIXTURES / f"gpu-{name}.o").read_bytes() for name in ("raw", "packed", "relocatable")}


def test_gpu_code_is_told_by_architecture() -> None:
    """The table of GPU code has the bytes and files of each architecture and kind, the most bytes first."""
    found = findings.find(case({"opt/a.so": GPU["raw"], "opt/b.so": GPU["packed"]})).gpu
    table = {(one.architecture, one.code): one.files for one in found}
    assert table == {("sm_80", "sass"): 2, ("sm_90", "sass"): 1, ("sm_90a", "sass"): 1, ("sm_90", "ptx"): 1, ("sm_80", "ptx"): 1}
    assert [one.bytes for one in found] == sorted((one.bytes for one in found), reverse=True)
    assert sum(one.bytes for one in found) < len(GPU["raw"]) + len(GPU["packed"])


RUNS = [
    ("sm_80", "sass", "sm_80", True),
    ("sm_80", "sass", "sm_86", True),
    ("sm_86", "sass", "sm_80", False),
    ("sm_80", "sass", "sm_90", False),
    ("sm_90a", "sass", "sm_90", True),
    ("sm_90a", "ptx", "sm_100", False),
    ("sm_80", "ptx", "sm_90", True),
    ("sm_90", "ptx", "sm_80", False),
    ("sm_100f", "sass", "sm_103", True),
    ("sm_100f", "ptx", "sm_120", False),
    ("sm_80", "other", "sm_80", False),
    ("gfx90a", "sass", "gfx90a", True),
    ("gfx90a", "sass", "sm_90", False),
]


@pytest.mark.parametrize(("code", "kind", "gpu", "does"), RUNS)
def test_which_code_a_gpu_runs(code: str, kind: str, gpu: str, does: bool) -> None:
    """Machine code runs on its own generation if it is not newer, PTX on what is not older, special code on its own GPU or family."""
    assert gpu_findings.runs(code, kind, gpu) is does


def test_code_for_other_gpus_is_told_and_missing_code_is_an_error() -> None:
    """With the wanted GPU known, machine code for others is a saving, and a file that it cannot run from is an error that says what it has."""
    big = {f"opt/lib/lib{number}.so": GPU["raw"] for number in range(30)}
    found = told({**big, "opt/old.so": GPU["packed"]}, gpu_arch=("sm_90",))
    sm80 = next(one.bytes for one in findings.find(case({"a.so": GPU["raw"]})).gpu if (one.architecture, one.code) == ("sm_80", "sass"))
    assert found["G001"].count == 31
    assert found["G001"].saving.rootfs > 30 * sm80
    assert "build it for" in found["G001"].evidence[0].note
    assert "G005" not in found
    lacking = told({"opt/new.so": GPU["raw"]}, gpu_arch=("sm_75",))["G005"]
    assert lacking.evidence[0].note == "none for sm_75: it has sm_80 (sass), sm_90 (ptx), sm_90 (sass)"


def test_a_file_that_lacks_code_in_some_modules_is_told_as_such() -> None:
    """Where only some modules of a file have nothing for the wanted GPU, that is no error but told, with how many they are."""
    old, new = [".nv_fatbin", 3, [["sass", "sm_80", "", 100, 3]]], [".nv_fatbin", 2, [["sass", "sm_90", "", 50, 2]]]
    made = case({"opt/x.so": 1000}, gpu_arch=("sm_86", "sm_75"))
    made.contents.fact = lambda row: {"gpu": [old, new]}  # type: ignore[method-assign]
    found = {one.id: one for one in findings.find(made).findings}
    assert found["G006"].evidence[0].note == "none in 2 of 5 modules for sm_86: it has sm_90 (sass)"
    assert found["G005"].evidence[0].note == "none for sm_75: it has sm_80 (sass), sm_90 (sass)"
    assert (found["G006"].severity, found["G005"].severity) == ("info", "error")


def test_a_gpu_of_another_vendor_is_no_missing_architecture() -> None:
    """Files with code for one vendor's GPUs are not said to lack another's."""
    assert "G005" not in told({"opt/new.so": GPU["raw"]}, gpu_arch=("gfx90a",))


def test_mends_of_foreign_code_depend_on_the_file(tmp_path: Path) -> None:
    """A static library can be pruned, a vendor's shared one cannot, one's own is built anew."""
    subprocess.run(["ar", "rcD", tmp_path / "x.a", *(FIXTURES / f"gpu-{name}.o" for name in ("raw", "raw"))], check=True)
    tree = {"a/libx.a": (tmp_path / "x.a").read_bytes(), "a/libcublas.so.12": GPU["raw"], "a/libmine.so": GPU["raw"]}
    made = case({f"{number}/{path}": content for path, content in tree.items() for number in range(12)}, gpu_arch=("sm_90",))
    notes = {one.path.rpartition("/")[2]: one.note for finding in findings.find(made).findings if finding.id == "G001" for one in finding.evidence}
    assert "nvprune" in notes["libx.a"]


def test_code_for_another_link_and_ptx_and_raw_code_are_told() -> None:
    """What was kept for a link, PTX and uncompressed machine code have findings of their own when they are large."""
    many = {f"opt/{name}{number}.so": content for name, content in GPU.items() for number in range(400)}
    found = told(many)
    assert {"G002", "G003", "G004"} <= found.keys()
    assert found["G004"].confidence == "estimated"
    assert found["G002"].count == 400
    assert found["G003"].count == 800
    assert not {"G001", "G005"} & found.keys()
