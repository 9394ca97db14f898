# written by scripts/reference; run it after a change
"""The building blocks."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from hpcgen.block.options import Upon
from hpcgen.building_blocks.apt_get import apt_get as _apt_get
from hpcgen.building_blocks.cmake import cmake as _cmake
from hpcgen.building_blocks.cuda import cuda as _cuda
from hpcgen.building_blocks.fftw import fftw as _fftw
from hpcgen.building_blocks.gdrcopy import gdrcopy as _gdrcopy
from hpcgen.building_blocks.generic_autotools import generic_autotools as _generic_autotools
from hpcgen.building_blocks.generic_build import generic_build as _generic_build
from hpcgen.building_blocks.generic_cmake import generic_cmake as _generic_cmake
from hpcgen.building_blocks.gnu import gnu as _gnu
from hpcgen.building_blocks.hwloc import hwloc as _hwloc
from hpcgen.building_blocks.libevent import libevent as _libevent
from hpcgen.building_blocks.openmpi import openmpi as _openmpi
from hpcgen.building_blocks.packages import packages as _packages
from hpcgen.building_blocks.pmix import pmix as _pmix
from hpcgen.building_blocks.prrte import prrte as _prrte
from hpcgen.building_blocks.ucx import ucx as _ucx
from hpcgen.building_blocks.yum import yum as _yum

class apt_get(_apt_get):
    """Packages of Debian and Ubuntu. https://wiki.debian.org/AptCLI"""

    def __init__(
        self,
        ospackages: Sequence[str] = ...,
        *,
        extra_opts: Sequence[str] = ...,
        download: bool = False,
        download_directory: str = "/usr/local/src/packages",
        extract: str = "",
        **further: bool | str | int,
    ) -> None: ...

class cmake(_cmake):
    """CMake: the build system generator; Kitware's own binaries, or from source. https://cmake.org

    Args:
        version: release to install; 3.31.11 is the last that takes projects for CMake older than 3.5
        prefix: folder it is installed into
        source: build from source instead of taking the binary: True, or the URL of an archive
        bootstrap_opts: with source: further words for bootstrap
        check: with source: run the source's own tests
        eula: HPCCM's: the archive, unlike the installer, does not ask
    """

    def __init__(
        self,
        *,
        version: str = "4.4.2",
        prefix: str = "/usr/local/cmake",
        source: Any = False,
        sha256: str | None = "",
        patches: Sequence[str] = ...,
        autogen: bool = False,
        baseurl: str | None = None,
        url: str | None = None,
        package: str | None = None,
        repository: bool | str | None = None,
        branch: str | None = None,
        commit: str | None = None,
        recursive: bool = False,
        directory: str | None = None,
        ospackages: Sequence[str] | None = None,
        compilers: Any = None,
        toolchain: Any = None,
        build_environment: Mapping[str, str | float] = ...,
        environment: bool = True,
        ldconfig: bool = False,
        parallel: int | str = "",
        alone: bool | None = None,
        wd: str = "/usr/local/src",
        annotate: bool = False,
        _run_arguments: str = "",
        bootstrap_opts: Sequence[str] = ...,
        check: bool = False,
        eula: bool = True,
    ) -> None: ...

class cuda(_cuda):
    """CUDA: NVIDIA's toolkit for its GPUs, from NVIDIA's package repositories. https://developer.nvidia.com/cuda-toolkit

    Args:
        version: toolkit, as 12.9: the newest patch that the repository has
        parts: what of it: nvcc, cudart, nvml, driver, nvrtc, nvtx, cupti, cccl, gdb, sanitizer, command-line-tools, cublas, cufft, cufile, cusolver, cusparse, curand, npp, nvjpeg, nvjitlink, libraries, runtime, toolkit
        architectures: GPUs that later blocks compile for, as 80, 90a or sm_90: checked, and CMake's default (CUDAARCHS)
        compat: libraries that let it run on older drivers of data-centre GPUs; whoever starts the container must choose them
        require: drivers that it may run on (NVIDIA_REQUIRE_CUDA), instead of what follows from version and compat
        capabilities: what of the driver a container gets (NVIDIA_DRIVER_CAPABILITIES)
        baseurl: where NVIDIA's repositories lie
        fingerprint: of the repository's key, for a target whose key hpcgen does not know
        environment: set PATH and the like for what comes after
    """

    def __init__(
        self,
        *,
        version: str = "13.3",
        parts: Sequence[str] = ...,
        architectures: Sequence[str] = ...,
        compat: bool = False,
        require: str | None = None,
        capabilities: str = "compute,utility",
        baseurl: str = "https://developer.download.nvidia.com/compute/cuda/repos",
        fingerprint: str | None = None,
        environment: bool = True,
    ) -> None: ...

