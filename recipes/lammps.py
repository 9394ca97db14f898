"""LAMMPS, molecular dynamics, in an image with nothing but what it needs to run.

hpcgen recipes/lammps.py -o Dockerfile && docker build -t lammps -f Dockerfile recipes
docker run --rm lammps mpirun -np 2 lmp -log none -in /opt/lammps/in.lj
docker run --rm -v "$PWD:/work" -w /work lammps mpirun -np 8 lmp -in in.mine

hpcgen recipes/lammps.py --userarg kind=scratch -o Dockerfile          # upon nothing: the smallest

User arguments: image (base image), kind (packages, files, scratch: how the runtime stage is filled), ucx, openmpi and fftw (versions), lammps
(release; with sha256, and url if it is not on GitHub, for one that does not stand below).
"""

image = USERARG.get("image", "debian:12")
kind = USERARG.get("kind", "packages")
versions = {name: {"version": USERARG[name]} for name in ("ucx", "openmpi", "fftw") if name in USERARG}

# Of GitHub's archive of the tag, as Spack, conda-forge and Homebrew have it.
checksums = {"22Jul2025_update4": "411088d9c03339e025f6a975e0a5741bb9e3f351cc39eda220ab22ac318fe2fb"}
release = USERARG.get("lammps", "22Jul2025_update4")
url = USERARG.get("url", f"https://github.com/lammps/lammps/archive/stable_{release}.tar.gz")

Stage0 += baseimage(image=image, name="devel")
Stage0 += gnu(fortran=False)
Stage0 += ucx(**versions.get("ucx", {}))
Stage0 += openmpi(fortran=False, **versions.get("openmpi", {}))
Stage0 += fftw(**versions.get("fftw", {}))
Stage0 += generic_cmake(
    url=url,
    sha256=USERARG.get("sha256", checksums.get(release, "")),
    prefix="/opt/lammps",
    preconfigure=["cd cmake"],
    cmake_opts=[
        *("-DBUILD_MPI=ON", "-DBUILD_OMP=OFF", "-DBUILD_SHARED_LIBS=OFF"),
        *("-DPKG_KSPACE=ON", "-DPKG_MANYBODY=ON", "-DPKG_MOLECULE=ON", "-DPKG_RIGID=ON"),
        *("-DFFT=FFTW3", "-DFFT_FFTW_THREADS=OFF", "-DCMAKE_PREFIX_PATH=/usr/local/fftw"),
        # Said aloud: else each is with what the builder happens to have.
        *("-DWITH_CURL=OFF", "-DWITH_FFMPEG=OFF", "-DWITH_GZIP=OFF", "-DWITH_JPEG=OFF", "-DWITH_PNG=OFF"),
    ],
    # 60 MB of tables for many materials: an input's own come with it.
    postinstall=["rm -rf share/lammps/potentials"],
    runtime_environment={"PATH": "/opt/lammps/bin:$PATH"},
)

Stage1 += baseimage(image="scratch" if kind == "scratch" else image)
Stage1 += Stage0.runtime(kind=kind, shell=kind == "scratch", title="LAMMPS", version=release)
Stage1 += copy(src="in.lj", dest="/opt/lammps/in.lj")
Stage1 += environment(variables={"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"})
Stage1 += cmd(["lmp", "-help"])
Stage1 += test(mpi="lmp -log none -in /opt/lammps/in.lj", over="ucx")
