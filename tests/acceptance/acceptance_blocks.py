"""Single blocks, held against what their upstreams really are: built from Debian's tarballs, used by a program each."""

from __future__ import annotations

import re
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from acceptance_parts import WORK, audited, built, charged, check, emit, step, tested, told
from builds.holding import Held
from builds.machine import ROOT, FailedError, docker, run, say
from builds.trying import spoken

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

RECIPES = ROOT / "tests" / "acceptance" / "recipes"
TOOLKIT = Path("/usr/local/cuda")
GPUS = ("75", "80", "90", "100")
USERS = {"root": False, "ordinary user, read-only": True}
WITHOUT_DEVICES = ("shm", "tcp", "udp", "verbs")
"""Providers that libfabric lists whatever the machine has."""

DEVICES = r"^ +device|Failed to get IB devices list: Function not implemented"
"""What ibv_devices begins with; the latter where the kernel knows no InfiniBand, with exit status 1."""


def image_of(name: str, mirror: str, *userarg: str) -> str:
    """Builds a recipe with a runtime stage of files, and runs its own tests."""
    file = emit(RECIPES / f"{name}.py", f"Dockerfile-{name}", userarg=("kind=files", *userarg))
    built(name, file, mirror, context=RECIPES)
    tested(name, file, context=RECIPES)
    told(name, "files")
    charged(name, kinds=("block", "recipe", "system"))  # small blocks upon libraries of the distribution, which are copied
    return name


def says(image: str, expected: list[str], *command: str, pattern: str = ".") -> None:
    """Raises unless a command says what is expected, as root and as an ordinary user upon a root that cannot be written to.

    Only lines in which the pattern is found count, in order of their letters.
    """
    for who, user in USERS.items():
        with step(f"docker run of {image}, {command[0]}, {who}"):
            said = spoken(image, *command, user=user)
        check(f"{image}, {command[0]}, {who}", sorted(line for line in said.splitlines() if re.search(pattern, line)), expected)


def libraries(mirror: str) -> None:
    """HDF5 and netCDF write and read, OpenBLAS multiplies."""
    image = image_of("libraries", mirror)
    says(image, ["OpenBLAS 0.3.21", "hdf5 1.10.8", "netcdf 4.9.0"], "libraries")
    both = ("sh", "-c", "libraries && netcdf")
    says(image, ["netcdf-cxx4: 90000 numbers, the last 10"], *both, pattern="cxx4")


def fabrics(mirror: str) -> None:
    """rdma-core's providers can be opened, libfabric's carry a message."""
    image = image_of("fabrics", mirror)
    providers = [path for path in Held.of(image).entries if re.search(r"/rdma-core/lib/libibverbs/.*-rdmav\d+\.so$", path)]
    said = ["libfabric, shm: a message", "libfabric, tcp: a message", f"verbs: {len(providers)} providers"]
    says(image, said, "fabrics")
    names = "|".join(WITHOUT_DEVICES)
    for user in USERS.values():
        if not re.search(DEVICES, spoken(image, "sh", "-c", "ibv_devices 2>&1 || true", user=user)):
            raise FailedError("ibv_devices neither lists devices nor says that the kernel has none")
    says(image, [f"{name}:" for name in WITHOUT_DEVICES], "fi_info", "-l", pattern=f"^({names}):$")


def mpich(mirror: str) -> None:
    """MPICH's own mpiexec starts two ranks, which talk by libfabric and write one file by PnetCDF."""
    image = image_of("mpich", mirror)
    says(image, ["rank 0 of 2: 3", "rank 1 of 2: 3"], "mpiexec", "-n", "2", "ring")
    says(image, ["rank 0 of 2: 1999", "rank 1 of 2: 999"], "mpiexec", "-n", "2", "pnetcdf")
    says(image, ["MPICH Device:    \tch4:ofi"], "mpichversion", pattern="^MPICH Device:")


def pmix(mirror: str) -> None:
    """Open MPI starts two ranks by the PMIx of its block, and brings none of its own."""
    image = image_of("pmix", mirror)
    says(image, ["rank 0 of 2: 3", "rank 1 of 2: 3"], "mpirun", "--oversubscribe", "-np", "2", "ring")
    found = sorted(
        re.findall(r"^mca:(pmix|hwloc|event):(external\w*|ext3x|pmix3x|hwloc\d+|libevent\d+):version:.*component", _ompi_info(image), re.MULTILINE)
    )
    say(f"acceptance: {image}: ompi_info names {found}")
    if found != [("event", "external"), ("hwloc", "external"), ("pmix", "ext3x")]:
        raise FailedError("expected the external ones alone")


def _ompi_info(image: str) -> str:
    """What Open MPI says of itself."""
    return spoken(image, "ompi_info", "--parsable", "--all")


def gpu(mirror: str) -> None:
    """A CUDA program for several GPUs, compiled by this machine's toolkit, runs upon nothing but the runtime's library."""
    version = _toolkit(f"site/cuda:{_release()}-devel-debian12")
    image = image_of("gpu", mirror, f"toolkit={version}", f"architectures={','.join(GPUS)}")
    says(image, [f"CUDA {_release()}, 1048575 of 1048576 numbers on the processor, since there is no GPU"], "gpu")
    names = [path for path in Held.of(image).entries if re.search(r"libcuda\.so|/stubs/|nvcc|\.cuh?$|libcudart_static", path)]
    if names:
        raise FailedError(f"{image} holds what is for building, or the host's own: {names}")
    report = audited(image, gpu_arch=(f"sm_{GPUS[1]}", f"sm_{GPUS[2]}"))
    codes = sorted((one.code, one.architecture) for one in report.gpu)
    say(f"acceptance: {image}: {', '.join(f'{one.code} {one.architecture} {one.bytes} bytes' for one in report.gpu)}")
    expected = sorted([*(("sass", f"sm_{one}") for one in GPUS), ("ptx", f"sm_{GPUS[-1]}")])
    if codes != expected:
        raise FailedError(f"expected {expected}")


def _release() -> str:
    """Of this machine's toolkit."""
    found = re.search(r"release (\d+\.\d+)", run(TOOLKIT / "bin" / "nvcc", "--version"))
    if found is None:
        raise FailedError(f"{TOOLKIT / 'bin' / 'nvcc'} does not say which one it is")
    return found[1]


def _toolkit(name: str) -> str:
    """An image of this machine's toolkit upon the base, and its name."""
    with step(f"docker build of {name}"), tempfile.TemporaryDirectory(dir=WORK) as folder:  # where Docker's client sees it
        copied = shutil.copytree(TOOLKIT.resolve(), Path(folder) / "toolkit", symlinks=True)
        docker("build", "--network", "host", "--build-context", f"toolkit={copied}", "-t", name, "-f", RECIPES / "toolkit.Dockerfile", RECIPES)
    return name


OF_BLOCKS: Mapping[str, Callable[[str], None]] = {"libraries": libraries, "fabrics": fabrics, "mpich": mpich, "pmix": pmix, "gpu": gpu}
"""Name -> what it does with the mirror's address."""
