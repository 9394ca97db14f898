# written by scripts/reference; run it after a change
"""The building blocks."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from hpcgen.block.options import Upon
from hpcgen.building_blocks.apt_get import apt_get as _apt_get
from hpcgen.building_blocks.aws_ofi_nccl import aws_ofi_nccl as _aws_ofi_nccl
from hpcgen.building_blocks.boost import boost as _boost
from hpcgen.building_blocks.cmake import cmake as _cmake
from hpcgen.building_blocks.conda import conda as _conda
from hpcgen.building_blocks.cuda import cuda as _cuda
from hpcgen.building_blocks.doca_ofed import doca_ofed as _doca_ofed
from hpcgen.building_blocks.fftw import fftw as _fftw
from hpcgen.building_blocks.gdrcopy import gdrcopy as _gdrcopy
from hpcgen.building_blocks.generic_autotools import generic_autotools as _generic_autotools
from hpcgen.building_blocks.generic_build import generic_build as _generic_build
from hpcgen.building_blocks.generic_cmake import generic_cmake as _generic_cmake
from hpcgen.building_blocks.gnu import gnu as _gnu
from hpcgen.building_blocks.gromacs import gromacs as _gromacs
from hpcgen.building_blocks.hdf5 import hdf5 as _hdf5
from hpcgen.building_blocks.hwloc import hwloc as _hwloc
from hpcgen.building_blocks.knem import knem as _knem
from hpcgen.building_blocks.lammps import lammps as _lammps
from hpcgen.building_blocks.libevent import libevent as _libevent
from hpcgen.building_blocks.libfabric import libfabric as _libfabric
from hpcgen.building_blocks.llvm import llvm as _llvm
from hpcgen.building_blocks.mlnx_ofed import mlnx_ofed as _mlnx_ofed
from hpcgen.building_blocks.mpich import mpich as _mpich
from hpcgen.building_blocks.nccl import nccl as _nccl
from hpcgen.building_blocks.netcdf import netcdf as _netcdf
from hpcgen.building_blocks.nvshmem import nvshmem as _nvshmem
from hpcgen.building_blocks.ofed import ofed as _ofed
from hpcgen.building_blocks.openblas import openblas as _openblas
from hpcgen.building_blocks.openmpi import openmpi as _openmpi
from hpcgen.building_blocks.osu_benchmarks import osu_benchmarks as _osu_benchmarks
from hpcgen.building_blocks.packages import packages as _packages
from hpcgen.building_blocks.pip import pip as _pip
from hpcgen.building_blocks.pmix import pmix as _pmix
from hpcgen.building_blocks.pnetcdf import pnetcdf as _pnetcdf
from hpcgen.building_blocks.prrte import prrte as _prrte
from hpcgen.building_blocks.python import python as _python
from hpcgen.building_blocks.rdma_core import rdma_core as _rdma_core
from hpcgen.building_blocks.slurm_pmi2 import slurm_pmi2 as _slurm_pmi2
from hpcgen.building_blocks.ucx import ucx as _ucx
from hpcgen.building_blocks.xpmem import xpmem as _xpmem
from hpcgen.building_blocks.yum import yum as _yum

class apt_get(_apt_get):
    """Packages of Debian and Ubuntu. https://wiki.debian.org/AptCLI
    """

    def __init__(
        self,
        ospackages: Sequence[str] = ...,
        *,
        extra_opts: Sequence[str] = ...,
        download: bool = False,
        download_directory: str = '/usr/local/src/packages',
        extract: str = '',
        **further: bool | str | int,
    ) -> None: ...

class aws_ofi_nccl(_aws_ofi_nccl):
    """aws-ofi-nccl: NCCL over libfabric, on AWS's EFA and on Slingshot; NCCL opens it by name. https://github.com/aws/aws-ofi-nccl

    Args:
        version: release to build
        prefix: folder it is installed into
        autogen: make the configure script first: the archives of its tags lack it
        libfabric: what it communicates by
        cuda: the toolkit; its runtime is linked in
        hwloc: which network card is near which GPU
        gdrcopy: networking that GPUs start themselves
        mpi: the MPI that its tests are started by
        tests: build its tests, which are not installed
        aws: what AWS's networks want, and a second plug-in that tunes NCCL for them; configure would ask the builder whether it is at AWS
        default_plugin: install it by the name too that NCCL looks for, libnccl-net.so; without that, NCCL_NET_PLUGIN=ofi chooses it
    """

    def __init__(
        self,
        *,
        version: str = '1.21.1',
        prefix: str = '/usr/local/aws-ofi-nccl',
        source: str | None = None,
        sha256: str | None = '',
        patches: Sequence[str] = ...,
        autogen: bool = True,
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
        parallel: int | str = '',
        alone: bool | None = None,
        wd: str = '/usr/local/src',
        annotate: bool = False,
        _run_arguments: str = '',
        check: bool = False,
        preconfigure: Sequence[str] = ...,
        postconfigure: Sequence[str] = ...,
        postinstall: Sequence[str] = ...,
        configure_opts: Sequence[str] = ...,
        build_directory: str | None = None,
        libfabric: Upon = None,
        cuda: Upon = None,
        hwloc: Upon = None,
        gdrcopy: Upon = None,
        mpi: Upon = False,
        tests: bool = False,
        aws: bool = False,
        default_plugin: bool = True,
        **further: bool | str | int,
    ) -> None: ...

class boost(_boost):
    """Boost: C++ libraries. https://www.boost.org

    Args:
        version: release to build
        prefix: folder it is installed into
        libraries: the libraries to compile: filesystem, program_options; all but those with options of their own, if not given
        python: Boost.Python, for the distribution's Python
        mpi: Boost.MPI and the parallel graph library
        icu: Unicode by ICU, in Boost.Regex and Boost.Locale
        zlib: gzip in Boost.Iostreams
        bzip2: bzip2 in Boost.Iostreams
        lzma: xz in Boost.Iostreams
        zstd: Zstandard in Boost.Iostreams
        toolset: what b2 calls the compilers: gcc, clang; by the toolchain's CXX if not given
        bootstrap_opts: further words for bootstrap.sh; those about libraries come instead of the block's own
        b2_opts: further words for b2
        sourceforge: take the archive from SourceForge, as releases before 1.63 need
    """

    def __init__(
        self,
        *,
        version: str = '1.92.0',
        prefix: str = '/usr/local/boost',
        source: str | None = None,
        sha256: str | None = '',
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
        parallel: int | str = '',
        alone: bool | None = None,
        wd: str = '/usr/local/src',
        annotate: bool = False,
        _run_arguments: str = '',
        libraries: Sequence[str] = ...,
        python: bool = False,
        mpi: Upon = False,
        icu: Upon = False,
        zlib: bool = True,
        bzip2: bool = True,
        lzma: bool = False,
        zstd: bool = False,
        toolset: str | None = None,
        bootstrap_opts: Sequence[str] = ...,
        b2_opts: Sequence[str] = ...,
        sourceforge: bool = False,
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
        version: str = '4.4.2',
        prefix: str = '/usr/local/cmake',
        source: Any = False,
        sha256: str | None = '',
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
        parallel: int | str = '',
        alone: bool | None = None,
        wd: str = '/usr/local/src',
        annotate: bool = False,
        _run_arguments: str = '',
        bootstrap_opts: Sequence[str] = ...,
        check: bool = False,
        eula: bool = True,
    ) -> None: ...

class conda(_conda):
    """conda: environments of packages from conda-forge, by Miniforge. https://github.com/conda-forge/miniforge

    Args:
        version: release of Miniforge
        prefix: folder that it is installed into
        env: name of an environment of its own, which alone is run with; base, conda's own, if neither this nor the file names one
        packages: what to install, as numpy=2.4
        environment: file beside the recipe: an environment.yml, or an explicit list of packages, which pins all
        channels: channels to look in before conda-forge, the first one first
        cuda: CUDA that packages may count on, as 12.9: the builder has no driver that conda could ask
        absent: libraries that parts of the packages want and nobody will have, as libpq.so.*: the runtime stage goes without
        paths: put the environment's programs first in PATH for what comes after; what is compiled there may find its libraries
        sha256: checksum of the installer; None: unchecked, which every run reports
        baseurl: where releases of Miniforge lie, instead of upstream
        ospackages: packages of the distribution to install first
        eula: HPCCM's, for Anaconda's terms: Miniforge asks for none
        python2: HPCCM's: refused, since Miniforge is of Python 3; packages=['python=2.7'] makes an environment of Python 2
        python_subversion: HPCCM's: refused; packages=['python=3.12'] names the environment's Python
        wd: scratch folder in the container
    """

    def __init__(
        self,
        *,
        version: str = '26.7.2-0',
        prefix: str = '/usr/local/conda',
        env: str = '',
        packages: Sequence[str] = ...,
        environment: str | None = None,
        channels: Sequence[str] = ...,
        cuda: str | None = None,
        absent: Sequence[str] = ...,
        paths: bool = True,
        sha256: str | None = '',
        baseurl: str | None = None,
        ospackages: Sequence[str] | None = None,
        eula: bool = True,
        python2: bool = False,
        python_subversion: str | None = None,
        wd: str = '/usr/local/src',
    ) -> None: ...

class cuda(_cuda):
    """CUDA: NVIDIA's toolkit for its GPUs, from NVIDIA's package repositories. https://developer.nvidia.com/cuda-toolkit

    Args:
        version: toolkit, as 12.9: the newest patch that the repository has
        parts: what of it: nvcc, cudart, nvml, driver, nvrtc, nvtx, cupti, cccl, compiler, cuobjdump, nvdisasm, nvprune, profiler-api, gdb, sanitizer, command-line-tools, cublas, cufft, cufile, cusolver, cusparse, curand, npp, nvjpeg, nvjitlink, libraries, runtime, toolkit
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
        version: str = '13.3',
        parts: Sequence[str] = ...,
        architectures: Sequence[str] = ...,
        compat: bool = False,
        require: str | None = None,
        capabilities: str = 'compute,utility',
        baseurl: str = 'https://developer.download.nvidia.com/compute/cuda/repos',
        fingerprint: str | None = None,
        environment: bool = True,
    ) -> None: ...

