"""Each rule of the project's blocks: a recipe that breaks it, and one beside it that does not."""

from __future__ import annotations

from typing import NamedTuple

import pytest
from planned import plan, stand_in

from hpcgen.block.finder import find, own
from hpcgen.errors import HpcgenError, each
from hpcgen.planning.rules import all_rules, rules_of


class Pair(NamedTuple):
    """Lines of a recipe that break a rule, and lines that keep it.

    Attributes:
        breaks: the lines that break it.
        keeps: the lines that do not.
        image: what both stand on.
        cpu_target: what both are built for.
    """

    breaks: str
    keeps: str
    image: str = "debian:12"
    cpu_target: str = ""


def lines(*blocks: str) -> str:
    """Blocks, one a line; those that are lines already as they are."""
    return "".join(block if block.startswith("from ") else f"Stage0 += {block}\n" for block in blocks)


SUPPORT = ("hwloc()", "libevent()")
LISTED = "environment(variables={'LD_LIBRARY_PATH': '%s:$LD_LIBRARY_PATH'})"
CUFFT = "cuda(version='%s', parts=['nvcc', 'cufft'], architectures=['80'])"
CUDA_IMAGE = "nvcr.io/nvidia/cuda:12.9.1-runtime-ubuntu24.04"

PAIRS = {
    "R1": Pair("Stage0 += openmpi(pmi='/usr/local/slurm-pmi2')", "Stage0 += openmpi(version='4.1.8', pmi='/usr/local/slurm-pmi2')"),
    "R2": Pair(
        lines(*SUPPORT, "pmix(version='4.2.2', prefix='/p')", "openmpi(version='5.0.7', pmix='/p')"),
        lines(*SUPPORT, "pmix(version='4.2.4', prefix='/p')", "openmpi(version='5.0.7', pmix='/p')"),
    ),
    "R2b": Pair(lines(*SUPPORT, "pmix(version='4.2.2')", "prrte()"), lines(*SUPPORT, "pmix(version='4.2.4')", "prrte()")),
    "R3": Pair(
        lines(*SUPPORT, "pmix(version='6.1.0')", "prrte(version='3.0.12')"),
        lines(*SUPPORT, "pmix(version='6.1.0')", "prrte(version='3.0.11')"),
    ),
    "R3b": Pair(
        lines(*SUPPORT, "pmix(version='6.0.0')", "openmpi(version='5.0.9')"),
        lines(*SUPPORT, "pmix(version='6.0.0')", "openmpi(version='5.0.8')"),
    ),
    "R4": Pair(
        lines(*SUPPORT, "pmix(version='6.0.0')", "prrte(version='4.1.0')"),
        lines(*SUPPORT, "pmix(version='6.0.0')", "prrte(version='4.0.0')"),
    ),
    "R5": Pair(lines(stand_in("ucx", "1.8.1"), "openmpi(version='4.1.8')"), lines(stand_in("ucx", "1.7.0"), "openmpi(version='4.1.8')")),
    "R5b": Pair(lines(stand_in("ucx", "1.7.0"), "openmpi()"), lines(stand_in("ucx", "1.9.0"), "openmpi()")),
    "R6": Pair("Stage0 += openmpi(version='4.1.7', cuda='/c')", "Stage0 += openmpi(version='4.1.8', cuda='/c')"),
    "R7": Pair("Stage0 += openmpi(version='5.0.6', cuda='/c')", "Stage0 += openmpi(version='5.0.7', cuda='/c')", "debian:13"),
    "R9": Pair("Stage0 += openmpi(version='4.1.7', oshmem=True)", "Stage0 += openmpi(version='4.1.8', oshmem=True)"),
    "R10": Pair(lines(stand_in("hwloc", "3.0.0"), "openmpi()"), lines(stand_in("hwloc", "3.0.0"), "openmpi(version='4.1.8')")),
    "R10b": Pair(lines(stand_in("hwloc", "3.0.0"), "pmix()"), lines(stand_in("hwloc", "3.0.0"), "pmix(version='4.2.4')")),
    "R10c": Pair(
        lines(stand_in("hwloc", "3.0.0"), "prrte(pmix='/p', libevent='/e')"), lines(stand_in("hwloc", "2.9.0"), "prrte(pmix='/p', libevent='/e')")
    ),
    "R11": Pair("Stage0 += hwloc(version='2.7.0', sha256=None)", "Stage0 += hwloc(version='2.7.1')"),
    "R12": Pair("Stage0 += openmpi(pmix='/p', hwloc='/h')", "Stage0 += openmpi(pmix='/p', hwloc='/h', libevent='/e')"),
    "R12b": Pair("Stage0 += openmpi(prrte='/p')", "Stage0 += openmpi(prrte='/p', pmix='/x', hwloc='/h', libevent='/e')"),
    "R12c": Pair(
        lines(*SUPPORT, "pmix(hwloc='system')", "openmpi()"),
        lines(*SUPPORT, "pmix()", "openmpi()"),
    ),
    "R12d": Pair(lines(*SUPPORT, "pmix(hwloc='system')", "prrte()"), lines(*SUPPORT, "pmix()", "prrte()")),
    "R13": Pair(lines(stand_in("rdma_core", "27.0"), "ucx(ofed='/usr/local/rdma_core')"), lines(stand_in("rdma_core", "28.0"), "ucx(ofed='/usr/local/rdma_core')")),
    "R13b": Pair(lines(stand_in("mlnx_ofed", "4.9"), "ucx(ofed='/usr/local/mlnx_ofed')"), lines(stand_in("mlnx_ofed", "5.0"), "ucx(ofed='/usr/local/mlnx_ofed')")),
    "R17": Pair("Stage0 += cuda(version='13.0', architectures=['70', '80'])", "Stage0 += cuda(version='13.0', architectures=['75', '80'])"),
    "R18": Pair("Stage0 += cuda(version='12.6', architectures=['100'])", "Stage0 += cuda(version='12.8', architectures=['100'])"),
    "R19": Pair(lines("cuda(version='13.0')", "ucx(version='1.19.0')"), lines("cuda(version='13.0')", "ucx(version='1.19.1')")),
    "R19b": Pair(lines("cuda(version='12.9')", "ucx(version='1.13.1')"), lines("cuda(version='12.9')", "ucx(version='1.14.1')")),
    "R20": Pair(lines("cuda(version='13.0')", "gdrcopy(version='2.5')"), lines("cuda(version='13.0')", "gdrcopy(version='2.5.1')")),
    "R22": Pair(lines("cuda(compat=True)", LISTED % "/usr/local/cuda/compat"), lines("cuda(compat=True)", LISTED % "/usr/local/cuda/lib64")),
    "R23": Pair(lines("cuda()", LISTED % "/usr/local/cuda/lib64/stubs"), lines("cuda()", LISTED.replace("LD_", "") % "/usr/local/cuda/lib64/stubs")),
    "R38b": Pair(
        lines(*SUPPORT, "pmix(version='4.2.4')", "openmpi(version='4.1.5')"),
        lines(*SUPPORT, "pmix(version='4.2.4')", "openmpi(version='4.1.6')"),
    ),
    "cuda-host-compiler": Pair(
        lines("gnu(version='15')", "cuda(version='12.9')"), lines("gnu(version='15')", "cuda(version='13.0')"), "rockylinux:9"
    ),
    "gdrcopy-programs-without-cuda": Pair("Stage0 += gdrcopy(targets=['exes', 'exes_install'])", "Stage0 += gdrcopy(cuda='/c', targets=['exes', 'exes_install'])"),
    "gromacs-cmake": Pair("Stage0 += gromacs()", lines("cmake()", "gromacs()")),
    "gromacs-cuda": Pair(lines("cmake()", CUFFT % "12.0", "gromacs()"), lines("cmake()", CUFFT % "12.1", "gromacs()")),
    "gromacs-double-cuda": Pair(
        lines("cmake()", "gromacs(double=True, cuda='/c')"), lines("cmake()", "gromacs(cuda='/c')", "gromacs(double=True, prefix='/d')")
    ),
    "gromacs-fftw-precision": Pair(lines("cmake()", "fftw()", "gromacs()"), lines("cmake()", "fftw(precision='single')", "gromacs()")),
    "gromacs-gcc": Pair(lines("cmake()", "gromacs()"), lines("cmake()", "gromacs(version='2024.4')"), "debian:11"),
    "gromacs-simd-cpu-target": Pair(
        lines("cmake()", "gromacs(simd=['AVX_512'])"), lines("cmake()", "gromacs(simd=['AVX_512', 'AVX2_256'])"), cpu_target="haswell"
    ),
    "gromacs-without-cufft": Pair(lines("cmake()", "cuda(version='12.9')", "gromacs()"), lines("cmake()", CUFFT % "12.9", "gromacs()")),
    "lammps-cuda-13": Pair(lines(CUFFT % "13.0", "lammps()"), lines(CUFFT % "12.9", "lammps()")),
    "lammps-cuda-without-kokkos": Pair("Stage0 += lammps(kokkos=False, cuda='/c', architectures=['80'])", "Stage0 += lammps(kokkos=False)"),
    "lammps-openmp-package": Pair("Stage0 += lammps(packages=['OPENMP'], openmp=False)", "Stage0 += lammps(packages=['OPENMP'])"),
    "lammps-without-cufft": Pair(
        lines("cuda(version='12.9', architectures=['80'])", "lammps()"),
        lines("cuda(version='12.9', architectures=['80'])", "lammps(packages=['MANYBODY'])"),
    ),
    "lammps-without-gpu-architecture": Pair("Stage0 += lammps(cuda='/c')", "Stage0 += lammps(cuda='/c', architectures=['90'])"),
    "ucx-gcc-15": Pair("Stage0 += ucx(version='1.18.1')", "Stage0 += ucx(version='1.19.1')", "ubuntu:26.04"),
    "ucx-gdrcopy-without-cuda": Pair("Stage0 += ucx(gdrcopy='/g')", "Stage0 += ucx(gdrcopy='/g', cuda='/c')"),
}
"""Rule -> its pair."""

