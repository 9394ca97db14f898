"""What libraries open by name: pairs (library, pattern); `@/` is the library's own folder. What nobody has is passed over."""

RDMA = (
    ("libibverbs.so.*", "@/libibverbs/*.so"),  # a device's own provider (rdma-core, libibverbs/init.c)
    ("libibverbs.so.*", "/etc/libibverbs.d/*.driver"),
)
FABRIC = (("libfabric.so.*", "@/libfabric/*.so"),)  # providers that are built as plug-ins (libfabric, fi_provider)
PMI = (
    ("libpmix.so.*", "@/pmix/*.so"),
    ("libpmix.so.*", "@/pmix*/lib/pmix/*.so"),  # Debian's folder
    ("libpmix.so.*", "/usr/share/pmix/*.txt"),
)
CUDA_PARTS = (
    ("libnvrtc.so.*", "@/libnvrtc-builtins.so*"),  # NVRTC user guide, installation
    ("libcudnn.so.*", "@/libcudnn_*.so.*"),  # cuDNN's parts, since version 8
)
_SYSTEM = ("/usr/lib/*-linux-gnu", "/usr/lib64")


def _opened(library: str, names: tuple[str, ...], folders: tuple[str, ...] = _SYSTEM) -> tuple[tuple[str, str], ...]:
    """Pairs for libraries that one opens by their names alone: where the distribution, or a block by default, has them."""
    return tuple((library, f"{folder}/{name}") for name in names for folder in folders)


_VERBS = ("libibverbs.so.1", "libmlx5.so.1")
_GDRCOPY = (("libgdrapi.so.2",), ("/usr/local/gdrcopy/lib",))
NCCL = (  # NCCL, src/misc/ibvsymbols.cc, mlx5dvsymbols.cc, gdrwrap.cc
    *_opened("libnccl.so.*", _VERBS),
    *_opened("libnccl.so.*", *_GDRCOPY),
)
NVSHMEM = (  # NVSHMEM, src/modules/transport/common, src/host/coll/cpu_coll.cpp
    *_opened("nvshmem_transport_*.so.*", _VERBS),
    *_opened("nvshmem_transport_*.so.*", *_GDRCOPY),
    *_opened("libnvshmem_host.so.*", ("libnccl.so.2",), (*_SYSTEM, "/usr/local/nccl/lib")),
)
ALL = (*RDMA, *FABRIC, *PMI, *CUDA_PARTS, *NCCL, *NVSHMEM)
"""For what the recipe builds itself: nobody knows what it links with."""
