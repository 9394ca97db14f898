"""GROMACS, molecular dynamics of proteins, with one program for each instruction set: the best that the processor can is started.

hpcgen recipes/gromacs.py -o Dockerfile && docker build -t gromacs -f Dockerfile recipes
docker run --rm gromacs gmx_mpi --version
docker run --rm -v "$PWD:/work" -w /work gromacs mpirun -np 4 gmx_mpi mdrun -s topol.tpr

hpcgen recipes/gromacs.py --userarg mpi=no simd=AVX2_256 -o Dockerfile     # for one machine: gmx, threads instead of ranks
hpcgen recipes/gromacs.py --userarg cuda=12.9 gpus=80,90 -o Dockerfile     # with GPUs, one program for all of them
hpcgen recipes/gromacs.py --cpu-target zen4 --userarg simd= -o Dockerfile  # for one processor alone
docker run --rm -e GMX_SIMD=AVX2_256 gromacs gmx_mpi --version             # another of its programs than the best

User arguments: image (base image), kind (packages, files, scratch: how the runtime stage is filled), gromacs (release; with sha256 for one that
hpcgen does not know), simd (instruction sets, with commas; empty: by the CPU target), mpi (no: threads alone), ucx, openmpi and fftw (versions),
cuda (version) with gpus.
"""

image = USERARG.get("image", "debian:12")
kind = USERARG.get("kind", "packages")
versions = {name: {"version": USERARG[name]} for name in ("ucx", "openmpi", "fftw", "gromacs") if name in USERARG}
checked = {"sha256": USERARG["sha256"]} if "sha256" in USERARG else {}
simd = USERARG.get("simd", "SSE2,AVX2_256,AVX_512,ARM_NEON_ASIMD")
ranks = USERARG.get("mpi") != "no"

Stage0 += baseimage(image=image, name="devel")
Stage0 += gnu(fortran=False)
Stage0 += cmake()
if "cuda" in USERARG:
    Stage0 += cuda(version=USERARG["cuda"], parts=["nvcc", "cudart", "cufft"], architectures=USERARG.get("gpus", "80").split(","))
if ranks:
    Stage0 += ucx(**versions.get("ucx", {}))
    Stage0 += openmpi(fortran=False, **versions.get("openmpi", {}))
# FFTW itself looks what the processor can.
Stage0 += fftw(precision="single", simd=["sse2", "avx", "avx2", "avx512", "neon"], **versions.get("fftw", {}))
Stage0 += gromacs(prefix="/opt/gromacs", simd=simd.split(",") if simd else None, **versions.get("gromacs", {}), **checked)

Stage1 += baseimage(image="scratch" if kind == "scratch" else image)
Stage1 += Stage0.runtime(kind=kind, shell=kind == "scratch", title="GROMACS")
Stage1 += copy(src="water.mdp", dest="/opt/gromacs/water.mdp")
Stage1 += copy(src="water.top", dest="/opt/gromacs/water.top")
Stage1 += environment(variables={"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"})
gmx = "gmx_mpi" if ranks else "gmx"
Stage1 += cmd([gmx, "--version"])

# 700 molecules of water in a box, from the tables that come with it, and down to where forces are small.
box = [
    "cd /tmp",
    f"{gmx} solvate -cs spc216.gro -box 3 3 3 -maxsol 700 -o water.gro",
    f"{gmx} grompp -f /opt/gromacs/water.mdp -p /opt/gromacs/water.top -c water.gro -o water.tpr -po used.mdp",
]
if ranks:
    Stage1 += test(commands=box, mpi="gmx_mpi mdrun -s water.tpr -deffnm minimum -ntomp 1", over="ucx")
else:
    Stage1 += test(commands=[*box, "gmx mdrun -s water.tpr -deffnm minimum -ntmpi 2 -ntomp 1"])
