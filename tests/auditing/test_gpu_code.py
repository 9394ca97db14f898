from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from inspected import FIXTURES

from hpcgen.auditing import elf, fatbin
from hpcgen.auditing.looking import Looking
from hpcgen.auditing.reading import BytesReader

if TYPE_CHECKING:
    from collections.abc import Sequence

NVCC = shutil.which("nvcc", path="/usr/local/cuda/bin:/usr/bin:/usr/local/bin")
CUOBJDUMP = shutil.which("cuobjdump") or next((str(path) for folder in map(Path, sys.path) for path in folder.glob("nvidia/cu*/bin/cuobjdump")), None)

KERNEL = "__global__ void twice(float *a) { a[threadIdx.x] *= 2; }\nvoid run(float *a) { twice<<<1, 32>>>(a); }\n"
MANY = "".join(f"__global__ void k{at}(double *a) {{ for (int i = 0; i < {at}; ++i) a[i * {at}] = sin(a[i]) / {at}; }}\n" for at in range(1, 12))
SM80, SM86, SM90, SM90A = (f"arch=compute_{arch},code=sm_{arch}" for arch in ("80", "86", "90", "90a"))
PTX80, PTX90, FAMILY = "arch=compute_80,code=compute_80", "arch=compute_90,code=compute_90", "arch=compute_100f,code=sm_100f"

NEEDS_CUOBJDUMP = pytest.mark.skipif(CUOBJDUMP is None, reason="cuobjdump is not here")
NEEDS_NVCC = pytest.mark.skipif(NVCC is None or CUOBJDUMP is None, reason="nvcc or cuobjdump is not here")


def sections(content: bytes) -> list[elf.Section]:
    """The sections with GPU code."""
    found = elf.parse(BytesReader(content))
    assert found is not None
    return list(found.named(*fatbin.SECTIONS))


def pieces(content: bytes) -> list[fatbin.Code]:
    """The GPU code of a file."""
    return [code for section in sections(content) for code in fatbin.codes(BytesReader(content), section.offset, section.size)]


def ours(path: Path) -> Counter[tuple[str, str, int]]:
    """Kind, architecture and unpacked bytes of each piece; cuobjdump tells a family's machine code by the number alone."""
    listed = [
        (one.kind, one.architecture.removesuffix("f") if one.kind == fatbin.SASS else one.architecture, one.size) for one in pieces(path.read_bytes())
    ]
    return Counter(one for one in listed if one[0] != fatbin.OTHER)


def theirs(path: Path, folder: Path) -> Counter[tuple[str, str, int]]:
    """The same by cuobjdump, which writes each piece into a file."""
    assert CUOBJDUMP is not None
    folder.mkdir()
    for option in ("-xelf", "-xptx"):
        subprocess.run([CUOBJDUMP, "-all", option, "all", path.resolve()], cwd=folder, check=True, capture_output=True)
    found: Counter[tuple[str, str, int]] = Counter()
    for file in folder.iterdir():
        arch = re.search(r"\.(sm_\d+[af]?)\.(cubin|ptx)$", file.name)
        assert arch is not None, file
        found[{"cubin": fatbin.SASS, "ptx": fatbin.PTX}[arch[2]], arch[1], file.stat().st_size] += 1
    return found


def same(path: Path, folder: Path) -> bool:
    """Whether both say the same; a PTX's end is padded in the file, and not when it is written out."""
    mine, other = ours(path), theirs(path, folder)
    assert Counter((kind, arch) for kind, arch, _ in mine.elements()) == Counter((kind, arch) for kind, arch, _ in other.elements())
    for kind, slack in ((fatbin.SASS, 0), (fatbin.PTX, 8)):
        pairs = zip(sorted(one for one in mine.elements() if one[0] == kind), sorted(one for one in other.elements() if one[0] == kind), strict=True)
        assert all(0 <= a[2] - b[2] <= slack for a, b in pairs), (mine, other)
    return True


@NEEDS_CUOBJDUMP
@pytest.mark.parametrize("name", ["gpu-raw.o", "gpu-packed.o", "gpu-relocatable.o"])
def test_kept_files_are_read_as_cuobjdump_reads_them(name: str, tmp_path: Path) -> None:
    """Kinds, architectures and bytes of the GPU code in files that nvcc made once are those that cuobjdump writes out."""
    assert same(FIXTURES / name, tmp_path / "out")


