"""CMake."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hpcgen.block import Anything, Exports, Packages, SourceBlock, Tarball, Words, because, option
from hpcgen.errors import WrongValue
from hpcgen.quoting import sh_join

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from hpcgen.block.block import Block
    from hpcgen.block.place import Place
    from hpcgen.graph.nodes import Node

_RELEASES = "https://github.com/Kitware/CMake/releases/download"


class cmake(SourceBlock, closed=True):
    """CMake: the build system generator; Kitware's own binaries, or from source. https://cmake.org"""

    licence = "BSD-3-Clause"
    git = "https://gitlab.kitware.com/cmake/cmake.git"
    languages = ("c", "c++")
    binary = Tarball(
        _RELEASES,
        "v{version}/cmake-{version}-linux-{arch}.tar.gz",
        elsewhere={"<3.20": "v{version}/cmake-{version}-Linux-{arch}.tar.gz"},
        # Where each was seen: cmake-python is scikit-build's cmake-python-distributions, bazel its rules_foreign_cc.
        sha256={
            "4.4.2-x86_64": "3ada9a3f5d8a85413579bdd0ea6aa8e8da86efdd6d15c91a1afa517f2021956c",  # cmake-python, conan
            "4.4.2-aarch64": "9ca1aadb4451c5dcbdc67f9b4aff42dab52abbaebd8db9e2900026502dbed671",  # conan, public pins
            "4.4.0-x86_64": "3864eb649b4466ae126a64bbde1657adad78efbbaa068bf38201de5cf1b5349f",  # cmake-python, conan
            "4.4.0-aarch64": "e98bb53e0b00a8f672424517d34c05bb9b94fd1c888c89e0b81bc8df51d1a94b",  # conan, public pins
            "4.3.3-x86_64": "927b2368a946c37269c3a66225ab00544e756459cdd0b5d0da438694fb9ff802",  # cmake-python, conan
            "4.3.3-aarch64": "9ea38356dbd3e32e51029a3e09a0f2f8e117ef4fbcaad7a21ffb36409bbd5cb4",  # conan, public pins
            "4.2.3-x86_64": "5bb505d5e0cca0480a330f7f27ccf52c2b8b5214c5bba97df08899f5ef650c23",  # cmake-python, conan, xmake
            "4.2.3-aarch64": "e529c75f18f27ba27c52b329efe7b1f98dc32ccc0c6d193c7ab343f888962672",  # conan, xmake
            "4.1.2-x86_64": "773cc679c3a7395413bd096523f8e5d6c39f8718af4e12eb4e4195f72f35e4ab",  # cmake-python, conan
            "4.1.2-aarch64": "0634996f918b3bab11f45522899c81c987b09c9a64d15f6a0d2bb51c42099534",  # conan, public pins
            "4.0.3-x86_64": "585ae9e013107bc8e7c7c9ce872cbdcbdff569e675b07ef57aacfb88c886faac",  # cmake-python, conan, bazel, xmake
            "4.0.3-aarch64": "391da1544ef50ac31300841caaf11db4de3976cdc4468643272e44b3f4644713",  # conan, bazel, xmake
            "3.31.11-x86_64": "d815c10cf54e8e122088b3bb25ea6b4010fb96b7ad6e1ad3fdef75be3d996b0b",  # conan, public pins
            "3.31.11-aarch64": "faef5420c3853d0e10a3862a0d3c71b40ffc2de36fc0ef0bcc5c896cf18f240f",  # conan, public pins
            "3.31.8-x86_64": "630615d8e98ac33eba7fbe472626dff5c899c85af3c024585ae109166a6909d0",  # conan, bazel
            "3.31.8-aarch64": "609735983e3bdf24b6ab379d918458d64196fe72b98226f62dd5e9fe7b2997cc",  # conan, bazel
            "3.30.1-x86_64": "ac31f077ef3378641fa25a3cb980d21b2f083982d3149a8f2eb9154f2b53696b",  # cmake-python, conan, bazel, xmake
            "3.30.1-aarch64": "ad234996f8750f11d7bd0d17b03f55c434816adf1f1671aab9e8bab21a43286a",  # conan, bazel, xmake
            "3.29.6-x86_64": "28fef61e64840b784da6db35218fd3ae179ff8bf0be1c8a9d075d6185a0e4fdc",  # cmake-python, conan, bazel
            "3.29.6-aarch64": "4d6b0a551db9da7a034a09372f716cf2094413d7fd8a787051854154b0b3b343",  # conan, bazel
            "3.28.6-x86_64": "931e3c0d546ee03ca72bb147ccd9b49e3b6252f765f66bf21b9d165519940458",  # conan, bazel
            "3.28.6-aarch64": "7909cc2128ce9442c63ce674a0bfb0e4f4ce04cef667d887e15ad5670d594ba7",  # conan, bazel
            "3.27.9-x86_64": "72b01478eeb312bf1a0136208957784fe55a7b587f8d9f9142a7fc9b0b9e9a28",  # cmake-python, conan, bazel
            "3.27.9-aarch64": "11bf3d30697df465cdf43664a9473a586f010c528376a966fd310a3a22082461",  # conan, bazel
            "3.26.6-x86_64": "2dd48ccd3e3d872ee4cc916f3f4e24812612421007e895f82bf9fc7e49831d62",  # conan, bazel
            "3.26.6-aarch64": "7b91a212b9e8ca38c1482ae40ff2d3e33e9d1c7b337b39f74bd4f34fd070bb1d",  # conan, bazel
            "3.25.3-x86_64": "d4d2ba83301b215857d3b6590cd4434a414fa151c5807693abe587bd6c03581e",  # cmake-python, conan, bazel
            "3.25.3-aarch64": "cd6e853639f858569e22e6298f009eb24b4702c51c0d5bc1cb36c688f7ce246d",  # conan, bazel
            "3.25.1-x86_64": "3a5008b613eeb0724edeb3c15bf91d6ce518eb8eebc6ee758f89a0f4ff5d1fd6",  # single: bazel
            "3.25.1-aarch64": "b1c9b85e0ee4db0eb335e8d8868b4527224db402d404119a4b1a5e081a89445f",  # bazel, public pins
        },
    )
    release = Tarball(
        _RELEASES,
        "v{version}/cmake-{version}.tar.gz",
        sha256={
            "4.4.2": "1db9e61e60b6e0874c86386340b910382f3c5e75b9fbfb44d122063129a2789d",  # cmake-python, openembedded, termux
            "4.4.0": "65757f442fdd242e27f1728fc26dc0cba4164f7a0791a5c788631c00080369bc",  # buildroot, cmake-python, conda, openembedded
            "4.3.3": "cba4bb7a44edf2877bb6f059932896383babe435b3a8c3b5df48b4aa41c9bb85",  # buildroot, cmake-python, conda, openembedded, spack
            "4.2.3": "7efaccde8c5a6b2968bad6ce0fe60e19b6e10701a12fce948c2bf79bac8a11e9",  # buildroot, cmake-python, conda, openembedded, spack
            "4.1.2": "643f04182b7ba323ab31f526f785134fb79cba3188a852206ef0473fee282a15",  # cmake-python, conda, openembedded, spack
            "4.0.3": "8d3537b7b7732660ea247398f166be892fe6131d63cc291944b45b91279f3ffb",  # cmake-python, conda, easybuild, openembedded
            "3.31.11": "c0a3b3f2912b2166f522d5010ffb6029d8454ee635f5ad7a3247e0be7f9a15c9",  # easybuild, spack
            "3.31.8": "e3cde3ca83dc2d3212105326b8f1b565116be808394384007e7ef1c253af6caa",  # buildroot, easybuild, bazel, spack
            "3.30.1": "df9b3c53e3ce84c3c1b7c253e5ceff7d8d1f084ff0673d048f260e04ccb346e1",  # cmake-python, conda, openembedded, bazel
            "3.29.6": "1391313003b83d48e2ab115a8b525a557f78d8c1544618b48d1d90184a10f0af",  # cmake-python, conda, easybuild, bazel, spack
            "3.28.6": "c39c733900affc4eb0e9688b4d1a45435a732105d9bf9cc1e75dd2b9b81a36bb",  # easybuild, bazel, spack
            "3.27.9": "609a9b98572a6a5ea477f912cffb973109ed4d0a6a6b3f9e2353d2cdc048708e",  # buildroot, cmake-python, conda, easybuild, spack
            "3.26.6": "070b9a2422e666d2c1437e2dab239a236e8a63622d0a8d0ffe9e389613d2b76a",  # bazel, spack
            "3.25.3": "cc995701d590ca6debc4245e9989939099ca52827dd46b5d3592f093afe1901c",  # cmake-python, conda, bazel, spack
            "3.25.1": "1c511d09516af493694ed9baf13c55947a36389674d657a2d5e0ccedc6b291d8",  # conan, conda, openembedded, bazel, debian
        },
    )
    for_cpu_target = False
    build_packages = Packages(both=("make",), apt=("libssl-dev",), dnf=("openssl-devel",))
    exports = Exports(bin="bin")

    version: str = option("4.4.2", "release to install; 3.31.11 is the last that takes projects for CMake older than 3.5")
    prefix: str = option("/usr/local/cmake", "folder it is installed into")
    source: Anything = option(False, "build from source instead of taking the binary: True, or the URL of an archive")
    bootstrap_opts: Words = option((), "with source: further words for bootstrap")
    check: bool = option(False, "with source: run the source's own tests")
    eula: bool = option(True, "HPCCM's: the archive, unlike the installer, does not ask")

    def validate(self) -> None:
        """Raises for a version that is known neither as binary nor as source."""
        super().validate()
        if not isinstance(self.source, bool | str):
            raise WrongValue(f"cmake(source={self.source!r})", help="source is True, False, or the URL of an archive")
        if self.other_source or self.repository or self.sha256 != "":
            return
        if self.source is True or self.version not in self.binary.versions():
            self.release.checksum(self.name, self.version)

    def archive(self, arch: str = "") -> Tarball:
        """The binary, unless the recipe wants the source, or the binary's checksum is not known for an architecture."""
        known = self.sha256 != "" or f"{self.version}-{arch}" in self.binary.sha256
        return self.release if self.source is True or (arch and not known) else self.binary

    def from_source(self, place: Place) -> bool:
        """Whether it is compiled."""
        return bool(self.other_source or self.repository) or self.archive(place.target.architecture) is self.release

    def needs(self, place: Place) -> tuple[Packages, ...]:
        """Nothing but the download for the binary."""
        return super().needs(place) if self.from_source(place) else ()

    def tools(self, place: Place) -> Iterable[tuple[Block, str]]:
        """The compilers, for a source alone."""
        return super().tools(place) if self.from_source(place) else ()

    def flags(self, place: Place) -> Iterator[str]:
        """With source: the words that bootstrap is given."""
        if self.from_source(place):
            yield f"--prefix={self.prefix}"
            yield from self.bootstrap_opts
            yield because("--", "what follows is for CMake itself")
            yield because("-DCMAKE_BUILD_TYPE=Release", "else it compiles without optimization")
            yield because("-DBUILD_TESTING=OFF", "nobody runs its tests in an image")

    def steps(self, place: Place, folder: str) -> Iterator[Node]:
        """The binary's folders go below the prefix; a source is bootstrapped."""
        if not self.from_source(place):
            yield self.run((sh_join(("mkdir", "-p", self.prefix)), f"cp -r bin share {sh_join((self.prefix + '/',))}"), cwd=folder)
            return
        words = sh_join(self.flags(place))
        jobs = self.jobs.removeprefix("-j")
        commands = [
            f"./bootstrap --parallel={jobs} {words}",
            f"make {self.jobs}",
            *([f"make {self.jobs} test"] if self.check else []),
            "make install",
        ]
        yield self.run(commands, cwd=folder)

    def prefixes(self) -> tuple[str, ...]:
        """Nothing: it is for building alone."""
        return ()

    def runtime_environment_nodes(self, place: Place) -> Iterable[Node]:
        """Nothing."""
        return ()