class doca_ofed(_doca_ofed):
    """DOCA-OFED: verbs as NVIDIA builds them for its own adapters, the successor of MLNX_OFED. https://developer.nvidia.com/networking/doca

    Args:
        version: release to install
        baseurl: where NVIDIA's repositories lie
        archlabel: NVIDIA's folder for an architecture, instead of x86_64 and arm64-sbsa
    """

    def __init__(
        self,
        *,
        ospackages: Sequence[str] = ...,
        wd: str = '/usr/local/src',
        version: str = '3.5.0',
        oslabel: str = '',
        packages: Sequence[str] | None = None,
        devices: Sequence[str] = ...,
        baseurl: str = 'https://linux.mellanox.com/public/repo/doca',
        fingerprint: str | None = None,
        annotate: bool = False,
        archlabel: str = '',
        **further: bool | str | int,
    ) -> None: ...

class fftw(_fftw):
    """FFTW: discrete Fourier transforms. https://www.fftw.org

    Args:
        version: release to build
        prefix: folder it is installed into; several precisions can share it
        precision: of the numbers
        simd: instruction sets to use where the processor has them: of sse2, avx, avx-128-fma, avx2, avx512, neon those of the image's architecture; by the CPU target if not given
        mpi: transforms over MPI
    """

    def __init__(
        self,
        *,
        version: str = '3.3.11',
        prefix: str = '/usr/local/fftw',
        source: str | None = None,
        sha256: str | None = '',
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
        parallel: int | str = '',
        alone: bool | None = None,
        wd: str = '/usr/local/src',
        annotate: bool = False,
        _run_arguments: str = '',
        check: bool = False,
        preconfigure: Sequence[str] = ...,
        postconfigure: Sequence[str] = ...,
        postinstall: Sequence[str] = ...,
        configure_opts: Sequence[str] = ...,
        build_directory: str | None = None,
        precision: Literal['double', 'single', 'long-double', 'quad'] = 'double',
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
        version: str = '2.6',
        prefix: str = '/usr/local/gdrcopy',
        source: str | None = None,
        sha256: str | None = '',
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
        parallel: int | str = '',
        alone: bool | None = None,
        wd: str = '/usr/local/src',
        annotate: bool = False,
        _run_arguments: str = '',
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
        version: str = '',
        prefix: str = '/usr/local',
        source: str | None = None,
        sha256: str | None = '',
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
        parallel: int | str = '',
        alone: bool | None = None,
        wd: str = '/usr/local/src',
        annotate: bool = False,
        _run_arguments: str = '',
        check: bool = False,
        preconfigure: Sequence[str] = ...,
        postconfigure: Sequence[str] = ...,
        postinstall: Sequence[str] = ...,
        configure_opts: Sequence[str] = ...,
        build_directory: str | None = None,
        devel_environment: Mapping[str, str | float] = ...,
        runtime_environment: Mapping[str, str | float] = ...,
        runtime: Sequence[str] = ...,
        libdir: str = 'lib',
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
        version: str = '',
        prefix: str = '',
        source: str | None = None,
        sha256: str | None = '',
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
        parallel: int | str = '',
        alone: bool | None = None,
        wd: str = '/usr/local/src',
        annotate: bool = False,
        _run_arguments: str = '',
        devel_environment: Mapping[str, str | float] = ...,
        runtime_environment: Mapping[str, str | float] = ...,
        runtime: Sequence[str] = ...,
        libdir: str = 'lib',
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
        version: str = '',
        prefix: str = '/usr/local',
        source: str | None = None,
        sha256: str | None = '',
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
        parallel: int | str = '',
        alone: bool | None = None,
        wd: str = '/usr/local/src',
        annotate: bool = False,
        _run_arguments: str = '',
        check: bool = False,
        preconfigure: Sequence[str] = ...,
        postconfigure: Sequence[str] = ...,
        postinstall: Sequence[str] = ...,
        cmake_opts: Sequence[str] = ...,
        build_directory: str = 'build',
        devel_environment: Mapping[str, str | float] = ...,
        runtime_environment: Mapping[str, str | float] = ...,
        runtime: Sequence[str] = ...,
        libdir: str = 'lib',
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
        prefix: str = '/usr/local/gnu',
        source: Any = False,
        sha256: str | None = '',
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
        parallel: int | str = '',
        alone: bool | None = None,
        wd: str = '/usr/local/src',
        annotate: bool = False,
        _run_arguments: str = '',
        check: bool = False,
        preconfigure: Sequence[str] = ...,
        postconfigure: Sequence[str] = ...,
        postinstall: Sequence[str] = ...,
        configure_opts: Sequence[str] = ...,
        build_directory: str | None = 'objdir',
        cc: bool = True,
        cxx: bool = True,
        fortran: bool = True,
        openacc: bool = False,
        extra_repository: bool = False,
        **further: bool | str | int,
    ) -> None: ...

