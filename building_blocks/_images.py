"""What well-known base images bring: a pattern of their names, and where they have it."""

CUDA = (r"(^|/)cuda:[^/@]*-devel", "/usr/local/cuda")
"""NVIDIA's images of the CUDA toolkit."""

BRINGING = {"cuda": r"(^|/)cuda[:@]|^nvcr\.io/nvidia/"}
"""Block -> images that bring it or parts of it: what holds in a stage with the block holds upon them."""
