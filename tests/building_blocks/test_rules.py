"""Each rule of the project's blocks: a recipe that breaks it, and one beside it that does not."""

from __future__ import annotations

from pathlib import Path
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
    """Blocks, one a line; those that are lines already as they are. One stage with a compiler of CUDA's is a result that may not be handed on: here that is known."""
    known = ("allow('cuda-redistribution', reason='it stays here')",) if any(block.startswith("cuda(") for block in blocks) else ()
    return "".join(block if block.startswith("from ") else f"Stage0 += {block}\n" for block in (*known, *blocks))


SUPPORT = ("hwloc()", "libevent()")
LISTED = "environment(variables={'LD_LIBRARY_PATH': '%s:$LD_LIBRARY_PATH'})"
CUFFT = "cuda(version='%s', parts=['nvcc', 'cufft'], architectures=['80'])"
CUDA_IMAGE = "nvcr.io/nvidia/cuda:12.9.1-runtime-ubuntu24.04"
CUDA_11, CUDA_12, CUDA_13 = (
    f"nvcr.io/nvidia/cuda:{tag}" for tag in ("11.7.1-devel-ubuntu22.04", "12.9.1-devel-ubuntu24.04", "13.0.1-devel-ubuntu24.04")
)
CAPABLE = "'NVIDIA_DRIVER_CAPABILITIES': 'compute,utility'"

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
    "R13": Pair(
        lines(stand_in("rdma_core", "27.0"), "ucx(ofed='/usr/local/rdma_core')"),
        lines(stand_in("rdma_core", "28.0"), "ucx(ofed='/usr/local/rdma_core')"),
    ),
    "R13b": Pair(
        lines(stand_in("mlnx_ofed", "4.9"), "ucx(ofed='/usr/local/mlnx_ofed')"),
        lines(stand_in("mlnx_ofed", "5.0"), "ucx(ofed='/usr/local/mlnx_ofed')"),
    ),
    "R17": Pair(lines("cuda(version='13.0', architectures=['70', '80'])"), lines("cuda(version='13.0', architectures=['75', '80'])")),
    "R17b": Pair("Stage0 += nccl(build=True, architectures=['70'])", "Stage0 += nccl(build=True, architectures=['75'])", CUDA_13),
    "R17c": Pair("Stage0 += nvshmem(architectures=['70'])", "Stage0 += nvshmem(architectures=['75'])", CUDA_13),
    "R18": Pair(lines("cuda(version='12.6', architectures=['100'])"), lines("cuda(version='12.8', architectures=['100'])")),
    "R18b": Pair(
        "Stage0 += nccl(build=True, version='2.18.5-1', architectures=['sm_90'])",
        "Stage0 += nccl(build=True, version='2.18.5-1', architectures=['sm_86'])",
        CUDA_11,
    ),
    "R18c": Pair("Stage0 += nvshmem(architectures=['90a'])", "Stage0 += nvshmem(architectures=['80'])", CUDA_11),
    "R14": Pair(lines("ofed()", "ofed(prefix='/opt/ofed')"), lines("ofed(prefix='/opt/ofed')")),
    "R14b": Pair(lines("ofed()", "mlnx_ofed(prefix='/opt/ofed')"), lines("mlnx_ofed(prefix='/opt/ofed')")),
    "R14c": Pair(lines("mlnx_ofed(prefix='/opt/ofed')", "ucx(ofed='system')"), lines("mlnx_ofed(prefix='/opt/ofed')", "ucx(ofed='/opt/ofed')")),
    "R14d": Pair(
        lines("ofed(prefix='/opt/ofed')", "openmpi(version='4.1.8', infiniband='system')"),
        lines("ofed(prefix='/opt/ofed')", "openmpi(version='4.1.8', infiniband=True)"),
    ),
    "R14e": Pair(lines("ofed(prefix='/opt/ofed')", "libfabric(rdma='system')"), lines("ofed(prefix='/opt/ofed')", "libfabric()")),
    "R15": Pair(lines("mlnx_ofed()", "ofed()"), lines("mlnx_ofed(prefix='/opt/a')", "mlnx_ofed(prefix='/opt/b')")),
    "R15b": Pair(lines("ofed()", "mlnx_ofed()"), lines("mlnx_ofed()", "ucx()")),
    "R15c": Pair(lines("ofed()", "doca_ofed()"), lines("doca_ofed()", "ucx()")),
    "R15d": Pair(lines("ofed()", "rdma_core()"), lines("rdma_core()", "ucx()")),
    "R15e": Pair(lines("mlnx_ofed()", "ucx(ofed='system')"), lines("ofed()", "ucx(ofed='system')")),
    "R15f": Pair(
        lines("rdma_core()", "openmpi(version='4.1.8', infiniband='system')"), lines("rdma_core()", "openmpi(version='4.1.8', infiniband=True)")
    ),
    "R15g": Pair(lines("doca_ofed()", "libfabric(rdma='system')"), lines("doca_ofed()", "libfabric(rdma=True)")),
    "R16": Pair("Stage0 += mlnx_ofed(packages=['libibverbs1'])", "Stage0 += mlnx_ofed(packages=['ibverbs-providers', 'libibverbs1'])"),
    "R16b": Pair("Stage0 += doca_ofed(packages=['libibverbs1'])", "Stage0 += doca_ofed(packages=['ibverbs-providers', 'libibverbs1'])"),
    "R19": Pair(lines("cuda(version='13.0')", "ucx(version='1.19.0')"), lines("cuda(version='13.0')", "ucx(version='1.19.1')")),
    "R19b": Pair(lines("cuda(version='12.9')", "ucx(version='1.13.1')"), lines("cuda(version='12.9')", "ucx(version='1.14.1')")),
    "R20": Pair(lines("cuda(version='13.0')", "gdrcopy(version='2.5')"), lines("cuda(version='13.0')", "gdrcopy(version='2.5.1')")),
    "R21": Pair(
        lines("cuda(environment=False)", f"environment(variables={{'CUDA_VERSION': '13.3', {CAPABLE}}})"),
        lines("cuda(environment=False)", f"environment(variables={{'CUDA_VERSION': '13.3', 'NVIDIA_REQUIRE_CUDA': 'cuda>=13.0', {CAPABLE}}})"),
    ),
    "R22": Pair(lines("cuda(compat=True)", LISTED % "/usr/local/cuda/compat"), lines("cuda(compat=True)", LISTED % "/usr/local/cuda/lib64")),
    "R23": Pair(lines("cuda()", LISTED % "/usr/local/cuda/lib64/stubs"), lines("cuda()", LISTED.replace("LD_", "") % "/usr/local/cuda/lib64/stubs")),
    "R31": Pair("Stage0 += mpich(pmi='/usr/local/slurm-pmi2')", "Stage0 += mpich(version='4.3.2', pmi='/usr/local/slurm-pmi2')"),
    "R24": Pair(lines("cuda(environment=False)"), lines("cuda(environment=False)", f"environment(variables={{{CAPABLE}}})")),
    "R37": Pair(
        lines(stand_in("nccl", "2.30.7-1"), "aws_ofi_nccl(cuda='/c', gdrcopy='/g')"),
        lines(stand_in("nccl", "2.31.2-1"), "aws_ofi_nccl(cuda='/c', gdrcopy='/g')"),
    ),
    "R35": Pair("Stage0 += mlnx_ofed(version='25.01-0.6.0.0')", "Stage0 += mlnx_ofed(version='24.10-0.7.0.0')"),
    "R35b": Pair("Stage0 += mlnx_ofed(devices=['ConnectX-8'])", "Stage0 += mlnx_ofed(devices=['ConnectX-7', 'BlueField-2'])"),
    "R35c": Pair("Stage0 += doca_ofed(devices=['ConnectX-4 Lx'])", "Stage0 += doca_ofed(version='2.9.4', devices=['ConnectX-4 Lx'])"),
    "R35d": Pair("Stage0 += doca_ofed(version='2.9.4', devices=['ConnectX-8'])", "Stage0 += doca_ofed(devices=['ConnectX-8'])"),
    "R36": Pair(f"Stage0 += doca_ofed(fingerprint='{'A' * 40}')", "Stage0 += doca_ofed(version='3.2.1')", "rockylinux:9"),
    "R38b": Pair(
        lines(*SUPPORT, "pmix(version='4.2.4')", "openmpi(version='4.1.5')"),
        lines(*SUPPORT, "pmix(version='4.2.4')", "openmpi(version='4.1.6')"),
    ),
    "aws_ofi_nccl-gcc": Pair("Stage0 += aws_ofi_nccl(cuda='/c')", "Stage0 += aws_ofi_nccl(cuda='/c', version='1.20.0')", "debian:11"),
    "aws_ofi_nccl-libfabric": Pair(
        lines(stand_in("libfabric", "1.21.0"), "aws_ofi_nccl(cuda='/c', aws=True)"),
        lines(stand_in("libfabric", "1.22.0"), "aws_ofi_nccl(cuda='/c', aws=True)"),
    ),
    "aws_ofi_nccl-tests-without-mpi": Pair(
        "Stage0 += aws_ofi_nccl(cuda='/c', tests=True)", "Stage0 += aws_ofi_nccl(cuda='/c', tests=True, mpi='/m')"
    ),
    "aws_ofi_nccl-without-cuda": Pair("Stage0 += aws_ofi_nccl()", "Stage0 += aws_ofi_nccl(cuda='/c')"),
    "cuda-host-compiler": Pair(
        lines("gnu(version='15')", "cuda(version='12.9')"), lines("gnu(version='15')", "cuda(version='13.0')"), "rockylinux:9"
    ),
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
    "cuda-redistribution": Pair("Stage0 += cuda()", "Stage0 += cuda(parts=['libraries'])"),
    "gdrcopy-programs-without-cuda": Pair(
        "Stage0 += gdrcopy(targets=['exes', 'exes_install'])", "Stage0 += gdrcopy(cuda='/c', targets=['exes', 'exes_install'])"
    ),
    "mpich-cuda-and-rocm": Pair("Stage0 += mpich(cuda='/c', rocm='/r')", "Stage0 += mpich(cuda='/c')"),
    "mpich-device": Pair("Stage0 += mpich(device='ch4:ofi', ucx='/u')", "Stage0 += mpich(device='ch4:ucx', ucx='/u')"),
    "mpich-gpu-ch3": Pair("Stage0 += mpich(device='ch3:sock', cuda='/c')", "Stage0 += mpich(device='ch4:ofi', cuda='/c')"),
    "mpich-pmix-and-pmi": Pair("Stage0 += mpich(version='4.3.2', pmix='/p', pmi='/s')", "Stage0 += mpich(version='4.3.2', pmix='/p')"),
    "mpich-ucx-1.9": Pair(lines(stand_in("ucx", "1.8.1"), "mpich()"), lines(stand_in("ucx", "1.9.0"), "mpich()")),
    "osu_benchmarks-nccl-gcc-15": Pair(
        "Stage0 += osu_benchmarks(mpi='/m', cuda='/c', nccl='/n')", "Stage0 += osu_benchmarks(mpi='/m', cuda='/c')", "ubuntu:26.04"
    ),
    "osu_benchmarks-nccl-without-cuda": Pair(
        "Stage0 += osu_benchmarks(mpi='/m', nccl='/n')", "Stage0 += osu_benchmarks(mpi='/m', nccl='/n', cuda='/c')"
    ),
    "nccl-cuda-13": Pair(
        lines("cuda(version='13.0')", "nccl(build=True, version='2.26.6-1')"), lines("cuda(version='13.0')", "nccl(build=True, version='2.27.7-1')")
    ),
    "nccl-gcc-14": Pair(
        "Stage0 += nccl(build=True, cuda='/c', version='2.26.6-1')", "Stage0 += nccl(build=True, cuda='/c', version='2.27.7-1')", "debian:13"
    ),
    "nvshmem-cmake": Pair("Stage0 += nvshmem(cuda='/c')", lines("cmake()", "nvshmem(cuda='/c')"), "debian:11"),
    "nvshmem-cuda-13": Pair(lines("cuda(version='13.0')", "nvshmem(version='3.3.9')"), lines("cuda(version='13.0')", "nvshmem(version='3.3.20')")),
    "nvshmem-gcc-14": Pair(lines("gnu(version='14')", "nvshmem()"), lines("gnu(version='13')", "nvshmem()"), CUDA_12),
    "nvshmem-without-cuda": Pair("Stage0 += nvshmem()", "Stage0 += nvshmem(cuda='/c')"),
    "nvshmem-ibgda-without-gdrcopy": Pair(
        "Stage0 += nvshmem(cuda='/c', version='3.3.20', ibgda=True)", "Stage0 += nvshmem(cuda='/c', version='3.4.5-0', ibgda=True)"
    ),
    "libfabric-gdrcopy-without-cuda": Pair("Stage0 += libfabric(gdrcopy='/g')", "Stage0 += libfabric(gdrcopy='/g', cuda='/c')"),
    "libfabric-opx": Pair(
        "Stage0 += libfabric(version='1.20.0', sha256=None, providers=['opx'])",
        "Stage0 += libfabric(version='1.20.1', sha256=None, providers=['opx'])",
    ),
    "libfabric-provider-without-rdma": Pair("Stage0 += libfabric(providers=['efa'])", "Stage0 += libfabric(providers=['efa'], rdma='system')"),
    "conda-anaconda-channels": Pair(
        "Stage0 += conda(packages=['numpy=2.4'], channels=['defaults'])", "Stage0 += conda(packages=['numpy=2.4'], channels=['bioconda'])"
    ),
    "conda-unpinned": Pair("Stage0 += conda(packages=['numpy>=2'])", "Stage0 += conda(packages=['numpy=2.4'])"),
    "cuda-without-gcc": Pair(lines("llvm()", "cuda()"), lines("gnu()", "llvm()", "cuda()"), "ubuntu:24.04"),
    "llvm-debian13-key": Pair("Stage0 += llvm(upstream=True)", "Stage0 += llvm(version='22')", "debian:13"),
    "llvm-trunk": Pair(
        "Stage0 += llvm(upstream=True, version='24', _trunk_version='24')", "Stage0 += llvm(upstream=True, version='23', _trunk_version='24')"
    ),
    "openmpi-flang-19": Pair(lines("llvm(version='19', fortran=True)", "openmpi()"), lines("llvm(version='22', fortran=True)", "openmpi()")),
    "pip-hashes": Pair(
        "Stage0 += pip(requirements='hashed.txt', packages=['six==1.17.0'])", "Stage0 += pip(requirements='pinned.txt', packages=['six==1.17.0'])"
    ),
    "pip-python-3.6": Pair("Stage0 += pip(packages=['a==1'])", lines("python(version='3.12')", "pip(packages=['a==1'])"), "rockylinux:8"),
    "pip-unpinned": Pair("Stage0 += pip(packages=['numpy'])", "Stage0 += pip(packages=['numpy==2.4.1'])"),
    "boost-mpi-python": Pair("Stage0 += boost(version='1.87.0', mpi='/m')", "Stage0 += boost(version='1.88.0', mpi='/m')"),
    "boost-python-3.11": Pair("Stage0 += boost(version='1.79.0', python=True)", "Stage0 += boost(version='1.81.0', python=True)"),
    "boost-system-library": Pair(
        "Stage0 += boost(version='1.89.0', libraries=['system'])", "Stage0 += boost(version='1.88.0', libraries=['system'])"
    ),
    "hdf5-cmake": Pair("Stage0 += hdf5(version='2.2.0')", lines("cmake()", "hdf5(version='2.2.0')")),
    "hdf5-fp-exceptions": Pair("Stage0 += hdf5(version='1.14.3')", "Stage0 += hdf5(version='1.14.5')"),
    "hdf5-mpi-without-fortran": Pair(lines("openmpi()", "gnu()", "hdf5(mpi=True)"), lines("gnu()", "openmpi()", "hdf5(mpi=True)")),
    "hdf5-parallel-cxx": Pair("Stage0 += hdf5(mpi='/m', cxx=True)", "Stage0 += hdf5(mpi='/m', cxx=True, unsupported=True)"),
    "hdf5-subfiling-without-mpi": Pair("Stage0 += hdf5(subfiling=True)", "Stage0 += hdf5(subfiling=True, mpi='/m')"),
    "hdf5-threadsafe": Pair("Stage0 += hdf5(threadsafe=True, hl=True)", "Stage0 += hdf5(threadsafe=True)"),
    "netcdf-another-mpi": Pair(lines("hdf5(mpi='/m')", "netcdf(mpi='/n')"), lines("hdf5(mpi='/m')", "netcdf(mpi='/m')")),
    "netcdf-hdf5-1.14": Pair(lines("hdf5()", "netcdf(version='4.9.0')"), lines("hdf5()", "netcdf(version='4.9.2')")),
    "netcdf-hdf5-2": Pair(
        lines("cmake()", "hdf5(version='2.2.0')", "netcdf(version='4.9.3')"), lines("cmake()", "hdf5(version='2.2.0')", "netcdf(version='4.10.0')")
    ),
    "netcdf-hdf5-parts": Pair(lines("hdf5(hl=False)", "netcdf()"), lines("hdf5()", "netcdf()")),
    "netcdf-mpi-without-parallel": Pair(lines("hdf5()", "netcdf(mpi='/m')"), lines("hdf5()", "netcdf(mpi='/m', pnetcdf='/p')")),
    "netcdf-without-mpi": Pair(lines("hdf5(mpi='/m')", "netcdf()"), lines("hdf5(mpi='/m')", "netcdf(mpi='/m')")),
    "openblas-sve-gcc": Pair("Stage0 += openblas(target='NEOVERSEV1')", "Stage0 += openblas(target='NEOVERSEN1')", "ubuntu:20.04"),
    "pnetcdf-mpi-without-fortran": Pair(lines("openmpi()", "pnetcdf(fortran=True)"), lines("openmpi()", "pnetcdf()")),
    "ucx-gcc-15": Pair("Stage0 += ucx(version='1.18.1')", "Stage0 += ucx(version='1.19.1')", "ubuntu:26.04"),
    "ucx-gdrcopy-without-cuda": Pair("Stage0 += ucx(gdrcopy='/g')", "Stage0 += ucx(gdrcopy='/g', cuda='/c')"),
}
"""Rule -> its pair."""

