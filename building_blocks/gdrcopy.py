"""gdrcopy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hpcgen.block import Exports, Leaves, MakeBlock, Tarball, Upon, Words, conflict, option, partner
from hpcgen.building_blocks._images import CUDA

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from hpcgen.block.place import Place

BLACKWELL = 100
"""A compute capability, times ten."""


class gdrcopy(MakeBlock, closed=True):
    """gdrcopy: low-latency copies between host and GPU memory; its kernel module is the host's. https://github.com/NVIDIA/gdrcopy"""

    licence = "MIT"
    git = "https://github.com/NVIDIA/gdrcopy.git"
    # The tag packed anew (git archive, gzip -n) has each of these checksums.
    release = Tarball(
        "https://github.com/NVIDIA/gdrcopy/archive",
        "v{version}.tar.gz",
        sha256={
            "2.6": "c9eaf0593567ac5765d04c48cf7923dacb2644240b35bb5f025edb3bde1d5b4f",  # aws-parallelcluster, the tag
            "2.5.2": "32bc7b2c198dd97ec251de0ff4823252c95e31a4c79a5f843c82514c9af2052b",  # easybuild, the tag
            "2.5.1": "c6d5ebb7dabb89d798f27609511735595004da73af28d93ac041bb5290c4cbec",  # spack, aur, the tag
            "2.5": "196400877be7e511edcf2a87b21a605cca99522ff217c97429348fd9153b30d7",  # easybuild, spack, the tag
            "2.4.4": "8802f7bc4a589a610118023bdcdd83c10a56dea399acf6eeaac32e8cc10739a8",  # easybuild, spack, the tag
            "2.4.1": "faa7e816e9bad3301e53d6721457f7ef5ab42b7aa3b01ffda51f8e5620bb20ed",  # easybuild, spack, the tag
            "2.3": "b85d15901889aa42de6c4a9233792af40dd94543e82abe0439e544c87fd79475",  # easybuild, spack, the tag
        },
    )
    make = ("prefix={prefix}",)
    exports = Exports(include="include", lib="lib")
    leaves = Leaves()
    conflicts = (
        conflict(
            lambda gdrcopy, place: gdrcopy.at("<2.5.1") and (place.partner(gdrcopy, "cuda").at(">=13") or gdrcopy.serves_blackwell(place)),
            "gdrcopy before 2.5.1 knows neither CUDA 13 nor Blackwell GPUs",
            name="R20",
            source="gdrcopy, CHANGELOG",
            level="warning",
        ),
        conflict(
            lambda gdrcopy, place: gdrcopy.builds_programs and not place.partner(gdrcopy, "cuda"),
            "gdrcopy's own programs need CUDA: name cuda, or leave them out",
            name="gdrcopy-programs-without-cuda",
            source="gdrcopy, Makefile",
        ),
    )

    version: str = option("2.6", "release to build")
    prefix: str = option("/usr/local/gdrcopy", "folder it is installed into")
    cuda: Upon = partner("cuda", "CUDA; the library itself is built without it", toolchain="CUDA_HOME", images=CUDA)
    targets: Words = option(("lib", "lib_install"), "what make is to do; with exes and exes_install: its own programs too")

    @property
    def builds_programs(self) -> bool:
        """Whether its own programs are built."""
        return any(target in ("exes", "exes_install", "install", "all") for target in self.targets)

    def serves_blackwell(self, place: Place) -> bool:
        """Whether the recipe's CUDA compiles for Blackwell GPUs."""
        found = place.partner(self, "cuda").block
        return int(getattr(found, "highest", 0)) >= BLACKWELL

    def languages_needed(self, place: Place) -> Iterable[str]:
        """C, and C++ for its programs."""
        return ("c", "c++") if self.builds_programs else ("c",)

    def flags(self, place: Place) -> Iterator[str]:
        """Those of its class, where CUDA lies, and what to do."""
        yield from super().flags(place)
        cuda = place.partner(self, "cuda")
        yield from (f"CUDA={cuda.path}",) if cuda.path else ()
        yield from self.targets