class gromacs(_gromacs):
    """GROMACS: molecular dynamics of proteins, lipids and nucleic acids. https://www.gromacs.org

    Args:
        version: release to build
        prefix: folder it is installed into
        simd: instruction sets of its kernels: of AVX_512, AVX2_256, AVX2_128, AVX_256, SSE4.1, SSE2, ARM_NEON_ASIMD those of the image's architecture; several are several programs, and gmx starts the best that the processor can; by the CPU target if not given
        mpi: ranks by MPI, instead of by threads: its program is then called gmx_mpi
        openmp: threads within a rank
        double: double precision, which is much slower: its program's name ends with _d
        fftw: Fourier transforms, of its own precision; the distribution's, if the recipe has none
        cuda: NVIDIA's GPUs
        architectures: GPUs to build for, as 80; those of cuda, if not given, else those that GROMACS chooses
        hwloc: what the machine looks like, by hwloc instead of its own reading of /proc
        plumed: PLUMED, of whose kernel PLUMED_KERNEL tells when it runs
    """

    def __init__(
        self,
        *,
        version: str = '2026.3',
        prefix: str = '/usr/local/gromacs',
        source: str | None = None,
        sha256: str | None = '',
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
        parallel: int | str = '',
        alone: bool | None = None,
        wd: str = '/usr/local/src',
        annotate: bool = False,
        _run_arguments: str = '',
        check: bool = False,
        preconfigure: Sequence[str] = ...,
        postconfigure: Sequence[str] = ...,
        postinstall: Sequence[str] = ...,
        cmake_opts: Sequence[str] = ...,
        build_directory: str = 'build',
        simd: Sequence[str] | None = None,
        mpi: Upon = None,
        openmp: bool = True,
        double: bool = False,
        fftw: Upon = None,
        cuda: Upon = None,
        architectures: Sequence[str] = ...,
        hwloc: Upon = None,
        plumed: bool = False,
    ) -> None: ...

