Stage0 += baseimage(image=USERARG.get("image", "ubuntu:24.04"), distro=USERARG.get("distro"), name="devel")
Stage0 += gnu(fortran=False)
Stage0 += generic_build(
    url="https://example.org/stream-5.10.tar.gz",
    sha256="6c54b896fc518f9ce75ffcf47dddcfec10901fd09d57e886eba26b7bf3d7930c",
    build=["make CFLAGS=-O3"],
    install=["cp stream /usr/local/stream/"],
    prefix="/usr/local/stream",
)
Stage1 += baseimage(image=USERARG.get("image", "ubuntu:24.04"), distro=USERARG.get("distro"))
Stage1 += Stage0.runtime()
