"""What is held against real engines: the shipped recipes, built by each kind of runtime and run.

Each part gets the address of the mirror that the sources come from.
"""

from __future__ import annotations

import contextlib
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from builds.holding import Held, largest
from builds.machine import ENGINES, ROOT, FailedError, docker, run, say
from builds.trying import OVER_UCX, ranks

import hpcgen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from hpcgen.auditing.report import Report

WORK = Path(os.environ.get("HPCGEN_TEST_WORK", "/var/tmp/hpcgen-acceptance"))
RECIPES = ROOT / "recipes"
BASE = "debian:12"
KINDS = ("packages", "files", "scratch")
EXPECTED = ["rank 0 of 2", "rank 1 of 2"]
VERSIONS = ("ucx=1.13.1", "openmpi=5.0.7")
"""Those that Debian's source packages have."""

BUILT = "mpi_hello-devel/debian:12"
"""The stage of mpi_hello that built everything, as an image; its name says what it stands upon."""

MOST_BEYOND_LAMMPS = 30_000_000
"""Bytes that an image of LAMMPS may have besides the program."""


@contextlib.contextmanager
def step(what: str) -> Iterator[None]:
    """Says what is done and how long it took."""
    began = time.monotonic()
    yield
    say(f"acceptance: {time.monotonic() - began:7.1f} s  {what}")


LEAST_CHARGED = 0.95
"""Of the bytes above the base."""


def emit(recipe: str | Path, name: str, *options: str, blocks: str = "blocks", userarg: tuple[str, ...] = ()) -> Path:
    """Writes a recipe, a shipped one or another by its path, in a format, as a user does."""
    folder = ROOT / "tests" / "acceptance" / blocks
    words: tuple[str | Path, ...] = ("--blocks", folder, *options, "--userarg", *VERSIONS, *userarg, "-o", WORK / name)
    run(sys.executable, "-m", "hpcgen", RECIPES / recipe, *words)
    return WORK / name


def built(image: str, file: Path, mirror: str, *options: str, context: Path = RECIPES) -> None:
    """Builds an image by Docker; what it takes from the mirror, it is told by a secret."""
    (WORK / "mirror").write_text(mirror)
    secret = ("--secret", f"id=mirror,src={WORK / 'mirror'}")
    with step(f"docker build of {image}"):
        docker("build", "--progress", "plain", "--network", "host", *secret, *options, "-t", image, "-f", file, context, log=log_of(image))


def tested(image: str, file: Path, *, context: Path = RECIPES) -> None:  # noqa: PT028 (no test: it builds one)
    """Runs the recipe's own tests in an image that was built."""
    with step(f"docker build of {image}, its own tests"):
        docker("build", "--progress", "plain", "--network", "host", "--target", "test", "-f", file, context, log=log_of(f"{image}-test"))


def log_of(what: str) -> Path:
    """Where the log of a build is kept."""
    return WORK / f"{what.replace('/', '-').replace(':', '-')}.log"


def check(who: str, found: list[str], expected: list[str] = EXPECTED) -> None:
    """Raises unless just the lines that are expected were said: that both ranks have spoken, each once."""
    say(f"acceptance: {who} printed {found}")
    if found != expected:
        raise FailedError(f"expected {expected}")


# --- Docker --------------------------------------------------------------------------------------------------------------


def on_docker(kind: str, mirror: str) -> None:
    """mpi_hello on Docker 28: built, run as root and as an ordinary user upon a root that cannot be written to, measured."""
    image = f"mpi_hello-{kind}"
    file = emit("mpi_hello.py", f"Dockerfile-{kind}", userarg=(f"kind={kind}",))
    built(image, file, mirror)
    tested(image, file)
    for who, user, ucx in (("as it comes", False, False), ("over UCX alone", False, True), ("ordinary user, read-only, over UCX alone", True, True)):
        with step(f"docker run, two ranks, {who}"):
            found = ranks(image, "hello", user=user, ucx=ucx)
        check(f"docker, {kind}, {who}", found)
    told(image, kind)
    if kind != "scratch":  # there the base's libc is among what was added
        charged(image)


def charged(image: str, kinds: tuple[str, ...] = ("block", "recipe")) -> None:
    """Raises unless nearly all that an image has more than its base is charged to a block, or to what the recipe itself copied; or as is said."""
    report = audited(image)
    assert report.coverage is not None
    known = sum(one.live.rootfs for one in report.blocks if one.kind in kinds)
    part = known / report.coverage.total
    names = ", ".join(one.name for one in report.blocks if one.kind == "block")
    say(f"acceptance: {image}: {part:.1%} of {report.coverage.total / 1e6:.1f} MB are charged to {names} and others ({', '.join(kinds)})")
    if part < LEAST_CHARGED:
        raise FailedError(f"{report.coverage.total - known} bytes are nobody's")


def audited(image: str, *, gpu_arch: Sequence[str] = ()) -> Report:
    """The audit of an image."""
    name, _, value = run(ENGINES, "env", "docker").strip().partition("=")
    with step(f"hpcgen audit of {image}"):
        return hpcgen.audit(image, base=BASE, gpu_arch=gpu_arch, environment={**os.environ, name: value})


