"""UCX."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hpcgen.block import AutotoolsBlock, Exports, Leaves, Packages, Tarball, Upon, because, conflict, option, partner
from hpcgen.block.compilers import gcc_version
from hpcgen.block.versions import holds
from hpcgen.building_blocks._companions import RDMA
from hpcgen.building_blocks._images import CUDA
from hpcgen.building_blocks._verbs import distributions_beside, shadowing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hpcgen.block.place import Place


class ucx(AutotoolsBlock, closed=True):
    """UCX: communication over InfiniBand, RoCE, shared memory and TCP, with GPU memory. https://openucx.org"""

    licence = "BSD-3-Clause"
    git = "https://github.com/openucx/ucx.git"
    languages = ("c", "c++")
    release = Tarball(
        "https://github.com/openucx/ucx/releases/download",
        "v{version}/ucx-{version}.tar.gz",
        sha256={
            "1.21.0": "2374d2fcf3186fbfd5e27633ab153aabaeb6b4f503a88563d2aca67cf51ed2c1",  # ytsaurus, xmake, public pins
            "1.20.1": "545c419a7b5e04643cb8bff5a19b3b5071a8f8f0605f1e8efb36f8f3d7bfb9d3",  # spack, public pins
            "1.20.0": "7c8a6093cada179aa1d851b83625e3b25ed5658966e309de5118c27a038c7ef9",  # easybuild, spack
            "1.19.1": "dea5d821fce05b6ffe175a74e6e148386dd85791409fc71242f3d1369100fd8a",  # conda, spack
            "1.19.0": "9af07d55281059542f20c5b411db668643543174e51ac71f53f7ac839164f285",  # conda, easybuild, spack
            "1.18.1": "8018dd75f11b5e8d6e57dcdb5b798d2c1f000982c353efde1f3170025c6c3b4c",  # conda, spack, public pins
            "1.18.0": "fa75070f5fa7442731b4ef5fc9549391e147ed3d859afeb1dad2d4513b39dc33",  # conda, easybuild, spack, xmake
            "1.17.0": "34658e282f99f89ce7a991c542e9727552734ac6ad408c52f22b4c2653b04276",  # conda, easybuild, spack, xmake
            "1.16.0": "f73770d3b583c91aba5fb07557e655ead0786e057018bfe42f0ebe8716e9d28c",  # conda, easybuild, spack, xmake
            "1.15.0": "4b202087076bc1c98f9249144f0c277a8ea88ad4ca6f404f94baa9cb3aebda6d",  # easybuild, spack, xmake
            "1.14.1": "baa0634cafb269a3112f626eb226bcd2ca8c9fcf0fec3b8e2a3553baad5f77aa",  # easybuild, spack
            "1.13.1": "efc37829b68e131d2acc82a3fd4334bfd611156a756837ffeb650ab9a9dd3828",  # conda, easybuild, spack
            "1.12.1": "40b447c8e7da94a253f2828001b2d76021eb4ad39647107d433d62d61e18ae8e",  # easybuild, spack
        },
    )
    build_packages = Packages(both=("file",))
    # As upstream's contrib/configure-release, and what configure would otherwise guess.
    configure = (
        *("--disable-logging", "--disable-debug", "--disable-assertions", "--disable-params-check"),
        *("--disable-static", "--disable-doxygen-doc", "--enable-cma", "--enable-openmp"),
        *("--without-go", "--without-java", "--without-fuse3", "--without-ugni"),
        "GITBIN=yes",  # its version names the commit of the release; else it does so only where git happens to be installed (configure.ac)
    )
    configure_at = {">=1.16": ("--without-mad",), ">=1.17": ("--without-ze",), ">=1.21": ("--without-gaudi",)}
    leaves_out = ("share/ucx/examples",)
    exports = Exports(bin="bin", include="include", lib="lib", pkgconfig="lib/pkgconfig", cmake=True)
    leaves = Leaves(programs=("bin/ucx_info",), opens=("lib/ucx/*.so*",), data=("etc/ucx*",))
    companions = RDMA
    runtime_packages = Packages(apt=("libgomp1",), dnf=("libgomp",))
    conflicts = (
        conflict(
            lambda ucx, place: bool(place.partner(ucx, "gdrcopy")) and not place.partner(ucx, "cuda"),
            "UCX uses gdrcopy for CUDA memory alone: name cuda too",
            name="ucx-gdrcopy-without-cuda",
            source="spack-packages, ucx",
        ),
        conflict(
            lambda ucx, place: ucx.at(">=1.12") and _rdma_is(ucx, place, "rdma_core", "<28"),
            "UCX from 1.12 on needs rdma-core 28 or newer",
            name="R13",
            source="UCX FAQ",
        ),
        conflict(
            lambda ucx, place: ucx.at(">=1.12") and _rdma_is(ucx, place, "mlnx_ofed", "<5.0"),
            "UCX from 1.12 on needs MLNX_OFED 5.0 or newer",
            name="R13b",
            source="UCX FAQ",
        ),
        distributions_beside("ofed", "R15e"),
        shadowing("ofed", "R14c"),
        conflict(
            lambda ucx, place: ucx.at("<1.19.1") and place.partner(ucx, "cuda").at(">=13"),
            "UCX before 1.19.1 was not released for CUDA 13",
            name="R19",
            source="UCX NEWS",
            level="warning",
        ),
        conflict(
            lambda ucx, place: ucx.at("<1.14.1") and place.partner(ucx, "cuda").at(">=12"),
            "UCX before 1.14.1 was not released for CUDA 12",
            name="R19b",
            source="UCX NEWS",
            level="warning",
        ),
        conflict(
            lambda ucx, place: ucx.at("<1.19") and holds(gcc_version(place), ">=15"),
            "UCX before 1.19 does not compile with GCC 15",
            name="ucx-gcc-15",
            source="spack-packages, ucx",
            level="warning",
        ),
    )

    version: str = option("1.21.0", "release to build")
    prefix: str = option("/usr/local/ucx", "folder it is installed into")
    mt: bool = option(True, "thread safety, which MPI_THREAD_MULTIPLE needs", on="--enable-mt", off="--disable-mt")
    optimizations: bool = option(
        False, "use what the builder's processor has: the image may not run on another", on="--enable-optimizations", off="--disable-optimizations"
    )
    cuda: Upon = partner("cuda", "CUDA memory", with_="--with-cuda={path}", without="--without-cuda", toolchain="CUDA_HOME", images=CUDA)
    gdrcopy: Upon = partner("gdrcopy", "low-latency copies to and from CUDA memory", with_="--with-gdrcopy={path}", without="--without-gdrcopy")
    gda: bool = option(False, "communication that GPU kernels start; needs nvcc", on="--with-gda", off="--without-gda", versions=">=1.21")
    rocm: Upon = partner("rocm", "ROCm memory", with_="--with-rocm={path}", without="--without-rocm")
    ofed: Upon = partner(
        "rdma",
        "InfiniBand and RoCE, by verbs and rdmacm",
        with_="--with-verbs={path} --with-rdmacm={path}",
        without="--without-verbs --without-rdmacm",
        system="--with-verbs --with-rdmacm",
        packages=Packages(apt=("libibverbs-dev", "librdmacm-dev"), dnf=("rdma-core-devel",)),
        runtime=Packages(apt=("ibverbs-providers", "libibverbs1"), t64=("librdmacm1",), dnf=("libibverbs", "librdmacm")),
    )
    efa: bool = option(False, "AWS EFA devices, by verbs", on="--with-efa", off="--without-efa", versions=">=1.19")
    knem: Upon = partner("knem", "copies between processes by the KNEM kernel module", with_="--with-knem={path}", without="--without-knem")
    xpmem: Upon = partner("xpmem", "copies between processes by the XPMEM kernel module", with_="--with-xpmem={path}", without="--without-xpmem")
    numa: Upon = partner(
        "numactl",
        "memory policies by libnuma",
        default="system",
        system="--enable-numa",
        without="--disable-numa",
        packages=Packages(apt=("libnuma-dev",), dnf=("numactl-devel",)),
        runtime=Packages(apt=("libnuma1",), dnf=("numactl-libs",)),
        versions="<1.15",
    )
    bfd: Upon = partner(
        "binutils",
        "line numbers in the backtraces of crashes, by binutils' libbfd",
        default=False,
        with_="--with-bfd={path}",
        without="--without-bfd",
        system="--with-bfd",
        packages=Packages(apt=("binutils-dev", "zlib1g-dev"), dnf=("binutils-devel", "zlib-devel")),
        runtime=Packages(apt=("libbinutils",), dnf=("binutils",)),
    )

    def choices(self, place: Place) -> Iterator[str]:
        """Its options' words; with verbs, Mellanox's own commands too."""
        yield from super().choices(place)
        if place.partner(self, "ofed"):
            yield because("--with-mlx5" if self.at(">=1.18") else "--with-mlx5-dv", "with verbs: Mellanox's own commands too")

    def autogen_commands(self) -> tuple[str, ...]:
        """What makes the configure script, with the files in place that configure.ac names and a repacked archive may lack."""
        missing = "rules.in control.in changelog.in compat copyright ucx.prerm"
        return ("mkdir -p debian", f"for file in {missing}; do [ -e debian/$file ] || touch debian/$file; done", "./autogen.sh")


def _rdma_is(block: ucx, place: Place, name: str, condition: str) -> bool:
    """Whether verbs come from a block of this name whose version meets a condition."""
    found = place.partner(block, "ofed")
    return found.block is not None and found.block.name == name and found.at(condition)
