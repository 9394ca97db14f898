"""MPICH upon libfabric, and PnetCDF upon MPICH.

User arguments: kind (packages, files, scratch: how the runtime stage is filled).
"""

image = "debian:12"
kind = USERARG.get("kind", "files")
scratch = kind == "scratch"

Stage0 += baseimage(image=image, name="devel")
Stage0 += gnu(fortran=False)
Stage0 += libfabric()
Stage0 += mpich(libfabric=True)
Stage0 += pnetcdf(cxx=False)
Stage0 += copy(src=["ring.c", "pnetcdf.c"], dest="/opt/ring/")
Stage0 += shell(commands=["cd /opt/ring", "mpicc -O2 -o ring ring.c", "mpicc -O2 -o pnetcdf pnetcdf.c -lpnetcdf"])

Stage1 += baseimage(image="scratch" if scratch else image)
Stage1 += Stage0.runtime(kind=kind, shell=scratch)
Stage1 += copy(stage="devel", src=["/opt/ring/ring", "/opt/ring/pnetcdf"], dest="/usr/local/bin/")
Stage1 += cmd(["ring"])
Stage1 += test(commands=["mpiexec -n 2 ring", "mpiexec -n 2 pnetcdf"])
