"""Runs the MPI program of an image on two ranks: as root and as nobody in particular, over UCX or as it comes."""

from __future__ import annotations

from builds.machine import ENGINES, FailedError, run

OVER_UCX = ("--mca", "pml", "ucx", "--mca", "opal_common_ucx_tls", "any", "--mca", "opal_common_ucx_devices", "any")
"""UCX or nothing: without a fabric, Open MPI takes UCX only if it is told that any transport will do."""

AS_ROOT = ("-e", "OMPI_ALLOW_RUN_AS_ROOT=1", "-e", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1")
AS_USER = ("--read-only", "--user", "1234", "--tmpfs", "/tmp")  # noqa: S108 (the container's)
"""An ordinary user, whom the image does not know, upon a root that cannot be written to."""


def ranks(image: str, *program: str, user: bool = False, ucx: bool = True, daemon: str = "docker", begins: str = "rank ") -> list[str]:
    """The lines with some beginning, in order, of what a program says that the image's mpirun starts twice, without a network.

    Raises:
        FailedError: it failed.
    """
    said = spoken(image, "mpirun", "--oversubscribe", *(OVER_UCX if ucx else ()), "-np", "2", *program, user=user, daemon=daemon)
    return sorted(line for line in said.splitlines() if line.startswith(begins))


def spoken(image: str, *command: str, user: bool = False, daemon: str = "docker") -> str:
    """What a command says in a container of an image, without a network.

    Raises:
        FailedError: it failed.
    """
    return run(ENGINES, "docker", daemon, "run", "--rm", "--network", "none", *(AS_USER if user else AS_ROOT), image, *command)


def tried(image: str, expected: list[str], *program: str, user: bool = False, ucx: bool = True, daemon: str = "docker") -> str:
    """Empty if the program says what is expected, else what came instead."""
    try:
        found = ranks(image, *program, user=user, ucx=ucx, daemon=daemon)
    except FailedError as fault:
        return str(fault)
    return "" if found == expected else f"{image}: {program[0]} said {found}"
