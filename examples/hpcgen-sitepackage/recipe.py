Stage0 += baseimage(image="debian:12", name="devel")
Stage0 += gnu(fortran=False)
Stage0 += openmpi(ucx=False)
Stage0 += ior(aio=True)

Stage1 += baseimage(image="debian:12")
Stage1 += Stage0.runtime()
