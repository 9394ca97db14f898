"""Recipes that hpcgen and HPCCM both understand, each block with its own defaults."""

from __future__ import annotations

import os

_STACK = """\
prefix = USERARG.get("prefix", "/usr/local/app")
Stage0 += baseimage(image="ubuntu:22.04", _as="devel")
Stage0 += gnu()
Stage0 += ucx(cuda=False)
Stage0 += openmpi(cuda=False, infiniband=False)
Stage0 += fftw(prefix=prefix)
Stage1 += baseimage(image="ubuntu:22.04")
Stage1 += Stage0.runtime(_from="devel")
"""

_LARGE = """\
prefix = USERARG.get("prefix", "/usr/local/app")
Stage0 += baseimage(image="ubuntu:22.04", _as="devel")
Stage0 += comment("Compilers and tools")
compiler = gnu()
Stage0 += compiler
Stage0 += cmake(eula=True)
Stage0 += packages(ospackages=["git", "make", "patch", "perl"])
Stage0 += comment("Communication")
Stage0 += ucx(cuda=False)
mpi = openmpi(cuda=False, infiniband=False, toolchain=compiler.toolchain)
Stage0 += mpi
Stage0 += comment("Libraries")
Stage0 += fftw(prefix=prefix, toolchain=mpi.toolchain)
for number in range(4):
    source = "https://example.org/library%d-1.0.tar.gz" % number
    Stage0 += generic_autotools(url=source, sha256=None, prefix="/usr/local/library%d" % number, toolchain=mpi.toolchain)
Stage0 += generic_cmake(url="https://example.org/app-1.0.tar.gz", sha256=None, prefix=prefix + "/app", cmake_opts=["-DWITH_MPI=ON"])
Stage0 += copy(src="src", dest="/usr/local/src/app")
Stage0 += environment(variables={"APP_HOME": prefix, "OMP_NUM_THREADS": "1"})
for number in range(10):
    Stage0 += shell(commands=["mkdir -p /data/%d" % number, "touch /data/%d/ready" % number])
Stage0 += label(metadata={"org.opencontainers.image.title": "app"})
Stage1 += baseimage(image="ubuntu:22.04")
Stage1 += Stage0.runtime(_from="devel")
Stage1 += copy(_from="devel", src=prefix, dest=prefix)
Stage1 += workdir(directory="/work")
Stage1 += runscript(commands=["app"])
"""

_SMALL = """\
Stage0 += baseimage(image="ubuntu:22.04")
Stage0 += shell(commands=["mkdir -p " + USERARG.get("prefix", "/opt/app")])
"""

TEXTS = {"small": _SMALL, "stack": _STACK, "large": _LARGE}
"""Name -> recipe: a base and one command; compilers, UCX, Open MPI, FFTW and their runtime; an application's."""


def write(folder: str) -> dict[str, str]:
    """Writes the recipes and gives their paths by name."""
    paths = {name: os.path.join(folder, f"{name}.py") for name in TEXTS}
    for name, path in paths.items():
        with open(path, "w", encoding="utf-8") as stream:
            stream.write(TEXTS[name])
    return paths
