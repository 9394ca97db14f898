"""How busy a machine is with what is not the builds: figures of a busy one are worth little."""

from __future__ import annotations

import os
import time
from pathlib import Path

_CGROUPS = Path("/sys/fs/cgroup")
_OLD = _CGROUPS / "cpuacct" / "docker" / "cpuacct.usage"
_NEW = _CGROUPS / "docker" / "cpu.stat"


class Others:
    """Counts processor time from its creation on."""

    def __init__(self) -> None:
        self.began = self._now()

    def share(self) -> float | None:
        """How many processors others kept busy, on average; None where the kernel does not say what Docker's containers took."""
        began, now = self.began, self._now()
        if began is None or now is None or now[0] == began[0]:
            return None
        wall, busy, builds = (new - old for new, old in zip(now, began, strict=True))
        return max(0.0, busy - builds) / wall

    def _now(self) -> tuple[float, float, float] | None:
        """Seconds of wall time, of all processors and of Docker's containers."""
        builds = _of_containers()
        if builds is None:
            return None
        words = Path("/proc/stat").read_text().split("\n", maxsplit=1)[0].split()[1:]
        user, nice, system, _, _, irq, softirq, steal = (int(word) / os.sysconf("SC_CLK_TCK") for word in words[:8])
        return time.monotonic(), user + nice + system + irq + softirq + steal, builds


def _of_containers() -> float | None:
    """Their seconds so far: all Docker daemons of a machine share a cgroup."""
    if _OLD.is_file():
        return int(_OLD.read_text()) / 1e9
    if _NEW.is_file():
        return int(_NEW.read_text().split()[1]) / 1e6
    return None
