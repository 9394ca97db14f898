Stage0 += baseimage(image=USERARG.get("image", "ubuntu:24.04"), distro=USERARG.get("distro"), name="devel")
Stage0 += cmake()
Stage0 += generic_cmake(
    repository="https://example.org/quda.git",
    commit="4d2d8aa52a9c2b8d5bdf8d4c1a4dfb1a9f7c1c05",
    cmake_opts=["-D QUDA_MPI=OFF"],
    prefix="/usr/local/quda",
    recursive=True,
    upon=["cmake"],
)
Stage1 += baseimage(image=USERARG.get("image", "ubuntu:24.04"), distro=USERARG.get("distro"))
Stage1 += Stage0.runtime()