class fftw(_fftw):
    """FFTW: discrete Fourier transforms. https://www.fftw.org

    Args:
        version: release to build
        prefix: folder it is installed into; several precisions can share it
        precision: of the numbers
        simd: instruction sets to use where the processor has them (sse2, avx, avx2, avx512, neon); by the CPU target if not given
        mpi: transforms over MPI
    """

    def __init__(
        self,
        *,
        version: str = "3.3.11",
        prefix: str = "/usr/local/fftw",
        source: str | None = None,
        sha256: str | None = "",
        patches: Sequence[str] = ...,
        autogen: bool = False,
        baseurl: str | None = None,
        url: str | None = None,
        package: str | None = None,
        repository: bool | str | None = None,
        branch: str | None = None,
        commit: str | None = None,
        recursive: bool = False,
        directory: str | None = None,
        ospackages: Sequence[str] | None = None,
        compilers: Any = None,
        toolchain: Any = None,
        build_environment: Mapping[str, str | float] = ...,
        environment: bool = True,
        ldconfig: bool = False,
        parallel: int | str = "",
        alone: bool | None = None,
        wd: str = "/usr/local/src",
        annotate: bool = False,
        _run_arguments: str = "",
        check: bool = False,
        preconfigure: Sequence[str] = ...,
        postconfigure: Sequence[str] = ...,
        postinstall: Sequence[str] = ...,
        configure_opts: Sequence[str] = ...,
        build_directory: str | None = None,
        precision: Literal["double", "single", "long-double", "quad"] = "double",
        simd: Sequence[str] | None = None,
        mpi: Upon = False,
        **further: bool | str | int,
    ) -> None: ...

class gdrcopy(_gdrcopy):
    """gdrcopy: low-latency copies between host and GPU memory; its kernel module is the host's. https://github.com/NVIDIA/gdrcopy

    Args:
        version: release to build
        prefix: folder it is installed into
        cuda: CUDA; the library itself is built without it
        targets: what make is to do; with exes and exes_install: its own programs too
    """

    def __init__(
        self,
        *,
        version: str = "2.6",
        prefix: str = "/usr/local/gdrcopy",
        source: str | None = None,
        sha256: str | None = "",
        patches: Sequence[str] = ...,
        autogen: bool = False,
        baseurl: str | None = None,
        url: str | None = None,
        package: str | None = None,
        repository: bool | str | None = None,
        branch: str | None = None,
        commit: str | None = None,
        recursive: bool = False,
        directory: str | None = None,
        ospackages: Sequence[str] | None = None,
        compilers: Any = None,
        toolchain: Any = None,
        build_environment: Mapping[str, str | float] = ...,
        environment: bool = True,
        ldconfig: bool = False,
        parallel: int | str = "",
        alone: bool | None = None,
        wd: str = "/usr/local/src",
        annotate: bool = False,
        _run_arguments: str = "",
        make_opts: Sequence[str] = ...,
        cuda: Upon = None,
        targets: Sequence[str] = ...,
    ) -> None: ...

