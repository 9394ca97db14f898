"""The commands by which an image starts an MPI program and looks at what came of it; they need a shell and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

OVER = "--mca pml {} --mca opal_common_ucx_tls any --mca opal_common_ucx_devices any"
"""One way or none: without a fabric Open MPI takes UCX only if it is told that any transport will do (Open MPI docs, UCX)."""

_MARK = "hpcgen: a rank"


def mpi_commands(program: str, ranks: int, *, over: str) -> Iterator[str]:
    """What starts a program, given as words for a shell, on some ranks by the image's mpirun, counts them and names what UCX carries them by."""
    launch = f"mpirun --oversubscribe -np {ranks}{f' {OVER.format(over)}' if over else ''}"
    rank = f"""/bin/sh -c 'echo "{_MARK}"; exec "$@"' sh {program}"""
    yield "export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1"
    if over:
        yield "export UCX_LOG_LEVEL=info"
    yield f'said=$({launch} {rank} 2>&1) || {{ status=$?; echo "$said"; exit "$status"; }}'
    yield "left=$said count=0"
    yield f'while :; do case $left in *"{_MARK}"*) left=${{left#*"{_MARK}"}} count=$((count + 1)) ;; *) break ;; esac; done'
    yield f'[ "$count" = {ranks} ] || {{ echo "$said"; echo "$count ranks were started, not {ranks}" >&2; exit 1; }}'
    yield 'echo "ranks: $count"'
    if over:
        yield "left=$said ways="
        loop = 'left=${left#*" tag("} way=${left%%")"*}; case $ways in *"($way)"*) ;; *) ways="$ways ($way)" ;; esac'
        yield f'while :; do case $left in *" tag("*) {loop} ;; *) break ;; esac; done'
        yield '[ -n "$ways" ] || { echo "$said"; echo "nothing says what carried the messages" >&2; exit 1; }'
        yield 'echo "UCX used:$ways"'
