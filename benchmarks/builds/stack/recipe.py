"""The stack that builds are compared on, in hpcgen's words: the sources, configure's words, packages and environment that HPCCM writes for hpccm_stack.

Each library is a generic_autotools: the blocks of their names say more aloud and build something else, UCX without its static libraries for one.

User arguments: ucx and fftw, a further word for the configure of each; kind and launch, of the runtime. As long as none is named, that is whole prefixes
with HPCCM's list of packages: what times are compared on.
"""

kind = USERARG.get("kind", "prefix")
launch = USERARG.get("launch", "")

SERVER = "http://127.0.0.1:8900"
LISTS = {"PATH": "bin", "LD_LIBRARY_PATH": "lib", "CPATH": "include", "LIBRARY_PATH": "lib"}


def library(name, archive, words, packages=(), lists=LISTS, variables=None):
    """The options of one library below /usr/local/NAME; HPCCM puts no flags into LDFLAGS."""
    prefix = f"/usr/local/{name}"
    environment = {key: f"{prefix}/{LISTS[key]}:${key}" for key in lists} | (variables or {})
    return {
        "url": f"{SERVER}/{archive}",
        "sha256": None,  # most are packed anew from Debian's source packages
        "prefix": prefix,
        "configure_opts": [*words, *([USERARG[name]] if name in USERARG else [])],
        "ospackages": ["file", "make", *packages],
        "build_environment": {"LDFLAGS": ""},
        "devel_environment": environment,
        "runtime_environment": environment,
    }


ucx_words = [
    *("--disable-assertions", "--disable-debug", "--disable-doxygen-doc", "--disable-logging", "--disable-params-check"),
    *("--enable-optimizations", "--without-cuda", "--without-gdrcopy", "--without-go", "--without-java", "--without-knem"),
    *("--without-rdmacm", "--without-verbs", "--without-xpmem"),
]
openmpi_words = ["--disable-getpwuid", "--enable-orterun-prefix-by-default", "--with-ucx=/usr/local/ucx", "--without-cuda", "--without-verbs"]
openmpi_packages = ["hwloc", "libnuma-dev", "openssh-client", "perl"]
fftw_words = ["--disable-static", "--enable-openmp", "--enable-shared", "--enable-sse2", "--enable-threads"]

ucx = library("ucx", "v1.13.1/ucx-1.13.1.tar.gz", ucx_words, ["binutils-dev", "libnuma-dev"])
openmpi = library("openmpi", "v4.1/downloads/openmpi-4.1.4.tar.bz2", openmpi_words, openmpi_packages, ["PATH", "LD_LIBRARY_PATH"])
fftw = library("fftw", "fftw-3.3.10.tar.gz", fftw_words, lists=["LD_LIBRARY_PATH"])
hdf5 = library(
    "hdf5", "hdf5-1.10/hdf5-1.10.8/src/hdf5-1.10.8.tar.bz2", ["--disable-static"], ["zlib1g-dev"], variables={"HDF5_DIR": "/usr/local/hdf5"}
)

Stage0 += baseimage(image="debian:12", name="devel")
Stage0 += gnu()
Stage0 += packages(ospackages=["ca-certificates"])
Stage0 += generic_autotools(**ucx, upon=[])
Stage0 += generic_autotools(**openmpi, upon=["/usr/local/ucx"])
Stage0 += generic_autotools(**fftw, upon=[])
Stage0 += generic_autotools(**hdf5, upon=[])
Stage0 += copy(src="program.c", dest="/opt/app/src/program.c")
Stage0 += shell(
    commands=[
        "mkdir -p /opt/app/bin",
        "mpicc -O2 -o /opt/app/bin/program /opt/app/src/program.c -I/usr/local/fftw/include -I/usr/local/hdf5/include "
        "-L/usr/local/fftw/lib -L/usr/local/hdf5/lib -Wl,-rpath,/usr/local/fftw/lib -Wl,-rpath,/usr/local/hdf5/lib -lfftw3 -lhdf5 -lm",
    ]
)

Stage1 += baseimage(image="scratch" if kind == "scratch" else "debian:12")
if kind == "prefix":
    Stage1 += packages(ospackages=["hwloc", "libbinutils", "openssh-client", "zlib1g"])
Stage1 += Stage0.runtime(kind=kind, launch=launch)
if kind != "prefix" and not launch:
    # Open MPI 4.1's mpirun does not even start ranks on its own host where it finds neither ssh nor rsh, unless it is told to look for none.
    Stage1 += environment(variables={"OMPI_MCA_plm_rsh_agent": ""})
Stage1 += copy(stage="devel", src="/opt/app/bin", dest="/opt/app/bin")
