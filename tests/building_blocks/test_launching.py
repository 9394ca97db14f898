from __future__ import annotations

import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

launching = import_module("hpcgen.building_blocks._launching")

BUILDS = {"AVX_512": ("avx512f", "fma"), "AVX2_256": ("avx2", "fma"), "SSE2": ("sse2",)}
X86 = "processor\t: 0\nmodel name\t: flags: avx512f fma\nvmx flags\t: avx512f fma\nflags\t\t: fpu {}\nbugs\t\t: avx512f\nprocessor\t: 1\nflags\t\t: avx512f fma\n"


def started(folder: Path, launcher: str, names: tuple[str, ...], *, path: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    """What a launcher does with builds that say what they are called and given."""
    for name in names:
        (folder / name).write_text('#!/bin/sh\necho "$0"\nprintf "<%s>" "$@"\nexit 7\n')
        (folder / name).chmod(0o755)
    (folder / "launcher").write_text(launcher)
    words = ("sh", "launcher", "mdrun", "a b", "", "$HOME")
    return subprocess.run(words, check=False, cwd=folder, env={"PATH": path or os.environ["PATH"], **environment}, capture_output=True, text=True)


def by_processor(folder: Path, cpuinfo: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """What the launcher of three builds does where the processor says this of itself."""
    (folder / "cpuinfo").write_text(cpuinfo)
    text = launching.by_processor(f"{folder}/gmx", "GMX_SIMD", BUILDS)
    return started(folder, text.replace("/proc/cpuinfo", "cpuinfo"), tuple(f"gmx_{name}" for name in BUILDS), **environment)


@pytest.mark.parametrize(
    ("flags", "build"),
    [
        ("sse2", "SSE2"),
        ("sse2 avx2 fma", "AVX2_256"),
        ("sse2 avx2", "SSE2"),
        ("fma sse2 avx2 avx512f", "AVX_512"),
        ("sse2 avx2 fma avx512fp16 avx512_vnni", "AVX2_256"),
    ],
)
def test_the_best_build_that_the_processor_can_is_started(tmp_path: Path, flags: str, build: str) -> None:
    """The first processor's own flags decide, word by word; the arguments and the exit status are the program's."""
    done = by_processor(tmp_path, X86.format(flags))
    assert done.stdout == f"{tmp_path}/gmx_{build}\n<mdrun><a b><><$HOME>"
    assert (done.returncode, done.stderr) == (7, "")


def test_aarch64_calls_them_features(tmp_path: Path) -> None:
    """What x86_64 has as flags, aarch64 has as Features."""
    (tmp_path / "cpuinfo").write_text("processor\t: 0\nFeatures\t: fp asimd sve\n")
    text = launching.by_processor(f"{tmp_path}/gmx", "GMX_SIMD", {"ARM_SVE": ("sve2",), "ARM_NEON_ASIMD": ("asimd",)})
    done = started(tmp_path, text.replace("/proc/cpuinfo", "cpuinfo"), ("gmx_ARM_NEON_ASIMD",))
    assert done.stdout.startswith(f"{tmp_path}/gmx_ARM_NEON_ASIMD\n")


def test_a_processor_that_none_is_for(tmp_path: Path) -> None:
    """Where no build fits, the launcher says what each needs, instead of a program that ends at its first instruction."""
    done = by_processor(tmp_path, X86.format("mmx"))
    assert (done.returncode, done.stdout) == (1, "")
    assert "AVX_512: avx512f fma; AVX2_256: avx2 fma; SSE2: sse2" in done.stderr


def test_the_user_can_name_a_build(tmp_path: Path) -> None:
    """A variable names another build than the best; a name that none has is an error with those that there are."""
    assert by_processor(tmp_path, X86.format("sse2 avx2 fma"), GMX_SIMD="SSE2").stdout.startswith(f"{tmp_path}/gmx_SSE2\n")
    done = by_processor(tmp_path, X86.format("sse2"), GMX_SIMD="AVX; rm -rf /")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "GMX_SIMD names none of the builds, which are AVX_512, AVX2_256, SSE2\n"


def by_gpu(folder: Path, capabilities: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """What the launcher of builds for 80, 90 and 100 does where nvidia-smi prints this."""
    (folder / "nvidia-smi").write_text(
        f"#!/bin/sh\n[ \"$*\" = '--query-gpu=compute_cap --format=csv,noheader' ] || exit 9\nprintf '{capabilities}'\n"
    )
    (folder / "nvidia-smi").chmod(0o755)
    text = launching.by_gpu(f"{folder}/lmp", "LMP_GPU", ("80", "100", "90"))
    return started(folder, text, ("lmp_sm80", "lmp_sm90", "lmp_sm100"), path=f"{folder}:{os.environ['PATH']}", **environment)


@pytest.mark.parametrize(
    ("capabilities", "build"),
    [
        (r"8.0\n", "80"),
        (r"8.9\n8.9\n", "80"),
        (r"9.0\n", "90"),
        (r"10.0\n", "100"),
        (r"12.0\n9.0\n", "90"),
        (r"9.0\n[N/A]\n8.6\n", "80"),
        (r"12.1\n", "100"),
    ],
)
def test_the_newest_build_that_all_gpus_can_is_started(tmp_path: Path, capabilities: str, build: str) -> None:
    """The oldest GPU decides; a build runs on what is not older than its architecture."""
    done = by_gpu(tmp_path, capabilities)
    assert done.stdout == f"{tmp_path}/lmp_sm{build}\n<mdrun><a b><><$HOME>"
    assert done.returncode == 7


@pytest.mark.parametrize("capabilities", ["", r"7.0\n", r"8.0\n7.5\n", "No devices were found"])
def test_a_gpu_that_none_is_for(tmp_path: Path, capabilities: str) -> None:
    """Without a GPU, or with one that is too old, the launcher says so; a variable takes a build all the same."""
    done = by_gpu(tmp_path, capabilities)
    assert (done.returncode, done.stdout) == (1, "")
    assert "one of the builds is for (80, 90, 100)" in done.stderr
    assert by_gpu(tmp_path, capabilities, LMP_GPU="90").stdout.startswith(f"{tmp_path}/lmp_sm90\n")


def test_any_prefix_is_quoted(tmp_path: Path) -> None:
    """A folder whose name holds what a shell reads is a folder all the same."""
    folder = tmp_path / "a b'$(x)"
    folder.mkdir()
    done = by_processor(folder, X86.format("sse2"))
    assert done.stdout.startswith(f"{folder}/gmx_SSE2\n")


def test_it_is_posix_shell_code(tmp_path: Path) -> None:
    """Nothing is there that shellcheck would say of either launcher."""
    for number, text in enumerate(
        (launching.by_processor("/opt/x/gmx", "GMX_SIMD", BUILDS), launching.by_gpu("/opt/x/lmp", "LMP_GPU", ("80", "90")))
    ):
        (tmp_path / f"{number}.sh").write_text(text)
        subprocess.run((Path(sys.executable).with_name("shellcheck"), tmp_path / f"{number}.sh"), check=True)
