"""A program that says hello from every rank, in an image with nothing but what it needs to run.

hpcgen recipes/mpi_hello.py -o Dockerfile && docker build -t mpi_hello -f Dockerfile recipes
docker run --rm mpi_hello mpirun -np 2 hello

User arguments: image (base image), builder (that of the stage that builds, if it is another one of that distribution), ucx and openmpi (versions),
kind (packages, files, scratch: how the runtime stage is filled).
"""

image = USERARG.get("image", "debian:12")
versions = {name: {"version": USERARG[name]} for name in ("ucx", "openmpi") if name in USERARG}

Stage0 += baseimage(image=USERARG.get("builder", image), name="devel")
Stage0 += gnu(fortran=False)
Stage0 += ucx(**versions.get("ucx", {}))
Stage0 += openmpi(fortran=False, **versions.get("openmpi", {}))
Stage0 += copy(src="mpi_hello.c", dest="/opt/hello/hello.c")
Stage0 += shell(commands=["mkdir -p /opt/hello/bin", "mpicc -O2 -o /opt/hello/bin/hello /opt/hello/hello.c"])

kind = USERARG.get("kind", "packages")
scratch = kind == "scratch"
Stage1 += baseimage(image="scratch" if scratch else image)
Stage1 += Stage0.runtime(kind=kind, shell=scratch)
Stage1 += copy(stage="devel", src="/opt/hello/bin/hello", dest="/usr/local/bin/hello")
Stage1 += environment(variables={"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"})
Stage1 += cmd(["hello"])
Stage1 += test(
    commands=[
        "said=$(mpirun --oversubscribe -np 2 hello)",
        "[ \"$said\" = 'rank 0 of 2\nrank 1 of 2' ] || [ \"$said\" = 'rank 1 of 2\nrank 0 of 2' ]",
    ],
    mpi="hello",
    ranks=2,
    over="ucx",
)
