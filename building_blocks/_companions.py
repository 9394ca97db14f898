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
ALL = (*RDMA, *FABRIC, *PMI, *CUDA_PARTS)
"""For what the recipe builds itself: nobody knows what it links with."""