class generic_autotools(_generic_autotools):
    """Software that configure and make build, from an archive or a repository that the recipe names. https://www.gnu.org/software/automake

    Args:
        make: run make
        install: run make install
    """

    def __init__(
        self,
        *,
        version: str = "",
        prefix: str = "/usr/local",
        source: str | None = None,
        sha256: str | None = "",
        patches: Sequence[str] = ...,
        autogen: bool = False,
        baseurl: str | None = None,
        url: str | None = None,
        package: str | None = None,
        repository: bool | str | None = None,
        branch: str | None = None,
        commit: str | None = None,
        recursive: bool = False,
        directory: str | None = None,
        ospackages: Sequence[str] | None = None,
        compilers: Any = None,
        toolchain: Any = None,
        build_environment: Mapping[str, str | float] = ...,
        environment: bool = True,
        ldconfig: bool = False,
        parallel: int | str = "",
        alone: bool | None = None,
        wd: str = "/usr/local/src",
        annotate: bool = False,
        _run_arguments: str = "",
        check: bool = False,
        preconfigure: Sequence[str] = ...,
        postconfigure: Sequence[str] = ...,
        postinstall: Sequence[str] = ...,
        configure_opts: Sequence[str] = ...,
        build_directory: str | None = None,
        devel_environment: Mapping[str, str | float] = ...,
        runtime_environment: Mapping[str, str | float] = ...,
        runtime: Sequence[str] = ...,
        libdir: str = "lib",
        annotations: Mapping[str, str | float] = ...,
        upon: Any = None,
        comment: bool = True,
        export_build_environment: bool = False,
        make: bool = True,
        install: bool = True,
        **further: bool | str | int,
    ) -> None: ...

class generic_build(_generic_build):
    """Software that the recipe's own commands build, from an archive, a file or a repository that it names. https://www.gnu.org/software/make

    Args:
        prefix: folder it is installed into, if it has one of its own
        build_commands: commands that build it, in the source's folder
        install_commands: commands that install it, in the source's folder; the prefix is there by then
        unpack: unpack the archive
    """

    def __init__(
        self,
        *,
        version: str = "",
        prefix: str = "",
        source: str | None = None,
        sha256: str | None = "",
        patches: Sequence[str] = ...,
        autogen: bool = False,
        baseurl: str | None = None,
        url: str | None = None,
        package: str | None = None,
        repository: bool | str | None = None,
        branch: str | None = None,
        commit: str | None = None,
        recursive: bool = False,
        directory: str | None = None,
        ospackages: Sequence[str] | None = None,
        compilers: Any = None,
        toolchain: Any = None,
        build_environment: Mapping[str, str | float] = ...,
        environment: bool = True,
        ldconfig: bool = False,
        parallel: int | str = "",
        alone: bool | None = None,
        wd: str = "/usr/local/src",
        annotate: bool = False,
        _run_arguments: str = "",
        devel_environment: Mapping[str, str | float] = ...,
        runtime_environment: Mapping[str, str | float] = ...,
        runtime: Sequence[str] = ...,
        libdir: str = "lib",
        annotations: Mapping[str, str | float] = ...,
        upon: Any = None,
        comment: bool = True,
        export_build_environment: bool = False,
        build_commands: Sequence[str] = ...,
        build: Sequence[str] = ...,
        install_commands: Sequence[str] = ...,
        install: Sequence[str] = ...,
        unpack: bool = True,
        **further: bool | str | int,
    ) -> None: ...

class generic_cmake(_generic_cmake):
    """Software that CMake builds, from an archive or a repository that the recipe names. https://cmake.org

    Args:
        make: build it
        install: install it
    """

    def __init__(
        self,
        *,
        version: str = "",
        prefix: str = "/usr/local",
        source: str | None = None,
        sha256: str | None = "",
        patches: Sequence[str] = ...,
        autogen: bool = False,
        baseurl: str | None = None,
        url: str | None = None,
        package: str | None = None,
        repository: bool | str | None = None,
        branch: str | None = None,
        commit: str | None = None,
        recursive: bool = False,
        directory: str | None = None,
        ospackages: Sequence[str] | None = None,
        compilers: Any = None,
        toolchain: Any = None,
        build_environment: Mapping[str, str | float] = ...,
        environment: bool = True,
        ldconfig: bool = False,
        parallel: int | str = "",
        alone: bool | None = None,
        wd: str = "/usr/local/src",
        annotate: bool = False,
        _run_arguments: str = "",
        check: bool = False,
        preconfigure: Sequence[str] = ...,
        postconfigure: Sequence[str] = ...,
        postinstall: Sequence[str] = ...,
        cmake_opts: Sequence[str] = ...,
        build_directory: str = "build",
        devel_environment: Mapping[str, str | float] = ...,
        runtime_environment: Mapping[str, str | float] = ...,
        runtime: Sequence[str] = ...,
        libdir: str = "lib",
        annotations: Mapping[str, str | float] = ...,
        upon: Any = None,
        comment: bool = True,
        export_build_environment: bool = False,
        make: bool = True,
        install: bool = True,
        **further: bool | str | int,
    ) -> None: ...

