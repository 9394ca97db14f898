"""What well-known base images bring: a pattern of their names, and where they have it."""

CUDA = (r"(^|/)cuda:[^/@]*-devel", "/usr/local/cuda")
"""NVIDIA's images of the CUDA toolkit."""
