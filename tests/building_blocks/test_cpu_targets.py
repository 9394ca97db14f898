from __future__ import annotations

import pytest
from planned import configured, plan

import hpcgen
from hpcgen.block.cpu import flags, has, near
from hpcgen.errors import Conflict, HpcgenError, WrongValue, each

ZEN3_AND_AVX512 = "-march=znver3 -mtune=znver3 -mavx512f"


def cflags(recipe: str, image: str = "debian:12", *, block: str = "fftw", name: str = "CFLAGS", **words: str) -> str:
    """A variable that a block's configure or cmake is given."""
    program = "cmake -S ." if block in ("generic_cmake", "lammps") else "configure"
    (found,) = (word for word in configured(plan(recipe, image, **words), block, program) if word.startswith(f"{name}="))
    return found.partition("=")[2]


def fault(recipe: str, image: str = "debian:12", **words: str) -> HpcgenError:
    """The one error that a recipe ends with."""
    with pytest.raises(HpcgenError) as caught:
        plan(recipe, image, **words)
    (only,) = each(caught.value)
    return only


CLANG_19 = "c = llvm(version='19', upstream=True); Stage0 += c\n"
OF_IT = "Stage0 += fftw(toolchain=c.toolchain)"


@pytest.mark.parametrize(
    ("lines", "image", "target", "words"),
    [
        ("Stage0 += fftw()", "debian:12", "zen4", ZEN3_AND_AVX512),  # GCC 12.2 does not know znver4 yet
        ("Stage0 += fftw()", "debian:13", "zen4", "-march=znver4 -mtune=znver4"),
        ("Stage0 += fftw()", "ubuntu:24.04", "zen4", "-march=znver4 -mtune=znver4"),
        ("Stage0 += gnu(version='14')\nStage0 += fftw()", "ubuntu:24.04", "zen5", "-march=znver5 -mtune=znver5"),
        (
            "c = gnu(source=True, version='15.2.0'); Stage0 += c\nStage0 += fftw(toolchain=c.toolchain)",
            "debian:11",
            "zen5",
            "-march=znver5 -mtune=znver5",
        ),
        ("c = gnu(); Stage0 += c\nStage0 += fftw(toolchain=c.toolchain)", "rockylinux:9", "haswell", "-march=haswell -mtune=haswell"),
        ("Stage0 += gnu(version='14')\nStage0 += fftw(toolchain=toolchain(CC='gcc-13'))", "ubuntu:24.04", "zen4", "-march=znver4 -mtune=znver4"),
        (
            "Stage0 += fftw(toolchain=toolchain(CC='/opt/gcc/bin/gcc'))",
            "debian:11",
            "zen5",
            "-march=znver5 -mtune=znver5",
        ),  # of a version that nobody knows
        ("Stage0 += fftw(toolchain=toolchain(CC='ccache gcc'))", "debian:12", "zen4", ZEN3_AND_AVX512),
        ("m = openmpi(); Stage0 += m\nStage0 += fftw(toolchain=m.toolchain)", "debian:12", "zen4", ZEN3_AND_AVX512),
        (f"{CLANG_19}Stage0 += fftw()", "debian:12", "zen5", "-march=znver5 -mtune=znver5"),
        (f"{CLANG_19}{OF_IT}", "debian:12", "zen5", "-march=znver5 -mtune=znver5"),
        (f"Stage0 += gnu()\n{CLANG_19}Stage0 += fftw()", "debian:12", "zen5", "-march=znver5 -mtune=znver5"),  # builds behind it are told it
        (f"{CLANG_19}Stage0 += gnu()\nStage0 += fftw()", "debian:12", "zen4", ZEN3_AND_AVX512),
        (f"{CLANG_19}Stage0 += gnu()\n{OF_IT}", "debian:12", "zen5", "-march=znver5 -mtune=znver5"),
        ("Stage0 += llvm()\nStage0 += fftw()", "debian:12", "zen4", ZEN3_AND_AVX512),
        ("Stage0 += llvm()\nStage0 += fftw()", "rockylinux:9", "zen5", "-march=znver5 -mtune=znver5"),  # EL's has no number that stays
        ("Stage0 += fftw(toolchain=toolchain(CC='/usr/bin/clang-19'))", "debian:12", "zen5", "-march=znver5 -mtune=znver5"),
    ],
)
def test_flags_are_those_of_the_compiler_in_use(lines: str, image: str, target: str, words: str) -> None:
    """The flags fit the compiler that a block is built with, and its version: the toolchain's, that of a block before it, or the distribution's."""
    assert cflags(lines, image, cpu_target=target).removeprefix("-O3 -fomit-frame-pointer -fstrict-aliasing ").startswith(words)