@NEEDS_NVCC
@pytest.mark.parametrize(
    ("source", "options"),
    [
        (KERNEL, ["-gencode", SM80]),
        (KERNEL, ["-gencode", SM80, "-gencode", SM86, "-gencode", SM90, "-gencode", SM90A, "-gencode", PTX90]),
        (KERNEL, ["--compress-mode=size", "-gencode", SM80, "-gencode", PTX80, "-gencode", FAMILY]),
        (KERNEL, ["--compress-mode=none", "-gencode", SM90, "-gencode", PTX80]),
        (MANY, ["--compress-mode=speed", "-gencode", SM80, "-gencode", SM90]),
        (MANY, ["--compress-mode=balance", "-G", "-gencode", SM86, "-gencode", PTX80]),
        (KERNEL + MANY, ["-shared", "-Xcompiler", "-fPIC", "-rdc=true", "-gencode", SM80, "-gencode", SM90, "-gencode", PTX90]),
    ],
    ids=["one", "many", "size", "none", "speed", "debug", "relocatable"],
)
def test_what_nvcc_makes_is_read_as_cuobjdump_reads_it(source: str, options: Sequence[str], tmp_path: Path) -> None:
    """Each piece of code that nvcc puts into a library, compressed or not, has the kind, architecture and bytes that cuobjdump finds."""
    assert NVCC is not None
    (tmp_path / "kernel.cu").write_text(source)
    output = tmp_path / ("libkernel.so" if "-shared" in options else "kernel.o")
    subprocess.run([NVCC, *([] if "-shared" in options else ["-c"]), *options, "-o", output, tmp_path / "kernel.cu"], check=True, capture_output=True)
    assert same(output, tmp_path / "out")
    content = output.read_bytes()
    assert sum(one.stored for one in pieces(content)) >= 0.98 * sum(one.size for one in sections(content))


def test_architectures_and_compression_are_told() -> None:
    """Code for one GPU alone, PTX, compressed and raw pieces are told apart, with their bytes in the file."""
    raw, packed = pieces((FIXTURES / "gpu-raw.o").read_bytes()), pieces((FIXTURES / "gpu-packed.o").read_bytes())
    assert [(one.kind, one.architecture, one.compression) for one in raw] == [("sass", "sm_80", ""), ("ptx", "sm_90", ""), ("sass", "sm_90", "")]
    assert {(one.kind, one.architecture, bool(one.compression)) for one in packed} == {
        ("ptx", "sm_80", True),
        ("sass", "sm_80", True),
        ("sass", "sm_90a", True),
    }
    assert all(one.payload < one.stored for one in (*raw, *packed))
    assert all(one.payload < one.size for one in packed)


def test_code_for_another_link_is_told_by_its_section() -> None:
    """Code that is to be linked again lies in a section of its own, code that the linker is to optimise is neither machine code nor PTX."""
    fact = Looking().look("gpu-relocatable.o", BytesReader((FIXTURES / "gpu-relocatable.o").read_bytes()))
    assert fact is not None
    assert [(section, [piece[:2] for piece in found]) for section, _, found in fact["gpu"]] == [
        ("__nv_relfatbin", [["other", "sm_90"], ["sass", "sm_80"]])
    ]


def test_a_static_librarys_code_is_its_members(tmp_path: Path) -> None:
    """The GPU code of a static library is that of its object files together."""
    names = ["gpu-raw.o", "gpu-packed.o"]
    subprocess.run(["ar", "rcD", tmp_path / "all.a", *(FIXTURES / name for name in names)], check=True)
    fact = Looking().look("all.a", BytesReader((tmp_path / "all.a").read_bytes()))
    assert fact is not None
    told = sum(piece[3] for _, _, found in fact["gpu"] for piece in found)
    assert told == sum(one.stored for name in names for one in pieces((FIXTURES / name).read_bytes()))
    assert fact["archive"]["members"] == 2


def test_each_byte_counts_once_where_sections_lie_over_each_other() -> None:
    """A file that names one stretch of GPU code in two sections has it once."""
    content = (FIXTURES / "gpu-raw.o").read_bytes()
    found = elf.parse(BytesReader(content))
    assert found is not None
    section = next(iter(found.named(".nv_fatbin")))
    head = bytearray(content)
    table = int.from_bytes(content[40:48], "little")
    place = table + 64 * [one.name for one in found.sections].index(".nv_fatbin")
    other = table + 64 * [one.name for one in found.sections].index(".comment")
    head[other : other + 64] = content[place : place + 64]
    fact = Looking().look("twice.o", BytesReader(bytes(head)))
    assert fact is not None
    assert len(sections(bytes(head))) == 2
    assert sum(piece[3] for _, _, found in fact["gpu"] for piece in found) <= section.size


def test_files_that_are_nothing_but_gpu_code_are_read() -> None:
    """A cubin has the architecture of its header, by the old rules and the new ones, and a file of containers all that they hold."""
    content = (FIXTURES / "gpu-raw.o").read_bytes()
    (section,) = sections(content)
    code = next(one for one in pieces(content) if one.architecture == "sm_90" and one.kind == fatbin.SASS)
    alone = content[code.offset : code.offset + code.payload]
    old = bytearray(alone)
    old[8] = 7
    old[48:52] = (0x500550).to_bytes(4, "little")
    told = [
        Looking().look(name, BytesReader(one))
        for name, one in (("a.cubin", alone), ("b.cubin", bytes(old)), ("c.fatbin", content[section.offset :][: section.size]))
    ]
    assert [[piece[:4] for _, _, found in (fact or {})["gpu"] for piece in found] for fact in told] == [
        [["sass", "sm_90", "", len(alone)]],
        [["sass", "sm_80", "", len(alone)]],
        [[one.kind, one.architecture, "", one.stored] for one in sorted(pieces(content))],
    ]
    assert Looking().wants("c.fatbin", section.size, content[section.offset :][:64])
