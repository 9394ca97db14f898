"""The stack whose image is measured, in hpcgen's own blocks: the sources and versions of hpccm_stack, built and left for running as the blocks see fit.

HDF5 has no block yet: it is a library here, so its own programs are left out, and what the program needs of it is found.

User arguments: kind (of the runtime stage: packages, files, scratch), launch (ssh, or nothing).
"""

SERVER = "http://127.0.0.1:8900"
kind = USERARG.get("kind", "packages")

Stage0 += baseimage(image="debian:12", name="devel")
Stage0 += gnu()
Stage0 += ucx(version="1.13.1", baseurl=SERVER, sha256=None)  # packed anew from Debian's source packages, as the next two
Stage0 += openmpi(version="4.1.4", baseurl=SERVER, sha256=None)
Stage0 += fftw(version="3.3.10", baseurl=SERVER)
Stage0 += generic_autotools(
    url=f"{SERVER}/hdf5-1.10/hdf5-1.10.8/src/hdf5-1.10.8.tar.bz2",
    sha256=None,
    prefix="/usr/local/hdf5",
    configure_opts=["--disable-static"],
    ospackages=["file", "make", "zlib1g-dev"],
    upon=[],
)
Stage0 += copy(src="program.c", dest="/opt/app/src/program.c")
Stage0 += shell(
    commands=[
        "mkdir -p /opt/app/bin",
        "mpicc -O2 -o /opt/app/bin/program /opt/app/src/program.c -I/usr/local/fftw/include -I/usr/local/hdf5/include "
        "-L/usr/local/fftw/lib -L/usr/local/hdf5/lib -Wl,-rpath,/usr/local/fftw/lib -Wl,-rpath,/usr/local/hdf5/lib -lfftw3 -lhdf5 -lm",
    ]
)

Stage1 += baseimage(image="scratch" if kind == "scratch" else "debian:12")
Stage1 += Stage0.runtime(kind=kind, launch=USERARG.get("launch", ""), exclude=["hdf5"])
Stage1 += copy(stage="devel", src="/opt/app/bin", dest="/opt/app/bin")
