"""A development image: compilers, CMake, UCX, Open MPI and FFTW; with CUDA if asked for.

hpcgen recipes/devel.py --userarg cuda=12.9 image=ubuntu:24.04 -o Dockerfile

User arguments: image (base image), cuda (toolkit version; none if not given).
"""

cuda_version = USERARG.get("cuda")

Stage0 += baseimage(image=USERARG.get("image", "ubuntu:24.04"), name="devel")
Stage0 += comment("Compilers and tools")
compiler = gnu()
Stage0 += compiler
Stage0 += cmake()
Stage0 += packages(ospackages=["git", "make", "patch", "perl"])
if cuda_version:
    Stage0 += cuda(version=cuda_version)

Stage0 += comment("Communication and libraries")
Stage0 += ucx()
mpi = openmpi()
Stage0 += mpi
Stage0 += fftw(mpi=True, toolchain=mpi.toolchain)

Stage0 += label(metadata={"org.opencontainers.image.title": "HPC development image"})
Stage0 += workdir("/work")
