"""The OSU micro-benchmarks, which measure MPI's latency and bandwidth, in an image with nothing but what they need to run.

hpcgen recipes/osu_benchmarks.py -o Dockerfile && docker build -t osu -f Dockerfile recipes
docker run --rm osu mpirun -np 2 osu_latency

hpcgen recipes/osu_benchmarks.py --userarg mpi=mpich -o Dockerfile
hpcgen recipes/osu_benchmarks.py --userarg cuda=12.9 gpus=80,90 image=ubuntu:24.04 -o Dockerfile     # mpirun -np 2 osu_bw -d cuda D D

User arguments: image (base image), kind (packages, files, scratch: how the runtime stage is filled), mpi (openmpi, mpich), cuda (toolkit version;
none if not given), gpus (what CUDA compiles for), launch (ssh: mpirun in the container starts ranks on other hosts; empty: whoever starts it does),
ucx, openmpi, mpich and osu (versions).
"""

image = USERARG.get("image", "debian:12")
kind = USERARG.get("kind", "packages")
which = USERARG.get("mpi", "openmpi")
cuda_version = USERARG.get("cuda")
versions = {name: {"version": USERARG[name]} for name in ("ucx", "openmpi", "mpich", "osu") if name in USERARG}
if which not in ("openmpi", "mpich"):
    raise ValueError(f"mpi={which}: it is openmpi or mpich")

Stage0 += baseimage(image=image, name="devel")
Stage0 += gnu(fortran=False)
if cuda_version:
    Stage0 += cuda(version=cuda_version, architectures=USERARG["gpus"].split(",") if "gpus" in USERARG else [])
Stage0 += ucx(**versions.get("ucx", {}))
if which == "openmpi":
    Stage0 += openmpi(fortran=False, **versions.get("openmpi", {}))
else:
    Stage0 += mpich(fortran=False, **versions.get("mpich", {}))
Stage0 += osu_benchmarks(**versions.get("osu", {}))

Stage1 += baseimage(image="scratch" if kind == "scratch" else image)
launch = USERARG.get("launch", "ssh")
Stage1 += Stage0.runtime(kind=kind, shell=kind == "scratch", libraries="needed", launch=launch, title="OSU micro-benchmarks")
Stage1 += cmd(["mpirun", "-np", "2", "osu_latency"])

few = "osu_latency -m 0:8 -i 100 -x 10"
if which == "openmpi":
    Stage1 += environment(variables={"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"})
if cuda_version:
    # Where an image is built there is no driver, which its programs are linked with.
    Stage1 += test(commands=["command -v mpirun", "command -v osu_bw"])
elif which == "openmpi":
    Stage1 += test(mpi=few, over="ucx")
else:
    Stage1 += test(
        commands=[
            'said=$(mpirun -np 2 osu_hello 2>&1) || { echo "$said"; exit 1; }',
            'case $said in *"This is a test with 2 processes"*) ;; *) echo "$said"; exit 1 ;; esac',
            f"mpirun -np 2 {few}",
        ]
    )