ALSO = {
    "R2": Pair(
        "Stage0 += openmpi(pmix='system', hwloc='system', libevent='system')",
        "Stage0 += openmpi(version='4.1.8', pmix='system', hwloc='system', libevent='system')",
    ),
    "R2b": Pair("Stage0 += prrte()", lines(*SUPPORT, "pmix()", "prrte()"), "ubuntu:22.04"),
    "R4": Pair(lines(*SUPPORT, "pmix()", "prrte(version='4.0.0')"), lines(*SUPPORT, "pmix(version='6.1.0')", "prrte(version='4.1.0')")),
    "R12c": Pair(
        lines(*SUPPORT, "pmix(prefix='/opt/one')", "prrte(pmix='/opt/one')", "pmix(prefix='/opt/two')", "openmpi()"),
        lines(*SUPPORT, "pmix(prefix='/opt/one')", "prrte(pmix='/opt/one')", "openmpi()"),
    ),
    "R20": Pair(
        lines("cuda(version='12.9', architectures=['100'])", "gdrcopy(version='2.4.4')"),
        lines("cuda(version='12.9', architectures=['90'])", "gdrcopy(version='2.4.4')"),
    ),
    "R22": Pair(
        lines(LISTED % "/usr/local/cuda/compat"), "Stage0 += environment(variables={'_CUDA_COMPAT_PATH': '/usr/local/cuda/compat'})", CUDA_IMAGE
    ),
    "R23": Pair(
        "Stage0 += shell(commands=['echo /usr/local/cuda/lib64/stubs > /etc/ld.so.conf.d/cuda.conf'])",
        "Stage0 += shell(commands=['ls /usr/local/cuda/lib64/stubs'])",
        CUDA_IMAGE,
    ),
}
"""Further pairs, of rules with more than one way to break them."""

