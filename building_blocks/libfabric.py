"""libfabric."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hpcgen.block import AutotoolsBlock, Exports, Leaves, Packages, Tarball, Upon, Words, because, conflict, option, partner
from hpcgen.block.leaving import literal
from hpcgen.block.versions import holds
from hpcgen.building_blocks._companions import FABRIC, RDMA
from hpcgen.building_blocks._images import CUDA
from hpcgen.building_blocks._verbs import distributions_beside, shadowing
from hpcgen.errors import WrongValue, did_you_mean
from hpcgen.frozen import evolve
from hpcgen.quoting import sh

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from hpcgen.block.leaving import Leavings
    from hpcgen.block.place import Place
    from hpcgen.graph.nodes import Node

PROVIDERS = {
    **dict.fromkeys(("tcp", "udp", "shm", "rxm", "rxd", "mrail", "sockets", "efa", "opx", "psm2", "psm3", "usnic"), ""),
    "sm2": ">=1.18",
    "cxi": ">=1.21",
    "lnx": ">=2",
    "lpp": ">=2",
}
"""Provider -> the versions that have it (configure.ac of each tag). verbs and ucx are options of their own: they need partners."""

PARTNERED = {"verbs": "rdma", "ucx": "ucx"}
"""Provider -> the option that chooses it."""

OLDER = {
    **dict.fromkeys(("bgq", "gni", "rstream"), "<1.21"),
    "psm": "<1.20",
    "net": "<1.18",
    **dict.fromkeys(("perf", "hook_debug", "hook_hmem", "dmabuf_peer_mem"), ""),
    "trace": ">=1.18",
    "profile": ">=1.20",
    "monitor": ">=2.2",
}
"""What no one is asked for: providers for machines that are gone, and hooks that count, print and trace what programs do."""

BY_PACKAGES = {
    **dict.fromkeys(
        ("opx", "psm3"), Packages(apt=("libnuma-dev", "uuid-dev"), dnf=("libuuid-devel", "numactl-devel"), why="its providers opx and psm3")
    ),
    "psm2": Packages(apt=("libpsm2-dev",), dnf=("libpsm2-devel",), why="its provider psm2"),
    "usnic": Packages(apt=("libnl-3-dev", "libnl-route-3-dev"), dnf=("libnl3-devel",), why="its provider usnic"),
}
"""Provider -> the distribution's packages for building it."""
TO_RUN = {
    **dict.fromkeys(("opx", "psm3"), Packages(apt=("libnuma1", "libuuid1"), dnf=("libuuid", "numactl-libs"))),
    "psm2": Packages(apt=("libpsm2-2",), dnf=("libpsm2",)),
    "usnic": Packages(apt=("libnl-3-200", "libnl-route-3-200"), dnf=("libnl3",)),
}
"""Provider -> the distribution's packages for running it."""

UPON_VERBS = ("efa", "psm3")
"""Providers that use verbs themselves."""


