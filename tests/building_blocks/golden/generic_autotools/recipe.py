Stage0 += baseimage(image=USERARG.get("image", "ubuntu:24.04"), distro=USERARG.get("distro"), name="devel")
Stage0 += generic_autotools(
    url="https://example.org/tcl8.6.9-src.tar.gz",
    sha256="ad0cd2de2c87b9ba8086b43957a0de3eb2eb565c7159d5f53ccbba3feb915f4e",
    directory="tcl8.6.9/unix",
    prefix="/usr/local/tcl",
    enable_threads=True,
    devel_environment={"PATH": "/usr/local/tcl/bin:$PATH"},
    runtime=["/usr/local/tcl/lib/*.so"],
    runtime_environment={"TCLLIBPATH": "/usr/local/tcl/lib"},
)
Stage1 += baseimage(image=USERARG.get("image", "ubuntu:24.04"), distro=USERARG.get("distro"))
Stage1 += Stage0.runtime()
