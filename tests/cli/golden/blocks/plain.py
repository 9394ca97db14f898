"""A block whose page has each part, and no option of a kind of block: those change with the kind."""

from hpcgen.block import Block, Exports, Packages, Tarball, Upon, Words, conflict, option, partner


class plain(Block, closed=True):
    """Plain: what the tests describe. https://example.org/plain

    It has more to say in a second paragraph.
    """

    licence = "MIT"
    provides = ("simple",)
    release = Tarball("https://example.org/releases", "plain-{version}.tar.gz", sha256={"2.1.0": "21" * 32, "2.0.0": "20" * 32})
    build_packages = Packages(both=("file",), apt=("libnuma-dev",), dnf=("numactl-devel",), at={"debian11": ("old",)})
    runtime_packages = Packages(apt=("libnuma1",), dnf=("numactl-libs",))
    exports = Exports(bin="bin", include="include", lib="lib", variables=(("PLAIN", "{prefix}/share"),))
    conflicts = (conflict(lambda block, place: block.fast, "plain is never fast", name="plain-fast", source="its manual"),)
    platforms = {"architecture": ("x86_64",)}

    version: str = option("2.1.0", "release to build")
    prefix: str = option("/usr/local/plain", "folder it is installed into")
    helper: Upon = partner("helper", "what it builds upon", with_="--with-helper={path}", system="--with-helper", packages=Packages(both=("helper-dev",)))
    fast: bool = option(False, "be quick", on="--enable-fast", off="--disable-fast")
    level: str = option("low", "how much", choices=("low", "high"), alias="amount")
    words: Words = option((), "what else to say")
