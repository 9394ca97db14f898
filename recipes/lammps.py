"""LAMMPS, molecular dynamics, in an image with nothing but what it needs to run.

hpcgen recipes/lammps.py -o Dockerfile && docker build -t lammps -f Dockerfile recipes
docker run --rm lammps mpirun -np 2 lmp -log none -in /opt/lammps/in.lj
docker run --rm -v "$PWD:/work" -w /work lammps mpirun -np 8 lmp -in in.mine

hpcgen recipes/lammps.py --userarg kind=scratch -o Dockerfile             # upon nothing: the smallest
hpcgen recipes/lammps.py --userarg cuda=12.9 gpus=80,90 -o Dockerfile     # with Kokkos, one program for each GPU architecture
docker run --rm --gpus all lammps mpirun -np 1 lmp -k on g 1 -sf kk -log none -in /opt/lammps/in.lj

User arguments: image (base image), kind (packages, files, scratch: how the runtime stage is filled), lammps (release; with sha256 for one that
hpcgen does not know), packages (LAMMPS' own, with commas), potentials (yes: the tables for many materials too), ucx, openmpi and fftw (versions),
cuda (version) with gpus.
"""

image = USERARG.get("image", "debian:12")
kind = USERARG.get("kind", "packages")
versions = {name: {"version": USERARG[name]} for name in ("ucx", "openmpi", "fftw", "lammps") if name in USERARG}
checked = {"sha256": USERARG["sha256"]} if "sha256" in USERARG else {}

Stage0 += baseimage(image=image, name="devel")
Stage0 += gnu(fortran=False)
if "cuda" in USERARG:
    Stage0 += cuda(version=USERARG["cuda"], parts=["nvcc", "cudart", "cufft"], architectures=USERARG.get("gpus", "80").split(","))
Stage0 += ucx(**versions.get("ucx", {}))
Stage0 += openmpi(fortran=False, **versions.get("openmpi", {}))
Stage0 += fftw(**versions.get("fftw", {}))
molecular_dynamics = lammps(
    prefix="/opt/lammps",
    packages=USERARG.get("packages", "KSPACE,MANYBODY,MOLECULE,RIGID").split(","),
    openmp=False,
    potentials=USERARG.get("potentials") == "yes",
    **versions.get("lammps", {}),
    **checked,
)
Stage0 += molecular_dynamics

Stage1 += baseimage(image="scratch" if kind == "scratch" else image)
Stage1 += Stage0.runtime(kind=kind, shell=kind == "scratch", title="LAMMPS", version=molecular_dynamics.version)
Stage1 += copy(src="in.lj", dest="/opt/lammps/in.lj")
Stage1 += environment(variables={"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"})
Stage1 += cmd(["lmp", "-help"])
if "cuda" not in USERARG:  # with CUDA it needs the driver's library, which is there where a GPU is
    Stage1 += test(mpi="lmp -log none -in /opt/lammps/in.lj", over="ucx")