class gnu(_gnu):
    """GCC: the compilers gcc, g++ and gfortran; the distribution's, or from source. https://gcc.gnu.org

    Args:
        version: 13: that version of the distribution's; with source: 13.4.0; the distribution's own, or the newest release, if not given
        prefix: with source: folder it is installed into
        source: build from source: True, or the URL of an archive
        build_directory: with source: folder for building; GCC cannot be built in the source's own
        cc: install gcc
        cxx: install g++
        fortran: install gfortran
        openacc: offloading to NVIDIA's GPUs, from the distribution; for x86_64
        extra_repository: Ubuntu: versions from the toolchain PPA too
    """

    def __init__(
        self,
        *,
        version: Any = None,
        prefix: str = "/usr/local/gnu",
        source: Any = False,
        sha256: str | None = "",
        patches: Sequence[str] = ...,
        autogen: bool = False,
        baseurl: str | None = None,
        url: str | None = None,
        package: str | None = None,
        repository: bool | str | None = None,
        branch: str | None = None,
        commit: str | None = None,
        recursive: bool = False,
        directory: str | None = None,
        ospackages: Sequence[str] | None = None,
        compilers: Any = None,
        toolchain: Any = None,
        build_environment: Mapping[str, str | float] = ...,
        environment: bool = True,
        ldconfig: bool = False,
        parallel: int | str = "",
        alone: bool | None = None,
        wd: str = "/usr/local/src",
        annotate: bool = False,
        _run_arguments: str = "",
        check: bool = False,
        preconfigure: Sequence[str] = ...,
        postconfigure: Sequence[str] = ...,
        postinstall: Sequence[str] = ...,
        configure_opts: Sequence[str] = ...,
        build_directory: str | None = "objdir",
        cc: bool = True,
        cxx: bool = True,
        fortran: bool = True,
        openacc: bool = False,
        extra_repository: bool = False,
        **further: bool | str | int,
    ) -> None: ...

class hwloc(_hwloc):
    """hwloc: the machine's processors, caches, memory and devices as a tree. https://www.open-mpi.org/projects/hwloc

    Args:
        version: release to build
        prefix: folder it is installed into
        cuda: NVIDIA's GPUs in the tree, by plugins that are only loaded where there is a driver
        pci: PCI devices by libpciaccess; without it they are read from /sys, without their vendors' names
        libxml2: XML files by libxml2 instead of hwloc's own reader
    """

    def __init__(
        self,
        *,
        version: str = "2.15.0",
        prefix: str = "/usr/local/hwloc",
        source: str | None = None,
        sha256: str | None = "",
        patches: Sequence[str] = ...,
        autogen: bool = False,
        baseurl: str | None = None,
        url: str | None = None,
        package: str | None = None,
        repository: bool | str | None = None,
        branch: str | None = None,
        commit: str | None = None,
        recursive: bool = False,
        directory: str | None = None,
        ospackages: Sequence[str] | None = None,
        compilers: Any = None,
        toolchain: Any = None,
        build_environment: Mapping[str, str | float] = ...,
        environment: bool = True,
        ldconfig: bool = False,
        parallel: int | str = "",
        alone: bool | None = None,
        wd: str = "/usr/local/src",
        annotate: bool = False,
        _run_arguments: str = "",
        check: bool = False,
        preconfigure: Sequence[str] = ...,
        postconfigure: Sequence[str] = ...,
        postinstall: Sequence[str] = ...,
        configure_opts: Sequence[str] = ...,
        build_directory: str | None = None,
        cuda: Upon = None,
        pci: Upon = False,
        libxml2: Upon = False,
        **further: bool | str | int,
    ) -> None: ...