def told(image: str, kind: str) -> Held:
    """Says what an image has more than its base, and what of that is largest."""
    held, base = Held.of(image), Held() if kind == "scratch" else Held.of(BASE)
    say(f"acceptance: {image}: {(held.bytes - base.bytes) / 1e6:.1f} MB more than its base, which has {base.bytes / 1e6:.1f} MB")
    for size, what in largest(held, base, 5):
        say(f"acceptance: {size:>12}  {what}")
    return held


# --- Apptainer -----------------------------------------------------------------------------------------------------------


def apptainer(mirror: str) -> None:
    """mpi_hello by each kind of runtime, built and run by Apptainer as an ordinary user.

    The first is built in full. To build UCX and Open MPI twice more would show nothing new: the definition files of the others are the same but for
    their first stage, which starts from the stage that Docker has built (`devel`), with blocks that build nothing. Whatever is behind that, from the
    gathering of what is needed to the check of the result, Apptainer does itself.
    """
    folder = WORK / "apptainer"
    folder.mkdir(exist_ok=True)
    folder.chmod(0o777)
    (folder / "mpi_hello.c").write_text((RECIPES / "mpi_hello.c").read_text())
    base = f"{BASE}=docker-archive:{run(ENGINES, 'archive', BASE).strip()}"
    first, *others = KINDS
    in_apptainer(folder, first, emit("mpi_hello.py", f"{first}.def", "--format", "singularity", "--mirror", mirror, "--base", base))
    devel = archive(mirror)
    for kind in others:
        words = (f"kind={kind}", f"builder={BUILT}")
        bases = ("--base", base, "--base", f"{BUILT}=docker-archive:{devel}")
        in_apptainer(folder, kind, emit("mpi_hello.py", f"{kind}.def", "--format", "singularity", *bases, blocks="built", userarg=words))
    devel.unlink()


def archive(mirror: str) -> Path:
    """The stage that built everything, as a file that Apptainer reads."""
    built(BUILT, emit("mpi_hello.py", "Dockerfile-devel"), mirror, "--target", "devel")
    path = WORK / "devel.tar"
    with step("docker save of the stage that built everything"):
        docker("save", "-o", path, BUILT)
    path.chmod(0o644)
    return path


def in_apptainer(folder: Path, kind: str, file: Path) -> None:
    """Builds a definition file, and runs what comes of it."""
    (folder / file.name).write_text(file.read_text())
    image = f"mpi_hello-{kind}.sif"
    user = (ENGINES, "user", "apptainer")
    with step(f"apptainer build of mpi_hello, {kind}"):
        run(*user, "build", "-F", image, file.name, log=log_of(f"apptainer-{kind}"), cwd=folder)
    for who, words in (("as it comes", ()), ("over UCX alone", OVER_UCX)):
        with step(f"apptainer exec, two ranks, {who}"):
            said = run(*user, "exec", image, "mpirun", "--oversubscribe", *words, "-np", "2", "hello", cwd=folder)
        check(f"apptainer, {kind}, {who}", sorted(line for line in said.splitlines() if line.startswith("rank ")))
    say(f"acceptance: {image} {(folder / image).stat().st_size / 1e6:.1f} MB")


# --- LAMMPS --------------------------------------------------------------------------------------------------------------


def lammps(mirror: str) -> None:
    """LAMMPS upon nothing: what the image has besides the program, and whether it runs on two ranks."""
    file = emit("lammps.py", "Dockerfile-lammps", userarg=("kind=scratch", "fftw=3.3.10", "lammps=20220106"))
    built("lammps", file, mirror)
    tested("lammps", file)
    for user in (False, True):
        with step(f"docker run of lammps, two ranks over UCX alone, {'ordinary user' if user else 'root'}"):
            said = ranks("lammps", "lmp", "-log", "none", "-in", "/opt/lammps/in.lj", user=user, begins="Loop time of")
        say(f"acceptance: lammps printed {said}")
        if not any(" on 2 procs for 200 steps with 4000 atoms" in line for line in said):
            raise FailedError("expected a loop on 2 procs for 200 steps with 4000 atoms")
    held = told("lammps", "scratch")
    beyond = held.bytes - held.entries["/opt/lammps/bin/lmp"].bytes
    say(f"acceptance: lammps: {beyond / 1e6:.1f} MB besides the program, which may be {MOST_BEYOND_LAMMPS / 1e6:.0f}")
    if beyond > MOST_BEYOND_LAMMPS:
        raise FailedError(f"the image has {beyond} bytes besides the program")


PARTS: Mapping[str, Callable[[str], None]] = {
    "docker": lambda mirror: on_docker("packages", mirror),
    "files": lambda mirror: on_docker("files", mirror),
    "scratch": lambda mirror: on_docker("scratch", mirror),
    "apptainer": apptainer,
    "lammps": lammps,
}
"""Name -> what it does with the mirror's address."""
