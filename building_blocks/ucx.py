"""UCX."""

from hpcgen.block import AutotoolsBlock, Exports, Packages, Tarball, Upon, option, partner


class ucx(AutotoolsBlock, closed=True):
    """UCX: communication over InfiniBand, RoCE, shared memory and TCP, with GPU memory. https://openucx.org"""

    licence = "BSD-3-Clause"
    release = Tarball(
        "https://github.com/openucx/ucx/releases/download",
        "v{version}/ucx-{version}.tar.gz",
        sha256={
            "1.18.1": "0" * 64,
        },
    )
    build_packages = Packages(both=("file",), apt=("gcc", "g++", "libnuma-dev"), dnf=("gcc", "gcc-c++", "numactl-devel"))
    configure = ("--enable-optimizations", "--disable-logging", "--disable-debug", "--disable-assertions", "--disable-params-check", "--disable-static", "--disable-doxygen-doc", "--without-java", "--without-go")
    exports = Exports(bin="bin", include="include", lib="lib", pkgconfig="lib/pkgconfig")
    runtime_packages = Packages(apt=("libnuma1",), dnf=("numactl-libs",))

    version: str = option("1.18.1", "release to build")
    prefix: str = option("/usr/local/ucx", "folder it is installed into")
    cuda: Upon = partner("cuda", "transports for CUDA memory", with_="--with-cuda={path}", without="--without-cuda")