class libevent(_libevent):
    """libevent: event notification, on which PMIx and Open MPI build. https://libevent.org

    Args:
        version: release to build
        prefix: folder it is installed into
        openssl: encrypted connections
    """

    def __init__(
        self,
        *,
        version: str = "2.1.13",
        prefix: str = "/usr/local/libevent",
        source: str | None = None,
        sha256: str | None = "",
        patches: Sequence[str] = ...,
        autogen: bool = False,
        baseurl: str | None = None,
        url: str | None = None,
        package: str | None = None,
        repository: bool | str | None = None,
        branch: str | None = None,
        commit: str | None = None,
        recursive: bool = False,
        directory: str | None = None,
        ospackages: Sequence[str] | None = None,
        compilers: Any = None,
        toolchain: Any = None,
        build_environment: Mapping[str, str | float] = ...,
        environment: bool = True,
        ldconfig: bool = False,
        parallel: int | str = "",
        alone: bool | None = None,
        wd: str = "/usr/local/src",
        annotate: bool = False,
        _run_arguments: str = "",
        check: bool = False,
        preconfigure: Sequence[str] = ...,
        postconfigure: Sequence[str] = ...,
        postinstall: Sequence[str] = ...,
        configure_opts: Sequence[str] = ...,
        build_directory: str | None = None,
        openssl: Upon = False,
        **further: bool | str | int,
    ) -> None: ...

class openmpi(_openmpi):
    """Open MPI: message passing. https://www.open-mpi.org

    Args:
        version: release to build
        prefix: folder it is installed into
        recursive: fetch the repository's submodules too
        fortran: Fortran bindings; with them if the recipe has a Fortran compiler before, or in the toolchain
        oshmem: OpenSHMEM too
        ucx: communication by UCX
        libfabric: communication by libfabric
        infiniband: InfiniBand by verbs; since 5.0 it comes by UCX alone
        cuda: CUDA memory
        ucc: collectives by UCC
        knem: copies between processes by the KNEM kernel module
        xpmem: copies between processes by the XPMEM kernel module
        pmix: PMIx, instead of the one that it brings
        prrte: PRRTE, instead of the one that it brings
        hwloc: hwloc, instead of the one that it brings
        libevent: libevent, instead of the one that it brings
        pmi: PMI-2 of Slurm
        zlib: compression of what processes tell each other at the start; without it PMIx warns at each run
        munge: for a Slurm that lets processes meet by MUNGE alone
    """

    def __init__(
        self,
        *,
        version: str = "5.0.11",
        prefix: str = "/usr/local/openmpi",
        source: str | None = None,
        sha256: str | None = "",
        patches: Sequence[str] = ...,
        autogen: bool = False,
        baseurl: str | None = None,
        url: str | None = None,
        package: str | None = None,
        repository: bool | str | None = None,
        branch: str | None = None,
        commit: str | None = None,
        recursive: bool = True,
        directory: str | None = None,
        ospackages: Sequence[str] | None = None,
        compilers: Any = None,
        toolchain: Any = None,
        build_environment: Mapping[str, str | float] = ...,
        environment: bool = True,
        ldconfig: bool = False,
        parallel: int | str = "",
        alone: bool | None = None,
        wd: str = "/usr/local/src",
        annotate: bool = False,
        _run_arguments: str = "",
        check: bool = False,
        preconfigure: Sequence[str] = ...,
        postconfigure: Sequence[str] = ...,
        postinstall: Sequence[str] = ...,
        configure_opts: Sequence[str] = ...,
        build_directory: str | None = None,
        fortran: bool | None = None,
        oshmem: bool = False,
        ucx: Upon = None,
        libfabric: Upon = None,
        infiniband: Upon = None,
        cuda: Upon = None,
        ucc: Upon = None,
        knem: Upon = None,
        xpmem: Upon = None,
        pmix: Upon = None,
        prrte: Upon = None,
        hwloc: Upon = None,
        libevent: Upon = None,
        pmi: Upon = False,
        zlib: Upon = "system",
        munge: Upon = False,
        **further: bool | str | int,
    ) -> None: ...