class hdf5(_hdf5):
    """HDF5: files of arrays and tables with their descriptions, in parallel too. https://www.hdfgroup.org/solutions/hdf5

    Args:
        version: release to build; from 2.0 on by CMake
        prefix: folder it is installed into
        configure_opts: further words for configure
        mpi: parallel files by MPI; True: by the recipe's
        cxx: C++ library; if it is neither parallel nor thread-safe, if not given
        fortran: Fortran library; unless it is thread-safe, if not given
        hl: high-level library, which netCDF needs; unless it is thread-safe, if not given
        threadsafe: calls from several threads at once
        subfiling: parallel files as several smaller ones
        unsupported: combinations that its authors do not support
        zlib: deflate compression, which netCDF needs
        szip: szip compression, by libaec
        programs: h5dump, h5ls and the like in a runtime stage too; the stage that it is built in has them always
        cmake_opts: further words for cmake
    """

    def __init__(
        self,
        *,
        version: str = '1.14.6',
        prefix: str = '/usr/local/hdf5',
        source: str | None = None,
        sha256: str | None = '',
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
        parallel: int | str = '',
        alone: bool | None = None,
        wd: str = '/usr/local/src',
        annotate: bool = False,
        _run_arguments: str = '',
        check: bool = False,
        preconfigure: Sequence[str] = ...,
        postconfigure: Sequence[str] = ...,
        postinstall: Sequence[str] = ...,
        configure_opts: Sequence[str] = ...,
        build_directory: str | None = None,
        mpi: Upon = False,
        cxx: bool | None = None,
        fortran: bool | None = None,
        hl: bool | None = None,
        threadsafe: bool = False,
        subfiling: bool = False,
        unsupported: bool = False,
        zlib: Upon = 'system',
        szip: Upon = False,
        programs: bool = False,
        cmake_opts: Sequence[str] = ...,
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
        version: str = '2.15.0',
        prefix: str = '/usr/local/hwloc',
        source: str | None = None,
        sha256: str | None = '',
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
        parallel: int | str = '',
        alone: bool | None = None,
        wd: str = '/usr/local/src',
        annotate: bool = False,
        _run_arguments: str = '',
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

class knem(_knem):
    """KNEM: copies between processes by a kernel module; here the header for building, the module is the host's. https://knem.gitlabpages.inria.fr

    Args:
        version: release whose header to take
        prefix: folder it is installed into
    """

    def __init__(
        self,
        *,
        version: str = '1.1.4',
        prefix: str = '/usr/local/knem',
        source: str | None = None,
        sha256: str | None = '',
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
        parallel: int | str = '',
        alone: bool | None = None,
        wd: str = '/usr/local/src',
        annotate: bool = False,
        _run_arguments: str = '',
    ) -> None: ...

class lammps(_lammps):
    """LAMMPS: classical molecular dynamics of materials. https://www.lammps.org

    Args:
        version: release to build, as 20250722.4 or 22Jul2025_update4
        prefix: folder it is installed into
        directory: folder within the source that CMake starts from
        packages: LAMMPS' packages to build with
        sizes: of its integers: smallbig for up to two thousand million atoms, bigbig for more
        potentials: its tables for many materials too, 60 MB; LAMMPS_POTENTIALS names their folder
        mpi: ranks by MPI
        openmp: threads within a rank
        fftw: Fourier transforms of KSPACE by FFTW instead of its own KISS FFT
        kokkos: styles with Kokkos, for threads and GPUs: lmp -k on -sf kk; with CUDA, if not given
        cuda: NVIDIA's GPUs, by Kokkos
        architectures: GPUs to build for, as 80: several give several programs, and lmp starts the one that fits; those of cuda, if not given
    """

    def __init__(
        self,
        *,
        version: str = '20250722.4',
        prefix: str = '/usr/local/lammps',
        source: str | None = None,
        sha256: str | None = '',
        patches: Sequence[str] = ...,
        autogen: bool = False,
        baseurl: str | None = None,
        url: str | None = None,
        package: str | None = None,
        repository: bool | str | None = None,
        branch: str | None = None,
        commit: str | None = None,
        recursive: bool = False,
        directory: str = 'cmake',
        ospackages: Sequence[str] | None = None,
        compilers: Any = None,
        toolchain: Any = None,
        build_environment: Mapping[str, str | float] = ...,
        environment: bool = True,
        ldconfig: bool = False,
        parallel: int | str = '',
        alone: bool | None = None,
        wd: str = '/usr/local/src',
        annotate: bool = False,
        _run_arguments: str = '',
        check: bool = False,
        preconfigure: Sequence[str] = ...,
        postconfigure: Sequence[str] = ...,
        postinstall: Sequence[str] = ...,
        cmake_opts: Sequence[str] = ...,
        build_directory: str = 'build',
        packages: Sequence[str] = ...,
        sizes: Literal['smallbig', 'bigbig'] = 'smallbig',
        potentials: bool = True,
        mpi: Upon = None,
        openmp: bool = True,
        fftw: Upon = None,
        kokkos: bool | None = None,
        cuda: Upon = None,
        architectures: Sequence[str] = ...,
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
        version: str = '2.1.13',
        prefix: str = '/usr/local/libevent',
        source: str | None = None,
        sha256: str | None = '',
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
        parallel: int | str = '',
        alone: bool | None = None,
        wd: str = '/usr/local/src',
        annotate: bool = False,
        _run_arguments: str = '',
        check: bool = False,
        preconfigure: Sequence[str] = ...,
        postconfigure: Sequence[str] = ...,
        postinstall: Sequence[str] = ...,
        configure_opts: Sequence[str] = ...,
        build_directory: str | None = None,
        openssl: Upon = False,
        **further: bool | str | int,
    ) -> None: ...

class libfabric(_libfabric):
    """libfabric (OFI): communication over InfiniBand, Omni-Path, Slingshot, EFA, shared memory and TCP. https://ofiwg.github.io/libfabric

    Args:
        version: release to build
        prefix: folder it is installed into
        providers: which to build beside verbs and ucx, of those the version has; cxi needs with_cxi_uapi_headers and with_cassini_headers too
        plugins: those of its providers, verbs and ucx too, that are built as plug-ins: a host can put its own in their place
        rdma: its provider verbs: InfiniBand and RoCE
        ucx: its provider ucx: communication by UCX
        cuda: CUDA memory; CUDA's libraries are opened when they are there
        gdrcopy: low-latency copies to and from CUDA memory
        rocm: ROCm memory
        xpmem: copies between processes by the XPMEM kernel module
        uring: io_uring for its provider tcp
    """

    def __init__(
        self,
        *,
        version: str = '2.6.0',
        prefix: str = '/usr/local/libfabric',
        source: str | None = None,
        sha256: str | None = '',
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
        parallel: int | str = '',
        alone: bool | None = None,
        wd: str = '/usr/local/src',
        annotate: bool = False,
        _run_arguments: str = '',
        check: bool = False,
        preconfigure: Sequence[str] = ...,
        postconfigure: Sequence[str] = ...,
        postinstall: Sequence[str] = ...,
        configure_opts: Sequence[str] = ...,
        build_directory: str | None = None,
        providers: Sequence[str] = ...,
        plugins: Sequence[str] = ...,
        rdma: Upon = None,
        ucx: Upon = False,
        cuda: Upon = None,
        gdrcopy: Upon = None,
        rocm: Upon = None,
        xpmem: Upon = None,
        uring: Upon = False,
        **further: bool | str | int,
    ) -> None: ...

class llvm(_llvm):
    """LLVM: the compilers clang, clang++ and flang; the distribution's, or those of apt.llvm.org. https://llvm.org

    Args:
        version: 19: that version of the distribution's, or of apt.llvm.org; the distribution's own, or the newest, if not given
        upstream: take it from apt.llvm.org; for Debian and Ubuntu
        fortran: install flang too; it compiles programs since version 17
        openmp: install the OpenMP runtime and its headers too
        extra_tools: install clang-format and clang-tidy too
        toolset: install all of LLVM: extra_tools, lld, lldb, libc++, and its libraries to build against
        environment: HPCCM's: the compilers are in PATH anyway
        ospackages: further packages of the distribution
    """

    def __init__(
        self,
        *,
        version: Any = None,
        upstream: bool = False,
        fortran: bool = False,
        openmp: bool = True,
        extra_tools: bool = False,
        toolset: bool = False,
        environment: bool = True,
        ospackages: Sequence[str] = ...,
        _trunk_version: Any = None,
    ) -> None: ...

class mlnx_ofed(_mlnx_ofed):
    """MLNX_OFED: verbs as NVIDIA builds them for its own adapters, up to 24.10. https://network.nvidia.com/products/infiniband-drivers/linux/mlnx_ofed

    Args:
        version: release to install; 24.10 is the last
        baseurl: where NVIDIA's repositories lie
        prefix: folder to unpack the packages into instead of installing them, beside other builds of verbs: whoever starts the container chooses one, by LD_LIBRARY_PATH=PREFIX/lib and IBV_DRIVERS
        symlink: with prefix: links to all its libraries in PREFIX/lib, and to headers, so that others can be built upon it
    """

    def __init__(
        self,
        *,
        ospackages: Sequence[str] = ...,
        wd: str = '/usr/local/src',
        version: str = '24.10-4.1.4.0',
        oslabel: str = '',
        packages: Sequence[str] | None = None,
        devices: Sequence[str] = ...,
        baseurl: str = 'https://linux.mellanox.com/public/repo/mlnx_ofed',
        fingerprint: str | None = None,
        annotate: bool = False,
        prefix: str = '',
        symlink: bool = True,
    ) -> None: ...

class mpich(_mpich):
    """MPICH: message passing, whose binary interface Intel MPI, Cray MPICH and MVAPICH share. https://www.mpich.org

    Args:
        version: release to build
        prefix: folder it is installed into
        recursive: fetch the repository's submodules too
        device: communication device, as ch4:ucx or ch3:sock; if not given, ch4 with what the recipe has of UCX and libfabric, else its own libfabric
        fortran: Fortran bindings; with them if the recipe has a Fortran compiler before, or in the toolchain
        mpi_abi: libmpi_abi and mpicc_abi too: the binary interface of MPI 5.0
        ucx: communication by UCX
        libfabric: communication by libfabric
        hwloc: hwloc, instead of the one that it brings
        cuda: CUDA memory
        nccl: collectives by NCCL, with CUDA
        rocm: ROCm memory
        xpmem: copies between processes by the XPMEM kernel module
        pmix: PMIx, by which `srun --mpi=pmix` starts ranks; without an mpiexec of its own then
        pmi: PMI-2 by Slurm's library instead of its own; without an mpiexec of its own then
    """

    def __init__(
        self,
        *,
        version: str = '5.0.2',
        prefix: str = '/usr/local/mpich',
        source: str | None = None,
        sha256: str | None = '',
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
        parallel: int | str = '',
        alone: bool | None = None,
        wd: str = '/usr/local/src',
        annotate: bool = False,
        _run_arguments: str = '',
        check: bool = False,
        preconfigure: Sequence[str] = ...,
        postconfigure: Sequence[str] = ...,
        postinstall: Sequence[str] = ...,
        configure_opts: Sequence[str] = ...,
        build_directory: str | None = None,
        device: str | None = None,
        fortran: bool | None = None,
        mpi_abi: bool = False,
        ucx: Upon = None,
        libfabric: Upon = None,
        hwloc: Upon = None,
        cuda: Upon = None,
        nccl: Upon = False,
        rocm: Upon = None,
        xpmem: Upon = None,
        pmix: Upon = False,
        pmi: Upon = False,
        **further: bool | str | int,
    ) -> None: ...

class nccl(_nccl):
    """NCCL: collective communication of NVIDIA's GPUs; its packages, or from source. https://developer.nvidia.com/nccl

    Args:
        version: as 2.30.7-1; the newest package, or with build=True the newest release, if not given
        prefix: with build=True: folder it is installed into
        compiled: compile it, instead of NVIDIA's packages
        cuda: the toolkit; for packages also the version that they were made with, as '13.2'
        architectures: with build=True: GPUs to compile for, as 80, 90a or sm_90; those of the recipe's cuda, if not given
        make_variables: with build=True: further variables for make, as TRACE=1
        infiniband: the distribution's libraries for InfiniBand and RoCE too: it opens them by name where they are
        repositories: where NVIDIA's package repositories lie, instead of NVIDIA's server
        fingerprint: of the repository's key, for a target whose key hpcgen does not know
    """

    def __init__(
        self,
        *,
        version: Any = None,
        prefix: str = '/usr/local/nccl',
        source: str | None = None,
        sha256: str | None = '',
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
        parallel: int | str = '',
        alone: bool | None = None,
        wd: str = '/usr/local/src',
        annotate: bool = False,
        _run_arguments: str = '',
        make_opts: Sequence[str] = ...,
        compiled: bool = False,
        build: bool = False,
        cuda: Upon = None,
        architectures: Sequence[str] = ...,
        make_variables: Mapping[str, str | float] = ...,
        infiniband: bool = False,
        repositories: str | None = None,
        fingerprint: str | None = None,
        **further: bool | str | int,
    ) -> None: ...

class netcdf(_netcdf):
    """netCDF: files of arrays for climate and weather, with its C++ and Fortran libraries. https://www.unidata.ucar.edu/software/netcdf

    Args:
        version: release of the C library to build
        prefix: folder all of it is installed into
        version_cxx: release of the C++ library
        version_fortran: release of the Fortran library
        source_cxx: another archive of the C++ library: a URL, or a file beside the recipe; give its version and sha256_cxx too
        sha256_cxx: its checksum; None: unchecked, which every run reports
        source_fortran: another archive of the Fortran library, with sha256_fortran
        sha256_fortran: its checksum; None: unchecked, which every run reports
        cxx: C++ library
        fortran: Fortran library
        hdf5: netCDF-4 files; without it the classic formats alone
        mpi: parallel files by MPI, the one that its HDF5 and PnetCDF were built with; True: the recipe's
        pnetcdf: parallel classic files by PnetCDF
        dap: remote data by OPeNDAP and byte ranges, with libcurl and libxml2
        nczarr: Zarr files
        zstd: Zstandard compression, by a filter that HDF5 opens by name
        programs: ncdump, nccopy and ncgen in a runtime stage too; the stage that it is built in has them always
    """

    def __init__(
        self,
        *,
        version: str = '4.10.1',
        prefix: str = '/usr/local/netcdf',
        source: str | None = None,
        sha256: str | None = '',
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
        parallel: int | str = '',
        alone: bool | None = None,
        wd: str = '/usr/local/src',
        annotate: bool = False,
        _run_arguments: str = '',
        check: bool = False,
        preconfigure: Sequence[str] = ...,
        postconfigure: Sequence[str] = ...,
        postinstall: Sequence[str] = ...,
        configure_opts: Sequence[str] = ...,
        build_directory: str | None = None,
        version_cxx: str = '4.3.1',
        version_fortran: str = '4.6.4',
        source_cxx: str | None = None,
        sha256_cxx: str | None = '',
        source_fortran: str | None = None,
        sha256_fortran: str | None = '',
        cxx: bool = True,
        fortran: bool = True,
        hdf5: Upon = True,
        mpi: Upon = False,
        pnetcdf: Upon = False,
        dap: bool = False,
        nczarr: bool = False,
        zstd: Upon = False,
        programs: bool = False,
        **further: bool | str | int,
    ) -> None: ...

class nvshmem(_nvshmem):
    """NVSHMEM: one address space over the memory of many GPUs, from kernels and from the host. https://developer.nvidia.com/nvshmem

    Args:
        version: release to build
        prefix: folder it is installed into
        cuda: the toolkit, with its compiler
        architectures: GPUs to compile for, as 80, 90a or sm_90; those of the recipe's cuda, if not given
        ofed: InfiniBand and RoCE, by verbs; its sources need their headers in any case
        ibgda: InfiniBand that GPUs drive themselves
        gdrcopy: low-latency copies to and from GPU memory
        nccl: collectives of the host by NCCL; 'system': where its packages lie
        ucx: transfers by UCX
        libfabric: transfers by libfabric: Slingshot, EFA
        mpi: processes that MPI has started find each other by it
        pmix: the same by PMIx, as Slurm has it
        shmem: the same by OpenSHMEM: the path of an Open MPI that was built with oshmem=True
        build_examples: its examples
        build_packages_too: rules for making RPM and deb packages of it
    """

    def __init__(
        self,
        *,
        version: str = '3.4.5-0',
        prefix: str = '/usr/local/nvshmem',
        source: str | None = None,
        sha256: str | None = '',
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
        parallel: int | str = '',
        alone: bool | None = None,
        wd: str = '/usr/local/src',
        annotate: bool = False,
        _run_arguments: str = '',
        check: bool = False,
        preconfigure: Sequence[str] = ...,
        postconfigure: Sequence[str] = ...,
        postinstall: Sequence[str] = ...,
        cmake_opts: Sequence[str] = ...,
        build_directory: str = 'build',
        cuda: Upon = None,
        architectures: Sequence[str] = ...,
        ofed: Upon = None,
        ibgda: bool = False,
        gdrcopy: Upon = None,
        nccl: Upon = None,
        ucx: Upon = None,
        libfabric: Upon = None,
        mpi: Upon = None,
        pmix: Upon = None,
        shmem: Upon = False,
        build_examples: bool = False,
        build_packages_too: bool = False,
        build_packages: bool = False,
    ) -> None: ...

class ofed(_ofed):
    """OFED: the distribution's own verbs, the library of InfiniBand and RoCE, with providers and tools. https://github.com/linux-rdma/rdma-core

    Args:
        prefix: folder to unpack the packages into instead of installing them, beside other builds of verbs: whoever starts the container chooses one, by LD_LIBRARY_PATH=PREFIX/lib and IBV_DRIVERS
        symlink: with prefix: links to all its libraries in PREFIX/lib, and to headers, so that others can be built upon it
    """

    def __init__(
        self,
        *,
        ospackages: Sequence[str] = ...,
        wd: str = '/usr/local/src',
        prefix: str = '',
        symlink: bool = True,
    ) -> None: ...

class openblas(_openblas):
    """OpenBLAS: BLAS and LAPACK, with kernels for each processor. https://www.openblas.net

    Args:
        version: release to build
        prefix: folder it is installed into
        target: processors it is for, as OpenBLAS calls them: HASWELL; by the CPU target, else all (dynamic), if not given
        dynamic: without a target: code for each processor, chosen when it runs
        threads: how it runs on several processors; OpenMP's is safe within programs that use OpenMP
        num_threads: most threads that it can ever use; by default make would count the builder's processors
        fortran: LAPACK from its Fortran source; False: from the C that it brings, since 0.3.21
        ilp64: integers of 64 bits in its interface
        static: a static library too
        check: run the source's own tests, on the builder's processor
    """

    def __init__(
        self,
        *,
        version: str = '0.3.34',
        prefix: str = '/usr/local/openblas',
        source: str | None = None,
        sha256: str | None = '',
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
        parallel: int | str = '',
        alone: bool | None = None,
        wd: str = '/usr/local/src',
        annotate: bool = False,
        _run_arguments: str = '',
        make_opts: Sequence[str] = ...,
        target: str | None = None,
        dynamic: bool = True,
        threads: Literal['openmp', 'pthreads', 'none'] = 'openmp',
        num_threads: int | str = '128',
        fortran: bool = True,
        ilp64: bool = False,
        static: bool = False,
        check: bool = False,
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
        version: str = '5.0.11',
        prefix: str = '/usr/local/openmpi',
        source: str | None = None,
        sha256: str | None = '',
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
        parallel: int | str = '',
        alone: bool | None = None,
        wd: str = '/usr/local/src',
        annotate: bool = False,
        _run_arguments: str = '',
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
        zlib: Upon = 'system',
        munge: Upon = False,
        **further: bool | str | int,
    ) -> None: ...

class osu_benchmarks(_osu_benchmarks):
    """OSU micro-benchmarks: latency and bandwidth of MPI, also between GPUs, and of NCCL. https://mvapich.cse.ohio-state.edu/benchmarks

    Args:
        version: release to build
        prefix: folder it is installed into
        mpi: the MPI that is measured
        cuda: transfers from and to GPU memory
        nccl: NCCL's transfers too
    """

    def __init__(
        self,
        *,
        version: str = '7.5.2',
        prefix: str = '/usr/local/osu',
        source: str | None = None,
        sha256: str | None = '',
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
        parallel: int | str = '',
        alone: bool | None = None,
        wd: str = '/usr/local/src',
        annotate: bool = False,
        _run_arguments: str = '',
        check: bool = False,
        preconfigure: Sequence[str] = ...,
        postconfigure: Sequence[str] = ...,
        postinstall: Sequence[str] = ...,
        configure_opts: Sequence[str] = ...,
        build_directory: str | None = None,
        mpi: Upon = None,
        cuda: Upon = None,
        nccl: Upon = None,
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
        download_directory: str = '/usr/local/src/packages',
        extract: str = '',
        apt: Sequence[str] = ...,
        yum: Sequence[str] = ...,
        dnf: Sequence[str] = ...,
        epel: bool = False,
        powertools: bool = False,
        crb: bool = False,
        modules: Sequence[str] = ...,
        **further: bool | str | int,
    ) -> None: ...

class pip(_pip):
    """pip: Python packages in a virtual environment of their own. https://pip.pypa.io

    Args:
        packages: what to install, as numpy==2.4.1
        requirements: requirements file beside the recipe; with checksums in it (--hash) each file is checked
        prefix: folder of the virtual environment; several pip() can share one
        python: the Python that it is made with: the recipe's python(), else the distribution's own; or the path of another one
        wheels: take wheels alone, and compile nothing; then it is built in a stage of its own
        system_packages: let it see the Python packages of the distribution, too
        upgrade: take the newest pip first
        index: index instead of PyPI, which stands in the file; a build secret named pip keeps one out
        pip: HPCCM's name of the tool: pip3, or pip, which is Python 3's too
        args: words for pip, before its command
        install_args: words for pip install, with packages=[...]
        ospackages: packages of the distribution to install first, as compilers for what has no wheel
        absent: libraries that parts of the packages want and nobody will have, as libpq.so.*: the runtime stage goes without
        alternatives: HPCCM's: a virtual environment has python and pip by these names anyway
        environment: set PATH and VIRTUAL_ENV for what comes after
        wd: scratch folder in the container
    """

    def __init__(
        self,
        *,
        packages: Sequence[str] = ...,
        requirements: str | None = None,
        prefix: str = '/usr/local/venv',
        python: Upon = None,
        wheels: bool = False,
        system_packages: bool = False,
        upgrade: bool = False,
        index: str | None = None,
        pip: str = 'pip3',
        args: Sequence[str] = ...,
        install_args: Sequence[str] = ...,
        ospackages: Sequence[str] | None = None,
        absent: Sequence[str] = ...,
        alternatives: bool = False,
        environment: bool = True,
        wd: str = '/usr/local/src',
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
        version: str = '5.0.10',
        prefix: str = '/usr/local/pmix',
        source: str | None = None,
        sha256: str | None = '',
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
        parallel: int | str = '',
        alone: bool | None = None,
        wd: str = '/usr/local/src',
        annotate: bool = False,
        _run_arguments: str = '',
        check: bool = False,
        preconfigure: Sequence[str] = ...,
        postconfigure: Sequence[str] = ...,
        postinstall: Sequence[str] = ...,
        configure_opts: Sequence[str] = ...,
        build_directory: str | None = None,
        hwloc: Upon = None,
        libevent: Upon = None,
        zlib: Upon = 'system',
        munge: Upon = False,
        **further: bool | str | int,
    ) -> None: ...

class pnetcdf(_pnetcdf):
    """PnetCDF: netCDF's classic files in parallel, by MPI. https://parallel-netcdf.github.io

    Args:
        version: release to build
        prefix: folder it is installed into
        mpi: the MPI that it is for
        cxx: C++ library
        fortran: Fortran library; if its MPI has Fortran, if not given
        burst_buffering: writes by way of fast storage of each node
        subfiling: a file as several smaller ones
        thread_safe: calls from several threads at once
        gio: its own input and output beside MPI's, which knows Lustre's stripes
        netcdf: netCDF-4 files too, by netCDF
        programs: ncmpidump, ncmpidiff and the like in a runtime stage too; the stage that it is built in has them always
    """

    def __init__(
        self,
        *,
        version: str = '1.15.1',
        prefix: str = '/usr/local/pnetcdf',
        source: str | None = None,
        sha256: str | None = '',
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
        parallel: int | str = '',
        alone: bool | None = None,
        wd: str = '/usr/local/src',
        annotate: bool = False,
        _run_arguments: str = '',
        check: bool = False,
        preconfigure: Sequence[str] = ...,
        postconfigure: Sequence[str] = ...,
        postinstall: Sequence[str] = ...,
        configure_opts: Sequence[str] = ...,
        build_directory: str | None = None,
        mpi: Upon = True,
        cxx: bool = True,
        fortran: bool | None = None,
        burst_buffering: bool = False,
        subfiling: bool = False,
        thread_safe: bool = False,
        gio: bool = True,
        netcdf: Upon = False,
        programs: bool = False,
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
        version: str = '3.0.11',
        prefix: str = '/usr/local/prrte',
        source: str | None = None,
        sha256: str | None = '',
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
        parallel: int | str = '',
        alone: bool | None = None,
        wd: str = '/usr/local/src',
        annotate: bool = False,
        _run_arguments: str = '',
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

class python(_python):
    """Python: the distribution's own, or another version that it has. https://www.python.org

    Args:
        version: of Python 3, as 3.12, if the distribution has several; its own if not given
        python3: install Python 3
        python2: install Python 2.7, which ended in 2020; only with python3=False, if not given
        devel: headers and libraries to build against, too
        alternatives: call it by the name python, too, and with devel its python-config by that name
    """

    def __init__(
        self,
        *,
        version: Any = None,
        python3: bool = True,
        python2: bool | None = None,
        devel: bool = False,
        alternatives: bool = False,
    ) -> None: ...

class rdma_core(_rdma_core):
    """rdma-core: verbs, the library of InfiniBand and RoCE, with the providers of all makers' devices. https://github.com/linux-rdma/rdma-core

    Args:
        version: release to build
        prefix: folder it is installed into
    """

    def __init__(
        self,
        *,
        version: str = '64.0',
        prefix: str = '/usr/local/rdma-core',
        source: str | None = None,
        sha256: str | None = '',
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
        parallel: int | str = '',
        alone: bool | None = None,
        wd: str = '/usr/local/src',
        annotate: bool = False,
        _run_arguments: str = '',
        check: bool = False,
        preconfigure: Sequence[str] = ...,
        postconfigure: Sequence[str] = ...,
        postinstall: Sequence[str] = ...,
        cmake_opts: Sequence[str] = ...,
        build_directory: str = 'build',
    ) -> None: ...

class slurm_pmi2(_slurm_pmi2):
    """Slurm's PMI-2 library, by which `srun --mpi=pmi2` starts ranks; Slurm itself is the host's. https://slurm.schedmd.com/mpi_guide.html

    Args:
        version: Slurm release to take it from
        prefix: folder it is installed into
        environment: set CPATH and LD_LIBRARY_PATH; an MPI that is told where it lies needs neither
    """

    def __init__(
        self,
        *,
        version: str = '26.05.4',
        prefix: str = '/usr/local/slurm-pmi2',
        source: str | None = None,
        sha256: str | None = '',
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
        environment: bool = False,
        ldconfig: bool = False,
        parallel: int | str = '',
        alone: bool | None = None,
        wd: str = '/usr/local/src',
        annotate: bool = False,
        _run_arguments: str = '',
        check: bool = False,
        preconfigure: Sequence[str] = ...,
        postconfigure: Sequence[str] = ...,
        postinstall: Sequence[str] = ...,
        configure_opts: Sequence[str] = ...,
        build_directory: str | None = None,
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
        version: str = '1.21.0',
        prefix: str = '/usr/local/ucx',
        source: str | None = None,
        sha256: str | None = '',
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
        parallel: int | str = '',
        alone: bool | None = None,
        wd: str = '/usr/local/src',
        annotate: bool = False,
        _run_arguments: str = '',
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
        numa: Upon = 'system',
        bfd: Upon = False,
        **further: bool | str | int,
    ) -> None: ...

class xpmem(_xpmem):
    """XPMEM: memory of other processes by a kernel module; here its library, the module is the host's. https://github.com/openucx/xpmem

    Args:
        version: release to build
        prefix: folder it is installed into
        autogen: make the configure script first, which releases lack
    """

    def __init__(
        self,
        *,
        version: str = '2.7.4',
        prefix: str = '/usr/local/xpmem',
        source: str | None = None,
        sha256: str | None = '',
        patches: Sequence[str] = ...,
        autogen: bool = True,
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
        parallel: int | str = '',
        alone: bool | None = None,
        wd: str = '/usr/local/src',
        annotate: bool = False,
        _run_arguments: str = '',
        check: bool = False,
        preconfigure: Sequence[str] = ...,
        postconfigure: Sequence[str] = ...,
        postinstall: Sequence[str] = ...,
        configure_opts: Sequence[str] = ...,
        build_directory: str | None = None,
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
        download_directory: str = '/usr/local/src/packages',
        extract: str = '',
        epel: bool = False,
        powertools: bool = False,
        crb: bool = False,
        modules: Sequence[str] = ...,
        **further: bool | str | int,
    ) -> None: ...

__all__ = ('apt_get', 'aws_ofi_nccl', 'boost', 'cmake', 'conda', 'cuda', 'doca_ofed', 'fftw', 'gdrcopy', 'generic_autotools', 'generic_build', 'generic_cmake', 'gnu', 'gromacs', 'hdf5', 'hwloc', 'knem', 'lammps', 'libevent', 'libfabric', 'llvm', 'mlnx_ofed', 'mpich', 'nccl', 'netcdf', 'nvshmem', 'ofed', 'openblas', 'openmpi', 'osu_benchmarks', 'packages', 'pip', 'pmix', 'pnetcdf', 'prrte', 'python', 'rdma_core', 'slurm_pmi2', 'ucx', 'xpmem', 'yum')
