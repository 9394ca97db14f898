"""HDF5, OpenBLAS and netCDF by the releases that Debian 12 has, and a program that uses each.

User arguments: kind (packages, files, scratch: how the runtime stage is filled).
"""

image = "debian:12"
kind = USERARG.get("kind", "files")
scratch = kind == "scratch"

Stage0 += baseimage(image=image, name="devel")
Stage0 += gnu(fortran=False)
Stage0 += openblas(make_opts=["DYNAMIC_LIST=HASWELL"])  # and what every processor has: all of them would take half an hour
Stage0 += hdf5(cxx=False, fortran=False)
Stage0 += netcdf(version="4.9.0", fortran=False)
Stage0 += copy(src=["libraries.c", "netcdf.cpp"], dest="/opt/libraries/")
Stage0 += shell(
    commands=[
        "cd /opt/libraries",
        "gcc -O2 -o libraries libraries.c -lhdf5 -lnetcdf -lopenblas",
        "g++ -O2 -o netcdf netcdf.cpp -lnetcdf_c++4 -lnetcdf",
    ]
)

Stage1 += baseimage(image="scratch" if scratch else image)
Stage1 += Stage0.runtime(kind=kind, shell=scratch)
Stage1 += copy(stage="devel", src=["/opt/libraries/libraries", "/opt/libraries/netcdf"], dest="/usr/local/bin/")
Stage1 += cmd(["libraries"])
Stage1 += test(commands=["libraries", "netcdf"])
