"""Slurm's PMI-2 library."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hpcgen.block import AutotoolsBlock, Exports, Leaves, Packages, Tarball, option
from hpcgen.quoting import sh

if TYPE_CHECKING:
    from collections.abc import Iterator


class slurm_pmi2(AutotoolsBlock, closed=True):
    """Slurm's PMI-2 library, by which `srun --mpi=pmi2` starts ranks; Slurm itself is the host's. https://slurm.schedmd.com/mpi_guide.html"""

    licence = "mpich2"  # contribs/pmi2/COPYRIGHT; the rest of Slurm has another
    git = "https://github.com/SchedMD/slurm.git"
    # Older releases go from this server when a hole is found in them, in a daemon as a rule; the library is none, and all of its releases speak the
    # same protocol. sha256 of a Git tag's archive (Spack, Nix, Debian) is another one than that of the archive here.
    release = Tarball(
        "https://download.schedmd.com/slurm",
        "slurm-{version}.tar.bz2",
        sha256={
            "26.05.4": "035f4b193d4de979ba5381beca206a50b6b886b2793b06f68a1ce7e67022b06a",  # sind, nanohpc, public pins
            "25.11.8": "34ace13f81011add6094569d13bfc4006ad8868201c2236e2905443c7e526393",  # sind, public pins
            "25.11.6": "6695aee51a36799917a4db4b1d787610af926b27b17c2e4246bf14c0fd029664",  # sind, public pins
            "25.05.8": "21ddc614396e7e0b1ba792841f182b4c5b24949b116cb509a3a650fc6fcc22b6",  # public pins, unrelated ones
            "21.08.8": "6ec10bc5c7b718df23d28aeaef9965d619fd341a755be1d08339b11649b154ea",  # single: guix
            "20.11.9": "35e13a2c0bbf07601c782a208670d6516f7dbe31303cdf0229be20519b690277",  # single: guix
        },
    )
    build_packages = Packages(both=("file", "perl"))  # configure reads its version by Perl
    # Whatever else configure finds is for Slurm's daemons and plug-ins, of which nothing is built: the library is linked with libc alone.
    configure = ("--enable-shared", "--disable-static", "--disable-debug")
    exports = Exports(include="include/slurm", lib="lib")
    leaves = Leaves()

    version: str = option("26.05.4", "Slurm release to take it from")
    prefix: str = option("/usr/local/slurm-pmi2", "folder it is installed into")
    environment: bool = option(False, "set CPATH and LD_LIBRARY_PATH; an MPI that is told where it lies needs neither")

    def making(self) -> Iterator[str]:
        """The one folder of Slurm's sources that it is in, and nothing of the rest."""
        yield f"make {self.jobs} -C contribs/pmi2"
        yield "make -C contribs/pmi2 install"
        yield f"find {sh(self.prefix)} -name '*.la' -delete"
