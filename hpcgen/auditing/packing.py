"""What packers leave of blocks that were drawn from something larger, and how sure that is."""

from __future__ import annotations

import zlib
from itertools import pairwise
from threading import Thread
from typing import TYPE_CHECKING, NamedTuple

from hpcgen.auditing.reading import CannotRead

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

BLOCK = 1 << 17
"""What mksquashfs takes where nobody says something else; 128 KiB are enough for gzip, which looks back by 32."""
SURE = 1.96
"""Standard errors on each side within which 95 of 100 results lie."""
_LEVEL = 6


def ratio(data: bytes, packer: Callable[[bytes], int]) -> float:
    """What a packer leaves of a block: nothing of zeros, all of what does not become smaller."""
    if not data.strip(b"\0"):
        return 0.0
    return min(1.0, packer(data) / len(data))


def gzip(data: bytes) -> int:
    """Bytes that gzip leaves at its usual level."""
    return len(zlib.compress(data, _LEVEL))


def quick(data: bytes) -> int:
    """Bytes that a packer leaves which takes a fifteenth of the time, and some percent more."""
    try:
        from isal import isal_zlib
    except ImportError:  # a machine that it is not built for
        return len(zlib.compress(data, 1))
    return len(isal_zlib.compress(data, 2))


def both(count: int, block: Callable[[int], bytes], step: int, jobs: int) -> tuple[list[float], list[Checked]]:
    """What the quick packer leaves of some blocks, and what both leave of each `step`-th one; none of them for a step of 0.

    Args:
        count: of the blocks.
        block: gives one by its number; called from several threads, since packers let others go on.
        step: every which is packed both ways.
        jobs: threads in all.

    Raises:
        CannotRead: a block cannot be had.
    """
    found = [0.0] * count
    real: dict[int, Checked] = {}
    faults: list[CannotRead] = []

    def pack(first: int) -> None:
        try:
            for number in range(first, count, jobs):
                data = block(number)
                found[number] = ratio(data, quick)
                if step and number % step == 0:
                    real[number] = Checked(found[number], ratio(data, gzip))
        except CannotRead as fault:
            faults.append(fault)

    threads = [Thread(target=pack, args=(first,), daemon=True) for first in range(1, min(jobs, count))]
    for thread in threads:
        thread.start()
    for first in (0, *range(len(threads) + 1, jobs)):
        pack(first)
    for thread in threads:
        thread.join()
    if faults:
        raise faults[0]
    return found, [real[number] for number in sorted(real)]


class Checked(NamedTuple):
    """What two packers leave of one block, as parts of it."""

    quick: float
    real: float


def factor_of(checked: Sequence[Checked]) -> tuple[float, float]:
    """By how much the real packer differs from the quick one, and the variance of that, in parts of a block."""
    known = sum(one.quick for one in checked)
    factor = sum(one.real for one in checked) / known if known else 1.0
    off = sum((one.real - factor * one.quick) ** 2 for one in checked)
    return factor, off / max(1, len(checked) - 1) / max(1, len(checked))


def spread(drawn: Sequence[float]) -> float:
    """The variance of one of some blocks that were drawn evenly from a sorted list: neighbours tell it (Wolter, Variance Estimation, 8.2)."""
    return sum((after - before) ** 2 for before, after in pairwise(drawn)) / (2 * max(1, len(drawn) - 1))


def wider(count: int) -> float:
    """By how much the interval of a small sample is wider: Student's distribution, nearly."""
    return 1 + 1.2 / max(1, count - 1)