class libfabric(AutotoolsBlock, closed=True):
    """libfabric (OFI): communication over InfiniBand, Omni-Path, Slingshot, EFA, shared memory and TCP. https://ofiwg.github.io/libfabric"""

    licence = "BSD-2-Clause OR GPL-2.0-only"
    git = "https://github.com/ofiwg/libfabric.git"
    release = Tarball(
        "https://github.com/ofiwg/libfabric/releases/download",
        "v{version}/libfabric-{version}.tar.bz2",
        sha256={
            "2.6.0": "1ee2ab6eb16462c0fe7a836f9df52b8f12309dfee3f3774aa93a86f521a8e8b1",  # conda, homebrew
            "2.5.1": "ac34788a52b3e4a3a1ef712ec29bc4261c63dfbd9e5e4d6e202a0c3687be368d",  # conda, homebrew, spack
            "2.5.0": "276019edca708dc0569cf3064a412e395ba7b1883299781caed120594f850995",  # conda, easybuild, spack
            "2.4.0": "13f508e1d770c44f872c4117d9bcbfc102dc9d7532d3292455e0e0e5ef7b3bba",  # conda, homebrew, spack, xmake
            "2.3.1": "2e939f17ce4d30a999d0445f741d3055b19dfd894eff70450e23470fe774f35a",  # conda, spack, xmake
            "2.2.0": "ff6d05240b4a9753bb3d1eaf962f5a06205038df5142374a6ef40f931bb55ecc",  # conda, spack
            "2.1.0": "97df312779e2d937246d2f46385b700e0958ed796d6fed7aae77e2d18923e19f",  # conda, easybuild, spack
            "2.0.0": "1a8e40f1f331d6ee2e9ace518c0088a78c8a838968f8601c2b77fd012a7bf0f5",  # conda, easybuild, spack
            "1.22.0": "485e6cafa66c9e4f6aa688d2c9526e274c47fda3a783cf1dd8f7c69a07e2d5fe",  # conda, spack
            "1.21.0": "0c1b7b830d9147f661e5d7f359250b85b5a9885c330464cd3b5e5d35b86551c7",  # easybuild, spack
            "1.19.0": "f14c764be9103e80c46223bde66e530e5954cb28b3835b57c8e728479603ef9e",  # easybuild, spack
            "1.18.0": "912fb7c7b3cf2a91140520962b004a1c5d2f39184adbbd98ae5919b0178afd43",  # easybuild, spack
            "1.17.0": "579c0f5ef636c0c72f4d3d6bd4da91a5aed9ac3ac4ea387404c45dbbdee4745d",  # single: spack
            "1.15.1": "cafa3005a9dc86064de179b0af4798ad30b46b2f862fe0268db03d13943e10cd",  # easybuild, spack
        },
    )
    build_packages = Packages(both=("file",))
    # What configure would otherwise guess: other makers' accelerators, and what only who debugs it needs. Its provider verbs uses hwloc where that
    # is found, and no word says no: in a stage of its own nothing has it.
    configure = (
        *("--enable-shared", "--disable-static", "--disable-debug", "--without-valgrind", "--without-ze", "--without-neuron"),
        "--without-dsa",
    )
    configure_at = {">=1.17": ("--without-synapseai", "--without-lttng"), ">=2": ("--disable-kdreg2",)}
    leaves_out = ("share/man",)
    exports = Exports(bin="bin", include="include", lib="lib", pkgconfig="lib/pkgconfig")
    leaves = Leaves(programs=("bin/fi_info",), opens=("lib/libfabric/*.so",))
    companions = (*RDMA, *FABRIC)
    conflicts = (
        distributions_beside("rdma", "R15g"),
        shadowing("rdma", "R14e"),
        conflict(
            lambda fabric, place: bool(place.partner(fabric, "gdrcopy")) and not place.partner(fabric, "cuda"),
            "libfabric uses gdrcopy for CUDA memory alone: name cuda too",
            name="libfabric-gdrcopy-without-cuda",
            source="libfabric, src/hmem_cuda_gdrcopy.c",
        ),
        conflict(
            lambda fabric, place: not place.partner(fabric, "rdma") and any(name in UPON_VERBS for name in fabric.providers),
            "the providers efa and psm3 use verbs: name rdma too",
            name="libfabric-provider-without-rdma",
            source="libfabric, prov/efa/configure.m4 and prov/psm3/configure.m4",
        ),
        conflict(
            lambda fabric, place: fabric.at("==1.20.0") and "opx" in fabric.providers,
            "libfabric 1.20.0 reads memory in its provider opx that nobody has set",
            name="libfabric-opx",
            source="spack-packages, libfabric",
        ),
    )

    version: str = option("2.6.0", "release to build")
    prefix: str = option("/usr/local/libfabric", "folder it is installed into")
    providers: Words = option(
        ("tcp", "udp", "shm", "sm2", "rxm", "rxd", "mrail", "lnx"),
        "which to build beside verbs and ucx, of those the version has; cxi needs with_cxi_uapi_headers and with_cassini_headers too",
    )
    plugins: Words = option((), "those of its providers, verbs and ucx too, that are built as plug-ins: a host can put its own in their place")
    rdma: Upon = partner(
        "rdma",
        "its provider verbs: InfiniBand and RoCE",
        with_="--enable-verbs={path}",
        without="--disable-verbs",
        system="--enable-verbs",
        packages=Packages(apt=("libibverbs-dev", "librdmacm-dev"), dnf=("rdma-core-devel",)),
        runtime=Packages(apt=("ibverbs-providers", "libibverbs1"), t64=("librdmacm1",), dnf=("libibverbs", "librdmacm")),
    )
    ucx: Upon = partner(
        "ucx", "its provider ucx: communication by UCX", default=False, with_="--enable-ucx={path}", without="--disable-ucx", versions=">=1.18"
    )
    cuda: Upon = partner(
        "cuda",
        "CUDA memory; CUDA's libraries are opened when they are there",
        with_="--with-cuda={path} --enable-cuda-dlopen",
        without="--without-cuda",
        toolchain="CUDA_HOME",
        images=CUDA,
    )
    gdrcopy: Upon = partner(
        "gdrcopy",
        "low-latency copies to and from CUDA memory",
        with_="--with-gdrcopy={path} --enable-gdrcopy-dlopen",
        without="--without-gdrcopy",
    )
    rocm: Upon = partner("rocm", "ROCm memory", with_="--with-rocr={path} --enable-rocr-dlopen", without="--without-rocr")
    xpmem: Upon = partner(
        "xpmem",
        "copies between processes by the XPMEM kernel module",
        with_="--enable-xpmem={path}",
        without="--disable-xpmem",
        versions=">=1.20",
    )
    uring: Upon = partner(
        "liburing",
        "io_uring for its provider tcp",
        default=False,
        with_="--with-uring={path}",
        without="--without-uring",
        system="--with-uring",
        packages=Packages(apt=("liburing-dev",), dnf=("liburing-devel",)),
        runtime=Packages(
            dnf=("liburing",),
            at={
                "debian11": ("liburing1",),
                **dict.fromkeys(("debian12", "debian13", "ubuntu22.04", "ubuntu24.04", "ubuntu26.04"), ("liburing2",)),
            },
        ),
        versions=">=1.17",
    )

    def validate(self) -> None:
        """Raises for providers that its version does not have, and for plug-ins of what is not built."""
        super().validate()
        for name in self.providers:
            if name in PARTNERED:
                raise WrongValue(f"libfabric: provider '{name}'", help=f"it is chosen by its partner: {PARTNERED[name]}=True")
            if name not in PROVIDERS:
                raise WrongValue(f"libfabric has no provider '{name}'", help=did_you_mean(name, PROVIDERS) or f"providers: {', '.join(PROVIDERS)}")
            if name in self.chosen_providers and not self._has(PROVIDERS[name]):
                raise WrongValue(f"libfabric {self.version} has no provider '{name}', which is of versions {PROVIDERS[name]}", help="leave it out")
        for name in self.plugins:
            if name not in (*self.providers, *PARTNERED):
                raise WrongValue(f"libfabric: plugins=['{name}'] is no provider that is built", help="name it in providers too")

    @property
    def chosen_providers(self) -> tuple[str, ...]:
        """Those that the recipe names itself: of the defaults, what the version lacks is left out."""
        return self.providers if "providers" in self.given else ()

    def _has(self, condition: str) -> bool:
        return not self.version or holds(self.version, condition)

    def choices(self, place: Place) -> Iterator[str]:
        """Each provider that the version has, and its options' words."""
        verbs = place.partner(self, "rdma").path
        for name, condition in PROVIDERS.items():
            if not self._has(condition):
                continue
            if name in self.providers:
                how = [*(("dl",) if name in self.plugins else ()), *((verbs,) if verbs and name in UPON_VERBS else ())]
                yield because(f"--enable-{name}{'=' if how else ''}{':'.join(how)}", "option providers")
            else:
                yield because(f"--disable-{name}", "not in option providers")
        yield from (because(f"--disable-{name}", "nobody is asked for it") for name, condition in OLDER.items() if self._has(condition))
        for word in super().choices(place):
            yield self._plugged(word)

    def _plugged(self, word: str) -> str:
        """A word of verbs or ucx, as a plug-in where the recipe wants that."""
        for name in self.plugins:
            verb, _, path = word.partition("=")
            if name in PARTNERED and verb == f"--enable-{name}":
                return because(f"{verb}=dl:{path}" if path else f"{verb}=dl", "option plugins")
        return word

    def needs(self, place: Place) -> tuple[Packages, ...]:
        """Those of its kind, and of its providers."""
        return (*super().needs(place), *(BY_PACKAGES[name] for name in self.providers if name in BY_PACKAGES))

    def runtime_lists(self, place: Place) -> Iterable[Packages]:
        """Those of its partners, and of its providers."""
        yield from super().runtime_lists(place)
        yield from (TO_RUN[name] for name in self.providers if name in TO_RUN)

    def steps(self, place: Place, folder: str) -> Iterator[Node]:
        """With CUDA, a link beside its library: it opens libcudart.so, a name that CUDA's packages for running do not have."""
        yield from super().steps(place, folder)
        cuda = place.partner(self, "cuda")
        if cuda.path:
            library = sh(f"{cuda.path}/lib64/libcudart.so")
            yield self.run((f'ln -s "$(dirname {library})/$(readlink {library})" {sh(f"{self.prefix}/lib/libcudart.so")}',))

    def link_flags(self, place: Place) -> Iterator[str]:
        """Those of its kind; with CUDA its own folder too, where that link lies."""
        if place.partner(self, "cuda").path:
            yield because(f"-Wl,-rpath,{self.prefix}/lib", "with CUDA: it opens libcudart.so there")
        yield from super().link_flags(place)

    def leavings(self) -> Leavings:
        """What it leaves; the link to CUDA's library is opened by name, where there is one."""
        found = super().leavings()
        link = (("libfabric.so.*", f"{literal(self.prefix)}/lib/libcudart.so"),)
        return evolve(found, companions=(*found.companions, *link))
