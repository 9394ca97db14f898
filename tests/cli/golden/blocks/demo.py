"""A block of the tests' own: what they say of it does not change when a real block does."""

from hpcgen.block import AutotoolsBlock, Exports, Packages, Tarball, Upon, conflict, option, partner


class demo(AutotoolsBlock, closed=True):
    """Demo: a library that only the tests install. https://example.org/demo"""

    licence = "MIT"
    release = Tarball("https://example.org/releases", "demo-{version}.tar.gz", sha256={"2.1.0": "21" * 32, "2.0.0": "20" * 32})
    build_packages = Packages(apt=("libnuma-dev",), dnf=("numactl-devel",))
    runtime_packages = Packages(apt=("libnuma1",), dnf=("numactl-libs",))
    exports = Exports(bin="bin", include="include", lib="lib")
    conflicts = (conflict(lambda block, place: block.fast and not place.partner(block, "helper"), "demo is fast only with helper", name="demo-fast-without-helper", source="its manual"),)

    version: str = option("2.1.0", "release to build")
    prefix: str = option("/usr/local/demo", "folder it is installed into")
    helper: Upon = partner("helper", "what it builds upon", with_="--with-helper={path}", without="--without-helper")
    fast: bool = option(False, "be quick", on="--enable-fast", off="--disable-fast")
    level: str = option("low", "how much", choices=("low", "high"))