ALSO = {
    "R14": Pair(lines("mlnx_ofed(prefix='/opt/ofed')", "ofed()"), lines("mlnx_ofed(prefix='/opt/ofed')", "rdma_core()"), "ubuntu:22.04"),
    "R35b": Pair("Stage0 += mlnx_ofed(devices=['BlueField-3'])", "Stage0 += mlnx_ofed(devices=['bf2'])"),
    "R2": Pair(
        "Stage0 += openmpi(pmix='system', hwloc='system', libevent='system')",
        "Stage0 += openmpi(version='4.1.8', pmix='system', hwloc='system', libevent='system')",
    ),
    "R2b": Pair("Stage0 += prrte()", lines(*SUPPORT, "pmix()", "prrte()"), "ubuntu:22.04"),
    "hdf5-threadsafe": Pair("Stage0 += hdf5(threadsafe=True, fortran=True)", "Stage0 += hdf5(threadsafe=True, fortran=True, unsupported=True)"),
    "netcdf-hdf5-parts": Pair(lines("hdf5(zlib=False)", "netcdf()"), lines("hdf5(zlib=False)", "netcdf(hdf5=False)")),
    "R4": Pair(lines(*SUPPORT, "pmix()", "prrte(version='4.0.0')"), lines(*SUPPORT, "pmix(version='6.1.0')", "prrte(version='4.1.0')")),
    "R12c": Pair(
        lines(*SUPPORT, "pmix(prefix='/opt/one')", "prrte(pmix='/opt/one')", "pmix(prefix='/opt/two')", "openmpi()"),
        lines(*SUPPORT, "pmix(prefix='/opt/one')", "prrte(pmix='/opt/one')", "openmpi()"),
    ),
    "R20": Pair(
        lines("cuda(version='12.9', architectures=['100'])", "gdrcopy(version='2.4.4')"),
        lines("cuda(version='12.9', architectures=['90'])", "gdrcopy(version='2.4.4')"),
    ),
    "R31": Pair("Stage0 += mpich(with_pmi='pmi2')", "Stage0 += mpich(with_pmi='pmi1')"),
    "mpich-device": Pair(lines("ucx()", "mpich(device='ch4:ofi', ucx=True)"), lines("ucx()", "mpich(device='ch4:ofi')")),
    "mpich-gpu-ch3": Pair("Stage0 += mpich(with_device='ch3:nemesis', rocm='/r')", "Stage0 += mpich(with_device='ch4:ofi', rocm='/r')"),
    "R37": Pair(
        lines(stand_in("gdrcopy", "2.4.4"), "aws_ofi_nccl(cuda='/c')"),
        lines(stand_in("gdrcopy", "2.5"), "aws_ofi_nccl(cuda='/c')"),
    ),
    "R24": Pair(
        "Stage0 += cuda()\nStage1 += baseimage(image='debian:12')\nStage1 += Stage0.runtime(exclude=['cuda'])",
        "Stage0 += cuda()\nStage1 += baseimage(image='debian:12')\nStage1 += Stage0.runtime()",
    ),
    "cuda-redistribution": Pair(
        "Stage0 += cuda()\nStage1 += baseimage(image='debian:12')\nStage1 += Stage0.runtime()\nStage1 += copy(_from='devel', src='/usr/local/cuda', dest='/opt/')",
        "Stage0 += cuda()\nStage1 += baseimage(image='debian:12')\nStage1 += Stage0.runtime()",
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

FILES = Path(__file__).parent / "files"
"""What recipes name files of."""


@pytest.fixture(autouse=True)
def _beside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(FILES)


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