class packages(_packages):
    """The distribution's packages, named once, or once for apt and once for dnf; repology lists who calls what how. https://repology.org

    Args:
        ospackages: names that apt and dnf share
        apt: names for apt, instead of ospackages
        yum: names for dnf, instead of ospackages
        epel: with dnf: take packages from EPEL too
        powertools: with dnf: take packages from CRB too, which EL 8 calls PowerTools
        modules: with dnf: module streams to enable first: nodejs:20
    """

    def __init__(
        self,
        ospackages: Sequence[str] = ...,
        *,
        extra_opts: Sequence[str] = ...,
        download: bool = False,
        download_directory: str = "/usr/local/src/packages",
        extract: str = "",
        apt: Sequence[str] = ...,
        yum: Sequence[str] = ...,
        dnf: Sequence[str] = ...,
        epel: bool = False,
        powertools: bool = False,
        crb: bool = False,
        modules: Sequence[str] = ...,
        **further: bool | str | int,
    ) -> None: ...

class pmix(_pmix):
    """PMIx: how the processes of a parallel program find each other, by mpirun or by Slurm. https://openpmix.github.io

    Args:
        version: release to build
        prefix: folder it is installed into
        hwloc: the machine's topology; the distribution's if the recipe has none
        libevent: its events; the distribution's if the recipe has none
        zlib: compression of what processes tell each other at the start; without it PMIx warns at each run
        munge: for a Slurm that lets processes meet by MUNGE alone
    """

    def __init__(
        self,
        *,
        version: str = "5.0.10",
        prefix: str = "/usr/local/pmix",
        source: str | None = None,
        sha256: str | None = "",
        patches: Sequence[str] = ...,
        autogen: bool = False,
        baseurl: str | None = None,
        url: str | None = None,
        package: str | None = None,
        repository: bool | str | None = None,
        branch: str | None = None,
        commit: str | None = None,
        recursive: bool = False,
        directory: str | None = None,
        ospackages: Sequence[str] | None = None,
        compilers: Any = None,
        toolchain: Any = None,
        build_environment: Mapping[str, str | float] = ...,
        environment: bool = True,
        ldconfig: bool = False,
        parallel: int | str = "",
        alone: bool | None = None,
        wd: str = "/usr/local/src",
        annotate: bool = False,
        _run_arguments: str = "",
        check: bool = False,
        preconfigure: Sequence[str] = ...,
        postconfigure: Sequence[str] = ...,
        postinstall: Sequence[str] = ...,
        configure_opts: Sequence[str] = ...,
        build_directory: str | None = None,
        hwloc: Upon = None,
        libevent: Upon = None,
        zlib: Upon = "system",
        munge: Upon = False,
        **further: bool | str | int,
    ) -> None: ...

class prrte(_prrte):
    """PRRTE: starts the processes of a parallel program on all hosts; the mpirun of Open MPI 5 is it. https://docs.prrte.org

    Args:
        version: release to build
        prefix: folder it is installed into
        pmix: how the processes find each other; the distribution's if the recipe has none
        hwloc: the machine's topology; the distribution's if the recipe has none
        libevent: its events; the distribution's if the recipe has none
    """

    def __init__(
        self,
        *,
        version: str = "3.0.11",
        prefix: str = "/usr/local/prrte",
        source: str | None = None,
        sha256: str | None = "",
        patches: Sequence[str] = ...,
        autogen: bool = False,
        baseurl: str | None = None,
        url: str | None = None,
        package: str | None = None,
        repository: bool | str | None = None,
        branch: str | None = None,
        commit: str | None = None,
        recursive: bool = False,
        directory: str | None = None,
        ospackages: Sequence[str] | None = None,
        compilers: Any = None,
        toolchain: Any = None,
        build_environment: Mapping[str, str | float] = ...,
        environment: bool = True,
        ldconfig: bool = False,
        parallel: int | str = "",
        alone: bool | None = None,
        wd: str = "/usr/local/src",
        annotate: bool = False,
        _run_arguments: str = "",
        check: bool = False,
        preconfigure: Sequence[str] = ...,
        postconfigure: Sequence[str] = ...,
        postinstall: Sequence[str] = ...,
        configure_opts: Sequence[str] = ...,
        build_directory: str | None = None,
        pmix: Upon = None,
        hwloc: Upon = None,
        libevent: Upon = None,
        **further: bool | str | int,
    ) -> None: ...