CASES = [pytest.param(name, pair, id=name) for name, pair in (*PAIRS.items(), *ALSO.items())]
LEVELS = {rule.name: rule.level for _, rule in all_rules()}


def said(recipe: str, pair: Pair) -> tuple[set[str], set[str]]:
    """The rules that a recipe breaks: as errors, and as warnings."""
    try:
        graph = plan(recipe, pair.image, cpu_target=pair.cpu_target)
    except HpcgenError as fault:
        faults = [one.sentence for one in each(fault)]
        unexpected = [sentence for sentence in faults if sentence.partition(": ")[0] not in LEVELS]
        assert not unexpected
        return {sentence.partition(": ")[0] for sentence in faults}, set()
    return set(), {warning.split(": ")[1] for warning in graph.warnings} & LEVELS.keys()


@pytest.mark.parametrize(("name", "pair"), CASES)
def test_rule_is_broken(name: str, pair: Pair) -> None:
    """A recipe that breaks a rule gets its error or its warning, and no other rule's."""
    errors, warnings = said(pair.breaks, pair)
    assert (errors, warnings) == (({name}, set()) if LEVELS[name] == "error" else (set(), {name}))


@pytest.mark.parametrize(("name", "pair"), CASES)
def test_rule_is_kept(name: str, pair: Pair) -> None:
    """A recipe that differs from it by little keeps the rule, and all others."""
    assert said(pair.keeps, pair) == (set(), set())


def test_each_rule_has_its_pair() -> None:
    """No rule of a block lacks a recipe that breaks it and one that does not, and no pair is of a rule that is gone."""
    assert set(PAIRS) == set(LEVELS)


def test_names_are_of_one_rule_each() -> None:
    """No two rules of all blocks share a name; one without a number begins with its block's."""
    rules = list(all_rules())
    assert len({rule.name for _, rule in rules}) == len(rules)
    assert [rule.name for block, rule in rules if not rule.name.startswith(("R", f"{block}-"))] == []


@pytest.mark.parametrize("block", own())
def test_sentences_are_read_as_errors_are(block: str) -> None:
    """A rule's sentence and source are one line each, without a full stop."""
    found = find(block)
    assert found is not None
    for rule in rules_of(found):
        for words in (rule.sentence, rule.source):
            assert words.isprintable()
            assert not words.endswith(".")
