"""Two images to build upon: compilers, CMake, MPI, FFTW and HDF5 for building programs, and what such programs need for running.

hpcgen recipes/hpcbase.py -o Dockerfile
docker build --target devel -t hpcbase-devel -f Dockerfile recipes      # FROM hpcbase-devel AS build: compile here
docker build -t hpcbase -f Dockerfile recipes                           # FROM hpcbase: copy the program here

hpcgen recipes/hpcbase.py --userarg compiler=llvm mpi=mpich -o Dockerfile

User arguments: image (base image), compiler (gnu, llvm), compiler_version (as 13; the distribution's own if not given), mpi (openmpi, mpich), kind
(packages, files: how the runtime stage is filled), cuda (toolkit version; none if not given), ucx, openmpi, mpich, fftw, hdf5 and cmake (versions).
"""

image = USERARG.get("image", "ubuntu:24.04")
names = ("ucx", "openmpi", "mpich", "fftw", "hdf5", "cmake")
versions = {name: {"version": USERARG[name]} for name in names if name in USERARG}
which = {"compiler": USERARG.get("compiler", "gnu"), "mpi": USERARG.get("mpi", "openmpi")}
for name, known in (("compiler", ("gnu", "llvm")), ("mpi", ("openmpi", "mpich"))):
    if which[name] not in known:
        raise ValueError(f"{name}={which[name]}: it is {' or '.join(known)}")

Stage0 += baseimage(image=image, name="devel")

Stage0 += comment("Compilers and tools; LLVM's are for C and C++")
fortran = which["compiler"] == "gnu"
compiler = gnu(version=USERARG.get("compiler_version")) if fortran else llvm(version=USERARG.get("compiler_version"))
Stage0 += compiler
Stage0 += cmake(**versions.get("cmake", {}))
Stage0 += packages(ospackages=["git", "make"])
if "cuda" in USERARG:
    Stage0 += cuda(version=USERARG["cuda"])

Stage0 += comment("Communication")
Stage0 += ucx(toolchain=compiler.toolchain, **versions.get("ucx", {}))
if which["mpi"] == "openmpi":
    Stage0 += openmpi(fortran=fortran, toolchain=compiler.toolchain, **versions.get("openmpi", {}))
else:
    Stage0 += mpich(fortran=fortran, toolchain=compiler.toolchain, **versions.get("mpich", {}))

Stage0 += comment("Libraries, over MPI")
Stage0 += fftw(mpi=True, toolchain=compiler.toolchain, **versions.get("fftw", {}))
Stage0 += hdf5(mpi=True, fortran=fortran, toolchain=compiler.toolchain, **versions.get("hdf5", {}))
Stage0 += workdir("/work")

Stage1 += baseimage(image=image)
# All libraries: which of them a program will need, nobody knows yet.
Stage1 += Stage0.runtime(kind=USERARG.get("kind", "packages"), libraries="all", launch="ssh", title="HPC base image")
loaded = (
    "for file in /usr/local/fftw/lib/libfftw3*.so.3 /usr/local/hdf5/lib/libhdf5.so.*; do"
    ' found=$(ldd "$(readlink -f "$file")") || exit 1;'
    ' case $found in *"not found"*) echo "$file: $found"; exit 1 ;; esac; done'
)
if which["mpi"] == "openmpi":
    Stage1 += environment(variables={"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"})
    Stage1 += test(commands=[loaded], mpi="true")
else:
    Stage1 += test(commands=[loaded, """[ "$(mpirun -np 2 echo rank)" = 'rank\nrank' ]"""])