class ucx(_ucx):
    """UCX: communication over InfiniBand, RoCE, shared memory and TCP, with GPU memory. https://openucx.org

    Args:
        version: release to build
        prefix: folder it is installed into
        mt: thread safety, which MPI_THREAD_MULTIPLE needs
        optimizations: use what the builder's processor has: the image may not run on another
        cuda: CUDA memory
        gdrcopy: low-latency copies to and from CUDA memory
        gda: communication that GPU kernels start; needs nvcc
        rocm: ROCm memory
        ofed: InfiniBand and RoCE, by verbs and rdmacm
        efa: AWS EFA devices, by verbs
        knem: copies between processes by the KNEM kernel module
        xpmem: copies between processes by the XPMEM kernel module
        numa: memory policies by libnuma
        bfd: line numbers in the backtraces of crashes, by binutils' libbfd
    """

    def __init__(
        self,
        *,
        version: str = "1.21.0",
        prefix: str = "/usr/local/ucx",
        source: str | None = None,
        sha256: str | None = "",
        patches: Sequence[str] = ...,
        autogen: bool = False,
        baseurl: str | None = None,
        url: str | None = None,
        package: str | None = None,
        repository: bool | str | None = None,
        branch: str | None = None,
        commit: str | None = None,
        recursive: bool = False,
        directory: str | None = None,
        ospackages: Sequence[str] | None = None,
        compilers: Any = None,
        toolchain: Any = None,
        build_environment: Mapping[str, str | float] = ...,
        environment: bool = True,
        ldconfig: bool = False,
        parallel: int | str = "",
        alone: bool | None = None,
        wd: str = "/usr/local/src",
        annotate: bool = False,
        _run_arguments: str = "",
        check: bool = False,
        preconfigure: Sequence[str] = ...,
        postconfigure: Sequence[str] = ...,
        postinstall: Sequence[str] = ...,
        configure_opts: Sequence[str] = ...,
        build_directory: str | None = None,
        mt: bool = True,
        optimizations: bool = False,
        cuda: Upon = None,
        gdrcopy: Upon = None,
        gda: bool = False,
        rocm: Upon = None,
        ofed: Upon = None,
        efa: bool = False,
        knem: Upon = None,
        xpmem: Upon = None,
        numa: Upon = "system",
        bfd: Upon = False,
        **further: bool | str | int,
    ) -> None: ...

class yum(_yum):
    """Packages of the RHEL family; dnf is what installs them. https://dnf.readthedocs.io

    Args:
        epel: take packages from EPEL too
        powertools: take packages from CRB too, which EL 8 calls PowerTools
        modules: module streams to enable first: nodejs:20
    """

    def __init__(
        self,
        ospackages: Sequence[str] = ...,
        *,
        extra_opts: Sequence[str] = ...,
        download: bool = False,
        download_directory: str = "/usr/local/src/packages",
        extract: str = "",
        epel: bool = False,
        powertools: bool = False,
        crb: bool = False,
        modules: Sequence[str] = ...,
        **further: bool | str | int,
    ) -> None: ...

__all__ = (
    "apt_get",
    "cmake",
    "cuda",
    "fftw",
    "gdrcopy",
    "generic_autotools",
    "generic_build",
    "generic_cmake",
    "gnu",
    "hwloc",
    "libevent",
    "openmpi",
    "packages",
    "pmix",
    "prrte",
    "ucx",
    "yum",
)
