"""Open MPI 4.1.4 upon PMIx, hwloc and libevent of their own blocks.

User arguments: kind (packages, files, scratch: how the runtime stage is filled).
"""

image = "debian:12"
kind = USERARG.get("kind", "files")
scratch = kind == "scratch"

Stage0 += baseimage(image=image, name="devel")
Stage0 += gnu(fortran=False)
Stage0 += libevent(version="2.1.12")
Stage0 += hwloc()
Stage0 += pmix()
Stage0 += openmpi(version="4.1.4", fortran=False, pmix=True, hwloc=True, libevent=True)
Stage0 += copy(src="ring.c", dest="/opt/ring/ring.c")
Stage0 += shell(commands=["mpicc -O2 -o /opt/ring/ring /opt/ring/ring.c"])

Stage1 += baseimage(image="scratch" if scratch else image)
Stage1 += Stage0.runtime(kind=kind, shell=scratch)
Stage1 += copy(stage="devel", src="/opt/ring/ring", dest="/usr/local/bin/ring")
Stage1 += environment(variables={"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"})
Stage1 += cmd(["ring"])
Stage1 += test(commands=["mpirun --oversubscribe -np 2 ring"])