def test_every_language_gets_them() -> None:
    """C, C++ and Fortran are compiled for the processor, behind the flags of the toolchain; CMake takes them from the same variables."""
    for name in ("CFLAGS", "CXXFLAGS", "FCFLAGS", "FFLAGS"):
        assert cflags("Stage0 += lammps()", block="lammps", name=name, cpu_target="haswell") == "-O2 -march=haswell -mtune=haswell"
    own = "Stage0 += lammps(toolchain=toolchain(CXXFLAGS='-O3 -g'))"
    assert cflags(own, block="lammps", name="CXXFLAGS", cpu_target="haswell") == "-O3 -g -march=haswell -mtune=haswell"


def test_compilers_and_tools_of_the_build_are_for_any_processor() -> None:
    """What only builds is compiled without flags for the target: the compiler that builds it may not know it, and nobody runs it later."""
    lines = "Stage0 += gnu(source=True)\nStage0 += cmake(source=True)"
    for block, program in (("gnu", "configure"), ("cmake", "bootstrap")):
        words = configured(plan(lines, "debian:11", cpu_target="zen5"), block, program)
        assert not [word for word in words if "-march" in word]


@pytest.mark.parametrize(
    ("lines", "image", "target", "sentence", "help_"),
    [
        ("Stage0 += fftw()", "debian:12", "zen5", "gcc 12.2 cannot compile for cpu target 'zen5', which needs gcc 14.1 or newer", "zen4"),
        (
            "Stage0 += fftw()",
            "debian:11",
            "sapphirerapids",
            "gcc 10.2 cannot compile for cpu target 'sapphirerapids', which needs gcc 11.0",
            "icelake",
        ),
        ("Stage0 += llvm()\nStage0 += fftw()", "debian:12", "zen5", "clang 14 cannot compile for cpu target 'zen5', which needs clang 19.1", "zen4"),
        ("Stage0 += fftw(toolchain=toolchain(CC='tcc'))", "debian:12", "zen4", "no flags for cpu targets are known", "CFLAGS"),
    ],
)
def test_a_compiler_that_cannot(lines: str, image: str, target: str, sentence: str, help_: str) -> None:
    """A compiler that is too old is refused with the version that is needed and the nearest older target; so is one that nobody knows."""
    found = fault(lines, image, cpu_target=target)
    assert isinstance(found, Conflict)
    assert sentence in found.sentence
    assert help_ in found.help
    assert found.origin is not None


def test_a_target_of_another_architecture() -> None:
    """A CPU target that is none of the image's architecture is refused once, at the base image, whether something is compiled or not."""
    for recipe in ("", "Stage0 += fftw()\nStage0 += ucx()"):
        for words in ({"arch": "aarch64", "cpu_target": "zen4"}, {"arch": "x86_64,aarch64", "cpu_target": "zen4"}, {"cpu_target": "neoverse_v2"}):
            found = fault(recipe, **words)
            assert isinstance(found, WrongValue)
            assert "is x86_64, the image is for aarch64" in found.sentence or "is aarch64, the image is for x86_64" in found.sentence
            assert str(found.origin) == "recipe.py:1"


def test_an_unknown_target() -> None:
    """A CPU target that there is not is refused with those whose names are near."""
    found = fault("", cpu_target="zen44")
    assert found.sentence == "there is no cpu target 'zen44'"
    assert "zen4" in found.help
    assert near("x86-64-v3").startswith("near it: x86_64_v3")
    assert "archspec" in near("quantum")


def test_known_to_the_recipe() -> None:
    """A recipe sees the target, and may choose by it."""
    text = "Stage0 += baseimage(image='debian:12')\nStage0 += label(metadata={'cpu': str(cpu_target)})\n"
    for name, said in (("zen4", "zen4"), ("", "None")):
        assert f"LABEL cpu={said}\n" in hpcgen.emit(hpcgen.plan("r.py", text=text, cpu_target=name)).text


def test_of_archspec() -> None:
    """Features and flags are archspec's; warnings of it are not the user's."""
    assert has("zen4", "avx512f")
    assert not has("zen3", "avx512f")
    assert not has("", "avx2")
    assert flags("x86_64_v3", "x86_64", "gcc", "12.2").startswith("-march=x86-64-v3")
    assert flags("neoverse_v2", "aarch64", "clang", "16") == "-mcpu=neoverse-v2"
    assert flags("zen2", "x86_64", "oneapi") == "-march=core-avx2 -mtune=core-avx2"
